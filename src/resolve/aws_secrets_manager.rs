//! `SecretsManagerBackend` of the amazon provider, 1.0.0 to 9.39.0.

use super::aws::{self, Refusal};
use super::backend::{Names, Start};
use super::kwargs::Kwarg;
use super::lookup::{Lookup, Outcome};
use super::pattern::LookupPattern;
use crate::facts::airflow;
use crate::model::Kind;
use crate::read::json;

/// The running backend.
#[derive(Debug)]
pub(super) struct AwsSecretsManager {
    variables: Namespace,
    connections: Namespace,
    config: Namespace,
    refusal: Refusal,
    client_fault: Option<String>,
}

/// How the names of one kind are made.
#[derive(Debug)]
struct Namespace {
    /// What stands before the key; `None` when the kind is never asked for.
    before: Option<String>,
    pattern: Pattern,
}

#[derive(Debug)]
enum Pattern {
    None,
    Keys(String, LookupPattern),
    /// Every lookup of the kind raises.
    Fails(String),
}

impl AwsSecretsManager {
    /// Constructs the backend.
    ///
    /// # Errors
    /// The message of the exception that would stop Airflow.
    pub(super) fn start(start: &Start<'_>) -> Result<Self, String> {
        Ok(Self {
            variables: Namespace::of(Kind::Variable, start)?,
            connections: Namespace::of(Kind::Connection, start)?,
            config: Namespace::of(Kind::Config, start)?,
            refusal: aws::refuses(start),
            client_fault: aws::client_fault(start),
        })
    }

    const fn namespace(&self, kind: Kind) -> &Namespace {
        match kind {
            Kind::Variable => &self.variables,
            Kind::Connection => &self.connections,
            Kind::Config => &self.config,
        }
    }
}

impl Namespace {
    fn of(kind: Kind, start: &Start<'_>) -> Result<Self, String> {
        Ok(Self { before: before_key(kind, start)?, pattern: pattern(kind, start) })
    }
}

/// What stands before a key: the prefix without trailing separators, and the separator.
///
/// From 2.3.0 on a falsy prefix means none; before, the separator stays. `rstrip(sep)` takes `sep`
/// as a set of characters, and `None` as white space.
fn before_key(kind: Kind, start: &Start<'_>) -> Result<Option<String>, String> {
    let name = format!("{}_prefix", kind.parameter_stem());
    let given = start.keyword(&name);
    let strips_separator = start.behaves("strips-separator");
    let prefix = match given.map(|kwarg| &kwarg.value) {
        None => start
            .backend
            .parameter(&name)
            .and_then(|parameter| parameter.default_text())
            .unwrap_or("")
            .to_owned(),
        Some(value) => match &value.kind {
            json::Kind::Null => return Ok(None),
            json::Kind::String(text) => text.clone(),
            _ if strips_separator && !value.is_truthy() => String::new(),
            _ => return Err(format!("`{name}` is not a string: AttributeError")),
        },
    };
    let separator = start.keyword("sep");
    if prefix.is_empty() && strips_separator {
        return Ok(Some(String::new()));
    }
    let separator = match separator.map(|kwarg| &kwarg.value) {
        None => Some("/".to_owned()),
        Some(value) => match &value.kind {
            json::Kind::Null => None,
            json::Kind::String(text) => Some(text.clone()),
            _ if strips_separator => return Err("`sep` is not a string: TypeError".to_owned()),
            _ => value.python_str(),
        },
    };
    let stripped = match (&separator, strips_separator) {
        (_, false) => prefix.trim_end_matches('/'),
        (Some(separator), true) => prefix.trim_end_matches(|c| separator.contains(c)),
        (None, true) => prefix.trim_end(),
    };
    if stripped.is_empty() && strips_separator {
        return Ok(Some(String::new()));
    }
    Ok(Some(format!("{stripped}{}", separator.as_deref().unwrap_or("None"))))
}

fn pattern(kind: Kind, start: &Start<'_>) -> Pattern {
    let name = format!("{}_lookup_pattern", kind.parameter_stem());
    let Some(kwarg) = start.keyword(&name).filter(|kwarg| kwarg.value.is_truthy()) else {
        return Pattern::None;
    };
    let Some(text) = Kwarg::text(kwarg) else {
        return Pattern::Fails(format!("`{name}` is not a string: TypeError"));
    };
    match LookupPattern::new(text, airflow().python(start.airflow)) {
        Ok(pattern) => Pattern::Keys(text.to_owned(), pattern),
        Err(error) => {
            Pattern::Fails(format!("`{name}` is not a regular expression ({error}): re.error"))
        }
    }
}

impl Names for AwsSecretsManager {
    fn name(&self, kind: Kind, key: &str) -> Option<String> {
        let before = self.namespace(kind).before.as_ref()?;
        Some(format!("{before}{key}"))
    }

    fn lookup(&self, kind: Kind, key: &str) -> Lookup {
        let namespace = self.namespace(kind);
        let Some(before) = &namespace.before else {
            let reason = format!(
                "`{}_prefix` is null, so no {kind} is ever asked for",
                kind.parameter_stem()
            );
            return Lookup::none(Outcome::NeverAsked, reason);
        };
        if self.refusal.covers(key) {
            return Lookup::none(
                Outcome::NeverAsked,
                "an id with `--` could be the name of a team's secret, so it is refused",
            );
        }
        match &namespace.pattern {
            Pattern::None => {}
            Pattern::Fails(reason) => return Lookup::none(Outcome::LookupError, reason),
            Pattern::Keys(text, pattern) => match pattern.matches(key) {
                Some(true) => {}
                Some(false) => {
                    let reason = format!(
                        "`{key}` does not match `{}_lookup_pattern` `{text}`",
                        kind.parameter_stem()
                    );
                    return Lookup::none(Outcome::NeverAsked, reason);
                }
                None => {
                    let reason =
                        format!("whether `{text}` matches cannot be told without running Python");
                    return Lookup::none(Outcome::Unknown, reason);
                }
            },
        }
        if let Some(fault) = &self.client_fault {
            return Lookup::none(Outcome::LookupError, fault);
        }
        let reason =
            if before.is_empty() { "no prefix: the bare key" } else { "prefix, separator and key" };
        Lookup::asked(format!("{before}{key}"), reason)
    }
}
