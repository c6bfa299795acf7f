//! The words that the parts of one come to: braces expanded, variables split at blanks.

use std::ops::Range;

use super::braces::{self, Expansion};
use super::foreign::{stand_in, unknown};
use super::word::{Content, Part};
use super::{Value, Word};
use crate::text::{Span, Text, TextBuilder, UNKNOWN};

/// Makes words of the parts of one.
pub(super) struct Fields<'a> {
    pub(super) source: &'a Text,
    /// Where the word stands in the source.
    pub(super) range: Range<usize>,
    /// Whether values are split at blanks; with an `IFS` of its own a script splits elsewhere.
    pub(super) has_usual_separators: bool,
}

/// A word in the making.
#[derive(Default)]
struct Field {
    builder: TextBuilder,
    /// Where its text stands, without the quotes around it.
    span: Option<Span>,
    is_quoted: bool,
    may_split: bool,
    is_pattern: bool,
    /// Whether there is a word even if its text is empty.
    exists: bool,
}

impl Field {
    /// A part of its text stands at `span`.
    fn covers(&mut self, span: Span) {
        self.span = Some(self.span.map_or(span, |before| before.cover(span)));
    }
}

impl Fields<'_> {
    /// The words of a command.
    pub(super) fn words(&self, parts: Vec<Part>, budget: &mut Option<usize>) -> Vec<Word> {
        let alternatives = match braces::expand(parts, self.source.expose(), budget) {
            Expansion::Same(parts) => vec![parts],
            Expansion::Words(words) => words,
            Expansion::TooMany => {
                vec![vec![Part::new(self.range.clone(), Content::Unknown, false)]]
            }
        };
        let fields: Vec<Field> = alternatives.iter().flat_map(|parts| self.fields(parts)).collect();
        let is_part = fields.len() > 1;
        fields.into_iter().map(|field| self.word(field, is_part)).collect()
    }

    /// The one word of a redirection or an assignment's value: neither braces nor blanks divide it.
    pub(super) fn single(&self, parts: &[Part]) -> Word {
        let mut field = Field::default();
        for part in parts {
            self.append(part, true, &mut field);
        }
        self.word(field, false)
    }

    /// One word's parts, divided at the blanks of the values that are not quoted.
    fn fields(&self, parts: &[Part]) -> Vec<Field> {
        let mut fields = Vec::new();
        let mut field = Field::default();
        for part in parts {
            let Content::Value(value) = &part.content else {
                self.append(part, false, &mut field);
                continue;
            };
            if part.is_quoted {
                self.append(part, false, &mut field);
            } else if !self.has_usual_separators {
                self.append(
                    &Part::new(part.range.clone(), Content::Unknown, false),
                    false,
                    &mut field,
                );
            } else {
                for piece in value.split_inclusive([' ', '\t', '\n']) {
                    let kept = piece.trim_end_matches([' ', '\t', '\n']);
                    if !kept.is_empty() {
                        field.covers(self.span(part));
                        stand_in(&mut field.builder, kept, self.span(part));
                        field.is_pattern |= is_pattern(kept);
                        field.exists = true;
                    }
                    if kept.len() < piece.len() && field.exists {
                        fields.push(std::mem::take(&mut field));
                    }
                }
            }
        }
        if field.exists {
            fields.push(field);
        }
        fields
    }

    /// Adds a part that divides nothing; `is_single` when substitutions do not, either.
    fn append(&self, part: &Part, is_single: bool, field: &mut Field) {
        let span = self.span(part);
        field.exists = true;
        if part.content != Content::Decoded(String::new()) {
            field.covers(span);
        }
        field.is_quoted |=
            part.is_quoted && matches!(part.content, Content::Itself | Content::Decoded(_));
        match &part.content {
            Content::Itself => {
                field.builder.copy(self.source, part.range.clone());
                if !part.is_quoted {
                    let written = part.of(self.source.expose());
                    field.is_pattern |= is_pattern(written);
                    field.may_split |= written.contains(UNKNOWN) && !is_single;
                }
            }
            Content::Decoded(text) => field.builder.push(text, span),
            Content::Value(value) => stand_in(&mut field.builder, value, span),
            Content::Unknown | Content::UnknownList => {
                unknown(&mut field.builder, span);
                let may_split = !part.is_quoted || part.content == Content::UnknownList;
                field.may_split |= may_split && !is_single;
            }
        }
    }

    fn word(&self, field: Field, is_part: bool) -> Word {
        let raw = self.source.span_of(self.range.clone());
        Word {
            value: Value::of(field.builder.finish(field.span.unwrap_or(raw))),
            raw,
            is_quoted: field.is_quoted,
            may_split: field.may_split,
            is_part,
            is_pattern: field.is_pattern,
        }
    }

    fn span(&self, part: &Part) -> Span {
        self.source.span_of(part.range.clone())
    }
}

fn is_pattern(written: &str) -> bool {
    written.contains(['*', '?', '['])
}
