//! What a file defines: its functions and classes, and what other files may import of it.

use super::attributes::{class_constant, fields, is_property};
use super::conditions::{Condition, condition};
use super::evaluate;
use super::forms::is_airflows;
use super::given::partial;
use super::names::{Entity, Later, Question, Reaching};
use super::scope::{Bound, MODULE, Place, Scope, ScopeId, ScopeKind, Scopes, at};
use super::summary::{ClassFacts, Export, FunctionFacts, Given, ParameterFacts, Return};
use super::timing::{is_dag, is_task, runs_later};
use super::value::{Callee, ClassId, FunctionId, Value, unknown};
use crate::hash::{HashMap, HashSet};
use crate::read::python::tree::{Expr, ExprKind, Name, Parameter, ParameterKind};
use crate::text::Span;

fn is_useless(values: &[Value]) -> bool {
    values.iter().all(Value::is_unknown)
}

/// The functions and lambdas of a file.
pub(super) fn functions(scopes: &Scopes<'_>) -> HashMap<FunctionId, FunctionFacts> {
    let mut functions = HashMap::default();
    let within = |parent: Option<ScopeId>| Some(FunctionId(scopes.owner(parent?)?.0));
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
                is_dag: is_dag(function),
                within: within(scope.parent),
                runs_later: runs_later(function),
                is_property: is_property(scope),
            },
            ScopeKind::Lambda(lambda) => FunctionFacts {
                parameters: parameters(scopes, &lambda.parameters, scope.parent),
                is_bound: false,
                returns: Vec::new(),
                is_task: false,
                is_dag: false,
                within: within(scope.parent),
                runs_later: true,
                is_property: false,
            },
            _ => continue,
        };
        functions.insert(FunctionId(id.0), facts);
    }
    for (scope, value, place) in &scopes.returns {
        let Some(function) = functions.get_mut(&FunctionId(scope.0)) else { continue };
        let reached = reached(scopes, *place);
        let question = Question::new(scopes);
        let mut add = |value: &Expr, test: Option<(&Expr, bool)>| {
            let own = test.map(|(test, holds)| (condition(&question, test, *place), holds));
            let conditions = reached.conditions.iter().cloned().chain(own).collect();
            let values = evaluate::values(&question, value, at(value, *place));
            let is_certain = reached.is_certain;
            function.returns.push(Return { conditions, is_certain, values });
        };
        match &value.kind {
            ExprKind::Conditional(it) => {
                add(&it.body, Some((&it.test, true)));
                add(&it.otherwise, Some((&it.test, false)));
            }
            _ => add(value, None),
        }
    }
    for function in functions.values_mut() {
        if function.returns.iter().all(|it| is_useless(&it.values)) {
            function.returns.clear();
        }
    }
    functions
}

/// More conditions around a `return` are not looked at.
const MAX_CONDITIONS: usize = 16;

/// How a place is come to.
struct Reached {
    conditions: Vec<(Condition, bool)>,
    /// Whether nothing else decides.
    is_certain: bool,
}

fn reached(scopes: &Scopes<'_>, place: Place) -> Reached {
    let mut reached = Reached { conditions: Vec::new(), is_certain: true };
    for block in scopes.enclosing(place.block) {
        reached.is_certain &= scopes.repeats(block).is_none();
        let Some(arm) = scopes.arm(block) else { continue };
        let tests = scopes.tests.get(&arm.statement);
        let Some((tests, place)) = tests.filter(|_| arm.number < MAX_CONDITIONS) else {
            reached.is_certain = false;
            continue;
        };
        for (number, test) in tests.iter().enumerate().take(arm.number + 1) {
            if reached.conditions.len() >= MAX_CONDITIONS {
                reached.is_certain = false;
                return reached;
            }
            let condition = condition(&Question::new(scopes), test, at(test, *place));
            reached.conditions.push((condition, number == arm.number));
        }
    }
    reached
}

fn parameters(
    scopes: &Scopes<'_>,
    parameters: &[Parameter],
    around: Option<ScopeId>,
) -> Vec<ParameterFacts> {
    let fact = |it: &Parameter| ParameterFacts {
        name: it.name.node.to_string(),
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
    let mut classes = HashMap::default();
    for (id, scope) in scopes.all() {
        let ScopeKind::Class(class) = scope.kind else { continue };
        let expr = Expr { kind: ExprKind::None, span: class.name.span };
        let mut facts = ClassFacts {
            bases: Vec::new(),
            foreign: Vec::new(),
            constants: HashMap::default(),
            methods: HashMap::default(),
            fields: fields(scope).map(str::to_owned).collect(),
        };
        let bases = Question::new(scopes).bases(scope);
        facts.foreign = bases
            .iter()
            .filter_map(|it| match it {
                Entity::Path(path) if is_airflows(path) => Some(path.clone()),
                _ => None,
            })
            .collect();
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
    let mut exports = HashMap::default();
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
                let path = Some(path.clone()).filter(|it| leads_somewhere(scopes, it));
                path.map(|it| Export::Paths(vec![it], Given::Nothing))
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
    let expr = Expr { kind: ExprKind::Name(Name::new(name)), span: Span::at(0) };
    let values = evaluate::values(question, &expr, end);
    if !is_useless(&values) {
        return Some(Export::Value(values));
    }
    let entities = question.entities(&expr, end);
    match entities.as_slice() {
        [Entity::Class(class)] => Some(Export::Class(ClassId(class.0))),
        [Entity::Function(function)] => Some(Export::Function(FunctionId(function.0))),
        _ => {
            let paths = entities.iter().map(|entity| match entity {
                Entity::Path(path) if leads_somewhere(question.scopes, path) => Some(path.clone()),
                _ => None,
            });
            let paths = paths.collect::<Option<Vec<_>>>().filter(|it| !it.is_empty())?;
            let is_partial = partial(question, &expr, end).is_some();
            Some(Export::Paths(paths, if is_partial { Given::Some } else { Given::Nothing }))
        }
    }
}

/// Whether a path may lead to a file of the project, or to what Airflow asks by.
fn leads_somewhere(scopes: &Scopes<'_>, path: &str) -> bool {
    scopes.locals.hold(path) || is_airflows(path)
}
