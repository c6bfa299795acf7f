//! See `rules/static-aws-credentials.md`.

use super::{Finding, Group, Level, Rule};
use crate::model::{Origin, Setting};
use crate::resolve::{Environment, Project};

pub(super) static RULE: Rule = Rule {
    id: "static-aws-credentials",
    level: Level::Warning,
    group: Group::Leaks,
    summary: "Long-lived AWS keys stand beside a backend that could assume a role",
    since: "0.1.0",
    fix: None,
    page: include_str!("../../rules/static-aws-credentials.md"),
    check,
};

const PACKAGE: &str = "apache-airflow-providers-amazon";

fn check(project: &Project, findings: &mut Vec<Finding>) {
    for (environment, configured) in project.backends() {
        let is_aws = configured.backend().is_some_and(|backend| backend.package == PACKAGE);
        // With keys of its own the backend does not look at these; elsewhere any keys will do.
        let is_elsewhere = ["aws_access_key_id", "profile_name", "endpoint_url"]
            .iter()
            .any(|name| configured.keyword(name).is_some());
        if environment.template || !is_aws || is_elsewhere {
            continue;
        }
        let Some((id, secret)) = keys(environment) else { continue };
        let role = configured.keyword("role_arn").is_some();
        let help = if role {
            "remove both keys: the role can be assumed from an identity that the platform gives (locally a mounted `~/.aws`, on Astro the workload identity)"
        } else {
            "remove both keys; on Astro give the Deployment a workload identity, or name a role with `role_arn` in the kwargs; locally mount `~/.aws`"
        };
        findings.push(
            Finding::new(&RULE, secret.key_place(), format!("the backend signs in with `{}` and `{}`, which do not expire", id.shown_key(), secret.shown_key()))
                .in_environment(&environment.name)
                .label("a long-lived key")
                .related(id.key_place(), "and its ID")
                .note("these variables come first in boto3's default chain: in all of Airflow's processes, and in each task that uses AWS")
                .help(help),
        );
    }
}

/// The pair of keys that every AWS client of the environment uses, unless they are temporary.
fn keys(environment: &Environment) -> Option<(&Setting, &Setting)> {
    let filled = |key: &str| environment.settings.get(key).filter(|setting| setting.is_filled());
    let (id, secret) = (filled("AWS_ACCESS_KEY_ID")?, filled("AWS_SECRET_ACCESS_KEY")?);
    let is_temporary = filled("AWS_SESSION_TOKEN").is_some() || id.is_temporary_aws_key();
    let is_elsewhere = environment.settings.starting_with("AWS_ENDPOINT_URL").next().is_some();
    let is_asked = id.origin == Origin::CommandLine;
    (!is_temporary && !is_elsewhere && !is_asked).then_some((id, secret))
}
