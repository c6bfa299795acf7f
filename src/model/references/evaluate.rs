//! What an expression may be, worked out from the constants of its file.

use super::format::{braces, percent};
use super::names::{Entity, Later, Question, Reaching};
use super::scope::{Binding, Bound, Place, Scope, ScopeId, ScopeKind, at};
use super::value::{
    Arguments, Callee, ClassId, FunctionId, MAX_ALTERNATIVES, MAX_LENGTH, Part, Source, Step,
    Value, joined, limited, shown, stepped, unknown,
};
use crate::read::python::tree::{
    Call, Comprehension, ComprehensionKind, Expr, ExprKind, FStringPart, Operator, Star, StmtKind,
};
use crate::text::Text;

/// A longer list or dictionary is not followed.
const MAX_ELEMENTS: usize = 512;

/// The values that `expr` may have at `place`, without those that are the same.
pub(super) fn values(question: &Question<'_, '_>, expr: &Expr, place: Place) -> Vec<Value> {
    let values = question.evaluate(expr, || values_here(question, expr, place));
    limited(values.unwrap_or_else(unknown))
}

/// The text that `expr` is at `place`, when the file leaves no doubt.
pub(super) fn known(question: &Question<'_, '_>, expr: &Expr, place: Place) -> Option<Text> {
    match values(question, expr, at(expr, place)).as_slice() {
        [value] => value.known().cloned(),
        _ => None,
    }
}

/// The arguments of a call.
pub(super) fn arguments(question: &Question<'_, '_>, call: &Call, place: Place) -> Arguments {
    let mut given = Arguments::default();
    for arg in &call.arguments {
        let argument = || values(question, &arg.value, at(&arg.value, place));
        match (&arg.name, arg.star) {
            (Some(name), _) => {
                let argument = argument();
                given.keyword.push((name.node.clone(), argument));
            }
            (None, Star::No) if given.more => {}
            (None, Star::No) => {
                let argument = argument();
                given.positional.push(argument);
            }
            (None, Star::Positions) => given.more = true,
            (None, Star::Keywords) => given.more |= !spread(&mut given.keyword, argument()),
        }
    }
    given
}

/// Adds the items of a dictionary as keywords; `false` when they are not all known.
pub(super) fn spread(keywords: &mut Vec<(String, Vec<Value>)>, values: Vec<Value>) -> bool {
    let mut is_whole = values.len() == 1;
    for value in values {
        let Value::Dict(items) = value else { return false };
        for (key, values) in items {
            match key {
                Some(key) => keywords.push((key.expose().to_owned(), values)),
                None => is_whole = false,
            }
        }
    }
    is_whole
}

fn values_here(question: &Question<'_, '_>, expr: &Expr, place: Place) -> Vec<Value> {
    let value = |expr: &Expr| values(question, expr, place);
    match &expr.kind {
        ExprKind::Str(text) if text.expose().len() <= MAX_LENGTH => vec![Value::text(text.clone())],
        ExprKind::Number(digits)
            if digits.parse::<u64>().is_ok_and(|it| it.to_string() == *digits) =>
        {
            vec![Value::Number(Text::verbatim(digits, expr.span.start))]
        }
        ExprKind::FString(parts) => f_string(question, parts, place),
        ExprKind::Name(name) => match question.reaching(name, place, Later::All) {
            Reaching::Bound(bindings) => bound(question, &bindings, expr),
            Reaching::Unknown => unknown(),
            Reaching::Free(stars) => {
                let paths = stars.iter().map(|module| format!("{module}.{name}"));
                path(question, paths.collect(), expr)
            }
        },
        ExprKind::Attribute(owner, name) => attribute(question, owner, &name.node, expr, place),
        ExprKind::Binary(Operator::Add, left, right) => added(value(left), value(right)),
        ExprKind::Binary(Operator::Mod, left, right) => {
            let arguments = match &right.kind {
                ExprKind::Tuple(parts) => parts.iter().map(value).collect(),
                _ => vec![value(right)],
            };
            known(question, left, place).map_or_else(unknown, |text| percent(&text, arguments))
        }
        ExprKind::Binary(Operator::BitOr, left, right) => {
            merged([value(left), value(right)].concat()).unwrap_or_else(unknown)
        }
        ExprKind::Conditional(it) => {
            let mut both = value(&it.body);
            both.extend(value(&it.otherwise));
            both
        }
        // The last operand is taken as it is, the others only where they are true.
        ExprKind::Or(operands) => {
            let mut all: Vec<Value> = Vec::new();
            for (number, operand) in operands.iter().enumerate() {
                let is_last = number + 1 == operands.len();
                let (values, is_settled) =
                    or_else(value(operand), operands.get(number + 1), &value);
                all.extend(values.into_iter().filter(|it| is_last || !it.is_false()));
                if is_settled {
                    return all;
                }
                if all.len() > MAX_ALTERNATIVES {
                    return unknown();
                }
            }
            all
        }
        ExprKind::Named(_, inner) | ExprKind::Starred(inner) => value(inner),
        ExprKind::Subscript(collection, index) => {
            subscript(question, collection, index, expr, place)
        }
        ExprKind::Call(it) => call(question, it, expr, place),
        ExprKind::List(parts) | ExprKind::Tuple(parts) | ExprKind::Set(parts) => {
            let is_plain = |part: &Expr| !matches!(part.kind, ExprKind::Starred(_));
            if parts.len() > MAX_ELEMENTS || !parts.iter().all(is_plain) {
                return unknown();
            }
            vec![Value::List(parts.iter().map(value).collect())]
        }
        ExprKind::Dict(items) => dict(question, items, place),
        ExprKind::Comprehension(it) => comprehension(question, it, place),
        ExprKind::None
        | ExprKind::True
        | ExprKind::False
        | ExprKind::Number(_)
        | ExprKind::Bytes
        | ExprKind::Lambda(_) => vec![Value::Nothing],
        _ => unknown(),
    }
}

