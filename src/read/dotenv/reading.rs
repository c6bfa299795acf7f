//! What a reader made of a document, and the means to put that together.

use std::cell::Cell;
use std::fmt;

use super::Host;
use crate::hash::HashMap;
use crate::text::{Span, Spanned, Text};

/// What one reader makes of one document.
#[derive(Clone, Debug, Default)]
pub struct Reading {
    /// What the program passes on: each key once, in the order of the file. Empty when it aborts.
    pub pairs: Vec<Pair>,
    /// Assignments that another one of the same key replaced, in the order of the file.
    pub overridden: Vec<Pair>,
    /// Lines that the program leaves out without aborting.
    pub notes: Vec<Spanned<Note>>,
    /// Why the program aborts, if it does: then nothing of the file is used.
    pub error: Option<Failure>,
    /// Why it is not known what the program would do. Then nothing else here says anything.
    pub unknown: Option<Unknown>,
}

impl Reading {
    /// The pair in force for `key`.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Pair> {
        self.pairs.iter().find(|pair| pair.key.node == key)
    }
}

/// A key and its value.
#[derive(Clone, PartialEq, Eq)]
pub struct Pair {
    /// The key, exactly as the program takes it; it may be empty or hold blanks.
    pub key: Spanned<String>,
    /// The value after quotes, escapes and expansion.
    pub value: Text,
    /// The whole assignment.
    pub span: Span,
}

/// A misread key can be part of a value, so only places are shown.
impl fmt::Debug for Pair {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Pair({}..{})", self.span.start, self.span.end)
    }
}

/// Why a line has no effect.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, thiserror::Error)]
pub enum Note {
    /// The line has no `=`.
    #[error("no `=`: left out")]
    NoAssignment,
    /// Nothing stands before the `=`.
    #[error("empty key: left out")]
    EmptyKey,
    /// Nothing stands behind the `=`.
    #[error("empty value: left out")]
    EmptyValue,
    /// An earlier line set the key, and that one counts.
    #[error("repeated key: left out")]
    RepeatedKey,
    /// A key without a value: the host's value is passed on, nothing if it has none.
    #[error("no value: taken from the host, if set there")]
    FromHost,
    /// A line of 64 KiB or more: from here on the file is not read.
    #[error("a line of 64 KiB or more: the file is not read from here on")]
    LineTooLong,
}

/// Why a program aborts, and where.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Failure {
    /// Why.
    pub reason: Reason,
    /// The text at fault.
    pub span: Span,
    /// The 1-based line that the program's own message names, if it names one. It can be a later
    /// one than that of `span`: the program says how far it had read.
    pub named_line: Option<usize>,
}

/// Why a program aborts, in words that hold nothing of the file.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, thiserror::Error)]
pub enum Reason {
    /// A character that this program does not allow in a key.
    #[error("a character that is not allowed in a key")]
    KeyCharacter,
    /// A blank inside a key or, for Docker, around it.
    #[error("a blank in a key")]
    KeyBlank,
    /// Nothing where a key should stand.
    #[error("no key")]
    KeyMissing,
    /// A quote without an end.
    #[error("a quote that is not closed")]
    QuoteOpen,
    /// `${` without a valid end.
    #[error("`${{` that does not begin a valid expansion")]
    ExpansionInvalid,
    /// `${NAME:?…}` of a variable that is not set.
    #[error("an expansion that requires a variable which is not set")]
    VariableRequired,
    /// A line that is no assignment of a form this program knows.
    #[error("not of the form KEY=value")]
    NotAnAssignment,
    /// A line of 64 KiB or more.
    #[error("a line of 64 KiB or more")]
    LineTooLong,
}

/// Why it is not known what a program would make of a file.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, thiserror::Error)]
pub enum Unknown {
    /// A `$` that the library would expand from the environment of its process.
    #[error("the result depends on the environment of the process")]
    DependsOnProcess,
    /// The values grow too large when they are expanded.
    #[error("expands to more than {} MiB", EXPANSION_LIMIT >> 20)]
    ExpandsTooFar,
}

