//! See `rules/kwarg-not-in-version.md`.

use super::{Finding, Group, Level, Rule};
use crate::facts::{AIRFLOW, Backend, Effect, Parameter, airflow};
use crate::resolve::{Configured, Effects, Environment, Kwarg, Project, short_name};

pub(super) static RULE: Rule = Rule {
    id: "kwarg-not-in-version",
    level: Level::Error,
    group: Group::Backend,
    summary: "A keyword of the backend's kwargs is removed, deprecated or not yet there",
    since: "0.1.0",
    fix: None,
    page: include_str!("../../rules/kwarg-not-in-version.md"),
    check,
};

fn check(project: &Project, findings: &mut Vec<Finding>) {
    for (environment, configured) in project.backends() {
        let Some(backend) = configured.backend() else { continue };
        for kwarg in environment.keywords(configured) {
            findings.extend(unhashable(environment, kwarg));
            let parameter = backend.parameter(&kwarg.name).filter(|_| !kwarg.is_null());
            let effects = environment.effects(configured, &kwarg.name);
            if let Some((parameter, effects)) = parameter.zip(effects) {
                let found = removed(backend, parameter, &effects, kwarg)
                    .or_else(|| not_yet(environment, configured, backend, parameter, kwarg))
                    .or_else(|| deprecated(backend, parameter, &effects, kwarg));
                findings.extend(found.map(|found| found.in_environment(&environment.name)));
            }
        }
    }
}

fn removed(
    backend: &Backend,
    parameter: &Parameter,
    effects: &Effects,
    kwarg: &Kwarg,
) -> Option<Finding> {
    let until = parameter.until()?;
    let is_gone = |effect: Effect, version| !effect.is_read() && *until <= version;
    let mut gone = effects.versions().map(|(effect, version)| is_gone(effect, version));
    let (some, all) = gone.by_ref().fold((false, true), |(some, all), gone| (some || gone, all && gone));
    if !some || (!all && !effects.settled) {
        return None;
    }
    let (name, package) = (&parameter.name, short_name(&backend.package));
    let level = if all && parameter.loses.is_some() { Level::Error } else { Level::Warning };
    let loses = parameter.loses.as_ref().map(|loses| format!(": {loses}")).unwrap_or_default();
    let message = if all {
        format!("`{name}` has no effect since {package} {until}{loses}")
    } else {
        format!("`{name}` has no effect from {package} {until} on, which may be installed")
    };
    let mut finding = Finding::new(&RULE, kwarg.name_place, message)
        .at_most(level)
        .label("no longer read")
        .note(effects.describe())
        .help(instead(parameter));
    if let Some(note) = &parameter.note {
        finding = finding.note(format!("`{name}`: {note}"));
    }
    if let Some(place) = effects.decided_at {
        finding = finding.related(place, format!("decides the version of {package}"));
    }
    Some(finding)
}

fn instead(parameter: &Parameter) -> String {
    match &parameter.replacement {
        Some(replacement) => format!("give `{replacement}` instead"),
        None => "remove it".to_owned(),
    }
}

/// A backend that comes with Airflow has no requirement of its own that could be raised.
fn not_yet(
    environment: &Environment,
    configured: &Configured,
    backend: &Backend,
    parameter: &Parameter,
    kwarg: &Kwarg,
) -> Option<Finding> {
    let since = parameter.since().filter(|_| backend.package == AIRFLOW)?;
    let versions = environment.versions.airflow();
    let effects = environment.effects(configured, &parameter.name)?;
    if !versions.any(|version| version < since) || !effects.settled {
        return None;
    }
    let all = versions.all(|version| version < since);
    let name = &parameter.name;
    Some(
        Finding::new(&RULE, kwarg.name_place, format!("`{name}` needs Airflow {since} or later"))
            .at_most(if all { Level::Error } else { Level::Warning })
            .label("not yet a parameter")
            .note(effects.describe())
            .help(format!("remove it, or move to Airflow {since} or later")),
    )
}

fn deprecated(
    backend: &Backend,
    parameter: &Parameter,
    effects: &Effects,
    kwarg: &Kwarg,
) -> Option<Finding> {
    if !effects.settled || !effects.any(&[Effect::Deprecated]) {
        return None;
    }
    let (name, package) = (&parameter.name, short_name(&backend.package));
    let message = match parameter.until() {
        Some(until) => format!("`{name}` is deprecated, and gone from {package} {until} on"),
        None => format!("`{name}` is deprecated"),
    };
    let mut finding = Finding::new(&RULE, kwarg.name_place, message)
        .at_most(Level::Warning)
        .label("deprecated")
        .note(effects.describe())
        .help(instead(parameter));
    if let Some(note) = &parameter.note {
        finding = finding.note(format!("`{name}`: {note}"));
    }
    Some(finding)
}

/// Airflow 2.3 keeps the backend in a cache whose keys are the kwargs.
fn unhashable(environment: &Environment, kwarg: &Kwarg) -> Option<Finding> {
    let fails = |version: &_| airflow().behaves("kwargs-must-be-hashable", version);
    let versions = environment.versions.airflow();
    if !kwarg.is_nested() || !versions.all(fails) {
        return None;
    }
    let (name, kind) = (kwarg.shown_name(), kwarg.type_in_words());
    let finding = Finding::new(
        &RULE,
        kwarg.value_place,
        format!("`{name}` is {kind}, which Airflow 2.3 cannot take: it does not start"),
    );
    Some(
        finding
            .in_environment(&environment.name)
            .label("refused")
            .note(format!("Airflow {}: TypeError: unhashable type", versions.describe()))
            .help("move to Airflow 2.4.0 or later, or do without it"),
    )
}
