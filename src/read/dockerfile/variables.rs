//! Quote removal and variable substitution, as `BuildKit`'s own small shell does them.
//!
//! Facts from `frontend/dockerfile/shell/lex.go` of moby/buildkit, v0.25.

use std::cell::Cell;
use std::ops::Range;
use std::rc::Rc;

use super::{Error, ErrorKind, Value};
use crate::hash::HashMap;
use crate::text::{Text, TextBuilder, UNKNOWN};

/// How much text the variables of one file may insert, in bytes and one for each use. `BuildKit` has
/// no limit, and `ENV A=$A$A` doubles; what is beyond is not known.
const MAX_INSERTED: usize = 1 << 20;

/// How deep `${a:-${b:-…}}` is followed; what nests deeper is not known.
const MAX_DEPTH: usize = 50;

/// The arguments that `BuildKit` sets by itself before the first `FROM`.
const PLATFORM: [&str; 11] = [
    "BUILDPLATFORM",
    "BUILDOS",
    "BUILDOSVERSION",
    "BUILDARCH",
    "BUILDVARIANT",
    "TARGETPLATFORM",
    "TARGETOS",
    "TARGETOSVERSION",
    "TARGETARCH",
    "TARGETVARIANT",
    "TARGETSTAGE",
];

/// The variables at one point of a file.
#[derive(Clone)]
pub(super) struct Scope {
    /// `None` for those whose value is not known.
    variables: HashMap<String, Option<String>>,
    /// Whether a name that the file does not set may have a value from the base image.
    has_image: bool,
    /// How much more may be inserted; shared by all scopes of a file.
    left: Rc<Cell<usize>>,
}

enum Variable<'a> {
    Set(&'a str),
    Unset,
    Unknown,
}

impl Default for Scope {
    /// The empty one in front of the first `FROM`.
    fn default() -> Self {
        let left = Rc::new(Cell::new(MAX_INSERTED));
        Self { variables: HashMap::default(), has_image: false, left }
    }
}

impl Scope {
    /// The scope at the beginning of a stage in the same file.
    pub(super) fn of_image(&self) -> Self {
        Self { variables: HashMap::default(), has_image: true, left: Rc::clone(&self.left) }
    }

    pub(super) fn set(&mut self, name: &str, value: Option<&str>) {
        self.variables.insert(name.to_owned(), value.map(str::to_owned));
    }

    /// The value of an argument that was declared here, `None` when that is not known.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.variables.get(name)?.as_deref()
    }

    /// A copy, if the copy's size may still be afforded.
    pub(super) fn try_clone(&self) -> Option<Self> {
        let size = |(name, value): (&String, &Option<String>)| {
            name.len() + value.as_ref().map_or(0, String::len) + 1
        };
        self.afford(self.variables.iter().map(size).sum()).then(|| self.clone())
    }

    fn lookup(&self, name: &str) -> Variable<'_> {
        match self.variables.get(name) {
            Some(Some(value)) if self.afford(value.len() + 1) => Variable::Set(value),
            Some(_) => Variable::Unknown,
            // `$1`, `$@` and the like are never set.
            None if !name.starts_with(|c: char| c.is_alphabetic() || c == '_') => Variable::Unset,
            None if self.has_image || PLATFORM.contains(&name) => Variable::Unknown,
            None => Variable::Unset,
        }
    }

    fn afford(&self, cost: usize) -> bool {
        let left = self.left.get().checked_sub(cost);
        self.left.set(left.unwrap_or(0));
        left.is_some()
    }
}

/// What the bytes `range` of `source` become in the container.
pub(super) fn expand(source: &Text, range: Range<usize>, escape: char, scope: &Scope) -> Value {
    let text = source.expose();
    let span = source.span_of(range.clone());
    let mut lexer = Lexer { escape, is_verbatim: false, ..Lexer::verbatim(text, range, scope) };
    // Go's scanner drops a byte order mark at the beginning.
    if lexer.peek() == Some('\u{feff}') {
        lexer.next();
    }
    match lexer.until(None) {
        _ if lexer.is_too_deep => Value::Dynamic(Text::produced_by(UNKNOWN, span)),
        Err(fault) => Value::Fails(Error { span: source.span_of(fault.range), kind: fault.kind }),
        Ok(()) => {
            let is_dynamic = lexer.is_dynamic;
            let mut builder = TextBuilder::default();
            for piece in lexer.output {
                match piece.text {
                    None => builder.copy(source, piece.range),
                    Some(text) => builder.push(&text, source.span_of(piece.range)),
                }
            }
            let text = builder.finish(span);
            if is_dynamic { Value::Dynamic(text) } else { Value::Known(text) }
        }
    }
}

