//! See `rules/unused-suppression.md`. The findings come from `suppress`, which alone knows what is hidden.

use super::{Group, Level, Rule};

/// The rule.
pub static RULE: Rule = Rule {
    id: "unused-suppression",
    level: Level::Warning,
    group: Group::Comments,
    summary: "A suppression comment hides nothing",
    since: "0.1.0",
    fix: None,
    page: include_str!("../../rules/unused-suppression.md"),
    check: |_, _| {},
};
