//! How often each rule found something, for people who plan what to do first.

use std::collections::BTreeMap;
use std::io::{self, Write};

use super::{Options, Report};
use crate::check::{Level, Safety};

/// What is counted of a rule.
#[derive(Default)]
struct Count {
    findings: usize,
    safely: usize,
    unsafely: usize,
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
        match finding.fixes.iter().map(|fix| fix.safety).min() {
            Some(Safety::Safe) => count.safely += 1,
            Some(Safety::Unsafe) => count.unsafely += 1,
            None => {}
        }
        count.level = count.level.max(Some(finding.level));
    }
    let mut rows: Vec<_> = counts.into_iter().collect();
    rows.sort_by_key(|(rule, count)| (std::cmp::Reverse(count.findings), *rule));
    for (rule, count) in rows {
        let level = count.level.unwrap_or(Level::Info).to_string();
        let fixable = match (count.safely, count.unsafely) {
            (0, 0) => String::new(),
            (0, number) => format!(" ({number} with --unsafe-fixes)"),
            (number, 0) if number == count.findings => " (all can be fixed)".to_owned(),
            (number, 0) => format!(" ({number} can be fixed)"),
            (safely, more) => format!(" ({safely} can be fixed, {more} more with --unsafe-fixes)"),
        };
        writeln!(out, "{:>6}  {level:<7}  {rule}{fixable}", count.findings)?;
    }
    Ok(())
}
