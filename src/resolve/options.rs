//! How Airflow finds the value of a configuration option.

use pep440_rs::Version;

use crate::facts::{SensitiveOption, airflow};
use crate::model::{Setting, Settings, variable_name};
use crate::resolve::expand::{Expanded, expand};
use crate::text::{Text, UNKNOWN, Value};

/// Where the value of an option comes from, in an environment.
///
/// Airflow 1.10.10 to 3.3.2: the variable, its `_CMD`, its `_SECRET`, then the same three in
/// `airflow.cfg`, then the default. `_CMD` and `_SECRET` count only for sensitive options.
#[derive(Clone, Copy, Debug)]
pub struct Configuration<'a> {
    /// The environment's settings.
    pub settings: &'a Settings,
    /// The options of `airflow.cfg`, under the names of the variables that would override them.
    pub cfg: &'a Settings,
}

/// The value of an option.
#[derive(Clone, Debug)]
pub enum OptionValue<'a> {
    /// Nothing sets it.
    Unset,
    /// A text, after expansion.
    Set(&'a Setting, Text),
    /// A value that only running things can tell.
    Dynamic(&'a Setting),
    /// The output of a command, which is never run here.
    Command(&'a Setting),
    /// The value of a secret.
    Secret(&'a Setting),
}

impl<'a> Configuration<'a> {
    /// The setting that gives `[section] option` its plain value, if one does.
    #[must_use]
    pub fn plain(&self, section: &str, option: &str) -> Option<&'a Setting> {
        let name = variable_name(section, option);
        self.settings.get(&name).or_else(|| self.cfg.get(&name))
    }

    /// The value of `[section] option` at `version` of Airflow.
    #[must_use]
    pub fn option(&self, section: &str, option: &str, version: &Version) -> OptionValue<'a> {
        let name = variable_name(section, option);
        let sensitive = airflow().sensitive(section, option, version) == SensitiveOption::Yes;
        for settings in [self.settings, self.cfg] {
            if let Some(setting) = settings.get(&name) {
                return self.expanded(setting);
            }
            if sensitive {
                if let Some(command) = settings.get(&format!("{name}_CMD")) {
                    return OptionValue::Command(command);
                }
                if let Some(secret) = settings.get(&format!("{name}_SECRET")) {
                    return OptionValue::Secret(secret);
                }
            }
        }
        OptionValue::Unset
    }

    /// Whether `[section] option` is switched on, as `conf.getboolean` reads it.
    #[must_use]
    pub fn is_on(&self, section: &str, option: &str) -> bool {
        let text = self.plain(section, option).and_then(Setting::text);
        text.is_some_and(|text| {
            matches!(text.expose().trim().to_lowercase().as_str(), "t" | "true" | "1")
        })
    }

    /// The value of `setting` after expansion.
    #[must_use]
    pub fn expanded(&self, setting: &'a Setting) -> OptionValue<'a> {
        let Value::Known(text) = &setting.value else {
            return OptionValue::Dynamic(setting);
        };
        match expand(text, self.settings) {
            Expanded::Text(text) if !text.expose().contains(UNKNOWN) => {
                OptionValue::Set(setting, text)
            }
            Expanded::Text(_) | Expanded::Endless => OptionValue::Dynamic(setting),
        }
    }
}
