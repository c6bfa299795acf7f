//! An iterative scan over a Python file that sees just enough of its words to know how deeply it is
//! nested and where its strings and comments stand. It follows the lexer of the parser (f-strings as
//! in PEP 701), also where quotes or brackets are missing, and never fails.

use crate::text::Span;

/// What the scan came across, at a place in the file.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Mark {
    /// From `#` to the end of the line.
    Comment(Span),
    /// What stands between the quotes of a string, or a literal part of an f-string.
    Literal(Span),
    /// A bracket, or the brace of an interpolation.
    Open(usize),
    /// Its end.
    Close,
    /// `lambda`: its `:` and the commas before that belong to it.
    Lambda(usize),
    /// Another operator that may nest one expression in another.
    Operator(usize),
    /// A colon outside an interpolation.
    Colon,
    /// `,`, or a `;` outside brackets.
    Separator,
    /// A new logical line, with the column and place of its first word.
    Line {
        /// With tabs to the next multiple of eight.
        column: usize,
        /// Where the first word stands.
        at: usize,
    },
}

/// What the scan is inside of.
#[derive(Clone, Copy)]
enum Frame {
    Bracket,
    /// The literal parts of an f-string.
    Interpolated(Quotes),
    /// `{…` of an f-string with those quotes.
    Interpolation(Quotes),
    /// `:…` of an interpolation; ends with the interpolation.
    Format(Quotes),
}

/// How a string ends.
#[derive(Clone, Copy)]
struct Quotes {
    byte: u8,
    triple: bool,
    raw: bool,
}

impl Quotes {
    const fn len(self) -> usize {
        if self.triple { 3 } else { 1 }
    }
}

struct Scan<'text, F> {
    text: &'text str,
    bytes: &'text [u8],
    at: usize,
    frames: Vec<Frame>,
    visit: F,
}

/// Scans `text` from front to back and hands out what it finds; stops when `visit` says `false`.
pub(super) fn scan(text: &str, visit: impl FnMut(Mark) -> bool) {
    let mut scan = Scan { text, bytes: text.as_bytes(), at: 0, frames: Vec::new(), visit };
    if text.starts_with('\u{feff}') {
        scan.at = 3;
    }
    if scan.line_start() {
        while scan.at < scan.bytes.len() && scan.step() {}
    }
}

