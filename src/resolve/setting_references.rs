//! What Airflow asks for because a setting names it, in each environment.

use super::environment::Environment;
use super::options::OptionValue;
use crate::facts::names_connections;
use crate::hash::HashSet;
use crate::model::{Form, Reference, of_setting};

/// The references in the settings of `environments`, each place once.
pub(super) fn references(environments: &[Environment]) -> Vec<Reference> {
    let mut seen = HashSet::default();
    let all = environments.iter().flat_map(Environment::setting_references);
    all.filter(|it| seen.insert((it.place(), it.key_span))).collect()
}

impl Environment {
    /// What the settings in force here name.
    fn setting_references(&self) -> Vec<Reference> {
        let in_cfg = self.cfg.iter().filter(|setting| self.settings.get(&setting.key).is_none());
        let configuration = self.configuration();
        self.settings
            .iter()
            .chain(in_cfg)
            .filter_map(|setting| {
                let (how, since) = names_connections(&setting.key)?;
                let is_read = |since| self.versions.airflow().any(|version| version >= since);
                since.is_none_or(is_read).then_some((setting, how))
            })
            .flat_map(|(setting, how)| match configuration.expanded(setting) {
                OptionValue::Set(_, text) => of_setting(setting, &text, how),
                _ => Vec::new(),
            })
            .collect()
    }

    /// Whether something here asks for `reference`: anything but a setting of another environment.
    #[must_use]
    pub fn holds(&self, reference: &Reference) -> bool {
        let Form::Setting(key) = &reference.form else { return true };
        let setting = self.settings.get(key).or_else(|| self.cfg.get(key));
        setting.is_some_and(|setting| {
            setting.file == reference.file && setting.value_span.contains(reference.key_span)
        })
    }
}
