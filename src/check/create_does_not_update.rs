//! See `rules/create-does-not-update.md`.

use super::{Edit, Finding, Group, Level, Rule, Safety};
use crate::model::setup::deployed::{Deployed, Effect};
use crate::model::{FileKind, Model, Origin, Place};
use crate::resolve::Project;
use crate::text::Span;

pub(super) static RULE: Rule = Rule {
    id: "create-does-not-update",
    level: Level::Warning,
    group: Group::Environments,
    summary: "A job that runs again creates variables, and does not change those that exist",
    since: "0.1.0",
    page: include_str!("../../rules/create-does-not-update.md"),
    check,
};

fn check(project: &Project, findings: &mut Vec<Finding>) {
    let model = &project.model;
    for deployed in &model.setup.deployed {
        let file = deployed.statement.file;
        let is_manual = model.setup.workflows.iter().any(|it| it.file == file && it.is_manual);
        let repeats = model.files.get(file).kind() == FileKind::Workflow && !is_manual;
        if !repeats || deployed.origin != Origin::Command || deployed.effect != Effect::Creates {
            continue;
        }
        if is_for_new_ones(model, deployed) {
            continue;
        }
        let Some(verb) = verb(model, deployed.statement) else { continue };
        findings.push(
            Finding::new(&RULE, verb, "`create` leaves variables as they are that exist: from the second run on, nothing changes")
                .label("skips what exists")
                .note("the command says so and ends with 0, so that the job is green and the Deployment keeps the old value")
                .help("use `update`, which creates what is missing too")
                .fix("Write `update`", Safety::Unsafe, vec![Edit { place: verb, replacement: "update".to_owned() }]),
        );
    }
}

/// Whether the job makes the deployment too, is for people to start, or updates what it creates.
fn is_for_new_ones(model: &Model, created: &Deployed) -> bool {
    let file = created.statement.file;
    let text = model.files.get(file).text();
    let sets = |key: &str| created.variables.iter().any(|it| it.setting.key == key);
    let mut others = model.setup.deployed.iter().filter(|it| it.statement.file == file);
    text.contains("deployment create")
        || text.contains("'workflow_dispatch'")
        || others.any(|it| {
            it.effect == Effect::Updates && it.variables.iter().any(|it| sets(&it.setting.key))
        })
}

/// The word `create` of the command.
fn verb(model: &Model, statement: Place) -> Option<Place> {
    let text = model.files.get(statement.file).text();
    let at = statement.span.start + statement.span.of(text).find(" create")? + 1;
    Some(Place::new(statement.file, Span::new(at, at + "create".len())))
}
