//! The secrets backends of the official packages.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::LazyLock;

use pep440_rs::Version;
use serde::Deserialize;

use super::keywords::{Members, Need, Synonyms, WrongType};
use super::{Range, embedded};

/// One secrets backend: a class of a package.
#[derive(Debug, Deserialize)]
pub struct Backend {
    /// Short stable name, such as `aws_secrets_manager`.
    pub id: String,
    /// The import path of the class.
    pub class: String,
    /// The distribution that holds it.
    pub package: String,
    /// The first version of `package` that has it under this path.
    pub since: Version,
    /// The newest version of `package` that these facts were read from.
    pub examined: Version,
    /// Other import paths that lead, or once led, to it.
    pub aliases: Vec<Alias>,
    /// What happens when the class is given no keywords at all, where that is more than its defaults.
    pub without_kwargs: Option<String>,
    /// Keywords that are no use without another one.
    #[serde(default)]
    pub needs: Vec<Need>,
    parameters: Vec<Parameter>,
    unlisted: Vec<Unlisted>,
    behaviours: BTreeMap<String, Vec<Range>>,
}

/// Another import path of a backend, valid for a range of versions of `package`.
#[derive(Debug, Deserialize)]
pub struct Alias {
    /// The import path.
    pub class: String,
    /// The distribution whose versions decide.
    pub package: String,
    /// When it works.
    #[serde(flatten)]
    pub range: Range,
    /// From here on it only forwards to the class of the provider.
    pub shim_from: Option<Version>,
}

/// A name that `backend_kwargs` may hold.
#[derive(Debug, Deserialize)]
pub struct Parameter {
    /// The keyword.
    pub name: String,
    /// What its value should be.
    #[serde(rename = "type")]
    pub value_type: ValueType,
    /// What is in force without it; `None` for nothing.
    pub default: Option<serde_json::Value>,
    /// Whether its value is a credential.
    #[serde(default)]
    pub secret: bool,
    /// What to use instead, for a deprecated one.
    pub replacement: Option<String>,
    values: Option<Vec<AllowedValue>>,
    /// What one should know of it.
    pub note: Option<String>,
    /// What is lost where it is no longer read; `None` when nothing that matters.
    pub loses: Option<String>,
    /// The parameter without which it is not read.
    pub read_with: Option<String>,
    /// What becomes of a value of another type, where that is known.
    pub wrong_type: Option<WrongType>,
    /// The names that its value may hold, where only some mean anything.
    pub members: Option<Members>,
    /// Whether it matters to some lookups only: those of one kind, or of one form of value.
    #[serde(default)]
    pub concerns_some_lookups: bool,
    /// What `null` does, where it is a mistake.
    pub null: Option<String>,
    /// The first version that takes a list, for [`ValueType::StringOrList`].
    pub list_from: Option<Version>,
    effects: Vec<EffectRange>,
}

/// A value that a parameter takes, where it takes only some.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum AllowedValue {
    Always(String),
    Later {
        value: String,
        /// The first version of the package that takes it.
        from: Version,
    },
}

impl AllowedValue {
    fn text(&self) -> &str {
        let (Self::Always(value) | Self::Later { value, .. }) = self;
        value
    }

    fn from(&self) -> Option<&Version> {
        if let Self::Later { from, .. } = self { Some(from) } else { None }
    }
}

/// The type of a parameter's value in JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub enum ValueType {
    /// Text.
    #[serde(rename = "string")]
    String,
    /// `true` or `false`.
    #[serde(rename = "boolean")]
    Boolean,
    /// A whole number.
    #[serde(rename = "integer")]
    Integer,
    /// An object.
    #[serde(rename = "object")]
    Object,
    /// Text, or a list of texts.
    #[serde(rename = "string or list")]
    StringOrList,
    /// An object, or text.
    #[serde(rename = "object or string")]
    ObjectOrString,
    /// Not restricted.
    #[serde(rename = "any")]
    Any,
}

impl fmt::Display for ValueType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::String => "a string",
            Self::Boolean => "true or false",
            Self::Integer => "an integer",
            Self::Object => "an object",
            Self::StringOrList => "a string or a list of strings",
            Self::ObjectOrString => "an object or a string",
            Self::Any => "any value",
        })
    }
}

