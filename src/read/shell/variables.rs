//! Which variables have a value that is certain wherever they are used behind their assignment.

use std::collections::{HashMap, HashSet};

/// How much text the variables of one script may insert, in bytes and one for each use.
const MAX_INSERTED: usize = 1 << 20;

/// The variables of a script.
#[derive(Default)]
pub(super) struct Variables {
    /// Those that are assigned once in the whole script, by something that always runs.
    certain: HashSet<String>,
    /// The values of those whose assignment was passed.
    values: HashMap<String, String>,
    /// How much more may be inserted.
    left: usize,
    /// Whether the script sets `IFS`, at which unquoted values are split.
    pub(super) sets_separators: bool,
}

impl Variables {
    /// The variables of a script in which `writes` are all names that anything sets, once for each
    /// time, and `always` those that are set by an assignment that always runs.
    pub(super) fn new(writes: &[String], always: &[String]) -> Self {
        let mut counts: HashMap<&str, usize> = HashMap::new();
        for name in writes {
            *counts.entry(name).or_default() += 1;
        }
        let once = always.iter().filter(|name| counts.get(name.as_str()) == Some(&1));
        Self {
            certain: once.cloned().collect(),
            values: HashMap::new(),
            left: MAX_INSERTED,
            sets_separators: counts.contains_key("IFS"),
        }
    }

    /// Whether no variable has a certain value.
    pub(super) fn is_empty(&self) -> bool {
        self.certain.is_empty()
    }

    /// The assignment of a known value was passed.
    pub(super) fn assign(&mut self, name: &str, value: &str) {
        if self.certain.contains(name) {
            self.values.insert(name.to_owned(), value.to_owned());
        }
    }

    /// The value of `name`, where it is certain.
    pub(super) fn value(&mut self, name: &str) -> Option<String> {
        let value = self.values.get(name)?;
        self.left = self.left.checked_sub(value.len() + 1)?;
        Some(value.clone())
    }
}
