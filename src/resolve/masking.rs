//! What Airflow masks in logs and rendered templates, going by a name.

use super::environment::Environment;
use super::project::Project;
use crate::facts::is_masked_by_name;
use crate::model::Setting;

/// At which of the versions that are possible a value is masked.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Masked {
    /// At all, in every environment.
    Always,
    /// At some, or in some environments.
    Sometimes,
    /// At none.
    Never,
}

impl Project {
    /// Whether the value of what is called `name`, a variable or a member, is masked.
    #[must_use]
    pub fn masks(&self, name: &str) -> Masked {
        let environments: Vec<Masked> =
            self.environments.iter().map(|environment| environment.masks(name)).collect();
        match environments.as_slice() {
            [first, rest @ ..] if rest.iter().all(|other| other == first) => *first,
            _ => Masked::Sometimes,
        }
    }
}

impl Environment {
    fn masks(&self, name: &str) -> Masked {
        let configuration = self.configuration();
        let option = |option| {
            configuration
                .plain("core", option)
                .and_then(Setting::text)
                .map(|text| text.expose().to_lowercase())
        };
        let is_off = option("hide_sensitive_var_conn_fields")
            .is_some_and(|text| ["f", "false", "0"].contains(&text.trim()));
        let added = option("sensitive_var_conn_names").unwrap_or_default();
        let lower = name.to_lowercase();
        let is_added =
            added.split(',').map(str::trim).any(|word| !word.is_empty() && lower.contains(word));
        let by_name = |version: &_| is_masked_by_name(name, version);
        let versions = self.versions.airflow();
        if is_off || !is_added && !versions.any(by_name) {
            Masked::Never
        } else if is_added || versions.all(by_name) {
            Masked::Always
        } else {
            Masked::Sometimes
        }
    }
}
