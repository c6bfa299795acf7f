//! `MetastoreBackend` of Airflow 1.10.10 to 3.3.2, named as the backend.

use super::lookup::{KeptBack, Lookup};
use super::start::{Names, Start, Started};
use crate::model::Kind;

/// The running backend.
#[derive(Debug)]
struct Metastore;

/// Constructs the backend.
#[expect(clippy::unnecessary_wraps, reason = "all constructors have one signature")]
pub(super) fn start(_: &Start<'_>) -> Started {
    Ok(Box::new(Metastore))
}

impl Names for Metastore {
    fn name(&self, kind: Kind, key: &str) -> Option<String> {
        (kind != Kind::Config).then(|| key.to_owned())
    }

    fn lookup(&self, kind: Kind, key: &str) -> Lookup {
        match self.name(kind, key) {
            Some(name) => Lookup::asked(name, "the metadata database, which Airflow asks anyway"),
            None => Lookup::never_asked(KeptBack::Off, "the class has no options"),
        }
    }
}
