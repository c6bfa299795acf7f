//! The recipes of a Makefile as the shell gets them.
//!
//! Facts from the manual of GNU make 4.4, sections "Recipe Syntax", "Using Variables" and "Parallel
//! Execution". Each line of a recipe is a script of its own: nothing that one line sets reaches the
//! next. `.ONESHELL` and `.RECIPEPREFIX` are not looked at, and the bodies of `define` are left out.

use super::shell::{is_posix, stand_in, unknown};
use crate::hash::HashMap;
use crate::text::{Span, Text, TextBuilder, UNKNOWN};

/// How much text the variables of one file may insert, in bytes and one for each use.
const MAX_INSERTED: usize = 1 << 20;

/// One line of a recipe, with the lines that a backslash adds to it.
#[derive(Clone, Debug)]
pub struct RecipeLine {
    /// What stands in front of the colon of its rule.
    pub target: Span,
    /// What the shell gets. [`crate::text::UNKNOWN`] stands in it for each variable or function of
    /// make whose value is not certain.
    pub script: Text,
}

/// The lines of all recipes of a Makefile, in order.
#[must_use]
pub fn read(text: &str) -> Vec<RecipeLine> {
    let mut reader = Reader::new(text);
    let mut found = Vec::new();
    let assigned = lines(text).into_iter().filter_map(|line| assignment(line, text));
    let mut shells = assigned.filter(|it| it.name == "SHELL").map(|it| it.value.of(text));
    if shells.any(|shell| !shell.contains('$') && !is_posix(shell)) {
        return found;
    }
    let mut target = None;
    // Of conditionals, how many are open; of `define`, whether one is.
    let (mut conditions, mut in_definition) = (0_usize, false);
    for line in lines(text) {
        let written = line.of(text);
        let word = written.split_whitespace().next().unwrap_or("");
        if in_definition {
            in_definition = word != "endef";
        } else if let Some(target) = target.filter(|_| written.starts_with('\t')) {
            found.push(RecipeLine { target, script: reader.script(line.start + 1, line.end) });
        } else if word == "define" {
            in_definition = true;
        } else if matches!(word, "ifeq" | "ifneq" | "ifdef" | "ifndef") {
            conditions += 1;
        } else if word == "endif" {
            conditions = conditions.saturating_sub(1);
        } else if word == "else" || word.starts_with('#') || word.is_empty() {
        } else if let Some(assignment) = assignment(line, text) {
            reader.assign(&assignment, conditions == 0);
            target = None;
        } else if let Some(colon) = colon(written) {
            let targets = Span::new(line.start, line.start + colon);
            target = Some(targets);
            // `target: prerequisites ; recipe`
            let rest = written.get(colon..).unwrap_or("");
            if let Some(semicolon) = rest.find(';') {
                let start = targets.end + semicolon + 1;
                found.push(RecipeLine { target: targets, script: reader.script(start, line.end) });
            }
        }
    }
    found
}

/// The lines of `text` without their ends, each with those that a backslash adds to it.
fn lines(text: &str) -> Vec<Span> {
    let mut found = Vec::new();
    let mut start = None;
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let content = line.trim_end_matches(['\n', '\r']);
        let from = *start.get_or_insert(at);
        let escapes = content.len() - content.trim_end_matches('\\').len();
        if escapes % 2 == 0 || at + line.len() == text.len() {
            found.push(Span::new(from, at + content.len()));
            start = None;
        }
        at += line.len();
    }
    found
}

/// `NAME = value` of a Makefile.
struct Assignment<'a> {
    name: &'a str,
    value: Span,
    /// Whether it sets the variable whatever that was before.
    replaces: bool,
}

