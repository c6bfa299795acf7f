//! `astrolint explain`.

use super::{Exit, Failure, print};
use crate::check::{Group, RULES, find};
use crate::cli::ExplainArgs;

pub(super) fn run(arguments: &ExplainArgs) -> Result<Exit, Failure> {
    let Some(name) = &arguments.rule else { return list() };
    let rule = find(name).map_err(Failure::new)?;
    print(rule.page)
}

/// Prints all rules, by group, each on a line.
pub(super) fn list() -> Result<Exit, Failure> {
    let mut text = String::new();
    for group in Group::ALL {
        text += &format!("{} ({})\n", group.promise(), group.name());
        let mut rules: Vec<_> = RULES.iter().filter(|rule| rule.group == group).collect();
        rules.sort_by_key(|rule| rule.id);
        for rule in rules {
            text += &format!("  {:<32} {:<8} {}\n", rule.id, rule.level.to_string(), rule.summary);
        }
        text.push('\n');
    }
    print(text.trim_end_matches('\n').to_owned() + "\n")
}