/// What a keyword does at a version.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Effect {
    /// It is read.
    Used,
    /// It is read, with a deprecation warning.
    Deprecated,
    /// It does nothing but cause a warning.
    IgnoredWithWarning,
    /// It does nothing, without a word.
    Ignored,
    /// Every lookup fails, and Airflow asks the next place.
    LookupError,
    /// Airflow does not start.
    StartupError,
}

impl Effect {
    /// Whether the keyword is read.
    #[must_use]
    pub const fn is_read(self) -> bool {
        matches!(self, Self::Used | Self::Deprecated)
    }

    /// Whether Airflow, or every lookup, fails.
    #[must_use]
    pub const fn fails(self) -> bool {
        matches!(self, Self::LookupError | Self::StartupError)
    }
}

#[derive(Debug, Deserialize)]
struct EffectRange {
    #[serde(flatten)]
    range: Range,
    effect: Effect,
}

/// What a keyword does that the class does not know.
#[derive(Debug, Deserialize)]
struct Unlisted {
    effect: Effect,
    why: String,
    /// Versions of the backend's package; absent when Airflow's version decides.
    from: Option<Version>,
    until: Option<Version>,
    /// Versions of Airflow.
    airflow: Option<Range>,
}

impl Backend {
    /// The name of the class, without its module.
    #[must_use]
    pub fn class_name(&self) -> &str {
        self.class.rsplit('.').next().unwrap_or(&self.class)
    }

    /// All parameters of any version.
    #[must_use]
    pub fn parameters(&self) -> &[Parameter] {
        &self.parameters
    }

    /// The parameter called `name`, whether or not a given version knows it.
    #[must_use]
    pub fn parameter(&self, name: &str) -> Option<&Parameter> {
        self.parameters.iter().find(|parameter| parameter.name == name)
    }

    /// The parameters that make names, with the texts in force without them.
    pub fn default_names(&self) -> impl Iterator<Item = (&str, &str)> {
        let makes_names = |name: &str| {
            let kinds = ["connections_", "variables_", "config_"];
            kinds.iter().any(|kind| {
                name.strip_prefix(kind)
                    .is_some_and(|rest| ["prefix", "path", "label"].contains(&rest))
            })
        };
        self.parameters
            .iter()
            .filter(move |parameter| makes_names(&parameter.name))
            .filter_map(|parameter| Some((parameter.name.as_str(), parameter.default_text()?)))
            .filter(|(_, default)| !default.is_empty())
    }

    /// Whether what unlisted keywords do depends on Airflow's version, not on the package's.
    #[must_use]
    pub fn is_strict_by_airflow(&self) -> bool {
        self.unlisted.iter().any(|row| row.airflow.is_some())
    }

    /// What the keyword `name` does at `provider` and `airflow`.
    #[must_use]
    pub fn effect(&self, name: &str, provider: &Version, airflow: &Version) -> Effect {
        // Python gives the object itself under this name, so it is there twice.
        if name == "self" {
            return Effect::StartupError;
        }
        self.parameter(name)
            .and_then(|parameter| parameter.effects.iter().find(|row| row.range.contains(provider)))
            .map_or_else(|| self.unlisted(provider, airflow).0, |row| row.effect)
    }

    /// What a keyword does that no version of the class lists, and why.
    #[must_use]
    pub fn unlisted(&self, provider: &Version, airflow: &Version) -> (Effect, &str) {
        self.unlisted
            .iter()
            .find(|row| match &row.airflow {
                Some(range) => range.contains(airflow),
                None => {
                    row.from.as_ref().is_none_or(|from| provider >= from)
                        && row.until.as_ref().is_none_or(|until| provider < until)
                }
            })
            .map_or((Effect::Ignored, "it is not read"), |row| (row.effect, row.why.as_str()))
    }

    /// Whether the class shows the named behaviour at `provider`; a class that has no such fact
    /// never does.
    #[must_use]
    pub fn behaves(&self, behaviour: &str, provider: &Version) -> bool {
        debug_assert!(
            backends().iter().any(|backend| backend.behaviours.contains_key(behaviour)),
            "no fact `{behaviour}`"
        );
        self.behaviours
            .get(behaviour)
            .is_some_and(|ranges| ranges.iter().any(|range| range.contains(provider)))
    }

    /// The versions around `provider` at which the class refuses ids that look like those of teams, in
    /// every deployment; the facts call such behaviours `refuses-…`.
    #[must_use]
    pub fn refuses_ids(&self, provider: &Version) -> Option<&Range> {
        let everywhere = self.behaviours.iter().filter(|(name, _)| {
            name.starts_with("refuses-") && !name.ends_with("-in-multi-team-mode")
        });
        everywhere.flat_map(|(_, ranges)| ranges).find(|range| range.contains(provider))
    }

