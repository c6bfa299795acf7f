//! What to change in a text so that it becomes the JSON object that was meant.

use super::{Kind, Quote, Token, TokenKind, parse, tokens};
use crate::text::Span;

/// The changes that make a JSON object of a text.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Repair {
    /// In order, none overlapping another; never the content of a string.
    pub edits: Vec<Edit>,
}

/// One change: the bytes `span` of the text become `replacement`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Edit {
    /// What is replaced; empty where something is only inserted.
    pub span: Span,
    /// What stands there afterwards; empty where something is only deleted.
    pub replacement: &'static str,
    /// What was wrong, for people.
    pub reason: &'static str,
}

impl Repair {
    /// `text` with all edits made.
    #[must_use]
    pub fn apply(&self, text: &str) -> String {
        let mut repaired = String::with_capacity(text.len() + self.edits.len());
        let mut end = 0;
        for edit in &self.edits {
            repaired.push_str(Span::new(end, edit.span.start).of(text));
            repaired.push_str(edit.replacement);
            end = edit.span.end;
        }
        repaired.push_str(Span::new(end, text.len()).of(text));
        repaired
    }
}

const WRAPPED: &str = "quotes around the whole object";
const SINGLE: &str = "single quotes instead of double quotes";
const TYPOGRAPHIC: &str = "typographic quotes instead of `\"`";
const ESCAPED: &str = "a backslash from another layer of quoting";
const NEEDS_BACKSLASH: &str = "a double quote inside a string needs a backslash";
const SINGLE_ESCAPE: &str = "`\\'` is not an escape in JSON";
const TRAILING_COMMA: &str = "a comma behind the last element";

/// Repairs `text` where there is only one way to read it: a Python dictionary, a comma at the end
/// of an object or array, typographic quotes, escaped quotes, quotes around the whole.
///
/// `None` when it is an object already, or when nothing or too much would have to be guessed.
#[must_use]
pub fn repair(text: &str) -> Option<Repair> {
    let is_object =
        |text: &str| parse(text).is_ok_and(|value| matches!(value.kind, Kind::Object(_)));
    if is_object(text) {
        return None;
    }
    let mut edits = Vec::new();
    let (inner, wrapping) = unwrap(text);
    let object = inner.of(text);
    let at = |span: Span| Span::new(span.start + inner.start, span.end + inner.start);

    let tokens = tokens(object);
    let mut is_python = false;
    for (index, token) in tokens.iter().enumerate() {
        let previous = index.checked_sub(1).and_then(|index| tokens.get(index));
        match token.kind {
            TokenKind::Quoted { closed: false, .. } => return None,
            TokenKind::Quoted { quote: Quote::Double, .. } => {}
            TokenKind::Quoted { quote, closed: true } => {
                is_python |= quote == Quote::Single;
                requote(object, *token, quote, &mut edits);
            }
            TokenKind::Word => {
                if let Some((replacement, reason)) = python_word(token.span.of(object)) {
                    is_python = true;
                    edits.push(Edit { span: token.span, replacement, reason });
                }
            }
            TokenKind::Punctuation(',') => {
                let next = tokens.get(index + 1).map(|token| token.kind);
                let closes = matches!(next, Some(TokenKind::Punctuation('}' | ']')));
                let after_value = previous.is_some_and(|token| {
                    !matches!(token.kind, TokenKind::Punctuation('{' | '[' | ',' | ':'))
                });
                if closes && after_value {
                    edits.push(Edit { span: token.span, replacement: "", reason: TRAILING_COMMA });
                }
            }
            TokenKind::Punctuation(_) => {}
        }
    }
    // Python keeps the backslash of `\/`, JSON does not: the two readings differ.
    if is_python && object.contains("\\/") {
        return None;
    }
    for edit in &mut edits {
        edit.span = at(edit.span);
    }
    if let Some((opening, closing)) = wrapping {
        edits.insert(0, Edit { span: opening, replacement: "", reason: WRAPPED });
        edits.push(Edit { span: closing, replacement: "", reason: WRAPPED });
    }
    let repair = Repair { edits };
    is_object(&repair.apply(text)).then_some(repair)
}

/// The part of `text` between quotes that stand around the whole object, and those quotes.
fn unwrap(text: &str) -> (Span, Option<(Span, Span)>) {
    let whole = Span::new(0, text.len());
    let start = text.len() - text.trim_start().len();
    let end = text.trim_end().len();
    let trimmed = text.trim();
    let (Some(first), Some(last)) = (trimmed.chars().next(), trimmed.chars().next_back()) else {
        return (whole, None);
    };
    let kinds = [first, last].map(|c| Quote::at_start_of(c.encode_utf8(&mut [0; 4])));
    let inner = Span::new(start + first.len_utf8(), end.saturating_sub(last.len_utf8()));
    let content = inner.of(text).trim();
    if kinds[0].is_some()
        && kinds[0] == kinds[1]
        && content.starts_with('{')
        && content.ends_with('}')
    {
        return (inner, Some((Span::new(start, inner.start), Span::new(inner.end, end))));
    }
    (whole, None)
}

