//! String literals: the parser decodes them, and here each decoded byte finds the bytes of the file
//! that stand for it.

use ruff_python_ast::{StringFlags, StringLiteral};
use ruff_text_size::{Ranged, TextRange};

use super::span;
use crate::text::{Span, Text, TextBuilder};

/// Literals that stand beside each other, joined.
pub(super) fn joined<'a>(parts: impl IntoIterator<Item = &'a StringLiteral>, text: &str) -> Text {
    let mut builder = TextBuilder::default();
    let mut whole: Option<Span> = None;
    for part in parts {
        let content = content(part.range(), &part.flags, text);
        append(&mut builder, content, part, part.flags.prefix().is_raw(), text);
        whole = Some(whole.map_or(content, |span| span.cover(content)));
    }
    builder.finish(whole.unwrap_or_default())
}

/// A literal part of an f-string.
pub(super) fn part(range: TextRange, decoded: &str, raw: bool, text: &str) -> Text {
    let mut builder = TextBuilder::default();
    map(&mut builder, span(range), decoded, Escapes { backslash: !raw, braces: true }, text);
    builder.finish(span(range))
}

/// What stands between the quotes; there may be none at the end.
fn content(range: TextRange, flags: &impl StringFlags, text: &str) -> Span {
    let whole = span(range);
    let start = (whole.start + flags.opener_len().to_usize()).min(whole.end);
    let end = whole.end.saturating_sub(flags.closer_len().to_usize()).max(start);
    // Without a quote at the end, that may be inside a character.
    Span::new(start, if text.is_char_boundary(end) { end } else { whole.end })
}

fn append(builder: &mut TextBuilder, content: Span, decoded: &str, raw: bool, text: &str) {
    map(builder, content, decoded, Escapes { backslash: !raw, braces: false }, text);
}

/// What means something else than itself.
#[derive(Clone, Copy)]
struct Escapes {
    backslash: bool,
    braces: bool,
}

/// A run of the source that belongs together.
struct Unit {
    /// Its length in bytes.
    length: usize,
    /// How many decoded characters it stands for.
    chars: usize,
    /// Whether it stands for itself.
    verbatim: bool,
}

/// Appends `decoded`, which the bytes `source` of the file stand for. Where the two do not go
/// together as expected, the rest is mapped as a whole.
fn map(builder: &mut TextBuilder, source: Span, decoded: &str, escapes: Escapes, text: &str) {
    let mut at = source.start;
    let mut rest = decoded;
    while at < source.end && !rest.is_empty() {
        let raw = text.get(at..source.end).unwrap_or_default();
        let unit = unit(raw, escapes);
        let taken = rest.char_indices().nth(unit.chars).map_or(rest.len(), |(index, _)| index);
        let (head, tail) = rest.split_at(taken);
        let Some(source) = raw.get(..unit.length) else { break };
        if unit.length == 0 || (unit.verbatim && source != head) {
            break;
        }
        // Python reads every line end as `\n`; the parser does not.
        let head = if head == "\r\n" { "\n" } else { head };
        if head == source {
            builder.verbatim(head, at);
        } else {
            builder.push(head, Span::new(at, at + unit.length));
        }
        at += unit.length;
        rest = tail;
    }
    if !rest.is_empty() {
        builder.push(rest, Span::new(at, source.end.max(at)));
    }
}

/// The run at the front of `raw`.
fn unit(raw: &str, escapes: Escapes) -> Unit {
    let bytes = raw.as_bytes();
    let second = bytes.get(1).copied();
    let escape = |length: usize| Unit { length, chars: 1, verbatim: false };
    match bytes.first() {
        Some(b'\r') if second == Some(b'\n') => Unit { length: 2, chars: 2, verbatim: true },
        Some(brace @ (b'{' | b'}')) if escapes.braces && second == Some(*brace) => escape(2),
        Some(b'\\') if escapes.backslash => match second {
            Some(b'\n') => Unit { length: 2, chars: 0, verbatim: false },
            Some(b'\r') => Unit {
                length: if bytes.get(2) == Some(&b'\n') { 3 } else { 2 },
                chars: 0,
                verbatim: false,
            },
            Some(b'\\' | b'\'' | b'"' | b'a' | b'b' | b'f' | b'n' | b'r' | b't' | b'v') => {
                escape(2)
            }
            Some(b'0'..=b'7') => {
                let digits =
                    bytes.iter().skip(1).take(3).take_while(|it| matches!(it, b'0'..=b'7'));
                escape(1 + digits.count())
            }
            Some(b'x') => escape(4),
            Some(b'u') => escape(6),
            Some(b'U') => escape(10),
            Some(b'N') => escape(raw.find('}').map_or(0, |end| end + 1)),
            _ => Unit { length: 1, chars: 1, verbatim: true },
        },
        _ => {
            // As long a run as has no meaning of its own.
            let plain = |byte: &u8| {
                *byte != b'\r'
                    && !(escapes.backslash && *byte == b'\\')
                    && !(escapes.braces && matches!(byte, b'{' | b'}'))
            };
            let length = bytes.iter().position(|byte| !plain(byte)).unwrap_or(bytes.len()).max(1);
            let chars = raw.get(..length).map_or(0, |run| run.chars().count());
            Unit { length, chars, verbatim: true }
        }
    }
}
