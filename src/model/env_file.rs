//! One env file or template, as each of its readers understands it.

use super::{FileId, Origin, Setting, SettingValue};
use crate::read::dotenv::{Document, Entry, Pair, Reader, Readings};

/// An env file of the project.
#[derive(Debug)]
pub struct EnvFile {
    /// The file.
    pub file: FileId,
    /// Whether it is a template, where placeholders are expected.
    pub template: bool,
    /// Its lines, as a person sees them.
    pub entries: Vec<Entry>,
    /// What each reader makes of it.
    pub readings: Readings,
}

impl EnvFile {
    /// Reads `text`, the content of `file`.
    #[must_use]
    pub fn read(file: FileId, template: bool, text: &str) -> Self {
        let document = Document::new(text);
        Self {
            file,
            template,
            entries: document.entries().to_vec(),
            readings: Readings::of(&document),
        }
    }

    /// The settings that a local Airflow gets from it: `astro dev start` decides, or, where that
    /// aborts, the first reader that does not.
    #[must_use]
    pub fn settings(&self) -> Vec<Setting> {
        let reads = |reader: &Reader| self.readings.by(*reader).error.is_none();
        let reader = Reader::ALL.into_iter().find(reads).unwrap_or(Reader::Compose);
        self.readings.by(reader).pairs.iter().map(|pair| self.setting(pair)).collect()
    }

    /// `pair` as a setting.
    #[must_use]
    pub fn setting(&self, pair: &Pair) -> Setting {
        Setting {
            key: pair.key.node.clone(),
            value: SettingValue::Known(pair.value.clone()),
            file: self.file,
            key_span: pair.key.span,
            value_span: pair.value.span(),
            origin: if self.template { Origin::EnvTemplate } else { Origin::EnvFile },
        }
    }
}
