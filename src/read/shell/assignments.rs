//! Assignments, and which variables a command sets.

use super::braces::{self, Expansion};
use super::foreign;
use super::reader::{Reader, extended};
use super::word::{Ends, assigned, expand_tildes, name_length};
use super::{Assignment, Command, ErrorKind, Feeder, Value, Word};
use crate::text::{Spanned, Text, TextBuilder, UNKNOWN};

/// Commands whose arguments of the form `name=value` are assignments.
const DECLARATIONS: &[&str] = &["export", "readonly", "local", "declare", "typeset"];

impl Reader<'_> {
    /// Reads `name=value`, if that stands here.
    pub(super) fn assignment(&mut self) -> bool {
        let start = self.at;
        let Some(length) = assigned(self.rest()) else { return false };
        let name = name_length(self.rest());
        let operator = self.rest().get(name..length).unwrap_or("");
        let current = self.command();
        let name = start..start + name;
        self.at += length;
        let value = if self.peek() == Some('(') {
            self.array(start)
        } else {
            let from = self.at;
            let mut parts = self.word(Ends::Operators);
            expand_tildes(from, &mut parts, self.text.get(..self.at).unwrap_or(""));
            // Of an argument, braces make several assignments; the last one counts.
            if self.current().is_some_and(is_declaration)
                && let Expansion::Words(words) =
                    braces::expand(parts.clone(), self.text, &mut self.out.braces)
            {
                parts = words.into_iter().next_back().unwrap_or_default();
            }
            self.fields(from).single(&parts).value
        };
        let is_element = operator.starts_with('[');
        let assignment = Assignment {
            appends: is_element || operator.starts_with('+'),
            value: if is_element { self.unknown(start) } else { value },
            name: Spanned::new(
                self.text.get(name.clone()).unwrap_or("").to_owned(),
                self.source.span_of(name),
            ),
        };
        self.out.words += 1;
        let span = self.source.span_of(start..self.at);
        if let Some(command) = self.out.commands.get_mut(current) {
            command.span = extended(command, span);
            command.assignments.push(assignment);
        }
        true
    }

    /// The value `(…)` of an array, of which nothing is known.
    fn array(&mut self, start: usize) -> Value {
        self.advance();
        loop {
            self.skip_blanks();
            match self.peek() {
                None => {
                    self.error(start, ErrorKind::UnterminatedSubstitution);
                    break;
                }
                Some(')') => {
                    self.advance();
                    break;
                }
                Some('\n' | '|' | '&' | ';' | '(' | '<' | '>') => self.advance(),
                Some(_) => {
                    self.word(Ends::Operators);
                }
            }
        }
        self.unknown(start)
    }

    fn unknown(&self, start: usize) -> Value {
        let span = self.source.span_of(start..self.at);
        let mut builder = TextBuilder::default();
        foreign::unknown(&mut builder, span);
        Value::of(builder.finish(span))
    }

    /// The command that is being read is complete; `is_in_script` unless the operator behind it makes
    /// it a process of its own.
    pub(super) fn end_command(&mut self, is_in_script: bool) {
        let Some(current) = self.frame.current.take() else { return };
        self.frame.last = Some(Feeder::Command(current));
        let Some(command) = self.out.commands.get(current) else { return };
        let is_here = is_in_script && self.frame.is_certain();
        if may_set_anything(command) {
            if is_here {
                self.out.variables.forget();
            } else {
                self.out.may_set_anything = true;
            }
        }
        let declares = is_declaration(command);
        if !command.words.is_empty() && !declares {
            self.out.writes.extend(written_names(command));
            return;
        }
        let is_certain = is_here && command.fed_by.is_none();
        self.out.writes.extend(declared_names(command));
        for assignment in &command.assignments {
            let name = &assignment.name.node;
            self.out.writes.push(name.clone());
            if assignment.appends {
                self.out.writes.push(name.clone());
            } else if is_certain {
                self.out.always.push(name.clone());
                if let Some(value) = assignment.value.known() {
                    self.out.variables.assign(name, value.expose());
                }
            }
        }
    }
}

/// Whether `command` may set any variable: it runs a file in the shell itself, or text that only running tells.
fn may_set_anything(command: &Command) -> bool {
    let begins_unknown = |word: &Word| word.value.text().expose().starts_with(UNKNOWN);
    let is_unknown = |word: &Word| word.value.known().is_none();
    let Some((name, words)) = command.words.split_first() else { return false };
    match name.value.known().map_or("", Text::expose) {
        "." | "source" => true,
        "eval" => words.iter().any(is_unknown),
        // `export $(cat .env)`
        _ => is_declaration(command) && words.iter().any(begins_unknown),
    }
}

/// Whether the arguments of `command` may be assignments.
pub(super) fn is_declaration(command: &Command) -> bool {
    let name = command.words.first().and_then(|word| word.value.known());
    name.is_some_and(|name| DECLARATIONS.contains(&name.expose()))
}

/// The variables that a declaration names besides its assignments, where that changes them.
fn declared_names(command: &Command) -> Vec<String> {
    let mut words = command.words.iter().map(|word| word.value.text().expose());
    let keeps = words.next().is_none_or(|name| matches!(name, "export" | "readonly"));
    let changes = |word: &&str| !keeps || word.contains('=');
    words.filter(changes).map(name_of).collect()
}

/// The variable name that `word` begins with.
fn name_of(word: &str) -> String {
    word.get(..name_length(word)).unwrap_or("").to_owned()
}

/// The variables that any other command sets besides its assignments.
fn written_names(command: &Command) -> Vec<String> {
    let mut words = command.words.iter().map(|word| word.value.text().expose());
    let name = words.next().unwrap_or("");
    let sets = match name {
        "read" | "mapfile" | "readarray" | "getopts" | "unset" | "let" => true,
        "printf" => words.clone().next() == Some("-v"),
        _ => false,
    };
    if !sets {
        return Vec::new();
    }
    words.map(name_of).collect()
}
