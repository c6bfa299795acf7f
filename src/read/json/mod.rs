//! JSON as Python reads it, for values that people put into settings.
//!
//! Python's `json.loads` is not the standard: it takes `NaN` and `Infinity`, lone surrogates and
//! duplicate keys (the last wins), and it refuses long integers and deep nesting. What it accepts
//! decides here; facts from `CPython` 3.7 to 3.13 (`Modules/_json.c`, `Lib/json`), measured.
//!
//! Everything works on a `&str` and speaks in byte offsets of that `&str`: the caller maps them to
//! the file with [`Text::span_of`](crate::text::Text::span_of). Strings may be credentials, so no
//! `Debug` here shows one.

mod holes;
mod parse;
mod repair;
mod tokens;

use std::fmt;

pub use self::holes::error_of_any;
pub use self::parse::{MAX_DEPTH, MAX_INTEGER_DIGITS, parse};
pub use self::repair::{Edit, Repair, repair};
pub use self::tokens::{Quote, Token, TokenKind, tokens};
use crate::text::{Span, Spanned, Text};

/// A JSON value and where it stands; a string's span includes its quotes.
#[derive(Clone, PartialEq)]
pub struct Value {
    /// The bytes of the text it was read from.
    pub span: Span,
    /// What it is.
    pub kind: Kind,
}

/// What a JSON value is.
#[derive(Clone, PartialEq)]
pub enum Kind {
    /// `null`, Python's `None`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number as it was written; also `NaN`, `Infinity` and `-Infinity`.
    Number(String),
    /// A decoded string. A lone surrogate, which no Rust string can hold, is U+FFFD.
    String(String),
    /// The elements in order.
    Array(Vec<Value>),
    /// The members in order, with those that Python drops.
    Object(Vec<Member>),
}

/// One `"key": value` of an object.
#[derive(Clone, PartialEq)]
pub struct Member {
    /// The decoded key; the span includes the quotes.
    pub key: Spanned<String>,
    /// Its value.
    pub value: Value,
    /// Whether a later member of the same object has the same key, so that Python drops this one.
    pub overridden: bool,
}

/// What a text is as JSON, without what it says.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Shape {
    /// Nothing at all.
    Empty,
    /// An object.
    Object,
    /// JSON, but not an object.
    NotObject,
    /// Text that Python's `json.loads` refuses.
    NotJson,
}

impl Shape {
    /// What `text` is.
    #[must_use]
    pub fn of(text: &Text) -> Self {
        match parse(text.expose()).map(|value| value.kind) {
            _ if text.expose().is_empty() => Self::Empty,
            Ok(Kind::Object(_)) => Self::Object,
            Ok(_) => Self::NotObject,
            Err(_) => Self::NotJson,
        }
    }
}

impl fmt::Display for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Empty => "empty",
            Self::Object => "a JSON object",
            Self::NotObject => "JSON, but not an object",
            Self::NotJson => "not JSON",
        })
    }
}

impl Value {
    /// The members of an object in order, overridden ones too; nothing for anything else.
    #[must_use]
    pub fn members(&self) -> &[Member] {
        if let Kind::Object(members) = &self.kind { members } else { &[] }
    }

    /// The member of this object that Python keeps for `key`.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Member> {
        self.members().iter().find(|member| !member.overridden && member.key.node == key)
    }

    /// The decoded text when this is a string.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        if let Kind::String(text) = &self.kind { Some(text) } else { None }
    }

    /// What Python's `str()` gives, which is what an f-string joins: `None`, `True`, `1`, `1.0`,
    /// `inf`. `None` here for arrays and objects that are not empty.
    #[must_use]
    pub fn python_str(&self) -> Option<String> {
        match &self.kind {
            Kind::Null => Some("None".to_owned()),
            Kind::Bool(true) => Some("True".to_owned()),
            Kind::Bool(false) => Some("False".to_owned()),
            Kind::Number(written) => Some(python_number(written)),
            Kind::String(text) => Some(text.clone()),
            Kind::Array(elements) => elements.is_empty().then(|| "[]".to_owned()),
            Kind::Object(members) => members.is_empty().then(|| "{}".to_owned()),
        }
    }

    /// Whether Python's `bool()` of it is true: not for `null`, `false`, zero and what is empty.
    #[must_use]
    pub fn is_truthy(&self) -> bool {
        match &self.kind {
            Kind::Null => false,
            Kind::Bool(value) => *value,
            Kind::Number(written) => !written.parse::<f64>().is_ok_and(|number| number == 0.0),
            Kind::String(text) => !text.is_empty(),
            Kind::Array(elements) => !elements.is_empty(),
            Kind::Object(members) => !members.is_empty(),
        }
    }
}

/// `str()` of the number that Python makes of `written`: an int keeps its digits (`-0` is `0`), a
/// float is its shortest form that reads back the same, with an exponent below 1e-4 and from 1e16.
fn python_number(written: &str) -> String {
    match written {
        "NaN" => return "nan".to_owned(),
        "Infinity" => return "inf".to_owned(),
        "-Infinity" => return "-inf".to_owned(),
        "-0" => return "0".to_owned(),
        integer if !integer.contains(['.', 'e', 'E']) => return integer.to_owned(),
        _ => {}
    }
    let Ok(number) = written.parse::<f64>() else { return written.to_owned() };
    let scientific = format!("{number:e}");
    let Some((mantissa, exponent)) = scientific.split_once('e') else { return scientific };
    let exponent: i32 = exponent.parse().unwrap_or(0);
    if (-4..16).contains(&exponent) {
        let fixed = number.to_string();
        if fixed.contains('.') { fixed } else { fixed + ".0" }
    } else {
        let sign = if exponent < 0 { '-' } else { '+' };
        format!("{mantissa}e{sign}{:02}", exponent.unsigned_abs())
    }
}

