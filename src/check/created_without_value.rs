//! See `rules/created-without-value.md`.

use super::{Finding, Group, Level, Rule};
use crate::model::{DeclaredName, Origin, Place};
use crate::resolve::Project;

pub(super) static RULE: Rule = Rule {
    id: "created-without-value",
    level: Level::Warning,
    group: Group::Creation,
    summary: "A secret is created without a value, and nothing in the project gives it one",
    since: "0.1.0",
    page: include_str!("../../rules/created-without-value.md"),
    check,
};

fn check(project: &Project, findings: &mut Vec<Finding>) {
    for created in project.created().filter(|it| project.is_left_empty(it.creation)) {
        if !DeclaredName::may_be_shown(created.name) {
            continue;
        }
        let creation = created.creation;
        // Infrastructure code leaves values out on purpose, to keep them out of its state.
        let level = if creation.origin == Origin::Command { Level::Warning } else { Level::Info };
        let place = Place::new(creation.statement.file, creation.name.span());
        let (adds, fails) = match creation.backend {
            "gcp_secret_manager" => (
                "`gcloud secrets versions add`, or `--data-file` here",
                "a secret without a version is answered with NotFound, as if it were not there",
            ),
            _ => (
                "`aws secretsmanager put-secret-value`, or `--secret-string` here",
                "a secret without a version is answered with ResourceNotFoundException, as if it were not there",
            ),
        };
        findings.push(
            Finding::new(&RULE, place, format!("`{}` is created without a value: a lookup does not find it", created.name))
                .at_most(level)
                .in_environment(&created.by.environment.name)
                .label("no value")
                .note(fails)
                .help(format!("give it a value: {adds}")),
        );
    }
}
