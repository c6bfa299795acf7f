//! See `rules/dockerfile-env-quoting.md`.

use super::{Edit, Finding, Group, Level, Rule, Safety};
use crate::facts::decides_lookups;
use crate::model::{is_shown_key, EnvFault, EnvFaultKind as Kind, Place};
use crate::read::dockerfile::ErrorKind;
use crate::resolve::Project;

pub(super) static RULE: Rule = Rule {
    id: "dockerfile-env-quoting",
    level: Level::Error,
    group: Group::Files,
    summary: "An `ENV` whose value Docker's quoting breaks, or that does not build",
    since: "0.1.0",
    fix: Some(Safety::Safe),
    page: include_str!("../../rules/dockerfile-env-quoting.md"),
    check,
};

fn check(project: &Project, findings: &mut Vec<Finding>) {
    for dockerfile in &project.model.dockerfiles {
        for fault in dockerfile.env_faults() {
            let name = fault.key.as_deref();
            let matters = name.is_none_or(decides_lookups);
            let level = match fault.kind {
                Kind::DoesNotBuild(_) => Level::Error,
                _ if matters => Level::Error,
                _ => Level::Warning,
            };
            let place = Place::new(dockerfile.file, fault.span);
            let mut finding = Finding::new(&RULE, place, message(&fault))
                .at_most(level)
                .label(label(fault.kind))
                .help(help(fault.kind));
            if matches!(fault.kind, Kind::DoesNotBuild(_) | Kind::CommentBehind) {
                finding = finding.note("docker build, and with it astro dev start and astro deploy, stop here");
            }
            let edits = fault.repair.iter().map(|(span, with)| Edit {
                place: Place::new(dockerfile.file, *span),
                replacement: (*with).to_owned(),
            });
            let edits: Vec<Edit> = edits.collect();
            findings.push(if edits.is_empty() {
                finding
            } else {
                finding.fix(title(fault.kind), Safety::Safe, edits)
            });
        }
    }
}

fn message(fault: &EnvFault) -> String {
    let name = fault.key.as_ref().filter(|key| is_shown_key(key)).map_or_else(|| "this `ENV`".to_owned(), |key| format!("`ENV {key}`"));
    match fault.kind {
        Kind::DoesNotBuild(_) if !fault.repair.is_empty() => {
            format!("{name} does not build: Docker cuts JSON at its blanks unless single quotes hold it together")
        }
        Kind::DoesNotBuild(error) => format!("{name} does not build: {error}"),
        Kind::JsonLosesQuotes => format!("{name}: Docker removes the quotes inside the JSON, so Airflow gets no JSON"),
        Kind::BeginsWithEquals => format!("{name}: with blanks around it, the `=` becomes part of the value"),
        Kind::CommentBehind => format!("{name} does not build: Docker knows no comment behind an instruction"),
    }
}

const fn label(kind: Kind) -> &'static str {
    match kind {
        Kind::DoesNotBuild(_) => "the build stops here",
        Kind::JsonLosesQuotes => "loses its quotes",
        Kind::BeginsWithEquals => "the value begins with this",
        Kind::CommentBehind => "read as a setting",
    }
}

const fn help(kind: Kind) -> &'static str {
    match kind {
        Kind::DoesNotBuild(ErrorKind::UnterminatedQuote) => {
            "close the quote on this line, or end each line but the last with a backslash; `'` in JSON in single quotes is `\\u0027`"
        }
        Kind::DoesNotBuild(ErrorKind::MissingEquals) | Kind::JsonLosesQuotes => {
            "put the value in single quotes, as in `ENV KEY='{\"name\": \"value\"}'`"
        }
        Kind::DoesNotBuild(_) => "write `ENV KEY=value`, with the value in quotes if it holds blanks",
        Kind::BeginsWithEquals => "delete the blanks around the `=`",
        Kind::CommentBehind => "put the comment on a line of its own above",
    }
}

const fn title(kind: Kind) -> &'static str {
    match kind {
        Kind::BeginsWithEquals => "Delete the blanks around the `=`",
        _ => "Put the JSON in single quotes",
    }
}
