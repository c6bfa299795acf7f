//! See `rules/load-takes-no-value.md`.

use super::{Edit, Finding, Group, Level, Rule, Safety};
use crate::model::Place;
use crate::resolve::Project;
use crate::text::Span;

pub(super) static RULE: Rule = Rule {
    id: "load-takes-no-value",
    level: Level::Error,
    group: Group::Environments,
    summary: "`--load` is given a file, which the Astro CLI takes for a variable",
    since: "0.1.0",
    fix: Some(Safety::Safe),
    page: include_str!("../../rules/load-takes-no-value.md"),
    check,
};

fn check(project: &Project, findings: &mut Vec<Finding>) {
    for refused in project.model.setup.refused.iter().filter(|it| it.follows_load) {
        let place = refused.argument;
        let edit = Edit {
            place: Place::new(place.file, Span::at(place.span.start)),
            replacement: "--env ".to_owned(),
        };
        findings.push(
            Finding::new(&RULE, place, "`--load` takes no file: this is taken for a variable, and `.env` is loaded")
                .label("no `KEY=VALUE`")
                .note("the variables of `.env` are set, this file is not read, and the command ends with 1")
                .help("name the file with `--env`")
                .fix("Write `--env` before the file", Safety::Safe, vec![edit]),
        );
    }
}
