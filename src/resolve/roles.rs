//! The roles of AWS that backends assume, as far as the project writes them down.

use std::path::Path;

use super::asked::InUse;
use super::kwargs::Kwarg;
use super::project::Project;
use crate::facts::{Reads, aws, credentials};
use crate::hash::HashSet;
use crate::model::setup::policy::{
    Grant, Matches, Policy, PolicyEffect, Principal, Role, Statement, Trust,
};
use crate::model::{Key, Place, Reference};
use crate::text::{UNKNOWN, Value};

/// A role that a backend assumes.
#[derive(Clone, Copy, Debug)]
pub struct RoleInUse<'a> {
    /// The backend.
    pub by: InUse<'a>,
    /// `role_arn` of its kwargs.
    pub arn: &'a Kwarg,
    /// A role of that name.
    pub role: &'a Role,
    /// Whether the module that sets up the environment creates it.
    is_of_module: bool,
    reads: &'static Reads,
}

/// A role that a backend assumes, and one of nearly its name that the project creates.
#[derive(Clone, Debug)]
pub struct NearRole<'a> {
    /// The backend.
    pub by: InUse<'a>,
    /// `role_arn` of its kwargs.
    pub arn: &'a Kwarg,
    /// The name there.
    pub name: String,
    /// The name of the role that is created.
    pub near: String,
    /// Where it is.
    pub place: Place,
}

/// A secret that a role may not read although it is asked for.
#[derive(Clone, Debug)]
pub struct NotCovered<'a> {
    /// Its name.
    pub name: String,
    /// What asks for it.
    pub reference: &'a Reference,
    /// Why not.
    pub why: WhyNot,
}

/// Why a role may not read a secret.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum WhyNot {
    /// Its policies name it nowhere.
    NotNamed,
    /// They allow it in other regions than this one, where it is asked for.
    OtherRegion(String),
    /// They allow it in other accounts than this one, which is that of the role.
    OtherAccount(String),
    /// A statement denies it.
    Denied(Place),
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
    /// The roles that backends assume and the project creates or gives something to, told by their names. Of several
    /// that have the name, those of the module which sets up the environment, if there are such.
    pub fn roles_in_use(&self) -> impl Iterator<Item = RoleInUse<'_>> {
        self.in_use().flat_map(|by| self.roles_of(by).unwrap_or_default())
    }

    fn roles_of<'a>(&'a self, by: InUse<'a>) -> Option<Vec<RoleInUse<'a>>> {
        let reads = by.service()?.reads.as_ref()?;
        let (arn, name) = by.role()?;
        let is_it = |role: &&Role| role.name.known().is_some_and(|known| known.expose() == name);
        let own = self.directories(by);
        let is_own = |role: &&Role| own.contains(&self.directory(role.statement));
        let here = self.model.setup.roles.iter().filter(|role| !self.is_of_others(role, by));
        let named: Vec<&Role> = here.filter(is_it).collect();
        let is_of_module = named.iter().any(|role| is_own(role) && role.trust.is_some());
        let here = named.into_iter().filter(|role| !is_of_module || is_own(role));
        Some(here.map(|role| RoleInUse { by, arn, role, is_of_module, reads }).collect())
    }

    /// The directory of a file.
    fn directory(&self, place: Place) -> Option<&Path> {
        self.model.files.get(place.file).path().parent()
    }

    /// The directories of the files that set up `by`.
    fn directories(&self, by: InUse<'_>) -> Vec<Option<&Path>> {
        let class = by.configured.class.as_ref().map(|class| &class.setting);
        let settings = class.into_iter().chain(&by.configured.kwargs_setting);
        settings.map(|setting| self.directory(setting.key_place())).collect()
    }

    /// Whether `role` is created beside what sets up another environment that assumes it, and not beside what sets up
    /// that of `by`.
    fn is_of_others(&self, role: &Role, by: InUse<'_>) -> bool {
        let of = |by| self.directories(by).contains(&self.directory(role.statement));
        let assumes = |by: InUse<'_>| {
            let names = by.role().zip(role.name.known());
            names.is_some_and(|((_, name), known)| known.expose() == name)
        };
        role.trust.is_some() && !of(by) && self.in_use().any(|by| of(by) && assumes(by))
    }

    /// Roles that backends assume and the project does not create, each with one of nearly the same name that it does.
    #[must_use]
    pub fn near_roles<'a>(&'a self) -> Vec<NearRole<'a>> {
        let roles = || self.model.setup.roles.iter().filter(|role| role.trust.is_some());
        if roles().any(|role| role.name.known().is_none()) {
            return Vec::new();
        }
        let near = |by: InUse<'a>| {
            let (arn, name) = by.role()?;
            let named = |role: &Role| role.name.known().is_some_and(|it| it.expose() == name);
            let here = |role: &&Role| !self.is_of_others(role, by);
            if self.model.setup.roles.iter().filter(here).any(named) {
                return None;
            }
            roles().filter(here).find_map(|role| {
                let own = role.name.known()?.expose();
                let distance =
                    strsim::damerau_levenshtein(&own.to_lowercase(), &name.to_lowercase());
                let is_near = distance <= 2 && own.len() > 5;
                is_near.then(|| NearRole {
                    by,
                    arn,
                    name: name.to_owned(),
                    near: own.to_owned(),
                    place: role.statement,
                })
            })
        };
        self.in_use().filter_map(near).collect()
    }

    /// The roles of the project that may be the one of `used`, or give more to it.
    fn may_be<'a>(&'a self, used: RoleInUse<'a>) -> Vec<&'a Role> {
        let directory = |role: &Role| self.directory(role.statement);
        let roles = self.model.setup.roles.iter().filter(|role| role.is_called(used.role));
        // Another module that creates one creates it for another environment.
        let is_other = |role: &&Role| {
            used.is_of_module && role.trust.is_some() && directory(role) != directory(used.role)
        };
        roles.filter(|role| !is_other(role)).collect()
    }

    /// What the role of `used` does not allow although it is asked for, each name once. Empty where it may be allowed
    /// by something that is not known; what a statement denies is denied whatever else there is.
    #[must_use]
    pub fn not_covered<'a>(&'a self, used: RoleInUse<'a>) -> Vec<NotCovered<'a>> {
        // Of several that may be it, each name must be covered by none, and the first speaks for all.
        let roles = self.may_be(used);
        if !roles.first().is_some_and(|first| std::ptr::eq(*first, used.role)) {
            return Vec::new();
        }
        let granted = if roles.len() == 1 { used.granted() } else { Vec::new() };
        let all: Option<Vec<_>> = roles.iter().map(|role| policies(role)).collect();
        let all: Option<Vec<&Policy>> = all.map(|all| all.into_iter().flatten().collect());
        let location = used.by.environment.location(used.by.configured);
        let at = (location.region.as_deref(), location.account.as_deref());
        let here = self.reading().filter(|it| used.by.environment.holds(it));
        let mut said: HashSet<String> = HashSet::default();
        let mut missing: Vec<NotCovered<'_>> = Vec::new();
        for reference in here {
            for key in used.by.keys_of(reference).iter().filter_map(Key::name) {
                let Some(name) = used.by.name(reference.kind, key) else { continue };
                if !said.insert(name.clone()) {
                    continue;
                }
                let partition = &location.partition;
                let secret = Secret { reads: used.reads, name: &name, partition, at };
                let denied = granted.iter().find_map(|it| secret.denied_by(it));
                let why = denied.map(WhyNot::Denied).or_else(|| {
                    let policies = all.as_ref()?;
                    let covers =
                        |secret: Secret<'_>| policies.iter().any(|it| secret.is_read_by(it));
                    if covers(secret) {
                        return None;
                    }
                    let in_any_region = Secret { at: (None, at.1), ..secret };
                    let in_any_account = Secret { at: (at.0, None), ..secret };
                    Some(match at {
                        (Some(region), _) if covers(in_any_region) => {
                            WhyNot::OtherRegion(region.to_owned())
                        }
                        (_, Some(account)) if covers(in_any_account) => {
                            WhyNot::OtherAccount(account.to_owned())
                        }
                        _ => WhyNot::NotNamed,
                    })
                });
                if let Some(why) = why {
                    missing.push(NotCovered { name, reference, why });
                }
            }
        }
        missing
    }
}

