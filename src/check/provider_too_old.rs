//! See `rules/provider-too-old.md`.

use super::{Edit, Finding, Group, Level, Rule, Safety};
use crate::facts::Effect;
use crate::model::Presence;
use crate::resolve::{Need, Project, Provider};

pub(super) static RULE: Rule = Rule {
    id: "provider-too-old",
    level: Level::Error,
    group: Group::Provider,
    summary: "Every version of the provider that is possible is too old for the backend's settings",
    since: "0.1.0",
    fix: Some(Safety::Safe),
    page: include_str!("../../rules/provider-too-old.md"),
    check,
};

fn check(project: &Project, findings: &mut Vec<Finding>) {
    for provider in project.providers() {
        let installed = provider.installed;
        if installed.presence() != Presence::Installed || !installed.is_told() {
            continue;
        }
        let mut needs = provider.needs();
        needs.retain(|need| installed.all(|version| *version < need.since));
        let Some(worst) = needs.first() else { continue };
        let place = provider.deciding_place().unwrap_or(worst.place);
        let package = &provider.package.name;
        let listed = list(&needs);
        let message = format!("`{package}` {} is too old: {listed}", installed.describe());
        let level = match worst.before {
            Effect::StartupError | Effect::LookupError => Level::Error,
            _ => Level::Warning,
        };
        let finding = Finding::new(&RULE, place, message)
            .in_environment(&provider.environment.name)
            .at_most(level)
            .label(format!("{} {}", provider.package.id, installed.describe()));
        let finding = explain(finding, &needs);
        findings.push(help(finding, &provider));
    }
}

/// `` `role_arn` needs 5.1.0 or later ``, and what else needs more, in a few words.
pub(super) fn list(needs: &[Need]) -> String {
    let mut parts: Vec<String> = Vec::new();
    let mut last = None;
    for need in needs {
        // Keywords that came together are told by the first of them.
        if last != Some(&need.since) {
            parts.push(format!("{} needs {}", need.what, need.since));
        }
        last = Some(&need.since);
    }
    parts.truncate(2);
    format!("{} or later", parts.join(", "))
}

/// Says what becomes of each thing that needs more, and points at it.
pub(super) fn explain(mut finding: Finding, needs: &[Need]) -> Finding {
    let mut last = None;
    for need in needs {
        if need.place != finding.primary.place {
            finding = finding.related(need.place, format!("needs {} or later", need.since));
        }
        if last == Some(&need.since) {
            continue;
        }
        last = Some(&need.since);
        let (since, what, why) = (&need.since, &need.what, need.why);
        finding = finding.note(match need.before {
            Effect::StartupError => format!("before {since}, {what} keeps Airflow from starting: {why}"),
            Effect::LookupError => format!("before {since}, {what} makes every lookup fail: {why}. From Airflow 2.2 on that is only logged, and the environment and the database are asked"),
            _ => format!("before {since}, {what} is ignored without a word"),
        });
    }
    finding
}

/// Says which versions would do, and changes the requirement where one edit does it.
pub(super) fn help(finding: Finding, provider: &Provider<'_>) -> Finding {
    let Some(bounds) = provider.bounds() else {
        let since = provider.needs().into_iter().map(|need| need.since).max();
        if let Some(since) = since.filter(|_| !provider.environment.versions.airflow().is_told()) {
            let package = &provider.package.name;
            return finding.help(format!("ask for `{package}>={since}` in `requirements.txt`"));
        }
        return finding.help("move to an image with a newer Airflow: the versions that have it do not run on this one");
    };
    let requirement = bounds.requirement(provider.package);
    let finding = finding.help(format!("ask for `{requirement}` in `requirements.txt`"));
    let Some((place, replacement)) = provider.raised() else { return finding };
    let title = if replacement.starts_with('>') {
        format!("Add `{replacement}`")
    } else {
        format!("Raise the version to `{replacement}`")
    };
    finding.fix(title, Safety::Safe, vec![Edit { place, replacement }])
}
