//! The keys of references that read them from the environment: `os.getenv("WAREHOUSE_CONN_ID")`.

use std::collections::HashMap;

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

/// What a setting may hold, in parts: its value, or else what the code puts in its place.
fn choices(read: &SettingRead, settings: &Settings) -> Vec<Vec<KeyPart>> {
    let unknown = || vec![KeyPart::Unknown];
    match (settings.get(&read.name), &read.default) {
        (Some(setting), _) => match Setting::text(setting) {
            // What stands in the settings stands in another file: the code shows where it is read.
            Some(text) => {
                vec![vec![KeyPart::Known(Text::produced_by(text.expose(), read.span))]]
            }
            None => vec![unknown()],
        },
        (None, Some(default)) => default
            .alternatives()
            .iter()
            .map(|key| match key {
                Key::Known(text) => vec![KeyPart::Known(text.clone())],
                Key::Pattern(parts) => {
                    let is_setting = |part: &KeyPart| matches!(part, KeyPart::Setting(_));
                    // A setting in place of another one is not followed further.
                    if parts.iter().any(is_setting) { unknown() } else { parts.clone() }
                }
                Key::OneOf(_) | Key::Dynamic => unknown(),
            })
            .collect(),
        (None, None) => vec![unknown()],
    }
}
