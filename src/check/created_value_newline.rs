//! See `rules/created-value-newline.md`.

use super::{Edit, Finding, Group, Level, Rule, Safety};
use crate::model::{Kind, Place};
use crate::resolve::Project;

pub(super) static RULE: Rule = Rule {
    id: "created-value-newline",
    level: Level::Warning,
    group: Group::Creation,
    summary: "A secret is created with a line break at its end",
    since: "0.1.0",
    fix: Some(Safety::Safe),
    page: include_str!("../../rules/created-value-newline.md"),
    check,
};

fn check(project: &Project, findings: &mut Vec<Finding>) {
    for created in project.created() {
        let Some(value) = created.creation.payload.line() else { continue };
        let place = Place::new(created.creation.statement.file, value.span());
        // Before it makes a connection, Airflow strips the text.
        let level = if created.kind == Some(Kind::Connection) { Level::Info } else { Level::Warning };
        let finding =
            Finding::new(&RULE, place, "the value ends with a line break, which becomes part of the secret")
                .at_most(level)
                .in_environment(&created.by.environment.name)
                .label("a line break follows")
                .note("`echo`, here-strings and heredocs end with a line break, which the variable then has too: comparisons and logins fail")
                .help("use `printf %s` in the place of `echo`; in Terraform, `trimspace`, or no `\\n`");
        findings.push(match created.creation.mended.as_slice() {
            [] => finding,
            mended => finding.fix("Print it without a line break", Safety::Safe, Edit::of(mended)),
        });
    }
}
