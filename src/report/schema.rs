//! JSON Schemas against our output, for tests.
//!
//! The words of the schemas in `docs/` and `tests/schemas/`; any other word fails. Stricter than a validator
//! must be: a property that the schema neither describes nor allows by name is wrong too.

#![allow(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "only tests and fuzzers compile this"
)]

use std::sync::LazyLock;

use serde_json::Value;

/// Fails where `value`, which is called `path`, is not as `schema` says, a part of the document `root`.
pub(super) fn check(schema: &Value, root: &Value, value: &Value, path: &str) {
    let faults = Schema { part: schema, root }.faults(value, path);
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// The document that a reference names by its file.
fn document(name: &str) -> &'static Value {
    static REPORT: LazyLock<Value> = LazyLock::new(|| {
        serde_json::from_str(include_str!("../../docs/astrolint-report-v1.schema.json")).unwrap()
    });
    assert_eq!(name, "astrolint-report-v1.schema.json");
    &REPORT
}

#[derive(Clone, Copy)]
struct Schema<'a> {
    part: &'a Value,
    root: &'a Value,
}

impl<'a> Schema<'a> {
    const fn of(self, part: &'a Value) -> Self {
        Self { part, root: self.root }
    }

    /// The schemas below `word` that hold for the same value.
    fn same(self, word: &str) -> Vec<Self> {
        match &self.part[word] {
            Value::Array(parts) => parts.iter().map(|part| self.of(part)).collect(),
            Value::String(reference) => {
                let (file, pointer) = reference.split_once('#').unwrap();
                let root = if file.is_empty() { self.root } else { document(file) };
                vec![Self { part: root.pointer(pointer).unwrap(), root }]
            }
            _ => Vec::new(),
        }
    }

    /// What is wrong with `value`.
    fn faults(self, value: &Value, path: &str) -> Vec<String> {
        let mut faults = self.own_faults(value, path);
        if let Some(object) = value.as_object()
            && let Some(described) = self.described()
        {
            let more = object.keys().filter(|name| !described.contains(&name.as_str()));
            faults.extend(more.map(|name| format!("{path}.{name} is not in the schema")));
        }
        faults
    }

    /// The names of all properties that are described; none where any other is allowed, too.
    fn described(self) -> Option<Vec<&'a str>> {
        if !matches!(self.part["additionalProperties"], Value::Null | Value::Bool(false)) {
            return None;
        }
        let properties = self.part["properties"].as_object().into_iter().flatten();
        let mut names: Vec<&str> = properties.map(|(name, _)| name.as_str()).collect();
        for word in ["$ref", "allOf", "oneOf", "anyOf"] {
            for schema in self.same(word) {
                names.extend(schema.described()?);
            }
        }
        Some(names)
    }

    fn own_faults(self, value: &Value, path: &str) -> Vec<String> {
        let mut faults = Vec::new();
        let Some(words) = self.part.as_object() else {
            panic!("{path}: {} is no schema", self.part)
        };
        for (word, wanted) in words {
            let fits = match word.as_str() {
                "type" => match wanted {
                    Value::Array(kinds) => kinds.iter().any(|kind| is(kind, value)),
                    kind => is(kind, value),
                },
                "const" => value == wanted,
                "enum" => wanted.as_array().unwrap().contains(value),
                "minimum" => value.as_f64().is_none_or(|number| number >= wanted.as_f64().unwrap()),
                "maximum" => value.as_f64().is_none_or(|number| number <= wanted.as_f64().unwrap()),
                "minItems" => value
                    .as_array()
                    .is_none_or(|items| items.len() as u64 >= wanted.as_u64().unwrap()),
                "uniqueItems" => value.as_array().is_none_or(|items| {
                    items.iter().enumerate().all(|(at, item)| !items[..at].contains(item))
                }),
                "pattern" => value.as_str().is_none_or(|text| {
                    regex::Regex::new(wanted.as_str().unwrap()).unwrap().is_match(text)
                }),
                "format" => {
                    value.as_str().is_none_or(|text| has_format(wanted.as_str().unwrap(), text))
                }
                "required" => {
                    let names = wanted.as_array().unwrap();
                    let lacking =
                        names.iter().filter(|name| value.get(name.as_str().unwrap()).is_none());
                    faults.extend(lacking.map(|name| format!("{path} lacks {name}")));
                    true
                }
                "properties" => {
                    for (name, member) in value.as_object().into_iter().flatten() {
                        if let Some(schema) = wanted.get(name) {
                            faults
                                .extend(self.of(schema).faults(member, &format!("{path}.{name}")));
                        }
                    }
                    true
                }
                "items" => {
                    for item in value.as_array().into_iter().flatten() {
                        faults.extend(self.of(wanted).faults(item, &format!("{path}[]")));
                    }
                    true
                }
                "$ref" | "allOf" => {
                    faults.extend(
                        self.same(word).iter().flat_map(|schema| schema.own_faults(value, path)),
                    );
                    true
                }
                "oneOf" | "anyOf" => {
                    let schemas = self.same(word);
                    let fitting = schemas
                        .iter()
                        .filter(|schema| schema.own_faults(value, path).is_empty())
                        .count();
                    fitting == 1 || fitting > 1 && word == "anyOf"
                }
                "additionalProperties" => {
                    if wanted.is_object() {
                        let names = &self.part["properties"];
                        for (name, member) in value.as_object().into_iter().flatten() {
                            if names.get(name).is_none() {
                                faults.extend(
                                    self.of(wanted).faults(member, &format!("{path}.{name}")),
                                );
                            }
                        }
                    }
                    true
                }
                "$schema" | "$id" | "id" | "$defs" | "definitions" | "title" | "description"
                | "default" => true,
                other => panic!("{path}: the check does not know {other}"),
            };
            if !fits {
                faults.push(format!("{path}: {value} is not as {word} {wanted} says"));
            }
        }
        faults
    }
}

fn is(kind: &Value, value: &Value) -> bool {
    match kind.as_str().unwrap() {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        "null" => value.is_null(),
        other => panic!("the check does not know the type {other}"),
    }
}

fn has_format(format: &str, text: &str) -> bool {
    let characters =
        text.bytes().all(|byte| byte.is_ascii_graphic() && !b"\"<>\\^`{|}".contains(&byte));
    match format {
        "uri" => characters && text.contains(':'),
        "uri-reference" => characters,
        other => panic!("the check does not know the format {other}"),
    }
}
