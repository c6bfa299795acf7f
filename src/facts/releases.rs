//! The released versions of Airflow and of the providers that ship secrets backends.
//!
//! The data, its date and its sources stand in `rules/facts/releases.json`.

use std::sync::LazyLock;

use pep440_rs::Version;
use serde::Deserialize;

/// A package of the list.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Package {
    /// The name on the Python Package Index.
    pub name: String,
    /// The short name: `airflow`, or what follows `apache-airflow-providers-`.
    pub id: String,
    /// The stable releases, oldest first, with the yanked ones.
    pub released: Vec<Version>,
    /// The releases that were withdrawn from the index.
    yanked: Vec<Yanked>,
    airflow_floor: Vec<FloorStep>,
    /// The release that was current with Airflow 3.0, where a source tells it.
    pub with_airflow_3: Option<Version>,
    /// The extras of `apache-airflow` that install this package, normalised.
    pub extras: Vec<String>,
}

/// A release that was withdrawn, so that pip installs it only when it is pinned.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Yanked {
    version: Version,
    why: String,
}

/// From version `from` of a provider on, Airflow `airflow` or later is needed.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct FloorStep {
    from: Version,
    airflow: Version,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(rename = "what")]
    _what: String,
    extracted: String,
    #[serde(rename = "sources")]
    _sources: serde_json::Map<String, serde_json::Value>,
    airflow: Package,
    providers: Vec<Package>,
}

#[allow(clippy::expect_used, reason = "embedded data, held well-formed by a test")]
static FILE: LazyLock<File> = LazyLock::new(|| {
    serde_json::from_str(include_str!("../../rules/facts/releases.json")).expect("well-formed")
});

/// `apache-airflow`.
#[must_use]
pub fn airflow() -> &'static Package {
    &FILE.airflow
}

/// The providers that ship a secrets backend.
#[must_use]
pub fn providers() -> &'static [Package] {
    &FILE.providers
}

/// The day the list was made, as `YYYY-MM-DD`.
#[must_use]
pub fn extracted() -> &'static str {
    &FILE.extracted
}

/// The package called `name`: its full name, normalised or not, or its short name.
#[must_use]
pub fn package(name: &str) -> Option<&'static Package> {
    let normalised = name.to_ascii_lowercase().replace(['_', '.'], "-");
    let mut packages = std::iter::once(airflow()).chain(providers());
    packages.find(|package| package.name == normalised || package.id == normalised)
}

impl Package {
    /// Whether this is `apache-airflow` itself.
    #[must_use]
    pub fn is_airflow(&self) -> bool {
        self.id == "airflow"
    }

    /// Whether `version` is installed only when pinned.
    #[must_use]
    pub fn is_yanked(&self, version: &Version) -> bool {
        self.why_yanked(version).is_some()
    }

    /// Why `version` was withdrawn from the index, in the index's words; `None` when it was not.
    #[must_use]
    pub fn why_yanked(&self, version: &Version) -> Option<&str> {
        let row = self.yanked.iter().find(|row| row.version == *version)?;
        Some(&row.why)
    }

    /// The newest release of the list.
    #[must_use]
    pub fn newest(&self) -> Option<&Version> {
        self.released.last()
    }

    /// The oldest Airflow that `version` of this provider declares to work with.
    #[must_use]
    pub fn airflow_floor(&self, version: &Version) -> Option<&Version> {
        let version = behaves_as(version);
        let step = self.airflow_floor.iter().rev().find(|step| step.from <= version)?;
        Some(&step.airflow)
    }
}

/// The version that `version` behaves like: the same without its epoch and local part.
///
/// Runtime 2.x and 3.0.x carry amazon `1!2.0.0`, built from 2.0.0. pip orders it above every
/// release without an epoch; what it can do is what 2.0.0 could. No release of these packages on
/// the index has an epoch.
#[must_use]
pub fn behaves_as(version: &Version) -> Version {
    version.clone().with_epoch(0).without_local()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn v(text: &str) -> Version {
        text.parse().unwrap()
    }

    #[test]
    fn the_list_is_well_formed() {
        assert_eq!(providers().len(), 7);
        assert_eq!(extracted().len(), 10);
        for package in std::iter::once(airflow()).chain(providers()) {
            let ordered = package.released.windows(2).all(|pair| pair[0] < pair[1]);
            assert!(ordered, "{} is not in order", package.name);
            assert!(package.released.iter().all(Version::is_stable), "{}", package.name);
            for Yanked { version, .. } in &package.yanked {
                assert!(package.released.contains(version), "{} {version}", package.name);
            }
            for step in &package.airflow_floor {
                assert!(package.released.contains(&step.from), "{} {}", package.name, step.from);
            }
            let rising = package
                .airflow_floor
                .windows(2)
                .all(|pair| pair[0].from < pair[1].from && pair[0].airflow < pair[1].airflow);
            assert!(rising, "{}: floors do not rise", package.name);
            assert_eq!(package.is_airflow(), package.airflow_floor.is_empty());
        }
    }

    #[test]
    fn packages_are_found_under_each_of_their_names() {
        for name in ["amazon", "apache-airflow-providers-amazon", "Apache_Airflow.providers-amazon"]
        {
            assert_eq!(package(name).map(|package| package.id.as_str()), Some("amazon"), "{name}");
        }
        assert!(package("microsoft.azure").is_some());
        assert!(package("boto3").is_none());
    }

    #[test]
    fn floors_follow_the_steps() {
        let amazon = package("amazon").unwrap();
        for (version, floor) in [
            ("1.0.0", "2.0"),
            ("5.1.0", "2.2"),
            ("8.10.0", "2.5"),
            ("9.17.0", "2.10"),
            ("99.0.0", "2.11"),
        ] {
            assert_eq!(amazon.airflow_floor(&v(version)), Some(&v(floor)), "{version}");
        }
        assert_eq!(amazon.airflow_floor(&v("1!2.0.0")), Some(&v("2.1")));
        let azure = package("microsoft-azure").unwrap();
        assert_eq!(azure.airflow_floor(&v("12.1.0")), Some(&v("2.9")));
        assert!(azure.is_yanked(&v("12.1.0")));
    }

    #[test]
    fn an_epoch_does_not_make_behaviour_newer() {
        assert!(v("1!2.0.0") > v("5.1.0"));
        assert!(behaves_as(&v("1!2.0.0")) < v("5.1.0"));
        assert_eq!(behaves_as(&v("2.9.1+astro.1")), v("2.9.1"));
    }
}
