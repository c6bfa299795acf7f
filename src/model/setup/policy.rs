//! Policies of AWS's IAM as they are written: statements with their places, and who has them.
//!
//! The shape is that of the policy language (AWS, "IAM JSON policy elements"): what may be one thing or
//! a list is a list here. Nothing is judged.

use super::json_text::{parse, string, text_of};
use crate::model::{Origin, Place};
use crate::read::json;
use crate::text::{Text, UNKNOWN, Value};

/// A policy document.
#[derive(Clone, Debug)]
pub struct Policy {
    /// Its statements.
    pub statements: Vec<Statement>,
    /// Whether these are all of them; otherwise only running things can tell the rest.
    pub is_complete: bool,
    /// Where it is written.
    pub place: Place,
}

/// A statement of a policy.
#[derive(Clone, Debug)]
pub struct Statement {
    /// Whether it allows or denies; `None` when that cannot be told.
    pub effect: Option<PolicyEffect>,
    /// `Action` or `NotAction`.
    pub actions: Matches,
    /// `Resource` or `NotResource`; trust policies have none.
    pub resources: Matches,
    /// `Principal`; empty where there is none.
    pub principals: Vec<Principal>,
    /// Whether it is `NotPrincipal`.
    pub excludes_principals: bool,
    /// `Condition`
    pub conditions: Vec<Condition>,
    /// Where it is written.
    pub place: Place,
}

/// What a statement does.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum PolicyEffect {
    /// `Allow`
    Allow,
    /// `Deny`
    Deny,
}

/// Patterns with `*` and `?`.
#[derive(Clone, Debug, Default)]
pub struct Matches {
    /// The patterns.
    pub patterns: Vec<Value>,
    /// Whether what matches none of them is meant: `NotAction`, `NotResource`.
    pub is_negated: bool,
}

/// Who is meant.
#[derive(Clone, Debug)]
pub struct Principal {
    /// `AWS`, `Federated`, `Service`, `CanonicalUser`; `*` for everybody.
    pub kind: Value,
    /// The one who is.
    pub id: Value,
}

/// When a statement counts.
#[derive(Clone, Debug)]
pub struct Condition {
    /// `StringEquals` and the like.
    pub operator: Value,
    /// What is compared: `sts:ExternalId`.
    pub key: Value,
    /// With what.
    pub values: Vec<Value>,
}

/// A role of IAM.
#[derive(Debug)]
pub struct Role {
    /// Its name; for one that the files do not create, what refers to it.
    pub name: Value,
    /// The path before its name, where it is not `/`.
    pub path: Option<Value>,
    /// Who may take it; `None` for a role that the files do not create.
    pub trust: Option<Trust>,
    /// What it may do.
    pub grants: Vec<Grant>,
    /// Whether the files may hold more grants than these, which cannot be told.
    pub may_have_more: bool,
    /// Where it is written.
    pub statement: Place,
    /// What kind of place that is.
    pub origin: Origin,
}

/// Who may take a role.
#[derive(Debug)]
pub enum Trust {
    /// As this policy says.
    Policy(Policy),
    /// As only running things can tell.
    Unknown,
}

/// What a role is granted.
#[derive(Clone, Debug)]
pub enum Grant {
    /// What a policy says.
    Policy(Policy),
    /// A policy that exists already, by its ARN, and where it is named.
    Managed(Value, Place),
}

impl Policy {
    /// A policy of which nothing is known.
    #[must_use]
    pub const fn unknown(place: Place) -> Self {
        Self { statements: Vec::new(), is_complete: false, place }
    }

    /// Reads a policy document in JSON, of which parts may not be known.
    #[must_use]
    pub fn of_json(text: &Text, place: Place) -> Self {
        let Some((text, document)) = parse(text) else { return Self::unknown(place) };
        let reader = Reader { text: &text, place };
        let Some(statements) = document.get("Statement") else { return Self::unknown(place) };
        let mut policy = Self { statements: Vec::new(), is_complete: true, place };
        for statement in elements(&statements.value) {
            if let json::Kind::Object(_) = statement.kind {
                policy.statements.push(reader.statement(statement));
            } else {
                policy.is_complete = false;
            }
        }
        policy
    }
}

/// The elements of an array, or the one value.
fn elements(value: &json::Value) -> Vec<&json::Value> {
    match &value.kind {
        json::Kind::Array(elements) => elements.iter().collect(),
        _ => vec![value],
    }
}

struct Reader<'a> {
    text: &'a Text,
    place: Place,
}

impl Reader<'_> {
    fn value(&self, value: &json::Value) -> Value {
        Value::of(text_of(self.text, value))
    }

    fn key(&self, member: &json::Member) -> Value {
        Value::of(string(self.text, member.key.span, &member.key.node))
    }

    fn values(&self, value: &json::Value) -> Vec<Value> {
        elements(value).into_iter().map(|value| self.value(value)).collect()
    }

    fn statement(&self, statement: &json::Value) -> Statement {
        let span = self.text.span_of(statement.span.start..statement.span.end);
        let effect = statement.get("Effect").and_then(|it| it.value.as_str());
        let principal = statement.get("Principal");
        let excluded = statement.get("NotPrincipal");
        Statement {
            effect: effect.and_then(PolicyEffect::of),
            actions: self.matches(statement, "Action", "NotAction"),
            resources: self.matches(statement, "Resource", "NotResource"),
            principals: principal
                .or(excluded)
                .map(|it| self.principals(&it.value))
                .unwrap_or_default(),
            excludes_principals: principal.is_none() && excluded.is_some(),
            conditions: statement
                .get("Condition")
                .map(|it| self.conditions(&it.value))
                .unwrap_or_default(),
            place: Place::new(self.place.file, span),
        }
    }

    fn matches(&self, statement: &json::Value, name: &str, negated: &str) -> Matches {
        let found = statement.get(name);
        let other = statement.get(negated);
        Matches {
            patterns: found.or(other).map(|it| self.values(&it.value)).unwrap_or_default(),
            is_negated: found.is_none() && other.is_some(),
        }
    }

    fn principals(&self, value: &json::Value) -> Vec<Principal> {
        if let Some(everybody) = value.as_str() {
            // `"Principal": "*"`, or something that is not known.
            let kind =
                if everybody.contains(UNKNOWN) { UNKNOWN.to_string() } else { "*".to_owned() };
            let id = self.value(value);
            let kind = Value::of(Text::produced_by(kind, id.span()));
            return vec![Principal { kind, id }];
        }
        let members = value.members().iter().filter(|member| !member.overridden);
        members
            .flat_map(|member| {
                let ids = self.values(&member.value).into_iter();
                ids.map(|id| Principal { kind: self.key(member), id })
            })
            .collect()
    }

    fn conditions(&self, value: &json::Value) -> Vec<Condition> {
        if value.as_str().is_some() {
            // All of it is not known.
            let unknown = self.value(value);
            let (operator, key) = (unknown.clone(), unknown.clone());
            return vec![Condition { operator, key, values: vec![unknown] }];
        }
        let operators = value.members().iter().filter(|member| !member.overridden);
        operators
            .flat_map(|operator| {
                let keys = operator.value.members().iter().filter(|member| !member.overridden);
                keys.map(move |key| Condition {
                    operator: self.key(operator),
                    key: self.key(key),
                    values: self.values(&key.value),
                })
            })
            .collect()
    }
}

impl PolicyEffect {
    /// What the word in a policy means.
    #[must_use]
    pub fn of(word: &str) -> Option<Self> {
        match word {
            "Allow" => Some(Self::Allow),
            "Deny" => Some(Self::Deny),
            _ => None,
        }
    }
}
