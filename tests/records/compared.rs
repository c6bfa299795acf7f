//! What `compare` says of a case that was recorded with two sets of versions: exactly what differs between the two
//! recorded answers.

use astrolint::model::Kind;
use astrolint::resolve::{ChangeKind, Environment, Process, change_of};

use super::backends::{Ends, Told, class, compare_projects, environment, text, told, why_skipped};
use super::{Row, Tally};

/// `lookups.jsonl`: each set of versions with each other one, in both directions.
pub(crate) fn lookups(row: &Row, tally: &mut Tally) -> Vec<String> {
    let kind: Kind = text(row, "kind").unwrap().parse().unwrap();
    let key = text(row, "key").unwrap();
    let process =
        if text(row, "mode") == Some("worker") { Process::Worker } else { Process::Server };
    let mut recorded: Vec<(String, Environment, Told)> = Vec::new();
    for outcome in row["outcomes"].as_array().unwrap() {
        let outcome = outcome.as_object().unwrap();
        for pair in outcome["pairs"].as_array().unwrap() {
            let pair = pair.as_str().unwrap();
            let environment = environment(row, pair);
            let answers = environment.answers(process, kind, key);
            let mut ours = Told::of(&answers[0].lookup);
            let mut told = told(outcome);
            if row.contains_key("store") && told.ends == Ends::Raises && !told.names.is_empty() {
                told.ends = Ends::Asks;
            }
            compare_projects(&mut told, &mut ours);
            if ours.ends == Ends::Unknown || why_skipped(row, pair, outcome, ours.ends).is_some() {
                tally.skips("compared", &class(row), "what the lookups leave out");
            } else {
                recorded.push((pair.to_owned(), environment, told));
            }
        }
    }
    let mut disagreements = Vec::new();
    for (before, from, was) in &recorded {
        for (after, to, is) in &recorded {
            let change = change_of(from, to, process, (kind, key, false));
            let ours = change.map(|it| (it.kind, it.before, it.after));
            let expected = expected(was, is, class(row).contains("SystemsManager"));
            if ours == expected {
                tally.agrees("compared", &class(row));
            } else {
                disagreements.push(format!(
                    "{before} to {after}, {kind} {key:?}\n  recorded {expected:?}\n  ours     {ours:?}"
                ));
            }
        }
    }
    disagreements
}

/// What differs between two recorded answers; of Parameter Store, a name with a slash must begin with one.
fn expected(
    was: &Told,
    is: &Told,
    is_parameter_store: bool,
) -> Option<(ChangeKind, String, String)> {
    if was == is {
        return None;
    }
    let can_be =
        |told: &Told| told.names.iter().any(|name| name.starts_with('/') || !name.contains('/'));
    let kind = match (was.ends, is.ends) {
        (_, Ends::DoesNotStart) => ChangeKind::Fatal,
        (Ends::DoesNotStart, _) => ChangeKind::Gained,
        (_, Ends::Raises) => ChangeKind::Fatal,
        (Ends::Asks, Ends::Asks) if is_parameter_store && can_be(was) && !can_be(is) => {
            ChangeKind::Lost
        }
        (Ends::Asks, Ends::Asks) => ChangeKind::Renamed,
        (_, Ends::Asks) => ChangeKind::Gained,
        _ => ChangeKind::Lost,
    };
    Some((kind, shown(was), shown(is)))
}

fn shown(told: &Told) -> String {
    match told.ends {
        Ends::DoesNotStart => "Airflow does not start".to_owned(),
        Ends::Raises => "the lookup raises".to_owned(),
        Ends::AsksNothing | Ends::Unknown => "not asked for".to_owned(),
        Ends::Asks => {
            let names: Vec<String> = told.names.iter().map(|name| format!("`{name}`")).collect();
            names.join(", then ")
        }
    }
}
