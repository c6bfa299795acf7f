//! Settings: the `KEY=value` pairs that reach Airflow's environment, with where they were written.

use std::collections::BTreeMap;

use super::credentials::shown_name;
use super::placeholder::{Placeholder, Prose, placeholders};
use super::show::directory;
use super::{FileId, Place};
use crate::facts::{credentials, is_harmless_value};
use crate::text::{Span, Text, Value};

/// Which of the places that Astro reads settings from it stands in.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Origin {
    /// `ENV` in the Dockerfile.
    Dockerfile,
    /// `.env`, or another env file given by `--env`.
    EnvFile,
    /// An env template.
    EnvTemplate,
    /// `airflow.cfg`; the key is the name of the environment variable that would override it.
    AirflowCfg,
    /// `[[environment]]` of astrolint's configuration.
    Declared,
    /// `docker-compose.override.yml`.
    ComposeOverride,
    /// A deployment file.
    DeploymentFile,
    /// A command of a script, a Makefile or a CI job.
    Command,
    /// Terraform.
    Terraform,
    /// CloudFormation.
    CloudFormation,
    /// The values of the remote agents' chart.
    AgentChart,
    /// `airflow_settings.yaml`.
    SettingsFile,
    /// `--setting` on the command line.
    CommandLine,
}

impl Origin {
    /// Whether a reader puts the values of variables into what is written there, before Airflow starts.
    #[must_use]
    pub const fn has_variables(self) -> bool {
        matches!(self, Self::Dockerfile | Self::EnvFile | Self::EnvTemplate)
    }

    /// How the place is called in a sentence.
    #[must_use]
    pub const fn describe(self) -> &'static str {
        match self {
            Self::Dockerfile => "Dockerfile `ENV`",
            Self::EnvFile => "env file",
            Self::EnvTemplate => "env template",
            Self::AirflowCfg => "airflow.cfg",
            Self::Declared => "astrolint's configuration",
            Self::ComposeOverride => "docker-compose.override.yml",
            Self::DeploymentFile => "deployment file",
            Self::Command => "command",
            Self::Terraform => "Terraform",
            Self::CloudFormation => "CloudFormation",
            Self::AgentChart => "values of the agent chart",
            Self::SettingsFile => "airflow_settings.yaml",
            Self::CommandLine => "`--setting`",
        }
    }
}

/// One `KEY=value`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Setting {
    /// The key.
    pub key: String,
    /// The value.
    pub value: Value,
    /// The file it stands in.
    pub file: FileId,
    /// Where the key stands.
    pub key_span: Span,
    /// Where the value stands, without quotes.
    pub value_span: Span,
    /// What kind of place that is.
    pub origin: Origin,
}

impl Setting {
    /// The place of the key.
    #[must_use]
    pub const fn key_place(&self) -> Place {
        Place::new(self.file, self.key_span)
    }

    /// The place of the value.
    #[must_use]
    pub const fn value_place(&self) -> Place {
        Place::new(self.file, self.value_span)
    }

    /// What it is called where it stands, as far as that can be shown: `[secrets] backend` in `airflow.cfg`,
    /// the key elsewhere.
    #[must_use]
    pub fn name(&self) -> String {
        let option = (self.origin == Origin::AirflowCfg)
            .then(|| self.key.strip_prefix("AIRFLOW__")?.split_once("__"))
            .flatten();
        match option {
            Some((section, option)) => {
                let (section, option) = (section.to_lowercase(), option.to_lowercase());
                format!("[{}] {}", shown_name(&section), shown_name(&option))
            }
            None => self.shown_key().to_owned(),
        }
    }

    /// The value as it may be shown: of a key that never holds a credential.
    #[must_use]
    pub fn shown(&self) -> Option<&str> {
        let text = self.text()?.expose();
        let may_be = is_harmless_value(&self.key, text) && !credentials().looks_private(text);
        may_be.then_some(text)
    }

    /// Whether it is set to nothing, which counts as not set for the options of the backend.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.text().is_some_and(|text| text.expose().is_empty())
    }

    /// Whether the value is empty only because a reader put nothing in the place of a variable that
    /// the shell may hold: `${REGION}`.
    #[must_use]
    pub fn may_be_substituted(&self) -> bool {
        self.is_empty() && self.value_span.start < self.value_span.end
    }

    /// Whether the first `length` bytes of the value are directories in front of the name of a
    /// secret, such as `airflow/config/`, which can be shown.
    #[must_use]
    pub fn begins_with_directories(&self, length: usize) -> bool {
        let raw = self.text().map_or("", Text::expose);
        directory(&self.key, raw).is_some_and(|shown| length <= shown.end)
    }

    /// The placeholders that the value still holds, each with its text where that can be shown.
    #[must_use]
    pub fn placeholders(&self) -> Vec<(Place, Option<&str>)> {
        let Some(text) = self.text() else { return Vec::new() };
        let names_a_value =
            self.key.starts_with("AIRFLOW_CONN_") || self.key.starts_with("AIRFLOW_VAR_");
        let prose = if names_a_value { Prose::Yes } else { Prose::No };
        let found = placeholders(text.expose(), prose).into_iter();
        found
            .map(|Placeholder { range, words }| {
                let place = Place::new(self.file, text.span_of(range.clone()));
                (place, text.expose().get(range).filter(|_| words))
            })
            .collect()
    }

    /// Whether it is set to the same text as `other`, which is known of both.
    #[must_use]
    pub fn has_value_of(&self, other: &Self) -> bool {
        let texts = self.text().zip(other.text());
        texts.is_some_and(|(one, other)| one.expose() == other.expose())
    }

    /// The value, when it is known.
    #[must_use]
    pub const fn text(&self) -> Option<&Text> {
        self.value.known()
    }
}

/// The settings of one environment: for each key the one that wins.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    winning: BTreeMap<String, Setting>,
    overridden: Vec<Setting>,
}

impl Settings {
    /// Puts `setting` above what is there.
    pub fn overlay(&mut self, setting: Setting) {
        if let Some(below) = self.winning.insert(setting.key.clone(), setting) {
            self.overridden.push(below);
        }
    }

    /// The setting in force for `key`.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Setting> {
        self.winning.get(key)
    }

    /// All settings in force, by key.
    pub fn iter(&self) -> impl Iterator<Item = &Setting> {
        self.winning.values()
    }

    /// The settings in force whose key begins with `prefix`, by key.
    pub fn starting_with<'a>(&'a self, prefix: &'a str) -> impl Iterator<Item = &'a Setting> {
        self.winning
            .range(prefix.to_owned()..)
            .map(|(_, setting)| setting)
            .take_while(move |s| s.key.starts_with(prefix))
    }

    /// The settings that another one of the same key stands above.
    #[must_use]
    pub fn overridden(&self) -> &[Setting] {
        &self.overridden
    }
}
