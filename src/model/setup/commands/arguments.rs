//! Flags and positional arguments, by the table of the program that gets them.

use super::part;
use crate::read::shell::Word;
use crate::text::{Span, Text, UNKNOWN, Value};

/// Which flags a command has, and how they are written.
pub(super) struct Flags {
    /// Those without an argument.
    pub(super) switches: &'static [&'static str],
    /// The letters of short flags, with the long names they stand for.
    pub(super) short: &'static [(char, &'static str)],
    /// Those that take all words up to the next flag.
    pub(super) lists: &'static [&'static str],
    pub(super) style: Style,
}

/// How a program reads its flags.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Style {
    /// `--name value`, `-nvalue`, `-abn value`; what follows a flag is its argument, whatever it looks
    /// like (spf13/pflag).
    Pflag,
    /// The same, but what begins with a dash is never an argument (Python's argparse).
    Argparse,
    /// `-name value` and `--name value` (Go's `flag`).
    Go,
}

/// A flag as it is given.
pub(super) struct Given<'a> {
    /// Its long name.
    pub(super) name: &'a str,
    /// Its argument.
    pub(super) value: Option<Value>,
    /// Where its name stands, when it stands there as it is.
    pub(super) name_span: Option<Span>,
    /// The word that names it.
    pub(super) word: &'a Word,
}

/// The arguments of a command.
#[derive(Default)]
pub(super) struct Arguments<'a> {
    pub(super) flags: Vec<Given<'a>>,
    pub(super) positionals: Vec<&'a Word>,
    /// Whether there may be more than is known: a substitution without quotes.
    pub(super) may_be_more: bool,
}

impl<'a> Arguments<'a> {
    /// Reads `words` by the table `flags`.
    pub(super) fn read(words: &'a [Word], flags: &Flags) -> Self {
        let mut reader = Reader { words: words.iter(), flags, found: Self::default() };
        while let Some(word) = reader.words.next() {
            reader.word(word);
        }
        reader.found
    }

    /// The flag `name`; the last one counts.
    pub(super) fn flag(&self, name: &str) -> Option<&Given<'a>> {
        self.flags.iter().rev().find(|given| given.name == name)
    }

    /// The argument of the flag `name`.
    pub(super) fn value(&self, name: &str) -> Option<&Value> {
        self.flag(name)?.value.as_ref()
    }

    /// Whether the switch `name` is on; `None` when that cannot be told.
    pub(super) fn is_on(&self, name: &str) -> Option<bool> {
        match self.flag(name) {
            None => (!self.may_be_more).then_some(false),
            Some(Given { value: None, .. }) => Some(true),
            Some(Given { value: Some(value), .. }) => match value.known()?.expose() {
                "1" | "t" | "T" | "true" | "TRUE" | "True" => Some(true),
                _ => Some(false),
            },
        }
    }

    /// The first positional arguments, while they are one known word each.
    pub(super) fn path(&self) -> Vec<&'a str> {
        let known = self.positionals.iter().map_while(|word| word.value.known());
        known.map(Text::expose).collect()
    }
}

struct Reader<'a, 'f> {
    words: std::slice::Iter<'a, Word>,
    flags: &'f Flags,
    found: Arguments<'a>,
}

impl<'a> Reader<'a, '_> {
    fn word(&mut self, word: &'a Word) {
        let text = word.value.text().expose();
        // `$FLAGS` may be anything; the argument of a flag is meant to be one word.
        self.found.may_be_more |= word.may_split && text.starts_with(UNKNOWN);
        let dashes = text.len() - text.trim_start_matches('-').len();
        match (dashes, self.flags.style) {
            _ if text == "--" => self.found.positionals.extend(self.words.by_ref()),
            (0, _) => self.found.positionals.push(word),
            _ if dashes == text.len() => self.found.positionals.push(word),
            (1, Style::Pflag | Style::Argparse) => self.short(word, text),
            _ => self.long(word, text, dashes),
        }
    }

    /// `--name`, `--name=value` or `--name value`.
    fn long(&mut self, word: &'a Word, text: &'a str, dashes: usize) {
        let name = text.get(dashes..).unwrap_or("");
        let (name, value) = match name.find('=') {
            Some(equals) => {
                let start = dashes + equals + 1;
                (name.get(..equals).unwrap_or(""), Some(part(&word.value, start..text.len())))
            }
            None => (name, None),
        };
        let name_span = verbatim(word, dashes + name.len());
        let takes_value = value.is_none() && !self.is_switch(name);
        let is_list = self.flags.lists.contains(&name);
        let value = if takes_value { self.argument() } else { value };
        self.found.flags.push(Given { name, value, name_span, word });
        while is_list && let Some(value) = self.argument_of_list() {
            self.found.flags.push(Given { name, value: Some(value), name_span: None, word });
        }
    }

    /// `-n value`, `-nvalue`, or several letters.
    fn short(&mut self, word: &'a Word, text: &'a str) {
        let mut at = 1;
        let mut name_span = verbatim(word, text.len().min(2));
        while let Some(letter) = text.get(at..).and_then(|rest| rest.chars().next()) {
            at += letter.len_utf8();
            let known = self.flags.short.iter().find(|(short, _)| *short == letter);
            let Some((_, name)) = known else { return };
            let rest = text.get(at..).unwrap_or("");
            let mut value = None;
            let is_switch = self.is_switch(name);
            if !is_switch && rest.is_empty() {
                value = self.argument();
            } else if !is_switch {
                let start = at + usize::from(rest.starts_with('='));
                value = Some(part(&word.value, start..text.len()));
                at = text.len();
            } else if text.trim_start_matches('-').chars().all(|c| c.is_ascii_alphabetic()) {
                // Switches alone: all letters are names.
                name_span = verbatim(word, text.len()).filter(|_| text.len() <= 4).or(name_span);
            }
            self.found.flags.push(Given { name, value, name_span: name_span.take(), word });
        }
    }

    fn is_switch(&self, name: &str) -> bool {
        let positive = name.strip_prefix("no-").unwrap_or(name);
        self.flags.switches.contains(&name) || self.flags.switches.contains(&positive)
    }

    /// The word behind a flag, as its argument.
    fn argument(&mut self) -> Option<Value> {
        if self.flags.style == Style::Argparse {
            return self.argument_of_list();
        }
        let word = self.words.next()?;
        Some(word.value.clone())
    }

    /// The next word, unless it is a flag.
    fn argument_of_list(&mut self) -> Option<Value> {
        let next = self.words.as_slice().first()?;
        let text = next.value.text().expose();
        if text.starts_with('-') && text.len() > 1 {
            return None;
        }
        self.words.next();
        Some(next.value.clone())
    }
}

/// Where the first `length` bytes of a word stand, when they stand there as they are.
fn verbatim(word: &Word, length: usize) -> Option<Span> {
    let text = word.value.text();
    text.is_verbatim(0..length).then(|| text.span_of(0..length))
}
