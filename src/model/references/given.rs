//! What the calls of a file give to functions and classes of the project, and what is handed on.

use super::definitions::callee;
use super::evaluate::{self, arguments};
use super::names::{Entity, Question};
use super::origins::{Origin, origins, origins_of};
use super::parameters::rendered;
use super::scope::{Binding, Bound, CallSite, Place, ScopeKind, Scopes, at};
use super::summary::{CallFacts, Owner, Summary, owner};
use super::timing::is_task_scope;
use super::turns::is_each;
use super::value::{Arguments, FunctionId, MAX_ALTERNATIVES, Step, Value, stepped, unknown};
use crate::hash::HashSet;
use crate::read::python::tree::{Arg, Call, Expr, ExprKind};

/// How many values the arguments of all calls of a file may hold before they are forgotten.
const MAX_GIVEN: usize = 100_000;

/// What is called, with which arguments, and what is handed on to be called later.
pub(super) fn calls(scopes: &Scopes<'_>, summary: &mut Summary) {
    let mut kept = 0;
    for site in &scopes.calls {
        let owner = owner(scopes, site.place);
        let entities = site.called(scopes);
        called_at_once(scopes, site, entities, summary);
        if entities.is_empty() {
            called_with_some(scopes, site, summary);
        }
        for entity in entities {
            let is_made_only = match entity {
                Entity::Task(_) => true,
                Entity::Function(function) => scopes.is_dropped(site, *function),
                _ => false,
            };
            let owner = (!is_made_only).then_some(owner);
            let question = Question::new(scopes);
            if question.gives_some(&site.call.function, site.place, entity) {
                continue;
            }
            let Some(callee) = callee(scopes, entity.clone()) else { continue };
            let turns = question.choices.each(|| mapped(&question, site.call, site.place)).concat();
            let is_open = turns.len() > 1 || turns.iter().any(Arguments::is_open_to_choice);
            let takes_turns = is_open
                && site.call.arguments.iter().all(|it| is_each(&question, &it.value, site.place));
            let is_one_of = turns.len() > 1 && !takes_turns;
            let is_task = match entity {
                Entity::Task(_) => true,
                Entity::Function(id) => scopes.get(*id).is_some_and(|it| is_task_scope(it.kind)),
                _ => false,
            };
            for given in turns {
                let given = if is_task { given.rendered(&question, site.place) } else { given };
                let mut given = Arguments { takes_turns, is_one_of, ..given };
                kept += given.values().map(Value::weight).sum::<usize>();
                if kept > MAX_GIVEN {
                    given = Arguments { more: true, ..Arguments::default() };
                }
                summary.calls.push(CallFacts { callee: callee.clone(), arguments: given, owner });
            }
        }
        if owner != Owner::Nobody {
            handed_over(scopes, site.call, site.place, summary);
        }
    }
    for (decorator, place, decorated) in &scopes.decorators {
        let owner = owner(scopes, *place);
        let question = Question::new(scopes);
        let mut add = |entity, owner| {
            let Some(callee) = callee(scopes, entity) else { return };
            let arguments = Arguments { more: true, ..Arguments::default() };
            summary.calls.push(CallFacts { callee, arguments, owner: Some(owner) });
        };
        for entity in question.entities(decorator, *place) {
            if let Entity::Function(function) = entity {
                // What it returns is called instead of what it decorates.
                let inside = Owner::Function(FunctionId(decorated.0));
                question.returned(function).into_iter().for_each(|it| add(it, inside));
            }
            add(entity, owner);
        }
    }
    let defined: HashSet<&str> = scopes
        .all()
        .filter_map(|(_, scope)| match scope.kind {
            ScopeKind::Function(function) => Some(function.name.node.as_str()),
            _ => None,
        })
        .collect();
    let named: HashSet<&str> = scopes
        .all()
        .flat_map(|(_, scope)| scope.names_where(|it| may_be_called(scopes, it)))
        .collect();
    let hold = |path: &String| scopes.locals.hold(path);
    let has_stars = scopes.all().any(|(_, scope)| scope.stars.iter().any(hold));
    let has_modules = scopes.imports.iter().any(|(path, _)| hold(path));
    let is_named = |name: &str| has_stars || named.contains(name);
    let functions = |expr: &Expr, place: Place| {
        let candidate = match &expr.kind {
            ExprKind::Name(name) => is_named(name),
            ExprKind::Attribute(owner, name) => {
                defined.contains(name.node.as_str())
                    || has_modules && owner.first_name().is_some_and(is_named)
            }
            _ => false,
        };
        let entities =
            if candidate { Question::new(scopes).entities(expr, place) } else { Vec::new() };
        let functions = entities.into_iter().filter(|it| !matches!(it, Entity::Class(_)));
        let functions = functions.filter_map(|it| callee(scopes, it));
        functions.map(|it| (it, owner(scopes, place))).collect::<Vec<_>>()
    };
    for (expr, place) in &scopes.mentions {
        summary.handed_on.extend(functions(expr, *place));
    }
    for (expr, place) in &scopes.receivers {
        summary.read.extend(functions(expr, *place));
    }
}