/// What a run of the source becomes: itself, or `text`.
struct Piece {
    range: Range<usize>,
    text: Option<String>,
}

/// Why a text cannot be expanded.
pub(super) struct Fault {
    range: Range<usize>,
    kind: ErrorKind,
}

/// Walks through a text element by element: quotes, escapes, substitutions.
pub(super) struct Lexer<'a> {
    text: &'a str,
    at: usize,
    end: usize,
    escape: char,
    scope: &'a Scope,
    /// Whether variables stay as they are written, as in the names of here-documents.
    is_verbatim: bool,
    is_dynamic: bool,
    is_too_deep: bool,
    depth: usize,
    output: Vec<Piece>,
}

impl<'a> Lexer<'a> {
    /// A lexer over `range` of `text` that leaves variables as they are; a backslash escapes.
    pub(super) fn verbatim(text: &'a str, range: Range<usize>, scope: &'a Scope) -> Self {
        Self {
            text,
            at: range.start,
            end: range.end.min(text.len()),
            escape: '\\',
            scope,
            is_verbatim: true,
            is_dynamic: false,
            is_too_deep: false,
            depth: 0,
            output: Vec::new(),
        }
    }

    /// The whole text with quotes and escapes removed.
    pub(super) fn all(mut self) -> Result<String, Fault> {
        self.until(None)?;
        let text = self.text;
        let written = |piece: &Piece| {
            piece.text.clone().or_else(|| Some(text.get(piece.range.clone())?.to_owned()))
        };
        Ok(self.output.iter().filter_map(written).collect())
    }

    pub(super) const fn position(&self) -> usize {
        self.at
    }

    pub(super) fn peek(&self) -> Option<char> {
        self.text.get(self.at..self.end)?.chars().next()
    }

    pub(super) fn next(&mut self) {
        self.at += self.peek().map_or(0, char::len_utf8);
    }

    fn eat(&mut self, c: char) -> bool {
        let found = self.peek() == Some(c);
        if found {
            self.next();
        }
        found
    }

    /// Goes on to the end, or behind the next `stop` that is not quoted.
    fn until(&mut self, stop: Option<char>) -> Result<(), Fault> {
        let start = self.at;
        while let Some(c) = self.peek() {
            if Some(c) == stop {
                self.next();
                return Ok(());
            }
            match c {
                '\'' | '"' | '$' => self.element()?,
                _ if c == self.escape => {
                    let start = self.at;
                    self.next();
                    if self.at < self.end {
                        self.escaped(start);
                    }
                }
                _ => self.plain(),
            }
        }
        if stop.is_some() { self.fault(start, ErrorKind::BadSubstitution) } else { Ok(()) }
    }

    /// The quoted text or the substitution that begins here.
    pub(super) fn element(&mut self) -> Result<(), Fault> {
        match self.peek() {
            Some('\'') => self.single_quoted(),
            Some('"') => self.double_quoted(),
            _ => self.substitution(),
        }
    }

    fn single_quoted(&mut self) -> Result<(), Fault> {
        let start = self.at;
        self.next();
        let inner = self.text.get(self.at..self.end).unwrap_or("");
        let Some(length) = inner.find('\'') else {
            return self.fault(start, ErrorKind::UnterminatedQuote);
        };
        self.output.push(Piece { range: self.at..self.at + length, text: None });
        self.at += length + 1;
        Ok(())
    }

    fn double_quoted(&mut self) -> Result<(), Fault> {
        let start = self.at;
        self.next();
        while let Some(c) = self.peek() {
            match c {
                '"' => {
                    self.next();
                    return Ok(());
                }
                '$' => self.substitution()?,
                _ if c == self.escape => {
                    let start = self.at;
                    self.next();
                    match self.peek() {
                        Some(next) if next == '"' || next == '$' || next == self.escape => {
                            self.escaped(start);
                        }
                        // Any other escape stays as it is.
                        Some(_) => self.output.push(Piece { range: start..self.at, text: None }),
                        None => {}
                    }
                }
                _ => self.plain(),
            }
        }
        self.fault(start, ErrorKind::UnterminatedQuote)
    }

    /// The character here stands for itself.
    fn plain(&mut self) {
        let start = self.at;
        self.next();
        match self.output.last_mut() {
            Some(Piece { range, text: None }) if range.end == start => range.end = self.at,
            _ => self.output.push(Piece { range: start..self.at, text: None }),
        }
    }

