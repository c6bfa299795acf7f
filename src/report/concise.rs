//! One line for each finding, in a grammar that matchers of editors and CI systems rely on:
//! `PATH:LINE:COL: LEVEL[RULE] MESSAGE`.

use std::io::{self, Write};

use super::escape::{escape, path_text};
use super::{Options, Report};

/// The grammar of a line as a regular expression: path, line, column, level, rule, message. The files in
/// `editors/` are made from it.
pub const LINE: &str = r"^(.+?):([0-9]+):([0-9]+): (error|warning|info)\[([a-z0-9-]+)\] (.+)$";

/// Writes the findings.
///
/// # Errors
/// When `out` cannot be written.
pub(super) fn write(report: &Report<'_>, options: &Options, out: &mut dyn Write) -> io::Result<()> {
    for finding in report.visible(options) {
        let place = finding.primary.place;
        let path = path_text(report.files.get(place.file).path());
        let start = report.position(place.file, place.span.start);
        writeln!(
            out,
            "{}:{}:{}: {}[{}] {}",
            escape(&path),
            start.line,
            start.column,
            finding.level,
            finding.rule.id,
            escape(&finding.message)
        )?;
    }
    Ok(())
}
