//! See `rules/get-connections-removed.md`.

use super::{Finding, Group, Level, Rule};
use crate::facts::airflow;
use crate::model::{Api, Form, Reference, Timing};
use crate::resolve::Project;

pub(super) static RULE: Rule = Rule {
    id: "get-connections-removed",
    level: Level::Error,
    group: Group::Code,
    summary: "`BaseHook.get_connections`, which Airflow 3 no longer has",
    since: "0.1.0",
    fix: None,
    page: include_str!("../../rules/get-connections-removed.md"),
    check,
};

fn check(project: &Project, findings: &mut Vec<Finding>) {
    let references = project.model.references.iter();
    let run = references.filter(|it| {
        it.timing != Timing::Never && it.method == Some("get_connections")
    });
    findings.extend(run.filter_map(|reference| finding(project, reference)));
}

fn finding(project: &Project, reference: &Reference) -> Option<Finding> {
    let Form::BaseHook(api) = reference.form else { return None };
    let has = |version: &_| airflow().behaves("basehook-get-connections", version);
    let versions = project.environments.iter().map(|environment| environment.versions.airflow());
    let (mut always, mut sometimes, mut told) = (true, false, true);
    for versions in versions {
        always &= versions.all(|version| !has(version));
        sometimes |= !versions.all(has);
        told &= versions.is_told();
    }
    let level = match (api, always, sometimes) {
        (Api::Sdk, _, _) | (_, true, _) => Level::Error,
        (_, false, true) if told => Level::Warning,
        (_, false, true) => Level::Info,
        (_, false, false) => return None,
    };
    Some(
        Finding::new(
            &RULE,
            reference.place(),
            format!("`{}` is gone in Airflow 3.0.0", reference.callee),
        )
        .at_most(level)
        .label("no such method")
        .note("calling it raises AttributeError; Airflow 2 still has it, deprecated since 2.0.0, as a list with the one connection")
        .help("call `get_connection`, which gives that connection itself, not a list"),
    )
}
