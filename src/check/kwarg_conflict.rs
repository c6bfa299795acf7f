//! See `rules/kwarg-conflict.md`.

use super::{Finding, Group, Level, Rule};
use crate::resolve::{Cause, Kwarg, Project};

pub(super) static RULE: Rule = Rule {
    id: "kwarg-conflict",
    level: Level::Error,
    group: Group::Backend,
    summary: "Keywords of the backend's kwargs that its class does not take together",
    since: "0.1.0",
    fix: None,
    page: include_str!("../../rules/kwarg-conflict.md"),
    check,
};

fn check(project: &Project, findings: &mut Vec<Finding>) {
    for (environment, configured) in project.backends() {
        let keywords = environment.keywords(configured);
        for fault in environment.faults(configured) {
            let Cause::Together(names) = &fault.fault.cause else { continue };
            let is_named = |kwarg: &&&Kwarg| names.contains(&&*kwarg.name);
            let mut given = keywords.iter().filter(is_named);
            let Some(first) = given.next() else { continue };
            let listed: Vec<_> = names.iter().map(|name| format!("`{name}`")).collect();
            let message =
                format!("{} are given together: {}", listed.join(" and "), fault.consequence());
            let mut finding = Finding::new(&RULE, first.name_place, message)
                .at_most(if fault.always { Level::Error } else { Level::Warning })
                .in_environment(&environment.name)
                .label("excludes the other")
                .note(fault.fault.what.clone())
                .note(fault.raised())
                .help("keep one of them");
            for other in given {
                finding = finding.related(other.name_place, "given as well");
            }
            if let Some(when) = fault.when(configured) {
                finding = finding.note(format!("so it is {when}, which may be installed"));
            }
            findings.push(finding);
        }
    }
}
