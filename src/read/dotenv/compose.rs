//! `compose`: the `dotenv` package of compose-go, v2.4.5 to v2.9.1 (the versions that astro-cli
//! 1.33 to 1.45 links; the parser is the same in all of them).
//!
//! The file is one string, not a list of lines: a statement begins where the one before it ended,
//! so that two can stand on one line, and a quoted value can run over many.

use std::borrow::Cow;
use std::sync::LazyLock;

use regex::Regex;

use super::reading::{Failure, Gathered, Keep, Reason, Stop};
use super::rewrite::{Escape, unescape};
use super::{Host, Reading, template};
use crate::text::{Span, Text, TextBuilder};

const BYTE_ORDER_MARK: char = '\u{feff}';

pub(super) fn read(text: &str, host: &Host) -> Reading {
    let mut gathered = Gathered::new(Keep::Last);
    let start = if text.starts_with(BYTE_ORDER_MARK) { BYTE_ORDER_MARK.len_utf8() } else { 0 };
    let end = Parser { text, at: start, line: 1 }.read(host, &mut gathered);
    gathered.finish(end)
}

struct Parser<'t> {
    text: &'t str,
    at: usize,
    /// The line that messages name: counted as the program counts it, which is not always right.
    line: usize,
}

/// What stands before a value.
struct Head {
    key: Span,
    /// The key ended with its line: it takes the host's value.
    inherits: bool,
}

impl<'t> Parser<'t> {
    fn read(mut self, host: &Host, gathered: &mut Gathered) -> Result<(), Stop> {
        while let Some(start) = self.statement() {
            let head = self.head()?;
            if head.key.of(self.text).contains(' ') {
                return Err(self.failure(Reason::KeyBlank, head.key));
            }
            if head.inherits {
                gathered.inherit(self.text, head.key, host);
                continue;
            }
            let (value, end) = self.value(gathered, host)?;
            gathered.add(self.text, head.key, value, Span::new(start, end));
        }
        Ok(())
    }

    fn rest(&self) -> &'t str {
        self.text.get(self.at..).unwrap_or("")
    }

    const fn failure(&self, reason: Reason, span: Span) -> Stop {
        Stop::Failed(Failure { reason, span, named_line: Some(self.line) })
    }

    /// Goes to the next statement, over white space and comments.
    fn statement(&mut self) -> Option<usize> {
        loop {
            let rest = self.rest();
            let blank = rest.len() - rest.trim_start().len();
            self.line += newlines(rest.get(..blank).unwrap_or(""));
            self.at += blank;
            let rest = self.rest();
            if !rest.starts_with('#') {
                return (!rest.is_empty()).then_some(self.at);
            }
            self.at += rest.find('\n')?;
        }
    }

    fn head(&mut self) -> Result<Head, Stop> {
        let start = self.at;
        if let Some(after) = self.rest().strip_prefix("export")
            && after.starts_with(['\t', '\n', '\x0c', '\r', ' '])
        {
            self.at = self.text.len() - after.trim_start_matches(is_blank).len();
        }
        let rest = self.rest();
        if rest.is_empty() {
            let end = self.text.trim_end().len();
            return Err(Stop::at(Reason::KeyMissing, Span::new(start, end)));
        }
        let mut end = None;
        for (at, char) in rest.char_indices() {
            match char {
                '=' | ':' | '\n' => {
                    end = Some((at, char == '\n'));
                    break;
                }
                _ if is_blank(char) || is_key_char(char) => {}
                _ => {
                    let span = Span::new(self.at + at, self.at + at + char.len_utf8());
                    return Err(self.failure(Reason::KeyCharacter, span));
                }
            }
        }
        // At the end of the file, without a separator, the program sets nothing aside for the key:
        // it is empty, and its text becomes the value.
        let (length, inherits) = end.unwrap_or((0, false));
        let key = rest.get(..length).unwrap_or("");
        if inherits && !key.contains(' ') {
            self.line += 1;
        }
        let span = Span::new(self.at, self.at + key.trim_end().len());
        self.at += length + usize::from(end.is_some());
        self.at = self.text.len() - self.rest().trim_start_matches(is_blank).len();
        Ok(Head { key: span, inherits })
    }

    /// The value, and where it ends with its quotes.
    fn value(&mut self, gathered: &Gathered, host: &Host) -> Result<(Text, usize), Stop> {
        let lookup = |name: &str| match host.get(name) {
            Some(value) => Some(value.as_str()),
            None => gathered.value(name),
        };
        let Some(quote @ ('"' | '\'')) = self.rest().chars().next() else {
            let value = self.bare();
            let end = value.span().end;
            return Ok((template::substitute(value, gathered, lookup)?, end));
        };
        let mut value = self.quoted(quote)?;
        if quote == '"' {
            value = template::substitute(unescape(value, escape), gathered, lookup)?;
        }
        Ok((value, self.at))
    }

    /// An unquoted value: up to the end of the line or to ` #`.
    fn bare(&mut self) -> Text {
        let rest = self.rest();
        let line = rest.split('\n').next().unwrap_or("");
        let value = line.split_once(" #").map_or(line, |(before, _)| before).trim_end();
        let text = Text::verbatim(value, self.at);
        self.at += (line.len() + 1).min(rest.len());
        self.line += 1;
        text
    }

    /// A quoted value: up to the next such quote that no backslash takes. A backslash before the
    /// quote goes; all others stay.
    fn quoted(&mut self, quote: char) -> Result<Text, Stop> {
        let rest = self.rest();
        let mut built = TextBuilder::default();
        let mut kept = 1;
        let mut at = 1;
        while let Some(found) = rest.get(at..).and_then(|rest| rest.find(['\\', quote])) {
            at += found;
            let mut next = rest.get(at..).unwrap_or("").chars();
            if next.next() == Some(quote) {
                built.verbatim(rest.get(kept..at).unwrap_or(""), self.at + kept);
                let text = built.finish(Span::new(self.at + 1, self.at + at));
                self.line += newlines(rest.get(..at).unwrap_or(""));
                self.at += at + 1;
                return Ok(text);
            }
            let escaped = next.next();
            if escaped == Some(quote) {
                built.verbatim(rest.get(kept..at).unwrap_or(""), self.at + kept);
                let source = Span::new(self.at + at, self.at + at + 2);
                built.push(source.of(self.text).trim_start_matches('\\'), source);
                kept = at + 2;
            }
            at += 1 + escaped.map_or(0, char::len_utf8);
        }
        self.line += newlines(rest);
        let first_line = rest.split('\n').next().unwrap_or("").trim_end();
        Err(self.failure(Reason::QuoteOpen, Span::new(self.at, self.at + first_line.len())))
    }
}