/// The arguments of a call, or of the calls that it makes of a task: `t.partial(…).expand(…)`.
fn mapped<'tree>(
    question: &Question<'_, 'tree>,
    call: &'tree Call,
    place: Place,
) -> Vec<Arguments> {
    let mut given = arguments(question, call, place);
    let mut all = match method_of(call) {
        Some("expand") => {
            given.each();
            vec![given]
        }
        Some("expand_kwargs") => {
            let rows = given.positional.pop().unwrap_or_default();
            rows_of(&rows).unwrap_or_else(|| vec![Arguments { more: true, ..Arguments::default() }])
        }
        _ => vec![given],
    };
    if let Some((partial, place)) = completed(question, call, place) {
        let before = arguments(question, partial, place);
        for given in &mut all {
            given.keyword.extend(before.keyword.iter().cloned());
            given.rest.extend(before.rest.iter().cloned());
            given.more |= before.more;
        }
    }
    all
}

/// The arguments that each of these dictionaries makes, where all of it is known.
fn rows_of(rows: &[Value]) -> Option<Vec<Arguments>> {
    let [Value::List(rows)] = rows else { return None };
    let arguments = |row: &Vec<Value>| {
        let mut given = Arguments { is_one_of: false, ..Arguments::default() };
        evaluate::spread(&mut given.keyword, row.clone()).then_some(given)
    };
    rows.iter().map(arguments).collect()
}

/// The method that is called.
fn method_of(call: &Call) -> Option<&str> {
    match &call.function.kind {
        ExprKind::Attribute(_, name) => Some(&name.node),
        _ => None,
    }
}

/// The call `X.partial(…)` that `X.partial(…).expand(…)` completes.
fn completed<'tree>(
    question: &Question<'_, 'tree>,
    call: &'tree Call,
    place: Place,
) -> Option<(&'tree Call, Place)> {
    let ExprKind::Attribute(owner, _) = &call.function.kind else { return None };
    if !matches!(method_of(call), Some("expand" | "expand_kwargs")) {
        return None;
    }
    origins_of(question, owner, place).into_iter().find_map(|origin| match origin {
        Origin::Here(Expr { kind: ExprKind::Call(partial), .. }, place) => {
            (method_of(partial) == Some("partial")).then_some((&**partial, place))
        }
        _ => None,
    })
}

/// Whether something of the project may be called by a name that is bound in this way.
fn may_be_called(scopes: &Scopes<'_>, binding: &Binding<'_>) -> bool {
    match &binding.bound {
        Bound::Import(path) => scopes.locals.hold(path),
        Bound::Value(expr) => {
            !matches!(expr.kind, ExprKind::Str(_) | ExprKind::FString(_) | ExprKind::Number(_))
        }
        Bound::Element(_) | Bound::Scope(_) | Bound::Itself(_) => true,
        Bound::Grown(..)
        | Bound::Part(..)
        | Bound::Parameter(..)
        | Bound::Rest(_)
        | Bound::Keywords(_)
        | Bound::Unknown => false,
    }
}

