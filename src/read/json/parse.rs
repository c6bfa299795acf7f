//! `json.loads`, with spans.

use super::{Error, ErrorKind, Kind, Member, Value};
use crate::hash::HashMap;
use crate::text::{Span, Spanned};

/// How deep arrays and objects may nest. `CPython` up to 3.11 gives up near 990 levels less the
/// depth of the caller's stack, 3.12 at 1,497, 3.13 near 10,000.
pub const MAX_DEPTH: usize = 900;

/// How many digits an integer may have (`sys.int_info.default_max_str_digits`, since the security
/// releases of September 2022).
pub const MAX_INTEGER_DIGITS: usize = 4300;

/// Reads `text` as `json.loads(text)` does.
///
/// # Errors
/// When `json.loads` raises, with the byte of the text that its message points at.
pub fn parse(text: &str) -> Result<Value, Error> {
    let mut reader = Reader { text, bytes: text.as_bytes(), at: 0 };
    if text.starts_with('\u{feff}') {
        return Err(reader.error(ErrorKind::ByteOrderMark));
    }
    reader.document()
}

struct Reader<'a> {
    text: &'a str,
    bytes: &'a [u8],
    at: usize,
}

/// An array or object whose closing bracket was not seen yet.
enum Open {
    Array { start: usize, elements: Vec<Value> },
    Object { start: usize, members: Vec<Member>, key: Spanned<String> },
}

