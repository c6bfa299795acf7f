//! See `rules/provider-needs-newer-airflow.md`.

use super::{Finding, Group, Level, Rule};
use crate::facts::releases::{self, Package, behaves_as};
use crate::model::{Basis, Presence, VersionSet};
use crate::resolve::Project;

pub(super) static RULE: Rule = Rule {
    id: "provider-needs-newer-airflow",
    level: Level::Warning,
    group: Group::Provider,
    summary: "A provider is asked for in a version that needs a newer Airflow than the image holds",
    since: "0.1.0",
    fix: None,
    page: include_str!("../../rules/provider-needs-newer-airflow.md"),
    check,
};

fn check(project: &Project, findings: &mut Vec<Finding>) {
    let versions = &project.model.versions;
    let airflow = versions.airflow();
    let Basis::Bundled { image, .. } = airflow.basis() else { return };
    for package in releases::providers() {
        let Some(installed) = versions.package(&package.name) else { continue };
        let (Basis::Pinned(place) | Basis::Range(place)) = installed.basis() else { continue };
        if installed.presence() != Presence::Installed
            || !installed.all(|version| is_above(package, version, airflow))
        {
            continue;
        }
        let lowest = installed.versions().first();
        let Some(floor) = lowest.and_then(|lowest| package.airflow_floor(lowest)) else { continue };
        let (name, held) = (&package.name, airflow.describe());
        let finding = Finding::new(&RULE, *place, format!("`{name}` {} needs Airflow {floor} or later; the image holds {held}", installed.describe()))
            .label(format!("needs Airflow {floor}"))
            .related(*image, format!("Airflow {held}"))
            .note("pip has to replace the Airflow of the image to install it: another version than the tag says, without what the Runtime adds to it")
            .note(format!("each release of `{name}` declares the oldest Airflow it works with"));
        let fits = |version: &&pep440_rs::Version| {
            !package.is_yanked(version) && !is_above(package, &behaves_as(version), airflow)
        };
        findings.push(match package.released.iter().rev().find(fits) {
            Some(newest) => finding.help(format!(
                "ask for `{name}<={newest}`, or move to an image with Airflow {floor}"
            )),
            None => finding.help(format!("move to an image with Airflow {floor} or later")),
        });
    }
}

/// Whether `version` needs a newer Airflow than each that is possible.
fn is_above(package: &Package, version: &pep440_rs::Version, airflow: &VersionSet) -> bool {
    package.airflow_floor(version).is_some_and(|floor| airflow.all(|held| held < floor))
}
