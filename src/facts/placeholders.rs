//! Words that stand for a value which nobody has put in yet.

use std::sync::LazyLock;

use serde::Deserialize;

use super::embedded;

#[derive(Deserialize)]
struct File {
    whole: Vec<String>,
    certain: Vec<String>,
    begins: Vec<String>,
    ends: Vec<String>,
    inside: Vec<String>,
}

static FILE: LazyLock<File> = LazyLock::new(|| {
    embedded("placeholders.json", include_str!("../../rules/facts/placeholders.json"))
});

/// Whether `text`, a whole value, only stands for one: `changeme`, `your-access-key`, `xxxx`. With
/// `strict`, only where no one could mean it.
#[must_use]
pub fn is_placeholder_text(text: &str, strict: bool) -> bool {
    if text.len() > 64 {
        return false;
    }
    let plain = text.to_lowercase().replace(['-', ' '], "_");
    let is = |words: &[String]| words.contains(&plain);
    let is_words = plain.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
    let instructs = is_words
        && (FILE.begins.iter().any(|word| plain.len() > word.len() && plain.starts_with(word))
            || FILE.ends.iter().any(|word| plain.len() > word.len() && plain.ends_with(word)));
    is(&FILE.certain) || instructs || (!strict && (is(&FILE.whole) || is_crossed_out(text)))
}

/// Whether `text` is nothing but `xxx` or `***`.
#[must_use]
pub fn is_crossed_out(text: &str) -> bool {
    text.len() >= 3 && text.bytes().all(|byte| matches!(byte, b'x' | b'X' | b'*'))
}

/// Whether `word` makes `<…>` a placeholder in the middle of a text that may hold other tags.
#[must_use]
pub fn is_placeholder_word(word: &str) -> bool {
    FILE.inside.iter().any(|inside| inside.eq_ignore_ascii_case(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_values_stand_for_others() {
        for (text, loose, strict) in [
            ("changeme", true, true),
            ("CHANGE-ME", true, true),
            ("your-access-key", true, true),
            ("YOUR_REGION", true, true),
            ("secret key here", true, true),
            ("xxxxxxxx", true, false),
            ("TODO", true, false),
            ("your_", false, false),
            ("yours", false, false),
            ("my_bucket", false, false),
            ("xx", false, false),
            ("eu-west-1", false, false),
            ("", false, false),
        ] {
            assert_eq!(is_placeholder_text(text, false), loose, "{text}");
            assert_eq!(is_placeholder_text(text, true), strict, "{text}, strict");
        }
    }
}
