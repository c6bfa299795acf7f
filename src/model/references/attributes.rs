//! What attributes may be: of classes and their instances, of enumerations, of modules.

use super::changes::When;
use super::enumerations::kind_of_members;
use super::evaluate::{bound, path, values};
use super::members::Member;
use super::names::{Entity, Later, Question, Reaching};
use super::scope::{Binding, Bound, Place, Scope, ScopeId, ScopeKind, at};
use super::value::{Arguments, Callee, ClassId, FunctionId, Source, Step, Value, stepped, unknown};
use crate::facts::{default_connections, names_connection};
use crate::read::python::tree::{Expr, StmtKind};
use crate::text::Text;

/// `owner.name`: a constant of a class, of a module, or of an enumeration with `.value`.
pub(super) fn attribute(
    question: &Question<'_, '_>,
    owner: &Expr,
    name: &str,
    expr: &Expr,
    place: Place,
) -> Vec<Value> {
    constant(question, owner, name, expr, place).unwrap_or_else(|| {
        let step = Step::Attribute(name.to_owned());
        stepped(&values(question, owner, at(owner, place)), &step)
    })
}

/// `None` when the owner is neither a class nor imported from the project.
fn constant(
    question: &Question<'_, '_>,
    owner: &Expr,
    name: &str,
    expr: &Expr,
    place: Place,
) -> Option<Vec<Value>> {
    let mut all = Vec::new();
    for entity in question.entities(owner, at(owner, place)) {
        match entity {
            Entity::Class(class) => {
                all.extend(class_constant(question, class, name, expr)?);
                // The instance may be one of a class that says otherwise.
                if is_itself(question, owner, place) {
                    for other in overriding(question, class, name) {
                        all.extend(class_constant(question, other, name, expr)?);
                    }
                }
            }
            Entity::Path(owner) if question.scopes.locals.hold(&owner) => {
                all.extend(path(question, vec![format!("{owner}.{name}")], expr));
            }
            // What every hook of Airflow's has besides: the id it takes when it is given none.
            Entity::Path(class) if name == "default_conn_name" => {
                let &[(_, id)] = default_connections(class.rsplit('.').next()?) else {
                    return None;
                };
                all.push(Value::text(Text::produced_by(id, expr.span)));
            }
            Entity::Path(_) | Entity::Function(_) | Entity::Task(_) => return None,
        }
    }
    (!all.is_empty()).then_some(all)
}

/// Whether `owner` is the first parameter of a method: the instance or class that it is called on.
fn is_itself(question: &Question<'_, '_>, owner: &Expr, place: Place) -> bool {
    let Some(name) = owner.as_name() else { return false };
    match question.reaching(name, at(owner, place), Later::All) {
        Reaching::Bound(bindings) => bindings.iter().all(|it| matches!(it.bound, Bound::Itself(_))),
        _ => false,
    }
}

/// The classes of the file that derive from `class` and give its attribute `name` a value of their own.
fn overriding(question: &Question<'_, '_>, class: ScopeId, name: &str) -> Vec<ScopeId> {
    let classes = || {
        let all = question.scopes.all();
        all.filter(|(id, scope)| *id != class && matches!(scope.kind, ScopeKind::Class(_)))
    };
    let gives =
        |scope: &Scope<'_>| !scope.bindings(name).is_empty() || !scope.attribute(name).is_empty();
    if !classes().any(|(_, scope)| gives(scope)) {
        return Vec::new();
    }
    let mut derived = vec![class];
    // A class stands behind its bases.
    for (id, scope) in classes() {
        let bases = Question::new(question.scopes).bases(scope);
        if bases.iter().any(|it| matches!(it, Entity::Class(base) if derived.contains(base))) {
            derived.push(id);
        }
    }
    derived.retain(|it| *it != class && question.scopes.get(*it).is_some_and(gives));
    derived
}

