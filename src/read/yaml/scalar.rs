//! Values: the parser decodes them, and here each decoded byte finds the bytes of the file that stand
//! for it.

use granit_parser::ScalarStyle;

use super::Style;
use crate::text::{Span, Text, TextBuilder};

/// The text `value`, which stands at `span` of the file in the notation `style`.
pub(super) fn map(value: &str, style: ScalarStyle, span: Span, file: &str) -> (Text, Style) {
    let style = match style {
        ScalarStyle::Plain => Style::Plain,
        ScalarStyle::SingleQuoted => Style::Single,
        ScalarStyle::DoubleQuoted => Style::Double,
        ScalarStyle::Literal => Style::Literal,
        ScalarStyle::Folded => Style::Folded,
    };
    let is_quoted = matches!(style, Style::Single | Style::Double);
    let content = if is_quoted && span.end >= span.start + 2 {
        Span::new(span.start + 1, span.end - 1)
    } else {
        span
    };
    let source = content.of(file);
    if source == value {
        return (Text::verbatim(value, content.start), style);
    }
    let mut builder = TextBuilder::default();
    align(&mut builder, value, source, content.start, style);
    (builder.finish(content), style)
}

/// Appends `value`, which the text `source` at byte `start` of the file stands for. Where the two do not
/// go together as expected, the rest is mapped as a whole.
fn align(builder: &mut TextBuilder, value: &str, source: &str, start: usize, style: Style) {
    // The parser leaves empty lines before a block's first one out of its place.
    let is_block = matches!(style, Style::Literal | Style::Folded);
    let begins_with_text = is_block && !source.starts_with([' ', '\t', '\n', '\r']);
    let empty =
        if begins_with_text { value.len() - value.trim_start_matches('\n').len() } else { 0 };
    builder.push(value.get(..empty).unwrap_or(""), Span::at(start));
    let (mut done, mut at) = (empty, 0);
    while let (Some(rest), Some(raw)) = (value.get(done..), source.get(at..)) {
        if raw.is_empty() {
            break;
        }
        let (taken, length) = unit(rest, raw, style);
        if length == 0 {
            break;
        }
        let text = rest.get(..taken).unwrap_or("");
        let span = Span::new(start + at, start + at + length);
        if raw.get(..length) == Some(text) {
            builder.verbatim(text, span.start);
        } else {
            builder.push(text, span);
        }
        done += taken;
        at += length;
    }
    let rest = value.get(done..).unwrap_or("");
    let whole = Span::new(start + at, start + source.len());
    builder.push(rest, whole);
}

/// How many bytes of the value and of the source belong together next; none when they do not.
fn unit(value: &str, source: &str, style: Style) -> (usize, usize) {
    let blanks = |text: &str, with: &[char]| text.len() - text.trim_start_matches(with).len();
    let inline = blanks(source, &[' ', '\t']);
    if source.get(inline..).is_some_and(|rest| rest.starts_with(['\n', '\r'])) {
        // The end of a line, with the blanks around it: a blank, a line end, or nothing.
        return (blanks(value, &[' ', '\t', '\n']), blanks(source, &[' ', '\t', '\n', '\r']));
    }
    match source.as_bytes().first() {
        Some(b'\'') if style == Style::Single && source.starts_with("''") => {
            (usize::from(value.starts_with('\'')), 2)
        }
        Some(b'\\') if style == Style::Double => escape(value, source),
        _ => {
            let special = |byte: u8| {
                matches!(byte, b' ' | b'\t' | b'\n' | b'\r')
                    || style == Style::Single && byte == b'\''
                    || style == Style::Double && byte == b'\\'
            };
            let run = source.bytes().skip(1).position(special).map_or(source.len(), |it| it + 1);
            // A multi-byte character is never cut: only ASCII is special.
            let run =
                if value.as_bytes().get(..run) == source.as_bytes().get(..run) { run } else { 0 };
            (run, run)
        }
    }
}

/// An escape in double quotes.
fn escape(value: &str, source: &str) -> (usize, usize) {
    let next = value.chars().next().map_or(0, char::len_utf8);
    match source.as_bytes().get(1) {
        // The line goes on, without the blanks that it begins with.
        Some(b'\n' | b'\r') => {
            let rest = source.get(1..).unwrap_or("");
            // Empty lines behind it count.
            let lines = value.len() - value.trim_start_matches('\n').len();
            (lines, source.len() - rest.trim_start_matches([' ', '\t', '\n', '\r']).len())
        }
        Some(b'x') => (next, 4),
        Some(b'u') if source.get(6..8) == Some("\\u") && next == 4 => (next, 12),
        Some(b'u') => (next, 6),
        Some(b'U') => (next, 10),
        Some(_) => (next, 1 + source.chars().nth(1).map_or(0, char::len_utf8)),
        None => (0, 0),
    }
}
