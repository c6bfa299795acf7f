//! Places in files, and text that remembers where it came from.
//!
//! Everything astrolint says is said beside a place. A value may have gone through several quoting
//! layers before Airflow sees it (JSON in a quoted string in a Dockerfile); [`Text`] keeps, for each
//! of its bytes, the bytes of the file that produced it, so that a finding can point at a member of
//! that JSON. It may also be a credential, so it has no `Display` and its `Debug` shows nothing.

use std::fmt;
use std::ops::Range;

use smallvec::SmallVec;

/// What stands for text that may be a credential; the same for any, so that not even its length is told.
pub const MASK: &str = "•••";

/// What some editors begin a file with; it is no part of its text.
pub const BYTE_ORDER_MARK: char = '\u{feff}';

/// What stands in a text for a part that only running things can tell. It is no character of any text
/// that means something (Unicode: a noncharacter), and JSON may hold it inside a string.
pub const UNKNOWN: char = '\u{ffff}';

/// A half-open range of byte offsets in one file, on character boundaries.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct Span {
    /// Offset of the first byte.
    pub start: usize,
    /// Offset behind the last byte; equal to `start` for a mere position.
    pub end: usize,
}

impl Span {
    /// The span of the bytes `start..end`.
    #[must_use]
    pub const fn new(start: usize, end: usize) -> Self {
        Self { start, end }
    }

    /// The empty span at `offset`.
    #[must_use]
    pub const fn at(offset: usize) -> Self {
        Self { start: offset, end: offset }
    }

    /// The smallest span that holds both.
    #[must_use]
    pub fn cover(self, other: Self) -> Self {
        Self { start: self.start.min(other.start), end: self.end.max(other.end) }
    }

    /// Whether `other` lies inside this span.
    #[must_use]
    pub const fn contains(self, other: Self) -> bool {
        self.start <= other.start && other.end <= self.end
    }

    /// Whether the two share at least one byte.
    #[must_use]
    pub const fn overlaps(self, other: Self) -> bool {
        self.start < other.end && other.start < self.end
    }

    /// The text of this span, or `""` when it does not lie inside `text` on character boundaries.
    #[must_use]
    pub fn of(self, text: &str) -> &str {
        text.get(self.start..self.end).unwrap_or("")
    }
}

impl From<Range<usize>> for Span {
    fn from(range: Range<usize>) -> Self {
        Self::new(range.start, range.end)
    }
}

/// Something together with the place it was written at.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Spanned<T> {
    /// What was written.
    pub node: T,
    /// Where.
    pub span: Span,
}

impl<T> Spanned<T> {
    /// `node`, written at `span`.
    pub const fn new(node: T, span: Span) -> Self {
        Self { node, span }
    }
}

/// Text, as far as a file tells it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Value {
    /// All of it.
    Known(Text),
    /// A part is only known when things run: a build argument, a variable of the shell, a secret of
    /// the CI system. [`UNKNOWN`] stands for each such part.
    Dynamic(Text),
}

impl Value {
    /// `text`, which is dynamic when it holds [`UNKNOWN`].
    #[must_use]
    pub fn of(text: Text) -> Self {
        if text.expose().contains(UNKNOWN) { Self::Dynamic(text) } else { Self::Known(text) }
    }

    /// The text, when all of it is known.
    #[must_use]
    pub const fn known(&self) -> Option<&Text> {
        match self {
            Self::Known(text) => Some(text),
            Self::Dynamic(_) => None,
        }
    }

    /// The text, with [`UNKNOWN`] for the parts that are not known.
    #[must_use]
    pub const fn text(&self) -> &Text {
        let (Self::Known(text) | Self::Dynamic(text)) = self;
        text
    }

    /// Where it stands in the file, without the quotes around it.
    #[must_use]
    pub const fn span(&self) -> Span {
        self.text().span()
    }
}

/// Text as a reader understood it, with a map from its bytes to the bytes of the file.
///
/// It may be a credential: only [`Text::expose`] gives it out.
#[derive(Clone, PartialEq, Eq)]
pub struct Text {
    decoded: String,
    /// In order, without gaps in `decoded`.
    pieces: Pieces,
    span: Span,
}

/// A run of decoded bytes with a common origin: the same bytes, or an escape or a substitution, which
/// can only be pointed at as a whole.
#[derive(Clone, PartialEq, Eq)]
struct Piece {
    decoded: Range<usize>,
    source: Span,
    /// Whether the source is something else than the text.
    stands_for: bool,
}