/// Makes a string in double quotes of `token`, which stands in other ones.
fn requote(text: &str, token: Token, quote: Quote, edits: &mut Vec<Edit>) {
    let content = token.content(text);
    let (replacement, reason) = match quote {
        Quote::Double => return,
        Quote::Single => ("\"", SINGLE),
        Quote::TypographicDouble | Quote::TypographicSingle => ("\"", TYPOGRAPHIC),
        Quote::Escaped => ("\"", ESCAPED),
    };
    edits.push(Edit { span: Span::new(token.span.start, content.start), replacement, reason });
    let mut chars =
        content.of(text).char_indices().map(|(at, c)| (content.start + at, c)).peekable();
    while let Some((at, c)) = chars.next() {
        let backslash = Span::new(at, at + 1);
        match (c, quote) {
            ('"', _) => {
                let reason = NEEDS_BACKSLASH;
                edits.push(Edit { span: Span::at(at), replacement: "\\", reason });
            }
            ('\\', Quote::Escaped) => {
                edits.push(Edit { span: backslash, replacement: "", reason: ESCAPED });
                chars.next();
            }
            ('\\', _) => {
                if let Some((_, '\'')) = chars.next()
                    && quote == Quote::Single
                {
                    edits.push(Edit { span: backslash, replacement: "", reason: SINGLE_ESCAPE });
                }
            }
            _ => {}
        }
    }
    edits.push(Edit { span: Span::new(content.end, token.span.end), replacement, reason });
}

fn python_word(word: &str) -> Option<(&'static str, &'static str)> {
    match word {
        "True" => Some(("true", "Python's `True` instead of `true`")),
        "False" => Some(("false", "Python's `False` instead of `false`")),
        "None" => Some(("null", "Python's `None` instead of `null`")),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn repairs_what_has_one_reading() {
        let cases = [
            ("{'a': 'b'}", r#"{"a": "b"}"#),
            ("{'a': True, 'b': [False, None,],}", r#"{"a": true, "b": [false, null]}"#),
            (r#"{"a": True}"#, r#"{"a": true}"#),
            (r#"{"a": 1,}"#, r#"{"a": 1}"#),
            ("{“a”: „b”, ‘c’: ’d’}", r#"{"a": "b", "c": "d"}"#),
            (r#"'{"a": "b"}'"#, r#"{"a": "b"}"#),
            (r#" "{"a": "b"}" "#, r#" {"a": "b"} "#),
            (r#""{\"a\": \"b\"}""#, r#"{"a": "b"}"#),
            (r#"{\"a\": \"b\\\\c \\\"d\\\"\"}"#, r#"{"a": "b\\c \"d\""}"#),
            ("“{'a': 1}”", r#"{"a": 1}"#),
            (r"{'a': 'it\'s'}", r#"{"a": "it's"}"#),
            (r#"{'a': 'say "x"', "b": "it's"}"#, r#"{"a": "say \"x\"", "b": "it's"}"#),
            (r#"{'a': 'x\\y\"z'}"#, r#"{"a": "x\\y\"z"}"#),
            ("{'a': 'True, None,}'}", r#"{"a": "True, None,}"}"#),
        ];
        for (text, expected) in cases {
            let repair = repair(text).unwrap_or_else(|| panic!("{text}"));
            assert_eq!(repair.apply(text), expected, "{text}");
        }
    }

    #[test]
    fn leaves_alone_what_would_be_guessed() {
        let cases = [
            "",
            r#"{"a": 1}"#,
            "{a: b}",
            "{'a': 'bob's'}",
            "{'a': 'b'",
            "{'a': 'b' 'c'}",
            "{'a': u'b'}",
            r"{'a': '\x41'}",
            r"{'a': 'b\/c'}",
            "{,}",
            r#"{"a":,}"#,
            r#"{"a": TRUE}"#,
            "['a']",
            "'a'",
            r#"{"a": 1} // comment"#,
            r#""'{"a": 1}'""#,
        ];
        for text in cases {
            assert_eq!(repair(text), None, "{text}");
        }
    }

    #[test]
    fn edits_are_minimal_and_say_why() {
        let repair = repair("{'k': False}").expect("a repair");
        let edits: Vec<_> =
            repair.edits.iter().map(|edit| (edit.span, edit.replacement, edit.reason)).collect();
        assert_eq!(
            edits,
            [
                (Span::new(1, 2), "\"", SINGLE),
                (Span::new(3, 4), "\"", SINGLE),
                (Span::new(6, 11), "false", "Python's `False` instead of `false`"),
            ]
        );
    }

    proptest! {
        #[test]
        fn a_repair_gives_an_object_and_orderly_edits(
            text in r#"['"“]?\{((['"“‘][a"'\\]{0,3}['"”’]|True|None|1|\\"b\\")[:,] ?){0,6}[},]{1,2}['"”]?"#
        ) {
            if let Some(repair) = repair(&text) {
                prop_assert!(parse(&repair.apply(&text)).is_ok());
                let mut end = 0;
                for edit in &repair.edits {
                    prop_assert!(edit.span.start >= end && edit.span.end >= edit.span.start);
                    prop_assert!(text.get(edit.span.start..edit.span.end).is_some());
                    end = edit.span.end;
                }
            }
        }

        #[test]
        fn no_text_panics(text in any::<String>()) {
            let _ = repair(&text);
        }
    }
}
