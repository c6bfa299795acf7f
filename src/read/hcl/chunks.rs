//! Where the top-level blocks of a file begin and end, so that each can be parsed for itself.

use crate::text::Span;

/// A top-level block or attribute.
pub(super) struct Chunk {
    /// Its bytes, with the comments before it.
    pub span: Span,
    /// Why it cannot be one.
    pub fault: Option<&'static str>,
    /// Heredocs without a line, which the parser of the crate does not see the end of.
    pub empty_heredocs: Vec<Span>,
}

/// How often a block that runs to the end of the file is given up and the next one looked for.
const MAX_RUNAWAYS: usize = 16;

/// The most items of one pair of brackets: the parser looks for each key among all before it.
const MAX_ITEMS: usize = 4_096;

/// How blocks begin whose first line tells that they stand at the top of a file: with it, the block
/// before must have ended.
const TOP_LEVEL: [&str; 8] = [
    "resource \"",
    "data \"",
    "variable \"",
    "output \"",
    "module \"",
    "provider \"",
    "locals {",
    "terraform {",
];

/// What the bytes at a place are part of.
enum Context<'a> {
    /// Code between brackets, with the bracket that closes it and how many items it holds so far.
    Bracket(u8, usize),
    /// Code of `${…}` or `%{…}`.
    Interpolation,
    /// `"…"`
    Quote,
    /// A heredoc until this word, with where it and the text in it begin.
    Heredoc(&'a str, Span),
}

/// The top-level blocks of `text`, in order; a byte order mark is left out.
pub(super) fn chunks(text: &str) -> Vec<Chunk> {
    let mut found = Vec::new();
    let mut at = text.len() - text.trim_start_matches('\u{feff}').len();
    let mut runaways = 0;
    while at < text.len() {
        let mut scanner = Scanner { text, at, open: Vec::new(), fault: None, empty: Vec::new() };
        let ended = scanner.run();
        let mut end = scanner.at;
        if !ended {
            scanner.fault = Some("a bracket, string or heredoc is not closed");
            runaways += 1;
            if runaways <= MAX_RUNAWAYS
                && let Some(next) = next_top_level(text, at)
            {
                end = next;
            }
        }
        let span = Span::new(at, end);
        found.push(Chunk { span, fault: scanner.fault, empty_heredocs: scanner.empty });
        at = end;
    }
    found
}

/// The next line behind the first that begins a block.
fn next_top_level(text: &str, from: usize) -> Option<usize> {
    let lines = text.get(from..)?.match_indices('\n').map(|(at, _)| from + at + 1);
    lines.into_iter().find(|at| is_top_level(text, *at))
}

fn is_top_level(text: &str, at: usize) -> bool {
    let line = text.get(at..).unwrap_or("");
    TOP_LEVEL.iter().any(|start| line.starts_with(start))
}

struct Scanner<'a> {
    text: &'a str,
    at: usize,
    open: Vec<Context<'a>>,
    fault: Option<&'static str>,
    empty: Vec<Span>,
}

