pub mod discover;
pub mod read;
pub mod text;
