//! See `rules/key-placeholder.md`.

use super::{Finding, Group, Level, Rule};
use crate::hash::HashSet;
use crate::model::{FileKind, Key, Operation, Reference, Timing};
use crate::resolve::{InUse, Project};

pub(super) static RULE: Rule = Rule {
    id: "key-placeholder",
    level: Level::Error,
    group: Group::Names,
    summary: "A key still holds the placeholder of an example",
    since: "0.1.0",
    fix: None,
    page: include_str!("../../rules/key-placeholder.md"),
    check,
};

fn check(project: &Project, findings: &mut Vec<Finding>) {
    let mut said = HashSet::default();
    for reference in &project.model.references {
        if reference.timing == Timing::Never {
            continue;
        }
        for key in reference.key.alternatives() {
            let found = placeholder(reference, key).or_else(|| braces(reference, key));
            if let Some(finding) = found
                && said.insert(finding.primary.place)
            {
                // In a sample, placeholders are expected.
                let in_sample = project.model.files.get(reference.file).kind() == FileKind::EnvTemplate;
                let finding = if in_sample { finding.at_most(Level::Info) } else { finding };
                findings.push(match project.in_use().find_map(|by| requested(by, reference, key)) {
                    Some(name) => finding.note(format!("the backend is asked for `{name}`")),
                    None => finding,
                });
            }
        }
    }
}

fn placeholder(reference: &Reference, key: &Key) -> Option<Finding> {
    let text = key.placeholder()?;
    let kind = reference.kind;
    let finding = |message| Finding::new(&RULE, reference.key_place(), message);
    Some(if text.starts_with('<') && text.ends_with('>') {
        finding(format!("`{text}` is a placeholder, not the key of a {kind}"))
            .label("to be replaced")
            .help(format!("write the {kind}'s key, without brackets"))
    } else {
        finding(format!("`{text}` is no key of a {kind}: it has the bracket of a placeholder"))
            .label("has a bracket")
            .help(format!("write `{}`", text.replace(['<', '>'], "")))
    })
}

/// Braces that nothing fills: keys of `get` are taken as they are.
fn braces(reference: &Reference, key: &Key) -> Option<Finding> {
    if reference.operation != Operation::Get {
        return None;
    }
    let (braces, text) = (key.unfilled_braces()?, key.name()?);
    let is_template = text.contains("{{");
    let finding = Finding::new(
        &RULE,
        reference.key_place(),
        format!("`{}` gets `{text}` as it stands: nothing fills in `{braces}`", reference.callee),
    );
    Some(if is_template {
        finding
            .label("not a templated field")
            .help("pass the rendered value as an argument to the task, and ask for that")
    } else {
        finding.label("no f-string").help("write an `f` before the string")
    })
}

fn requested(by: InUse<'_>, reference: &Reference, key: &Key) -> Option<String> {
    by.name(reference.kind, key.text()?)
}
