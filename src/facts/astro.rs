//! What the Astro platform and its CLI do.

use std::sync::LazyLock;

use serde::Deserialize;

use super::embedded;

#[derive(Deserialize)]
struct File {
    reserved: Reserved,
    local_services: LocalServices,
    preview: Preview,
    agent_chart: AgentChart,
    environment_words: Words,
    withdrawn_variables: Withdrawn,
}

#[derive(Deserialize)]
struct Withdrawn {
    prefixes: Vec<String>,
}

#[derive(Deserialize)]
struct Reserved {
    keys: Vec<String>,
}

#[derive(Deserialize)]
struct LocalServices {
    without_env_file: Vec<String>,
    airflow_2: Vec<String>,
    airflow_3: Vec<String>,
}

#[derive(Deserialize)]
struct Preview {
    action: String,
    input: String,
    value: String,
}

/// The values of the chart of remote execution agents.
#[derive(Deserialize)]
pub struct AgentChart {
    /// The key of the class of their backend.
    pub backend_class: String,
    /// The keys by which one knows such a file: what gives the agents their token.
    pub tokens: Vec<String>,
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

/// The services of `astro dev start` that are processes of Airflow, whatever its version.
pub fn local_airflow_services() -> impl Iterator<Item = &'static str> {
    let services = FILE.local_services.airflow_2.iter().chain(&FILE.local_services.airflow_3);
    let is_airflow = |it: &&String| !FILE.local_services.without_env_file.contains(it);
    services.filter(is_airflow).map(String::as_str)
}

/// Whether a step that uses `action` with the input `name` set to `value` makes a preview deployment.
#[must_use]
pub fn makes_preview(action: &str, name: &str, value: &str) -> bool {
    let preview = &FILE.preview;
    preview.action == action && preview.input == name && preview.value == value
}

/// What is known of the chart of remote execution agents.
#[must_use]
pub fn agent_chart() -> &'static AgentChart {
    &FILE.agent_chart
}

/// Whether `key` is a variable that only a recipe of old names, which the vendor withdrew.
#[must_use]
pub fn is_withdrawn(key: &str) -> bool {
    FILE.withdrawn_variables.prefixes.iter().any(|prefix| key.starts_with(prefix.as_str()))
}

/// Whether `word` is how people call an environment: `dev`, `prod`.
#[must_use]
pub fn is_environment_word(word: &str) -> bool {
    FILE.environment_words.words.iter().any(|known| known.eq_ignore_ascii_case(word))
}
