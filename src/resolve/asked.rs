//! What DAG code asks for, as the backends of each environment see it.

use std::path::Path;

use pep440_rs::Version;

use super::backend::Configured;
use super::environment::{Environment, Process};
use super::existing::folds_case;
use super::kwargs::Kwarg;
use super::lookup::{KeptBack, Outcome};
use super::pattern::{LookupPattern, PatternError};
use super::project::Project;
use super::start::{Names, State};
use crate::facts::{Effect, Price, Service, airflow, price_of, service_of};
use crate::model::{IgnoreSyntax, Key, Kind, ModuleId, Reference, Setting, Timing};
use crate::text::Text;

/// A backend that an environment uses, and by which processes.
#[derive(Clone, Copy, Debug)]
pub struct InUse<'a> {
    /// The environment.
    pub environment: &'a Environment,
    /// The processes that ask it.
    pub process: Process,
    /// What is said about it.
    pub configured: &'a Configured,
}

/// A key that DAG code asks a backend for.
#[derive(Clone, Copy, Debug)]
pub struct Asked<'a> {
    /// The backend.
    pub by: InUse<'a>,
    /// The place that asks.
    pub reference: &'a Reference,
    /// The key, or one of those that it may be; never dynamic, nor one of several.
    pub key: &'a Key,
}

/// A prefix that a key begins with although the backend puts its own before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Repeated {
    /// Whose prefix it is.
    pub kind: Kind,
    /// How many bytes of the key it takes.
    pub bytes: usize,
    /// Whether the prefix has several parts: a single word may begin a key by chance.
    pub certain: bool,
}

/// A lookup pattern of a backend.
#[derive(Debug)]
pub struct PatternInUse<'a> {
    /// What it is for.
    pub kind: Kind,
    /// The keyword.
    pub kwarg: &'a Kwarg,
    /// The pattern.
    pub text: &'a str,
    /// What each Python that is possible makes of it.
    pub readings: Vec<Result<LookupPattern, PatternError>>,
    /// Whether every version of the provider that is possible reads it.
    pub always: bool,
}

impl Project {
    /// Every backend in use, over all environments.
    pub fn in_use(&self) -> impl Iterator<Item = InUse<'_>> {
        self.environments.iter().flat_map(Environment::in_use)
    }

    /// Every key that DAG code asks a backend for, as far as the code tells it. Code that Airflow
    /// never runs is left out, and so are references that only write, and keys that a lookup pattern
    /// may keep the backend from being asked for.
    pub fn asked(&self) -> impl Iterator<Item = Asked<'_>> {
        self.in_use().flat_map(|by| {
            let patterns: Vec<PatternInUse<'_>> = by.patterns().collect();
            let here = self.reading().filter(move |it| by.environment.holds(it));
            here.flat_map(move |reference| {
                let pattern = patterns.iter().find(|pattern| pattern.kind == reference.kind);
                let passes = |key: &Key| match (pattern, key.text()) {
                    (None, _) => !matches!(key, Key::Dynamic),
                    (Some(pattern), Some(key)) => pattern.passes(key) == Some(true),
                    (Some(_), None) => false,
                };
                let keys: Vec<&Key> =
                    by.keys_of(reference).iter().filter(|key| passes(key)).collect();
                keys.into_iter().map(move |key| Asked { by, reference, key })
            })
        })
    }

    /// The key of `reference`, as its environments tell it where they agree.
    #[must_use]
    pub fn key_of<'a>(&'a self, reference: &'a Reference) -> &'a Key {
        let mut keys = self.environments.iter().map(|it| it.key_of(reference));
        let Some(first) = keys.next() else { return &reference.key };
        let globs = |key: &Key| key.alternatives().iter().map(Key::glob).collect::<Vec<_>>();
        let of_first = globs(first);
        if keys.all(|key| globs(key) == of_first) { first } else { &reference.key }
    }

    /// The DAG files that ask for `reference` whenever Airflow parses them.
    pub fn parsing(&self, reference: &Reference) -> impl Iterator<Item = &Path> {
        let modules = reference.parsed_with.iter();
        let modules = modules.filter_map(|module| self.model.modules.get(module.0));
        let parsed = modules.filter(|module| self.is_parsed(&module.path, module.may_hold_dag));
        parsed.map(|module| module.path.as_path())
    }

    fn is_parsed(&self, path: &Path, may_hold_dag: bool) -> bool {
        !self.environments.is_empty()
            && self.environments.iter().all(|environment| {
                (may_hold_dag || !environment.discovers_safely())
                    && environment
                        .ignore_syntaxes()
                        .into_iter()
                        .all(|syntax| self.model.dag_folder.holds(path, syntax))
            })
    }

    /// Whether some file of the project sets the environment variable `name`; `None` where that cannot be
    /// told, because no file sets any, or settings come from elsewhere.
    #[must_use]
    pub fn sets(&self, name: &str) -> Option<bool> {
        if self.environments.iter().any(|it| it.settings.get(name).is_some())
            || self
                .model
                .env_files
                .iter()
                .any(|file| file.settings().iter().any(|it| it.key == name))
        {
            return Some(true);
        }
        let is_told = !self.model.env_files.is_empty() && !self.model.has_compose_override();
        is_told.then_some(false)
    }

    /// The references that ask for a value, in code that Airflow runs.
    pub fn reading(&self) -> impl Iterator<Item = &Reference> {
        let references = self.model.references.iter();
        references.filter(|reference| {
            reference.timing != Timing::Never && reference.reads() && !self.is_left_out(reference)
        })
    }

    /// Whether only files would ask for `reference` that `.airflowignore` keeps Airflow from parsing, and that
    /// no other file imports.
    fn is_left_out(&self, reference: &Reference) -> bool {
        let folder = &self.model.dag_folder;
        let leaves_out = |environment: &Environment, path: &Path| {
            environment.ignore_syntaxes().into_iter().all(|syntax| folder.leaves_out(path, syntax))
        };
        let is_out = |module: &ModuleId| {
            let module = self.model.modules.get(module.0);
            module.is_some_and(|it| self.environments.iter().all(|at| leaves_out(at, &it.path)))
        };
        let modules = &reference.parsed_with;
        reference.timing == Timing::Parse && !modules.is_empty() && modules.iter().all(is_out)
    }
}

