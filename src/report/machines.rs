//! What holds of the formats for programs: each against its schema or a reader of its kind.

#![allow(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "only tests and fuzzers compile this"
)]

use std::sync::LazyLock;

use quick_xml::Reader;
use quick_xml::events::Event;
use serde_json::Value;

use super::schema::Schema;
use super::{Counts, Format, Options, Report};
use crate::hash::HashSet;

/// The formats that are JSON, with their schemas.
static SCHEMAS: LazyLock<[(Format, Schema); 5]> = LazyLock::new(|| {
    [
        (Format::Json, include_str!("../../docs/astrolint-report-v1.schema.json")),
        (Format::Jsonl, include_str!("../../docs/astrolint-finding-v1.schema.json")),
        (Format::Sarif, include_str!("../../tests/schemas/sarif-2.1.0.json")),
        (Format::Rdjson, include_str!("../../tests/schemas/rdjson.json")),
        (Format::Gitlab, include_str!("../../tests/schemas/gitlab-code-quality.json")),
    ]
    // One pattern of SARIF's schema has a bracket too many, so that it is no regular expression.
    .map(|(format, schema)| (format, schema.replace("{2}]?$", "{2}$")))
    .map(|(format, schema)| (format, Schema::new(&schema)))
});

/// Fails where `page` is not what its format says, and gives how many findings it holds.
fn check(format: Format, schema: &Schema, page: &str) -> usize {
    if format == Format::Jsonl {
        return page.lines().map(|row| schema.check(&serde_json::from_str(row).unwrap())).count();
    }
    let page: Value = serde_json::from_str(page).unwrap();
    if format == Format::Gitlab {
        // GitLab holds its schema to each issue (`lib/gitlab/ci/reports/codequality_reports.rb`).
        return page.as_array().unwrap().iter().map(|issue| schema.check(issue)).count();
    }
    schema.check(&page);
    let count = |list: &Value| list.as_array().unwrap().len();
    match format {
        Format::Sarif => {
            page["runs"].as_array().unwrap().iter().map(|run| count(&run["results"])).sum()
        }
        Format::Rdjson => count(&page["diagnostics"]),
        _ => count(&page["findings"]),
    }
}

/// The cases of a `JUnit` page, read back: what each says, and whether it fails.
fn cases(page: &str) -> Vec<(String, bool)> {
    let mut reader = Reader::from_str(page);
    let mut cases = Vec::new();
    loop {
        match reader.read_event().unwrap() {
            Event::Start(element) if element.name().as_ref() == b"testcase" => {
                cases.push((String::new(), false));
            }
            Event::Empty(element) if element.name().as_ref() == b"testcase" => {
                cases.push((String::new(), false));
            }
            Event::Start(element) if element.name().as_ref() == b"failure" => {
                cases.last_mut().unwrap().1 = true;
            }
            Event::Text(text) => {
                if let Some(case) = cases.last_mut() {
                    case.0 += text.decode().unwrap().trim();
                }
            }
            Event::GeneralRef(reference) => {
                let name = reference.decode().unwrap();
                let text = quick_xml::escape::unescape(&format!("&{name};")).unwrap().into_owned();
                cases.last_mut().unwrap().0 += &text;
            }
            Event::Eof => return cases,
            _ => {}
        }
    }
}

/// The properties and the message of a workflow command, as GitHub's runner reads it (`ActionCommand.cs`).
fn command(line: &str) -> (String, Vec<(String, String)>, String) {
    let (head, message) = line.strip_prefix("::").unwrap().split_once("::").unwrap();
    let (name, properties) = head.split_once(' ').unwrap();
    let plain = |text: &str| {
        text.replace("%0D", "\r")
            .replace("%0A", "\n")
            .replace("%3A", ":")
            .replace("%2C", ",")
            .replace("%25", "%")
    };
    let properties = properties.split(',').map(|property| {
        let (name, value) = property.split_once('=').unwrap();
        (name.to_owned(), plain(value))
    });
    (name.to_owned(), properties.collect(), plain(message))
}

/// Fails where a format for programs is not what it should be of `report`, or lacks a finding.
pub(crate) fn hold(report: &Report<'_>) {
    let render = |format| {
        let mut out = Vec::new();
        super::render(format, report, &Options::default(), &mut out).unwrap();
        String::from_utf8(out).unwrap()
    };
    for (format, schema) in SCHEMAS.iter() {
        let found = check(*format, schema, &render(*format));
        assert_eq!(found, report.findings.len(), "{}", format.name());
    }
    assert_eq!(render(Format::Github).lines().map(command).count(), report.findings.len());
    let failures = cases(&render(Format::Junit)).into_iter().filter(|(_, fails)| *fails).count();
    let Counts { error, warning, .. } = report.counts();
    assert_eq!(failures, error + warning);
    hold_sarif(report, &serde_json::from_str(&render(Format::Sarif)).unwrap());
    let issues: Vec<Value> = serde_json::from_str(&render(Format::Gitlab)).unwrap();
    let distinct: HashSet<_> = issues.iter().map(|issue| issue["fingerprint"].as_str()).collect();
    assert_eq!(distinct.len(), report.findings.len(), "GitLab shows one issue for a fingerprint");
}

fn hold_sarif(report: &Report<'_>, log: &Value) {
    let runs = log["runs"].as_array().unwrap();
    let categories: HashSet<_> =
        runs.iter().map(|run| run["automationDetails"]["id"].as_str()).collect();
    assert_eq!((runs.len(), categories.len()), (report.projects.len(), report.projects.len()));
    for run in runs {
        for result in run["results"].as_array().unwrap() {
            let index = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
            let rule = &run["tool"]["driver"]["rules"][index];
            assert_eq!(rule["id"], result["ruleId"]);
            let page = rule["help"]["markdown"].as_str().unwrap();
            let is_partial = |link: &str| link.contains(".md)") && !link.contains("://");
            assert!(!page.split("](").skip(1).any(is_partial), "{page}");
        }
    }
}

#[cfg(test)]
mod tests;