/// `os.getenv("X") or "lit"` is `lit` where the variable is not set: whether that holds for all of
/// `values`, so that what follows is already among their defaults.
fn or_else(
    mut values: Vec<Value>,
    next: Option<&Expr>,
    value: &impl Fn(&Expr) -> Vec<Value>,
) -> (Vec<Value>, bool) {
    let Some(next) = next else { return (values, false) };
    let mut is_settled = !values.is_empty();
    for it in &mut values {
        if let Value::Parts(parts) = it
            && let [Part::Open(open)] = parts.as_mut_slice()
            && open.steps.is_empty()
            && let Source::Environment(_, default) = &mut open.source
            && !default.is_empty()
            && default.iter().all(Value::is_false)
        {
            *default = value(next);
        } else {
            is_settled = false;
        }
    }
    (values, is_settled)
}

fn added(left: Vec<Value>, right: Vec<Value>) -> Vec<Value> {
    match (left.as_slice(), right.as_slice()) {
        ([Value::List(first)], [Value::List(second)]) => {
            vec![Value::List([first.as_slice(), second].concat())]
        }
        _ => joined([left, right]),
    }
}

/// The dictionaries `values` in one, the last of a key in force.
fn merged(values: Vec<Value>) -> Option<Vec<Value>> {
    let mut items = Vec::new();
    for value in values {
        let Value::Dict(more) = value else { return None };
        items.extend(more);
    }
    Some(vec![Value::Dict(items)])
}

fn dict(question: &Question<'_, '_>, items: &[(Option<Expr>, Expr)], place: Place) -> Vec<Value> {
    if items.len() > MAX_ELEMENTS {
        return unknown();
    }
    let mut all = Vec::with_capacity(items.len());
    for (key, value) in items {
        let values = values(question, value, at(value, place));
        match key {
            Some(key) => all.push((known(question, key, place), values)),
            None => match values.as_slice() {
                [Value::Dict(more)] => all.extend(more.iter().cloned()),
                _ => all.push((None, unknown())),
            },
        }
    }
    vec![Value::Dict(all)]
}

/// Each element may be what any turn of the loop makes.
fn comprehension(question: &Question<'_, '_>, it: &Comprehension, _: Place) -> Vec<Value> {
    let Some(scope) = question.scopes.comprehension(it) else { return unknown() };
    let Some(block) = question.scopes.get(scope).map(|it| it.root) else { return unknown() };
    let inside = Place { scope, block, at: 0 };
    let element = |expr: &Expr| values(question, expr, at(expr, inside));
    match (it.kind, it.elements.as_slice()) {
        (ComprehensionKind::Dict, [_, value]) => vec![Value::Dict(vec![(None, element(value))])],
        (ComprehensionKind::Dict, _) => unknown(),
        (_, [one]) => vec![Value::List(vec![element(one)])],
        _ => unknown(),
    }
}

