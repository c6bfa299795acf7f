//! What a keyword does over all versions that are still possible.

use pep440_rs::Version;

use super::Section;
use super::backend::{Configured, short_name};
use super::environment::{Environment, classes};
use super::kwargs::Kwarg;
use crate::facts::releases::{self, behaves_as};
use crate::facts::{self, Backend, Effect, airflow};
use crate::model::{Basis, Place, Presence};

/// What a keyword does, by version.
#[derive(Debug)]
pub struct Effects {
    backend: &'static Backend,
    /// By the versions, oldest first; none twice.
    rows: Vec<Row>,
    /// Whether the versions are known as far as the files can tell them; where not, they are all
    /// that were ever released.
    pub settled: bool,
    /// Where the package's version is decided.
    pub decided_at: Option<Place>,
}

/// The versions at which a keyword does the same.
#[derive(Debug)]
pub struct Row {
    /// What it does.
    pub effect: Effect,
    /// Versions of Airflow, sorted.
    pub airflow: Vec<Version>,
    /// Versions of the backend's package, sorted as pip does.
    pub provider: Vec<Version>,
}

/// Versions of Airflow, and versions of the backend's package, that behave alike together.
type Pair = (Vec<Version>, Vec<Version>);

impl Environment {
    /// The keywords that the class of `configured` is called with at some version that is possible:
    /// without those of the JSON that a later member replaces.
    #[must_use]
    pub fn keywords<'a>(&self, configured: &'a Configured) -> Vec<&'a Kwarg> {
        let json = configured.kwargs.members().iter().filter(|kwarg| !kwarg.overridden);
        let own = self
            .versions
            .airflow()
            .any(|version| airflow().behaves("per-kwarg-variables", version))
            .then_some(&configured.own_variables);
        json.chain(own.into_iter().flatten()).collect()
    }

    /// What the keyword `name` of `configured` does; `None` where it names no official backend, or
    /// is read at no version that is possible.
    #[must_use]
    pub fn effects(&self, configured: &Configured, name: &str) -> Option<Effects> {
        let backend = configured.backend()?;
        let mut rows: Vec<Row> = Vec::new();
        let (pairs, settled) = self.version_classes(configured, backend);
        for (airflow, provider) in pairs {
            let (Some(version), Some(package)) = (airflow.first(), provider.first()) else {
                continue;
            };
            let effect = backend.effect(name, &behaves_as(package), version);
            match rows.iter_mut().find(|row| row.effect == effect) {
                Some(row) => {
                    row.airflow.extend(airflow);
                    row.provider.extend(provider);
                }
                None => rows.push(Row { effect, airflow, provider }),
            }
        }
        for row in &mut rows {
            for versions in [&mut row.airflow, &mut row.provider] {
                versions.sort();
                versions.dedup();
            }
        }
        rows.sort_by(|a, b| (&a.provider, &a.airflow).cmp(&(&b.provider, &b.airflow)));
        let decided_at = self.versions.package(&backend.package).and_then(|set| place(set.basis()));
        (!rows.is_empty()).then_some(Effects { backend, rows, settled, decided_at })
    }

    /// Whether the versions that `configured` depends on are known as far as the files can tell them.
    #[must_use]
    pub(super) fn is_settled(&self, configured: &Configured) -> bool {
        configured.backend().is_some_and(|backend| self.version_classes(configured, backend).1)
    }

    /// The versions of Airflow and of the backend's package that are possible together, each pair
    /// behaving alike, and whether they are settled. Where the package is not installed, they are
    /// those that could be.
    fn version_classes(&self, configured: &Configured, backend: &Backend) -> (Vec<Pair>, bool) {
        let reads = |version: &&Version| match configured.section {
            Section::Secrets => true,
            Section::Workers => airflow().behaves("workers-backend", version),
        };
        let airflow_versions: Vec<Version> =
            self.versions.airflow().versions().iter().filter(reads).cloned().collect();
        let is_settled = |basis: &Basis| {
            !matches!(basis, Basis::Unknown(_) | Basis::Untold(_) | Basis::Conditional(_))
        };
        let airflow_classes = classes(&airflow_versions, &airflow().turning_points());
        if backend.package == facts::AIRFLOW {
            let parts = airflow_versions
                .into_iter()
                .map(|version| (vec![version.clone()], vec![version]))
                .collect();
            return (parts, is_settled(self.versions.airflow().basis()));
        }
        let set = self.versions.package(&backend.package);
        let installed = set.filter(|set| !set.versions().is_empty());
        let possible = match installed {
            Some(set) => set.versions(),
            None => releases::package(&backend.package)
                .map_or(&[][..], |package| package.released.as_slice()),
        };
        let settled = installed
            .is_some_and(|set| set.presence() == Presence::Installed && is_settled(set.basis()));
        let provider_classes = classes(possible, &backend.turning_points());
        let pairs = airflow_classes.iter().flat_map(|airflow| {
            provider_classes.iter().map(|provider| (airflow.clone(), provider.clone()))
        });
        (pairs.collect(), settled)
    }
}

