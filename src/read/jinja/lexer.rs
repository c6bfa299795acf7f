//! From text to words: what stands between two delimiters, by the rules of `jinja2/lexer.py` (2.11 to
//! 3.1 agree on them).

use super::{Fault, is_hole};
use crate::text::{Span, Text, TextBuilder};

/// A word between delimiters.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Token {
    pub(super) kind: TokenKind,
    pub(super) span: Span,
}

/// What a word is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum TokenKind {
    Name,
    Number,
    Str,
    Operator,
}

/// The words of one pair of delimiters.
pub(super) struct Words {
    pub(super) tokens: Vec<Token>,
    /// Behind the closing delimiter; `None` when the text ends before.
    pub(super) end: Option<usize>,
    pub(super) fault: Option<Fault>,
}

/// Longest first.
const OPERATORS: [&str; 25] = [
    "//", "**", "==", "!=", ">=", "<=", "+", "-", "/", "*", "%", "~", "[", "]", "(", ")", "{", "}",
    ">", "<", "=", ".", ":", "|", ",",
];

/// The words from byte `start` of `text` up to the delimiter `close`: `}}` or `%}`.
pub(super) fn words(text: &str, start: usize, close: &str) -> Words {
    let mut words = Words { tokens: Vec::new(), end: None, fault: None };
    let mut open: Vec<u8> = Vec::new();
    let mut at = start;
    loop {
        let rest = text.get(at..).unwrap_or("");
        let blank = rest.len() - rest.trim_start().len();
        at += blank;
        let rest = rest.get(blank..).unwrap_or("");
        if open.is_empty()
            && let Some(length) = closing(rest, close)
        {
            words.end = Some(at + length);
            return words;
        }
        let Some(first) = rest.chars().next() else {
            words.fault = Some(refused("the template ends inside of this", Span::new(start, at)));
            return words;
        };
        let before = text.get(..at).and_then(|it| it.chars().next_back());
        let Some((kind, length)) = word(rest, first, before) else {
            let span = Span::new(at, at + first.len_utf8());
            words.fault = Some(refused("unexpected character", span));
            words.end = resume(text, at);
            return words;
        };
        let span = Span::new(at, at + length);
        let closed = match rest.as_bytes().first() {
            Some(bracket @ (b'(' | b'[' | b'{')) => {
                open.push(*bracket);
                true
            }
            Some(b')') => open.pop() == Some(b'('),
            Some(b']') => open.pop() == Some(b'['),
            Some(b'}') => open.pop() == Some(b'{'),
            _ => true,
        };
        if !closed {
            words.fault = Some(refused("this bracket closes nothing", span));
            words.end = resume(text, at);
            return words;
        }
        words.tokens.push(Token { kind, span });
        at += length;
    }
}

pub(super) fn refused(message: &'static str, span: Span) -> Fault {
    Fault { message, span, is_refused: true }
}

/// The length of the delimiter `close` at the front of `rest`, with the sign before it.
fn closing(rest: &str, close: &str) -> Option<usize> {
    let sign = usize::from(rest.starts_with('-') || close == "%}" && rest.starts_with('+'));
    rest.get(sign..)?.starts_with(close).then_some(sign + close.len())
}

/// Where to read on behind a fault at byte `at`: behind the next closing delimiter.
fn resume(text: &str, at: usize) -> Option<usize> {
    let rest = text.get(at..)?;
    let next = [rest.find("}}"), rest.find("%}")].into_iter().flatten().min()?;
    Some(at + next + 2)
}

/// The word at the front of `rest`, which begins with `first`; `before` stands in front of it.
fn word(rest: &str, first: char, before: Option<char>) -> Option<(TokenKind, usize)> {
    match first {
        '\'' | '"' => string_length(rest, first).map(|length| (TokenKind::Str, length)),
        '0'..='9' => Some((TokenKind::Number, number_length(rest, before))),
        _ if is_name(first) => {
            let length = rest.find(|c| !is_name(c)).unwrap_or(rest.len());
            Some((TokenKind::Name, length))
        }
        _ => {
            let operator = OPERATORS.iter().find(|it| rest.starts_with(**it))?;
            Some((TokenKind::Operator, operator.len()))
        }
    }
}

fn is_name(c: char) -> bool {
    c.is_alphanumeric() || c == '_' || is_hole(c)
}

fn string_length(rest: &str, quote: char) -> Option<usize> {
    let mut escaped = false;
    rest.char_indices().skip(1).find_map(|(at, c)| {
        let ends = !escaped && c == quote;
        escaped = !escaped && c == '\\';
        ends.then_some(at + 1)
    })
}

