//! When the code of a file runs: while Airflow parses the file, or later in a task.
//!
//! Module level runs on every parse, and with it class bodies, decorators, default arguments, and
//! the functions called from there, whatever their decorator, except tasks: calling a task only
//! makes one. A function that is handed to something (`python_callable`, a callback) runs later.

use std::collections::{HashMap, HashSet};

use super::Timing;
use super::names::{Entity, Question};
use super::scope::{Place, ScopeId, ScopeKind, Scopes};
use crate::read::python::tree::{Expr, ExprKind};

/// Methods that Airflow calls when a task runs.
const RUN_METHODS: &[&str] = &[
    "execute",
    "poke",
    "run",
    "pre_execute",
    "post_execute",
    "execute_complete",
    "on_kill",
    "get_conn",
];

/// Methods that making an instance calls.
const MAKING: &[&str] = &["__new__", "__init__", "__post_init__"];

/// Which functions run while the file is parsed, and which in a task.
pub(super) struct Timings {
    parse: HashSet<ScopeId>,
    run: HashSet<ScopeId>,
}

impl Timings {
    pub(super) fn new(scopes: &Scopes<'_>) -> Self {
        let tasks: HashSet<ScopeId> =
            scopes.all().filter(|(_, scope)| is_task(scope.kind)).map(|(id, _)| id).collect();
        let calls = calls(scopes);

        let at_import = calls.get(&None).cloned().unwrap_or_default();
        let parse = reached(at_import, &calls, &|it| !tasks.contains(&it));

        let mut later: Vec<ScopeId> = tasks.into_iter().collect();
        later.extend(scopes.all().filter(|(_, it)| runs_later(it.kind)).map(|(id, _)| id));
        later.extend(handed_on(scopes));
        let run = reached(later, &calls, &|_| true);
        Self { parse, run }
    }

    /// When the code at `place` runs. What runs both on parsing and later counts as the former.
    pub(super) fn of(&self, scopes: &Scopes<'_>, place: Place) -> Timing {
        if scopes.is_never(place.block) {
            return Timing::Never;
        }
        match scopes.owner(place.scope) {
            None => Timing::Parse,
            Some(owner) if self.parse.contains(&owner) => Timing::Parse,
            Some(owner) if self.run.contains(&owner) => Timing::Run,
            Some(_) => Timing::Unknown,
        }
    }
}

/// Which functions the code of a function (`None`: of the module) calls.
type Calls = HashMap<Option<ScopeId>, Vec<ScopeId>>;

fn calls(scopes: &Scopes<'_>) -> Calls {
    let mut calls = Calls::new();
    let called = scopes.calls.iter().map(|site| (&site.call.function, site.place));
    for (function, place) in called.chain(scopes.decorators.iter().copied()) {
        if scopes.is_never(place.block) {
            continue;
        }
        let callees = calls.entry(scopes.owner(place.scope)).or_default();
        for entity in Question::new(scopes).entities(function, place) {
            match entity {
                Entity::Function(function) => callees.push(function),
                Entity::Class(class) => {
                    for method in MAKING {
                        let making = Question::new(scopes).member(class, method);
                        callees.extend(making.into_iter().filter_map(|it| match it {
                            Entity::Function(function) => Some(function),
                            _ => None,
                        }));
                    }
                }
                Entity::Path(_) => {}
            }
        }
    }
    calls
}

/// The functions that `from` leads to by calls, those of `from` included.
fn reached(from: Vec<ScopeId>, calls: &Calls, runs: &dyn Fn(ScopeId) -> bool) -> HashSet<ScopeId> {
    let mut reached = HashSet::new();
    let mut next = from;
    while let Some(function) = next.pop() {
        if runs(function) && reached.insert(function) {
            next.extend(calls.get(&Some(function)).into_iter().flatten());
        }
    }
    reached
}

/// The functions that are named without being called.
fn handed_on(scopes: &Scopes<'_>) -> Vec<ScopeId> {
    let defined: HashSet<&str> = scopes
        .all()
        .filter_map(|(_, scope)| match scope.kind {
            ScopeKind::Function(function) => Some(function.name.node.as_str()),
            _ => None,
        })
        .collect();
    let aliases: HashSet<&str> = scopes.all().flat_map(|(_, scope)| scope.names()).collect();
    let mut handed_on = Vec::new();
    for (expr, place) in &scopes.mentions {
        let candidate = match &expr.kind {
            ExprKind::Name(name) => aliases.contains(name.as_str()),
            ExprKind::Attribute(_, name) => defined.contains(name.node.as_str()),
            _ => false,
        };
        if candidate && !scopes.is_never(place.block) {
            let entities = Question::new(scopes).entities(expr, *place);
            handed_on.extend(entities.into_iter().filter_map(|entity| match entity {
                Entity::Function(function) => Some(function),
                _ => None,
            }));
        }
    }
    handed_on
}

/// A lambda is made to be called by something else; so are the methods of operators.
fn runs_later(kind: ScopeKind<'_>) -> bool {
    match kind {
        ScopeKind::Lambda => true,
        ScopeKind::Function(function) => RUN_METHODS.contains(&function.name.node.as_str()),
        _ => false,
    }
}

/// Whether a function is decorated as a task: `@task`, `@task.branch(…)`, `@dag.task`, `@setup`,
/// under whatever import, since nothing else in DAG code goes by these names.
pub(super) fn is_task(kind: ScopeKind<'_>) -> bool {
    let ScopeKind::Function(function) = kind else { return false };
    function.decorators.iter().any(|decorator| {
        let called = match &decorator.kind {
            ExprKind::Call(call) => &call.function,
            _ => decorator,
        };
        names_task(called)
    })
}

pub(super) fn names_task(expr: &Expr) -> bool {
    expr.dotted().is_some_and(|name| {
        name.split('.').any(|part| matches!(part, "task" | "setup" | "teardown"))
    })
}
