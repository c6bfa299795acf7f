//! `# astrolint: ignore[rule, rule] reason`: comments that hide findings.
//!
//! In a line of the finding, or on a line of their own right above it. In env files only the line
//! above counts: behind a value, the comment would become part of the value for some readers.
//! `ignore-file[rule]` hides a rule in the whole file.

use std::sync::LazyLock;

use regex::Regex;

use crate::check::{Finding, RULES, Rule, UNUSED_SUPPRESSION, nearest};
use crate::model::{FileId, FileKind, Files, Place};
use crate::text::{MASK, Span};

static COMMENT: LazyLock<Regex> = LazyLock::new(|| {
    #[expect(clippy::unwrap_used, reason = "a constant pattern, built in every test")]
    Regex::new(r"#[ \t]*astrolint:[ \t]*(ignore(?:-file)?)[ \t]*(?:\[([^\]\r\n]*)\])?").unwrap()
});

/// One rule named in one comment.
struct Suppression {
    file: FileId,
    /// The 1-based line of the comment; `None` for the whole file.
    line: Option<usize>,
    /// Whether nothing but the comment stands on its line.
    own_line: bool,
    rule: String,
    /// The place of the rule's name.
    place: Place,
    used: bool,
}

/// All suppressions in `files`, in order.
fn suppressions(files: &Files) -> Vec<Suppression> {
    let mut found = Vec::new();
    for (id, file) in files.iter() {
        if !file.text().contains("astrolint:") {
            continue;
        }
        for captures in COMMENT.captures_iter(file.text()) {
            let (Some(whole), Some(word)) = (captures.get(0), captures.get(1)) else { continue };
            let line = file.lines().line(whole.start());
            let before = file.lines().line_span(line, file.text()).start;
            let before = Span::new(before, whole.start()).of(file.text()).trim();
            // In SQL and templates the comment begins with marks of its own.
            let is_template = matches!(file.kind(), FileKind::Template | FileKind::Data);
            let own_line = before.is_empty()
                || is_template && ["--", "//", "{", "{%", "/*", "<!--"].contains(&before);
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

/// Takes out of `findings` what the comments in `files` hide, and adds a finding for each comment
/// that is of no use; of rules that `wanted` leaves out nothing is said. Gives also how many are hidden.
pub fn apply(
    files: &Files,
    findings: Vec<Finding>,
    wanted: impl Fn(&Rule) -> bool,
) -> (Vec<Finding>, usize) {
    let found = findings.len();
    let mut suppressions = suppressions(files);
    let mut kept: Vec<Finding> =
        findings.into_iter().filter(|finding| !hide(&mut suppressions, finding, files)).collect();
    let hidden = found - kept.len();
    if wanted(&UNUSED_SUPPRESSION) {
        let checked = |rule: &str| {
            RULES.iter().find(|known| known.id == rule).is_none_or(|known| wanted(known))
        };
        let useless = suppressions.iter().filter(|suppression| checked(&suppression.rule));
        kept.extend(useless.filter_map(|suppression| suppression.finding(files)));
    }
    (kept, hidden)
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
    /// Says why it is of no use; nothing when it hid something.
    fn finding(&self, files: &Files) -> Option<Finding> {
        if self.used {
            return None;
        }
        let rules = RULES.iter().map(|rule| rule.id);
        let known = rules.clone().any(|rule| rule == self.rule);
        let in_env = matches!(files.get(self.file).kind(), FileKind::Env | FileKind::EnvTemplate);
        let name = escape_name(&self.rule);
        let finding = |message: String| Finding::new(&UNUSED_SUPPRESSION, self.place, message);
        Some(if self.rule.is_empty() {
            finding("the comment names no rule, so it hides nothing".to_owned())
                .help("write the rule in brackets: `# astrolint: ignore[rule] reason`")
        } else if !known {
            let finding =
                finding(format!("there is no rule `{name}`, so the comment hides nothing"));
            match nearest(&self.rule, rules) {
                Some(near) => finding.help(format!("write `{near}`")),
                None => finding,
            }
        } else if in_env && !self.own_line && self.line.is_some() {
            finding(format!("behind a value, `ignore[{name}]` becomes part of it for some readers, and is not heeded"))
                .help("put the comment on a line of its own above the value")
        } else {
            finding(format!("`{name}` is not found here, so the comment hides nothing"))
                .help("delete it")
        })
    }
}

/// A name as far as it can be shown.
fn escape_name(name: &str) -> &str {
    let harmless =
        name.len() <= 60 && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-');
    if harmless { name } else { MASK }
}
