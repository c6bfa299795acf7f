//! `library`: what a generic dotenv library makes of the file; here the crate dotenvy 0.15.
//!
//! It says nothing about places, so the file is given to it in its own units, one at a time. It
//! expands `$` from the environment of the process, which astrolint must not read: a file in which
//! it might expand one is not given to it at all, and in others a stand-in takes the dollar's place.

use super::Reading;
use super::reading::{Gathered, Keep, Reason, Stop, Unknown};
use super::scanner::trimmed;
use crate::text::{Span, Text};

/// A character of private use, which means nothing to the library.
const DOLLAR_STAND_IN: &str = "\u{e000}";

pub(super) fn read(text: &str) -> Reading {
    // The first of several assignments counts: a variable that is set is left alone.
    let mut gathered = Gathered::new(Keep::First);
    let mut at = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
    let mut units = Vec::new();
    while let Some(unit) = unit(text, at) {
        at = unit.whole.end;
        units.push(unit);
    }
    let unclear = text.contains('$') && text.contains(DOLLAR_STAND_IN);
    let end = if unclear || units.iter().any(|unit| might_expand(unit.content.of(text))) {
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
    /// With the line end.
    whole: Span,
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
    let indent = |char: char| char != '\n' && char.is_whitespace();
    let mut comment = rest.trim_start_matches(indent).starts_with('#').then_some(start);
    let mut state = State::Plain;
    let mut escaped = false;
    let mut end = text.len();
    for (at, char) in rest.char_indices() {
        if comment.is_none() {
            (state, escaped) = match state {
                State::Quoted(_) if escaped => (state, false),
                _ if escaped => (State::Plain, false),
                State::Blank if char == '#' => {
                    comment = Some(start + at);
                    (State::Plain, false)
                }
                _ if char == '\\' => (state, true),
                State::Quoted(quote) if char == quote => (State::Plain, false),
                State::Quoted(_) => (state, false),
                _ if matches!(char, '"' | '\'') => (State::Quoted(char), false),
                State::Plain if indent(char) && char != '\r' => (State::Blank, false),
                _ => (State::Plain, false),
            };
        }
        if char == '\n' && (comment.is_some() || (state == State::Plain && !escaped)) {
            end = start + at + 1;
            break;
        }
    }
    Some(Unit { content: Span::new(start, comment.unwrap_or(end)), whole: Span::new(start, end) })
}

/// Whether `unit` holds a `$` elsewhere than in single quotes that begin its value.
fn might_expand(unit: &str) -> bool {
    let around_quotes = unit.split_once('=').and_then(|(key, value)| {
        let (_, behind) = value.trim_start().strip_prefix('\'')?.split_once('\'')?;
        Some(key.contains('$') || behind.contains('$'))
    });
    around_quotes.unwrap_or_else(|| unit.contains('$'))
}

fn add(text: &str, unit: &Unit, gathered: &mut Gathered) -> Result<(), Stop> {
    // White space before an assignment means nothing to it, but costs it time on every line of a
    // unit.
    let whole = unit.whole.of(text);
    let content = match whole.trim_start() {
        "" => whole,
        content => content,
    };
    let content = content.replace('$', DOLLAR_STAND_IN);
    let span = trimmed(text, unit.content);
    for pair in dotenvy::from_read_iter(content.as_bytes()) {
        let Ok((key, mut value)) = pair else {
            return Err(Stop::at(Reason::NotAnAssignment, span));
        };
        if whole.contains('$') {
            value = value.replace(DOLLAR_STAND_IN, "$");
        }
        let (key_span, value_span) = places(text, span, &key);
        gathered.add_named(&key, key_span, Text::produced_by(value, value_span), span);
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
