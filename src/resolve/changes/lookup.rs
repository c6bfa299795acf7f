//! How one lookup ends today and then.

use pep440_rs::Version;

use super::{ChangeKind, Sides};
use crate::facts::{AIRFLOW, service_of};
use crate::model::{Kind, VersionSet};
use crate::resolve::backend::{Configured, short_name};
use crate::resolve::effects::range;
use crate::resolve::environment::{Environment, Process};
use crate::resolve::kwargs::Kwarg;
use crate::resolve::lookup::{Lookup, Outcome};
use crate::resolve::requests::lookup_in_part;

/// What changes for one lookup.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LookupChange {
    /// What becomes of it.
    pub kind: ChangeKind,
    /// How it ends today.
    pub before: String,
    /// How it ends then.
    pub after: String,
    /// Why.
    pub reason: String,
    /// How the lookup fails then, or failed.
    pub(super) failures: Vec<Failure>,
}

/// A lookup that fails, and why.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Failure {
    /// Whether Airflow does not start, or the lookup raises.
    pub(super) outcome: Outcome,
    /// Why.
    pub(super) reason: String,
}

/// What changes when `process` looks up `key`, in which `*` stands for any text if it `is_glob`; `None` where
/// nothing does, or where that cannot be told.
#[must_use]
pub fn change_of(
    from: &Environment,
    to: &Environment,
    process: Process,
    (kind, key, is_glob): (Kind, &str, bool),
) -> Option<LookupChange> {
    let sides = Sides { from, to };
    let before = Side::of(from, process, kind, key, is_glob);
    let after = Side::of(to, process, kind, key, is_glob);
    let is_unknown = |side: &Side| side.0.iter().any(|it| it.lookup.outcome == Outcome::Unknown);
    if is_unknown(&before) || is_unknown(&after) {
        return None;
    }
    let is_new = |ending: &&Ending| !before.holds(ending);
    let is_gone = |ending: &&Ending| !after.holds(ending);
    let (new, gone): (Vec<&Ending>, Vec<&Ending>) =
        (after.0.iter().filter(is_new).collect(), before.0.iter().filter(is_gone).collect());
    // What today's versions may do anyway is no change, where nothing tells these versions.
    if new.is_empty() && (gone.is_empty() || !is_told(from, &from.server)) {
        return None;
    }
    let certain = new.len() == after.0.len() && gone.len() == before.0.len();
    let was = gone.last().copied().or_else(|| before.0.last())?;
    let then = if new.is_empty() { after.0.iter().collect() } else { new };
    let mut kinds = then.iter().map(|ending| {
        let kind = ending.kind_after(was);
        let is_lost = kind == ChangeKind::Renamed && sides.cannot_be(process, was, ending);
        (if is_lost { ChangeKind::Lost } else { kind }, *ending)
    });
    let first = kinds.next()?;
    let (kind_of_change, worst) = kinds.fold(first, |a, b| if b.0 < a.0 { b } else { a });
    let reason = if certain {
        sides.why(kind, process, was, worst)
    } else {
        let package = to.server.provider_package();
        let endings = after.0.iter();
        let said = endings.map(|it| format!("{}: {}", after.when(it, package), it.text()));
        let said = said.collect::<Vec<_>>().join("; ");
        format!("it depends on the version, {said}")
    };
    Some(LookupChange {
        kind: kind_of_change,
        before: before.text(),
        after: after.text(),
        reason,
        failures: worst.failure().into_iter().chain(was.failure()).collect(),
    })
}

/// How a lookup may end over the versions that are possible, each way once; the newest version last.
struct Side(Vec<Ending>);

/// One way in which a lookup ends.
struct Ending {
    lookup: Lookup,
    airflow: Vec<Version>,
    provider: Vec<Version>,
}

