//! See `rules/kwarg-unknown.md`.

use super::{Edit, Finding, Group, Level, Rule, Safety};
use crate::facts::{Backend, Effect, Parameter, backends_with};
use crate::model::Kind;
use crate::resolve::{Configured, Environment, Kwarg, Project, Section};

pub(super) static RULE: Rule = Rule {
    id: "kwarg-unknown",
    level: Level::Error,
    group: Group::Backend,
    summary: "A keyword of the backend's kwargs is no parameter of its class in any version",
    since: "0.1.0",
    fix: Some(Safety::Unsafe),
    page: include_str!("../../rules/kwarg-unknown.md"),
    check,
};

fn check(project: &Project, findings: &mut Vec<Finding>) {
    for (environment, configured) in project.backends() {
        let Some(backend) = configured.backend() else { continue };
        for kwarg in environment.keywords(configured) {
            if backend.parameter(&kwarg.name).is_none() {
                findings.extend(finding(environment, configured, backend, kwarg));
            }
        }
    }
}

fn finding(
    environment: &Environment,
    configured: &Configured,
    backend: &'static Backend,
    kwarg: &Kwarg,
) -> Option<Finding> {
    let effects = environment.effects(configured, &kwarg.name)?;
    let fails = effects.any(&[Effect::LookupError, Effect::StartupError]);
    // JSON has no comments, so people write them as members.
    let is_comment = kwarg.name.starts_with(['_', '#', '/']) || kwarg.name.starts_with("comment");
    if is_comment && !fails {
        return None;
    }
    let (name, class) = (kwarg.shown_name(), backend.class_name());
    let meant = meant(environment, configured, backend, kwarg);
    let several = backend.ending_in(&kwarg.name);
    let ignored = [Effect::Ignored, Effect::IgnoredWithWarning];
    let does = if effects.all(&ignored) {
        "is ignored"
    } else if effects.all(&[Effect::LookupError]) {
        "fails every lookup"
    } else if effects.all(&[Effect::StartupError]) {
        "stops Airflow"
    } else {
        "is not read"
    };
    let asked = meant
        .filter(|_| effects.all(&ignored) && configured.section == Section::Secrets)
        .and_then(|meant| Kind::ALL.into_iter().find(|kind| is_prefix(&meant.name, *kind)))
        .and_then(|kind| environment.name(kind, "<key>"));
    let names: Vec<_> = several.iter().map(|row| format!("`{}`", row.name)).collect();
    let message = match (meant, asked, names.as_slice()) {
        (Some(meant), Some(asked), _) => format!(
            "`{name}` {does}, as the parameter is `{}`: Airflow asks for `{asked}`",
            meant.name
        ),
        (Some(meant), None, _) => {
            format!("`{name}` {does}: the parameter of `{class}` is `{}`", meant.name)
        }
        (None, _, []) => format!("`{name}` {does}: `{class}` has no such parameter"),
        (None, _, names) => {
            format!("`{name}` {does}: `{class}` has {} instead", names.join(", "))
        }
    };
    let consequence = meant
        .filter(|_| effects.any(&ignored))
        .map(|meant| match meant.default_text() {
            Some(default) => format!(": `{}` stays `{default}`", meant.name),
            None => format!(": `{}` stays unset", meant.name),
        })
        .unwrap_or_default();
    let level = if effects.beyond_facts() {
        Level::Warning
    } else if meant.is_some() || !several.is_empty() || !effects.any(&ignored) {
        Level::Error
    } else {
        Level::Warning
    };
    let help = match (meant, names.as_slice()) {
        (Some(meant), _) => format!("write `{}`", meant.name),
        (None, []) => "remove it".to_owned(),
        (None, names) => format!("write {}, each with its own value", names.join(", ")),
    };
    let mut finding = Finding::new(&RULE, kwarg.name_place, message)
        .at_most(level)
        .in_environment(&environment.name)
        .label(if fails { "refused" } else { "not read" })
        .note(format!("{}{consequence}", effects.describe()))
        .help(help);
    let owners: Vec<_> =
        backends_with(&kwarg.name).map(|other| format!("`{}`", other.class_name())).collect();
    // Where it is a misspelling, nobody thought of another class.
    if meant.is_none() && !owners.is_empty() {
        finding = finding.note(format!("`{name}` belongs to {}", owners.join(" and ")));
    }
    let rename = meant.zip(kwarg.bare_name_place()).filter(|_| name == kwarg.name);
    Some(match rename {
        Some((meant, place)) => finding.fix(
            format!("Rename it to `{}`", meant.name),
            Safety::Unsafe,
            vec![Edit { place, replacement: meant.name.clone() }],
        ),
        None => finding,
    })
}

fn is_prefix(name: &str, kind: Kind) -> bool {
    let ending = name.strip_prefix(kind.parameter_stem());
    ending.is_some_and(|ending| ["_prefix", "_path"].contains(&ending))
}

/// The parameter that `kwarg` means, unless it is given as well or not read at any version.
fn meant(
    environment: &Environment,
    configured: &Configured,
    backend: &'static Backend,
    kwarg: &Kwarg,
) -> Option<&'static Parameter> {
    let meant = backend.meant_by(&kwarg.name)?;
    let given = environment.keywords(configured).iter().any(|other| other.name == meant.name);
    let read = environment
        .effects(configured, &meant.name)?
        .any(&[Effect::Used, Effect::Deprecated]);
    (!given && read).then_some(meant)
}
