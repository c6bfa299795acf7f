//! The parts of a word: what its quotes, escapes and substitutions come to.

use std::ops::Range;

use super::reader::Reader;

/// How long the index of an array may be, in bytes.
const MAX_INDEX: usize = 256;

/// A part of a word.
#[derive(Clone, Debug)]
pub(super) struct Part {
    /// Where it stands in the reader's text, with its quotes or escape unless it is itself.
    pub(super) range: Range<usize>,
    pub(super) content: Content,
    pub(super) is_quoted: bool,
}

/// What a part comes to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Content {
    /// What stands there.
    Itself,
    /// What an escape or a brace expansion makes.
    Decoded(String),
    /// The value of a variable.
    Value(String),
    /// Something that only running tells.
    Unknown,
    /// The same, and even in quotes it may be no word or several: `$@`.
    UnknownList,
}

impl Part {
    pub(super) const fn new(range: Range<usize>, content: Content, is_quoted: bool) -> Self {
        Self { range, content, is_quoted }
    }

    /// Characters without quotes.
    pub(super) const fn plain(range: Range<usize>) -> Self {
        Self::new(range, Content::Itself, false)
    }

    /// Whether it is characters without quotes.
    pub(super) fn is_plain(&self) -> bool {
        !self.is_quoted && self.content == Content::Itself
    }

    /// What stands there in the reader's `text`.
    pub(super) fn of<'a>(&self, text: &'a str) -> &'a str {
        text.get(self.range.clone()).unwrap_or("")
    }
}

/// Which characters end a word.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Ends {
    /// Blanks and operators.
    Operators,
    /// Blanks alone, as between `[[` and `]]`.
    Blanks,
}

impl Reader<'_> {
    /// The parts of the word that begins here; goes behind it.
    pub(super) fn word(&mut self, ends: Ends) -> Vec<Part> {
        let start = self.at;
        let mut parts = Vec::new();
        if self.peek() == Some('~') {
            self.tilde(&mut parts);
        }
        while let Some(c) = self.peek() {
            match c {
                ' ' | '\t' | '\n' => break,
                '\r' if self.rest().starts_with("\r\n") => break,
                '<' | '>' if ends == Ends::Operators && self.rest().get(1..2) == Some("(") => {
                    let start = self.at;
                    self.at += 2;
                    self.substituted_commands(start);
                    parts.push(Part::new(start..self.at, Content::Unknown, true));
                }
                '|' | '&' | ';' | '(' | ')' | '<' | '>' if ends == Ends::Operators => break,
                '\\' => self.escape(&mut parts),
                '\'' => self.single_quoted(&mut parts),
                '"' => self.double_quoted(self.at, &mut parts),
                '`' => self.backtick(false, &mut parts),
                '$' => self.dollar(false, &mut parts),
                _ => self.plain(&mut parts),
            }
        }
        // An assignment in the place of an argument has its tilde expanded as well.
        if let Some(equals) = assigned(self.text.get(start..self.at).unwrap_or("")) {
            expand_tildes(start + equals, &mut parts, self.text.get(..self.at).unwrap_or(""));
        }
        parts
    }

    /// The characters up to the next one that may mean something.
    fn plain(&mut self, parts: &mut Vec<Part>) {
        let start = self.at;
        self.advance();
        let special = |c: char| " \t\r\n|&;()<>\\'\"`$".contains(c);
        self.at += self.rest().find(special).unwrap_or(self.rest().len());
        match parts.last_mut() {
            Some(last) if last.is_plain() && last.range.end == start => last.range.end = self.at,
            _ => parts.push(Part::plain(start..self.at)),
        }
    }

    /// A backslash outside quotes.
    fn escape(&mut self, parts: &mut Vec<Part>) {
        let start = self.at;
        self.advance();
        match self.peek() {
            None => parts.push(Part::new(start..self.at, Content::Itself, true)),
            Some('\n') => self.advance(),
            Some('\r') if self.rest().starts_with("\r\n") => self.at += 2,
            Some(c) => {
                self.advance();
                parts.push(Part::new(start..self.at, Content::Decoded(c.to_string()), true));
            }
        }
    }

    /// A `~` that stands for a home directory, with the name behind it.
    fn tilde(&mut self, parts: &mut Vec<Part>) {
        if let Some(length) = tilde_prefix(self.rest()) {
            parts.push(Part::new(self.at..self.at + length, Content::Unknown, true));
            self.at += length;
        }
    }
}

/// Where the value of the assignment begins that `word` looks like: behind `name=`, `name+=` or
/// `name[…]=`.
pub(super) fn assigned(word: &str) -> Option<usize> {
    let mut length = name_length(word);
    if length == 0 {
        return None;
    }
    if word.get(length..)?.starts_with('[') {
        let index = word.get(length..)?.lines().next()?;
        length += index.get(..index.floor_char_boundary(MAX_INDEX))?.find(']')? + 1;
    }
    let rest = word.get(length..)?;
    let operator = if rest.starts_with("+=") { 2 } else { 1 };
    rest.get(..operator)?.ends_with('=').then_some(length + operator)
}

/// The length of the variable name that `text` begins with.
pub(super) fn name_length(text: &str) -> usize {
    if text.starts_with(|c: char| c.is_ascii_digit()) {
        return 0;
    }
    let end = text.find(|c: char| !c.is_ascii_alphanumeric() && c != '_');
    end.unwrap_or(text.len())
}

/// Whether `c` ends a word.
fn is_end(c: char) -> bool {
    " \t\r\n;&|<>()".contains(c)
}

/// The length of `~` or `~name` at the beginning of `text`, when nothing in it is quoted.
fn tilde_prefix(text: &str) -> Option<usize> {
    let name = text.strip_prefix('~')?;
    let is_name = |c: char| c.is_ascii_alphanumeric() || "_.-+".contains(c);
    let rest = name.trim_start_matches(is_name);
    let ends = rest.chars().next().is_none_or(|c| "/:".contains(c) || is_end(c));
    ends.then_some(text.len() - rest.len())
}

/// Makes each `~` of an assignment's value the home directory that it stands for: at its beginning,
/// byte `start` of `text`, and behind colons.
pub(super) fn expand_tildes(start: usize, parts: &mut Vec<Part>, text: &str) {
    let is_tilde = |at: usize| text.get(at..).is_some_and(|rest| rest.starts_with('~'));
    if !is_tilde(start) && !text.get(start..).is_some_and(|rest| rest.contains(":~")) {
        return;
    }
    let mut expanded = Vec::new();
    for part in parts.drain(..) {
        if !part.is_plain() {
            expanded.push(part);
            continue;
        }
        let mut from = part.range.start;
        let colons = part.of(text).match_indices(":~").map(|(at, _)| part.range.start + at + 1);
        let first = (part.range.contains(&start) && is_tilde(start)).then_some(start);
        for at in first.into_iter().chain(colons).filter(|at| *at >= start) {
            let length = text.get(at..).and_then(tilde_prefix).unwrap_or(0);
            if length > 0 && at + length <= part.range.end {
                expanded.push(Part::plain(from..at));
                expanded.push(Part::new(at..at + length, Content::Unknown, true));
                from = at + length;
            }
        }
        expanded.push(Part::plain(from..part.range.end));
    }
    expanded.retain(|part| !part.is_plain() || !part.range.is_empty());
    *parts = expanded;
}
