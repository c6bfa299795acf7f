//! One format per file: text in, a document with spans out. Nothing here knows Airflow.

pub mod cfg;
pub mod dockerfile;
pub mod dotenv;
pub mod hcl;
pub mod jinja;
pub mod json;
pub mod makefile;
pub mod python;
pub mod requirements;
pub mod secret_list;
pub mod shell;
pub mod yaml;
