//! Cuts a masked line to the width of the terminal, around what is pointed at.

use std::ops::Range;

use textwrap::core::display_width;

use super::escape::push_escaped;
use super::mask::{Glyph, View};
use crate::text::Span;

const TAB_WIDTH: usize = 4;

/// What stands for text that is not shown.
#[derive(Clone, Copy, Debug)]
pub(super) struct Symbols {
    /// For what is masked.
    pub(super) mask: &'static str,
    /// For what was cut off.
    pub(super) ellipsis: &'static str,
}

impl Symbols {
    /// For terminals that can show more than ASCII.
    pub(super) const UNICODE: Self = Self { mask: "•••", ellipsis: "…" };
    /// For all others.
    pub(super) const ASCII: Self = Self { mask: "***", ellipsis: "..." };
    /// To be read aloud.
    pub(super) const SPOKEN: Self = Self { mask: "[masked]", ellipsis: "[cut]" };
}

/// A line as it is printed: masked, escaped, cut.
#[derive(PartialEq, Eq, Debug)]
pub(super) struct Window {
    /// The text; safe to print, and on one line.
    pub(super) text: String,
    /// Where in it each mark lies.
    pub(super) marks: Vec<Span>,
}

impl Window {
    /// Cuts `view` to `width` columns around `marks`, given as ranges of its cells.
    ///
    /// The beginning of the first mark is always visible, with `room` columns from its middle to the
    /// right edge for the words under it. `None` when the other marks do not fit beside it.
    #[must_use]
    pub(super) fn new(
        view: &View,
        marks: &[Range<usize>],
        room: usize,
        width: usize,
        symbols: Symbols,
    ) -> Option<Self> {
        let line = Line::new(view, symbols);
        let cut_width = display_width(symbols.ellipsis);
        let space = width.saturating_sub(2 * cut_width).max(1);
        let first = marks.first()?.clone();

        let lowest = line.first_cell_with(&first, room.min(space), space);
        let whole = lowest == 0
            && line.width(0..line.len()) <= width.saturating_sub(view.cut_width(cut_width));
        let visible = if whole { 0..line.len() } else { line.around(marks, &first, lowest, space) };
        let fits = |mark: &Range<usize>| visible.start <= mark.start && mark.end <= visible.end;
        if !marks.iter().skip(1).all(fits) {
            return None;
        }

        let mut text = String::new();
        if visible.start > 0 || view.cut_before {
            text.push_str(symbols.ellipsis);
        }
        let shift =
            |cell: usize| text.len() + line.byte(cell.min(visible.end)) - line.byte(visible.start);
        let marks =
            marks.iter().map(|mark| Span::new(shift(mark.start), shift(mark.end))).collect();
        text.push_str(
            line.text.get(line.byte(visible.start)..line.byte(visible.end)).unwrap_or(""),
        );
        if visible.end < line.len() || view.cut_after {
            text.push_str(symbols.ellipsis);
        }
        Some(Self { text, marks })
    }
}

impl View {
    /// The columns that this view's own cuts need at least, when a cut takes `cut_width`.
    fn cut_width(&self, cut_width: usize) -> usize {
        cut_width * (usize::from(self.cut_before) + usize::from(self.cut_after))
    }
}

/// The printed text of a view, and where each cell begins in it.
struct Line {
    text: String,
    /// Byte and column of each cell, and of the end.
    starts: Vec<(usize, usize)>,
}

impl Line {
    fn new(view: &View, symbols: Symbols) -> Self {
        let mut text = String::new();
        let mut column = 0;
        let mut starts = vec![(0, 0)];
        for cell in view.cells() {
            let from = text.len();
            match cell.glyph {
                Glyph::Mask => text.push_str(symbols.mask),
                Glyph::Char('\t') => {
                    text.extend(std::iter::repeat_n(' ', TAB_WIDTH - column % TAB_WIDTH));
                }
                Glyph::Char(char) => push_escaped(&mut text, char),
            }
            column += text.get(from..).map_or(0, display_width);
            starts.push((text.len(), column));
        }
        Self { text, starts }
    }

    /// How many cells there are.
    fn len(&self) -> usize {
        self.starts.len() - 1
    }

    fn start(&self, cell: usize) -> (usize, usize) {
        self.starts.get(cell).or(self.starts.last()).copied().unwrap_or_default()
    }

