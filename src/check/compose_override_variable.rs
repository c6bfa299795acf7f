//! See `rules/compose-override-variable.md`.

use super::{Finding, Group, Level, Rule};
use crate::model::{EnvFile, Place, is_shown_key};
use crate::resolve::Project;

pub(super) static RULE: Rule = Rule {
    id: "compose-override-variable",
    level: Level::Warning,
    group: Group::Environments,
    summary: "The compose override refers to a variable of `.env`, which is not read for it",
    since: "0.1.0",
    fix: None,
    page: include_str!("../../rules/compose-override-variable.md"),
    check,
};

fn check(project: &Project, findings: &mut Vec<Finding>) {
    let model = &project.model;
    let Some(file) = &model.setup.compose_override else { return };
    let settings = model.env_files.iter().filter(|it| model.name_of(it.file) == ".env");
    let settings: Vec<_> = settings.flat_map(EnvFile::settings).collect();
    for variable in &file.variables {
        let name = &variable.node;
        let Some(setting) = settings.iter().find(|it| it.key == *name) else { continue };
        if !is_shown_key(name) {
            continue;
        }
        findings.push(
            Finding::new(
                &RULE,
                Place::new(file.file, variable.span),
                format!("`{name}` is not taken from `.env` here: only the shell is asked"),
            )
            .label("empty, unless the shell has it")
            .related(setting.key_place(), "set here, for the containers only")
            .note("`astro dev start` substitutes from the environment that it is started in; `.env` reaches the containers, not this file")
            .help(format!("write the value here, or `export {name}=…` before `astro dev start`")),
        );
    }
}
