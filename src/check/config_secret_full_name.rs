//! See `rules/config-secret-full-name.md`.

use super::{Edit, Finding, Group, Level, Rule, Safety};
use crate::model::{Kind, Place};
use crate::resolve::{Process, Environment, Project, Source, SourcedOption};
use crate::text::Span;

pub(super) static RULE: Rule = Rule {
    id: "config-secret-full-name",
    level: Level::Error,
    group: Group::Backend,
    summary: "A `_SECRET` setting repeats the prefix that the backend puts before it",
    since: "0.1.0",
    fix: Some(Safety::Safe),
    page: include_str!("../../rules/config-secret-full-name.md"),
    check,
};

fn check(project: &Project, findings: &mut Vec<Finding>) {
    for environment in &project.environments {
        for sourced in environment.sourced_options() {
            if sourced.source == Source::Secret && sourced.plain.is_none() {
                findings.extend(finding(environment, &sourced));
            }
        }
    }
}

fn finding(environment: &Environment, sourced: &SourcedOption<'_>) -> Option<Finding> {
    let counts = |version: &_| sourced.counts_at(version) != Some(false);
    environment.versions.airflow().any(counts).then_some(())?;
    let name = sourced.secret_name()?;
    let by = environment.in_use().find(|by| by.process == Process::Server)?;
    let before = by.before_keys(Kind::Config).filter(|before| !before.is_empty())?;
    // `/airflow/config/x` repeats `airflow/config/` too.
    let repeated = name.len() - name.trim_start_matches('/').len();
    let rest = name.strip_prefix(&before).or_else(|| name.get(repeated..)?.strip_prefix(&before))?;
    (!rest.is_empty()).then_some(())?;
    let setting = sourced.setting;
    // What begins with the prefix is a name: no credential does.
    let asked = by.name(Kind::Config, name)?;
    let finding = Finding::new(
        &RULE,
        setting.value_place(),
        format!("`{}` repeats the prefix: Airflow asks for `{asked}`", setting.key),
    )
    .in_environment(&environment.name)
    .label(format!("`{before}` is put before it"))
    .note(format!(
        "such a secret is hardly there, and `[{}] {}` then takes its default without a message",
        sourced.section, sourced.option
    ))
    .help(format!("write `{rest}`"));
    let length = name.len() - rest.len();
    let span = setting.value_span;
    let verbatim = span.end - span.start == name.len();
    Some(if verbatim && setting.begins_with_directories(length) {
        let place = Place::new(setting.file, Span::new(span.start, span.start + length));
        let edit = Edit { place, replacement: String::new() };
        finding.fix("Delete the prefix", Safety::Safe, vec![edit])
    } else {
        finding
    })
}
