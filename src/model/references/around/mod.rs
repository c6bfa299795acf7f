//! What stands around a call that asks, and what becomes of its value: facts beside the reference
//! itself, which the rules about DAG code need.

mod caught;
mod outlet;
mod template;

use super::Operation;
use super::evaluate::values;
use super::names::Question;
use super::scope::{CallSite, Place, ScopeKind, Scopes, at};
use super::summary::Draft;
use super::value::Value;
use crate::hash::HashMap;
use crate::read::python::tree::{Expr, Stmt};
use crate::text::Span;

pub use caught::{Catches, Caught};
pub use outlet::{Outlet, Part, Way};
pub use template::AsTemplate;

/// What stands around a call that asks, and what becomes of its value.
#[derive(Clone, Debug, Default)]
pub struct Around {
    /// The handlers that the exceptions of the call meet, in the order in which they do. Those of
    /// functions that call the one it stands in are not known.
    pub caught: Vec<Caught>,
    /// Whether it stands in a loop or comprehension, and so may ask more than once.
    pub repeats: bool,
    /// How many turns the loops and comprehensions around it have together, as far as that is known.
    pub turns: Option<usize>,
    /// Where its value, or a part of it, is shown: in a log, or in a command line.
    pub outlets: Vec<Outlet>,
    /// How it can be written as a template instead, when its value is only handed to arguments of
    /// operators that are templates.
    pub as_template: Option<AsTemplate>,
}

/// Tells of each of `drafts` what stands around it.
pub(super) fn describe(scopes: &Scopes<'_>, body: &[Stmt], drafts: &mut [Draft]) {
    let numbers = calls(scopes, drafts);
    if numbers.is_empty() {
        return;
    }
    let tries = caught::Tries::new(scopes);
    for site in &scopes.calls {
        if let Some(draft) = numbers.get(&site.span).and_then(|at| drafts.get_mut(*at)) {
            draft.reference.around.caught = tries.around(scopes, site);
            draft.reference.around.repeats = repeats(scopes, site);
            draft.reference.around.turns = turns(scopes, site);
        }
    }
    for (number, outlet) in outlet::outlets(scopes, drafts, &numbers) {
        if let Some(draft) = drafts.get_mut(number) {
            draft.reference.around.outlets.push(outlet);
        }
    }
    template::describe(scopes, body, drafts);
}

/// The calls whose value is that of a reference: those that ask, and those that make a hook with the
/// id of a connection.
fn calls(scopes: &Scopes<'_>, drafts: &[Draft]) -> HashMap<Span, usize> {
    let by_span = |is_use: bool| -> HashMap<Span, usize> {
        let numbered = drafts.iter().map(|draft| &draft.reference).enumerate();
        let wanted = numbered.filter(|(_, it)| (it.operation == Operation::Use) == is_use);
        wanted.map(|(number, it)| (it.span, number)).collect()
    };
    let (mut calls, keywords) = (by_span(false), by_span(true));
    let is_hook = |site: &&CallSite<'_>| {
        site.call.function.last_name().is_some_and(|name| name.ends_with("Hook"))
    };
    for site in scopes.calls.iter().filter(is_hook) {
        let mut named = site.call.arguments.iter().filter_map(|arg| keywords.get(&arg.span));
        if let Some(number) = named.next() {
            calls.insert(site.span, *number);
        }
    }
    calls
}

fn repeats(scopes: &Scopes<'_>, site: &CallSite<'_>) -> bool {
    let is_comprehension = scopes
        .get(site.place.scope)
        .is_some_and(|scope| matches!(scope.kind, ScopeKind::Comprehension));
    is_comprehension || scopes.enclosing(site.place.block).any(|it| scopes.repeats(it).is_some())
}

/// How often the loops around a call repeat it, where that is known of one of them.
fn turns(scopes: &Scopes<'_>, site: &CallSite<'_>) -> Option<usize> {
    let turns_of = |(collection, place): (&Expr, Place)| {
        let found = values(&Question::new(scopes), collection, at(collection, place));
        let turns = found.iter().map(|value| match value {
            Value::List(elements) => Some(elements.len()),
            Value::Dict(items) => Some(items.len()),
            _ => None,
        });
        turns.collect::<Option<Vec<_>>>()?.into_iter().max()
    };
    scopes.loops(site.place.block).filter_map(turns_of).reduce(usize::saturating_mul)
}

#[cfg(test)]
mod tests;