impl fmt::Debug for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}({}..{})", self.kind, self.span.start, self.span.end)
    }
}

impl fmt::Debug for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Null => "Null",
            Self::Bool(_) => "Bool",
            Self::Number(_) => "Number",
            Self::String(_) => "String",
            Self::Array(_) => "Array",
            Self::Object(_) => "Object",
        })
    }
}

impl fmt::Debug for Member {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Member({}..{}: {:?})", self.key.span.start, self.key.span.end, self.value)
    }
}

/// Why `json.loads` refuses a text, and at which byte.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{kind}")]
pub struct Error {
    /// The byte of the text that Python's message points at.
    pub at: usize,
    /// What is wrong there.
    pub kind: ErrorKind,
}

/// What `json.loads` objects to; the text of each is Python's, without position and value.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum ErrorKind {
    /// Something else stands where a value must begin, or nothing.
    #[error("Expecting value")]
    Value,
    /// A key is missing, unquoted or in other quotes; also a trailing comma, before Python 3.13.
    #[error("Expecting property name enclosed in double quotes")]
    PropertyName,
    /// No `:` behind a key.
    #[error("Expecting ':' delimiter")]
    Colon,
    /// No `,` and no closing bracket behind a value.
    #[error("Expecting ',' delimiter")]
    Comma,
    /// Something stands behind the value.
    #[error("Extra data")]
    ExtraData,
    /// A string without its closing quote.
    #[error("Unterminated string starting at")]
    UnterminatedString,
    /// A raw control character, such as a tab or a line end, inside a string.
    #[error("Invalid control character at")]
    ControlCharacter,
    /// A backslash before a character that it cannot escape.
    #[error("Invalid \\escape")]
    Escape,
    /// `\u` without four hexadecimal digits.
    #[error("Invalid \\uXXXX escape")]
    UnicodeEscape,
    /// A byte order mark at the beginning.
    #[error("Unexpected UTF-8 BOM (decode using utf-8-sig)")]
    ByteOrderMark,
    /// An integer of more than [`MAX_INTEGER_DIGITS`] digits: a `ValueError`, not a
    /// `JSONDecodeError`.
    #[error("Exceeds the limit (4300 digits) for integer string conversion")]
    IntegerTooLong,
    /// Nested deeper than [`MAX_DEPTH`]: a `RecursionError`.
    #[error("maximum recursion depth exceeded while decoding a JSON document")]
    TooDeep,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(text: &str) -> Value {
        parse(text).unwrap_or_else(|error| panic!("{text}: {error}"))
    }

    #[test]
    fn prints_as_python_does() {
        let cases = [
            ("null", "None"),
            ("true", "True"),
            ("false", "False"),
            ("1", "1"),
            ("-0", "0"),
            ("-0.0", "-0.0"),
            ("1.0", "1.0"),
            ("1.50", "1.5"),
            ("100e0", "100.0"),
            ("1E2", "100.0"),
            ("0.0001", "0.0001"),
            ("0.00001", "1e-05"),
            ("1e15", "1000000000000000.0"),
            ("1e16", "1e+16"),
            ("123456789012345678.0", "1.2345678901234568e+17"),
            ("1e400", "inf"),
            ("-1e400", "-inf"),
            ("1e-400", "0.0"),
            ("5e-324", "5e-324"),
            ("1e100", "1e+100"),
            ("NaN", "nan"),
            ("Infinity", "inf"),
            ("-Infinity", "-inf"),
            ("123456789012345678901234567890", "123456789012345678901234567890"),
            ("\"a\\/b\"", "a/b"),
            ("[]", "[]"),
            ("{ }", "{}"),
        ];
        for (text, expected) in cases {
            assert_eq!(value(text).python_str().as_deref(), Some(expected), "{text}");
        }
        assert_eq!(value("[1]").python_str(), None);
    }

    #[test]
    fn knows_what_is_truthy() {
        for text in ["null", "false", "0", "-0", "0.0", "0e9", "1e-400", "\"\"", "[]", "{}"] {
            assert!(!value(text).is_truthy(), "{text}");
        }
        for text in ["true", "1", "-1", "NaN", "-Infinity", "1e400", "\"0\"", "[0]", "{\"a\":0}"] {
            assert!(value(text).is_truthy(), "{text}");
        }
    }

    #[test]
    fn the_last_duplicate_wins_and_all_are_kept() {
        let text = r#"{"a": 1, "b": 2, "\u0061": 3}"#;
        let object = value(text);
        let kept = object.get("a").expect("member a");
        assert_eq!(kept.key.span.of(text), r#""\u0061""#);
        assert_eq!(kept.value.kind, Kind::Number("3".to_owned()));
        let overridden: Vec<bool> =
            object.members().iter().map(|member| member.overridden).collect();
        assert_eq!(overridden, [true, false, false]);
        assert_eq!(object.get("c"), None);
    }

    #[test]
    fn debug_shows_no_text() {
        let shown = format!("{:?}", value(r#"{"hunter2": ["hunter2", 42]}"#));
        assert!(!shown.contains("hunter2") && !shown.contains("42"), "{shown}");
        let members = format!("{:?}", value(r#"{"hunter2": "hunter2"}"#).members());
        assert!(!members.contains("hunter2"), "{members}");
    }
}
