//! SARIF 2.1.0, for code scanning and editors: a run for each project, each with a category of its own, so
//! that runs of several jobs merge.
//!
//! <https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html>; `tests/schemas` holds its schema.

use std::collections::BTreeMap;
use std::io::{self, Write};

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Serialize;
use serde_json::{Value, json};

use super::escape::escape;
use super::json::safe_to_print;
use super::{Report, remarks};
use crate::check::{Edit, Finding, Fix, Group, Label, Level, Rule};
use crate::model::{FileId, Place};

/// What stands in a URI as it is: the unreserved characters of RFC 3986, and the slash.
const ENCODED: &AsciiSet =
    &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~').remove(b'/');

/// The base of all relative URIs. Code scanning takes it for the root of the repository.
const BASE: &str = "%SRCROOT%";

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Run<'a> {
    tool: Value,
    automation_details: Value,
    original_uri_base_ids: Value,
    column_kind: &'static str,
    results: Vec<Outcome<'a>>,
}

/// A result, as SARIF calls what a finding is.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Outcome<'a> {
    rule_id: &'a str,
    rule_index: usize,
    level: &'static str,
    message: Value,
    locations: [Value; 1],
    #[serde(skip_serializing_if = "Vec::is_empty")]
    related_locations: Vec<Value>,
    partial_fingerprints: Value,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    fixes: Vec<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    properties: Option<Value>,
}

/// Writes the log, results of every level included.
///
/// # Errors
/// When `out` cannot be written.
pub(super) fn write(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    let runs: Vec<_> = (0..report.projects.len()).map(|project| run(report, project)).collect();
    let log = json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": runs,
    });
    writeln!(out, "{}", safe_to_print(&serde_json::to_string_pretty(&log)?))
}

fn run<'a>(report: &Report<'a>, project: usize) -> Run<'a> {
    let findings = || report.findings.iter().filter(move |finding| finding.project == project);
    let found: BTreeMap<&str, &Rule> =
        findings().map(|finding| (finding.rule.id, finding.rule)).collect();
    let index = |rule: &Rule| found.keys().take_while(|id| **id != rule.id).count();
    let driver = json!({
        "name": env!("CARGO_PKG_NAME"),
        "semanticVersion": env!("CARGO_PKG_VERSION"),
        "informationUri": env!("CARGO_PKG_REPOSITORY"),
        "rules": found.values().map(|rule| descriptor(rule)).collect::<Vec<_>>(),
    });
    Run {
        tool: json!({ "driver": driver }),
        // What stands before the last slash is the category, what follows names the run.
        automation_details: json!({ "id": category(report, project) }),
        original_uri_base_ids: json!({
            BASE: { "description": { "text": "The directory in which astrolint ran." } },
        }),
        column_kind: "unicodeCodePoints",
        results: findings().map(|finding| result(report, finding, index(finding.rule))).collect(),
    }
}

fn category(report: &Report<'_>, project: usize) -> String {
    let root = report.projects.get(project).map(|root| super::path_text(root)).unwrap_or_default();
    let name = env!("CARGO_PKG_NAME");
    if root == "." { format!("{name}/") } else { format!("{name}/{}/", escape(&root)) }
}

fn descriptor(rule: &Rule) -> Value {
    let mut tags = vec![rule.group.name(), "airflow"];
    tags.extend((rule.group == Group::Leaks).then_some("security"));
    let severity = match rule.level {
        Level::Error => "error",
        Level::Warning => "warning",
        Level::Info => "recommendation",
    };
    json!({
        "id": rule.id,
        "shortDescription": { "text": sentence(rule.summary) },
        "fullDescription": { "text": opening(rule) },
        "helpUri": rule.url(),
        "help": {
            "text": format!("{} See {}", sentence(rule.summary), rule.url()),
            "markdown": with_whole_links(rule.page),
        },
        "defaultConfiguration": { "level": level(rule.level) },
        "properties": { "tags": tags, "problem.severity": severity },
    })
}

/// `summary` as a sentence: it is the title of an alert.
fn sentence(summary: &str) -> String {
    let mut rest = summary.chars();
    rest.next().into_iter().flat_map(char::to_uppercase).chain(rest).chain(['.']).collect()
}