impl Side {
    fn of(environment: &Environment, process: Process, kind: Kind, key: &str, glob: bool) -> Self {
        let mut endings: Vec<Ending> = Vec::new();
        for variant in environment.variants_of(process) {
            let lookup = if glob {
                lookup_in_part(&variant.state, kind, key)
            } else {
                variant.state.lookup(kind, key)
            };
            match endings.iter_mut().find(|known| is_alike(&known.lookup, &lookup)) {
                Some(known) => {
                    known.airflow.extend(variant.airflow.iter().cloned());
                    known.provider.extend(variant.provider.iter().cloned());
                }
                None => endings.push(Ending {
                    lookup,
                    airflow: variant.airflow.clone(),
                    provider: variant.provider.clone(),
                }),
            }
        }
        for ending in &mut endings {
            for versions in [&mut ending.airflow, &mut ending.provider] {
                versions.sort();
                versions.dedup();
            }
        }
        Self(endings)
    }

    fn holds(&self, ending: &Ending) -> bool {
        self.0.iter().any(|other| is_alike(&other.lookup, &ending.lookup))
    }

    /// The versions at which a lookup ends so, in words, with the gaps between them.
    fn when(&self, ending: &Ending, package: Option<&str>) -> String {
        if let Some(package) = package.filter(|_| !ending.provider.is_empty()) {
            let all = self.0.iter().flat_map(|it| &it.provider);
            return format!(
                "with {} {}",
                short_name(package),
                runs(package, &ending.provider, all)
            );
        }
        let all = self.0.iter().flat_map(|it| &it.airflow);
        format!("with Airflow {}", runs(AIRFLOW, &ending.airflow, all))
    }

    fn text(&self) -> String {
        let mut texts: Vec<String> = self.0.iter().map(Ending::text).collect();
        texts.dedup();
        texts.join(" or ")
    }
}

/// Sorted `versions` of `package` in words: `9.26.0, 9.34.0 to 9.36.0`, where there are others between.
fn runs<'a>(package: &str, versions: &[Version], all: impl Iterator<Item = &'a Version>) -> String {
    let mut all: Vec<&Version> = all.collect();
    all.sort();
    all.dedup();
    let runs = all.chunk_by(|one, other| versions.contains(one) == versions.contains(other));
    let own = runs.filter(|run| run.first().is_some_and(|first| versions.contains(first)));
    let words = own.map(|run| {
        let run: Vec<Version> = run.iter().map(|version| (*version).clone()).collect();
        range(package, &run)
    });
    words.collect::<Vec<_>>().join(", ")
}

/// Whether both end alike, whatever the reason.
fn is_alike(one: &Lookup, other: &Lookup) -> bool {
    let asks_nothing =
        |lookup: &Lookup| matches!(lookup.outcome, Outcome::NeverAsked | Outcome::NoBackend);
    (one.outcome == other.outcome || asks_nothing(one) && asks_nothing(other))
        && one.requested == other.requested
}

impl Ending {
    /// What it is in place of `was`.
    fn kind_after(&self, was: &Self) -> ChangeKind {
        match (was.lookup.outcome, self.lookup.outcome) {
            (Outcome::StartupError, _) => ChangeKind::Gained,
            (_, Outcome::StartupError | Outcome::LookupError) => ChangeKind::Fatal,
            (Outcome::Asked, Outcome::Asked) => ChangeKind::Renamed,
            (_, Outcome::Asked) => ChangeKind::Gained,
            _ => ChangeKind::Lost,
        }
    }

    fn failure(&self) -> Option<Failure> {
        let outcome = self.lookup.outcome;
        matches!(outcome, Outcome::StartupError | Outcome::LookupError)
            .then(|| Failure { outcome, reason: self.lookup.reason.clone() })
    }

    fn text(&self) -> String {
        match self.lookup.outcome {
            Outcome::Asked => {
                let names = self.lookup.requested.iter().map(|name| format!("`{name}`"));
                names.collect::<Vec<_>>().join(", then ")
            }
            Outcome::NeverAsked | Outcome::NoBackend => "not asked for".to_owned(),
            Outcome::LookupError => "the lookup raises".to_owned(),
            Outcome::StartupError => "Airflow does not start".to_owned(),
            Outcome::Unknown => "not known".to_owned(),
        }
    }
}

