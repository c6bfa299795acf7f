//! See `rules/key-not-allowed.md`.

use super::{Finding, Group, Level, Rule};
use crate::hash::HashMap;
use crate::facts::{Refused, Service};
use crate::model::{Kind, Place};
use crate::resolve::{Asked, InUse, Project};

pub(super) static RULE: Rule = Rule {
    id: "key-not-allowed",
    level: Level::Error,
    group: Group::Names,
    summary: "A key makes a name that the service refuses",
    since: "0.1.0",
    fix: None,
    page: include_str!("../../rules/key-not-allowed.md"),
    check,
};

fn check(project: &Project, findings: &mut Vec<Finding>) {
    // It is the key that is at fault: with other prefixes elsewhere it is said once.
    let mut said: HashMap<(Place, Option<String>), usize> = HashMap::default();
    for asked in project.asked() {
        let Some(service) = asked.by.service() else { continue };
        // `key-placeholder` has said it.
        if asked.key.placeholder().is_some() || asked.key.unfilled_braces().is_some() {
            continue;
        }
        let found = character(&asked, service).or_else(|| length(&asked, service));
        let Some(finding) = found else { continue };
        // Of a loop, all keys stand at one place.
        let place = (finding.primary.place, asked.key.glob());
        match said.get(&place).and_then(|first| findings.get_mut(*first)) {
            Some(first) if first.environment != finding.environment => first.environment = None,
            Some(_) => {}
            None => {
                said.insert(place, findings.len());
                findings.push(finding);
            }
        }
    }
    findings.extend(project.in_use().flat_map(|by| shared_names(project, by)));
}

/// Keys that the backend makes one name of, because it replaces characters.
fn shared_names(project: &Project, by: InUse<'_>) -> Vec<Finding> {
    let Some(replaced) = by.service().map(Service::replaced).filter(|it| !it.is_empty()) else {
        return Vec::new();
    };
    let mut first: HashMap<(Kind, String), (&str, Place)> = HashMap::default();
    let mut findings = Vec::new();
    for reference in project.reading() {
        for key in by.keys_of(reference) {
            let Some(text) = key.name() else { continue };
            let Some(name) = by.name(reference.kind, text) else { continue };
            let here = reference.key_place();
            let (other, there) = *first.entry((reference.kind, name.clone())).or_insert((text, here));
            if other != text {
                let message = format!("`{text}` and `{other}` are one secret: both ask for `{name}`");
                findings.push(
                    Finding::new(&RULE, here, message)
                        .at_most(Level::Warning)
                        .in_environment(&by.environment.name)
                        .label(format!("the same name as `{other}`"))
                        .related(there, "the other key")
                        .note(format!("the backend replaces each `{replaced}` of prefix and key by the separator"))
                        .help("use keys that differ in more than that"),
                );
            }
        }
    }
    findings
}

fn character(asked: &Asked<'_>, service: &Service) -> Option<Finding> {
    let kind = asked.reference.kind;
    // Nothing is refused where nothing is asked.
    let before = asked.by.joined(kind, "").pop()?;
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
            "{}: only an environment variable or the metadata database can hold this {kind}",
            service.refusal
        ))
        .help(format!("use {} only, in the code and in the secret's name", service.allowed))
}

fn length(asked: &Asked<'_>, service: &Service) -> Option<Finding> {
    let kind = asked.reference.kind;
    let length = asked.length()?;
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
