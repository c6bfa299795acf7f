//! See `rules/kwargs-not-json.md`.

use super::{Edit, Finding, Group, Level, Rule, Safety};
use crate::facts::{Backend, airflow};
use crate::model::{Place, Setting};
use crate::read::json::ErrorKind;
use crate::resolve::{Environment, Kwargs, NotJson, Project, Repair};

pub(super) static RULE: Rule = Rule {
    id: "kwargs-not-json",
    level: Level::Error,
    group: Group::Backend,
    summary: "The kwargs are not JSON, so Airflow drops all of them",
    since: "0.1.0",
    fix: Some(Safety::Safe),
    page: include_str!("../../rules/kwargs-not-json.md"),
    check,
};

fn check(project: &Project, findings: &mut Vec<Finding>) {
    for (environment, configured) in project.kwargs() {
        let Kwargs::NotJson(fault) = &configured.kwargs else { continue };
        let Some(setting) = &configured.kwargs_setting else { continue };
        // Another rule says so.
        if project.model.is_changed_on_its_way(setting) {
            continue;
        }
        let name = setting.name();
        let why = match &fault.repair {
            Some(repair) => repair.reasons.join(", "),
            None => fault.message(),
        };
        let hangs = project.model.is_json_with_variables(setting, &environment.settings);
        let message = if hangs {
            format!("`{name}` is JSON only if a variable in it holds JSON, with its quotes")
        } else {
            format!("`{name}` is not JSON: {why}")
        };
        let finding = Finding::new(&RULE, fault.at, message)
            .in_environment(&environment.name)
            .label(fault.message());
        let finding = if hangs { finding.at_most(Level::Warning) } else { finding };
        let finding = match project.model.cfg_load_error(setting) {
            Some(error) => finding.note(format!(
                "Airflow does not even load this file: {error}; a value goes on in indented lines only, its last bracket too"
            )),
            None => with_consequence(finding, environment, configured.backend(), fault.error.kind),
        };
        let finding = match configured.class {
            _ if environment.template && (fault.is_placeholder || hangs) => finding.at_most(Level::Info),
            None => finding.at_most(Level::Warning),
            Some(_) => finding,
        };
        findings.push(with_help(finding, project, environment, setting, fault));
    }
}

/// What Airflow does with what is not JSON, at the versions that are possible.
fn with_consequence(
    finding: Finding,
    environment: &Environment,
    backend: Option<&Backend>,
    error: ErrorKind,
) -> Finding {
    if matches!(error, ErrorKind::IntegerTooLong | ErrorKind::TooDeep) {
        return finding.note("Airflow catches only JSON's own error, so it does not start");
    }
    let versions = environment.versions.airflow();
    let is_silent = |version: &_| airflow().behaves("json-error-is-silent", version);
    let here = versions.describe();
    let finding = finding.note(if versions.all(is_silent) {
        format!("Airflow {here} drops all kwargs without a message")
    } else if versions.any(is_silent) {
        "Airflow drops all kwargs: without a message before 2.4.1, with a warning in the log since"
            .to_owned()
    } else {
        format!("Airflow {here} drops all kwargs and only logs a warning")
    });
    match backend.and_then(in_force) {
        Some(defaults) => finding.note(defaults),
        None => finding,
    }
}

/// What a class does that is given nothing.
pub(super) fn in_force(backend: &Backend) -> Option<String> {
    let defaults: Vec<String> =
        backend.default_names().map(|(name, text)| format!("`{name}` is `{text}`")).collect();
    match (&backend.without_kwargs, defaults.is_empty()) {
        (Some(without), _) => Some(format!("without kwargs {without}")),
        (None, false) => Some(format!("the defaults are in force: {}", defaults.join(", "))),
        (None, true) => None,
    }
}

fn with_help(
    finding: Finding,
    project: &Project,
    environment: &Environment,
    setting: &Setting,
    fault: &NotJson,
) -> Finding {
    let finding = finding.help(advice(fault));
    let Some(repair) = &fault.repair else {
        return finding;
    };
    with_repair(finding, project, environment, setting, repair)
}

/// What to do, by what is wrong.
fn advice(fault: &NotJson) -> &'static str {
    let is_typographic =
        |repair: &Repair| repair.reasons.iter().all(|reason| reason.starts_with("typographic"));
    let is_at_end = fault.at.span.start + 1 >= fault.place.span.end;
    match (&fault.repair, fault.error.kind) {
        (Some(repair), _) if is_typographic(repair) => {
            "write the plain `\"` for each typographic quote, as an editor for code does"
        }
        (None, ErrorKind::Comma | ErrorKind::Colon | ErrorKind::Value) if is_at_end => {
            "the text ends too early: close what is open, with `}` at the end"
        }
        (None, ErrorKind::UnterminatedString) => "close the text that begins there with a `\"`",
        _ => {
            "write names and texts in double quotes, `true`, `false` and `null` in small letters, and no comma before a closing bracket"
        }
    }
}

/// Offers `repair`, where the file read again with it holds what is meant.
pub(super) fn with_repair(
    finding: Finding,
    project: &Project,
    environment: &Environment,
    setting: &Setting,
    repair: &Repair,
) -> Finding {
    let Some(edits) = project.checked(environment, setting, repair) else { return finding };
    let edits = edits.into_iter().map(|(span, replacement)| Edit {
        place: Place::new(setting.file, span),
        replacement,
    });
    finding.fix("Make it JSON", Safety::Safe, edits.collect())
}
