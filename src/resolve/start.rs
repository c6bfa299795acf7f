//! A backend as Airflow would have it running: loaded, constructed, and ready to be asked.

use pep440_rs::Version;

use super::backend::{ClassName, Configured, short_name};
use super::environment::Process;
use super::fault::Fault;
use super::kwargs::{Kwarg, Kwargs};
use super::lookup::{Lookup, Outcome};
use super::options::{Configuration, OptionValue};
use super::partly_known::{self, PartlyKnown};
use super::python_value::PythonValue;
use super::team_argument::TeamArgument;
use super::{
    akeyless, aws_secrets_manager, aws_ssm_parameter_store, azure_key_vault, environment_variables,
    gcp_secret_manager, hashicorp_vault, kubernetes_secrets, local_filesystem, metastore,
    yandex_lockbox,
};
use crate::facts::{self, Backend, Effect, Range, airflow};
use crate::model::{Kind, Setting};
use crate::read::json;

/// What became of a backend at one Airflow and provider version.
#[derive(Debug)]
pub enum State {
    /// None is configured.
    NoBackend,
    /// It cannot be told, and why.
    Unknown(String),
    /// Airflow does not start, and why.
    StartupError(Fault),
    /// It answers.
    Running(Box<dyn Names>),
}

/// A running backend: which names it asks its service for.
pub trait Names: std::fmt::Debug + Send + Sync {
    /// The name that `key` has in the service, as long as nothing keeps the backend from asking:
    /// `None` for a kind that is switched off. Of several names, the first.
    fn name(&self, kind: Kind, key: &str) -> Option<String>;

    /// The part of that name which prefix, separator and key make: without the mount of Vault, which
    /// stands before it.
    fn joined(&self, kind: Kind, key: &str) -> Option<String> {
        self.name(kind, key)
    }

    /// What happens when `key` is looked up.
    fn lookup(&self, kind: Kind, key: &str) -> Lookup;

    /// Why lookups raise, of one kind or of all, whatever the key.
    fn faults(&self) -> Vec<(Option<Kind>, &Fault)> {
        Vec::new()
    }
}

/// A running backend, or what became of it instead.
pub(super) type Started = Result<Box<dyn Names>, State>;

/// An exception in the constructor: Airflow does not start.
impl From<Fault> for State {
    fn from(fault: Fault) -> Self {
        Self::StartupError(fault)
    }
}

impl From<String> for State {
    fn from(exception: String) -> Self {
        Fault::from(exception).into()
    }
}

/// The constructor of a class.
type Constructor = fn(&Start<'_>) -> Started;

/// The constructor of each class, by its name in the facts.
const CONSTRUCTORS: &[(&str, Constructor)] = &[
    ("aws_secrets_manager", aws_secrets_manager::start),
    ("aws_ssm_parameter_store", aws_ssm_parameter_store::start),
    ("hashicorp_vault", hashicorp_vault::start),
    ("gcp_secret_manager", gcp_secret_manager::start),
    ("azure_key_vault", azure_key_vault::start),
    ("yandex_lockbox", yandex_lockbox::start),
    ("akeyless", akeyless::start),
    ("kubernetes_secrets", kubernetes_secrets::start),
    ("local_filesystem", local_filesystem::start),
    ("environment_variables", environment_variables::start),
    ("metastore", metastore::start),
];

/// What a backend's class is constructed with, at one Airflow and provider version.
#[derive(Debug)]
pub(super) struct Start<'a> {
    /// The class.
    pub backend: &'static Backend,
    /// The version of Airflow.
    pub airflow: &'a Version,
    /// The version of the class's package.
    pub provider: &'a Version,
    /// The keywords, none twice.
    pub keywords: Vec<&'a Kwarg>,
    /// The environment's configuration.
    pub configuration: Configuration<'a>,
    /// Whether settings can reach the process from outside the files that were read.
    pub has_outside_sources: bool,
}

