//! One format per file: text in, a document with spans out. Nothing here knows Airflow.

pub mod dotenv;