/// The assignment that `line` is, modifiers such as `export` left out.
fn assignment(line: Span, text: &str) -> Option<Assignment<'_>> {
    let written = line.of(text);
    let equals = written.find('=')?;
    let before = written.get(..equals)?;
    let (before, replaces) = match before.trim_end_matches(':') {
        name if name.ends_with(['?', '+', '!']) => (name.get(..name.len() - 1)?, false),
        name => (name, true),
    };
    let words: Vec<&str> = before.split_whitespace().collect();
    let (name, modifiers) = words.split_last()?;
    let is_modifier = |word: &&str| matches!(*word, "export" | "override" | "private" | "unexport");
    let is_name = |c: char| c.is_ascii_alphanumeric() || "_.-".contains(c);
    if !modifiers.iter().all(is_modifier) || !name.chars().all(is_name) {
        return None;
    }
    let value = written.get(equals + 1..)?;
    let length = comment(value).unwrap_or(value.len());
    let value = value.get(..length)?;
    let start = line.start + equals + 1 + (value.len() - value.trim_start().len());
    // With a comment behind it, the blanks in front of that belong to the value.
    Some(Assignment { name, value: Span::new(start, line.start + equals + 1 + length), replaces })
}

/// Where a comment begins in `value`.
fn comment(value: &str) -> Option<usize> {
    let is_comment = |at: &usize| !value.get(..*at).is_some_and(|before| before.ends_with('\\'));
    value.match_indices('#').map(|(at, _)| at).find(is_comment)
}

/// Where the colon stands that ends the targets of the rule in `line`.
fn colon(line: &str) -> Option<usize> {
    let mut depth = 0_usize;
    line.char_indices().find_map(|(at, c)| {
        match c {
            '(' | '{' => depth += 1,
            ')' | '}' => depth = depth.saturating_sub(1),
            ':' if depth == 0 => return Some(at),
            _ => {}
        }
        None
    })
}

/// What make puts in place of the variables in recipes.
struct Reader<'a> {
    source: Text,
    text: &'a str,
    /// How often each variable is set anywhere in the file.
    counts: HashMap<&'a str, usize>,
    values: HashMap<&'a str, String>,
    left: usize,
}

impl<'a> Reader<'a> {
    fn new(text: &'a str) -> Self {
        let mut counts = HashMap::default();
        for line in lines(text).into_iter().filter(|line| !line.of(text).starts_with('\t')) {
            // Also those of one target alone: `target: NAME = value`.
            let start = line.start + colon(line.of(text)).map_or(0, |colon| colon + 1);
            let all = assignment(line, text);
            let of_target = || assignment(Span::new(start.min(line.end), line.end), text);
            if let Some(assignment) = all.or_else(of_target) {
                *counts.entry(assignment.name).or_default() += 1;
            }
        }
        let source = Text::verbatim(text, 0);
        Self { source, text, counts, values: HashMap::default(), left: MAX_INSERTED }
    }

    fn assign(&mut self, assignment: &Assignment<'a>, is_certain: bool) {
        if !is_certain || !assignment.replaces || self.counts.get(assignment.name) != Some(&1) {
            return;
        }
        let value = self.expand(assignment.value.start, assignment.value.end);
        if !value.expose().contains([UNKNOWN, '\\']) {
            self.values.insert(assignment.name, value.expose().to_owned());
        }
    }

    /// What the shell gets of the recipe line `start..end`.
    fn script(&mut self, start: usize, end: usize) -> Text {
        let line = Span::new(start, end).of(self.text);
        let prefix = line.len() - line.trim_start_matches(['@', '-', '+', ' ', '\t']).len();
        self.expand(start + prefix, end)
    }

    /// The bytes `start..end` with variables replaced, and without the tab in front of each line that
    /// a backslash added.
    fn expand(&mut self, start: usize, end: usize) -> Text {
        let mut builder = TextBuilder::default();
        let mut at = start;
        while at < end {
            let rest = Span::new(at, end).of(self.text);
            let length = rest.find(['$', '\n']).unwrap_or(rest.len());
            builder.copy(&self.source, at..at + length);
            at += length;
            let rest = rest.get(length..).unwrap_or("");
            if rest.starts_with('\n') {
                builder.copy(&self.source, at..at + 1);
                at += 1 + usize::from(rest.starts_with("\n\t"));
            } else if let Some((name, length)) = variable(rest) {
                let span = Span::new(at, at + length);
                match self.value(name) {
                    Some(value) => stand_in(&mut builder, &value, span),
                    None => unknown(&mut builder, span),
                }
                at += length;
            } else if rest.starts_with('$') {
                // A lone one at the end is itself.
                stand_in(&mut builder, "$", Span::new(at, (at + 2).min(end)));
                at = (at + 2).min(end);
            }
        }
        builder.finish(Span::new(start, end))
    }