impl<'a> Start<'a> {
    /// The keyword `name`, where the class reads it at this version.
    #[must_use]
    pub(super) fn keyword(&self, name: &str) -> Option<&'a Kwarg> {
        let used = matches!(self.effect(name), Effect::Used | Effect::Deprecated);
        self.keywords.iter().copied().find(|kwarg| used && kwarg.name == name)
    }

    /// What the class has for the parameter `name`: the keyword, or its default.
    #[must_use]
    pub(super) fn value(&self, name: &str) -> PythonValue<'a> {
        if let Some(kwarg) = self.keyword(name) {
            kwarg.python_value()
        } else {
            let parameter = self.backend.parameter(name);
            let default = parameter.and_then(facts::Parameter::default_text);
            default.map_or(PythonValue::None, PythonValue::Text)
        }
    }

    /// The same, where it is a text that the files tell.
    #[must_use]
    pub(super) fn known_text(&self, name: &str) -> Option<&'a str> {
        match self.keyword(name) {
            Some(kwarg) if kwarg.is_dynamic() => None,
            _ => self.value(name).as_str(),
        }
    }

    /// Whether only running things can tell what the keyword `name` holds.
    #[must_use]
    pub(super) fn is_dynamic(&self, name: &str) -> bool {
        self.keyword(name).is_some_and(Kwarg::is_dynamic)
    }

    /// Whether the parameter `name`, which is true by default, is.
    #[must_use]
    pub(super) fn is_on(&self, name: &str) -> bool {
        self.keyword(name).is_none_or(|kwarg| kwarg.value.is_truthy())
    }

    /// Whether the class shows the named behaviour at this version.
    #[must_use]
    pub(super) fn behaves(&self, behaviour: &str) -> bool {
        self.backend.behaves(behaviour, self.provider)
    }

    /// Whether Airflow is told to run for several teams.
    #[must_use]
    pub(super) fn multi_team(&self) -> bool {
        self.configuration.is_on("core", "multi_team")
    }

    /// The setting `key` of the environment, where it is set at all.
    #[must_use]
    pub(super) fn setting(&self, key: &str) -> Option<&'a Setting> {
        self.configuration.settings.get(key)
    }

    /// The first keyword that makes every lookup raise.
    #[must_use]
    pub(super) fn refused_by_client(&self) -> Option<&'a Kwarg> {
        let refused = |kwarg: &&&Kwarg| self.effect(&kwarg.name) == Effect::LookupError;
        self.keywords.iter().find(refused).copied()
    }

    fn effect(&self, name: &str) -> Effect {
        self.backend.effect(name, self.provider, self.airflow)
    }
}

/// Starts what `configured` says for `process`, as Airflow `version` with `provider` does.
#[must_use]
pub(super) fn start(
    configured: &Configured,
    configuration: Configuration<'_>,
    process: Process,
    version: &Version,
    provider: Option<&Version>,
    has_outside_sources: bool,
) -> State {
    let Some(class) = &configured.class else { return State::NoBackend };
    let (backend, provider) = match imported(class, version, provider) {
        Ok(imported) => imported,
        Err(state) => return state,
    };
    if let Some(state) = unreadable_kwargs(configured, configuration, version) {
        return state;
    }
    let start = Start {
        backend,
        airflow: version,
        provider,
        keywords: configured.keywords(version),
        configuration,
        has_outside_sources,
    };
    if let Some(reason) = refused_call(&start) {
        return reason.into();
    }
    if let Some(kwarg) = partly_known::decisive(&start) {
        let why = format!("what `{}` holds is only known when it runs", kwarg.shown_name());
        return State::Unknown(why);
    }
    let constructor = CONSTRUCTORS.iter().find(|(id, _)| *id == backend.id);
    let started = constructor.map(|(_, constructor)| constructor(&start));
    match started {
        Some(Ok(names)) => {
            let names = TeamArgument::wrap(names, &start, process);
            State::Running(PartlyKnown::wrap(names, &start))
        }
        Some(Err(state)) => state,
        None => State::Unknown(format!("what `{}` asks for is not known", backend.class)),
    }
}

