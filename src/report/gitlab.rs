//! A Code Quality report of GitLab: <https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format>.

use std::io::{self, Write};

use serde::Serialize;

use super::Report;
use super::escape::escape;
use super::json::safe_to_print;
use crate::check::{Finding, Level};
use crate::fingerprint;

#[derive(Serialize)]
struct Issue<'a> {
    description: String,
    check_name: &'a str,
    fingerprint: String,
    severity: &'a str,
    location: Location,
}

#[derive(Serialize)]
struct Location {
    path: String,
    lines: Lines,
}

#[derive(Serialize)]
struct Lines {
    begin: usize,
}

/// Writes the report, findings of every level included.
///
/// # Errors
/// When `out` cannot be written.
pub(super) fn write(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    let issues: Vec<_> = report.findings.iter().map(|finding| issue(report, finding)).collect();
    writeln!(out, "{}", safe_to_print(&serde_json::to_string_pretty(&issues)?))
}

fn issue<'a>(report: &Report<'_>, finding: &'a Finding) -> Issue<'a> {
    let place = finding.primary.place;
    Issue {
        description: escape(&finding.message).into_owned(),
        check_name: finding.rule.id,
        // GitLab shows of several issues with one fingerprint the first only.
        fingerprint: fingerprint::among_projects(&report.project(finding), &finding.fingerprint),
        severity: match finding.level {
            Level::Error => "critical",
            Level::Warning => "major",
            Level::Info => "info",
        },
        location: Location {
            path: report.path(place.file),
            lines: Lines { begin: report.range(place).0.line },
        },
    }
}
