//! See `rules/role-not-assumable.md`.

use super::{Finding, Group, Level, Rule};
use crate::resolve::Project;

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
    for used in project.roles_in_use().filter(|used| used.is_for_nobody() == Some(true)) {
        findings.push(
            Finding::new(
                &RULE,
                used.trust_place(),
                "the role's trust policy lets no identity assume it: every lookup fails with AccessDenied",
            )
            .in_environment(&used.by.environment.name)
            .label("services of AWS, or nobody")
            .related(used.arn.value_place, "the backend assumes it")
            .note("the identity of the Deployment (or of whoever runs `astro dev start`) must be allowed `sts:AssumeRole`, or `sts:AssumeRoleWithWebIdentity`")
            .help("name the Deployment's workload identity as a principal"),
        );
    }
}
