//! What differs between two environments: the same questions asked of both, and the answers subtracted.
//!
//! The two may be one environment with today's versions and with those of a target, or two environments of
//! one project. What ends alike in both is no change.

mod calls;
mod lookup;
mod references;
mod settings;

use serde::Serialize;

use super::environment::Environment;
use super::project::Project;
use crate::model::Place;

pub use lookup::{LookupChange, change_of};

/// One difference. Its texts may hold what [`Project::private_values`] masks.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Change {
    /// What becomes of it.
    pub kind: ChangeKind,
    /// What asks, or is set.
    pub place: Place,
    /// The key that is asked for, as far as it may be shown.
    pub key: Option<String>,
    /// How it is today.
    pub before: String,
    /// How it is then.
    pub after: String,
    /// Why.
    pub reason: String,
    /// The environment, or several with commas between; `None` where it is so in all that were compared.
    pub environment: Option<String>,
    /// What it is about.
    pub about: About,
}

/// What a change is about.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum About {
    /// What is asked for, or read.
    Lookup,
    /// The class itself, which cannot be imported, or can be again.
    Class,
    /// Where the same names are asked, or as whom.
    Whereabouts,
}

/// What becomes of a reference or a setting.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum ChangeKind {
    /// Airflow no longer starts, or a lookup raises.
    Fatal,
    /// No longer asked for.
    Lost,
    /// A call that no longer works, or does something else.
    Call,
    /// Asked for under another name, or elsewhere.
    Renamed,
    /// A setting that is no longer read.
    Ignored,
    /// Asked for, or read, where it was not.
    Gained,
}

impl ChangeKind {
    /// All, the worst first.
    pub const ALL: [Self; 6] =
        [Self::Fatal, Self::Lost, Self::Call, Self::Renamed, Self::Ignored, Self::Gained];

    /// Whether something that works today does not then.
    #[must_use]
    pub const fn breaks(self) -> bool {
        matches!(self, Self::Fatal | Self::Lost)
    }
}

/// What is said before a reason that holds for some processes only.
const ON_SERVERS: &str = "on servers: ";
const IN_WORKERS: &str = "in workers, the Dag processor and the triggerer: ";

/// The two sides of one comparison.
#[derive(Clone, Copy, Debug)]
struct Sides<'a> {
    from: &'a Environment,
    to: &'a Environment,
}

impl Sides<'_> {
    /// Whether both are one environment, at different versions.
    fn is_one_environment(&self) -> bool {
        self.from.name == self.to.name
    }
}

/// The differences between each environment of `from` and the one of `to` that has its name; where each has
/// one only, between these two. Both are read from the same files. Sorted by place.
#[must_use]
pub fn changes(from: &Project, to: &Project) -> Vec<Change> {
    let mut pairs: Vec<Sides<'_>> = Vec::new();
    match (from.environments.as_slice(), to.environments.as_slice()) {
        ([from], [to]) => pairs.push(Sides { from, to }),
        (all, others) => pairs.extend(all.iter().filter_map(|from| {
            let to = others.iter().find(|other| other.name == from.name)?;
            Some(Sides { from, to })
        })),
    }
    let mut folded: Vec<(Change, Vec<String>)> = Vec::new();
    for sides in &pairs {
        let mut here = settings::changes(*sides);
        here.extend(references::changes(to, *sides, &here));
        here.extend(calls::changes(to, *sides));
        here.dedup();
        for change in here {
            match folded.iter_mut().find(|(known, _)| is_same(known, &change)) {
                Some((_, names)) => names.push(sides.to.name.clone()),
                None => folded.push((change, vec![sides.to.name.clone()])),
            }
        }
    }
    let everywhere = pairs.len();
    let mut changes: Vec<Change> = folded
        .into_iter()
        .map(|(change, names)| Change {
            environment: (names.len() != everywhere).then(|| names.join(", ")),
            ..change
        })
        .collect();
    changes.sort_by_key(|change| (change.kind, change.place));
    changes
}

/// Whether two changes are one in different environments. A class that cannot be imported is one fault, wherever
/// each of them names it.
fn is_same(one: &Change, other: &Change) -> bool {
    let place = |change: &Change| (change.about != About::Class).then_some(change.place);
    let alike = |change: &Change| Change { environment: None, place: one.place, ..change.clone() };
    place(one) == place(other) && alike(one) == alike(other)
}
