//! The parts of a text that was meant as JSON and is not: enough to mask it and to repair it.

use crate::text::Span;

/// One part of a text; white space lies between the parts.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Token {
    /// Its bytes, with the quotes.
    pub span: Span,
    /// What it looks like.
    pub kind: TokenKind,
}

/// What a part of a text looks like.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum TokenKind {
    /// One of `{ } [ ] : ,`.
    Punctuation(char),
    /// Something in quotes; without the closing one it ends with its line.
    Quoted {
        /// The quotes it begins with.
        quote: Quote,
        /// Whether the closing quote was found.
        closed: bool,
    },
    /// Anything else, up to white space, punctuation or a quote.
    Word,
}

/// The kinds of quotes that people write.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Quote {
    /// `"`
    Double,
    /// `'`
    Single,
    /// `\"`, from a layer of quoting that nothing removed.
    Escaped,
    /// `“”„‟` and `«»`, as word processors put them.
    TypographicDouble,
    /// `‘’‚‛`
    TypographicSingle,
}

const TYPOGRAPHIC_DOUBLE: [char; 6] = ['“', '”', '„', '‟', '«', '»'];
const TYPOGRAPHIC_SINGLE: [char; 4] = ['‘', '’', '‚', '‛'];

impl Quote {
    /// The quote that `text` begins with.
    pub(super) fn at_start_of(text: &str) -> Option<Self> {
        match text.chars().next()? {
            '"' => Some(Self::Double),
            '\'' => Some(Self::Single),
            '\\' if text.starts_with("\\\"") => Some(Self::Escaped),
            c if TYPOGRAPHIC_DOUBLE.contains(&c) => Some(Self::TypographicDouble),
            c if TYPOGRAPHIC_SINGLE.contains(&c) => Some(Self::TypographicSingle),
            _ => None,
        }
    }

    /// The length of the opening quote at the start of `text`, or of the closing one.
    fn length(self, text: &str) -> usize {
        if self == Self::Escaped { 2 } else { text.chars().next().map_or(0, char::len_utf8) }
    }
}

impl Token {
    /// The bytes between the quotes, or the whole token when it has none.
    #[must_use]
    pub fn content(self, text: &str) -> Span {
        let TokenKind::Quoted { quote, closed } = self.kind else { return self.span };
        let written = self.span.of(text);
        let opening = quote.length(written);
        let closing = match (closed, quote) {
            (false, _) => 0,
            (true, Quote::Escaped) => 2,
            (true, _) => written.chars().next_back().map_or(0, char::len_utf8),
        };
        Span::new(self.span.start + opening, self.span.end - closing)
    }
}

/// Cuts any text into parts, in order; nothing but white space is left out.
#[must_use]
pub fn tokens(text: &str) -> Vec<Token> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(rest) = text.get(at..)
        && let Some(first) = rest.chars().next()
    {
        if first.is_whitespace() {
            at += first.len_utf8();
            continue;
        }
        let (length, kind) = if is_punctuation(first) {
            (first.len_utf8(), TokenKind::Punctuation(first))
        } else if let Some(quote) = Quote::at_start_of(rest) {
            let (length, closed) = quoted_length(rest, quote);
            (length, TokenKind::Quoted { quote, closed })
        } else {
            // An apostrophe inside a word is no quote; one at its start is.
            let length = rest.find(|c: char| c.is_whitespace() || is_punctuation(c) || c == '"');
            (length.unwrap_or(rest.len()), TokenKind::Word)
        };
        found.push(Token { span: Span::new(at, at + length), kind });
        at += length;
    }
    found
}

const fn is_punctuation(c: char) -> bool {
    matches!(c, '{' | '}' | '[' | ']' | ':' | ',')
}

/// The length of the quoted text that `rest` begins with, and whether it is closed.
fn quoted_length(rest: &str, quote: Quote) -> (usize, bool) {
    let opening = quote.length(rest);
    let mut chars = rest.char_indices().skip_while(|(at, _)| *at < opening).peekable();
    while let Some((at, c)) = chars.next() {
        if c == '\n' {
            return (at, false);
        }
        let closes = match quote {
            Quote::Double => c == '"',
            Quote::Single => c == '\'',
            Quote::TypographicDouble => TYPOGRAPHIC_DOUBLE.contains(&c),
            Quote::TypographicSingle => TYPOGRAPHIC_SINGLE.contains(&c),
            Quote::Escaped => c == '\\' && chars.peek().is_some_and(|(_, next)| *next == '"'),
        };
        if closes {
            return (at + if quote == Quote::Escaped { 2 } else { c.len_utf8() }, true);
        }
        if c == '\\' {
            chars.next_if(|(_, next)| *next != '\n');
            // One layer further out, `\\` is the backslash of an escape: `\\\"` or `\\n`.
            if quote == Quote::Escaped && chars.next_if(|(_, next)| *next == '\\').is_some() {
                chars.next_if(|(_, next)| *next != '\n');
            }
        }
    }
    (rest.len(), false)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn written(text: &str) -> Vec<&str> {
        tokens(text).iter().map(|token| token.span.of(text)).collect()
    }

    #[test]
    fn cuts_what_people_write() {
        let cases: &[(&str, &[&str])] = &[
            ("{'a': True,}", &["{", "'a'", ":", "True", ",", "}"]),
            ("{a: b c}", &["{", "a", ":", "b", "c", "}"]),
            ("{“a”: ‘b’}", &["{", "“a”", ":", "‘b’", "}"]),
            (r#"{"a\"b": "c}"#, &["{", r#""a\"b""#, ":", "\"c}"]),
            ("{\"a: 1,\n\"b\": 2", &["{", "\"a: 1,", "\"b\"", ":", "2"]),
            (r#"{\"a\": \"b\\\"c\"}"#, &["{", r#"\"a\""#, ":", r#"\"b\\\"c\""#, "}"]),
            ("{a: bob's, b: 'x'}", &["{", "a", ":", "bob's", ",", "b", ":", "'x'", "}"]),
            ("", &[]),
            ("'", &["'"]),
        ];
        for (text, expected) in cases {
            assert_eq!(written(text), *expected, "{text}");
        }
    }

    #[test]
    fn content_leaves_the_quotes_out() {
        for (text, content) in [
            ("\"a\"", "a"),
            ("'a'", "a"),
            ("“ä”", "ä"),
            (r#"\"a\""#, "a"),
            ("\"a", "a"),
            ("a", "a"),
            ("\"", ""),
            ("\"\"", ""),
        ] {
            assert_eq!(tokens(text)[0].content(text).of(text), content, "{text}");
        }
    }

    proptest! {
        #[test]
        fn tokens_and_white_space_make_up_the_text(text in r#"([{}\[\]:,"'\\“”‘’a1 \n]|\PC)*"#) {
            let mut end = 0;
            for token in tokens(&text) {
                prop_assert!(token.span.start >= end && token.span.end > token.span.start);
                prop_assert!(Span::new(end, token.span.start).of(&text).trim().is_empty());
                prop_assert!(text.get(token.span.start..token.span.end).is_some());
                let content = token.content(&text);
                prop_assert!(token.span.contains(content) && content.start <= content.end);
                prop_assert!(text.get(content.start..content.end).is_some());
                end = token.span.end;
            }
            prop_assert!(text[end..].trim().is_empty());
        }
    }
}
