//! See `rules/provider-may-be-too-old.md`.

use super::provider_too_old::{explain, help, list};
use super::{Finding, Group, Level, Rule, Safety};
use crate::model::{Basis, Presence};
use crate::resolve::{Need, Project, Provider};

pub(super) static RULE: Rule = Rule {
    id: "provider-may-be-too-old",
    level: Level::Warning,
    group: Group::Provider,
    summary: "The provider may be installed in a version too old for the backend's settings",
    since: "0.1.0",
    fix: Some(Safety::Safe),
    page: include_str!("../../rules/provider-may-be-too-old.md"),
    check,
};

fn check(project: &Project, findings: &mut Vec<Finding>) {
    for provider in project.providers() {
        let installed = provider.installed;
        let certain = installed.presence() == Presence::Installed && installed.is_told();
        // pip leaves what the image may hold: then only the range says anything.
        let may_be_left = asked_without_pin(&provider) && !provider.is_chosen_by_pip();
        if !certain || may_be_left && !matches!(installed.basis(), Basis::Range(_)) {
            continue;
        }
        let Some(place) = provider.deciding_place() else { continue };
        let mut needs = provider.needs();
        let too_old = |need: &Need| installed.any(|version| *version < need.since);
        // What is too old in every version is `provider-too-old`.
        if needs.iter().any(|need| installed.all(|version| *version < need.since)) {
            continue;
        }
        needs.retain(too_old);
        let package = &provider.package.name;
        if needs.is_empty() {
            if matches!(installed.basis(), Basis::Unpinned(_)) {
                let finding = Finding::new(&RULE, place, format!("`{package}` has no version: every build takes the newest, whatever it changes"))
                    .at_most(Level::Info)
                    .label("any version");
                findings.push(help(finding, &provider));
            }
            continue;
        }
        let message = format!("`{package}` may be too old: {}, and {}", list(&needs), at_fault(&provider, &needs));
        let finding = Finding::new(&RULE, place, message)
            .in_environment(&provider.environment.name)
            .label(format!("allows {}", installed.describe()))
            .at_most(if may_be_left { Level::Info } else { Level::Warning });
        findings.push(help(explain(finding, &needs), &provider));
    }
}

/// The versions that are possible and too old, and that they are.
fn at_fault(provider: &Provider<'_>, needs: &[Need]) -> String {
    let versions = provider.installed.those(|version| needs.iter().any(|need| *version < need.since));
    let how = if asked_without_pin(provider) { "allowed" } else { "possible" };
    match versions.as_slice() {
        [] => format!("older ones are {how} too"),
        [only] => format!("{only} is {how} too"),
        [first, second] => format!("{first} and {second} are {how} too"),
        [first, .., last] => format!("{first} to {last} are {how} too"),
    }
}

fn asked_without_pin(provider: &Provider<'_>) -> bool {
    let basis = provider.installed.basis();
    matches!(basis, Basis::Range(_) | Basis::Unpinned(_) | Basis::Extra(_))
}
