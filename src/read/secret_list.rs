//! Lists of the names of secrets: a line each, or the JSON that the tools of the services print.

use std::fmt;

use serde::Deserialize;
use serde::de::{self, DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

/// The longest name that is believed, in bytes; that of Parameter Store is 2,048.
const MAX_NAME: usize = 4 << 10;

/// Why a text is no list. It repeats nothing of the text, which may be the secrets themselves.
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
        "line {line}, column {column}: not as `aws secretsmanager list-secrets`, `aws ssm describe-parameters`, `gcloud secrets list`, `az keyvault secret list` or `vault kv list` print it in JSON"
    )]
    Form {
        /// The 1-based line.
        line: usize,
        /// The 1-based column.
        column: usize,
    },
    /// A line that is no name.
    #[error("line {line}: {reason}; expected one name a line, or JSON")]
    Line {
        /// The 1-based line.
        line: usize,
        /// What it has that no name has.
        reason: &'static str,
    },
    /// One page of several.
    #[error("only a part of the list: it ends with a `NextToken`; list all pages")]
    Incomplete,
}

/// The names in `text`, as they stand there: full names, resource names or addresses. Blank lines and lines
/// with `#` do not count, nor do secrets that are to be deleted or are disabled: these answer no more.
///
/// # Errors
/// When `text` is no such list.
pub fn read(text: &str) -> Result<Vec<String>, BadList> {
    let text = text.trim_start_matches('\u{feff}');
    if text.trim_start().starts_with(['{', '[', '"']) { json(text) } else { lines(text) }
}

fn lines(text: &str) -> Result<Vec<String>, BadList> {
    let mut names = Vec::new();
    for (number, line) in text.lines().enumerate() {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let reason = if line.contains(char::is_whitespace) {
            "a blank inside"
        } else if line.contains(char::is_control) {
            "a control character"
        } else if line.len() > MAX_NAME {
            "longer than any name"
        } else {
            names.push(line.to_owned());
            continue;
        };
        return Err(BadList::Line { line: number + 1, reason });
    }
    Ok(names)
}

fn json(text: &str) -> Result<Vec<String>, BadList> {
    let mut names = Vec::new();
    // Several pages, or lists of several tools, may stand one after the other.
    for list in serde_json::Deserializer::from_str(text).into_iter::<List>() {
        let list = list.map_err(|error| {
            let (line, column) = (error.line(), error.column());
            if error.is_data() {
                return BadList::Form { line, column };
            }
            let reason = error.to_string();
            let reason = reason.split(" at line ").next().unwrap_or_default().to_owned();
            BadList::Json { line, column, reason }
        })?;
        if list.continues {
            return Err(BadList::Incomplete);
        }
        // No secret is called nothing.
        names.extend(list.names.into_iter().filter(|name| !name.is_empty()));
    }
    Ok(names)
}

/// What one document lists.
#[derive(Default)]
struct List {
    names: Vec<String>,
    continues: bool,
}

/// What one entry of a list names; nothing for a secret that does not answer.
struct Entry(Option<String>);

impl<'de> Deserialize<'de> for List {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ListVisitor { is_inner: false })
    }
}

/// Reads a list, or an object that holds one.
struct ListVisitor {
    /// Whether it stands in an object, where a text may be the value of a secret.
    is_inner: bool,
}

impl<'de> DeserializeSeed<'de> for ListVisitor {
    type Value = List;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<List, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for ListVisitor {
    type Value = List;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of names")
    }

    fn visit_str<E: de::Error>(self, name: &str) -> Result<List, E> {
        if self.is_inner {
            return Err(de::Error::custom("no list"));
        }
        Ok(List { names: vec![name.to_owned()], continues: false })
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut entries: A) -> Result<List, A::Error> {
        let mut list = List::default();
        while let Some(Entry(name)) = entries.next_element()? {
            list.names.extend(name);
        }
        Ok(list)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<List, A::Error> {
        let mut found: Option<List> = None;
        let mut continues = false;
        while let Some(key) = map.next_key::<String>()? {
            match key.as_str() {
                // AWS; Google's and Vault's interfaces, Vault's inside `data`; Azure's interface.
                "SecretList" | "Parameters" | "secrets" | "keys" | "data" | "value" => {
                    let list = map.next_value_seed(Self { is_inner: true })?;
                    continues |= list.continues;
                    found.get_or_insert_default().names.extend(list.names);
                }
                "NextToken" | "nextToken" | "nextPageToken" => {
                    let token: Option<String> = map.next_value()?;
                    continues |= token.is_some_and(|token| !token.is_empty());
                }
                _ => _ = map.next_value::<IgnoredAny>()?,
            }
        }
        let list = found.ok_or_else(|| de::Error::custom("no list"))?;
        Ok(List { continues, ..list })
    }
}

impl<'de> Deserialize<'de> for Entry {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(EntryVisitor)
    }
}

