//! See `rules/credential-in-settings-file.md`.

use super::{Edit, Finding, Group, Level, Rule, Safety};
use crate::model::setup::deployed::Stored;
use crate::model::{Ignored, Place, Tracked};
use crate::resolve::Project;

pub(super) static RULE: Rule = Rule {
    id: "credential-in-settings-file",
    level: Level::Error,
    group: Group::Leaks,
    summary: "`airflow_settings.yaml` holds a credential and is in git, or about to be",
    since: "0.1.0",
    fix: Some(Safety::Safe),
    page: include_str!("../../rules/credential-in-settings-file.md"),
    check,
};

fn check(project: &Project, findings: &mut Vec<Finding>) {
    let model = &project.model;
    for file in &model.setup.settings_files {
        let here = model.setup.stored.iter().filter(|it| it.statement.file == file.file);
        let held: Vec<Place> = here.filter_map(Stored::credential).collect();
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
