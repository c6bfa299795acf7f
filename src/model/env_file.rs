//! One env file or template, as each of its readers understands it.

use std::path::Path;

use super::setup::deployed::{Deployed, Load};
use super::{FileId, Model, Origin, Setting};
use crate::facts;
use crate::read::dotenv::{Comparison, Document, Entry, Pair, Reader, Readings};
use crate::text::{Text, Value};

/// How far it is known that Astro's commands read an env file.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Standing {
    /// `.env`, or a file beside it that `--env` may name.
    Read,
    /// A template, which becomes `.env` when it is copied and filled in.
    Template,
    /// A file elsewhere that sets something of Airflow's.
    Elsewhere,
}

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
    /// Where they disagree, line by line.
    pub comparison: Comparison,
}

impl EnvFile {
    /// Reads `text`, the content of `file`.
    #[must_use]
    pub fn read(file: FileId, template: bool, text: &str) -> Self {
        let document = Document::new(text);
        let readings = Readings::of(&document);
        let comparison = Comparison::of(&document, &readings);
        Self { file, template, entries: document.entries().to_vec(), readings, comparison }
    }

    /// The settings that a local Airflow gets from it: `astro dev start` decides, or, where that
    /// aborts, the first reader that does not.
    #[must_use]
    pub fn settings(&self) -> Vec<Setting> {
        let reads = |reader: &Reader| self.readings.by(*reader).error.is_none();
        let reader = Reader::ALL.into_iter().find(reads).unwrap_or(Reader::Compose);
        self.readings.by(reader).pairs.iter().map(|pair| self.setting(pair)).collect()
    }

    /// The settings that a command gives a deployment that has it read by `reader`.
    #[must_use]
    pub fn loaded_settings(&self, reader: Reader) -> Vec<Setting> {
        let pairs = &self.readings.by(reader).pairs;
        pairs.iter().map(|pair| self.setting(pair)).collect()
    }

    /// `pair` as a setting.
    #[must_use]
    pub fn setting(&self, pair: &Pair) -> Setting {
        Setting {
            key: pair.key.node.clone(),
            value: Value::Known(pair.value.clone()),
            file: self.file,
            key_span: pair.key.span,
            value_span: pair.value.span(),
            origin: if self.template { Origin::EnvTemplate } else { Origin::EnvFile },
        }
    }

    /// The values that the Astro CLI wrote in the place of secrets (`list --save`, `env … export`),
    /// as `--load` would push them.
    pub fn save_placeholders(&self) -> impl Iterator<Item = &Pair> {
        let pairs = self.readings.by(Reader::VariableLoad).pairs.iter();
        pairs.filter(|pair| facts::is_save_placeholder(pair.value.expose()))
    }

    /// Whether it sets something of Airflow's.
    fn is_for_airflow(&self) -> bool {
        // This reader never aborts.
        let pairs = &self.readings.by(Reader::Standalone).pairs;
        pairs.iter().any(|pair| {
            ["AIRFLOW__", "AIRFLOW_CONN_", "AIRFLOW_VAR_"]
                .iter()
                .any(|prefix| pair.key.node.starts_with(prefix))
        })
    }
}

impl Model {
    /// The settings of the env file that `statement` loads into a deployment; none where the file is not
    /// known, or not there.
    #[must_use]
    pub fn loaded_by(&self, statement: &Deployed, load: &Load) -> Vec<Setting> {
        let Some(path) = load.path.known() else { return Vec::new() };
        let script = self.files.get(statement.statement.file).path();
        let directories = [Some(self.root.as_path()), script.parent()];
        let is_it = |file: &&EnvFile| {
            let directories = directories.iter().flatten();
            let path = Path::new(path.expose());
            directories.map(|it| it.join(path)).any(|it| it == self.files.get(file.file).path())
        };
        self.env_files
            .iter()
            .find(is_it)
            .map(|file| file.loaded_settings(load.reader))
            .unwrap_or_default()
    }

    /// The env files that Astro's commands read or may be told to read. An env file elsewhere that
    /// sets nothing of Airflow's belongs to another program.
    pub fn astro_env_files(&self) -> impl Iterator<Item = (&EnvFile, Standing)> {
        self.env_files.iter().filter_map(|file| {
            let directory = self.files.get(file.file).path().parent()?;
            let beside = *directory == self.root || *directory == self.root.join(".env");
            match (beside, file.template) {
                (true, false) => Some((file, Standing::Read)),
                (true, true) => Some((file, Standing::Template)),
                (false, _) => file.is_for_airflow().then_some((file, Standing::Elsewhere)),
            }
        })
    }
}

/// Whether `text` is the path of an official backend's class.
#[must_use]
pub fn names_backend(text: &Text) -> bool {
    facts::backend_by_class(text.expose()).is_some()
}