/// Functions that call the function they are given before they return, or soon after.
const CALLING: &[&str] = &[
    "builtins.map",
    "builtins.filter",
    "builtins.sorted",
    "builtins.min",
    "builtins.max",
    "functools.reduce",
    "itertools.groupby",
    "itertools.starmap",
];

/// Functions that are given to something that calls them at once: `map(f, names)`, `sorted(key=f)`.
fn called_at_once(
    scopes: &Scopes<'_>,
    site: &CallSite<'_>,
    entities: &[Entity],
    summary: &mut Summary,
) {
    let is_calling = |it: &Entity| matches!(it, Entity::Path(it) if CALLING.contains(&it.as_str()));
    let sorts = site.call.function.last_name() == Some("sort");
    if !sorts && !entities.iter().any(is_calling) {
        return;
    }
    let question = Question::new(scopes);
    let first = site.call.positional(0).filter(|_| !sorts);
    let function = site.call.keyword("key").or(first);
    let Some(function) = function.map(|it| &it.value) else { return };
    // `map` and `filter` hand the elements on; what the others do is not followed.
    let arguments = match (site.call.function.last_name(), site.call.positional(1)) {
        (Some("map" | "filter"), Some(elements)) => {
            let elements =
                evaluate::values(&question, &elements.value, at(&elements.value, site.place));
            Arguments { positional: vec![stepped(&elements, &Step::Each)], ..Arguments::default() }
        }
        _ => Arguments { more: true, ..Arguments::default() },
    };
    let owner = Some(owner(scopes, site.place));
    for entity in question.entities(function, at(function, site.place)) {
        let Some(callee) = callee(scopes, entity) else { continue };
        summary.calls.push(CallFacts { callee, arguments: arguments.clone(), owner });
    }
}

/// The call that `functools.partial(f, …)` makes of what `expr` is.
pub(super) fn partial<'tree>(
    question: &Question<'_, 'tree>,
    expr: &Expr,
    place: Place,
) -> Option<(&'tree Call, Place)> {
    origins(question, expr, place).into_iter().find_map(|origin| match origin {
        Origin::Here(Expr { kind: ExprKind::Call(call), .. }, place) => {
            partial_of(call).map(|_| (&**call, place))
        }
        _ => None,
    })
}

/// The call of what `functools.partial(f, …)` gives.
fn called_with_some(scopes: &Scopes<'_>, site: &CallSite<'_>, summary: &mut Summary) {
    let question = Question::new(scopes);
    for origin in origins_of(&question, &site.call.function, site.place) {
        let Origin::Here(Expr { kind: ExprKind::Call(partial), .. }, place) = origin else {
            continue;
        };
        let Some(function) = partial_of(partial) else { continue };
        let turns = question.choices.each(|| {
            let mut given = arguments(&question, partial, place);
            given.positional = given.positional.into_iter().skip(1).collect();
            let more = arguments(&question, site.call, site.place);
            given.positional.extend(more.positional);
            given.keyword.retain(|(name, _)| more.keyword.iter().all(|(it, _)| it != name));
            given.keyword.extend(more.keyword);
            given.rest.extend(more.rest);
            given.more |= more.more;
            given
        });
        let owner = Some(owner(scopes, site.place));
        for entity in question.entities(function, at(function, place)) {
            let Some(callee) = callee(scopes, entity) else { continue };
            for arguments in one_of(turns.clone()) {
                summary.calls.push(CallFacts { callee: callee.clone(), arguments, owner });
            }
        }
    }
}

/// The function that `functools.partial(f, …)` gives arguments to.
fn partial_of(call: &Call) -> Option<&Expr> {
    let is_partial = call.function.last_name() == Some("partial");
    call.positional(0).filter(|_| is_partial).map(|it| &it.value)
}

