pub mod text;
pub mod read;
