//! What the AWS backends have in common: patterns of ids, and ids they refuse.

use super::aws_client;
use super::fault::Fault;
use super::kwargs::Kwarg;
use super::lookup::{KeptBack, Lookup, Outcome};
use super::pattern::LookupPattern;
use super::per_kind::PerKind;
use super::start::{Names, Start, Started};
use super::team_like::Refusal;
use crate::facts::airflow;
use crate::model::Kind;

/// A running backend of the amazon provider.
#[derive(Debug)]
pub(super) struct AwsBackend {
    namespaces: PerKind<Namespace>,
    refusal: Refusal,
    client_fault: Option<Fault>,
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

/// Constructs a backend whose names are what `before_key` gives, and the key.
pub(super) fn construct(
    start: &Start<'_>,
    before_key: impl Fn(Kind, &Start<'_>) -> Result<Option<String>, Fault>,
) -> Started {
    let namespaces = PerKind::try_new(|kind| {
        Ok::<_, Fault>(Namespace {
            before: before_key(kind, start)?,
            pattern: pattern(kind, start),
        })
    })?;
    Ok(Box::new(AwsBackend {
        namespaces,
        refusal: refusal(start),
        client_fault: aws_client::fault(start),
    }))
}

/// From 9.27.0 on ids that look like `team--id` are refused; from 9.34.0 on only in multi-team
/// mode, and then every id with `--`.
fn refusal(start: &Start<'_>) -> Refusal {
    if start.behaves("refuses-double-dash") {
        Refusal::of_team_like("", "-".to_owned(), "--".to_owned()).and_options()
    } else if start.behaves("refuses-double-dash-in-multi-team-mode") && start.multi_team() {
        Refusal::of_ids_with("--".to_owned()).and_options()
    } else {
        Refusal::default()
    }
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

impl Names for AwsBackend {
    fn faults(&self) -> Vec<(Option<Kind>, &Fault)> {
        self.client_fault.iter().map(|fault| (None, fault)).collect()
    }

    fn name(&self, kind: Kind, key: &str) -> Option<String> {
        let before = self.namespaces.get(kind).before.as_ref()?;
        Some(format!("{before}{key}"))
    }

    fn lookup(&self, kind: Kind, key: &str) -> Lookup {
        let namespace = self.namespaces.get(kind);
        let Some(before) = &namespace.before else {
            return Lookup::switched_off(kind, &format!("{}_prefix", kind.parameter_stem()));
        };
        if let Some(lookup) = self.refusal.keeps_back(kind, key) {
            return lookup;
        }
        if let Some(lookup) = namespace.pattern.keeps_back(kind, key) {
            return lookup;
        }
        if let Some(fault) = &self.client_fault {
            return Lookup::none(Outcome::LookupError, fault.to_string());
        }
        let reason =
            if before.is_empty() { "no prefix: the bare key" } else { "prefix, separator and key" };
        Lookup::asked(format!("{before}{key}"), reason)
    }
}

impl Pattern {
    /// What becomes of a key that the pattern keeps from being asked for.
    fn keeps_back(&self, kind: Kind, key: &str) -> Option<Lookup> {
        let (text, pattern) = match self {
            Self::None => return None,
            Self::Fails(reason) => return Some(Lookup::none(Outcome::LookupError, reason)),
            Self::Keys(text, pattern) => (text, pattern),
        };
        match pattern.matches(key) {
            Some(true) => None,
            Some(false) => {
                let stem = kind.parameter_stem();
                let reason = format!("`{key}` does not match `{stem}_lookup_pattern` `{text}`");
                Some(Lookup::never_asked(KeptBack::Pattern, reason))
            }
            None => {
                let reason =
                    format!("whether `{text}` matches cannot be told without running Python");
                Some(Lookup::none(Outcome::Unknown, reason))
            }
        }
    }
}
