//! What a file defines: its functions and classes, and what other files may import of it.

use std::collections::{HashMap, HashSet};

use super::attributes::{class_constant, fields, is_property};
use super::evaluate;
use super::names::{Entity, Later, Question, Reaching};
use super::scope::{Bound, MODULE, Place, Scope, ScopeId, ScopeKind, Scopes, at};
use super::summary::{ClassFacts, Export, FunctionFacts, ParameterFacts};
use super::timing::{is_task, runs_later};
use super::value::{Callee, ClassId, FunctionId, Value, unknown};
use crate::read::python::tree::{Expr, ExprKind, Parameter, ParameterKind};
use crate::text::Span;

fn is_useless(values: &[Value]) -> bool {
    values.iter().all(Value::is_unknown)
}

/// The functions and lambdas of a file.
pub(super) fn functions(scopes: &Scopes<'_>) -> HashMap<FunctionId, FunctionFacts> {
    let mut functions = HashMap::new();
    for (id, scope) in scopes.all() {
        let facts = match scope.kind {
            ScopeKind::Function(function) => FunctionFacts {
                parameters: parameters(scopes, &function.parameters, scope.parent),
                is_bound: function.parameters.first().is_some_and(|first| {
                    let bindings = scope.bindings(&first.name.node);
                    bindings.iter().any(|it| matches!(it.bound, Bound::Itself(_)))
                }),
                returns: Vec::new(),
                is_task: is_task(function),
                runs_later: runs_later(function),
                is_property: is_property(scope),
            },
            ScopeKind::Lambda(lambda) => FunctionFacts {
                parameters: parameters(scopes, &lambda.parameters, scope.parent),
                is_bound: false,
                returns: Vec::new(),
                is_task: false,
                runs_later: true,
                is_property: false,
            },
            _ => continue,
        };
        functions.insert(FunctionId(id.0), facts);
    }
    for (scope, value, place) in &scopes.returns {
        let Some(function) = functions.get_mut(&FunctionId(scope.0)) else { continue };
        let values = evaluate::values(&Question::new(scopes), value, *place);
        function.returns.extend(values);
    }
    for function in functions.values_mut() {
        if is_useless(&function.returns) {
            function.returns.clear();
        }
    }
    functions
}

fn parameters(
    scopes: &Scopes<'_>,
    parameters: &[Parameter],
    around: Option<ScopeId>,
) -> Vec<ParameterFacts> {
    let fact = |it: &Parameter| ParameterFacts {
        name: it.name.node.clone(),
        default: it.default.as_ref().map(|default| {
            let Some(scope) = around else { return unknown() };
            let Some(block) = scopes.get(scope).map(|it| it.root) else { return unknown() };
            let place = Place { scope, block, at: default.span.start };
            evaluate::values(&Question::new(scopes), default, place)
        }),
        is_positional: matches!(it.kind, ParameterKind::Positional | ParameterKind::Standard),
    };
    parameters.iter().map(fact).collect()
}

/// The classes of a file.
pub(super) fn classes(scopes: &Scopes<'_>) -> HashMap<ClassId, ClassFacts> {
    let mut classes = HashMap::new();
    for (id, scope) in scopes.all() {
        let ScopeKind::Class(class) = scope.kind else { continue };
        let expr = Expr { kind: ExprKind::None, span: class.name.span };
        let mut facts = ClassFacts {
            bases: Vec::new(),
            constants: HashMap::new(),
            methods: HashMap::new(),
            fields: fields(scope).map(str::to_owned).collect(),
        };
        let bases = Question::new(scopes).bases(scope);
        facts.bases = bases.into_iter().filter_map(|it| callee(scopes, it)).collect();
        let assigned = scope.attributes.keys();
        let names: HashSet<&str> = scope.names().into_iter().chain(assigned.copied()).collect();
        for name in names {
            let method = scope.bindings(name).iter().rev().find_map(|it| match it.bound {
                Bound::Scope(method) => Some(method),
                _ => None,
            });
            if let Some(method) = method {
                facts.methods.insert(name.to_owned(), FunctionId(method.0));
            }
            let question = Question::at_any_time(scopes);
            let constant = if facts.fields.iter().any(|field| field == name) {
                own_constant(&question, scope, name)
            } else {
                class_constant(&question, id, name, &expr)
            };
            if let Some(values) = constant.filter(|it| !is_useless(it)) {
                facts.constants.insert(name.to_owned(), values);
            }
        }
        classes.insert(ClassId(id.0), facts);
    }
    classes
}

/// The default of a field.
fn own_constant(question: &Question<'_, '_>, scope: &Scope<'_>, name: &str) -> Option<Vec<Value>> {
    let binding = scope.bindings(name).last()?;
    let Bound::Value(value) = binding.bound else { return None };
    Some(evaluate::values(question, value, at(value, binding.place)))
}

/// What calling `entity` runs, as far as that belongs to the project.
pub(super) fn callee(scopes: &Scopes<'_>, entity: Entity) -> Option<Callee> {
    match entity {
        Entity::Function(function) => Some(Callee::Function(FunctionId(function.0))),
        Entity::Class(class) => Some(Callee::Class(ClassId(class.0))),
        Entity::Path(path) => scopes.locals.hold(&path).then_some(Callee::Path(path)),
        Entity::Task(function) => callee(scopes, *function),
    }
}

/// What the names of a module stand for at its end.
pub(super) fn exports(scopes: &Scopes<'_>) -> HashMap<String, Export> {
    let mut exports = HashMap::new();
    let Some(module) = scopes.get(MODULE) else { return exports };
    let end = Place { scope: MODULE, block: module.root, at: usize::MAX };
    for name in module.names() {
        let question = Question::new(scopes);
        let Reaching::Bound(bindings) = question.reaching(name, end, Later::Last) else { continue };
        let only = match bindings.as_slice() {
            [one] => Some(&one.bound),
            _ => None,
        };
        let export = match only {
            Some(Bound::Import(path)) => {
                scopes.locals.hold(path).then(|| Export::Path(path.clone()))
            }
            Some(Bound::Scope(scope)) => match scopes.get(*scope).map(|it| it.kind) {
                Some(ScopeKind::Class(_)) => Some(Export::Class(ClassId(scope.0))),
                _ => Some(Export::Function(FunctionId(scope.0))),
            },
            _ => exported_value(&question, name, end),
        };
        exports.extend(export.map(|export| (name.to_owned(), export)));
    }
    exports
}

/// The value of a name; a class or function by another name, or an instance of a class, is what it is.
fn exported_value(question: &Question<'_, '_>, name: &str, end: Place) -> Option<Export> {
    let expr = Expr { kind: ExprKind::Name(name.to_owned()), span: Span::at(0) };
    let values = evaluate::values(question, &expr, end);
    if !is_useless(&values) {
        return Some(Export::Value(values));
    }
    match question.entities(&expr, end).as_slice() {
        [Entity::Class(class)] => Some(Export::Class(ClassId(class.0))),
        [Entity::Function(function)] => Some(Export::Function(FunctionId(function.0))),
        [Entity::Path(path)] if question.scopes.locals.hold(path) => {
            Some(Export::Path(path.clone()))
        }
        _ => None,
    }
}
