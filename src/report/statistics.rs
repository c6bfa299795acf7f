//! How often each rule found something, for people who plan what to do first.

use std::collections::BTreeMap;
use std::io::{self, Write};

use super::{Options, Report};
use crate::check::Level;

/// What is counted of a rule.
#[derive(Default)]
struct Count {
    findings: usize,
    fixable: usize,
    level: Option<Level>,
}

/// Writes a line for each rule: how many findings, the highest level, the rule, and how many of them have a
/// fix. The rule with the most comes first.
///
/// # Errors
/// When `out` cannot be written.
pub fn write(report: &Report<'_>, options: &Options, out: &mut dyn Write) -> io::Result<()> {
    let mut counts: BTreeMap<&str, Count> = BTreeMap::new();
    for finding in report.visible(options) {
        let count = counts.entry(finding.rule.id).or_default();
        count.findings += 1;
        count.fixable += usize::from(!finding.fixes.is_empty());
        count.level = count.level.max(Some(finding.level));
    }
    let mut rows: Vec<_> = counts.into_iter().collect();
    rows.sort_by_key(|(rule, count)| (std::cmp::Reverse(count.findings), *rule));
    for (rule, count) in rows {
        let level = count.level.unwrap_or(Level::Info).to_string();
        let fixable = match count.fixable {
            0 => String::new(),
            number if number == count.findings => " (all can be fixed)".to_owned(),
            number => format!(" ({number} can be fixed)"),
        };
        writeln!(out, "{:>6}  {level:<7}  {rule}{fixable}", count.findings)?;
    }
    Ok(())
}
