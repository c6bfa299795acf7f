//! See `rules/near-miss-name.md`.

use super::{Finding, Group, Level, Rule};
use crate::model::{Kind, Place};
use crate::resolve::{Difference, NearMiss, Project, Spelling};

pub(super) static RULE: Rule = Rule {
    id: "near-miss-name",
    level: Level::Warning,
    group: Group::Code,
    summary: "Two spellings of what is probably one variable or connection",
    since: "0.1.0",
    fix: None,
    page: include_str!("../../rules/near-miss-name.md"),
    check,
};

fn check(project: &Project, findings: &mut Vec<Finding>) {
    for near in project.near_misses() {
        let NearMiss { rare, common, .. } = &near;
        let there = first_place(common);
        let places = rare.references.iter().map(|it| it.key_place());
        let declared = rare.declared.map(|it| it.place).filter(|_| rare.references.is_empty());
        for place in places.chain(declared) {
            findings.push(finding(project, &near, place, there));
        }
    }
}

fn finding(project: &Project, near: &NearMiss<'_>, place: Place, there: Option<Place>) -> Finding {
    let NearMiss { kind, rare, common, difference } = near;
    let finding = Finding::new(
        &RULE,
        place,
        format!("{kind} `{}` is `{}` elsewhere", rare.name, common.name),
    )
    .label(match difference {
        Difference::Style => "other separators or case",
        Difference::Letter => "one letter differs",
    })
    .note(match names(project, *kind, rare, common) {
        Some((rare, common)) => format!("two names are asked for: `{rare}` and `{common}`"),
        None => "to Airflow these are two different keys".to_owned(),
    })
    .help(format!("write `{}` everywhere, unless two are meant", common.name));
    // One letter may be meant, unless the other is known to exist and this one is not.
    let is_certain = *difference == Difference::Style || common.declared.is_some();
    let finding = if is_certain { finding } else { finding.at_most(Level::Info) };
    match there {
        Some(there) => finding.related(there, "the other spelling"),
        None => finding,
    }
}

fn first_place(spelling: &Spelling<'_>) -> Option<Place> {
    let declared = spelling.declared.map(|it| it.place);
    declared.or_else(|| spelling.references.first().map(|it| it.key_place()))
}

fn names(
    project: &Project,
    kind: Kind,
    rare: &Spelling<'_>,
    common: &Spelling<'_>,
) -> Option<(String, String)> {
    project.in_use().find_map(|by| Some((by.name(kind, &rare.name)?, by.name(kind, &common.name)?)))
}
