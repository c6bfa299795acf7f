//! The keys of references that read them from the environment: `os.getenv("WAREHOUSE_CONN_ID")`.

use crate::facts::credentials;
use crate::hash::HashMap;
use crate::model::{
    FileId, Form, Key, KeyPart, MAX_KEYS, Prose, Reference, Setting, SettingRead, Settings, Timing,
    placeholders,
};
use crate::text::{Span, Text};

/// What each reference that reads settings asks for in one environment.
#[derive(Debug, Default)]
pub(super) struct EnvironmentKeys(HashMap<(FileId, Span, Span, Timing), Key>);

impl EnvironmentKeys {
    /// The keys of those of `references` that read settings, where these are `settings`, and of those that
    /// stand in a sample, where somebody is to fill in another one.
    pub(super) fn new(
        references: &[Reference],
        settings: &Settings,
        is_sample: &dyn Fn(FileId) -> bool,
    ) -> Self {
        let settings = Held { settings, is_sample };
        let key = |it: &Reference| {
            let reads = it.key.settings().next().is_some();
            let is_to_fill_in = || it.key.known().is_some_and(|key| is_to_fill_in(key.expose()));
            match (reads, matches!(it.form, Form::Setting(_)) && is_sample(it.file)) {
                (true, _) => Some((place(it), settled(&it.key, &settings, it.key_span))),
                (_, true) if is_to_fill_in() => Some((place(it), Key::Dynamic)),
                _ => None,
            }
        };
        Self(references.iter().filter_map(key).collect())
    }

    pub(super) fn of<'a>(&'a self, reference: &'a Reference) -> &'a Key {
        self.0.get(&place(reference)).unwrap_or(&reference.key)
    }
}

/// Of one place, callers may ask at different times, each for keys of their own.
fn place(reference: &Reference) -> (FileId, Span, Span, Timing) {
    (reference.file, reference.span, reference.key_span, reference.timing)
}

/// The settings of an environment.
struct Held<'a> {
    settings: &'a Settings,
    is_sample: &'a dyn Fn(FileId) -> bool,
}

impl Held<'_> {
    /// Whether the variable that is read is set.
    fn sets(&self, read: &SettingRead) -> bool {
        self.settings.get(&read.name).is_some()
    }

    /// What it holds, where that can be told.
    fn text(&self, read: &SettingRead) -> Option<&str> {
        let setting = self.settings.get(&read.name)?;
        let text = Setting::text(setting).map(Text::expose);
        text.filter(|it| !((self.is_sample)(setting.file) && is_to_fill_in(it)))
    }
}

/// Whether it stands for a name that somebody is to fill in: `<conn-id>`, or nothing yet.
fn is_to_fill_in(text: &str) -> bool {
    text.trim().is_empty() || !placeholders(text, Prose::No).is_empty()
}

fn settled(key: &Key, settings: &Held<'_>, span: Span) -> Key {
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
            all = all.iter().flat_map(with).take(MAX_KEYS + 1).collect();
        }
        keys.extend(all.into_iter().map(|parts| match Key::of_parts(parts, span) {
            // Nothing is asked for under an empty key, but perhaps under a default one.
            Key::Known(text) if text.expose().is_empty() => Key::Dynamic,
            key => key,
        }));
    }
    match keys.len() {
        1 => keys.remove(0),
        2..=MAX_KEYS if !keys.iter().all(|key| matches!(key, Key::Dynamic)) => Key::OneOf(keys),
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
fn choices(read: &SettingRead, settings: &Held<'_>) -> Vec<Vec<KeyPart>> {
    let Some(table) = &read.table else { return held(read, settings) };
    let text = if settings.sets(read) {
        settings.text(read).map(|text| read.made_of(text))
    } else {
        read.default.as_ref().and_then(|it| it.known()).map(|text| text.expose().to_owned())
    };
    let all = || table.items.iter().map(|(_, key)| key).chain(table.other.as_deref());
    let Some(text) = text else { return all().flat_map(parts_of).collect() };
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
fn held(read: &SettingRead, settings: &Held<'_>) -> Vec<Vec<KeyPart>> {
    let unknown = || vec![vec![KeyPart::Unknown]];
    match (settings.text(read), &read.default) {
        // What stands in the settings stands in another file: the code shows where it is read.
        (Some(text), _) if may_be_told(&read.name, text) => {
            vec![vec![KeyPart::Known(Text::produced_by(read.made_of(text), read.span))]]
        }
        (None, Some(default)) if !settings.sets(read) => parts_of(default),
        _ => unknown(),
    }
}
