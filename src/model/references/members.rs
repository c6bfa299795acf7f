//! Members of enumerations, which are texts or not.

use super::value::{Value, unknown};
use crate::text::Text;

/// A member of an enumeration.
#[derive(Clone, Debug)]
pub(super) struct Member {
    /// The class and the member: what `str` makes of it.
    pub(super) shown: Text,
    /// What it stands for.
    pub(super) values: Vec<Value>,
    pub(super) kind: MemberKind,
}

/// What a member of an enumeration is as a text. Python 3.8 to 3.13.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum MemberKind {
    /// None: `class E(Enum)`.
    Plain,
    /// Its value; but `str` shows the member, and from Python 3.11 on so does an f-string:
    /// `class E(str, Enum)`.
    Mixed,
    /// Its value, shown as such too: `class E(StrEnum)`.
    Text,
    /// Its value or anything else: the class derives from one that this file does not hold.
    Unsure,
}

/// The values as `str` shows them.
pub(super) fn shown(values: Vec<Value>) -> Vec<Value> {
    as_text(values, |member| match member.kind {
        MemberKind::Plain | MemberKind::Mixed => vec![Value::text(member.shown.clone())],
        MemberKind::Text | MemberKind::Unsure => member.text(),
    })
}

/// The values as an f-string and `format` show them, and as backends put them into names.
pub(super) fn formatted(values: Vec<Value>) -> Vec<Value> {
    as_text(values, |member| match member.kind {
        MemberKind::Plain => vec![Value::text(member.shown.clone())],
        MemberKind::Mixed => {
            let mut both = member.text();
            both.push(Value::text(member.shown.clone()));
            both
        }
        MemberKind::Text | MemberKind::Unsure => member.text(),
    })
}

/// The values as an argument that backends take for a key.
pub(super) fn asked_for(values: Vec<Value>) -> Vec<Value> {
    values
        .into_iter()
        .flat_map(|value| match value {
            Value::Member(it) if it.kind == MemberKind::Plain => unknown(),
            Value::Member(_) => formatted(vec![value]),
            other => vec![other],
        })
        .collect()
}

fn as_text(values: Vec<Value>, of_member: impl Fn(&Member) -> Vec<Value>) -> Vec<Value> {
    values
        .into_iter()
        .flat_map(|value| match value {
            Value::Number(digits) => vec![Value::text(digits)],
            Value::Member(member) => of_member(&member),
            other => vec![other],
        })
        .collect()
}

impl Member {
    /// The member where text is needed: joined, or changed by a method of text.
    pub(super) fn text(&self) -> Vec<Value> {
        match self.kind {
            MemberKind::Plain => unknown(),
            MemberKind::Mixed | MemberKind::Text => self.values.clone(),
            MemberKind::Unsure => [self.values.clone(), unknown()].concat(),
        }
    }

    pub(super) fn name(&self) -> Value {
        let name = self.shown.expose().rsplit('.').next().unwrap_or("");
        Value::text(Text::produced_by(name, self.shown.span()))
    }
}
