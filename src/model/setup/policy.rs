//! Policies of AWS's IAM as they are written: statements with their places, and who has them.
//!
//! The shape is that of the policy language (AWS, "IAM JSON policy elements"): what may be one thing or
//! a list is a list here. Nothing is judged.

use super::json_text::{parse, string, text_of};
use crate::model::{FileId, Origin, Place};
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

impl Role {
    /// Whether it may be the role `other`: it has its name, or one that is not known.
    #[must_use]
    pub fn is_called(&self, other: &Self) -> bool {
        let (one, other) = (self.name.known(), other.name.known());
        one.zip(other).is_none_or(|(one, other)| one.expose() == other.expose())
    }
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

/// A policy document in whatever notation: a value with its place.
pub(super) trait Document: Copy {
    /// The value of the member `name` of an object.
    fn get(self, name: &str) -> Option<Self>;
    /// The members of an object; nothing for anything else.
    fn members(self) -> Vec<(Value, Self)>;
    /// The elements of a list, or the one value.
    fn elements(self) -> Vec<Self>;
    /// Whether it is an object, for certain.
    fn is_object(self) -> bool;
    /// Its text, as far as it is known.
    fn value(self) -> Value;
    /// Where it stands.
    fn place(self) -> Place;
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
        let Some((text, value)) = parse(text) else { return Self::unknown(place) };
        Self { place, ..Self::of(JsonDocument { text: &text, value: &value, file: place.file }) }
    }

    /// Reads a policy document.
    pub(super) fn of(document: impl Document) -> Self {
        let Some(statements) = document.get("Statement") else {
            return Self::unknown(document.place());
        };
        let (read, unread): (Vec<_>, Vec<_>) =
            statements.elements().into_iter().partition(|statement| statement.is_object());
        Self {
            statements: read.into_iter().map(Statement::of).collect(),
            is_complete: unread.is_empty(),
            place: document.place(),
        }
    }
}

impl Statement {
    fn of(statement: impl Document) -> Self {
        let effect = statement.get("Effect").map(Document::value);
        let principal = statement.get("Principal");
        let excluded = statement.get("NotPrincipal");
        Self {
            effect: effect
                .as_ref()
                .and_then(Value::known)
                .and_then(|effect| PolicyEffect::of(effect.expose())),
            actions: Matches::of(statement, "Action", "NotAction"),
            resources: Matches::of(statement, "Resource", "NotResource"),
            principals: principal.or(excluded).map(principals).unwrap_or_default(),
            excludes_principals: principal.is_none() && excluded.is_some(),
            conditions: statement.get("Condition").map(conditions).unwrap_or_default(),
            place: statement.place(),
        }
    }
}

impl Matches {
    fn of(statement: impl Document, name: &str, negated: &str) -> Self {
        let found = statement.get(name);
        let other = statement.get(negated);
        Self {
            patterns: found.or(other).map(values).unwrap_or_default(),
            is_negated: found.is_none() && other.is_some(),
        }
    }
}

fn values(of: impl Document) -> Vec<Value> {
    of.elements().into_iter().map(Document::value).collect()
}

fn principals(of: impl Document) -> Vec<Principal> {
    if !of.is_object() {
        // `"Principal": "*"`, or something that is not known.
        let id = of.value();
        let kind = if id.known().is_some() { "*".to_owned() } else { UNKNOWN.to_string() };
        let kind = Value::of(Text::produced_by(kind, id.span()));
        return vec![Principal { kind, id }];
    }
    let ids = |(kind, ids)| {
        let principal = move |id| Principal { kind: Value::clone(&kind), id };
        values(ids).into_iter().map(principal)
    };
    of.members().into_iter().flat_map(ids).collect()
}

fn conditions(of: impl Document) -> Vec<Condition> {
    if !of.is_object() {
        let unknown = of.value();
        let (operator, key) = (unknown.clone(), unknown.clone());
        return vec![Condition { operator, key, values: vec![unknown] }];
    }
    let mut conditions = Vec::new();
    for (operator, keys) in of.members() {
        let with = |(key, of)| Condition { operator: operator.clone(), key, values: values(of) };
        conditions.extend(keys.members().into_iter().map(with));
    }
    conditions
}

/// A policy document in JSON that is a text of a file.
#[derive(Clone, Copy)]
struct JsonDocument<'a> {
    text: &'a Text,
    value: &'a json::Value,
    file: FileId,
}

impl Document for JsonDocument<'_> {
    fn get(self, name: &str) -> Option<Self> {
        Some(Self { value: &self.value.get(name)?.value, ..self })
    }

    fn members(self) -> Vec<(Value, Self)> {
        let members = self.value.members().iter().filter(|member| !member.overridden);
        let member = |member: &'_ json::Member| {
            let key = string(self.text, member.key.span, &member.key.node);
            Value::of(key)
        };
        members.map(|it| (member(it), Self { value: &it.value, ..self })).collect()
    }

    fn elements(self) -> Vec<Self> {
        match &self.value.kind {
            json::Kind::Array(elements) => {
                elements.iter().map(|value| Self { value, ..self }).collect()
            }
            _ => vec![self],
        }
    }

    fn is_object(self) -> bool {
        matches!(self.value.kind, json::Kind::Object(_))
    }

    fn value(self) -> Value {
        Value::of(text_of(self.text, self.value))
    }

    fn place(self) -> Place {
        let span = self.value.span;
        Place::new(self.file, self.text.span_of(span.start..span.end))
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
