//! See `rules/secret-blanked.md`.

use super::{Finding, Group, Level, Rule};
use crate::model::{FileId, Origin};
use crate::model::setup::deployed::{DeployedVariable, Effect};
use crate::resolve::Project;

pub(super) static RULE: Rule = Rule {
    id: "secret-blanked",
    level: Level::Error,
    group: Group::Environments,
    summary: "A deployment loses the value of a secret variable",
    since: "0.1.0",
    fix: None,
    page: include_str!("../../rules/secret-blanked.md"),
    check,
};

fn check(project: &Project, findings: &mut Vec<Finding>) {
    let setup = &project.model.setup;
    for deployed in &setup.deployed {
        for variable in deployed.variables.iter().filter(|it| is_blank(it)) {
            // A command that is given nothing ends with 1, and changes nothing (CLI 1.45.0).
            if deployed.effect != Effect::Creates && deployed.origin != Origin::Command {
                findings.push(blanked(variable));
            }
        }
    }
    let secret = setup.deployed.iter().flat_map(|it| &it.variables).find(|it| {
        it.is_secret == Some(true) && it.setting.key.ends_with("BACKEND_KWARGS")
    });
    let Some(secret) = secret else { return };
    let actions = setup.workflows.iter().flat_map(|it| &it.actions);
    // A command of the same workflow may give it back.
    let is_given = |file: FileId| {
        let commands = setup.deployed.iter().filter(|it| it.statement.file == file);
        let mut given = commands.flat_map(|it| &it.variables);
        given.any(|it| it.setting.key == secret.setting.key)
    };
    for action in actions.filter(|it| it.makes_preview() && !is_given(it.place.file)) {
        findings.push(
            Finding::new(
                &RULE,
                action.place,
                format!("the preview has no `{}`: it is secret, and a preview is made without secrets", secret.setting.key),
            )
            .at_most(Level::Warning)
            .label("makes a Deployment without secret variables")
            .related(secret.setting.key_place(), "secret")
            .note("`AIRFLOW__SECRETS__BACKEND` is kept where it is no secret, so the backend starts with its defaults: other prefixes, no role")
            .help(format!("set the variable after the preview is made: `astro deployment variable update {}=… --secret`", secret.setting.key)),
        );
    }
}

/// Whether the variable is a secret that is given an empty value.
fn is_blank(variable: &DeployedVariable) -> bool {
    variable.is_secret == Some(true) && variable.has_value && variable.setting.is_empty()
}

fn blanked(variable: &DeployedVariable) -> Finding {
    let key = variable.setting.shown_key();
    Finding::new(
        &RULE,
        variable.setting.value_place(),
        format!("the secret `{key}` is set to nothing: the update deletes its value"),
    )
    .label("empty")
    .note("`astro deployment inspect` writes secrets like this; what it prints cannot be given back as it is")
    .help("leave `value` out: an update then keeps what is there (Astro CLI 1.26.0 and later)")
}
