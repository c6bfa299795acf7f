//! Every place in a document, whatever its type: the debug form of a document shows them all.

use std::fmt::{self, Debug, Write as _};

use crate::text::{Span, Text};

/// Fails where a place in `document`, read from `text`, does not lie in `text` on character boundaries.
pub(super) fn places_lie_in(text: &str, document: &impl Debug) {
    let mut places = Places { text, word: String::new(), literal: None };
    write!(places, "{document:?}").unwrap();
}

/// Fails where `place` is no place in `text`.
pub(super) fn lies_in(text: &str, place: Span) {
    assert!(text.get(place.start..place.end).is_some(), "{place:?} of {} bytes", text.len());
}

/// Fails where a part of `value`, read from `text`, has no place in it, or another one than it says.
pub(super) fn maps_into(text: &str, value: &Text) {
    lies_in(text, value.span());
    for (at, char) in value.expose().char_indices() {
        let part = at..at + char.len_utf8();
        let place = value.span_of(part.clone());
        lies_in(text, place);
        if value.is_verbatim(part.clone()) {
            assert_eq!(place.of(text), &value.expose()[part]);
        }
    }
    let whole = 0..value.expose().len();
    lies_in(text, value.span_of(whole.clone()));
    value.sources(whole).for_each(|place| lies_in(text, place));
}

/// Looks for places in what is written to it: `Span { start: 1, end: 2 }`, `Text(1..2)`.
struct Places<'t> {
    text: &'t str,
    /// What was written since the last bracket, comma or literal.
    word: String,
    /// The quote of the literal that is being written, and whether a backslash came last.
    literal: Option<(char, bool)>,
}

impl fmt::Write for Places<'_> {
    fn write_str(&mut self, part: &str) -> fmt::Result {
        part.chars().for_each(|char| self.push(char));
        Ok(())
    }
}

impl Places<'_> {
    fn push(&mut self, char: char) {
        match self.literal {
            Some((_, true)) => self.literal = self.literal.map(|(quote, _)| (quote, false)),
            Some((quote, false)) if char == quote => self.literal = None,
            Some((quote, false)) => self.literal = Some((quote, char == '\\')),
            None if matches!(char, '"' | '\'') => {
                self.literal = Some((char, false));
                self.word.clear();
            }
            None if matches!(char, '}' | ')') => {
                self.check();
                self.word.clear();
            }
            None => self.word.push(char),
        }
    }

    fn check(&self) {
        let number = |text: &str| text.trim().parse::<usize>().ok();
        let of_span = self.word.rfind("Span {").and_then(|at| {
            let (start, end) = self.word[at + 6..].split_once(',')?;
            let start = start.trim().strip_prefix("start:")?;
            Some((number(start)?, number(end.trim().strip_prefix("end:")?)?))
        });
        // Also the form in which texts, pairs and JSON hide what they hold.
        let of_range = self.word.rfind('(').and_then(|at| {
            let (start, end) = self.word[at + 1..].split_once("..")?;
            Some((number(start)?, number(end)?))
        });
        if let Some((start, end)) = of_span.or(of_range) {
            lies_in(self.text, Span::new(start, end));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::Spanned;

    #[test]
    fn places_outside_are_found_wherever_they_stand() {
        let fails = |document: &dyn Debug| {
            let check = std::panic::AssertUnwindSafe(|| places_lie_in("äb", &document));
            std::panic::catch_unwind(check).is_err()
        };
        assert!(!fails(&vec![Some(Span::new(0, 3)), None]));
        assert!(!fails(&Spanned::new("Span { start: 7, end: 9 }\" Text(7..9)", Span::at(2))));
        assert!(!fails(&('"', '\'', '\\', Span::at(2))));
        assert!(fails(&Spanned::new("", Span::at(1))));
        assert!(fails(&("\\\"", Some(vec![Span::new(2, 4)]))));
        assert!(fails(&(Span::at(0), Text::verbatim("x", 3))));
    }
}
