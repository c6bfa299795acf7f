//! `standalone`: the reader in astro-cli's `pkg/airflowrt/env.go` (1.40.0 to 1.45.0), for running
//! Airflow without containers. It never fails.

use super::Reading;
use super::reading::{Gathered, Keep, Note};
use super::scanner::trimmed;
use crate::text::{Span, Text};

pub(super) fn read(text: &str) -> Reading {
    let mut gathered = Gathered::new(Keep::Last);
    let mut start = 0;
    for line in text.split('\n') {
        let span = trimmed(text, Span::new(start, start + line.len()));
        start += line.len() + 1;
        let line = span.of(text);
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let Some((key, value)) = line.split_once('=') else {
            gathered.note(Note::NoAssignment, span);
            continue;
        };
        let key = Span::new(span.start, span.start + key.len());
        let value = match unquoted(value) {
            Some(value) => Text::verbatim(value, key.end + 2),
            None => Text::verbatim(value, key.end + 1),
        };
        gathered.add(text, key, value, span);
    }
    gathered.finish(Ok(()))
}

/// What stands between two equal quotes at both ends; no escape is known, and nothing is trimmed.
fn unquoted(value: &str) -> Option<&str> {
    ['"', '\''].into_iter().find_map(|quote| value.strip_prefix(quote)?.strip_suffix(quote))
}
