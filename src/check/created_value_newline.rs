//! See `rules/created-value-newline.md`.

use super::{Finding, Group, Level, Rule};
use crate::model::Place;
use crate::model::setup::creation::Payload;
use crate::resolve::Project;

pub(super) static RULE: Rule = Rule {
    id: "created-value-newline",
    level: Level::Warning,
    group: Group::Creation,
    summary: "A secret is created with a line break at its end",
    since: "0.1.0",
    page: include_str!("../../rules/created-value-newline.md"),
    check,
};

fn check(project: &Project, findings: &mut Vec<Finding>) {
    for created in project.created() {
        let Payload::Line(value) = &created.creation.payload else { continue };
        let place = Place::new(created.creation.statement.file, value.span());
        findings.push(
            Finding::new(&RULE, place, "the value ends with a line break, which becomes part of the secret")
                .in_environment(&created.by.environment.name)
                .label("a line break follows")
                .note("`echo` and here-strings end with a line break; the password or the URI then has one too, and logins fail")
                .help("use `printf %s` in the place of `echo`"),
        );
    }
}
