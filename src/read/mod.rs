//! One format per file: text in, a document with spans out. Nothing here knows Airflow.

pub mod cfg;
pub mod dockerfile;
pub mod dockerignore;
pub mod dotenv;
pub mod git_index;
pub mod gitignore;
mod gitignore_pattern;
pub mod json;
pub mod python;
pub mod requirements;
