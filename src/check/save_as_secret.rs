//! See `rules/save-as-secret.md`.

use super::{Finding, Group, Level, Rule};
use crate::resolve::Project;

pub(super) static RULE: Rule = Rule {
    id: "save-as-secret",
    level: Level::Error,
    group: Group::Environments,
    summary: "`-s` marks variables as secret where it was meant to save them",
    since: "0.1.0",
    fix: None,
    page: include_str!("../../rules/save-as-secret.md"),
    check,
};

fn check(project: &Project, findings: &mut Vec<Finding>) {
    for place in &project.model.setup.saved_as_secret {
        findings.push(
            Finding::new(&RULE, *place, "`-s` is `--secret` here, not `--save`: every variable of the command becomes secret for good")
                .label("`--secret`")
                .note("only `astro deployment variable list` saves, into the file that `--env` names; a secret variable cannot be made readable again")
                .help("use `astro deployment variable list --save --env …`, or write `--secret` and leave `--env` out"),
        );
    }
}
