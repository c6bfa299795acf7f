//! astrolint's own configuration: `astrolint.toml`, `.astrolint.toml` or `[tool.astrolint]`.

mod kwargs;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use toml::Spanned;

use crate::check::{self, Level};
use crate::discover::{Overlays, PathPatterns, Unreadable};
use crate::limits;
use crate::model::{
    DeclaredEnvironment, DeclaredSetting, Declares, Kind, NamedInConfig, credentials,
};
use crate::text::{self, LineIndex, Span, Text, without_quotations};

/// The names a configuration file can have, in the order they are looked for in a directory.
pub const FILE_NAMES: [&str; 3] = ["astrolint.toml", ".astrolint.toml", "pyproject.toml"];

/// Whether the file at `path` is there and configures astrolint.
///
/// # Errors
/// When it cannot be read or says something that is not understood.
pub fn configures(path: &Path) -> Result<bool, ConfigError> {
    Ok(path.is_file() && Config::read(path, &Overlays::default())?.is_some())
}

/// What a configuration file says.
#[derive(Clone, Debug, Default)]
pub struct Config {
    /// The file, and its text; `None` without one.
    pub source: Option<(PathBuf, String)>,
    /// What is not read.
    pub exclude: PathPatterns,
    /// Levels that the user sets.
    pub rules: Levels,
    /// Levels that hold for some files only, in order; the last one that says something counts.
    pub overrides: Vec<Override>,
    /// Environments whose settings are not in the repository.
    pub environments: Vec<DeclaredEnvironment>,
    /// What is said to exist, in one environment or in all, with the places of the names.
    pub names: Vec<NamedInConfig>,
}

/// Levels by rule; `None` switches a rule off.
pub type Levels = BTreeMap<&'static str, Option<Level>>;

/// Levels of some files.
#[derive(Clone, Debug)]
pub struct Override {
    /// Which files.
    pub paths: PathPatterns,
    /// The levels there.
    pub rules: Levels,
}

/// Why a configuration cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("{}: not read: {why}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        why: Unreadable,
    },
    /// Something in it is wrong.
    #[error("{}:{line}:{column}: {message}", path.display())]
    Invalid {
        /// The file.
        path: PathBuf,
        /// 1-based line.
        line: usize,
        /// 1-based column in characters.
        column: usize,
        /// What, and what was expected.
        message: String,
    },
}

impl ConfigError {
    /// The file.
    #[must_use]
    pub fn path(&self) -> &Path {
        match self {
            Self::Unreadable { path, .. } | Self::Invalid { path, .. } => path,
        }
    }
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
struct File {
    exclude: Vec<Spanned<String>>,
    rules: WrittenLevels,
    #[serde(rename = "override")]
    overrides: Vec<WrittenOverride>,
    declared: Names,
    environment: Vec<Environment>,
}

type WrittenLevels = BTreeMap<Spanned<String>, Spanned<String>>;

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct WrittenOverride {
    paths: Vec<Spanned<String>>,
    rules: WrittenLevels,
}

/// Lists of what exists.
#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
struct Names {
    variables: Vec<Spanned<String>>,
    connections: Vec<Spanned<String>>,
    secrets: Vec<Spanned<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Environment {
    name: Spanned<String>,
    backend: Option<Spanned<String>>,
    backend_kwargs: Option<Spanned<toml::Value>>,
    airflow: Option<Spanned<String>>,
    #[serde(default)]
    providers: BTreeMap<Spanned<String>, Spanned<String>>,
    #[serde(default)]
    settings: BTreeMap<Spanned<String>, Spanned<String>>,
    #[serde(default)]
    declared: Names,
}

#[derive(Deserialize)]
struct PyProject {
    tool: Option<Tool>,
}

#[derive(Deserialize)]
struct Tool {
    astrolint: Option<File>,
}

impl Config {
    /// The nearest configuration of the project at `root`: in it, or above it as far as `top`.
    ///
    /// # Errors
    /// When the nearest file cannot be read or says something that is not understood.
    pub fn nearest(root: &Path, top: &Path, overlays: &Overlays) -> Result<Self, ConfigError> {
        for directory in root.ancestors().take_while(|directory| directory.starts_with(top)) {
            for name in FILE_NAMES {
                let path = directory.join(name);
                if overlays.has_file(&path)
                    && let Some(config) = Self::read(&path, overlays)?
                {
                    return Ok(config);
                }
            }
        }
        Ok(Self::default())
    }

    /// The configuration that the user named.
    ///
    /// # Errors
    /// As for [`Config::nearest`], and when the file holds none.
    pub fn from_file(path: &Path, overlays: &Overlays) -> Result<Self, ConfigError> {
        Self::read(path, overlays)?.ok_or_else(|| ConfigError::Invalid {
            path: path.to_owned(),
            line: 1,
            column: 1,
            message: "there is no [tool.astrolint] table in this file".to_owned(),
        })
    }

