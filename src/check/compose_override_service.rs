//! See `rules/compose-override-service.md`.

use super::{Finding, Group, Level, Rule};
use crate::facts;
use crate::model::setup::{ComposeOverride, Service};
use crate::resolve::Project;

pub(super) static RULE: Rule = Rule {
    id: "compose-override-service",
    level: Level::Warning,
    group: Group::Environments,
    summary: "The compose override changes a service that is not there, or leaves out one that looks secrets up",
    since: "0.1.0",
    fix: None,
    page: include_str!("../../rules/compose-override-service.md"),
    check,
};

/// The service of Airflow 3 that runs the code of DAG files, which the scheduler did before.
const DAG_PROCESSOR: &str = "dag-processor";

fn check(project: &Project, findings: &mut Vec<Finding>) {
    let Some(file) = &project.model.setup.compose_override else { return };
    let airflow = project.model.versions.airflow();
    let is_three = |version: &pep440_rs::Version| version.release().first() >= Some(&3);
    let major = match (airflow.all(is_three), airflow.any(is_three)) {
        (true, _) => 3,
        (false, false) => 2,
        // Either is possible.
        (false, true) => return,
    };
    let services = facts::local_services(major);
    for service in &file.services {
        let name = &service.name.node;
        if !services.contains(name) && facts::local_services(5 - major).contains(name) && !service.has_image {
            findings.push(no_service(file, service, major));
        }
    }
    findings.extend(unmounted(file, major));
}

fn no_service(file: &ComposeOverride, service: &Service, major: u64) -> Finding {
    let name = &service.name.node;
    let instead = match (name.as_str(), major) {
        ("webserver", 3) => "the service is called `api-server`",
        ("api-server", 2) => "the service is called `webserver`",
        (DAG_PROCESSOR, 2) => "DAG files are read by `scheduler`",
        _ => "leave it out",
    };
    Finding::new(
        &RULE,
        file.place_of(service),
        format!("there is no service `{name}` in the local containers of Airflow {major}: `astro dev start` fails"),
    )
    .label("a new service, without an image")
    .note("the Astro CLI's template has no such service, so that compose takes it for one of your own and asks for its image")
    .help(instead)
}

/// The scheduler gets credentials, and the process that reads the DAG files does not.
fn unmounted(file: &ComposeOverride, major: u64) -> Option<Finding> {
    let of = |name: &str| file.services.iter().find(|service| service.name.node == name);
    let scheduler = of("scheduler").filter(|it| !it.volumes.is_empty())?;
    if major < 3 || of(DAG_PROCESSOR).is_some() {
        return None;
    }
    scheduler.mounts_credentials().then(|| {
        Finding::new(
            &RULE,
            file.place_of(scheduler),
            "`scheduler` gets credentials, and `dag-processor` does not: lookups while DAG files are read fail",
        )
        .label("only here")
        .note("since Airflow 3, `dag-processor` runs the code of DAG files: what is looked up there has no identity")
        .help("give `dag-processor` the same `volumes`")
    })
}
