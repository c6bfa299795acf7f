//! One instruction's text: its parts and what they mean where certain variables are set.

use std::ops::Range;

use super::lines::cut;
use super::variables::{Scope, expand};
use super::words::{
    HeredocMark, blank_separated, flags, heredoc_mark, heredoc_marks, split_at_blank, trim, words,
};
use super::{BuildArgument, Details, EnvPair, Error, ErrorKind, Instruction, Value};
use crate::read::json;
use crate::text::{Span, Spanned, Text};

const KEYWORDS: [&str; 18] = [
    "ADD",
    "ARG",
    "CMD",
    "COPY",
    "ENTRYPOINT",
    "ENV",
    "EXPOSE",
    "FROM",
    "HEALTHCHECK",
    "LABEL",
    "MAINTAINER",
    "ONBUILD",
    "RUN",
    "SHELL",
    "STOPSIGNAL",
    "USER",
    "VOLUME",
    "WORKDIR",
];

/// A logical line, or the part of one behind `ONBUILD`, cut into its parts.
pub(super) struct Statement<'a> {
    pub(super) line: &'a Text,
    pub(super) escape: char,
    keyword: Range<usize>,
    flags: Vec<Range<usize>>,
    pub(super) arguments: Range<usize>,
}

impl<'a> Statement<'a> {
    pub(super) fn new(line: &'a Text, range: Range<usize>, escape: char) -> Self {
        let text = line.expose();
        let (keyword, rest) = split_at_blank(text, trim(text, range));
        let rest = rest.unwrap_or(keyword.end..keyword.end);
        let (flags, arguments) = flags(text, rest, escape);
        Self { line, escape, keyword, flags, arguments }
    }

    /// The instruction without its meaning.
    pub(super) fn instruction(&self) -> Instruction {
        let written = self.line.expose().get(self.keyword.clone()).unwrap_or("");
        let keyword = KEYWORDS.into_iter().find(|keyword| keyword.eq_ignore_ascii_case(written));
        Instruction {
            span: self.span(self.keyword.start..self.arguments.end.max(self.keyword.end)),
            keyword: Spanned::new(keyword.unwrap_or(""), self.span(self.keyword.clone())),
            flags: self.flags.iter().map(|flag| cut(self.line, flag.clone())).collect(),
            arguments: cut(self.line, self.arguments.clone()),
            heredocs: Vec::new(),
            stage: None,
            details: Details::Other,
        }
    }

    /// What an instruction other than `FROM` and `ONBUILD` means with the variables of `scope`, which
    /// gets those that it sets; `before` are the arguments in front of the first `FROM`.
    pub(super) fn details(
        &self,
        keyword: &str,
        scope: &mut Scope,
        before: Option<&Scope>,
        errors: &mut Vec<Error>,
    ) -> Details {
        if keyword.is_empty() {
            errors.push(self.error(&self.keyword, ErrorKind::UnknownInstruction));
            return Details::Other;
        }
        let needs_arguments = !matches!(keyword, "RUN" | "CMD" | "ENTRYPOINT" | "COPY" | "ADD");
        if self.arguments.is_empty() && needs_arguments {
            errors.push(self.error(&self.keyword, ErrorKind::MissingArgument));
            return Details::Other;
        }
        match keyword {
            "ENV" => {
                let pairs = self.env(scope, errors);
                // All pairs of an instruction see the variables from before it.
                for pair in &pairs {
                    scope.set(&pair.key.node, pair.value.known().map(Text::expose));
                }
                Details::Env(pairs)
            }
            "LABEL" => {
                // Read like an ENV, so it fails like one.
                self.env(scope, errors);
                Details::Other
            }
            "ARG" => Details::Arg(self.build_arguments(scope, before, errors)),
            "COPY" | "ADD" => Details::Paths(self.paths(scope, errors)),
            "RUN" | "CMD" | "ENTRYPOINT" | "SHELL" | "VOLUME" => {
                if self.json_strings() == Err(NotStrings) {
                    errors.push(self.error(&self.arguments, ErrorKind::NotStringArray));
                }
                Details::Other
            }
            _ => Details::Other,
        }
    }

