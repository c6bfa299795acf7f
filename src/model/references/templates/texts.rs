//! Texts that a template puts together.

use super::names::{MAX_ALTERNATIVES, Value, Values};
use crate::model::references::{Key, KeyPart};
use crate::read::jinja::HOLE;
use crate::text::{Span, Text, TextBuilder};

/// Longer texts count as unknown: no key is that long.
const MAX_LENGTH: usize = 1_024;

/// All combinations, one behind the other.
pub(super) fn joined(pieces: Vec<Values>) -> Values {
    let mut all: Vec<Vec<KeyPart>> = vec![Vec::new()];
    for piece in pieces {
        if all.len() * piece.len() > MAX_ALTERNATIVES {
            return vec![Value::Unknown];
        }
        let with = |before: &Vec<KeyPart>, value: &Value| {
            let mut parts = before.clone();
            match value {
                Value::Text(more) => parts.extend(more.iter().cloned()),
                _ => parts.push(KeyPart::Unknown),
            }
            parts.dedup_by(|it, before| {
                matches!((it, before), (KeyPart::Unknown, KeyPart::Unknown))
            });
            parts
        };
        all = all.iter().flat_map(|before| piece.iter().map(|it| with(before, it))).collect();
        let length: usize = all.iter().flatten().map(KeyPart::len).sum();
        if length > MAX_LENGTH {
            return vec![Value::Unknown];
        }
    }
    all.into_iter().map(Value::Text).collect()
}

pub(super) fn changed(values: Values, change: impl Fn(&str) -> String) -> Values {
    let part = |part: KeyPart| match part {
        KeyPart::Known(text) => {
            KeyPart::Known(Text::produced_by(change(text.expose()), text.span()))
        }
        other => other,
    };
    let one = |value: Value| match value {
        Value::Text(parts) => Value::Text(parts.into_iter().map(part).collect()),
        _ => Value::Unknown,
    };
    values.into_iter().map(one).collect()
}

/// The key that `values` give; `None` when it is certain that they give none.
pub(super) fn one_key(values: &[Value], span: Span) -> Option<Key> {
    let mut keys: Vec<Key> = Vec::new();
    for value in values {
        let key = match value {
            Value::Text(parts) => Key::of_parts(parts.clone(), span),
            Value::Nothing | Value::List(_) => continue,
            _ => Key::Dynamic,
        };
        if !keys.iter().any(|it| it.is_same(&key)) {
            keys.push(key);
        }
    }
    match keys.len() {
        0 | 1 => keys.pop(),
        _ => Some(Key::OneOf(keys)),
    }
}

/// The only part, when it is known.
pub(super) fn known(parts: &[KeyPart]) -> Option<&Text> {
    match parts {
        [KeyPart::Known(text)] => Some(text),
        _ => None,
    }
}

/// The parts of a text between its holes.
pub(super) fn parts(text: &Text) -> Vec<KeyPart> {
    let mut parts = Vec::new();
    let mut from = 0;
    for (at, hole) in text.expose().match_indices(HOLE) {
        if from < at {
            parts.push(KeyPart::Known(part(text, from, at)));
        }
        parts.push(KeyPart::Unknown);
        from = at + hole.len();
    }
    if from < text.expose().len() || parts.is_empty() {
        parts.push(KeyPart::Known(part(text, from, text.expose().len())));
    }
    parts
}

fn part(text: &Text, start: usize, end: usize) -> Text {
    let mut builder = TextBuilder::default();
    builder.copy(text, start..end);
    builder.finish(text.span_of(start..end))
}
