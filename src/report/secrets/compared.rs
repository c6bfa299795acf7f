//! What `astrolint secrets --against` prints: what is not there, and what nobody asks for.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{Row, Secret, folded};
use crate::hash::HashSet;
use crate::resolve::{Dispensable, Standing};

/// What is asked for, compared with a list of names.
#[derive(Debug, Serialize)]
pub struct Compared {
    version: u8,
    /// What is asked for, not there, and must be.
    pub missing: Vec<Missing>,
    /// What is asked for, not there, and need not be.
    pub unmatched: Vec<Absent>,
    /// What only run time knows: any of the unused names may be meant.
    pub dynamic: Vec<Row>,
    /// What is there, below the prefixes, and not asked for.
    pub unused: Vec<String>,
    /// How many names there are that are asked for and exist, for people.
    #[serde(skip)]
    pub present: usize,
    /// How many unused names are not shown, since they look like something else.
    #[serde(skip)]
    pub hidden: usize,
}

/// A secret that is missing.
#[derive(Debug, Serialize)]
pub struct Missing {
    /// The secret, by the first name that is asked for.
    #[serde(flatten)]
    pub secret: Secret,
    /// Names that would do as well: later ones in the order in which they are asked for, or those of other versions
    /// that are possible.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub or: Vec<String>,
}

/// A secret that is not there and need not be.
#[derive(Debug, Serialize)]
pub struct Absent {
    /// The secret.
    #[serde(flatten)]
    pub secret: Secret,
    /// Why it need not be there.
    pub because: Dispensable,
}

impl Compared {
    /// Folds `rows`, each with where it stands, by name.
    #[must_use]
    pub fn new(rows: &[(&Row, Standing)], unused: Vec<String>, hidden: usize) -> Self {
        let with = |wanted: Standing| {
            rows.iter().filter(move |(_, standing)| *standing == wanted).map(|(row, _)| *row)
        };
        let first = |row| Some((Row::first_name(row)?, row));
        let alternatives: BTreeMap<&str, &[String]> = with(Standing::Missing)
            .filter_map(|row| row.requested.split_first().map(|(name, or)| (name.as_str(), or)))
            .collect();
        let missing = folded(with(Standing::Missing).filter_map(first));
        // A name is listed once: as missing, or else for the first reason.
        let mut listed: HashSet<_> = missing.iter().map(|it| (it.kind, it.name.clone())).collect();
        let missing = missing.into_iter().map(|secret| {
            let or = alternatives.get(secret.name.as_str()).map_or_else(Vec::new, |or| or.to_vec());
            Missing { secret, or }
        });
        let unmatched = Dispensable::ALL.into_iter().flat_map(|because| {
            let absent = folded(with(Standing::Absent(because)).filter_map(first));
            absent.into_iter().map(move |secret| Absent { secret, because })
        });
        let unmatched =
            unmatched.filter(|it| listed.insert((it.secret.kind, it.secret.name.clone())));
        let dynamic = rows.iter().map(|(row, _)| *row).filter(|row| row.key.is_none());
        Self {
            version: 1,
            unmatched: unmatched.collect(),
            missing: missing.collect(),
            dynamic: dynamic.cloned().collect(),
            unused,
            present: folded(with(Standing::Present).filter_map(first)).len(),
            hidden,
        }
    }
}

impl Row {
    /// The name that is asked for first.
    fn first_name(&self) -> Option<&str> {
        self.requested.first().map(String::as_str)
    }
}
