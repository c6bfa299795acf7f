//! Python files: the one place that knows the parser behind it.
//!
//! [`parse`] turns a file into the [`tree`], which later stages evaluate. [`hidden`] and
//! [`scan::Scan`] answer from the text alone. Nested input is the danger here: the parser, and every
//! walk over a tree, recurse. So a scan of the words first refuses what Python itself refuses, the
//! conversion counts the levels it really meets, and the caller provides a stack of [`limits::STACK`] bytes.

use std::fmt;

use ruff_python_ast::token::TokenKind;
use ruff_python_parser::{
    LexicalErrorType, Mode, ParseErrorType, ParseOptions, UnsupportedSyntaxErrorKind,
    parse_unchecked,
};
use ruff_text_size::{Ranged, TextRange};

use crate::limits;
use crate::text::{Span, Spanned};

mod convert;
mod encoding;
mod expressions;
mod foreign;
mod guard;
mod imports;
mod lexical;
mod literal;
pub mod scan;
pub mod tree;
pub mod visit;

pub use encoding::{UNDECODED, decoded};
pub use foreign::{Foreign, foreign};
pub use imports::imported_paths;
pub use scan::Scan;
pub use tree::Module;

/// Why a file is not parsed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Limit {
    /// The file is larger than [`limits::PYTHON_FILE`].
    Size,
    /// More open brackets than Python reads.
    Brackets,
    /// More levels of indentation than Python reads.
    Indentation,
    /// A chain of more operators than Python reads.
    Operators,
    /// Nested too deeply in another way.
    Levels,
}

/// A file that is not parsed, because it is too large or nested too deeply.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct TooDeep {
    /// Which limit it exceeds.
    pub limit: Limit,
    /// The byte where it does.
    pub at: usize,
}

impl fmt::Display for TooDeep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.limit {
            Limit::Size => "the file is too large to be read as Python",
            Limit::Brackets => "more than 200 brackets are open here, which Python refuses too",
            Limit::Indentation => "more than 100 blocks are open here, which Python refuses too",
            Limit::Operators => "an expression has more than 3,000 operators",
            Limit::Levels => "the code is nested too deeply here",
        })
    }
}

impl std::error::Error for TooDeep {}

/// Parses a Python file: everything from Python 3.8 to 3.14, whatever version the project uses.
///
/// Syntax errors do not fail it; they are in [`Module::errors`], beside a tree of the rest. To be
/// called on a thread with a stack of [`limits::STACK`] bytes.
///
/// # Errors
/// When the file is too large or nested more deeply than Python itself accepts; then nothing of it
/// was parsed, and the time and memory spent are small.
pub fn parse(text: &str) -> Result<Module, TooDeep> {
    if text.len() > limits::PYTHON_FILE {
        return Err(TooDeep { limit: Limit::Size, at: limits::PYTHON_FILE });
    }
    guard::check(text)?;
    let parsed = parse_unchecked(text, ParseOptions::from(Mode::Module));
    let comments = parsed
        .tokens()
        .iter()
        .filter(|token| token.kind() == TokenKind::Comment)
        .map(|token| span(token.range()))
        .collect();
    let errors = parsed.errors().iter();
    let errors = errors.map(|error| Spanned::new(message(&error.error), span(error.location)));
    let of_python_2 = parsed.unsupported_syntax_errors().iter().filter_map(|error| {
        let at = span(error.range);
        let is_it = matches!(error.kind, UnsupportedSyntaxErrorKind::UnparenthesizedExceptionTypes);
        (is_it && foreign::names_exception(text, at))
            .then(|| Spanned::new("the exceptions stand in no brackets".to_owned(), at))
    });
    let errors = errors.chain(of_python_2).collect();
    match convert::module(parsed.syntax(), text) {
        Ok(body) => Ok(Module { body, errors, comments }),
        Err(too_deep) => {
            // Dropping the parser's tree recurses without limit, and so could end the process; the
            // guard leaves no known way to get here.
            std::mem::forget(parsed);
            Err(too_deep)
        }
    }
}

/// Where the contents of strings (with the literal parts of f-strings) and the comments stand in a
/// Python file, in order: what a report must not show unless it is known to be harmless. Works on
/// any text, on any stack; where a quote is missing, the rest of the line or file belongs to it.
#[must_use]
pub fn hidden(text: &str) -> Vec<Span> {
    let mut spans = Vec::new();
    lexical::scan(text, |mark| {
        if let lexical::Mark::Comment(span) | lexical::Mark::Literal(span) = mark {
            spans.push(span);
        }
        true
    });
    spans
}

/// What is wrong, in the parser's words; never with text of the file.
fn message(error: &ParseErrorType) -> String {
    match error {
        ParseErrorType::Lexical(LexicalErrorType::UnrecognizedToken { .. }) => {
            "unexpected character".to_owned()
        }
        other => other.to_string(),
    }
}

fn span(range: TextRange) -> Span {
    Span::new(range.start().to_usize(), range.end().to_usize())
}

#[cfg(test)]
mod tests;