impl Environment {
    /// The backends that are asked here: that of `[secrets]`, and that of `[workers]` where every
    /// version that is possible reads it.
    pub fn in_use(&self) -> impl Iterator<Item = InUse<'_>> {
        let workers = |configured: &Configured| {
            configured.class.is_some()
                && self.versions.airflow().all(|it| airflow().behaves("workers-backend", it))
        };
        let server = self.server.class.as_ref().map(|_| (Process::Server, &self.server));
        let worker = workers(&self.worker).then_some((Process::Worker, &self.worker));
        server.into_iter().chain(worker).map(|(process, configured)| InUse {
            environment: self,
            process,
            configured,
        })
    }

    /// The key of `reference` here.
    #[must_use]
    pub fn key_of<'a>(&'a self, reference: &'a Reference) -> &'a Key {
        self.keys.of(reference)
    }

    /// Whether files that do not look like it are not searched for DAGs (`[core]
    /// dag_discovery_safe_mode`, on by default).
    pub(super) fn discovers_safely(&self) -> bool {
        let configuration = self.configuration();
        let set = configuration.plain("core", "dag_discovery_safe_mode");
        set.is_none() || configuration.is_on("core", "dag_discovery_safe_mode")
    }

    /// How `.airflowignore` may be read here.
    pub(super) fn ignore_syntaxes(&self) -> Vec<IgnoreSyntax> {
        let set = self.configuration().plain("core", "dag_ignore_file_syntax");
        match set.and_then(Setting::text).map(Text::expose) {
            Some("glob") => return vec![IgnoreSyntax::Glob],
            Some("regexp") => return vec![IgnoreSyntax::Regexp],
            _ => {}
        }
        let is_glob = |version: &_| airflow().behaves("airflowignore-is-glob", version);
        let versions = self.versions.airflow();
        let glob = versions.any(is_glob).then_some(IgnoreSyntax::Glob);
        let regexp = versions.any(|version| !is_glob(version)).then_some(IgnoreSyntax::Regexp);
        glob.into_iter().chain(regexp).collect()
    }

    /// How often a DAG file is parsed here in a day, at most: by `min_file_process_interval`.
    /// `None` where the option is set to something that is no positive number.
    #[must_use]
    pub fn parses_per_day(&self) -> Option<u32> {
        let interval = &airflow().parse_interval;
        let configuration = self.configuration();
        let set = interval
            .sections
            .iter()
            .find_map(|section| configuration.plain(section, &interval.option));
        let seconds = match set {
            None => interval.seconds,
            Some(setting) => setting.text()?.expose().trim().parse().ok()?,
        };
        (86_400_u32).checked_div(seconds)
    }

    /// Whether answers of the backend are kept for some time while DAG files are parsed.
    #[must_use]
    pub fn caches_parsing(&self) -> bool {
        self.configuration().is_on("secrets", "use_cache")
            && self.versions.airflow().all(|it| airflow().behaves("secrets-cache", it))
    }
}

