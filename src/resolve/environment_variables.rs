//! `EnvironmentVariablesBackend` of Airflow 1.10.10 to 3.3.2, named as the backend.

use super::lookup::{KeptBack, Lookup};
use super::start::{Names, Start, Started};
use super::team_like::Refusal;
use crate::model::Kind;

/// The running backend.
#[derive(Debug)]
struct EnvironmentVariables {
    refusal: Refusal,
}

/// Constructs the backend.
#[expect(clippy::unnecessary_wraps, reason = "all constructors have one signature")]
pub(super) fn start(start: &Start<'_>) -> Started {
    let refusal = if start.behaves("refuses-team-like") {
        Refusal::of_team_like("_", "_".to_owned(), "___".to_owned())
    } else if start.behaves("refuses-team-like-in-multi-team-mode") && start.multi_team() {
        Refusal::of_ids_with("___".to_owned())
    } else {
        Refusal::default()
    };
    Ok(Box::new(EnvironmentVariables { refusal }))
}

impl Names for EnvironmentVariables {
    fn name(&self, kind: Kind, key: &str) -> Option<String> {
        kind.environment_variable(key)
    }

    fn lookup(&self, kind: Kind, key: &str) -> Lookup {
        let Some(name) = self.name(kind, key) else {
            return Lookup::never_asked(KeptBack::Off, "the class has no options");
        };
        if let Some(lookup) = self.refusal.keeps_back(kind, key) {
            return lookup;
        }
        Lookup::asked(name, "the environment variable, which Airflow asks anyway")
    }
}
