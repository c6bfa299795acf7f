//! Which Python files are worth parsing: parsing is what costs time, looking for a few words is not.

use std::sync::OnceLock;

use aho_corasick::packed::{self, Searcher};
use regex::bytes::{Regex, RegexBuilder};

/// Looks for any of some words in the bytes of a file.
#[derive(Clone, Debug)]
pub struct Scan {
    words: Words,
    /// What is looked for where none of the words is found.
    expression: Option<Expression>,
}

/// Words that are taken as they are, which a machine looks for many at a time, and has quickly prepared.
#[derive(Clone, Debug)]
enum Words {
    None,
    Searched(Searcher),
    /// Where the machine cannot do that.
    Matched(Expression),
}

/// An expression, made when it is first looked for.
#[derive(Clone, Debug)]
struct Expression {
    pattern: String,
    /// `None` when it is no expression: then every file counts as a hit.
    regex: OnceLock<Option<Regex>>,
}

impl Expression {
    /// Any of `patterns`; `None` where there are none.
    fn any_of<S: AsRef<str>>(patterns: &[S]) -> Option<Self> {
        let pattern = patterns.iter().map(AsRef::as_ref).collect::<Vec<_>>().join("|");
        (!patterns.is_empty()).then_some(Self { pattern, regex: OnceLock::new() })
    }

    fn is_in(&self, bytes: &[u8]) -> bool {
        // Letters beyond ASCII make an expression many times as large, and so as slow to build.
        let made = || RegexBuilder::new(&self.pattern).unicode(false).build().ok();
        self.regex.get_or_init(made).as_ref().is_none_or(|regex| regex.is_match(bytes))
    }
}

impl Words {
    fn new(words: &[&str]) -> Self {
        if let Some(searcher) = packed::Config::new().builder().extend(words).build() {
            return Self::Searched(searcher);
        }
        let literal: Vec<String> = words.iter().map(|word| regex::escape(word)).collect();
        Expression::any_of(&literal).map_or(Self::None, Self::Matched)
    }

    fn are_in(&self, bytes: &[u8]) -> bool {
        match self {
            Self::None => false,
            Self::Searched(searcher) => searcher.find(bytes).is_some(),
            Self::Matched(expression) => expression.is_in(bytes),
        }
    }
}

impl Scan {
    /// A scan for `words`, taken literally, anywhere (also inside longer words).
    #[must_use]
    pub fn new(words: &[&str]) -> Self {
        Self::with_patterns(words, &[])
    }

    /// A scan for `words`, and for what the regular expressions `patterns` match, in which classes such as
    /// `\w` and `\s` hold ASCII only. It is quick where each of these begins with a few letters that are
    /// always the same.
    #[must_use]
    pub fn with_patterns(words: &[&str], patterns: &[&str]) -> Self {
        Self { words: Words::new(words), expression: Expression::any_of(patterns) }
    }

    /// Whether any of the words is in `bytes`, whatever their encoding, as long as it holds ASCII
    /// as it is.
    #[must_use]
    pub fn may_refer(&self, bytes: &[u8]) -> bool {
        self.words.are_in(bytes) || self.expression.as_ref().is_some_and(|it| it.is_in(bytes))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_literal_and_found_anywhere() {
        let scan = Scan::new(&["conn_id", "var."]);
        for (bytes, hit) in [
            (&b"aws_conn_id='x'"[..], true),
            (b"\xff\xfe conn_id \x00", true),
            (b"{{ var.value.x }}", true),
            (b"variable", false),
            (b"", false),
        ] {
            assert_eq!(scan.may_refer(bytes), hit, "{bytes:?}");
        }
    }
}
