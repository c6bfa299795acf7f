//! See `rules/pattern-matches-nothing.md`.

use std::collections::BTreeSet;

use super::{Edit, Finding, Group, Level, Rule, Safety};
use crate::model::{Key, Kind};
use crate::resolve::{InUse, PatternInUse, Project};

pub(super) static RULE: Rule = Rule {
    id: "pattern-matches-nothing",
    level: Level::Warning,
    group: Group::Names,
    summary: "A lookup pattern lets none of the keys pass that DAG code asks for",
    since: "0.1.0",
    fix: Some(Safety::Unsafe),
    page: include_str!("../../rules/pattern-matches-nothing.md"),
    check,
};

fn check(project: &Project, findings: &mut Vec<Finding>) {
    for by in project.in_use() {
        for pattern in by.patterns() {
            if let Some(keys) = known_keys(project, by, pattern.kind) {
                findings.extend(finding(by, &pattern, &keys));
            }
        }
    }
}

/// The keys that DAG code asks for; `None` when there are none, or others that are not known.
fn known_keys<'a>(
    project: &'a Project,
    by: InUse<'a>,
    kind: Kind,
) -> Option<BTreeSet<&'a str>> {
    let references = project.reading().filter(|reference| reference.kind == kind);
    let keys: Option<BTreeSet<&str>> =
        references.flat_map(|reference| by.keys_of(reference)).map(Key::name).collect();
    keys.filter(|keys| !keys.is_empty())
}

fn finding(by: InUse<'_>, pattern: &PatternInUse<'_>, keys: &BTreeSet<&str>) -> Option<Finding> {
    if !keys.iter().all(|key| pattern.passes(key) == Some(false)) {
        return None;
    }
    let kwarg = pattern.kwarg;
    let wider = pattern.unanchored(keys.iter().copied());
    let stem = pattern.kind.parameter_stem();
    let asked = match keys.iter().next() {
        Some(only) if keys.len() == 1 => format!("the {} `{only}`", pattern.kind),
        _ => format!("any of the {} {stem}", keys.len()),
    };
    let finding = Finding::new(
        &RULE,
        kwarg.value_place,
        format!("`{}` `{}` does not match {asked} that DAG code asks for", kwarg.name, pattern.text),
    )
    .in_environment(&by.environment.name)
    .label("lets none pass")
    .note(format!("the backend is asked for no {stem}: Airflow looks in the environment and in the metadata database"))
    .note("a pattern is matched from the first character of a key on, without regard to case, as by `re.match`");
    Some(match wider {
        None => {
            // Operators have connections of their own that no code names, such as `aws_default`.
            let finding = finding.help(format!("write a pattern that matches, or leave it out to ask for all {stem}"));
            if pattern.kind == Kind::Connection { finding.at_most(Level::Info) } else { finding }
        }
        Some(wider) => {
            let anchor = pattern.text.len() - pattern.text.trim_start_matches('^').len();
            let finding = finding.help(format!("write `{wider}`"));
            match kwarg.part(0..anchor) {
                Some(place) => finding.fix(
                    "Let the pattern begin anywhere",
                    Safety::Unsafe,
                    vec![Edit { place, replacement: ".*".to_owned() }],
                ),
                None => finding,
            }
        }
    })
}
