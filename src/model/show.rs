//! What of a file may be shown, by an allow-list: keys, harmless values, code without its strings.

use super::placeholder::angled;
use super::references::may_be_key;
use super::setup::Setup;
use super::{DeclaredName, FileId, FileKind, Files, Form, Key, Reference};
use crate::facts::{
    credentials, is_harmless_parameter, is_harmless_setting, is_harmless_value,
    looks_like_parameter,
};
use crate::read::dockerfile::{self, Details, Instruction};
use crate::read::dotenv::Document;
use crate::read::json::{self, TokenKind};
use crate::read::requirements::{self, Item};
use crate::read::{cfg, python, yaml};
use crate::text::{Span, Text};

/// The spans of `file` that hold no credential; `references` are those of the project.
#[must_use]
pub fn shown_spans(files: &Files, file: FileId, references: &[Reference]) -> Vec<Span> {
    let text = files.get(file).text();
    let mut spans = match files.get(file).kind() {
        FileKind::Env | FileKind::EnvTemplate => env_file(text),
        FileKind::Dockerfile => dockerfile(text),
        FileKind::AirflowCfg => airflow_cfg(text),
        FileKind::Requirements => requirements(text),
        FileKind::Python => return code(text, asked(references, file, text)),
        FileKind::Template | FileKind::Data | FileKind::Script | FileKind::Makefile => {
            directives(text)
        }
        FileKind::ComposeOverride
        | FileKind::SettingsFile
        | FileKind::Manifest
        | FileKind::Workflow => yaml_keys(text),
        FileKind::Terraform => terraform(text),
        FileKind::Configuration => configuration(text),
        FileKind::Gitignore | FileKind::Dockerignore => paths(text),
    };
    spans.extend(asked(references, file, text));
    spans
}

/// What the references of a file show: their keys, and in templates the words before them.
fn asked<'a>(
    references: &'a [Reference],
    file: FileId,
    text: &'a str,
) -> impl Iterator<Item = Span> + 'a {
    // What a message hides, the source beside it hides too.
    let is_name = |key: &Key| {
        let known = || key.alternatives().iter().filter(|it| !matches!(it, Key::Dynamic));
        known().next().is_some() && known().all(|key| key.shown().is_some())
    };
    let asked = references.iter().filter(move |it| it.file == file && is_name(&it.key));
    asked.flat_map(move |reference| {
        let key = reference.key_span;
        let mut spans = vec![key];
        match &reference.form {
            Form::Template(form) => {
                spans.extend(form.meant.as_ref().map(|(_, meant)| *meant));
                let keyword = reference.default.as_ref().and_then(|it| it.keyword.as_ref());
                spans.extend(keyword.map(|keyword| keyword.span));
                // `var.value.get(` and what else leads to a key.
                let before = Span::new(reference.span.start, key.start.max(reference.span.start));
                let is_word = |c: char| c.is_ascii_alphanumeric() || "_.([ '\"\\|".contains(c);
                if before.of(text).len() <= 40 && before.of(text).chars().all(is_word) {
                    spans.push(before);
                }
            }
            Form::Entry(_) => {
                let before = Span::new(reference.span.start, key.start.max(reference.span.start));
                let is_word = |c: char| c.is_ascii_alphanumeric() || "_: '\"".contains(c);
                if before.of(text).chars().all(is_word) {
                    spans.push(before);
                }
            }
            _ => {}
        }
        spans
    })
}

/// The spans of a value that may be shown, when it is that of the setting `key`.
fn value(key: &str, span: Span, text: &str, out: &mut Vec<Span>) {
    let raw = span.of(text);
    if is_harmless_value(key, raw) && !credentials().looks_private(raw) {
        out.push(span);
    } else if key.ends_with("BACKEND_KWARGS") {
        // One pair of quotes around the whole is not part of the JSON.
        let quoted = ['\'', '"'].iter().find_map(|quote| {
            raw.strip_prefix(*quote)?
                .strip_suffix(*quote)
                .filter(|inner| inner.trim_start().starts_with('{'))
        });
        let Some(inner) = quoted else { return kwargs(raw, span.start, out) };
        out.push(Span::new(span.start, span.start + 1));
        kwargs(inner, span.start + 1, out);
        out.push(Span::new(span.end - 1, span.end));
    } else {
        let placeholders = angled(raw).chain(directory(key, raw));
        out.extend(
            placeholders.map(|range| Span::new(span.start + range.start, span.start + range.end)),
        );
    }
}

