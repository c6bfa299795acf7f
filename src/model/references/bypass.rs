//! Code that asks a secrets service itself, without Airflow: a backend class made by hand, or a
//! client of the service.

use super::Key;
use super::evaluate;
use super::names::{Entity, Question};
use super::program::Program;
use super::scope::{CallSite, Scopes, at};
use super::settle::settled_key;
use super::summary::{Owner, owner};
use super::value::Value;
use crate::facts::{self, AIRFLOW, ClientCall};
use crate::model::{FileId, Place};
use crate::read::python::tree::{Expr, ExprKind};
use crate::text::Span;

/// A call that asks a secrets service without Airflow.
#[derive(Clone, Debug)]
pub struct Bypass {
    /// What asks.
    pub by: BypassedBy,
    /// The file.
    pub file: FileId,
    /// The call.
    pub span: Span,
    /// What is called, as written.
    pub callee: String,
}

/// What asks a secrets service.
#[derive(Clone, Debug)]
pub enum BypassedBy {
    /// An instance of a backend's class.
    Backend(&'static facts::Backend),
    /// A client of the service.
    Client {
        /// The backend that asks the same service.
        backend: &'static str,
        /// The name of the secret, whole or as the client takes it.
        name: Key,
        /// The expression that gives it.
        name_span: Span,
    },
}

impl Bypass {
    /// The place of the call.
    #[must_use]
    pub const fn place(&self) -> Place {
        Place::new(self.file, self.span)
    }
}

/// A call whose name may depend on other files.
#[derive(Debug)]
pub(super) struct Draft {
    bypass: Bypass,
    /// What the name may be; of a backend's class nothing.
    pub(super) values: Vec<Value>,
}

/// The calls of a file that ask a service without Airflow, in code that Airflow may run.
pub(super) fn drafts(scopes: &Scopes<'_>) -> Vec<Draft> {
    let mut found = Vec::new();
    for site in &scopes.calls {
        let Some(last) = site.call.function.last_name() else { continue };
        let mut push = |(by, values): (BypassedBy, Vec<Value>)| {
            let callee = site.call.function.dotted().unwrap_or_else(|| last.to_owned());
            let bypass = Bypass { by, file: FileId(0), span: site.span, callee };
            found.push(Draft { bypass, values });
        };
        let mut calls = facts::client_calls(last).peekable();
        let is_backend = last.ends_with("Backend");
        if !is_backend && calls.peek().is_none() || owner(scopes, site.place) == Owner::Nobody {
            continue;
        }
        if is_backend && let Some(backend) = backend(scopes, site) {
            push((BypassedBy::Backend(backend), Vec::new()));
        }
        for call in calls {
            names(scopes, site, call).into_iter().for_each(&mut push);
        }
    }
    found
}

/// The calls of a project, with what their names are by all of its files; `file_of` gives the number
/// of a module's file.
pub(super) fn settled(program: &mut Program, file_of: impl Fn(usize) -> FileId) -> Vec<Bypass> {
    let drafts: Vec<Vec<Draft>> =
        program.modules.iter_mut().map(|it| std::mem::take(&mut it.summary.bypasses)).collect();
    let mut bypasses = Vec::new();
    for (module, drafts) in drafts.into_iter().enumerate() {
        for Draft { mut bypass, values } in drafts {
            bypass.file = file_of(module);
            if let BypassedBy::Client { name, name_span, .. } = &mut bypass.by {
                *name = settled_key(program, module, &values, *name_span).unwrap_or(Key::Dynamic);
            }
            bypasses.push(bypass);
        }
    }
    bypasses
}

/// The official backend of a provider that a call makes.
fn backend(scopes: &Scopes<'_>, site: &CallSite<'_>) -> Option<&'static facts::Backend> {
    let entities = site.called(scopes);
    let found = entities.iter().find_map(|entity| match entity {
        Entity::Path(path) => facts::backend_by_class(path),
        _ => None,
    });
    found.map(|(backend, _)| backend).filter(|backend| backend.package != AIRFLOW)
}

/// The names that a call asks for, when it is `call`.
fn names(
    scopes: &Scopes<'_>,
    site: &CallSite<'_>,
    call: &'static ClientCall,
) -> Vec<(BypassedBy, Vec<Value>)> {
    if let Some(class) = &call.class {
        let end = format!("{class}.{}", call.method);
        let entities = site.called(scopes);
        let is_it = |entity: &Entity| matches!(entity, Entity::Path(path) if path.ends_with(&end));
        if !entities.iter().any(is_it) {
            return Vec::new();
        }
    }
    let by_position = || call.position.and_then(|at| site.call.positional(at));
    let Some(argument) = site.call.keyword(&call.argument).or_else(by_position) else {
        return Vec::new();
    };
    let named = |expr: &Expr| {
        let values = evaluate::values(&Question::new(scopes), expr, at(expr, site.place));
        let (backend, name_span) = (call.backend.as_str(), expr.span);
        (BypassedBy::Client { backend, name: Key::Dynamic, name_span }, values)
    };
    given(&argument.value, call).into_iter().map(named).collect()
}

/// The expressions that give names: the argument, its elements, or a member of it.
fn given<'tree>(argument: &'tree Expr, call: &ClientCall) -> Vec<&'tree Expr> {
    match (&argument.kind, &call.inside) {
        (ExprKind::Dict(items), Some(inside)) => {
            let is_it = |key: &Option<Expr>| {
                key.as_ref().and_then(Expr::as_str).is_some_and(|key| key.expose() == inside)
            };
            items.iter().filter(|(key, _)| is_it(key)).map(|(_, value)| value).collect()
        }
        (_, Some(_)) => Vec::new(),
        (ExprKind::List(parts) | ExprKind::Tuple(parts), None) => parts.iter().collect(),
        _ => vec![argument],
    }
}