impl Scanner<'_> {
    /// Goes to the end of the block; whether it has one.
    fn run(&mut self) -> bool {
        let mut has_begun = false;
        while let Some(byte) = self.peek(0) {
            match self.open.last() {
                Some(Context::Quote) => self.quoted(byte),
                Some(Context::Heredoc(word, begin)) => {
                    let (word, begin) = (*word, *begin);
                    self.heredoc(byte, word, begin);
                }
                _ => {
                    if byte == b'\n' && self.ends_here(has_begun) {
                        return true;
                    }
                    has_begun |= !byte.is_ascii_whitespace() && !matches!(byte, b'#' | b'/');
                    self.code(byte);
                }
            }
        }
        self.open.is_empty()
    }

    /// At the end of a line of code: whether the block ends with it.
    fn ends_here(&mut self, has_begun: bool) -> bool {
        if !self.open.is_empty() {
            if !is_top_level(self.text, self.at + 1) {
                return false;
            }
            self.fault = Some("a bracket is not closed");
        } else if !has_begun {
            return false;
        }
        self.at += 1;
        true
    }

    fn peek(&self, ahead: usize) -> Option<u8> {
        self.text.as_bytes().get(self.at + ahead).copied()
    }

    fn code(&mut self, byte: u8) {
        match byte {
            b'#' => return self.skip_to("\n", false),
            b'/' if self.peek(1) == Some(b'/') => return self.skip_to("\n", false),
            b'/' if self.peek(1) == Some(b'*') => return self.skip_to("*/", true),
            b'"' => self.open.push(Context::Quote),
            b'<' if self.peek(1) == Some(b'<') => return self.heredoc_start(),
            b'{' => self.open.push(Context::Bracket(b'}', 0)),
            b'[' => self.open.push(Context::Bracket(b']', 0)),
            b'(' => self.open.push(Context::Bracket(b')', 0)),
            b'}' | b']' | b')' => self.close(byte),
            b',' | b'=' | b':' => {
                if let Some(Context::Bracket(_, items)) = self.open.last_mut() {
                    *items += 1;
                    if *items > MAX_ITEMS {
                        self.fault = Some("a list or object is too long");
                    }
                }
            }
            _ => {}
        }
        self.at += 1;
    }

    fn close(&mut self, byte: u8) {
        match self.open.last() {
            Some(Context::Interpolation) if byte == b'}' => {
                self.open.pop();
            }
            Some(Context::Bracket(closing, _)) if *closing == byte => {
                self.open.pop();
            }
            _ => self.fault = Some("a closing bracket has no opening one"),
        }
    }

    /// Behind the next `end`, or in front of it.
    fn skip_to(&mut self, end: &str, behind: bool) {
        let rest = self.text.get(self.at..).unwrap_or("");
        let length = rest.find(end).map(|found| found + if behind { end.len() } else { 0 });
        self.at += length.unwrap_or(rest.len());
    }

    fn heredoc_start(&mut self) {
        let rest = self.text.get(self.at + 2..).unwrap_or("");
        let rest = rest.strip_prefix('-').unwrap_or(rest);
        let line = rest.split('\n').next().unwrap_or("");
        let word = line.trim_end_matches('\r');
        let is_word =
            !word.is_empty() && word.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '-'));
        if is_word {
            let start = self.at;
            self.at = self.text.len() - rest.len() + line.len();
            self.open.push(Context::Heredoc(word, Span::new(start, self.at)));
        } else {
            self.at += 2;
        }
    }

    fn heredoc(&mut self, byte: u8, word: &str, begin: Span) {
        if byte != b'\n' {
            return self.template(byte);
        }
        let rest = self.text.get(self.at + 1..).unwrap_or("");
        let start = rest.trim_start_matches([' ', '\t']);
        let ends = start.strip_prefix(word).is_some_and(|behind| {
            !behind.starts_with(|c: char| c.is_alphanumeric() || matches!(c, '_' | '-'))
        });
        let is_first = self.at == begin.end;
        self.at += 1;
        if ends {
            self.at += rest.len() - start.len() + word.len();
            self.open.pop();
            if is_first {
                self.empty.push(Span::new(begin.start, self.at));
            }
        }
    }

    fn quoted(&mut self, byte: u8) {
        match byte {
            b'\\' => self.at += 1 + self.next_char(1),
            b'"' => {
                self.open.pop();
                self.at += 1;
            }
            b'\n' => {
                // The end of the line is code again.
                self.open.pop();
                self.fault = Some("a string is not closed");
            }
            _ => self.template(byte),
        }
    }

    fn template(&mut self, byte: u8) {
        let starts = matches!(byte, b'$' | b'%');
        if starts && self.peek(1) == Some(byte) && self.peek(2) == Some(b'{') {
            self.at += 3;
        } else if starts && self.peek(1) == Some(b'{') {
            self.open.push(Context::Interpolation);
            self.at += 2;
        } else {
            self.at += 1;
        }
    }

    /// How long the character is that stands `ahead` bytes further.
    fn next_char(&self, ahead: usize) -> usize {
        let rest = self.text.get(self.at + ahead..).unwrap_or("");
        rest.chars().next().map_or(0, char::len_utf8)
    }
}