    /// The pairs of an `ENV`; when it cannot be cut into pairs, the value of each says so.
    fn env(&self, scope: &Scope, errors: &mut Vec<Error>) -> Vec<EnvPair> {
        let text = self.line.expose();
        let words = words(text, self.arguments.clone(), self.escape);
        let equals = |word: &Range<usize>| {
            text.get(word.clone()).and_then(|written| written.find('=')).map(|at| word.start + at)
        };
        let mut fault =
            words.is_empty().then(|| self.error(&self.keyword, ErrorKind::MissingArgument));
        let is_old_form = words.first().is_some_and(|word| equals(word).is_none());
        let pairs: Vec<(Range<usize>, Range<usize>)> = if is_old_form {
            let (key, value) = split_at_blank(text, self.arguments.clone());
            if value.is_none() {
                fault = Some(self.error(&key, ErrorKind::MissingValue));
            }
            let value = value.unwrap_or(key.end..key.end);
            vec![(key, value)]
        } else {
            let without = words.iter().find(|word| equals(word).is_none());
            fault = fault.or(without.map(|word| self.error(word, ErrorKind::MissingEquals)));
            let pair = |word: &Range<usize>| {
                equals(word).map(|at| (word.start..at, at + '='.len_utf8()..word.end))
            };
            words.iter().filter_map(pair).collect()
        };
        if let Some((key, value)) = pairs.iter().find(|(key, _)| key.is_empty()) {
            fault = fault.or(Some(self.error(&(key.start..value.end), ErrorKind::BlankName)));
        }
        fault = fault.or(self.unknown_flag(None));
        let pairs: Vec<EnvPair> = pairs
            .into_iter()
            .map(|(key, value)| self.pair(key, value, is_old_form, fault, scope))
            .collect();
        let failing = pairs.iter().find_map(|pair| match pair.value {
            Value::Fails(error) => Some(error),
            _ => None,
        });
        errors.extend(fault.or(failing));
        pairs
    }

    fn pair(
        &self,
        key: Range<usize>,
        value: Range<usize>,
        is_old_form: bool,
        fault: Option<Error>,
        scope: &Scope,
    ) -> EnvPair {
        let raw = cut(self.line, value.clone());
        let (key, value) = match (fault, self.expand(key.clone(), scope)) {
            (Some(fault), _) => (cut(self.line, key), Value::Fails(fault)),
            (None, Value::Known(key)) => (key, self.expand(value, scope)),
            (None, unknown) => (cut(self.line, key), unknown),
        };
        EnvPair {
            key: Spanned::new(key.expose().to_owned(), key.span()),
            quoting_broke_json: quoting_broke_json(raw.expose(), &value),
            value,
            raw,
            is_old_form,
        }
    }

    /// The arguments of an `ARG`, each of which sees those before it.
    fn build_arguments(
        &self,
        scope: &mut Scope,
        before: Option<&Scope>,
        errors: &mut Vec<Error>,
    ) -> Vec<BuildArgument> {
        let text = self.line.expose();
        let words = words(text, self.arguments.clone(), self.escape);
        if words.is_empty() {
            errors.push(self.error(&self.keyword, ErrorKind::MissingArgument));
        }
        let mut found = Vec::new();
        for word in words {
            let written = text.get(word.clone()).unwrap_or("");
            let (name, default) = match written.split_once('=') {
                None => (written, None),
                Some((name, _)) => {
                    let value = word.start + name.len() + '='.len_utf8()..word.end;
                    (name, Some(self.expand(value, scope)))
                }
            };
            let range = word.start..word.start + name.len();
            if name.is_empty() {
                errors.push(self.error(&word, ErrorKind::BlankName));
            }
            match &default {
                None => scope.set(name, before.and_then(|before| before.get(name))),
                Some(Value::Known(value)) => scope.set(name, Some(value.expose())),
                Some(Value::Dynamic(_)) => scope.set(name, None),
                Some(Value::Fails(error)) => {
                    errors.push(*error);
                    scope.set(name, None);
                }
            }
            let name = Spanned::new(name.to_owned(), self.span(range));
            found.push(BuildArgument { name, default });
        }
        found
    }

