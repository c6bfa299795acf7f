//! JSON of which parts are not known: whether anything put there makes JSON of it.

use super::{Error, ErrorKind, parse};
use crate::text::UNKNOWN;

/// What is wrong with `text`, whatever stands in the place of each [`UNKNOWN`]: no text at all, a part of a string, or
/// brackets and quotes. `None` where something makes JSON of it.
///
/// Each part between two such places is read on its own, in every state that what stands before it may leave: it is
/// wrong when it is wrong in all of them.
#[must_use]
pub fn error_of_any(text: &str) -> Option<Error> {
    let begins = |bracket: char| text.trim_start_matches(BLANKS).starts_with(bracket);
    let closing = [('{', '}'), ('[', ']')].into_iter().find(|(opens, _)| begins(*opens));
    let mut parts = text.split(UNKNOWN).peekable();
    let mut start = 0;
    let mut is_in_string = false;
    while let Some(part) = parts.next() {
        let is_last = parts.peek().is_none();
        let closing = closing.map(|(_, closes)| closes).filter(|_| is_last);
        let read = |from: From| Reader::new(part, start, from, is_last).run(closing);
        let error = if start == 0 {
            read(From::Beginning).err()
        } else {
            // What people see in it is said.
            let seen = if is_in_string { From::String } else { From::Anything };
            let all =
                [seen, From::Anything, From::String, From::Backslash].map(|it| read(it).err());
            let is_wrong = all.iter().all(Option::is_some);
            all.into_iter().next().flatten().filter(|_| is_wrong)
        };
        if error.is_some() {
            return error;
        }
        is_in_string = leaves_string(part, is_in_string);
        start += part.len() + UNKNOWN.len_utf8();
    }
    None
}

const BLANKS: [char; 4] = [' ', '\t', '\n', '\r'];

/// Whether a string is open behind `part`, when one is open before it or not.
fn leaves_string(part: &str, is_in_string: bool) -> bool {
    let mut is_in_string = is_in_string;
    let mut is_escaped = false;
    for byte in part.bytes() {
        is_in_string ^= byte == b'"' && !is_escaped;
        is_escaped = byte == b'\\' && !is_escaped && is_in_string;
    }
    is_in_string
}

/// What stands before a part.
#[derive(Clone, Copy, PartialEq, Eq)]
enum From {
    /// Nothing.
    Beginning,
    /// Something that does not end inside of a string.
    Anything,
    /// The beginning of a string.
    String,
    /// A string that ends in a backslash.
    Backslash,
}

/// What may come next.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Next {
    Anything,
    Value,
    ValueOrEnd,
    Key,
    KeyOrEnd,
    /// What follows a comma in an object or a list.
    KeyOrValue,
    Colon,
    BehindValue,
    /// What follows a string that is a key or a value.
    BehindKeyOrValue,
}

/// Reads one part.
struct Reader<'a> {
    part: &'a str,
    at: usize,
    /// Where the part begins in the whole text.
    start: usize,
    from: From,
    is_last: bool,
    next: Next,
    /// The brackets that are open for certain.
    open: Vec<char>,
}

impl<'a> Reader<'a> {
    fn new(part: &'a str, start: usize, from: From, is_last: bool) -> Self {
        let next = if from == From::Beginning { Next::Value } else { Next::Anything };
        Self { part, at: 0, start, from, is_last, next, open: Vec::new() }
    }

    /// Reads to the end of the part; `closing` is what the whole text must end with.
    fn run(mut self, closing: Option<char>) -> Result<(), Error> {
        if matches!(self.from, From::String | From::Backslash) {
            self.string(0, self.from == From::Backslash)?;
        }
        while let Some(c) = self.rest().chars().next() {
            match c {
                _ if BLANKS.contains(&c) => self.at += 1,
                '"' => {
                    self.takes(Self::takes_string(self.next))?;
                    self.at += 1;
                    self.string(self.at - 1, false)?;
                }
                '{' | '[' => {
                    self.takes(self.takes_value())?;
                    self.open.push(c);
                    self.next = if c == '{' { Next::KeyOrEnd } else { Next::ValueOrEnd };
                    self.at += 1;
                }
                '}' | ']' => self.close(c)?,
                ':' => {
                    let takes =
                        matches!(self.next, Next::Anything | Next::Colon | Next::BehindKeyOrValue);
                    self.takes(takes)?;
                    if self.is_inside_of_unknown() {
                        self.open.push('{');
                    }
                    self.next = Next::Value;
                    self.at += 1;
                }
                ',' => self.comma()?,
                _ => self.literal()?,
            }
        }
        self.end(closing)
    }

