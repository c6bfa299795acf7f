//! See `rules/pattern-invalid.md`.

use super::{Edit, Finding, Group, Level, Rule, Safety};
use crate::resolve::{InUse, LookupPattern, PatternInUse, Project};

pub(super) static RULE: Rule = Rule {
    id: "pattern-invalid",
    level: Level::Error,
    group: Group::Names,
    summary: "A lookup pattern is no regular expression, so the backend never answers",
    since: "0.1.0",
    fix: Some(Safety::Unsafe),
    page: include_str!("../../rules/pattern-invalid.md"),
    check,
};

fn check(project: &Project, findings: &mut Vec<Finding>) {
    for by in project.in_use() {
        findings.extend(by.patterns().filter_map(|pattern| finding(by, &pattern)));
    }
}

fn finding(by: InUse<'_>, pattern: &PatternInUse<'_>) -> Option<Finding> {
    let kwarg = pattern.kwarg;
    let error = pattern.readings.iter().find_map(|reading| reading.as_ref().err())?;
    let at = error.offset.and_then(|offset| {
        let character = pattern.text.get(offset..)?.chars().next()?;
        kwarg.part(offset..offset + character.len_utf8())
    });
    let always = pattern.always && pattern.readings.iter().all(Result::is_err);
    let stem = pattern.kind.parameter_stem();
    let finding = Finding::new(
        &RULE,
        at.unwrap_or(kwarg.value_place),
        format!("`{}` `{}` is no regular expression: {error}", kwarg.name, pattern.text),
    )
    .at_most(if always { Level::Error } else { Level::Warning })
    .in_environment(&by.environment.name)
    .label(error.message.clone())
    .note(format!(
        "each lookup of the kind raises `re.error`, which Airflow 2.2.0 and later only log: none of the {stem} is ever read from the backend"
    ));
    let globbed = pattern.text.starts_with('*').then(|| format!(".{}", pattern.text));
    let works = globbed.filter(|text| LookupPattern::new(text, (3, 12)).is_ok());
    Some(match (works, kwarg.part(0..0)) {
        (Some(text), Some(place)) => finding
            .help(format!("write `{text}`: a pattern is a regular expression, no glob"))
            .fix(
                "Insert a dot before the star",
                Safety::Unsafe,
                vec![Edit { place, replacement: ".".to_owned() }],
            ),
        _ => finding.help("correct it as Python's `re` reads it, or leave it out to ask for every key"),
    })
}