/// What `bindings` give; `expr` is the name that is bound.
fn bound(question: &Question<'_, '_>, bindings: &[&Binding<'_>], expr: &Expr) -> Vec<Value> {
    let mut all = Vec::new();
    for binding in bindings {
        all.extend(of_bound(question, &binding.bound, binding.place, expr));
        if all.len() > MAX_ALTERNATIVES {
            return unknown();
        }
    }
    all
}

fn of_bound(
    question: &Question<'_, '_>,
    bound: &Bound<'_>,
    place: Place,
    expr: &Expr,
) -> Vec<Value> {
    match bound {
        Bound::Value(value) => values(question, value, at(value, place)),
        Bound::Element(collection) => {
            stepped(&values(question, collection, at(collection, place)), &Step::Each)
        }
        Bound::Part(whole, number) => {
            let whole = question.deeper(|| of_bound(question, whole, place, expr));
            stepped(&whole.unwrap_or_else(unknown), &Step::Position(*number))
        }
        Bound::Import(imported) => path(question, vec![imported.clone()], expr),
        Bound::Parameter(function, number) => {
            vec![Value::open(Source::Parameter(FunctionId(function.0), *number), expr.span)]
        }
        Bound::Keywords(function) => {
            vec![Value::open(Source::Keywords(FunctionId(function.0)), expr.span)]
        }
        Bound::Scope(_) | Bound::Itself(_) | Bound::Unknown => unknown(),
    }
}

/// What the first of `paths` leads to that may belong to the project.
fn path(question: &Question<'_, '_>, mut paths: Vec<String>, expr: &Expr) -> Vec<Value> {
    paths.retain(|path| question.scopes.locals.hold(path));
    if paths.is_empty() {
        return unknown();
    }
    vec![Value::open(Source::Path(paths), expr.span)]
}

/// `owner.name`: a constant of a class, of a module, or of an enumeration with `.value`.
fn attribute(
    question: &Question<'_, '_>,
    owner: &Expr,
    name: &str,
    expr: &Expr,
    place: Place,
) -> Vec<Value> {
    if name == "value"
        && let ExprKind::Attribute(class, member) = &owner.kind
        && let Some(values) = constant(question, class, &member.node, expr, place)
    {
        return values;
    }
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
            Entity::Class(class) => all.extend(class_constant(question, class, name, expr)?),
            Entity::Path(owner) if question.scopes.locals.hold(&owner) => {
                all.extend(path(question, vec![format!("{owner}.{name}")], expr));
            }
            Entity::Path(_) | Entity::Function(_) => return None,
        }
    }
    (!all.is_empty()).then_some(all)
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
        let bindings: Vec<_> = scope.bindings(name).iter().chain(scope.attribute(name)).collect();
        if let [Binding { bound: Bound::Scope(function), .. }] = bindings.as_slice()
            && is_property(question.scopes.get(*function)?)
        {
            let callee = Callee::Function(FunctionId(function.0));
            let call = Source::Call(callee, Arguments::default());
            return Some(vec![Value::open(call, expr.span)]);
        }
        if takes_fields(scope, name) {
            let class = Callee::Class(ClassId(class.0));
            return Some(vec![Value::open(Source::Field(class, name.to_owned()), expr.span)]);
        }
        if !bindings.is_empty() {
            return Some(bound(question, &bindings, expr));
        }
        question.bases(scope).into_iter().find_map(|base| match base {
            Entity::Class(base) => class_constant(question, base, name, expr),
            Entity::Path(base) if question.scopes.locals.hold(&base) => {
                Some(path(question, vec![format!("{base}.{name}")], expr))
            }
            _ => None,
        })
    };
    question.deeper(constant)?
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

fn is_property(scope: &Scope<'_>) -> bool {
    let ScopeKind::Function(function) = scope.kind else { return false };
    function
        .decorators
        .iter()
        .any(|decorator| decorator.dotted().is_some_and(|name| name.ends_with("property")))
}

/// `collection[index]`.
fn subscript(
    question: &Question<'_, '_>,
    collection: &Expr,
    index: &Expr,
    expr: &Expr,
    place: Place,
) -> Vec<Value> {
    if let Some(key) = index.as_str() {
        if is_path(question, collection, place, "os.environ") {
            return environment(key, Vec::new(), expr);
        }
        if names_params(collection) {
            return parameter_of_dag(question, key).unwrap_or_else(unknown);
        }
    }
    element(question, &values(question, collection, at(collection, place)), index, place)
}

/// The elements of `collections` under what `index` may be.
fn element(
    question: &Question<'_, '_>,
    collections: &[Value],
    index: &Expr,
    place: Place,
) -> Vec<Value> {
    let mut all = Vec::new();
    for index in values(question, index, at(index, place)) {
        let step = match &index {
            Value::Number(digits) => match digits.expose().parse() {
                Ok(number) => Step::Position(number),
                Err(_) => Step::Any,
            },
            other => match other.known() {
                Some(key) => Step::Key(key.clone()),
                None => Step::Any,
            },
        };
        all.extend(stepped(collections, &step));
    }
    limited(all)
}

fn environment(key: &Text, default: Vec<Value>, expr: &Expr) -> Vec<Value> {
    vec![Value::open(Source::Environment(key.expose().to_owned(), default), expr.span)]
}

fn is_path(question: &Question<'_, '_>, expr: &Expr, place: Place, path: &str) -> bool {
    let is_it = |entity: &Entity| matches!(entity, Entity::Path(found) if found == path);
    question.entities(expr, at(expr, place)).iter().any(is_it)
}

