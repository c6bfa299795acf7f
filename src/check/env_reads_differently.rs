//! See `rules/env-reads-differently.md`.

use std::collections::BTreeSet;

use super::{Edit, Finding, Group, Level, Rule, Safety};
use crate::facts::{airflow, decides_lookups};
use crate::model::{EnvFile, Place, Standing, is_shown_key, names_backend};
use crate::read::dotenv::{Cause, Difference, Reader, Treatment, Understood};
use crate::read::json::Shape;
use crate::resolve::{Project, Section};

pub(super) static RULE: Rule = Rule {
    id: "env-reads-differently",
    level: Level::Error,
    group: Group::Files,
    summary: "A value in an env file that Astro's commands understand differently",
    since: "0.1.0",
    fix: Some(Safety::Safe),
    page: include_str!("../../rules/env-reads-differently.md"),
    check,
};

fn check(project: &Project, findings: &mut Vec<Finding>) {
    for (file, standing) in project.model.astro_env_files() {
        let placeholders: BTreeSet<usize> =
            file.save_placeholders().map(|pair| pair.key.span.start).collect();
        for difference in &file.comparison.differences {
            if placeholders.contains(&difference.key.span.start) || is_harmless(difference) {
                continue;
            }
            let level = level(project, difference, standing);
            findings.push(describe(project, file, difference).at_most(level));
        }
    }
}

fn is_kwargs(key: &str) -> bool {
    key.ends_with("BACKEND_KWARGS")
}

/// JSON does not mind blanks around it.
fn is_harmless(difference: &Difference) -> bool {
    difference.cause == Cause::Blanks
        && is_kwargs(&difference.key.node)
        && difference.groups.iter().all(|group| shape(group) == Some(Shape::Object))
}

fn shape(group: &Understood) -> Option<Shape> {
    group.value.as_ref().map(Shape::of)
}

fn level(project: &Project, difference: &Difference, standing: Standing) -> Level {
    if !decides_lookups(&difference.key.node) || standing == Standing::Elsewhere {
        Level::Info
    } else if standing == Standing::Read && stops_airflow(project, difference) {
        Level::Error
    } else {
        Level::Warning
    }
}

/// Whether Airflow would not start with what one of the three common readers gives it.
fn stops_airflow(project: &Project, difference: &Difference) -> bool {
    let versions = project.model.versions.airflow();
    let is_fatal: &dyn Fn(&Understood) -> bool = match backend_option(&difference.key.node) {
        Some((section, true)) => {
            let is_class = |group: &Understood| group.value.as_ref().is_some_and(names_backend);
            let is_read = section == Section::Secrets
                || versions.all(|version| airflow().behaves("workers-backend", version));
            if !is_read || !difference.groups.iter().any(is_class) {
                return false;
            }
            &move |group| !is_class(group) && shape(group).is_some_and(|it| it != Shape::Empty)
        }
        Some((Section::Secrets, false)) => {
            let must_be_object = versions.any(|_| true)
                && versions.all(|version| airflow().behaves("kwargs-must-be-object", version));
            if !must_be_object || project.backends().next().is_none() {
                return false;
            }
            &|group| shape(group) == Some(Shape::NotObject)
        }
        _ => return false,
    };
    let common = [Reader::Compose, Reader::DockerEnvFile, Reader::VariableLoad];
    difference
        .groups
        .iter()
        .any(|group| common.iter().any(|reader| group.readers.contains(reader)) && is_fatal(group))
}

/// The section of the backend whose option `key` sets, and whether that option names the class.
fn backend_option(key: &str) -> Option<(Section, bool)> {
    let rest = key.strip_prefix("AIRFLOW__")?;
    [Section::Secrets, Section::Workers].into_iter().find_map(|section| {
        let option = rest.strip_prefix(&section.name().to_uppercase())?.strip_prefix("__")?;
        let option = option.to_lowercase();
        if option == section.class_option() {
            Some((section, true))
        } else {
            (option == section.kwargs_option()).then_some((section, false))
        }
    })
}

fn describe(project: &Project, file: &EnvFile, difference: &Difference) -> Finding {
    let key = &difference.key.node;
    let place = Place::new(file.file, difference.place);
    let mut finding =
        Finding::new(&RULE, place, message(difference)).label(label(difference.cause));
    for group in &difference.groups {
        let commands = Reader::commands_of(&group.readers);
        let consequence = match shape(group) {
            Some(shape) if is_kwargs(key) => format!(", {shape}"),
            _ => String::new(),
        };
        finding = finding.note(format!("{commands}: {}{consequence}", group.treatment));
    }
    finding = match backend_option(key) {
        Some((_, true)) => finding.note("Airflow does not start where this is not exactly the path of a class"),
        Some((_, false)) if difference.groups.iter().any(|group| shape(group) != Some(Shape::Object)) => {
            finding.note(without_kwargs(project))
        }
        _ => finding,
    };
    finding = finding.help(help(difference));
    match &difference.repair {
        Some(edits) => finding.fix(
            title(difference.cause),
            Safety::Safe,
            Edit::in_env_file(file.file, edits),
        ),
        None => finding,
    }
}

