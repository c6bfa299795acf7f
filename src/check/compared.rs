//! Calls that stop to work between two versions: what the rules about code say of the one, and not of the other.

use super::{Finding, Rule, check};
use crate::resolve::{About, Change, ChangeKind, Project};

/// The rules that hang on versions, and what their findings are as changes.
const OF_VERSIONS: [(&str, ChangeKind, &str); 6] = [
    ("wrong-default-keyword", ChangeKind::Call, "the keyword is taken"),
    ("keyerror-never-raised", ChangeKind::Call, "a missing variable raises KeyError"),
    ("get-connections-removed", ChangeKind::Call, "the method is there"),
    (
        "jinja-get-without-default",
        ChangeKind::Call,
        "rendering fails where the variable is missing",
    ),
    ("option-ignored-by-version", ChangeKind::Ignored, "it is read"),
    // Another Airflow than that of the image, or none.
    ("provider-needs-newer-airflow", ChangeKind::Fatal, "it works with the Airflow of the image"),
];

/// What the rules about versions find in `to` and not in `from`, which are one project. Its texts may be shown.
#[must_use]
pub fn changes(from: &Project, to: &Project) -> Vec<Change> {
    let of_rule = |rule: &Rule| OF_VERSIONS.iter().find(|(id, ..)| *id == rule.id);
    let wanted = |rule: &Rule| of_rule(rule).is_some();
    let before = check(from, 1, wanted);
    let is_new = |finding: &Finding| {
        !before.iter().any(|known| {
            known.rule.id == finding.rule.id && known.primary.place == finding.primary.place
        })
    };
    let after = check(to, 1, wanted).into_iter().filter(is_new);
    let changes = after.filter_map(|finding| {
        let (_, kind, before) = of_rule(finding.rule)?;
        let reference = to.model.references.iter().find(|reference| {
            let place = reference.place();
            place.file == finding.primary.place.file
                && (place.span.contains(finding.primary.place.span)
                    || finding.related.iter().any(|label| label.place == place))
        });
        Some(Change {
            kind: *kind,
            place: finding.primary.place,
            key: reference.and_then(|reference| to.key_of(reference).shown()),
            before: (*before).to_owned(),
            after: finding.message,
            reason: finding.notes.into_iter().next().unwrap_or_default(),
            environment: finding.environment,
            about: About::Lookup,
        })
    });
    changes.collect()
}
