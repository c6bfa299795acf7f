//! `jsonencode`, byte for byte as Terraform writes it.

use super::module::Module;
use super::term::{Item, Located, Term, Writer};
use crate::text::Span;

impl Module<'_> {
    /// `jsonencode`: keys sorted, and `<`, `>`, `&` escaped as Go does. A value that is not known is a
    /// string of [`UNKNOWN`](crate::text::UNKNOWN).
    pub(super) fn json(&self, writer: &mut Writer, item: &Item, depth: usize) {
        let span = writer.span(item.place);
        let (opening, closing) = ends(span);
        self.spend(1);
        if self.left() == 0 {
            writer.unknown(span);
            return;
        }
        match &item.term {
            Term::Null => writer.push("null", span),
            Term::Bool(_) | Term::Number(_) => writer.term(&item.term, span),
            Term::Text(text) => json_text(writer, text, span),
            Term::Resource(resource) => {
                let text = self.resource_text(resource, item.place);
                json_text(writer, &Located { file: item.place.file, text }, span);
            }
            Term::List(list) if !list.is_open => {
                writer.push("[", opening);
                for (number, item) in list.items.iter().enumerate() {
                    if number > 0 {
                        writer.push(",", Span::at(writer.span(item.place).start));
                    }
                    self.json(writer, item, depth + 1);
                }
                writer.push("]", closing);
            }
            Term::Object(object) if !object.has_unknown_key() => {
                writer.push("{", opening);
                for (number, (key, value)) in object.sorted().into_iter().enumerate() {
                    let at = writer.span(value.place);
                    if number > 0 {
                        writer.push(",", Span::at(at.start));
                    }
                    let key_at = if writer.is_here(key) { key.text.span() } else { at };
                    json_text(writer, key, key_at);
                    writer.push(":", Span::at(at.start));
                    self.json(writer, value, depth + 1);
                }
                writer.push("}", closing);
            }
            Term::List(_) | Term::Object(_) | Term::Unknown => {
                // All of it may be anything, a part of it stands where a value stands.
                let quotes = if depth == 0 { "" } else { "\"" };
                writer.push(quotes, span);
                writer.unknown(span);
                writer.push(quotes, span);
            }
        }
    }
}

/// A string in JSON.
fn json_text(writer: &mut Writer, text: &Located, at: Span) {
    let (opening, closing) = ends(at);
    writer.push("\"", opening);
    let mut done = 0;
    let raw = text.raw();
    for (start, letter) in raw.char_indices() {
        let escape = match letter {
            '"' => "\\\"".to_owned(),
            '\\' => "\\\\".to_owned(),
            '\n' => "\\n".to_owned(),
            '\r' => "\\r".to_owned(),
            '\t' => "\\t".to_owned(),
            '\u{8}' => "\\b".to_owned(),
            '\u{c}' => "\\f".to_owned(),
            '<' | '>' | '&' | '\u{2028}' | '\u{2029}' | '\0'..='\u{1f}' => {
                format!("\\u{:04x}", u32::from(letter))
            }
            _ => continue,
        };
        writer.copy(text, done..start, at);
        done = start + letter.len_utf8();
        writer.escaped(text, start..done, &escape, at);
    }
    writer.copy(text, done..raw.len(), at);
    writer.push("\"", closing);
}

/// Where an expression begins and ends.
const fn ends(span: Span) -> (Span, Span) {
    (Span::at(span.start), Span::at(span.end))
}
