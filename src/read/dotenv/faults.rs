//! Lines that a program rejects or leaves out.

use super::document::Assignment;
use super::reading::{Failure, Note, Reason};
use super::recovery::{MOST_REPAIRS, Recovered, Unit, UnitKind, unit_at};
use super::rewrite::Edit;
use super::{Host, Reader};
use crate::text::{Span, Text};

/// A line, or several that belong together, that at least one of the [judged](Reader::JUDGED)
/// programs rejects or leaves out.
#[derive(Clone, Debug)]
pub struct LineFault {
    /// What is wrong with it.
    pub kind: LineFaultKind,
    /// Where, in one line.
    pub span: Span,
    /// The key of the assignment, if it is one; it may be anything.
    pub key: Option<Span>,
    /// The programs that stop there and use nothing of the file.
    pub aborts: Vec<Reader>,
    /// The programs that leave it out.
    pub drops: Vec<Reader>,
    /// Edits of harmless characters after which every judged program reads it, to the value that it
    /// has today for those that do.
    pub repair: Option<Vec<Edit>>,
}

/// What is wrong with a line.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum LineFaultKind {
    /// `export` before the key.
    Export,
    /// Blanks between the key and the `=`.
    BlankBeforeEquals,
    /// `KEY: value`.
    Colon,
    /// A value in quotes that runs over several lines.
    QuotedLines,
    /// A value without quotes that runs over several lines.
    BareLines,
    /// A quote that is never closed.
    QuoteOpen,
    /// A value in quotes that holds the same quotes.
    QuoteInside,
    /// A value that goes on behind its closing quote.
    TextAfterQuote,
    /// A character that a program does not allow in a key.
    KeyCharacter,
    /// `${` that begins no valid expansion.
    ExpansionInvalid,
    /// `${NAME:?…}` of a variable that the file does not set before.
    VariableRequired,
    /// Nothing before the `=`.
    KeyMissing,
    /// A line of 64 KiB or more.
    LineTooLong,
    /// A name without `=`.
    LoneName,
    /// No assignment at all.
    NotAnAssignment,
}

