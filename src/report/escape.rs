//! Text from files is untrusted: what a terminal would obey, hide or reorder is shown escaped.

use std::borrow::Cow;
use std::path::Path;

/// `text` on one line, with every character escaped that does not simply print itself.
#[must_use]
pub fn escape(text: &str) -> Cow<'_, str> {
    if !text.chars().any(is_treacherous) {
        return Cow::Borrowed(text);
    }
    let mut escaped = String::with_capacity(text.len() + 8);
    text.chars().for_each(|char| push_escaped(&mut escaped, char));
    Cow::Owned(escaped)
}

/// Appends `char`, escaped where needed: `\n`, `^[`, `\u{202e}`.
pub fn push_escaped(out: &mut String, char: char) {
    match char {
        '\n' => out.push_str("\\n"),
        '\r' => out.push_str("\\r"),
        '\t' => out.push_str("\\t"),
        '\0'..='\x1f' | '\x7f' => {
            out.push('^');
            // Caret notation: the control character with bit 6 flipped.
            out.push(char::from((char as u8) ^ 0x40));
        }
        _ if is_treacherous(char) => out.extend(char.escape_unicode()),
        _ => out.push(char),
    }
}

/// Whether `char` controls the terminal or the direction of text, or takes no room at all.
///
/// After the Unicode 16 properties `Bidi_Control` and `Default_Ignorable_Code_Point`, except the
/// variation selectors of ordinary emoji.
#[must_use]
pub fn is_treacherous(char: char) -> bool {
    char.is_control()
        || matches!(char,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}'..='\u{1160}' | '\u{17b4}'..='\u{17b5}'
            | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}'
            | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
}

/// `path` as every format names it: with `/`, without a leading `./`.
///
/// A path that begins with a colon gets one nevertheless: `::` at the start of a line, even indented,
/// is a command to GitHub's runner.
#[must_use]
pub fn path_text(path: &Path) -> String {
    let text = path.to_string_lossy();
    let text = if cfg!(windows) { text.replace('\\', "/") } else { text.into_owned() };
    match text.strip_prefix("./").unwrap_or(&text) {
        "" => ".".to_owned(),
        bare if bare.trim_start().starts_with(':') => format!("./{bare}"),
        bare => bare.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_does_not_print_itself_is_escaped() {
        for (text, expected) in [
            ("plain äß漢 👍\u{fe0f}", "plain äß漢 👍\u{fe0f}"),
            ("a\nb\r\tc", "a\\nb\\r\\tc"),
            ("\x1b[31mred\x07\x7f\0", "^[[31mred^G^?^@"),
            ("\u{9b}31m", "\\u{9b}31m"),
            ("a\u{202e}b\u{2066}c\u{200b}", "a\\u{202e}b\\u{2066}c\\u{200b}"),
            ("\u{e0041}\u{feff}\u{2028}", "\\u{e0041}\\u{feff}\\u{2028}"),
        ] {
            assert_eq!(escape(text), expected);
        }
    }

    #[test]
    fn paths_have_one_form() {
        for (path, expected) in [
            ("./dags/a.py", "dags/a.py"),
            (".", "."),
            ("./", "."),
            ("::error::x/.env", "./::error::x/.env"),
            (" ::error::x/.env", "./ ::error::x/.env"),
        ] {
            assert_eq!(path_text(Path::new(path)), expected);
        }
    }
}