    fn rest(&self) -> &'a str {
        self.part.get(self.at..).unwrap_or("")
    }

    fn error(&self, kind: ErrorKind) -> Error {
        Error { at: self.start + self.at, kind }
    }

    fn takes(&self, does: bool) -> Result<(), Error> {
        if does { Ok(()) } else { Err(self.error(self.expected())) }
    }

    /// What is missed, in Python's words.
    fn expected(&self) -> ErrorKind {
        match self.next {
            Next::Key | Next::KeyOrEnd => ErrorKind::PropertyName,
            Next::KeyOrValue if self.rest().starts_with('}') => ErrorKind::PropertyName,
            Next::Colon => ErrorKind::Colon,
            Next::BehindValue if self.open.is_empty() && self.from == From::Beginning => {
                ErrorKind::ExtraData
            }
            Next::BehindValue | Next::BehindKeyOrValue => ErrorKind::Comma,
            Next::Anything | Next::Value | Next::ValueOrEnd | Next::KeyOrValue => ErrorKind::Value,
        }
    }

    /// Whether the innermost bracket may have been opened by what is not known.
    const fn is_inside_of_unknown(&self) -> bool {
        self.open.is_empty() && !matches!(self.from, From::Beginning)
    }

    const fn takes_value(&self) -> bool {
        matches!(self.next, Next::Anything | Next::Value | Next::ValueOrEnd | Next::KeyOrValue)
    }

    const fn takes_string(next: Next) -> bool {
        !matches!(next, Next::Colon | Next::BehindValue | Next::BehindKeyOrValue)
    }

    /// The rest of a string that began at byte `quote` of the part.
    fn string(&mut self, quote: usize, is_escaped: bool) -> Result<(), Error> {
        let mut is_escaped = is_escaped;
        for (at, c) in self.rest().char_indices().map(|(at, c)| (self.at + at, c)) {
            match c {
                _ if is_escaped && !"\"\\/bfnrtu".contains(c) => {
                    return Err(Error { at: self.start + at, kind: ErrorKind::Escape });
                }
                '\0'..' ' => {
                    return Err(Error { at: self.start + at, kind: ErrorKind::ControlCharacter });
                }
                '"' if !is_escaped => {
                    self.at = at + 1;
                    self.next = match self.next {
                        Next::Value | Next::ValueOrEnd => Next::BehindValue,
                        Next::Key | Next::KeyOrEnd => Next::Colon,
                        _ => Next::BehindKeyOrValue,
                    };
                    return Ok(());
                }
                _ => is_escaped = c == '\\' && !is_escaped,
            }
        }
        self.at = self.part.len();
        let error = Error { at: self.start + quote, kind: ErrorKind::UnterminatedString };
        if self.is_last { Err(error) } else { Ok(()) }
    }

    fn close(&mut self, bracket: char) -> Result<(), Error> {
        let opening = if bracket == '}' { '{' } else { '[' };
        let fits = match self.open.last() {
            Some(open) => *open == opening,
            None => self.is_inside_of_unknown(),
        };
        let takes = match self.next {
            Next::Anything | Next::BehindValue | Next::BehindKeyOrValue => true,
            Next::KeyOrEnd | Next::ValueOrEnd => fits,
            _ => false,
        };
        self.takes(takes && fits)?;
        self.open.pop();
        self.next = Next::BehindValue;
        self.at += 1;
        Ok(())
    }

    fn comma(&mut self) -> Result<(), Error> {
        let takes =
            matches!(self.next, Next::Anything | Next::BehindValue | Next::BehindKeyOrValue);
        self.takes(takes && (!self.open.is_empty() || self.is_inside_of_unknown()))?;
        self.next = match self.open.last() {
            Some('{') => Next::Key,
            Some(_) => Next::Value,
            None => Next::KeyOrValue,
        };
        self.at += 1;
        Ok(())
    }

    /// A number or a word; one beside what is not known may be the rest of one.
    fn literal(&mut self) -> Result<(), Error> {
        let is_end = |c: char| BLANKS.contains(&c) || "{}[]:,\"".contains(c);
        let rest = self.rest();
        let word = rest.split(is_end).next().unwrap_or(rest);
        let is_whole = (self.at > 0 || self.from == From::Beginning)
            && (self.is_last || word.len() < rest.len());
        let may_be_part = |c: char| c.is_ascii_alphanumeric() || "+-.".contains(c);
        let is_one = if is_whole { parse(word).is_ok() } else { word.chars().all(may_be_part) };
        self.takes(self.takes_value())?;
        if !is_one {
            let at_key = matches!(self.next, Next::Key | Next::KeyOrEnd);
            return Err(self.error(if at_key { self.expected() } else { ErrorKind::Value }));
        }
        self.next = Next::BehindValue;
        self.at += word.len();
        Ok(())
    }

    fn end(&self, closing: Option<char>) -> Result<(), Error> {
        if !self.is_last {
            return Ok(());
        }
        let is_whole =
            matches!(self.next, Next::Anything | Next::BehindValue | Next::BehindKeyOrValue);
        let end = self.part.trim_end_matches(BLANKS);
        let is_closed = self.open.is_empty()
            && closing.is_none_or(|closing| {
                end.ends_with(closing) || end.is_empty() && self.from != From::Beginning
            });
        match (is_whole, is_closed) {
            (true, true) => Ok(()),
            (true, false) => Err(self.error(ErrorKind::Comma)),
            (false, _) => Err(self.error(self.expected())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with_holes(text: &str) -> String {
        text.replace('?', &UNKNOWN.to_string())
    }

    #[test]
    fn what_is_wrong_whatever_stands_there_is_found() {
        use ErrorKind as K;
        for (text, at, kind) in [
            (r#"{"a": "?",}"#, r"}", K::PropertyName),
            (r#"{"a": ?,}"#, r"}", K::PropertyName),
            (r#"{"a": "?""#, "", K::Comma),
            (r#"{"a": "?", "b": {"c": 1}"#, "", K::Comma),
            (r#"{"a": "?", "b": True}"#, "True}", K::Value),
            (r#"{"a": True, "b": "?"}"#, "True, \"b\": \"?\"}", K::Value),
            (r#"{"a": ?, "b": True}"#, "True}", K::Value),
            (r#"{"a": "?" "b": 1}"#, "\"b\": 1}", K::Comma),
            (r#"{"a": "?", 'b': 1}"#, "'b': 1}", K::Value),
            (r#"{'a': "?"}"#, r#"'a': "?"}"#, K::PropertyName),
            ("{\n  \"a\": \"?\",\n  \"b\": \"c\",\n}\n", "}\n", K::PropertyName),
            (r#"{"a": "?/x", "b": "?",}"#, "}", K::PropertyName),
            (r#"{"a": ["?", 1,]}"#, "]}", K::Value),
            (r#"{"a": "?", "b": "c}"#, "\"c}", K::UnterminatedString),
        ] {
            let text = with_holes(text);
            let error = error_of_any(&text).unwrap_or_else(|| panic!("{text}"));
            assert_eq!((text.get(error.at..), error.kind), (Some(with_holes(at).as_str()), kind));
        }
    }

    #[test]
    fn what_may_be_json_is_not_wrong() {
        for text in [
            "?",
            "{?}",
            "{?",
            "?}",
            r#"{"a": ?"#,
            r#"{"a": "?"}"#,
            r#"{"a": "?/b/?", "c": ?}"#,
            r#"{"a": [?, "b"], ?}"#,
            r#"{"a": ? "b": 1}"#,
            r#"{"a": "? "b": 1}"#,
            r#"{"a": tr?e, "b": 1?}"#,
            r#"{"a": "x\?", "b": "c"}"#,
            "{\"a\": \"?\"\n}\n",
            r#"{? , "a": 1}"#,
            r#"{"a": 1 ?"#,
            r#"?"a": 1}"#,
            r#"{"a": {?}, "b": [{"c": "?"}]}"#,
        ] {
            assert_eq!(error_of_any(&with_holes(text)), None, "{text}");
        }
    }

    proptest::proptest! {
        #[test]
        fn what_can_be_filled_is_not_wrong(
            text in r#"(\{("a"|"b\\\\"): ("x"|1|true|null|\[1, "y"\]|\{\}|\{"c": "\\""\})(, "d": ("z"|-1[.]5|false))?\})"#,
            cuts in proptest::collection::vec((0_usize..60, 0_usize..12), 1..4),
        ) {
            let mut holed: Vec<char> = text.chars().collect();
            for (at, length) in cuts {
                let at = at.min(holed.len());
                let end = (at + length).min(holed.len());
                holed.splice(at..end, [UNKNOWN]);
            }
            let holed: String = holed.into_iter().collect();
            proptest::prop_assert!(parse(&text).is_ok());
            proptest::prop_assert_eq!(error_of_any(&holed), None);
        }
    }
}
