//! See `rules/key-leading-slash.md`.

use super::{Edit, Finding, Group, Level, Rule, Safety};
use crate::resolve::{Asked, Project};

pub(super) static RULE: Rule = Rule {
    id: "key-leading-slash",
    level: Level::Error,
    group: Group::Names,
    summary: "A key begins with a slash, and so the secret's name has two in a row",
    since: "0.1.0",
    fix: Some(Safety::Safe),
    page: include_str!("../../rules/key-leading-slash.md"),
    check,
};

fn check(project: &Project, findings: &mut Vec<Finding>) {
    findings.extend(project.asked().filter_map(|asked| finding(&asked)));
}

fn finding(asked: &Asked<'_>) -> Option<Finding> {
    let kind = asked.reference.kind;
    let (beginning, text) = asked.key.beginning()?;
    let slashes = beginning.len() - beginning.trim_start_matches('/').len();
    if slashes == 0 || asked.repeated().is_some() {
        return None;
    }
    let key = asked.key.shown()?;
    asked.by.before_keys(kind).filter(|before| before.ends_with('/'))?;
    let name = asked.by.name(kind, &key)?;
    // Vault's client makes one slash of two.
    let without =
        asked.by.name(kind, key.trim_start_matches('/')).filter(|without| *without != name)?;
    let place = asked.reference.place_in_call(text, 0..slashes);
    let finding = Finding::new(
        &RULE,
        place.unwrap_or_else(|| asked.reference.key_place()),
        format!("`{key}` begins with a slash: Airflow asks for `{name}`"),
    )
    .in_environment(&asked.by.environment.name)
    .label("a slash already stands before it")
    .note(format!("`{name}` and `{without}` are two different names"))
    .help(format!("write `{}`", key.trim_start_matches('/')));
    Some(match place {
        Some(place) => finding.fix(
            "Delete the slash",
            Safety::Safe,
            vec![Edit { place, replacement: String::new() }],
        ),
        None => finding,
    })
}
