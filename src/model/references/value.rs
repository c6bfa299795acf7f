//! The keys that an expression may give: constants of the file, put together.

use super::format::{braces, percent};
use super::names::{Entity, Later, Question, Reaching};
use super::scope::{Binding, Bound, Place, ScopeId, at};
use super::{Key, KeyPart};
use crate::read::python::tree::{Call, Expr, ExprKind, FStringPart, Operator};
use crate::text::{Span, Text, TextBuilder};

/// More alternatives than this make a key dynamic.
const MAX_ALTERNATIVES: usize = 16;
/// A longer key is not followed.
pub(super) const MAX_LENGTH: usize = 4_096;

/// One value an expression may have.
#[derive(Clone)]
pub(super) enum Value {
    /// Text, with unknown parts or without.
    Parts(Vec<KeyPart>),
    /// A whole number, as it is written.
    Number(Text),
    /// `None`, or something else that is no text.
    Nothing,
}

impl Value {
    fn unknown() -> Self {
        Self::Parts(vec![KeyPart::Unknown])
    }

    pub(super) fn text(text: Text) -> Self {
        Self::Parts(vec![KeyPart::Known(text)])
    }
}

/// The key that `expr` gives at `place`; `None` when it is certain to be no text at all.
pub(super) fn key(question: &Question<'_, '_>, expr: &Expr, place: Place) -> Option<Key> {
    let mut keys: Vec<Key> = Vec::new();
    for value in values(question, expr, at(expr, place)) {
        let Value::Parts(parts) = value else { continue };
        let key = from_parts(parts, expr.span);
        if !keys.iter().any(|it| it.is_same(&key)) {
            keys.push(key);
        }
    }
    match keys.len() {
        0 => None,
        1 => keys.pop(),
        _ if keys.iter().all(|key| matches!(key, Key::Dynamic)) => Some(Key::Dynamic),
        _ => Some(Key::OneOf(keys)),
    }
}

fn values(question: &Question<'_, '_>, expr: &Expr, place: Place) -> Vec<Value> {
    let mut values = question
        .evaluate(expr, || values_here(question, expr, place))
        .unwrap_or_else(|| vec![Value::unknown()]);
    if values.len() > MAX_ALTERNATIVES {
        values = vec![Value::unknown()];
    }
    values
}

fn values_here(question: &Question<'_, '_>, expr: &Expr, place: Place) -> Vec<Value> {
    let value = |expr: &Expr| values(question, expr, place);
    match &expr.kind {
        ExprKind::Str(text) if text.expose().len() <= MAX_LENGTH => vec![Value::text(text.clone())],
        ExprKind::Number(digits)
            if digits.parse::<u64>().is_ok_and(|it| it.to_string() == *digits) =>
        {
            vec![Value::Number(Text::verbatim(digits, expr.span.start))]
        }
        ExprKind::FString(parts) => f_string(question, parts, place),
        ExprKind::Name(name) => match question.reaching(name, place, Later::All) {
            Reaching::Bound(bindings) => bound(question, &bindings),
            Reaching::Unknown | Reaching::Free(_) => vec![Value::unknown()],
        },
        ExprKind::Attribute(owner, name) => attribute(question, owner, &name.node, place),
        ExprKind::Binary(Operator::Add, left, right) => {
            joined([value(left), value(right)].into_iter())
        }
        ExprKind::Binary(Operator::Mod, left, right) => {
            let arguments = match &right.kind {
                ExprKind::Tuple(parts) => parts.iter().map(value).collect(),
                _ => vec![value(right)],
            };
            left.as_str().map_or_else(unknown, |text| percent(text, arguments))
        }
        ExprKind::Conditional(it) => {
            let mut both = value(&it.body);
            both.extend(value(&it.otherwise));
            both
        }
        // The last operand is taken as it is, the others only where they are true.
        ExprKind::Or(operands) => {
            let mut all: Vec<Value> = Vec::new();
            for (number, operand) in operands.iter().enumerate() {
                let is_last = number + 1 == operands.len();
                all.extend(value(operand).into_iter().filter(|it| is_last || !is_false(it)));
                if all.len() > MAX_ALTERNATIVES {
                    return unknown();
                }
            }
            all
        }
        ExprKind::Named(_, inner) => value(inner),
        ExprKind::Subscript(collection, index) => {
            subscript(question, collection, index, place).unwrap_or_else(unknown)
        }
        ExprKind::Call(it) => call(question, it, place),
        ExprKind::None
        | ExprKind::True
        | ExprKind::False
        | ExprKind::Number(_)
        | ExprKind::Bytes
        | ExprKind::Lambda(_) => vec![Value::Nothing],
        _ => unknown(),
    }
}

pub(super) fn unknown() -> Vec<Value> {
    vec![Value::unknown()]
}

/// The values as `str` shows them.
pub(super) fn shown(mut values: Vec<Value>) -> Vec<Value> {
    for value in &mut values {
        if let Value::Number(digits) = value {
            *value = Value::text(digits.clone());
        }
    }
    values
}

