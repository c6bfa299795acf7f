//! The parameters of DAGs and tasks: `params={"conn_id": Param("x")}` and `params["conn_id"]`.

use super::dags::{Dags, Givers};
use super::evaluate::values;
use super::names::{Later, Question, Reaching};
use super::scope::{Bound, CallSite, Place, at};
use super::value::{Step, Value, joined, limited, piece, stepped, unknown};
use crate::read::python::tree::{Call, Expr, ExprKind, Star};
use crate::text::{Span, Text};

/// What gives them, and the argument of what makes tasks with defaults for them.
const PARAMS: &str = "params";
const DEFAULTS: &str = "default_args";

/// The parameters that code can ask for.
#[derive(Default, Debug)]
pub(crate) struct Params {
    /// Of each task or DAG that it may belong to the dictionaries, in the order in which they are asked.
    of: Vec<Vec<Vec<Value>>>,
}

impl Params {
    /// Those that are given by `givers`.
    pub(super) fn of(question: &Question<'_, '_>, givers: &Givers) -> Self {
        let given = |number: &usize| {
            let site = question.scopes.calls.get(*number);
            site.map(|site| given_by(question, site)).unwrap_or_default()
        };
        Self { of: givers.iter().map(|it| it.iter().flat_map(given).collect()).collect() }
    }

    /// What the parameter `name` is by default, if there is one.
    pub(super) fn get(&self, name: &str) -> Option<Vec<Value>> {
        let name = Text::produced_by(name, Span::at(usize::MAX));
        let found = self.of.iter().filter_map(|dicts| {
            let dict = dicts.iter().find(|it| !it.iter().all(|it| it.lacks(&name)))?;
            Some(stepped(dict, &Step::Key(name.clone())))
        });
        let found: Vec<Vec<Value>> = found.collect();
        (!found.is_empty()).then(|| limited(found.concat()))
    }
}

/// The dictionaries of parameters that a call gives, the one in force first.
fn given_by(question: &Question<'_, '_>, site: &CallSite<'_>) -> Vec<Vec<Value>> {
    let under = |values: &[Value], name: &str| {
        let name = Text::produced_by(name, site.span);
        let lacks = values.iter().all(|it| it.lacks(&name) || it.is_unknown());
        (!lacks).then(|| stepped(values, &Step::Key(name)))
    };
    let (mut defaults, mut own) = (None, None);
    for arg in &site.call.arguments {
        let value = || values(question, &arg.value, at(&arg.value, site.place));
        match (arg.name.as_ref().map(|name| name.node.as_str()), arg.star) {
            (Some(PARAMS), _) => own = Some(value()),
            (Some(DEFAULTS), _) => defaults = under(&value(), PARAMS),
            (None, Star::Keywords) => {
                let given = value();
                own = own.or_else(|| under(&given, PARAMS));
                let inner = under(&given, DEFAULTS);
                defaults = defaults.or_else(|| under(&inner?, PARAMS));
            }
            _ => {}
        }
    }
    defaults.into_iter().chain(own).collect()
}

/// `params`, `dag.params`, `context["params"]`.
fn names_params(question: &Question<'_, '_>, expr: &Expr, place: Place) -> bool {
    match &expr.kind {
        // Also a name of the file: then it is what that is.
        ExprKind::Name(name) if name == PARAMS => {
            match question.reaching(name, at(expr, place), Later::All) {
                Reaching::Bound(bindings) => {
                    bindings.iter().all(|it| matches!(it.bound, Bound::Parameter(..)))
                }
                _ => false,
            }
        }
        ExprKind::Attribute(_, name) => name.node == PARAMS,
        ExprKind::Subscript(_, index) => index.as_str().is_some_and(|it| it.expose() == PARAMS),
        ExprKind::Call(call) => {
            call.function.last_name() == Some("get")
                && call
                    .positional(0)
                    .and_then(|it| it.value.as_str())
                    .is_some_and(|it| it.expose() == PARAMS)
        }
        _ => false,
    }
}

