//! See `rules/undeclared-reference.md`.

use super::{Finding, Group, Level, Rule, nearest};
use crate::hash::HashSet;
use crate::model::{Key, Kind, Operation, Reference};
use crate::resolve::{Environment, Outcome, Process, Project};

pub(super) static RULE: Rule = Rule {
    id: "undeclared-reference",
    level: Level::Warning,
    group: Group::Code,
    summary: "DAG code asks for a variable or connection that is not among those said to exist",
    since: "0.1.0",
    fix: None,
    page: include_str!("../../rules/undeclared-reference.md"),
    check,
};

fn check(project: &Project, findings: &mut Vec<Finding>) {
    if project.model.declared.names.is_empty() {
        return;
    }
    // What DAG code makes itself.
    let writes = |it: &&Reference| matches!(it.operation, Operation::Set | Operation::SetDefault);
    let written = project.model.references.iter().filter(writes);
    let written: HashSet<(Kind, &str)> =
        written.filter_map(|it| Some((it.kind, it.key.name()?))).collect();
    let misplaced = project.misplaced();
    // What is created under another name is said there.
    let is_misplaced = |environment: &Environment, kind: Kind, key: &str| {
        misplaced.iter().any(|it| {
            let mut backends = environment.in_use();
            it.kind == kind && backends.any(|by| it.is_meant_for(by, key))
        })
    };
    for environment in &project.environments {
        let shown = project.declared_names(environment).filter(|it| it.is_exact() && it.shown().is_some());
        let declared: Vec<(Kind, &str)> =
            shown.filter_map(|it| project.declared_key(environment, it)).collect();
        for reference in project.reading() {
            let here = environment.key_of(reference);
            for key in here.alternatives().iter().filter_map(Key::name) {
                if project.is_declared(environment, reference.kind, key) == Some(false)
                    && !written.contains(&(reference.kind, key))
                    && !is_misplaced(environment, reference.kind, key)
                {
                    findings.push(finding(project, environment, reference, key, &declared));
                }
            }
        }
    }
}

fn finding(
    project: &Project,
    environment: &Environment,
    reference: &Reference,
    key: &str,
    declared: &[(Kind, &str)],
) -> Finding {
    let kind = reference.kind;
    let message = match asked(environment, kind, key) {
        Some(name) => format!("{kind} `{key}` is asked for as `{name}`, which is not declared"),
        None => format!("{kind} `{key}` is not declared"),
    };
    // It may do without, or be another of several.
    let is_needed = reference.default.is_none()
        && project.may_load(reference)
        && (reference.asks_each || environment.key_of(reference).known().is_some())
        && !project.is_declared_in_part(environment, kind);
    let finding = Finding::new(&RULE, reference.key_place(), message)
        .at_most(if is_needed { Level::Warning } else { Level::Info })
        .in_environment(&environment.name)
        .label("not among the names that exist")
        .note("what exists is said by `declared` in astrolint's configuration, or by code of the project that creates secrets");
    let keys = declared.iter().filter(|(of, _)| *of == kind);
    match nearest(key, keys.map(|(_, key)| *key)) {
        Some(near) => finding.help(format!("write `{near}`, if that is meant; otherwise create it, and declare it")),
        None => finding.help("create it, and declare it"),
    }
}

/// The name that the server's backend is asked for, at the newest version possible.
fn asked(environment: &Environment, kind: Kind, key: &str) -> Option<String> {
    let answers = environment.answers(Process::Server, kind, key);
    let asked = answers.into_iter().map(|answer| answer.lookup);
    asked.filter(|lookup| lookup.outcome == Outcome::Asked).last()?.requested.pop()
}
