//! The encoding that a Python file declares: PEP 263.

/// What stands for a character that is not ASCII, in the text of a file that is not in UTF-8. It is as
/// long as the byte that it stands for, so all places are those of the file.
pub const UNDECODED: char = '\u{1a}';

/// How the names of encodings begin in which each byte is a character, those below 128 as in ASCII.
const ONE_BYTE_EACH: &[&str] = &[
    "latin",
    "l1",
    "iso-8859",
    "iso8859",
    "iso-latin",
    "cp125",
    "windows-125",
    "cp437",
    "cp85",
    "cp86",
    "koi8",
    "mac-",
    "macroman",
];

/// The text of a file that is not in UTF-8.
///
/// # Errors
/// With the name of the encoding that it declares, which is none of those of one byte for each
/// character. `None` when it declares none, or one in which it is not written: Python refuses it.
pub fn decoded(bytes: &[u8]) -> Result<String, Option<String>> {
    let Some(name) = declared(bytes) else { return Err(None) };
    if name.starts_with("utf") || name == "ascii" || name == "us-ascii" {
        return Err(None);
    }
    if !ONE_BYTE_EACH.iter().any(|start| name.starts_with(start)) {
        return Err(Some(name));
    }
    let char = |byte: &u8| if byte.is_ascii() { char::from(*byte) } else { UNDECODED };
    Ok(bytes.iter().map(char).collect())
}

/// The name of the encoding in a comment on one of the first two lines, with `-` for `_`, in lower case.
fn declared(bytes: &[u8]) -> Option<String> {
    for line in bytes.split(|byte| *byte == b'\n').take(2) {
        let line = line.trim_ascii();
        if let Some(name) = line.starts_with(b"#").then(|| in_comment(line)).flatten() {
            return Some(name);
        }
        // The second line counts only behind a comment or nothing.
        if !line.is_empty() && !line.starts_with(b"#") {
            return None;
        }
    }
    None
}

fn in_comment(line: &[u8]) -> Option<String> {
    let word = b"coding";
    let at = line.windows(word.len()).enumerate().find_map(|(at, it)| {
        let end = at + word.len();
        (it == word && matches!(line.get(end), Some(b':' | b'='))).then_some(end + 1)
    })?;
    let rest = line.get(at..)?.trim_ascii_start();
    let is_name = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_.".contains(byte);
    let name: String = rest.iter().take_while(|it| is_name(it)).map(|it| char::from(*it)).collect();
    (!name.is_empty()).then(|| name.to_lowercase().replace('_', "-"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encodings_are_those_of_python() {
        for (file, expected) in [
            (
                &b"# -*- coding: latin-1 -*-\nx = '\xe4'"[..],
                Ok("# -*- coding: latin-1 -*-\nx = '\u{1a}'"),
            ),
            (
                b"#!/bin/python\n# vim: set fileencoding=ISO_8859_1 :\n\xe4",
                Ok("#!/bin/python\n# vim: set fileencoding=ISO_8859_1 :\n\u{1a}"),
            ),
            (b"# coding=cp1252\n\x80", Ok("# coding=cp1252\n\u{1a}")),
            (b"\n# coding: latin1\n\xe4", Ok("\n# coding: latin1\n\u{1a}")),
            (b"# coding: gbk\n\xe4", Err(Some("gbk".to_owned()))),
            (b"# coding: utf-8\n\xe4", Err(None)),
            (b"# coding: ascii\n\xe4", Err(None)),
            (b"x = 1\n# coding: latin-1\n\xe4", Err(None)),
            (b"\n\n# coding: latin-1\n\xe4", Err(None)),
            (b"# encoding latin-1\n\xe4", Err(None)),
        ] {
            let found = decoded(file);
            assert_eq!(found.as_deref(), expected.as_ref().map(|it| *it), "{file:?}");
            assert!(found.is_ok_and(|it| it.len() == file.len()) || expected.is_err());
        }
    }
}
