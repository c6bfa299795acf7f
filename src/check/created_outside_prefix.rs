//! See `rules/created-outside-prefix.md`.

use super::{Edit, Finding, Group, Level, Rule, Safety};
use crate::model::{DeclaredName, Place};
use crate::resolve::{Misplaced, Project, Repeats};

pub(super) static RULE: Rule = Rule {
    id: "created-outside-prefix",
    level: Level::Error,
    group: Group::Creation,
    summary: "A secret is created under a name that the backend never asks for",
    since: "0.1.0",
    fix: Some(Safety::Safe),
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
    if let Some(repeats) = misplaced.repeats {
        return Some(repeating(misplaced, repeats));
    }
    let message = format!("`{name}` is created, and the backend asks for `{asked}`");
    let is_certain = misplaced.reference.is_some() && !misplaced.may_be_asked;
    let level = if is_certain { Level::Error } else { Level::Warning };
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
    // Where nothing asks for it under the right name, the name may be meant for others.
    let safety = if is_certain { Safety::Safe } else { Safety::Unsafe };
    Some(renamed(finding, misplaced, safety))
}

/// A path with what Vault has before it, in the place of a path in a mount.
fn repeating(misplaced: &Misplaced<'_>, repeats: Repeats) -> Finding {
    let Misplaced { creation, name, kind, asked, .. } = misplaced;
    let place = Place::new(creation.statement.file, creation.name.span());
    let before = name.strip_suffix(asked.as_str()).unwrap_or("");
    let why = match repeats {
        Repeats::Data => "`data/` stands behind the mount in paths of Vault's API only",
        Repeats::Mount => "the mount is named apart from the path in it",
    };
    let finding = Finding::new(&RULE, place, format!("`{name}` is created in the mount, and the backend asks for `{asked}` there"))
        .in_environment(&misplaced.environment.name)
        .label(format!("`{before}` does not belong here"))
        .note(format!("{why}; what creates this {kind} adds it itself, and so does the backend"))
        .help(format!("leave `{before}` out: `{asked}`"));
    renamed(finding, misplaced, Safety::Safe)
}

/// Offers the name that is asked for, where the whole name stands there.
fn renamed(finding: Finding, misplaced: &Misplaced<'_>, safety: Safety) -> Finding {
    let Some(place) = misplaced.creation.whole_name() else { return finding };
    let edit = Edit { place, replacement: misplaced.asked.clone() };
    finding.fix(format!("Create it as `{}`", misplaced.asked), safety, vec![edit])
}
