//! See `rules/config-secret-recursion.md`.

use super::{Finding, Group, Level, Rule};
use crate::facts::airflow;
use crate::resolve::{Environment, Project, Source, SourcedOption};

pub(super) static RULE: Rule = Rule {
    id: "config-secret-recursion",
    level: Level::Error,
    group: Group::Backend,
    summary: "The backend is told to take its own kwargs from itself",
    since: "0.1.0",
    fix: None,
    page: include_str!("../../rules/config-secret-recursion.md"),
    check,
};

fn check(project: &Project, findings: &mut Vec<Finding>) {
    for environment in &project.environments {
        let has_backend = environment.server.class.is_some();
        let options = environment.sourced_options();
        let by_command = |sourced: &SourcedOption<'_>| {
            options.iter().any(|other| {
                other.source == Source::Command
                    && (&other.section, &other.option) == (&sourced.section, &sourced.option)
            })
        };
        for sourced in options.iter().filter(|sourced| {
            has_backend
                && (&*sourced.section, &*sourced.option) == ("secrets", "backend_kwargs")
                && sourced.source == Source::Secret
                && sourced.plain.is_none()
                && !by_command(sourced)
        }) {
            findings.extend(finding(environment, sourced));
        }
    }
}

fn finding(environment: &Environment, sourced: &SourcedOption<'_>) -> Option<Finding> {
    let versions = environment.versions.airflow();
    let recurses = |version: &_| airflow().behaves("kwargs-secret-recursion", version);
    versions.any(recurses).then_some(())?;
    let fatal = |version: &_| airflow().behaves("kwargs-secret-recursion-is-fatal", version);
    let key = &sourced.setting.key;
    let message = if versions.all(fatal) {
        format!("`{key}` makes the backend ask itself for its kwargs: Airflow does not start")
    } else {
        format!("`{key}` makes the backend ask itself for its own kwargs, over and over")
    };
    let mut finding = Finding::new(&RULE, sourced.setting.key_place(), message)
        .at_most(if versions.all(recurses) { Level::Error } else { Level::Warning })
        .in_environment(&environment.name)
        .label("asks the backend that it configures");
    if versions.any(fatal) {
        finding = finding.note("Airflow 3.2.0 and later: RecursionError at startup");
    }
    if !versions.all(fatal) {
        finding = finding.note(
            "Airflow 2.6.2 to 3.1: each process starts hundreds of backends and asks each, up to Python's recursion limit",
        );
    }
    let plain = key.strip_suffix(sourced.source.ending()).unwrap_or(key);
    Some(finding.help(format!("set `{plain}` itself, as a secret variable of the Deployment")))
}
