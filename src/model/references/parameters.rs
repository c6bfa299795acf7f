//! The parameters of DAGs and tasks: `params={"conn_id": Param("x")}` and `params["conn_id"]`.

use super::evaluate::values;
use super::names::{Later, Question, Reaching};
use super::scope::{Bound, Items, Place, at};
use super::value::{Value, limited, unknown};
use crate::hash::HashSet;
use crate::read::python::tree::{Expr, ExprKind};

/// `params`, `dag.params`, `context["params"]`.
pub(super) fn names_params(expr: &Expr) -> bool {
    match &expr.kind {
        ExprKind::Name(name) => name == "params",
        ExprKind::Attribute(_, name) => name.node == "params",
        ExprKind::Subscript(_, index) => index.as_str().is_some_and(|it| it.expose() == "params"),
        _ => false,
    }
}

/// The defaults of the parameter `key` of the DAGs and tasks of the file, if there are any: what is
/// given as `params`, by keyword or in a dictionary of keywords.
pub(super) fn parameter_of_dag(question: &Question<'_, '_>, key: &str) -> Option<Vec<Value>> {
    let mut all = Vec::new();
    for (items, place) in params(question) {
        let Some((_, value)) = items.iter().find(|item| is_named(item, key)) else { continue };
        let default = default_of_param(value);
        all.extend(default.map_or_else(unknown, |it| values(question, it, at(it, place))));
        // Who starts the DAG chooses among them.
        if let ExprKind::Call(call) = &value.kind
            && let Some(choices) = call.keyword("enum")
        {
            match &choices.value.kind {
                ExprKind::List(parts) | ExprKind::Tuple(parts) => {
                    all.extend(parts.iter().flat_map(|it| values(question, it, at(it, place))));
                }
                _ => all.extend(unknown()),
            }
        }
    }
    (!all.is_empty()).then(|| limited(all))
}

/// More parameters are not looked at.
const MAX_NAMES: usize = 64;

/// The names of all those parameters.
pub(super) fn names_of_params(question: &Question<'_, '_>) -> HashSet<String> {
    let params = params(question).into_iter().flat_map(|(items, _)| items);
    let names = params.filter_map(|(name, _)| Some(name.as_ref()?.as_str()?.expose().to_owned()));
    names.take(MAX_NAMES).collect()
}

/// The dictionaries that are given as `params`.
fn params<'tree>(question: &Question<'_, 'tree>) -> Vec<(Items<'tree>, Place)> {
    let scopes = question.scopes;
    let by_keyword = scopes
        .calls
        .iter()
        .filter_map(|site| Some((&site.call.keyword("params")?.value, site.place)));
    let in_dicts = scopes.dicts.iter().filter_map(|(items, place)| {
        Some((&items.iter().find(|item| is_named(item, "params"))?.1, *place))
    });
    let mut all = Vec::new();
    for (params, place) in by_keyword.chain(in_dicts) {
        all.extend(literal_dicts(question, params, place).into_iter().map(|it| (it, place)));
    }
    all
}

fn is_named((key, _): &(Option<Expr>, Expr), name: &str) -> bool {
    key.as_ref().and_then(Expr::as_str).is_some_and(|it| it.expose() == name)
}

/// The default in `Param("x", type="string")`; any other value is its own.
pub(super) fn default_of_param(value: &Expr) -> Option<&Expr> {
    match &value.kind {
        ExprKind::Call(call) if ends_with(&call.function, "Param") => {
            call.positional(0).or_else(|| call.keyword("default")).map(|it| &it.value)
        }
        _ => Some(value),
    }
}

/// The dictionary that `expr` is, written out here or where its name is assigned.
fn literal_dicts<'tree>(
    question: &Question<'_, 'tree>,
    expr: &'tree Expr,
    place: Place,
) -> Vec<Items<'tree>> {
    match &expr.kind {
        ExprKind::Dict(items) => vec![items],
        ExprKind::Name(name) => match question.reaching(name, at(expr, place), Later::All) {
            Reaching::Bound(bindings) => bindings
                .iter()
                .filter_map(|binding| match &binding.bound {
                    Bound::Value(Expr { kind: ExprKind::Dict(items), .. }) => {
                        Some(items.as_slice())
                    }
                    _ => None,
                })
                .collect(),
            _ => Vec::new(),
        },
        _ => Vec::new(),
    }
}

fn ends_with(function: &Expr, name: &str) -> bool {
    match &function.kind {
        ExprKind::Name(it) => it == name,
        ExprKind::Attribute(_, it) => it.node == name,
        _ => false,
    }
}
