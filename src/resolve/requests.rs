//! What the backends of a project are asked for: each reference in each environment, with the names of
//! the secrets that must exist for it.

use pep440_rs::Version;
use serde::Serialize;

use super::environment::{Environment, Process};
use super::existing::ListedAs;
use super::lookup::{Lookup, Outcome};
use super::option_source::SourcedOption;
use super::project::Project;
use super::start::State;
use crate::hash::HashMap;
use crate::model::{Form, Key, Kind, Place, Reference, Setting, Timing};
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
    /// Whether each of the several keys of the reference is asked for, and not any one.
    pub is_each: bool,
    /// When it is asked for.
    pub timing: When,
    /// What asks.
    pub place: Place,
    /// What asks, in words: `Variable.get`, `SnowflakeOperator`, `AIRFLOW__CORE__FERNET_KEY_SECRET`.
    pub by: &'a str,
    /// The number of the reference: the rows of one share it.
    pub reference: usize,
    /// What becomes of the question.
    pub asked: Lookups,
    /// Why it need not exist, when it need not.
    pub dispensable: Option<Dispensable>,
}

/// What becomes of a question.
#[derive(Clone, Debug, Default)]
pub struct Lookups {
    /// The names that the backends are asked for, over all versions that are possible: those of the newest first,
    /// and of several that are asked for one after the other, in that order. Empty where there is no backend, or it
    /// is never asked.
    pub requested: Vec<String>,
    /// How lists of names may name these.
    pub listed_as: Vec<ListedAs>,
    /// Why nothing is asked for.
    pub why_not: Option<String>,
    /// Whether at some version Airflow starts, and never asks.
    pub not_always: bool,
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

/// Why something is asked for and need not exist.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Dispensable {
    /// The key is known in part only.
    Pattern,
    /// It is one of several keys, and another one exists.
    OneOf,
    /// The code gives a default, or handles the exception.
    Default,
    /// An environment variable holds the value, and Airflow asks for it next.
    EnvironmentVariable,
    /// Only a file asks for it that Airflow never loads: nothing that it parses imports it.
    Unloaded,
    /// A hook or operator is given no connection: `default_args` from elsewhere may give one, and some go on
    /// without.
    Implicit,
    /// At some of the versions that are possible it is never asked for.
    Version,
    /// The configuration says that it exists.
    Declared,
}

impl Dispensable {
    /// All, in the order in which they are listed.
    pub const ALL: [Self; 8] = [
        Self::OneOf,
        Self::Pattern,
        Self::Default,
        Self::EnvironmentVariable,
        Self::Unloaded,
        Self::Implicit,
        Self::Version,
        Self::Declared,
    ];
}

