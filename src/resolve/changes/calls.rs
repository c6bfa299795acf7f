//! Calls that work with one Airflow and not with another, whatever they ask for.

use pep440_rs::Version;

use super::lookup::is_told;
use super::{About, Change, ChangeKind, Sides};
use crate::facts::airflow;
use crate::model::{Api, Form, Place, Reference, Timing};
use crate::resolve::project::Project;

/// The calls of `project` that stop to work.
pub(super) fn changes(project: &Project, sides: Sides<'_>) -> Vec<Change> {
    let references = project.model.references.iter();
    let run = references.filter(|reference| reference.timing != Timing::Never);
    run.filter_map(|reference| {
        default_of_either(reference, sides)
            .or_else(|| no_sdk(reference, sides))
            .or_else(|| no_contrib(reference, sides))
    })
    .collect()
}

/// `Variable.get(…, default_var=…)` of a class that is imported from `airflow.sdk` where there is one, and from
/// `airflow.models` elsewhere: the two name the argument otherwise.
fn default_of_either(reference: &Reference, sides: Sides<'_>) -> Option<Change> {
    let is_get = reference.form == Form::Variable(Api::Either) && reference.method == Some("get");
    let given = reference.default.as_ref().filter(|_| is_get)?.keyword.as_ref()?;
    let keyword = |version: &Version| {
        if airflow().behaves("task-sdk", version) { "default" } else { "default_var" }
    };
    let works = |version: &_| keyword(version) == given.node;
    let (module, right) = match given.node.as_str() {
        "default_var" => ("airflow.sdk", "default"),
        _ => ("airflow.models", "default_var"),
    };
    let place = Place::new(reference.file, given.span);
    let callee = &reference.callee;
    let reason = format!(
        "`{callee}` is then that of `{module}`, which takes `{right}`: TypeError, unexpected keyword argument"
    );
    broken(sides, place, works, reason, &format!("`{}=` is taken", given.node), reference)
}

/// `airflow.sdk` before Airflow 3.
fn no_sdk(reference: &Reference, sides: Sides<'_>) -> Option<Change> {
    let (Form::Variable(api) | Form::Connection(api) | Form::BaseHook(api)) = reference.form else {
        return None;
    };
    let works = |version: &_| airflow().behaves("task-sdk", version);
    let reason = "there is no `airflow.sdk` before Airflow 3.0.0: ImportError".to_owned();
    let is_sdk = api == Api::Sdk;
    is_sdk.then(|| broken(sides, reference.place(), works, reason, "it is imported", reference))?
}

/// `airflow.contrib` on Airflow 3.
fn no_contrib(reference: &Reference, sides: Sides<'_>) -> Option<Change> {
    let works = |version: &_| airflow().behaves("contrib-paths", version);
    let reason =
        "there is no `airflow.contrib` from Airflow 3.0.0 on: ModuleNotFoundError".to_owned();
    reference
        .is_of_contrib
        .then(|| broken(sides, reference.place(), works, reason, "it is imported", reference))?
}

/// The change, when what works today does not then.
fn broken(
    sides: Sides<'_>,
    place: Place,
    works: impl Fn(&Version) -> bool,
    reason: String,
    before: &str,
    reference: &Reference,
) -> Option<Change> {
    let (today, then) = (sides.from.versions.airflow(), sides.to.versions.airflow());
    let worked =
        if is_told(sides.from, &sides.from.server) { today.all(&works) } else { today.any(&works) };
    if !worked || then.all(&works) {
        return None;
    }
    let certain = !then.any(&works);
    let reason = if certain { reason } else { format!("with some versions only: {reason}") };
    Some(Change {
        kind: ChangeKind::Call,
        place,
        key: reference.key.shown(),
        before: before.to_owned(),
        after: "the call raises".to_owned(),
        reason,
        environment: Some(sides.to.name.clone()),
        about: About::Lookup,
    })
}
