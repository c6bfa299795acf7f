//! What changes for what the project asks for: in code, in templates, by settings, without a word.

use super::lookup::{Failure, change_of};
use super::{About, Change, ChangeKind, IN_WORKERS, ON_SERVERS, Sides};
use crate::model::{Key, Kind, Place, Reference, Timing};
use crate::resolve::environment::Process;
use crate::resolve::lookup::Outcome;
use crate::resolve::project::Project;
use crate::text::Text;

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
    changes.retain(|(change, failures)| !failures.iter().any(|it| is_said(change, it, known)));
    changes.into_iter().map(|(change, _)| change).collect()
}

/// A change, and how the lookup fails or failed.
type Found = (Change, Vec<Failure>);

/// Whether what changes for the backend as a whole tells it.
fn is_said(change: &Change, failure: &Failure, known: &[Change]) -> bool {
    let mut of_kind = known.iter().filter(|it| it.kind == change.kind && it.key.is_none());
    match failure.outcome {
        Outcome::StartupError => of_kind.next().is_some(),
        _ => of_kind.any(|it| it.reason.ends_with(&failure.reason)),
    }
}

fn of_reference(reference: &Reference, sides: Sides<'_>) -> Vec<Found> {
    let (kind, place) = (reference.kind, reference.place());
    match (sides.from.holds(reference), sides.to.holds(reference)) {
        (true, true) => {}
        (false, false) => return Vec::new(),
        (_, is_there) => return only_on_one_side(reference, sides, is_there).into_iter().collect(),
    }
    let before = sides.from.key_of(reference).alternatives();
    let after = sides.to.key_of(reference).alternatives();
    let shown = |keys: &[Key]| keys.iter().map(Key::shown).collect::<Vec<_>>();
    if shown(before) != shown(after) {
        return other_keys(reference, sides, before, after).into_iter().collect();
    }
    let found = after.iter().flat_map(|key| match (key.shown(), key.known()) {
        (Some(text), known) => of_key(sides, place, kind, Some(&text), known.is_none()),
        (None, Some(text)) => of_hidden_key(sides, place, kind, text),
        // Nothing of it can be told: what changes for every key.
        (None, None) => of_key(sides, place, kind, None, true),
    });
    found.collect()
}

/// What changes for a key that may be a credential, without a name that holds it.
fn of_hidden_key(sides: Sides<'_>, place: Place, kind: Kind, key: &Text) -> Vec<Found> {
    let mut found = of_key(sides, place, kind, Some(key.expose()), false);
    for (change, _) in &mut found {
        change.key = None;
        for text in [&mut change.before, &mut change.after] {
            if text.contains('`') {
                "asked for, by a name that is not shown".clone_into(text);
            }
        }
        "the key may be a credential, and is not shown".clone_into(&mut change.reason);
    }
    found
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
    let alone = alone.into_iter().zip([IN_WORKERS, ON_SERVERS]);
    let alone = alone.filter_map(|(change, who)| Some((change?, who)));
    let found = all.map(|change| (change, "")).into_iter().chain(alone);
    found
        .map(|(change, who)| {
            let reason = format!("{who}{}", change.reason);
            let failures = change.failures;
            let change = Change {
                kind: change.kind,
                place,
                key: key.map(str::to_owned),
                before: change.before,
                after: change.after,
                reason,
                environment: Some(sides.to.name.clone()),
                about: About::Lookup,
            };
            (change, failures)
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
        about: About::Lookup,
    };
    Some((change, Vec::new()))
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
        about: About::Lookup,
    };
    (change.before != change.after).then_some((change, Vec::new()))
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
