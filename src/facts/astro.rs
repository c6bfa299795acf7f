//! What the Astro platform and its CLI do.

use std::sync::LazyLock;

use serde::Deserialize;

use super::embedded;

#[derive(Deserialize)]
struct File {
    reserved: Reserved,
    local_services: LocalServices,
    environment_words: Words,
}

#[derive(Deserialize)]
struct Reserved {
    keys: Vec<String>,
}

#[derive(Deserialize)]
struct LocalServices {
    airflow_2: Vec<String>,
    airflow_3: Vec<String>,
}

#[derive(Deserialize)]
struct Words {
    words: Vec<String>,
}

static FILE: LazyLock<File> =
    LazyLock::new(|| embedded("astro.json", include_str!("../../rules/facts/astro.json")));

/// Whether Astro sets the environment variable `key` itself, so that a Deployment breaks by it.
#[must_use]
pub fn is_reserved(key: &str) -> bool {
    FILE.reserved.keys.iter().any(|reserved| reserved == key)
}

/// The services of `astro dev start` with Airflow `major` (2 or 3).
#[must_use]
pub fn local_services(major: u64) -> &'static [String] {
    if major >= 3 { &FILE.local_services.airflow_3 } else { &FILE.local_services.airflow_2 }
}

/// Whether `word` is how people call an environment: `dev`, `prod`.
#[must_use]
pub fn is_environment_word(word: &str) -> bool {
    FILE.environment_words.words.iter().any(|known| known.eq_ignore_ascii_case(word))
}
