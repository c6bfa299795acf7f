//! What Airflow would do: the settings in force, the backend they start, the names it asks for.
//!
//! [`Configured`] is what an environment says; [`start`] makes of it what would run, by one file
//! for each backend; [`Environment`] asks it, for every combination of versions that is possible.

mod akeyless;
mod aws;
mod aws_client;
mod aws_secrets_manager;
mod aws_ssm_parameter_store;
mod azure_key_vault;
mod backend;
mod class_path;
mod environment;
mod environment_variables;
mod expand;
mod gcp_secret_manager;
mod hashicorp_vault;
mod kubernetes_secrets;
mod kwargs;
mod local_filesystem;
mod lookup;
mod metastore;
mod options;
mod pattern;
mod per_kind;
mod project;
mod python_value;
mod start;
mod team_argument;
mod team_like;
mod yandex_lockbox;

pub use backend::{ClassName, Configured, Section, short_name};
pub use environment::{Answer, Environment, Process, Variant, next_places};
pub use kwargs::{Kwarg, Kwargs, NotJson, Repair};
pub use lookup::{Lookup, Outcome};
pub use options::{Configuration, OptionValue};
pub use pattern::{LookupPattern, PatternError};
pub use project::{Project, WhatIf, WhatIfError, resolve, what_if};
pub use start::{Names, State};

#[cfg(test)]
mod tests;
