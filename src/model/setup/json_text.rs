//! Texts inside of JSON that is itself text of a file, and JSON of which parts are not known.

use crate::read::json::{self, Kind, Value};
use crate::text::{Span, Text, TextBuilder, UNKNOWN};

/// The text of a string in the JSON that `outer` is; of anything else the text as it stands.
pub(super) fn text_of(outer: &Text, value: &Value) -> Text {
    match &value.kind {
        Kind::String(decoded) => string(outer, value.span, decoded),
        _ => part(outer, value.span),
    }
}

/// The text of a string whose quotes are at the ends of `span`.
pub(super) fn string(outer: &Text, span: Span, decoded: &str) -> Text {
    let inside = Span::new(span.start + 1, span.end.saturating_sub(1).max(span.start + 1));
    if inside.of(outer.expose()) == decoded {
        part(outer, inside)
    } else {
        Text::produced_by(decoded, outer.span_of(inside.start..inside.end))
    }
}

fn part(outer: &Text, span: Span) -> Text {
    let mut builder = TextBuilder::default();
    builder.copy(outer, span.start..span.end);
    builder.finish(outer.span_of(span.start..span.end))
}

/// JSON text in which each value that is not known is a string of [`UNKNOWN`]: what is put in without
/// quotes, as a list of a template or its whole statement, stands where a value stands.
pub(super) fn with_values(text: &Text) -> Text {
    let raw = text.expose();
    let mut builder = TextBuilder::default();
    let mut in_string = false;
    let mut is_escaped = false;
    let mut done = 0;
    for (at, letter) in raw.char_indices() {
        if letter == UNKNOWN && !in_string {
            let end = at + letter.len_utf8();
            let span = text.span_of(at..end);
            builder.copy(text, done..at);
            builder.push("\"", Span::at(span.start));
            builder.copy(text, at..end);
            builder.push("\"", Span::at(span.end));
            done = end;
        }
        in_string ^= letter == '"' && !is_escaped;
        is_escaped = letter == '\\' && !is_escaped && in_string;
    }
    builder.copy(text, done..raw.len());
    builder.finish(text.span())
}

/// Reads JSON, of which parts may not be known.
pub(super) fn parse(text: &Text) -> Option<(Text, Value)> {
    let text = with_values(text);
    let value = json::parse(text.expose()).ok()?;
    Some((text, value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_known_stands_for_a_value() {
        let before = Text::verbatim("{\"a\": \u{ffff}, \"b\\\"\u{ffff}\": [\u{ffff}]}", 3);
        let (text, value) = parse(&before).unwrap();
        assert_eq!(value.get("a").unwrap().value.as_str(), Some("\u{ffff}"));
        assert!(value.get("b\"\u{ffff}").is_some());
        assert_eq!(text.span(), before.span());
    }

    #[test]
    fn a_string_keeps_its_place() {
        let outer = Text::verbatim("[\"ab\", \"\\u0061\"]", 10);
        let (outer, value) = parse(&outer).unwrap();
        let Kind::Array(elements) = &value.kind else { panic!() };
        assert_eq!(text_of(&outer, &elements[0]).span(), Span::new(12, 14));
        assert_eq!(text_of(&outer, &elements[1]).expose(), "a");
        assert_eq!(text_of(&outer, &elements[1]).span(), Span::new(18, 24));
    }
}
