//! See `rules/shell-json-quoting.md`.

use super::{Edit, Finding, Group, Level, Rule, Safety};
use crate::model::setup::{Breaks, BrokenJson};
use crate::model::{Model, Place};
use crate::resolve::Project;
use crate::text::Span;

pub(super) static RULE: Rule = Rule {
    id: "shell-json-quoting",
    level: Level::Error,
    group: Group::Files,
    summary: "The shell takes JSON apart before the command gets it",
    since: "0.1.0",
    fix: Some(Safety::Safe),
    page: include_str!("../../rules/shell-json-quoting.md"),
    check,
};

fn check(project: &Project, findings: &mut Vec<Finding>) {
    let broken = project.model.setup.broken_json.iter();
    findings.extend(broken.map(|broken| finding(&project.model, broken)));
}

fn finding(model: &Model, broken: &BrokenJson) -> Finding {
    let (message, note) = match broken.breaks {
        Breaks::Splits => (
            "the JSON is not quoted: the shell makes several arguments of it",
            "the command gets the first piece as the value, and stores it; the others are refused at the end, if at all",
        ),
        Breaks::ExpandsBraces => (
            "the JSON is not quoted: bash makes an argument of each of its members",
            "`{a,b}` is brace expansion; the command gets several values, each with a piece of the JSON",
        ),
        Breaks::LosesQuotes => (
            "the shell takes the quotes out of the JSON",
            "what the command gets is no JSON; Airflow then drops the kwargs and starts the backend with its defaults",
        ),
        Breaks::Interpolated => (
            "the CI system puts JSON here before the shell reads it, and the shell takes its quotes out",
            "the value is text of the script by then; only what stands in single quotes stays as it is",
        ),
        Breaks::SplitsValue => (
            "the value of the variable is not quoted: the shell makes several arguments of JSON with blanks",
            "what a variable holds is cut at its blanks, unless the variable stands in double quotes",
        ),
    };
    let (level, label, help) = match broken.breaks {
        Breaks::Interpolated => (Level::Warning, "JSON, going by the key", "give it to the step as a variable (`env:`), and write `\"KEY=$NAME\"` with double quotes"),
        Breaks::SplitsValue => (Level::Warning, "JSON, going by the key", "put double quotes around it"),
        _ => (Level::Error, "not one argument, or not JSON", "put single quotes around the JSON"),
    };
    let finding = Finding::new(&RULE, broken.json, message).at_most(level).label(label).note(note).help(help);
    match (broken.breaks, fix(model, broken)) {
        (Breaks::Interpolated, _) | (_, None) => finding,
        (Breaks::SplitsValue, Some(edits)) => finding.fix("Put double quotes around it", Safety::Safe, edits),
        (_, Some(edits)) => finding.fix("Put single quotes around the JSON", Safety::Safe, edits),
    }
}

/// Single quotes in the place of what stands there; `None` where something inside is to be expanded, or
/// is quoted with a backslash.
fn fix(model: &Model, broken: &BrokenJson) -> Option<Vec<Edit>> {
    let text = model.files.get(broken.json.file).text();
    let Span { start, end } = broken.json.span;
    if broken.breaks == Breaks::SplitsValue {
        let quote = |at| Edit { place: Place::new(broken.json.file, Span::at(at)), replacement: "\"".to_owned() };
        return (!broken.json.span.of(text).contains(['"', '\'', '\\'])).then(|| vec![quote(start), quote(end)]);
    }
    if !broken.is_plain {
        return None;
    }
    let edit = |span: Span| Edit { place: Place::new(broken.json.file, span), replacement: "'".to_owned() };
    if broken.is_double_quoted {
        let closes = text.get(end..)?.starts_with('"') && text.get(..start)?.ends_with('"');
        let closes = closes && !text.get(..start - 1)?.ends_with('\\');
        return closes.then(|| vec![edit(Span::new(start - 1, start)), edit(Span::new(end, end + 1))]);
    }
    Some(vec![edit(Span::at(start)), edit(Span::at(end))])
}
