//! What changes for what the project asks for: in code, in templates, by settings, without a word.

use super::lookup::change_of;
use super::{Change, ChangeKind, Sides};
use crate::model::{Key, Kind, Place, Reference, Timing};
use crate::resolve::environment::Process;
use crate::resolve::lookup::Outcome;
use crate::resolve::project::Project;

/// What changes for each reference of `project`. `known` is what changes for the backend as a whole, which is not
/// said again for each.
pub(super) fn changes(project: &Project, sides: Sides<'_>, known: &[Change]) -> Vec<Change> {
    let mut changes = Vec::new();
    let implicit = project.model.implicit.iter().filter(|it| it.timing != Timing::Never);
    for reference in project.reading().chain(implicit) {
        changes.extend(of_reference(reference, sides));
    }
    for (setting, name) in sides.to.options_by_secret() {
        let place = Place::new(setting.file, setting.key_span);
        let is_there =
            sides.from.options_by_secret().iter().any(|(other, _)| other.key == setting.key);
        if is_there {
            changes.extend(of_key(sides, place, Kind::Config, Some(name), false));
        }
    }
    changes.retain(|(_, whole)| !whole.as_ref().is_some_and(|whole| is_said(whole, known)));
    changes.into_iter().map(|(change, _)| change).collect()
}

/// A change, and why it concerns the backend as a whole, when it fails or failed.
type Found = (Change, Option<Failure>);

struct Failure {
    kind: ChangeKind,
    outcome: Outcome,
    reason: String,
}

/// Whether what changes for the backend as a whole tells it.
fn is_said(failure: &Failure, known: &[Change]) -> bool {
    known.iter().any(|change| {
        change.kind == failure.kind
            && (failure.outcome == Outcome::StartupError && change.key.is_none()
                || change.reason.starts_with(&failure.reason))
    })
}

fn of_reference(reference: &Reference, sides: Sides<'_>) -> Vec<Found> {
    let (kind, place) = (reference.kind, reference.place());
    let (is_here, is_there) = (sides.from.holds(reference), sides.to.holds(reference));
    match (is_here, is_there) {
        (true, true) => {}
        (false, false) => return Vec::new(),
        _ => return only_on_one_side(reference, sides, is_there).into_iter().collect(),
    }
    let before = sides.from.key_of(reference).alternatives();
    let after = sides.to.key_of(reference).alternatives();
    let shown = |keys: &[Key]| keys.iter().map(Key::shown).collect::<Vec<_>>();
    if shown(before) != shown(after) {
        return other_keys(reference, sides, before, after).into_iter().collect();
    }
    let found = after.iter().flat_map(|key| match (key.shown(), key.known()) {
        (Some(text), known) => of_key(sides, place, kind, Some(&text), known.is_none()),
        // Nothing of it can be told: what changes for every key.
        (None, _) => of_key(sides, place, kind, None, true),
    });
    found.collect()
}

/// What changes for one key, in each process that may ask; `None` stands for any key.
fn of_key(
    sides: Sides<'_>,
    place: Place,
    kind: Kind,
    key: Option<&str>,
    is_glob: bool,
) -> Vec<Found> {
    let question = (kind, key.unwrap_or("*"), is_glob);
    let in_process = |process| change_of(sides.from, sides.to, process, question);
    let servers = in_process(Process::Server);
    // Options are always asked of the backend of `[secrets]`.
    let workers = if kind == Kind::Config { servers.clone() } else { in_process(Process::Worker) };
    let (all, alone) = match (workers, servers) {
        (Some(one), Some(other)) if one == other => (Some(one), [None, None]),
        (worker, server) => (None, [worker, server]),
    };
    let words = ["in workers, the Dag processor and the triggerer: ", "on servers: "];
    let alone = alone.into_iter().zip(words).filter_map(|(change, word)| Some((change?, word)));
    let found = all.map(|change| (change, "")).into_iter().chain(alone);
    found
        .map(|(change, who)| {
            let failure = change.failure.or(change.earlier_failure);
            let failure =
                failure.map(|(outcome, reason)| Failure { kind: change.kind, outcome, reason });
            let reason = format!("{who}{}", change.reason);
            let change = Change {
                kind: change.kind,
                place,
                key: key.map(str::to_owned),
                before: change.before,
                after: change.after,
                reason,
                environment: Some(sides.to.name.clone()),
            };
            (change, failure)
        })
        .collect()
}

/// A setting of one environment that asks for something.
fn only_on_one_side(reference: &Reference, sides: Sides<'_>, is_there: bool) -> Option<Found> {
    let side = if is_there { sides.to } else { sides.from };
    let text = asked_of(side.key_of(reference).alternatives(), sides, reference, is_there)?;
    let nothing = "not asked for".to_owned();
    let (kind, before, after) = if is_there {
        (ChangeKind::Gained, nothing, text)
    } else {
        (ChangeKind::Lost, text, nothing)
    };
    let reason = format!("`{}` is set in `{}` only", reference.callee, side.name);
    let change = Change {
        kind,
        place: reference.place(),
        key: side.key_of(reference).shown(),
        before,
        after,
        reason,
        environment: Some(sides.to.name.clone()),
    };
    Some((change, None))
}

/// A reference whose key is another one in the other environment.
fn other_keys(
    reference: &Reference,
    sides: Sides<'_>,
    before: &[Key],
    after: &[Key],
) -> Option<Found> {
    let was = asked_of(before, sides, reference, false)?;
    let then = asked_of(after, sides, reference, true)?;
    let change = Change {
        kind: ChangeKind::Renamed,
        place: reference.place(),
        key: sides.to.key_of(reference).shown(),
        before: was,
        after: then,
        reason: "the key is read from the environment, and is another one there".to_owned(),
        environment: Some(sides.to.name.clone()),
    };
    (change.before != change.after).then_some((change, None))
}

/// The names that one side is asked for; `None` where nothing is asked, or known.
fn asked_of(
    keys: &[Key],
    sides: Sides<'_>,
    reference: &Reference,
    is_there: bool,
) -> Option<String> {
    let side = if is_there { sides.to } else { sides.from };
    let mut names: Vec<String> = Vec::new();
    for key in keys {
        let glob = key.shown()?;
        let asked = side.ask(reference.kind, &glob, key.known().is_none()).requested;
        names.extend(asked.iter().map(|name| format!("`{name}`")));
    }
    names.dedup();
    (!names.is_empty()).then(|| names.join(" or "))
}
