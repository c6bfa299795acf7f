//! The keys of deployment files that the Astro CLI knows.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;

use super::embedded;

/// What the Astro CLI reads of a deployment file.
#[derive(Debug, Deserialize)]
pub struct DeploymentFileKeys {
    keys: BTreeMap<String, Vec<String>>,
    misnamed: BTreeMap<String, String>,
}

impl DeploymentFileKeys {
    /// Whether the CLI reads `key` below `path`, such as `deployment.configuration`, whatever its case.
    #[must_use]
    pub fn knows(&self, path: &str, key: &str) -> bool {
        let keys = self.keys.get(path).map(Vec::as_slice).unwrap_or_default();
        keys.iter().any(|known| known.eq_ignore_ascii_case(key))
    }

    /// Where `key` would have an effect, when it stands where it has none.
    #[must_use]
    pub fn place_of(&self, key: &str) -> Option<String> {
        if let Some(meant) = self.misnamed.get(key) {
            return Some(meant.clone());
        }
        let mut paths = self.keys.iter();
        let path = paths.find(|(_, keys)| keys.iter().any(|known| known.eq_ignore_ascii_case(key)));
        path.map(|(path, _)| path.clone())
    }
}

/// The keys of deployment files.
#[must_use]
pub fn deployment_file() -> &'static DeploymentFileKeys {
    static KEYS: LazyLock<DeploymentFileKeys> = LazyLock::new(|| {
        let json = include_str!("../../rules/facts/deployment_file.json");
        embedded("deployment_file.json", json)
    });
    &KEYS
}