    /// When the class shows the named behaviour.
    #[must_use]
    pub fn when(&self, behaviour: &str) -> &[Range] {
        self.behaviours.get(behaviour).map_or(&[], Vec::as_slice)
    }

    /// Every version of Airflow at which what the class does, or whether it is there, changes.
    pub fn airflow_turning_points(&self) -> impl Iterator<Item = Version> {
        let aliases = self.aliases.iter().filter(|alias| alias.package == super::AIRFLOW);
        let unlisted = self.unlisted.iter().filter_map(|row| row.airflow.as_ref());
        aliases.map(|alias| &alias.range).chain(unlisted).flat_map(Range::bounds).cloned()
    }

    fn wrong_types(&self) -> impl Iterator<Item = &WrongType> {
        self.parameters.iter().filter_map(|parameter| parameter.wrong_type.as_ref())
    }

    /// Every version of its package at which anything changes, sorted.
    #[must_use]
    pub fn turning_points(&self) -> Vec<Version> {
        let effects = self.parameters.iter().flat_map(|parameter| &parameter.effects);
        let mut versions: Vec<Version> = effects
            .flat_map(|row| row.range.bounds())
            .chain(self.behaviours.values().flatten().flat_map(Range::bounds))
            .chain(self.unlisted.iter().flat_map(|row| row.from.iter().chain(&row.until)))
            .chain(
                self.aliases
                    .iter()
                    .filter(|alias| alias.package == self.package)
                    .flat_map(|alias| alias.range.bounds()),
            )
            .chain(self.parameters.iter().filter_map(|parameter| parameter.list_from.as_ref()))
            .chain(self.wrong_types().filter_map(|wrong| wrong.from.as_ref()))
            .chain(
                self.parameters
                    .iter()
                    .filter_map(Parameter::values)
                    .flatten()
                    .filter_map(|it| it.1),
            )
            .chain(self.needs.iter().filter_map(|need| need.from.as_ref()))
            .chain(std::iter::once(&self.since))
            .cloned()
            .collect();
        versions.sort();
        versions.dedup();
        versions
    }
}

impl Parameter {
    /// The first version that reads it.
    #[must_use]
    pub fn since(&self) -> Option<&Version> {
        self.effects.iter().map(|row| &row.range.from).min()
    }

    /// The first version that no longer reads it.
    #[must_use]
    pub fn until(&self) -> Option<&Version> {
        let last = self
            .effects
            .iter()
            .filter(|row| matches!(row.effect, Effect::Used | Effect::Deprecated))
            .max_by_key(|row| &row.range.from)?;
        last.range.until.as_ref()
    }

    /// The values it takes at some version, each with the first version that takes it where not all
    /// do; `None` where it is not restricted.
    #[must_use]
    pub fn values(&self) -> Option<impl Iterator<Item = (&str, Option<&Version>)>> {
        Some(self.values.as_ref()?.iter().map(|value| (value.text(), value.from())))
    }

    /// Whether it takes `text` at `provider`.
    #[must_use]
    pub fn takes(&self, text: &str, provider: &Version) -> bool {
        self.values().is_none_or(|mut values| {
            values.any(|(value, from)| value == text && from.is_none_or(|from| provider >= from))
        })
    }

    /// The default, when it is text.
    #[must_use]
    pub fn default_text(&self) -> Option<&str> {
        self.default.as_ref().and_then(serde_json::Value::as_str)
    }
}

#[derive(Deserialize)]
struct File {
    synonyms: Vec<Synonyms>,
    backends: Vec<Backend>,
}

static BACKENDS: LazyLock<File> =
    LazyLock::new(|| embedded("backends.json", include_str!("../../rules/facts/backends.json")));

/// All backends of the official packages.
#[must_use]
pub fn backends() -> &'static [Backend] {
    &BACKENDS.backends
}

/// Other names by which people call parameters.
pub(super) fn synonyms() -> &'static [Synonyms] {
    &BACKENDS.synonyms
}

