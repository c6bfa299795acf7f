//! The roles of AWS that backends assume, as far as the project writes them down.

use super::asked::InUse;
use super::kwargs::Kwarg;
use super::project::Project;
use crate::facts::{Reads, aws};
use crate::model::setup::policy::{Grant, Matches, Policy, PolicyEffect, Role, Statement, Trust};
use crate::model::{Key, Place, Reference};
use crate::text::{UNKNOWN, Value};

/// A role that a backend assumes.
#[derive(Clone, Copy, Debug)]
pub struct RoleInUse<'a> {
    /// The backend.
    pub by: InUse<'a>,
    /// `role_arn` of its kwargs.
    pub arn: &'a Kwarg,
    /// The role of that name.
    pub role: &'a Role,
    reads: &'static Reads,
}

/// Something that a role allows without need.
#[derive(Clone, Copy, Debug)]
pub struct TooMuch<'a> {
    /// Where it says so.
    pub place: Place,
    /// The policy of AWS that it is given; `None` for a statement.
    pub managed: Option<&'a str>,
}

impl Project {
    /// The roles that backends assume and the project creates, told by their names.
    pub fn roles_in_use(&self) -> impl Iterator<Item = RoleInUse<'_>> {
        self.in_use().filter_map(|by| {
            let reads = by.service()?.reads.as_ref()?;
            let arn = by.configured.keyword("role_arn")?;
            let name = arn.plain()?.rsplit('/').next()?;
            let is_it =
                |role: &&Role| role.name.known().is_some_and(|known| known.expose() == name);
            let role = self.model.setup.roles.iter().find(is_it)?;
            Some(RoleInUse { by, arn, role, reads })
        })
    }

    /// What the role of `used` does not allow although it is asked for: the names, each with what asks.
    /// Empty where it may be allowed by something that is not known.
    #[must_use]
    pub fn not_covered<'a>(&'a self, used: RoleInUse<'a>) -> Vec<(String, &'a Reference)> {
        // Another module may give more to a role of the same name.
        let named = self.model.setup.roles.iter().filter(|role| role.is_called(used.role));
        let Some(policies) = (if named.count() == 1 { used.policies() } else { None }) else {
            return Vec::new();
        };
        let here = self.reading().filter(|it| used.by.environment.holds(it));
        let mut missing: Vec<(String, &Reference)> = Vec::new();
        for reference in here {
            for key in used.by.keys_of(reference).iter().filter_map(Key::name) {
                let Some(name) = used.by.name(reference.kind, key) else { continue };
                let is_covered = policies.iter().any(|it| may_read(it, used.reads, &name));
                if !is_covered && !missing.iter().any(|(known, _)| *known == name) {
                    missing.push((name, reference));
                }
            }
        }
        missing
    }
}

impl<'a> RoleInUse<'a> {
    /// Whether nobody can take the role, going by what trusts it says; `None` where that is not known.
    #[must_use]
    pub fn is_for_nobody(&self) -> Option<bool> {
        let Some(Trust::Policy(policy)) = &self.role.trust else { return None };
        if !policy.is_complete {
            return None;
        }
        let may_assume = |statement: &Statement| {
            let allows = statement.effect != Some(PolicyEffect::Deny);
            let acts = statement.actions.is_negated
                || aws()
                    .assuming_actions()
                    .iter()
                    .any(|action| allows_action(&statement.actions, action));
            // A service of AWS is no deployment.
            let trusts = statement.excludes_principals
                || statement
                    .principals
                    .iter()
                    .any(|it| it.kind.known().is_none_or(|kind| kind.expose() != "Service"));
            allows && acts && trusts
        };
        Some(!policy.statements.iter().any(may_assume))
    }

    /// Where the role is trusted to somebody.
    #[must_use]
    pub fn trust_place(&self) -> Place {
        match &self.role.trust {
            Some(Trust::Policy(policy)) => policy.place,
            _ => self.role.statement,
        }
    }

