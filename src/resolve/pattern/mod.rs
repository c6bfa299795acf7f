//! The lookup patterns of the AWS backends, as Python's `re` reads them.
//!
//! From amazon 7.3.0 on a `*_lookup_pattern` is given to `re.match(pattern, key, re.IGNORECASE)`. No
//! engine for Rust has that language: they accept what Python refuses (`\z`, `(?<n>)`), refuse what it
//! accepts, and fold case differently (`s` matches `ſ` in Python, `ß` does not match `ss`). So this is
//! Python's own reading, version by version (`sre_parse.py`, `sre_compile.py` and `sre_lib.h` of
//! `CPython` 3.8 to 3.14), with a step budget: [`parse`] makes a tree or says Python's error,
//! [`program`] makes instructions of it, [`run`] follows them with backtracking, [`letters`] knows
//! Unicode as that Python does.

mod escape;
mod group;
mod letters;
mod parse;
mod program;
mod run;
mod set;
mod source;
#[cfg(test)]
mod tests;
mod tree;

use program::Program;
use source::Stop;

/// A pattern that a version of Python accepts.
#[derive(Debug, Clone)]
pub struct LookupPattern {
    /// `None` where Python's answers cannot be told.
    program: Option<Program>,
}

impl LookupPattern {
    /// Compiles `pattern` as the `re` module of `python` (major, minor) does under `re.IGNORECASE`.
    /// Versions behind 3.14 are taken for 3.14, those before 3.8 for 3.8.
    ///
    /// # Errors
    ///
    /// What `re.compile` raises: Airflow swallows it, and the backend never answers.
    pub fn new(pattern: &str, python: (u8, u8)) -> Result<Self, PatternError> {
        let python = python.clamp((3, 8), (3, 14));
        let compiled =
            parse::parse(pattern, python).and_then(|tree| program::compile(&tree, python));
        match compiled {
            Ok(program) => Ok(Self { program: Some(program) }),
            Err(Stop::Unknown | Stop::Restart) => Ok(Self { program: None }),
            Err(Stop::Invalid(error)) => Err(error),
        }
    }

    /// Whether the backend would be asked for `key`. `None` when that cannot be told: the pattern
    /// nests too deeply, names a character (`\N{…}`), depends on a defect in how older Pythons keep
    /// groups, or takes too many steps.
    #[must_use]
    pub fn matches(&self, key: &str) -> Option<bool> {
        run::matches(self.program.as_ref()?, key)
    }
}

/// Why Python refuses a pattern. Its `Display` is what Python prints.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}{place}")]
pub struct PatternError {
    /// Python's words, without the position. They may repeat a part of the pattern.
    pub message: String,
    /// The byte of the pattern that Python points at, if it points at one.
    pub offset: Option<usize>,
    /// ` at position 3`, in Python's words; empty without an offset.
    place: String,
}

impl PatternError {
    fn without_place(message: &str) -> Self {
        Self { message: message.to_owned(), offset: None, place: String::new() }
    }

    /// The error at the character `position` of `pattern`.
    fn at(message: String, pattern: &str, position: usize) -> Self {
        let offset = pattern.char_indices().nth(position).map_or(pattern.len(), |(byte, _)| byte);
        let place = if pattern.contains('\n') {
            let before = pattern.get(..offset).unwrap_or(pattern);
            let line = before.matches('\n').count() + 1;
            let column = before.chars().rev().take_while(|&ch| ch != '\n').count() + 1;
            format!(" at position {position} (line {line}, column {column})")
        } else {
            format!(" at position {position}")
        };
        Self { message, offset: Some(offset), place }
    }
}
