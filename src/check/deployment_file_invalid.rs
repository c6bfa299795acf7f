//! See `rules/deployment-file-invalid.md`.

use super::{Finding, Group, Level, Rule};
use crate::model::is_shown_key;
use crate::model::setup::{DeploymentFault, DeploymentFaultKind};
use crate::resolve::Project;

pub(super) static RULE: Rule = Rule {
    id: "deployment-file-invalid",
    level: Level::Error,
    group: Group::Files,
    summary: "A deployment file says something that the Astro CLI refuses",
    since: "0.1.0",
    fix: None,
    page: include_str!("../../rules/deployment-file-invalid.md"),
    check,
};

fn check(project: &Project, findings: &mut Vec<Finding>) {
    for file in &project.model.setup.deployment_files {
        findings.extend(file.faults.iter().map(finding));
    }
}

fn finding(fault: &DeploymentFault) -> Finding {
    let key = fault.key.as_deref().filter(|key| is_shown_key(key)).unwrap_or("…");
    let (message, label, help) = match fault.kind {
        DeploymentFaultKind::NotText => (
            format!("the value of `{key}` is no text: the Astro CLI cannot read the file"),
            "a mapping or a list",
            "put single quotes around the JSON",
        ),
        DeploymentFaultKind::Syntax => (
            "this is no YAML: the Astro CLI cannot read the file".to_owned(),
            "reading stops here",
            "indent with blanks, not with tabs, and close every quote and bracket",
        ),
        DeploymentFaultKind::NoKey => (
            "a variable has no `key`: the Astro CLI refuses the file".to_owned(),
            "no `key`",
            "give it a `key`",
        ),
        DeploymentFaultKind::NoValue => (
            format!("`{key}` has no value and is no secret: the Astro CLI refuses the file"),
            "no `value`",
            "give it a `value`, or `is_secret: true` when it exists already",
        ),
    };
    Finding::new(&RULE, fault.place, message)
        .label(label)
        .note("`astro deployment create|update --deployment-file` ends with an error, and nothing is changed")
        .help(help)
}