fn without_kwargs(project: &Project) -> &'static str {
    let versions = project.model.versions.airflow();
    if versions.all(|version| airflow().behaves("json-error-is-silent", version)) {
        "where this is not JSON, Airflow starts the backend with its defaults and says nothing"
    } else {
        "where this is not a JSON object, Airflow logs a warning and starts the backend with its defaults"
    }
}

fn message(difference: &Difference) -> String {
    let key = if is_shown_key(&difference.key.node) {
        format!("`{}`", difference.key.node)
    } else {
        "this key".to_owned()
    };
    // The commands that get something else than a reader would think.
    let of = |wanted: &[Treatment]| {
        let groups = difference.groups.iter().filter(|group| wanted.contains(&group.treatment));
        let readers: Vec<Reader> = groups.flat_map(|group| group.readers.iter().copied()).collect();
        Reader::foremost_commands(&readers)
    };
    match difference.cause {
        Cause::ByteOrderMark => {
            format!("the byte order mark before {key} becomes part of it in {}", of(&[Treatment::Absent]))
        }
        Cause::Indent => {
            format!("the blanks before {key} become part of it in {}", of(&[Treatment::Absent]))
        }
        Cause::Lines => format!("{key}: only the first line reaches {}", of(&[Treatment::FirstLine])),
        Cause::Quotes => format!(
            "{key}: the quotes become part of the value in {}",
            of(&[Treatment::WithQuotes, Treatment::WithQuotesAndComment])
        ),
        Cause::OnlyComment => {
            format!("{key}: the comment becomes the value in {}", of(&[Treatment::WithComment]))
        }
        Cause::Comment if is_cut(difference) => {
            format!("{key}: the value is cut at ` #` by {}", of(&[Treatment::WithoutComment]))
        }
        Cause::Comment => format!(
            "{key}: the comment becomes part of the value in {}",
            of(&[Treatment::WithComment])
        ),
        Cause::Hash => format!("{key}: the value is cut at `#` by {}", of(&[Treatment::CutAtHash])),
        Cause::Dollar => {
            format!(
                "{key}: a `$` is expanded by {}, not by {}",
                of(&[Treatment::Expanded]),
                of(&[Treatment::AsWritten])
            )
        }
        Cause::Blanks => format!(
            "{key}: the blanks beside the value become part of it in {}",
            of(&[Treatment::WithBlanks])
        ),
        Cause::Other => format!("{key}: the commands of Astro read different values"),
    }
}

/// Whether the ` #` that some take for the beginning of a comment stands inside JSON.
fn is_cut(difference: &Difference) -> bool {
    difference.groups.iter().any(|group| {
        group.treatment == Treatment::WithComment
            && matches!(shape(group), Some(Shape::Object | Shape::NotObject))
    })
}

const fn label(cause: Cause) -> &'static str {
    match cause {
        Cause::ByteOrderMark => "behind a byte order mark",
        Cause::Indent => "behind blanks",
        Cause::Lines => "goes on in the next line",
        Cause::Quotes => "not every command removes the quotes",
        Cause::OnlyComment => "a comment is the value",
        Cause::Comment => "not every command knows comments behind a value",
        Cause::Hash => "a `#` in the value",
        Cause::Dollar => "not every command expands variables",
        Cause::Blanks => "blanks beside the value",
        Cause::Other => "understood differently",
    }
}

const fn title(cause: Cause) -> &'static str {
    match cause {
        Cause::ByteOrderMark => "Delete the byte order mark",
        Cause::Quotes => "Delete the quotes",
        _ => "Delete the blanks",
    }
}

fn help(difference: &Difference) -> &'static str {
    let is_json =
        difference.groups.iter().any(|group| matches!(shape(group), Some(Shape::Object)));
    match difference.cause {
        Cause::ByteOrderMark => "save the file as UTF-8 without a byte order mark",
        Cause::Lines => "write the value on one line, without quotes around it",
        Cause::Indent => "delete the blanks before the key",
        Cause::Quotes if difference.repair.is_some() => {
            "delete the quotes: without them, every command reads the same"
        }
        Cause::Quotes if is_json => {
            "write the JSON without quotes around it and without backslashes before its own; put a comment on a line above"
        }
        Cause::Quotes => {
            "write the value without quotes; put a comment on a line above; no form of a value that holds `$`, ` #` or a line end is the same for every command"
        }
        Cause::Comment if is_cut(difference) => "write `\\u0023` for the `#` in the JSON",
        Cause::OnlyComment | Cause::Comment => "put the comment on a line of its own above",
        Cause::Hash if is_json => "write `\\u0023` for the `#` in the JSON",
        Cause::Hash => "write `%23` for the `#` in a URI; in other values, do not push this file with `--from-file`",
        Cause::Dollar if is_json => {
            "write what the variable stands for"
        }
        Cause::Dollar => {
            "write what the variable stands for; a dollar in a URI is `%24`, any other one only reads alike where no letter follows it"
        }
        Cause::Blanks => "delete the blanks",
        Cause::Other => "write `KEY=value` on one line, without quotes, comment and `$`",
    }
}
