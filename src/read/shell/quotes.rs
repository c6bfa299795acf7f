//! Single quotes, double quotes, and backticks.

use super::ansi_c::{self, Escaped};
use super::reader::Reader;
use super::word::{Content, Part};
use super::{ErrorKind, frame::Frame};
use crate::text::TextBuilder;

impl Reader<'_> {
    /// `'…'`: everything stands for itself.
    pub(super) fn single_quoted(&mut self, parts: &mut Vec<Part>) {
        let start = self.at;
        self.advance();
        let Some(length) = self.rest().find('\'') else {
            return self.open_quote(start, parts);
        };
        parts.push(Part::new(self.at..self.at + length, Content::Itself, true));
        self.at += length + 1;
    }

    /// `"…"`, whose quote stands here; the word's part begins at `start`.
    pub(super) fn double_quoted(&mut self, start: usize, parts: &mut Vec<Part>) {
        let checkpoint = self.out.checkpoint();
        let before = parts.len();
        self.advance();
        // Empty quotes are a word, too.
        parts.push(Part::new(start..self.at, Content::Decoded(String::new()), true));
        if !self.enter() {
            return;
        }
        let is_closed = self.double_quoted_parts(Some('"'), parts);
        self.leave();
        if !is_closed {
            parts.truncate(before);
            self.out.restore(checkpoint);
            self.open_quote(start, parts);
        }
    }

    /// Text in which `$`, backticks and some backslashes mean something, up to `close` or the end;
    /// whether `close` was there.
    pub(super) fn double_quoted_parts(
        &mut self,
        close: Option<char>,
        parts: &mut Vec<Part>,
    ) -> bool {
        while let Some(c) = self.peek() {
            let start = self.at;
            match c {
                '$' => self.dollar(true, parts),
                '`' => self.backtick(true, parts),
                '\\' => {
                    self.advance();
                    match self.peek() {
                        Some('\n') => self.advance(),
                        Some('\r') if self.rest().starts_with("\r\n") => self.at += 2,
                        Some(c) if "$`\\".contains(c) || Some(c) == close => {
                            self.advance();
                            let content = Content::Decoded(c.to_string());
                            parts.push(Part::new(start..self.at, content, true));
                        }
                        // Any other backslash stays.
                        _ => parts.push(Part::new(start..self.at, Content::Itself, true)),
                    }
                }
                c if Some(c) == close => {
                    self.advance();
                    return true;
                }
                _ => {
                    self.advance();
                    let special = |c: char| "$`\\".contains(c) || Some(c) == close;
                    self.at += self.rest().find(special).unwrap_or(self.rest().len());
                    parts.push(Part::new(start..self.at, Content::Itself, true));
                }
            }
        }
        close.is_none()
    }

    /// `$'…'`, whose quote stands here; the word's part begins at `start`.
    pub(super) fn ansi_c_quoted(&mut self, start: usize, parts: &mut Vec<Part>) {
        let before = parts.len();
        self.advance();
        parts.push(Part::new(start..self.at, Content::Decoded(String::new()), true));
        let mut is_cut = false;
        while let Some(c) = self.peek() {
            let from = self.at;
            let content = match c {
                '\'' => {
                    self.advance();
                    return;
                }
                '\\' => {
                    let (escaped, range) = ansi_c::escape(self.text, self.at);
                    self.at = range.end;
                    match escaped {
                        Escaped::Text(text) => Content::Decoded(text),
                        Escaped::Bytes => Content::Unknown,
                        Escaped::End => {
                            is_cut = true;
                            continue;
                        }
                    }
                }
                _ => {
                    self.at += self.rest().find(['\'', '\\']).unwrap_or(self.rest().len());
                    Content::Itself
                }
            };
            if !is_cut {
                parts.push(Part::new(from..self.at, content, true));
            }
        }
        parts.truncate(before);
        self.open_quote(start, parts);
    }

    /// A command substitution in backticks: its commands are those of the text without one level of
    /// backslashes.
    pub(super) fn backtick(&mut self, is_quoted: bool, parts: &mut Vec<Part>) {
        let start = self.at;
        self.advance();
        let mut builder = TextBuilder::default();
        let inner = self.at;
        let source = self.source;
        loop {
            let from = self.at;
            self.at += self.rest().find(['`', '\\']).unwrap_or(self.rest().len());
            builder.copy(source, from..self.at);
            match self.peek() {
                None => return self.open_backtick(start, parts),
                Some('`') => break,
                Some(_) => {
                    let from = self.at;
                    self.advance();
                    let next = self.peek();
                    self.advance();
                    match next {
                        Some(c) if "$`\\".contains(c) || (is_quoted && c == '"') => {
                            let span = source.span_of(from..self.at);
                            builder.push(c.encode_utf8(&mut [0; 4]), span);
                        }
                        _ => builder.copy(source, from..self.at),
                    }
                }
            }
        }
        let text = builder.finish(source.span_of(inner..self.at));
        self.advance();
        parts.push(Part::new(start..self.at, Content::Unknown, is_quoted));
        if self.enter() {
            let mut context = self.frame.context();
            context.is_in_subshell = true;
            self.nested(&text, Frame::substitution(context), |reader| {
                reader.commands();
            });
            self.leave();
        }
    }

    fn open_backtick(&mut self, start: usize, parts: &mut Vec<Part>) {
        self.open(start, ErrorKind::UnterminatedSubstitution, parts);
    }

    fn open_quote(&mut self, start: usize, parts: &mut Vec<Part>) {
        self.open(start, ErrorKind::UnterminatedQuote, parts);
    }

    /// What was opened at `start` is not closed: its line is not known, and reading goes on behind.
    pub(super) fn open(&mut self, start: usize, kind: ErrorKind, parts: &mut Vec<Part>) {
        self.error(start, kind);
        let after = self.text.get(start..).unwrap_or("");
        let line = after.lines().next().unwrap_or("").len();
        self.at = if self.out.recovers() { start + line } else { self.text.len() };
        parts.push(Part::new(start..self.at.max(start), Content::Unknown, true));
    }
}