/// Most text stands in its file as it is.
type Pieces = SmallVec<[Piece; 1]>;

impl Text {
    /// Text that stands in the file exactly as it is, from byte `start` on.
    #[must_use]
    pub fn verbatim(text: &str, start: usize) -> Self {
        let mut builder = TextBuilder::default();
        builder.verbatim(text, start);
        builder.finish(Span::new(start, start + text.len()))
    }

    /// Text that `span` of the file produced in a way that cannot be mapped byte by byte.
    #[must_use]
    pub fn produced_by(text: impl Into<String>, span: Span) -> Self {
        let decoded = text.into();
        let piece = Piece { decoded: 0..decoded.len(), source: span, stands_for: true };
        let pieces = Pieces::from_elem(piece, 1);
        Self { decoded, pieces, span }
    }

    /// The text itself. Whatever is made of it and shown must go through `report::mask` first.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.decoded
    }

    /// Where the text stands in the file, without the quotes around it.
    #[must_use]
    pub const fn span(&self) -> Span {
        self.span
    }

    /// The bytes of the file that produced the bytes `range` of the text.
    #[must_use]
    pub fn span_of(&self, range: Range<usize>) -> Span {
        let start = self.locate(range.start).map_or(self.span.end, |(piece, offset)| {
            if piece.is_verbatim() { piece.source.start + offset } else { piece.source.start }
        });
        if range.is_empty() {
            return Span::at(start);
        }
        let end = self.locate(range.end - 1).map_or(self.span.end, |(piece, offset)| {
            if piece.is_verbatim() { piece.source.start + offset + 1 } else { piece.source.end }
        });
        Span::new(start, end.max(start))
    }

    /// The bytes of the text that `span` of the file produced, where these begin and end with it.
    #[must_use]
    pub fn range_of(&self, span: Span) -> Option<Range<usize>> {
        let at = |offset: usize, is_end: bool| {
            self.pieces.iter().find_map(|piece| {
                let Span { start, end } = piece.source;
                let inside = start <= offset && if is_end { offset <= end } else { offset < end };
                match offset {
                    _ if inside && piece.is_verbatim() => {
                        Some(piece.decoded.start + offset - start)
                    }
                    _ if offset == start && !is_end => Some(piece.decoded.start),
                    _ if offset == end && is_end && start < end => Some(piece.decoded.end),
                    _ => None,
                }
            })
        };
        let range = at(span.start, false)?..at(span.end, true)?;
        (range.start <= range.end).then_some(range)
    }

    /// Whether the bytes `range` of the text stand in the file as they are, side by side.
    #[must_use]
    pub fn is_verbatim(&self, range: Range<usize>) -> bool {
        let span = self.span_of(range.clone());
        let mut parts = self.pieces_in(range.clone());
        parts.all(|(_, _, stands_for)| !stands_for) && span.end - span.start == range.len()
    }

    /// Where the parts of the bytes `range` of the text come from, in the order of the text.
    pub fn sources(&self, range: Range<usize>) -> impl Iterator<Item = Span> {
        self.pieces_in(range).map(|(_, source, _)| source)
    }

    /// The parts of the bytes `range`: where each stands in the text, where it comes from, and whether
    /// that is something else than the text.
    fn pieces_in(&self, range: Range<usize>) -> impl Iterator<Item = (Range<usize>, Span, bool)> {
        let first = self.pieces.partition_point(|piece| piece.decoded.end <= range.start);
        let pieces = self.pieces.get(first..).unwrap_or_default().iter();
        pieces.take_while(move |piece| piece.decoded.start < range.end).map(move |piece| {
            let from = piece.decoded.start.max(range.start);
            let to = piece.decoded.end.min(range.end);
            let source = if piece.is_verbatim() {
                let start = piece.source.start + (from - piece.decoded.start);
                Span::new(start, start + (to - from))
            } else {
                piece.source
            };
            (from..to, source, piece.stands_for)
        })
    }

    /// The same text, where what it calls the file is itself `outer`, text of a file: a string inside of
    /// a template inside of a string.
    #[must_use]
    pub fn within(&self, outer: &Self) -> Self {
        let mut builder = TextBuilder::default();
        for piece in &self.pieces {
            let source = piece.source.start..piece.source.end;
            let decoded = self.decoded.get(piece.decoded.clone()).unwrap_or("");
            if outer.decoded.get(source.clone()) == Some(decoded) {
                builder.copy(outer, source);
            } else {
                builder.append(decoded, outer.span_of(source), piece.stands_for);
            }
        }
        builder.finish(outer.span_of(self.span.start..self.span.end))
    }

    /// The piece that holds byte `at` of the text, and how far inside it that byte lies.
    fn locate(&self, at: usize) -> Option<(&Piece, usize)> {
        let index = self.pieces.partition_point(|piece| piece.decoded.end <= at);
        let piece = self.pieces.get(index)?;
        Some((piece, at - piece.decoded.start))
    }
}

