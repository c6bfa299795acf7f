//! What the backends of a project are asked for: each reference in each environment, with the names of
//! the secrets that must exist for it.

use std::collections::HashMap;

use serde::Serialize;

use super::environment::{Environment, Process};
use super::lookup::Outcome;
use super::option_source::Source;
use super::project::Project;
use super::start::State;
use crate::model::{Form, Key, Kind, Place, Reference, Timing};
use crate::text::Text;

/// One key that one environment is asked for.
#[derive(Clone, Debug)]
pub struct Request<'a> {
    /// The environment.
    pub environment: &'a Environment,
    /// What is asked for.
    pub kind: Kind,
    /// The key, with `*` for what is not known; `None` when nothing of it is, or it is not to be shown.
    pub key: Option<String>,
    /// How sure the key is.
    pub certainty: KeyCertainty,
    /// When it is asked for.
    pub timing: When,
    /// What asks.
    pub place: Place,
    /// What asks, in words: `Variable.get`, `SnowflakeOperator`, `AIRFLOW__CORE__FERNET_KEY_SECRET`.
    pub by: &'a str,
    /// The number of the reference: the rows of one share it.
    pub reference: usize,
    /// The names that the backends are asked for, over all versions that are possible; empty where there is
    /// no backend, or it is never asked.
    pub requested: Vec<String>,
}

/// How sure a key is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum KeyCertainty {
    /// It is this one.
    Known,
    /// It is one of several.
    OneOf,
    /// It is known in parts.
    Pattern,
    /// Only run time tells.
    Dynamic,
}

/// When something is asked for.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum When {
    /// Whenever a DAG file is parsed.
    Parse,
    /// When a task runs, or a process starts; also in functions of which nothing in the project tells who
    /// calls them.
    Run,
    /// When a template is rendered; also a string with one of which nothing tells whether it is.
    Template,
}

impl Project {
    /// What DAG code asks for, in the order of the files, each in every environment.
    #[must_use]
    pub fn requests(&self) -> Vec<Request<'_>> {
        let mut names = Names::default();
        let reading = self.reading().enumerate();
        reading.flat_map(|(number, it)| self.requests_of(number, it, &mut names)).collect()
    }

    /// What is asked for without a reference in the code: the default connections of hooks and operators
    /// that are given none, and the options that come from the backend.
    #[must_use]
    pub fn implicit_requests(&self) -> Vec<Request<'_>> {
        let mut names = Names::default();
        let first = self.reading().count();
        let implicit = self.model.implicit.iter().enumerate();
        let mut requests: Vec<Request<'_>> = implicit
            .flat_map(|(number, it)| self.requests_of(first + number, it, &mut names))
            .collect();
        let mut number = first + self.model.implicit.len();
        for environment in &self.environments {
            for sourced in environment.sourced_options() {
                let Some(name) = sourced.secret_name().filter(|_| sourced.source == Source::Secret)
                else {
                    continue;
                };
                let setting = sourced.setting;
                let key = Key::Known(Text::produced_by(name, setting.value_span));
                requests.push(Request {
                    requested: names.of(environment, Kind::Config, &key),
                    environment,
                    kind: Kind::Config,
                    certainty: certainty(&key, 1),
                    key: key.shown(),
                    timing: When::Run,
                    place: Place::new(setting.file, setting.key_span),
                    by: &setting.key,
                    reference: number,
                });
                number += 1;
            }
        }
        requests
    }

    fn requests_of<'a>(
        &'a self,
        number: usize,
        reference: &'a Reference,
        names: &mut Names,
    ) -> Vec<Request<'a>> {
        let mut requests = Vec::new();
        for environment in self.environments.iter().filter(|it| it.holds(reference)) {
            let keys = environment.key_of(reference).alternatives();
            requests.extend(keys.iter().map(|key| Request {
                environment,
                kind: reference.kind,
                key: key.shown(),
                certainty: certainty(key, keys.len()),
                timing: match (reference.timing, &reference.form) {
                    (Timing::Parse, _) => When::Parse,
                    (Timing::Template, _) | (Timing::Unknown, Form::Template(_)) => When::Template,
                    (Timing::Run | Timing::Unknown | Timing::Never, _) => When::Run,
                },
                place: reference.place(),
                by: &reference.callee,
                reference: number,
                requested: names.of(environment, reference.kind, key),
            }));
        }
        requests
    }
}

fn certainty(key: &Key, alternatives: usize) -> KeyCertainty {
    match key {
        Key::Known(_) if alternatives > 1 => KeyCertainty::OneOf,
        Key::Known(_) => KeyCertainty::Known,
        Key::Pattern(_) if key.shown().is_some() => KeyCertainty::Pattern,
        Key::Pattern(_) | Key::OneOf(_) | Key::Dynamic => KeyCertainty::Dynamic,
    }
}

/// The names of keys, each worked out once.
#[derive(Default)]
struct Names(HashMap<(String, Kind, String), Vec<String>>);

impl Names {
    fn of(&mut self, environment: &Environment, kind: Kind, key: &Key) -> Vec<String> {
        let Some(shown) = key.shown() else { return Vec::new() };
        let known = (environment.name.clone(), kind, shown);
        if let Some(names) = self.0.get(&known) {
            return names.clone();
        }
        let names = environment.names_of(kind, key, &known.2);
        self.0.insert(known, names.clone());
        names
    }
}

impl Environment {
    /// The names that `key`, which is shown as `shown`, has in the services of all processes, over the versions
    /// that are possible.
    fn names_of(&self, kind: Kind, key: &Key, shown: &str) -> Vec<String> {
        let mut names: Vec<String> = Vec::new();
        for by in self.in_use() {
            let found = if key.known().is_some() {
                let answers = self.answers(by.process, kind, shown);
                let asked = answers.into_iter().map(|answer| answer.lookup);
                asked
                    .filter(|it| it.outcome == Outcome::Asked)
                    .flat_map(|it| it.requested)
                    .collect()
            } else {
                by.names(kind, shown)
            };
            for name in found {
                if !names.contains(&name) {
                    names.push(name);
                }
            }
        }
        names
    }

    /// What all names of `kind` begin with here: the prefixes of the backends, over the versions that are
    /// possible.
    #[must_use]
    pub fn namespaces(&self, kind: Kind) -> Vec<String> {
        let mut found: Vec<String> = self.in_use().flat_map(|by| by.names(kind, "")).collect();
        found.sort();
        found.dedup();
        found
    }

    /// Why Airflow does not start with the servers' backend, at any version that is possible.
    #[must_use]
    pub fn start_fault(&self) -> Option<String> {
        let mut variants = self.variants().iter().map(|variant| match &variant.state {
            State::StartupError(reason) => Some(reason),
            _ => None,
        });
        let first = variants.next()??;
        variants.all(|reason| reason.is_some()).then(|| first.clone())
    }

    /// The short name of the backend that the servers use, for people.
    #[must_use]
    pub fn backend_name(&self) -> Option<&str> {
        let class = self.in_use().find(|by| by.process == Process::Server)?;
        class.configured.class.as_ref()?.shown()?.rsplit('.').next()
    }
}
