//! See `rules/keyerror-never-raised.md`.

use super::{Finding, Group, Level, Rule};
use crate::model::{Api, Caught, Form, Kind, Place, Reference, Timing};
use crate::resolve::{Project, Raised, expects_key_error, mended};

pub(super) static RULE: Rule = Rule {
    id: "keyerror-never-raised",
    level: Level::Warning,
    group: Group::Code,
    summary: "`except KeyError` around `Variable.get`, which raises something else on Airflow 3",
    since: "0.1.0",
    fix: None,
    page: include_str!("../../rules/keyerror-never-raised.md"),
    check,
};

fn check(project: &Project, findings: &mut Vec<Finding>) {
    let references = project.model.references.iter();
    let variables =
        references.filter(|it| it.kind == Kind::Variable && it.timing != Timing::Never);
    for reference in variables.filter(|it| !may_be_in_webserver(project, it)) {
        let mut caught = reference.around.caught.iter();
        if let Some(caught) = caught.find(|it| expects_key_error(&it.catches)) {
            findings.extend(finding(project, reference, caught));
        }
    }
}

fn finding(project: &Project, reference: &Reference, caught: &Caught) -> Option<Finding> {
    let raised = project.raised(reference);
    // Another clause may deal with it.
    let escapes = mended(reference, Raised::AirflowRuntimeError) == Some(false);
    if !raised.contains(&Raised::AirflowRuntimeError) || !escapes || caught.reraises {
        return None;
    }
    let always = raised == [Raised::AirflowRuntimeError];
    let key = project.key_of(reference).name().map_or_else(|| "variable".to_owned(), |key| format!("`{key}`"));
    let consequence = if reference.timing == Timing::Parse {
        "the file does not load and its DAGs disappear"
    } else {
        "the task fails"
    };
    let default = match reference.form {
        Form::Variable(Api::Sdk) => "default",
        _ => "default_var",
    };
    Some(
        Finding::new(
            &RULE,
            Place::new(reference.file, caught.span),
            format!("this does not catch a missing {key}: Airflow 3 raises AirflowRuntimeError, not KeyError"),
        )
        .at_most(if always && !caught.guards_subscript { Level::Warning } else { Level::Info })
        .label(if caught.guards_subscript { "catches only what else is looked up here" } else { "never raised" })
        .related(reference.place(), "asks here")
        .note(format!(
            "from 3.0.0 on, `Variable.get` of both `airflow.models` and `airflow.sdk` raises AirflowRuntimeError in tasks and on parsing, which is no KeyError: where the variable is missing, {consequence}"
        ))
        .help(format!(
            "give a default instead, `{}(…, {default}=None)`, or catch `airflow.sdk.exceptions.AirflowRuntimeError`",
            reference.callee
        )),
    )
}

/// Whether the API server or webserver may run it, where `airflow.models` still raises `KeyError`: it
/// imports plugins.
fn may_be_in_webserver(project: &Project, reference: &Reference) -> bool {
    project.model.name_of(reference.file).starts_with("plugins/")
        && reference.timing != Timing::Run
        && reference.form != Form::Variable(Api::Sdk)
}
