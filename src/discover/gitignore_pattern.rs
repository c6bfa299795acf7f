//! The patterns of git, in the words of the `ignore` crate.
//!
//! Compared with git 2.47 over thousands of pairs, `ignore` 0.4.34 differs in what only this module
//! sees: it expands braces, knows neither escapes nor POSIX classes in brackets, takes an unclosed
//! bracket literally, lets `!` alone include everything, and trims tabs as it trims spaces.

use std::iter::Peekable;
use std::str::Chars;

/// What became of a line.
pub(super) enum Translated {
    /// A pattern that `GitignoreBuilder::add_line` understands as git understands the line.
    Pattern(String),
    /// A blank line, a comment, or what matches nothing in git.
    Nothing,
    /// What cannot be said in that syntax.
    TooOdd,
}

/// A set of ranges of characters in brackets.
struct Class {
    negated: bool,
    ranges: Vec<(char, char)>,
}

/// Translates a line of an ignore file, as wildmatch.c of git 2.47 reads it.
pub(super) fn translate(line: &str) -> Translated {
    let line = without_trailing_spaces(line);
    let pattern = line.strip_prefix('!').unwrap_or(line);
    if line.starts_with('#') || pattern.chars().all(|c| c == '/') {
        return Translated::Nothing;
    }
    let mut out = String::with_capacity(line.len());
    let mut rest = line.chars().peekable();
    while let Some(c) = rest.next() {
        match c {
            '\\' => match rest.next() {
                // At the end of a line the crate would trim it, escaped or not.
                Some(' ') => out.push_str("[ ]"),
                Some(escaped) => out.extend(['\\', escaped]),
                None => return Translated::Nothing,
            },
            '{' | '}' => out.extend(['\\', c]),
            '[' => match class(&mut rest) {
                Some(class) => match class.written() {
                    Some(text) => out.push_str(&text),
                    None => return Translated::TooOdd,
                },
                None => return Translated::Nothing,
            },
            c if c.is_whitespace() && c != ' ' => out.extend(['[', c, ']']),
            c => out.push(c),
        }
    }
    Translated::Pattern(out)
}

/// Git cuts spaces off the end, but no escaped one.
fn without_trailing_spaces(line: &str) -> &str {
    let trimmed = line.trim_end_matches(' ');
    let backslashes = trimmed.len() - trimmed.trim_end_matches('\\').len();
    let kept = trimmed.len() + usize::from(backslashes % 2 == 1);
    line.get(..kept).unwrap_or(trimmed)
}

/// Reads a class behind its `[`; `None` for one that matches nothing: unclosed, or of an unknown name.
fn class(rest: &mut Peekable<Chars<'_>>) -> Option<Class> {
    let negated = rest.next_if(|c| matches!(c, '!' | '^')).is_some();
    let mut ranges: Vec<(char, char)> = Vec::new();
    // The character that a `-` would begin its range with.
    let mut low = None;
    let mut is_first = true;
    loop {
        let c = rest.next()?;
        let was_first = std::mem::replace(&mut is_first, false);
        match c {
            ']' if !was_first => return Some(Class { negated, ranges }),
            '-' if low.is_some() && rest.peek().is_some_and(|next| *next != ']') => {
                let mut high = rest.next()?;
                if high == '\\' {
                    high = rest.next()?;
                }
                ranges.pop();
                ranges.push((low.take()?, high));
            }
            '[' if rest.next_if_eq(&':').is_some() => {
                low = None;
                let mut name = String::new();
                loop {
                    match rest.next()? {
                        ']' => break,
                        c => name.push(c),
                    }
                }
                ranges.extend(posix_class(name.strip_suffix(':')?)?);
            }
            c => {
                let c = if c == '\\' { rest.next()? } else { c };
                ranges.push((c, c));
                low = Some(c);
            }
        }
    }
}

fn posix_class(name: &str) -> Option<&'static [(char, char)]> {
    Some(match name {
        "alnum" => &[('0', '9'), ('A', 'Z'), ('a', 'z')],
        "alpha" => &[('A', 'Z'), ('a', 'z')],
        "blank" => &[(' ', ' '), ('\t', '\t')],
        "cntrl" => &[('\0', '\u{1f}'), ('\u{7f}', '\u{7f}')],
        "digit" => &[('0', '9')],
        "graph" => &[('"', '~'), ('!', '!')],
        "lower" => &[('a', 'z')],
        "print" => &[(' ', '~')],
        "punct" => &[('"', '/'), ('!', '!'), (':', '@'), ('{', '~'), ('[', '['), ('\\', '`')],
        "space" => &[(' ', ' '), ('\t', '\r')],
        "upper" => &[('A', 'Z')],
        "xdigit" => &[('0', '9'), ('A', 'F'), ('a', 'f')],
        _ => return None,
    })
}

impl Class {
    /// The class as `globset` reads it: no escapes, `]` only in front, `-` only at the end, `!` and `^`
    /// nowhere in front. `None` where that leaves no way.
    fn written(&self) -> Option<String> {
        const PLACED: [char; 4] = [']', '-', '!', '^'];
        let has = |wanted: char| self.ranges.contains(&(wanted, wanted));
        let mut out = String::from(if self.negated { "[!" } else { "[" });
        let empty = out.len();
        if has(']') {
            out.push(']');
        }
        for (low, high) in &self.ranges {
            match (low, high) {
                // Nothing lies between them; `globset` would call it an error.
                (low, high) if low > high => {}
                (low, high) if low == high && PLACED.contains(low) => {}
                (low, high) if PLACED.contains(low) || PLACED.contains(high) => return None,
                (low, high) if low == high => out.push(*low),
                (low, high) => out.extend([*low, '-', *high]),
            }
        }
        for last in ['!', '^', '-'] {
            if has(last) {
                if out.len() == empty && last != '-' && !self.negated {
                    return None;
                }
                out.push(last);
            }
        }
        (out.len() > empty).then(|| out + "]")
    }
}
