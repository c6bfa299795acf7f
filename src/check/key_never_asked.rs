//! See `rules/key-never-asked.md`.

use std::collections::BTreeMap;

use super::{Finding, Group, Level, Rule};
use crate::model::{Kind, Reference};
use crate::resolve::{Asked, Certainty, InUse, Kwarg, PatternInUse, Project, next_places};

pub(super) static RULE: Rule = Rule {
    id: "key-never-asked",
    level: Level::Error,
    group: Group::Names,
    summary: "The backend is configured and never asks for a key that DAG code needs",
    since: "0.1.0",
    page: include_str!("../../rules/key-never-asked.md"),
    check,
};

/// The known keys of one kind that DAG code asks one backend for, each with the first place.
type Keys<'a> = BTreeMap<&'a str, Asked<'a>>;

fn check(project: &Project, findings: &mut Vec<Finding>) {
    for by in project.in_use() {
        for kind in [Kind::Variable, Kind::Connection] {
            let mut keys = Keys::new();
            for reference in project.reading().filter(|reference| reference.kind == kind) {
                for key in by.keys_of(reference) {
                    if let Some(text) = key.name() {
                        keys.entry(text).or_insert(Asked { by, reference, key });
                    }
                }
            }
            if keys.is_empty() {
                continue;
            }
            if by.configured.prefix(kind).is_some_and(Kwarg::is_null) {
                findings.extend(switched_off(by, kind, &keys));
                continue;
            }
            let pattern = by.pattern(kind);
            let passes = |key: &str| {
                pattern.as_ref().is_none_or(|pattern| pattern.passes(key) == Some(true))
            };
            findings.extend(
                keys.iter()
                    .filter(|(key, _)| passes(key) && key.contains("--"))
                    .filter_map(|(key, asked)| refused(key, asked)),
            );
            if let Some(pattern) = &pattern {
                findings.extend(left_out(by, pattern, &keys));
            }
        }
    }
}

/// An id with a double dash, which some versions take for the name of a team's secret.
fn refused(key: &str, asked: &Asked<'_>) -> Option<Finding> {
    let certainty = asked.is_refused()?;
    if asked.is_in_environment() {
        return None;
    }
    let Reference { kind, .. } = *asked.reference;
    let place = asked.reference.key_place();
    let name = asked.by.name(kind, key)?;
    let finding = Finding::new(
        &RULE,
        place,
        match certainty {
            Certainty::Always => format!("`{key}` is never asked for because of its `--`, although `{name}` may exist"),
            Certainty::AtSomeVersions => format!("`{key}` is not asked for at some of the possible versions because of its `--`"),
        },
    )
    .in_environment(&asked.by.environment.name)
    .label("taken for the secret of a team")
    .note("amazon 9.27.0 to 9.33.x take `<team>--<key>` for the name of a team's secret and refuse it, without a word in 9.27.0 and with a warning later")
    .help("use amazon 9.34.0 or later, or a key without `--`");
    Some(match certainty {
        Certainty::Always => finding,
        Certainty::AtSomeVersions => finding.at_most(Level::Warning),
    })
}

fn switched_off(by: InUse<'_>, kind: Kind, keys: &Keys<'_>) -> Option<Finding> {
    let prefix = by.configured.prefix(kind)?;
    let missed: Vec<&str> = elsewhere(keys.iter());
    (!missed.is_empty()).then(|| {
        Finding::new(
            &RULE,
            prefix.value_place,
            format!("`{}` is null: the backend is never asked for {}", prefix.name, listed(kind, &missed)),
        )
        .at_most(Level::Info)
        .in_environment(&by.environment.name)
        .label(format!("switches {} off", kind.parameter_stem()))
        .note(asked_instead(by, kind, missed.first().copied().unwrap_or_default()))
        .help("write `\"\"` where the names have no prefix; null is right where the values are kept elsewhere")
    })
}

fn left_out(by: InUse<'_>, pattern: &PatternInUse<'_>, keys: &Keys<'_>) -> Option<Finding> {
    let (passing, others): (Vec<_>, Vec<_>) =
        keys.iter().partition(|(key, _)| pattern.passes(key) != Some(false));
    // Where nothing passes, `pattern-matches-nothing` says so.
    if passing.is_empty() {
        return None;
    }
    let missed = elsewhere(others.into_iter());
    let wider = pattern.unanchored(missed.iter().copied());
    (!missed.is_empty()).then(|| {
        let name = &pattern.kwarg.name;
        let finding = Finding::new(
            &RULE,
            pattern.kwarg.value_place,
            format!("`{name}` `{}` keeps the backend from being asked for {}", pattern.text, listed(pattern.kind, &missed)),
        )
        .in_environment(&by.environment.name)
        .label(format!("lets {} of {} pass", passing.len(), keys.len()))
        .note(asked_instead(by, pattern.kind, missed.first().copied().unwrap_or_default()));
        match wider {
            Some(wider) => finding
                .at_most(Level::Warning)
                .note("a pattern is matched from the first character of a key on, as by `re.match`")
                .help(format!("write `{wider}` if these should pass")),
            None => finding
                .at_most(Level::Info)
                .help("widen the pattern if these are in the backend"),
        }
    })
}

/// The keys that no environment variable holds.
fn elsewhere<'a>(keys: impl Iterator<Item = (&'a &'a str, &'a Asked<'a>)>) -> Vec<&'a str> {
    keys.filter(|(_, asked)| !asked.is_in_environment()).map(|(key, _)| *key).collect()
}

/// The keys in words; of more than two, how many there are.
fn listed(kind: Kind, keys: &[&str]) -> String {
    match keys {
        [only] => format!("{kind} `{only}`"),
        [first, second] => format!("{} `{first}` and `{second}`", kind.parameter_stem()),
        [first, second, ..] => {
            format!("{} {} (`{first}`, `{second}`, …)", keys.len(), kind.parameter_stem())
        }
        [] => String::new(),
    }
}

fn asked_instead(by: InUse<'_>, kind: Kind, key: &str) -> String {
    let newest = by.environment.versions.airflow().versions().last();
    let places = next_places(by.process, kind, key, newest).join(", then in the ");
    format!("Airflow looks for `{key}` in the {places}")
}
