//! See `rules/kwargs-without-backend.md`.

use super::{Finding, Group, Level, Rule};
use crate::facts::airflow;
use crate::model::{Setting, variable_name};
use crate::resolve::{Environment, EnvironmentKind, Kwargs, Project};

pub(super) static RULE: Rule = Rule {
    id: "kwargs-without-backend",
    level: Level::Warning,
    group: Group::Backend,
    summary: "There are kwargs, and no backend that gets them",
    since: "0.1.0",
    fix: None,
    page: include_str!("../../rules/kwargs-without-backend.md"),
    check,
};

fn check(project: &Project, findings: &mut Vec<Finding>) {
    for environment in &project.environments {
        let Some(setting) = kwargs_of_no_one(environment) else { continue };
        let section = environment.server.section;
        let class = variable_name(section.name(), section.class_option());
        let is_misnamed =
            || environment.misnamed().iter().any(|one| one.meant.as_deref() == Some(&class));
        // Switched off, or to be filled in.
        let is_left_out = || {
            project.model.is_commented_out(setting.file, &class)
                || environment.template
                    && environment.configuration().plain(section.name(), section.class_option()).is_some()
        };
        // The platform may have the class already.
        let is_partial = environment.kind == EnvironmentKind::Deployment { is_whole: false };
        if is_partial || is_misnamed() || is_left_out() {
            continue;
        }
        let message =
            format!("`{}` is set, but `{class}` is not: there is no backend", setting.name());
        let finding = Finding::new(&RULE, setting.key_place(), message)
            .in_environment(&environment.name)
            .label("kwargs of no backend")
            .note("Airflow looks into its environment and its metadata database only")
            .help(format!("set `{class}`, or delete the kwargs"));
        findings.push(if project.model.has_compose_override() {
            finding.at_most(Level::Info)
        } else {
            finding
        });
    }
}

/// The kwargs of `[secrets]`, where that section has no class.
fn kwargs_of_no_one(environment: &Environment) -> Option<&Setting> {
    let server = &environment.server;
    if server.class.is_some() {
        return None;
    }
    if !matches!(server.kwargs, Kwargs::Unset) {
        return server.kwargs_setting.as_ref();
    }
    let reads = |version: &_| airflow().behaves("per-kwarg-variables", version);
    let first = environment.settings.starting_with(server.section.own_variable_prefix()).next();
    first.filter(|_| environment.versions.airflow().all(reads))
}
