//! See `rules/wrong-default-keyword.md`.

use super::{Edit, Finding, Group, Level, Rule, Safety};
use crate::model::{Api, Form, Place, Reference, Timing};
use crate::resolve::Project;

pub(super) static RULE: Rule = Rule {
    id: "wrong-default-keyword",
    level: Level::Error,
    group: Group::Code,
    summary: "`Variable.get` is given its default under the name of the other class",
    since: "0.1.0",
    page: include_str!("../../rules/wrong-default-keyword.md"),
    check,
};

fn check(project: &Project, findings: &mut Vec<Finding>) {
    let references = project.model.references.iter();
    let run = references.filter(|reference| reference.timing != Timing::Never);
    findings.extend(run.filter_map(finding));
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
