//! What a lookup raises where the variable or connection is missing, and whether that is caught.

use pep440_rs::Version;

use super::environment::Environment;
use super::project::Project;
use crate::facts::airflow;
use crate::model::{Api, Catches, Form, Kind, Reference};

/// An exception of Airflow or Python.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Raised {
    /// Python's own.
    KeyError,
    /// Of `airflow.sdk.exceptions`.
    AirflowRuntimeError,
    /// Of `airflow.exceptions`.
    AirflowNotFoundException,
}

impl Raised {
    /// Its name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::KeyError => "KeyError",
            Self::AirflowRuntimeError => "AirflowRuntimeError",
            Self::AirflowNotFoundException => "AirflowNotFoundException",
        }
    }

    /// Its name and those of its bases, which a handler may name instead.
    #[must_use]
    pub const fn classes(self) -> &'static [&'static str] {
        match self {
            Self::KeyError => &["KeyError", "LookupError"],
            Self::AirflowRuntimeError => &["AirflowRuntimeError"],
            Self::AirflowNotFoundException => &["AirflowNotFoundException", "AirflowException"],
        }
    }
}

impl Project {
    /// What `reference` raises where its key is missing, over the versions that are possible; empty
    /// when nothing is raised.
    #[must_use]
    pub fn raised(&self, reference: &Reference) -> Vec<Raised> {
        let mut all = Vec::new();
        for version in self.environments.iter().flat_map(Environment::airflow_versions) {
            if let Some(raised) = raised(reference, version)
                && !all.contains(&raised)
            {
                all.push(raised);
            }
        }
        all
    }

    /// Whether all of that is caught around the call and mended there; `None` where it cannot be
    /// told.
    #[must_use]
    pub fn is_caught(&self, reference: &Reference) -> Option<bool> {
        let mut certain = Some(true);
        for raised in self.raised(reference) {
            match mended(reference, raised) {
                Some(true) => {}
                Some(false) => return Some(false),
                None => certain = None,
            }
        }
        certain
    }
}

impl Environment {
    fn airflow_versions(&self) -> &[Version] {
        self.versions.airflow().versions()
    }
}

/// Whether a handler around `reference` deals with `raised`; `None` where it cannot be told.
#[must_use]
pub fn mended(reference: &Reference, raised: Raised) -> Option<bool> {
    for caught in reference.around.caught.iter().filter(|caught| !caught.reraises) {
        match caught.catches.any_of(raised.classes()) {
            Some(false) => {}
            other => return other,
        }
    }
    Some(false)
}

/// What a missing key raises at `version`: in tasks and while a DAG file is parsed.
fn raised(reference: &Reference, version: &Version) -> Option<Raised> {
    let has_key_error = airflow().behaves("variable-default-unset-raises-keyerror", version);
    match (reference.kind, reference.method?, &reference.form) {
        (Kind::Variable, "get", _) if reference.default.is_some() => None,
        (Kind::Variable, "get", Form::Variable(Api::Sdk)) => Some(Raised::AirflowRuntimeError),
        (Kind::Variable, "get", _) if has_key_error => Some(Raised::KeyError),
        (Kind::Variable, "get", _) => Some(Raised::AirflowRuntimeError),
        (Kind::Connection, "get", Form::Connection(Api::Sdk))
            if airflow().behaves("sdk-connection-get-raises-runtime-error", version) =>
        {
            Some(Raised::AirflowRuntimeError)
        }
        (Kind::Connection, _, _) => Some(Raised::AirflowNotFoundException),
        _ => None,
    }
}

/// Whether a clause is there for a missing key alone: it names what only Airflow 2 raises.
#[must_use]
pub fn expects_key_error(catches: &Catches) -> bool {
    catches.any_of(Raised::KeyError.classes()) == Some(true) && *catches != Catches::All
}