struct EntryVisitor;

impl<'de> Visitor<'de> for EntryVisitor {
    type Value = Entry;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a name")
    }

    fn visit_str<E: de::Error>(self, name: &str) -> Result<Entry, E> {
        Ok(Entry(Some(name.to_owned())))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Entry, A::Error> {
        /// Of Azure: whether the secret may be read.
        #[derive(Deserialize)]
        struct Attributes {
            enabled: Option<bool>,
        }
        // The best of what names it: a name before an address, and that before an ARN.
        let mut name: Option<(usize, String)> = None;
        let mut answers = true;
        while let Some(key) = map.next_key::<String>()? {
            match key.as_str() {
                "DeletedDate" => answers &= map.next_value::<Option<IgnoredAny>>()?.is_none(),
                "attributes" => {
                    let attributes: Option<Attributes> = map.next_value()?;
                    answers &= attributes.and_then(|it| it.enabled) != Some(false);
                }
                other => {
                    let rank = ["Name", "name", "id", "ARN"].iter().position(|it| *it == other);
                    match rank {
                        Some(rank) if name.as_ref().is_none_or(|(best, _)| rank < *best) => {
                            name = Some((rank, map.next_value()?));
                        }
                        _ => _ = map.next_value::<IgnoredAny>()?,
                    }
                }
            }
        }
        let (_, name) = name.ok_or_else(|| de::Error::custom("no name"))?;
        Ok(Entry(answers.then_some(name)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_of_all_tools_are_read() {
        let azure = r#"[{"id": "https://v.vault.azure.net/secrets/a", "name": "a", "attributes": {"enabled": true}}, {"name": "b", "attributes": {"enabled": false}}]"#;
        for (text, expected) in [
            ("\u{feff}a/b\r\n\r\n# comment\n c \n", vec!["a/b", "c"]),
            (
                r#"{"SecretList": [{"ARN": "x", "Name": "a/b", "Tags": [{"Key": "name"}]}]}"#,
                vec!["a/b"],
            ),
            (
                r#"{"SecretList": [{"Name": "old", "DeletedDate": "2026-01-01"}], "NextToken": null}"#,
                vec![],
            ),
            (r#"{"Parameters": [{"Name": "/a/b", "Type": "String"}]}"#, vec!["/a/b"]),
            (r#"["", "a"]"#, vec!["a"]),
            (
                r#"[{"name": "projects/1/secrets/x", "replication": {"automatic": {}}}]"#,
                vec!["projects/1/secrets/x"],
            ),
            (azure, vec!["a"]),
            (r#"[{"id": "https://v/secrets/a-b"}]"#, vec!["https://v/secrets/a-b"]),
            (r#"["x", "folder/"]"#, vec!["x", "folder/"]),
            (r#"{"request_id": "1", "data": {"keys": ["x"]}}"#, vec!["x"]),
            ("\"a\"\n\"b\"\n", vec!["a", "b"]),
            (
                r#"{"SecretList": [{"Name": "a"}]} {"Parameters": [{"Name": "/b"}]}"#,
                vec!["a", "/b"],
            ),
            ("[]", vec![]),
            ("", vec![]),
        ] {
            assert_eq!(read(text).unwrap(), expected, "{text}");
        }
    }

    #[test]
    fn what_is_no_list_is_told_by_its_place() {
        for (text, place) in [
            ("a\nb c\n", "line 2: a blank inside"),
            ("a\nx\u{0}\n", "line 2: a control character"),
            ("{", "line 1, column 1: EOF"),
            ("[1]", "line 1, column 2: not as"),
            ("[\n {\"x\": \"s3cret\"}]", "line 2, column 16: not as"),
            ("{}", "line 1, column 2: not as"),
            ("{\"Name\": \"s3cret\"}", "line 1, column 18: not as"),
            ("{\"SecretList\": \"s3cret\" x", "line 1, column 23: not as"),
            ("{\"name\": \"a\", \"value\": \"s3cret\"}", "line 1, column 31: not as"),
            ("[{]", "line 1, column 3: "),
            ("[true, s3cret]", "line 1, column 5: not as"),
            ("{\"SecretList\": [], \"NextToken\": \"abc\"}", "only a part of the list"),
        ] {
            let error = read(text).unwrap_err().to_string();
            assert!(error.starts_with(place) && !error.contains("s3cret"), "{text}: {error}");
        }
        assert!(read(&"[".repeat(100_000)).is_err());
        let deep = format!("[{{\"Name\": \"a\", \"x\": {}", "[".repeat(100_000));
        assert!(read(&deep).is_err());
        let deep = "{\"data\": ".repeat(100_000);
        assert!(read(&deep).unwrap_err().to_string().contains("recursion limit"));
        assert!(read(&"x".repeat(MAX_NAME + 1)).is_err());
    }
}
