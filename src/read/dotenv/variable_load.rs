//! `variable_load`: the reader behind `astro deployment variable … --load`, in astro-cli's
//! `cloud/deployment/deployment_variable.go` (1.15.0 to 1.45.0). What it cannot use it reports and
//! leaves out; then the command ends with 1, after everything else was pushed.

use super::Reading;
use super::reading::{Gathered, Keep, Note};
use super::scanner::{LineEnds, Lines, TooLong, trimmed};
use crate::text::{Span, Text};

pub(super) fn read(text: &str) -> Reading {
    let mut gathered = Gathered::new(Keep::First);
    for line in Lines::new(text, LineEnds::Newline) {
        let span = match line {
            Ok(span) => span,
            Err(TooLong(span)) => {
                gathered.note(Note::LineTooLong, span);
                break;
            }
        };
        let line = span.of(text);
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let Some((key, value)) = line.split_once('=') else {
            gathered.note(Note::NoAssignment, span);
            continue;
        };
        let key_span = Span::new(span.start, span.start + key.len());
        if key.is_empty() {
            gathered.note(Note::EmptyKey, span);
        } else if value.is_empty() {
            gathered.note(Note::EmptyValue, key_span);
        } else {
            if gathered.holds(key) {
                gathered.note(Note::RepeatedKey, key_span);
            }
            gathered.add(text, key_span, cleaned(value, key_span.end + 1), span);
        }
    }
    gathered.finish(Ok(()))
}

/// The value as it is pushed: without all double quotes at its ends, then all single ones, then
/// white space. Only in that order: a blank before a quote protects it.
fn cleaned(value: &str, start: usize) -> Text {
    let whole = Span::new(0, value.len());
    let cut = |span: Span, quote: char| {
        let content = span.of(value);
        let from = span.start + (content.len() - content.trim_start_matches(quote).len());
        Span::new(from, from + content.trim_matches(quote).len())
    };
    let inside = trimmed(value, cut(cut(whole, '"'), '\''));
    Text::verbatim(inside.of(value), start + inside.start)
}
