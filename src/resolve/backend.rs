//! A backend as Airflow would have it running: loaded, constructed, and ready to be asked.

use pep440_rs::Version;

use super::aws_secrets_manager::AwsSecretsManager;
use super::kwargs::{Kwarg, Kwargs};
use super::lookup::{Lookup, Outcome};
use super::options::{Configuration, OptionValue};
use crate::facts::{self, Effect, airflow};
use crate::model::{Kind, Setting};

/// What an environment says about a backend: the class, and what it is called with.
#[derive(Clone, Debug)]
pub struct Configured {
    /// The section it stands in.
    pub section: Section,
    /// The option that names the class, when it is set to something.
    pub class: Option<ClassName>,
    /// The option that holds the keywords.
    pub kwargs_setting: Option<Setting>,
    /// What it says.
    pub kwargs: Kwargs,
    /// Keywords from variables of their own, which Airflow reads from 3.2.0 on.
    pub own_variables: Vec<Kwarg>,
}

/// Whose backend it is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Section {
    /// `[secrets]`: everything, unless a worker has its own.
    Secrets,
    /// `[workers]`: workers, Dag processor and triggerer of Airflow 3.
    Workers,
}

/// The text that names the class.
#[derive(Clone, Debug)]
pub struct ClassName {
    /// The setting it stands in.
    pub setting: Setting,
    /// The text after expansion; `None` when only running things can tell. What cannot be a class and
    /// may be a credential, such as the kwargs, is masked.
    pub text: Option<String>,
    /// The official backend it names in some version.
    pub known: Option<(&'static facts::Backend, Option<&'static facts::Alias>)>,
}

impl Section {
    /// The section's name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Secrets => "secrets",
            Self::Workers => "workers",
        }
    }

    /// The option that names the class.
    #[must_use]
    pub const fn class_option(self) -> &'static str {
        match self {
            Self::Secrets => "backend",
            Self::Workers => "secrets_backend",
        }
    }

    /// The option that holds the keywords.
    #[must_use]
    pub const fn kwargs_option(self) -> &'static str {
        match self {
            Self::Secrets => "backend_kwargs",
            Self::Workers => "secrets_backend_kwargs",
        }
    }

    /// What variables that hold one keyword begin with (Airflow 3.2.0 on).
    #[must_use]
    pub const fn own_variable_prefix(self) -> &'static str {
        match self {
            Self::Secrets => "AIRFLOW__SECRETS__BACKEND_KWARG__",
            Self::Workers => "AIRFLOW__WORKERS__SECRETS_BACKEND_KWARG__",
        }
    }
}

/// `text`, unless it was never meant to be seen.
fn shown_class(text: &str) -> &str {
    if facts::credentials().looks_private(text) { "•••" } else { text }
}

impl Configured {
    /// Reads what `configuration` says in `section`.
    #[must_use]
    pub fn read(section: Section, configuration: Configuration<'_>) -> Self {
        let class =
            configuration.plain(section.name(), section.class_option()).and_then(|setting| {
                let text = match configuration.expanded(setting) {
                    OptionValue::Set(_, text) if text.expose().is_empty() => return None,
                    OptionValue::Set(_, text) => Some(shown_class(text.expose()).to_owned()),
                    _ => None,
                };
                let known = text.as_deref().and_then(facts::backend_by_class);
                Some(ClassName { setting: setting.clone(), text, known })
            });
        let kwargs_setting = configuration.plain(section.name(), section.kwargs_option()).cloned();
        let kwargs = kwargs_setting
            .as_ref()
            .map_or(Kwargs::Unset, |setting| Kwargs::read(setting, configuration.settings));
        let prefix = section.own_variable_prefix();
        let own_variables = configuration
            .settings
            .starting_with(prefix)
            .filter_map(|setting| {
                let name = setting.key.get(prefix.len()..).filter(|name| !name.is_empty())?;
                Kwarg::of_own_variable(name.to_lowercase(), setting)
            })
            .collect();
        Self { section, class, kwargs_setting, kwargs, own_variables }
    }

