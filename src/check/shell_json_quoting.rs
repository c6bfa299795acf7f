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
    };
    let finding = Finding::new(&RULE, broken.json, message)
        .label("not one argument, or not JSON")
        .note(note)
        .help("put single quotes around the JSON");
    match fix(model, broken) {
        Some(edits) => finding.fix("Put single quotes around the JSON", Safety::Safe, edits),
        None => finding,
    }
}

/// Single quotes in the place of what stands there; `None` where something inside is to be expanded, or
/// is quoted with a backslash.
fn fix(model: &Model, broken: &BrokenJson) -> Option<Vec<Edit>> {
    let text = model.files.get(broken.json.file).text();
    let Span { start, end } = broken.json.span;
    if broken.json.span.of(text).contains(['$', '`', '\'', '\\', '\n']) {
        return None;
    }
    let edit = |span: Span| Edit { place: Place::new(broken.json.file, span), replacement: "'".to_owned() };
    if broken.is_double_quoted {
        let closes = text.get(end..)?.starts_with('"');
        return closes.then(|| vec![edit(Span::new(start - 1, start)), edit(Span::new(end, end + 1))]);
    }
    Some(vec![edit(Span::at(start)), edit(Span::at(end))])
}