/// The directories in front of a name, such as `airflow/config/`, in a setting that names a secret:
/// no credential has the form of two or more small words with slashes behind them.
pub(super) fn directory(key: &str, raw: &str) -> Option<std::ops::Range<usize>> {
    let end = raw.rfind('/')? + 1;
    let is_word = |word: &str| {
        (2..=20).contains(&word.len())
            && word.bytes().all(|byte| byte.is_ascii_lowercase() || b"-_".contains(&byte))
    };
    let names_a_secret = key.starts_with("AIRFLOW__") && key.ends_with("_SECRET");
    let words = raw.get(..end - 1)?.split('/');
    (names_a_secret && words.clone().count() > 1 && words.clone().all(is_word)).then_some(0..end)
}

/// The parts of kwargs, whether they are JSON or not: punctuation, names of parameters, and the
/// texts of parameters that hold no credential.
fn kwargs(raw: &str, offset: usize, out: &mut Vec<Span>) {
    let mut show = |span: Span| out.push(Span::new(offset + span.start, offset + span.end));
    let mut harmless_value_follows = false;
    let mut name = None;
    for token in json::tokens(raw) {
        if let TokenKind::Punctuation(_) = token.kind {
            show(token.span);
            harmless_value_follows =
                token.span.of(raw) == ":" && name.is_some_and(is_harmless_parameter);
            name = None;
        } else {
            let inner = token.span.of(raw).trim_matches(['"', '\'', '\\', '“', '”', '‘', '’']);
            let constant = ["true", "false", "null", "True", "False", "None"].contains(&inner);
            if (harmless_value_follows && !credentials().looks_private(inner))
                || looks_like_parameter(inner) && is_name(raw, token.span)
                || constant
            {
                show(token.span);
            } else {
                let start = token.span.start;
                for range in angled(token.span.of(raw)) {
                    show(Span::new(start + range.start, start + range.end));
                }
            }
            harmless_value_follows = false;
            name = Some(inner);
        }
    }
}

/// Whether a colon follows: the token is the name of a member.
fn is_name(raw: &str, token: Span) -> bool {
    raw.get(token.end..).is_some_and(|rest| rest.trim_start().starts_with(':'))
}

fn is_plain_key(key: &str) -> bool {
    credentials().looks_like_name(key)
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
    is_plain_key(key) && !key.contains(['-', '.']) && key.split('_').all(is_word)
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
    spans.extend(document.comments().filter_map(|comment| directive(comment.span, text)));
    spans
}

/// The lines of a file of paths, but for what nobody calls one.
fn paths(text: &str) -> Vec<Span> {
    let mut at = 0;
    let lines = text.split_inclusive('\n').map(|line| {
        at += line.len();
        (Span::new(at - line.len(), at), line)
    });
    let named = lines.filter(|(_, line)| !credentials().looks_private(line));
    named.map(|(span, _)| span).collect()
}

/// What speaks to astrolint in a file whose comments have many forms.
fn directives(text: &str) -> Vec<Span> {
    let marks = text.match_indices("astrolint:").filter_map(|(at, _)| {
        let start = text.get(..at)?.trim_end_matches([' ', '\t']).rfind('#')?;
        let line = text.get(start..)?.lines().next()?;
        directive(Span::new(start, start + line.len()), text)
    });
    marks.collect()
}

/// What of a comment speaks to astrolint: up to the brackets around the rules, without the reason.
fn directive(comment: Span, text: &str) -> Option<Span> {
    let written = comment.of(text);
    if !written.trim_start_matches(['#', ' ', '\t']).starts_with("astrolint:") {
        return None;
    }
    let length = written.find(']').map_or(written.len(), |end| end + 1);
    let span = Span::new(comment.start, comment.start + length);
    let is_rule = |c: char| c.is_ascii_lowercase() || "#-_:[], \t".contains(c);
    span.of(text).chars().all(is_rule).then_some(span)
}

fn dockerfile(text: &str) -> Vec<Span> {
    let mut spans = Vec::new();
    for instruction in &dockerfile::read(text).instructions {
        instruction_parts(instruction, text, &mut spans);
    }
    spans
}

