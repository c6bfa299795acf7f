//! Settings by their key.

use std::sync::LazyLock;

use serde::Deserialize;

use super::embedded;

#[derive(Deserialize)]
struct File {
    harmless: Vec<String>,
    lookups: Lookups,
    save_placeholders: Vec<String>,
    local_template: LocalTemplate,
    set_by_platform: SetByPlatform,
}

#[derive(Deserialize)]
struct SetByPlatform {
    names: Vec<String>,
    beginnings: Vec<String>,
}

/// The settings that decide what a lookup of a variable or connection finds.
#[derive(Debug, Deserialize)]
struct Lookups {
    prefixes: Vec<String>,
    names: Vec<String>,
}

/// The settings of the Astro CLI's own template for local containers, which win over env files.
#[derive(Debug, Deserialize)]
pub(super) struct LocalTemplate {
    any: Vec<String>,
    airflow_2: Vec<String>,
    airflow_3: Vec<String>,
}

static FILE: LazyLock<File> =
    LazyLock::new(|| embedded("settings.json", include_str!("../../rules/facts/settings.json")));

/// Whether the setting `key` never holds a credential.
#[must_use]
pub fn is_harmless_setting(key: &str) -> bool {
    FILE.harmless.iter().any(|harmless| harmless == key)
}

/// Whether `value` of the setting `key` holds no credential: the key never does, and the value is
/// nothing that belongs to another key, such as the kwargs in the place of the class.
#[must_use]
pub fn is_harmless_value(key: &str, value: &str) -> bool {
    is_harmless_setting(key) && !value.trim().contains(['{', '@', ' '])
}

/// Whether the setting `key` decides what a lookup finds: the backend's own settings, connections,
/// and what AWS clients are configured by.
#[must_use]
pub fn decides_lookups(key: &str) -> bool {
    let lookups = &FILE.lookups;
    lookups.prefixes.iter().any(|prefix| key.starts_with(prefix))
        || lookups.names.iter().any(|name| name == key)
}

/// Whether `value` is what the Astro CLI writes in the place of a secret when it saves variables.
#[must_use]
pub fn is_save_placeholder(value: &str) -> bool {
    FILE.save_placeholders.iter().any(|placeholder| placeholder == value)
}

/// Whether the Astro CLI sets `key` itself in local containers of Airflow `major` (2 or 3).
#[must_use]
pub fn local_template_sets(key: &str, major: u64) -> bool {
    let template = &FILE.local_template;
    let own = if major >= 3 { &template.airflow_3 } else { &template.airflow_2 };
    template.any.iter().chain(own).any(|set| set == key)
}

/// Whether the image, the shell or the platform may set the variable `name` without any file that
/// says so.
#[must_use]
pub fn is_set_by_platform(name: &str) -> bool {
    let platform = &FILE.set_by_platform;
    platform.names.iter().any(|known| known == name)
        || platform.beginnings.iter().any(|beginning| name.starts_with(beginning.as_str()))
}