    fn read(path: &Path, overlays: &Overlays) -> Result<Option<Self>, ConfigError> {
        let text = overlays
            .read_text(path, limits::TEXT_FILE)
            .map_err(|why| ConfigError::Unreadable { path: path.to_owned(), why })?;
        Self::parse(path, &text)
    }

    /// What `text`, the content of the file at `path`, says; `None` for a `pyproject.toml` that says nothing
    /// about astrolint.
    ///
    /// # Errors
    /// When it says something that is not understood.
    pub fn parse(path: &Path, text: &str) -> Result<Option<Self>, ConfigError> {
        let reader = Reader { path, text };
        let file = if path.file_name().is_some_and(|name| name == "pyproject.toml") {
            let parsed: PyProject = reader.parse()?;
            match parsed.tool.and_then(|tool| tool.astrolint) {
                Some(file) => file,
                None => return Ok(None),
            }
        } else {
            reader.parse()?
        };
        let config = reader.interpret(file)?;
        Ok(Some(Self { source: Some((path.to_owned(), text.to_owned())), ..config }))
    }

    /// The level that a finding of `rule` in the file at `path` has after the user's wishes; `None` when it
    /// is not wanted.
    ///
    /// A level that the user sets replaces the rule's own; milder cases of the rule stay milder.
    #[must_use]
    pub fn level(&self, rule: &check::Rule, level: Level, path: &Path) -> Option<Level> {
        let here = self.overrides.iter().rev().filter(|it| it.paths.match_file(path));
        let mut wishes = here.map(|it| &it.rules).chain([&self.rules]);
        match wishes.find_map(|rules| rules.get(rule.id)) {
            None => Some(level),
            Some(None) => None,
            Some(Some(wanted)) if level == rule.level => Some(*wanted),
            Some(Some(wanted)) => Some(level.min(*wanted)),
        }
    }
}

struct Reader<'a> {
    path: &'a Path,
    text: &'a str,
}

impl Reader<'_> {
    fn parse<T: serde::de::DeserializeOwned>(&self) -> Result<T, ConfigError> {
        toml::from_str(self.text).map_err(|error| {
            let at = error.span().map_or(0, |span| span.start);
            self.invalid(at, with_suggestion(&without_quotations(error.message())))
        })
    }

    fn invalid(&self, at: usize, message: impl Into<String>) -> ConfigError {
        let position = LineIndex::new(self.text).position(at, self.text);
        let (line, column) = (position.line, position.column);
        ConfigError::Invalid { path: self.path.to_owned(), line, column, message: message.into() }
    }

    fn interpret(&self, file: File) -> Result<Config, ConfigError> {
        let rules = self.levels(&file.rules)?;
        let overrides = file.overrides.iter().map(|it| {
            Ok(Override { paths: self.patterns(&it.paths)?, rules: self.levels(&it.rules)? })
        });
        let overrides = overrides.collect::<Result<_, _>>()?;
        let exclude = self.patterns(&file.exclude)?;
        let mut names = self.names(None, &file.declared);
        for environment in &file.environment {
            names.extend(self.names(Some(environment.name.get_ref()), &environment.declared));
        }
        let environments = file
            .environment
            .into_iter()
            .map(|one| self.environment(one))
            .collect::<Result<_, _>>()?;
        Ok(Config { source: None, exclude, rules, overrides, environments, names })
    }

    /// Patterns of paths relative to the file's directory.
    fn patterns(&self, written: &[Spanned<String>]) -> Result<PathPatterns, ConfigError> {
        let base = self.path.parent().unwrap_or(Path::new(""));
        let base = std::path::absolute(base).unwrap_or_else(|_| base.to_path_buf());
        let base = base.canonicalize().unwrap_or(base);
        let patterns = written.iter().map(|it| it.get_ref().as_str());
        PathPatterns::new(&base, patterns).map_err(|(number, reason)| {
            let at = written.get(number).map_or(0, |it| it.span().start);
            self.invalid(at, format!("this is no pattern of paths: {reason}"))
        })
    }

    /// The levels of rules.
    fn levels(&self, written: &WrittenLevels) -> Result<Levels, ConfigError> {
        let mut rules = Levels::new();
        for (name, level) in written {
            let rule = check::find(name.get_ref())
                .map_err(|error| self.invalid(name.span().start, error))?;
            let wanted = match level.get_ref().as_str() {
                "off" => None,
                "info" => Some(Level::Info),
                "warning" => Some(Level::Warning),
                "error" => Some(Level::Error),
                other => {
                    let message = format!(
                        "{} is not a level; expected off, info, warning or error",
                        shown(other)
                    );
                    return Err(self.invalid(level.span().start, message));
                }
            };
            rules.insert(rule.id, wanted);
        }
        Ok(rules)
    }

