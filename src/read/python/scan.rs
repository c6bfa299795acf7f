//! Which Python files are worth parsing: parsing is what costs time, looking for a few words is not.

use regex::bytes::{Regex, RegexBuilder};

/// Looks for any of some words in the bytes of a file.
#[derive(Clone, Debug)]
pub struct Scan {
    /// `None` when the words make no expression: then every file counts as a hit.
    words: Option<Regex>,
}

impl Scan {
    /// A scan for `words`, taken literally, anywhere (also inside longer words).
    #[must_use]
    pub fn new(words: &[&str]) -> Self {
        Self::with_patterns(words, &[])
    }

    /// A scan for `words`, and for what the regular expressions `patterns` match, in which classes such as
    /// `\w` and `\s` hold ASCII only.
    #[must_use]
    pub fn with_patterns(words: &[&str], patterns: &[&str]) -> Self {
        let mut alternatives: Vec<String> = words.iter().map(|word| regex::escape(word)).collect();
        alternatives.extend(patterns.iter().map(|pattern| (*pattern).to_owned()));
        // Letters beyond ASCII make an expression many times as large, and so as slow to build.
        let words = RegexBuilder::new(&alternatives.join("|")).unicode(false).build().ok();
        Self { words }
    }

    /// The regular expression that is looked for.
    #[must_use]
    pub fn pattern(&self) -> Option<&str> {
        self.words.as_ref().map(Regex::as_str)
    }

    /// Whether any of the words is in `bytes`, whatever their encoding, as long as it holds ASCII
    /// as it is.
    #[must_use]
    pub fn may_refer(&self, bytes: &[u8]) -> bool {
        self.words.as_ref().is_none_or(|words| words.is_match(bytes))
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
