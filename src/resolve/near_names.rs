//! Keys that are so alike that one is probably meant where the other is written.

use std::collections::{BTreeMap, BTreeSet};

use super::project::Project;
use crate::hash::{HashMap, HashSet};
use crate::model::{DeclaredName, Key, Kind, Reference, Timing};

/// A key, and everything that says it.
#[derive(Clone, Debug)]
pub struct Spelling<'a> {
    /// The key.
    pub name: String,
    /// What asks for it or writes it.
    pub references: Vec<&'a Reference>,
    /// What says that it exists.
    pub declared: Option<&'a DeclaredName>,
}

/// Two keys of one kind that are alike.
#[derive(Clone, Debug)]
pub struct NearMiss<'a> {
    /// What they are keys of.
    pub kind: Kind,
    /// The one that is less sure to be meant.
    pub rare: Spelling<'a>,
    /// The other.
    pub common: Spelling<'a>,
    /// How they differ.
    pub difference: Difference,
}

/// How two keys differ.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Difference {
    /// In nothing but separators and upper or lower case.
    Style,
    /// By a letter in a long word, left out, put in, or changed with its neighbour.
    Letter,
}

/// Keys shorter than this are too easily alike by chance.
const LONG: usize = 10;
/// The same for the word that differs.
const LONG_WORD: usize = 6;
/// What stands between the words of a key.
const SEPARATORS: [char; 6] = ['_', '-', '.', '/', ':', ' '];
/// Longer keys are not compared.
const MAX_LENGTH: usize = 100;

type Spellings<'a> = BTreeMap<(Kind, String), Spelling<'a>>;

impl Project {
    /// The pairs of keys, known for certain, of which one is probably the other misspelt.
    #[must_use]
    pub fn near_misses(&self) -> Vec<NearMiss<'_>> {
        let spellings = self.spellings();
        let mut found = self.of_style(&spellings);
        found.extend(of_letter(&spellings));
        found
    }

    fn spellings(&self) -> Spellings<'_> {
        let mut spellings = Spellings::new();
        let mut entry =
            |kind: Kind, name: &str, reference, declared: Option<_>| {
                if name.len() > MAX_LENGTH || name.is_empty() {
                    return;
                }
                let spelling = spellings.entry((kind, name.to_owned())).or_insert_with(|| {
                    Spelling { name: name.to_owned(), references: Vec::new(), declared: None }
                });
                spelling.references.extend(reference);
                spelling.declared = spelling.declared.or(declared);
            };
        let counts = |it: &&Reference| it.timing != Timing::Never && !self.model.is_test(it.file);
        for reference in self.model.references.iter().filter(counts) {
            let keys = self.environments.iter().flat_map(|it| it.key_of(reference).alternatives());
            let names: BTreeSet<&str> = keys.filter_map(Key::name).collect();
            for key in names {
                entry(reference.kind, key, Some(reference), None);
            }
        }
        for declared in self.model.declared.names.iter().filter(|it| it.is_exact()) {
            for environment in &self.environments {
                if let Some((kind, key)) = self.declared_key(environment, declared) {
                    entry(kind, key, None, declared.shown().map(|_| declared));
                }
            }
        }
        spellings
    }

    fn of_style<'a>(&'a self, spellings: &Spellings<'a>) -> Vec<NearMiss<'a>> {
        let mut alike: BTreeMap<(Kind, String), Vec<&Spelling<'a>>> = BTreeMap::new();
        for ((kind, name), spelling) in spellings {
            let letters: String = name
                .chars()
                .filter(|c| !SEPARATORS.contains(c))
                .flat_map(char::to_lowercase)
                .collect();
            if !letters.is_empty() {
                alike.entry((*kind, letters)).or_default().push(spelling);
            }
        }
        let mut found = Vec::new();
        for ((kind, _), mut group) in alike {
            // Of two that are as frequent, the one of the usual style is meant.
            let is_usual = |name: &str| !name.contains(|c: char| c == '-' || c.is_uppercase());
            group.sort_by_key(|it| {
                let sure = (it.declared.is_some(), it.references.len(), is_usual(&it.name));
                std::cmp::Reverse(sure)
            });
            let Some((common, rest)) = group.split_first() else { continue };
            let rest = rest.iter().filter(|it| it.declared.is_none() || common.declared.is_none());
            let is_one = |rare: &Spelling<'_>| {
                self.is_one_secret(kind, &rare.name, &common.name)
                    || self.is_one_variable(kind, &rare.name, &common.name)
            };
            for rare in rest.filter(|rare| !is_one(rare)) {
                let (rare, common) = ((*rare).clone(), (*common).clone());
                found.push(NearMiss { kind, rare, common, difference: Difference::Style });
            }
        }
        found
    }

    /// Whether both may be given by one environment variable, which has no case: one that a file sets, or any
    /// where no backend is asked.
    fn is_one_variable(&self, kind: Kind, a: &str, b: &str) -> bool {
        let is_asked = |name: &str| self.in_use().any(|by| !by.names(kind, name).is_empty());
        let variable = kind.environment_variable(a);
        variable == kind.environment_variable(b)
            && variable
                .is_some_and(|name| self.sets(&name) == Some(true) || !is_asked(a) && !is_asked(b))
    }

    /// Whether every backend in use asks for both keys under one name.
    fn is_one_secret(&self, kind: Kind, a: &str, b: &str) -> bool {
        let mut backends = self.in_use().peekable();
        backends.peek().is_some()
            && backends.all(|by| {
                let names = by.name(kind, a).zip(by.name(kind, b));
                names.is_some_and(|(a, b)| by.is_same_name(&a, &b))
            })
    }
}