impl<'a> InUse<'a> {
    /// The keys that `reference` may ask for here.
    #[must_use]
    pub fn keys_of(&self, reference: &'a Reference) -> &'a [Key] {
        self.environment.key_of(reference).alternatives()
    }

    /// The names that `key` may have in the service, over the versions that are possible and at
    /// which Airflow starts. Empty when the kind is switched off, or where that cannot be told.
    #[must_use]
    pub fn names(&self, kind: Kind, key: &str) -> Vec<String> {
        self.over_versions(|backend| backend.name(kind, key))
    }

    /// The name of `key`, when it is the same at every version.
    #[must_use]
    pub fn name(&self, kind: Kind, key: &str) -> Option<String> {
        only(self.names(kind, key))
    }

    /// Whether its service takes two names for the same.
    #[must_use]
    pub fn is_same_name(&self, a: &str, b: &str) -> bool {
        let folds = self.configured.backend().is_some_and(|it| folds_case(&it.id));
        if folds { a.to_lowercase() == b.to_lowercase() } else { a == b }
    }

    /// What prefix, separator and key make, over the versions that are possible: the names, without
    /// what the service has before them.
    #[must_use]
    pub fn joined(&self, kind: Kind, key: &str) -> Vec<String> {
        self.over_versions(|backend| backend.joined(kind, key))
    }

    /// What stands before each key of `kind`, when it is the same at every version.
    #[must_use]
    pub fn before_keys(&self, kind: Kind) -> Option<String> {
        only(self.joined(kind, ""))
    }

    fn over_versions(&self, ask: impl Fn(&dyn Names) -> Option<String>) -> Vec<String> {
        let mut names = Vec::new();
        for variant in self.environment.variants_of(self.process) {
            match &variant.state {
                State::Unknown(_) | State::NoBackend => return Vec::new(),
                State::StartupError(_) => {}
                State::Running(backend) => match ask(backend.as_ref()) {
                    Some(name) if names.contains(&name) => {}
                    Some(name) => names.push(name),
                    None => return Vec::new(),
                },
            }
        }
        names
    }

    /// Whether the backend shows the named behaviour at some version of its package.
    #[must_use]
    pub fn behaves(&self, behaviour: &str) -> bool {
        self.configured.backend().is_some_and(|backend| !backend.when(behaviour).is_empty())
    }

    /// The service behind the backend, where it is described.
    #[must_use]
    pub fn service(&self) -> Option<&'static Service> {
        service_of(&self.configured.backend()?.id)
    }

    /// What a call of the service costs, where each is paid for.
    #[must_use]
    pub fn price(&self) -> Option<&'static Price> {
        price_of(&self.configured.backend()?.id)
    }

    /// The name that this backend is asked for by `reference`, with `*` for what is unknown, at some
    /// version that is possible; `None` inside where only run time tells it, or it is not to be shown. `None` when the backend
    /// is asked for none of its keys, or where that cannot be told.
    #[must_use]
    pub fn asked_for(&self, reference: &Reference) -> Option<Option<String>> {
        let kind = reference.kind;
        let may_pass = || !self.names(kind, "").is_empty() && self.pattern(kind).is_none();
        let key_here = self.environment.key_of(reference);
        match key_here.known_parts().next() {
            Some((key, _)) if key_here.known().is_some() => {
                let answers = self.environment.answers(self.process, kind, key);
                let asked = answers.into_iter().map(|answer| answer.lookup);
                let mut last = asked.filter(|it| it.outcome == Outcome::Asked).last()?;
                Some(last.requested.pop().filter(|_| key_here.shown().is_some()))
            }
            _ if may_pass() => Some(key_here.shown().and_then(|key| self.names(kind, &key).pop())),
            _ => None,
        }
    }

    /// The text that stands between prefix and key.
    #[must_use]
    pub fn separator(&self) -> Option<&'a str> {
        match self.configured.keyword("sep") {
            Some(kwarg) => kwarg.plain(),
            None => self.configured.backend()?.parameter("sep")?.default_text(),
        }
    }

    /// The lookup patterns that some version of the provider reads.
    pub fn patterns(&self) -> impl Iterator<Item = PatternInUse<'a>> {
        let by = *self;
        Kind::ALL.into_iter().filter_map(move |kind| by.pattern(kind))
    }

    /// The lookup pattern for `kind`, where some version of the provider reads it.
    #[must_use]
    pub fn pattern(&self, kind: Kind) -> Option<PatternInUse<'a>> {
        let kwarg =
            self.configured.keyword(&format!("{}_lookup_pattern", kind.parameter_stem()))?;
        let text = kwarg.plain().filter(|text| !text.is_empty())?;
        let backend = self.configured.backend()?;
        let versions = &self.environment.versions;
        let newest = versions.airflow().versions().last()?;
        let reads = |provider: &_| backend.effect(&kwarg.name, provider, newest) == Effect::Used;
        let provider = versions.package(&backend.package)?;
        if !provider.any(reads) {
            return None;
        }
        let mut pythons: Vec<_> =
            versions.airflow().versions().iter().map(|it| airflow().python(it)).collect();
        pythons.sort_unstable();
        pythons.dedup();
        let readings = pythons.into_iter().map(|python| LookupPattern::new(text, python)).collect();
        Some(PatternInUse { kind, kwarg, text, readings, always: provider.all(reads) })
    }
}

