//! Edits of a text, and what they do to the places in it.

use crate::check::Edit;
use crate::text::Span;

/// Edits of one text, in order, none touching another.
pub struct Patch {
    edits: Vec<Edit>,
}

/// Whether two edits cannot both be made: they share a byte, or insert at the same place.
#[must_use]
pub fn overlap(one: &Edit, other: &Edit) -> bool {
    let (one, other) = (one.place.span, other.place.span);
    one.overlaps(other) || one.start == other.start
}

impl Patch {
    /// The patch of `edits` of one file, which do not touch one another.
    #[must_use]
    pub fn new(mut edits: Vec<Edit>) -> Self {
        edits.sort_by_key(|edit| edit.place.span);
        Self { edits }
    }

    /// `text` after the edits. What they do not name stays byte for byte.
    #[must_use]
    pub fn apply(&self, text: &str) -> String {
        let mut result = String::with_capacity(text.len());
        let mut at = 0;
        for edit in &self.edits {
            result += Span::new(at, edit.place.span.start).of(text);
            result += &edit.replacement;
            at = edit.place.span.end;
        }
        result += Span::new(at, text.len()).of(text);
        result
    }

    /// What may be shown after the edits: what could be before, where it is now, and what they write.
    #[must_use]
    pub fn shown_after(&self, shown: &[Span]) -> Vec<Span> {
        let mut after = Vec::new();
        let mut kept = shown.iter().copied().peekable();
        // The part of the old text before the next edit, and how far it moves.
        let mut from = 0;
        let mut written = 0;
        let ends = self.edits.iter().map(Some).chain([None]);
        for edit in ends {
            let to = edit.map_or(usize::MAX, |edit| edit.place.span.start);
            while let Some(span) = kept.peek().copied() {
                let (start, end) = (span.start.max(from), span.end.min(to));
                if start < end {
                    after.push(Span::new(start - from + written, end - from + written));
                }
                if span.end > to {
                    break;
                }
                kept.next();
            }
            let Some(edit) = edit else { break };
            written += to - from;
            after.push(Span::new(written, written + edit.replacement.len()));
            written += edit.replacement.len();
            from = edit.place.span.end;
        }
        after.retain(|span| span.start < span.end);
        after
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{FileId, Place};

    fn edit(start: usize, end: usize, with: &str) -> Edit {
        Edit { place: Place::new(FileId(0), Span::new(start, end)), replacement: with.to_owned() }
    }

    #[test]
    fn edits_are_made_from_front_to_back() {
        let patch = Patch::new(vec![edit(4, 5, ""), edit(0, 0, "# "), edit(2, 3, "xyz")]);
        assert_eq!(patch.apply("abcdef"), "# abxyzdf");
    }

    #[test]
    fn edits_at_one_place_exclude_one_another() {
        for (one, other, expected) in [
            (edit(0, 2, ""), edit(1, 3, ""), true),
            (edit(0, 2, ""), edit(2, 3, ""), false),
            (edit(2, 2, "a"), edit(2, 2, "b"), true),
            (edit(2, 2, "a"), edit(2, 3, "b"), true),
            (edit(2, 2, "a"), edit(0, 2, "b"), false),
        ] {
            assert_eq!(overlap(&one, &other), expected, "{one:?} {other:?}");
            assert_eq!(overlap(&other, &one), expected);
        }
    }

    #[test]
    fn what_was_hidden_stays_hidden() {
        // `K='secret' # x`, of which `K='`, `' # x` may be shown.
        let shown = [Span::new(0, 3), Span::new(9, 14)];
        let text = "K='secret' # x";
        let patch = Patch::new(vec![edit(2, 3, ""), edit(9, 10, ""), edit(14, 14, "!\n")]);
        assert_eq!(patch.apply(text), "K=secret # x!\n");
        let after = patch.shown_after(&shown);
        let shown: Vec<_> = after.iter().map(|span| span.of("K=secret # x!\n")).collect();
        assert_eq!(shown, ["K=", " # x", "!\n"]);
    }
}
