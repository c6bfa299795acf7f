//! Where code changes lists, dictionaries and classes, and whether it did when a value is looked at.

use super::changes::{Change, Items, What, When};
use super::evaluate::{arguments, values};
use super::names::{Entity, Question};
use super::origins::{Origin, origins};
use super::scope::{Binding, BlockId, Bound, CallSite, Place, ScopeId, ScopeKind, Scopes, at};
use super::value::{Part, Source, Step, Value, stepped, unknown};
use crate::hash::HashMap;
use crate::read::python::tree::{Call, Expr, ExprKind, Star};
use crate::text::Text;

/// A place in the code that changes something.
#[derive(Clone)]
pub(super) struct Site<'tree> {
    form: Form<'tree>,
    place: Place,
    /// When that runs: for what a function does to what it is given, where that is called.
    when: Place,
    /// Whether it runs more often than what made the value, or perhaps not at all.
    repeats: bool,
}

/// What is done to the process environment.
const ENVIRON: &str = "os.environ";

#[derive(Clone, Copy)]
enum Form<'tree> {
    /// A call of a method.
    Method(&'tree str, &'tree Call),
    /// `…[index] = value`; without a value it is deleted.
    Under(&'tree Expr, Option<&'tree Expr>),
    /// `… += value`
    Grown(&'tree Expr),
    /// `module.name = value`
    Replaced(Option<&'tree Expr>),
}

/// The changes of a file.
#[derive(Default)]
pub(super) struct Sites<'tree> {
    /// By the expression that makes the value.
    here: HashMap<*const Expr, Vec<Site<'tree>>>,
    /// Of values that other files make, by the dotted paths that lead to them.
    elsewhere: Vec<(String, Site<'tree>)>,
    /// Of the process environment.
    environment: Vec<Site<'tree>>,
    /// Of what functions are given, by function and parameter.
    given: HashMap<ScopeId, Vec<(usize, Site<'tree>)>>,
}

/// How far a value is followed from function to function that hands it on.
const MAX_HOPS: usize = 4;

/// More changes of one value than this make it unknown.
const MAX_SITES: usize = 64;

/// Methods of lists, sets and dictionaries that change them.
const METHODS: &[&str] = &[
    "append",
    "appendleft",
    "add",
    "extend",
    "insert",
    "update",
    "setdefault",
    "pop",
    "popitem",
    "popleft",
    "remove",
    "discard",
    "clear",
    "sort",
    "reverse",
];

impl<'tree> Sites<'tree> {
    /// Those of a file whose scopes are complete otherwise.
    pub(super) fn of(scopes: &Scopes<'tree>) -> Self {
        let mut sites = Self::default();
        for site in &scopes.calls {
            if let ExprKind::Attribute(owner, method) = &site.call.function.kind
                && METHODS.contains(&method.node.as_str())
            {
                let place = Place { at: site.span.end, ..site.place };
                sites.add(scopes, owner, Form::Method(&method.node, site.call), place);
            }
        }
        for (target, value, place) in &scopes.stores {
            if let ExprKind::Subscript(owner, index) = &target.kind {
                sites.add(scopes, owner, Form::Under(index, Some(value)), *place);
            }
        }
        for (target, place) in &scopes.deleted {
            if let ExprKind::Subscript(owner, index) = &target.kind {
                sites.add(scopes, owner, Form::Under(index, None), *place);
            }
        }
        for (target, value, place) in &scopes.grown {
            match &target.kind {
                // What stands there then is not followed.
                ExprKind::Subscript(owner, index) => {
                    sites.add(scopes, owner, Form::Under(index, None), *place);
                }
                _ => sites.add(scopes, target, Form::Grown(value), *place),
            }
        }
        for it in &scopes.assigned {
            let Some(name) = it.name.filter(|_| !scopes.is_never(it.place.block)) else { continue };
            let value = match it.bound {
                Bound::Value(value) => Some(value),
                _ => None,
            };
            for entity in Question::new(scopes).entities(it.owner, it.place) {
                if let Entity::Path(path) = entity
                    && scopes.locals.hold(&path)
                {
                    let (form, place) = (Form::Replaced(value), it.place);
                    let site = Site { form, place, when: place, repeats: true };
                    sites.elsewhere.push((format!("{path}.{name}"), site));
                }
            }
        }
        sites.hand_on(scopes);
        sites
    }

    /// Adds what functions do to what they are given to the changes of what their callers give.
    fn hand_on(&mut self, scopes: &Scopes<'tree>) {
        for _ in 0..MAX_HOPS {
            let given = std::mem::take(&mut self.given);
            if given.is_empty() {
                return;
            }
            for call in &scopes.calls {
                for entity in call.called(scopes) {
                    let Entity::Function(function) = entity else { continue };
                    let sites = given.get(function).into_iter().flatten();
                    for (parameter, site) in sites.take(MAX_SITES) {
                        let when = Place { at: call.span.end, ..call.place };
                        if let Some(arg) = argument(scopes, call, *function, *parameter) {
                            self.push(scopes, arg, &Site { when, ..site.clone() }, call.place);
                        }
                    }
                }
            }
        }
    }

    fn add(&mut self, scopes: &Scopes<'tree>, owner: &Expr, form: Form<'tree>, place: Place) {
        if owner.last_name() == Some("environ") {
            let is_it = |it: &Entity| matches!(it, Entity::Path(path) if path == ENVIRON);
            if Question::new(scopes).entities(owner, at(owner, place)).iter().any(is_it) {
                self.environment.push(Site { form, place, when: place, repeats: false });
                return;
            }
        }
        self.push(scopes, owner, &Site { form, place, when: place, repeats: false }, place);
    }

    /// Adds a change of what `owner` is at `place`.
    fn push(&mut self, scopes: &Scopes<'tree>, owner: &Expr, site: &Site<'tree>, place: Place) {
        if scopes.is_never(site.when.block) || scopes.is_never(site.place.block) {
            return;
        }
        let site = || site.clone();
        for origin in origins(&Question::new(scopes), owner, place) {
            match origin {
                Origin::Here(expr, made) => {
                    let around: Vec<BlockId> = scopes.enclosing(made.block).collect();
                    let repeats = scopes
                        .enclosing(place.block)
                        .any(|it| scopes.repeats(it).is_some() && !around.contains(&it));
                    let sites = self.here.entry(std::ptr::from_ref(expr)).or_default();
                    let site = site();
                    sites.push(Site { repeats: site.repeats || repeats, ..site });
                }
                Origin::Elsewhere(path) => {
                    self.elsewhere.push((path, Site { repeats: true, ..site() }));
                }
                Origin::Callers(function, parameter) => {
                    let mut blocks = scopes.enclosing(place.block);
                    let is_certain = blocks
                        .all(|it| !scopes.may_be_left_out(it) && scopes.repeats(it).is_none());
                    let site = site();
                    let site = Site { repeats: site.repeats || !is_certain, ..site };
                    self.given.entry(function).or_default().push((parameter, site));
                }
            }
        }
    }

    /// What the file does to values of others.
    pub(super) fn elsewhere(&self, scopes: &Scopes<'tree>) -> Vec<(String, Change)> {
        let change = |(path, site): &(String, Site<'tree>)| {
            let what = site.what(&Question::new(scopes))?;
            Some((path.clone(), Change { what, when: When::Perhaps }))
        };
        self.elsewhere.iter().filter_map(change).collect()
    }
}

/// What an environment variable is that is read as `read`, when `default` is put where it is not set.
fn or_default(read: &[Value], default: &[Value]) -> Vec<Value> {
    let mut values = read.to_vec();
    for value in &mut values {
        if let Value::Parts(parts) = value
            && let [Part::Open(open)] = parts.as_mut_slice()
            && let Source::Environment(_, before) = &mut open.source
        {
            *before = default.to_vec();
        }
    }
    values
}

/// The argument that a call of `function` gives for its parameter at this position.
fn argument<'tree>(
    scopes: &Scopes<'tree>,
    site: &CallSite<'tree>,
    function: ScopeId,
    parameter: usize,
) -> Option<&'tree Expr> {
    let ScopeKind::Function(definition) = scopes.get(function)?.kind else { return None };
    let name = &definition.parameters.get(parameter)?.name.node;
    let itself = definition
        .parameters
        .first()
        .map(|it| scopes.get(function)?.bindings(&it.name.node).first());
    let is_method = matches!(itself.flatten(), Some(Binding { bound: Bound::Itself(_), .. }));
    let position = parameter.checked_sub(usize::from(is_method))?;
    let arg = site.call.keyword(name).or_else(|| site.call.positional(position))?;
    Some(&arg.value)
}

