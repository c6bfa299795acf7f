//! See `rules/local-address-deployed.md`.

use super::{Finding, Group, Level, Rule};
use crate::facts::credentials;
use crate::resolve::{EnvironmentKind, Kwarg, Project};

pub(super) static RULE: Rule = Rule {
    id: "local-address-deployed",
    level: Level::Error,
    group: Group::Environments,
    summary: "A deployment's backend is given an address that only the user's machine has",
    since: "0.1.0",
    fix: None,
    page: include_str!("../../rules/local-address-deployed.md"),
    check,
};

fn check(project: &Project, findings: &mut Vec<Finding>) {
    for (environment, configured) in project.backends() {
        if !matches!(environment.kind, EnvironmentKind::Deployment { .. }) {
            continue;
        }
        for kwarg in environment.keywords(configured) {
            let Some(host) = local_host(kwarg) else { continue };
            findings.push(
                Finding::new(&RULE, kwarg.value_place, format!("`{}` is `{host}`: a Deployment finds nothing there, and every lookup fails", kwarg.name))
                    .in_environment(&environment.name)
                    .label("the user's machine")
                    .note("the address is right for `astro dev start`, where a service runs beside the containers")
                    .help("write the address under which the Deployment reaches the service"),
            );
        }
    }
}

/// The host of an address that is this machine.
fn local_host(kwarg: &Kwarg) -> Option<&str> {
    let (_, rest) = kwarg.plain()?.split_once("://")?;
    let host = rest.split(['/', ':']).next()?;
    credentials().is_local(host).then_some(host)
}
