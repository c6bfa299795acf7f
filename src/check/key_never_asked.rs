//! See `rules/key-never-asked.md`.

use std::collections::BTreeMap;

use super::{Finding, Group, Level, Rule};
use crate::facts::releases::behaves_as;
use crate::model::{Kind, Setting};
use crate::resolve::{
    Asked, Certainty, Held, InUse, KeptBack, PatternInUse, Project, next_places, short_name,
};

pub(super) static RULE: Rule = Rule {
    id: "key-never-asked",
    level: Level::Error,
    group: Group::Names,
    summary: "The backend is configured and never asks for a key that DAG code needs",
    since: "0.1.0",
    fix: None,
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
            let pattern = by.pattern(kind);
            let passes = |key: &str| {
                pattern.as_ref().is_none_or(|pattern| pattern.passes(key) == Some(true))
            };
            let held: Vec<(&Asked<'_>, Held)> = keys
                .iter()
                .filter(|(key, asked)| passes(key) && !asked.is_in_environment())
                .filter_map(|(_, asked)| Some((asked, asked.kept_back()?)))
                .collect();
            if let Some((_, off)) = held.iter().find(|(_, held)| held.by == KeptBack::Off) {
                findings.extend(switched_off(by, kind, &keys, off));
                continue;
            }
            findings.extend(held.iter().filter_map(|(asked, held)| refused(asked, held)));
            if let Some(pattern) = &pattern {
                findings.extend(left_out(by, pattern, &keys));
            }
        }
    }
}

/// A key that the backend does not ask for, though it asks for others.
fn refused(asked: &Asked<'_>, held: &Held) -> Option<Finding> {
    let (kind, key) = (asked.reference.kind, asked.key.name()?);
    let (level, label) = match held.by {
        KeptBack::TeamLike => (Level::Error, "taken for the secret of a team"),
        KeptBack::NoMount => (Level::Error, "names no mount"),
        KeptBack::Own => (Level::Info, "the backend's own credentials"),
        // `key-not-allowed` and `prefix-not-allowed` say the one, the pattern's rules the other.
        KeptBack::NoName | KeptBack::Pattern | KeptBack::Off => return None,
    };
    let (message, level) = match held.certainty {
        Certainty::Always => (format!("`{key}` is never asked for: {}", held.reason), level),
        Certainty::AtSomeVersions => (
            format!("`{key}` is not asked for at some of the possible versions: {}", held.reason),
            level.min(Level::Warning),
        ),
    };
    let by = asked.by;
    let mut finding = Finding::new(&RULE, asked.reference.key_place(), message)
        .at_most(level)
        .in_environment(&by.environment.name)
        .label(label);
    if let Some(name) = by.name(kind, key) {
        finding = finding.note(format!("`{name}` may be there, and is not read"));
    }
    let backend = by.configured.backend()?;
    let package = short_name(&backend.package);
    let refusing = held.provider.iter().find_map(|it| backend.refuses_ids(&behaves_as(it)));
    let until = refusing.and_then(|range| range.until.as_ref());
    if let Some((range, until)) = refusing.zip(until) {
        finding = finding.note(format!(
            "{package} {} and later refuse such keys, until {until}; then only in multi-team mode",
            range.from
        ));
    }
    finding = finding.note(asked_instead(by, kind, key));
    Some(match (held.by, until) {
        (KeptBack::TeamLike, Some(until)) => {
            finding.help(format!("require {package} {until} or later, or use another key"))
        }
        (KeptBack::TeamLike, None) => finding.help("use another key"),
        (KeptBack::NoMount, _) => {
            finding.help("write the mount and a slash before the key, or give `mount_point`")
        }
        _ => finding.help("give it as an environment variable, or in the metadata database"),
    })
}

/// A kind that is switched off: by a null prefix, or by a file that is not given.
fn switched_off(by: InUse<'_>, kind: Kind, keys: &Keys<'_>, off: &Held) -> Option<Finding> {
    let prefix = by.configured.prefix(kind);
    let place = prefix
        .map(|prefix| prefix.value_place)
        .or_else(|| by.configured.kwargs_setting.as_ref().map(Setting::key_place))
        .or_else(|| Some(by.configured.class.as_ref()?.setting.value_place()))?;
    let missed: Vec<&str> = elsewhere(keys.iter());
    if missed.is_empty() {
        return None;
    }
    let why = off.reason.split(',').next().unwrap_or_default();
    let message = format!("{why}: the backend is never asked for {}", listed(kind, &missed));
    let finding = Finding::new(&RULE, place, message)
        .in_environment(&by.environment.name)
        .label(format!("switches {} off", kind.parameter_stem()))
        .note(asked_instead(by, kind, missed.first().copied().unwrap_or_default()));
    Some(match prefix {
        Some(prefix) if prefix.name.ends_with("_label") => finding
            .at_most(Level::Info)
            .help("write a label; null is right where the values are kept elsewhere"),
        // Other backends take it for no prefix.
        Some(prefix) if !prefix.is_null() => finding
            .at_most(Level::Warning)
            .help("write the path, or null where the values are kept elsewhere"),
        Some(_) => finding
            .at_most(Level::Info)
            .help("write `\"\"` where the names have no prefix; null is right where the values are kept elsewhere"),
        None => finding
            .at_most(Level::Info)
            .help("say where they are, if they are not kept elsewhere"),
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
