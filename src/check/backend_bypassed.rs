//! See `rules/backend-bypassed.md`.

use super::{Finding, Group, Level, Rule};
use crate::model::{Bypass, BypassedBy, Kind, Place};
use crate::resolve::Project;

pub(super) static RULE: Rule = Rule {
    id: "backend-bypassed",
    level: Level::Warning,
    group: Group::Code,
    summary: "DAG code asks the secrets service itself for what Airflow would look up",
    since: "0.1.0",
    fix: None,
    page: include_str!("../../rules/backend-bypassed.md"),
    check,
};

const WHY: &str = "what does not go through Airflow is not masked in logs, ignores environment variables and the database, keeps to settings of its own, and is asked again at each call";

fn check(project: &Project, findings: &mut Vec<Finding>) {
    for bypass in &project.model.bypasses {
        let found = match &bypass.by {
            BypassedBy::Backend(backend) => Some(instance(bypass, &backend.class)),
            BypassedBy::Client { name_span, .. } => {
                client(project, bypass, Place::new(bypass.file, *name_span))
            }
        };
        // A DAG may be called a test, and a test may have to do it.
        let level = if project.model.is_test(bypass.file) { Level::Info } else { Level::Warning };
        findings.extend(found.map(|finding| finding.at_most(level)));
    }
}

fn instance(bypass: &Bypass, class: &str) -> Finding {
    let name = class.rsplit('.').next().unwrap_or(class);
    Finding::new(&RULE, bypass.place(), format!("`{name}` is made by hand, beside the backend that Airflow makes"))
        .label("an instance of its own")
        .note(WHY)
        .help("set `AIRFLOW__SECRETS__BACKEND`, and ask by `Variable.get` and `BaseHook.get_connection`")
}

fn client(project: &Project, bypass: &Bypass, place: Place) -> Option<Finding> {
    let found = project.bypassed(bypass)?;
    let lookup = match found.kind {
        Kind::Variable => "Variable.get",
        Kind::Connection => "BaseHook.get_connection",
        Kind::Config => return None,
    };
    let (which, key) = if found.key.contains('*') {
        (format!("which are the names of {}s", found.kind), "…".to_owned())
    } else {
        (format!("which is the {} `{}`", found.kind, found.key), format!("\"{}\"", found.key))
    };
    Some(
        Finding::new(
            &RULE,
            place,
            format!("`{}` asks for `{}`, {which}", bypass.callee, found.name),
        )
        .in_environment(&found.by.environment.name)
        .label("below the backend's prefix")
        .note(WHY)
        .help(format!("ask Airflow: `{lookup}({key})`")),
    )
}
