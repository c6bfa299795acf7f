//! JSON for programs, schema version 1: `docs/astrolint-report-v1.schema.json`.

use std::fmt::Write as _;
use std::io::{self, Write};

use serde::Serialize;

use super::escape::{is_treacherous, path_text};
use super::{Counts, LeftOut, Report};
use crate::check::{Edit, Finding, Fix, Label, Level, Safety};
use crate::model::{FileId, Place};

#[derive(Serialize)]
struct Document<'a> {
    version: u8,
    tool: Tool,
    projects: Vec<Project>,
    findings: Vec<Entry<'a>>,
    summary: Summary,
}

#[derive(Serialize)]
pub(super) struct Tool {
    name: &'static str,
    version: &'static str,
}

#[derive(Serialize)]
struct Summary {
    #[serde(flatten)]
    counts: Counts,
    #[serde(flatten)]
    left_out: LeftOut,
}

/// What made the report.
pub(super) const TOOL: Tool =
    Tool { name: env!("CARGO_PKG_NAME"), version: env!("CARGO_PKG_VERSION") };

#[derive(Serialize)]
struct Project {
    path: String,
}

/// Where something stands.
#[derive(Serialize)]
struct Region {
    path: String,
    start: Point,
    end: Point,
}

#[derive(Serialize)]
struct Point {
    line: usize,
    column: usize,
    offset: usize,
}

/// A finding, as JSON holds it.
#[derive(Serialize)]
pub(super) struct Entry<'a> {
    rule: &'static str,
    level: Level,
    message: &'a str,
    #[serde(flatten)]
    region: Region,
    #[serde(skip_serializing_if = "Option::is_none")]
    environment: Option<&'a str>,
    labels: Vec<LabelEntry<'a>>,
    notes: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    help: Option<&'a str>,
    url: String,
    fixes: Vec<FixEntry<'a>>,
}

#[derive(Serialize)]
struct LabelEntry<'a> {
    #[serde(flatten)]
    region: Region,
    text: &'a str,
    primary: bool,
}

#[derive(Serialize)]
struct FixEntry<'a> {
    title: &'a str,
    safety: Safety,
    #[serde(flatten)]
    change: Change<'a>,
}

/// What a consumer may apply. A withheld fix has no edits, so that nobody can apply half of it.
#[derive(Serialize)]
#[serde(untagged)]
enum Change<'a> {
    Edits { edits: Vec<EditEntry<'a>> },
    Withheld { withheld: bool },
}

#[derive(Serialize)]
struct EditEntry<'a> {
    #[serde(flatten)]
    region: Region,
    replacement: &'a str,
}

/// Writes the whole report, findings of every level included.
///
/// # Errors
/// When `out` cannot be written.
pub(super) fn write(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    let document = Document {
        version: 1,
        tool: TOOL,
        projects: report.projects.iter().map(|root| Project { path: path_text(root) }).collect(),
        findings: report.findings.iter().map(|finding| entry(report, finding)).collect(),
        summary: Summary { counts: report.counts(), left_out: report.left_out },
    };
    writeln!(out, "{}", safe_to_print(&serde_json::to_string_pretty(&document)?))
}

/// `finding` with all that is said of it.
pub(super) fn entry<'a>(report: &Report<'_>, finding: &'a Finding) -> Entry<'a> {
    let label = |label: &'a Label, primary| LabelEntry {
        region: region(report, label.place),
        text: &label.text,
        primary,
    };
    Entry {
        rule: finding.rule.id,
        level: finding.level,
        message: &finding.message,
        region: region(report, finding.primary.place),
        environment: finding.environment.as_deref(),
        labels: std::iter::once(label(&finding.primary, true))
            .chain(finding.related.iter().map(|related| label(related, false)))
            .collect(),
        notes: &finding.notes,
        help: finding.help.as_deref(),
        url: finding.rule.url(),
        fixes: finding.fixes.iter().map(|fix| fix_entry(report, fix)).collect(),
    }
}

fn fix_entry<'a>(report: &Report<'_>, fix: &'a Fix) -> FixEntry<'a> {
    let edit = |edit: &'a Edit| EditEntry {
        region: region(report, edit.place),
        replacement: &edit.replacement,
    };
    let change = match fix.told() {
        Some(edits) => Change::Edits { edits: edits.iter().map(edit).collect() },
        None => Change::Withheld { withheld: true },
    };
    FixEntry { title: &fix.title, safety: fix.safety, change }
}

fn region(report: &Report<'_>, place: Place) -> Region {
    Region {
        path: path_text(report.files.get(place.file).path()),
        start: point(report, place.file, place.span.start),
        end: point(report, place.file, place.span.end),
    }
}

fn point(report: &Report<'_>, file: FileId, offset: usize) -> Point {
    let position = report.position(file, offset);
    Point { line: position.line, column: position.column, offset: position.offset }
}

/// The same JSON, with what could fool a terminal that shows it written as `\u` escapes. Outside of
/// its strings, JSON has no such character but line feeds.
pub(super) fn safe_to_print(json: &str) -> String {
    let mut safe = String::with_capacity(json.len());
    for char in json.chars() {
        if char != '\n' && is_treacherous(char) {
            for unit in char.encode_utf16(&mut [0; 2]) {
                // Writing to a String cannot fail.
                let _ = write!(safe, "\\u{unit:04x}");
            }
        } else {
            safe.push(char);
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use crate::report::schema::Schema;

    #[test]
    fn the_output_is_as_the_published_schema_says() {
        let schema = include_str!("../../docs/astrolint-report-v1.schema.json");
        let schema = Schema::new(schema);
        for scene in [crate::report::tests::typical(), crate::report::tests::Scene::default()] {
            let json =
                scene.render(crate::report::Format::Json, &crate::report::Options::default());
            schema.check(&serde_json::from_str(&json).unwrap());
        }
    }

    /// A row of a table is a finding of the report, and more: its schema holds the parts of the other, so that
    /// each of the two can be used by itself.
    #[test]
    fn the_schemas_of_report_and_rows_agree() {
        let read = |text| serde_json::from_str::<Value>(text).unwrap();
        let report = read(include_str!("../../docs/astrolint-report-v1.schema.json"));
        let row = read(include_str!("../../docs/astrolint-finding-v1.schema.json"));
        for (name, part) in row["$defs"].as_object().unwrap() {
            assert_eq!(part, &report["$defs"][name], "{name}");
        }
        assert_eq!(row["properties"]["tool"], report["properties"]["tool"]);
    }

    #[test]
    #[should_panic(expected = "/findings/2/level")]
    fn the_check_notices_a_wrong_level() {
        let schema = include_str!("../../docs/astrolint-report-v1.schema.json");
        let json = crate::report::tests::typical()
            .render(crate::report::Format::Json, &crate::report::Options::default());
        let wrong = json.replace("\"warning\",", "\"fatal\",");
        Schema::new(schema).check(&serde_json::from_str(&wrong).unwrap());
    }
}
