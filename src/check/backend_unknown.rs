//! See `rules/backend-unknown.md`.

use super::{Edit, Finding, Group, Level, Rule, Safety};
use crate::resolve::class_path::{cleaned, nearest_class, shipped_beside, slip_of};
use crate::resolve::{ClassFault, ClassName, Project};

pub(super) static RULE: Rule = Rule {
    id: "backend-unknown",
    level: Level::Error,
    group: Group::Backend,
    summary: "The backend's class path names no secrets backend that exists",
    since: "0.1.0",
    fix: Some(Safety::Safe),
    page: include_str!("../../rules/backend-unknown.md"),
    check,
};

/// What a class that cannot be imported means.
pub(super) const STOPS: &str = "Airflow imports the class before anything else: scheduler, webserver or API server, workers and every `airflow` command stop with an AirflowConfigException";

fn check(project: &Project, findings: &mut Vec<Finding>) {
    for (environment, configured) in project.backends() {
        let Some(class) = &configured.class
        else {
            continue;
        };
        // Another rule says so.
        if project.model.is_changed_on_its_way(&class.setting) {
            continue;
        }
        let finding = match (class.fault(), class.shown()) {
            (Some(fault), shown) => {
                // `<class>` is a placeholder, and another rule's.
                if shown.is_some_and(|path| path.contains('<')) {
                    continue;
                }
                of_fault(class, fault, shown)
            }
            (None, Some(path)) => match slip_of(path) {
                Some(meant) => Finding::new(&RULE, class.setting.value_place(), format!("`{path}` is no class of Airflow or of its providers"))
                    .at_most(Level::Warning)
                    .label("almost a class that is")
                    .note(format!("unless a package of your own holds it, nothing starts: {STOPS}"))
                    .help(format!("write `{meant}`")),
                None => continue,
            },
            (None, None) => continue,
        };
        let finding = finding.in_environment(&environment.name);
        findings.push(with_fix(finding, class));
    }
}

fn of_fault(class: &ClassName, fault: ClassFault, shown: Option<&str>) -> Finding {
    let name = class.setting.name();
    let message = match (fault, shown) {
        (ClassFault::Padded, _) => {
            format!("the blank at the edge of `{name}` is taken as part of the class path")
        }
        (ClassFault::Quoted, _) => {
            format!("the quotes in `{name}` are taken as part of the class path")
        }
        (ClassFault::NoModule, Some(path)) => {
            format!("`{path}` has no module before it, so Airflow cannot import it")
        }
        (ClassFault::Colon, Some(path)) => {
            format!("`{path}`: a dot, not a colon, joins a class to its module")
        }
        (ClassFault::NotShipped, Some(path)) => {
            format!("no release has the secrets backend `{path}`")
        }
        (_, Some(path)) => format!("`{path}` is not a dotted path of Python names"),
        (_, None) => format!("`{name}` does not hold the path of a class"),
    };
    let label = match fault {
        ClassFault::Padded => "a blank at its edge",
        ClassFault::Quoted => "quotes that nothing removes",
        ClassFault::NoModule => "a class without its module",
        ClassFault::Colon => "a colon",
        ClassFault::NotAPath => "not a class path",
        ClassFault::NotShipped => "no such class",
    };
    let finding =
        Finding::new(&RULE, class.setting.value_place(), message).label(label).note(STOPS);
    match meant(class) {
        Some(meant) => finding.help(format!("write `{meant}`")),
        None => match shown.map(shipped_beside).as_deref() {
            Some([_, ..]) => {
                let shipped = shown.map(shipped_beside).unwrap_or_default().join("` or `");
                finding.help(format!("write `{shipped}`"))
            }
            _ => finding.help("write the module and the class, joined by dots"),
        },
    }
}

/// The path that was probably meant: an official class, or the same without its disfigurement.
fn meant(class: &ClassName) -> Option<String> {
    let path = class.shown()?;
    let clean = cleaned(path);
    if let Some(nearest) = slip_of(&clean).or_else(|| nearest_class(&clean)) {
        return Some(nearest.to_owned());
    }
    (clean != path && ClassFault::of(&clean).is_none()).then_some(clean)
}

/// Deleting quotes and blanks is safe; putting another class there wants a look.
fn with_fix(finding: Finding, class: &ClassName) -> Finding {
    let Some((meant, path)) = meant(class).zip(class.shown()) else { return finding };
    let around = path.find(&meant).map(|start| [0..start, start + meant.len()..path.len()]);
    let is_around = |part: &std::ops::Range<usize>| {
        path.get(part.clone()).is_some_and(|text| cleaned(text).is_empty())
    };
    if let Some(parts) = around.filter(|parts| parts.iter().all(is_around)) {
        let parts = parts.into_iter().filter(|part| !part.is_empty());
        let places: Option<Vec<_>> = parts.map(|part| class.part(part)).collect();
        return match places {
            Some(places) => {
                let edit = |place| Edit { place, replacement: String::new() };
                let edits = places.into_iter().map(edit).collect();
                finding.fix("Delete what does not belong to the path", Safety::Safe, edits)
            }
            None => finding,
        };
    }
    match class.whole() {
        Some(place) => finding.fix(
            "Write the nearest class",
            Safety::Unsafe,
            vec![Edit { place, replacement: meant }],
        ),
        None => finding,
    }
}