fn newlines(text: &str) -> usize {
    text.bytes().filter(|byte| *byte == b'\n').count()
}

/// White space inside a line, as compose-go and godotenv define it.
pub(super) const fn is_blank(char: char) -> bool {
    matches!(char, '\t' | '\x0b' | '\x0c' | '\r' | ' ' | '\u{85}' | '\u{a0}')
}

/// Go's `unicode.IsLetter` and `IsNumber`: `char::is_alphanumeric` would also take marks.
fn is_key_char(char: char) -> bool {
    static LETTER_OR_NUMBER: LazyLock<Option<Regex>> =
        LazyLock::new(|| Regex::new(r"\A[\p{L}\p{N}]").ok());
    if char.is_ascii() {
        return char.is_ascii_alphanumeric() || matches!(char, '_' | '.' | '-' | '[' | ']');
    }
    char.is_alphanumeric()
        && LETTER_OR_NUMBER
            .as_ref()
            .is_none_or(|pattern| pattern.is_match(char.encode_utf8(&mut [0; 4])))
}

/// The escapes of a double-quoted value. `\$` becomes `$$`, which the expansion makes a dollar.
fn escape(rest: &str) -> Escape<'_> {
    let with = match rest.as_bytes().get(1) {
        Some(b'a') => "\x07",
        Some(b'b') => "\x08",
        Some(b'f') => "\x0c",
        Some(b'n') => "\n",
        Some(b'r') => "\r",
        Some(b't') => "\t",
        Some(b'v') => "\x0b",
        Some(b'$') => "$$",
        Some(b'"') => "\"",
        Some(b'\\') => "\\",
        Some(b'0') => return octal(rest),
        // Listed by the program, but no escape of Go's: it stays.
        Some(b'c') => return Escape::Keep(2),
        _ => return Escape::Keep(1),
    };
    Escape::Become(2, Cow::Borrowed(with))
}

/// `\0` and exactly three octal digits, up to 255, make a character. With fewer or other digits,
/// only the `0` goes.
fn octal(rest: &str) -> Escape<'_> {
    let digits: Vec<char> = rest.chars().skip(2).take(3).take_while(char::is_ascii_digit).collect();
    let value = digits.iter().try_fold(0, |sum, digit| Some(sum * 8 + digit.to_digit(8)?));
    let length = 2 + digits.len();
    match value.and_then(|value| u8::try_from(value).ok()) {
        Some(value) if digits.len() == 3 => {
            Escape::Become(length, Cow::Owned(char::from(value).to_string()))
        }
        _ => {
            let kept = ['\\'].into_iter().chain(digits).collect();
            Escape::Become(length, Cow::Owned(kept))
        }
    }
}
