//! Ids that a backend refuses, because they could be the name of a team's secret.
//!
//! Providers learned of teams in steps: first they refused every id that looks like a team's name
//! joined to an id, in every deployment; later only in multi-team mode, and then every id with the
//! separator in it.

use super::lookup::{KeptBack, Lookup, Outcome};
use crate::model::Kind;

/// Which ids are never looked up.
#[derive(Clone, Debug, Default)]
pub(super) struct Refusal {
    rule: Rule,
    /// Whether options are refused too, or only variables and connections.
    options_too: bool,
}

#[derive(Clone, Debug, Default)]
enum Rule {
    #[default]
    Nothing,
    /// Looking for the separator raises, for every id.
    Raises(&'static str),
    /// Ids that hold this.
    Holds(String),
    /// Ids made of `lead`, a team's name, `separator` and something more.
    TeamLike { lead: &'static str, never_in_team: String, separator: String },
}

impl Refusal {
    /// Refuses ids that hold `separator`.
    #[must_use]
    pub(super) const fn of_ids_with(separator: String) -> Self {
        Self { rule: Rule::Holds(separator), options_too: false }
    }

    /// Raises `exception` for every id.
    #[must_use]
    pub(super) const fn that_raises(exception: &'static str) -> Self {
        Self { rule: Rule::Raises(exception), options_too: false }
    }

    /// Refuses ids that match `lead[^never_in_team]+separator.+` as a whole.
    #[must_use]
    pub(super) const fn of_team_like(
        lead: &'static str,
        never_in_team: String,
        separator: String,
    ) -> Self {
        let rule = Rule::TeamLike { lead, never_in_team, separator };
        Self { rule, options_too: false }
    }

    /// The same, for options too.
    #[must_use]
    pub(super) fn and_options(self) -> Self {
        Self { options_too: true, ..self }
    }

    /// What becomes of `id`, of `kind`, when it is refused.
    #[must_use]
    pub(super) fn keeps_back(&self, kind: Kind, id: &str) -> Option<Lookup> {
        if kind == Kind::Config && !self.options_too {
            return None;
        }
        let separator = match &self.rule {
            Rule::Nothing => return None,
            Rule::Raises(exception) => {
                return Some(Lookup::none(Outcome::LookupError, *exception));
            }
            Rule::Holds(separator) => id.contains(separator.as_str()).then_some(separator),
            Rule::TeamLike { lead, never_in_team, separator } => id
                .strip_prefix(lead)
                .is_some_and(|rest| is_team_like(rest, never_in_team, separator))
                .then_some(separator),
        }?;
        let reason = format!(
            "an id with `{separator}` could be the name of a team's secret, so it is refused"
        );
        Some(Lookup::never_asked(KeptBack::TeamLike, reason))
    }
}

/// Python: `re.fullmatch(f"[^{never_in_team}]+{separator}.+", id)`; `.+` in place of the class
/// where `never_in_team` is empty.
fn is_team_like(id: &str, never_in_team: &str, separator: &str) -> bool {
    let is_rest = |rest: &str| !rest.is_empty() && !rest.contains('\n');
    if never_in_team.is_empty() {
        let after_first = id.chars().next().map_or(0, char::len_utf8);
        let mut found = id.match_indices(separator).filter(|(at, _)| *at >= after_first);
        return after_first > 0
            && !id.contains('\n')
            && found.any(|(at, _)| at + separator.len() < id.len());
    }
    let Some(end) = id.find(|c| never_in_team.contains(c)).filter(|end| *end > 0) else {
        return false;
    };
    id.get(end..).and_then(|rest| rest.strip_prefix(separator)).is_some_and(is_rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_refused_as_the_patterns_of_the_providers_do() {
        let amazon = Refusal::of_team_like("", "-".to_owned(), "--".to_owned()).and_options();
        let azure = Refusal::of_team_like("", String::new(), "--".to_owned());
        let environment = Refusal::of_team_like("_", "_".to_owned(), "___".to_owned());
        for (refusal, id, refused) in [
            (&amazon, "a--b", true),
            (&amazon, "a-b--c", false),
            (&amazon, "--b", false),
            (&amazon, "a--", false),
            (&amazon, "a---b", true),
            (&amazon, "a--b\n", false),
            (&azure, "a-b--c", true),
            (&azure, "--b", false),
            (&azure, "--b--c", true),
            (&azure, "a--", false),
            (&azure, "ä--b", true),
            (&environment, "_team___id", true),
            (&environment, "team___id", false),
            (&environment, "_te_am___id", false),
        ] {
            assert_eq!(
                refusal.keeps_back(Kind::Variable, id).is_some(),
                refused,
                "{id} {refusal:?}"
            );
        }
        assert!(amazon.keeps_back(Kind::Config, "a--b").is_some());
        assert!(azure.keeps_back(Kind::Config, "a--b").is_none());
    }
}
