//! What Airflow would do: the settings in force, the backend they start, the names it asks for.

mod asked;
mod aws;
mod aws_secrets_manager;
mod backend;
pub mod class_path;
mod custom_class;
mod environment;
mod expand;
mod kwargs;
mod lookup;
mod misnamed;
mod options;
mod pattern;
mod project;
mod provider;

pub use asked::{Asked, Certainty, InUse, PatternInUse, Repeated};
pub use backend::{ClassName, Configured, Names, Section, State, short_name};
pub use class_path::ClassFault;
pub use custom_class::InProject;
pub use environment::{Answer, Environment, Process, Variant, next_places};
pub use kwargs::{JsonType, Kwarg, Kwargs, NotJson, Repair};
pub use lookup::{Lookup, Outcome};
pub use misnamed::{Misnamed, NameFault};
pub use options::{Configuration, OptionValue};
pub use pattern::{LookupPattern, PatternError};
pub use project::{Project, WhatIf, WhatIfError, resolve, what_if};
pub use provider::{Bounds, KnownBug, Need, Provider};
