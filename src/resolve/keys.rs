//! The keys of references that read them from the environment: `os.getenv("WAREHOUSE_CONN_ID")`.

use std::collections::HashMap;

use crate::facts::credentials;
use crate::model::{FileId, Key, KeyPart, Reference, Setting, SettingRead, Settings};
use crate::text::{Span, Text};

/// More alternatives than this make a key dynamic.
const MAX_ALTERNATIVES: usize = 64;

/// What each reference that reads settings asks for in one environment.
#[derive(Debug, Default)]
pub(super) struct EnvironmentKeys(HashMap<(FileId, Span, Span), Key>);

impl EnvironmentKeys {
    /// The keys of those of `references` that read settings, where these are `settings`.
    pub(super) fn new(references: &[Reference], settings: &Settings) -> Self {
        let reading =
            references.iter().filter(|reference| reference.key.settings().next().is_some());
        let key = |it: &Reference| (place(it), settled(&it.key, settings, it.key_span));
        Self(reading.map(key).collect())
    }

    pub(super) fn of<'a>(&'a self, reference: &'a Reference) -> &'a Key {
        self.0.get(&place(reference)).unwrap_or(&reference.key)
    }
}

fn place(reference: &Reference) -> (FileId, Span, Span) {
    (reference.file, reference.span, reference.key_span)
}

fn settled(key: &Key, settings: &Settings, span: Span) -> Key {
    let mut keys: Vec<Key> = Vec::new();
    for key in key.alternatives() {
        let Key::Pattern(parts) = key else {
            keys.push(key.clone());
            continue;
        };
        let mut all: Vec<Vec<KeyPart>> = vec![Vec::new()];
        for part in parts {
            let choices = match part {
                KeyPart::Setting(read) => choices(read, settings),
                other => vec![vec![other.clone()]],
            };
            let with = |before: &Vec<KeyPart>| {
                choices
                    .iter()
                    .map(|choice| [before.as_slice(), choice].concat())
                    .collect::<Vec<_>>()
            };
            all = all.iter().flat_map(with).take(MAX_ALTERNATIVES + 1).collect();
        }
        keys.extend(all.into_iter().map(|parts| Key::of_parts(parts, span)));
    }
    match keys.len() {
        1 => keys.remove(0),
        2..=MAX_ALTERNATIVES if !keys.iter().all(|key| matches!(key, Key::Dynamic)) => {
            Key::OneOf(keys)
        }
        _ => Key::Dynamic,
    }
}

/// Whether `value`, which the environment variable `name` holds, may be shown as part of a key. That code
/// makes a key of it says that it is a name; but a name that is not clearly that of an id or a place, and
/// that a credential could have, or a value that looks like one, say otherwise.
fn may_be_told(name: &str, value: &str) -> bool {
    const ENDS: [&str; 10] = [
        "CONN_ID",
        "CONNECTION_ID",
        "CONN",
        "CONNECTION",
        "VAR_NAME",
        "_ENV",
        "ENVIRONMENT",
        "REGION",
        "STAGE",
        "SCHEMA",
    ];
    let upper = name.to_ascii_uppercase();
    let is_of_id = upper == "ENV" || ENDS.iter().any(|end| upper.ends_with(end));
    let holds_connection = upper.contains("AIRFLOW_CONN_");
    let is_name = || !credentials().hints_at_one(name) && credentials().looks_like_name(value);
    !holds_connection && (is_of_id || is_name())
}

/// What a setting may stand for, in parts.
fn choices(read: &SettingRead, settings: &Settings) -> Vec<Vec<KeyPart>> {
    let Some(table) = &read.table else { return held(read, settings) };
    let text = match (settings.get(&read.name), &read.default) {
        (Some(setting), _) => Setting::text(setting).map(Text::expose),
        (None, Some(default)) => default.known().map(Text::expose),
        (None, None) => None,
    };
    let all = || table.items.iter().map(|(_, key)| key).chain(table.other.as_deref());
    let Some(text) = text else { return all().flat_map(parts_of).collect() };
    let text = match settings.get(&read.name) {
        Some(_) => read.made_of(text),
        None => text.to_owned(),
    };
    let found = table.items.iter().rfind(|(name, _)| *name == text).map(|(_, key)| key);
    match found.or(table.other.as_deref()) {
        Some(key) => parts_of(key),
        None => vec![vec![KeyPart::Unknown]],
    }
}

/// The alternatives of a key, in parts. A setting in place of another one is not followed further.
fn parts_of(key: &Key) -> Vec<Vec<KeyPart>> {
    let parts = |key: &Key| match key {
        Key::Known(text) => vec![KeyPart::Known(text.clone())],
        Key::Pattern(parts) => {
            let is_setting = |part: &KeyPart| matches!(part, KeyPart::Setting(_));
            if parts.iter().any(is_setting) { vec![KeyPart::Unknown] } else { parts.clone() }
        }
        Key::OneOf(_) | Key::Dynamic => vec![KeyPart::Unknown],
    };
    key.alternatives().iter().map(parts).collect()
}

/// What a setting may hold, in parts: its value, or else what the code puts in its place.
fn held(read: &SettingRead, settings: &Settings) -> Vec<Vec<KeyPart>> {
    let unknown = || vec![KeyPart::Unknown];
    match (settings.get(&read.name), &read.default) {
        (Some(setting), _) => match Setting::text(setting).map(Text::expose) {
            // What stands in the settings stands in another file: the code shows where it is read.
            Some(text) if may_be_told(&read.name, text) => {
                vec![vec![KeyPart::Known(Text::produced_by(read.made_of(text), read.span))]]
            }
            _ => vec![unknown()],
        },
        (None, Some(default)) => parts_of(default),
        (None, None) => vec![unknown()],
    }
}