impl<F: FnMut(Mark) -> bool> Scan<'_, F> {
    fn peek(&self, ahead: usize) -> u8 {
        self.bytes.get(self.at + ahead).copied().unwrap_or(0)
    }

    fn step(&mut self) -> bool {
        match self.frames.last().copied() {
            Some(Frame::Interpolated(quotes)) => self.interpolated(quotes, false),
            Some(Frame::Format(quotes)) => self.interpolated(quotes, true),
            Some(Frame::Bracket | Frame::Interpolation(_)) | None => self.code(),
        }
    }

    /// One word outside strings.
    fn code(&mut self) -> bool {
        let at = self.at;
        let byte = self.peek(0);
        match byte {
            b'\n' | b'\r' => {
                self.at += 1;
                return !self.frames.is_empty() || self.line_start();
            }
            b'#' => {
                self.at = self.line_end(at);
                return (self.visit)(Mark::Comment(Span::new(at, self.at)));
            }
            b'\'' | b'"' => return self.string(b""),
            b'\\' => {
                self.at += if self.peek(1) == b'\r' && self.peek(2) == b'\n' { 3 } else { 2 };
                return true;
            }
            b'_' | b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z' | 0x80.. => return self.word(),
            _ => self.at += 1,
        }
        match byte {
            b'(' | b'[' | b'{' => {
                self.frames.push(Frame::Bracket);
                (self.visit)(Mark::Open(at))
            }
            b')' | b']' if matches!(self.frames.last(), Some(Frame::Interpolation(_))) => true,
            b')' | b']' | b'}' => self.frames.pop().is_none() || (self.visit)(Mark::Close),
            b',' => (self.visit)(Mark::Separator),
            b';' if self.frames.is_empty() => (self.visit)(Mark::Separator),
            b':' => {
                if let Some(Frame::Interpolation(quotes)) = self.frames.last().copied() {
                    self.frames.push(Frame::Format(quotes));
                    return true;
                }
                (self.visit)(Mark::Colon)
            }
            b'.' | b'+' | b'-' | b'*' | b'/' | b'%' | b'@' | b'&' | b'|' | b'^' | b'~' | b'<'
            | b'>' | b'=' => (self.visit)(Mark::Operator(at)),
            _ => true,
        }
    }

    /// A name, number or keyword, or the prefix of a string.
    fn word(&mut self) -> bool {
        let start = self.at;
        while matches!(self.peek(0), b'_' | b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z' | 0x80..) {
            self.at += 1;
        }
        let word = self.bytes.get(start..self.at).unwrap_or_default();
        if word.len() <= 2 && matches!(self.peek(0), b'\'' | b'"') {
            let mut prefix = word.to_ascii_lowercase();
            prefix.sort_unstable();
            if matches!(prefix.as_slice(), b"b" | b"f" | b"r" | b"t" | b"u" | b"br" | b"fr" | b"rt")
            {
                return self.string(&prefix);
            }
        }
        match word {
            b"lambda" => (self.visit)(Mark::Lambda(start)),
            b"if" | b"else" | b"for" | b"in" | b"is" | b"not" | b"and" | b"or" | b"await"
            | b"yield" | b"while" | b"with" | b"class" | b"def" | b"try" | b"async" => {
                (self.visit)(Mark::Operator(start))
            }
            _ => true,
        }
    }

    /// A string from its first quote on; for an f-string only that quote.
    fn string(&mut self, prefix: &[u8]) -> bool {
        let byte = self.peek(0);
        let triple = self.peek(1) == byte && self.peek(2) == byte;
        let quotes = Quotes { byte, triple, raw: prefix.contains(&b'r') };
        self.at += quotes.len();
        if prefix.contains(&b'f') || prefix.contains(&b't') {
            self.frames.push(Frame::Interpolated(quotes));
            return true;
        }
        let start = self.at;
        let mut end = self.bytes.len();
        while self.at < self.bytes.len() {
            match self.peek(0) {
                b'\\' if self.peek(1) == b'\r' && self.peek(2) == b'\n' => self.at += 3,
                b'\\' => self.at += 2,
                b'\n' | b'\r' if !triple => {
                    end = self.at;
                    break;
                }
                _ if self.ends(quotes) => {
                    end = self.at;
                    self.at += quotes.len();
                    break;
                }
                _ => self.at += 1,
            }
        }
        self.at = self.at.min(self.bytes.len());
        self.literal(start, end)
    }

    /// A literal part of an f-string, or of the format of one of its interpolations.
    fn interpolated(&mut self, quotes: Quotes, format: bool) -> bool {
        let start = self.at;
        let mut named = false;
        while self.at < self.bytes.len() {
            match self.peek(0) {
                b'\n' | b'\r' if !quotes.triple => {
                    let end = self.at;
                    return self.literal(start, end) && self.leave_string();
                }
                b'\\' if matches!(self.peek(1), b'{' | b'}') => self.at += 1,
                b'\\' if !quotes.raw && self.peek(1) == b'N' && self.peek(2) == b'{' => {
                    named = true;
                    self.at += 3;
                }
                b'\\' if self.peek(1) == b'\r' && self.peek(2) == b'\n' => self.at += 3,
                b'\\' => self.at += 2,
                b'{' if self.peek(1) == b'{' && !format => self.at += 2,
                b'{' => {
                    let open = self.at;
                    self.at += 1;
                    self.frames.push(Frame::Interpolation(quotes));
                    return self.literal(start, open) && (self.visit)(Mark::Open(open));
                }
                b'}' if named => {
                    named = false;
                    self.at += 1;
                }
                b'}' if self.peek(1) == b'}' && !format => self.at += 2,
                b'}' if format => {
                    let end = self.at;
                    self.at += 1;
                    self.frames.truncate(self.frames.len().saturating_sub(2));
                    return self.literal(start, end) && (self.visit)(Mark::Close);
                }
                _ if self.ends(quotes) => {
                    let end = self.at;
                    self.at += quotes.len();
                    return self.literal(start, end) && self.leave_string();
                }
                _ => self.at += 1,
            }
        }
        self.at = self.bytes.len();
        self.literal(start, self.at)
    }

    /// Leaves the innermost f-string with all that is open in it.
    fn leave_string(&mut self) -> bool {
        while let Some(frame) = self.frames.pop() {
            match frame {
                Frame::Interpolated(_) => break,
                Frame::Bracket | Frame::Interpolation(_) => {
                    if !(self.visit)(Mark::Close) {
                        return false;
                    }
                }
                Frame::Format(_) => {}
            }
        }
        true
    }

    fn ends(&self, quotes: Quotes) -> bool {
        (0..quotes.len()).all(|ahead| self.peek(ahead) == quotes.byte)
    }

    fn literal(&mut self, start: usize, end: usize) -> bool {
        start == end || (self.visit)(Mark::Literal(Span::new(start, end)))
    }

    fn line_end(&self, from: usize) -> usize {
        let rest = self.bytes.get(from..).unwrap_or_default();
        from + rest.iter().position(|it| matches!(it, b'\n' | b'\r')).unwrap_or(rest.len())
    }

    /// The indentation of the line that begins here, unless the line is blank or a comment.
    fn line_start(&mut self) -> bool {
        let mut column = 0;
        loop {
            match self.peek(0) {
                b' ' => column += 1,
                b'\t' => column = (column / 8 + 1) * 8,
                b'\x0c' => column = 0,
                _ => break,
            }
            self.at += 1;
        }
        let blank = self.at >= self.text.len() || matches!(self.peek(0), b'\n' | b'\r' | b'#');
        blank || (self.visit)(Mark::Line { column, at: self.at })
    }
}
