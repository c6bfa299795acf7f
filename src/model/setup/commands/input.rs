//! What a command reads from its standard input.

use super::{Scope, unknown};
use crate::model::Place;
use crate::model::setup::creation::Payload;
use crate::model::setup::deployed::Replacement;
use crate::read::shell::{Command, Feeder, Script, Target, Word};
use crate::text::{Text, TextBuilder, Value};

/// How many commands of a pipe are followed.
const MAX_PIPES: usize = 8;

/// What `command` reads; `None` when nothing is given to it.
pub(super) fn of(command: &Command, script: &Script) -> Option<Payload> {
    input(command, script, MAX_PIPES)
}

fn input(command: &Command, script: &Script, left: usize) -> Option<Payload> {
    let inputs = command.redirections.iter().filter(|it| it.descriptor.is_none_or(|it| it == 0));
    let redirected = inputs.rev().find_map(|it| match &it.target {
        Target::Input(word) => Some(Payload::File(word.value.clone())),
        Target::HereString(word) => Some(Payload::Line(word.value.clone())),
        Target::HereDocument(document) => Some(without_line_end(&document.body)),
        Target::Output(_) | Target::Descriptor(_) => None,
    });
    redirected.or_else(|| match command.fed_by? {
        Feeder::Command(index) => {
            let feeder = script.commands.get(index)?;
            Some(output(feeder, script, left.checked_sub(1)?).unwrap_or(Payload::Unknown))
        }
        Feeder::Other => Some(Payload::Unknown),
    })
}

/// What a command prints, as far as that is certain.
fn output(command: &Command, script: &Script, left: usize) -> Option<Payload> {
    let (name, words) = command.words.split_first()?;
    if words.iter().any(|word| word.may_split) {
        return None;
    }
    match name.value.known()?.expose() {
        "echo" => echo(words),
        "printf" => printf(words),
        "cat" => match words {
            [] => input(command, script, left),
            [file] if file.value.text().expose() == "-" => input(command, script, left),
            [file] => Some(Payload::File(file.value.clone())),
            _ => None,
        },
        "tr" => {
            let deletes = |signs: &str| matches!(signs, "\\n" | "\n" | "\\r\\n" | "\\n\\r");
            let [flag, signs] = words else { return None };
            let is_deletion = flag.value.known()?.expose() == "-d";
            match input(command, script, left)? {
                Payload::Line(value) | Payload::Text(value)
                    if is_deletion
                        && deletes(signs.value.known()?.expose())
                        && !value.text().expose().contains('\n') =>
                {
                    Some(Payload::Text(value))
                }
                _ => None,
            }
        }
        _ => None,
    }
}

/// What `echo` prints; with backslashes that depends on the shell.
fn echo(words: &[Word]) -> Option<Payload> {
    let is_option = |word: &&Word| {
        let letters = word.value.text().expose().strip_prefix('-');
        letters.is_some_and(|it| !it.is_empty() && it.chars().all(|c| "neE".contains(c)))
    };
    let options = words.iter().take_while(is_option).count();
    let (options, words) = words.split_at_checked(options)?;
    let has = |letter| options.iter().any(|word| word.value.text().expose().contains(letter));
    let text = joined(words);
    if has('e') && text.text().expose().contains('\\') {
        return None;
    }
    Some(if has('n') { Payload::Text(text) } else { Payload::Line(text) })
}

/// What `printf` prints: a text without anything to replace, or one word.
fn printf(words: &[Word]) -> Option<Payload> {
    let words = match words {
        [first, rest @ ..] if first.value.text().expose() == "--" => rest,
        words => words,
    };
    match words {
        [format] if !format.value.text().expose().contains(['%', '\\']) => {
            Some(Payload::Text(format.value.clone()))
        }
        [format, word] => match format.value.known()?.expose() {
            "%s" => Some(Payload::Text(word.value.clone())),
            "%s\\n" | "%s\n" => Some(Payload::Line(word.value.clone())),
            _ => None,
        },
        _ => None,
    }
}

/// The words with a blank between each two.
fn joined(words: &[Word]) -> Value {
    let mut builder = TextBuilder::default();
    let mut span = None;
    for word in words {
        let text = word.value.text();
        if let Some(end) = span.map(|span: crate::text::Span| span.end) {
            builder.copy(&Text::produced_by(" ", crate::text::Span::at(end)), 0..1);
        }
        builder.copy(text, 0..text.expose().len());
        span = Some(span.map_or(text.span(), |span| span.cover(text.span())));
    }
    Value::of(builder.finish(span.unwrap_or_default()))
}

/// A body without the line end that closes it.
fn without_line_end(body: &Value) -> Payload {
    let text = body.text().expose();
    match text.strip_suffix('\n') {
        Some(before) => Payload::Line(super::part(body, 0..before.len())),
        None => Payload::Text(body.clone()),
    }
}

/// A payload as a value, with the line break behind it.
pub(super) fn whole(payload: Payload, command: &Command) -> Value {
    let has_line_break = matches!(payload, Payload::Line(_));
    let value = value(payload, command);
    if !has_line_break {
        return value;
    }
    let text = value.text();
    let mut builder = TextBuilder::default();
    builder.copy(text, 0..text.expose().len());
    builder.push("\n", crate::text::Span::at(text.span().end));
    Value::of(builder.finish(text.span()))
}

/// A payload as a value.
pub(super) fn value(payload: Payload, command: &Command) -> Value {
    match payload {
        Payload::Text(value) | Payload::Line(value) => value,
        _ => unknown(command.span),
    }
}

/// What would make the command that feeds `command` print its text without a line break: `printf %s` in the
/// place of an `echo` with one argument.
pub(super) fn without_line_break(command: &Command, scope: Scope<'_>) -> Option<Replacement> {
    let Some(Feeder::Command(index)) = command.fed_by else { return None };
    let [echo, _] = scope.script.commands.get(index)?.words.as_slice() else { return None };
    if scope.depth > 0 || echo.raw.of(scope.text) != "echo" {
        return None;
    }
    Some(Replacement { place: Place::new(scope.file, echo.raw), text: "printf %s".to_owned() })
}
