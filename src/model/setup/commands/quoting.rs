//! Arguments that the shell takes apart before the command gets them: JSON, and placeholders in angle brackets.

use std::ops::Range;

use super::Commands;
use super::invocation::Invocation;
use crate::model::Place;
use crate::read::json;
use crate::read::shell::{Target, Word};
use crate::text::Span;

/// What the keys of settings end with that hold the kwargs of a backend.
const KWARGS: &str = "BACKEND_KWARGS";

/// The longest JSON that is looked at, in bytes.
const MAX_LENGTH: usize = 16 << 10;

/// How many arguments of one command are looked at.
const MAX_ARGUMENTS: usize = 1_000;

/// How many words of one command may begin like JSON.
const MAX_WORDS: usize = 100;

/// An argument that is JSON as written, and none as the command gets it.
#[derive(Debug)]
pub struct BrokenJson {
    /// The JSON, without the double quotes around it.
    pub json: Place,
    /// Whether double quotes stand around it.
    pub is_double_quoted: bool,
    /// Whether it would be the same in single quotes.
    pub is_plain: bool,
    /// What happens to it.
    pub breaks: Breaks,
    /// The whole statement.
    pub statement: Place,
}

/// What the shell does to JSON that is not quoted.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Breaks {
    /// It becomes several arguments at its blanks.
    Splits,
    /// Its braces make one argument for each member.
    ExpandsBraces,
    /// Its quotes are removed.
    LosesQuotes,
    /// A CI system puts it there before the shell reads the script, in the place of an interpolation that does not
    /// stand in single quotes.
    Interpolated,
    /// It is the value of a variable without quotes, and becomes several arguments at its blanks.
    SplitsValue,
}

/// Looks for broken JSON among the arguments of a command, and for placeholders that are redirections.
pub(super) fn check(invocation: &Invocation<'_>, commands: &mut Commands) {
    placeholders(invocation, commands);
    for word in invocation.arguments.iter().take(MAX_ARGUMENTS) {
        commands.broken_json.extend(put_in(word, invocation));
    }
    let mut end = 0;
    let may_be = |word: &&Word| {
        let (script, range) = written(word.raw, invocation).unwrap_or_default();
        script.get(range).is_some_and(|it| it.contains(['{', '[']))
    };
    for word in invocation.arguments.iter().filter(may_be).take(MAX_WORDS) {
        // The words that come of one piece of JSON tell the same.
        if word.raw.start >= end
            && let Some(broken) = broken(word, invocation)
        {
            end = broken.json.span.end;
            commands.broken_json.push(broken);
        }
    }
}

/// `<your-deployment-id>`: for the shell, input from a file, and output to a file that the next word names.
fn placeholders(invocation: &Invocation<'_>, commands: &mut Commands) {
    let text = invocation.scope.text;
    for pair in invocation.command.redirections.windows(2) {
        let [opens, closes] = pair else { continue };
        let written = opens.span.of(text);
        let is_placeholder = matches!(opens.target, Target::Input(_))
            && opens.descriptor.is_none()
            && matches!(closes.target, Target::Output(_))
            && closes.span.start == opens.span.end
            && closes.span.of(text).starts_with('>')
            && written.get(1..).is_some_and(|name| {
                name.starts_with(|c: char| c.is_ascii_alphabetic())
                    && name.chars().all(|c| c.is_ascii_alphanumeric() || "-_".contains(c))
            });
        if is_placeholder {
            let span = Span::new(opens.span.start, closes.span.start + 1);
            commands.placeholders.push(invocation.at(span));
        }
    }
}

