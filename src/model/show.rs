//! What of a file may be shown, by an allow-list: keys, harmless values, code without its strings.

use super::{FileId, FileKind, Files, Reference};
use crate::facts::{is_harmless_parameter, is_harmless_setting, looks_like_parameter};
use crate::read::dockerfile::{self, Details, Instruction};
use crate::read::dotenv::Document;
use crate::read::json::{self, TokenKind};
use crate::read::requirements::{self, Item};
use crate::read::{cfg, python};
use crate::text::Span;

/// The spans of `file` that hold no credential; `references` are those of the project.
#[must_use]
pub fn shown_spans(files: &Files, file: FileId, references: &[Reference]) -> Vec<Span> {
    let text = files.get(file).text();
    match files.get(file).kind() {
        FileKind::Env | FileKind::EnvTemplate => env_file(text),
        FileKind::Dockerfile => dockerfile(text),
        FileKind::AirflowCfg => airflow_cfg(text),
        FileKind::Requirements => requirements(text),
        FileKind::Python => {
            let asked = references.iter().filter(|reference| reference.file == file);
            code(text, asked.map(|reference| reference.key_span))
        }
        FileKind::Configuration => configuration(text),
        FileKind::Gitignore | FileKind::Dockerignore => vec![Span::new(0, text.len())],
    }
}

/// The spans of a value that may be shown, when it is that of the setting `key`.
fn value(key: &str, span: Span, text: &str, out: &mut Vec<Span>) {
    let raw = span.of(text);
    if is_harmless_setting(key) {
        out.push(span);
    } else if key.ends_with("BACKEND_KWARGS") {
        kwargs(raw, span.start, out);
    } else if let Some(placeholder) = placeholder(raw) {
        out.push(Span::new(span.start + placeholder.start, span.start + placeholder.end));
    }
}

/// The parts of kwargs, whether they are JSON or not: punctuation, names of parameters, and the
/// texts of parameters that hold no credential.
fn kwargs(raw: &str, offset: usize, out: &mut Vec<Span>) {
    let mut show = |span: Span| out.push(Span::new(offset + span.start, offset + span.end));
    let mut harmless_value_follows = false;
    let mut name = None;
    for token in json::tokens(raw) {
        match token.kind {
            TokenKind::Punctuation(_) => {
                show(token.span);
                harmless_value_follows =
                    token.span.of(raw) == ":" && name.is_some_and(is_harmless_parameter);
                name = None;
            }
            _ => {
                let inner = token.span.of(raw).trim_matches(['"', '\'', '\\', '“', '”', '‘', '’']);
                let url_with_credentials = inner.contains("://") && inner.contains('@');
                let constant = ["true", "false", "null", "True", "False", "None"].contains(&inner);
                if (harmless_value_follows && !url_with_credentials)
                    || looks_like_parameter(inner) && is_name(raw, token.span)
                    || constant
                {
                    show(token.span);
                }
                harmless_value_follows = false;
                name = Some(inner);
            }
        }
    }
}

/// Whether a colon follows: the token is the name of a member.
fn is_name(raw: &str, token: Span) -> bool {
    raw.get(token.end..).is_some_and(|rest| rest.trim_start().starts_with(':'))
}

/// Where in `raw` a placeholder such as `<your-region>` stands.
#[must_use]
pub fn placeholder(raw: &str) -> Option<Span> {
    let start = raw.find('<')?;
    let length = raw.get(start..)?.find('>')?;
    let inner = raw.get(start + 1..start + length)?;
    let wordy = !inner.is_empty()
        && inner.len() <= 60
        && inner.chars().all(|c| c.is_ascii_alphabetic() || " -_".contains(c));
    wordy.then(|| Span::new(start, start + length + 1))
}

fn is_plain_key(key: &str) -> bool {
    key.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_') && !key.is_empty()
}

/// Whether `key` of an env file may be shown: it is a name. The last line of a private key that was
/// pasted without quotes can look like an assignment; its letters do not make words.
#[must_use]
pub fn is_shown_key(key: &str) -> bool {
    let is_word = |word: &str| {
        let mut letters = word.chars().skip(1).filter(char::is_ascii_alphabetic).peekable();
        let lower = letters.peek().is_some_and(char::is_ascii_lowercase);
        word.len() <= 32 && letters.all(|letter| letter.is_ascii_lowercase() == lower)
    };
    is_plain_key(key) && key.split('_').all(is_word)
}

fn env_file(text: &str) -> Vec<Span> {
    let document = Document::new(text);
    let mut spans = Vec::new();
    for assignment in document.assignments() {
        spans.extend(assignment.export);
        let key = assignment.key.of(text);
        if is_shown_key(key) {
            spans.push(assignment.key);
            spans.push(assignment.separator);
            if assignment.quote.is_some() {
                let Span { start, end } = assignment.value;
                spans.extend([Span::new(start, start + 1), Span::new(end - 1, end)]);
            }
            value(key, assignment.value, text, &mut spans);
        }
    }
    spans.extend(
        document.comments().map(|comment| comment.span).filter(|span| is_directive(span.of(text))),
    );
    spans
}