/// The class that Airflow `version` gets for what the setting says, and the version of its
/// package.
fn imported<'a>(
    class: &ClassName,
    version: &Version,
    provider: Option<&'a Version>,
) -> Result<(&'static Backend, &'a Version), State> {
    let Some(path) = &class.text else {
        let why = "the name of the backend's class is only known when it runs";
        return Err(State::Unknown(why.to_owned()));
    };
    let Some((backend, alias)) = class.known else {
        return Err(match class.fault() {
            Some(fault) => Fault::class(fault.reason(path)).into(),
            None => State::Unknown(format!(
                "`{}` is not a backend of an official package, so nothing is claimed",
                class.shown().unwrap_or("the value")
            )),
        });
    };
    let package = short_name(&backend.package);
    // The ranges are named, not the version at hand, so that versions that end alike stay together.
    let of_airflow = alias.filter(|alias| alias.package == facts::AIRFLOW);
    if let Some(gone) = of_airflow.and_then(|alias| missing(&alias.range, "Airflow", version)) {
        return Err(Fault::class(format!("{gone} has no `{path}`")).into());
    }
    let Some(provider) = provider else {
        let package = &backend.package;
        let what = format!("`{package}` is not installed, so the class cannot be imported");
        return Err(Fault::class(what).into());
    };
    // A path of Airflow itself leads to whichever path the provider has.
    let mut own = backend.aliases.iter().filter(|alias| alias.package == backend.package);
    let gone = match alias {
        Some(alias) if of_airflow.is_none() => missing(&alias.range, package, provider),
        _ if *provider >= backend.since => None,
        Some(_) if own.any(|alias| alias.range.contains(provider)) => None,
        _ => Some(format!("{package} before {}", backend.since)),
    };
    if let Some(gone) = gone {
        let path = of_airflow.map_or(path, |_| &backend.class);
        return Err(Fault::class(format!("{gone} has no `{path}`")).into());
    }
    if backend.behaves("fails-to-load", provider) {
        let why = "cannot be loaded as a backend: circular import";
        return Err(Fault::class(format!("this version of {package} {why}")).into());
    }
    Ok((backend, provider))
}

/// Which versions of `package` have something no more, or not yet, that `range` has.
fn missing(range: &Range, package: &str, version: &Version) -> Option<String> {
    match &range.until {
        _ if *version < range.from => Some(format!("{package} before {}", range.from)),
        Some(until) if version >= until => Some(format!("{package} from {until} on")),
        _ => None,
    }
}

/// Why the class cannot be called with these keywords.
fn refused_call(start: &Start<'_>) -> Option<String> {
    let version = start.airflow;
    let refused =
        start.keywords.iter().find(|kwarg| start.effect(&kwarg.name) == Effect::StartupError);
    if let Some(kwarg) = refused {
        return Some(format!(
            "`{}` is not a parameter of the class: TypeError",
            kwarg.shown_name()
        ));
    }
    if start.keywords.iter().any(|kwarg| kwarg.name == "self") {
        return Some("`self` is given twice: TypeError".to_owned());
    }
    let is_hashable =
        |kwarg: &Kwarg| !matches!(kwarg.value.kind, json::Kind::Array(_) | json::Kind::Object(_));
    let unhashable = start.keywords.iter().find(|kwarg| !is_hashable(kwarg))?;
    airflow().behaves("kwargs-must-be-hashable", version).then(|| {
        let name = unhashable.shown_name();
        format!("Airflow 2.3 cannot take a list or an object as `{name}`: TypeError")
    })
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
                format!("`{}` asks the backend for its own kwargs: RecursionError", setting.key)
                    .into()
            } else {
                State::Unknown(format!(
                    "`{}` asks the backend for its own kwargs, over and over",
                    setting.key
                ))
            });
        }
        _ => {}
    }
    let mut own = configuration.settings.starting_with(section.own_variable_prefix());
    if airflow().behaves("per-kwarg-variables", version)
        && let Some(setting) = own.find(|setting| setting.text().is_none())
    {
        let why = format!("the value of `{}` is only known when it runs", setting.key);
        return Some(State::Unknown(why));
    }
    let option = section.kwargs_option();
    match &configured.kwargs {
        Kwargs::Dynamic { .. } => {
            Some(State::Unknown("the kwargs are only known when it runs".to_owned()))
        }
        Kwargs::NotObject { found, .. } if airflow().behaves("kwargs-must-be-object", version) => {
            Some(format!("`{option}` is {found}, not an object: TypeError").into())
        }
        // Before 2.4.1 only a JSONDecodeError is caught, and a RecursionError never is.
        Kwargs::NotJson(fault) => match fault.error.kind {
            json::ErrorKind::TooDeep => {
                Some(format!("`{option}` is nested too deeply: RecursionError").into())
            }
            json::ErrorKind::IntegerTooLong
                if airflow().behaves("kwargs-must-be-object", version) =>
            {
                Some(format!("`{option}` holds too long a number: ValueError").into())
            }
            _ => None,
        },
        _ => None,
    }
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