    /// The official backend that the class names, in some version.
    #[must_use]
    pub fn backend(&self) -> Option<&'static facts::Backend> {
        self.class.as_ref()?.known.map(|(backend, _)| backend)
    }

    /// The keyword `name` of the JSON, where it is there and not replaced by a later one.
    #[must_use]
    pub fn keyword(&self, name: &str) -> Option<&Kwarg> {
        self.kwargs.members().iter().find(|kwarg| kwarg.name == name && !kwarg.overridden)
    }

    /// The keyword that gives the prefix of `kind`, by whichever name the backend has for it.
    #[must_use]
    pub fn prefix(&self, kind: Kind) -> Option<&Kwarg> {
        let stem = kind.parameter_stem();
        self.keyword(&format!("{stem}_prefix")).or_else(|| self.keyword(&format!("{stem}_path")))
    }

    /// The keywords that the class is called with at `version` of Airflow: without those that are
    /// replaced, and with variables of their own from 3.2.0 on.
    #[must_use]
    pub fn keywords(&self, version: &Version) -> Vec<&Kwarg> {
        let own: &[Kwarg] = if airflow().behaves("per-kwarg-variables", version) {
            &self.own_variables
        } else {
            &[]
        };
        let json = self.kwargs.members().iter().filter(|kwarg| !kwarg.overridden);
        json.filter(|kwarg| own.iter().all(|other| other.name != kwarg.name)).chain(own).collect()
    }
}

/// What became of a backend at one Airflow and provider version.
#[derive(Debug)]
pub enum State {
    /// None is configured.
    NoBackend,
    /// It cannot be told, and why.
    Unknown(String),
    /// Airflow does not start, and why.
    StartupError(String),
    /// It answers.
    Running(Box<dyn Names>),
}

/// A running backend: which names it asks its service for.
pub trait Names: std::fmt::Debug + Send + Sync {
    /// The name that `key` has in the service, as long as nothing keeps the backend from asking:
    /// `None` for a kind that is switched off.
    fn name(&self, kind: Kind, key: &str) -> Option<String>;

    /// What happens when `key` is looked up.
    fn lookup(&self, kind: Kind, key: &str) -> Lookup;
}

/// What a backend's class is constructed with, at one Airflow and provider version.
#[derive(Debug)]
pub(super) struct Start<'a> {
    /// The class.
    pub backend: &'static facts::Backend,
    /// The version of Airflow.
    pub airflow: &'a Version,
    /// The version of the class's package.
    pub provider: &'a Version,
    /// The keywords, none twice.
    pub keywords: Vec<&'a Kwarg>,
    /// The environment's configuration.
    pub configuration: Configuration<'a>,
    /// Whether a region can reach the client from outside the files that were read.
    pub region_may_come_from_elsewhere: bool,
}

impl<'a> Start<'a> {
    /// The keyword `name`, where the class reads it at this version.
    #[must_use]
    pub(super) fn keyword(&self, name: &str) -> Option<&'a Kwarg> {
        let used = matches!(
            self.backend.effect(name, self.provider, self.airflow),
            Effect::Used | Effect::Deprecated
        );
        self.keywords.iter().copied().find(|kwarg| used && kwarg.name == name)
    }

    /// Whether the class shows the named behaviour at this version.
    #[must_use]
    pub(super) fn behaves(&self, behaviour: &str) -> bool {
        self.backend.behaves(behaviour, self.provider)
    }
}