/// Whether something tells the versions that `configured` depends on.
pub(super) fn is_told(environment: &Environment, configured: &Configured) -> bool {
    let package = configured.provider_package();
    let provider = package.and_then(|package| environment.versions.package(package));
    environment.versions.airflow().is_told() && provider.is_none_or(VersionSet::is_told)
}

impl Sides<'_> {
    /// Whether no secret can have the name that is asked for then, while one can have that of today.
    fn cannot_be(&self, process: Process, was: &Ending, then: &Ending) -> bool {
        let is_possible = |environment, ending: &Ending| {
            let backend = backend_of(environment, process, ending).backend();
            let service = backend.and_then(|backend| service_of(&backend.id));
            let mut names = ending.lookup.requested.iter();
            service.is_none_or(|service| names.any(|name| service.may_hold(name)))
        };
        is_possible(self.from, was) && !is_possible(self.to, then)
    }

    /// Why a lookup that ended as `was` ends as `then`.
    fn why(&self, kind: Kind, process: Process, was: &Ending, then: &Ending) -> String {
        let lookup = &then.lookup;
        let is_named = was.lookup.outcome == Outcome::Asked && lookup.outcome == Outcome::Asked;
        if !is_named && lookup.outcome != Outcome::Asked {
            return lookup.reason.clone();
        }
        if !is_named {
            return format!("it was not: {}", was.lookup.reason);
        }
        let (before, after) =
            (backend_of(self.from, process, was), backend_of(self.to, process, then));
        if let Some(said) = other_names(before, after, kind) {
            return said;
        }
        if self.cannot_be(process, was, then) {
            return no_such_name(after, then);
        }
        if !self.is_one_environment() {
            return format!("`{}` is set up otherwise", self.to.name);
        }
        let package = after.provider_package().filter(|_| was.provider != then.provider);
        if let Some(package) = package {
            let short = short_name(package);
            let [before, after] =
                [&was.provider, &then.provider].map(|versions| range(package, versions));
            return format!("{short} {after} makes another name of it than {short} {before}");
        }
        let [before, after] = [&was.airflow, &then.airflow].map(|it| range(AIRFLOW, it));
        format!("Airflow {after} asks for another name than Airflow {before}")
    }
}

/// That no secret can have the name which is asked for then.
fn no_such_name(after: &Configured, then: &Ending) -> String {
    let who = match after.provider_package() {
        Some(package) => format!("{} {}", short_name(package), range(package, &then.provider)),
        None => format!("Airflow {}", range(AIRFLOW, &then.airflow)),
    };
    format!("{who} asks for a name that no secret can have: one with `/` begins with it")
}

fn backend_of<'a>(
    environment: &'a Environment,
    process: Process,
    ending: &Ending,
) -> &'a Configured {
    match (process, ending.airflow.last()) {
        (Process::Worker, Some(version)) => environment.worker_backend(version),
        _ => &environment.server,
    }
}

/// Which keywords that make names, or which class, differ.
fn other_names(from: &Configured, to: &Configured, kind: Kind) -> Option<String> {
    if from.backend().map(|it| &it.id) != to.backend().map(|it| &it.id) {
        return Some("another backend".to_owned());
    }
    let given = |configured: &Configured| -> Vec<(&'static str, String)> {
        let names = configured.defaults_of(kind).into_iter();
        names
            .map(|(name, default)| {
                let shown = configured.keyword(name).map(Kwarg::shown_value);
                (name, shown.unwrap_or(default))
            })
            .collect()
    };
    let (before, after) = (given(from), given(to));
    let differing = before.iter().zip(&after).filter(|(one, other)| one != other);
    let said: Vec<String> = differing
        .map(|((name, before), (_, after))| format!("`{name}` is {after}, not {before}"))
        .collect();
    (!said.is_empty()).then(|| said.join(", "))
}
