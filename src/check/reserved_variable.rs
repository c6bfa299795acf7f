//! See `rules/reserved-variable.md`.

use super::{Finding, Group, Level, Rule};
use crate::facts;
use crate::model::{Origin, Setting};
use crate::resolve::{EnvironmentKind, Project};

pub(super) static RULE: Rule = Rule {
    id: "reserved-variable",
    level: Level::Warning,
    group: Group::Environments,
    summary: "A deployment is given a variable that Astro sets itself",
    since: "0.1.0",
    fix: None,
    page: include_str!("../../rules/reserved-variable.md"),
    check,
};

fn check(project: &Project, findings: &mut Vec<Finding>) {
    let of_astro = project.model.setup.deployed.iter().filter(|it| it.origin != Origin::AgentChart);
    let deployed = of_astro.flat_map(|it| &it.variables);
    for variable in deployed {
        findings.extend(finding(&variable.setting));
    }
    // What a command loads from an env file is part of the environment only.
    let of_deployments = project.environments.iter().filter(|it| {
        matches!(it.kind, EnvironmentKind::Deployment { .. })
    });
    for environment in of_deployments {
        let dockerfile = project.dockerfile().map(|it| it.file);
        let loaded = environment.settings.iter().filter(|it| Some(it.file) != dockerfile);
        findings.extend(loaded.filter_map(finding).map(|it| it.in_environment(&environment.name)));
    }
}

fn finding(setting: &Setting) -> Option<Finding> {
    if !facts::is_reserved(&setting.key) {
        return None;
    }
    let mut finding = Finding::new(
        &RULE,
        setting.key_place(),
        format!("`{}` is reserved: Astro sets it in every Deployment", setting.key),
    )
    .label("reserved")
    .note("the Astro UI and CLI accept it, and the Deployment can break by it")
    .help(format!("leave `{}` out", setting.key));
    if setting.key.starts_with("AWS_") {
        finding = finding.help(match setting.key.as_str() {
            "AWS_DEFAULT_REGION" => "leave it out, and set `region_name` in the kwargs of the backend",
            _ => "leave it out, and let the backend assume a role: `role_arn` in its kwargs",
        });
    }
    Some(finding)
}