impl Piece {
    const fn is_verbatim(&self) -> bool {
        !self.stands_for
    }
}

impl fmt::Debug for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Text({}..{})", self.span.start, self.span.end)
    }
}

/// Puts a [`Text`] together from the parts that a reader decodes, in order.
#[derive(Default)]
pub struct TextBuilder {
    decoded: String,
    pieces: Pieces,
}

impl TextBuilder {
    /// Appends `text`, which stands at byte `start` of the file as it is.
    pub fn verbatim(&mut self, text: &str, start: usize) {
        self.append(text, Span::new(start, start + text.len()), false);
    }

    /// Appends `text`, which the bytes `source` of the file stand for as a whole: an escape, a
    /// substitution. They may be as long as the text.
    pub fn push(&mut self, text: &str, source: Span) {
        self.append(text, source, true);
    }

    fn append(&mut self, text: &str, source: Span, stands_for: bool) {
        let from = self.decoded.len();
        self.decoded.push_str(text);
        let to = self.decoded.len();
        if let Some(last) = self.pieces.last_mut()
            && last.is_verbatim()
            && !stands_for
            && last.source.end == source.start
        {
            last.decoded.end = to;
            last.source.end = source.end;
        } else if from < to {
            self.pieces.push(Piece { decoded: from..to, source, stands_for });
        }
    }

    /// Appends the bytes `range` of another text, with their origin.
    pub fn copy(&mut self, text: &Text, range: Range<usize>) {
        for (part, source, stands_for) in text.pieces_in(range) {
            self.append(text.decoded.get(part).unwrap_or(""), source, stands_for);
        }
    }

    /// What was appended so far.
    #[must_use]
    pub fn so_far(&self) -> &str {
        &self.decoded
    }

    /// Cuts the text back to its first `length` bytes.
    pub fn truncate(&mut self, length: usize) {
        self.decoded.truncate(length);
        self.pieces.retain(|piece| piece.decoded.start < length);
        if let Some(last) = self.pieces.last_mut()
            && last.decoded.end > length
        {
            if last.is_verbatim() {
                last.source.end -= last.decoded.end - length;
            }
            last.decoded.end = length;
        }
    }

    /// The finished text, which stands at `span` of the file.
    #[must_use]
    pub fn finish(self, span: Span) -> Text {
        Text { decoded: self.decoded, pieces: self.pieces, span }
    }
}

/// A position as people and editors count it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Position {
    /// 1-based line.
    pub line: usize,
    /// 1-based column, in characters.
    pub column: usize,
    /// 0-based byte offset.
    pub offset: usize,
}

/// A parser's `message` without what it quotes of its input: `string "x", expected a map` becomes
/// `string …, expected a map`.
#[must_use]
pub fn without_quotations(message: &str) -> String {
    match (message.find('"'), message.rfind('"')) {
        (Some(first), Some(last)) if first < last => {
            let before = message.get(..first).unwrap_or("");
            let after = message.get(last + 1..).unwrap_or("");
            format!("{before}…{after}")
        }
        _ => message.to_owned(),
    }
}

/// Where each line of a text begins.
#[derive(Clone, Debug)]
pub struct LineIndex {
    starts: Vec<usize>,
}

impl LineIndex {
    /// Indexes `text`; lines end with `\n`.
    #[must_use]
    pub fn new(text: &str) -> Self {
        let starts = std::iter::once(0)
            .chain(
                text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n').map(|(at, _)| at + 1),
            )
            .collect();
        Self { starts }
    }

    /// The 1-based number of the line that holds byte `offset`.
    #[must_use]
    pub fn line(&self, offset: usize) -> usize {
        self.starts.partition_point(|start| *start <= offset)
    }

    /// The bytes of the 1-based `line`, without its line end; empty past the last line.
    #[must_use]
    pub fn line_span(&self, line: usize, text: &str) -> Span {
        let Some(start) = line.checked_sub(1).and_then(|at| self.starts.get(at)).copied() else {
            return Span::at(text.len());
        };
        let end = self.starts.get(line).copied().unwrap_or(text.len());
        let content = text.get(start..end).unwrap_or("").trim_end_matches(['\n', '\r']);
        Span::new(start, start + content.len())
    }

