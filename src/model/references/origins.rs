//! What makes a value: the expression behind a name, or another file.

use super::names::{Entity, Later, Question, Reaching};
use super::scope::{Binding, Bound, Place, ScopeId, at};
use super::value::MAX_ALTERNATIVES;
use crate::hash::HashSet;
use crate::read::python::tree::{Expr, ExprKind, Operator};

/// How far a value is followed from name to name.
const MAX_HOPS: usize = 16;

/// How many bindings are looked at for one value: members of what is bound in a circle have no end.
const MAX_STEPS: usize = 2000;

/// What makes a value.
pub(super) enum Origin<'tree> {
    /// An expression of this file.
    Here(&'tree Expr, Place),
    /// Another file: what this dotted path leads to.
    Elsewhere(String),
    /// The callers of a function, by the parameter at this position.
    Callers(ScopeId, usize),
}

/// The expressions that make what `expr` is at `place`: a list, a dictionary, an instance.
pub(super) fn origins<'tree>(
    question: &Question<'_, 'tree>,
    expr: &Expr,
    place: Place,
) -> Vec<Origin<'tree>> {
    let mut walk = Walk::default();
    follow(question, expr, at(expr, place), 0, &mut walk);
    walk.found
}

/// The same, also of an expression that makes one itself.
pub(super) fn origins_of<'tree>(
    question: &Question<'_, 'tree>,
    expr: &'tree Expr,
    place: Place,
) -> Vec<Origin<'tree>> {
    let mut walk = Walk::default();
    made(question, expr, at(expr, place), 0, &mut walk);
    walk.found
}

/// What was found so far, and what was followed already: names that are bound in a circle, as in a loop, lead
/// to nothing new.
#[derive(Default)]
struct Walk<'tree> {
    found: Vec<Origin<'tree>>,
    seen: HashSet<(*const Expr, Place)>,
    steps: usize,
}

fn follow<'tree>(
    question: &Question<'_, 'tree>,
    expr: &Expr,
    place: Place,
    hops: usize,
    walk: &mut Walk<'tree>,
) {
    if hops >= MAX_HOPS || walk.found.len() >= MAX_ALTERNATIVES {
        return;
    }
    let scopes = question.scopes;
    match &expr.kind {
        ExprKind::Name(name) => match question.reaching(name, place, Later::All) {
            Reaching::Bound(bindings) => {
                for binding in bindings {
                    bound(question, &binding.bound, binding.place, hops, walk);
                }
            }
            Reaching::Free(stars) => {
                let stars = stars.into_iter().filter(|module| scopes.locals.hold(module));
                let paths = stars.map(|module| format!("{module}.{name}"));
                walk.found.extend(paths.map(Origin::Elsewhere));
            }
            Reaching::Unknown => {}
        },
        ExprKind::Attribute(owner, name) => {
            for entity in question.entities(owner, place) {
                match entity {
                    Entity::Class(class) => {
                        let Some(scope) = scopes.get(class) else { continue };
                        let own = scope.bindings(&name.node).iter();
                        for Binding { bound: it, place, .. } in
                            own.chain(scope.attribute(&name.node))
                        {
                            bound(question, it, *place, hops, walk);
                        }
                    }
                    Entity::Path(path) if scopes.locals.hold(&path) => {
                        walk.found.push(Origin::Elsewhere(format!("{path}.{}", name.node)));
                    }
                    _ => {}
                }
            }
        }
        ExprKind::Subscript(owner, index) => {
            let steps = walk.steps;
            let mut outer = Walk { steps, ..Walk::default() };
            follow(question, owner, at(owner, place), hops + 1, &mut outer);
            walk.steps = outer.steps;
            for origin in outer.found {
                let Origin::Here(Expr { kind: ExprKind::Dict(items), .. }, place) = origin else {
                    continue;
                };
                let Some(wanted) = index.as_str() else { continue };
                let is_it =
                    |key: &Expr| key.as_str().is_some_and(|key| key.expose() == wanted.expose());
                for (_, value) in items.iter().filter(|(key, _)| key.as_ref().is_some_and(is_it)) {
                    made(question, value, place, hops + 1, walk);
                }
            }
        }
        _ => {}
    }
}

fn bound<'tree>(
    question: &Question<'_, 'tree>,
    bound: &Bound<'tree>,
    place: Place,
    hops: usize,
    walk: &mut Walk<'tree>,
) {
    if let Bound::Value(expr) | Bound::Grown(expr, ..) | Bound::Element(expr) = bound
        && !walk.seen.insert((std::ptr::from_ref(*expr), place))
    {
        return;
    }
    walk.steps += 1;
    if walk.steps > MAX_STEPS {
        return;
    }
    match bound {
        Bound::Value(value) => made(question, value, place, hops + 1, walk),
        Bound::Grown(target, ..) => {
            follow(question, target, at(target, place), hops + 1, walk);
        }
        Bound::Element(Expr { kind: ExprKind::List(parts) | ExprKind::Tuple(parts), .. }) => {
            for part in parts {
                made(question, part, place, hops + 1, walk);
            }
        }
        Bound::Import(path) if question.scopes.locals.hold(path) => {
            walk.found.push(Origin::Elsewhere(path.clone()));
        }
        Bound::Parameter(function, number) => {
            walk.found.push(Origin::Callers(*function, *number));
        }
        _ => {}
    }
}

fn made<'tree>(
    question: &Question<'_, 'tree>,
    expr: &'tree Expr,
    place: Place,
    hops: usize,
    walk: &mut Walk<'tree>,
) {
    match &expr.kind {
        ExprKind::Name(_) | ExprKind::Attribute(..) | ExprKind::Subscript(..) => {
            follow(question, expr, at(expr, place), hops, walk);
        }
        ExprKind::Conditional(it) if hops < MAX_HOPS => {
            made(question, &it.body, place, hops + 1, walk);
            made(question, &it.otherwise, place, hops + 1, walk);
        }
        ExprKind::Or(parts) if hops < MAX_HOPS => {
            for part in parts {
                made(question, part, place, hops + 1, walk);
            }
        }
        ExprKind::Named(_, value) if hops < MAX_HOPS => {
            made(question, value, place, hops + 1, walk);
        }
        ExprKind::List(_)
        | ExprKind::Set(_)
        | ExprKind::Dict(_)
        | ExprKind::Call(_)
        | ExprKind::Comprehension(_)
        | ExprKind::Binary(Operator::Add | Operator::BitOr, ..) => {
            walk.found.push(Origin::Here(expr, at(expr, place)));
        }
        _ => {}
    }
}
