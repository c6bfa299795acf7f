//! What Airflow would do: the settings in force, the backend they start, the names it asks for.

mod aws;
mod aws_secrets_manager;
mod backend;
mod class_path;
mod effects;
mod environment;
mod expand;
mod kwargs;
mod lookup;
mod needs;
mod option_source;
mod options;
mod pattern;
mod project;
mod unexpanded;

pub use aws::{Region, half_credentials_in, is_host_label};
pub use backend::{ClassName, Configured, Names, Section, State, short_name};
pub use effects::{Effects, Row};
pub use environment::{Answer, Environment, Process, Variant, next_places};
pub use kwargs::{Kwarg, Kwargs, NotJson, Repair};
pub use lookup::{Lookup, Outcome};
pub use needs::{Unmet, unmet};
pub use option_source::{Source, SourcedOption};
pub use options::{Configuration, OptionValue};
pub use pattern::{LookupPattern, PatternError};
pub use project::{Project, WhatIf, WhatIfError, resolve, what_if};
pub use unexpanded::{Syntax, unexpanded_in};
