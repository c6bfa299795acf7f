//! Whether an expression that may be several things is each of them in turn: by a loop or a comprehension, and
//! not by a choice. Where that cannot be told it counts as a choice.

use super::evaluate::{inside, of_bound, values};
use super::names::{Later, Question, Reaching};
use super::scope::{Bound, Place, at};
use super::value::Value;
use crate::read::python::tree::{Expr, ExprKind, FStringPart, Operator};

/// Whether `expr` is one thing, or each of several in turn.
pub(super) fn is_each(question: &Question<'_, '_>, expr: &Expr, place: Place) -> bool {
    question.deeper(|| is_each_here(question, expr, at(expr, place))).unwrap_or(false)
}

fn is_each_here(question: &Question<'_, '_>, expr: &Expr, place: Place) -> bool {
    let count = |expr: &Expr| values(question, expr, at(expr, place)).len();
    let all = count(expr);
    if all < 2 {
        return true;
    }
    let parts: Vec<&Expr> = match &expr.kind {
        ExprKind::Name(name) => {
            let Reaching::Bound(bindings) = question.reaching(name, place, Later::All) else {
                return false;
            };
            let [binding] = bindings.as_slice() else { return false };
            let scopes = question.scopes;
            let mut between =
                scopes.enclosing(place.block).take_while(|it| Some(*it) != binding.block);
            let is_element = !matches!(binding.bound, Bound::Value(_));
            let own = binding.block.filter(|_| is_element);
            return !between.any(|it| scopes.may_be_left_out(it))
                && !own.is_some_and(|it| scopes.may_be_left_out(it))
                && is_each_bound(question, &binding.bound, binding.place, expr);
        }
        ExprKind::FString(parts) => parts
            .iter()
            .filter_map(|part| match part {
                FStringPart::Interpolation(it) => Some(&it.value),
                FStringPart::Literal(_) => None,
            })
            .collect(),
        ExprKind::Binary(Operator::Add | Operator::Mod, left, right) => vec![left, right],
        ExprKind::Subscript(collection, index) => vec![collection, index],
        ExprKind::Attribute(owner, _) => vec![owner],
        ExprKind::Call(call) => {
            let given = call.arguments.iter().map(|it| &it.value);
            let owner = match &call.function.kind {
                ExprKind::Attribute(owner, _) => Some(&**owner),
                _ => None,
            };
            owner.into_iter().chain(given).collect()
        }
        ExprKind::Named(_, inner) | ExprKind::Starred(inner) => vec![inner],
        _ => return false,
    };
    let several: Vec<&Expr> = parts.into_iter().filter(|part| count(part) > 1).collect();
    let is_whole = if let [only] = several.as_slice() {
        count(only) == all
    } else {
        // Of two that change, not every combination need come up, but each turn does.
        let turns = question.choices.each(|| values(question, expr, at(expr, place)).len());
        turns.iter().all(|turn| *turn == 1)
    };
    is_whole && several.iter().all(|it| is_each(question, it, place))
}

fn is_list(values: &[Value]) -> bool {
    matches!(values, [Value::List(_)])
}

fn is_each_bound(
    question: &Question<'_, '_>,
    bound: &Bound<'_>,
    place: Place,
    name: &Expr,
) -> bool {
    match bound {
        Bound::Value(value) => is_each(question, value, place),
        Bound::Element(collection) => gives_each(question, collection, place),
        Bound::Part(whole, _) => {
            let count = |bound| of_bound(question, bound, place, name).len();
            count(bound) == count(whole) && is_each_bound(question, whole, place, name)
        }
        _ => false,
    }
}

/// Whether the elements of `collection` are all that its values hold.
pub(super) fn gives_each(question: &Question<'_, '_>, collection: &Expr, place: Place) -> bool {
    let place = at(collection, place);
    match &collection.kind {
        ExprKind::Comprehension(it) if !is_list(&values(question, collection, place)) => {
            let is_whole = it.generators.iter().all(|it| it.conditions.is_empty());
            let [element] = it.elements.as_slice() else { return false };
            return is_whole
                && inside(question, it).is_some_and(|inside| is_each(question, element, inside));
        }
        ExprKind::Name(name) => {
            if let Reaching::Bound(bindings) = question.reaching(name, place, Later::All)
                && let [binding] = bindings.as_slice()
                && let Bound::Value(value) = &binding.bound
            {
                let gives = || gives_each(question, value, binding.place);
                return question.deeper(gives).unwrap_or(false);
            }
        }
        _ => {}
    }
    let is_whole = |value: &Value| match value {
        Value::List(elements) => elements.iter().all(|it| it.len() == 1),
        Value::Dict(items) => items.iter().all(|(key, _)| key.is_some()),
        value => value.is_open(),
    };
    is_each(question, collection, place) && values(question, collection, place).iter().all(is_whole)
}