    /// The position of byte `offset` of `text`.
    #[must_use]
    pub fn position(&self, offset: usize, text: &str) -> Position {
        let line = self.line(offset);
        let start = line.checked_sub(1).and_then(|at| self.starts.get(at)).copied().unwrap_or(0);
        let column = text.get(start..offset).map_or(0, |before| before.chars().count()) + 1;
        Position { line, column, offset }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_maps_back_through_escapes() {
        // File: `K="a\"b"`; the decoded value is `a"b`.
        let mut builder = TextBuilder::default();
        builder.verbatim("a", 3);
        builder.push("\"", Span::new(4, 6));
        builder.verbatim("b", 6);
        let text = builder.finish(Span::new(3, 7));
        assert_eq!(text.expose(), "a\"b");
        assert_eq!(text.span_of(0..1), Span::new(3, 4));
        assert_eq!(text.span_of(1..2), Span::new(4, 6));
        assert_eq!(text.span_of(2..3), Span::new(6, 7));
        assert_eq!(text.span_of(0..3), Span::new(3, 7));
        assert_eq!(text.span_of(3..3), Span::at(7));
        assert_eq!(format!("{text:?}"), "Text(3..7)");
    }

    #[test]
    fn what_stands_for_a_text_is_pointed_at_as_a_whole() {
        // File: `NAME`, which holds `main`.
        let text = Text::produced_by("main", Span::new(3, 7));
        assert_eq!(text.span_of(1..2), Span::new(3, 7));
        let mut part = TextBuilder::default();
        part.copy(&text, 1..4);
        assert_eq!(part.finish(Span::new(3, 7)).span_of(0..1), Span::new(3, 7));
    }

    #[test]
    fn a_copied_part_keeps_its_origin() {
        let mut builder = TextBuilder::default();
        builder.verbatim("ab", 10);
        builder.push("\"", Span::new(12, 14));
        builder.verbatim("cd", 14);
        let text = builder.finish(Span::new(10, 16));
        let mut part = TextBuilder::default();
        part.copy(&text, 1..4);
        let part = part.finish(Span::new(10, 16));
        assert_eq!(part.expose(), "b\"c");
        assert_eq!(part.span_of(0..1), Span::new(11, 12));
        assert_eq!(part.span_of(1..2), Span::new(12, 14));
        assert_eq!(part.span_of(2..3), Span::new(14, 15));
    }

    #[test]
    fn a_text_inside_another_maps_through_both() {
        // File: `"ab\tc\\nd"`, of which Python makes `ab<tab>c\nd`, of which a template makes two lines.
        let mut outer = TextBuilder::default();
        outer.verbatim("ab", 1);
        outer.push("\t", Span::new(3, 5));
        outer.verbatim("c", 5);
        outer.push("\\", Span::new(6, 8));
        outer.verbatim("nd", 8);
        let outer = outer.finish(Span::new(1, 10));
        let mut inner = TextBuilder::default();
        inner.verbatim("b\tc", 1);
        inner.push("\n", Span::new(4, 6));
        inner.verbatim("d", 6);
        let text = inner.finish(Span::new(1, 7)).within(&outer);
        assert_eq!(text.expose(), "b\tc\nd");
        assert_eq!(text.span(), Span::new(2, 10));
        assert_eq!(text.span_of(1..2), Span::new(3, 5));
        assert_eq!(text.span_of(3..4), Span::new(6, 9));
        assert_eq!(text.span_of(4..5), Span::new(9, 10));
    }

    #[test]
    fn quotations_are_left_out() {
        for (message, expected) in [
            (
                r#"invalid type: string "a \"b\" c", expected a map"#,
                "invalid type: string …, expected a map",
            ),
            ("expected value at line 1", "expected value at line 1"),
            (r#"one " alone"#, r#"one " alone"#),
        ] {
            assert_eq!(without_quotations(message), expected);
        }
    }

    #[test]
    fn positions_count_characters() {
        let text = "ä=1\r\nb=2\n";
        let lines = LineIndex::new(text);
        assert_eq!(lines.position(2, text), Position { line: 1, column: 2, offset: 2 });
        assert_eq!(lines.line_span(1, text).of(text), "ä=1");
        assert_eq!(lines.position(6, text).line, 2);
    }
}
