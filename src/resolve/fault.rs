//! Why a backend is no use with what it is given: its constructor raises, or each of its lookups.

use std::fmt;

use pep440_rs::Version;

use super::backend::{Configured, Section, short_name};
use super::effects::range;
use super::environment::{Environment, Process};
use super::gcp_secret_manager::UNKNOWN_PROJECT;
use super::kwargs::{Kwarg, Kwargs};
use super::start::State;
use crate::model::{Kind, variable_name};

/// Why a class cannot be constructed, or why its lookups raise.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Fault {
    /// What is wrong, in a sentence without a full stop; it never holds a value.
    pub what: String,
    /// The exception; empty where `what` names it.
    pub exception: &'static str,
    /// Which keywords it hangs on.
    pub cause: Cause,
}

/// Which keywords a fault hangs on.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Cause {
    /// One of these is needed, and none is given.
    Missing {
        /// The keywords.
        keywords: Vec<&'static str>,
        /// The variable that would do instead.
        or_setting: Option<&'static str>,
        /// The keyword because of whose value they are needed.
        because_of: Option<&'static str>,
    },
    /// What this one holds.
    Value(String),
    /// A character of this one that no name may hold.
    Name(&'static str),
    /// These are given together.
    Together(Vec<&'static str>),
    /// The class cannot be imported, whatever it is given: an image without the package, another version.
    Class,
    /// Something that other facts tell: its version, its type.
    Elsewhere,
}

/// A fault of a backend that an environment uses.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FaultInUse {
    /// What it is.
    pub fault: Fault,
    /// The kind whose lookups raise; `None` for all.
    pub kind: Option<Kind>,
    /// Whether Airflow does not start because of it.
    pub at_start: bool,
    /// Whether it is there at every version that is possible.
    pub always: bool,
    /// The versions of the backend's package that have it, where it is no part of Airflow.
    pub provider: Vec<Version>,
}

impl Fault {
    /// A class that cannot be imported.
    #[must_use]
    pub(super) fn class(what: impl Into<String>) -> Self {
        Self { what: what.into(), exception: "", cause: Cause::Class }
    }

    /// A fault that hangs on what the keyword `name` holds.
    #[must_use]
    pub(super) fn value(
        name: impl Into<String>,
        what: impl Into<String>,
        exception: &'static str,
    ) -> Self {
        Self { what: what.into(), exception, cause: Cause::Value(name.into()) }
    }

    /// A fault that is gone when one of `keywords` is given.
    #[must_use]
    pub(super) fn missing(
        keywords: &[&'static str],
        what: impl Into<String>,
        exception: &'static str,
    ) -> Self {
        let cause =
            Cause::Missing { keywords: keywords.to_vec(), or_setting: None, because_of: None };
        Self { what: what.into(), exception, cause }
    }

    /// A fault that is there because `keywords` exclude each other.
    #[must_use]
    pub(super) fn together(
        keywords: Vec<&'static str>,
        what: impl Into<String>,
        exception: &'static str,
    ) -> Self {
        Self { what: what.into(), exception, cause: Cause::Together(keywords) }
    }
}

/// A fault that other facts tell too.
impl From<String> for Fault {
    fn from(what: String) -> Self {
        Self { what, exception: "", cause: Cause::Elsewhere }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.what)?;
        if self.exception.is_empty() { Ok(()) } else { write!(f, ": {}", self.exception) }
    }
}

impl FaultInUse {
    /// Who raises what, and what Airflow does.
    #[must_use]
    pub fn raised(&self) -> String {
        let exception = self.fault.exception;
        if self.at_start {
            format!("the constructor raises {exception}, and every process of Airflow stops there")
        } else {
            format!(
                "each lookup raises {exception}; Airflow 2.2.0 and later log it and go on to environment variables and the database"
            )
        }
    }

    /// The versions that have it, in words: `with hashicorp 4.4.0 to 4.4.3`; `None` when all have.
    #[must_use]
    pub fn when(&self, configured: &Configured) -> Option<String> {
        let package = &configured.backend()?.package;
        let versions = range(package, &self.provider);
        let told = !self.always && !versions.is_empty();
        told.then(|| format!("with {} {versions}", short_name(package)))
    }

