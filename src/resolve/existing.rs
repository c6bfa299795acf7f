//! Names of secrets that somebody says exist, in the forms in which the services' own tools print them.

use serde_json::Value;

/// A list of names that is not one.
#[derive(Debug, thiserror::Error)]
pub enum BadList {
    /// It begins like JSON and is none.
    #[error("line {line}, column {column}: {reason}")]
    Json {
        /// The 1-based line.
        line: usize,
        /// The 1-based column.
        column: usize,
        /// The parser's words.
        reason: String,
    },
    /// JSON of another form.
    #[error(
        "JSON, but not as `aws secretsmanager list-secrets`, `aws ssm describe-parameters`, `gcloud secrets list`, `az keyvault secret list` or `vault kv list` print it"
    )]
    Form,
}

/// The names in `text`: a line each, or the JSON of a service's own tool. Blank lines and comments (`#`) do not
/// count; an ARN, a resource name or the address of a secret becomes the name in it.
///
/// # Errors
/// When `text` begins like JSON and is none, or of no known form.
pub fn names_in(text: &str) -> Result<Vec<String>, BadList> {
    let text = text.trim_start_matches('\u{feff}').trim_start();
    if !text.starts_with(['{', '[']) {
        let lines = text.lines().map(str::trim);
        let named = lines.filter(|line| !line.is_empty() && !line.starts_with('#'));
        return Ok(named.map(|line| short(line).to_owned()).collect());
    }
    let value: Value = serde_json::from_str(text).map_err(|error| BadList::Json {
        line: error.line(),
        column: error.column(),
        reason: crate::text::without_quotations(&error.to_string()),
    })?;
    let list = match &value {
        Value::Array(list) => list,
        Value::Object(map) => ["SecretList", "Parameters", "secrets", "keys"]
            .iter()
            .find_map(|name| map.get(*name)?.as_array())
            .ok_or(BadList::Form)?,
        _ => return Err(BadList::Form),
    };
    list.iter().map(name_of).collect::<Option<Vec<_>>>().ok_or(BadList::Form)
}

fn name_of(entry: &Value) -> Option<String> {
    let text = match entry {
        Value::String(name) => name,
        Value::Object(map) => {
            ["Name", "name", "id", "ARN"].iter().find_map(|key| map.get(*key)?.as_str())?
        }
        _ => return None,
    };
    Some(short(text).to_owned())
}

/// The name in an ARN of Secrets Manager or Parameter Store, in a resource name of Google's, in the address of a
/// secret of Azure's; any other text is a name.
pub(super) fn short(text: &str) -> &str {
    if let Some((_, name)) = text.split_once(":secret:").filter(|_| text.starts_with("arn:")) {
        // A hyphen and six characters that the service adds.
        let cut = name.len().saturating_sub(7);
        let added = name.get(cut..).is_some_and(|end| {
            end.starts_with('-') && end[1..].bytes().all(|byte| byte.is_ascii_alphanumeric())
        });
        return if added { name.get(..cut).unwrap_or(name) } else { name };
    }
    if let Some((_, name)) = text.split_once(":parameter").filter(|_| text.starts_with("arn:")) {
        return name;
    }
    let is_path = text.starts_with("projects/") || text.starts_with("https://");
    match text.split_once("/secrets/").filter(|_| is_path) {
        Some((_, name)) => name.split('/').next().unwrap_or(name),
        None => text,
    }
}

/// Whether `existing` is the secret that is asked for as `requested`, which may have `*` in it.
#[must_use]
pub fn is_same(requested: &str, existing: &str) -> bool {
    let requested = short(requested);
    // Vault lists the names below a path, and is asked with the path.
    let below = || requested.strip_suffix(existing).is_some_and(|path| path.ends_with('/'));
    match requested.split_once('*') {
        None => requested == existing || below() && requested.contains("/data/"),
        Some((first, rest)) => existing.strip_prefix(first).is_some_and(|tail| matches(rest, tail)),
    }
}

/// Whether `text` ends as `pattern` says, whatever stands before it.
fn matches(pattern: &str, text: &str) -> bool {
    let mut parts: Vec<&str> = pattern.split('*').collect();
    let last = parts.pop().unwrap_or("");
    let mut at = 0;
    for part in parts {
        match text.get(at..).and_then(|rest| rest.find(part)) {
            Some(found) => at += found + part.len(),
            None => return false,
        }
    }
    text.get(at..).is_some_and(|rest| rest.ends_with(last))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_of_all_tools_are_read() {
        for (text, expected) in [
            ("a/b\n\n# comment\n c \n", vec!["a/b", "c"]),
            (r#"{"SecretList": [{"Name": "a/b", "ARN": "x"}]}"#, vec!["a/b"]),
            (r#"{"Parameters": [{"Name": "/a/b"}]}"#, vec!["/a/b"]),
            (
                r#"[{"name": "projects/p/secrets/airflow-variables-x"}]"#,
                vec!["airflow-variables-x"],
            ),
            (r#"[{"id": "https://v.vault.azure.net/secrets/a-b", "name": "a-b"}]"#, vec!["a-b"]),
            (r#"[{"id": "https://v.vault.azure.net/secrets/a-b"}]"#, vec!["a-b"]),
            (r#"["x", "folder/"]"#, vec!["x", "folder/"]),
            ("arn:aws:secretsmanager:eu-west-1:1:secret:a/b-AbC123", vec!["a/b"]),
            ("arn:aws:ssm:eu-west-1:1:parameter/a/b", vec!["/a/b"]),
            ("[]", vec![]),
            ("", vec![]),
        ] {
            assert_eq!(names_in(text).unwrap(), expected, "{text}");
        }
        for text in ["{", "[1]", "{}", r#"{"Name": "x"}"#, "[{]"] {
            assert!(names_in(text).is_err(), "{text}");
        }
        let error = names_in("{\"SecretList\": \"s3cret\" x").unwrap_err().to_string();
        assert!(error.starts_with("line 1, column ") && !error.contains("s3cret"), "{error}");
    }

    #[test]
    fn names_are_compared() {
        for (requested, existing, same) in [
            ("a/b", "a/b", true),
            ("a/b", "b", false),
            ("secret/data/variables/b", "b", true),
            ("projects/{project}/secrets/a-b/versions/latest", "a-b", true),
            ("a/*/c", "a/b/c", true),
            ("a/*/c", "a/b/d", false),
            ("a/*", "a/", true),
            ("*-b-*", "a-b-c", true),
            ("a*b*b", "ab", false),
        ] {
            assert_eq!(is_same(requested, existing), same, "{requested} {existing}");
        }
    }
}
