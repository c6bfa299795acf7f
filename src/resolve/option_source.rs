//! Options that are given as the name of a secret, or as a command: `_SECRET` and `_CMD`.

use pep440_rs::Version;

use super::environment::Environment;
use crate::facts::{SensitiveOption, airflow};
use crate::model::Setting;

/// Where Airflow is told to take an option's value from.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Source {
    /// `_SECRET`: the secrets backend.
    Secret,
    /// `_CMD`: the output of a command.
    Command,
}

/// A setting that names the source of an option.
#[derive(Clone, Debug)]
pub struct SourcedOption<'a> {
    /// The setting.
    pub setting: &'a Setting,
    /// The section, in lower case.
    pub section: String,
    /// The option, in lower case and without the ending.
    pub option: String,
    /// What the ending asks for.
    pub source: Source,
    /// The setting that gives the option a plain value, which wins.
    pub plain: Option<&'a Setting>,
}

impl Source {
    /// The ending of the setting's key.
    #[must_use]
    pub const fn ending(self) -> &'static str {
        match self {
            Self::Secret => "_SECRET",
            Self::Command => "_CMD",
        }
    }
}

impl Environment {
    /// The settings that give a known option of Airflow by `_SECRET` or `_CMD`. An option that
    /// itself ends so, such as `jwt_secret`, is none of them.
    #[must_use]
    pub fn sourced_options(&self) -> Vec<SourcedOption<'_>> {
        let in_cfg = self.cfg.iter().filter(|setting| self.settings.get(&setting.key).is_none());
        self.settings.iter().chain(in_cfg).filter_map(|setting| self.sourced(setting)).collect()
    }

    fn sourced<'a>(&'a self, setting: &'a Setting) -> Option<SourcedOption<'a>> {
        let (section, option) = setting.key.strip_prefix("AIRFLOW__")?.split_once("__")?;
        let (section, whole) = (section.to_lowercase(), option.to_lowercase());
        if airflow().is_option(&section, &whole) {
            return None;
        }
        let source = [Source::Secret, Source::Command]
            .into_iter()
            .find(|source| option.ends_with(source.ending()))?;
        let stem = setting.key.strip_suffix(source.ending())?;
        let option = whole.get(..whole.len() - source.ending().len())?.to_owned();
        airflow().is_option(&section, &option).then(|| SourcedOption {
            setting,
            section,
            option,
            source,
            plain: self.settings.get(stem),
        })
    }
}

impl<'a> SourcedOption<'a> {
    /// Whether `version` of Airflow looks at it; `None` when that depends on a provider.
    #[must_use]
    pub fn counts_at(&self, version: &Version) -> Option<bool> {
        match airflow().sensitive(&self.section, &self.option, version) {
            SensitiveOption::Yes => Some(true),
            SensitiveOption::No => Some(false),
            SensitiveOption::WithProvider => None,
        }
    }

    /// The name below the prefix that `_SECRET` asks for, when it is known and is no URI, which may
    /// hold a password.
    #[must_use]
    pub fn secret_name(&self) -> Option<&'a str> {
        let text = self.setting.text()?.expose();
        (self.source == Source::Secret && !text.contains("://")).then_some(text)
    }
}

#[cfg(test)]
mod tests {
    use crate::resolve::{WhatIf, what_if};

    #[test]
    fn only_known_options_are_given_by_source() {
        let keys = [
            ("AIRFLOW__CORE__FERNET_KEY_SECRET", Some("core.fernet_key")),
            ("AIRFLOW__API_AUTH__JWT_SECRET_SECRET", Some("api_auth.jwt_secret")),
            ("AIRFLOW__API_AUTH__JWT_SECRET", None),
            ("AIRFLOW__SMTP__SMTP_USER_CMD", Some("smtp.smtp_user")),
            ("AIRFLOW__LOGGING__MIN_LENGTH_MASKED_SECRET", None),
            ("AIRFLOW__MY_PLUGIN__CLIENT_SECRET", None),
            ("AIRFLOW__KEYCLOAK_AUTH_MANAGER__CLIENT_SECRET", None),
            ("MY_SECRET", None),
        ];
        for (key, expected) in keys {
            let question =
                WhatIf { settings: vec![(key.to_owned(), "x".to_owned())], ..WhatIf::default() };
            let (_, environment) = what_if(&question).unwrap();
            let found = environment.sourced_options();
            let found =
                found.first().map(|sourced| format!("{}.{}", sourced.section, sourced.option));
            assert_eq!(found.as_deref(), expected, "{key}");
        }
    }
}