    /// The character here was escaped; the escape began at `start`.
    fn escaped(&mut self, start: usize) {
        let text = self.peek().map(String::from);
        self.next();
        self.output.push(Piece { range: start..self.at, text });
    }

    /// `$name` or `${name…}`.
    fn substitution(&mut self) -> Result<(), Fault> {
        let start = self.at;
        self.next();
        if !self.eat('{') {
            let name = self.name();
            if name.is_empty() {
                self.output.push(Piece { range: start..self.at, text: None });
            } else {
                self.insert(name, start);
            }
            return Ok(());
        }
        if matches!(self.peek(), None | Some('{' | '}' | ':')) {
            return self.fault(start, ErrorKind::BadSubstitution);
        }
        let name = self.name();
        let colon = self.eat(':');
        let operator = self.peek();
        self.next();
        match operator {
            Some('}') if !colon => self.insert(name, start),
            Some('+' | '-' | '?') => self.conditional(name, start, colon, operator)?,
            Some('#' | '%') if !colon => {
                self.discard_until('}')?;
                self.pattern(start);
            }
            Some('/') if !colon => {
                self.eat('/');
                self.discard_until('/')?;
                self.discard_until('}')?;
                self.pattern(start);
            }
            // `BuildKit` looks at the operator only once it knows that the variable is not set.
            Some(_) if colon && self.is_verbatim && !matches!(operator, Some('#' | '%')) => {
                self.discard_until('}')?;
                self.pattern(start);
            }
            _ => return self.fault(start, ErrorKind::BadSubstitution),
        }
        Ok(())
    }

    /// `${name:-word}` and its like, behind the operator.
    fn conditional(
        &mut self,
        name: &str,
        start: usize,
        colon: bool,
        operator: Option<char>,
    ) -> Result<(), Fault> {
        let was_dynamic = self.is_dynamic;
        let word = self.discard_until('}')?;
        let word_is_dynamic = std::mem::replace(&mut self.is_dynamic, was_dynamic);
        if self.is_verbatim {
            self.pattern(start);
            return Ok(());
        }
        let value = match self.scope.lookup(name) {
            Variable::Unknown => {
                self.unknown(start);
                return Ok(());
            }
            Variable::Set("") if colon => None,
            Variable::Set(value) => Some(value.to_owned()),
            Variable::Unset => None,
        };
        match (operator, value) {
            (Some('?'), None) => return self.fault(start, ErrorKind::RequiredVariable),
            (Some('+'), Some(_)) | (Some('-'), None) => {
                self.is_dynamic |= word_is_dynamic;
                self.output.extend(word);
            }
            (Some('+'), None) => {}
            (_, value) => self.output.push(Piece { range: start..self.at, text: value }),
        }
        Ok(())
    }

    /// Goes behind the next `stop` and gives what stands in front of it, without adding it.
    fn discard_until(&mut self, stop: char) -> Result<Vec<Piece>, Fault> {
        if self.depth == MAX_DEPTH {
            self.is_too_deep = true;
            return self.fault(self.at, ErrorKind::BadSubstitution);
        }
        self.depth += 1;
        let before = std::mem::take(&mut self.output);
        let ended = self.until(Some(stop));
        self.depth -= 1;
        let word = std::mem::replace(&mut self.output, before);
        ended.map(|()| word)
    }

    /// The variable that was written from `start` to here.
    fn insert(&mut self, name: &str, start: usize) {
        if self.is_verbatim {
            self.output.push(Piece { range: start..self.at, text: None });
            return;
        }
        match self.scope.lookup(name) {
            Variable::Set(value) => {
                self.output.push(Piece { range: start..self.at, text: Some(value.to_owned()) });
            }
            Variable::Unset => {}
            Variable::Unknown => self.unknown(start),
        }
    }

    /// A substitution by pattern, from `start` to here: not worked out.
    fn pattern(&mut self, start: usize) {
        if self.is_verbatim {
            self.output.push(Piece { range: start..self.at, text: None });
        } else {
            self.unknown(start);
        }
    }

    /// What was written from `start` to here becomes something that nothing tells.
    fn unknown(&mut self, start: usize) {
        self.is_dynamic = true;
        self.output.push(Piece { range: start..self.at, text: Some(UNKNOWN.to_string()) });
    }

