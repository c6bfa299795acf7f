//! `airflow.cfg` as settings.

use super::{FileId, Origin, Setting, Settings};
use crate::read::cfg;
use crate::text::Value;

/// An `airflow.cfg` of the project.
#[derive(Debug)]
pub struct AirflowCfg {
    /// The file.
    pub file: FileId,
    /// What it says.
    pub document: cfg::Document,
}

impl AirflowCfg {
    /// Its options, each under the name of the environment variable that would override it.
    ///
    /// Airflow (1.10.10 to 3.3.2) asks `configparser` for sections in small letters, and that
    /// distinguishes them: an option of `[Secrets]` is under a name that no variable has. Options of
    /// `[DEFAULT]` are in every section.
    #[must_use]
    pub fn settings(&self) -> Settings {
        let mut settings = Settings::default();
        let sections = &self.document.sections;
        let (defaults, own): (Vec<_>, Vec<_>) =
            sections.iter().partition(|section| section.name.node == cfg::DEFAULT_SECTION);
        for section in own {
            let name = &section.name.node;
            let is_read = *name == name.to_lowercase();
            let inherited =
                defaults.iter().filter(|_| is_read).flat_map(|section| &section.entries);
            for entry in inherited.chain(&section.entries) {
                let Ok(value) = &entry.value else { continue };
                let option = &entry.key.node;
                settings.overlay(Setting {
                    key: if is_read {
                        variable_name(name, option)
                    } else {
                        format!("[{name}] {option}")
                    },
                    value: Value::Known(value.clone()),
                    file: self.file,
                    key_span: entry.key.span,
                    value_span: value.span(),
                    origin: Origin::AirflowCfg,
                });
            }
        }
        settings
    }

    /// The exception that keeps Airflow from starting with `settings` in its environment: the file
    /// does not load, or an option that says which backend to use cannot be interpolated.
    #[must_use]
    pub fn fault(&self, settings: &Settings) -> Option<String> {
        if let Some(error) = self.document.load_error() {
            return Some(format!("airflow.cfg does not load: {error}"));
        }
        ["backend", "backend_kwargs"].iter().find_map(|option| {
            let overridden = settings.get(&variable_name("secrets", option)).is_some();
            let entry = self.document.get("secrets", option).filter(|_| !overridden)?;
            let error = entry.value.as_ref().err()?;
            Some(format!("`{option}` in airflow.cfg: {error}"))
        })
    }
}

/// `AIRFLOW__SECTION__OPTION`, the variable that overrides `[section] option`.
#[must_use]
pub fn variable_name(section: &str, option: &str) -> String {
    format!("AIRFLOW__{}__{}", section.replace('.', "_").to_uppercase(), option.to_uppercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> AirflowCfg {
        AirflowCfg { file: FileId(0), document: cfg::read(text) }
    }

    #[test]
    fn options_are_those_that_airflow_finds() {
        let cfg = read(
            "[DEFAULT]\nbackend = a\n[secrets]\nuse_cache = b\n[Workers]\nsecrets_backend = c\n",
        );
        let settings = cfg.settings();
        let keys: Vec<_> = settings.iter().map(|setting| setting.key.as_str()).collect();
        let expected = [
            "AIRFLOW__SECRETS__BACKEND",
            "AIRFLOW__SECRETS__USE_CACHE",
            "[Workers] secrets_backend",
        ];
        assert_eq!(keys, expected);
    }

    #[test]
    fn a_percent_sign_alone_is_fatal_unless_the_environment_overrides_it() {
        let cfg = read("[secrets]\nbackend_kwargs = {\"variables_prefix\": \"100%\"}\n");
        assert!(cfg.fault(&Settings::default()).is_some_and(|why| !why.contains("100")));
        assert!(read("[secrets]\nbackend = a%%b\n").fault(&Settings::default()).is_none());
    }
}