/// The kwargs of a backend, which are JSON, that something else puts into the argument `KEY=…`, where they do not
/// survive that.
fn put_in(word: &Word, invocation: &Invocation<'_>) -> Option<BrokenJson> {
    let (script, range) = written(word.raw, invocation)?;
    let (begins, raw) = (range.start, script.get(range)?);
    let opens = raw.len() - raw.trim_start_matches('"').len();
    let name = raw.get(opens..)?;
    let key = name.get(..name.find('=')?)?;
    let is_key = key.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    if opens > 1 || !is_key || !key.ends_with(KWARGS) {
        return None;
    }
    let start = opens + key.len() + 1;
    let value = raw.get(start..)?;
    let inner = value.trim_start_matches('"');
    let is_double_quoted = opens == 1 || inner.len() < value.len();
    let breaks = if inner.starts_with("${{") {
        Breaks::Interpolated
    } else if inner.starts_with('$')
        && !inner.starts_with("$'")
        && !is_double_quoted
        && (word.may_split || word.is_part)
    {
        Breaks::SplitsValue
    } else {
        return None;
    };
    let json = begins + start..begins + raw.len();
    let is_plain = is_plain(script.get(json.clone())?);
    let json = invocation.at(invocation.scope.source.span_of(json));
    Some(BrokenJson { json, is_double_quoted, is_plain, breaks, statement: invocation.place() })
}

/// The script, and where in it stands what `span` of the file holds: the file may have it in quotes of its own.
fn written<'a>(span: Span, invocation: &Invocation<'a>) -> Option<(&'a str, Range<usize>)> {
    let source = invocation.scope.source;
    Some((source.expose(), source.range_of(span)?))
}

/// Whether single quotes around `json` keep it as it is, and nothing in it is to be expanded.
fn is_plain(json: &str) -> bool {
    !json.contains(['$', '`', '\'', '\\', '\n'])
}

fn broken(word: &Word, invocation: &Invocation<'_>) -> Option<BrokenJson> {
    let (script, range) = written(word.raw, invocation)?;
    let raw = script.get(range.clone())?;
    let prefix = value_start(raw);
    let value = raw.get(prefix..)?;
    let is_double_quoted = value.starts_with("\"{") || value.starts_with("\"[");
    let start = range.start + prefix + usize::from(is_double_quoted);
    let command = written(invocation.command.span, invocation)?.1;
    let rest = script.get(start..command.end)?;
    let json = start..start + json_length(rest)?;
    let text = script.get(json.clone())?;
    let parsed = json::parse(text).ok()?;
    let is_container = matches!(parsed.kind, json::Kind::Object(_) | json::Kind::Array(_));
    if !is_container || !text.contains('"') {
        return None;
    }
    // What the command gets behind the same prefix.
    let got = word.value.text().expose();
    let value = got.get(value_start(got)..).unwrap_or("");
    if json::parse(value)
        .is_ok_and(|got| matches!(got.kind, json::Kind::Object(_) | json::Kind::Array(_)))
        && value.contains('"')
    {
        return None;
    }
    let breaks = if json.end > range.end {
        Breaks::Splits
    } else if word.is_part {
        Breaks::ExpandsBraces
    } else {
        Breaks::LosesQuotes
    };
    let json = invocation.at(invocation.scope.source.span_of(json));
    let is_plain = is_plain(text);
    Some(BrokenJson { json, is_double_quoted, is_plain, breaks, statement: invocation.place() })
}

/// Where the value begins in `KEY=value`, `--flag=value` or a value alone.
fn value_start(written: &str) -> usize {
    let is_name = |c: char| c.is_ascii_alphanumeric() || "_-.".contains(c);
    let name = written.len() - written.trim_start_matches(is_name).len();
    let has_equals = written.get(name..).is_some_and(|rest| rest.starts_with('='));
    if has_equals { name + 1 } else { 0 }
}

/// The length of the JSON object or array that `text` begins with, by its brackets.
fn json_length(text: &str) -> Option<usize> {
    if !text.starts_with(['{', '[']) {
        return None;
    }
    let (mut depth, mut in_string, mut is_escaped) = (0_usize, false, false);
    for (at, c) in text.char_indices().take(MAX_LENGTH) {
        match c {
            '"' if !is_escaped => in_string = !in_string,
            '{' | '[' if !in_string => depth += 1,
            '}' | ']' if !in_string => {
                depth -= 1;
                if depth == 0 {
                    return Some(at + 1);
                }
            }
            _ => {}
        }
        is_escaped = c == '\\' && !is_escaped;
    }
    None
}