    /// What the role allows beyond reading the secrets below the prefixes.
    #[must_use]
    pub fn too_much(&self) -> Vec<TooMuch<'a>> {
        let mut found = Vec::new();
        for grant in &self.role.grants {
            match grant {
                Grant::Managed(arn, place) => {
                    let name = arn.known().and_then(|arn| arn.expose().rsplit('/').next());
                    let is_broad = |name: &&str| self.reads.broad.iter().any(|broad| broad == name);
                    if let Some(name) = name.filter(is_broad) {
                        found.push(TooMuch { place: *place, managed: Some(name) });
                    }
                }
                Grant::Policy(policy) => {
                    let broad = policy.statements.iter().filter(|it| self.is_broad(it));
                    found.extend(broad.map(|it| TooMuch { place: it.place, managed: None }));
                }
            }
        }
        found
    }

    /// Whether a statement lets the role do all with secrets, or something with all of them.
    fn is_broad(&self, statement: &Statement) -> bool {
        if statement.effect != Some(PolicyEffect::Allow) || !statement.conditions.is_empty() {
            return false;
        }
        let service = self.reads.action.split(':').next().unwrap_or_default();
        let known = |value: &Value| value.known().map(|text| text.expose().to_owned());
        let actions: Vec<String> = statement.actions.patterns.iter().filter_map(known).collect();
        let all_actions = !statement.actions.is_negated
            && actions.iter().any(|it| *it == "*" || *it == format!("{service}:*"));
        let reads = allows_action(&statement.actions, &self.reads.action);
        let all_secrets = !statement.resources.is_negated
            && statement
                .resources
                .patterns
                .iter()
                .filter_map(known)
                .any(|it| it == "*" || it.ends_with(&format!("{}*", self.reads.resource)));
        all_actions || reads && all_secrets
    }

    /// The policies of the role, when all that it is granted is known.
    fn policies(&self) -> Option<Vec<&'a Policy>> {
        if self.role.may_have_more || self.role.grants.is_empty() {
            return None;
        }
        let grants = self.role.grants.iter();
        grants
            .map(|grant| match grant {
                Grant::Policy(policy) => policy.is_complete.then_some(policy),
                Grant::Managed(..) => None,
            })
            .collect()
    }
}

/// Whether `policy` may let somebody read the secret `name`.
fn may_read(policy: &Policy, reads: &Reads, name: &str) -> bool {
    policy.statements.iter().any(|statement| {
        statement.effect != Some(PolicyEffect::Deny)
            && (statement.actions.is_negated || allows_action(&statement.actions, &reads.action))
            && (statement.resources.is_negated
                || statement.resources.patterns.iter().any(|it| covers(it, reads, name)))
    })
}

fn allows_action(actions: &Matches, action: &str) -> bool {
    let action = action.to_lowercase();
    let patterns = actions.patterns.iter().map(|it| open(it).to_lowercase());
    !actions.is_negated && patterns.into_iter().any(|pattern| matches(&pattern, &action))
}

/// Whether the ARN that `resource` stands for may be that of the secret `name`, whatever its region and
/// account.
fn covers(resource: &Value, reads: &Reads, name: &str) -> bool {
    let pattern = open(resource);
    let name = format!("{}{}", name.trim_start_matches('/'), reads.suffix);
    let service = reads.action.split(':').next().unwrap_or_default();
    let whole = format!("arn:aws:{service}:us-east-1:123456789012{}{name}", reads.resource);
    let tail = pattern.split_once(&reads.resource).map(|(_, tail)| tail);
    matches(&pattern, &whole) || tail.is_some_and(|tail| matches(tail, &name))
}

/// A pattern in which anything may stand for what is not known.
fn open(value: &Value) -> String {
    value.text().expose().replace(UNKNOWN, "*")
}

/// Whether `text` is `pattern` with each `*` replaced by some text and each `?` by a character.
fn matches(pattern: &str, text: &str) -> bool {
    let (pattern, text): (Vec<char>, Vec<char>) =
        (pattern.chars().collect(), text.chars().collect());
    let (mut p, mut t) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while t < text.len() {
        match pattern.get(p) {
            Some('*') => {
                star = Some((p, t));
                p += 1;
            }
            Some(c) if *c == '?' || text.get(t) == Some(c) => {
                p += 1;
                t += 1;
            }
            _ => match star {
                // The last star takes one more.
                Some((at, taken)) => {
                    star = Some((at, taken + 1));
                    p = at + 1;
                    t = taken + 1;
                }
                None => return false,
            },
        }
    }
    pattern.iter().skip(p).all(|c| *c == '*')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stars_and_question_marks() {
        for (pattern, text, expected) in [
            ("a*c", "abbc", true),
            ("a*c", "abbd", false),
            ("a??", "abc", true),
            ("a??", "ab", false),
            ("*", "", true),
            ("a*b*c", "axbxbxc", true),
            ("", "a", false),
        ] {
            assert_eq!(matches(pattern, text), expected, "{pattern} {text}");
        }
    }
}
