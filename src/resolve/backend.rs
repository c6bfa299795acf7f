//! What an environment says about its backend: the class, and what it is called with.

use std::ops::Range;

use pep440_rs::Version;

use super::class_path::{self, ClassFault};
use super::kwargs::{Kwarg, Kwargs};
use super::options::{Configuration, OptionValue};
use crate::facts::{self, airflow};
use crate::model::{Kind, Place, Setting};
use crate::text::Text;

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
    /// The text, with where each byte of it stands.
    source: Option<Text>,
}

impl ClassName {
    /// Why the class cannot be imported, whatever is installed.
    #[must_use]
    pub fn fault(&self) -> Option<ClassFault> {
        self.known.is_none().then(|| ClassFault::of(self.text.as_deref()?)).flatten()
    }

    /// The path as it may be shown: written like one, so that it is not the kwargs by mistake.
    #[must_use]
    pub fn shown(&self) -> Option<&str> {
        self.text.as_deref().filter(|text| class_path::is_showable(text))
    }

    /// The place of the bytes `range` of the path, where they stand in the file as they are.
    #[must_use]
    pub fn part(&self, range: Range<usize>) -> Option<Place> {
        let (length, span) = (range.len(), self.source.as_ref()?.span_of(range));
        (span.end - span.start == length).then(|| Place::new(self.setting.file, span))
    }

    /// The place of the whole path, where it stands in the file as it is.
    #[must_use]
    pub fn whole(&self) -> Option<Place> {
        self.part(0..self.text.as_ref()?.len())
    }
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

impl Configured {
    /// Reads what `configuration` says in `section`.
    #[must_use]
    pub fn read(section: Section, configuration: Configuration<'_>) -> Self {
        let class =
            configuration.plain(section.name(), section.class_option()).and_then(|setting| {
                let source = match configuration.expanded(setting) {
                    OptionValue::Set(_, text) if text.expose().is_empty() => return None,
                    OptionValue::Set(_, text) => Some(text),
                    _ => None,
                };
                let text = source.as_ref().map(|source| source.expose().to_owned());
                let known = text.as_deref().and_then(facts::backend_by_class);
                Some(ClassName { setting: setting.clone(), text, known, source })
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

    /// The package of that backend, unless it is part of Airflow.
    #[must_use]
    pub fn provider_package(&self) -> Option<&'static str> {
        let package = self.backend()?.package.as_str();
        (package != facts::AIRFLOW).then_some(package)
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
        let backend = self.backend()?;
        let names = ["prefix", "path", "label"].map(|word| format!("{stem}_{word}"));
        let mut of_class = names.iter().filter(|name| backend.parameter(name).is_some());
        of_class.find_map(|name| self.keyword(name))
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

/// A package's name without the words that all providers share.
#[must_use]
pub fn short_name(package: &str) -> &str {
    package.strip_prefix("apache-airflow-providers-").unwrap_or(package)
}