    /// A variable's name: digits, one special character, or letters, digits and `_`.
    fn name(&mut self) -> &'a str {
        let rest = self.text.get(self.at..self.end).unwrap_or("");
        let length = match rest.chars().next() {
            Some(c) if c.is_numeric() => rest.find(|c: char| !c.is_numeric()),
            Some('@' | '*' | '#' | '?' | '-' | '$' | '!') => Some(1),
            _ => rest.find(|c: char| !(c.is_alphanumeric() || c == '_')),
        };
        let name = rest.get(..length.unwrap_or(rest.len())).unwrap_or("");
        self.at += name.len();
        name
    }

    fn fault<T>(&self, start: usize, kind: ErrorKind) -> Result<T, Fault> {
        Err(Fault { range: start..self.end, kind })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn expanded(text: &str) -> Result<String, &'static str> {
        let mut scope = Scope::default();
        scope.set("PWD", Some("/home"));
        scope.set("EMPTY", Some(""));
        scope.set("UNKNOWN", None);
        let source = Text::verbatim(text, 0);
        match expand(&source, 0..text.len(), '\\', &scope) {
            Value::Known(text) => Ok(text.expose().to_owned()),
            Value::Dynamic(_) => Err("dynamic"),
            Value::Fails(error) => Err(match error.kind {
                ErrorKind::UnterminatedQuote => "quote",
                ErrorKind::RequiredVariable => "required",
                _ => "substitution",
            }),
        }
    }

    #[test]
    fn removes_quotes_and_substitutes() {
        let cases = [
            ("he'll'o", "hello"),
            (r"he\'llo", "he'llo"),
            (r"abc\tdef", "abctdef"),
            (r#""abc\tdef""#, r"abc\tdef"),
            (r#""abc\\tdef""#, r"abc\tdef"),
            (r"'abc\tdef'", r"abc\tdef"),
            (r"hello\", "hello"),
            ("\"''\"", "''"),
            (r#"{"a":"b"}"#, "{a:b}"),
            (r#""{\"a\": \"$PWD\"}""#, r#"{"a": "/home"}"#),
            ("$.", "$."),
            ("he$1x", "hex"),
            ("a$", "a$"),
            (r#""he\$PWD$PWD""#, "he$PWD/home"),
            (r"he\\$PWD", r"he\/home"),
            ("'$PWD'", "$PWD"),
            ("he${XXX:-000}xx", "he000xx"),
            ("he${XXX:-${PWD:-yyy}}xx", "he/homexx"),
            ("${EMPTY-x}${EMPTY:-y}", "y"),
            ("${PWD:+${XXX}}x", "x"),
            ("${PWD:+000}${XXX+1}", "000"),
            (r"${XXX:-\${PWD}z}", "${PWDz}"),
            ("${aaa}}", "}"),
            ("$999aaa", "aaa"),
            ("${XXX:-$UNKNOWN}${PWD:-$UNKNOWN}", "dynamic"),
            ("${PWD:-$UNKNOWN}", "/home"),
            ("안'녕'", "안녕"),
            ("\u{feff}x", "x"),
        ];
        for (text, expected) in cases {
            let expected =
                if expected == "dynamic" { Err(expected) } else { Ok(expected.to_owned()) };
            assert_eq!(expanded(text), expected, "{text}");
        }
    }

    #[test]
    fn says_what_is_not_known_and_what_fails() {
        let cases = [
            ("$UNKNOWN", "dynamic"),
            ("${UNKNOWN:-x}", "dynamic"),
            ("$TARGETARCH", "dynamic"),
            ("${PWD#/}", "dynamic"),
            ("${PWD/a/b}", "dynamic"),
            ("'hello", "quote"),
            (r#""hello\""#, "quote"),
            ("${", "substitution"),
            ("${}", "substitution"),
            ("${{x}}", "substitution"),
            ("${.}", "substitution"),
            ("${PWD", "substitution"),
            ("${PWD:=x}", "substitution"),
            ("${PWD:#x}", "substitution"),
            ("${PWD/a}", "substitution"),
            ("${XXX?}", "required"),
            ("${EMPTY:?no}", "required"),
        ];
        for (text, expected) in cases {
            assert_eq!(expanded(text), Err(expected), "{text}");
        }
    }

    #[test]
    fn inserted_text_is_bounded() {
        let mut scope = Scope::default();
        scope.set("A", Some("xxxxxxxxxx"));
        let source = Text::verbatim("$A$A$A$A", 0);
        let mut longest = 0;
        while let Value::Known(text) = expand(&source, 0..8, '\\', &scope) {
            longest = text.expose().len();
            scope.set("A", Some(text.expose()));
        }
        assert!((1000..=MAX_INSERTED).contains(&longest), "{longest}");

        let nested = "${a:-".repeat(100_000);
        assert_eq!(expanded(&nested), Err("dynamic"));
    }
}
