//! `compose_legacy`: compose-spec/godotenv v1.1.1, which compose-go v1.0.8 and with it astro-cli up
//! to 1.32 used. The ancestor of `compose`, with its own answers almost everywhere.

use std::borrow::Cow;

use super::compose::is_blank;
use super::expand::expand;
use super::reading::{Gathered, Keep, Reason, Stop};
use super::rewrite::{Escape, drop_backslash, unescape};
use super::{Host, Reading};
use crate::text::{Span, Text};

pub(super) fn read(text: &str, host: &Host) -> Reading {
    let mut gathered = Gathered::new(Keep::Last);
    let end = Parser { text, at: 0 }.read(host, &mut gathered);
    gathered.finish(end)
}

struct Parser<'t> {
    text: &'t str,
    at: usize,
}

impl<'t> Parser<'t> {
    fn read(mut self, host: &Host, gathered: &mut Gathered) -> Result<(), Stop> {
        while let Some(start) = self.statement() {
            let (key, ends_line) = self.key()?;
            let name = key.of(self.text);
            if name.contains(' ') {
                return Err(Stop::at(Reason::KeyBlank, key));
            }
            // A key that ends its line takes the host's value or, if the host has none, the next
            // line, whatever that is.
            if ends_line && host.contains_key(name) {
                gathered.inherit(self.text, key, host);
                continue;
            }
            let (value, end) = self.value(gathered, host)?;
            gathered.add(self.text, key, value, Span::new(start, end));
        }
        Ok(())
    }

    fn rest(&self) -> &'t str {
        self.text.get(self.at..).unwrap_or("")
    }

    fn skip_blanks(&mut self) {
        self.at = self.text.len() - self.rest().trim_start_matches(is_blank).len();
    }

    fn statement(&mut self) -> Option<usize> {
        loop {
            self.at = self.text.len() - self.rest().trim_start().len();
            let rest = self.rest();
            if !rest.starts_with('#') {
                return (!rest.is_empty()).then_some(self.at);
            }
            self.at += rest.find('\n')?;
        }
    }

    /// The key, and whether it ended with its line. The program looks at bytes, each as if it were
    /// a character of Latin-1.
    fn key(&mut self) -> Result<(Span, bool), Stop> {
        let start = self.at;
        self.at += if self.rest().starts_with("export") { "export".len() } else { 0 };
        self.skip_blanks();
        if self.rest().is_empty() {
            return Err(Stop::at(Reason::KeyMissing, Span::new(start, self.text.trim_end().len())));
        }
        let mut end = None;
        for (at, byte) in self.rest().bytes().enumerate() {
            match byte {
                b'=' | b':' | b'\n' => {
                    end = Some((at, byte == b'\n'));
                    break;
                }
                b'_' => {}
                _ if is_blank(char::from(byte)) || char::from(byte).is_alphanumeric() => {}
                _ => {
                    let from = self.text.floor_char_boundary(self.at + at);
                    let to = self.text.ceil_char_boundary(self.at + at + 1);
                    return Err(Stop::at(Reason::KeyCharacter, Span::new(from, to)));
                }
            }
        }
        // As in `compose`, a last line without a separator is the value of an empty key.
        let (length, ends_line) = end.unwrap_or((0, false));
        let key = self.rest().get(..length).unwrap_or("").trim_end();
        let span = Span::new(self.at, self.at + key.len());
        self.at += length + usize::from(end.is_some());
        self.skip_blanks();
        Ok((span, ends_line))
    }

    /// The value, and where it ends with its quotes.
    fn value(&mut self, gathered: &Gathered, host: &Host) -> Result<(Text, usize), Stop> {
        // An empty value in the file counts as none.
        let lookup = |name: &str| {
            let own = gathered.value(name).filter(|value| !value.is_empty());
            own.or_else(|| host.get(name).map(String::as_str))
        };
        let Some(quote @ ('"' | '\'')) = self.rest().chars().next() else {
            let line = self.rest().split('\n').next().unwrap_or("");
            let value = Text::verbatim(line.trim_end(), self.at);
            self.at += line.len();
            let end = value.span().end;
            return Ok((expand(value, true, gathered, lookup)?, end));
        };
        let mut value = self.quoted(quote)?;
        if quote == '"' {
            value = unescape(unescape(value, line_ends), drop_backslash);
            value = expand(value, true, gathered, lookup)?;
        }
        Ok((value, self.at))
    }

    /// A quoted value: up to the next such quote that does not follow a backslash; then all such
    /// quotes at both ends go.
    fn quoted(&mut self, quote: char) -> Result<Text, Stop> {
        let rest = self.rest();
        let escaped = |at: usize| rest.get(..at).is_some_and(|before| before.ends_with('\\'));
        let mut quotes = rest.match_indices(quote).map(|(at, _)| at).skip(1);
        let Some(closing) = quotes.find(|at| !escaped(*at)) else {
            let first_line = rest.split('\n').next().unwrap_or("").trim_end();
            let span = Span::new(self.at, self.at + first_line.len());
            return Err(Stop::at(Reason::QuoteOpen, span));
        };
        let inside = rest.get(..closing).unwrap_or("").trim_end_matches(quote);
        let value = inside.trim_start_matches(quote);
        let start = self.at + 1.max(inside.len() - value.len());
        self.at += closing + 1;
        Ok(Text::verbatim(value, start))
    }
}

/// The first pass over a double-quoted value: only line ends are decoded, all other escapes are
/// left to the second.
fn line_ends(rest: &str) -> Escape<'_> {
    match rest.chars().nth(1) {
        Some('n') => Escape::Become(2, Cow::Borrowed("\n")),
        Some('r') => Escape::Become(2, Cow::Borrowed("\r")),
        Some('\n') | None => Escape::Keep(1),
        Some(char) => Escape::Keep(1 + char.len_utf8()),
    }
}