fn is_false(value: &Value) -> bool {
    match value {
        Value::Nothing => true,
        Value::Number(digits) => digits.expose() == "0",
        Value::Parts(parts) => parts
            .iter()
            .all(|part| matches!(part, KeyPart::Known(text) if text.expose().is_empty())),
    }
}

fn bound(question: &Question<'_, '_>, bindings: &[&Binding<'_>]) -> Vec<Value> {
    let mut all = Vec::new();
    for binding in bindings {
        match &binding.bound {
            Bound::Value(expr) => all.extend(values(question, expr, at(expr, binding.place))),
            Bound::Element(collection) => match literal(question, collection, binding.place) {
                Some((parts, place)) => {
                    all.extend(parts.iter().flat_map(|part| values(question, part, place)));
                }
                None => all.push(Value::unknown()),
            },
            Bound::Import(_) | Bound::Scope(_) | Bound::Itself(_) | Bound::Unknown => {
                all.push(Value::unknown());
            }
        }
        if all.len() > MAX_ALTERNATIVES {
            return unknown();
        }
    }
    all
}

/// The elements of a list, tuple or set that is written out, here or where its name is assigned;
/// of a dictionary its keys.
fn literal<'tree>(
    question: &Question<'_, 'tree>,
    expr: &'tree Expr,
    place: Place,
) -> Option<(Vec<&'tree Expr>, Place)> {
    question.deeper(|| match &expr.kind {
        ExprKind::List(parts) | ExprKind::Tuple(parts) | ExprKind::Set(parts) => {
            (parts.len() <= MAX_ALTERNATIVES).then(|| (parts.iter().collect(), at(expr, place)))
        }
        ExprKind::Dict(items) if items.len() <= MAX_ALTERNATIVES => {
            let keys: Option<Vec<_>> = items.iter().map(|(key, _)| key.as_ref()).collect();
            Some((keys?, at(expr, place)))
        }
        ExprKind::Name(name) => match question.reaching(name, at(expr, place), Later::All) {
            Reaching::Bound(bindings) => match bindings.as_slice() {
                [Binding { bound: Bound::Value(value), place, .. }] => {
                    literal(question, value, *place)
                }
                _ => None,
            },
            _ => None,
        },
        _ => None,
    })?
}

/// `owner.name`: a constant of a class, or of an enumeration with `.value`.
fn attribute(question: &Question<'_, '_>, owner: &Expr, name: &str, place: Place) -> Vec<Value> {
    if name == "value"
        && let ExprKind::Attribute(class, member) = &owner.kind
        && let Some(values) = constant(question, class, &member.node, place)
    {
        return values;
    }
    constant(question, owner, name, place).unwrap_or_else(unknown)
}

fn constant(
    question: &Question<'_, '_>,
    owner: &Expr,
    name: &str,
    place: Place,
) -> Option<Vec<Value>> {
    let mut all = Vec::new();
    for entity in question.entities(owner, at(owner, place)) {
        match entity {
            Entity::Class(class) => all.extend(class_constant(question, class, name)?),
            _ => return None,
        }
    }
    (!all.is_empty()).then_some(all)
}

fn class_constant(question: &Question<'_, '_>, class: ScopeId, name: &str) -> Option<Vec<Value>> {
    let constant = || {
        let scope = question.scopes.get(class)?;
        let bindings: Vec<_> = scope.bindings(name).iter().chain(scope.attribute(name)).collect();
        if !bindings.is_empty() {
            return Some(bound(question, &bindings));
        }
        question.bases(scope).into_iter().find_map(|base| match base {
            Entity::Class(base) => class_constant(question, base, name),
            _ => None,
        })
    };
    question.deeper(constant)?
}

/// `collection[index]` with both written out.
fn subscript(
    question: &Question<'_, '_>,
    collection: &Expr,
    index: &Expr,
    place: Place,
) -> Option<Vec<Value>> {
    let name = collection.as_name()?;
    let Reaching::Bound(bindings) = question.reaching(name, at(collection, place), Later::All)
    else {
        return None;
    };
    let [Binding { bound: Bound::Value(value), place, .. }] = bindings.as_slice() else {
        return None;
    };
    let element = match (&value.kind, &index.kind) {
        (ExprKind::Dict(items), ExprKind::Str(wanted)) => {
            items.iter().rev().find_map(|(key, it)| {
                let text = key.as_ref()?.as_str()?;
                (text.expose() == wanted.expose()).then_some(it)
            })
        }
        (ExprKind::List(parts) | ExprKind::Tuple(parts), ExprKind::Number(at)) => {
            at.parse().ok().and_then(|at: usize| parts.get(at))
        }
        _ => None,
    }?;
    Some(values(question, element, at(element, *place)))
}

