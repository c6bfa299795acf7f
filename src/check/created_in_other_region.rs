//! See `rules/created-in-other-region.md`.

use super::{Finding, Group, Level, Rule};
use crate::hash::HashSet;
use crate::model::DeclaredName;
use crate::resolve::{Dimension, Elsewhere, Project};

pub(super) static RULE: Rule = Rule {
    id: "created-in-other-region",
    level: Level::Warning,
    group: Group::Creation,
    summary: "A secret is created in another region, account, project, vault or mount than the backend looks in",
    since: "0.1.0",
    fix: None,
    page: include_str!("../../rules/created-in-other-region.md"),
    check,
};

fn check(project: &Project, findings: &mut Vec<Finding>) {
    let mut said = HashSet::default();
    for created in project.created() {
        let Some((elsewhere, environment)) = created.elsewhere(project) else { continue };
        // One with replicas is in none of their regions.
        if !said.insert((created.name, &environment.name)) {
            continue;
        }
        let Elsewhere { dimension, created: here, created_by, looked, looked_by } = elsewhere;
        // What looks like a value is none of these.
        if ![&here, &looked].into_iter().all(|it| DeclaredName::may_be_shown(it)) {
            continue;
        }
        let what = match dimension {
            Dimension::Region => String::new(),
            other => format!("the {} ", other.noun()),
        };
        let engine = |version: &str| format!("version {version} of Vault's key-value engine");
        let (message, help) = match dimension {
            Dimension::Engine => (
                format!("the secret is made for {}, and the backend asks version {looked}", engine(&here)),
                format!("make it with the resource for version {looked}, or set `kv_engine_version` to {here}"),
            ),
            _ => (
                format!("the secret is created in {what}`{here}`, and the backend looks in {what}`{looked}`"),
                format!("create it in {what}`{looked}`, or let the backend look in {what}`{here}`"),
            ),
        };
        let note = match dimension {
            Dimension::Region => "a secret exists in its own region only, unless it is replicated",
            Dimension::Account => "a name without an account is one of the account that asks: that of the role which the backend assumes",
            Dimension::Project => "the backend puts its own project before each name, whatever project holds the secret",
            Dimension::Vault => "each vault has an address of its own, and the backend asks one",
            Dimension::Mount => "the mount is the first part of the path that the backend asks for",
            Dimension::Engine => "version 2 of the engine has `data/` behind the mount in each path, version 1 has not: the backend asks for a path that is not there",
        };
        findings.push(
            Finding::new(&RULE, created_by, message)
                .in_environment(&environment.name)
                .label("here")
                .related(looked_by, "and the backend here")
                .note(note)
                .help(help),
        );
    }
}
