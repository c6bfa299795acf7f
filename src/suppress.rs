//! `# astrolint: ignore[rule, rule] reason`: comments that hide findings.
//!
//! In a line of the finding, or on a line of their own right above it. In env files only the line
//! above counts: behind a value, the comment would become part of the value for some readers.
//! `ignore-file[rule]` hides a rule in the whole file.

use std::sync::LazyLock;

use regex::Regex;

use crate::check::{Finding, RULES, nearest};
use crate::model::{FileId, FileKind, Files, Place};
use crate::text::Span;

static COMMENT: LazyLock<Regex> = LazyLock::new(|| {
    #[expect(clippy::unwrap_used, reason = "a constant pattern, built in every test")]
    Regex::new(r"#[ \t]*astrolint:[ \t]*(ignore(?:-file)?)[ \t]*(?:\[([^\]\r\n]*)\])?").unwrap()
});

/// One rule named in one comment.
#[derive(Debug)]
pub struct Suppression {
    file: FileId,
    /// The 1-based line of the comment; `None` for the whole file.
    line: Option<usize>,
    /// Whether nothing but the comment stands on its line.
    own_line: bool,
    rule: String,
    /// The place of the rule's name.
    pub place: Place,
    used: bool,
}

/// Why a suppression is of no use.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Useless {
    /// It names no rule.
    Unnamed,
    /// There is no such rule; the nearest one.
    UnknownRule(Option<&'static str>),
    /// Nothing is found there.
    Unused,
    /// It stands behind a value in an env file, where it would be part of the value.
    BehindValue,
}

/// All suppressions in `files`, in order.
#[must_use]
pub fn suppressions(files: &Files) -> Vec<Suppression> {
    let mut found = Vec::new();
    for (id, file) in files.iter() {
        if !file.text().contains("astrolint:") {
            continue;
        }
        for captures in COMMENT.captures_iter(file.text()) {
            let (Some(whole), Some(word)) = (captures.get(0), captures.get(1)) else { continue };
            let line = file.lines().line(whole.start());
            let before = file.lines().line_span(line, file.text()).start;
            let own_line = Span::new(before, whole.start()).of(file.text()).trim().is_empty();
            let line = (word.as_str() == "ignore").then_some(line);
            let mut add = |rule: &str, span: Span| {
                let place = Place::new(id, span);
                found.push(Suppression {
                    file: id,
                    line,
                    own_line,
                    rule: rule.to_owned(),
                    place,
                    used: false,
                });
            };
            match captures.get(2) {
                None => add("", whole.range().into()),
                Some(names) => {
                    let mut start = names.start();
                    for name in names.as_str().split(',') {
                        let lead = name.len() - name.trim_start().len();
                        let from = start + lead;
                        add(name.trim(), Span::new(from, from + name.trim().len()));
                        start += name.len() + 1;
                    }
                }
            }
        }
    }
    found
}

/// Takes out of `findings` what the comments hide, and marks the comments that did.
pub fn apply(
    suppressions: &mut [Suppression],
    findings: Vec<Finding>,
    files: &Files,
) -> Vec<Finding> {
    findings.into_iter().filter(|finding| !hide(suppressions, finding, files)).collect()
}

fn hide(suppressions: &mut [Suppression], finding: &Finding, files: &Files) -> bool {
    let places = std::iter::once(finding.primary.place)
        .chain(finding.related.iter().map(|label| label.place))
        .chain(finding.hidden.iter().copied());
    let mut hidden = false;
    for place in places {
        let file = files.get(place.file);
        let first = file.lines().line(place.span.start);
        let last = file.lines().line(place.span.end.max(place.span.start + 1) - 1);
        for suppression in suppressions
            .iter_mut()
            .filter(|one| one.file == place.file && one.rule == finding.rule.id)
        {
            let covers = match suppression.line {
                None => true,
                Some(line) if suppression.own_line => above(line, first, files, place.file),
                Some(line) => {
                    file.kind() != FileKind::Env
                        && file.kind() != FileKind::EnvTemplate
                        && (first..=last).contains(&line)
                }
            };
            if covers {
                suppression.used = true;
                hidden = true;
            }
        }
    }
    hidden
}

/// Whether only comments and blank lines stand between `comment` and the line `first` below it.
fn above(comment: usize, first: usize, files: &Files, id: FileId) -> bool {
    let file = files.get(id);
    comment < first
        && (comment + 1..first).all(|line| {
            let text = file.lines().line_span(line, file.text()).of(file.text()).trim();
            text.starts_with('#')
        })
}

impl Suppression {
    /// Why it is of no use; `None` when it hid something.
    #[must_use]
    pub fn useless(&self, files: &Files) -> Option<Useless> {
        if self.used {
            return None;
        }
        if self.rule.is_empty() {
            return Some(Useless::Unnamed);
        }
        if !RULES.iter().any(|rule| rule.id == self.rule) {
            return Some(Useless::UnknownRule(nearest(
                &self.rule,
                RULES.iter().map(|rule| rule.id),
            )));
        }
        let kind = files.get(self.file).kind();
        let in_env = matches!(kind, FileKind::Env | FileKind::EnvTemplate);
        Some(if in_env && !self.own_line && self.line.is_some() {
            Useless::BehindValue
        } else {
            Useless::Unused
        })
    }

    /// The name of the rule, as it was written.
    #[must_use]
    pub fn rule(&self) -> &str {
        &self.rule
    }
}