fn instruction_parts(instruction: &Instruction, text: &str, spans: &mut Vec<Span>) {
    // A word that is no instruction may be the rest of a value.
    if !instruction.keyword.node.is_empty() {
        spans.push(instruction.keyword.span);
    }
    match &instruction.details {
        Details::Env(pairs) => {
            for pair in pairs.iter().filter(|pair| is_shown_key(&pair.key.node)) {
                // With what stands between: an equals sign, or the blank of the old form.
                let raw = pair.raw.span();
                let between = Span::new(pair.key.span.end, raw.start);
                let is_separator = between.of(text).trim().trim_matches('=').is_empty();
                spans.push(if is_separator { pair.key.span.cover(between) } else { pair.key.span });
                value(&pair.key.node, raw, text, spans);
            }
        }
        Details::Arg(arguments) => {
            let names = arguments.iter().map(|argument| &argument.name);
            spans.extend(names.filter(|name| is_shown_key(&name.node)).map(|name| name.span));
        }
        Details::From(_) | Details::Paths(_) => {
            let arguments = instruction.arguments.span();
            let written = arguments.of(text).replace("@sha256:", "");
            if !written.contains("://") && !written.contains('@') {
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
        if is_plain_key(&section.name.node) {
            spans.push(section.name.span);
        }
        for entry in section.entries.iter().filter(|entry| is_plain_key(&entry.key.node)) {
            spans.push(entry.key.span);
            let key = super::variable_name(&section.name.node, &entry.key.node);
            value(&key, entry.raw.span(), text, &mut spans);
        }
    }
    spans
}

fn requirements(text: &str) -> Vec<Span> {
    let document = requirements::read(text);
    let harmless =
        |item: &Item| matches!(item, Item::Requirement(_) | Item::Include(_) | Item::Constraint(_));
    let lines = document.lines.iter().filter(|line| harmless(&line.item));
    lines
        .map(|line| {
            let end = line.comment.map_or(line.span.end, |comment| comment.start);
            let written = Span::new(line.span.start, end).of(text);
            // Hashes hide nothing, but look like keys.
            let length = written.find("--hash").unwrap_or(written.len());
            Span::new(line.span.start, line.span.start + length)
        })
        .filter(|span| {
            !span.of(text).contains("://") && !credentials().looks_private(span.of(text))
        })
        .collect()
}

/// The code without strings and comments, and of the strings those that are keys.
fn code(text: &str, keys: impl Iterator<Item = Span>) -> Vec<Span> {
    // A URI in the place of a key may hold a password.
    let mut spans: Vec<Span> = keys.filter(|key| may_be_key(key.of(text))).collect();
    let mut end = 0;
    for hidden in python::hidden(text) {
        spans.push(Span::new(end, hidden.start));
        spans.extend(directive(hidden, text));
        end = hidden.end;
    }
    spans.push(Span::new(end, text.len()));
    spans
}

/// The keys of mappings, with what stands between them and their values, and truth values.
fn yaml_keys(text: &str) -> Vec<Span> {
    let yaml = yaml::read(text);
    let mut spans: Vec<Span> =
        yaml.comments.iter().filter_map(|comment| directive(*comment, text)).collect();
    for node in yaml.nodes() {
        for (key, value) in yaml.pairs(node) {
            if key.as_str().is_none_or(|key| !is_plain_key(key)) {
                continue;
            }
            let between = Span::new(key.span.end, value.span.start.max(key.span.end));
            let is_separator = between.of(text).chars().all(|c| ": \t\n-'\"".contains(c));
            spans.push(if is_separator { key.span.cover(between) } else { key.span });
            if ["true", "false"].contains(&value.span.of(text)) {
                spans.push(value.span);
            }
        }
    }
    spans
}

/// Terraform without its strings, comments and here-documents; of the strings those that are labels of
/// blocks, names of members, and values of members that hold no credential.
fn terraform(text: &str) -> Vec<Span> {
    let mut spans = directives(text);
    let mut name = None;
    let mut start = 0;
    let mut secret = Secret::default();
    for line in code_lines(text) {
        let is_secret = secret.holds(line.of(text));
        let is_header = line.of(text).trim_end().ends_with('{');
        let mut rest = line;
        while let Some(quote) = rest.of(text).find(['"', '#']) {
            let at = rest.start + quote;
            spans.push(Span::new(rest.start, at));
            name = name_before(Span::new(start, at).of(text)).or(name);
            let end = match string_end(text, at, line.end) {
                Some(end) => end,
                None => line.end,
            };
            let (inner, whole) = (Span::new(at + 1, end.saturating_sub(1)), Span::new(at, end));
            let follows = Span::new(end, line.end).of(text).trim_start();
            let is_name = is_plain_key(inner.of(text))
                && (follows.starts_with(['=', ':']) || is_header && inner.of(text).len() <= 64);
            let is_harmless = name.take().is_some_and(is_harmless_parameter)
                && !is_secret
                && !credentials().looks_private(inner.of(text));
            if is_name || is_harmless {
                spans.push(whole);
            }
            rest = Span::new(end.min(line.end), line.end);
            start = rest.start;
        }
        spans.push(rest);
        start = line.end;
    }
    spans
}

/// The attributes of Terraform that hold what is put into a secret.
const SECRET_ATTRIBUTES: [&str; 6] =
    ["secret_string", "secret_binary", "secret_data", "data_json", "value", "value_wo"];

/// Whether lines belong to an attribute that holds what is put into a secret.
#[derive(Default)]
struct Secret {
    /// How many brackets of it are open.
    depth: usize,
}

impl Secret {
    /// Whether `line`, the next one, does.
    fn holds(&mut self, line: &str) -> bool {
        let name = line.split_once('=').map_or("", |(name, _)| name.trim());
        let begins = SECRET_ATTRIBUTES.iter().any(|it| name.starts_with(it));
        let holds = self.depth > 0 || begins;
        if holds {
            let count = |brackets: [char; 3]| line.matches(brackets).count();
            self.depth =
                (self.depth + count(['(', '{', '['])).saturating_sub(count([')', '}', ']']));
        }
        holds
    }
}

/// The lines of Terraform that are code: no comment, and outside of here-documents.
fn code_lines(text: &str) -> Vec<Span> {
    let mut lines = Vec::new();
    let (mut at, mut until, mut in_comment) = (0, None, false);
    for line in text.split_inclusive('\n') {
        let span = Span::new(at, at + line.len());
        at = span.end;
        let trimmed = line.trim();
        match until {
            Some(end) if trimmed == end => until = None,
            Some(_) => {}
            None if in_comment || trimmed.starts_with("/*") => {
                in_comment = !trimmed.contains("*/");
            }
            None if trimmed.starts_with('#') || trimmed.starts_with("//") => {}
            None => {
                let opened = line.split_once("<<").map(|(_, word)| word.trim());
                until = opened.map(|word| word.trim_start_matches('-'));
                lines.push(span);
            }
        }
    }
    lines
}

/// Where the string that begins at byte `at` ends, behind its quote and before `end`.
fn string_end(text: &str, at: usize, end: usize) -> Option<usize> {
    let inside = text.get(at..end)?.strip_prefix('"')?;
    let mut escaped = false;
    let close = inside.char_indices().find(|(_, c)| {
        let closes = *c == '"' && !escaped;
        escaped = *c == '\\' && !escaped;
        closes
    });
    close.map(|(length, _)| at + length + 2)
}

/// The name in front of an equals sign or colon at the end of `code`.
fn name_before(code: &str) -> Option<&str> {
    let before = code.trim_end().strip_suffix(['=', ':'])?.trim_end().trim_end_matches('"');
    let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
    Some(before.rsplit(|c: char| !is_name(c)).next().unwrap_or(""))
}

impl Setup {
    /// What of `file`, whose content is `text`, may be shown of the settings, names and keys in it.
    #[must_use]
    pub fn shown_in(&self, file: FileId, text: &str) -> Vec<Span> {
        let mut spans = Vec::new();
        spans.extend(self.words.iter().filter(|it| it.file == file).map(|it| it.span));
        for setting in self.settings_in(file).filter(|it| is_shown_key(&it.key)) {
            spans.push(setting.key_span);
            value(&setting.key, setting.value_span, text, &mut spans);
        }
        let created = self.creations.iter().filter(|it| it.statement.file == file);
        let stored = self.stored.iter().filter(|it| it.statement.file == file);
        let names = created.flat_map(|it| [Some(&it.name), it.region.as_ref()]).flatten();
        for name in names.chain(stored.map(|it| &it.key)) {
            let shown = name.known().filter(|name| DeclaredName::may_be_shown(name.expose()));
            spans.extend(shown.map(Text::span));
        }
        spans
    }
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
        let is_harmless =
            ["name", "backend", "airflow"].contains(&key.as_str()) || is_harmless_setting(&key);
        if is_harmless && !credentials().looks_private(line) {
            spans.push(Span::new(end, start + line.trim_end().len()));
        }
        if key == "backend-kwargs" && !trimmed.starts_with('#') {
            members(line.get(end - start..).unwrap_or(""), end, &mut spans);
        }
        start += line.len();
    }
    spans
}

/// The members of an inline table that hold no credential, with the punctuation around.
fn members(table: &str, offset: usize, out: &mut Vec<Span>) {
    let mut at = 0;
    for piece in table.split_inclusive([',', '{', '}']) {
        let span = Span::new(offset + at, offset + at + piece.len());
        let member = piece.split_once('=').map(|(name, value)| (name.trim(), value));
        let harmless = member.is_some_and(|(name, value)| {
            is_harmless_parameter(name) && !credentials().looks_private(value)
        });
        let is_punctuation = piece.trim().trim_matches(['{', '}', ',']).is_empty();
        if harmless || is_punctuation {
            out.push(span);
        } else if let Some((name, _)) = member.filter(|(name, _)| looks_like_parameter(name)) {
            let lead = piece.len() - piece.trim_start().len();
            out.push(Span::new(span.start, span.start + lead + name.len()));
        }
        at += piece.len();
    }
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
