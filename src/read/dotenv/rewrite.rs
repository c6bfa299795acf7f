//! Decoding in several passes: each pass makes a new [`Text`] that still points at the file.

use std::borrow::Cow;
use std::ops::Range;

use crate::text::{Span, Text, TextBuilder};

/// Makes one text from parts of another, in order.
pub(super) struct Rewrite<'s> {
    source: &'s Text,
    built: TextBuilder,
}

impl<'s> Rewrite<'s> {
    pub(super) fn of(source: &'s Text) -> Self {
        Self { source, built: TextBuilder::default() }
    }

    /// Appends the bytes `range` of the source unchanged.
    pub(super) fn keep(&mut self, range: Range<usize>) {
        self.built.copy(self.source, range);
    }

    /// Appends `text` in the place of the bytes `range` of the source.
    pub(super) fn put(&mut self, text: &str, range: Range<usize>) {
        self.built.push(text, self.source.span_of(range));
    }

    pub(super) fn finish(self) -> Text {
        self.built.finish(self.source.span())
    }

    fn finish_at(self, span: Span) -> Text {
        self.built.finish(span)
    }
}

/// The bytes `range` of `text`.
pub(super) fn slice(text: &Text, range: Range<usize>) -> Text {
    let mut part = Rewrite::of(text);
    part.keep(range.clone());
    part.finish_at(text.span_of(range))
}

/// What a pass does with a backslash.
pub(super) enum Escape<'e> {
    /// So many bytes, from the backslash on, stay as they are.
    Keep(usize),
    /// So many bytes, from the backslash on, become this.
    Become(usize, Cow<'e, str>),
}

/// One pass of `rule` over `text`: it is asked at each backslash that no earlier escape took, with
/// the text from there on.
pub(super) fn unescape(text: Text, rule: impl Fn(&str) -> Escape<'_>) -> Text {
    let source = text.expose();
    if !source.contains('\\') {
        return text;
    }
    let mut rewrite = Rewrite::of(&text);
    let mut kept = 0;
    let mut at = 0;
    while let Some(rest) = source.get(at..)
        && let Some(found) = rest.find('\\')
    {
        at += found;
        match rule(source.get(at..).unwrap_or("")) {
            Escape::Keep(length) => at += length.max(1),
            Escape::Become(length, with) => {
                rewrite.keep(kept..at);
                rewrite.put(&with, at..at + length);
                at += length.max(1);
                kept = at;
            }
        }
    }
    rewrite.keep(kept..source.len());
    rewrite.finish()
}

/// Like the pattern `\\([^$])` with `$1`: a backslash goes, unless a `$` follows.
pub(super) fn drop_backslash(rest: &str) -> Escape<'_> {
    match rest.chars().nth(1) {
        Some(char) if char != '$' => {
            let length = 1 + char.len_utf8();
            Escape::Become(length, Cow::Borrowed(rest.get(1..length).unwrap_or("")))
        }
        _ => Escape::Keep(1),
    }
}

/// A replacement of bytes of the file by text that is no part of a value.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Edit {
    /// What goes.
    pub span: Span,
    /// What stands there afterwards.
    pub with: &'static str,
}

impl Edit {
    /// The removal of `span`.
    #[must_use]
    pub const fn delete(span: Span) -> Self {
        Self { span, with: "" }
    }

    /// The part `within` of `text` after `edits`, which are in order and lie inside.
    pub(super) fn apply(edits: &[Self], text: &str, within: Span) -> String {
        let mut result = String::new();
        let mut at = within.start;
        for edit in edits {
            result += Span::new(at, edit.span.start).of(text);
            result += edit.with;
            at = edit.span.end;
        }
        result += Span::new(at, within.end).of(text);
        result
    }
}
