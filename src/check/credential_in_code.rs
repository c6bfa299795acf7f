//! See `rules/credential-in-code.md`.

use crate::facts::credentials;
use super::{Finding, Group, Level, Rule};
use crate::model::{Literal, Place, Role};
use crate::resolve::Project;

pub(super) static RULE: Rule = Rule {
    id: "credential-in-code",
    level: Level::Error,
    group: Group::Leaks,
    summary: "Python code holds a credential that should come from the backend",
    since: "0.1.0",
    fix: None,
    page: include_str!("../../rules/credential-in-code.md"),
    check,
};

fn check(project: &Project, findings: &mut Vec<Finding>) {
    findings.extend(project.model.literals.iter().map(finding));
}

fn finding(literal: &Literal) -> Finding {
    let what = literal.what;
    let (message, help) = match &literal.role {
        Role::Default(key) => (
            format!("the default of {} is {what} in plain text", quoted(key.as_deref(), "a variable")),
            "leave the default out, so that a missing secret is noticed, and create the variable in the backend".to_owned(),
        ),
        Role::Variable(key) => (
            format!("{} is set to {what} in plain text", quoted(key.as_deref(), "a variable")),
            "create the secret in the backend, outside the code".to_owned(),
        ),
        Role::Environment(key) => (
            format!("{} is set to {what} in plain text", quoted(key.as_deref(), "an environment variable")),
            match key.as_deref().and_then(|key| key.strip_prefix("AIRFLOW_CONN_")) {
                Some(id) => format!("create the connection `{}` in the backend, and use it by its id", id.to_lowercase()),
                None => "look it up when the task runs: `Variable.get(…)`, or a connection".to_owned(),
            },
        ),
        Role::Argument(name) => (
            format!("`{name}` is {what} in plain text"),
            if name.starts_with("aws_") {
                "leave the keys out: boto3 finds the identity of the process; or use a hook with a connection".to_owned()
            } else {
                "create the connection in the backend, and use it by its id".to_owned()
            },
        ),
        Role::Named(name) => (
            // A key of a dict can be anything, so also something that is not to be shown.
            format!("{} is {what} in plain text", quoted(Some(name).filter(|name| credentials().looks_like_name(name)).map(String::as_str), "this value")),
            "look it up when the task runs: `Variable.get(…)`, or a connection".to_owned(),
        ),
        Role::Address => (
            format!("this address holds {what} in plain text"),
            "create a connection in the backend, and use it by its id".to_owned(),
        ),
        Role::Text => (
            format!("this is {what} in plain text"),
            "look it up when the task runs: `Variable.get(…)`, or a connection".to_owned(),
        ),
    };
    let level = if literal.is_certain { Level::Error } else { Level::Warning };
    Finding::new(&RULE, Place::new(literal.file, literal.span), message)
        .label(what)
        .note("the file is in the repository and in the image, so whoever reads either has it; replace the credential, since the history keeps it")
        .help(help)
        .at_most(level)
}

fn quoted(name: Option<&str>, otherwise: &str) -> String {
    name.map_or_else(|| otherwise.to_owned(), |name| format!("`{name}`"))
}
