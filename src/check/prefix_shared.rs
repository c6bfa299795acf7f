//! See `rules/prefix-shared.md`.

use std::collections::BTreeSet;

use super::{Finding, Group, Level, Rule};
use crate::model::{Key, Kind};
use crate::resolve::{InUse, Kwarg, Project};

pub(super) static RULE: Rule = Rule {
    id: "prefix-shared",
    level: Level::Warning,
    group: Group::Names,
    summary: "Two kinds of secrets share a prefix, so that one name serves both",
    since: "0.1.0",
    fix: None,
    page: include_str!("../../rules/prefix-shared.md"),
    check,
};

fn check(project: &Project, findings: &mut Vec<Finding>) {
    for by in project.in_use() {
        let kinds: Vec<(Kind, String)> = Kind::ALL
            .into_iter()
            .filter_map(|kind| Some((kind, by.name(kind, "")?)))
            .collect();
        for (number, (second, before)) in kinds.iter().enumerate() {
            // The nearest kind before it says it; a third one would only repeat that.
            let first = kinds.iter().take(number).rev().find(|(_, other)| other == before);
            let Some((first, _)) = first else { continue };
            if by.pattern(*first).is_some() && by.pattern(*second).is_some() {
                continue;
            }
            findings.extend(shared(project, by, *first, *second));
        }
    }
}

fn shared(project: &Project, by: InUse<'_>, first: Kind, second: Kind) -> Option<Finding> {
    let keywords = [first, second].map(|kind| by.configured.prefix(kind));
    let (here, there, kind, other) = match keywords {
        [there, Some(here)] => (here, there, second, first),
        [Some(here), None] => (here, None, first, second),
        [None, None] => return None,
    };
    let value = here.plain().unwrap_or_default();
    let name = by.name(kind, "<key>")?;
    let message = match there {
        Some(there) => format!(
            "`{}` and `{}` are the same: {other} and {kind} `<key>` are both `{name}`",
            there.name, here.name
        ),
        None => format!(
            "`{}` is the default for {}: {other} and {kind} `<key>` are both `{name}`",
            here.name,
            plural(other)
        ),
    };
    let mut finding = Finding::new(&RULE, here.value_place, message)
        .in_environment(&by.environment.name)
        .label(format!("also for {}", plural(other)))
        .note(format!(
            "a {other} and a {kind} of the same spelling read one secret, and a policy cannot allow one kind without the other"
        ))
        .help(match value {
            "" => format!("give each kind a prefix of its own, such as `airflow/{}`", kind.parameter_stem()),
            _ => format!("write a prefix of its own, such as `{}/{}`", value.trim_end_matches('/'), kind.parameter_stem()),
        });
    if let Some(Kwarg { value_place, .. }) = there {
        finding = finding.related(*value_place, "the same prefix");
    }
    if let Some(key) = asked_as_both(project, first, second) {
        finding = finding.note(format!("DAG code asks for `{key}` as both"));
    }
    Some(finding)
}

/// A key that DAG code asks for under both kinds.
fn asked_as_both(project: &Project, first: Kind, second: Kind) -> Option<&str> {
    let keys = |kind: Kind| {
        let references = project.reading().filter(move |reference| reference.kind == kind);
        references.flat_map(|reference| reference.key.alternatives()).filter_map(Key::name)
    };
    let of_first: BTreeSet<&str> = keys(first).collect();
    keys(second).find(|key| of_first.contains(key))
}

const fn plural(kind: Kind) -> &'static str {
    match kind {
        Kind::Variable => "variables",
        Kind::Connection => "connections",
        Kind::Config => "configuration options",
    }
}