impl PatternInUse<'_> {
    /// Whether `key` passes: the same with every Python that is possible, or `None`.
    #[must_use]
    pub fn passes(&self, key: &str) -> Option<bool> {
        let answer = |reading: &Result<LookupPattern, _>| reading.as_ref().ok()?.matches(key);
        let mut answers = self.readings.iter().map(answer);
        let first = answers.next()??;
        answers.all(|answer| answer == Some(first)).then_some(first)
    }

    /// A pattern that may also match in the middle of a key, and does so for some of `keys`, none
    /// of which this one matches: what somebody wanted who did not know that a match begins at the
    /// first character.
    #[must_use]
    pub fn unanchored<'k>(&self, keys: impl IntoIterator<Item = &'k str>) -> Option<String> {
        let wider = format!(".*{}", self.text.trim_start_matches('^'));
        let pattern = LookupPattern::new(&wider, (3, 12)).ok()?;
        keys.into_iter().any(|key| pattern.matches(key) == Some(true)).then_some(wider)
    }
}

impl Asked<'_> {
    /// How many characters the name has that the backend asks for, also where the key may be a credential
    /// and cannot be shown; `None` where the key is not known, or versions differ.
    #[must_use]
    pub fn length(&self) -> Option<usize> {
        let key = self.key.known()?.expose();
        let names = self.by.joined(self.reference.kind, key);
        if let [name] = names.as_slice() { Some(name.chars().count()) } else { None }
    }

    /// The prefix that the key repeats: that of its own kind, or of another. `None` where the
    /// backend puts nothing before keys of this kind, so that the whole name is the key.
    #[must_use]
    pub fn repeated(&self) -> Option<Repeated> {
        let own = self.reference.kind;
        self.by.before_keys(own).filter(|before| !before.is_empty())?;
        let (key, _) = self.key.beginning()?;
        let slashes = key.len() - key.trim_start_matches('/').len();
        let key = key.trim_start_matches('/');
        // What follows may be unknown, but is something.
        let goes_on = self.key.known().is_none();
        let others = Kind::ALL.into_iter().filter(|kind| *kind != own);
        std::iter::once(own).chain(others).find_map(|kind| {
            let before = self.by.before_keys(kind)?;
            let before = before.trim_start_matches('/');
            let separator = before.chars().next_back()?;
            let certain = before
                .strip_suffix(separator)
                .is_some_and(|prefix| prefix.contains(['/', separator]));
            let may_be = certain || (separator == '/' && kind == own);
            (may_be && key.starts_with(before) && (goes_on || key.len() > before.len()))
                .then_some(Repeated { kind, bytes: slashes + before.len(), certain })
        })
    }

    /// What keeps the backend from asking for this key, at the versions at which Airflow starts.
    #[must_use]
    pub fn kept_back(&self) -> Option<Held> {
        let key = self.key.text()?;
        let answers = self.by.environment.answers(self.by.process, self.reference.kind, key);
        let mut running = answers
            .into_iter()
            .filter(|answer| answer.lookup.outcome != Outcome::StartupError)
            .peekable();
        running.peek()?;
        let (never, other): (Vec<_>, Vec<_>) =
            running.partition(|answer| answer.lookup.outcome == Outcome::NeverAsked);
        let first = never.into_iter().next()?;
        Some(Held {
            certainty: if other.is_empty() { Certainty::Always } else { Certainty::AtSomeVersions },
            by: first.lookup.kept_back?,
            reason: first.lookup.reason,
            provider: first.provider,
        })
    }

    /// Whether an environment variable holds the value, which Airflow asks after the backend.
    #[must_use]
    pub fn is_in_environment(&self) -> bool {
        let variable =
            self.key.text().and_then(|key| self.reference.kind.environment_variable(key));
        variable.is_some_and(|name| self.by.environment.settings.get(&name).is_some())
    }
}

