//! Which Python files are worth parsing: parsing is what costs time, looking for a few words is not.

use std::sync::OnceLock;

use regex::bytes::{Regex, RegexBuilder};

/// Looks for any of some words in the bytes of a file.
#[derive(Clone, Debug)]
pub struct Scan {
    /// What is looked for, one after the other: in a file that holds a word, no expression is looked for.
    parts: Vec<Part>,
}

/// An expression, made when it is first looked for.
#[derive(Clone, Debug)]
struct Part {
    pattern: String,
    /// `None` when it is no expression: then every file counts as a hit.
    regex: OnceLock<Option<Regex>>,
}

impl Part {
    fn is_in(&self, bytes: &[u8]) -> bool {
        // Letters beyond ASCII make an expression many times as large, and so as slow to build.
        let made = || RegexBuilder::new(&self.pattern).unicode(false).build().ok();
        self.regex.get_or_init(made).as_ref().is_none_or(|regex| regex.is_match(bytes))
    }
}

impl Scan {
    /// A scan for `words`, taken literally, anywhere (also inside longer words).
    #[must_use]
    pub fn new(words: &[&str]) -> Self {
        Self::with_patterns(words, &[])
    }

    /// A scan for `words`, and for what the regular expressions `patterns` match, in which classes such as
    /// `\w` and `\s` hold ASCII only. Those come first that are found most often, or are quickest to look for.
    #[must_use]
    pub fn with_patterns(words: &[&str], patterns: &[&str]) -> Self {
        let literal: Vec<String> = words.iter().map(|word| regex::escape(word)).collect();
        let literal = (!literal.is_empty()).then(|| literal.join("|"));
        let patterns = patterns.iter().map(|pattern| (*pattern).to_owned());
        let part = |pattern| Part { pattern, regex: OnceLock::new() };
        Self { parts: literal.into_iter().chain(patterns).map(part).collect() }
    }

    /// The regular expressions that are looked for.
    pub fn patterns(&self) -> impl Iterator<Item = &str> {
        self.parts.iter().map(|part| part.pattern.as_str())
    }

    /// Whether any of the words is in `bytes`, whatever their encoding, as long as it holds ASCII
    /// as it is.
    #[must_use]
    pub fn may_refer(&self, bytes: &[u8]) -> bool {
        self.parts.iter().any(|part| part.is_in(bytes))
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
