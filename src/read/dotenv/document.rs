//! The file as people see it: comments, assignments, and what is neither.
//!
//! No program reads `.env` in exactly this way; what each makes of it says [`super::Reader`].

use crate::text::{Span, Spanned};

/// A `.env` file, divided without loss: the texts of its entries, joined, are the file.
#[derive(Clone, Debug)]
pub struct Document<'t> {
    text: &'t str,
    entries: Vec<Entry>,
}

/// A line, with its line end; several lines where a quoted value spans them.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Entry {
    /// The whole entry. Entries follow each other without gaps.
    pub span: Span,
    /// What it holds.
    pub kind: EntryKind,
}

/// What an entry holds.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum EntryKind {
    /// Nothing but white space.
    Blank,
    /// A comment on a line of its own, from its `#` to the end of the line.
    Comment(Span),
    /// `KEY=value`, or `KEY: value`.
    Assignment(Assignment),
    /// Anything else, without the white space around it.
    Other(Span),
}

/// The parts of an assignment.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Assignment {
    /// The word `export` before the key.
    pub export: Option<Span>,
    /// The key, without the blanks around it.
    pub key: Span,
    /// The `=` or `:`.
    pub separator: Span,
    /// The value without blanks and comment around it, but with its quotes; may be empty.
    pub value: Span,
    /// The quote that surrounds the whole value.
    pub quote: Option<char>,
    /// What looks like a trailing comment: a `#` behind a blank, to the end of the line. Most
    /// readers take it as a part of the value.
    pub comment: Option<Span>,
}

impl<'t> Document<'t> {
    /// Divides `text`.
    #[must_use]
    pub fn new(text: &'t str) -> Self {
        let entries = Divider { text, at: 0, unclosed_before: [None; 2] }.collect();
        Self { text, entries }
    }

    /// The whole text.
    #[must_use]
    pub const fn text(&self) -> &'t str {
        self.text
    }

    /// The entries, in order.
    #[must_use]
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// The assignments, in order.
    pub fn assignments(&self) -> impl Iterator<Item = &Assignment> {
        self.entries.iter().filter_map(|entry| match &entry.kind {
            EntryKind::Assignment(assignment) => Some(assignment),
            _ => None,
        })
    }

    /// The comments on lines of their own, each from its `#` on.
    pub fn comments(&self) -> impl Iterator<Item = Spanned<&'t str>> {
        let text = self.text;
        self.entries.iter().filter_map(move |entry| match entry.kind {
            EntryKind::Comment(span) => Some(Spanned::new(span.of(text), span)),
            _ => None,
        })
    }
}

/// Cuts entries off a text.
struct Divider<'t> {
    text: &'t str,
    at: usize,
    /// For `"` and `'`: an offset from which on no such quote closes, so that it is searched for
    /// only once.
    unclosed_before: [Option<usize>; 2],
}

impl Iterator for Divider<'_> {
    type Item = Entry;

    fn next(&mut self) -> Option<Entry> {
        let start = self.at;
        let rest = self.text.get(start..).filter(|rest| !rest.is_empty())?;
        let line_end = start + rest.find('\n').unwrap_or(rest.len());
        let mark =
            if start == 0 && rest.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
        let content = Span::new(start + mark, line_end);
        let mut end = line_end;
        let kind = match self.trimmed(content) {
            span if span.start == span.end => EntryKind::Blank,
            span if span.of(self.text).starts_with('#') => EntryKind::Comment(span),
            span => match self.assignment(span) {
                Some((assignment, last)) => {
                    end = last;
                    EntryKind::Assignment(assignment)
                }
                None => EntryKind::Other(span),
            },
        };
        self.at = (end + 1).min(self.text.len());
        Some(Entry { span: Span::new(start, self.at), kind })
    }
}

impl Divider<'_> {
    fn trimmed(&self, span: Span) -> Span {
        super::scanner::trimmed(self.text, span)
    }

    /// The assignment on `line`, and where the last of its lines ends, before the line end.
    fn assignment(&mut self, line: Span) -> Option<(Assignment, usize)> {
        let content = line.of(self.text);
        let at = content.find('=').or_else(|| content.find(": "))?;
        let separator = Span::new(line.start + at, line.start + at + 1);
        let mut key = self.trimmed(Span::new(line.start, separator.start));
        let mut export = None;
        if let Some(after) = key.of(self.text).strip_prefix("export")
            && after.starts_with([' ', '\t'])
        {
            export = Some(Span::new(key.start, key.start + "export".len()));
            key = self.trimmed(Span::new(key.end - after.len(), key.end));
        }
        let is_key_char =
            |char: char| char.is_alphanumeric() || matches!(char, '_' | '.' | '-' | '[' | ']');
        if key.start == key.end || !key.of(self.text).chars().all(is_key_char) {
            return None;
        }
        let rest = Span::new(separator.end, line.end);
        let quoted = self.quoted(self.trimmed(rest));
        let (value, quote, comment, end) = quoted.unwrap_or_else(|| {
            let (value, comment) = self.bare(rest);
            (value, None, comment, self.line_end(line.end))
        });
        Some((Assignment { export, key, separator, value, quote, comment }, end))
    }

    fn line_end(&self, at: usize) -> usize {
        let rest = self.text.get(at..).unwrap_or("");
        at + rest.find('\n').unwrap_or(rest.len())
    }

    /// The value that a quote at the start of `rest` opens, if behind the closing one there is
    /// nothing but a comment.
    fn quoted(&mut self, rest: Span) -> Option<(Span, Option<char>, Option<Span>, usize)> {
        let quote = rest.of(self.text).chars().next()?;
        let known = match quote {
            '"' => self.unclosed_before.first_mut()?,
            '\'' => self.unclosed_before.last_mut()?,
            _ => return None,
        };
        if known.is_some_and(|at| at <= rest.start) {
            return None;
        }
        let Some(closing) = closing_quote(self.text, rest.start, quote) else {
            *known = Some(rest.start);
            return None;
        };
        let line_end = self.line_end(closing);
        let behind = self.trimmed(Span::new(closing + 1, line_end));
        let comment = behind.of(self.text).starts_with('#').then_some(behind);
        let alone = comment.is_some() || behind.start == behind.end;
        alone.then(|| (Span::new(rest.start, closing + 1), Some(quote), comment, line_end))
    }

    fn bare(&self, rest: Span) -> (Span, Option<Span>) {
        let content = rest.of(self.text);
        let hash = content
            .match_indices('#')
            .map(|(at, _)| at)
            .find(|at| content.get(..*at).is_some_and(|before| before.ends_with([' ', '\t'])));
        let end = hash.map_or(rest.end, |at| rest.start + at);
        let comment = hash.map(|at| self.trimmed(Span::new(rest.start + at, rest.end)));
        (self.trimmed(Span::new(rest.start, end)), comment)
    }
}

/// The offset of the quote that closes the one at `opening`; a backslash takes the next byte.
fn closing_quote(text: &str, opening: usize, quote: char) -> Option<usize> {
    let mut at = opening + 1;
    loop {
        at += text.get(at..)?.find(['\\', quote])?;
        if text.get(at..)?.starts_with(quote) {
            return Some(at);
        }
        at += 1 + text.get(at + 1..)?.chars().next()?.len_utf8();
    }
}