impl Reader<'_> {
    /// Keeps its own stack, so that nesting costs memory and no call depth.
    fn document(&mut self) -> Result<Value, Error> {
        let mut stack: Vec<Open> = Vec::new();
        loop {
            self.skip_space();
            let Some(mut value) = self.value_or_open(&mut stack)? else { continue };
            loop {
                self.skip_space();
                let Some(container) = stack.pop() else {
                    let ended = self.at == self.bytes.len();
                    return if ended { Ok(value) } else { Err(self.error(ErrorKind::ExtraData)) };
                };
                match self.put(value, container)? {
                    Put::Closed(closed) => value = closed,
                    Put::Expecting(container) => {
                        stack.push(container);
                        break;
                    }
                }
            }
        }
    }

    /// A whole scalar or empty container; `None` after opening a container that has content.
    fn value_or_open(&mut self, stack: &mut Vec<Open>) -> Result<Option<Value>, Error> {
        let start = self.at;
        let (closing, empty) = match self.peek() {
            Some(b'{') => (b'}', Kind::Object(Vec::new())),
            Some(b'[') => (b']', Kind::Array(Vec::new())),
            _ => return self.scalar().map(Some),
        };
        if stack.len() == MAX_DEPTH {
            return Err(self.error(ErrorKind::TooDeep));
        }
        self.at += 1;
        self.skip_space();
        if self.eat(closing) {
            return Ok(Some(Value { span: Span::new(start, self.at), kind: empty }));
        }
        stack.push(if closing == b']' {
            Open::Array { start, elements: Vec::new() }
        } else {
            Open::Object { start, members: Vec::new(), key: self.key()? }
        });
        Ok(None)
    }

    /// Puts `value` into the innermost container and reads what follows it there.
    fn put(&mut self, value: Value, container: Open) -> Result<Put, Error> {
        match container {
            Open::Array { start, mut elements } => {
                elements.push(value);
                if self.eat(b',') {
                    return Ok(Put::Expecting(Open::Array { start, elements }));
                }
                self.expect(b']', ErrorKind::Comma)?;
                let span = Span::new(start, self.at);
                Ok(Put::Closed(Value { span, kind: Kind::Array(elements) }))
            }
            Open::Object { start, mut members, key } => {
                members.push(Member { key, value, overridden: false });
                if self.eat(b',') {
                    self.skip_space();
                    let key = self.key()?;
                    return Ok(Put::Expecting(Open::Object { start, members, key }));
                }
                self.expect(b'}', ErrorKind::Comma)?;
                mark_overridden(&mut members);
                let span = Span::new(start, self.at);
                Ok(Put::Closed(Value { span, kind: Kind::Object(members) }))
            }
        }
    }

    /// `"key" :`
    fn key(&mut self) -> Result<Spanned<String>, Error> {
        let start = self.at;
        if self.peek() != Some(b'"') {
            return Err(self.error(ErrorKind::PropertyName));
        }
        let key = Spanned::new(self.string()?, Span::new(start, self.at));
        self.skip_space();
        self.expect(b':', ErrorKind::Colon)?;
        Ok(key)
    }

    fn scalar(&mut self) -> Result<Value, Error> {
        const WORDS: [(&str, Kind); 3] =
            [("null", Kind::Null), ("true", Kind::Bool(true)), ("false", Kind::Bool(false))];

        let start = self.at;
        let rest = self.text.get(start..).unwrap_or("");
        let kind = if self.peek() == Some(b'"') {
            Kind::String(self.string()?)
        } else if let Some((word, kind)) =
            WORDS.into_iter().find(|(word, _)| rest.starts_with(word))
        {
            self.at += word.len();
            kind
        } else {
            Kind::Number(self.number(rest)?)
        };
        Ok(Value { span: Span::new(start, self.at), kind })
    }

    fn number(&mut self, rest: &str) -> Result<String, Error> {
        let word = ["NaN", "Infinity", "-Infinity"].into_iter().find(|word| rest.starts_with(word));
        let (length, integer_digits) = match word {
            Some(word) => (word.len(), None),
            None => number_length(rest.as_bytes()).ok_or(self.error(ErrorKind::Value))?,
        };
        if integer_digits.is_some_and(|digits| digits > MAX_INTEGER_DIGITS) {
            return Err(self.error(ErrorKind::IntegerTooLong));
        }
        self.at += length;
        Ok(rest.get(..length).unwrap_or("").to_owned())
    }

    /// A string; `at` stands on its opening quote.
    fn string(&mut self) -> Result<String, Error> {
        let unterminated = self.error(ErrorKind::UnterminatedString);
        let mut decoded = String::new();
        self.at += 1;
        loop {
            let run = self.at;
            while self.peek().is_some_and(|byte| byte >= 0x20 && byte != b'"' && byte != b'\\') {
                self.at += 1;
            }
            decoded.push_str(self.text.get(run..self.at).unwrap_or(""));
            match self.peek() {
                None => return Err(unterminated),
                Some(b'"') => {
                    self.at += 1;
                    return Ok(decoded);
                }
                Some(b'\\') => decoded.push(self.escape(unterminated)?),
                Some(_) => return Err(self.error(ErrorKind::ControlCharacter)),
            }
        }
    }

    /// The character that an escape stands for; `at` stands on the backslash.
    fn escape(&mut self, unterminated: Error) -> Result<char, Error> {
        let decoded = match self.bytes.get(self.at + 1) {
            None => return Err(unterminated),
            Some(b'u') => return self.unicode_escape(),
            Some(b'"') => '"',
            Some(b'\\') => '\\',
            Some(b'/') => '/',
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(_) => return Err(self.error(ErrorKind::Escape)),
        };
        self.at += 2;
        Ok(decoded)
    }

    fn unicode_escape(&mut self) -> Result<char, Error> {
        let high = self.code_unit(self.at)?;
        self.at += 6;
        // Only a high surrogate looks ahead, and Python reports a broken second half at once.
        if (0xd800..0xdc00).contains(&high)
            && self.bytes.get(self.at..self.at + 2) == Some(b"\\u")
            && self.bytes.len() > self.at + 6
        {
            let low = self.code_unit(self.at)?;
            if (0xdc00..0xe000).contains(&low) {
                self.at += 6;
                let code = 0x1_0000 + ((high - 0xd800) << 10) + (low - 0xdc00);
                return Ok(char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER));
            }
        }
        Ok(char::from_u32(high).unwrap_or(char::REPLACEMENT_CHARACTER))
    }

    /// The four digits of the `\uXXXX` at `backslash`. Something must stand behind them: otherwise
    /// Python complains about the escape and not about the missing quote.
    fn code_unit(&self, backslash: usize) -> Result<u32, Error> {
        let digits = self.bytes.get(backslash + 2..backslash + 6);
        digits
            .filter(|digits| digits.iter().all(u8::is_ascii_hexdigit))
            .filter(|_| self.bytes.len() > backslash + 6)
            .and_then(|digits| std::str::from_utf8(digits).ok())
            .and_then(|digits| u32::from_str_radix(digits, 16).ok())
            .ok_or(Error { at: backslash + 1, kind: ErrorKind::UnicodeEscape })
    }

    fn skip_space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn eat(&mut self, byte: u8) -> bool {
        let found = self.peek() == Some(byte);
        self.at += usize::from(found);
        found
    }

    fn expect(&mut self, byte: u8, otherwise: ErrorKind) -> Result<(), Error> {
        if self.eat(byte) { Ok(()) } else { Err(self.error(otherwise)) }
    }

    fn error(&self, kind: ErrorKind) -> Error {
        Error { at: self.at, kind }
    }
}

