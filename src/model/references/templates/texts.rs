//! Texts that a template puts together.

use super::names::{MAX_ALTERNATIVES, Value, Values};
use crate::model::references::value::{Open, Part, Value as CodeValue, unknown};
use crate::read::jinja::{is_hole, number_of_hole};
use crate::text::{Text, TextBuilder};

/// Longer texts count as unknown: no key is that long.
const MAX_LENGTH: usize = 1_024;

/// All combinations, one behind the other.
pub(super) fn joined(pieces: Vec<Values>) -> Values {
    let mut all: Vec<Vec<Part>> = vec![Vec::new()];
    for piece in pieces {
        if all.len() * piece.len() > MAX_ALTERNATIVES {
            return vec![Value::Unknown];
        }
        let with = |before: &Vec<Part>, value: &Value| {
            let mut parts = before.clone();
            match value {
                Value::Text(more) => parts.extend(more.iter().cloned()),
                _ => parts.push(Part::Unknown),
            }
            parts.dedup_by(|it, before| matches!((it, before), (Part::Unknown, Part::Unknown)));
            parts
        };
        all = all.iter().flat_map(|before| piece.iter().map(|it| with(before, it))).collect();
        let length: usize = all.iter().flatten().map(Part::len).sum();
        if length > MAX_LENGTH {
            return vec![Value::Unknown];
        }
    }
    all.into_iter().map(Value::Text).collect()
}

pub(super) fn changed(values: Values, change: impl Fn(&str) -> String) -> Values {
    let part = |part: Part| match part {
        Part::Known(text) => Part::Known(Text::produced_by(change(text.expose()), text.span())),
        Part::Unknown | Part::Open(_) => Part::Unknown,
    };
    let one = |value: Value| match value {
        Value::Text(parts) => Value::Text(parts.into_iter().map(part).collect()),
        _ => Value::Unknown,
    };
    values.into_iter().map(one).collect()
}

/// What `values` give for a key; `None` when it is certain that they give none.
pub(super) fn as_key(values: &[Value]) -> Option<Vec<CodeValue>> {
    let key = |value: &Value| match value {
        Value::Text(parts) => Some(vec![CodeValue::Parts(parts.clone())]),
        Value::Nothing | Value::List(_) => None,
        _ => Some(unknown()),
    };
    let keys: Vec<_> = values.iter().filter_map(key).flatten().collect();
    (!keys.is_empty()).then_some(keys)
}

/// The only part, when it is known.
pub(super) fn known(parts: &[Part]) -> Option<&Text> {
    match parts {
        [Part::Known(text)] => Some(text),
        _ => None,
    }
}

/// The parts of a text between its holes, which `opens` may fill by their numbers.
pub(super) fn parts(text: &Text, opens: &[Open]) -> Vec<Part> {
    let mut parts = Vec::new();
    let mut from = 0;
    for (at, hole) in text.expose().char_indices().filter(|(_, c)| is_hole(*c)) {
        if from < at {
            parts.push(Part::Known(part(text, from, at)));
        }
        let open = number_of_hole(hole).and_then(|number| opens.get(number));
        parts.push(open.map_or(Part::Unknown, |it| Part::Open(Box::new(it.clone()))));
        from = at + hole.len_utf8();
    }
    if from < text.expose().len() || parts.is_empty() {
        parts.push(Part::Known(part(text, from, text.expose().len())));
    }
    parts
}

fn part(text: &Text, start: usize, end: usize) -> Text {
    let mut builder = TextBuilder::default();
    builder.copy(text, start..end);
    builder.finish(text.span_of(start..end))
}