impl Effects {
    /// The versions at which it does each thing.
    #[must_use]
    pub fn rows(&self) -> &[Row] {
        &self.rows
    }

    /// What it does at each version of the package.
    pub fn versions(&self) -> impl Iterator<Item = (Effect, Version)> {
        self.rows
            .iter()
            .flat_map(|row| row.provider.iter().map(|version| (row.effect, behaves_as(version))))
    }

    /// Whether it does one of these at every version.
    #[must_use]
    pub fn all(&self, effects: &[Effect]) -> bool {
        self.rows.iter().all(|row| effects.contains(&row.effect))
    }

    /// Whether it does one of these at some version.
    #[must_use]
    pub fn any(&self, effects: &[Effect]) -> bool {
        self.rows.iter().any(|row| effects.contains(&row.effect))
    }

    /// Whether `holds` for every version of the package at which it is read, and there is one.
    #[must_use]
    pub fn used_where(&self, mut holds: impl FnMut(&Version) -> bool) -> Option<bool> {
        let used = self.rows.iter().filter(|row| row.effect.is_read());
        let mut versions = used.flat_map(|row| &row.provider).peekable();
        versions.peek()?;
        Some(versions.all(|version| holds(&behaves_as(version))))
    }

    /// Whether a version is possible that came after those which the facts were read from.
    #[must_use]
    pub fn beyond_facts(&self) -> bool {
        let versions = self.rows.iter().flat_map(|row| &row.provider);
        versions.into_iter().any(|version| behaves_as(version) > self.backend.examined)
    }

    /// What it does at which versions, in words: `amazon 5.1.0 and later ignores it without a word`.
    #[must_use]
    pub fn describe(&self) -> String {
        let by_airflow =
            self.backend.is_strict_by_airflow() || self.backend.package == facts::AIRFLOW;
        let sentences = self.rows.iter().map(|row| {
            let who = if by_airflow {
                format!("Airflow {}", range(facts::AIRFLOW, &row.airflow))
            } else {
                let package = &self.backend.package;
                format!("{} {}", short_name(package), range(package, &row.provider))
            };
            match row.effect {
                Effect::Used => format!("{who} reads it"),
                Effect::Deprecated => format!("{who} reads it with a deprecation warning"),
                Effect::IgnoredWithWarning => format!("{who} ignores it with a warning"),
                Effect::Ignored => format!("{who} ignores it without a word"),
                Effect::LookupError => format!("with {who} every lookup raises TypeError"),
                Effect::StartupError => format!("with {who} Airflow does not start: TypeError"),
            }
        });
        sentences.collect::<Vec<_>>().join("; ")
    }
}

/// Where versions are decided, when it is one place.
const fn place(basis: &Basis) -> Option<Place> {
    match basis {
        Basis::Pinned(place)
        | Basis::Range(place)
        | Basis::Unpinned(place)
        | Basis::Extra(place)
        | Basis::Bundled { image: place, .. } => Some(*place),
        _ => None,
    }
}

/// Sorted versions of `package` in words: `8.29.0`, `5.1.0 to 8.29.0`, `5.1.0 and later`.
#[must_use]
pub(super) fn range(package: &str, versions: &[Version]) -> String {
    let newest = releases::package(package).and_then(releases::Package::newest);
    match versions {
        [] => String::new(),
        [only] => only.to_string(),
        [first, .., last] if Some(last) == newest => format!("{first} and later"),
        [first, .., last] => format!("{first} to {last}"),
    }
}
