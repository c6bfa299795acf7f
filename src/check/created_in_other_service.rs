//! See `rules/created-in-other-service.md`.

use super::{Finding, Group, Level, Rule};
use crate::model::{DeclaredName, Place};
use crate::resolve::{InOtherService, Project};

pub(super) static RULE: Rule = Rule {
    id: "created-in-other-service",
    level: Level::Error,
    group: Group::Creation,
    summary: "A secret is created in another service than the one that the backend asks",
    since: "0.1.0",
    fix: None,
    page: include_str!("../../rules/created-in-other-service.md"),
    check,
};

fn check(project: &Project, findings: &mut Vec<Finding>) {
    findings.extend(project.in_other_service().iter().filter_map(finding));
}

fn finding(found: &InOtherService<'_>) -> Option<Finding> {
    let InOtherService { creation, name, service, by, asked_service, asked, reference } = found;
    let may_be_shown = [name, asked.as_str()].into_iter().all(DeclaredName::may_be_shown);
    may_be_shown.then(|| {
        let (here, there) = (&service.name, &asked_service.name);
        let place = Place::new(creation.statement.file, creation.name.span());
        Finding::new(&RULE, place, format!("`{name}` is created in {here}, and the backend asks {there} for `{asked}`"))
            .in_environment(&by.environment.name)
            .label(format!("in {here}"))
            .related(reference.key_place(), "asked for here")
            .note(format!("the two are services of their own: what one holds, the other does not find; nothing of the project creates it in {there}"))
            .help(format!("create it in {there}, or use the backend that reads {here}"))
    })
}
