//! `airflow.cfg` as settings.

use super::{FileId, Origin, Setting, SettingValue, Settings};
use crate::read::cfg;

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
    /// distinguishes them: an option of `[Secrets]` is under a name that no variable has.
    #[must_use]
    pub fn settings(&self) -> Settings {
        let mut settings = Settings::default();
        for section in &self.document.sections {
            for entry in &section.entries {
                let Ok(value) = &entry.value else { continue };
                let (section, option) = (&section.name.node, &entry.key.node);
                let is_read = *section == section.to_lowercase();
                settings.overlay(Setting {
                    key: if is_read {
                        variable_name(section, option)
                    } else {
                        format!("[{section}] {option}")
                    },
                    value: SettingValue::Known(value.clone()),
                    file: self.file,
                    key_span: entry.key.span,
                    value_span: value.span(),
                    origin: Origin::AirflowCfg,
                });
            }
        }
        settings
    }
}

/// `AIRFLOW__SECTION__OPTION`, the variable that overrides `[section] option`.
#[must_use]
pub fn variable_name(section: &str, option: &str) -> String {
    format!("AIRFLOW__{}__{}", section.replace('.', "_").to_uppercase(), option.to_uppercase())
}
