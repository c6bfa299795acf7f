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
    #[must_use]
    pub fn settings(&self) -> Settings {
        let mut settings = Settings::default();
        for section in &self.document.sections {
            for entry in &section.entries {
                let Ok(value) = &entry.value else { continue };
                settings.overlay(Setting {
                    key: variable_name(&section.name.node, &entry.key.node),
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
