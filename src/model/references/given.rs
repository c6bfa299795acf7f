//! What the calls of a file give to functions and classes of the project, and what is handed on.

use super::definitions::callee;
use super::evaluate::{self, arguments};
use super::names::{Entity, Question};
use super::origins::{Origin, origins, origins_of};
use super::scope::{Binding, Bound, CallSite, Place, ScopeKind, Scopes, at};
use super::summary::{CallFacts, Owner, Summary, owner};
use super::turns::is_each;
use super::value::{Arguments, FunctionId, Step, Value, stepped};
use crate::hash::HashSet;
use crate::read::python::tree::{Call, Expr, ExprKind};

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
            let Some(callee) = callee(scopes, entity.clone()) else { continue };
            let question = Question::new(scopes);
            let turns = question.choices.each(|| arguments(&question, site.call, site.place));
            let is_open = turns.len() > 1 || turns.iter().any(Arguments::is_open_to_choice);
            let takes_turns = is_open
                && site.call.arguments.iter().all(|it| is_each(&question, &it.value, site.place));
            let is_one_of = turns.len() > 1 && !takes_turns;
            for given in turns {
                let mut given = Arguments { takes_turns, is_one_of, ..given };
                match site.call.function.last_name() {
                    Some("expand") => given.each(),
                    Some("override" | "expand_kwargs") => given.more = true,
                    _ => {}
                }
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
fn handed_over(scopes: &Scopes<'_>, call: &Call, place: Place, summary: &mut Summary) {
    let callable = call.keyword("python_callable");
    if callable.is_none() && partial_of(call).is_none() {
        return;
    }
    let question = Question::new(scopes);
    let values = |expr: &Expr| evaluate::values(&question, expr, at(expr, place));
    let (function, turns) = if let Some(function) = callable {
        let turns = question.choices.each(|| {
            let mut given = Arguments::default();
            if let Some(kwargs) = call.keyword("op_kwargs") {
                let kwargs = question.choices.apart(|| values(&kwargs.value));
                given.more |= !evaluate::spread(&mut given.keyword, kwargs);
            }
            if let Some(args) = call.keyword("op_args") {
                match question.choices.apart(|| values(&args.value)).as_slice() {
                    [Value::List(elements)] => given.positional.clone_from(elements),
                    _ => given.more = true,
                }
            }
            given
        });
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

/// The arguments of one call in its turns, of which not each need come up.
fn one_of(turns: Vec<Arguments>) -> impl Iterator<Item = Arguments> {
    let is_one_of = turns.len() > 1;
    turns.into_iter().map(move |it| Arguments { is_one_of, ..it })
}

impl Arguments {
    /// The elements of each argument, as `expand` hands them on.
    fn each(&mut self) {
        for (_, values) in &mut self.keyword {
            *values = stepped(values, &Step::Each);
        }
    }
}