/// The default of the parameter `key` of the DAG or task that `place` belongs to, where `owner` stands for
/// its parameters.
pub(super) fn parameter_of_dag(
    question: &Question<'_, '_>,
    owner: &Expr,
    key: &str,
    place: Place,
) -> Option<Vec<Value>> {
    if !names_params(question, owner, place) {
        return None;
    }
    let scopes = question.scopes;
    let dags = scopes.dags.get_or_init(|| Dags::of(scopes));
    Params::of(question, &dags.givers(scopes, at(owner, place))).get(key)
}

/// `values` as they are when Airflow has rendered them for the task at `place`: with the defaults of parameters
/// where they name them, `"{{ params.x }}"`.
pub(super) fn rendered(
    question: &Question<'_, '_>,
    values: Vec<Value>,
    place: Place,
) -> Vec<Value> {
    let all = |it: Vec<Value>| rendered(question, it, place);
    let value = |value: Value| match value {
        Value::List(elements) => vec![Value::List(elements.into_iter().map(all).collect())],
        Value::Many(values) => vec![Value::Many(all(values))],
        Value::Dict(items) => {
            vec![Value::Dict(items.into_iter().map(|(key, it)| (key, all(it))).collect())]
        }
        value => match value.known().and_then(|it| in_template(question, it, place)) {
            Some(values) => values,
            None => vec![value],
        },
    };
    limited(values.into_iter().flat_map(value).collect())
}

/// What a text is when its templates are rendered; `None` where it holds none. What they are made of besides
/// parameters is told by nothing.
fn in_template(question: &Question<'_, '_>, text: &Text, place: Place) -> Option<Vec<Value>> {
    let whole = text.expose();
    let mut params = None;
    let mut pieces = Vec::new();
    let mut from = 0;
    for (open, _) in whole.match_indices("{{") {
        let inside = whole.get(open + 2..).and_then(|rest| rest.split_once("}}"));
        let Some((inside, _)) = inside.filter(|_| from <= open) else { continue };
        let values = name_of_param(inside.trim()).and_then(|name| {
            let params = params.get_or_insert_with(|| {
                let scopes = question.scopes;
                let dags = scopes.dags.get_or_init(|| Dags::of(scopes));
                Params::of(question, &dags.givers(scopes, place))
            });
            params.get(name)
        });
        pieces.push(vec![Value::text(piece(text, from..open))]);
        pieces.push(values.unwrap_or_else(unknown));
        from = open + 2 + inside.len() + 2;
    }
    if pieces.is_empty() {
        return None;
    }
    pieces.push(vec![Value::text(piece(text, from..whole.len()))]);
    Some(joined(pieces))
}

/// The name in `params.x` and `params["x"]`.
fn name_of_param(expression: &str) -> Option<&str> {
    let rest = expression.strip_prefix(PARAMS)?;
    let quoted = |quote: char| {
        rest.strip_prefix('[')?.strip_suffix(']')?.strip_prefix(quote)?.strip_suffix(quote)
    };
    let name = rest.strip_prefix('.').or_else(|| quoted('\'')).or_else(|| quoted('"'))?;
    let is_word = !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || c == '_');
    is_word.then_some(name)
}

/// What `Param("x", type="string")` is by default; who starts the DAG chooses among those of its `enum`.
pub(super) fn default_of(question: &Question<'_, '_>, call: &Call, place: Place) -> Vec<Value> {
    let value = |it: &Expr| values(question, it, at(it, place));
    let default = call.positional(0).or_else(|| call.keyword("default"));
    let mut all = default.map_or_else(unknown, |it| value(&it.value));
    if let Some(choices) = call.keyword("enum") {
        all.extend(stepped(&value(&choices.value), &Step::Each));
    }
    limited(all)
}

/// The default in `Param("x", type="string")`; any other value is its own.
pub(super) fn default_of_param(value: &Expr) -> Option<&Expr> {
    match &value.kind {
        ExprKind::Call(call) if makes_param(call) => {
            call.positional(0).or_else(|| call.keyword("default")).map(|it| &it.value)
        }
        _ => Some(value),
    }
}

/// Whether a call makes a parameter.
pub(super) fn makes_param(call: &Call) -> bool {
    call.function.last_name() == Some("Param")
}
