//! The lines of source that a finding shows, ready to print. Nothing else here reads a file's text.

use std::ops::Range;

use textwrap::core::display_width;

use super::Report;
use super::escape::{escape, path_text};
use super::mask::View;
use super::window::{Symbols, Window};
use crate::check::{Finding, Label};
use crate::model::{FileId, Place};
use crate::text::{Position, Span};

/// So many lines are shown for one finding; what is on others is only named.
const MOST_SNIPPETS: usize = 4;
/// The columns that the words under a mark get before they are wrapped.
pub(super) const LABEL_ROOM: usize = 30;

/// One line of a file with what is to say about it.
pub(super) struct Snippet {
    /// The file's path, escaped.
    pub(super) path: String,
    /// The 1-based number of the line.
    pub(super) line: usize,
    /// The line: masked, escaped, cut to the width.
    pub(super) text: String,
    /// What is pointed at; the first is the most important one.
    pub(super) marks: Vec<Mark>,
}

/// A part of a snippet's text that is pointed at.
pub(super) struct Mark {
    /// The part; empty for a position between two characters.
    pub(super) span: Span,
    /// The true 1-based column in the file, in characters.
    pub(super) column: usize,
    /// A few words, escaped; may be empty.
    pub(super) label: String,
}

/// A place that is named but not shown.
pub(super) struct Mention {
    /// `PATH` or `PATH:LINE:COLUMN`, escaped.
    pub(super) place: String,
    /// A few words, escaped; may be empty.
    pub(super) label: String,
}

/// What a finding points at.
pub(super) struct Pointers {
    /// The lines shown, in the order of the finding's places.
    pub(super) snippets: Vec<Snippet>,
    /// The primary place, when there is nothing to show of it: a whole file, or one that cannot be read.
    pub(super) file: Option<Mention>,
    /// Further places, for which there was no room.
    pub(super) elsewhere: Vec<Mention>,
}

/// Lays out all places of `finding` within `width` columns.
#[must_use]
pub(super) fn pointers(
    report: &Report<'_>,
    finding: &Finding,
    width: usize,
    symbols: Symbols,
) -> Pointers {
    let mut lines: Vec<MarkedLine<'_>> = Vec::new();
    let mut pointers = Pointers { snippets: Vec::new(), file: None, elsewhere: Vec::new() };
    for (index, label) in std::iter::once(&finding.primary).chain(&finding.related).enumerate() {
        let Some(shown) = place_in_text(report, label.place) else {
            let path = escape(&path_text(report.files.get(label.place.file).path())).into_owned();
            let mention = Mention { place: path, label: escape(&label.text).into_owned() };
            if index == 0 {
                pointers.file = Some(mention);
            } else {
                pointers.elsewhere.push(mention);
            }
            continue;
        };
        let joined = lines.iter_mut().any(|line| line.join(label, shown, width, symbols));
        if !joined && lines.len() < MOST_SNIPPETS {
            lines.push(MarkedLine::new(report, label, shown));
        } else if !joined {
            let path = escape(&path_text(report.files.get(label.place.file).path())).into_owned();
            let Position { line, column, .. } = report.position(label.place.file, shown.start);
            let place = format!("{path}:{line}:{column}");
            pointers.elsewhere.push(Mention { place, label: escape(&label.text).into_owned() });
        }
    }
    pointers.snippets =
        lines.iter().filter_map(|line| line.snippet(report, width, symbols)).collect();
    pointers
}

/// The span of `place` in its file's text, on character boundaries; `None` when the place is the
/// whole file, written `0..0`, or the file could not be read.
fn place_in_text(report: &Report<'_>, place: Place) -> Option<Span> {
    let text = report.files.get(place.file).text();
    let start = text.floor_char_boundary(place.span.start);
    let end = text.ceil_char_boundary(place.span.end).max(start);
    (place.span != Span::at(0) && !text.is_empty()).then_some(Span::new(start, end))
}

/// A line with the marks found for it so far.
struct MarkedLine<'a> {
    file: FileId,
    number: usize,
    span: Span,
    view: View,
    marks: Vec<(&'a Label, Span, Range<usize>)>,
}

impl<'a> MarkedLine<'a> {
    /// The line on which `span`, the place of `label`, begins.
    fn new(report: &Report<'_>, label: &'a Label, span: Span) -> Self {
        let file = report.files.get(label.place.file);
        let number = file.lines().line(span.start);
        let line = file.lines().line_span(number, file.text());
        let mut view = View::new(file.text(), line, report.shown.of(label.place.file), span.start);
        // Only the first line of a longer place is shown. A line end alone is no such place.
        view.cut_after |= file.lines().line(span.end.saturating_sub(1)) > number;
        let cells = view.cells_of(clip(span, line));
        Self { file: label.place.file, number, span: line, view, marks: vec![(label, span, cells)] }
    }

    /// Marks `span` too, if it lies on this line and there is room for it.
    fn join(&mut self, label: &'a Label, span: Span, width: usize, symbols: Symbols) -> bool {
        if label.place.file != self.file || clip(span, self.span) != span {
            return false;
        }
        let cells = self.view.cells_of(span);
        // A span that is not in the view, because the line is huge, has no cells either.
        if cells.is_empty()
            || self
                .marks
                .iter()
                .any(|(_, _, mark)| mark.start < cells.end && cells.start <= mark.end)
        {
            return false;
        }
        self.marks.push((label, span, cells));
        let fits = self.window(width, symbols).is_some();
        if !fits {
            self.marks.pop();
        }
        fits
    }

    fn window(&self, width: usize, symbols: Symbols) -> Option<Window> {
        // The columns that the words under a mark take, from its middle on.
        let room = |label: &Label| match display_width(&label.text) {
            0 => 0,
            columns => columns.min(LABEL_ROOM) + 4,
        };
        let first = self.marks.first().map_or(0, |(label, ..)| room(label));
        let cells: Vec<_> = self.marks.iter().map(|(_, _, cells)| cells.clone()).collect();
        let gutter = self.number.to_string().len() + 5;
        let width = width.saturating_sub(gutter);
        let window = Window::new(&self.view, &cells, first, width, symbols)?;
        let columns = |span: Span| display_width(span.of(&window.text));
        let mut others = self.marks.iter().zip(&window.marks).skip(1);
        let has_room = |((label, ..), mark): (&(&Label, _, _), &Span)| {
            columns(Span::new(0, mark.start)) + columns(*mark) / 2 + room(label) <= width
        };
        others.all(has_room).then_some(window)
    }

    fn snippet(&self, report: &Report<'_>, width: usize, symbols: Symbols) -> Option<Snippet> {
        let window = self.window(width, symbols)?;
        let marks = self.marks.iter().zip(&window.marks).map(|((label, span, _), mark)| Mark {
            span: *mark,
            column: report.position(self.file, span.start).column,
            label: escape(&label.text).into_owned(),
        });
        Some(Snippet {
            path: escape(&path_text(report.files.get(self.file).path())).into_owned(),
            line: self.number,
            marks: marks.collect(),
            text: window.text,
        })
    }
}

/// The part of `span` that lies on `line`.
fn clip(span: Span, line: Span) -> Span {
    let start = span.start.clamp(line.start, line.end);
    Span::new(start, span.end.clamp(start, line.end))
}
