//! Turns values into keys.

use super::members::asked_for;
use super::value::{Open, Part, Source, Step, Value, joined, stepped, unknown};
use super::{Key, KeyPart, SettingRead, Table};
use crate::text::{Span, Text};

/// The key that `values` make; `None` when they are certain to be no text and that is `optional`.
pub(super) fn key_of(values: Vec<Value>, span: Span, optional: bool) -> Option<Key> {
    let mut keys: Vec<Key> = Vec::new();
    for value in asked_for(values).into_iter().flat_map(told) {
        let Value::Parts(parts) = value else { continue };
        let parts = parts.into_iter().map(|part| match part {
            Part::Known(text) => KeyPart::Known(text),
            Part::Unknown => KeyPart::Unknown,
            Part::Open(open) => setting(&open).map_or(KeyPart::Unknown, KeyPart::Setting),
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
fn setting(open: &Open) -> Option<SettingRead> {
    let Source::Environment(name, default) = &open.source else { return None };
    let method = |step: &Step| match step {
        Step::Text(method) => Some(method.clone()),
        _ => None,
    };
    let methods: Vec<_> = open.steps.iter().map_while(method).collect();
    let table = match open.steps.get(methods.len()..).unwrap_or_default() {
        [] => None,
        [Step::In(collections, other)] => Some(table(collections, other.as_deref(), open.span)?),
        _ => return None,
    };
    let has_default = !default.iter().all(|it| matches!(it, Value::Nothing));
    let raises = match (default.is_empty(), has_default) {
        (true, _) => Some("KeyError"),
        (_, false) if !methods.is_empty() => Some("AttributeError"),
        _ => None,
    };
    let made = open.steps.iter().take(methods.len());
    let made = made.fold(default.clone(), |values, step| stepped(&values, step));
    let default = has_default.then(|| key_of(made, open.span, true)).flatten();
    let (name, default) = (name.clone(), default.map(Box::new));
    Some(SettingRead { name, default, raises, methods, table, span: open.span })
}

/// The dictionary that a setting chooses from; `None` where not all of it is known.
fn table(collections: &[Value], other: Option<&[Value]>, span: Span) -> Option<Table> {
    let [Value::Dict(items)] = collections else { return None };
    let item = |(name, values): &(Option<Text>, Vec<Value>)| {
        let name = name.as_ref()?.expose().to_owned();
        Some((name, key_of(values.clone(), span, true)?))
    };
    let items = items.iter().map(item).collect::<Option<Vec<_>>>()?;
    let other = other.and_then(|it| key_of(it.to_vec(), span, true)).map(Box::new);
    Some(Table { items, other })
}

/// What `value` may be, where it is chosen from collections by something that no environment tells:
/// any of their elements.
fn told(value: Value) -> Vec<Value> {
    let is_any = |part: &Part| match part {
        Part::Open(open) => {
            let is_chosen = matches!(open.steps.first(), Some(Step::In(..)));
            is_chosen && setting(open).is_none()
        }
        Part::Known(_) | Part::Unknown => false,
    };
    let Value::Parts(parts) = value else { return vec![value] };
    if !parts.iter().any(is_any) {
        return vec![Value::Parts(parts)];
    }
    let any = |open: &Open| {
        let mut steps = open.steps.iter();
        let nobody_knows = unknown();
        let Some(first) = steps.next() else { return unknown() };
        steps.fold(stepped(&nobody_knows, first), |values, step| stepped(&values, step))
    };
    let pieces = parts.into_iter().map(|part| match part {
        Part::Open(open) if setting(&open).is_none() => {
            any(&open).into_iter().flat_map(told).collect()
        }
        other => vec![Value::Parts(vec![other])],
    });
    joined(pieces)
}