    fn byte(&self, cell: usize) -> usize {
        self.start(cell).0
    }

    fn width(&self, cells: Range<usize>) -> usize {
        self.start(cells.end).1.saturating_sub(self.start(cells.start).1)
    }

    /// The leftmost cell that may be the first visible one, so that `mark` begins within `space`
    /// columns and `room` of them are left from its middle on.
    fn first_cell_with(&self, mark: &Range<usize>, room: usize, space: usize) -> usize {
        let middle = self.start(mark.start).1 + self.width(mark.clone()).min(space) / 2;
        let left = (middle + room).saturating_sub(space);
        self.starts.partition_point(|(_, column)| *column < left).min(mark.start)
    }

    /// As many cells as fit into `space` around all `marks`, or around the `first` when there is not
    /// room for all; none before `lowest`.
    fn around(
        &self,
        marks: &[Range<usize>],
        first: &Range<usize>,
        lowest: usize,
        space: usize,
    ) -> Range<usize> {
        let hull = marks
            .iter()
            .fold(first.clone(), |hull, mark| hull.start.min(mark.start)..hull.end.max(mark.end));
        let mut visible = if hull.start >= lowest && self.width(hull.clone()) <= space {
            hull
        } else {
            first.clone()
        };
        while visible.start < visible.end && self.width(visible.clone()) > space {
            visible.end -= 1;
        }
        loop {
            let left =
                visible.start > lowest && self.width(visible.start - 1..visible.end) <= space;
            let right =
                visible.end < self.len() && self.width(visible.start..visible.end + 1) <= space;
            if left {
                visible.start -= 1;
            }
            // The step to the left may have taken the last column.
            if right && self.width(visible.start..visible.end + 1) <= space {
                visible.end += 1;
            }
            if !left && !right {
                return visible;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn window(
        text: &str,
        marks: &[Span],
        room: usize,
        width: usize,
    ) -> Option<(String, Vec<String>)> {
        let whole = Span::new(0, text.len());
        let view = View::new(text, whole, &[whole], marks[0].start);
        let cells: Vec<_> = marks.iter().map(|mark| view.cells_of(*mark)).collect();
        let window = Window::new(&view, &cells, room, width, Symbols::UNICODE)?;
        let marked = window.marks.iter().map(|mark| mark.of(&window.text).to_owned()).collect();
        Some((window.text, marked))
    }

    fn at(start: usize, end: usize) -> Span {
        Span::new(start, end)
    }

    #[test]
    fn a_line_is_cut_around_its_mark() {
        let digits = "0123456789".repeat(10);
        for (mark, room, text, marked) in [
            (at(0, 3), 0, "012345678901234567…", "012"),
            (at(50, 53), 0, "…234567890123456789…", "012"),
            (at(97, 100), 0, "…234567890123456789", "789"),
            (at(20, 90), 0, "…012345678901234567…", "012345678901234567"),
            (at(50, 53), 14, "…789012345678901234…", "012"),
            (at(97, 100), 14, "…456789", "789"),
            (at(100, 100), 0, "…234567890123456789", ""),
        ] {
            let (actual, label) = window(&digits, &[mark], room, 20).unwrap();
            assert_eq!((actual.as_str(), label[0].as_str()), (text, marked), "{mark:?} {room}");
        }
    }

    #[test]
    fn a_line_that_fits_is_left_whole() {
        let (text, marked) =
            window("a\tb\x1b[m\u{202e}漢字", &[at(2, 4), at(13, 16)], 0, 30).unwrap();
        assert_eq!(text, "a   b^[[m\\u{202e}漢字");
        assert_eq!(marked, ["b^[", "字"]);
    }

    #[test]
    fn wide_characters_count_twice() {
        let (text, _) = window(&"漢".repeat(50), &[at(0, 3)], 0, 20).unwrap();
        assert_eq!(text, "漢漢漢漢漢漢漢漢漢…");
    }

    #[test]
    fn marks_that_are_too_far_apart_do_not_share_a_window() {
        let digits = "0123456789".repeat(10);
        assert!(window(&digits, &[at(50, 53), at(60, 63)], 0, 20).is_some());
        assert!(window(&digits, &[at(50, 53), at(90, 93)], 0, 20).is_none());
        assert!(window(&digits, &[at(90, 93), at(0, 3)], 0, 20).is_none());
    }
}