impl<'a> InUse<'a> {
    /// `role_arn` of its kwargs, and the name of the role: it may be known where partition and account are not, as of a
    /// role that the same files create.
    fn role(self) -> Option<(&'a Kwarg, &'a str)> {
        let arn = self.configured.keyword("role_arn")?;
        let partly = || arn.text().filter(|text| text.starts_with("arn:"));
        let name = arn.plain().or_else(partly)?.rsplit('/').next()?;
        let is_known = !name.contains(UNKNOWN) && !credentials().looks_private(name);
        is_known.then_some((arn, name))
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

    /// Whether what trusts the role names services of AWS and lets them take it.
    #[must_use]
    pub fn is_for_services(&self) -> bool {
        let Some(Trust::Policy(policy)) = &self.role.trust else { return false };
        let is_service =
            |it: &Principal| it.kind.known().is_some_and(|it| it.expose() == "Service");
        let mut allowing =
            policy.statements.iter().filter(|it| it.effect != Some(PolicyEffect::Deny));
        allowing.any(|statement| statement.principals.iter().any(is_service))
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

    /// The policies of the role that are written down.
    fn granted(&self) -> Vec<&'a Policy> {
        let grants = self.role.grants.iter();
        grants.filter_map(|it| if let Grant::Policy(it) = it { Some(it) } else { None }).collect()
    }
}

/// The policies of `role`, when all that it is granted is known.
fn policies(role: &Role) -> Option<Vec<&Policy>> {
    if role.may_have_more || role.grants.is_empty() {
        return None;
    }
    let grants = role.grants.iter();
    grants
        .map(|grant| match grant {
            Grant::Policy(policy) => policy.is_complete.then_some(policy),
            Grant::Managed(..) => None,
        })
        .collect()
}

/// A secret that is asked for.
#[derive(Clone, Copy)]
struct Secret<'a> {
    reads: &'a Reads,
    name: &'a str,
    partition: &'a str,
    /// The region and the account, as far as they are known.
    at: (Option<&'a str>, Option<&'a str>),
}

