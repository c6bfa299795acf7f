//! What Airflow does when something asks for a variable, a connection or an option.

use serde::Serialize;

use crate::model::Kind;

/// How asking the backend ends.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// The backend is asked for one or more names.
    Asked,
    /// The backend is there, and never asks for this key.
    NeverAsked,
    /// Airflow does not start.
    StartupError,
    /// The backend raises; Airflow (2.2.0 on) asks the next place.
    LookupError,
    /// There is no backend.
    NoBackend,
    /// It cannot be told from the files.
    Unknown,
}

/// What the backend does with one key.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Lookup {
    /// How it ends.
    pub outcome: Outcome,
    /// The names it asks for, in order.
    pub requested: Vec<String>,
    /// Why, in a sentence.
    pub reason: String,
}

impl Lookup {
    /// The backend asks for `name`.
    #[must_use]
    pub fn asked(name: String, reason: impl Into<String>) -> Self {
        Self { outcome: Outcome::Asked, requested: vec![name], reason: reason.into() }
    }

    /// The backend asks for each of `names` until one is there.
    #[must_use]
    pub fn asked_in_order(names: Vec<String>, reason: impl Into<String>) -> Self {
        Self { outcome: Outcome::Asked, requested: names, reason: reason.into() }
    }

    /// `kind` is switched off, because `parameter` is `null`.
    #[must_use]
    pub fn switched_off(kind: Kind, parameter: &str) -> Self {
        let reason = format!("`{parameter}` is null, so no {kind} is ever asked for");
        Self::none(Outcome::NeverAsked, reason)
    }

    /// Nothing is asked for.
    #[must_use]
    pub fn none(outcome: Outcome, reason: impl Into<String>) -> Self {
        Self { outcome, requested: Vec::new(), reason: reason.into() }
    }
}