    /// What becomes of Airflow or of its lookups, in a few words.
    #[must_use]
    pub fn consequence(&self) -> String {
        match self.kind {
            _ if self.at_start => "Airflow does not start".to_owned(),
            Some(kind) => format!("every lookup of a {kind} fails"),
            None => "every lookup fails".to_owned(),
        }
    }
}

impl Environment {
    /// Whether only the credentials of Google tell which project `configured` asks, at some version.
    #[must_use]
    pub fn leaves_project_to_credentials(&self, configured: &Configured) -> bool {
        let process = process_of(configured);
        let unknown = format!("projects/{UNKNOWN_PROJECT}/");
        Kind::ALL.into_iter().any(|kind| {
            let answers = self.answers(process, kind, "x");
            let mut names = answers.iter().flat_map(|answer| &answer.lookup.requested);
            names.any(|name| name.starts_with(&unknown))
        })
    }

    /// Whether one of the keywords `names` may be there after all: in kwargs that cannot be read or
    /// that come from elsewhere, or under a name that is not known.
    #[must_use]
    pub fn may_have_keyword(&self, configured: &Configured, names: &[&str]) -> bool {
        let unreadable = !matches!(configured.kwargs, Kwargs::Unset | Kwargs::Object(_));
        let section = configured.section;
        let option = variable_name(section.name(), section.kwargs_option());
        let is_misnamed =
            || self.misnamed().iter().any(|one| one.meant.as_deref() == Some(option.as_str()));
        let is_meant = |kwarg: &&Kwarg| {
            configured.backend().is_some_and(|backend| {
                backend.parameter(&kwarg.name).is_none()
                    && backend.meant_by(&kwarg.name).is_some_and(|it| names.contains(&&*it.name))
            })
        };
        unreadable
            || configured.kwargs.members().iter().any(Kwarg::has_dynamic_name)
            || self.kwargs_from_elsewhere(configured).is_some()
            || self.keywords(configured).iter().any(is_meant)
            || is_misnamed()
    }

    /// The faults of `configured` that hang on its keywords, over the versions that are possible:
    /// those that are always there, and where the versions are settled, those that may be.
    #[must_use]
    pub fn faults(&self, configured: &Configured) -> Vec<FaultInUse> {
        let variants = self.variants_of(process_of(configured));
        let mut found: Vec<(FaultInUse, usize)> = Vec::new();
        for variant in variants {
            let here: Vec<(Option<Kind>, &Fault, bool)> = match &variant.state {
                State::StartupError(fault) => vec![(None, fault, true)],
                State::Running(names) => {
                    names.faults().into_iter().map(|(kind, fault)| (kind, fault, false)).collect()
                }
                State::NoBackend | State::Unknown(_) => Vec::new(),
            };
            for (kind, fault, at_start) in here {
                if matches!(fault.cause, Cause::Class | Cause::Elsewhere) {
                    continue;
                }
                let same = |(one, _): &&mut (FaultInUse, usize)| {
                    one.fault == *fault && one.kind == kind && one.at_start == at_start
                };
                let provider = variant.provider.iter().cloned();
                if let Some((one, times)) = found.iter_mut().find(same) {
                    one.provider.extend(provider);
                    *times += 1;
                } else {
                    let provider = provider.collect();
                    let fault = fault.clone();
                    found.push((FaultInUse { fault, kind, at_start, always: false, provider }, 1));
                }
            }
        }
        let settled = self.is_settled(configured);
        for (fault, times) in &mut found {
            fault.always = *times == variants.len();
            fault.provider.sort();
            fault.provider.dedup();
        }
        let kept = found.into_iter().map(|(fault, _)| fault);
        kept.filter(|fault| fault.always || settled).collect()
    }
}

const fn process_of(configured: &Configured) -> Process {
    match configured.section {
        Section::Secrets => Process::Server,
        Section::Workers => Process::Worker,
    }
}
