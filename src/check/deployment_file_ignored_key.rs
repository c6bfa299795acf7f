//! See `rules/deployment-file-ignored-key.md`.

use super::{Finding, Group, Level, Rule};
use crate::facts::credentials;
use crate::model::setup::IgnoredKey;
use crate::resolve::Project;

pub(super) static RULE: Rule = Rule {
    id: "deployment-file-ignored-key",
    level: Level::Warning,
    group: Group::Environments,
    summary: "A deployment file has a key that the Astro CLI drops without a word",
    since: "0.1.0",
    fix: None,
    page: include_str!("../../rules/deployment-file-ignored-key.md"),
    check,
};

fn check(project: &Project, findings: &mut Vec<Finding>) {
    for file in &project.model.setup.deployment_files {
        findings.extend(file.ignored.iter().filter_map(finding));
    }
}

fn finding(ignored: &IgnoredKey) -> Option<Finding> {
    // What is no name may be anything.
    if !credentials().looks_like_name(&ignored.key) || ignored.key.len() > 40 {
        return None;
    }
    let finding = Finding::new(
        &RULE,
        ignored.place,
        format!("`{}` has no effect here: the Astro CLI does not know it", ignored.key),
    )
    .label("dropped without a word");
    Some(match &ignored.belongs {
        Some(path) => finding.help(format!("it belongs to `{path}`")),
        None => finding,
    })
}