/// What a reader stops with.
pub(super) enum Stop {
    Failed(Failure),
    Unknown(Unknown),
}

impl Stop {
    /// A failure whose message names no line.
    pub(super) const fn at(reason: Reason, span: Span) -> Self {
        Self::Failed(Failure { reason, span, named_line: None })
    }
}

/// How many bytes of variables' values one reading may copy: a few lines of `A=$B$B` would otherwise
/// double a value until memory ends.
const EXPANSION_LIMIT: usize = 16 << 20;

/// Which of several assignments of one key counts.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Keep {
    First,
    Last,
}

/// The assignments that a reader has seen so far.
pub(super) struct Gathered {
    keep: Keep,
    all: Vec<Pair>,
    /// For each key, the place in `all` of the assignment that counts.
    in_force: HashMap<String, usize>,
    notes: Vec<Spanned<Note>>,
    budget: Cell<usize>,
}

impl Gathered {
    pub(super) fn new(keep: Keep) -> Self {
        Self {
            keep,
            all: Vec::new(),
            in_force: HashMap::default(),
            notes: Vec::new(),
            budget: Cell::new(EXPANSION_LIMIT),
        }
    }

    /// Adds the assignment of `value` to the key that stands at `key` of the file.
    pub(super) fn add(&mut self, text: &str, key: Span, value: Text, span: Span) {
        self.add_named(key.of(text), key, value, span);
    }

    /// Adds the assignment of `value` to `name`, which `key` of the file stands for.
    pub(super) fn add_named(&mut self, name: &str, key: Span, value: Text, span: Span) {
        let name = name.to_owned();
        let place = self.all.len();
        match self.keep {
            Keep::Last => {
                self.in_force.insert(name.clone(), place);
            }
            Keep::First => {
                self.in_force.entry(name.clone()).or_insert(place);
            }
        }
        self.all.push(Pair { key: Spanned::new(name, key), value, span });
    }

    pub(super) fn note(&mut self, note: Note, span: Span) {
        self.notes.push(Spanned::new(note, span));
    }

    /// Handles a key that stands without a value: it takes the host's.
    pub(super) fn inherit(&mut self, text: &str, key: Span, host: &Host) {
        self.note(Note::FromHost, key);
        if let Some(value) = host.get(key.of(text)) {
            self.add(text, key, Text::produced_by(value.as_str(), key), key);
        }
    }

    /// The value that the file gives `key` so far.
    pub(super) fn value(&self, key: &str) -> Option<&str> {
        let place = self.in_force.get(key)?;
        self.all.get(*place).map(|pair| pair.value.expose())
    }

    pub(super) fn holds(&self, key: &str) -> bool {
        self.in_force.contains_key(key)
    }

    /// Counts `value` against what one reading may copy.
    pub(super) fn spend<'v>(&self, value: &'v str) -> Result<&'v str, Stop> {
        match self.budget.get().checked_sub(value.len()) {
            Some(left) => {
                self.budget.set(left);
                Ok(value)
            }
            None => Err(Stop::Unknown(Unknown::ExpandsTooFar)),
        }
    }

    /// The reading, when the reader came to the end or to a stop.
    pub(super) fn finish(self, end: Result<(), Stop>) -> Reading {
        let Self { all, in_force, notes, .. } = self;
        let Err(stop) = end else {
            let mut reading = Reading { notes, ..Reading::default() };
            for (place, pair) in all.into_iter().enumerate() {
                let counts = in_force.get(&pair.key.node) == Some(&place);
                let list = if counts { &mut reading.pairs } else { &mut reading.overridden };
                list.push(pair);
            }
            return reading;
        };
        match stop {
            Stop::Failed(failure) => Reading { notes, error: Some(failure), ..Reading::default() },
            Stop::Unknown(why) => Reading { unknown: Some(why), ..Reading::default() },
        }
    }
}
