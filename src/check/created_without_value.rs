//! See `rules/created-without-value.md`.

use super::{Finding, Group, Level, Rule};
use crate::model::{DeclaredName, Origin, Place};
use crate::resolve::{Created, Project};

pub(super) static RULE: Rule = Rule {
    id: "created-without-value",
    level: Level::Warning,
    group: Group::Creation,
    summary: "A secret is created without a value, and nothing in the project gives it one",
    since: "0.1.0",
    fix: None,
    page: include_str!("../../rules/created-without-value.md"),
    check,
};

fn check(project: &Project, findings: &mut Vec<Finding>) {
    let empty = project.created().filter(|it| project.is_left_empty(it.creation));
    let mut found: Vec<(Place, Vec<Created<'_>>)> = Vec::new();
    for created in empty.filter(|it| DeclaredName::may_be_shown(it.name)) {
        let creation = created.creation;
        let place = Place::new(creation.statement.file, creation.name.span());
        // A resource may create many.
        match found.iter_mut().find(|(known, _)| *known == place) {
            Some((_, all)) => all.push(created),
            None => found.push((place, vec![created])),
        }
    }
    findings.extend(found.iter().filter_map(|(place, all)| finding(*place, all)));
}

fn finding(place: Place, all: &[Created<'_>]) -> Option<Finding> {
    let (first, rest) = all.split_first()?;
    // Infrastructure code leaves values out on purpose, to keep them out of its state.
    let level =
        if first.creation.origin == Origin::Command { Level::Warning } else { Level::Info };
    let (adds, fails) = match first.creation.backend {
        "gcp_secret_manager" => (
            "`gcloud secrets versions add`, or `--data-file` here",
            "a secret without a version is answered with NotFound, as if it were not there",
        ),
        _ => (
            "`aws secretsmanager put-secret-value`, or `--secret-string` here",
            "a secret without a version is answered with ResourceNotFoundException, as if it were not there",
        ),
    };
    let message = match rest.len() {
        0 => format!("`{}` is created without a value: a lookup does not find it", first.name),
        more => format!("`{}` and {more} more are created without a value: a lookup does not find them", first.name),
    };
    Some(
        Finding::new(&RULE, place, message)
            .at_most(level)
            .in_environment(&first.by.environment.name)
            .label("no value")
            .note(fails)
            .help(format!("give it a value: {adds}")),
    )
}