/// What became of a container after a value was put into it.
enum Put {
    Closed(Value),
    Expecting(Open),
}

/// How many bytes at the beginning of `bytes` are a number, and how many digits it has if it is an
/// integer: `-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?`.
fn number_length(bytes: &[u8]) -> Option<(usize, Option<usize>)> {
    let digits =
        |from: usize| bytes.iter().skip(from).take_while(|byte| byte.is_ascii_digit()).count();
    let sign = usize::from(bytes.first() == Some(&b'-'));
    let integer = if bytes.get(sign) == Some(&b'0') { 1 } else { digits(sign) };
    if integer == 0 {
        return None;
    }
    let mut end = sign + integer;
    let mut is_integer = true;
    if bytes.get(end) == Some(&b'.') && digits(end + 1) > 0 {
        end += 1 + digits(end + 1);
        is_integer = false;
    }
    if matches!(bytes.get(end), Some(b'e' | b'E')) {
        let sign = usize::from(matches!(bytes.get(end + 1), Some(b'-' | b'+')));
        let exponent = digits(end + 1 + sign);
        if exponent > 0 {
            end += 1 + sign + exponent;
            is_integer = false;
        }
    }
    Some((end, is_integer.then_some(integer)))
}

/// Marks every member whose key comes again later.
fn mark_overridden(members: &mut [Member]) {
    let mut last: HashMap<&str, usize> = HashMap::default();
    last.reserve(members.len());
    for (index, member) in members.iter().enumerate() {
        last.insert(&member.key.node, index);
    }
    if last.len() == members.len() {
        return;
    }
    let kept: crate::hash::HashSet<usize> = last.into_values().collect();
    for (index, member) in members.iter_mut().enumerate() {
        member.overridden = !kept.contains(&index);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Texts that `json.loads` accepts, with the span of the value (checked with Python 3.11).
    #[test]
    fn accepts_what_python_accepts() {
        let cases: &[(&str, Span)] = &[
            ("{}", Span::new(0, 2)),
            (" \t\r\n[ ] \n", Span::new(4, 7)),
            ("NaN", Span::new(0, 3)),
            ("[Infinity, -Infinity]", Span::new(0, 21)),
            ("1e400", Span::new(0, 5)),
            ("-0", Span::new(0, 2)),
            (r#""\ud800""#, Span::new(0, 8)),
            (r#""\udc00\ud800""#, Span::new(0, 14)),
            (r#""\ud83d\ude00""#, Span::new(0, 14)),
            (r#"{"\ud800": "\ud800A"}"#, Span::new(0, 21)),
            ("\"\u{7f}\u{2028}\"", Span::new(0, 6)),
            (r#""\/\b\f\n\r\t\\\"""#, Span::new(0, 18)),
            (r#"{"a":{"b":[1,{"c":null}]}}"#, Span::new(0, 26)),
        ];
        for (text, span) in cases {
            assert_eq!(parse(text).map(|value| value.span), Ok(*span), "{text}");
        }
    }

    /// Texts that `json.loads` refuses, with the position it names (checked with Python 3.11).
    #[test]
    fn refuses_what_python_refuses() {
        use ErrorKind as K;
        let cases: &[(&str, usize, ErrorKind)] = &[
            ("", 0, K::Value),
            ("  ", 2, K::Value),
            ("\u{feff}{}", 0, K::ByteOrderMark),
            ("\u{a0}{}", 0, K::Value),
            ("\u{c}{}", 0, K::Value),
            ("{", 1, K::PropertyName),
            ("{'a': 1}", 1, K::PropertyName),
            ("{a: 1}", 1, K::PropertyName),
            (r#"{"a""#, 4, K::Colon),
            (r#"{"a" 1}"#, 5, K::Colon),
            (r#"{"a":"#, 5, K::Value),
            (r#"{"a": True}"#, 6, K::Value),
            (r#"{"a": 1,}"#, 8, K::PropertyName),
            (r#"{"a": 1 "b": 2}"#, 8, K::Comma),
            ("[", 1, K::Value),
            ("[1,]", 3, K::Value),
            ("[1", 2, K::Comma),
            ("{} x", 3, K::ExtraData),
            ("01", 1, K::ExtraData),
            ("1.", 1, K::ExtraData),
            ("1e", 1, K::ExtraData),
            ("-", 0, K::Value),
            ("-NaN", 0, K::Value),
            ("+1", 0, K::Value),
            (".5", 0, K::Value),
            ("nul", 0, K::Value),
            (r#"["a"#, 1, K::UnterminatedString),
            (r#""a\"#, 0, K::UnterminatedString),
            ("\"a\tb\"", 2, K::ControlCharacter),
            ("\"a\nb\"", 2, K::ControlCharacter),
            ("\"a\0b\"", 2, K::ControlCharacter),
            (r#""a\x41""#, 2, K::Escape),
            (r#""a\'""#, 2, K::Escape),
            (r#""\u12"#, 2, K::UnicodeEscape),
            (r#""\u12g4""#, 2, K::UnicodeEscape),
            (r#""\u1234"#, 2, K::UnicodeEscape),
            (r#""\ud800\u12g4""#, 8, K::UnicodeEscape),
            (r#""\ud800\u12"#, 8, K::UnicodeEscape),
            ("{“a”: 1}", 1, K::PropertyName),
        ];
        for (text, at, kind) in cases {
            let error = parse(text).expect_err(text);
            assert_eq!((error.at, error.kind), (*at, *kind), "{text}");
        }
    }

    #[test]
    fn keeps_pythons_limits() {
        let nested = |depth: usize| "[".repeat(depth) + &"]".repeat(depth);
        assert!(parse(&nested(MAX_DEPTH)).is_ok());
        let too_deep = Error { at: MAX_DEPTH, kind: ErrorKind::TooDeep };
        assert_eq!(parse(&nested(MAX_DEPTH + 1)), Err(too_deep));
        assert_eq!(parse(&"[".repeat(1_000_000)), Err(too_deep));

        let digits = "1".repeat(MAX_INTEGER_DIGITS);
        assert!(parse(&format!("-{digits}")).is_ok());
        assert_eq!(
            parse(&format!("[{digits}1]")).map_err(|e| e.kind),
            Err(ErrorKind::IntegerTooLong)
        );
        assert!(parse(&format!("{digits}1.0")).is_ok());
    }

    #[test]
    fn decodes_strings() {
        let cases = [
            (r#""\u00e4\/\t""#, "ä/\t"),
            (r#""\ud83d\ude00""#, "😀"),
            (r#""\ud83dx""#, "\u{fffd}x"),
            (r#""\ud83d\u0041""#, "\u{fffd}A"),
            ("\"ä\\\\\"", "ä\\"),
        ];
        for (text, expected) in cases {
            assert_eq!(parse(text).expect(text).as_str(), Some(expected));
        }
    }

    fn check_spans(value: &Value, text: &str) {
        assert!(!value.span.of(text).is_empty());
        if let Kind::Array(elements) = &value.kind {
            for element in elements {
                check_spans(element, text);
            }
        }
        for member in value.members() {
            assert!(member.key.span.of(text).starts_with('"'));
            assert!(value.span.contains(member.key.span) && value.span.contains(member.value.span));
            check_spans(&member.value, text);
        }
    }

    proptest! {
        /// Where the standard and Python agree, a standard reader accepts the same texts.
        #[test]
        fn agrees_with_a_standard_reader(text in r#"([\[\]{}:,]|"[a\\u0-9é\t]{0,6}"|[-+.eE0-9]{1,4}|null|true| )*"#) {
            let standard = serde_json::from_str::<serde_json::Value>(&text);
            let ours = parse(&text);
            // serde_json refuses what Python takes: lone surrogates and numbers beyond f64.
            let python_only = text.contains("\\u") || text.to_ascii_lowercase().contains('e');
            prop_assert!(ours.is_ok() == standard.is_ok() || (python_only && ours.is_ok()), "{}", text);
        }

        #[test]
        fn any_text_gives_spans_inside_it(text in r#"([\[\]{}:,"\\u0-9a-fäNI \n-]|"k":|"v")*"#) {
            match parse(&text) {
                Ok(value) => check_spans(&value, &text),
                Err(error) => prop_assert!(text.is_char_boundary(error.at)),
            }
        }

        #[test]
        fn no_text_panics(text in any::<String>()) {
            if let Err(error) = parse(&text) {
                prop_assert!(text.is_char_boundary(error.at));
            }
        }
    }
}