/// The backend that `class` names in some version, and the alias when it is one.
#[must_use]
pub fn backend_by_class(class: &str) -> Option<(&'static Backend, Option<&'static Alias>)> {
    backends().iter().find_map(|backend| {
        if backend.class == class {
            return Some((backend, None));
        }
        let alias = backend.aliases.iter().find(|alias| alias.class == class)?;
        Some((backend, Some(alias)))
    })
}

/// Whether `name` is a text parameter of an official backend that never holds a credential.
#[must_use]
pub fn is_harmless_parameter(name: &str) -> bool {
    let mut rows = backends().iter().filter_map(|backend| backend.parameter(name)).peekable();
    let texts = [ValueType::String, ValueType::StringOrList];
    rows.peek().is_some() && rows.all(|row| !row.secret && texts.contains(&row.value_type))
}

/// Whether `name` is a parameter of an official backend that holds a credential.
#[must_use]
pub fn is_secret_parameter(name: &str) -> bool {
    backends().iter().filter_map(|backend| backend.parameter(name)).any(|row| row.secret)
}

/// Whether `name` can be shown as the name of a parameter: it is one, or it is written like one,
/// in small letters, and so is no key, token or password.
#[must_use]
pub fn looks_like_parameter(name: &str) -> bool {
    let written_like_one = name.len() <= 40
        && name.bytes().all(|byte| byte.is_ascii_lowercase() || b"_-".contains(&byte));
    written_like_one
        || backends().iter().any(|backend| backend.parameter(&name.to_lowercase()).is_some())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn version(text: &str) -> Version {
        text.parse().unwrap()
    }

    #[test]
    fn effects_follow_the_versions() {
        let (backend, alias) = backend_by_class(
            "airflow.providers.amazon.aws.secrets.secrets_manager.SecretsManagerBackend",
        )
        .unwrap();
        assert!(alias.is_none());
        let airflow = version("2.9.3");
        for (name, provider, expected) in [
            ("role_arn", "5.0.0", Effect::LookupError),
            ("role_arn", "5.1.0", Effect::Used),
            ("full_url_mode", "6.2.0", Effect::Used),
            ("full_url_mode", "8.27.0", Effect::IgnoredWithWarning),
            ("full_url_mode", "9.0.0", Effect::Ignored),
            ("variable_prefix", "9.0.0", Effect::Ignored),
            ("variable_prefix", "5.0.0", Effect::LookupError),
            ("variables_lookup_pattern", "7.2.0", Effect::Ignored),
            ("self", "9.0.0", Effect::StartupError),
        ] {
            assert_eq!(
                backend.effect(name, &version(provider), &airflow),
                expected,
                "{name} at {provider}"
            );
        }
        assert!(backend.turning_points().contains(&version("7.3.0")));
    }

    /// What `rules/facts/sources.json` holds of a class.
    #[derive(Deserialize)]
    struct Source {
        there: Vec<SourceRow>,
        #[serde(default)]
        parameters: BTreeMap<String, Vec<SourceRow>>,
    }

    #[derive(Deserialize)]
    struct SourceRow {
        #[serde(flatten)]
        range: Range,
        #[serde(default)]
        default: Option<serde_json::Value>,
        /// Set where the default is no plain value.
        #[serde(default)]
        code: Option<String>,
    }

    #[derive(Deserialize)]
    struct Sources {
        classes: BTreeMap<String, Source>,
    }

    /// Written by hand or not, a fact must not contradict the source of the class.
    #[test]
    fn the_facts_agree_with_the_published_sources() {
        let Sources { classes } =
            serde_json::from_str(include_str!("../../rules/facts/sources.json")).unwrap();
        let of_providers =
            backends().iter().filter(|backend| backend.package != crate::facts::AIRFLOW);
        let mut checked = 0;
        for backend in of_providers {
            let source = &classes[&backend.class];
            assert_eq!(backend.since, source.there[0].range.from, "{}", backend.id);
            for (name, rows) in &source.parameters {
                let parameter = backend.parameter(name);
                let parameter = parameter.unwrap_or_else(|| panic!("{}: no `{name}`", backend.id));
                for row in rows {
                    let range =
                        parameter.effects.iter().find(|it| it.range.contains(&row.range.from));
                    assert!(range.is_some(), "{}: `{name}` at {}", backend.id, row.range.from);
                    checked += 1;
                }
                let last = rows.last().unwrap();
                if last.code.is_none() {
                    assert_eq!(parameter.default, last.default, "{}: `{name}`", backend.id);
                }
            }
        }
        assert!(checked > 90, "only {checked} rows");
    }
}
