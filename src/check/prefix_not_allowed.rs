//! See `rules/prefix-not-allowed.md`.

use super::{Edit, Finding, Group, Level, Rule, Safety};
use crate::facts::Service;
use crate::model::{FileKind, Kind};
use crate::resolve::{Cause, FaultInUse, InUse, Kwarg, Project};

pub(super) static RULE: Rule = Rule {
    id: "prefix-not-allowed",
    level: Level::Error,
    group: Group::Names,
    summary: "A prefix or separator makes names that the service refuses",
    since: "0.1.0",
    fix: Some(Safety::Unsafe),
    page: include_str!("../../rules/prefix-not-allowed.md"),
    check,
};

/// What others report: placeholders, and references that nothing expands.
const LEFT_TO_OTHERS: [char; 5] = ['<', '>', '{', '}', '$'];

fn check(project: &Project, findings: &mut Vec<Finding>) {
    for by in project.in_use() {
        let Some(service) = by.service() else { continue };
        findings.extend(
            by.environment
                .faults(by.configured)
                .iter()
                .filter_map(|fault| at_start(by, service, fault)),
        );
        for kind in Kind::ALL {
            let prefix = by.configured.prefix(kind).filter(|prefix| !is_put_together(project, prefix));
            let Some(prefix) = prefix else { continue };
            findings.extend(characters(by, service, prefix, kind));
            findings.extend(empty_part(by, service, prefix, kind));
        }
        let prefixed = Kind::ALL.into_iter().find(|kind| {
            by.joined(*kind, "").iter().any(|before| !before.is_empty())
        });
        if let (Some(separator), Some(kind)) = (by.configured.keyword("sep"), prefixed) {
            findings.extend(characters(by, service, separator, kind));
        }
    }
}

/// Whether a reader of an env file put something into the value: what the shell holds is not known.
fn is_put_together(project: &Project, prefix: &Kwarg) -> bool {
    let kind = project.model.files.get(prefix.value_place.file).kind();
    matches!(kind, FileKind::Env | FileKind::EnvTemplate)
        && prefix.plain().is_some_and(|text| !text.is_empty() && prefix.part(0..text.len()).is_none())
}

fn characters(by: InUse<'_>, service: &Service, kwarg: &Kwarg, kind: Kind) -> Option<Finding> {
    let text = kwarg.plain().filter(|text| !text.contains(LEFT_TO_OTHERS))?;
    let refused = service.refused(text)?;
    // Of a last separator nothing may be left.
    let joined = by.joined(kind, "");
    if joined.is_empty() || !joined.iter().all(|before| service.refused(before).is_some()) {
        return None;
    }
    let example = by.names(kind, "<key>").pop()?;
    let finding = Finding::new(
        &RULE,
        kwarg.part(refused.offset..refused.offset + refused.character.len_utf8())
            .unwrap_or(kwarg.value_place),
        format!("`{}` has {refused}, which {} refuses in a name: `{example}`", kwarg.name, service.name),
    )
    .in_environment(&by.environment.name)
    .label("not allowed in a name")
    .note(format!(
        "{}; Airflow goes on to the environment and the metadata database, and no {kind} is ever read from the backend",
        service.refusal
    ))
    .help(format!("use {} only", service.allowed));
    let trimmed = text.trim();
    let start = text.len() - text.trim_start().len();
    let ends = [0..start, start + trimmed.len()..text.len()];
    let edits: Vec<Edit> = ends
        .into_iter()
        .filter(|range| !range.is_empty())
        .filter_map(|range| Some(Edit { place: kwarg.part(range)?, replacement: String::new() }))
        .collect();
    let is_enough = service.refused(trimmed).is_none() && !trimmed.is_empty() && !edits.is_empty();
    Some(if is_enough { finding.fix("Delete the blanks", Safety::Unsafe, edits) } else { finding })
}

/// A character that the constructor itself refuses.
fn at_start(by: InUse<'_>, service: &Service, fault: &FaultInUse) -> Option<Finding> {
    let Cause::Name(keyword) = fault.fault.cause else { return None };
    let keywords = by.environment.keywords(by.configured);
    let kwarg = keywords.iter().find(|kwarg| kwarg.name == keyword)?;
    let text = kwarg.plain().filter(|text| !text.contains(LEFT_TO_OTHERS))?;
    let refused = service.refused(text)?;
    let place = kwarg.part(refused.offset..refused.offset + refused.character.len_utf8());
    let message = format!(
        "`{keyword}` has {refused}, which {} refuses in a name: {}",
        service.name,
        fault.consequence()
    );
    Some(
        Finding::new(&RULE, place.unwrap_or(kwarg.value_place), message)
            .at_most(if fault.always { Level::Error } else { Level::Warning })
            .in_environment(&by.environment.name)
            .label("not allowed in a name")
            .note(fault.raised())
            .help(format!("use {} only", service.allowed)),
    )
}

/// Two slashes in a row: legal, and hardly ever what the secret is called.
fn empty_part(by: InUse<'_>, service: &Service, prefix: &Kwarg, kind: Kind) -> Option<Finding> {
    let text = prefix.plain().filter(|_| service.refused("/").is_none())?;
    let inner = text.trim_matches('/');
    let at = text.find(inner)? + inner.find("//")?;
    let name = by.names(kind, "<key>").pop()?;
    let slashes = text.get(at..)?.len() - text.get(at..)?.trim_start_matches('/').len();
    let finding = Finding::new(
        &RULE,
        prefix.part(at..at + slashes).unwrap_or(prefix.value_place),
        format!("`{}` has two slashes in a row: Airflow asks for `{name}`", prefix.name),
    )
    .at_most(Level::Warning)
    .in_environment(&by.environment.name)
    .label("both are part of the name")
    .note("names are compared as they are: a secret whose name has one slash here is another secret")
    .help("write one slash");
    Some(match prefix.part(at + 1..at + slashes) {
        Some(place) => finding.fix(
            "Delete the second slash",
            Safety::Unsafe,
            vec![Edit { place, replacement: String::new() }],
        ),
        None => finding,
    })
}
