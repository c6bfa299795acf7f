//! See `rules/credential-in-settings-file.md`.

use super::{Edit, Finding, Group, Level, Rule, Safety};
use crate::facts::credentials;
use crate::model::setup::deployed::Stored;
use crate::model::{Ignored, Kind, Place, Tracked};
use crate::resolve::Project;
use crate::text::{Text, Value};

pub(super) static RULE: Rule = Rule {
    id: "credential-in-settings-file",
    level: Level::Error,
    group: Group::Leaks,
    summary: "`airflow_settings.yaml` holds a credential and is in git, or about to be",
    since: "0.1.0",
    page: include_str!("../../rules/credential-in-settings-file.md"),
    check,
};

fn check(project: &Project, findings: &mut Vec<Finding>) {
    let model = &project.model;
    for file in &model.setup.settings_files {
        let here = model.setup.stored.iter().filter(|it| it.statement.file == file.file);
        let held: Vec<Place> = here.filter_map(credential).collect();
        let Some((first, others)) = held.split_first() else { continue };
        let exposure = model.exposure(file.file);
        let name = model.name_of(file.file);
        let (level, message) = match (exposure.tracked, exposure.ignored) {
            (Tracked::Yes, _) => (Level::Error, format!("`{name}` holds a password and is tracked by git")),
            (_, Ignored::No) => (Level::Warning, format!("`{name}` holds a password, and git does not ignore it")),
            _ => continue,
        };
        let mut finding = Finding::new(&RULE, *first, message)
            .at_most(level)
            .label("for instance this")
            .note("whoever can read the repository can read it, also after the file is deleted: it stays in the history");
        if let Some(place) = others.first() {
            finding = finding.related(*place, "and this");
        }
        let mut steps = vec![format!("add `{name}` to `.gitignore`")];
        if exposure.tracked == Tracked::Yes {
            steps.push(format!("run `git rm --cached {name}` and replace the password"));
        }
        finding = finding.help(steps.join("; "));
        if let Some((place, replacement)) = model.git_ignore_line(&name) {
            let edits = vec![Edit { place, replacement }];
            finding = finding.fix(format!("Make git ignore `{name}`"), Safety::Safe, edits);
        }
        findings.push(finding);
    }
}

/// Where an entry holds a credential that somebody has filled in.
fn credential(stored: &Stored) -> Option<Place> {
    let file = stored.statement.file;
    let known = |name: &str| stored.field(name).and_then(Value::known);
    let is_real = |text: &&Text| !credentials().stands_in(text.expose());
    let place = |text: &Text| Place::new(file, text.span());
    match stored.kind {
        Kind::Connection => known("password").filter(is_real).map(place).or_else(|| {
            let private = |text: &&Text| credentials().by_shape(text.expose()).is_some();
            let uri = known("uri").filter(|text| holds_password(text.expose()));
            uri.or_else(|| known("extra").filter(private)).map(place)
        }),
        _ => {
            let private = |text: &&Text| credentials().by_shape(text.expose()).is_some();
            known("value").filter(private).map(place)
        }
    }
}

/// Whether a connection URI has a password in it that is none of the usual examples.
fn holds_password(uri: &str) -> bool {
    let rest = uri.split_once("://").map(|(_, rest)| rest);
    let user = rest.and_then(|rest| rest.split('/').next()?.rsplit_once('@')).map(|(user, _)| user);
    let password = user.and_then(|user| user.split_once(':')).map(|(_, password)| password);
    password.is_some_and(|password| !password.is_empty() && !credentials().stands_in(password))
}
