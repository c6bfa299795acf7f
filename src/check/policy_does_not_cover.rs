//! See `rules/policy-does-not-cover.md`.

use super::{Finding, Group, Level, Rule};
use crate::model::DeclaredName;
use crate::resolve::{NotCovered, OtherPath, PathFault, Project, RoleInUse, WhyNot};

pub(super) static RULE: Rule = Rule {
    id: "policy-does-not-cover",
    level: Level::Error,
    group: Group::Creation,
    summary: "The role that the backend assumes may not read a secret that is asked for",
    since: "0.1.0",
    fix: None,
    page: include_str!("../../rules/policy-does-not-cover.md"),
    check,
};

fn check(project: &Project, findings: &mut Vec<Finding>) {
    for used in project.roles_in_use() {
        let mut missing = project.not_covered(used);
        missing.retain(|it| DeclaredName::may_be_shown(&it.name));
        // All that a role lacks for the same reason is one finding.
        while let Some(why) = missing.first().map(|it| it.why.clone()) {
            let (alike, others): (Vec<_>, Vec<_>) = missing.into_iter().partition(|it| it.why == why);
            missing = others;
            findings.extend(finding(used, &why, &alike));
        }
    }
    findings.extend(project.other_paths().iter().filter_map(of_vault));
}

/// A path of a policy of Vault that misses what the backend reads.
fn of_vault(other: &OtherPath<'_>) -> Option<Finding> {
    let OtherPath { path, read, mended, .. } = other;
    let shown = read.replace("<key>", "key");
    if !DeclaredName::may_be_shown(path) || !DeclaredName::may_be_shown(&shown) {
        return None;
    }
    let message = format!("`{path}` does not cover `{read}`, which the backend reads: permission denied");
    let (label, note) = match other.fault {
        PathFault::Mount => (
            "another mount",
            "the first part of a path is the mount, which is `mount_point` of the kwargs",
        ),
        PathFault::Data => (
            "without `data/`",
            "version 2 of the key-value engine has `data/` behind the mount in the paths of its API, and in policies too",
        ),
    };
    // Whether it is the policy of the backend's own role is not known.
    let mut finding = Finding::new(&RULE, other.place, message)
        .at_most(Level::Warning)
        .in_environment(&other.environment.name)
        .label(label)
        .note(note)
        .help(format!("write `{mended}`, with the capability `read` alone"));
    if let Some(reference) = other.reference {
        finding = finding.related(reference.key_place(), "asked for here");
    }
    Some(finding)
}

/// How many names a finding lists.
const MAX_NAMES: usize = 20;

fn finding(used: RoleInUse<'_>, why: &WhyNot, missing: &[NotCovered<'_>]) -> Option<Finding> {
    let (first, rest) = missing.split_first()?;
    let name = &first.name;
    let names = match rest.len() {
        0 => format!("`{name}`"),
        1 => format!("`{name}` and one more"),
        more => format!("`{name}` and {more} more"),
    };
    let (place, message) = match why {
        WhyNot::NotNamed => (used.role.statement, format!("no policy of the role allows it to read {names}: AccessDenied")),
        WhyNot::OtherRegion(region) => (used.role.statement, format!("the role may read {names} only in other regions than `{region}`, where the backend asks")),
        WhyNot::OtherAccount(account) => (used.role.statement, format!("the role may read {names} only in other accounts than its own, `{account}`")),
        WhyNot::Denied(place) => (*place, format!("the statement denies the backend's role to read {names}")),
    };
    let mut finding = Finding::new(&RULE, place, message)
        .in_environment(&used.by.environment.name)
        .label(if matches!(why, WhyNot::Denied(_)) { "counts whatever else allows it" } else { "the role that the backend assumes" })
        .related(first.reference.key_place(), "asked for here");
    if !rest.is_empty() {
        let listed = missing.iter().take(MAX_NAMES).map(|it| format!("`{}`", it.name));
        let mut listed = listed.collect::<Vec<_>>().join(", ");
        if let Some(more) = missing.len().checked_sub(MAX_NAMES).filter(|more| *more > 0) {
            listed += &format!(" and {more} more");
        }
        finding = finding.note(format!("it lacks {listed}"));
    }
    finding = finding.note("AccessDenied counts as an error, not as missing; Airflow logs it and asks the next place");
    if *why == WhyNot::NotNamed {
        finding = finding.note("the ARN of a secret of Secrets Manager ends with a hyphen and six characters: a resource must allow for them, with `-??????` or `*`");
    }
    Some(match why {
        WhyNot::Denied(_) => finding.help("leave these names out of what the statement denies"),
        _ => finding.help("add the names to the resources of the policy; `astrolint secrets --emit iam-policy` prints one that fits"),
    })
}
