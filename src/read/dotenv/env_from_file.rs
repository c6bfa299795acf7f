//! `env_from_file`: subosito/gotenv v1.6.0, `StrictParse`, behind `astro env variable … --from-file`
//! (astro-cli 1.43.0 on). Lines are joined while a quote is open, then each must match one pattern.
//!
//! Where a `\r\n` in an open quote happens to lie on the edge of the program's 4 KiB buffer, it
//! counts as two line ends; that is not imitated.

use std::borrow::Cow;
use std::ops::Range;

use super::expand::expand;
use super::reading::{Gathered, Keep, Reason, Stop};
use super::rewrite::{Escape, drop_backslash, slice, unescape};
use super::scanner::{LineEnds, Lines, TooLong, trimmed};
use super::{Host, Reading};
use crate::text::{Span, Text, TextBuilder};

pub(super) fn read(text: &str, host: &Host) -> Reading {
    let start = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
    let mut lines = Lines::starting_at(text, start, LineEnds::Any);
    let mut gathered = Gathered::new(Keep::Last);
    let end = (|| {
        while let Some(line) = lines.next() {
            let line = line.map_err(|TooLong(span)| Stop::at(Reason::LineTooLong, span))?;
            let line = trimmed(text, line);
            let content = line.of(text);
            if content.is_empty() || content.starts_with('#') {
                continue;
            }
            let logical = match open_quote(content) {
                Some(quote) => join(text, line, quote, &mut lines)?,
                None => Text::verbatim(content, line.start),
            };
            assign(text, &logical, host, &mut gathered)?;
        }
        Ok(())
    })();
    gathered.finish(end)
}

/// The quote that a value on `line` opens and does not close.
fn open_quote(line: &str) -> Option<char> {
    let separator = line.find('=').or_else(|| line.find(':')).filter(|at| *at > 0)?;
    let value = line.get(separator + 1..)?.trim();
    let quote = value.chars().next().filter(|char| matches!(char, '"' | '\''))?;
    let rest = value.get(1..)?.trim();
    // The program means the character before the quote; it looks in `value`, which may be longer at
    // the front than `rest`.
    let closed = rest.rfind(quote).is_some_and(|at| value.as_bytes().get(at) != Some(&b'\\'));
    (!closed).then_some(quote)
}

/// `first` and the lines behind it, up to one that holds `quote` without a backslash before it.
fn join(text: &str, first: Span, quote: char, lines: &mut Lines<'_>) -> Result<Text, Stop> {
    let mut built = TextBuilder::default();
    built.verbatim(first.of(text), first.start);
    let mut end = first.end;
    for line in lines {
        let Ok(line) = line else { break };
        built.push("\n", Span::new(end, line.start));
        built.verbatim(line.of(text), line.start);
        end = line.end;
        if let Some(at) = line.of(text).rfind(quote)
            && !line.of(text).get(..at).is_some_and(|before| before.ends_with('\\'))
        {
            return Ok(built.finish(Span::new(first.start, end)));
        }
    }
    Err(Stop::at(Reason::QuoteOpen, first))
}

fn assign(text: &str, line: &Text, host: &Host, gathered: &mut Gathered) -> Result<(), Stop> {
    let Some((key, value)) = parts(line.expose()) else {
        return Err(Stop::at(Reason::NotAnAssignment, line.span()));
    };
    let key = line.span_of(key);
    let quote = quote_around(line.expose().get(value.clone()).unwrap_or(""));
    let span = Span::new(line.span().start, line.span_of(value.clone()).end.max(key.end));
    let inside = if quote.is_some() { value.start + 1..value.end - 1 } else { value };
    let mut value = slice(line, inside);
    if quote == Some('"') {
        value = unescape(value, |rest| only(rest, r"\n", "\n"));
        value = unescape(value, |rest| only(rest, r"\r", "\r"));
        value = unescape(value, drop_backslash);
    }
    if quote != Some('\'') {
        let lookup = |name: &str| match host.get(name) {
            Some(value) => Some(value.as_str()),
            None => gathered.value(name),
        };
        value = expand(value, false, gathered, lookup)?;
    }
    gathered.add(text, key, value, span);
    Ok(())
}

