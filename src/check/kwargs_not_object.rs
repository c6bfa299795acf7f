//! See `rules/kwargs-not-object.md`.

use super::kwargs_not_json::{in_force, with_repair};
use super::{Finding, Group, Level, Rule, Safety};
use crate::facts::airflow;
use crate::resolve::{Kwargs, Project};

pub(super) static RULE: Rule = Rule {
    id: "kwargs-not-object",
    level: Level::Error,
    group: Group::Backend,
    summary: "The kwargs are JSON, but not an object",
    since: "0.1.0",
    fix: Some(Safety::Safe),
    page: include_str!("../../rules/kwargs-not-object.md"),
    check,
};

fn check(project: &Project, findings: &mut Vec<Finding>) {
    for (environment, configured) in project.kwargs() {
        let Kwargs::NotObject { place, found, falsy, repair } = &configured.kwargs else {
            continue;
        };
        let Some(setting) = &configured.kwargs_setting else { continue };
        if project.model.is_changed_on_its_way(setting) {
            continue;
        }
        let versions = environment.versions.airflow();
        let is_fatal = |version: &_| airflow().behaves("kwargs-must-be-object", version);
        let (all_fatal, any_fatal) = (versions.all(is_fatal), versions.any(is_fatal));
        let message = format!("`{}` is {found}, and has to be an object", setting.name());
        let finding = Finding::new(&RULE, *place, message)
            .in_environment(&environment.name)
            .label(found.to_string());
        let here = versions.describe();
        let later = if *falsy { "without a message" } else { "with a warning in the log" };
        let mut finding = finding.note(if all_fatal {
            format!("Airflow {here} does not start: TypeError")
        } else if any_fatal {
            format!("before 2.4.1 Airflow does not start (TypeError); since, it drops them {later}")
        } else {
            format!("Airflow {here} drops them {later}")
        });
        if let Some(defaults) = configured.backend().and_then(in_force).filter(|_| !all_fatal) {
            finding = finding.note(defaults);
        }
        finding = match (falsy, configured.class.is_some()) {
            (_, false) => finding.at_most(Level::Warning),
            // As if nothing were set, which may well be meant.
            (true, true) if !any_fatal => finding.at_most(Level::Info),
            (true, true) if !all_fatal => finding.at_most(Level::Warning),
            _ => finding,
        };
        findings.push(match repair {
            Some(repair) => with_repair(
                finding.help(format!("write the object itself: {}", repair.reasons.join(", "))),
                project,
                environment,
                setting,
                repair,
            ),
            None => finding.help("write an object, as `{\"variables_prefix\": \"airflow/variables\"}`, or nothing"),
        });
    }
}
