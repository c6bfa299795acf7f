//! Which variables have a value that is certain wherever they are used behind their assignment.

use super::output::Output;
use crate::hash::{HashMap, HashSet};
use crate::text::Text;

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
    /// The variables of a script that was `read` once, and gets those of `environment`.
    pub(super) fn new(read: &Output, environment: &[(String, Text)]) -> Self {
        if read.may_set_anything {
            return Self::default();
        }
        let mut counts: HashMap<&str, usize> = HashMap::default();
        for name in &read.writes {
            *counts.entry(name).or_default() += 1;
        }
        let once = read.always.iter().filter(|name| counts.get(name.as_str()) == Some(&1));
        let given = environment.iter().filter(|(name, _)| !counts.contains_key(name.as_str()));
        Self {
            certain: once.cloned().collect(),
            values: given.map(|(name, text)| (name.clone(), text.expose().to_owned())).collect(),
            left: MAX_INSERTED,
            sets_separators: counts.contains_key("IFS"),
        }
    }

    /// Whether no variable has a certain value.
    pub(super) fn is_empty(&self) -> bool {
        self.certain.is_empty() && self.values.is_empty()
    }

    /// Something was passed that may set any variable.
    pub(super) fn forget(&mut self) {
        self.values.clear();
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