/// Whether a comment speaks to astrolint.
fn is_directive(comment: &str) -> bool {
    comment.trim_start_matches(['#', ' ', '\t']).starts_with("astrolint:")
}

fn dockerfile(text: &str) -> Vec<Span> {
    let mut spans = Vec::new();
    for instruction in &dockerfile::read(text).instructions {
        instruction_parts(instruction, text, &mut spans);
    }
    spans
}

fn instruction_parts(instruction: &Instruction, text: &str, spans: &mut Vec<Span>) {
    spans.push(instruction.keyword.span);
    match &instruction.details {
        Details::Env(pairs) => {
            for pair in pairs.iter().filter(|pair| is_plain_key(&pair.key.node)) {
                spans.push(pair.key.span);
                value(&pair.key.node, pair.raw.span(), text, spans);
            }
        }
        Details::Arg(arguments) => {
            spans.extend(arguments.iter().map(|argument| argument.name.span))
        }
        Details::From(_) | Details::Paths(_) => {
            let arguments = instruction.arguments.span();
            if !arguments.of(text).contains("://") {
                spans.push(arguments);
            }
        }
        Details::Onbuild(inner) => {
            if let Some(inner) = inner {
                instruction_parts(inner, text, spans);
            }
        }
        Details::Other => {
            // The words of `pip install`, which are versions and names unless they are URLs.
            let span = instruction.arguments.span();
            let line = span.of(text);
            if line.contains("pip install") && !line.contains(['@', '$']) && !line.contains("://") {
                spans.push(span);
            }
        }
    }
}

fn airflow_cfg(text: &str) -> Vec<Span> {
    let mut spans = Vec::new();
    for section in &cfg::read(text).sections {
        spans.push(section.name.span);
        for entry in &section.entries {
            spans.push(entry.key.span);
            let key = super::variable_name(&section.name.node, &entry.key.node);
            value(&key, entry.raw.span(), text, &mut spans);
        }
    }
    spans
}

fn requirements(text: &str) -> Vec<Span> {
    let document = requirements::read(text);
    let harmless = |item: &Item| {
        matches!(
            item,
            Item::Requirement(_) | Item::Include(_) | Item::Constraint(_) | Item::Invalid { .. }
        )
    };
    let lines = document.lines.iter().filter(|line| harmless(&line.item));
    lines
        .filter(|line| !line.span.of(text).contains("://"))
        .map(|line| {
            let end = line.comment.map_or(line.span.end, |comment| comment.start);
            Span::new(line.span.start, end)
        })
        .collect()
}

/// The code without strings and comments, and of the strings those that are keys.
fn code(text: &str, keys: impl Iterator<Item = Span>) -> Vec<Span> {
    // A URI in the place of a key may hold a password.
    let mut spans: Vec<Span> = keys.filter(|key| !key.of(text).contains("://")).collect();
    let mut end = 0;
    for hidden in python::hidden(text) {
        spans.push(Span::new(end, hidden.start));
        if is_directive(hidden.of(text)) {
            spans.push(hidden);
        }
        end = hidden.end;
    }
    spans.push(Span::new(end, text.len()));
    spans
}

/// The keys of a TOML file: what stands before the equals sign, and table headers.
fn configuration(text: &str) -> Vec<Span> {
    let mut spans = Vec::new();
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let trimmed = line.trim_start();
        let end = match line.find('=') {
            _ if trimmed.starts_with('#') => start,
            Some(equals) => start + equals + 1,
            None if trimmed.starts_with('[') => start + line.trim_end().len(),
            None => start,
        };
        spans.push(Span::new(start, end));
        let key = Span::new(start, end).of(text).trim_matches([' ', '\t', '=', '"']).to_owned();
        if ["name", "backend", "airflow"].contains(&key.as_str()) || is_harmless_setting(&key) {
            spans.push(Span::new(end, start + line.trim_end().len()));
        }
        start += line.len();
    }
    spans
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_of_a_private_key_is_no_name() {
        for (key, shown) in [
            ("AIRFLOW__SECRETS__BACKEND", true),
            ("TF_VAR_project_id", true),
            ("Path", true),
            ("S3_BUCKET", true),
            ("kXb9aQzTfLmw", false),
            ("MIIEpAIBAAKCAQEA", false),
            ("a-b", false),
            ("", false),
        ] {
            assert_eq!(is_shown_key(key), shown, "{key}");
        }
        let text = "KEY=-----BEGIN\nMIIEpAIBAAKCAQEAkXb9aQzT\nkXb9aQzTfLmw==\n";
        assert_eq!(env_file(text).iter().map(|span| span.of(text)).collect::<String>(), "KEY=");
    }
}