/// `params`, `dag.params`, `context["params"]`.
fn names_params(expr: &Expr) -> bool {
    match &expr.kind {
        ExprKind::Name(name) => name == "params",
        ExprKind::Attribute(_, name) => name.node == "params",
        ExprKind::Subscript(_, index) => index.as_str().is_some_and(|it| it.expose() == "params"),
        _ => false,
    }
}

/// The defaults of the parameter `key` of the DAGs and tasks of the file, if there are any: what is
/// given as `params`, by keyword or in a dictionary of keywords.
fn parameter_of_dag(question: &Question<'_, '_>, key: &Text) -> Option<Vec<Value>> {
    let is_named = |expr: &&(Option<Expr>, Expr), name: &str| {
        expr.0.as_ref().and_then(Expr::as_str).is_some_and(|it| it.expose() == name)
    };
    let by_keyword = question
        .scopes
        .calls
        .iter()
        .filter_map(|site| Some((&site.call.keyword("params")?.value, site.place)));
    let in_dicts = question.scopes.dicts.iter().filter_map(|(items, place)| {
        Some((&items.iter().find(|item| is_named(item, "params"))?.1, *place))
    });
    let mut all = Vec::new();
    for (params, place) in by_keyword.chain(in_dicts) {
        for items in literal_dicts(question, params, place) {
            let Some((_, value)) = items.iter().find(|item| is_named(item, key.expose())) else {
                continue;
            };
            let value = default_of_param(value);
            all.extend(value.map_or_else(unknown, |it| values(question, it, at(it, place))));
        }
    }
    (!all.is_empty()).then(|| limited(all))
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
) -> Vec<&'tree [(Option<Expr>, Expr)]> {
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

fn call(question: &Question<'_, '_>, call: &Call, expr: &Expr, place: Place) -> Vec<Value> {
    let value = |expr: &Expr| values(question, expr, at(expr, place));
    let first = call.positional(0).map(|it| &it.value);
    let entities = question.entities(&call.function, at(&call.function, place));
    for entity in &entities {
        let Entity::Path(path) = entity else { continue };
        match path.as_str() {
            "os.getenv" | "os.environ.get" => {
                let key = first.or_else(|| call.keyword("key").map(|it| &it.value));
                let Some(key) = key.and_then(|it| known(question, it, place)) else {
                    return unknown();
                };
                let default = call.positional(1).or_else(|| call.keyword("default"));
                let default = default.map_or_else(|| vec![Value::Nothing], |it| value(&it.value));
                return environment(&key, default, expr);
            }
            "builtins.str" => return first.map_or_else(unknown, |it| shown(value(it))),
            "builtins.list" | "builtins.tuple" | "builtins.set" | "builtins.sorted"
            | "builtins.reversed" | "builtins.iter" | "copy.copy" | "copy.deepcopy" => {
                return first.map_or_else(unknown, value);
            }
            "builtins.dict" => {
                let given = arguments(question, call, place);
                let mut items = match given.positional.as_slice() {
                    [] => Vec::new(),
                    [values] => match merged(values.clone()).as_deref() {
                        Some([Value::Dict(items)]) => items.clone(),
                        _ => return unknown(),
                    },
                    _ => return unknown(),
                };
                let named = |(name, values): (String, Vec<Value>)| {
                    (Some(Text::produced_by(name, expr.span)), values)
                };
                items.extend(given.keyword.into_iter().map(named));
                items.extend(given.more.then(|| (None, unknown())));
                return vec![Value::Dict(items)];
            }
            "builtins.enumerate" => {
                let element = first.map_or_else(unknown, |it| stepped(&value(it), &Step::Each));
                return vec![Value::List(vec![vec![Value::List(vec![unknown(), element])]])];
            }
            "builtins.zip" => {
                let parts = call.arguments.iter().map(|it| stepped(&value(&it.value), &Step::Each));
                return vec![Value::List(vec![vec![Value::List(parts.collect())]])];
            }
            _ => {}
        }
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
            Entity::Path(_) => continue,
        };
        let source = Source::Call(callee, arguments(question, call, place));
        all.push(Value::open(source, expr.span));
    }
    if all.is_empty() { unknown() } else { all }
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
                arg.map_or_else(unknown, |arg| shown(value(&arg.value)))
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
                && let Some(values) = parameter_of_dag(question, key)
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

fn f_string(question: &Question<'_, '_>, parts: &[FStringPart], place: Place) -> Vec<Value> {
    joined(parts.iter().map(|part| match part {
        FStringPart::Literal(text) => vec![Value::text(text.clone())],
        FStringPart::Interpolation(it)
            if it.format.is_none() && !it.is_debug && matches!(it.conversion, None | Some('s')) =>
        {
            shown(values(question, &it.value, at(&it.value, place)))
        }
        FStringPart::Interpolation(_) => unknown(),
    }))
}
