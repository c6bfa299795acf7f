//! See `rules/role-not-assumable.md`.

use super::{Finding, Group, Level, Rule};
use crate::model::DeclaredName;
use crate::resolve::{NearRole, Project};

pub(super) static RULE: Rule = Rule {
    id: "role-not-assumable",
    level: Level::Warning,
    group: Group::Creation,
    summary: "The role that the backend assumes trusts nobody who could assume it",
    since: "0.1.0",
    fix: None,
    page: include_str!("../../rules/role-not-assumable.md"),
    check,
};

fn check(project: &Project, findings: &mut Vec<Finding>) {
    findings.extend(project.near_roles().iter().filter_map(near));
    for used in project.roles_in_use().filter(|used| used.is_for_nobody() == Some(true)) {
        let (lets, label) = if used.is_for_services() {
            ("lets services of AWS assume it, and no Deployment", "services of AWS only")
        } else {
            ("lets nobody assume it", "nobody")
        };
        let message = format!("the role's trust policy {lets}: every lookup fails with AccessDenied");
        findings.push(
            Finding::new(&RULE, used.trust_place(), message)
            .in_environment(&used.by.environment.name)
            .label(label)
            .related(used.arn.value_place, "the backend assumes it")
            .note("the identity of the Deployment (or of whoever runs `astro dev start`) must be allowed `sts:AssumeRole`, or `sts:AssumeRoleWithWebIdentity`")
            .help("name the Deployment's workload identity as a principal"),
        );
    }
}

/// A role that nothing creates, where one of nearly its name is created.
fn near(role: &NearRole<'_>) -> Option<Finding> {
    let NearRole { name, near, .. } = role;
    if !DeclaredName::may_be_shown(near) {
        return None;
    }
    let message = format!("the backend assumes the role `{name}`, and the project creates `{near}`");
    Some(
        Finding::new(&RULE, role.arn.value_place, message)
            .at_most(Level::Warning)
            .in_environment(&role.by.environment.name)
            .label("no role of the project has this name")
            .related(role.place, format!("`{near}`"))
            .note("a role that is not there cannot be assumed: every lookup fails with AccessDenied")
            .help(format!("write `{near}`, if that is meant")),
    )
}
