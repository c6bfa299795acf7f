//! `astrolint explain`.

use std::io::{self, IsTerminal};

use super::{Exit, Failure, colored, print, width};
use crate::check::{Group, RULES, find};
use crate::cli::{Color, ExplainArgs};
use crate::report::page;

pub(super) fn run(arguments: &ExplainArgs) -> Result<Exit, Failure> {
    let Some(name) = &arguments.rule else { return list() };
    if let Some(group) = Group::ALL.into_iter().find(|group| group.name() == name) {
        return print(of_group(group, columns()));
    }
    let rule = find(name).map_err(Failure::new)?;
    match columns() {
        Some(columns) => print(page::laid_out(rule.page, columns, colored(Color::Auto))),
        None => print(rule.page),
    }
}

/// Prints all rules, by group.
pub(super) fn list() -> Result<Exit, Failure> {
    let columns = columns();
    let groups: Vec<_> = Group::ALL.into_iter().map(|group| of_group(group, columns)).collect();
    print(groups.join("\n"))
}

/// How wide the lines may be for somebody who reads them; programs get each paragraph on a line.
fn columns() -> Option<usize> {
    (io::stdout().is_terminal() || std::env::var_os("COLUMNS").is_some()).then(|| width(true))
}

/// The rules of `group`, each on a line where `columns` does not break it.
fn of_group(group: Group, columns: Option<usize>) -> String {
    let mut rules: Vec<_> = RULES.iter().filter(|rule| rule.group == group).collect();
    rules.sort_by_key(|rule| rule.id);
    let mut text = format!("{} ({})\n", group.promise(), group.name());
    for rule in rules {
        let start = format!("  {:<32} {:<8} ", rule.id, rule.level.to_string());
        text += &match columns {
            Some(columns) => page::beside(&start, rule.summary, columns),
            None => start + rule.summary,
        };
        text.push('\n');
    }
    text
}