/// What reading the environment variable `key` gives, which is `read` where the file does not set it, and
/// `unset` where that removes it.
pub(super) fn in_environment(
    question: &Question<'_, '_>,
    key: &Text,
    read: Vec<Value>,
    unset: &[Value],
) -> Vec<Value> {
    let sites = &question.scopes.changes.environment;
    if sites.len() > MAX_SITES {
        return read;
    }
    let change = |site: &Site<'_>| {
        let when = question.when(site.when, site.repeats)?;
        let what = match site.what(question)? {
            // What is set already stays.
            What::Default(index, values) => What::Under(index, or_default(&read, &values)),
            // It is as if it had never been set.
            What::Taken(index) => What::Under(index, unset.to_vec()),
            other => other,
        };
        Some(Change { what, when })
    };
    let changes: Vec<Change> = sites.iter().filter_map(change).collect();
    if changes.is_empty() {
        return read;
    }
    let set = stepped(&[Value::Dict(Vec::new())], &Step::Changed(changes));
    stepped(&set, &Step::KeyOr(key.clone(), read))
}

/// `values`, which `expr` makes, with what was done to them until the question looks at them.
pub(super) fn applied(question: &Question<'_, '_>, expr: &Expr, values: Vec<Value>) -> Vec<Value> {
    let Some(sites) = question.scopes.changes.here.get(&std::ptr::from_ref(expr)) else {
        return values;
    };
    if sites.len() > MAX_SITES {
        return unknown();
    }
    let change = |site: &Site<'_>| {
        let when = question.when(site.when, site.repeats)?;
        Some(Change { what: site.what(question)?, when })
    };
    let changes: Vec<Change> = sites.iter().filter_map(change).collect();
    if changes.is_empty() { values } else { stepped(&values, &Step::Changed(changes)) }
}

