//! What a reader would make of a file if the lines on which it aborts were not there.
//!
//! A program stops at the first line that it rejects. To say what is wrong with the others too, and
//! what becomes of the rest, the text is read again with that line blanked out.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::document::{Assignment, Document, EntryKind};
use super::reading::{Failure, Reason};
use super::{Host, Reader, Reading};
use crate::text::Span;

/// How many bytes one reader may read again in all: a file of nothing but bad lines would otherwise
/// be read as often as it has lines.
const READ_AGAIN: usize = 4 << 20;

/// How often a reader begins anew at most.
const MOST_ROUNDS: usize = 200;

/// For how many lines of a file a repair is worked out: each is read again by every program.
pub(super) const MOST_REPAIRS: usize = 1000;

/// What belongs together: an assignment with the lines that its value spreads over, a lone name, or
/// lines that are nothing.
#[derive(Clone, Copy, Debug)]
pub(super) struct Unit {
    /// All its lines.
    pub(super) span: Span,
    /// What it is.
    pub(super) kind: UnitKind,
}

#[derive(Clone, Copy, Debug)]
pub(super) enum UnitKind {
    /// An assignment; `spread` when lines follow that only make sense as a part of its value.
    Assignment { assignment: Assignment, spread: bool },
    /// A name without a value.
    Name(Span),
    /// Anything else.
    Text(Span),
}

impl Unit {
    /// The units of `document`, in order, without blank lines and comments.
    pub(super) fn of(document: &Document<'_>) -> Vec<Self> {
        let mut units: Vec<Self> = Vec::new();
        let mut touches = false;
        for entry in document.entries() {
            let kind = match entry.kind {
                EntryKind::Blank | EntryKind::Comment(_) => {
                    touches &= units.last().is_some_and(Self::is_spread);
                    continue;
                }
                EntryKind::Assignment(assignment) => {
                    UnitKind::Assignment { assignment, spread: false }
                }
                EntryKind::Other(span) if is_name(span.of(document.text())) => UnitKind::Name(span),
                EntryKind::Other(span) => UnitKind::Text(span),
            };
            if let (UnitKind::Text(_) | UnitKind::Name(_), Some(last)) = (kind, units.last_mut())
                && touches
                && last.takes(kind, document.text())
            {
                last.span = last.span.cover(entry.span);
                if let UnitKind::Assignment { spread, .. } = &mut last.kind {
                    *spread = true;
                }
                continue;
            }
            units.push(Self { span: entry.span, kind });
            touches = true;
        }
        units
    }

    /// Whether the next line, of `kind`, belongs to this unit.
    fn takes(&self, kind: UnitKind, text: &str) -> bool {
        match self.kind {
            UnitKind::Assignment { assignment, spread } => {
                spread || (assignment.quote.is_none() && begins_more(assignment.value.of(text)))
            }
            UnitKind::Text(_) => matches!(kind, UnitKind::Text(_)),
            UnitKind::Name(_) => false,
        }
    }

    const fn is_spread(&self) -> bool {
        matches!(self.kind, UnitKind::Assignment { spread: true, .. })
    }

    /// Whether the value begins with a quote that its line does not close.
    fn opens_quote(&self, text: &str) -> bool {
        let UnitKind::Assignment { assignment, .. } = self.kind else { return false };
        let value = assignment.value.of(text);
        let quote = value.chars().next().filter(|char| matches!(char, '"' | '\''));
        assignment.quote.is_none()
            && quote.is_some_and(|quote| value.get(1..).is_some_and(|rest| !rest.contains(quote)))
    }
}

/// Whether a value without closed quotes goes on in the next line, if that is no assignment.
fn begins_more(value: &str) -> bool {
    value.starts_with(['{', '[', '"', '\''])
        || value.starts_with("-----")
        || value.ends_with(['\\', '{', '[', ','])
}

fn is_name(text: &str) -> bool {
    let name = text.strip_prefix("export ").map_or(text, str::trim_start);
    name.starts_with(|char: char| char.is_ascii_alphabetic() || char == '_')
        && name.chars().all(|char| char.is_ascii_alphanumeric() || char == '_')
}

/// What a reader makes of a file without the units on which it aborts.
pub(super) struct Recovered<'r> {
    /// Why it aborts, by the number of the unit.
    pub(super) failures: BTreeMap<usize, Failure>,
    /// What it makes of the rest.
    pub(super) reading: Cow<'r, Reading>,
}

impl<'r> Recovered<'r> {
    /// Goes on where `strict`, the reading of `text` by `reader`, ends with an error.
    pub(super) fn of(reader: Reader, text: &str, units: &[Unit], strict: &'r Reading) -> Self {
        let mut failures = BTreeMap::new();
        let mut reading = Cow::Borrowed(strict);
        let mut left = text.to_owned();
        let rounds = (READ_AGAIN / text.len().max(1)).clamp(1, MOST_ROUNDS);
        for _ in 0..rounds {
            let Some(failure) = reading.error else { break };
            let Some((number, failure)) = blame(reader, text, units, failure, &failures) else {
                break;
            };
            let Some(unit) = units.get(number) else { break };
            failures.insert(number, failure);
            blank(&mut left, unit.span);
            reading = Cow::Owned(reader.read_text(&left, &Host::new()));
        }
        Self { failures, reading }
    }
}

/// The number of the unit at fault, and why. Where a quote is left open further up, the program goes
/// on until the next one and complains there.
fn blame(
    reader: Reader,
    text: &str,
    units: &[Unit],
    failure: Failure,
    known: &BTreeMap<usize, Failure>,
) -> Option<(usize, Failure)> {
    let found = unit_at(units, failure.span.start)?;
    if !matches!(reader, Reader::Compose | Reader::EnvFromFile) {
        return (!known.contains_key(&found)).then_some((found, failure));
    }
    let before = units.get(..=found)?.iter().enumerate().rev();
    let open = before.filter(|(number, _)| !known.contains_key(number));
    let open = open.take(MOST_ROUNDS).find(|(_, unit)| unit.opens_quote(text));
    if let Some((number, Unit { kind: UnitKind::Assignment { assignment, .. }, .. })) = open {
        let failure = Failure { reason: Reason::QuoteOpen, span: assignment.value, ..failure };
        return Some((number, failure));
    }
    (!known.contains_key(&found)).then_some((found, failure))
}

/// The number of the unit that holds byte `at`.
pub(super) fn unit_at(units: &[Unit], at: usize) -> Option<usize> {
    let number = units.partition_point(|unit| unit.span.end <= at);
    units.get(number).is_some_and(|unit| unit.span.start <= at).then_some(number)
}

/// Puts blanks in the place of `span`, so that all other places stay where they are.
fn blank(text: &mut String, span: Span) {
    let blanks: String =
        span.of(text).bytes().map(|byte| if byte == b'\n' { '\n' } else { ' ' }).collect();
    text.replace_range(span.start..span.end, &blanks);
}
