//! See `rules/unused-declaration.md`.

use super::{Finding, Group, Level, Rule};
use crate::model::{DeclaredName, Declares};
use crate::resolve::Project;

pub(super) static RULE: Rule = Rule {
    id: "unused-declaration",
    level: Level::Info,
    group: Group::Code,
    summary: "A secret, variable or connection that is said to exist, and that no DAG code asks for",
    since: "0.1.0",
    fix: None,
    page: include_str!("../../rules/unused-declaration.md"),
    check,
};

fn check(project: &Project, findings: &mut Vec<Finding>) {
    for declared in &project.model.declared.names {
        if let Some(name) = declared.shown().filter(|_| project.is_unused(declared)) {
            findings.push(finding(declared, name));
        }
    }
}

fn finding(declared: &DeclaredName, name: &str) -> Finding {
    let what = match declared.what {
        Declares::Key(kind) => kind.name(),
        Declares::Secret => "secret",
    };
    Finding::new(&RULE, declared.place, format!("no DAG code asks for the {what} `{name}`"))
        .label("asked for nowhere")
        .note("other code may: operators of their own accord, or another project")
        .help("delete it, if nothing else needs it")
}