impl Site<'_> {
    /// What is done; `None` for a method of something else.
    fn what(&self, question: &Question<'_, '_>) -> Option<What> {
        let value = |expr: &Expr| values(question, expr, at(expr, self.place));
        Some(match self.form {
            Form::Method(method, call) => {
                let given = |number| call.positional(number).map(|arg| value(&arg.value));
                let is_unpacked = call.arguments.iter().any(|arg| arg.star != Star::No);
                match method {
                    "append" | "add" => What::Put(given(0)?),
                    "appendleft" => What::Under(unknown(), given(0)?),
                    "insert" => What::Under(unknown(), given(1)?),
                    "extend" => What::PutAll(given(0)?),
                    "update" if call.arguments.len() == 1 && !is_unpacked => {
                        What::PutAll(given(0).unwrap_or_else(|| named(question, call, self.place)))
                    }
                    "update" => What::PutAll(named(question, call, self.place)),
                    "setdefault" => What::Default(given(0)?, given(1).unwrap_or_default()),
                    "sort" | "reverse" => What::Moved,
                    _ => What::Taken(given(0).unwrap_or_else(unknown)),
                }
            }
            Form::Under(index, Some(it)) => What::Under(value(index), value(it)),
            Form::Under(index, None) => What::Taken(value(index)),
            Form::Grown(it) => What::PutAll(value(it)),
            Form::Replaced(it) => What::Replaced(it.map_or_else(unknown, value)),
        })
    }
}

/// The dictionary that the arguments of `update` make.
fn named(question: &Question<'_, '_>, call: &Call, place: Place) -> Vec<Value> {
    let given = arguments(question, call, place);
    let mut items: Items = Vec::new();
    for values in given.positional {
        match values.as_slice() {
            [Value::Dict(more)] => items.extend(more.iter().cloned()),
            _ => items.push((None, unknown())),
        }
    }
    let span = call.function.span;
    let named = given.keyword.into_iter();
    items.extend(named.map(|(name, it)| (Some(Text::produced_by(name, span)), it)));
    let is_open = given.more || !given.rest.is_empty();
    items.extend(is_open.then(|| (None, unknown())));
    vec![Value::Dict(items)]
}

impl Question<'_, '_> {
    /// Whether what is done at `change` was done when the question looks; `None` when it was not.
    pub(super) fn when(&self, change: Place, repeats: bool) -> Option<When> {
        let scopes = self.scopes;
        if scopes.is_never(change.block) {
            return None;
        }
        let Some(from) = self.from() else { return Some(When::Perhaps) };
        let around: Vec<BlockId> = scopes.enclosing(from.block).collect();
        let owner: Option<ScopeId> = scopes.owner(change.scope);
        if owner == scopes.owner(from.scope) {
            if change.at > from.at {
                let again = around.iter().filter_map(|it| scopes.repeats(*it));
                let again =
                    again.into_iter().any(|it| it.start <= change.at && change.at <= it.end);
                return again.then_some(When::Perhaps);
            }
            let is_certain = around.contains(&change.block) && !repeats;
            return Some(if is_certain { When::Surely } else { When::Perhaps });
        }
        let mut blocks = scopes.enclosing(change.block);
        let is_certain = owner.is_none()
            && blocks.all(|it| scopes.arm(it).is_none() && scopes.repeats(it).is_none());
        Some(if is_certain { When::Imported } else { When::Perhaps })
    }
}
