//! See `rules/prefix-leading-slash.md`.

use super::{Edit, Finding, Group, Level, Rule, Safety};
use crate::model::Kind;
use crate::resolve::{InUse, Kwarg, Project, short_name};

pub(super) static RULE: Rule = Rule {
    id: "prefix-leading-slash",
    level: Level::Warning,
    group: Group::Names,
    summary: "A prefix makes names begin with a slash, or without one, unlike those of the secrets",
    since: "0.1.0",
    fix: Some(Safety::Safe),
    page: include_str!("../../rules/prefix-leading-slash.md"),
    check,
};

fn check(project: &Project, findings: &mut Vec<Finding>) {
    for by in project.in_use() {
        for kind in Kind::ALL {
            let Some(prefix) = by.configured.prefix(kind) else { continue };
            findings.extend(
                slash(by, prefix, kind)
                    .or_else(|| only_a_slash(by, prefix, kind))
                    .or_else(|| no_slash(by, prefix, kind)),
            );
        }
    }
}

/// A slash that becomes part of the name.
fn slash(by: InUse<'_>, prefix: &Kwarg, kind: Kind) -> Option<Finding> {
    by.behaves("keeps-leading-slash").then_some(())?;
    let text = prefix.plain().filter(|text| text.starts_with('/'))?;
    let stripped = text.trim_start_matches('/');
    let name = by.name(kind, "<key>").filter(|_| !stripped.is_empty())?;
    let (without, service) = (name.trim_start_matches('/'), &by.service()?.name);
    let message =
        format!("`{}` is `{text}`: Airflow asks for `{name}`, with the slash", prefix.name);
    let finding = Finding::new(&RULE, prefix.value_place, message)
        .in_environment(&by.environment.name)
        .label("begins with a slash")
        .note(format!("{service} has no folders: `{name}` and `{without}` are two different secrets, and the slash is hardly ever part of the name"))
        .help(format!("write `{stripped}`, unless the secrets were created as `/{stripped}/…`"));
    let slashes = text.len() - stripped.len();
    Some(match prefix.part(0..slashes) {
        Some(place) => finding.fix(
            "Delete the slash",
            Safety::Safe,
            vec![Edit { place, replacement: String::new() }],
        ),
        None => finding,
    })
}

/// No prefix, where some versions put the separator before the key all the same.
fn only_a_slash(by: InUse<'_>, prefix: &Kwarg, kind: Kind) -> Option<Finding> {
    by.behaves("keeps-leading-slash").then_some(())?;
    prefix.plain().filter(|text| text.trim_matches('/').is_empty())?;
    let names = by.names(kind, "<key>");
    let name = names.iter().find(|name| name.starts_with('/'))?;
    let (some, range) = (names.len() > 1, by.configured.backend()?.when("strips-separator").first()?);
    let package = by.configured.provider_package().map(short_name)?;
    let when = if some { format!(" before {package} {}", range.from) } else { String::new() };
    Some(
        Finding::new(
            &RULE,
            prefix.value_place,
            format!("`{}` is empty: Airflow asks for `{name}`, with a slash{when}", prefix.name),
        )
        .in_environment(&by.environment.name)
        .label("the separator stays")
        .note(format!(
            "{package} {} and later ask for the bare key instead, which is another secret",
            range.from
        ))
        .help(format!("require {package} {} or later", range.from)),
    )
}

/// No slash, where the names of the service have one and not every version adds it.
fn no_slash(by: InUse<'_>, prefix: &Kwarg, kind: Kind) -> Option<Finding> {
    let adds = by.configured.backend()?.when("adds-leading-slash").first()?;
    let text = prefix.plain().filter(|text| !text.is_empty() && !text.starts_with('/'))?;
    let names = by.names(kind, "<key>");
    let name = names.iter().find(|name| !name.starts_with('/'))?;
    let package = by.configured.provider_package().map(short_name)?;
    let when = if names.len() > 1 { format!(" before {package} {}", adds.from) } else { String::new() };
    let finding = Finding::new(
        &RULE,
        prefix.value_place,
        format!("`{}` is `{text}`: Airflow asks for `{name}`, without a slash{when}", prefix.name),
    )
    .in_environment(&by.environment.name)
    .label("does not begin with a slash")
    .note(format!("the names in a hierarchy begin with a slash; {package} {} and later put it there", adds.from))
    .help(format!("write `/{text}`"));
    Some(match prefix.part(0..0) {
        Some(place) => finding.fix(
            "Insert the slash",
            Safety::Safe,
            vec![Edit { place, replacement: "/".to_owned() }],
        ),
        None => finding,
    })
}