    /// The names of some lists, with their places inside the quotes.
    fn names(&self, environment: Option<&str>, lists: &Names) -> Vec<NamedInConfig> {
        let lists = [
            (Declares::Key(Kind::Variable), &lists.variables),
            (Declares::Key(Kind::Connection), &lists.connections),
            (Declares::Secret, &lists.secrets),
        ];
        let named = |what: Declares, name: &Spanned<String>| {
            let inner = Span::new(name.span().start + 1, name.span().end.saturating_sub(1));
            let is_plain = inner.of(self.text) == name.get_ref();
            let span = if is_plain { inner } else { name.span().into() };
            NamedInConfig {
                what,
                name: text::Spanned::new(name.get_ref().clone(), span),
                environment: environment.map(str::to_owned),
            }
        };
        let all = lists.iter().flat_map(|(what, list)| list.iter().map(|name| named(*what, name)));
        all.collect()
    }

    fn environment(&self, declared: Environment) -> Result<DeclaredEnvironment, ConfigError> {
        let mut settings = Vec::new();
        if let Some(backend) = &declared.backend {
            settings.push(self.setting(
                "AIRFLOW__SECRETS__BACKEND",
                backend.span(),
                backend.get_ref(),
                backend.span(),
            ));
        }
        if let Some(kwargs) = &declared.backend_kwargs {
            let (name, span) = ("AIRFLOW__SECRETS__BACKEND_KWARGS", kwargs.span());
            settings.push(match kwargs.get_ref() {
                toml::Value::String(text) => self.setting(name, span.clone(), text, span),
                table @ toml::Value::Table(_) => {
                    let value = kwargs::json(self.text, span.clone().into(), table);
                    let value = value.map_err(|error| {
                        self.invalid(span.start, format!("cannot be written as JSON: {error}"))
                    })?;
                    DeclaredSetting { key: name.to_owned(), key_span: span.into(), value }
                }
                _ => {
                    let expected = "expected a table, or a string that holds JSON";
                    return Err(self.invalid(span.start, expected));
                }
            });
        }
        for (key, value) in &declared.settings {
            settings.push(self.setting(key.get_ref(), key.span(), value.get_ref(), value.span()));
        }
        if let Some(airflow) = &declared.airflow {
            self.version(airflow)?;
        }
        for version in declared.providers.values() {
            self.version(version)?;
        }
        Ok(DeclaredEnvironment {
            name: declared.name.into_inner(),
            settings,
            airflow: declared.airflow.map(Spanned::into_inner),
            providers: declared
                .providers
                .into_iter()
                .map(|(k, v)| (k.into_inner(), v.into_inner()))
                .collect(),
        })
    }

    /// A setting whose value maps to the file byte by byte where the TOML string has no escapes.
    fn setting(
        &self,
        key: &str,
        key_span: std::ops::Range<usize>,
        value: &str,
        span: std::ops::Range<usize>,
    ) -> DeclaredSetting {
        let inner = Span::new(span.start + 1, span.end.saturating_sub(1));
        let value = if inner.of(self.text) == value {
            Text::verbatim(value, inner.start)
        } else {
            Text::produced_by(value, span.into())
        };
        DeclaredSetting { key: key.to_owned(), key_span: key_span.into(), value }
    }

    fn version(&self, text: &Spanned<String>) -> Result<(), ConfigError> {
        let written = text.get_ref();
        let valid = written.parse::<pep440_rs::Version>().is_ok()
            || written.parse::<pep440_rs::VersionSpecifiers>().is_ok();
        if valid {
            Ok(())
        } else {
            Err(self.invalid(
                text.span().start,
                format!("{} is neither a version nor a range of versions", shown(written)),
            ))
        }
    }
}

/// What somebody wrote, in backticks, unless it may be a credential that got into the wrong place.
fn shown(written: &str) -> String {
    if credentials::may_be_shown(written) { format!("`{written}`") } else { "this".to_owned() }
}

/// Adds the nearest of the names that serde expected to its message about an unknown one.
fn with_suggestion(message: &str) -> String {
    let mut quoted = message.split('`').skip(1).step_by(2);
    if !message.starts_with("unknown field") {
        return message.to_owned();
    }
    let Some(unknown) = quoted.next() else { return message.to_owned() };
    match check::nearest(unknown, quoted) {
        Some(near) => format!("unknown key `{unknown}`; did you mean `{near}`?"),
        None => message.replacen("unknown field", "unknown key", 1),
    }
}
