//! See `rules/created-value-malformed.md`.

use super::{Finding, Group, Level, Rule};
use crate::model::setup::creation::Payload;
use crate::model::setup::deployed::{Store, Stored};
use crate::model::{Kind, Origin, Place};
use crate::resolve::{
    BadConnection, BadVariable, Created, Project, bad_connection, bad_connection_fields, bad_extra, bad_variable, lacks_value,
    unexpanded_variable,
};
use crate::text::Value;

pub(super) static RULE: Rule = Rule {
    id: "created-value-malformed",
    level: Level::Error,
    group: Group::Creation,
    summary: "A secret is created with a value that Airflow cannot use",
    since: "0.1.0",
    fix: None,
    page: include_str!("../../rules/created-value-malformed.md"),
    check,
};

fn check(project: &Project, findings: &mut Vec<Finding>) {
    findings.extend(project.created().filter_map(|created| finding(project, &created)));
    findings.extend(project.model.setup.stored.iter().filter_map(extra));
}

/// The `extra` of a connection that a command or Terraform creates, where it is no JSON object.
fn extra(stored: &Stored) -> Option<Finding> {
    let extra = stored.field("extra").filter(|_| stored.store != Store::LocalDatabase)?;
    let says = bad_extra(extra.known()?)?;
    let place = Place::new(stored.statement.file, extra.span());
    Some(
        Finding::new(&RULE, place, format!("the `extra` of the connection {says}"))
            .label("what hooks read their options from")
            .note("hooks that read options from `extra` fail on it, or go on without them")
            .help("write a JSON object, in single quotes in a shell: `'{\"key\": \"value\"}'`"),
    )
}

fn finding(project: &Project, created: &Created<'_>) -> Option<Finding> {
    let kind = created.kind?;
    let file = created.creation.statement.file;
    if let Some(finding) = unexpanded(created) {
        return Some(finding);
    }
    let found = |at: &Value, message: String, label: &str, help: &str| {
        Finding::new(&RULE, Place::new(file, at.span()), message)
            .in_environment(&created.by.environment.name)
            .label(label)
            .help(help)
    };
    match (&created.creation.payload, kind) {
        (Payload::Text(value) | Payload::Line(value), Kind::Connection) => {
            let bad = bad_connection(value, created.creation.backend)?;
            let (says, label, help) = words(bad);
            let finding = found(value, format!("the connection that is created {says}"), label, help);
            Some(finding.note(CONNECTION_NOTE))
        }
        (Payload::Text(value) | Payload::Line(value), Kind::Variable) => {
            let (says, label) = match bad_variable(value.known()?)? {
                BadVariable::OnePair => ("is a pair of key and value: all of it is the value", "JSON, as the console's form makes it"),
                BadVariable::Quoted => ("stands in double quotes, which are part of the value", "quotes that the code gets too"),
                BadVariable::Braces => ("stands in braces and quotes, which are part of the value", "left of the console's form"),
            };
            (!created.is_read_as_json(project)).then(|| {
                found(
                    value,
                    format!("the variable that is created {says}"),
                    label,
                    "store the value as plain text, or read it with `deserialize_json=True`",
                )
                .at_most(Level::Warning)
                .note("the backend hands over the whole text, with its braces and quotes")
            })
        }
        (Payload::Fields(fields), Kind::Connection) => {
            let (says, label, help) = match bad_connection_fields(fields)? {
                BadConnection::UnknownField => ("has a field that no connection has, and no `conn_uri`", "the names of its fields", "put the URI under `conn_uri`, or use the names of a connection's fields: `conn_type`, `host`, `login`, `password`, `schema`, `port`, `extra`"),
                other => words(other),
            };
            let name = &created.creation.name;
            let finding = found(name, format!("the connection that is created {says}"), label, help);
            Some(finding.note(CONNECTION_NOTE))
        }
        (Payload::Fields(fields), Kind::Variable | Kind::Config) => {
            let what = if kind == Kind::Variable { "variable" } else { "option" };
            lacks_value(fields)?.then(|| {
                found(
                    &created.creation.name,
                    format!("the {what} that is created has no field `value`, and so is not found"),
                    "without `value`",
                    "put it under the name `value`: `value=…`",
                )
                .note("of the fields of a secret, the backend hands over the one that is called `value`; without it the lookup finds nothing, and Airflow asks the next place")
            })
        }
        _ => None,
    }
}

/// A variable of the shell that became a part of the value by its name.
fn unexpanded(created: &Created<'_>) -> Option<Finding> {
    let creation = created.creation;
    let values: Vec<&Value> = match &creation.payload {
        Payload::Text(value) | Payload::Line(value) => vec![value],
        Payload::Fields(fields) => fields.iter().map(|(_, value)| value).collect(),
        _ => return None,
    };
    let known = values.into_iter().filter_map(Value::known).filter(|_| creation.origin == Origin::Command);
    let (text, range) = known.into_iter().find_map(|text| Some((text, unexpanded_variable(text)?)))?;
    let place = Place::new(creation.statement.file, text.span_of(range));
    Some(
        Finding::new(&RULE, place, "a variable of the shell is a part of the value by its name: nothing expands it in single quotes")
            .at_most(Level::Warning)
            .in_environment(&created.by.environment.name)
            .label("stored as it stands here")
            .help("end the single quotes before it, and put it in double quotes: `'…'\"$NAME\"'…'`"),
    )
}

const CONNECTION_NOTE: &str =
    "Airflow raises when it makes a connection of it, or makes one without type and host";

/// What is wrong with a connection: the rest of a sentence, a label, help.
const fn words(bad: BadConnection) -> (&'static str, &'static str, &'static str) {
    match bad {
        BadConnection::Neither => ("is neither a URI nor JSON", "no scheme, and no `{`", "write `<conn_type>://<login>:<password>@<host>:<port>/<schema>`, or JSON with `conn_type`"),
        BadConnection::Quoted => ("stands in quotes", "quotes that are part of the value", "leave the quotes out"),
        BadConnection::NotJson => ("begins with `{` and is no JSON", "no JSON", "write JSON with double quotes"),
        BadConnection::NoType => ("does not say which type it has", "no `conn_type`", "add `\"conn_type\"`"),
        BadConnection::IdIsType => ("has `conn_id` before `conn_type`: the id is taken for the type", "`conn_id` comes first", "leave `conn_id` out: the name of the secret says it"),
        BadConnection::OnePair => ("is a pair of key and value, not a connection", "made by the console's form", "store the value as plain text"),
        BadConnection::Port => ("has a port that is no number from 0 to 65535", "the port", "write one number behind the host; several hosts belong into `extra`"),
        BadConnection::CutCredentials => ("has `/`, `?` or `#` in its login or password: the host and the port are cut there", "ends before the `@`", "escape it: `%2F` for `/`, `%3F` for `?`, `%23` for `#`; or write JSON"),
        BadConnection::OneBracket => ("has one square bracket in its login, password or host", "taken for an address of IPv6", "escape it: `%5B` for `[`, `%5D` for `]`; or write JSON"),
        BadConnection::UnknownField => ("has a field that no connection has", "JSON with another field", "use the names of a connection's fields: `conn_type`, `host`, `login`, `password`, `schema`, `port`, `extra`"),
    }
}
