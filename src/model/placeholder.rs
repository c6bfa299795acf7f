//! Places in a value that stand for text which nobody has put in yet: `<your-role-arn>`, `changeme`.

use std::ops::Range;

use crate::facts::{is_crossed_out, is_placeholder_text, is_placeholder_word};

/// A placeholder inside a value.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Placeholder {
    /// The bytes of the value.
    pub range: Range<usize>,
    /// Whether it is of the form `<words>`, which can be shown.
    pub words: bool,
}

/// What kind of value it is, which decides what can only be a placeholder in it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Prose {
    /// A name, a region, a key: no text that anyone writes by heart.
    No,
    /// Any text, markup included: the value of a variable or connection.
    Yes,
}

/// The placeholders in `value`, in order.
#[must_use]
pub fn placeholders(value: &str, prose: Prose) -> Vec<Placeholder> {
    let trimmed = value.trim();
    let start = value.len() - value.trim_start().len();
    let whole = start..start + trimmed.len();
    if is_placeholder_text(trimmed, prose == Prose::Yes) {
        return vec![Placeholder { range: whole, words: false }];
    }
    if prose == Prose::Yes && (value.contains("</") || value.contains("/>")) {
        return Vec::new();
    }
    let mut found: Vec<Placeholder> = angled(value)
        .filter(|range| {
            let inner = value.get(range.start + 1..range.end - 1).unwrap_or("");
            *range == whole || prose == Prose::No || words(inner).any(is_placeholder_word)
        })
        .map(|range| Placeholder { range, words: true })
        .collect();
    if prose == Prose::No {
        found.extend(
            segments(value)
                .filter(|range| {
                    let segment = value.get(range.clone()).unwrap_or("");
                    is_crossed_out(segment) || is_placeholder_text(segment, true)
                })
                .map(|range| Placeholder { range, words: false }),
        );
        found.sort_by_key(|placeholder| placeholder.range.start);
    }
    found
}

/// Every `<words>` in `value`, with its brackets.
pub(super) fn angled(value: &str) -> impl Iterator<Item = Range<usize>> {
    let mut at = 0;
    std::iter::from_fn(move || {
        loop {
            let start = at + value.get(at..)?.find('<')?;
            let rest = value.get(start + 1..)?;
            let end = start + 1 + rest.find(['<', '>'])?;
            at = end;
            let inner = value.get(start + 1..end)?;
            let closes = value.get(end..)?.starts_with('>');
            // In a regular expression, `(?P<name>` and `(?<name>` are groups.
            let is_group = value.get(..start)?.ends_with(['?', 'P']);
            if closes && !is_group && is_words(inner) {
                at = end + 1;
                return Some(start..end + 1);
            }
        }
    })
}

/// The parts of `value` between colons and slashes.
fn segments(value: &str) -> impl Iterator<Item = Range<usize>> {
    let mut at = 0;
    value.split([':', '/']).map(move |segment| {
        let start = at;
        at += segment.len() + 1;
        start..start + segment.len()
    })
}

fn words(inner: &str) -> impl Iterator<Item = &str> {
    inner.split([' ', '-', '_', '.']).filter(|word| !word.is_empty())
}

/// Whether `inner` is made of words that a person would write, so that it is no credential that
/// somebody put between the brackets: letters in one case or with a capital, and short numbers.
fn is_words(inner: &str) -> bool {
    let is_word = |word: &str| {
        let mut rest = word.bytes();
        let first = rest.next().unwrap_or(0);
        let letters = word.len() <= 16
            && first.is_ascii_alphabetic()
            && (rest.clone().all(|byte| byte.is_ascii_lowercase())
                || word.bytes().all(|byte| byte.is_ascii_uppercase()));
        letters || (word.len() <= 4 && word.bytes().all(|byte| byte.is_ascii_digit()))
    };
    inner.len() <= 60
        && words(inner).any(|word| word.bytes().all(|byte| byte.is_ascii_alphabetic()))
        && words(inner).all(is_word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_are_found_where_they_can_be_nothing_else() {
        for (value, prose, expected) in [
            ("<region>", Prose::No, vec!["<region>"]),
            ("<Access Key>", Prose::No, vec!["<Access Key>"]),
            (
                "arn:aws:iam::<ACCOUNT_ID>:role/<role-name>",
                Prose::No,
                vec!["<ACCOUNT_ID>", "<role-name>"],
            ),
            (
                "arn:aws:iam::xxxxxxxxxxxx:role/your-role",
                Prose::No,
                vec!["xxxxxxxxxxxx", "your-role"],
            ),
            ("<12-digit-account>", Prose::No, vec!["<12-digit-account>"]),
            (" changeme ", Prose::No, vec!["changeme"]),
            ("<wJalrXUtnFEMI>", Prose::No, vec![]),
            ("<AKIA234567>", Prose::No, vec![]),
            ("(?P<name>x)", Prose::No, vec![]),
            ("(?<!a)b>", Prose::No, vec![]),
            ("a < b > c", Prose::No, vec!["< b >"]),
            ("airflow/variables", Prose::No, vec![]),
            ("", Prose::No, vec![]),
            ("<", Prose::No, vec![]),
            ("postgres://u:<password>@h/db", Prose::Yes, vec!["<password>"]),
            ("<b>bold</b>", Prose::Yes, vec![]),
            ("line<br>line", Prose::Yes, vec![]),
            ("<channel>", Prose::Yes, vec!["<channel>"]),
            ("Ada <ada@example.org>", Prose::Yes, vec![]),
            ("todo", Prose::Yes, vec![]),
            ("CHANGE_ME", Prose::Yes, vec!["CHANGE_ME"]),
            ("xxx", Prose::Yes, vec![]),
        ] {
            let found: Vec<_> = placeholders(value, prose)
                .into_iter()
                .map(|placeholder| &value[placeholder.range])
                .collect();
            assert_eq!(found, expected, "{value}");
        }
    }
}
