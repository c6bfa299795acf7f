//! Lines as Go's `bufio.Scanner` gives them, on which four of the programs build.

use crate::text::Span;

/// The first length of a line, without its end, that a scanner refuses ("token too long").
const LIMIT: usize = 64 * 1024;

/// How lines end.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum LineEnds {
    /// With `\n`; one `\r` before it belongs to the end, and so does one at the end of the text.
    Newline,
    /// With `\n`, `\r` or both (gotenv's own split function).
    Any,
}

/// The lines of a text, without their ends.
pub(super) struct Lines<'t> {
    text: &'t str,
    at: usize,
    ends: LineEnds,
}

impl<'t> Lines<'t> {
    pub(super) const fn new(text: &'t str, ends: LineEnds) -> Self {
        Self::starting_at(text, 0, ends)
    }

    pub(super) const fn starting_at(text: &'t str, at: usize, ends: LineEnds) -> Self {
        Self { text, at, ends }
    }
}

/// A line that is too long; nothing follows it.
pub(super) struct TooLong(pub(super) Span);

impl Iterator for Lines<'_> {
    type Item = Result<Span, TooLong>;

    fn next(&mut self) -> Option<Self::Item> {
        let rest = self.text.get(self.at..).filter(|rest| !rest.is_empty())?;
        let found = match self.ends {
            LineEnds::Newline => rest.find('\n'),
            LineEnds::Any => rest.find(['\n', '\r']),
        };
        let length = found.unwrap_or(rest.len());
        let line = Span::new(self.at, self.at + length);
        if length >= LIMIT {
            self.at = self.text.len();
            return Some(Err(TooLong(line)));
        }
        let after = rest.get(length..).unwrap_or("");
        self.at = line.end + if after.starts_with("\r\n") { 2 } else { after.len().min(1) };
        let content = line.of(self.text);
        let carriage = usize::from(self.ends == LineEnds::Newline && content.ends_with('\r'));
        Some(Ok(Span::new(line.start, line.end - carriage)))
    }
}

/// The part of `span` without white space at both ends.
pub(super) fn trimmed(text: &str, span: Span) -> Span {
    let content = span.of(text);
    let start = span.start + (content.len() - content.trim_start().len());
    Span::new(start, start + content.trim().len())
}