/// What the attribute `name` of a class, or of its instances, may be.
pub(super) fn class_constant(
    question: &Question<'_, '_>,
    class: ScopeId,
    name: &str,
    expr: &Expr,
) -> Option<Vec<Value>> {
    let constant = || {
        let scope = question.scopes.get(class)?;
        let bindings = assigned(question, scope, name);
        if let [Binding { bound: Bound::Scope(function), .. }] = bindings.as_slice()
            && is_property(question.scopes.get(*function)?)
        {
            let callee = Callee::Function(FunctionId(function.0));
            let call = Source::Call(callee, Arguments::default());
            return Some(vec![Value::open(call, expr.span)]);
        }
        let anything = || if scope.is_open { unknown() } else { Vec::new() };
        if takes_fields(scope, name) {
            let field = Source::Field(Callee::Class(ClassId(class.0)), name.to_owned());
            let mut all = vec![Value::open(field, expr.span)];
            let later = scope.attribute(name).iter().collect::<Vec<_>>();
            all.extend(bound(question, &later, expr));
            return Some([all, anything()].concat());
        }
        if !bindings.is_empty() {
            let values = bound(question, &bindings, expr);
            return Some(match member(question, class, scope, name, expr) {
                Some(member) => vec![Value::Member(Box::new(Member { values, ..member }))],
                None => [values, anything()].concat(),
            });
        }
        question.bases(scope).into_iter().find_map(|base| match base {
            Entity::Class(base) => class_constant(question, base, name, expr),
            Entity::Path(base) if question.scopes.locals.hold(&base) => {
                Some(path(question, vec![format!("{base}.{name}")], expr))
            }
            // Operators and hooks keep the id that they are made with under its name.
            Entity::Path(_) if names_connection(name) => {
                let field = Source::Field(Callee::Class(ClassId(class.0)), name.to_owned());
                Some(vec![Value::open(field, expr.span)])
            }
            _ => None,
        })
    };
    question.deeper(constant)?
}

/// What an attribute of a class is assigned, as far as that holds where the question looks.
fn assigned<'scopes, 'tree>(
    question: &Question<'scopes, 'tree>,
    scope: &'scopes Scope<'tree>,
    name: &str,
) -> Vec<&'scopes Binding<'tree>> {
    let (outside, own): (Vec<_>, Vec<_>) =
        scope.attribute(name).iter().partition(|it| it.block.is_some());
    let mut all: Vec<_> = scope.bindings(name).iter().chain(own).collect();
    for binding in outside {
        match question.when(binding.place, false) {
            Some(When::Surely) => all = vec![binding],
            Some(When::Imported | When::Perhaps) => all.push(binding),
            None => {}
        }
    }
    all
}

/// The member `name` of a class that is an enumeration, without its values.
fn member(
    question: &Question<'_, '_>,
    class: ScopeId,
    scope: &Scope<'_>,
    name: &str,
    expr: &Expr,
) -> Option<Member> {
    let ScopeKind::Class(it) = scope.kind else { return None };
    let is_value = |it: &Binding<'_>| matches!(it.bound, Bound::Value(_));
    if name.starts_with('_') || !scope.bindings(name).iter().all(is_value) {
        return None;
    }
    let kind = kind_of_members(question, class)?;
    let shown = Text::produced_by(format!("{}.{name}", it.name.node), expr.span);
    Some(Member { shown, values: Vec::new(), kind })
}

/// Whether making an instance may set the attribute `name`: it is annotated, and no `__init__` is written.
fn takes_fields(scope: &Scope<'_>, name: &str) -> bool {
    scope.bindings("__init__").is_empty() && fields(scope).any(|field| field == name)
}

/// The annotated attributes of a class, in order: what a dataclass takes.
pub(super) fn fields<'tree>(scope: &Scope<'tree>) -> impl Iterator<Item = &'tree str> {
    let body = match scope.kind {
        ScopeKind::Class(class) => class.body.as_slice(),
        _ => &[],
    };
    body.iter().filter_map(|stmt| match &stmt.kind {
        StmtKind::Assign(it) if it.annotation.is_some() => it.targets.first()?.as_name(),
        _ => None,
    })
}

/// Whether reading a method like an attribute calls it.
pub(super) fn is_property(scope: &Scope<'_>) -> bool {
    let ScopeKind::Function(function) = scope.kind else { return false };
    function.decorators.iter().any(|decorator| {
        decorator.last_name().is_some_and(|name| name.ends_with("property"))
            && decorator.first_name().is_some()
    })
}
