//! See `rules/created-value-malformed.md`.

use super::{Finding, Group, Level, Rule};
use crate::model::setup::creation::Payload;
use crate::model::{Kind, Place};
use crate::resolve::{BadConnection, Created, Project, bad_connection, is_one_pair};
use crate::text::Value;

pub(super) static RULE: Rule = Rule {
    id: "created-value-malformed",
    level: Level::Error,
    group: Group::Creation,
    summary: "A secret is created with a value that Airflow cannot use",
    since: "0.1.0",
    page: include_str!("../../rules/created-value-malformed.md"),
    check,
};

fn check(project: &Project, findings: &mut Vec<Finding>) {
    findings.extend(project.created().filter_map(|created| finding(project, &created)));
}

fn finding(project: &Project, created: &Created<'_>) -> Option<Finding> {
    let (Payload::Text(Value::Known(text)) | Payload::Line(Value::Known(text))) = &created.creation.payload else {
        return None;
    };
    let place = Place::new(created.creation.statement.file, text.span());
    let found = |message: String, label: &str, help: &str| {
        Finding::new(&RULE, place, message)
            .in_environment(&created.by.environment.name)
            .label(label)
            .help(help)
    };
    match created.kind? {
        Kind::Connection => {
            let (says, label, help) = match bad_connection(text, created.creation.backend)? {
                BadConnection::Neither => ("is neither a URI nor JSON", "no scheme, and no `{`", "write `<conn_type>://<login>:<password>@<host>:<port>/<schema>`, or JSON with `conn_type`"),
                BadConnection::Quoted => ("stands in quotes", "quotes that are part of the value", "leave the quotes out"),
                BadConnection::NotJson => ("begins with `{` and is no JSON", "no JSON", "write JSON with double quotes"),
                BadConnection::NoType => ("does not say which type it has", "no `conn_type`", "add `\"conn_type\"`"),
                BadConnection::IdIsType => ("has `conn_id` before `conn_type`: the id is taken for the type", "`conn_id` comes first", "leave `conn_id` out: the name of the secret says it"),
                BadConnection::OnePair => ("is a pair of key and value, not a connection", "made by the console's form", "store the value as plain text"),
            };
            Some(found(format!("the connection that is created {says}"), label, help).note(
                "Airflow raises when it makes a connection of it, or makes one without type and host",
            ))
        }
        Kind::Variable => {
            let is_read_as_json = project.reading().any(|reference| {
                reference.kind == Kind::Variable
                    && reference.deserialize_json
                    && created.by.keys_of(reference).iter().filter_map(|key| key.name()).any(|key| {
                        created.by.name(Kind::Variable, key).is_some_and(|name| name == created.name)
                    })
            });
            (is_one_pair(text) && !is_read_as_json).then(|| {
                found(
                    "the variable that is created is a pair of key and value: all of it is the value".to_owned(),
                    "JSON, as the console's form makes it",
                    "store the value as plain text, or read it with `deserialize_json=True`",
                )
                .at_most(Level::Warning)
                .note("the backend hands over the whole text, with its braces and quotes")
            })
        }
        Kind::Config => None,
    }
}
