//! What strings and heredocs say, with the place of each byte.

use super::Part;
use crate::text::{Span, Text, TextBuilder};

/// Which escapes count.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Quoting {
    /// `"…"`: backslashes and doubled markers.
    Quoted,
    /// Heredocs: doubled markers only.
    Heredoc,
}

/// The text that `span` of `file` stands for.
pub(super) fn decode(file: &str, span: Span, quoting: Quoting) -> Text {
    let source = span.of(file);
    let mut builder = TextBuilder::default();
    let mut rest = source;
    while !rest.is_empty() {
        let at = span.start + source.len() - rest.len();
        let plain = rest.find(['\\', '$', '%']).unwrap_or(rest.len());
        let (before, special) = rest.split_at(plain);
        builder.verbatim(before, at);
        let at = at + plain;
        let mut length = special.chars().next().map_or(0, char::len_utf8);
        if special.starts_with("$${") || special.starts_with("%%{") {
            length = 3;
            builder.push(special.get(1..3).unwrap_or(""), Span::new(at, at + 3));
        } else if let Some((decoded, of)) = escape(special).filter(|_| quoting == Quoting::Quoted) {
            length = of;
            let mut buffer = [0; 4];
            builder.push(decoded.encode_utf8(&mut buffer), Span::new(at, at + of));
        } else {
            builder.verbatim(special.get(..length).unwrap_or(""), at);
        }
        rest = special.get(length..).unwrap_or("");
    }
    builder.finish(span)
}

/// The character that the escape at the beginning of `source` stands for, and how long that escape is.
fn escape(source: &str) -> Option<(char, usize)> {
    let mut chars = source.strip_prefix('\\')?.chars();
    let hex = |from: usize| {
        let digits = source.get(2..2 + from)?;
        let value = u32::from_str_radix(digits, 16).ok()?;
        Some((char::from_u32(value)?, 2 + from))
    };
    match chars.next()? {
        'n' => Some(('\n', 2)),
        'r' => Some(('\r', 2)),
        't' => Some(('\t', 2)),
        '"' => Some(('"', 2)),
        '\\' => Some(('\\', 2)),
        'u' => hex(4),
        'U' => hex(8),
        _ => None,
    }
}

/// A template in the making: its text is kept by lines, as HCL trims and indents by line.
#[derive(Default)]
pub(super) struct Template {
    parts: Vec<Part>,
    trims_next: bool,
}

impl Template {
    /// Appends the text of `span`.
    pub(super) fn text(&mut self, file: &str, span: Span, quoting: Quoting) {
        let mut start = span.start;
        for line in span.of(file).split_inclusive('\n') {
            let end = start + line.len();
            let text = decode(file, Span::new(start, end), quoting);
            start = end;
            let from = if std::mem::take(&mut self.trims_next) {
                text.expose().len() - text.expose().trim_start().len()
            } else {
                0
            };
            self.parts.push(Part::Text(part_of(&text, from, text.expose().len())));
        }
    }

    /// Appends something else, which may trim the text around it: `${~ … ~}`.
    pub(super) fn other(&mut self, part: Part, trims_before: bool, trims_behind: bool) {
        if trims_before && let Some(Part::Text(text)) = self.parts.last_mut() {
            *text = part_of(text, 0, text.expose().trim_end().len());
        }
        self.parts.push(part);
        self.trims_next = trims_behind;
    }

    /// Takes away the indentation that all lines have: `<<-`.
    pub(super) fn dedent(&mut self) {
        let mut least = usize::MAX;
        let mut indented = Vec::new();
        let mut starts_line = true;
        for (index, part) in self.parts.iter().enumerate() {
            let Part::Text(text) = part else {
                if std::mem::take(&mut starts_line) {
                    least = 0;
                }
                continue;
            };
            let text = text.expose();
            if starts_line {
                let words = text.trim_start();
                // A blank line does not count, and keeps its blanks.
                if !words.is_empty() || !text.ends_with('\n') {
                    least = least.min(text.chars().take_while(|c| c.is_whitespace()).count());
                    indented.push(index);
                }
            }
            starts_line = text.ends_with('\n');
        }
        for index in indented {
            if let Some(Part::Text(text)) = self.parts.get_mut(index) {
                let indent = text.expose().chars().take(least).map(char::len_utf8).sum();
                *text = part_of(text, indent, text.expose().len());
            }
        }
    }

    /// The parts, with text that stands side by side in one.
    pub(super) fn finish(self, span: Span) -> Vec<Part> {
        let mut parts = Vec::new();
        let mut text = TextBuilder::default();
        let mut text_span: Option<Span> = None;
        let flush = |text: &mut TextBuilder, span: &mut Option<Span>, parts: &mut Vec<Part>| {
            if let Some(span) = span.take() {
                parts.push(Part::Text(std::mem::take(text).finish(span)));
            }
        };
        for part in self.parts {
            match part {
                Part::Text(line) => {
                    text.copy(&line, 0..line.expose().len());
                    text_span = Some(text_span.map_or(line.span(), |it| it.cover(line.span())));
                }
                part => {
                    flush(&mut text, &mut text_span, &mut parts);
                    parts.push(part);
                }
            }
        }
        flush(&mut text, &mut text_span, &mut parts);
        if parts.is_empty() {
            parts.push(Part::Text(Text::verbatim("", span.start)));
        }
        parts
    }
}

/// The bytes `from..to` of a text.
fn part_of(text: &Text, from: usize, to: usize) -> Text {
    if from == 0 && to == text.expose().len() {
        return text.clone();
    }
    let mut builder = TextBuilder::default();
    builder.copy(text, from..to.max(from));
    builder.finish(text.span_of(from..to.max(from)))
}
