//! See `rules/provider-missing.md`.

use super::{Edit, Finding, Group, Level, Rule, Safety};
use crate::model::requirements::Role;
use crate::model::{Place, Presence};
use crate::read::requirements::Item;
use crate::resolve::{EnvironmentKind, Project, Provider};
use crate::text::Span;

pub(super) static RULE: Rule = Rule {
    id: "provider-missing",
    level: Level::Error,
    group: Group::Provider,
    summary: "The package that holds the backend's class is not installed",
    since: "0.1.0",
    fix: Some(Safety::Safe),
    page: include_str!("../../rules/provider-missing.md"),
    check,
};

fn check(project: &Project, findings: &mut Vec<Finding>) {
    let mut found: Vec<Vec<Finding>> = Vec::new();
    for provider in project.providers() {
        if provider.installed.presence() != Presence::Absent {
            continue;
        }
        let Some(class_place) = provider.class_place() else { continue };
        let image = provider.image();
        // A configuration file may stand for many projects: then the image is what is at fault here.
        let declared = project.model.declared.file == Some(class_place.file);
        let from = image.map(|(_, from)| *from);
        let place = from.filter(|_| declared).unwrap_or(class_place);
        let package = &provider.package.name;
        let class = provider.backend.class_name();
        let installs = provider.environment.versions.requirements_are_installed;
        let unknown = made_for_airflow(project).filter(|_| installs);
        let message = match unknown {
            Some((_, name)) => format!("`{class}` needs `{package}`, which is not installed unless `{name}` brings it"),
            None => format!("`{class}` needs `{package}`, which is not installed"),
        };
        let level = if unknown.is_some() { Level::Warning } else { Level::Error };
        let mut finding =
            Finding::new(&RULE, place, message)
                .at_most(level)
                .in_environment(&provider.environment.name)
                .label(if place == class_place {
                    format!("a class of `{package}`")
                } else {
                    "an image without this provider".to_owned()
                });
        let holds_none = image.map_or_else(
            || "the image does not hold it".to_owned(),
            |(image, _)| format!("`{}` does not hold it", image.short()),
        );
        let is_agent = provider.environment.kind == EnvironmentKind::Agent;
        let list = if is_agent { "requirements-client.txt" } else { "requirements.txt" };
        let unnamed = match (installs, project.model.requirements_file()) {
            (true, Some(_)) if unknown.is_some() => format!("no line of `{list}` names it"),
            (true, Some(_)) => format!("no line of `{list}` installs it"),
            (true, None) => format!("there is no `{list}` to install it"),
            (false, _) => format!("nothing installs `{list}`"),
        };
        finding = finding.note(format!("{holds_none}, and {unnamed}: Airflow cannot import the class, so no process starts (AirflowConfigException)"));
        if let Some((line, name)) = unknown {
            finding = finding.related(line, format!("nobody knows here what `{name}` brings"));
        }
        if place != class_place {
            finding = finding.related(class_place, format!("a class of `{package}`"));
        } else if let Some(from) = from {
            finding = finding.related(from, "an image without this provider");
        }
        let requirement = provider
            .bounds()
            .map_or_else(|| package.clone(), |bounds| bounds.requirement(provider.package));
        let finding = if installs {
            let finding = finding.help(format!("add the line `{requirement}` to `{list}`"));
            match new_line(project, &provider, &requirement).filter(|_| !is_agent) {
                Some(edit) => {
                    finding.fix(format!("Add `{requirement}`"), Safety::Safe, vec![edit])
                }
                None => finding,
            }
        } else {
            finding.help(format!(
                "install `{requirement}` in the Dockerfile, or leave `-base` out of the tag"
            ))
        };
        let is_same = |known: &&mut Vec<Finding>| {
            let first = known.first();
            first.is_some_and(|it| it.message == finding.message && it.notes == finding.notes)
        };
        match found.iter_mut().find(is_same) {
            Some(known) => known.push(finding),
            None => found.push(vec![finding]),
        }
    }
    findings.extend(found.into_iter().filter_map(folded));
}

/// What one line of the requirements would mend, as one finding that names all environments.
fn folded(found: Vec<Finding>) -> Option<Finding> {
    let mut names: Vec<String> =
        found.iter().filter_map(|it| it.environment.as_ref()).map(|it| format!("`{it}`")).collect();
    names.dedup();
    let mut found = found.into_iter();
    let mut first = found.next()?;
    let mut others: Vec<Place> = found.map(|it| it.primary.place).collect();
    others.retain(|place| *place != first.primary.place);
    others.dedup();
    if names.len() > 1 {
        first.environment = None;
    }
    if others.is_empty() {
        return Some(first);
    }
    first.hidden.extend(&others);
    Some(first.note(format!("so it is in {}", names.join(", "))))
}

/// A package outside of the Airflow project whose name says that it is made for Airflow: what it needs
/// is not known, and may be the provider.
fn made_for_airflow(project: &Project) -> Option<(Place, &str)> {
    let requirements = project.model.requirements.as_ref()?;
    requirements.entries.iter().filter(|entry| entry.role == Role::Requirement).find_map(|entry| {
        let Item::Requirement(requirement) = &entry.item else { return None };
        let name = &requirement.name.node;
        let is_official = name.normalised.starts_with("apache-airflow");
        (name.normalised.contains("airflow") && !is_official)
            .then_some((entry.place, name.written.as_str()))
    })
}

/// The requirement as a line at the end of `requirements.txt`.
fn new_line(project: &Project, provider: &Provider<'_>, requirement: &str) -> Option<Edit> {
    provider.bounds()?;
    let file = project.model.requirements_file()?;
    let text = project.model.files.get(file).text();
    if text.trim_end_matches(['\r', '\n']).ends_with('\\') {
        return None;
    }
    let line_end = if text.contains("\r\n") { "\r\n" } else { "\n" };
    let before = if text.is_empty() || text.ends_with('\n') { "" } else { line_end };
    let place = Place::new(file, Span::at(text.len()));
    Some(Edit { place, replacement: format!("{before}{requirement}{line_end}") })
}
