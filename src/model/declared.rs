//! Environments that the user declares, because their settings live elsewhere (in the Astro UI).

use std::collections::BTreeMap;

use crate::text::{Span, Text};

/// An environment of astrolint's configuration.
#[derive(Clone, Debug)]
pub struct DeclaredEnvironment {
    /// Its name.
    pub name: String,
    /// Its settings, as they would stand in Airflow's environment.
    pub settings: Vec<DeclaredSetting>,
    /// The version of Airflow, or a range such as `>=2.9,<3`.
    pub airflow: Option<String>,
    /// Versions, or ranges, of provider packages.
    pub providers: BTreeMap<String, String>,
}

/// One declared setting, with places in the configuration file.
#[derive(Clone, Debug)]
pub struct DeclaredSetting {
    /// The key.
    pub key: String,
    /// The place of the key, or of the option that stands for it.
    pub key_span: Span,
    /// The value.
    pub value: Text,
}
