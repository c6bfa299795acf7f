//! See `rules/jinja-get-without-default.md`.

use super::{Finding, Group, Level, Rule};
use crate::facts::airflow;
use crate::model::{Access, Form, Kind, Reference, Timing};
use crate::resolve::Project;

pub(super) static RULE: Rule = Rule {
    id: "jinja-get-without-default",
    level: Level::Warning,
    group: Group::Code,
    summary: "A template takes a variable by `get` without a default: Airflow 3 renders a missing one as `NOTSET`",
    since: "0.1.0",
    fix: None,
    page: include_str!("../../rules/jinja-get-without-default.md"),
    check,
};

fn check(project: &Project, findings: &mut Vec<Finding>) {
    let hides = |version: &_| airflow().behaves("template-get-hides-missing", version);
    let versions = project.model.versions.airflow();
    if !versions.any(hides) {
        return;
    }
    let level = if versions.all(hides) { Level::Warning } else { Level::Info };
    let references = project.model.references.iter();
    let without = references.filter(|it| it.timing != Timing::Never && lacks_default(it));
    findings.extend(without.map(|reference| finding(project, reference).at_most(level)));
}

fn lacks_default(reference: &Reference) -> bool {
    let is_get = matches!(&reference.form, Form::Template(form) if form.access == Access::Get);
    is_get && reference.kind == Kind::Variable && reference.default.is_none()
}

fn finding(project: &Project, reference: &Reference) -> Finding {
    let shows = |version: &_| airflow().behaves("template-get-shows-notset", version);
    let text = if project.model.versions.airflow().any(shows) { "NOTSET" } else { "<… ArgNotSet object at …>" };
    let key = reference.key.name();
    let callee = &reference.callee;
    let written = key.map_or_else(|| format!("{callee}(…)"), |key| format!("{callee}('{key}')"));
    let owner = callee.strip_suffix(".get").unwrap_or(callee);
    let failing = key.map_or_else(|| format!("{owner}[…]"), |key| format!("{owner}['{key}']"));
    let finding = Finding::new(
        &RULE,
        reference.place(),
        format!("`{written}` has no default: where the variable is missing, `{text}` is rendered"),
    )
    .label("no default")
    .note("in Airflow 3 the task goes on with that text; in Airflow 2 rendering fails with a KeyError")
    .help(format!("write `{failing}`, which fails where it is missing, or give a default"));
    match project.in_use().find_map(|by| by.asked_for(reference)).flatten() {
        Some(name) => finding.note(format!("the backend is asked for `{name}`")),
        None => finding,
    }
}
