//! Workflow commands of GitHub's runner, which shows each as an annotation at its line.
//!
//! Form and escapes after `actions/toolkit`, `packages/core/src/command.ts`.

use std::io::{self, Write};

use super::escape::escape;
use super::{Report, remarks};
use crate::check::{Finding, Level};

/// Writes the commands, those of findings of every level: GitHub counts the ten annotations of a step that
/// it shows for each level apart.
///
/// # Errors
/// When `out` cannot be written.
pub(super) fn write(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    for finding in report.findings {
        let command = match finding.level {
            Level::Error => "error",
            Level::Warning => "warning",
            Level::Info => "notice",
        };
        let properties: Vec<_> = properties(report, finding)
            .into_iter()
            .map(|(name, value)| format!("{name}={}", property(&value)))
            .collect();
        let lines: Vec<_> = std::iter::once(escape(&finding.message).into_owned())
            .chain(remarks(finding))
            .collect();
        writeln!(out, "::{command} {}::{}", properties.join(","), data(&lines.join("\n")))?;
    }
    Ok(())
}

fn properties(report: &Report<'_>, finding: &Finding) -> Vec<(&'static str, String)> {
    let place = finding.primary.place;
    let (start, end) = report.range(place);
    let mut properties = vec![
        ("title", format!("astrolint: {}", finding.rule.id)),
        ("file", report.path(place.file)),
        ("line", start.line.to_string()),
        ("endLine", end.line.to_string()),
    ];
    // "start_column and end_column are only valid on one line", says the API that the runner calls.
    if start.line == end.line {
        properties.push(("col", start.column.to_string()));
        properties.push(("endColumn", end.column.to_string()));
    }
    properties
}

/// `text` as the message of a command.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// `text` as the value of a property of a command.
fn property(text: &str) -> String {
    data(&escape(text)).replace(':', "%3A").replace(',', "%2C")
}
