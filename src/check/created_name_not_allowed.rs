//! See `rules/created-name-not-allowed.md`.

use super::{Edit, Finding, Group, Level, Rule, Safety};
use crate::model::{DeclaredName, Place};
use crate::resolve::{Project, RefusedCreation};

pub(super) static RULE: Rule = Rule {
    id: "created-name-not-allowed",
    level: Level::Error,
    group: Group::Creation,
    summary: "A secret is created under a name that its service refuses",
    since: "0.1.0",
    fix: Some(Safety::Safe),
    page: include_str!("../../rules/created-name-not-allowed.md"),
    check,
};

fn check(project: &Project, findings: &mut Vec<Finding>) {
    for refused in project.refused_creations() {
        let RefusedCreation { creation, name, service, why, allowed } = refused;
        if !DeclaredName::may_be_shown(name) {
            continue;
        }
        let place = Place::new(creation.statement.file, creation.name.span());
        let message = format!("{} refuses the name `{name}`: it holds {why}", service.name);
        let finding = Finding::new(&RULE, place, message)
            .label("no secret of this name can be")
            .note(format!("a name of {} may hold {}", service.name, service.allowed));
        findings.push(match allowed {
            Some(allowed) => {
                let finding = finding
                    .note("the backend makes the same of the key when it asks")
                    .help(format!("create it as `{allowed}`"));
                match creation.whole_name() {
                    Some(place) => {
                        let edits = vec![Edit { place, replacement: allowed.clone() }];
                        finding.fix(format!("Create it as `{allowed}`"), Safety::Safe, edits)
                    }
                    None => finding,
                }
            }
            None => finding.help(format!("use {} alone", service.allowed)),
        });
    }
}