/// Digits with `_` between them, and a fraction and exponent unless a `.` stands before: `x.0.1` is an
/// element of an element.
fn number_length(rest: &str, before: Option<char>) -> usize {
    let bytes = rest.as_bytes();
    let radix = match (bytes.first(), bytes.get(1).map(u8::to_ascii_lowercase)) {
        (Some(b'0'), Some(b'x')) => 16,
        (Some(b'0'), Some(b'o')) => 8,
        (Some(b'0'), Some(b'b')) => 2,
        _ => 10,
    };
    if radix != 10 {
        let digits = digits(bytes, 2, radix);
        return if digits > 2 { digits } else { 1 };
    }
    let mut end = digits(bytes, 0, 10);
    if before != Some('.') {
        if bytes.get(end) == Some(&b'.') && bytes.get(end + 1).is_some_and(u8::is_ascii_digit) {
            end = digits(bytes, end + 1, 10);
        }
        if matches!(bytes.get(end), Some(b'e' | b'E')) {
            let sign = usize::from(matches!(bytes.get(end + 1), Some(b'+' | b'-')));
            if bytes.get(end + 1 + sign).is_some_and(u8::is_ascii_digit) {
                end = digits(bytes, end + 1 + sign, 10);
            }
        }
    }
    end
}

/// Where the digits end that begin at byte `at`.
fn digits(bytes: &[u8], mut at: usize, radix: u32) -> usize {
    let is_digit = |at: usize| bytes.get(at).is_some_and(|byte| char::from(*byte).is_digit(radix));
    while is_digit(at) || bytes.get(at) == Some(&b'_') && is_digit(at + 1) {
        at += 1;
    }
    at
}

/// The text of the string at `span`, quotes included, with the places that its characters come from;
/// appended to `builder`. `false` where an escape is none.
pub(super) fn decode(builder: &mut TextBuilder, text: &str, span: Span) -> bool {
    let end = span.end.saturating_sub(1);
    let mut at = span.start + 1;
    while let Some(rest) = text.get(at..end).filter(|rest| !rest.is_empty()) {
        let plain = rest.find('\\').unwrap_or(rest.len());
        builder.verbatim(rest.get(..plain).unwrap_or(""), at);
        at += plain;
        let rest = rest.get(plain..).unwrap_or("");
        if rest.is_empty() {
            break;
        }
        let Some((decoded, length)) = escape(rest) else { return false };
        builder.push(&decoded, Span::new(at, at + length));
        at += length;
    }
    true
}

/// What the escape at the front of `rest` stands for, and its length. As Python's `unicode-escape`.
fn escape(rest: &str) -> Option<(String, usize)> {
    let second = rest.chars().nth(1)?;
    let hexadecimal = |length: usize| {
        let digits = rest.get(2..2 + length)?;
        let code = u32::from_str_radix(digits, 16).ok()?;
        Some((char::from_u32(code).unwrap_or('\u{fffd}').to_string(), 2 + length))
    };
    let simple = |c: char| Some((c.to_string(), 2));
    match second {
        '\n' => Some((String::new(), 2)),
        '\\' | '\'' | '"' => simple(second),
        'a' => simple('\u{7}'),
        'b' => simple('\u{8}'),
        'f' => simple('\u{c}'),
        'n' => simple('\n'),
        'r' => simple('\r'),
        't' => simple('\t'),
        'v' => simple('\u{b}'),
        'x' => hexadecimal(2),
        'u' => hexadecimal(4),
        'U' => hexadecimal(8),
        'N' => {
            let end = rest.strip_prefix("\\N{")?.find('}')?;
            Some(('\u{fffd}'.to_string(), end + 4))
        }
        '0'..='7' => {
            let digits: String =
                rest.chars().skip(1).take(3).take_while(|c| c.is_digit(8)).collect();
            let code = u32::from_str_radix(&digits, 8).ok()?;
            Some((char::from_u32(code)?.to_string(), 1 + digits.len()))
        }
        other => Some((format!("\\{other}"), 1 + other.len_utf8())),
    }
}

/// Strings side by side are one; `None` where an escape is none.
pub(super) fn joined(text: &str, strings: &[Span]) -> Option<Text> {
    let mut builder = TextBuilder::default();
    for span in strings {
        if !decode(&mut builder, text, *span) {
            return None;
        }
    }
    let (first, last) = (strings.first()?, strings.last()?);
    Some(builder.finish(Span::new(first.start + 1, last.end.saturating_sub(1))))
}
