//! What calls give: builtins that keep a value, methods of text and dictionaries, the environment, and
//! functions of the project.

use super::evaluate::{arguments, known, merged, number, values};
use super::format::braces;
use super::members::shown;
use super::names::{Entity, Question};
use super::origins::{Origin, origins};
use super::parameters::{names_params, parameter_of_dag};
use super::scope::{Place, at};
use super::value::{
    Callee, ClassId, FunctionId, MAX_ALTERNATIVES, Part, Source, Step, Value, joined, limited,
    stepped, unknown,
};
use crate::read::python::tree::{Call, Expr, ExprKind};
use crate::text::Text;

/// What the call `call`, which is `expr`, may give at `place`.
pub(super) fn call(
    question: &Question<'_, '_>,
    call: &Call,
    expr: &Expr,
    place: Place,
) -> Vec<Value> {
    let entities = question.entities(&call.function, at(&call.function, place));
    let paths = entities.iter().filter_map(|entity| match entity {
        Entity::Path(path) => Some(path.as_str()),
        _ => None,
    });
    if let Some(values) = paths.into_iter().find_map(|it| builtin(question, it, call, expr, place))
    {
        return values;
    }
    if let ExprKind::Attribute(owner, method) = &call.function.kind
        && let Some(values) = method_call(question, owner, &method.node, call, place)
    {
        return values;
    }
    let mut all = Vec::new();
    for entity in entities {
        let callee = match entity {
            Entity::Function(function) => Callee::Function(FunctionId(function.0)),
            Entity::Path(path) if question.scopes.locals.hold(&path) => Callee::Path(path),
            Entity::Class(class) => Callee::Class(ClassId(class.0)),
            Entity::Path(_) | Entity::Task(_) => continue,
        };
        let source = Source::Call(callee, arguments(question, call, place));
        all.push(Value::open(source, expr.span));
    }
    if all.is_empty() {
        return named_tuple(question, call, place).map_or_else(unknown, |it| vec![it]);
    }
    all
}

/// An instance of `Name = namedtuple("Name", "a b")`.
fn named_tuple(question: &Question<'_, '_>, call: &Call, place: Place) -> Option<Value> {
    let ExprKind::Name(_) = &call.function.kind else { return None };
    let function = &call.function;
    let made = origins(question, function, place).into_iter().find_map(|origin| match origin {
        Origin::Here(Expr { kind: ExprKind::Call(class), .. }, place) => Some((class, place)),
        _ => None,
    });
    let (class, class_place) = made?;
    if !matches!(class.function.last_name(), Some("namedtuple" | "NamedTuple")) {
        return None;
    }
    let fields = &class.positional(1).or_else(|| class.keyword("field_names"))?.value;
    let fields = values(question, fields, at(fields, class_place));
    let names: Vec<String> = match fields.as_slice() {
        [Value::List(names)] => names.iter().filter_map(|it| field_name(it)).collect(),
        [value] => {
            let names = value.known()?.expose().replace(',', " ");
            names.split_whitespace().map(str::to_owned).collect()
        }
        _ => return None,
    };
    let given = arguments(question, call, place);
    let is_open = given.more || !given.rest.is_empty();
    let field = |(number, name): (usize, &String)| {
        let by_name = given.keyword.iter().find(|(it, _)| it == name).map(|(_, values)| values);
        let values = by_name.or_else(|| given.positional.get(number));
        (name.clone(), values.filter(|_| !is_open).cloned().unwrap_or_else(unknown))
    };
    Some(Value::Object(names.iter().enumerate().map(field).collect()))
}

/// `"a"`, or `("a", str)`.
fn field_name(values: &[Value]) -> Option<String> {
    let text = |values: &[Value]| match values {
        [value] => Some(value.known()?.expose().to_owned()),
        _ => None,
    };
    match values {
        [Value::List(parts)] => text(parts.first()?),
        other => text(other),
    }
}

/// What a function of Python's own gives; `None` for any other.
fn builtin(
    question: &Question<'_, '_>,
    path: &str,
    call: &Call,
    expr: &Expr,
    place: Place,
) -> Option<Vec<Value>> {
    let value = |expr: &Expr| values(question, expr, at(expr, place));
    let first = call.positional(0).map(|it| &it.value);
    Some(match path {
        "os.getenv" | "os.environ.get" => {
            let key = first.or_else(|| call.keyword("key").map(|it| &it.value));
            let Some(key) = key.and_then(|it| known(question, it, place)) else {
                return Some(unknown());
            };
            let default = call.positional(1).or_else(|| call.keyword("default"));
            let default = default.map_or_else(|| vec![Value::Nothing], |it| value(&it.value));
            environment(&key, default, expr)
        }
        "builtins.str" => first.map_or_else(unknown, |it| shown(value(it))),
        "builtins.list" | "builtins.tuple" | "builtins.set" | "builtins.sorted"
        | "builtins.reversed" | "builtins.iter" | "copy.copy" | "copy.deepcopy" => {
            first.map_or_else(unknown, value)
        }
        "builtins.dict" => made_dict(question, call, expr, place),
        "builtins.range" => range(call, &value),
        "builtins.enumerate" => {
            let element = first.map_or_else(unknown, |it| stepped(&value(it), &Step::Each));
            vec![Value::Many(vec![Value::List(vec![unknown(), element])])]
        }
        "builtins.zip" => {
            let parts = call.arguments.iter().map(|it| stepped(&value(&it.value), &Step::Each));
            vec![Value::Many(vec![Value::List(parts.collect())])]
        }
        _ => return None,
    })
}

