//! See `rules/prefix-leading-slash.md`.

use super::{Edit, Finding, Group, Level, Rule, Safety};
use crate::model::Kind;
use crate::resolve::Project;

pub(super) static RULE: Rule = Rule {
    id: "prefix-leading-slash",
    level: Level::Warning,
    group: Group::Names,
    summary: "A prefix begins with a slash, which becomes part of the secret's name",
    since: "0.1.0",
    page: include_str!("../../rules/prefix-leading-slash.md"),
    check,
};

fn check(project: &Project, findings: &mut Vec<Finding>) {
    for (environment, configured) in project.backends() {
        if configured.backend().is_none_or(|backend| backend.id != "aws_secrets_manager") {
            continue;
        }
        for kind in Kind::ALL {
            let Some(prefix) = configured.prefix(kind) else { continue };
            let Some(text) = prefix.plain().filter(|text| text.starts_with('/')) else { continue };
            let stripped = text.trim_start_matches('/');
            if stripped.is_empty() {
                continue;
            }
            let Some(name) = environment.name(kind, "<key>") else { continue };
            let without = name.trim_start_matches('/');
            let finding = Finding::new(&RULE, prefix.value_place, format!("`{}` is `{text}`: Airflow asks for `{name}`, with the slash", prefix.name))
                .in_environment(&environment.name)
                .label("begins with a slash")
                .note(format!("Secrets Manager has no folders: `{name}` and `{without}` are two different secrets, and the slash is hardly ever part of the name"))
                .help(format!("write `{stripped}`, unless the secrets were created as `/{stripped}/…`"));
            let slashes = text.len() - stripped.len();
            findings.push(match prefix.part(0..slashes) {
                Some(place) => finding.fix(
                    "Delete the slash",
                    Safety::Safe,
                    vec![Edit { place, replacement: String::new() }],
                ),
                None => finding,
            });
        }
    }
}
