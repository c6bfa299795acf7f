//! JSON Schemas against our output, for tests.

use serde_json::Value;

/// Fails where `value` is not as `schema` says. Stricter than a validator must be: a property that a schema
/// of ours does not describe is wrong too, though a later release may add it.
pub(super) fn check(schema: &Value, value: &Value) {
    let mut schema = schema.clone();
    close(&mut schema);
    let options = jsonschema::options().should_validate_formats(true);
    let validator = options.build(&schema).unwrap();
    let faults = validator.iter_errors(value);
    let faults: Vec<_> = faults.map(|it| format!("{}: {it}", it.instance_path())).collect();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
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
