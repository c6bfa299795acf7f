//! Our schemas against our output, for tests.

use serde_json::Value;

/// Whether `value` is as `schema` says, for the few words that our schema uses. Stricter than a
/// validator: a property that the schema does not describe is wrong too.
pub(super) fn check(schema: &Value, root: &Value, value: &Value, path: &str) {
    if let Some(name) = schema["$ref"].as_str() {
        let target = root.pointer(name.trim_start_matches('#')).unwrap();
        return check(target, root, value, path);
    }
    if let Some(choices) = schema["oneOf"].as_array() {
        let target = |choice: &Value| match choice["$ref"].as_str() {
            Some(name) => root.pointer(name.trim_start_matches('#')).unwrap().clone(),
            None => choice.clone(),
        };
        let fits = |choice: &&Value| {
            let required = target(choice)["required"].as_array().unwrap().clone();
            required.iter().all(|name| value.get(name.as_str().unwrap()).is_some())
        };
        let fitting: Vec<&Value> = choices.iter().filter(fits).collect();
        assert_eq!(fitting.len(), 1, "{path}");
        for choice in fitting.into_iter().filter(|choice| choice.get("$ref").is_some()) {
            check(choice, root, value, path);
        }
    }
    match schema["type"].as_str() {
        Some("object") => {
            let object = value.as_object().unwrap_or_else(|| panic!("{path}: {value}"));
            for name in schema["required"].as_array().into_iter().flatten() {
                assert!(object.contains_key(name.as_str().unwrap()), "{path} lacks {name}");
            }
            for (name, member) in object {
                let part = &schema["properties"][name];
                assert!(part.is_object(), "{path}.{name} is not in the schema");
                check(part, root, member, &format!("{path}.{name}"));
            }
        }
        Some("array") => {
            for item in value.as_array().unwrap_or_else(|| panic!("{path}: {value}")) {
                check(&schema["items"], root, item, &format!("{path}[]"));
            }
        }
        Some("string") => assert!(value.is_string(), "{path}: {value}"),
        Some("boolean") => assert!(value.is_boolean(), "{path}: {value}"),
        Some("integer") => {
            let least = schema["minimum"].as_u64().unwrap();
            assert!(value.as_u64().is_some_and(|number| number >= least), "{path}: {value}");
        }
        Some(other) => panic!("{path}: the check does not know {other}"),
        None if schema["type"].is_array() => {
            assert_eq!(schema["type"], serde_json::json!(["string", "null"]), "{path}");
            assert!(value.is_string() || value.is_null(), "{path}: {value}");
        }
        None => {}
    }
    assert!(schema.get("const").is_none_or(|constant| constant == value), "{path}: {value}");
    let allowed = schema["enum"].as_array();
    assert!(allowed.is_none_or(|allowed| allowed.contains(value)), "{path}: {value}");
}
