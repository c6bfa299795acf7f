//! Turns values into keys.

use super::members::asked_for;
use super::value::{Open, Part, Source, Value};
use super::{Key, KeyPart, SettingRead};
use crate::text::Span;

/// The key that `values` make; `None` when they are certain to be no text and that is `optional`.
pub(super) fn key_of(values: Vec<Value>, span: Span, optional: bool) -> Option<Key> {
    let mut keys: Vec<Key> = Vec::new();
    for value in asked_for(values) {
        let Value::Parts(parts) = value else { continue };
        let parts = parts.into_iter().map(|part| match part {
            Part::Known(text) => KeyPart::Known(text),
            Part::Unknown => KeyPart::Unknown,
            Part::Open(open) => setting(*open).map_or(KeyPart::Unknown, KeyPart::Setting),
        });
        let key = Key::of_parts(parts.collect(), span);
        if !keys.iter().any(|it| it.is_same(&key)) {
            keys.push(key);
        }
    }
    match keys.len() {
        0 if optional => None,
        0 => Some(Key::Dynamic),
        1 => keys.pop(),
        _ if keys.iter().all(|key| matches!(key, Key::Dynamic)) => Some(Key::Dynamic),
        _ => {
            // `os.getenv("X", "")`: nothing is asked for under an empty key.
            keys.retain(|key| key.known().is_none_or(|key| !key.expose().is_empty()));
            if keys.len() == 1 { keys.pop() } else { Some(Key::OneOf(keys)) }
        }
    }
}

/// A variable of the environment; `None` for anything else that stayed open.
fn setting(open: Open) -> Option<SettingRead> {
    let Source::Environment(name, default) = open.source else { return None };
    if !open.steps.is_empty() {
        return None;
    }
    let raises = default.is_empty();
    let has_default = !default.iter().all(|it| matches!(it, Value::Nothing));
    let default = if has_default { key_of(default, open.span, true) } else { None };
    Some(SettingRead { name, default: default.map(Box::new), raises, span: open.span })
}
