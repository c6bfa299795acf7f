//! What Airflow would do: the settings in force, the backend they start, the names it asks for.
//!
//! [`Configured`] is what an environment says; `start` makes of it what would run, by one file
//! for each backend; [`Environment`] asks it, for every combination of versions that is possible.

mod access;
mod akeyless;
mod asked;
mod aws;
mod aws_client;
mod aws_region;
mod aws_secrets_manager;
mod aws_ssm_parameter_store;
mod azure_key_vault;
mod backend;
mod bypassed;
mod changes;
pub mod class_path;
mod comparison;
mod created;
mod custom_class;
mod declarations;
mod declared;
mod deployments;
mod effects;
mod environment;
mod environment_variables;
mod existing;
mod expand;
mod fault;
mod gcp_secret_manager;
mod hashicorp_vault;
mod keys;
mod kubernetes_secrets;
mod kwargs;
mod loading;
mod local_filesystem;
mod lookup;
mod masking;
mod metastore;
mod misnamed;
mod near_names;
mod needs;
mod option_source;
mod options;
mod partly_known;
mod pattern;
mod per_kind;
mod private;
mod project;
mod provider;
mod python_value;
mod raised;
mod requests;
mod roles;
mod secret_value;
mod setting_references;
mod start;
mod team_argument;
mod team_like;
mod unexpanded;
mod vault_policies;
mod whereabouts;
mod yandex_lockbox;

pub use access::{Access, EncryptionKey, Location, Needed, ToCreate};
pub use asked::{Asked, Certainty, Held, InUse, PatternInUse, Repeated};
pub use aws_region::{Region, half_credentials_in, is_host_label};
pub use backend::{ClassName, Configured, Section, short_name};
pub use bypassed::Bypassed;
pub use changes::{About, Change, ChangeKind, LookupChange, change_of, changes};
pub use class_path::ClassFault;
pub use comparison::{Namespace, Standing, Wanted, standings, unused};
pub use created::{Created, InOtherService, Misplaced, RefusedCreation, Repeats};
pub use custom_class::InProject;
pub use effects::{Effects, Row};
pub use environment::{Answer, Environment, EnvironmentKind, LOCAL, Process, Variant, next_places};
pub use existing::Existing;
pub use fault::{Cause, Fault, FaultInUse};
pub use kwargs::{JsonType, Kwarg, Kwargs, NotJson, Repair};
pub use lookup::{KeptBack, Lookup, Outcome};
pub use masking::Masked;
pub use misnamed::{Misnamed, NameFault};
pub use near_names::{Difference, NearMiss, Spelling};
pub use needs::{Unmet, unmet};
pub use option_source::{Source, SourcedOption};
pub use options::{Configuration, OptionValue};
pub use pattern::{LookupPattern, PatternError};
pub use private::PrivateValues;
pub use project::{Project, WhatIf, WhatIfError, resolve, what_if};
pub use provider::{Bounds, KnownBug, Need, Provider};
pub use raised::{Raised, expects_key_error, mended};
pub use requests::{Dispensable, KeyCertainty, Lookups, Request, When};
pub use roles::{NearRole, NotCovered, RoleInUse, TooMuch, WhyNot};
pub use secret_value::{
    BadConnection, BadVariable, bad_connection, bad_connection_fields, bad_extra, bad_variable,
    lacks_value, unexpanded_variable,
};
pub use start::{Names, State};
pub use unexpanded::{Syntax, unexpanded_in};
pub use vault_policies::{OtherPath, PathFault};
pub use whereabouts::{Dimension, Elsewhere};

#[cfg(test)]
mod tests;
