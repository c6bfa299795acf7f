//! What `astrolint resolve` answers, and how programs get it.

use std::io::{self, Write};

use serde::Serialize;

use crate::model::Kind;
use crate::resolve::{Answer, Environment, Outcome, Process, next_places};
use crate::text::MASK;

/// One question about one environment, with its answers.
#[derive(Debug)]
pub struct Answered<'a> {
    /// The environment.
    pub environment: &'a Environment,
    /// Who asks.
    pub process: Process,
    /// What is asked for.
    pub kind: Kind,
    /// Its key.
    pub key: &'a str,
    /// One answer per distinct outcome over the possible versions.
    pub answers: Vec<Answer>,
}

#[derive(Serialize)]
struct Document<'a> {
    version: u8,
    results: Vec<Row<'a>>,
}

#[derive(Serialize)]
struct Row<'a> {
    environment: &'a str,
    backend: Option<String>,
    provider: Option<Provider<'a>>,
    airflow: Versions,
    kind: Kind,
    key: &'a str,
    outcome: Outcome,
    requested: Vec<String>,
    reason: String,
    then: Vec<String>,
}

#[derive(Serialize)]
struct Provider<'a> {
    package: &'a str,
    versions: Vec<String>,
}

#[derive(Serialize)]
struct Versions {
    versions: Vec<String>,
}

/// Writes the answers as JSON, version 1, on one line or indented.
///
/// # Errors
/// When `out` cannot be written to.
pub fn json(answered: &[Answered<'_>], one_line: bool, out: &mut dyn Write) -> io::Result<()> {
    let results = answered
        .iter()
        .flat_map(|one| one.answers.iter().map(move |answer| row(one, answer)))
        .collect();
    let document = Document { version: 1, results };
    if one_line {
        serde_json::to_writer(&mut *out, &document)?;
    } else {
        serde_json::to_writer_pretty(&mut *out, &document)?;
    }
    writeln!(out)
}

fn row<'a>(one: &'a Answered<'a>, answer: &'a Answer) -> Row<'a> {
    let private = one.environment.private_values();
    let texts =
        |versions: &[pep440_rs::Version]| versions.iter().map(ToString::to_string).collect();
    Row {
        environment: &one.environment.name,
        backend: one.configured_class(answer).map(|class| private.mask(class)),
        provider: one
            .package(answer)
            .map(|package| Provider { package, versions: texts(&answer.provider) }),
        airflow: Versions { versions: texts(&answer.airflow) },
        kind: one.kind,
        key: one.key,
        outcome: answer.lookup.outcome,
        requested: answer.lookup.requested.iter().map(|name| private.mask(name)).collect(),
        reason: private.mask(&answer.lookup.reason),
        then: one.then(answer),
    }
}

impl Answered<'_> {
    fn configured_class(&self, answer: &Answer) -> Option<&str> {
        let configured = self.configured(answer);
        let class = configured.class.as_ref()?;
        class.text.as_ref().map(|_| class.shown().unwrap_or(MASK))
    }

    /// What is said about the backend that answers.
    pub(super) fn configured(&self, answer: &Answer) -> &crate::resolve::Configured {
        match (self.process, answer.airflow.last()) {
            (Process::Worker, Some(version)) => self.environment.worker_backend(version),
            _ => &self.environment.server,
        }
    }

    /// The package of that backend.
    pub(super) fn package(&self, answer: &Answer) -> Option<&'static str> {
        self.configured(answer).provider_package()
    }

    /// Who is asked next.
    pub(super) fn then(&self, answer: &Answer) -> Vec<String> {
        let places = || next_places(self.process, self.kind, self.key, answer.airflow.last());
        if answer.goes_on { places() } else { Vec::new() }
    }
}
