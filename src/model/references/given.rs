//! What the calls of a file give to functions and classes of the project, and what is handed on.

use std::collections::HashSet;

use super::definitions::callee;
use super::evaluate::{self, arguments};
use super::names::{Entity, Question};
use super::scope::{Place, ScopeKind, Scopes, at};
use super::summary::{CallFacts, Owner, Summary, owner};
use super::value::{Arguments, Step, Value, stepped};
use crate::read::python::tree::{Call, Expr, ExprKind};

/// How many values the arguments of all calls of a file may hold before they are forgotten.
const MAX_GIVEN: usize = 100_000;

/// What is called, with which arguments, and what is handed on to be called later.
pub(super) fn calls(scopes: &Scopes<'_>, summary: &mut Summary) {
    let mut kept = 0;
    for site in &scopes.calls {
        let question = Question::new(scopes);
        let owner = owner(scopes, site.place);
        for entity in question.entities(&site.call.function, site.place) {
            let Some(callee) = callee(scopes, entity) else { continue };
            let mut given = arguments(&question, site.call, site.place);
            match site.call.function.last_name() {
                Some("expand") => given.each(),
                Some("override" | "expand_kwargs") => given.more = true,
                _ => {}
            }
            kept += given.values().map(Value::weight).sum::<usize>();
            if kept > MAX_GIVEN {
                given = Arguments { more: true, ..Arguments::default() };
            }
            summary.calls.push(CallFacts { callee, arguments: given, owner });
        }
        if owner != Owner::Nobody {
            handed_over(scopes, site.call, site.place, summary);
        }
    }
    for (decorator, place) in &scopes.decorators {
        let owner = owner(scopes, *place);
        for entity in Question::new(scopes).entities(decorator, *place) {
            let Some(callee) = callee(scopes, entity) else { continue };
            let arguments = Arguments { more: true, ..Arguments::default() };
            summary.calls.push(CallFacts { callee, arguments, owner });
        }
    }
    let defined: HashSet<&str> = scopes
        .all()
        .filter_map(|(_, scope)| match scope.kind {
            ScopeKind::Function(function) => Some(function.name.node.as_str()),
            _ => None,
        })
        .collect();
    let named: HashSet<&str> = scopes.all().flat_map(|(_, scope)| scope.names()).collect();
    for (expr, place) in &scopes.mentions {
        let candidate = match &expr.kind {
            ExprKind::Name(name) => named.contains(name.as_str()),
            ExprKind::Attribute(owner, name) => {
                defined.contains(name.node.as_str()) || owner.as_name().is_some()
            }
            _ => false,
        };
        if candidate && !scopes.is_never(place.block) {
            let entities = Question::new(scopes).entities(expr, *place);
            let functions = entities.into_iter().filter(|it| !matches!(it, Entity::Class(_)));
            summary.handed_on.extend(functions.filter_map(|it| callee(scopes, it)));
        }
    }
}

/// Functions given to a call together with their arguments: `python_callable=f, op_kwargs={…}`,
/// `functools.partial(f, …)`. They run later, which their mention says; here they get arguments.
fn handed_over(scopes: &Scopes<'_>, call: &Call, place: Place, summary: &mut Summary) {
    let question = Question::new(scopes);
    let values = |expr: &Expr| evaluate::values(&question, expr, at(expr, place));
    let (function, given) = if let Some(function) = call.keyword("python_callable") {
        let mut given = Arguments::default();
        if let Some(kwargs) = call.keyword("op_kwargs") {
            given.more |= !evaluate::spread(&mut given.keyword, values(&kwargs.value));
        }
        if let Some(args) = call.keyword("op_args") {
            match values(&args.value).as_slice() {
                [Value::List(elements)] => given.positional.clone_from(elements),
                _ => given.more = true,
            }
        }
        (&function.value, given)
    } else if call.function.last_name() == Some("partial")
        && let Some(function) = call.positional(0)
    {
        let mut given = arguments(&question, call, place);
        given.positional = given.positional.into_iter().skip(1).collect();
        (&function.value, given)
    } else {
        return;
    };
    for entity in question.entities(function, at(function, place)) {
        let Some(callee) = callee(scopes, entity) else { continue };
        // Nobody calls it here: the mention says when it runs.
        let arguments = given.clone();
        summary.calls.push(CallFacts { callee, arguments, owner: Owner::Nobody });
    }
}

impl Arguments {
    /// The elements of each argument, as `expand` hands them on.
    fn each(&mut self) {
        for (_, values) in &mut self.keyword {
            *values = stepped(values, &Step::Each);
        }
    }
}