/// A key that a backend is not asked for.
#[derive(Clone, Debug)]
pub struct Held {
    /// At how many of the possible versions.
    pub certainty: Certainty,
    /// What keeps it back.
    pub by: KeptBack,
    /// The same in a sentence.
    pub reason: String,
    /// Versions of the backend's package at which it is so.
    pub provider: Vec<Version>,
}

/// The one of `names`, when there is no other.
fn only(mut names: Vec<String>) -> Option<String> {
    if names.len() == 1 { names.pop() } else { None }
}

/// Over how many of the possible versions something holds.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Certainty {
    /// All.
    Always,
    /// Some.
    AtSomeVersions,
}

#[cfg(test)]
mod tests {
    use super::super::project::{WhatIf, what_if};
    use super::*;

    fn environment(kwargs: &str, amazon: &str, more: &[(&str, &str)]) -> Environment {
        let class = "airflow.providers.amazon.aws.secrets.secrets_manager.SecretsManagerBackend";
        let mut settings = vec![
            ("AIRFLOW__SECRETS__BACKEND", class),
            ("AIRFLOW__SECRETS__BACKEND_KWARGS", kwargs),
        ];
        settings.extend(more);
        let owned = |pairs: Vec<(&str, &str)>| {
            pairs.into_iter().map(|(key, value)| (key.to_owned(), value.to_owned())).collect()
        };
        let question = WhatIf {
            settings: owned(settings),
            versions: owned(vec![
                ("apache-airflow", "2.10.5"),
                ("apache-airflow-providers-amazon", amazon),
            ]),
            ..WhatIf::default()
        };
        what_if(&question).unwrap().1
    }

    #[test]
    fn names_are_those_of_all_versions_at_which_airflow_starts() {
        let kwargs = r#"{"variables_prefix": "a-b-", "connections_prefix": null, "sep": "-"}"#;
        for (amazon, expected) in [
            ("8.29.0", vec!["a-b-key"]),
            ("2.2.0", vec!["a-b--key"]),
            // 5.0.0 cannot be loaded.
            (">=2.2.0,!=5.0.0", vec!["a-b--key", "a-b-key"]),
            ("5.0.0", vec![]),
        ] {
            let environment = environment(kwargs, amazon, &[]);
            let by = environment.in_use().next().unwrap();
            assert_eq!(by.names(Kind::Variable, "key"), expected, "{amazon}");
            assert!(by.names(Kind::Connection, "key").is_empty(), "{amazon}");
        }
    }

    #[test]
    fn patterns_match_from_the_first_character_on() {
        let kwargs = r#"{"connections_lookup_pattern": "^_default$"}"#;
        let environment = environment(kwargs, "8.29.0", &[]);
        let pattern = environment.in_use().next().unwrap().pattern(Kind::Connection).unwrap();
        assert!(pattern.always);
        assert_eq!(pattern.passes("aws_default"), Some(false));
        assert_eq!(pattern.passes("_DEFAULT"), Some(true));
        assert_eq!(pattern.unanchored(["aws_default"]).as_deref(), Some(".*_default$"));
        assert_eq!(pattern.unanchored(["warehouse"]), None);
    }

    #[test]
    fn a_pattern_that_no_possible_version_reads_is_none() {
        let kwargs = r#"{"connections_lookup_pattern": "x"}"#;
        let old = environment(kwargs, "7.2.0", &[]);
        assert!(old.in_use().next().unwrap().pattern(Kind::Connection).is_none());
        let some = environment(kwargs, ">=7.2.0,<7.4.0", &[]);
        assert!(!some.in_use().next().unwrap().pattern(Kind::Connection).unwrap().always);
    }

    #[test]
    fn parsing_follows_the_interval() {
        let interval = |value| {
            let set = ("AIRFLOW__SCHEDULER__MIN_FILE_PROCESS_INTERVAL", value);
            environment("{}", "8.29.0", &[set]).parses_per_day()
        };
        assert_eq!(environment("{}", "8.29.0", &[]).parses_per_day(), Some(2_880));
        assert_eq!(interval("300"), Some(288));
        assert_eq!(interval("0"), None);
        assert_eq!(interval("often"), None);
    }
}
