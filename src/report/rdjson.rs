//! reviewdog's JSON: <https://github.com/reviewdog/reviewdog/tree/master/proto/rdf>.

use std::io::{self, Write};

use serde::Serialize;

use super::escape::escape;
use super::json::safe_to_print;
use super::{Report, remarks};
use crate::check::{Finding, Level, Safety};
use crate::model::Place;
use crate::text::Position;

#[derive(Serialize)]
struct Document {
    source: Source,
    diagnostics: Vec<Diagnostic>,
}

#[derive(Serialize)]
struct Source {
    name: &'static str,
    url: &'static str,
}

#[derive(Serialize)]
struct Diagnostic {
    message: String,
    location: Location,
    severity: &'static str,
    code: Code,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    suggestions: Vec<Suggestion>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    related_locations: Vec<Related>,
}

#[derive(Serialize)]
struct Location {
    path: String,
    range: Range,
}

/// The end lies behind the last character.
#[derive(Serialize)]
struct Range {
    start: Point,
    end: Point,
}

/// 1-based; the column counts bytes.
#[derive(Serialize)]
struct Point {
    line: usize,
    column: usize,
}

#[derive(Serialize)]
struct Code {
    value: &'static str,
    url: String,
}

#[derive(Serialize)]
struct Suggestion {
    range: Range,
    text: String,
}

#[derive(Serialize)]
struct Related {
    message: String,
    location: Location,
}

/// Writes the report, findings of every level included.
///
/// # Errors
/// When `out` cannot be written.
pub(super) fn write(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    let document = Document {
        source: Source { name: env!("CARGO_PKG_NAME"), url: env!("CARGO_PKG_REPOSITORY") },
        diagnostics: report.findings.iter().map(|finding| diagnostic(report, finding)).collect(),
    };
    writeln!(out, "{}", safe_to_print(&serde_json::to_string_pretty(&document)?))
}

fn diagnostic(report: &Report<'_>, finding: &Finding) -> Diagnostic {
    let lines: Vec<_> =
        std::iter::once(escape(&finding.message).into_owned()).chain(remarks(finding)).collect();
    let related = finding.related.iter().map(|label| Related {
        message: escape(&label.text).into_owned(),
        location: location(report, label.place),
    });
    Diagnostic {
        message: lines.join("\n"),
        location: location(report, finding.primary.place),
        severity: match finding.level {
            Level::Error => "ERROR",
            Level::Warning => "WARNING",
            Level::Info => "INFO",
        },
        code: Code { value: finding.rule.id, url: finding.rule.url() },
        suggestions: suggestions(report, finding),
        related_locations: related.collect(),
    }
}

/// The safe fixes that are a single edit of just the lines of the finding: reviewdog offers each edit by
/// itself, and refuses those of other lines (`buildSingleSuggestion` in its `service/github/github.go`). It
/// has no word for a fix that a person should look at, and one click would apply it.
fn suggestions(report: &Report<'_>, finding: &Finding) -> Vec<Suggestion> {
    let lines = |place: Place| {
        let (start, end) = report.range(place);
        (place.file, start.line, end.line)
    };
    let own = lines(finding.primary.place);
    let safe = finding.fixes.iter().filter(|fix| fix.safety == Safety::Safe);
    let single = safe.filter_map(|fix| match fix.told()? {
        [edit] if lines(edit.place) == own => Some(edit),
        _ => None,
    });
    single
        .map(|edit| Suggestion { range: range(report, edit.place), text: edit.replacement.clone() })
        .collect()
}

fn location(report: &Report<'_>, place: Place) -> Location {
    Location { path: report.path(place.file), range: range(report, place) }
}

fn range(report: &Report<'_>, place: Place) -> Range {
    let point = |position: Position| {
        let file = report.files.get(place.file);
        let line = file.lines().line_span(position.line, file.text());
        Point { line: position.line, column: position.offset.saturating_sub(line.start) + 1 }
    };
    let (start, end) = report.range(place);
    Range { start: point(start), end: point(end) }
}
