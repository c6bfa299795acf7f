//! What was read so far, and how much more may be.

use super::foreign::{self, Dialect};
use super::frame::Frame;
use super::reader::Reader;
use super::variables::Variables;
use super::{Command, Error, Script};
use crate::text::Text;

/// How often reading goes on behind the line of something that is opened and not closed.
const MAX_RECOVERIES: usize = 16;

/// How many parts of words all braces of one script may make.
const MAX_EXPANDED: usize = 1 << 16;

/// What was read so far, shared by the readers of texts inside one another.
pub(super) struct Output {
    pub(super) commands: Vec<Command>,
    pub(super) errors: Vec<Error>,
    /// All names that anything sets, once for each time.
    pub(super) writes: Vec<String>,
    /// The names that an assignment sets which always runs.
    pub(super) always: Vec<String>,
    pub(super) variables: Variables,
    /// Whether a part that need not run here and now may set any variable: a file that a function sources.
    pub(super) may_set_anything: bool,
    pub(super) words: usize,
    pub(super) depth: usize,
    recoveries: usize,
    /// How many parts of words braces may still make; `None` where they mean nothing.
    pub(super) braces: Option<usize>,
    /// Whether there was too much of something: the rest is not read.
    pub(super) gave_up: bool,
}

/// How much there was at some point.
#[derive(Clone, Copy)]
pub(super) struct Checkpoint {
    commands: usize,
    errors: usize,
    writes: usize,
    always: usize,
}

impl Output {
    /// Reads `source` with the variables that are certain.
    pub(super) fn read(source: &Text, dialect: Dialect, variables: Variables) -> Self {
        let has_braces = dialect != Dialect::Sh && !knows_no_braces(source.expose());
        let mut output = Self {
            commands: Vec::new(),
            errors: Vec::new(),
            writes: Vec::new(),
            always: Vec::new(),
            variables,
            may_set_anything: false,
            words: 0,
            depth: 0,
            recoveries: 0,
            braces: has_braces.then_some(MAX_EXPANDED),
            gave_up: false,
        };
        let text = source.expose();
        let at = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
        let mut reader = Reader { source, text, at, out: &mut output, frame: Frame::default() };
        reader.commands();
        output
    }

    pub(super) fn script(mut self) -> Script {
        self.errors.sort_by_key(|error| error.span);
        Script { commands: self.commands, errors: self.errors }
    }

    pub(super) fn checkpoint(&self) -> Checkpoint {
        Checkpoint {
            commands: self.commands.len(),
            errors: self.errors.len(),
            writes: self.writes.len(),
            always: self.always.len(),
        }
    }

    /// Forgets what was read since `checkpoint`.
    pub(super) fn restore(&mut self, checkpoint: Checkpoint) {
        self.commands.truncate(checkpoint.commands);
        self.errors.truncate(checkpoint.errors);
        self.writes.truncate(checkpoint.writes);
        self.always.truncate(checkpoint.always);
    }

    /// Whether reading may go on behind the line of something that is not closed.
    pub(super) fn recovers(&mut self) -> bool {
        self.recoveries += 1;
        self.recoveries <= MAX_RECOVERIES && !self.gave_up
    }
}

/// Whether a file holds a script for a POSIX shell: its first line names no other program.
#[must_use]
pub fn is_script(text: &str) -> bool {
    interpreter(text).is_none_or(foreign::is_posix)
}

/// What the first line asks for.
fn interpreter(text: &str) -> Option<&str> {
    text.lines().next()?.strip_prefix("#!")
}

/// Whether the first line asks for a shell that knows no braces.
fn knows_no_braces(text: &str) -> bool {
    let program = interpreter(text).unwrap_or("");
    program.split(['/', ' ', '\t']).any(|word| matches!(word.trim(), "sh" | "dash" | "ash"))
}