/// Calls that make text of text.
fn call(question: &Question<'_, '_>, call: &Call, place: Place) -> Vec<Value> {
    let value = |expr: &Expr| values(question, expr, place);
    match &call.function.kind {
        ExprKind::Name(name) if name == "str" => {
            call.positional(0).map_or_else(unknown, |it| shown(value(&it.value)))
        }
        ExprKind::Attribute(text, method) => match method.node.as_str() {
            "upper" if call.arguments.is_empty() => mapped(value(text), str::to_uppercase),
            "lower" if call.arguments.is_empty() => mapped(value(text), str::to_lowercase),
            "strip" if call.arguments.is_empty() => mapped(value(text), |it| it.trim().to_owned()),
            "format" => text.as_str().map_or_else(unknown, |text| {
                let find = |name: &str, next: usize| {
                    let arg = if name.is_empty() {
                        call.positional(next)
                    } else if let Ok(at) = name.parse() {
                        call.positional(at)
                    } else {
                        call.keyword(name)
                    };
                    arg.map_or_else(unknown, |arg| shown(value(&arg.value)))
                };
                braces(text, find)
            }),
            "join" => {
                let parts = call.positional(0).map(|it| &it.value.kind);
                match (text.as_str(), parts) {
                    (Some(separator), Some(ExprKind::List(parts) | ExprKind::Tuple(parts))) => {
                        let mut pieces = Vec::new();
                        for (number, part) in parts.iter().enumerate() {
                            if number > 0 {
                                pieces.push(vec![Value::text(separator.clone())]);
                            }
                            pieces.push(value(part));
                        }
                        joined(pieces.into_iter())
                    }
                    _ => unknown(),
                }
            }
            _ => unknown(),
        },
        _ => unknown(),
    }
}

fn f_string(question: &Question<'_, '_>, parts: &[FStringPart], place: Place) -> Vec<Value> {
    joined(parts.iter().map(|part| match part {
        FStringPart::Literal(text) => vec![Value::text(text.clone())],
        FStringPart::Interpolation(it)
            if it.format.is_none() && !it.is_debug && matches!(it.conversion, None | Some('s')) =>
        {
            shown(values(question, &it.value, at(&it.value, place)))
        }
        FStringPart::Interpolation(_) => unknown(),
    }))
}

/// All combinations of the values, one after the other.
pub(super) fn joined(pieces: impl Iterator<Item = Vec<Value>>) -> Vec<Value> {
    let mut all: Vec<Vec<KeyPart>> = vec![Vec::new()];
    let mut length = 0;
    for piece in pieces {
        if all.len() * piece.len() > MAX_ALTERNATIVES {
            return unknown();
        }
        let mut next = Vec::with_capacity(all.len() * piece.len());
        for before in &all {
            for value in &piece {
                let mut parts = before.clone();
                match value {
                    Value::Parts(more) => parts.extend(more.iter().cloned()),
                    Value::Number(_) | Value::Nothing => parts.push(KeyPart::Unknown),
                }
                length += parts.iter().map(KeyPart::len).sum::<usize>();
                next.push(parts);
            }
        }
        if length > MAX_LENGTH * MAX_ALTERNATIVES {
            return unknown();
        }
        all = next;
    }
    all.into_iter().map(Value::Parts).collect()
}

/// Values whose every known part goes through `change`.
fn mapped(values: Vec<Value>, change: impl Fn(&str) -> String) -> Vec<Value> {
    let change = |part: KeyPart| match part {
        KeyPart::Known(text) => {
            KeyPart::Known(Text::produced_by(change(text.expose()), text.span()))
        }
        KeyPart::Unknown => KeyPart::Unknown,
    };
    values
        .into_iter()
        .map(|value| match value {
            Value::Parts(parts) => Value::Parts(parts.into_iter().map(change).collect()),
            Value::Number(_) | Value::Nothing => Value::unknown(),
        })
        .collect()
}

pub(super) fn append(builder: &mut TextBuilder, text: &Text, start: usize, end: usize) {
    for (offset, char) in text.expose().get(start..end).unwrap_or("").char_indices() {
        let at = start + offset;
        let shown = text.expose().get(at..at + char.len_utf8()).unwrap_or("");
        builder.push(shown, text.span_of(at..at + char.len_utf8()));
    }
}

/// A key of its parts; `span` is where the whole stands.
pub(super) fn from_parts(parts: Vec<KeyPart>, span: Span) -> Key {
    let mut merged: Vec<KeyPart> = Vec::new();
    for part in parts {
        match (merged.last_mut(), part) {
            (Some(KeyPart::Unknown), KeyPart::Unknown) => {}
            (Some(KeyPart::Known(before)), KeyPart::Known(text)) => {
                let mut builder = TextBuilder::default();
                append(&mut builder, before, 0, before.expose().len());
                append(&mut builder, &text, 0, text.expose().len());
                *before = builder.finish(span);
            }
            (Some(KeyPart::Unknown), KeyPart::Known(text)) if text.expose().is_empty() => {}
            (_, part) => merged.push(part),
        }
    }
    if merged.len() > 1 {
        merged.retain(|part| !matches!(part, KeyPart::Known(it) if it.expose().is_empty()));
    }
    match merged.as_slice() {
        [] => Key::Known(Text::produced_by("", span)),
        [KeyPart::Known(text)] if text.expose().len() <= MAX_LENGTH => Key::Known(text.clone()),
        [_] => Key::Dynamic,
        _ => Key::Pattern(merged),
    }
}
