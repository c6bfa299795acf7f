//! The escapes inside `$'…'`.

use std::ops::Range;

/// What one escape sequence becomes.
pub(super) enum Escaped {
    /// This text.
    Text(String),
    /// Bytes that are no text.
    Bytes,
    /// Nothing, and neither does what follows up to the closing quote: a NUL byte ends it.
    End,
}

/// The escape sequence at byte `at` of `text`, which is a backslash; with where it ends. Sequences
/// that give single bytes are taken together as far as they stand side by side.
pub(super) fn escape(text: &str, at: usize) -> (Escaped, Range<usize>) {
    let rest = text.get(at + 1..).unwrap_or("");
    let Some(c) = rest.chars().next() else {
        return (Escaped::Text("\\".to_owned()), at..at + 1);
    };
    let simple = |escaped: &str| (Escaped::Text(escaped.to_owned()), at..at + 1 + c.len_utf8());
    match c {
        'a' => simple("\u{7}"),
        'b' => simple("\u{8}"),
        'e' | 'E' => simple("\u{1b}"),
        'f' => simple("\u{c}"),
        'n' => simple("\n"),
        'r' => simple("\r"),
        't' => simple("\t"),
        'v' => simple("\u{b}"),
        '\\' | '\'' | '"' | '?' => simple(c.encode_utf8(&mut [0; 4])),
        'u' | 'U' => {
            let digits = hexadecimal(rest.get(1..).unwrap_or(""), if c == 'u' { 4 } else { 8 });
            let end = at + 2 + digits.len();
            match u32::from_str_radix(digits, 16).map(char::from_u32) {
                Ok(Some('\0')) => (Escaped::End, at..end),
                Ok(Some(c)) => (Escaped::Text(c.to_string()), at..end),
                Ok(None) => (Escaped::Bytes, at..end),
                // Without digits the backslash stays.
                Err(_) => (Escaped::Text(text.get(at..end).unwrap_or("").to_owned()), at..end),
            }
        }
        'c' => match rest.chars().nth(1) {
            Some(control) if control.is_ascii() && control != '\'' => {
                let code = if control == '?' { 0x7f } else { control as u8 & 0x1f };
                let end = at + 3;
                match code {
                    0 => (Escaped::End, at..end),
                    _ => (Escaped::Text(char::from(code).to_string()), at..end),
                }
            }
            _ => simple("\\c"),
        },
        _ => bytes(text, at),
    }
}

/// A run of `\nnn` and `\xhh`, or a backslash that means nothing.
fn bytes(text: &str, at: usize) -> (Escaped, Range<usize>) {
    let mut found = Vec::new();
    let mut end = at;
    while let Some((byte, length)) = byte(text.get(end..).unwrap_or("")) {
        if byte == 0 {
            if found.is_empty() {
                return (Escaped::End, at..end + length);
            }
            break;
        }
        found.push(byte);
        end += length;
    }
    match String::from_utf8(found) {
        Ok(decoded) if !decoded.is_empty() => (Escaped::Text(decoded), at..end),
        Ok(_) => (Escaped::Text("\\".to_owned()), at..at + 1),
        Err(_) => (Escaped::Bytes, at..end),
    }
}

/// The byte that `text` begins with an escape of, and that escape's length.
fn byte(text: &str) -> Option<(u8, usize)> {
    let escape = text.strip_prefix('\\')?;
    if let Some(digits) = escape.strip_prefix('x') {
        let digits = hexadecimal(digits, 2);
        return Some((u8::from_str_radix(digits, 16).ok()?, 2 + digits.len()));
    }
    let length = escape.bytes().take(3).take_while(|byte| (b'0'..=b'7').contains(byte)).count();
    let code = u32::from_str_radix(escape.get(..length)?, 8).ok()?;
    // `\777` keeps its lower eight bits.
    u8::try_from(code & 0xff).ok().map(|byte| (byte, 1 + length))
}

/// The hexadecimal digits that `text` begins with, at most `limit`.
fn hexadecimal(text: &str, limit: usize) -> &str {
    let length = text.bytes().take(limit).take_while(u8::is_ascii_hexdigit).count();
    text.get(..length).unwrap_or("")
}
