//! A pattern as the tokens that Python's parser sees: characters, and backslashes with what follows.

use std::fmt;

use super::PatternError;

/// Why there is no tree.
#[derive(Debug)]
pub(super) enum Stop {
    /// Python raises this.
    Invalid(PatternError),
    /// Python's answer cannot be told.
    Unknown,
    /// Before 3.11 Python starts over with the verbose flag when it meets `(?x)` late.
    Restart,
}

pub(super) type Result<T> = std::result::Result<T, Stop>;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Token {
    Plain(char),
    Escape(char),
}

impl Token {
    /// How many characters it has.
    pub(super) fn len(self) -> usize {
        match self {
            Self::Plain(_) => 1,
            Self::Escape(_) => 2,
        }
    }
}

impl fmt::Display for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Plain(ch) => write!(f, "{ch}"),
            Self::Escape(ch) => write!(f, "\\{ch}"),
        }
    }
}

/// Reads tokens with one token of look-ahead. All positions count characters, as Python's do.
pub(super) struct Source<'p> {
    pattern: &'p str,
    chars: Vec<char>,
    /// Behind the token that is seen.
    index: usize,
    next: Option<Token>,
}

impl<'p> Source<'p> {
    pub(super) fn new(pattern: &'p str) -> Result<Self> {
        let mut source = Self { pattern, chars: pattern.chars().collect(), index: 0, next: None };
        source.seek(0)?;
        Ok(source)
    }

    /// The token that comes next.
    pub(super) fn next(&self) -> Option<Token> {
        self.next
    }

    /// The plain character that comes next and satisfies `test`.
    pub(super) fn next_if(&self, test: impl Fn(char) -> bool) -> Option<char> {
        match self.next {
            Some(Token::Plain(ch)) if test(ch) => Some(ch),
            _ => None,
        }
    }

    /// Where the next token begins.
    pub(super) fn position(&self) -> usize {
        self.index.saturating_sub(self.next.map_or(0, Token::len))
    }

    /// Goes to `position`. Fails where a lone backslash stands there: Python notices it this early.
    pub(super) fn seek(&mut self, position: usize) -> Result<()> {
        self.index = position;
        self.next = match (self.chars.get(position), self.chars.get(position + 1)) {
            (None, _) => None,
            (Some('\\'), Some(&ch)) => Some(Token::Escape(ch)),
            (Some('\\'), None) => {
                let message = "bad escape (end of pattern)".to_owned();
                return Err(Stop::Invalid(PatternError::at(message, self.pattern, position)));
            }
            (Some(&ch), _) => Some(Token::Plain(ch)),
        };
        self.index += self.next.map_or(0, Token::len);
        Ok(())
    }

    /// Takes the next token.
    pub(super) fn take(&mut self) -> Result<Option<Token>> {
        let token = self.next;
        self.seek(self.index)?;
        Ok(token)
    }

    /// Takes the next token if it is the plain character `ch`.
    pub(super) fn accept(&mut self, ch: char) -> Result<bool> {
        let found = self.next == Some(Token::Plain(ch));
        if found {
            self.take()?;
        }
        Ok(found)
    }

    /// Takes up to `limit` characters that satisfy `test`.
    pub(super) fn take_while(
        &mut self,
        limit: usize,
        test: impl Fn(char) -> bool,
    ) -> Result<String> {
        let mut taken = String::new();
        for _ in 0..limit {
            let Some(ch) = self.next_if(&test) else { break };
            taken.push(ch);
            self.take()?;
        }
        Ok(taken)
    }

    /// Takes everything up to `end`, and `end`; the text before it must not be empty. `what` is what
    /// Python calls that text.
    pub(super) fn take_until(&mut self, end: char, what: &str) -> Result<String> {
        let mut text = String::new();
        loop {
            match self.take()? {
                None if text.is_empty() => return Err(self.error(format!("missing {what}"), 0)),
                None => {
                    let message = format!("missing {end}, unterminated name");
                    return Err(self.error(message, text.chars().count()));
                }
                Some(Token::Plain(ch)) if ch == end => break,
                Some(token) => text += &token.to_string(),
            }
        }
        if text.is_empty() {
            return Err(self.error(format!("missing {what}"), 1));
        }
        Ok(text)
    }

    /// An error `back` characters before the next token.
    pub(super) fn error(&self, message: impl Into<String>, back: usize) -> Stop {
        self.error_at(message, self.position().saturating_sub(back))
    }

    /// An error at the character `position`.
    pub(super) fn error_at(&self, message: impl Into<String>, position: usize) -> Stop {
        Stop::Invalid(PatternError::at(message.into(), self.pattern, position))
    }
}
