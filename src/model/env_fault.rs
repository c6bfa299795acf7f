//! `ENV` instructions that do not do what they look like.

use super::Dockerfile;
use crate::read::dockerfile::{Details, EnvPair, ErrorKind, Instruction};
use crate::read::json;
use crate::text::Span;

/// What is wrong with an `ENV`.
#[derive(Clone, Debug)]
pub struct EnvFault {
    /// The name, when it is one.
    pub key: Option<String>,
    /// Where.
    pub span: Span,
    /// What it is.
    pub kind: EnvFaultKind,
    /// Replacements of harmless characters that mend it; none when that takes more.
    pub repair: Vec<(Span, &'static str)>,
}

/// What can be wrong with an `ENV`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum EnvFaultKind {
    /// It does not build.
    DoesNotBuild(ErrorKind),
    /// It does not build, because a comment stands behind it.
    CommentBehind,
    /// It is JSON as written, and not in the container.
    JsonLosesQuotes,
    /// `ENV KEY = value`, the old form, whose value is `= value`.
    BeginsWithEquals,
}

impl Dockerfile {
    /// What is wrong with its `ENV` instructions, at most one fault for each.
    #[must_use]
    pub fn env_faults(&self) -> Vec<EnvFault> {
        let mut errors = self.document.errors.iter().peekable();
        let mut faults = Vec::new();
        for instruction in &self.document.instructions {
            let Details::Env(pairs) = &instruction.details else { continue };
            // Errors and instructions are both in the order of the file.
            while errors.next_if(|error| error.span.start < instruction.span.start).is_some() {}
            let error = errors.peek().filter(|error| instruction.span.contains(error.span));
            if let Some(error) = error {
                faults.push(unbuilt(instruction, pairs, error.span, error.kind));
            } else if let Some(pair) = pairs.iter().find(|pair| pair.quoting_broke_json) {
                let repair = quoted_json(instruction, pair).unwrap_or_default();
                faults.push(fault(pair, pair.raw.span(), EnvFaultKind::JsonLosesQuotes, repair));
            } else if let Some(pair) = pairs.iter().find(|pair| pair.begins_with_equals()) {
                faults.push(begins_with_equals(pair));
            }
        }
        faults
    }
}

