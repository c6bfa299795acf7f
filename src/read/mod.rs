//! One format per file: text in, a document with spans out. Nothing here knows Airflow.

pub mod dockerignore;
pub mod git_index;
pub mod gitignore;
mod gitignore_pattern;
