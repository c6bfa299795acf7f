//! See `rules/policy-too-broad.md`.

use super::{Finding, Group, Level, Rule};
use crate::resolve::Project;

pub(super) static RULE: Rule = Rule {
    id: "policy-too-broad",
    level: Level::Warning,
    group: Group::Creation,
    summary: "The role that the backend assumes may do more than read the secrets it needs",
    since: "0.1.0",
    fix: None,
    page: include_str!("../../rules/policy-too-broad.md"),
    check,
};

fn check(project: &Project, findings: &mut Vec<Finding>) {
    for used in project.roles_in_use() {
        for much in used.too_much() {
            let message = match much.managed {
                Some(name) => format!("`{name}` lets the backend's role change and read every secret of the account"),
                None => "the statement lets the backend's role do more than read the secrets below its prefixes".to_owned(),
            };
            findings.push(
                Finding::new(&RULE, much.place, message)
                    .in_environment(&used.by.environment.name)
                    .label("all of them")
                    .related(used.arn.value_place, "the backend assumes the role")
                    .note("the backend only reads; whoever can write a DAG can do with secrets what this role can")
                    .help("allow reading alone, of the names below the prefixes; `astrolint secrets --emit iam-policy` prints such a policy"),
            );
        }
    }
}
