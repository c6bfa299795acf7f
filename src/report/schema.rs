//! JSON Schemas against our output, for tests.

#![allow(clippy::unwrap_used, reason = "only tests and fuzzers compile this")]

use jsonschema::Validator;
use serde_json::Value;

/// A schema, stricter than a validator must be: a property that a schema of ours does not describe is wrong
/// too, though a later release may add it.
pub(super) struct Schema(Validator);

impl Schema {
    pub(super) fn new(document: &str) -> Self {
        let mut schema: Value = serde_json::from_str(document).unwrap();
        close(&mut schema);
        let options = jsonschema::options().should_validate_formats(true);
        Self(options.build(&schema).unwrap())
    }

    /// Fails where `value` is not as the schema says.
    pub(super) fn check(&self, value: &Value) {
        let faults = self.0.iter_errors(value);
        let faults: Vec<_> = faults.map(|it| format!("{}: {it}", it.instance_path())).collect();
        assert!(faults.is_empty(), "{}", faults.join("\n"));
    }
}

/// Lets no more into an object than the schema describes, wherever it is used for a value.
fn close(schema: &mut Value) {
    let Some(words) = schema.as_object_mut() else { return };
    for (word, part) in words.iter_mut() {
        match (word.as_str(), part) {
            ("properties" | "$defs", Value::Object(parts)) => {
                let is_value = word == "properties";
                parts
                    .values_mut()
                    .for_each(|part| if is_value { close(part) } else { within(part) });
            }
            ("items" | "additionalProperties", part) => close(part),
            ("oneOf" | "anyOf" | "allOf", Value::Array(parts)) => parts.iter_mut().for_each(within),
            _ => {}
        }
    }
    if ["$ref", "properties", "allOf", "oneOf", "anyOf"]
        .iter()
        .any(|word| words.contains_key(*word))
    {
        words.entry("unevaluatedProperties").or_insert(Value::Bool(false));
    }
}

/// Closes the parts of a schema that is itself a part of another one.
fn within(schema: &mut Value) {
    let is_open = schema.get("unevaluatedProperties").is_none();
    close(schema);
    if let Some(words) = schema.as_object_mut().filter(|_| is_open) {
        words.shift_remove("unevaluatedProperties");
    }
}
