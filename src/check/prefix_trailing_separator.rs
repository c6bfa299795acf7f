//! See `rules/prefix-trailing-separator.md`.

use super::{Edit, Finding, Group, Level, Rule, Safety};
use crate::facts::{Backend, Range};
use crate::model::Kind;
use crate::resolve::{InUse, Project, short_name};

pub(super) static RULE: Rule = Rule {
    id: "prefix-trailing-separator",
    level: Level::Warning,
    group: Group::Names,
    summary: "A prefix ends with a separator, and another one follows it",
    since: "0.1.0",
    fix: Some(Safety::Safe),
    page: include_str!("../../rules/prefix-trailing-separator.md"),
    check,
};

/// What people put between words.
const SEPARATORS: [char; 5] = ['-', '_', '.', ':', '/'];

fn check(project: &Project, findings: &mut Vec<Finding>) {
    for by in project.in_use() {
        let Some(separator) = by.separator().filter(|separator| !separator.is_empty()) else {
            continue;
        };
        for kind in Kind::ALL {
            let Some(prefix) = by.configured.prefix(kind) else { continue };
            let Some(text) = prefix.plain().filter(|text| text.ends_with(SEPARATORS)) else {
                continue;
            };
            let kept = format!("{text}{separator}");
            if !by.joined(kind, "").contains(&kept) {
                continue;
            }
            let Some(asked) = by.names(kind, "<key>").pop() else { continue };
            let end = text.trim_end_matches(|c| SEPARATORS.contains(&c) || separator.contains(c));
            if end.is_empty() {
                continue;
            }
            let Some(ending) = text.get(end.len()..) else { continue };
            let finding = Finding::new(
                &RULE,
                prefix.part(end.len()..text.len()).unwrap_or(prefix.value_place),
                format!("`{}` ends with `{}` and `{separator}` follows: Airflow asks for `{asked}`", prefix.name, ending),
            )
            .in_environment(&by.environment.name)
            .label("not taken away");
            let is_doubled = text.ends_with(separator);
            let strips = by.configured.backend().map_or(&[][..], |it| it.when("strips-separator"));
            let finding = if is_doubled {
                finding.note(stripping(by, strips)).help(format!("write `{end}`"))
            } else {
                finding
                    .note(format!("only the separator itself, `{separator}`, is ever stripped from the end of a prefix"))
                    .help(format!("write `{end}`, or set `sep` to `{ending}` if the secrets are called `{text}<key>`"))
            };
            findings.push(match prefix.part(end.len()..text.len()).filter(|_| is_doubled) {
                Some(place) => finding.fix(
                    "Delete the separator at the end",
                    Safety::Safe,
                    vec![Edit { place, replacement: String::new() }],
                ),
                None => finding,
            });
        }
    }
}

/// When the backend takes the separator off the end of a prefix.
fn stripping(by: InUse<'_>, strips: &[Range]) -> String {
    let class = by.configured.backend().map_or("the class", Backend::class_name);
    match strips.first() {
        Some(range) => format!(
            "`{class}` strips its separator from the end of a prefix from {} {} on; before, only a slash",
            by.configured.provider_package().map_or("Airflow", short_name),
            range.from
        ),
        None => format!("`{class}` strips nothing from the end of a prefix"),
    }
}