fn fault(
    pair: &EnvPair,
    span: Span,
    kind: EnvFaultKind,
    repair: Vec<(Span, &'static str)>,
) -> EnvFault {
    let key = &pair.key.node;
    let is_name = key.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    EnvFault { key: (is_name && !key.is_empty()).then(|| key.clone()), span, kind, repair }
}

fn unbuilt(instruction: &Instruction, pairs: &[EnvPair], span: Span, kind: ErrorKind) -> EnvFault {
    let arguments = &instruction.arguments;
    let text = arguments.expose();
    let begins_comment = |at: usize| arguments.span_of(at..at + 1).start == span.start;
    let is_comment = kind == ErrorKind::MissingEquals
        && text.match_indices('#').any(|(at, _)| begins_comment(at));
    let kind =
        if is_comment { EnvFaultKind::CommentBehind } else { EnvFaultKind::DoesNotBuild(kind) };
    if let Some(pair) = pairs.iter().rfind(|pair| pair.key.span.start <= span.start) {
        return fault(pair, span, kind, quoted_json(instruction, pair).unwrap_or_default());
    }
    EnvFault { key: None, span, kind, repair: Vec::new() }
}

/// The edits that put the JSON which begins with the value of `pair` in single quotes, when it goes
/// to the end of the instruction.
fn quoted_json(instruction: &Instruction, pair: &EnvPair) -> Option<Vec<(Span, &'static str)>> {
    let arguments = &instruction.arguments;
    let text = arguments.expose();
    let start = pair.raw.span().start;
    let at = text
        .match_indices(['{', '[', '"'])
        .map(|(at, _)| at)
        .find(|at| arguments.span_of(*at..at + 1).start == start)?;
    in_single_quotes(instruction, at, text.get(at..)?)
}

/// The edits that put `json`, which stands at byte `at` of the arguments and may be in double quotes,
/// in single quotes.
fn in_single_quotes(
    instruction: &Instruction,
    at: usize,
    json: &str,
) -> Option<Vec<(Span, &'static str)>> {
    let arguments = &instruction.arguments;
    let json = json.trim_end();
    let is_json = |text: &str| text.starts_with(['{', '[']) && json::parse(text).is_ok();
    if json.contains(['\'', '\n']) {
        return None;
    }
    let end = at + json.len();
    let inside = json.strip_prefix('"').and_then(|json| json.strip_suffix('"'));
    if is_json(json) {
        let (first, last) = (arguments.span_of(at..at + 1), arguments.span_of(end - 1..end));
        Some(vec![(Span::at(first.start), "'"), (Span::at(last.end), "'")])
    } else if inside.is_some_and(is_json) {
        Some(vec![(arguments.span_of(at..at + 1), "'"), (arguments.span_of(end - 1..end), "'")])
    } else {
        None
    }
}

fn begins_with_equals(pair: &EnvPair) -> EnvFault {
    let start = pair.raw.span().start;
    let blanks = pair.raw.expose().get(1..).map_or(0, |rest| rest.len() - rest.trim_start().len());
    let between = Span::new(pair.key.span.end, start + 1 + blanks);
    // Quotes around the rest would have kept a value with blanks together; without them it falls
    // apart in the new form.
    let rest = pair.raw.expose().get(1 + blanks..).unwrap_or("");
    let repair = if rest.contains([' ', '\t']) && !rest.starts_with('\'') {
        Vec::new()
    } else {
        vec![(between, "=")]
    };
    fault(pair, Span::new(start, start + 1), EnvFaultKind::BeginsWithEquals, repair)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::FileId;

    /// What is wrong with `line`, and the line after the repair.
    fn faults(line: &str) -> Vec<(EnvFaultKind, Option<String>, String)> {
        let text = format!("FROM a\n{line}\n");
        let dockerfile = Dockerfile::read(FileId(0), &text);
        let repaired = |repair: &[(Span, &str)]| {
            let mut text = text.clone();
            for (span, with) in repair.iter().rev() {
                text.replace_range(span.start..span.end, with);
            }
            text.lines().skip(1).collect::<Vec<_>>().join("\n")
        };
        let faults = dockerfile.env_faults().into_iter();
        faults.map(|fault| (fault.kind, fault.key, repaired(&fault.repair))).collect()
    }

    #[test]
    fn json_is_put_in_single_quotes() {
        use EnvFaultKind::{BeginsWithEquals, DoesNotBuild, JsonLosesQuotes};
        let unbuilt = DoesNotBuild(ErrorKind::MissingEquals);
        for (line, kind, repaired) in [
            (r#"ENV K={"a":"b"}"#, JsonLosesQuotes, r#"ENV K='{"a":"b"}'"#),
            (r#"ENV K={"a": "b"}"#, unbuilt, r#"ENV K='{"a": "b"}'"#),
            (r#"ENV K {"a": "b"}"#, JsonLosesQuotes, r#"ENV K '{"a": "b"}'"#),
            (r#"ENV K="{"a":"b"}""#, JsonLosesQuotes, r#"ENV K='{"a":"b"}'"#),
            (r#"ENV K="{"a": "b c"}""#, unbuilt, r#"ENV K='{"a": "b c"}'"#),
            (r#"ENV A=1 K={"a": "b"}"#, unbuilt, r#"ENV A=1 K='{"a": "b"}'"#),
            ("ENV K = v", BeginsWithEquals, "ENV K=v"),
            ("ENV K =v", BeginsWithEquals, "ENV K=v"),
            (r#"ENV K = '{"a": "b"}'"#, BeginsWithEquals, r#"ENV K='{"a": "b"}'"#),
        ] {
            let found = faults(line);
            let [(found, key, after)] = found.as_slice() else { panic!("{line}: {found:?}") };
            assert_eq!((*found, key.as_deref(), after.as_str()), (kind, Some("K"), repaired));
            assert!(faults(after).is_empty(), "{after}");
        }
    }

    #[test]
    fn what_takes_more_is_left_alone() {
        let unclosed = EnvFaultKind::DoesNotBuild(ErrorKind::UnterminatedQuote);
        for (line, kind) in [
            (r#"ENV K={"a":"it's","b":"it's"}"#, EnvFaultKind::JsonLosesQuotes),
            (r#"ENV K='{"a": "b"}' # c"#, EnvFaultKind::CommentBehind),
            (r#"ENV K='{"a": "it's"}'"#, unclosed),
            ("ENV K='{", unclosed),
            ("ENV K=a b", EnvFaultKind::DoesNotBuild(ErrorKind::MissingEquals)),
            ("ENV K = a b", EnvFaultKind::BeginsWithEquals),
        ] {
            assert_eq!(faults(line), [(kind, Some("K".to_owned()), line.to_owned())]);
        }
        for line in [r#"ENV K="{\"a\": \"b\"}""#, "ENV K v w", "ENV K='[1]' L=2", "ENV K=$X"] {
            assert_eq!(faults(line), [], "{line}");
        }
    }
}
