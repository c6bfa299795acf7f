//! How Airflow itself reads and uses its secrets backend.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use pep440_rs::Version;
use serde::Deserialize;

use super::{Range, embedded};

/// Facts about Airflow, by its version.
#[derive(Debug, Deserialize)]
pub struct Airflow {
    behaviours: BTreeMap<String, Behaviour>,
    /// The options that concern secrets backends.
    pub options: Vec<ConfigOption>,
    /// How often a DAG file is parsed.
    pub parse_interval: ParseInterval,
    connection_fields: ConnectionFields,
    python: Vec<Python>,
    sensitive: Vec<Sensitive>,
    sensitive_old_names: Vec<Sensitive>,
    never_sensitive: Vec<String>,
    sensitive_of_providers: BTreeMap<String, Vec<String>>,
}

/// What a connection is made of.
#[derive(Debug, Deserialize)]
struct ConnectionFields {
    names: Vec<String>,
}

#[derive(Debug, Deserialize)]
struct Behaviour {
    ranges: Vec<Range>,
}

/// An option of Airflow's configuration.
#[derive(Debug, Deserialize)]
pub struct ConfigOption {
    /// The section, such as `secrets`.
    pub section: String,
    /// The option, such as `backend_kwargs`.
    pub option: String,
    /// The first version that reads it.
    pub since: Version,
    /// What is in force without it.
    #[serde(default)]
    pub default: String,
}

/// The option that says how often a DAG file is parsed, at most.
#[derive(Debug, Deserialize)]
pub struct ParseInterval {
    /// The option's name.
    pub option: String,
    /// The sections it stands in, the newest first.
    pub sections: Vec<String>,
    /// Its default, in seconds.
    pub seconds: u32,
    /// The first version with this default.
    pub since: Version,
}

#[derive(Debug, Deserialize)]
struct Python {
    #[serde(flatten)]
    range: Range,
    python: (u8, u8),
}

#[derive(Debug, Deserialize)]
struct Sensitive {
    #[serde(flatten)]
    range: Range,
    options: Vec<String>,
}

/// Whether `_SECRET` and `_CMD` work for an option.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SensitiveOption {
    /// They work.
    Yes,
    /// They are ignored.
    No,
    /// It depends on a provider being installed.
    WithProvider,
}

impl Airflow {
    /// Whether some version makes connections with a field of this name.
    #[must_use]
    pub fn is_connection_field(&self, name: &str) -> bool {
        self.connection_fields.names.iter().any(|known| known == name)
    }

    /// Whether Airflow shows the named behaviour at `version`.
    #[must_use]
    pub fn behaves(&self, behaviour: &str, version: &Version) -> bool {
        debug_assert!(self.behaviours.contains_key(behaviour), "no fact `{behaviour}`");
        self.when(behaviour).iter().any(|range| range.contains(version))
    }

    /// When Airflow shows the named behaviour.
    #[must_use]
    pub fn when(&self, behaviour: &str) -> &[Range] {
        self.behaviours.get(behaviour).map_or(&[], |behaviour| behaviour.ranges.as_slice())
    }

    /// Whether `section.option` may be given as `_SECRET` or `_CMD` at `version`.
    #[must_use]
    pub fn sensitive(&self, section: &str, option: &str, version: &Version) -> SensitiveOption {
        let name = format!("{section}.{option}");
        let mut core = self.sensitive.iter().chain(&self.sensitive_old_names);
        if core.any(|row| row.range.contains(version) && row.options.contains(&name)) {
            SensitiveOption::Yes
        } else if self.sensitive_of_providers.values().flatten().any(|option| *option == name) {
            SensitiveOption::WithProvider
        } else {
            SensitiveOption::No
        }
    }

    /// Whether `section.option` may be given as `_SECRET` or `_CMD` in some version.
    #[must_use]
    pub fn ever_sensitive(&self, section: &str, option: &str) -> bool {
        let name = format!("{section}.{option}");
        self.sensitive.iter().any(|row| row.options.contains(&name))
            || self.sensitive_of_providers.values().flatten().any(|option| *option == name)
    }

    /// Whether `section.option` is known to be an option of Airflow or of a provider, in some
    /// version. Not all of them are known: only those that are sensitive somewhere, and a few more.
    #[must_use]
    pub fn is_option(&self, section: &str, option: &str) -> bool {
        let name = format!("{section}.{option}");
        let lists = self.sensitive.iter().chain(&self.sensitive_old_names);
        lists.flat_map(|row| &row.options).any(|known| *known == name)
            || self.never_sensitive.contains(&name)
            || self.sensitive_of_providers.values().flatten().any(|known| *known == name)
            || self.options.iter().any(|row| row.section == section && row.option == option)
    }

    /// The Python (major, minor) that `version` usually runs on.
    #[must_use]
    pub fn python(&self, version: &Version) -> (u8, u8) {
        self.python.iter().find(|row| row.range.contains(version)).map_or((3, 12), |row| row.python)
    }

    /// Every version at which anything changes, sorted.
    #[must_use]
    pub fn turning_points(&self) -> Vec<Version> {
        let mut versions: Vec<Version> = self
            .behaviours
            .values()
            .flat_map(|behaviour| &behaviour.ranges)
            .chain(self.sensitive.iter().map(|row| &row.range))
            .chain(self.sensitive_old_names.iter().map(|row| &row.range))
            .chain(self.python.iter().map(|row| &row.range))
            .flat_map(Range::bounds)
            .cloned()
            .collect();
        versions.sort();
        versions.dedup();
        versions
    }
}

static AIRFLOW: LazyLock<Airflow> =
    LazyLock::new(|| embedded("airflow.json", include_str!("../../rules/facts/airflow.json")));

/// The facts about Airflow.
#[must_use]
pub fn airflow() -> &'static Airflow {
    &AIRFLOW
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_are_sensitive_by_version() {
        let at = |version: &str| {
            airflow().sensitive("secrets", "backend_kwargs", &version.parse().unwrap())
        };
        assert_eq!(at("2.6.1"), SensitiveOption::No);
        assert_eq!(at("2.6.2"), SensitiveOption::Yes);
        let database = |version: &str| {
            airflow().sensitive("core", "sql_alchemy_conn", &version.parse().unwrap())
        };
        assert_eq!(database("2.11.0"), SensitiveOption::Yes);
        assert_eq!(database("3.1.0"), SensitiveOption::No);
        assert!(airflow().is_option("api_auth", "jwt_secret"));
        assert!(!airflow().is_option("api_auth", "jwt"));
        let broker = airflow().sensitive("celery", "broker_url", &"2.9.0".parse().unwrap());
        assert_eq!(broker, SensitiveOption::WithProvider);
    }
}