impl Secret<'_> {
    /// Whether `policy` may let somebody read it.
    fn is_read_by(self, policy: &Policy) -> bool {
        policy.statements.iter().any(|statement| {
            let actions = &statement.actions;
            let resources = &statement.resources;
            statement.effect != Some(PolicyEffect::Deny)
                && (actions.is_negated || allows_action(actions, &self.reads.action))
                && (resources.is_negated
                    || resources.patterns.iter().any(|it| self.matches(&open(it))))
        })
    }

    /// The statement of `policy` that keeps everybody from reading it.
    fn denied_by(self, policy: &Policy) -> Option<Place> {
        let known = |of: &Matches| -> Vec<String> {
            let patterns = of.patterns.iter().filter_map(Value::known);
            patterns.map(|it| it.expose().to_owned()).collect()
        };
        let denies = |statement: &&Statement| {
            let action = self.reads.action.to_lowercase();
            statement.effect == Some(PolicyEffect::Deny)
                && statement.conditions.is_empty()
                && !statement.actions.is_negated
                && !statement.resources.is_negated
                && known(&statement.actions).iter().any(|it| matches(&it.to_lowercase(), &action))
                && known(&statement.resources).iter().any(|it| self.is_certainly(it))
        };
        policy.statements.iter().find(denies).map(|statement| statement.place)
    }

    /// Whether its ARN may match `pattern`.
    fn matches(self, pattern: &str) -> bool {
        let own: Vec<&str> = pattern.splitn(6, ':').collect();
        let of_pattern = |at: usize| {
            let part = own.get(at).filter(|_| own.len() == 6);
            part.copied().filter(|part| !part.contains(['*', '?']))
        };
        matches(pattern, &self.arn(of_pattern(1), of_pattern(3), of_pattern(4)))
    }

    /// Whether its ARN matches `pattern` wherever it is.
    fn is_certainly(self, pattern: &str) -> bool {
        // Two that have nothing in common where something is not known.
        let either = [("us-east-1", "111111111111"), ("cn-north-1", "222222222222")];
        either.into_iter().all(|(region, account)| {
            matches(pattern, &self.arn(Some(self.partition), Some(region), Some(account)))
        })
    }

    /// Its ARN, with these for what is not known.
    fn arn(self, partition: Option<&str>, region: Option<&str>, account: Option<&str>) -> String {
        let partition = partition.unwrap_or("aws");
        let service = self.reads.action.split(':').next().unwrap_or_default();
        let region = self.at.0.or(region).unwrap_or("us-east-1");
        let account = self.at.1.or(account).unwrap_or("123456789012");
        let name = format!("{}{}", self.name.trim_start_matches('/'), self.reads.suffix);
        format!("arn:{partition}:{service}:{region}:{account}{}{name}", self.reads.resource)
    }
}

fn allows_action(actions: &Matches, action: &str) -> bool {
    let action = action.to_lowercase();
    let patterns = actions.patterns.iter().map(|it| open(it).to_lowercase());
    !actions.is_negated && patterns.into_iter().any(|pattern| matches(&pattern, &action))
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
    fn resources_cover_secrets_by_region_account_and_name() {
        let reads =
            crate::facts::service_of("aws_secrets_manager").unwrap().reads.as_ref().unwrap();
        let (region, account) = (Some("eu-west-1"), Some("111122223333"));
        for (pattern, at, expected) in [
            ("*", (region, account), true),
            ("arn:aws:secretsmanager:*:*:secret:airflow/*", (region, account), true),
            (
                "arn:aws:secretsmanager:eu-west-1:111122223333:secret:airflow/x-??????",
                (region, account),
                true,
            ),
            (
                "arn:aws:secretsmanager:eu-west-1:111122223333:secret:airflow/x",
                (region, account),
                false,
            ),
            ("arn:aws:secretsmanager:us-east-1:*:secret:airflow/*", (region, account), false),
            ("arn:aws:secretsmanager:us-east-1:*:secret:airflow/*", (None, account), true),
            ("arn:aws:secretsmanager:*:999988887777:secret:airflow/*", (region, account), false),
            ("arn:aws:secretsmanager:*:999988887777:secret:airflow/*", (region, None), true),
            ("arn:aws-cn:secretsmanager:*:*:secret:airflow/*", (region, account), true),
            ("arn:aws:secretsmanager:*", (region, account), true),
        ] {
            let secret = Secret { reads, name: "airflow/x", partition: "aws", at };
            assert_eq!(secret.matches(pattern), expected, "{pattern} {at:?}");
        }
        let anywhere = Secret { reads, name: "airflow/x", partition: "aws", at: (None, None) };
        assert!(anywhere.is_certainly("arn:aws:secretsmanager:*:*:secret:airflow/*"));
        assert!(!anywhere.is_certainly("arn:aws:secretsmanager:us-east-1:*:secret:airflow/*"));
    }

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
