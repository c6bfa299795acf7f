//! A row of JSON for each finding, to be appended to a table of many runs and repositories:
//! `docs/astrolint-finding-v1.schema.json`.

use std::io::{self, Write};

use serde::Serialize;

use super::Report;
use super::json::{self, Entry, TOOL, Tool, safe_to_print};

#[derive(Serialize)]
struct Row<'a> {
    version: u8,
    tool: Tool,
    project: String,
    fingerprint: &'a str,
    #[serde(flatten)]
    finding: Entry<'a>,
}

/// Writes the rows, those of findings of every level. Nothing in one depends on when or where it was made.
///
/// # Errors
/// When `out` cannot be written.
pub(super) fn write(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    for finding in report.findings {
        let row = Row {
            version: 1,
            tool: TOOL,
            project: report.project(finding),
            fingerprint: &finding.fingerprint,
            finding: json::entry(report, finding),
        };
        writeln!(out, "{}", safe_to_print(&serde_json::to_string(&row)?))?;
    }
    Ok(())
}
