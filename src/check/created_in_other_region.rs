//! See `rules/created-in-other-region.md`.

use super::{Finding, Group, Level, Rule};
use crate::resolve::Project;

pub(super) static RULE: Rule = Rule {
    id: "created-in-other-region",
    level: Level::Warning,
    group: Group::Creation,
    summary: "A secret is created in another region than the backend looks in",
    since: "0.1.0",
    page: include_str!("../../rules/created-in-other-region.md"),
    check,
};

fn check(project: &Project, findings: &mut Vec<Finding>) {
    // Of several environments, one may look there.
    let looks_in: Vec<_> = project.created().filter(|it| it.other_region(project).is_none()).map(|it| it.name).collect();
    let mut said = Vec::new();
    for created in project.created().filter(|it| !looks_in.contains(&it.name)) {
        // One with replicas is in none of their regions.
        if said.contains(&created.name) {
            continue;
        }
        said.push(created.name);
        let Some((region, place, other, there)) = created.other_region(project) else { continue };
        findings.push(
            Finding::new(&RULE, place, format!("the secret is created in `{region}`, and the backend looks in `{other}`"))
                .in_environment(&created.by.environment.name)
                .label("here")
                .related(there, "and the backend here")
                .note("a secret exists in its own region only, unless it is replicated")
                .help(format!("create it in `{other}`, or let the backend look in `{region}`")),
        );
    }
}
