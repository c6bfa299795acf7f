//! See `rules/save-as-secret.md`.

use super::{Edit, Finding, Group, Level, Rule, Safety};
use crate::resolve::Project;

pub(super) static RULE: Rule = Rule {
    id: "save-as-secret",
    level: Level::Error,
    group: Group::Environments,
    summary: "`-s` marks variables as secret where it was meant to save them",
    since: "0.1.0",
    fix: Some(Safety::Unsafe),
    page: include_str!("../../rules/save-as-secret.md"),
    check,
};

fn check(project: &Project, findings: &mut Vec<Finding>) {
    for place in &project.model.setup.saved_as_secret {
        let edit = Edit { place: *place, replacement: "--secret".to_owned() };
        findings.push(
            Finding::new(&RULE, *place, "`-s` is `--secret` here, not `--save`: every variable of the command becomes secret for good")
                .label("`--secret`")
                .note("only `astro deployment variable list` saves, into the file that `--env` names; a secret variable cannot be made readable again")
                .help("use `astro deployment variable list --save --env …`, or write `--secret` and leave `--env` out")
                // What the command does stays the same; whether that was meant, only its author knows.
                .fix("Write `--secret`, which is what it does", Safety::Unsafe, vec![edit]),
        );
    }
}
