//! Connections that settings of Airflow itself name.

use super::{Form, Key, Reference, Timing};
use crate::facts::{NamesConnections, names_connection};
use crate::model::Setting;
use crate::read::json;
use crate::text::{Span, Text, TextBuilder};

/// The connections that a setting names with its value `text`, in the way `how`.
#[must_use]
pub fn of_setting(setting: &Setting, text: &Text, how: NamesConnections) -> Vec<Reference> {
    let mut references = Vec::new();
    let mut add = |range: std::ops::Range<usize>, key: Text, name: &str, whole: Span| {
        if key.expose().trim().is_empty() {
            return;
        }
        references.push(Reference {
            key: Key::Known(key),
            timing: Timing::Run,
            file: setting.file,
            ..Reference::new(
                Form::Setting(setting.key.clone()),
                whole,
                text.span_of(range),
                name.to_owned(),
            )
        });
    };
    let whole = text.expose();
    match how {
        NamesConnections::Id => {
            let start = whole.len() - whole.trim_start().len();
            let range = start..start + whole.trim().len();
            add(range.clone(), part(text, range), &setting.name(), setting.value_span);
        }
        NamesConnections::Url => {
            let Some(scheme) = whole.find("://") else { return references };
            let host = whole.get(scheme + 3..).unwrap_or("");
            let end = host.find('/').unwrap_or(host.len());
            let Some(user) = host.get(..end).and_then(|it| it.find('@')) else { return references };
            let range = scheme + 3..scheme + 3 + user;
            // A name with a password is no id.
            if whole.get(range.clone()).is_none_or(|id| id.contains(':')) {
                return references;
            }
            add(range.clone(), part(text, range), &setting.name(), setting.value_span);
        }
        NamesConnections::Json => {
            let Ok(value) = json::parse(whole) else { return references };
            // The parser limits how deep values nest; a list of its own needs no stack.
            let mut next = vec![&value];
            while let Some(value) = next.pop() {
                if let json::Kind::Array(parts) = &value.kind {
                    next.extend(parts);
                }
                for member in value.members().iter().filter(|member| !member.overridden) {
                    next.push(&member.value);
                    let name = &member.key.node;
                    let Some(id) = member.value.as_str() else { continue };
                    if names_connection(name) {
                        let quoted = member.value.span;
                        let range = quoted.start + 1..quoted.end.saturating_sub(1);
                        let key = match whole.get(range.clone()) {
                            Some(raw) if raw == id => part(text, range.clone()),
                            _ => Text::produced_by(id, text.span_of(range.clone())),
                        };
                        let both = text.span_of(member.key.span.start..quoted.end);
                        add(range, key, name, both);
                    }
                }
            }
        }
    }
    references.sort_by_key(|it| (it.span.start, it.span.end));
    references
}

fn part(text: &Text, range: std::ops::Range<usize>) -> Text {
    let mut builder = TextBuilder::default();
    builder.copy(text, range.clone());
    builder.finish(text.span_of(range))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{FileId, Origin};
    use crate::text::Value;

    #[test]
    fn ids_are_found_in_values() {
        use NamesConnections::{Id, Json, Url};
        for (value, how, expected) in [
            (" s3_logs ", Id, vec!["s3_logs"]),
            ("", Id, vec![]),
            ("s3://my_aws@bucket/path", Url, vec!["my_aws"]),
            ("s3://bucket/a@b", Url, vec![]),
            ("s3://key:secret@bucket", Url, vec![]),
            ("bucket", Url, vec![]),
            (
                r#"[{"name": "a", "kwargs": {"git_conn_id": "git_a", "x": 1}}, {"kwargs": {"aws_conn_id": null}}]"#,
                Json,
                vec!["git_a"],
            ),
            (
                r#"{"p": {"dir": "s3://x", "conn_id": "b"}, "q": {"conn_id": "\u0063"}}"#,
                Json,
                vec!["b", "c"],
            ),
            ("[{", Json, vec![]),
        ] {
            let text = Text::verbatim(value, 10);
            let setting = Setting {
                key: "AIRFLOW__X__Y".to_owned(),
                value: Value::Known(text.clone()),
                file: FileId(0),
                key_span: Span::new(0, 9),
                value_span: text.span(),
                origin: Origin::EnvFile,
            };
            let found = of_setting(&setting, &text, how);
            let keys: Vec<_> = found.iter().map(|it| it.key.glob().unwrap()).collect();
            assert_eq!(keys, expected, "{value}");
            for it in &found {
                assert!(it.span.contains(it.key_span), "{value}");
            }
        }
    }
}
