pub mod check;
pub mod facts;
pub mod model;
pub mod read;
pub mod report;
pub mod resolve;
pub mod text;
