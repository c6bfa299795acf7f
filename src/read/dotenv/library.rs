//! `library`: what a generic dotenv library makes of the file; here the crate dotenvy 0.15.
//!
//! It says nothing about places, so the file is given to it in its own units, one at a time. It
//! expands `$` from the environment of the process, which astrolint must not read: a file with a
//! `$` that it might expand is not given to it at all.

use super::Reading;
use super::reading::{Gathered, Keep, Reason, Stop, Unknown};
use super::scanner::trimmed;
use crate::text::{Span, Text};

pub(super) fn read(text: &str) -> Reading {
    // The first of several assignments counts: a variable that is set is left alone.
    let mut gathered = Gathered::new(Keep::First);
    let start = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
    let mut units = Vec::new();
    let mut at = start;
    while let Some(unit) = unit(text, at) {
        at = unit.next;
        units.push(unit);
    }
    let might_expand = |unit: &Unit| might_expand(unit.content.of(text));
    let end = if units.iter().any(might_expand) {
        Err(Stop::Unknown(Unknown::DependsOnProcess))
    } else {
        units.iter().try_for_each(|unit| add(text, unit, &mut gathered))
    };
    gathered.finish(end)
}

/// Lines that the library reads as one.
struct Unit {
    /// Without a trailing comment.
    content: Span,
    /// With line ends.
    whole: Span,
    next: usize,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Plain,
    Blank,
    Quoted(char),
}

/// The unit at `start`: a line and, while a quote is open or its end escaped, those behind it.
fn unit(text: &str, start: usize) -> Option<Unit> {
    let rest = text.get(start..).filter(|rest| !rest.is_empty())?;
    let mut state = State::Plain;
    let mut escaped = false;
    let first_line_is_comment =
        rest.trim_start_matches(|c: char| c != '\n' && c.is_whitespace()).starts_with('#');
    let mut comment = first_line_is_comment.then_some(start);
    for (at, char) in rest.char_indices() {
        if comment.is_none() {
            state = match state {
                _ if escaped => {
                    escaped = false;
                    if matches!(state, State::Quoted(_)) { state } else { State::Plain }
                }
                State::Blank if char == '#' => {
                    comment = Some(start + at);
                    State::Blank
                }
                _ if char == '\\' => {
                    escaped = true;
                    state
                }
                State::Quoted(quote) if char == quote => State::Plain,
                State::Quoted(_) => state,
                _ if matches!(char, '"' | '\'') => State::Quoted(char),
                State::Plain if char.is_whitespace() && !matches!(char, '\n' | '\r') => {
                    State::Blank
                }
                _ => State::Plain,
            };
        }
        let ends = comment.is_some() || (state == State::Plain && !escaped);
        if char == '\n' && ends {
            let next = start + at + 1;
            let content = Span::new(start, comment.unwrap_or(next));
            return Some(Unit { content, whole: Span::new(start, next), next });
        }
    }
    let content = Span::new(start, comment.unwrap_or(text.len()));
    Some(Unit { content, whole: Span::new(start, text.len()), next: text.len() })
}

/// Whether `unit` holds a `$` elsewhere than in single quotes that begin its value.
fn might_expand(unit: &str) -> bool {
    let in_quotes = unit.split_once('=').and_then(|(key, value)| {
        let (inside, behind) = value.trim_start().strip_prefix('\'')?.split_once('\'')?;
        (!inside.is_empty() && !key.contains('$') && !behind.contains('$')).then_some(())
    });
    unit.contains('$') && in_quotes.is_none()
}

fn add(text: &str, unit: &Unit, gathered: &mut Gathered) -> Result<(), Stop> {
    // White space before an assignment means nothing to it, but costs it time on every line of a
    // unit.
    let whole = unit.whole.of(text);
    let content = match whole.trim_start() {
        "" => whole,
        content => content,
    };
    let span = trimmed(text, unit.content);
    for pair in dotenvy::from_read_iter(content.as_bytes()) {
        let Ok((key, value)) = pair else {
            return Err(Stop::at(Reason::NotAnAssignment, span));
        };
        let (key_span, value_span) = places(text, span, &key);
        let value = Text::produced_by(value, value_span);
        gathered.add_named(&key, key_span, value, span);
    }
    Ok(())
}

/// Where the key and the value of the assignment at `span` stand.
fn places(text: &str, span: Span, key: &str) -> (Span, Span) {
    let (before, value) = span.of(text).split_once('=').unwrap_or((span.of(text), ""));
    let start = span.start + before.rfind(key).unwrap_or(0);
    let value = trimmed(text, Span::new(span.end - value.len(), span.end));
    (Span::new(start, (start + key.len()).min(span.start + before.len())), value)
}
