//! See `rules/per-kwarg-not-text.md`.

use super::{Finding, Group, Level, Rule};
use crate::facts::{Backend, ValueType, airflow};
use crate::model::variable_name;
use crate::resolve::{Environment, JsonType as Json, Kwarg, Project, Section};

pub(super) static RULE: Rule = Rule {
    id: "per-kwarg-not-text",
    level: Level::Error,
    group: Group::Backend,
    summary: "A variable for one keyword holds JSON, which stays text",
    since: "0.1.0",
    fix: None,
    page: include_str!("../../rules/per-kwarg-not-text.md"),
    check,
};

fn check(project: &Project, findings: &mut Vec<Finding>) {
    for (environment, configured) in project.backends() {
        let reads = |version: &_| airflow().behaves("per-kwarg-variables", version);
        let versions = environment.versions.airflow();
        let Some(backend) = configured.backend().filter(|_| versions.any(reads)) else { continue };
        for kwarg in &configured.own_variables {
            let Some(finding) = mistaken(environment, backend, configured.section, kwarg) else {
                continue;
            };
            let finding = finding.in_environment(&environment.name);
            findings.push(if versions.all(reads) {
                finding
            } else {
                finding.at_most(Level::Warning)
            });
        }
    }
}

fn mistaken(
    environment: &Environment,
    backend: &Backend,
    section: Section,
    kwarg: &Kwarg,
) -> Option<Finding> {
    let parameter = backend.parameter(&kwarg.name)?;
    let json = kwarg.json_in_text()?;
    let is_lost = match parameter.value_type {
        ValueType::String => matches!(json, Json::Null | Json::String | Json::List | Json::Object),
        ValueType::StringOrList => matches!(json, Json::Null | Json::String | Json::List),
        ValueType::Integer => matches!(json, Json::Null | Json::Number),
        ValueType::Boolean => matches!(json, Json::Null | Json::Bool),
        ValueType::Object => matches!(json, Json::Null | Json::Object),
        ValueType::ObjectOrString => json == Json::Null,
        ValueType::Any => json != Json::String,
    };
    if !is_lost {
        return None;
    }
    let name = &parameter.name;
    let meant = json.describe();
    let message =
        format!("`{name}` gets text, not {meant}: a variable for one keyword is never read as JSON");
    let finding = Finding::new(&RULE, kwarg.value_place, message)
        .label(format!("text that looks like {meant}"));
    let is_prefix = name.ends_with("_prefix") || name.ends_with("_path");
    let finding = match json {
        Json::Null if is_prefix => finding.note(format!(
            "`null` in JSON switches the kind off; this text asks for names below `null`{}",
            asked_for(environment, section, name).map_or(String::new(), |asked| format!(": `{asked}`"))
        )),
        Json::String => finding.note("the double quotes become part of the text"),
        _ => finding.note(format!(
            "the class expects {}; it fails as Airflow starts, or takes the text for something else",
            parameter.value_type
        )),
    };
    let kwargs = variable_name(section.name(), section.kwargs_option());
    Some(if json == Json::String {
        finding.help("write the text without quotes")
    } else {
        finding.help(format!("put it into the JSON: `{kwargs}={{\"{name}\": …}}`"))
    })
}

/// The name that the prefix `parameter` of the server's backend leads to.
fn asked_for(environment: &Environment, section: Section, parameter: &str) -> Option<String> {
    if section != Section::Secrets {
        return None;
    }
    let mut kinds = crate::model::Kind::ALL.into_iter();
    let kind = kinds.find(|kind| parameter.starts_with(kind.parameter_stem()))?;
    environment.name(kind, "<key>")
}
