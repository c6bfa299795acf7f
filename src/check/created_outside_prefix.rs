//! See `rules/created-outside-prefix.md`.

use super::{Finding, Group, Level, Rule};
use crate::model::{DeclaredName, Place};
use crate::resolve::{Misplaced, Project};

pub(super) static RULE: Rule = Rule {
    id: "created-outside-prefix",
    level: Level::Error,
    group: Group::Creation,
    summary: "A secret is created under a name that the backend never asks for",
    since: "0.1.0",
    page: include_str!("../../rules/created-outside-prefix.md"),
    check,
};

fn check(project: &Project, findings: &mut Vec<Finding>) {
    findings.extend(project.misplaced().iter().filter_map(finding));
}

fn finding(misplaced: &Misplaced<'_>) -> Option<Finding> {
    let Misplaced { creation, name, kind, asked, .. } = misplaced;
    let may_be_shown = [name, asked.as_str()].into_iter().all(DeclaredName::may_be_shown);
    if !may_be_shown {
        return None;
    }
    if misplaced.repeats_data {
        return Some(with_data(misplaced));
    }
    let message = format!("`{name}` is created, and the backend asks for `{asked}`");
    let level = if misplaced.reference.is_some() { Level::Error } else { Level::Warning };
    let place = Place::new(creation.statement.file, creation.name.span());
    let mut finding = Finding::new(&RULE, place, message)
        .at_most(level)
        .in_environment(&misplaced.environment.name)
        .label("never asked for")
        .note(format!("the {kind} is looked up under the prefix of the backend, and this secret is outside of it"))
        .help(format!("create it as `{asked}`"));
    if let Some(reference) = misplaced.reference {
        finding = finding.related(reference.key_place(), "asked for here");
    }
    Some(finding)
}

/// A path of Vault's API in the place of a path in a mount.
fn with_data(misplaced: &Misplaced<'_>) -> Finding {
    let Misplaced { creation, name, kind, asked, .. } = misplaced;
    let place = Place::new(creation.statement.file, creation.name.span());
    Finding::new(&RULE, place, format!("`{name}` is created in the mount, and the backend asks for `{asked}` there"))
        .in_environment(&misplaced.environment.name)
        .label("`data/` does not belong here")
        .note(format!("`data/` stands behind the mount in paths of Vault's API only; what creates this {kind} adds it itself, and so does the backend"))
        .help(format!("leave `data/` out: `{asked}`"))
}
