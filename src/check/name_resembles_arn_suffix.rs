//! See `rules/name-resembles-arn-suffix.md`.

use super::{Finding, Group, Level, Rule};
use crate::hash::HashSet;
use crate::resolve::Project;

pub(super) static RULE: Rule = Rule {
    id: "name-resembles-arn-suffix",
    level: Level::Info,
    group: Group::Names,
    summary: "A secret's name ends like an ARN, in a hyphen and six characters",
    since: "0.1.0",
    fix: None,
    page: include_str!("../../rules/name-resembles-arn-suffix.md"),
    check,
};

/// How many characters AWS puts behind a name and a hyphen.
const SUFFIX: usize = 6;

fn check(project: &Project, findings: &mut Vec<Finding>) {
    let mut said = HashSet::default();
    for asked in project.asked() {
        if asked.by.configured.backend().is_none_or(|backend| backend.id != "aws_secrets_manager") {
            continue;
        }
        let Some(key) = asked.key.name() else { continue };
        let Some(name) = asked.by.name(asked.reference.kind, key) else { continue };
        if !ends_like_an_arn(&name) || !said.insert(name.clone()) {
            continue;
        }
        let Some((shorter, _)) = name.rsplit_once('-') else { continue };
        let finding = Finding::new(
            &RULE,
            asked.reference.key_place(),
            format!("the name `{name}` ends like an ARN, in a hyphen and six characters"),
        )
        .label("the last seven characters")
        .note(format!("AWS puts a hyphen and six characters behind the name in a secret's ARN: asked by ARN without them, it takes this for the secret `{shorter}`"))
        .help("use another name, or refer to the secret by its name or whole ARN only");
        findings.push(finding);
    }
}

fn ends_like_an_arn(name: &str) -> bool {
    name.rsplit_once('-').is_some_and(|(before, last)| {
        !before.is_empty() && last.len() == SUFFIX && last.bytes().all(|byte| byte.is_ascii_alphanumeric())
    })
}
