//! What `$` begins: variables, command substitutions, arithmetic.

use super::ErrorKind;
use super::frame::Frame;
use super::reader::Reader;
use super::word::{Content, Part, name_length};

/// The longest arithmetic expression that is looked at to tell it from nested parentheses, in bytes.
const MAX_ARITHMETIC: usize = 512;

impl Reader<'_> {
    /// The substitution that begins at the `$` here, or the `$` itself.
    pub(super) fn dollar(&mut self, is_quoted: bool, parts: &mut Vec<Part>) {
        let start = self.at;
        self.advance();
        let content = match self.peek() {
            Some('\'') if !is_quoted => return self.ansi_c_quoted(start, parts),
            Some('"') if !is_quoted => return self.double_quoted(start, parts),
            Some('(') => {
                if !self.arithmetic("((", "))") {
                    self.advance();
                    self.substituted_commands(start);
                }
                Content::Unknown
            }
            Some('[') if self.arithmetic("[", "]") => Content::Unknown,
            Some('{') => return self.parameter(start, is_quoted, parts),
            Some('@' | '*') => {
                self.advance();
                Content::UnknownList
            }
            Some(c) if "#?-$!".contains(c) || c.is_ascii_digit() => {
                self.advance();
                Content::Unknown
            }
            _ => match name_length(self.rest()) {
                0 => {
                    parts.push(Part::new(start..self.at, Content::Itself, true));
                    return;
                }
                length => {
                    let name = self.rest().get(..length).unwrap_or("");
                    self.at += length;
                    self.variable(name)
                }
            },
        };
        parts.push(Part::new(start..self.at, content, is_quoted));
    }

    /// The value of the variable `name`.
    fn variable(&mut self, name: &str) -> Content {
        self.out.variables.value(name).map_or(Content::Unknown, Content::Value)
    }

    /// `${…}`, whose brace stands here.
    fn parameter(&mut self, start: usize, is_quoted: bool, parts: &mut Vec<Part>) {
        self.advance();
        let inner = self.at;
        let length = name_length(self.rest());
        let name = self.rest().get(..length).unwrap_or("");
        let after = self.rest().get(length..).unwrap_or("");
        if length > 0 && after.starts_with('}') {
            self.at += length + 1;
            let content = self.variable(name);
            parts.push(Part::new(start..self.at, content, is_quoted));
            return;
        }
        if after.starts_with(":=") || after.starts_with('=') {
            self.out.writes.push(name.to_owned());
        }
        let checkpoint = self.out.checkpoint();
        if !self.enter() {
            return;
        }
        let is_closed = self.skip_parameter(is_quoted);
        self.leave();
        if !is_closed {
            self.out.restore(checkpoint);
            return self.open(start, ErrorKind::UnterminatedSubstitution, parts);
        }
        let written = self.text.get(inner..self.at).unwrap_or("");
        let is_list = ["@", "*"].iter().any(|sign| written.starts_with(sign))
            || written.contains("[@]")
            || written.contains("[*]");
        let content = if is_list { Content::UnknownList } else { Content::Unknown };
        parts.push(Part::new(start..self.at, content, is_quoted));
    }

    /// Goes behind the `}` that ends a parameter; whether there is one.
    fn skip_parameter(&mut self, is_quoted: bool) -> bool {
        let mut ignored = Vec::new();
        while let Some(c) = self.peek() {
            match c {
                '}' => {
                    self.advance();
                    return true;
                }
                '\\' => {
                    self.advance();
                    self.advance();
                }
                '\'' if !is_quoted => self.single_quoted(&mut ignored),
                '"' => self.double_quoted(self.at, &mut ignored),
                '`' => self.backtick(is_quoted, &mut ignored),
                '$' => self.dollar(is_quoted, &mut ignored),
                _ => self.advance(),
            }
            ignored.clear();
        }
        false
    }

    /// Goes behind the arithmetic expression between `open`, which may stand here, and `close`;
    /// whether there is one.
    pub(super) fn arithmetic(&mut self, open: &str, close: &str) -> bool {
        let rest = self.rest();
        let Some(inner) = rest.strip_prefix(open) else { return false };
        let limit = inner.floor_char_boundary(MAX_ARITHMETIC);
        let (opens, closes) = if close == "]" { ('[', ']') } else { ('(', ')') };
        let mut depth = 0_usize;
        for (at, c) in inner.get(..limit).unwrap_or("").char_indices() {
            if c == opens {
                depth += 1;
            } else if c == closes && depth > 0 {
                depth -= 1;
            } else if c == closes {
                if !inner.get(at..).is_some_and(|rest| rest.starts_with(close)) {
                    return false;
                }
                self.arithmetic_writes(inner.get(..at).unwrap_or(""));
                self.at += open.len() + at + close.len();
                return true;
            }
        }
        false
    }

    /// Notes the variables that an arithmetic expression may set.
    fn arithmetic_writes(&mut self, expression: &str) {
        if !["=", "++", "--"].iter().any(|sign| expression.contains(sign)) {
            return;
        }
        let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
        let names = expression.split(|c| !is_name(c)).filter(|name| name_length(name) > 0);
        self.out.writes.extend(names.map(str::to_owned));
    }

    /// The commands of a substitution that began at `start`, behind its parenthesis; goes behind the
    /// one that closes it.
    pub(super) fn substituted_commands(&mut self, start: usize) {
        if !self.enter() {
            return;
        }
        let mut context = self.frame.context();
        context.is_in_subshell = true;
        let outer = std::mem::replace(&mut self.frame, Frame::substitution(context));
        let is_closed = self.commands();
        self.frame = outer;
        self.leave();
        if !is_closed {
            self.error(start, ErrorKind::UnterminatedSubstitution);
        }
    }
}