    fn value(&mut self, name: &str) -> Option<String> {
        let value = self.values.get(name)?;
        self.left = self.left.checked_sub(value.len() + 1)?;
        Some(value.clone())
    }
}

/// The variable or function call that `text` begins with, and its length; `None` for `$$`.
fn variable(text: &str) -> Option<(&str, usize)> {
    let after = text.strip_prefix('$')?;
    let first = after.chars().next()?;
    let (open, close) = match first {
        '$' => return None,
        '(' => ('(', ')'),
        '{' => ('{', '}'),
        _ => return Some((after.get(..first.len_utf8())?, 1 + first.len_utf8())),
    };
    let mut depth = 0_usize;
    for (at, c) in after.char_indices() {
        if c == open {
            depth += 1;
        } else if c == close {
            depth -= 1;
            if depth == 0 {
                return Some((after.get(1..at)?, 1 + at + 1));
            }
        }
    }
    // It is not closed: all that is left.
    Some(("", text.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scripts(text: &str) -> Vec<String> {
        read(text).iter().map(|line| line.script.expose().replace(UNKNOWN, "?")).collect()
    }

    #[test]
    fn recipes_are_what_the_shell_gets() {
        let cases: &[(&str, &[&str])] = &[
            ("a:\n\tone\n\t@two\n\t-@ three\n\nb: a\n\tfour\n", &["one", "two", "three", "four"]),
            (
                "X = v\nY := $(X)/w\na:\n\techo $(X) ${Y} $X $$X $${X} $@ $(Z)\n",
                &["echo v v/w v $X ${X} ? ?"],
            ),
            ("X = 1\nX = 2\na:\n\techo $(X)\n", &["echo ?"]),
            ("X ?= 1\nY += 2\na:\n\techo $(X) $(Y)\n", &["echo ? ?"]),
            ("ifdef A\nX = 1\nelse\nendif\na:\n\techo $(X)\n", &["echo ?"]),
            ("X = 1\na: X = 2\na:\n\techo $(X)\n", &["echo ?"]),
            ("export X := a b # note\na:\n\techo '$(X)'\n", &["echo 'a b '"]),
            ("a:\n\techo $(shell date +%s $(X)) ${call f,(}\n", &["echo ? ?"]),
            ("a:\n\tone \\\n\t  --two \\\n\t--three\n", &["one \\\n  --two \\\n--three"]),
            ("a: b ; inline\n\tmore\n", &["inline", "more"]),
            ("define X\na:\n\tno\nendef\na:\n\tyes\n", &["yes"]),
            ("\tno rule yet\nX = 1\n\tnot one\n", &[]),
            ("a:\n# note\n\n\tx\n", &["x"]),
            ("a:\r\n\tx \\\r\n\ty\r\n", &["x \\\r\ny"]),
            ("a:\n\tx $", &["x $"]),
            ("a:\n\tx $(", &["x ?"]),
            ("$(X): y\n\tz\n", &["z"]),
            ("SHELL := /usr/bin/env bash\na:\n\tx\n", &["x"]),
            ("SHELL := pwsh.exe\na:\n\tx\n", &[]),
            ("SHELL = /usr/bin/fish\na:\n\tx\n", &[]),
        ];
        for (text, expected) in cases {
            assert_eq!(scripts(text), *expected, "{text:?}");
        }
    }

    #[test]
    fn scripts_point_back_into_the_file() {
        let text = "P = x\nall:\n\t@aws \\\n\t\t--name $(P)/é --value \"$$V\"\n";
        let lines = read(text);
        let [line] = lines.as_slice() else { panic!("one line") };
        assert_eq!(line.target.of(text), "all");
        let script = line.script.expose();
        assert_eq!(script, "aws \\\n\t--name x/é --value \"$V\"");
        let span_of = |part: &str| {
            let at = script.find(part).expect("a part");
            line.script.span_of(at..at + part.len()).of(text)
        };
        assert_eq!(span_of("--name"), "--name");
        assert_eq!(span_of("x"), "$(P)");
        assert_eq!(span_of("é"), "é");
        assert_eq!(span_of("$V"), "$$V");
    }
}
