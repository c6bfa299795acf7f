//! The options of a requirements line, split as Python's `shlex` and `optparse` do.

use std::ops::Range;

use super::{Refusal, Refused};

/// An option with the bytes, counted from the first option on, that it stands at.
pub(super) struct Parsed {
    /// The long name; empty for a word that is no option, which pip ignores.
    pub name: &'static str,
    /// Its value without quotes; empty when it takes none.
    pub value: String,
    /// Name and value.
    pub range: Range<usize>,
    /// The value alone.
    pub value_range: Range<usize>,
}

/// The options that pip 26.3 allows in a requirements file: name, other spelling, short form,
/// whether a value follows.
const OPTIONS: [(&str, &str, char, bool); 18] = [
    ("--index-url", "--pypi-url", 'i', true),
    ("--extra-index-url", "", ' ', true),
    ("--no-index", "", ' ', false),
    ("--constraint", "", 'c', true),
    ("--requirement", "", 'r', true),
    ("--editable", "", 'e', true),
    ("--find-links", "", 'f', true),
    ("--no-binary", "", ' ', true),
    ("--only-binary", "", ' ', true),
    ("--prefer-binary", "", ' ', false),
    ("--require-hashes", "", ' ', false),
    ("--no-require-hashes", "", ' ', false),
    ("--pre", "", ' ', false),
    ("--all-releases", "", ' ', true),
    ("--only-final", "", ' ', true),
    ("--trusted-host", "", ' ', true),
    ("--use-feature", "", ' ', true),
    ("--hash", "", ' ', true),
];
/// Apart from the others because its short form is a capital.
const SETTINGS: (&str, &str, char, bool) = ("--config-settings", "--config-setting", 'C', true);

/// Splits the options of a line.
///
/// # Errors
/// What `optparse` refuses: unknown options, a missing or unexpected value, an open quote.
pub(super) fn split(text: &str) -> Result<Vec<Parsed>, Refused> {
    let mut words = shell_words(text)?.into_iter();
    let mut parsed = Vec::new();
    let mut only_words = false;
    while let Some(word) = words.next() {
        let plain = only_words || !word.text.starts_with('-') || word.text == "-";
        if word.text == "--" && !only_words {
            only_words = true;
            continue;
        }
        if plain {
            let value_range = word.range.clone();
            parsed.push(Parsed { name: "", value: word.text, range: word.range, value_range });
            continue;
        }
        let (name, takes_value, attached) = find(&word.text).ok_or_else(|| {
            // The value may be a credential: only the option's name is at fault.
            // Quotes make the word shorter than its bytes; then it is the whole word.
            let verbatim = word.text.len() == word.range.len();
            let name = word.text.find('=').filter(|_| verbatim).unwrap_or(word.range.len());
            (word.range.start..word.range.start + name, Refusal::Option)
        })?;
        let mut range = word.range.clone();
        let mut value_range = range.end..range.end;
        let value = match (takes_value, attached) {
            (false, None) => String::new(),
            (false, Some(_)) => return Err((range, Refusal::UnexpectedValue)),
            (true, Some(at)) => {
                let verbatim = word.text.len() == range.len();
                value_range = if verbatim { range.start + at..range.end } else { range.clone() };
                word.text.get(at..).unwrap_or("").to_owned()
            }
            (true, None) => {
                let next = words.next().ok_or((range.clone(), Refusal::MissingValue))?;
                range.end = next.range.end;
                value_range = next.range;
                next.text
            }
        };
        if name == "--hash" && !is_hash(&value) {
            return Err((range, Refusal::Hash));
        }
        parsed.push(Parsed { name, value, range, value_range });
    }
    Ok(parsed)
}

/// `ALGORITHM:DIGEST`, with one of the algorithms that pip accepts.
fn is_hash(value: &str) -> bool {
    let algorithm = value.split_once(':').map(|(algorithm, _)| algorithm);
    matches!(algorithm, Some("sha256" | "sha384" | "sha512"))
}

/// The option a word names, whether it takes a value, and where an attached value begins.
fn find(word: &str) -> Option<(&'static str, bool, Option<usize>)> {
    let known = || OPTIONS.iter().chain(std::iter::once(&SETTINGS));
    if !word.starts_with("--") {
        let short = word.chars().nth(1)?;
        let option = known().find(|option| option.2 == short && short != ' ')?;
        let attached = 1 + short.len_utf8();
        return Some((option.0, option.3, (word.len() > attached).then_some(attached)));
    }
    let equals = word.find('=');
    let name = word.get(..equals.unwrap_or(word.len()))?;
    let attached = equals.map(|at| at + 1);
    if let Some(option) = known().find(|option| option.0 == name || option.1 == name) {
        return Some((option.0, option.3, attached));
    }
    // `optparse` takes any beginning that only one spelling has.
    let spellings = |option: &&(&'static str, &str, char, bool)| {
        usize::from(option.0.starts_with(name)) + usize::from(option.1.starts_with(name))
    };
    let mut fitting = known().filter(|option| spellings(option) > 0);
    let option = fitting.next().filter(|option| spellings(option) == 1)?;
    fitting.next().is_none().then_some((option.0, option.3, attached))
}

struct Word {
    text: String,
    range: Range<usize>,
}

/// Splits into words as `shlex.split` does.
fn shell_words(text: &str) -> Result<Vec<Word>, Refused> {
    let mut words = Vec::new();
    let mut word: Option<Word> = None;
    let mut chars = text.char_indices();
    while let Some((at, c)) = chars.next() {
        if matches!(c, ' ' | '\t' | '\r' | '\n') {
            words.extend(word.take());
            continue;
        }
        let current = word.get_or_insert_with(|| Word { text: String::new(), range: at..at });
        let last = match c {
            '\\' => {
                let (next, escaped) = chars.next().ok_or((at..text.len(), Refusal::Quote))?;
                current.text.push(escaped);
                next + escaped.len_utf8()
            }
            '"' | '\'' => loop {
                let (next, inner) = chars.next().ok_or((at..text.len(), Refusal::Quote))?;
                if inner == c {
                    break next + 1;
                }
                if inner == '\\' && c == '"' {
                    let (_, escaped) = chars.next().ok_or((at..text.len(), Refusal::Quote))?;
                    if !matches!(escaped, '"' | '\\') {
                        current.text.push('\\');
                    }
                    current.text.push(escaped);
                } else {
                    current.text.push(inner);
                }
            },
            plain => {
                current.text.push(plain);
                at + plain.len_utf8()
            }
        };
        current.range.end = last;
    }
    words.extend(word);
    Ok(words)
}
