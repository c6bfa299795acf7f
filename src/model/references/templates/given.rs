//! What DAGs give to their templates: `user_defined_macros` and `user_defined_filters`.

use std::collections::BTreeSet;

use super::names::{Given, Value, Values};
use super::texts::parts;
use crate::hash::HashMap;
use crate::model::Kind;
use crate::model::references::dags::Givers;
use crate::model::references::evaluate;
use crate::model::references::names::{Entity, Later, Question, Reaching};
use crate::model::references::parameters::Params;
use crate::model::references::scope::{Binding, Bound, Place, ScopeId, ScopeKind, Scopes, at};
use crate::model::references::value::{Part, Value as CodeValue, unknown};
use crate::model::references::{Key, Operation, Reference};
use crate::read::python::tree::{Expr, ExprKind};
use crate::text::{Span, Text};

/// What `givers` give; `others` are the references in the code of the file.
pub(super) fn given(scopes: &Scopes<'_>, givers: &Givers, others: &[Reference]) -> Given {
    let params = Params::of(&Question::new(scopes), givers);
    let mut given = Given { params, ..Given::default() };
    let calls: BTreeSet<usize> = givers.iter().flatten().copied().collect();
    for site in calls.into_iter().filter_map(|it| scopes.calls.get(it)) {
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
                    given.names.entry(name).or_default().push(value);
                }
            }
        }
    }
    given
}

/// What a parameter of the code is in a template.
pub(super) fn param(params: &Params, name: &str) -> Values {
    // It stands in the code, and no place in a template is its own.
    let part = |part: Part| match part {
        Part::Known(text) => Part::Known(Text::produced_by(text.expose(), Span::at(usize::MAX))),
        other => other,
    };
    let value = |it: CodeValue| match it {
        CodeValue::Parts(parts) => Value::Text(parts.into_iter().map(part).collect()),
        _ => Value::Unknown,
    };
    let values = params.get(name).unwrap_or_else(unknown);
    values.into_iter().map(value).collect()
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
