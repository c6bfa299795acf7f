//! What DAGs give to their templates: `user_defined_macros` and `user_defined_filters`.

use super::names::{Given, Value, Values};
use super::texts::parts;
use crate::hash::HashMap;
use crate::model::Kind;
use crate::model::references::evaluate;
use crate::model::references::names::{Entity, Later, Question, Reaching};
use crate::model::references::parameters::{names_of_params, parameter_of_dag};
use crate::model::references::scope::{Binding, Bound, Place, ScopeId, ScopeKind, Scopes, at};
use crate::model::references::value::{Part, Value as CodeValue};
use crate::model::references::{Key, Operation, Reference};
use crate::read::python::tree::{Expr, ExprKind};
use crate::text::{Span, Text};

/// What the DAGs of a file give, all together; `others` are the references in its code.
pub(super) fn given(scopes: &Scopes<'_>, others: &[Reference]) -> Given {
    let mut given = Given { params: params(scopes), ..Given::default() };
    let is_dag = |name: &str| name == "DAG" || name == "dag";
    for site in &scopes.calls {
        if !site.call.function.last_name().is_some_and(is_dag) {
            continue;
        }
        for (argument, is_filter) in
            [("user_defined_macros", false), ("user_defined_filters", true)]
        {
            let Some(arg) = site.call.keyword(argument) else { continue };
            let Some((pairs, place)) = pairs(scopes, &arg.value, site.place) else { continue };
            let functions = looking_up(scopes, others);
            for (key, item) in pairs {
                let Some(name) = key.as_ref().and_then(Expr::as_str) else { continue };
                let name = name.expose().to_owned();
                let value = value_of(scopes, &functions, item, place);
                if is_filter {
                    given.filters.insert(name, value);
                } else {
                    given.names.insert(name, vec![value]);
                }
            }
        }
    }
    given
}

/// What the parameters of the DAGs and tasks of a file are by default.
fn params(scopes: &Scopes<'_>) -> HashMap<String, Values> {
    let question = Question::new(scopes);
    // It stands in the code, and no place in a template is its own.
    let part = |part: Part| match part {
        Part::Known(text) => Part::Known(Text::produced_by(text.expose(), Span::at(usize::MAX))),
        other => other,
    };
    let value = |it: CodeValue| match it {
        CodeValue::Parts(parts) => Value::Text(parts.into_iter().map(part).collect()),
        _ => Value::Unknown,
    };
    let default = |name: String| {
        let values = parameter_of_dag(&question, &name)?;
        Some((name, values.into_iter().map(value).collect()))
    };
    names_of_params(&question).into_iter().filter_map(default).collect()
}

/// What stands in a dictionary.
type Pairs<'tree> = &'tree [(Option<Expr>, Expr)];

/// The items of a dictionary that is written out, here or where its name is assigned.
fn pairs<'tree>(
    scopes: &Scopes<'tree>,
    expr: &'tree Expr,
    place: Place,
) -> Option<(Pairs<'tree>, Place)> {
    match &expr.kind {
        ExprKind::Dict(pairs) => Some((pairs, at(expr, place))),
        ExprKind::Name(name) => {
            let question = Question::new(scopes);
            let Reaching::Bound(bindings) = question.reaching(name, at(expr, place), Later::All)
            else {
                return None;
            };
            match bindings.as_slice() {
                [
                    Binding {
                        bound: Bound::Value(Expr { kind: ExprKind::Dict(pairs), .. }),
                        place,
                        ..
                    },
                ] => Some((pairs, *place)),
                _ => None,
            }
        }
        _ => None,
    }
}

/// The functions that look their first argument up.
fn looking_up(scopes: &Scopes<'_>, others: &[Reference]) -> HashMap<ScopeId, Kind> {
    let asked: HashMap<Span, Kind> = others
        .iter()
        .filter(|it| it.operation == Operation::Get && matches!(it.key, Key::Dynamic))
        .map(|it| (it.span, it.kind))
        .collect();
    let mut functions = HashMap::default();
    for site in &scopes.calls {
        let Some(kind) = asked.get(&site.span) else { continue };
        let Some(owner) = scopes.owner(site.place.scope) else { continue };
        let given = ["key", "conn_id"].iter().find_map(|name| site.call.keyword(name));
        let given = given.or_else(|| site.call.positional(0)).and_then(|arg| arg.value.as_name());
        let first = scopes.get(owner).and_then(|scope| match scope.kind {
            ScopeKind::Function(function) => {
                function.parameters.first().map(|it| it.name.node.as_str())
            }
            ScopeKind::Lambda(lambda) => lambda.parameters.first().map(|it| it.name.node.as_str()),
            _ => None,
        });
        if given.is_some() && given == first {
            functions.insert(owner, *kind);
        }
    }
    functions
}

fn value_of(
    scopes: &Scopes<'_>,
    functions: &HashMap<ScopeId, Kind>,
    expr: &Expr,
    place: Place,
) -> Value {
    let question = Question::new(scopes);
    if let Some(Key::Known(text)) = evaluate::key(&question, expr, place) {
        // It stands in the code, and no place in a template is its own.
        return Value::Text(parts(&Text::produced_by(text.expose(), Span::at(usize::MAX)), &[]));
    }
    let entities = Question::new(scopes).entities(expr, at(expr, place));
    let kind = entities.into_iter().find_map(|entity| match entity {
        Entity::Function(id) => functions.get(&id).copied(),
        _ => None,
    });
    kind.map_or(Value::Unknown, Value::Function)
}
