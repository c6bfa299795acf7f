//! See `rules/wrong-default-keyword.md`.

use super::{Edit, Finding, Group, Level, Rule, Safety};
use crate::facts::airflow;
use crate::model::{Access, Api, Form, Kind, Place, Reference, Timing};
use crate::resolve::Project;

pub(super) static RULE: Rule = Rule {
    id: "wrong-default-keyword",
    level: Level::Error,
    group: Group::Code,
    summary: "A lookup is given its default under the name that another one uses",
    since: "0.1.0",
    fix: Some(Safety::Safe),
    page: include_str!("../../rules/wrong-default-keyword.md"),
    check,
};

fn check(project: &Project, findings: &mut Vec<Finding>) {
    let references = project.model.references.iter();
    let run = references.filter(|reference| reference.timing != Timing::Never);
    findings.extend(run.filter_map(|reference| finding(reference).or_else(|| in_template(project, reference))));
}

/// `{{ var.value.get(…) }}` and `{{ conn.get(…) }}`, and the same of a task's context.
fn in_template(project: &Project, reference: &Reference) -> Option<Finding> {
    let is_get = match &reference.form {
        Form::Template(form) => form.access == Access::Get,
        Form::Context => true,
        _ => false,
    };
    let keyword = reference.default.as_ref().filter(|_| is_get)?.keyword.as_ref()?;
    let takes_default = |version: &_| airflow().behaves("template-get-takes-default", version);
    let versions = project.model.versions.airflow();
    let right = match reference.kind {
        Kind::Connection => "default_conn",
        _ if versions.all(takes_default) => "default",
        _ if versions.any(takes_default) => return None,
        _ => "default_var",
    };
    if keyword.node == right {
        return None;
    }
    let place = Place::new(reference.file, keyword.span);
    let owner = reference.callee.strip_suffix(".get").unwrap_or(&reference.callee);
    let callee = format!("{owner}.get");
    let finding = Finding::new(
        &RULE,
        place,
        format!("`{callee}` takes `{right}`, not `{}`", keyword.node),
    )
    .label(format!("`{right}` here"))
    .note(format!("rendering raises TypeError: get() got an unexpected keyword argument '{}'", keyword.node))
    .help(format!("write `{right}=`"))
    .fix(format!("Rename it to `{right}`"), Safety::Safe, vec![Edit { place, replacement: right.to_owned() }]);
    Some(if reference.timing == Timing::Unknown { finding.at_most(Level::Warning) } else { finding })
}

fn finding(reference: &Reference) -> Option<Finding> {
    let Form::Variable(api) = reference.form else { return None };
    if reference.method != Some("get") {
        return None;
    }
    let keyword = reference.default.as_ref()?.keyword.as_ref()?;
    let (module, right) = match api {
        Api::Models => ("airflow.models", "default_var"),
        Api::Sdk => ("airflow.sdk", "default"),
        Api::Either => return None,
    };
    if keyword.node == right {
        return None;
    }
    let place = Place::new(reference.file, keyword.span);
    Some(
        Finding::new(
            &RULE,
            place,
            format!("`{}` of `{module}` takes `{right}`, not `{}`", reference.callee, keyword.node),
        )
        .label(format!("`{right}` in this class"))
        .note(format!("each call raises TypeError: get() got an unexpected keyword argument '{}'", keyword.node))
        .help(format!("write `{right}=`"))
        .fix(
            format!("Rename it to `{right}`"),
            Safety::Safe,
            vec![Edit { place, replacement: right.to_owned() }],
        ),
    )
}