/// The numbers of `range(…)`, when they are few and known.
fn range(call: &Call, value: &impl Fn(&Expr) -> Vec<Value>) -> Vec<Value> {
    let bounds: Option<Vec<i64>> =
        call.arguments.iter().map(|arg| number(&value(&arg.value))).collect();
    let (from, to, step) = match bounds.as_deref() {
        Some([to]) => (0, *to, 1),
        Some([from, to]) => (*from, *to, 1),
        Some([from, to, step]) if *step > 0 => (*from, *to, *step),
        _ => return unknown(),
    };
    let step = usize::try_from(step).unwrap_or(usize::MAX);
    let numbers = (from..to).step_by(step).take(MAX_ALTERNATIVES + 1);
    let shown =
        |it: i64| vec![Value::Number(Text::produced_by(it.to_string(), call.function.span))];
    let numbers: Vec<Vec<Value>> = numbers.map(shown).collect();
    if numbers.len() > MAX_ALTERNATIVES { unknown() } else { vec![Value::List(numbers)] }
}

/// `dict(base, key="value")`.
fn made_dict(question: &Question<'_, '_>, call: &Call, expr: &Expr, place: Place) -> Vec<Value> {
    let given = arguments(question, call, place);
    let mut items = match given.positional.as_slice() {
        [] => Vec::new(),
        [values] => match merged(values.clone()).as_deref() {
            Some([Value::Dict(items)]) => items.clone(),
            _ => return unknown(),
        },
        _ => return unknown(),
    };
    let named =
        |(name, values): (String, Vec<Value>)| (Some(Text::produced_by(name, expr.span)), values);
    items.extend(given.keyword.into_iter().map(named));
    let is_open = given.more || !given.rest.is_empty();
    items.extend(is_open.then(|| (None, unknown())));
    vec![Value::Dict(items)]
}

/// The methods of text and dictionaries; `None` for any other.
fn method_call(
    question: &Question<'_, '_>,
    owner: &Expr,
    method: &str,
    call: &Call,
    place: Place,
) -> Option<Vec<Value>> {
    let value = |expr: &Expr| values(question, expr, at(expr, place));
    let map = |change: fn(&str) -> String| Some(stepped(&value(owner), &Step::Map(change)));
    let is_bare = call.arguments.is_empty();
    match method {
        "upper" if is_bare => map(str::to_uppercase),
        "lower" if is_bare => map(str::to_lowercase),
        "strip" if is_bare => map(|it| it.trim().to_owned()),
        "values" if is_bare => Some(stepped(&value(owner), &Step::Values)),
        "items" if is_bare => Some(stepped(&value(owner), &Step::Items)),
        "keys" | "copy" if is_bare => Some(value(owner)),
        "format" => {
            let text = known(question, owner, place)?;
            let find = |name: &str, next: usize| {
                let arg = if name.is_empty() {
                    call.positional(next)
                } else if let Ok(at) = name.parse() {
                    call.positional(at)
                } else {
                    call.keyword(name)
                };
                arg.map_or_else(unknown, |arg| value(&arg.value))
            };
            Some(braces(&text, find))
        }
        "join" => {
            let separator = known(question, owner, place)?;
            let parts = value(&call.positional(0)?.value);
            let [Value::List(parts)] = parts.as_slice() else { return Some(unknown()) };
            let mut pieces = Vec::new();
            for (number, part) in parts.iter().enumerate() {
                if number > 0 {
                    pieces.push(vec![Value::text(separator.clone())]);
                }
                pieces.push(part.clone());
            }
            Some(joined(pieces))
        }
        "get" => {
            let index = &call.positional(0)?.value;
            if names_params(owner)
                && let Some(key) = index.as_str()
                && let Some(values) = parameter_of_dag(question, key.expose())
            {
                return Some(values);
            }
            let collections = value(owner);
            if !collections.iter().all(is_collection) {
                return None;
            }
            let default = call.positional(1).map(|it| value(&it.value));
            let default = default.unwrap_or_else(|| vec![Value::Nothing]);
            let step = match known(question, index, place) {
                Some(key) => Step::KeyOr(key, default),
                None => {
                    return Some(limited([stepped(&collections, &Step::Any), default].concat()));
                }
            };
            Some(stepped(&collections, &step))
        }
        _ => None,
    }
}

/// Whether a value is a dictionary, or may turn out to be one.
fn is_collection(value: &Value) -> bool {
    match value {
        Value::Dict(_) => true,
        Value::Parts(parts) => matches!(parts.as_slice(), [Part::Open(_)]),
        _ => false,
    }
}

/// A variable of the process environment.
pub(super) fn environment(key: &Text, default: Vec<Value>, expr: &Expr) -> Vec<Value> {
    vec![Value::open(Source::Environment(key.expose().to_owned(), default), expr.span)]
}
