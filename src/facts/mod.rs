//! What the world is, by version: typed access to the data files in `rules/facts/`.
//!
//! A fact about Airflow, a provider or a cloud stands in one of those files, with its source, and
//! is read when something first asks for it. Code asks by name (`behaves("strips-separator", v)`),
//! so that every version at which anything changes is known: see [`Backend::turning_points`].

mod airflow;
mod astro;
mod aws;
mod backends;
mod bugs;
mod clients;
mod connection_options;
mod credentials;
mod default_connections;
mod deployment_file;
mod hooks;
mod keywords;
mod masking;
mod operators;
mod placeholders;
mod prices;
mod ranges;
pub mod releases;
pub mod runtime;
mod services;
mod settings;
mod templates;

pub use airflow::{Airflow, ParseInterval, SensitiveOption, airflow};
pub use astro::{
    AgentChart, agent_chart, is_environment_word, is_reserved, is_withdrawn,
    local_airflow_services, local_services, makes_preview,
};
pub use aws::{Aws, aws};
pub use backends::{
    Alias, Backend, Effect, Parameter, ValueType, backend_by_class, backends,
    is_harmless_parameter, is_secret_parameter, looks_like_parameter,
};
pub use bugs::{Bug, BugNeeds, bugs_of};
pub use clients::{ClientCall, client_calls};
pub use connection_options::{NamesConnections, names_connections};
pub use credentials::{Credentials, credentials};
pub use default_connections::default_connections;
pub use deployment_file::{DeploymentFileKeys, deployment_file};
pub use hooks::{
    class_names_connection, hook_takes_connection_at, names_connection, names_connection_list,
    other_takes_connection_first,
};
pub use keywords::{Members, Need, WrongType, backends_with};
pub use masking::{is_masked_by_name, is_secret_name};
pub use operators::{is_templated, knows_operator};
pub use placeholders::{is_crossed_out, is_placeholder_text, is_placeholder_word};
pub use prices::{Price, price_of};
pub use ranges::Range;
pub use services::{Reads, Refused, Service, service_of};
pub use settings::{
    decides_lookups, is_harmless_setting, is_harmless_value, is_save_placeholder,
    is_set_by_platform, local_template_sets,
};
pub use templates::{Templates, templates};

/// The distribution that is Airflow itself.
pub const AIRFLOW: &str = "apache-airflow";

/// Reads an embedded data file. Large tables borrow their text from it, which takes no time.
fn embedded<T: serde::Deserialize<'static>>(name: &str, json: &'static str) -> T {
    #[expect(clippy::panic, reason = "the files are part of the binary, and a test reads each")]
    serde_json::from_str(json).unwrap_or_else(|error| panic!("rules/facts/{name}: {error}"))
}
