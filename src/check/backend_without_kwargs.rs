//! See `rules/backend-without-kwargs.md`.

use super::kwarg_missing::kwargs_are_unreadable;
use super::kwargs_not_json::in_force;
use super::{Finding, Group, Level, Rule};
use crate::facts::airflow;
use crate::model::variable_name;
use crate::resolve::{Cause, Configured, Environment, Kwargs, Project};

pub(super) static RULE: Rule = Rule {
    id: "backend-without-kwargs",
    level: Level::Info,
    group: Group::Backend,
    summary: "A backend without kwargs: the defaults of its class are in force",
    since: "0.1.0",
    fix: None,
    page: include_str!("../../rules/backend-without-kwargs.md"),
    check,
};

fn check(project: &Project, findings: &mut Vec<Finding>) {
    for (environment, configured) in project.backends() {
        // Where `airflow.cfg` cannot be read, nothing starts.
        let is_unreadable =
            environment.cfg_fault.is_some() || kwargs_are_unreadable(project, configured);
        if is_unreadable || has_kwargs(environment, configured) {
            continue;
        }
        let Some((class, backend)) = configured.class.as_ref().zip(configured.backend()) else {
            continue;
        };
        let section = configured.section;
        let kwargs = variable_name(section.name(), section.kwargs_option());
        let is_to_be_filled_in = project.model.is_commented_out(class.setting.file, &kwargs)
            || environment.template && configured.kwargs_setting.is_some();
        let is_misnamed = || {
            let misnamed = environment.misnamed();
            misnamed.iter().any(|one| one.meant.as_deref() == Some(&kwargs))
        };
        // `kwarg-missing` says what the class cannot do without.
        let lacks_something = || {
            let faults = environment.faults(configured);
            faults.iter().any(|fault| matches!(fault.fault.cause, Cause::Missing { .. }))
        };
        if is_to_be_filled_in || is_misnamed() || lacks_something() {
            continue;
        }
        let Some(defaults) = in_force(backend) else { continue };
        let class_name = backend.class.rsplit('.').next().unwrap_or_default();
        let names: Vec<_> = backend.default_names().map(|(_, name)| format!("`{name}`")).collect();
        let consequence = match &backend.without_kwargs {
            Some(_) => String::new(),
            None => format!(", so it asks below {}", names.join(", ")),
        };
        let message = format!("`{class_name}` gets no kwargs{consequence}");
        findings.push(
            Finding::new(&RULE, class.setting.value_place(), message)
                .in_environment(&environment.name)
                .label("its class decides")
                .note(defaults)
                .help(format!("say what is meant in `{kwargs}`")),
        );
    }
}

fn has_kwargs(environment: &Environment, configured: &Configured) -> bool {
    let reads = |version: &_| airflow().behaves("per-kwarg-variables", version);
    let own = || {
        let prefix = configured.section.own_variable_prefix();
        environment.settings.starting_with(prefix).next().is_some()
            && environment.versions.airflow().any(reads)
    };
    !matches!(configured.kwargs, Kwargs::Unset)
        || environment.kwargs_from_elsewhere(configured).is_some()
        || own()
}
