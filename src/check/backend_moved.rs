//! See `rules/backend-moved.md`.

use super::backend_unknown::STOPS;
use super::{Edit, Finding, Group, Level, Rule, Safety};
use crate::facts::{self, Alias, Backend};
use crate::model::{Basis, Presence};
use crate::resolve::{ClassName, Environment, Project, short_name};

pub(super) static RULE: Rule = Rule {
    id: "backend-moved",
    level: Level::Error,
    group: Group::Backend,
    summary: "The backend's class has another path in the versions in use",
    since: "0.1.0",
    fix: Some(Safety::Safe),
    page: include_str!("../../rules/backend-moved.md"),
    check,
};

fn check(project: &Project, findings: &mut Vec<Finding>) {
    for (environment, configured) in project.backends() {
        let Some(class) = &configured.class
        else {
            continue;
        };
        let finding = match class.known {
            Some((backend, Some(alias))) => old_path(environment, class, backend, alias),
            Some((backend, None)) => new_path(environment, class, backend),
            None => None,
        };
        findings.extend(finding.map(|finding| finding.in_environment(&environment.name)));
    }
}

/// A path that the package gave up, or is about to.
fn old_path(
    environment: &Environment,
    class: &ClassName,
    backend: &Backend,
    alias: &Alias,
) -> Option<Finding> {
    let versions = environment.versions.package(&alias.package)?;
    let package = called(&alias.package);
    let until = alias.range.until.as_ref()?;
    let shim = alias.shim_from.as_ref();
    if versions.presence() == Presence::Absent
        || shim.is_some_and(|shim| versions.all(|version| version < shim))
    {
        return None;
    }
    let path = &alias.class;
    let here = versions.describe();
    let place = class.setting.value_place();
    let finding = if versions.all(|version| version >= until) {
        Finding::new(&RULE, place, format!("`{path}` was removed in {package} {until}"))
            .label("a path that is gone")
            .note(format!("here it is {package} {here}. {STOPS}"))
    } else {
        let shim = shim.map_or(String::new(), |shim| {
            format!("from {package} {shim} on it only forwards to the class of the provider, which has to be installed, and warns; ")
        });
        let finding =
            Finding::new(&RULE, place, format!("`{path}` is deprecated, and gone in {package} {until}"))
                .at_most(Level::Warning)
                .label("an old path");
        let finding = finding.note(format!("{shim}with {until} Airflow does not start any more"));
        if versions.any(|version| version >= until) {
            finding.note(format!("{package} here: {here}"))
        } else {
            finding
        }
    };
    let provider = environment.versions.package(&backend.package);
    let is_there = provider.is_some_and(|set| {
        set.presence() == Presence::Installed && set.all(|version| *version >= backend.since)
    });
    let modern = environment.versions.airflow().all(|version| version.release().first() >= Some(&2));
    let help = if is_there {
        format!("write `{}`", backend.class)
    } else {
        format!("write `{}`, and see that {} is installed", backend.class, backend.package)
    };
    let safety = if is_there && modern { Safety::Safe } else { Safety::Unsafe };
    Some(replaced(finding.help(help), class, &backend.class, safety))
}

/// A path that the package took later.
fn new_path(environment: &Environment, class: &ClassName, backend: &Backend) -> Option<Finding> {
    let versions = environment.versions.package(&backend.package)?;
    let alias = backend.aliases.iter().find(|alias| alias.package == backend.package)?;
    let too_old = versions.presence() == Presence::Installed
        && !matches!(versions.basis(), Basis::Unknown(_))
        && versions.all(|version| *version < backend.since && alias.range.contains(version));
    if !too_old {
        return None;
    }
    let (package, here) = (called(&backend.package), versions.describe());
    let message =
        format!("`{}` exists from {package} {} on, and here it is {here}", backend.class, backend.since);
    let finding = Finding::new(&RULE, class.setting.value_place(), message)
        .label("a path of later versions")
        .note(STOPS)
        .help(format!("write `{}`, or ask for {}>={}", alias.class, backend.package, backend.since));
    Some(replaced(finding, class, &alias.class, Safety::Unsafe))
}

fn replaced(finding: Finding, class: &ClassName, path: &str, safety: Safety) -> Finding {
    match class.whole() {
        Some(place) => finding.fix(
            "Write the path of the versions in use",
            safety,
            vec![Edit { place, replacement: path.to_owned() }],
        ),
        None => finding,
    }
}

/// A package as people call it.
fn called(package: &str) -> &str {
    if package == facts::AIRFLOW { "Airflow" } else { short_name(package) }
}
