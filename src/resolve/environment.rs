//! One place where the project runs: its settings, and what Airflow makes of them there.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use pep440_rs::Version;

use super::backend::{Configured, Section};
use super::declarations::{Declarations, Wants};
use super::keys::EnvironmentKeys;
use super::kwargs::Kwargs;
use super::lookup::{Lookup, Outcome};
use super::options::Configuration;
use super::start::{State, start};
use crate::facts::releases::behaves_as;
use crate::facts::{self, airflow};
use crate::hash::HashSet;
use crate::model::{Kind, Setting, Settings, VersionSet, Versions, variable_name};

/// The process that asks: on Airflow 3, workers may have a backend of their own.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Process {
    /// Scheduler, webserver or API server.
    Server,
    /// Worker, Dag processor or triggerer.
    Worker,
}

/// The environment that `astro dev start` makes.
pub const LOCAL: &str = "local";

/// Which place it is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum EnvironmentKind {
    /// The user's machine: `astro dev start`.
    Local,
    /// Wherever an env file is used that configures a backend.
    EnvFile,
    /// A deployment. Without `is_whole`, the platform may give it more settings than the project does.
    Deployment {
        /// Whether the project gives it all settings that it has.
        is_whole: bool,
    },
    /// Remote agents of a deployment, in a cluster of the user's.
    Agent,
    /// What astrolint's configuration declares, or a question supposes.
    Declared,
}

/// One place where the project runs.
#[derive(Debug)]
pub struct Environment {
    /// Its name: `local`, an env file, or what the user declared.
    pub name: String,
    /// Which place that is.
    pub kind: EnvironmentKind,
    /// Whether its settings come from a template, where placeholders are expected.
    pub template: bool,
    /// Its settings, with where each was written.
    pub settings: Settings,
    /// The options of `airflow.cfg`.
    pub cfg: Settings,
    /// `[secrets] backend`.
    pub server: Configured,
    /// `[workers] secrets_backend`, which Airflow reads from 3.0.0 on.
    pub worker: Configured,
    /// The versions that are possible there.
    pub versions: Versions,
    /// Whether settings can reach Airflow from outside the files that were read, such as a region or
    /// a token: a mounted AWS configuration, variables of the shell or of the platform.
    pub has_outside_sources: bool,
    /// Why Airflow cannot use its `airflow.cfg`, which keeps it from starting.
    pub cfg_fault: Option<String>,
    /// The numbers of the secrets that are certainly created for other environments.
    pub(super) created_for_others: HashSet<usize>,
    /// What is said to exist here.
    pub(super) declarations: OnceLock<Declarations>,
    /// What is asked for here.
    pub(super) wanted_variables: OnceLock<Wants>,
    pub(super) wanted_connections: OnceLock<Wants>,
    /// What code asks for here where it reads the key from the environment.
    pub(super) keys: EnvironmentKeys,
    server_variants: OnceLock<Vec<Variant>>,
    worker_variants: OnceLock<Vec<Variant>>,
}

/// Versions that behave alike, and what becomes of the backend with them.
#[derive(Debug)]
pub struct Variant {
    /// Versions of Airflow.
    pub airflow: Vec<Version>,
    /// Versions of the backend's package; empty when it is not installed, or when it does not matter.
    pub provider: Vec<Version>,
    /// What becomes of the backend.
    pub state: State,
}

/// What happens with one key, for some of the possible versions.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Answer {
    /// Versions of Airflow, sorted.
    pub airflow: Vec<Version>,
    /// Versions of the backend's package, sorted.
    pub provider: Vec<Version>,
    /// What happens with them.
    pub lookup: Lookup,
    /// Whether Airflow asks another place where the backend has no answer.
    pub goes_on: bool,
    /// Whether it holds for every pair of these versions, and not for some combinations only.
    pub every_pair: bool,
}

impl Environment {
    /// An environment with these settings.
    #[must_use]
    pub fn new(
        name: impl Into<String>,
        settings: Settings,
        cfg: Settings,
        versions: Versions,
    ) -> Self {
        let configuration = Configuration { settings: &settings, cfg: &cfg };
        let server = Configured::read(Section::Secrets, configuration);
        let worker = Configured::read(Section::Workers, configuration);
        Self {
            name: name.into(),
            kind: EnvironmentKind::Declared,
            template: false,
            settings,
            cfg,
            server,
            worker,
            versions,
            has_outside_sources: false,
            cfg_fault: None,
            created_for_others: HashSet::default(),
            declarations: OnceLock::new(),
            wanted_variables: OnceLock::new(),
            wanted_connections: OnceLock::new(),
            keys: EnvironmentKeys::default(),
            server_variants: OnceLock::new(),
            worker_variants: OnceLock::new(),
        }
    }

