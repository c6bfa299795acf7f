//! See `rules/key-not-allowed.md`.

use std::collections::HashMap;

use super::{Finding, Group, Level, Rule};
use crate::facts::{Refused, Service};
use crate::model::Place;
use crate::resolve::{Asked, Project};

pub(super) static RULE: Rule = Rule {
    id: "key-not-allowed",
    level: Level::Error,
    group: Group::Names,
    summary: "A key makes a name that the service refuses",
    since: "0.1.0",
    page: include_str!("../../rules/key-not-allowed.md"),
    check,
};

fn check(project: &Project, findings: &mut Vec<Finding>) {
    // It is the key that is at fault: with other prefixes elsewhere it is said once.
    let mut said: HashMap<Place, usize> = HashMap::new();
    for asked in project.asked() {
        let Some(service) = asked.by.service() else { continue };
        // `key-placeholder` has said it.
        if asked.key.placeholder().is_some() || asked.key.unfilled_braces().is_some() {
            continue;
        }
        let found = character(&asked, service).or_else(|| length(&asked, service));
        let Some(finding) = found else { continue };
        match said.get(&finding.primary.place).and_then(|first| findings.get_mut(*first)) {
            Some(first) if first.environment != finding.environment => first.environment = None,
            Some(_) => {}
            None => {
                said.insert(finding.primary.place, findings.len());
                findings.push(finding);
            }
        }
    }
}

fn character(asked: &Asked<'_>, service: &Service) -> Option<Finding> {
    let kind = asked.reference.kind;
    // Nothing is refused where nothing is asked.
    let before = asked.by.names(kind, "").pop()?;
    let (refused, place) = asked.key.known_parts().find_map(|(part, text)| {
        let refused = service.refused(part)?;
        let range = refused.offset..refused.offset + refused.character.len_utf8();
        let place = asked.reference.place_in_call(text, range);
        Some((refused, place.unwrap_or_else(|| asked.reference.key_place())))
    })?;
    let message = match asked.key.shown() {
        Some(key) => format!(
            "`{key}` has {refused}, which {} refuses in a name: `{before}{key}`",
            service.name
        ),
        None => format!("the {kind}'s key has {refused}, which {} refuses in a name", service.name),
    };
    Some(finding(asked, service, place, message, &refused))
}

fn finding(
    asked: &Asked<'_>,
    service: &Service,
    place: Place,
    message: String,
    refused: &Refused,
) -> Finding {
    let kind = asked.reference.kind;
    Finding::new(&RULE, place, message)
        .in_environment(&asked.by.environment.name)
        .label(format!("{refused} is not allowed"))
        .note(format!(
            "the lookup is answered with {}: only an environment variable or the metadata database can hold this {kind}",
            service.refusal
        ))
        .help("use letters, digits and `/_+=.@-` only, in the code and in the secret's name")
}

fn length(asked: &Asked<'_>, service: &Service) -> Option<Finding> {
    let kind = asked.reference.kind;
    let name = asked.by.name(kind, asked.key.text()?)?;
    let length = name.chars().count();
    (length > service.max_length).then(|| {
        let message = format!(
            "the name of this {kind} has {length} characters; {} allows {}",
            service.name, service.max_length
        );
        Finding::new(&RULE, asked.reference.key_place(), message)
            .in_environment(&asked.by.environment.name)
            .label("too long with its prefix")
            .note("no secret can have such a name, so the lookup never finds one")
            .help("use a shorter key")
    })
}