/// What the page of `rule` says below its title.
fn opening(rule: &Rule) -> String {
    let opening = rule.page.split("\n\n").nth(1).unwrap_or_default();
    let words: Vec<_> = opening.split_whitespace().collect();
    if words.is_empty() { sentence(rule.summary) } else { words.join(" ") }
}

/// `page`, where links to other pages lead to where those are published.
fn with_whole_links(page: &str) -> String {
    let directory = format!("{}/blob/main/rules/", env!("CARGO_PKG_REPOSITORY"));
    let mut parts = page.split("](");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |text, part| {
        let is_page = part.split_once(".md)").is_some_and(|(name, _)| !name.contains([')', ':']));
        text + "](" + if is_page { &directory } else { "" } + part
    })
}

const fn level(level: Level) -> &'static str {
    match level {
        Level::Error => "error",
        Level::Warning => "warning",
        Level::Info => "note",
    }
}

fn result<'a>(report: &Report<'_>, finding: &'a Finding, rule_index: usize) -> Outcome<'a> {
    let sentence = escape(&finding.message).into_owned() + ".";
    let text: Vec<_> = std::iter::once(sentence).chain(remarks(finding)).collect();
    Outcome {
        rule_id: finding.rule.id,
        rule_index,
        level: level(finding.level),
        message: json!({ "text": without_links(&text.join("\n")) }),
        locations: [location(report, &finding.primary)],
        related_locations: finding.related.iter().map(|label| location(report, label)).collect(),
        // Not `primaryLocationLineHash`: GitHub's action computes that itself, and warns of any other.
        partial_fingerprints: json!({ "astrolint/v1": finding.fingerprint }),
        fixes: finding.fixes.iter().filter_map(|one| fix(report, one)).collect(),
        properties: finding.environment.as_deref().map(|name| json!({ "environment": name })),
    }
}

fn message(text: &str) -> Value {
    json!({ "text": without_links(&escape(text)) })
}

/// `text` of a message without what viewers would take for a link: a name in a file may look like one.
fn without_links(text: &str) -> String {
    if text.contains("](") { text.replace('[', "\\[") } else { text.to_owned() }
}

/// The place of `label`, with its words if it has any.
fn location(report: &Report<'_>, label: &Label) -> Value {
    let place = label.place;
    let physical = json!({ "artifactLocation": artifact(report, place.file), "region": region(report, place) });
    if label.text.is_empty() {
        return json!({ "physicalLocation": physical });
    }
    json!({ "physicalLocation": physical, "message": message(&label.text) })
}

fn artifact(report: &Report<'_>, file: FileId) -> Value {
    let path = report.path(file);
    let encoded = utf8_percent_encode(&path, ENCODED).to_string();
    if report.files.get(file).path().is_absolute() {
        let slash = if encoded.starts_with('/') { "" } else { "/" };
        return json!({ "uri": format!("file://{slash}{encoded}") });
    }
    json!({ "uri": encoded, "uriBaseId": BASE })
}

fn region(report: &Report<'_>, place: Place) -> Value {
    let (start, end) = report.range(place);
    json!({
        "startLine": start.line,
        "startColumn": start.column,
        "endLine": end.line,
        "endColumn": end.column,
    })
}

/// The fix, unless it is withheld.
fn fix(report: &Report<'_>, fix: &Fix) -> Option<Value> {
    let mut edits: BTreeMap<FileId, Vec<&Edit>> = BTreeMap::new();
    for edit in fix.told()? {
        edits.entry(edit.place.file).or_default().push(edit);
    }
    let replacement = |edit: &&Edit| {
        json!({
            "deletedRegion": region(report, edit.place),
            "insertedContent": { "text": edit.replacement },
        })
    };
    let changes = edits.iter().map(|(file, edits)| {
        json!({
            "artifactLocation": artifact(report, *file),
            "replacements": edits.iter().map(replacement).collect::<Vec<_>>(),
        })
    });
    Some(json!({
        "description": message(&fix.title),
        "artifactChanges": changes.collect::<Vec<_>>(),
        "properties": { "safety": fix.safety },
    }))
}
