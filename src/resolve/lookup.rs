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

/// Why a backend that runs is not asked for a key.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum KeptBack {
    /// The kind is switched off, whatever the key.
    Off,
    /// The lookup pattern does not let the key pass.
    Pattern,
    /// The key could be the name of a team's secret.
    TeamLike,
    /// No secret can have such a name.
    NoName,
    /// The key does not say where to look.
    NoMount,
    /// What the key stands for is needed before anything can be asked.
    Own,
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
    /// What keeps the backend from asking, where something does.
    pub kept_back: Option<KeptBack>,
}

impl Lookup {
    /// The backend asks for `name`.
    #[must_use]
    pub fn asked(name: String, reason: impl Into<String>) -> Self {
        Self::asked_in_order(vec![name], reason)
    }

    /// The backend asks for each of `names` until one is there.
    #[must_use]
    pub fn asked_in_order(names: Vec<String>, reason: impl Into<String>) -> Self {
        Self { requested: names, ..Self::none(Outcome::Asked, reason) }
    }

    /// `kind` is switched off, because `parameter` is `null`.
    #[must_use]
    pub fn switched_off(kind: Kind, parameter: &str) -> Self {
        let reason = format!("`{parameter}` is null, so no {kind} is ever asked for");
        Self::never_asked(KeptBack::Off, reason)
    }

    /// The backend is never asked for the key.
    #[must_use]
    pub fn never_asked(kept_back: KeptBack, reason: impl Into<String>) -> Self {
        Self { kept_back: Some(kept_back), ..Self::none(Outcome::NeverAsked, reason) }
    }

    /// Nothing is asked for.
    #[must_use]
    pub fn none(outcome: Outcome, reason: impl Into<String>) -> Self {
        Self { outcome, requested: Vec::new(), reason: reason.into(), kept_back: None }
    }
}
