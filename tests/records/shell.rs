//! What `bash` made of snippets against what the shell reader does.

use astrolint::read::shell::{self, Command, Dialect, Target};
use astrolint::text::{Text, UNKNOWN};
use serde_json::Value;

use super::{Row, Tally};

/// A call as `bash` made it.
struct Call {
    words: Vec<String>,
    input: Option<String>,
}

/// Compares the calls of `show` and `input` in a snippet. They may run in another order than they
/// stand in, several times or not at all, which no reader tells: where the numbers differ, each call
/// that was read must be among those that were made, unless it never ran.
pub(super) fn calls(row: &Row, tally: &mut Tally) -> Vec<String> {
    let script = &format!("{}\n", row["script"].as_str().unwrap());
    let mut made: Vec<Call> = row["calls"].as_array().unwrap().iter().map(call).collect();
    let read = shell::read(&Text::verbatim(script, 0), Dialect::Bash);
    let mut found: Vec<&Command> =
        read.commands.iter().filter(|command| is_call(command)).collect();
    // What agrees with little is compared first.
    found.sort_by_key(|command| {
        command.words.iter().filter(|word| word.value.known().is_none()).count()
    });
    let runs_as_written = found.len() == made.len();
    let mut wrong = Vec::new();
    if let Some(error) = read.errors.first() {
        wrong.push(format!("{error} at {:?} in {script:?}", error.span));
    }
    for command in found {
        let has_split = command.words.iter().any(|word| word.may_split);
        match made.iter().position(|call| agrees(command, call)) {
            Some(index) => {
                made.remove(index);
            }
            None if runs_as_written => wrong.push(format!(
                "{script:?}: read {:?}, bash had {:?}",
                command.words.iter().map(|word| word.value.text().expose()).collect::<Vec<_>>(),
                made.iter().map(|call| &call.words).collect::<Vec<_>>()
            )),
            None => tally.skips("shell", "calls", "not run as often as written"),
        }
        let is_known = command.words.iter().all(|word| word.value.known().is_some());
        match (is_known, has_split) {
            (true, _) => tally.agrees("shell", "calls"),
            (false, false) => tally.skips("shell", "calls", "partly dynamic"),
            (false, true) => tally.skips("shell", "calls", "number of words dynamic"),
        }
    }
    wrong
}

fn call(value: &Value) -> Call {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    Call {
        words: value["words"].as_array().unwrap().iter().map(text).collect(),
        input: value.get("input").map(text),
    }
}

fn is_call(command: &Command) -> bool {
    let name = command.words.first().and_then(|word| word.value.known());
    name.is_some_and(|name| matches!(name.expose(), "show" | "input"))
}

fn agrees(command: &Command, call: &Call) -> bool {
    let words: Vec<&str> = command.words.iter().map(|word| word.value.text().expose()).collect();
    let document =
        command.redirections.iter().rev().find_map(|redirection| match &redirection.target {
            Target::HereDocument(document) => Some(document.body.text().expose().to_owned()),
            Target::HereString(word) => Some(format!("{}\n", word.value.text().expose())),
            _ => None,
        });
    let input_agrees = match (&call.input, document) {
        (Some(input), Some(document)) => matches(&document, input),
        _ => true,
    };
    let words_agree = if command.words.iter().any(|word| word.may_split) {
        // Any number of words, with the same text in them.
        let joined = |words: String| words.replace([' ', '\n'], "");
        matches(&joined(words.concat()), &joined(call.words.concat()))
    } else {
        words.len() == call.words.len()
            && words.iter().zip(&call.words).all(|(word, was)| matches(word, was))
    };
    words_agree && input_agrees
}

/// Whether `text` is `pattern` with something in place of each unknown part.
fn matches(pattern: &str, text: &str) -> bool {
    let mut pieces = pattern.split(UNKNOWN);
    let Some(mut rest) = pieces.next().and_then(|first| text.strip_prefix(first)) else {
        return false;
    };
    let pieces: Vec<&str> = pieces.collect();
    let Some((last, middle)) = pieces.split_last() else { return rest.is_empty() };
    for piece in middle {
        let Some(at) = rest.find(piece) else { return false };
        rest = &rest[at + piece.len()..];
    }
    rest.ends_with(last)
}
