//! See `rules/kwargs-not-secret.md`.

use super::{Edit, Finding, Group, Level, Rule, Safety};
use crate::model::setup::deployed::{DeployedVariable, Load, Replacement};
use crate::model::{Origin, Setting};
use crate::resolve::Project;

pub(super) static RULE: Rule = Rule {
    id: "kwargs-not-secret",
    level: Level::Error,
    group: Group::Environments,
    summary: "A deployment gets the backend's kwargs, or a credential, as a variable that everybody can read",
    since: "0.1.0",
    fix: Some(Safety::Safe),
    page: include_str!("../../rules/kwargs-not-secret.md"),
    check,
};

fn check(project: &Project, findings: &mut Vec<Finding>) {
    for deployed in &project.model.setup.deployed {
        let open = deployed.variables.iter().filter(|it| it.is_secret == Some(false));
        for variable in open {
            findings.extend(finding(variable));
        }
        let open = deployed.loads.iter().filter(|it| it.is_secret == Some(false));
        for load in open {
            findings.extend(loaded(&project.model.loaded_by(deployed, load), load));
        }
    }
}

/// An env file that is loaded as it is.
fn loaded(settings: &[Setting], load: &Load) -> Option<Finding> {
    let with_credential = settings.iter().find(|it| it.credential().is_some());
    let kwargs = || settings.iter().find(|it| it.key.ends_with("BACKEND_KWARGS"));
    let setting = with_credential.or_else(kwargs)?;
    let level = if with_credential.is_some() { Level::Error } else { Level::Warning };
    Some(
        Finding::new(&RULE, load.place, format!("`{}` is loaded from the env file and not marked as secret", setting.shown_key()))
            .at_most(level)
            .label("without `--secret`")
            .related(setting.key_place(), "loaded from here")
            .note("whoever can see the Deployment can read the value; marking it as secret later does not undo that")
            .help("add `--secret`, which marks every variable of the command"),
    )
}

fn finding(variable: &DeployedVariable) -> Option<Finding> {
    let setting = &variable.setting;
    let is_kwargs = setting.key.ends_with("BACKEND_KWARGS");
    let credential = setting.credential().map(|(what, _)| what);
    let (level, message) = match credential {
        Some(what) => (Level::Error, format!("`{}` holds {what} and is not marked as secret", setting.shown_key())),
        None if is_kwargs => (Level::Warning, format!("`{}` is not marked as secret", setting.key)),
        None => return None,
    };
    let mut finding = Finding::new(&RULE, setting.key_place(), message)
        .at_most(level)
        .label("readable in the Astro UI, and by `astro deployment variable list`")
        .note("whoever can see the Deployment can read the value: the names of all secrets, and the role that reads them");
    if credential.is_some() {
        finding = finding.note("a secret variable cannot be read back; replace the credential, since this one has been readable");
    }
    finding = finding.help(match setting.origin {
        Origin::Command => "add `--secret` to the command",
        Origin::Terraform => "set `is_secret = true`",
        _ => "set `is_secret: true`",
    });
    if let Some(Replacement { place, text }) = &variable.mark {
        let edit = Edit { place: *place, replacement: text.clone() };
        finding = finding.fix("Mark it as secret", Safety::Safe, vec![edit]);
    }
    Some(finding)
}
