//! The only way from source text to output: a line of which nothing is left but what may be shown.

use std::ops::Range;

use crate::text::Span;

/// How many bytes of a line are looked at on either side of a place, so that a line of megabytes
/// costs no more than a long one.
const REACH: usize = 16 * 1024;

/// One line, or its part around a place, masked.
///
/// What lies in no shown span is replaced: each run of such text, however many words it has, by one
/// mask of fixed width. Blanks stay where they are at the edge of a mask.
#[derive(Debug)]
pub(super) struct View {
    cells: Vec<Cell>,
    /// Whether the line goes on before the first cell.
    pub(super) cut_before: bool,
    /// Whether the line goes on behind the last cell.
    pub(super) cut_after: bool,
}

/// The smallest thing that can be shown and pointed at.
#[derive(Debug)]
pub(super) struct Cell {
    source: Span,
    /// What is shown for it.
    pub(super) glyph: Glyph,
}

/// What is shown.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Glyph {
    /// A character of the file, not yet escaped.
    Char(char),
    /// Something that may not be shown.
    Mask,
}

impl View {
    /// The masked view of the bytes `line` of `text` around byte `focus`; `shown` is sorted and its
    /// spans do not touch.
    #[must_use]
    pub(super) fn new(text: &str, line: Span, shown: &[Span], focus: usize) -> Self {
        let start = text.floor_char_boundary(focus.saturating_sub(REACH).max(line.start));
        let end = text.ceil_char_boundary(focus.saturating_add(REACH).min(line.end));
        let mut cells: Vec<Cell> = Vec::new();
        let mut open_mask = None;
        let mut next = shown.partition_point(|span| span.end <= start);
        for (at, char) in Span::new(start, end).of(text).char_indices() {
            let source = Span::new(start + at, start + at + char.len_utf8());
            while shown.get(next).is_some_and(|span| span.end <= source.start) {
                next += 1;
            }
            if matches!(char, ' ' | '\t') {
                cells.push(Cell { source, glyph: Glyph::Char(char) });
            } else if shown.get(next).is_some_and(|span| span.contains(source)) {
                open_mask = None;
                cells.push(Cell { source, glyph: Glyph::Char(char) });
            } else {
                // The blanks since the last masked word go into the mask: the number of words is not told.
                let first = *open_mask.get_or_insert(cells.len());
                let from = cells.get(first).map_or(source, |mask| mask.source);
                cells.truncate(first);
                cells.push(Cell { source: from.cover(source), glyph: Glyph::Mask });
            }
        }
        Self { cells, cut_before: start > line.start, cut_after: end < line.end }
    }

    /// What is shown, in order.
    #[must_use]
    pub(super) fn cells(&self) -> &[Cell] {
        &self.cells
    }

    /// The cells that show `span` of the file: a mask as a whole, none for a position between two.
    #[must_use]
    pub(super) fn cells_of(&self, span: Span) -> Range<usize> {
        let start = self.cells.partition_point(|cell| cell.source.end <= span.start);
        let end = self.cells.partition_point(|cell| cell.source.start < span.end);
        start.min(end)..end
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn show(view: &View) -> String {
        view.cells
            .iter()
            .map(|cell| match cell.glyph {
                Glyph::Char(char) => char,
                Glyph::Mask => '•',
            })
            .collect()
    }

    /// `text` with the parts between `«` and `»` shown.
    fn marked(text: &str) -> (String, Vec<Span>) {
        let mut plain = String::new();
        let mut spans = Vec::new();
        for char in text.chars() {
            match char {
                '«' => spans.push(Span::at(plain.len())),
                '»' => spans.last_mut().unwrap().end = plain.len(),
                _ => plain.push(char),
            }
        }
        (plain, spans)
    }

    #[test]
    fn only_shown_spans_are_left() {
        for (text, expected) in [
            ("«KEY=»secret", "KEY=•"),
            ("«KEY=»'two words'« # why»", "KEY=• # why"),
            ("«KEY=» a  b\tc  «#»d e", "KEY= •  #•"),
            ("  secret words  ", "  •  "),
            ("«KEY='»a« »b«'»", "KEY='•'"),
            ("p@ss-w0rd!", "•"),
            ("«ä»ö«ü»", "ä•ü"),
            ("", ""),
        ] {
            let (plain, shown) = marked(text);
            let view = View::new(&plain, Span::new(0, plain.len()), &shown, 0);
            assert_eq!(show(&view), expected, "{text}");
        }
    }

    #[test]
    fn half_a_character_is_not_shown() {
        assert_eq!(show(&View::new("ä=", Span::new(0, 3), &[Span::new(1, 3)], 0)), "•=");
    }

    #[test]
    fn places_are_found_in_the_view() {
        let (plain, shown) = marked("«K=»ab cd«;x»");
        let view = View::new(&plain, Span::new(0, plain.len()), &shown, 0);
        for (span, cells) in [
            (Span::new(0, 1), 0..1),
            (Span::new(4, 6), 2..3),
            (Span::new(1, 3), 1..3),
            (Span::at(2), 2..2),
            (Span::at(4), 2..3),
            (Span::at(7), 3..3),
            (Span::at(9), 5..5),
            (Span::new(8, 99), 4..5),
            (Span::at(99), 5..5),
        ] {
            assert_eq!(view.cells_of(span), cells, "{span:?}");
        }
    }

    #[test]
    fn a_huge_line_is_looked_at_around_the_place_only() {
        let text = "ä".repeat(1_000_000);
        let shown = [Span::new(0, text.len())];
        let view = View::new(&text, shown[0], &shown, 1_000_000);
        assert!(view.cut_before && view.cut_after);
        assert!(view.cells().len() <= REACH + 2);
        assert_eq!(view.cells_of(Span::new(1_000_000, 1_000_002)).len(), 1);
    }
}