/// The faults of a text that consists of `units`, in order. `recovered` holds the judged readers.
pub(super) fn faults(
    text: &str,
    units: &[Unit],
    recovered: &[(Reader, Recovered<'_>)],
) -> Vec<(usize, LineFault)> {
    let mut dropped: Vec<Vec<Reader>> = vec![Vec::new(); units.len()];
    for (reader, recovered) in recovered {
        for note in &recovered.reading.notes {
            if matches!(note.node, Note::EmptyValue | Note::RepeatedKey) {
                continue;
            }
            let Some(number) = unit_at(units, note.span.start) else { continue };
            let Some(unit) = units.get(number) else { continue };
            if is_of_first_line(unit, note.span)
                && let Some(readers) = dropped.get_mut(number)
                && !readers.contains(reader)
            {
                readers.push(*reader);
            }
        }
    }
    let mut found = Vec::new();
    for ((number, unit), drops) in units.iter().enumerate().zip(dropped) {
        let failures: Vec<(Reader, Failure)> = recovered
            .iter()
            .filter_map(|(reader, recovered)| Some((*reader, *recovered.failures.get(&number)?)))
            .collect();
        if failures.is_empty() && drops.is_empty() {
            continue;
        }
        let (kind, span) = describe(text, unit, &failures);
        let (key, repair) = match unit.kind {
            UnitKind::Assignment { assignment, .. } => {
                let repair = (found.len() < MOST_REPAIRS)
                    .then(|| repair(text, unit, &assignment, kind))
                    .flatten();
                (Some(assignment.key), repair)
            }
            _ => (None, None),
        };
        let aborts = failures.iter().map(|(reader, _)| *reader).collect();
        found.push((number, LineFault { kind, span, key, aborts, drops, repair }));
    }
    found
}

/// Whether a note at `span` is about the line on which an assignment begins. Of the lines that
/// follow, the value tells.
const fn is_of_first_line(unit: &Unit, span: Span) -> bool {
    match unit.kind {
        UnitKind::Assignment { assignment, .. } => span.start <= assignment.key.start,
        _ => true,
    }
}

/// The part of `span` on its first line, without white space around it.
fn first_line(span: Span, text: &str) -> Span {
    let line = span.of(text).split('\n').next().unwrap_or("");
    super::scanner::trimmed(text, Span::new(span.start, span.start + line.len()))
}

fn describe(text: &str, unit: &Unit, failures: &[(Reader, Failure)]) -> (LineFaultKind, Span) {
    use LineFaultKind as Kind;
    let by = |wanted: Reader| failures.iter().find(|(reader, _)| *reader == wanted);
    let too_long = || failures.iter().any(|(_, failure)| failure.reason == Reason::LineTooLong);
    let assignment = match unit.kind {
        UnitKind::Name(span) => return (Kind::LoneName, span),
        UnitKind::Text(span) => {
            let kind = match span.of(text) {
                line if line.starts_with('=') => Kind::KeyMissing,
                _ if too_long() => Kind::LineTooLong,
                _ => Kind::NotAnAssignment,
            };
            return (kind, first_line(span, text));
        }
        UnitKind::Assignment { assignment, .. } => assignment,
    };
    let spread = matches!(unit.kind, UnitKind::Assignment { spread: true, .. });
    let value = first_line(assignment.value, text);
    let head = Span::new(assignment.key.start, assignment.separator.end);
    if let Some((_, failure)) = by(Reader::Compose) {
        match failure.reason {
            Reason::ExpansionInvalid => return (Kind::ExpansionInvalid, failure.span),
            Reason::VariableRequired => return (Kind::VariableRequired, failure.span),
            Reason::KeyCharacter | Reason::KeyBlank | Reason::KeyMissing
                if head.contains(failure.span) =>
            {
                return (Kind::KeyCharacter, failure.span);
            }
            Reason::QuoteOpen if !spread => return (Kind::QuoteOpen, value),
            _ if spread => return (Kind::BareLines, value),
            _ => return behind_quote(text, &assignment),
        }
    }
    if too_long() {
        (Kind::LineTooLong, assignment.key)
    } else if spread {
        (Kind::BareLines, value)
    } else if let Some(export) = assignment.export {
        (Kind::Export, export)
    } else if assignment.separator.of(text) == ":" {
        (Kind::Colon, head)
    } else if assignment.key.end < assignment.separator.start {
        (Kind::BlankBeforeEquals, head)
    } else if assignment.value.of(text).contains('\n') {
        (Kind::QuotedLines, value)
    } else if by(Reader::EnvFromFile)
        .is_some_and(|(_, failure)| failure.reason == Reason::QuoteOpen)
    {
        (Kind::QuoteOpen, value)
    } else {
        (Kind::KeyCharacter, assignment.key)
    }
}

/// What is wrong with a value that begins with a quote and goes on behind the next one.
fn behind_quote(text: &str, assignment: &Assignment) -> (LineFaultKind, Span) {
    let value = assignment.value.of(text);
    let around = value
        .chars()
        .next()
        .filter(|quote| matches!(quote, '"' | '\'') && value.len() > 1 && value.ends_with(*quote));
    let kind = match around {
        Some(_) => LineFaultKind::QuoteInside,
        None => LineFaultKind::TextAfterQuote,
    };
    (kind, first_line(assignment.value, text))
}

/// Edits that bring the head of an assignment into the form `KEY=value`, or delete quotes that
/// cannot be, if that is all it takes.
fn repair(
    text: &str,
    unit: &Unit,
    assignment: &Assignment,
    kind: LineFaultKind,
) -> Option<Vec<Edit>> {
    let mut edits = Vec::new();
    let value = assignment.value;
    if kind == LineFaultKind::QuoteInside {
        let quotes = [Span::new(value.start, value.start + 1), Span::new(value.end - 1, value.end)];
        let edits = quotes.map(Edit::delete).to_vec();
        let inside = Span::new(value.start + 1, value.end - 1).of(text);
        let after = Edit::apply(&edits, text, unit.span);
        return all_give(&after, assignment.key.of(text), inside).then_some(edits);
    }
    if let Some(export) = assignment.export {
        edits.push(Edit::delete(Span::new(export.start, assignment.key.start)));
    }
    let between = Span::new(assignment.key.end, assignment.value.start);
    if between.of(text) != "=" {
        edits.push(Edit { span: between, with: "=" });
    }
    if edits.is_empty() {
        return None;
    }
    let before = compose_value(unit.span.of(text), assignment.key.of(text))?;
    let after = Edit::apply(&edits, text, unit.span);
    let reads_alike = compose_value(&after, assignment.key.of(text))
        .is_some_and(|value| value.expose() == before.expose());
    let accepted = Reader::JUDGED.into_iter().all(|reader| {
        let reading = reader.read_text(&after, &Host::new());
        reading.error.is_none() && reading.notes.iter().all(|note| note.node == Note::EmptyValue)
    });
    (reads_alike && accepted).then_some(edits)
}

/// Whether all judged programs give `key` the value `wanted` in `text`.
pub(super) fn all_give(text: &str, key: &str, wanted: &str) -> bool {
    Reader::JUDGED.into_iter().all(|reader| {
        let reading = reader.read_text(text, &Host::new());
        reading.get(key).is_some_and(|pair| pair.value.expose() == wanted)
    })
}

/// The value that `compose` gives `key` in `text`.
pub(super) fn compose_value(text: &str, key: &str) -> Option<Text> {
    let reading = Reader::Compose.read_text(text, &Host::new());
    reading.get(key).map(|pair| pair.value.clone())
}
