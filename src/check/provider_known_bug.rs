//! See `rules/provider-known-bug.md`.

use super::{Finding, Group, Level, Rule};
use crate::facts::Effect;
use crate::model::{Basis, Presence, VersionSet};
use crate::resolve::{KnownBug, Project, Provider};

pub(super) static RULE: Rule = Rule {
    id: "provider-known-bug",
    level: Level::Error,
    group: Group::Provider,
    summary: "The provider's version has a known bug that keeps the backend from working",
    since: "0.1.0",
    fix: None,
    page: include_str!("../../rules/provider-known-bug.md"),
    check,
};

fn check(project: &Project, findings: &mut Vec<Finding>) {
    for provider in project.providers() {
        if provider.installed.presence() != Presence::Installed || !provider.installed.is_told() {
            continue;
        }
        let bugs = provider.known_bugs().into_iter();
        findings.extend(
            bugs.filter(|bug| bug.certain || is_realistic(bug, &provider))
                .filter_map(|bug| report(&bug, &provider)),
        );
        findings.extend(withdrawn(&provider));
    }
}

/// Whether somebody may really get the bug: what pip takes on a free choice, the newest, or what the
/// range names first has it.
fn is_realistic(bug: &KnownBug, provider: &Provider<'_>) -> bool {
    let affected = |version: Option<&pep440_rs::Version>| {
        version.is_some_and(|version| bug.bug.affects(version))
    };
    let versions = provider.installed.versions();
    match provider.installed.basis() {
        Basis::Range(_) => {
            provider.is_chosen_by_pip()
                && (affected(versions.first()) || affected(versions.last()))
        }
        Basis::Unpinned(_) | Basis::Extra(_) => {
            provider.is_chosen_by_pip() && affected(versions.last())
        }
        _ => true,
    }
}

fn report(known: &KnownBug, provider: &Provider<'_>) -> Option<Finding> {
    let bug = known.bug;
    let place = provider.deciding_place().or_else(|| provider.class_place())?;
    let package = &provider.package.name;
    let versions = provider.installed.describe();
    let message = if known.certain {
        format!("the backend of `{package}` {versions} {}", bug.what)
    } else {
        format!("the backend of `{package}` before {} {}", bug.until, bug.what)
    };
    let airflows = provider.environment.versions.airflow();
    let level = match bug.effect {
        // Nothing hints at an Airflow that shows it.
        _ if !airflows.is_told() && !airflows.all(|version| bug.shows_on(version)) => Level::Info,
        Effect::StartupError | Effect::LookupError if known.certain => Level::Error,
        _ => Level::Warning,
    };
    let mut finding = Finding::new(&RULE, place, message)
        .in_environment(&provider.environment.name)
        .at_most(level)
        .label(format!("{} {versions}", provider.package.id))
        .note(bug.why.clone());
    if bug.source.starts_with("https:") {
        finding = finding.note(format!("see {}", bug.source));
    }
    for cause in known.because.into_iter().chain(provider.class_place()) {
        if cause != place {
            finding = finding.related(cause, "used here");
        }
    }
    if let Some((_, from)) = provider.image()
        && *from != place
        && bug.what.contains("Airflow 3.2")
    {
        finding = finding
            .related(*from, format!("Airflow {}", airflows.describe()));
    }
    let help = format!("ask for `{package}>={}` in `requirements.txt`", bug.until);
    Some(finding.help(match provider.bounds() {
        Some(bounds) if bounds.from.as_ref().is_some_and(|from| *from >= bug.until) => {
            format!("ask for `{}` in `requirements.txt`", bounds.requirement(provider.package))
        }
        _ => help,
    }))
}

/// A pin to a release that its makers withdrew from the index.
fn withdrawn(provider: &Provider<'_>) -> Option<Finding> {
    let Basis::Pinned(place) = provider.installed.basis() else { return None };
    let [version] = VersionSet::versions(provider.installed) else { return None };
    let why = provider.package.why_yanked(version)?;
    let why = if why.is_empty() { "no reason is given" } else { why };
    let package = &provider.package.name;
    let message = format!("`{package}` {version} was withdrawn from the index: {why}");
    let mut finding = Finding::new(&RULE, *place, message)
        .in_environment(&provider.environment.name)
        .at_most(Level::Warning)
        .label("a withdrawn release")
        .note("pip installs it only because it is pinned, and warns while it does")
        .help("pin the release before or after it");
    if let Some(class) = provider.class_place() {
        finding = finding.related(class, "the backend comes from it");
    }
    Some(finding)
}