/// Functions given to a call together with their arguments: `python_callable=f, op_kwargs={…}`,
/// `functools.partial(f, …)`. They run later, which their mention says; here they get arguments.
fn handed_over<'tree>(
    scopes: &Scopes<'tree>,
    call: &'tree Call,
    place: Place,
    summary: &mut Summary,
) {
    let question = Question::new(scopes);
    let values = |expr: &Expr| {
        let values = evaluate::values(&question, expr, at(expr, place));
        rendered(&question, values, place)
    };
    // What `Operator.partial(…)` is given, every task is that `expand` makes.
    let partial = completed(&question, call, place).map(|(partial, _)| partial);
    let of_partial = |name: &str| partial.and_then(|it| it.keyword(name));
    let callable = call.keyword("python_callable").or_else(|| of_partial("python_callable"));
    let is_expanded_later = callable.is_some() && method_of(call) == Some("partial");
    if is_expanded_later || callable.is_none() && partial_of(call).is_none() {
        return;
    }
    let (function, turns) = if let Some(function) = callable {
        let rows = |name: &str| {
            let values = |it: &Arg| question.choices.apart(|| values(&it.value));
            match (call.keyword(name).map(values), partial) {
                (Some(given), Some(_)) => match given.as_slice() {
                    [Value::List(rows)] => rows.clone(),
                    _ => vec![unknown()],
                },
                (Some(given), None) => vec![given],
                (None, _) => of_partial(name).map(values).into_iter().collect(),
            }
        };
        let turns = question.choices.each(|| {
            let more = method_of(call) == Some("expand_kwargs");
            let all = vec![Arguments { more, ..Arguments::default() }];
            let all = with_each(all, &rows("op_kwargs"), |given, kwargs| {
                given.more |= !evaluate::spread(&mut given.keyword, kwargs.to_vec());
            });
            with_each(all, &rows("op_args"), |given, args| match args {
                [Value::List(elements)] => given.positional.clone_from(elements),
                _ => given.more = true,
            })
        });
        let turns = turns.concat();
        (&function.value, turns)
    } else if let Some(function) = partial_of(call) {
        let turns = question.choices.each(|| {
            let mut given = arguments(&question, call, place);
            given.positional = given.positional.into_iter().skip(1).collect();
            given
        });
        (function, turns)
    } else {
        return;
    };
    for entity in question.entities(function, at(function, place)) {
        let Some(callee) = callee(scopes, entity) else { continue };
        // Nobody calls it here: the mention says when it runs.
        for arguments in one_of(turns.clone()) {
            summary.calls.push(CallFacts { callee: callee.clone(), arguments, owner: None });
        }
    }
}

/// Each of `all` with what `add` adds for each of `rows`, if there are any.
fn with_each(
    all: Vec<Arguments>,
    rows: &[Vec<Value>],
    add: impl Fn(&mut Arguments, &[Value]),
) -> Vec<Arguments> {
    if rows.is_empty() {
        return all;
    }
    if all.len() * rows.len() > MAX_ALTERNATIVES {
        return vec![Arguments { more: true, ..Arguments::default() }];
    }
    let with = |given: &Arguments, row: &Vec<Value>| {
        let mut given = given.clone();
        add(&mut given, row);
        given
    };
    all.iter().flat_map(|given| rows.iter().map(move |row| with(given, row))).collect()
}

/// The arguments of one call in its turns, of which not each need come up.
fn one_of(turns: Vec<Arguments>) -> impl Iterator<Item = Arguments> {
    let is_one_of = turns.len() > 1;
    turns.into_iter().map(move |it| Arguments { is_one_of, ..it })
}

impl Arguments {
    /// With the parameters of the DAG that templates in them name.
    fn rendered(mut self, question: &Question<'_, '_>, place: Place) -> Self {
        let keyword = self.keyword.iter_mut().map(|(_, values)| values);
        for values in self.positional.iter_mut().chain(keyword) {
            *values = rendered(question, std::mem::take(values), place);
        }
        self
    }

    /// The elements of each argument, as `expand` hands them on.
    fn each(&mut self) {
        for (_, values) in &mut self.keyword {
            *values = stepped(values, &Step::Each);
        }
    }
}