    /// The sources and the destination of a `COPY` or `ADD`.
    fn paths(&self, scope: &Scope, errors: &mut Vec<Error>) -> Vec<Value> {
        let text = self.line.expose();
        let Ok(strings) = self.json_strings() else {
            errors.push(self.error(&self.arguments, ErrorKind::NotStringArray));
            return Vec::new();
        };
        let mut heredocs = 0;
        let paths: Vec<Value> = if let Some(strings) = strings {
            let path = |string: Spanned<String>| {
                let length = string.node.len();
                let decoded = Text::produced_by(string.node, string.span);
                expand(&decoded, 0..length, self.escape, scope)
            };
            strings.into_iter().map(path).collect()
        } else {
            let mut words = blank_separated(text, self.arguments.clone());
            let all = words.len();
            words.retain(|word| heredoc_mark(text, word.clone()).is_none());
            heredocs = all - words.len();
            words.into_iter().map(|word| self.expand(word, scope)).collect()
        };
        if paths.len() + heredocs < 2 {
            errors.push(self.error(&self.keyword, ErrorKind::MissingDestination));
        }
        errors.extend(paths.iter().find_map(|path| match path {
            Value::Fails(error) => Some(*error),
            _ => None,
        }));
        paths
    }

    /// The arguments as cut at blanks alone, as a `FROM` has them.
    pub(super) fn blank_separated(&self) -> Vec<Range<usize>> {
        blank_separated(self.line.expose(), self.arguments.clone())
    }

    /// The here-documents that the line asks for.
    pub(super) fn heredoc_marks(&self, keyword: &str) -> Vec<HeredocMark> {
        let text = self.line.expose();
        let can_have = matches!(keyword, "RUN" | "COPY" | "ADD") && text.contains("<<");
        if !can_have || matches!(self.json_strings(), Ok(Some(_))) {
            return Vec::new();
        }
        heredoc_marks(text)
    }

    /// The arguments when they are a JSON array of strings; `None` when they are no JSON array.
    fn json_strings(&self) -> Result<Option<Vec<Spanned<String>>>, NotStrings> {
        let written = self.line.expose().get(self.arguments.clone()).unwrap_or("");
        if !written.starts_with('[') {
            return Ok(None);
        }
        let Ok(json::Value { kind: json::Kind::Array(elements), .. }) = json::parse(written) else {
            return Ok(None);
        };
        let start = self.arguments.start;
        let string = |element: json::Value| match element.kind {
            json::Kind::String(text) => {
                let range = start + element.span.start..start + element.span.end;
                Ok(Spanned::new(text, self.span(range)))
            }
            _ => Err(NotStrings),
        };
        elements.into_iter().map(string).collect::<Result<_, _>>().map(Some)
    }

    /// The error for the first flag that is not `allowed`.
    pub(super) fn unknown_flag(&self, allowed: Option<&str>) -> Option<Error> {
        let text = self.line.expose();
        let name = |flag: &Range<usize>| {
            let written = text.get(flag.clone())?.strip_prefix("--")?;
            Some(written.split_once('=').map_or(written, |(name, _)| name))
        };
        let unknown = self.flags.iter().find(|flag| name(flag) != allowed)?;
        Some(self.error(unknown, ErrorKind::UnknownFlag))
    }

    pub(super) fn expand(&self, range: Range<usize>, scope: &Scope) -> Value {
        expand(self.line, range, self.escape, scope)
    }

    pub(super) fn span(&self, range: Range<usize>) -> Span {
        self.line.span_of(range)
    }

    pub(super) fn error(&self, range: &Range<usize>, kind: ErrorKind) -> Error {
        Error { span: self.span(range.clone()), kind }
    }

    /// An error about the keyword.
    pub(super) fn keyword_error(&self, kind: ErrorKind) -> Error {
        self.error(&self.keyword, kind)
    }
}

/// A JSON array holds something else than strings.
#[derive(PartialEq)]
struct NotStrings;

/// Whether `raw` is a JSON object or array, bare or in one pair of quotes, and `value` is none.
fn quoting_broke_json(raw: &str, value: &Value) -> bool {
    let is_json =
        |text: &str| text.trim_start().starts_with(['{', '[']) && json::parse(text).is_ok();
    let unquoted = |quote| raw.strip_prefix(quote)?.strip_suffix(quote);
    let was_json =
        is_json(raw) || unquoted('"').is_some_and(is_json) || unquoted('\'').is_some_and(is_json);
    was_json && value.known().is_some_and(|value| !is_json(value.expose()))
}
