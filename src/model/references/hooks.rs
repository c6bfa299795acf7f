//! Where the hooks that a file makes are used. Making one asks for nothing; its methods ask for the
//! connection that it was given.

use super::names::{Entity, Question};
use super::origins::{Origin, origins_of};
use super::scope::{Bound, MODULE, Place, ScopeId, Scopes, at};
use super::summary::{Owner, owner};
use crate::hash::HashMap;
use crate::read::python::tree::{Call, Expr, ExprKind};
use crate::text::Span;

/// Properties of hooks that connect when they are read.
const CONNECTING: &[&str] = &["conn", "connection", "client", "resource", "sqlalchemy_url"];

/// By the call that makes a hook what runs the code that uses it.
pub(super) fn uses(scopes: &Scopes<'_>) -> HashMap<Span, Vec<Owner>> {
    let mut uses: HashMap<Span, Vec<Owner>> = HashMap::default();
    if !makes_any(scopes) {
        return uses;
    }
    for (hook, place) in used(scopes) {
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

/// By the call that makes a hook the names by which other files may come to it: of the module that
/// holds it, or of the function that returns it.
pub(super) fn holders(scopes: &Scopes<'_>) -> HashMap<Span, Vec<String>> {
    let mut holders: HashMap<Span, Vec<String>> = HashMap::default();
    if !makes_any(scopes) {
        return holders;
    }
    let Some(module) = scopes.get(MODULE) else { return holders };
    for name in module.names() {
        for binding in module.bindings(name) {
            let spans = match &binding.bound {
                Bound::Value(value) => made(scopes, value, binding.place),
                Bound::Scope(function) => returned(scopes, *function),
                _ => Vec::new(),
            };
            for span in spans {
                holders.entry(span).or_default().push(name.to_owned());
            }
        }
    }
    holders
}

/// The dotted paths of what may be a hook of another file, or a function that returns one, each with what
/// runs the code that uses it.
pub(super) fn elsewhere(scopes: &Scopes<'_>) -> Vec<(String, Owner)> {
    let mut found = Vec::new();
    if !scopes.imports.iter().any(|(path, _)| scopes.locals.hold(path)) {
        return found;
    }
    let question = Question::new(scopes);
    for (hook, place) in used(scopes) {
        let by = owner(scopes, place);
        if by == Owner::Nobody {
            continue;
        }
        for origin in origins_of(&question, hook, place) {
            match origin {
                Origin::Elsewhere(path) => found.push((path, by)),
                Origin::Here(Expr { kind: ExprKind::Call(call), .. }, place) => {
                    for entity in Question::new(scopes).entities(&call.function, place) {
                        if let Entity::Path(path) = entity
                            && scopes.locals.hold(&path)
                        {
                            found.push((path, by));
                        }
                    }
                }
                Origin::Here(..) | Origin::Callers(..) => {}
            }
        }
    }
    found
}

fn makes_any(scopes: &Scopes<'_>) -> bool {
    scopes.calls.iter().any(|site| makes_hook(site.call))
}

/// What methods are called of, and what connects when it is read.
fn used<'a, 'tree>(scopes: &'a Scopes<'tree>) -> impl Iterator<Item = (&'tree Expr, Place)> + 'a {
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
    methods.chain(properties)
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
            found.extend(returned(scopes, function));
        }
    }
    found
}

/// The calls that make the hooks that a function returns.
fn returned(scopes: &Scopes<'_>, function: ScopeId) -> Vec<Span> {
    let question = Question::new(scopes);
    let mut found = Vec::new();
    for (value, place) in scopes.returned.get(&function).into_iter().flatten() {
        for origin in origins_of(&question, value, *place) {
            if let Origin::Here(made @ Expr { kind: ExprKind::Call(call), .. }, _) = origin
                && makes_hook(call)
            {
                found.push(made.span);
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