    /// Whether it is the one that `astro dev start` makes.
    #[must_use]
    pub fn is_local(&self) -> bool {
        self.kind == EnvironmentKind::Local
    }

    /// How Airflow reads options here.
    #[must_use]
    pub const fn configuration(&self) -> Configuration<'_> {
        Configuration { settings: &self.settings, cfg: &self.cfg }
    }

    /// What becomes of the server's backend, over all versions that are possible.
    #[must_use]
    pub fn variants(&self) -> &[Variant] {
        self.variants_of(Process::Server)
    }

    /// What becomes of the backend that `process` uses, over all versions that are possible.
    #[must_use]
    pub fn variants_of(&self, process: Process) -> &[Variant] {
        match process {
            Process::Server => {
                self.server_variants.get_or_init(|| self.start(process, |_| &self.server))
            }
            Process::Worker => self
                .worker_variants
                .get_or_init(|| self.start(process, |version| self.worker_backend(version))),
        }
    }

    /// The backend that workers use at `version`: their own if they have one, else `[secrets]`.
    #[must_use]
    pub fn worker_backend(&self, version: &Version) -> &Configured {
        let own = self.worker.class.is_some() && airflow().behaves("workers-backend", version);
        if own { &self.worker } else { &self.server }
    }

    /// Whether a version of Airflow that is possible here reads the section of `configured`.
    #[must_use]
    pub fn reads(&self, configured: &Configured) -> bool {
        configured.section == Section::Secrets
            || self.versions.airflow().any(|version| airflow().behaves("workers-backend", version))
    }

    /// The setting that gives the class of the section its keywords by a command or a secret, which
    /// is only known when it runs.
    #[must_use]
    pub fn kwargs_from_elsewhere(&self, configured: &Configured) -> Option<&Setting> {
        let section = configured.section;
        let name = variable_name(section.name(), section.kwargs_option());
        ["_CMD", "_SECRET"].iter().find_map(|suffix| {
            let name = format!("{name}{suffix}");
            self.settings.get(&name).or_else(|| self.cfg.get(&name))
        })
    }

    /// What Airflow makes of kwargs of `configured` that are no object, at the versions that are
    /// possible, in a few words; `None` where they are one, or cannot be told.
    #[must_use]
    pub fn unusable_kwargs(&self, configured: &Configured) -> Option<String> {
        let versions = self.versions.airflow();
        let how = |behaviour: &str| {
            let behaves = |version: &_| airflow().behaves(behaviour, version);
            (versions.all(behaves), versions.any(behaves))
        };
        Some(match &configured.kwargs {
            Kwargs::NotJson(fault) => {
                let dropped = match how("json-error-is-silent") {
                    (true, _) => "without a message",
                    (false, true) => "without a message before 2.4.1, with a warning since",
                    (false, false) => "with a warning",
                };
                let at = fault.character.map(|character| format!(" at character {character}"));
                format!("not JSON{}: dropped {dropped}", at.unwrap_or_default())
            }
            Kwargs::NotObject { found, .. } => {
                let becomes = match how("kwargs-must-be-object") {
                    (true, _) => "Airflow does not start",
                    (false, true) => "Airflow does not start before 2.4.1, and drops it since",
                    (false, false) => "dropped",
                };
                format!("{found}, not an object: {becomes}")
            }
            Kwargs::Unset | Kwargs::Object(_) | Kwargs::Dynamic { .. } => return None,
        })
    }

    /// What happens when `process` looks up `key`: one answer per distinct outcome over the
    /// versions that are possible, the one with the newest versions last.
    #[must_use]
    pub fn answers(&self, process: Process, kind: Kind, key: &str) -> Vec<Answer> {
        let mut answers: Vec<Answer> = Vec::new();
        let mut pairs: Vec<usize> = Vec::new();
        for variant in self.variants_of(process) {
            let lookup = variant.state.lookup(kind, key);
            let goes_on = match (lookup.outcome, variant.airflow.first()) {
                (Outcome::StartupError, _) => false,
                (Outcome::LookupError, Some(version)) => {
                    airflow().behaves("swallows-lookup-errors", version)
                }
                _ => true,
            };
            let here = variant.airflow.len() * variant.provider.len().max(1);
            let same = |(answer, _): &(&mut Answer, _)| {
                answer.lookup == lookup && answer.goes_on == goes_on
            };
            if let Some((answer, pairs)) = answers.iter_mut().zip(&mut pairs).find(same) {
                *pairs += here;
                answer.airflow.extend(variant.airflow.iter().cloned());
                answer.provider.extend(variant.provider.iter().cloned());
                continue;
            }
            pairs.push(here);
            answers.push(Answer {
                airflow: variant.airflow.clone(),
                provider: variant.provider.clone(),
                lookup,
                goes_on,
                every_pair: true,
            });
        }
        for (answer, pairs) in answers.iter_mut().zip(pairs) {
            for versions in [&mut answer.airflow, &mut answer.provider] {
                versions.sort();
                versions.dedup();
            }
            answer.every_pair = pairs == answer.airflow.len() * answer.provider.len().max(1);
        }
        answers
    }

    /// The name that `key` has in the backend's service, if it is the same at every version that is
    /// possible; versions with which Airflow does not start do not count.
    #[must_use]
    pub fn name(&self, kind: Kind, key: &str) -> Option<String> {
        let running =
            self.variants().iter().filter(|variant| matches!(variant.state, State::Running(_)));
        let mut names = running.map(|variant| variant.state.name(kind, key));
        let first = names.next()??;
        names.all(|name| name.as_ref() == Some(&first)).then_some(first)
    }

    /// Why it cannot be told what becomes of the backend, at some version that is possible.
    #[must_use]
    pub fn is_unknown(&self) -> Option<String> {
        self.variants().iter().find_map(|variant| match &variant.state {
            State::Unknown(reason) => Some(reason.clone()),
            _ => None,
        })
    }

    /// Whether `key` ends the same way at every version that is possible.
    #[must_use]
    pub fn certainly(&self, kind: Kind, key: &str, outcome: Outcome) -> bool {
        let answers = self.answers(Process::Server, kind, key);
        !answers.is_empty() && answers.iter().all(|answer| answer.lookup.outcome == outcome)
    }

    /// The versions of the server backend's package.
    #[must_use]
    pub fn provider(&self) -> Option<&VersionSet> {
        self.versions.package(&self.server.backend()?.package)
    }

    /// Every version of Airflow at which anything changes here.
    fn turning_points(&self) -> Vec<Version> {
        let mut points = airflow().turning_points();
        let backends = [&self.server, &self.worker].map(Configured::backend);
        for backend in backends.into_iter().flatten() {
            if backend.package == facts::AIRFLOW {
                points.extend(backend.turning_points());
            }
            points.extend(backend.airflow_turning_points());
        }
        points.sort();
        points.dedup();
        points
    }

    fn start<'a>(
        &'a self,
        process: Process,
        configured: impl Fn(&Version) -> &'a Configured,
    ) -> Vec<Variant> {
        let mut variants = Vec::new();
        for airflow_class in classes(self.versions.airflow().versions(), &self.turning_points()) {
            let Some(version) = airflow_class.first() else { continue };
            let configured = configured(version);
            let begin = |provider: Option<&Version>| {
                if let Some(fault) = &self.cfg_fault {
                    return fault.clone().into();
                }
                start(
                    configured,
                    self.configuration(),
                    process,
                    version,
                    provider,
                    self.has_outside_sources,
                )
            };
            let Some(backend) = configured.backend() else {
                variants.push(Variant {
                    state: begin(None),
                    airflow: airflow_class,
                    provider: Vec::new(),
                });
                continue;
            };
            if backend.package == facts::AIRFLOW {
                variants.push(Variant {
                    state: begin(Some(version)),
                    airflow: airflow_class,
                    provider: Vec::new(),
                });
                continue;
            }
            let installed =
                self.versions.package(&backend.package).map_or(&[][..], VersionSet::versions);
            let provider_classes = classes(installed, &backend.turning_points());
            if provider_classes.is_empty() {
                variants.push(Variant {
                    state: begin(None),
                    airflow: airflow_class,
                    provider: Vec::new(),
                });
                continue;
            }
            for provider_class in provider_classes {
                let state = begin(provider_class.first().map(behaves_as).as_ref());
                variants.push(Variant {
                    airflow: airflow_class.clone(),
                    provider: provider_class,
                    state,
                });
            }
        }
        variants
    }
}

/// Cuts sorted `versions` where anything changes, so that each part behaves alike.
pub(super) fn classes(versions: &[Version], turning_points: &[Version]) -> Vec<Vec<Version>> {
    let mut classes: BTreeMap<usize, Vec<Version>> = BTreeMap::new();
    for version in versions {
        let behaviour = behaves_as(version);
        let class = turning_points.partition_point(|point| *point <= behaviour);
        classes.entry(class).or_default().push(version.clone());
    }
    classes.into_values().collect()
}

/// The places that Airflow asks after the backend, in order, in words.
#[must_use]
pub fn next_places(
    process: Process,
    kind: Kind,
    key: &str,
    version: Option<&Version>,
) -> Vec<String> {
    let Some(variable) = kind.environment_variable(key) else {
        return vec!["the option's default".to_owned()];
    };
    let task_sdk = version.is_some_and(|version| airflow().behaves("task-sdk", version));
    let last = match process {
        Process::Worker if task_sdk => "Execution API",
        _ => "metadata database",
    };
    vec![format!("environment variable {variable}"), last.to_owned()]
}
