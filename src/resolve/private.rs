//! The credentials of an environment, so that nothing that is made of settings repeats one.
//!
//! A value that is harmless where it stands may hold a credential all the same, because Airflow,
//! Docker or a reader of env files put it there: `{"variables_prefix": "$DB_PASSWORD"}`.

use std::collections::BTreeSet;

use super::environment::Environment;
use super::project::Project;
use crate::model::{Dockerfile, Setting};
use crate::read::dockerfile::{Details, Value};
use crate::text::MASK;

/// Shorter values stand in too many texts to be told apart from them.
const SHORTEST: usize = 4;

/// Values that must not be shown, the longest first. They have no `Debug`.
pub struct PrivateValues(Vec<String>);

impl Environment {
    /// What of its settings is a credential by key or shape.
    #[must_use]
    pub fn private_values(&self) -> PrivateValues {
        PrivateValues::of(self.credentials())
    }

    fn credentials(&self) -> impl Iterator<Item = String> {
        let settings =
            self.settings.iter().chain(self.settings.overridden()).chain(self.cfg.iter());
        // `AIRFLOW__SECTION__OPTION_SECRET` holds the name of a secret, not the secret.
        let names = |setting: &&Setting| {
            setting.key.starts_with("AIRFLOW__") && setting.key.ends_with("_SECRET")
        };
        settings
            .filter(move |setting| !names(setting) && setting.credential().is_some())
            .filter_map(value)
    }
}

fn value(setting: &Setting) -> Option<String> {
    setting.text().map(|text| text.expose().to_owned())
}

impl Project {
    /// The credentials of all its environments, and those that the Dockerfile is built with.
    #[must_use]
    pub fn private_values(&self) -> PrivateValues {
        let settings = self.environments.iter().flat_map(Environment::credentials);
        PrivateValues::of(settings.chain(self.model.dockerfiles.iter().flat_map(build_arguments)))
    }
}

/// The defaults of build arguments that are named like a credential.
fn build_arguments(dockerfile: &Dockerfile) -> Vec<String> {
    let instructions = dockerfile.document.instructions.iter();
    let arguments = instructions.filter_map(|instruction| match &instruction.details {
        Details::Arg(arguments) => Some(arguments),
        _ => None,
    });
    arguments
        .flatten()
        .filter(|argument| crate::facts::credentials().by_name(&argument.name.node).is_some())
        .filter_map(|argument| argument.default.as_ref().and_then(Value::known))
        .map(|text| text.expose().to_owned())
        .collect()
}

impl PrivateValues {
    fn of(values: impl Iterator<Item = String>) -> Self {
        let distinct: BTreeSet<String> = values.filter(|value| value.len() >= SHORTEST).collect();
        let mut values: Vec<String> = distinct.into_iter().collect();
        values.sort_by_key(|value| std::cmp::Reverse(value.len()));
        Self(values)
    }

    /// `text` with a mask for each of the values.
    #[must_use]
    pub fn mask(&self, text: &str) -> String {
        self.0.iter().fold(text.to_owned(), |text, value| {
            if text.contains(value.as_str()) { text.replace(value.as_str(), MASK) } else { text }
        })
    }
}