/// Starts what `configured` says, as Airflow `version` with `provider` does.
#[must_use]
pub(super) fn start(
    configured: &Configured,
    configuration: Configuration<'_>,
    version: &Version,
    provider: Option<&Version>,
    region_may_come_from_elsewhere: bool,
) -> State {
    let Some(class) = &configured.class else { return State::NoBackend };
    let Some(path) = &class.text else {
        return State::Unknown(
            "the name of the backend's class is only known when it runs".to_owned(),
        );
    };
    let Some((backend, alias)) = class.known else {
        return match super::class_path::fault(path) {
            Some(fault) => State::StartupError(fault),
            None => State::Unknown(format!(
                "`{path}` is not a backend of an official package, so nothing is claimed"
            )),
        };
    };
    if let Some(alias) = alias
        && alias.package == facts::AIRFLOW
        && !alias.range.contains(version)
    {
        return State::StartupError(format!("Airflow {version} has no `{path}`"));
    }
    let Some(provider) = provider else {
        return State::StartupError(format!(
            "`{}` is not installed, so the class cannot be imported",
            backend.package
        ));
    };
    let present = match alias {
        Some(alias) if alias.package == backend.package => alias.range.contains(provider),
        _ => *provider >= backend.since,
    };
    if !present {
        return State::StartupError(format!(
            "{} {provider} has no `{path}`",
            short_name(&backend.package)
        ));
    }
    if let Some(reason) = unreadable_kwargs(configured, configuration, version) {
        return reason;
    }
    let keywords = configured.keywords(version);
    for kwarg in &keywords {
        if backend.effect(&kwarg.name, provider, version) == Effect::StartupError {
            return State::StartupError(format!(
                "`{}` is not a parameter of the class: TypeError",
                kwarg.name
            ));
        }
        let unhashable = matches!(
            kwarg.value.kind,
            crate::read::json::Kind::Array(_) | crate::read::json::Kind::Object(_)
        );
        if unhashable && airflow().behaves("kwargs-must-be-hashable", version) {
            return State::StartupError(format!(
                "Airflow {version} cannot take a list or an object as `{}`: TypeError",
                kwarg.name
            ));
        }
    }
    let start = Start {
        backend,
        airflow: version,
        provider,
        keywords,
        configuration,
        region_may_come_from_elsewhere,
    };
    if start.backend.id != "aws_secrets_manager" {
        return State::Unknown(format!(
            "the names that `{path}` asks for are not known to this version of astrolint"
        ));
    }
    if start.behaves("fails-to-load") {
        return State::StartupError(format!(
            "{} {provider} cannot be loaded as a backend: circular import",
            short_name(&backend.package)
        ));
    }
    let running = match AwsSecretsManager::start(&start) {
        Ok(running) => running,
        Err(reason) => return State::StartupError(reason),
    };
    State::Running(Box::new(running))
}

/// Kwargs that keep the class from being called at all, or that cannot be known.
fn unreadable_kwargs(
    configured: &Configured,
    configuration: Configuration<'_>,
    version: &Version,
) -> Option<State> {
    let section = configured.section;
    match configuration.option(section.name(), section.kwargs_option(), version) {
        OptionValue::Command(setting) => {
            return Some(State::Unknown(format!(
                "`{}` holds a command, which is never run",
                setting.key
            )));
        }
        OptionValue::Secret(setting) => {
            return Some(if airflow().behaves("kwargs-secret-recursion-is-fatal", version) {
                State::StartupError(format!(
                    "`{}` asks the backend for its own kwargs: RecursionError",
                    setting.key
                ))
            } else {
                State::Unknown(format!(
                    "`{}` asks the backend for its own kwargs, over and over",
                    setting.key
                ))
            });
        }
        _ => {}
    }
    match &configured.kwargs {
        Kwargs::Dynamic { .. } => {
            Some(State::Unknown("the kwargs are only known when it runs".to_owned()))
        }
        Kwargs::NotObject { found, .. } if airflow().behaves("kwargs-must-be-object", version) => {
            Some(State::StartupError(format!(
                "`{}` is {found}, not an object: TypeError",
                section.kwargs_option()
            )))
        }
        _ => None,
    }
}

/// A package's name without the words that all providers share.
#[must_use]
pub fn short_name(package: &str) -> &str {
    package.strip_prefix("apache-airflow-providers-").unwrap_or(package)
}

impl State {
    /// What happens when `key` is looked up.
    #[must_use]
    pub fn lookup(&self, kind: Kind, key: &str) -> Lookup {
        match self {
            Self::NoBackend => Lookup::none(Outcome::NoBackend, "no secrets backend is configured"),
            Self::Unknown(reason) => Lookup::none(Outcome::Unknown, reason),
            Self::StartupError(reason) => {
                Lookup::none(Outcome::StartupError, format!("Airflow does not start: {reason}"))
            }
            Self::Running(names) => names.lookup(kind, key),
        }
    }

    /// The name that `key` has in the backend's service, as far as it is one.
    #[must_use]
    pub fn name(&self, kind: Kind, key: &str) -> Option<String> {
        if let Self::Running(names) = self { names.name(kind, key) } else { None }
    }
}