fn of_letter<'a>(spellings: &Spellings<'a>) -> Vec<NearMiss<'a>> {
    let is_common = |it: &Spelling<'_>| it.declared.is_some() || it.references.len() > 1;
    let is_rare = |it: &Spelling<'_>| it.declared.is_none() && it.references.len() == 1;
    let long = spellings.iter().filter(|((_, name), _)| name.is_ascii() && name.len() >= LONG);
    // By what is left of a common key without one of its letters.
    let mut shorter: HashMap<(Kind, String), Vec<&Spelling<'a>>> = HashMap::default();
    for ((kind, name), spelling) in long.clone().filter(|(_, it)| is_common(it)) {
        for at in 0..name.len() {
            shorter.entry((*kind, without(name, at))).or_default().push(spelling);
        }
    }
    let common = spellings.iter().filter(|(_, it)| is_common(it));
    let lengths: HashSet<(Kind, usize)> =
        common.map(|((kind, name), _)| (*kind, name.len())).collect();
    let has_like = |kind: Kind, length: usize| {
        (length - 1..=length + 1).any(|it| lengths.contains(&(kind, it)))
    };
    let mut found = Vec::new();
    for ((kind, name), rare) in long.filter(|(_, it)| is_rare(it)) {
        if !has_like(*kind, name.len()) {
            continue;
        }
        let missing = shorter.get(&(*kind, name.clone())).into_iter().flatten().copied();
        let changed = (0..name.len()).flat_map(|at| [without(name, at), swapped(name, at)]);
        let common = changed.filter_map(|other| spellings.get(&(*kind, other)));
        let common = missing.chain(common.filter(|it| is_common(it)));
        let misspelt = |other: &&Spelling<'a>| is_misspelt(name, &other.name);
        if let Some(common) = common.into_iter().find(misspelt) {
            let (rare, common) = (rare.clone(), common.clone());
            found.push(NearMiss { kind: *kind, rare, common, difference: Difference::Letter });
        }
    }
    found
}

/// ASCII `name` without the letter at `at`.
fn without(name: &str, at: usize) -> String {
    name.char_indices().filter(|(index, _)| *index != at).map(|(_, c)| c).collect()
}

/// ASCII `name` with the letter at `at` behind the next one.
fn swapped(name: &str, at: usize) -> String {
    let mut letters: Vec<char> = name.chars().collect();
    if at + 1 < letters.len() {
        letters.swap(at, at + 1);
    }
    letters.into_iter().collect()
}

/// Whether two keys that differ by one letter look like one word and a misspelling of it: not like
/// singular and plural, numbers, or two short words.
fn is_misspelt(a: &str, b: &str) -> bool {
    let words = |name: &'_ str| -> Vec<String> {
        let words = name.split(|c: char| !c.is_ascii_alphanumeric());
        words.map(str::to_lowercase).collect()
    };
    let (a, b) = (words(a), words(b));
    if a.len() != b.len() {
        return false;
    }
    let mut different = a.iter().zip(&b).filter(|(a, b)| a != b);
    let (Some((a, b)), None) = (different.next(), different.next()) else { return false };
    let is_word =
        |word: &str| word.len() >= LONG_WORD && word.bytes().all(|it| it.is_ascii_alphabetic());
    let (short, long) = if a.len() <= b.len() { (a, b) } else { (b, a) };
    let same = short.bytes().zip(long.bytes()).take_while(|(a, b)| a == b).count();
    let at_end = short.len() != long.len() && same == short.len();
    let doubles_last = || long.bytes().rev().take(2).collect::<Vec<_>>();
    let is_doubled = || matches!(doubles_last().as_slice(), [a, b] if a == b);
    is_word(a) && is_word(b) && same > 0 && (!at_end || is_doubled())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_misspelling_is_a_letter_inside_a_long_word() {
        for (a, b, expected) in [
            ("postgres_warehouse", "postgress_warehouse", true),
            ("snowflake_conn", "snowlake_conn", true),
            ("databricks_conn", "databirkcs_conn", true),
            ("warehouse_conn", "warehosue_conn", true),
            ("customer_bucket", "customers_bucket", false),
            ("upload_bucket_a", "upload_bucket_b", false),
            ("source_conn_id", "sourc_conn_id", false),
            ("prod_database", "prd_database", false),
            ("database_12_x", "database_1_x", false),
            ("loader_bucket", "oader_bucket", false),
            ("processe_bucket", "process_bucket", false),
            ("dbtcloud_token", "dbt_cloud_token", false),
        ] {
            assert_eq!(is_misspelt(a, b), expected, "{a} {b}");
        }
    }
}