impl Project {
    /// What DAG code asks for, in the order of the files, each in every environment.
    #[must_use]
    pub fn requests(&self) -> Vec<Request<'_>> {
        let mut answers = Answers::default();
        let reading = self.reading().enumerate();
        reading.flat_map(|(number, it)| self.requests_of(number, it, &mut answers)).collect()
    }

    /// What is asked for without a reference in the code: the default connections of hooks and operators
    /// that are given none, and the options that come from the backend.
    #[must_use]
    pub fn implicit_requests(&self) -> Vec<Request<'_>> {
        let mut answers = Answers::default();
        let first = self.reading().count();
        let implicit = self.model.implicit.iter().filter(|it| it.timing != Timing::Never);
        let mut requests: Vec<Request<'_>> = implicit
            .enumerate()
            .flat_map(|(number, it)| self.requests_of(first + number, it, &mut answers))
            .collect();
        let mut number = first + self.model.implicit.len();
        for environment in &self.environments {
            for (setting, name) in environment.options_by_secret() {
                let key = Key::Known(Text::produced_by(name, setting.value_span));
                let certainty = certainty(&key, 1);
                requests.push(Request {
                    asked: answers.of(environment, Kind::Config, &key),
                    environment,
                    kind: Kind::Config,
                    certainty,
                    is_each: false,
                    dispensable: self.dispensable(environment, Kind::Config, &key),
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
        answers: &mut Answers,
    ) -> Vec<Request<'a>> {
        let kind = reference.kind;
        let may_load = self.may_load(reference);
        let is_implicit = matches!(reference.form, Form::Default(_));
        let handles_absence = reference.default.is_some()
            || reference.method.is_some() && self.is_caught(reference) == Some(true);
        let mut requests = Vec::new();
        for environment in self.environments.iter().filter(|it| it.holds(reference)) {
            let keys = environment.key_of(reference).alternatives();
            requests.extend(keys.iter().map(|key| {
                Request {
                    environment,
                    kind,
                    key: key.shown(),
                    certainty: certainty(key, keys.len()),
                    is_each: reference.asks_each && keys.len() > 1,
                    timing: match (reference.timing, &reference.form) {
                        (Timing::Parse, _) if may_load => When::Parse,
                        (Timing::Template, _) | (Timing::Unknown, Form::Template(_)) => {
                            When::Template
                        }
                        _ => When::Run,
                    },
                    place: reference.place(),
                    by: &reference.callee,
                    reference: number,
                    asked: answers.of(environment, kind, key),
                    dispensable: self
                        .dispensable(environment, kind, key)
                        .or((!may_load).then_some(Dispensable::Unloaded))
                        .or(is_implicit.then_some(Dispensable::Implicit))
                        .or(handles_absence.then_some(Dispensable::Default)),
                }
            }));
        }
        requests
    }

    /// Why `key` need not be in the service, whoever asks for it.
    fn dispensable(&self, environment: &Environment, kind: Kind, key: &Key) -> Option<Dispensable> {
        let Some(key) = key.text() else { return Some(Dispensable::Pattern) };
        let variable = kind.environment_variable(key);
        if variable.is_some_and(|name| environment.settings.get(&name).is_some()) {
            return Some(Dispensable::EnvironmentVariable);
        }
        self.is_said_to_exist(environment, kind, key).then_some(Dispensable::Declared)
    }
}

fn certainty(key: &Key, alternatives: usize) -> KeyCertainty {
    match key {
        _ if key.shown().is_none() => KeyCertainty::Dynamic,
        Key::Known(_) if alternatives > 1 => KeyCertainty::OneOf,
        Key::Known(_) => KeyCertainty::Known,
        Key::Pattern(_) => KeyCertainty::Pattern,
        Key::OneOf(_) | Key::Dynamic => KeyCertainty::Dynamic,
    }
}

/// What becomes of keys, each worked out once.
#[derive(Default)]
struct Answers(HashMap<(String, Kind, bool, String), Lookups>);

impl Answers {
    fn of(&mut self, environment: &Environment, kind: Kind, key: &Key) -> Lookups {
        let Some(shown) = key.shown() else { return Lookups::default() };
        let is_glob = key.known().is_none();
        let question = (environment.name.clone(), kind, is_glob, shown);
        let answer = self.0.entry(question);
        answer.or_insert_with_key(|(.., key)| environment.ask(kind, key, is_glob)).clone()
    }
}

impl Environment {
    /// What becomes of `key`, in which `*` stands for any text if it `is_glob`: in the processes that run DAG code,
    /// then in the servers that these may ask.
    pub(super) fn ask(&self, kind: Kind, key: &str, is_glob: bool) -> Lookups {
        let mut asked = Lookups::default();
        for process in [Process::Worker, Process::Server] {
            for variant in self.variants_of(process).iter().rev() {
                let lookup = if is_glob {
                    lookup_in_part(&variant.state, kind, key)
                } else {
                    variant.state.lookup(kind, key)
                };
                if lookup.outcome != Outcome::Asked {
                    asked.not_always |= lookup.outcome == Outcome::NeverAsked;
                    asked.why_not.get_or_insert(lookup.reason);
                    continue;
                }
                let backend = self.backend_of(process, variant.airflow.last());
                for name in lookup.requested {
                    if !asked.requested.contains(&name) {
                        asked.listed_as.extend(ListedAs::all(backend, &name, key, is_glob));
                        asked.requested.push(name);
                    }
                }
            }
        }
        if !asked.requested.is_empty() {
            asked.why_not = None;
        }
        asked
    }

    /// The id of the backend that `process` uses at `version`.
    pub(super) fn backend_of(&self, process: Process, version: Option<&Version>) -> &str {
        let configured = match (process, version) {
            (Process::Worker, Some(version)) => self.worker_backend(version),
            _ => &self.server,
        };
        configured.backend().map_or("", |backend| backend.id.as_str())
    }

    /// The settings that give an option as the name of a secret, where some version of Airflow that is possible
    /// reads them so; with the name.
    pub(super) fn options_by_secret(&self) -> Vec<(&Setting, &str)> {
        let counts = |it: &SourcedOption<'_>| {
            it.plain.is_none() && self.versions.airflow().any(|at| it.counts_at(at) != Some(false))
        };
        let options = self.sourced_options().into_iter().filter(counts);
        options.filter_map(|it| Some((it.setting, it.secret_name()?))).collect()
    }

    /// The short name of the backend that the servers use, or else the workers, for people.
    #[must_use]
    pub fn backend_name(&self) -> Option<&str> {
        let class = self.in_use().find_map(|by| by.configured.class.as_ref())?;
        let name = class.shown().and_then(|path| path.rsplit('.').next());
        Some(name.unwrap_or("a backend whose class is not shown"))
    }

    /// Why no name can be told at any version that is possible; `None` where one can.
    #[must_use]
    pub fn why_nothing_is_asked(&self) -> Option<String> {
        let processes = [Process::Worker, Process::Server];
        let mut variants = processes.into_iter().flat_map(|process| self.variants_of(process));
        if variants.any(|variant| matches!(variant.state, State::Running(_))) {
            return None;
        }
        let newest = self.variants().last();
        Some(newest.map(|it| it.state.lookup(Kind::Connection, "").reason).unwrap_or_default())
    }
}

/// What becomes of a key that is known in part: the same as of one with digits for what is not known, which no
/// service refuses and no backend changes. Where it depends on these digits whether it is asked for, it may be.
pub(super) fn lookup_in_part(state: &State, kind: Kind, glob: &str) -> Lookup {
    const STAND_IN: &str = "7151413";
    let mut lookup = state.lookup(kind, &glob.replace('*', STAND_IN));
    if lookup.outcome == Outcome::NeverAsked
        && let Some(name) = state.name(kind, glob)
    {
        return Lookup::asked(name, lookup.reason);
    }
    for name in &mut lookup.requested {
        *name = name.replace(STAND_IN, "*");
    }
    lookup
}
