//! See `rules/create-does-not-update.md`.

use super::{Edit, Finding, Group, Level, Rule, Safety};
use crate::model::setup::deployed::{Deployed, Effect};
use crate::model::{FileKind, Model, Origin};
use crate::resolve::Project;

pub(super) static RULE: Rule = Rule {
    id: "create-does-not-update",
    level: Level::Warning,
    group: Group::Environments,
    summary: "A job that runs again creates variables, and does not change those that exist",
    since: "0.1.0",
    fix: Some(Safety::Unsafe),
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
        let Some(verb) = deployed.verb else { continue };
        findings.push(
            Finding::new(&RULE, verb, "`create` leaves variables as they are that exist: from the second run on, nothing changes")
                .label("skips what exists")
                .note("the command says so and ends with 0, so that the job is green and the Deployment keeps the old value")
                .help("use `update`, which creates what is missing too")
                .fix("Write `update`", Safety::Unsafe, vec![Edit { place: verb, replacement: "update".to_owned() }]),
        );
    }
}

/// Whether the same file makes the deployment too, or updates what it creates.
fn is_for_new_ones(model: &Model, created: &Deployed) -> bool {
    let sets = |key: &str| created.variables.iter().any(|it| it.setting.key == key);
    let file = created.statement.file;
    let mut others = model.setup.deployed.iter().filter(|it| it.statement.file == file);
    others.any(|it| match it.effect {
        Effect::Creates => it.variables.is_empty() && it.loads.is_empty(),
        Effect::Updates => it.variables.iter().any(|it| sets(&it.setting.key)),
        Effect::Replaces => false,
    })
}
