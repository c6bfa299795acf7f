//! Where the hooks that a file makes are used. Making one asks for nothing; its methods ask for the
//! connection that it was given.

use std::collections::HashMap;

use super::names::{Entity, Question};
use super::origins::{Origin, origins_of};
use super::scope::{Place, Scopes, at};
use super::summary::{Owner, owner};
use crate::read::python::tree::{Call, Expr, ExprKind};
use crate::text::Span;

/// Properties of hooks that connect when they are read.
const CONNECTING: &[&str] = &["conn", "connection", "client", "resource", "sqlalchemy_url"];

/// By the call that makes a hook what runs the code that uses it.
pub(super) fn uses(scopes: &Scopes<'_>) -> HashMap<Span, Vec<Owner>> {
    let mut uses: HashMap<Span, Vec<Owner>> = HashMap::new();
    if !scopes.calls.iter().any(|site| makes_hook(site.call)) {
        return uses;
    }
    let methods = scopes.calls.iter().filter_map(|site| match &site.call.function.kind {
        ExprKind::Attribute(hook, _) => Some((&**hook, site.place)),
        _ => None,
    });
    let read = scopes.mentions.iter().chain(&scopes.receivers);
    let properties = read.filter_map(|(expr, place)| match &expr.kind {
        ExprKind::Attribute(hook, name) if CONNECTING.contains(&name.node.as_str()) => {
            Some((&**hook, *place))
        }
        _ => None,
    });
    for (hook, place) in methods.chain(properties) {
        let by = owner(scopes, place);
        for span in made(scopes, hook, place) {
            let owners = uses.entry(span).or_default();
            if by != Owner::Nobody && !owners.contains(&by) {
                owners.push(by);
            }
        }
    }
    uses
}

/// The calls that make the hook that `expr` is, here or in a function that returns it.
fn made<'tree>(scopes: &Scopes<'tree>, expr: &'tree Expr, place: Place) -> Vec<Span> {
    let question = Question::new(scopes);
    let mut found = Vec::new();
    for origin in origins_of(&question, expr, place) {
        let Origin::Here(made @ Expr { kind: ExprKind::Call(call), .. }, place) = origin else {
            continue;
        };
        if makes_hook(call) {
            found.push(made.span);
            continue;
        }
        for entity in question.entities(&call.function, at(&call.function, place)) {
            let Entity::Function(function) = entity else { continue };
            for (value, place) in scopes.returned.get(&function).into_iter().flatten() {
                for origin in origins_of(&question, value, *place) {
                    if let Origin::Here(made @ Expr { kind: ExprKind::Call(call), .. }, _) = origin
                        && makes_hook(call)
                    {
                        found.push(made.span);
                    }
                }
            }
        }
    }
    found
}

/// Whether a call makes a hook, going by the name of the class.
fn makes_hook(call: &Call) -> bool {
    call.function
        .last_name()
        .is_some_and(|name| name.ends_with("Hook") && name.starts_with(char::is_uppercase))
}
