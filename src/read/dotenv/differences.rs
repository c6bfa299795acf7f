//! All readings of one document side by side.

use super::{Document, Reader, Reading};
use crate::hash::HashMap;
use crate::text::Text;

/// What every reader makes of one document.
#[derive(Clone, Debug)]
pub struct Readings {
    /// In the order of [`Reader::ALL`].
    readings: [Reading; Reader::ALL.len()],
}

/// What becomes of one key under one reader.
#[derive(Clone, Copy, Debug)]
pub enum Outcome<'r> {
    /// It has this value.
    Value(&'r Text),
    /// The reader does not see the key, or leaves it out.
    Absent,
    /// The reader aborts, whatever the key; [`Reading::error`] says why.
    Aborts,
    /// It is not known; [`Reading::unknown`] says why.
    Unknown,
}

/// What becomes of one key under all readers.
#[derive(Clone, Debug)]
pub struct KeyOutcomes<'r> {
    /// The key, exactly as at least one reader takes it.
    pub key: &'r str,
    /// The distinct outcomes, each with its readers; those of the first reader first.
    pub groups: Vec<(Outcome<'r>, Vec<Reader>)>,
}

impl Readings {
    /// Reads `document` with every reader, where the host sets nothing.
    #[must_use]
    pub fn of(document: &Document) -> Self {
        Self { readings: Reader::ALL.map(|reader| reader.read(document)) }
    }

    /// What `reader` made of the document.
    #[must_use]
    pub fn by(&self, reader: Reader) -> &Reading {
        let [compose, legacy, docker, podman, standalone, load, from_file, library] =
            &self.readings;
        match reader {
            Reader::Compose => compose,
            Reader::ComposeLegacy => legacy,
            Reader::DockerEnvFile => docker,
            Reader::PodmanEnvFile => podman,
            Reader::Standalone => standalone,
            Reader::VariableLoad => load,
            Reader::EnvFromFile => from_file,
            Reader::Library => library,
        }
    }

    /// Every key that at least one reader sees, with what becomes of it under each.
    #[must_use]
    pub fn keys(&self) -> Vec<KeyOutcomes<'_>> {
        let mut places: HashMap<&str, usize> = HashMap::default();
        let mut keys: Vec<(&str, [Option<&Text>; Reader::ALL.len()])> = Vec::new();
        for (number, reading) in self.readings.iter().enumerate() {
            for pair in &reading.pairs {
                let key = pair.key.node.as_str();
                let place = *places.entry(key).or_insert(keys.len());
                if place == keys.len() {
                    keys.push((key, [None; Reader::ALL.len()]));
                }
                if let Some(value) = keys.get_mut(place).and_then(|(_, all)| all.get_mut(number)) {
                    *value = Some(&pair.value);
                }
            }
        }
        keys.into_iter().map(|(key, values)| self.outcomes(key, values)).collect()
    }

    /// The keys that the readers do not all understand in the same way.
    #[must_use]
    pub fn differences(&self) -> Vec<KeyOutcomes<'_>> {
        self.keys().into_iter().filter(|outcomes| !outcomes.agree()).collect()
    }

    fn outcomes<'r>(
        &'r self,
        key: &'r str,
        values: [Option<&'r Text>; Reader::ALL.len()],
    ) -> KeyOutcomes<'r> {
        let mut groups: Vec<(Outcome<'r>, Vec<Reader>)> = Vec::new();
        for ((reader, reading), value) in Reader::ALL.into_iter().zip(&self.readings).zip(values) {
            let outcome = match value {
                _ if reading.unknown.is_some() => Outcome::Unknown,
                _ if reading.error.is_some() => Outcome::Aborts,
                Some(value) => Outcome::Value(value),
                None => Outcome::Absent,
            };
            match groups.iter_mut().find(|(known, _)| known.is_same(outcome)) {
                Some((_, readers)) => readers.push(reader),
                None => groups.push((outcome, vec![reader])),
            }
        }
        KeyOutcomes { key, groups }
    }
}

impl KeyOutcomes<'_> {
    /// Whether all readers whose outcome is known give the key the same value.
    #[must_use]
    pub fn agree(&self) -> bool {
        self.groups.iter().filter(|(outcome, _)| !matches!(outcome, Outcome::Unknown)).count() <= 1
    }

    /// What becomes of the key under `reader`.
    #[must_use]
    pub fn under(&self, reader: Reader) -> Outcome<'_> {
        let group = self.groups.iter().find(|(_, readers)| readers.contains(&reader));
        group.map_or(Outcome::Unknown, |(outcome, _)| *outcome)
    }
}

impl Outcome<'_> {
    /// Whether both are the same value or of the same kind; places do not count.
    #[must_use]
    pub fn is_same(self, other: Outcome<'_>) -> bool {
        match (self, other) {
            (Self::Value(one), Outcome::Value(other)) => one.expose() == other.expose(),
            (Self::Absent, Outcome::Absent)
            | (Self::Aborts, Outcome::Aborts)
            | (Self::Unknown, Outcome::Unknown) => true,
            _ => false,
        }
    }
}
