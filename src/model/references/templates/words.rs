//! What the accessors of a template are called, and what people write instead of a key.

use super::lookups::{Access, Lookup, When};
use crate::model::Kind;
use crate::model::references::value::Value;
use crate::read::jinja::is_hole;
use crate::text::{Span, Spanned, Text};

/// What a template can look keys up in.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Source {
    /// `var.value`
    Value,
    /// `var.json`
    Json,
    /// `conn`
    Connection,
}

impl Source {
    pub(super) const fn kind(self) -> Kind {
        match self {
            Self::Value | Self::Json => Kind::Variable,
            Self::Connection => Kind::Connection,
        }
    }

    pub(super) const fn callee(self, access: Access) -> &'static str {
        match (self, access) {
            (Self::Value, Access::Get) => "var.value.get",
            (Self::Json, Access::Get) => "var.json.get",
            (Self::Connection, Access::Get) => "conn.get",
            (Self::Value, _) => "var.value",
            (Self::Json, _) => "var.json",
            (Self::Connection, _) => "conn",
        }
    }

    /// What `get` calls its first parameter: `item` until Airflow 2.2.2, `conn_id` from 3.0.
    pub(super) const fn key_parameters(self) -> &'static [&'static str] {
        match self {
            Self::Value | Self::Json => &["key", "item"],
            Self::Connection => &["conn_id", "key"],
        }
    }
}

const fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

/// `my-key` or `my/key`, of which Jinja takes the first word at `key` for the key and the rest for an
/// arithmetic operation. With numbers that may be meant, and with names, for which `is_bound` says so.
pub(super) fn longer_name(
    text: &str,
    key: Span,
    source: Source,
    is_bound: impl Fn(&str) -> bool,
) -> Option<Spanned<String>> {
    let rest = text.get(key.end..)?;
    let is_part = |c: char| c.is_ascii() && (is_word(c as u8) || "-/".contains(c));
    let length = rest.find(|c| !is_part(c)).unwrap_or(rest.len());
    let longer = rest.get(..length)?.trim_end_matches(['-', '/']);
    let second = longer.get(1..)?.split(['-', '/']).next()?;
    let begins = longer.starts_with(['-', '/']) && !second.is_empty();
    let may_be_meant = source == Source::Json
        && (second.starts_with(|c: char| c.is_ascii_digit()) || is_bound(second));
    if !begins
        || may_be_meant
        || rest.get(longer.len()..)?.starts_with(|c| is_hole(c) || "([".contains(c))
    {
        return None;
    }
    let span = Span::new(key.start, key.end + longer.len());
    Some(Spanned::new(span.of(text).to_owned(), span))
}

/// `my.key`, of which the first word stands at `key` and the last at `last`.
pub(super) fn dotted_name(text: &str, key: Span, last: Span) -> Option<Spanned<String>> {
    let span = key.cover(last);
    let name = span.of(text);
    let is_plain = |byte: u8| is_word(byte) || b".-/".contains(&byte);
    // A call: a method that is misspelt, or of another type.
    let is_call = text.get(last.end..).is_some_and(|rest| rest.trim_start().starts_with('('));
    (name.bytes().all(is_plain) && !is_call).then(|| Spanned::new(name.to_owned(), span))
}

/// `var.value.1st_key`, where Jinja refuses the template at `fault`, behind the digits.
pub(super) fn key_with_digit(text: &str, fault: Span) -> Option<Lookup> {
    let before = text.get(..fault.start)?;
    let digits = before.len() - before.trim_end_matches(|c: char| c.is_ascii_digit()).len();
    let before = before.get(..before.len() - digits)?;
    let source = [Source::Value, Source::Json, Source::Connection].into_iter().find(|source| {
        let owner = before
            .strip_suffix('.')
            .and_then(|it| it.strip_suffix(source.callee(Access::Attribute)));
        owner.is_some_and(|it| !it.ends_with(|c: char| c.is_alphanumeric() || "_.".contains(c)))
    })?;
    let rest = text.get(fault.start..)?;
    let length = rest.bytes().position(|byte| !is_word(byte) && byte != b'-').unwrap_or(rest.len());
    let span = Span::new(fault.start - digits, fault.start + length);
    let name = span.of(text).trim_end_matches('-');
    let span = Span::new(span.start, span.start + name.len());
    let callee = source.callee(Access::Attribute);
    (digits > 0 && length > 0).then(|| Lookup {
        kind: source.kind(),
        access: Access::Attribute,
        key: vec![Value::text(Text::verbatim(name, span.start))],
        key_span: span,
        span: Span::new(span.start - 1 - callee.len(), span.end),
        callee: callee.to_owned(),
        deserialize_json: source == Source::Json,
        default: None,
        meant: Some(Spanned::new(name.to_owned(), span)),
        members: Vec::new(),
        when: When::Never,
    })
}
