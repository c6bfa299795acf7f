//! The argument `team_name`, which Airflow 3.2 passes whether or not a backend takes it.

use super::environment::Process;
use super::fault::Fault;
use super::lookup::{Lookup, Outcome};
use super::start::{Names, Start};
use crate::facts::airflow;
use crate::model::Kind;

/// A backend whose methods do not take `team_name`: each lookup raises a `TypeError`, which is
/// swallowed. Airflow 3.2.0 to before 3.3.0; checked by running 3.2.2 and 3.3.2.
#[derive(Debug)]
pub(super) struct TeamArgument {
    backend: Box<dyn Names>,
    variables: bool,
    connections: bool,
    why: Fault,
}

impl TeamArgument {
    /// `backend` as `process` asks it: as it is, unless Airflow passes what it does not take.
    ///
    /// Workers pass no team with variables; for connections they call `get_connection`, which
    /// takes none where a class overrides it.
    #[must_use]
    pub(super) fn wrap(
        backend: Box<dyn Names>,
        start: &Start<'_>,
        process: Process,
    ) -> Box<dyn Names> {
        if !airflow().behaves("always-passes-team", start.airflow) {
            return backend;
        }
        let server = process == Process::Server;
        let variables = server && !start.behaves("accepts-team-with-variables");
        let connections = !start.behaves("accepts-team")
            && (server || !start.behaves("overrides-get-connection"));
        if !variables && !connections {
            return backend;
        }
        let package = super::short_name(&start.backend.package);
        let why = format!(
            "Airflow 3.2 passes `team_name`, which this version of {package} does not take: TypeError"
        );
        Box::new(Self { backend, variables, connections, why: why.into() })
    }
}

impl Names for TeamArgument {
    fn faults(&self) -> Vec<(Option<Kind>, &Fault)> {
        let refused = [(Kind::Variable, self.variables), (Kind::Connection, self.connections)];
        let refused = refused.into_iter().filter(|(_, refused)| *refused);
        let mut faults = self.backend.faults();
        faults.extend(refused.map(|(kind, _)| (Some(kind), &self.why)));
        faults
    }

    fn name(&self, kind: Kind, key: &str) -> Option<String> {
        self.backend.name(kind, key)
    }

    fn joined(&self, kind: Kind, key: &str) -> Option<String> {
        self.backend.joined(kind, key)
    }

    fn lookup(&self, kind: Kind, key: &str) -> Lookup {
        let refused = match kind {
            Kind::Variable => self.variables,
            Kind::Connection => self.connections,
            Kind::Config => false,
        };
        if refused {
            return Lookup::none(Outcome::LookupError, self.why.to_string());
        }
        self.backend.lookup(kind, key)
    }
}
