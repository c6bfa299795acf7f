//! See `rules/cache-ttl-without-cache.md`.

use super::{Edit, Finding, Group, Level, Rule, Safety};
use crate::facts::airflow;
use crate::model::{Origin, Place, Setting};
use crate::resolve::Project;
use crate::text::Span;

pub(super) static RULE: Rule = Rule {
    id: "cache-ttl-without-cache",
    level: Level::Warning,
    group: Group::Backend,
    summary: "A lifetime for the cache of secrets, and no cache",
    since: "0.1.0",
    fix: Some(Safety::Safe),
    page: include_str!("../../rules/cache-ttl-without-cache.md"),
    check,
};

fn check(project: &Project, findings: &mut Vec<Finding>) {
    for environment in &project.environments {
        let configuration = environment.configuration();
        let reads = |version: &_| airflow().behaves("secrets-cache", version);
        let Some(lifetime) = configuration.plain("secrets", "cache_ttl_seconds") else { continue };
        if !environment.versions.airflow().any(reads)
            || configuration.is_on("secrets", "use_cache")
            || lifetime.is_empty()
            || is_written_default(lifetime)
        {
            continue;
        }
        let switch = configuration.plain("secrets", "use_cache");
        let message = format!("`{}` has no effect: the cache is off", lifetime.name());
        let finding = Finding::new(&RULE, lifetime.key_place(), message)
            .in_environment(&environment.name)
            .note("the cache serves the parsing of DAG files only (Airflow 2.7.0 and later)");
        findings.push(match switch {
            // Somebody decided that.
            Some(switch) if !switch.is_empty() => finding
                .at_most(Level::Info)
                .label("not read")
                .related(switch.key_place(), "switched off here")
                .help("set `AIRFLOW__SECRETS__USE_CACHE=True`, or delete the lifetime"),
            _ => with_switch(
                finding
                    .label("`use_cache` is off unless it is set")
                    .help("set `AIRFLOW__SECRETS__USE_CACHE=True` too"),
                project,
                lifetime,
            ),
        });
    }
}

/// Whether the setting is the line that Airflow itself writes into a new `airflow.cfg`.
fn is_written_default(setting: &Setting) -> bool {
    let row = airflow().options.iter().find(|row| row.option == "cache_ttl_seconds");
    setting.origin == Origin::AirflowCfg
        && row.is_some_and(|row| setting.shown() == Some(row.default.as_str()))
}

/// Puts the switch on a line of its own, before the lifetime.
fn with_switch(finding: Finding, project: &Project, setting: &Setting) -> Finding {
    let line = match setting.origin {
        Origin::EnvFile | Origin::EnvTemplate => "AIRFLOW__SECRETS__USE_CACHE=True",
        Origin::AirflowCfg => "use_cache = True",
        _ => return finding,
    };
    let end = if project.model.files.get(setting.file).text().contains("\r\n") { "\r\n" } else { "\n" };
    let edit = Edit {
        place: Place::new(setting.file, Span::at(setting.key_span.start)),
        replacement: format!("{line}{end}"),
    };
    finding.fix("Switch the cache on", Safety::Safe, vec![edit])
}
