//! What is asked for, compared with a list of what exists.

use std::collections::BTreeSet;

use super::environment::Environment;
use super::existing::{Existing, ListedAs, VAULT, short};
use super::private::PrivateValues;
use super::requests::{Dispensable, KeyCertainty, Request};
use crate::hash::HashSet;
use crate::model::Kind;

/// What of a [`Request`] a comparison needs, beyond the project that makes it. The names in it are as they are:
/// nothing of it is to be shown.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// The rows of one reference in one environment, of which one may do.
    group: (usize, String),
    certainty: KeyCertainty,
    is_each: bool,
    dispensable: Option<Dispensable>,
    listed_as: Vec<ListedAs>,
}

/// Where something that is asked for stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Standing {
    /// It exists.
    Present,
    /// It does not, and must.
    Missing,
    /// It does not, and need not.
    Absent(Dispensable),
    /// No backend is asked for it, or the key is only known when it runs.
    Unknown,
}

/// What names begin with where a backend looks for them.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Namespace {
    before: String,
    /// Whether lists of the service hold what comes behind.
    lists_below: bool,
}

impl Request<'_> {
    /// What a comparison needs, where `reference` is the number of the reference in the whole run. What cannot be
    /// shown because of `private` is not compared either: nobody could be told what is missing.
    #[must_use]
    pub fn wanted(&self, reference: usize, private: &PrivateValues) -> Wanted {
        let is_shown = |name: &String| private.mask(name) == *name;
        let is_shown = self.asked.requested.iter().all(is_shown);
        Wanted {
            group: (reference, self.environment.name.clone()),
            certainty: self.certainty,
            is_each: self.is_each,
            dispensable: self.dispensable.or(self.asked.not_always.then_some(Dispensable::Version)),
            listed_as: if is_shown { self.asked.listed_as.clone() } else { Vec::new() },
        }
    }
}

impl Environment {
    /// Where its backends look for names. Without a prefix, all names of the service could be meant, so that none
    /// is known to be: that gives nothing.
    #[must_use]
    pub fn namespaces(&self) -> BTreeSet<Namespace> {
        let mut namespaces = BTreeSet::new();
        for by in self.in_use() {
            let lists_below = by.configured.backend().is_some_and(|it| it.id == VAULT);
            for before in Kind::ALL.into_iter().flat_map(|kind| by.names(kind, "")) {
                let before = short(&before).to_owned();
                if !before.is_empty() {
                    namespaces.insert(Namespace { before, lists_below });
                }
            }
        }
        namespaces
    }
}

/// Where each of `wanted` stands. Of several keys that a reference may ask for, one must exist; of those
/// that it asks for in turn, each.
#[must_use]
pub fn standings(wanted: &[Wanted], existing: &Existing) -> Vec<Standing> {
    let exists = |it: &Wanted| {
        it.dispensable == Some(Dispensable::Declared)
            || it.listed_as.iter().any(|asked| !existing.matching(asked).is_empty())
    };
    let found: Vec<bool> = wanted.iter().map(exists).collect();
    // Groups with a key that exists, or that may be any.
    let settled = wanted.iter().zip(&found);
    let settled: HashSet<_> = settled
        .filter(|(it, found)| **found || it.certainty > KeyCertainty::OneOf)
        .map(|(it, _)| &it.group)
        .collect();
    let standing = |(it, found): (&Wanted, &bool)| match (it.certainty, it.dispensable) {
        _ if *found => Standing::Present,
        _ if it.listed_as.is_empty() => Standing::Unknown,
        (KeyCertainty::Pattern | KeyCertainty::Dynamic, _) => {
            Standing::Absent(Dispensable::Pattern)
        }
        (_, Some(why)) => Standing::Absent(why),
        (KeyCertainty::OneOf, None) if !it.is_each && settled.contains(&it.group) => {
            Standing::Absent(Dispensable::OneOf)
        }
        (_, None) => Standing::Missing,
    };
    wanted.iter().zip(&found).map(standing).collect()
}

/// The names of the list that lie where a backend looks for them, and that none of `wanted` asks for, as far as
/// their keys are known.
#[must_use]
pub fn unused(
    wanted: &[Wanted],
    existing: &Existing,
    namespaces: &BTreeSet<Namespace>,
) -> Vec<String> {
    let asked = wanted.iter().flat_map(|it| &it.listed_as);
    let used: BTreeSet<&str> = asked.flat_map(|asked| existing.matching(asked)).collect();
    let is_ours = |name: &str| {
        namespaces.iter().any(|namespace| {
            let is_below =
                name.len() > namespace.before.len() && name.starts_with(&namespace.before);
            is_below || namespace.lists_below && !name.contains('/')
        })
    };
    let unused = existing.names().filter(|name| is_ours(name) && !used.contains(name));
    unused.map(str::to_owned).collect()
}
