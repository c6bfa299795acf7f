//! See `rules/policy-does-not-cover.md`.

use super::{Finding, Group, Level, Rule};
use crate::model::DeclaredName;
use crate::resolve::Project;

pub(super) static RULE: Rule = Rule {
    id: "policy-does-not-cover",
    level: Level::Error,
    group: Group::Creation,
    summary: "The role that the backend assumes may not read a secret that is asked for",
    since: "0.1.0",
    page: include_str!("../../rules/policy-does-not-cover.md"),
    check,
};

fn check(project: &Project, findings: &mut Vec<Finding>) {
    for used in project.roles_in_use() {
        for (name, reference) in project.not_covered(used) {
            if !DeclaredName::may_be_shown(&name) {
                continue;
            }
            findings.push(
                Finding::new(
                    &RULE,
                    used.role.statement,
                    format!("no policy of the role allows it to read `{name}`: the lookup fails with AccessDenied"),
                )
                .in_environment(&used.by.environment.name)
                .label("the role that the backend assumes")
                .related(reference.key_place(), "asked for here")
                .note("AccessDenied counts as an error, not as missing; Airflow logs it and asks the next place")
                .note("the ARN of a secret of Secrets Manager ends with a hyphen and six characters: a resource must allow for them, with `-??????` or `*`")
                .help("add the name to the resources of the policy; `astrolint secrets --emit iam-policy` prints one that fits"),
            );
        }
    }
}
