//! What calls give: builtins that keep a value, methods of text and dictionaries, the environment, and
//! functions of the project.

use super::evaluate::{arguments, element, known, merged, number, values};
use super::format::braces;
use super::members::shown;
use super::methods::Method;
use super::names::{Entity, Question};
use super::origins::{Origin, origins};
use super::own_files;
use super::parameters::{default_of, makes_param, parameter_of_dag};
use super::scope::{Place, at};
use super::sites::in_environment;
use super::value::{
    Callee, ClassId, FunctionId, MAX_ALTERNATIVES, MAX_LENGTH, Part, Source, Step, Value, joined,
    stepped, turns_of, unknown,
};
use crate::read::json;
use crate::read::python::tree::{Call, Expr, ExprKind};
use crate::text::{Span, Text};

/// More parts of a text are not looked at.
const MAX_PIECES: usize = 512;

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
    let builtin = |path: &str| {
        let file = own_files::function(question, path, call, expr, place);
        file.or_else(|| builtin(question, path, call, expr, place))
    };
    if let Some(values) = paths.into_iter().find_map(builtin) {
        return values;
    }
    if let ExprKind::Attribute(owner, method) = &call.function.kind
        && let Some(values) = method_call(question, owner, &method.node, call, place)
    {
        return values;
    }
    if makes_param(call) {
        return default_of(question, call, place);
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
            environment(question, &key, &default, expr)
        }
        "json.loads" => {
            let text = known(question, first?, place)?;
            if text.expose().len() > MAX_LENGTH {
                return Some(unknown());
            }
            json::parse(text.expose()).map_or_else(|_| unknown(), |it| of_json(&it, expr.span))
        }
        "builtins.str" => first.map_or_else(unknown, |it| shown(value(it))),
        "builtins.list" | "builtins.tuple" | "builtins.set" | "builtins.sorted"
        | "builtins.reversed" | "builtins.iter" | "copy.copy" | "copy.deepcopy" => {
            first.map_or_else(unknown, value)
        }
        "builtins.dict" => made_dict(question, call, expr, place),
        "builtins.range" => range(call, &value),
        "builtins.enumerate" => {
            let start = call.positional(1).or_else(|| call.keyword("start"));
            let start = start.map_or(Some(0), |it| number(&value(&it.value)));
            match (start, first.map(value).as_deref()) {
                (Some(start), Some([Value::List(elements)])) => {
                    let numbered = (start..).zip(elements).map(|(number, element)| {
                        let number = Text::produced_by(number.to_string(), call.function.span);
                        vec![Value::List(vec![vec![Value::Number(number)], element.clone()])]
                    });
                    vec![Value::List(numbered.collect())]
                }
                (_, elements) => {
                    let element = stepped(elements.unwrap_or(&unknown()), &Step::Each);
                    vec![Value::Many(vec![Value::List(vec![unknown(), element])])]
                }
            }
        }
        "itertools.product" => {
            let parts: Vec<_> = call.arguments.iter().map(|it| value(&it.value)).collect();
            product(&parts).unwrap_or_else(unknown)
        }
        "builtins.zip" => {
            let parts: Vec<_> = call.arguments.iter().map(|it| value(&it.value)).collect();
            zipped(&parts).unwrap_or_else(|| {
                let parts = parts.iter().map(|it| stepped(it, &Step::Each));
                vec![Value::Many(vec![Value::List(parts.collect())])]
            })
        }
        _ => return None,
    })
}

/// The elements of lists side by side, when they are all known.
fn zipped(parts: &[Vec<Value>]) -> Option<Vec<Value>> {
    let list = |values: &Vec<Value>| match values.as_slice() {
        [Value::List(elements)] => Some(elements.clone()),
        [Value::Dict(items)] if items.iter().all(|(key, _)| key.is_some()) => {
            Some(turns_of(values, &Step::Each))
        }
        _ => None,
    };
    let lists: Vec<_> = parts.iter().map(list).collect::<Option<_>>()?;
    let shortest = lists.iter().map(Vec::len).min()?;
    let row = |at: usize| lists.iter().filter_map(|it| it.get(at).cloned()).collect();
    Some(vec![Value::List((0..shortest).map(|at| vec![Value::List(row(at))]).collect())])
}

