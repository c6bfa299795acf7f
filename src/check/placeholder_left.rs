//! See `rules/placeholder-left.md`.

use super::{Finding, Group, Level, Rule};
use crate::model::{DeclaredName, Origin, Place, Setting};
use crate::resolve::{Environment, Kwargs, Project};

pub(super) static RULE: Rule = Rule {
    id: "placeholder-left",
    level: Level::Error,
    group: Group::Backend,
    summary: "A setting still holds the placeholder of a guide or template",
    since: "0.1.0",
    fix: None,
    page: include_str!("../../rules/placeholder-left.md"),
    check,
};

/// What the keys begin with of the settings that decide on secrets.
const BEGINNINGS: [&str; 5] =
    ["AIRFLOW__SECRETS__", "AIRFLOW__WORKERS__SECRETS_", "AIRFLOW_CONN_", "AIRFLOW_VAR_", "AWS_"];

fn check(project: &Project, findings: &mut Vec<Finding>) {
    for environment in &project.environments {
        let in_cfg = environment.cfg.iter();
        let in_cfg = in_cfg.filter(|setting| environment.settings.get(&setting.key).is_none());
        for setting in environment.settings.iter().chain(in_cfg) {
            if BEGINNINGS.iter().any(|beginning| setting.key.starts_with(beginning)) {
                in_setting(environment, setting, findings);
            }
        }
    }
    findings.extend(project.model.setup.placeholders.iter().map(|place| redirection(project, *place)));
}

/// A placeholder in a command, without quotes around it.
fn redirection(project: &Project, place: Place) -> Finding {
    let written = place.span.of(project.model.files.get(place.file).text());
    let is_words = written.chars().all(|c| c.is_ascii_alphabetic() || "<>-_".contains(c));
    let message = if is_words && DeclaredName::may_be_shown(written.trim_matches(['<', '>'])) {
        format!("`{written}` is still a placeholder, and a redirection for the shell")
    } else {
        "this is still a placeholder, and a redirection for the shell".to_owned()
    };
    Finding::new(&RULE, place, message)
        .label("input from a file, and output to another one")
        .note("the shell looks for a file of this name, and does not run the command: No such file or directory")
        .help("put the value itself in its place")
}

fn in_setting(environment: &Environment, setting: &Setting, findings: &mut Vec<Finding>) {
    let holder = [&environment.server, &environment.worker].into_iter().find(|configured| {
        configured.kwargs_setting.as_ref().is_some_and(|kwargs| kwargs.key == setting.key)
    });
    let mut add = |name: &str, whole: Place, placeholders: Vec<(Place, Option<&str>)>| {
        for (place, shown) in placeholders {
            findings.push(finding(setting, name, whole, place, shown, &environment.name));
        }
    };
    match holder.map(|configured| &configured.kwargs) {
        Some(Kwargs::Object(members)) => {
            for kwarg in members.iter().filter(|kwarg| !kwarg.overridden) {
                add(kwarg.shown_name(), kwarg.value_place, kwarg.placeholders());
            }
        }
        // What is no JSON because of a placeholder inside is reported as no JSON.
        Some(_) => {
            let mut placeholders = setting.placeholders();
            placeholders.retain(|(place, _)| *place == setting.value_place());
            add(&setting.key, setting.value_place(), placeholders);
        }
        None => add(&setting.key, setting.value_place(), setting.placeholders()),
    }
}

fn finding(
    setting: &Setting,
    name: &str,
    whole: Place,
    place: Place,
    shown: Option<&str>,
    environment: &str,
) -> Finding {
    // A value of the JSON has its quotes around it.
    let is_whole = place.span.start <= whole.span.start + 2 && whole.span.end <= place.span.end + 2;
    let message = match shown {
        Some(text) if is_whole => format!("`{name}` is still the placeholder `{text}`"),
        Some(text) => format!("`{name}` still holds the placeholder `{text}`"),
        None => format!("`{name}` still holds a placeholder"),
    };
    let template = setting.origin == Origin::EnvTemplate;
    let consequence = match name {
        "region_name" | "AWS_DEFAULT_REGION" => "with it every lookup fails: InvalidRegionError",
        "role_arn" => "with it every lookup fails: the role cannot be assumed",
        _ => "nothing replaces it: the text itself is taken for the value",
    };
    Finding::new(&RULE, place, message)
        .at_most(if template { Level::Info } else { Level::Error })
        .in_environment(environment)
        .label("a placeholder")
        .note(consequence)
        .help("put the value itself in its place, or remove the setting")
}
