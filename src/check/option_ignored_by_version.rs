//! See `rules/option-ignored-by-version.md`.

use pep440_rs::Version;

use super::{Finding, Group, Level, Rule};
use crate::facts::airflow;
use crate::model::{Setting, variable_name};
use crate::resolve::{Environment, Kwargs, Project, Section};

pub(super) static RULE: Rule = Rule {
    id: "option-ignored-by-version",
    level: Level::Warning,
    group: Group::Backend,
    summary: "An option of the secrets backend that the Airflow in use does not read",
    since: "0.1.0",
    fix: None,
    page: include_str!("../../rules/option-ignored-by-version.md"),
    check,
};

fn check(project: &Project, findings: &mut Vec<Finding>) {
    for environment in &project.environments {
        for row in &airflow().options {
            let configuration = environment.configuration();
            let Some(setting) = configuration.plain(&row.section, &row.option) else { continue };
            let is_default = setting.shown() == Some(row.default.as_str());
            if !is_default && !setting.is_empty() {
                findings.extend(too_new(environment, setting, &row.since));
            }
        }
        for configured in [&environment.server, &environment.worker] {
            let prefix = configured.section.own_variable_prefix();
            let Some(since) = airflow().when("per-kwarg-variables").first().map(|row| &row.from)
            else {
                continue;
            };
            for setting in environment.settings.starting_with(prefix) {
                findings.extend(too_new(environment, setting, since));
            }
        }
        findings.extend(kwargs_of_no_one(environment));
    }
}

/// An option that no possible version reads yet.
fn too_new(environment: &Environment, setting: &Setting, since: &Version) -> Option<Finding> {
    let versions = environment.versions.airflow();
    if !versions.all(|version| version < since) {
        return None;
    }
    let (name, here) = (setting.name(), versions.describe());
    let message = format!("`{name}` is read from Airflow {since} on, and here it is {here}");
    let finding = Finding::new(&RULE, setting.key_place(), message)
        .in_environment(&environment.name)
        .label("ignored without a message");
    let is_keyword = setting.key.contains("BACKEND_KWARG__");
    Some(if is_keyword {
        finding
            .note("the keyword never reaches the class: its default stays in force")
            .help("put the keyword into the JSON of `AIRFLOW__SECRETS__BACKEND_KWARGS`")
    } else if setting.key.contains("CACHE") {
        finding
            .note("every parse of a DAG file asks the backend again")
            .help("delete it, or move to a later Airflow")
    } else {
        finding
            .note("workers use `[secrets] backend` and its kwargs, like everything else")
            .help("delete it, or move to a later Airflow")
    })
}

/// Kwargs for workers where the workers have no backend of their own.
fn kwargs_of_no_one(environment: &Environment) -> Option<Finding> {
    let worker = &environment.worker;
    if worker.class.is_some() || !environment.reads(worker) {
        return None;
    }
    let setting = match &worker.kwargs {
        Kwargs::Unset => return None,
        _ => worker.kwargs_setting.as_ref()?,
    };
    let option = variable_name(Section::Workers.name(), Section::Workers.class_option());
    let message = format!("`{}` is ignored, because `{option}` is not set", setting.name());
    Some(
        Finding::new(&RULE, setting.key_place(), message)
            .in_environment(&environment.name)
            .label("kwargs of no backend")
            .note("workers use `[secrets] backend`, with its own kwargs")
            .help(format!("set `{option}` too, or delete this")),
    )
}
