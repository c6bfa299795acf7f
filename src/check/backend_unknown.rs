//! See `rules/backend-unknown.md`.

use super::{Finding, Group, Level, Rule};
use crate::resolve::Project;

pub static RULE: Rule = Rule {
    id: "backend-unknown",
    level: Level::Error,
    group: Group::Backend,
    summary: "The class path of the backend cannot be imported",
    since: "0.1.0",
    page: include_str!("../../rules/backend-unknown.md"),
    check,
};

fn check(_project: &Project, _findings: &mut Vec<Finding>) {}
