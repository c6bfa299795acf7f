//! Known bugs of the packages that ship secrets backends, as far as they concern the backend.
//!
//! The data and the source of each row stand in `rules/facts/bugs.json`.

use std::sync::LazyLock;

use pep440_rs::Version;
use serde::Deserialize;

use super::{Backend, Effect, Range, embedded};

/// A bug of one or more backends of a package.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bug {
    backends: Vec<String>,
    from: Version,
    /// The first version of the package without it.
    pub until: Version,
    airflow: Option<Range>,
    /// What must be in use for the bug to matter.
    pub needs: Option<BugNeeds>,
    /// What it does; a milder effect than a failing lookup where it is not certain.
    pub effect: Effect,
    /// What is wrong, to follow the words "the backend".
    pub what: String,
    /// Why, and what becomes of it.
    pub why: String,
    /// Who says so.
    pub source: String,
}

/// What must be in use for a bug to matter.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum BugNeeds {
    /// An option of Airflow's configuration is given as `_SECRET`.
    ConfigSecret,
    /// `role_arn`.
    Role,
}

impl Bug {
    /// Whether `version` of the package has it.
    #[must_use]
    pub fn affects(&self, version: &Version) -> bool {
        *version >= self.from && *version < self.until
    }

    /// Whether it shows on `airflow`.
    #[must_use]
    pub fn shows_on(&self, airflow: &Version) -> bool {
        self.airflow.as_ref().is_none_or(|range| range.contains(airflow))
    }
}

#[derive(Deserialize)]
struct File {
    bugs: Vec<Bug>,
}

static FILE: LazyLock<File> =
    LazyLock::new(|| embedded("bugs.json", include_str!("../../rules/facts/bugs.json")));

/// The known bugs of `backend`.
pub fn bugs_of(backend: &Backend) -> impl Iterator<Item = &'static Bug> {
    FILE.bugs.iter().filter(|bug| bug.backends.contains(&backend.id))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::{backends, releases};

    #[test]
    fn rows_name_backends_and_releases_that_exist() {
        for bug in &FILE.bugs {
            assert!(!bug.source.is_empty() && bug.from < bug.until);
            for id in &bug.backends {
                let backend = backends().iter().find(|backend| backend.id == *id).unwrap();
                let package = releases::package(&backend.package).unwrap();
                assert!(package.released.contains(&bug.until), "{id} {}", bug.until);
                assert!(package.released.contains(&bug.from), "{id} {}", bug.from);
            }
        }
    }

    #[test]
    fn a_bug_holds_for_versions_of_both_sides() {
        let backend = backends().iter().find(|backend| backend.id == "hashicorp_vault").unwrap();
        let bug = bugs_of(backend).next().unwrap();
        let v = |text: &str| text.parse::<Version>().unwrap();
        assert!(bug.affects(&v("4.4.1")) && !bug.affects(&v("4.4.2")));
        assert!(bug.shows_on(&v("3.2.2")) && !bug.shows_on(&v("3.3.0")));
    }
}