/// The rows of one element of each list, when these are all known.
fn product(parts: &[Vec<Value>]) -> Option<Vec<Value>> {
    let mut rows: Vec<Vec<Vec<Value>>> = vec![Vec::new()];
    for part in parts {
        let [Value::List(elements)] = part.as_slice() else { return None };
        if rows.len() * elements.len() > MAX_ALTERNATIVES {
            return None;
        }
        let with = |row: &Vec<Vec<Value>>| {
            let row = row.clone();
            elements.iter().map(move |it| [row.as_slice(), std::slice::from_ref(it)].concat())
        };
        rows = rows.iter().flat_map(with).collect();
    }
    Some(vec![Value::List(rows.into_iter().map(|row| vec![Value::List(row)]).collect())])
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
    let is_bare = call.arguments.is_empty();
    match method {
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
        "split" if call.arguments.len() <= 1 => {
            let text = known(question, owner, place)?;
            let separator = match call.positional(0) {
                Some(arg) => Some(known(question, &arg.value, place)?),
                None if is_bare => None,
                None => return None,
            };
            Some(vec![Value::List(pieces(&text, separator.as_ref().map(Text::expose)))])
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
            if let Some(key) = index.as_str()
                && let Some(values) = parameter_of_dag(question, owner, key.expose(), place)
            {
                return Some(values);
            }
            let collections = value(owner);
            if !collections.iter().all(is_collection) {
                return None;
            }
            let default = call.positional(1).map(|it| value(&it.value));
            let default = default.unwrap_or_else(|| vec![Value::Nothing]);
            Some(element(question, &collections, index, Some(default), place))
        }
        _ => own_files::method(question, owner, method, call, place).or_else(|| {
            let method = Method::of(question, method, call, place)?;
            Some(stepped(&value(owner), &Step::Text(method)))
        }),
    }
}

/// The parts of a text between separators, or between blanks.
fn pieces(text: &Text, separator: Option<&str>) -> Vec<Vec<Value>> {
    let whole = text.expose();
    let pieces: Vec<&str> = match separator {
        Some("") => Vec::new(),
        Some(separator) => whole.split(separator).collect(),
        None => whole.split_whitespace().collect(),
    };
    let piece = |it: &str| vec![Value::text(Text::produced_by(it, text.span()))];
    pieces.into_iter().take(MAX_PIECES).map(piece).collect()
}

/// The value that `json.loads` makes of a text.
pub(super) fn of_json(json: &json::Value, span: Span) -> Vec<Value> {
    let text = |it: &str| Text::produced_by(it, span);
    vec![match &json.kind {
        json::Kind::Number(digits) if digits.parse::<i64>().is_ok() => Value::Number(text(digits)),
        json::Kind::Null | json::Kind::Bool(_) | json::Kind::Number(_) => Value::Nothing,
        json::Kind::String(it) => Value::text(text(it)),
        json::Kind::Array(elements) => {
            Value::List(elements.iter().map(|it| of_json(it, span)).collect())
        }
        json::Kind::Object(members) => Value::Dict(
            members.iter().map(|it| (Some(text(&it.key.node)), of_json(&it.value, span))).collect(),
        ),
    }]
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
pub(super) fn environment(
    question: &Question<'_, '_>,
    key: &Text,
    default: &[Value],
    expr: &Expr,
) -> Vec<Value> {
    let source = Source::Environment(key.expose().to_owned(), default.to_vec());
    in_environment(question, key, vec![Value::open(source, expr.span)], default)
}

#[cfg(test)]
mod tests {
    use crate::model::references::tests::{in_files, key};

    #[test]
    fn literals_are_read_as_python_reads_them() {
        for (code, expected) in [
            ("Variable.get(json.loads('{\"a\": [\"k\"]}')['a'][0])", "k"),
            ("for k in json.loads('[\"a\", \"b\"]'): Variable.get(k)", "a | b"),
            ("Variable.get(json.loads('{')['a'])", "?"),
            ("Variable.get(json.loads(X)['a'])", "?"),
            ("Variable.get(f'{1 + 1}')", "2"),
            ("for i in range(2): Variable.get(f'k{i + 1}')", "k1 | k2"),
            ("Variable.get(f'k{2 * 3 - 1}')", "k5"),
            ("Variable.get(f'k{X + 1}')", "k*"),
            ("def f(a, b): Variable.get(a + b)\nf(*('x', 'y'))", "xy"),
            (
                "def f(a, b): Variable.get(a + b)\nfor it in [('x', 'y'), ('z', 'w')]: f(*it)",
                "xy | zw",
            ),
            ("def f(a, b): Variable.get(a + b)\nf('x', *['y'])", "xy"),
            ("def f(a, b='d'): Variable.get(a + b)\nf('x', *X)", "xd | x*"),
            ("def f(*names):\n for n in names: Variable.get(n)\nf('a', 'b')", "a | b"),
            ("def f(x, *names):\n for n in names: Variable.get(n)\nf(1, 'b')", "b"),
            ("def f(*names): Variable.get(names[0])\nf(*X)", "?"),
        ] {
            let source = format!("import json\nfrom airflow.models import Variable\n{code}");
            let keys: Vec<_> =
                in_files(&[("dags/a.py", &source)]).iter().map(|it| key(&it.key)).collect();
            assert_eq!(keys, [expected], "{code}");
        }
    }
}