/// The pass that decodes `escape` and nothing else.
fn only<'e>(rest: &str, escape: &str, with: &'e str) -> Escape<'e> {
    if rest.starts_with(escape) {
        Escape::Become(escape.len(), Cow::Borrowed(with))
    } else {
        Escape::Keep(1)
    }
}

fn quote_around(value: &str) -> Option<char> {
    ['"', '\'']
        .into_iter()
        .find(|quote| value.strip_prefix(*quote).is_some_and(|inside| inside.ends_with(*quote)))
}

/// The key and the value in `line`, as the program's pattern for a line divides it.
fn parts(line: &str) -> Option<(Range<usize>, Range<usize>)> {
    let start = skip_blanks(line, 0);
    let exported = line.get(start..)?.strip_prefix("export").and_then(|_| {
        let name = skip_blanks(line, start + "export".len());
        (name > start + "export".len()).then(|| assignment(line, name)).flatten()
    });
    exported.or_else(|| assignment(line, start))
}

fn assignment(line: &str, start: usize) -> Option<(Range<usize>, Range<usize>)> {
    let is_key_char = |char: char| char.is_ascii_alphanumeric() || matches!(char, '_' | '.');
    let length = line.get(start..)?.find(|char| !is_key_char(char))?;
    let key = start..start + length;
    let separator = skip_blanks(line, key.end);
    let value = if line.get(separator..)?.starts_with('=') {
        value_at(line, skip_blanks(line, separator + 1))
    } else {
        line.get(key.end..)?.strip_prefix(':')?;
        let blank = key.end + 1;
        let value = skip_blanks(line, blank);
        // Behind a colon the pattern takes as little white space as it can, and a quote counts only
        // where the value begins: two blanks hide it, unless nothing else fits.
        match value - blank {
            0 => None,
            1 => value_at(line, value),
            _ => unquoted_at(line, blank + 1).or_else(|| value_at(line, value)),
        }
    }?;
    (length > 0).then_some((key, trimmed_range(line, value)))
}

/// The value that begins at `start`, if what follows it is at most a comment.
fn value_at(line: &str, start: usize) -> Option<Range<usize>> {
    quoted_at(line, start).or_else(|| unquoted_at(line, start))
}

/// A quoted value with its quotes: up to the last quote behind which only a comment stands.
fn quoted_at(line: &str, start: usize) -> Option<Range<usize>> {
    let rest = line.get(start..)?;
    let quote = rest.chars().next().filter(|char| matches!(char, '"' | '\''))?;
    let newline = line.rfind('\n');
    let ends = rest.rmatch_indices(quote).map(|(at, _)| start + at + 1);
    let end =
        ends.filter(|end| *end > start + 1).find(|end| nothing_follows(line, *end, newline))?;
    Some(start..end)
}

/// A value without quotes: up to a `#` or the end of the line; it may be empty.
fn unquoted_at(line: &str, start: usize) -> Option<Range<usize>> {
    let rest = line.get(start..)?;
    let end = start + rest.find(['#', '\n']).unwrap_or(rest.len());
    nothing_follows(line, end, line.rfind('\n')).then_some(start..end)
}

/// Whether behind `at` there is nothing but white space and a comment on the last line, which
/// begins behind `newline`.
fn nothing_follows(line: &str, at: usize, newline: Option<usize>) -> bool {
    let next = skip_blanks(line, at);
    match line.as_bytes().get(next) {
        None => true,
        Some(b'#') => newline.is_none_or(|newline| newline < next),
        Some(_) => false,
    }
}

/// The offset behind the white space at `at`, as Go's `\s` defines it.
fn skip_blanks(line: &str, at: usize) -> usize {
    let rest = line.get(at..).unwrap_or("");
    line.len() - rest.trim_start_matches(['\t', '\n', '\x0c', '\r', ' ']).len()
}

fn trimmed_range(line: &str, range: Range<usize>) -> Range<usize> {
    let span = trimmed(line, range.into());
    span.start..span.end
}
