//! Values as the constructors of the backends see them: Python's, made of JSON or a default.

use std::fmt::Write;

use super::fault::Fault;
use crate::read::json;

/// The most of a nested value that is written out; names that long are no names.
const LONGEST: usize = 1 << 16;

/// A keyword's value, or the default that the class has for it.
#[derive(Clone, Copy)]
pub(super) enum PythonValue<'a> {
    /// `None`.
    None,
    /// A text that the class has as its default.
    Text(&'a str),
    /// What the kwargs say.
    Json(&'a json::Value),
}

impl<'a> PythonValue<'a> {
    /// Whether it is `None`.
    #[must_use]
    pub(super) fn is_none(self) -> bool {
        match self {
            Self::None => true,
            Self::Text(_) => false,
            Self::Json(value) => value.kind == json::Kind::Null,
        }
    }

    /// `bool(value)`.
    #[must_use]
    pub(super) fn is_truthy(self) -> bool {
        match self {
            Self::None => false,
            Self::Text(text) => !text.is_empty(),
            Self::Json(value) => value.is_truthy(),
        }
    }

    /// The text, when it is one.
    #[must_use]
    pub(super) fn as_str(self) -> Option<&'a str> {
        match self {
            Self::None => None,
            Self::Text(text) => Some(text),
            Self::Json(value) => value.as_str(),
        }
    }

    /// The number, when it is one; `True` is 1, as in Python's comparisons.
    #[must_use]
    pub(super) fn as_number(self) -> Option<f64> {
        let Self::Json(value) = self else { return None };
        match &value.kind {
            json::Kind::Number(written) => written.parse().ok(),
            json::Kind::Bool(value) => Some(f64::from(u8::from(*value))),
            _ => None,
        }
    }

    /// `str(value)`, which is what an f-string joins.
    #[must_use]
    pub(super) fn str(self) -> String {
        match self {
            Self::None => "None".to_owned(),
            Self::Text(text) => text.to_owned(),
            Self::Json(value) => {
                if let Some(text) = value.as_str() {
                    text.to_owned()
                } else {
                    let mut out = String::new();
                    repr(value, &mut out);
                    out
                }
            }
        }
    }

    /// `value.rstrip(characters)`: takes off the end every character of `characters`, in any
    /// order; white space for `None`.
    ///
    /// # Errors
    /// The exception, when one of them is of another type; `name` and `characters_name` say whose.
    pub(super) fn rstrip(
        self,
        name: &str,
        characters: Self,
        characters_name: &str,
    ) -> Result<String, Fault> {
        let Some(text) = self.as_str() else {
            return Err(not_text(name, "AttributeError"));
        };
        let stripped = match characters.as_str() {
            Some(characters) => text.trim_end_matches(|c| characters.contains(c)),
            None if characters.is_none() => text.trim_end(),
            None => return Err(not_text(characters_name, "TypeError")),
        };
        Ok(stripped.to_owned())
    }
}

/// The keyword `name` should hold text.
#[must_use]
pub(super) fn not_text(name: &str, exception: &'static str) -> Fault {
    Fault::value(name, format!("`{name}` is not a string"), exception)
}

/// `repr(value)`. Depth is bounded by the JSON reader, length here.
fn repr(value: &json::Value, out: &mut String) {
    if out.len() > LONGEST {
        return;
    }
    match &value.kind {
        json::Kind::String(text) => repr_text(text, out),
        json::Kind::Array(elements) => {
            out.push('[');
            for (number, element) in elements.iter().enumerate() {
                if number > 0 {
                    out.push_str(", ");
                }
                repr(element, out);
            }
            out.push(']');
        }
        json::Kind::Object(members) => {
            out.push('{');
            let mut first = true;
            for member in members.iter().filter(|member| !member.overridden) {
                if !std::mem::take(&mut first) {
                    out.push_str(", ");
                }
                repr_text(&member.key.node, out);
                out.push_str(": ");
                repr(&member.value, out);
            }
            out.push('}');
        }
        _ => out.push_str(&value.python_str().unwrap_or_default()),
    }
}

/// `repr` of a text: in single quotes, or in double ones where it holds only single ones.
fn repr_text(text: &str, out: &mut String) {
    let quote = if text.contains('\'') && !text.contains('"') { '"' } else { '\'' };
    out.push(quote);
    for character in text.chars() {
        match character {
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if c == quote => {
                out.push('\\');
                out.push(c);
            }
            c if u32::from(c) < 0x20 || u32::from(c) == 0x7f => {
                let _ = write!(out, "\\x{:02x}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out.push(quote);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_print_as_python_prints_them() {
        for (text, expected) in [
            ("null", "None"),
            (r#""a""#, "a"),
            (r#"{"a": 1}"#, "{'a': 1}"),
            (r#"["it's", "b", null]"#, r#"["it's", 'b', None]"#),
            (r#"{"a": {"b": [true, 1.5]}, "a": 2}"#, "{'a': 2}"),
            (r#"["a\n"]"#, r"['a\n']"),
        ] {
            let value = json::parse(text).unwrap();
            assert_eq!(PythonValue::Json(&value).str(), expected, "{text}");
        }
    }

    #[test]
    fn rstrip_takes_a_set_of_characters() {
        let strip = |text, characters| PythonValue::Text(text).rstrip("p", characters, "sep");
        assert_eq!(
            strip("airflow/variables", PythonValue::Text("s/")).unwrap(),
            "airflow/variable"
        );
        assert_eq!(strip("a-/-", PythonValue::Text("-/")).unwrap(), "a");
        assert_eq!(strip("a \t", PythonValue::None).unwrap(), "a");
        let five = json::parse("5").unwrap();
        assert!(strip("a", PythonValue::Json(&five)).unwrap_err().exception == "TypeError");
    }
}
