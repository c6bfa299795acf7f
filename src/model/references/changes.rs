//! What code does to lists, dictionaries and classes after they were made: `NAMES.append("x")`,
//! `CONFIG["key"] = "x"`, `Config.key = "x"`, here or in a module that imports them.

use std::collections::HashMap;

use super::evaluate::{arguments, values};
use super::names::{Entity, Later, Question, Reaching};
use super::scope::{Binding, BlockId, Bound, Place, ScopeId, Scopes, at};
use super::value::{self, MAX_ALTERNATIVES, Step, Value, joined, limited, stepped, unknown};
use crate::read::python::tree::{Call, Expr, ExprKind, Operator, Star};
use crate::text::Text;

/// Something that is done to a value.
#[derive(Clone, Debug)]
pub(super) struct Change {
    pub(super) what: What,
    pub(super) when: When,
}

/// What is done.
#[derive(Clone, Debug)]
pub(super) enum What {
    /// An element more: `append`, `add`.
    Put(Vec<Value>),
    /// All elements or items of another collection: `extend`, `update`, `+=`.
    PutAll(Vec<Value>),
    /// `collection[index] = value`
    Under(Vec<Value>, Vec<Value>),
    /// `name += value`, which gives the name another text; a collection it changes besides.
    Added(Vec<Value>),
    /// `setdefault(key, value)`
    Default(Vec<Value>, Vec<Value>),
    /// Something is taken out, under this key or position, if that is known.
    Taken(Vec<Value>),
    /// Nobody knows what stands where: `sort`, `reverse`.
    Moved,
    /// Another value takes its place.
    Replaced(Vec<Value>),
}

/// Whether it was done when the value is looked at.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum When {
    /// It was, once.
    Surely,
    /// It is when the module was imported.
    Imported,
    /// It may have been, any number of times.
    Perhaps,
}

impl Change {
    /// All values in it.
    pub(super) fn values(&self) -> impl Iterator<Item = &Value> {
        let (first, second): (&[Value], &[Value]) = match &self.what {
            What::Put(it)
            | What::PutAll(it)
            | What::Added(it)
            | What::Taken(it)
            | What::Replaced(it) => (it, &[]),
            What::Under(index, it) | What::Default(index, it) => (index, it),
            What::Moved => (&[], &[]),
        };
        first.iter().chain(second)
    }

    /// The same with what `of` makes of its values.
    pub(super) fn map(&self, of: impl Fn(&[Value]) -> Vec<Value>) -> Self {
        let what = match &self.what {
            What::Put(it) => What::Put(of(it)),
            What::PutAll(it) => What::PutAll(of(it)),
            What::Added(it) => What::Added(of(it)),
            What::Taken(it) => What::Taken(of(it)),
            What::Replaced(it) => What::Replaced(of(it)),
            What::Under(index, it) => What::Under(of(index), of(it)),
            What::Default(index, it) => What::Default(of(index), of(it)),
            What::Moved => What::Moved,
        };
        Self { what, when: self.when }
    }
}

/// What `changes`, in order, make of `value`.
pub(super) fn changed(value: &Value, changes: &[Change]) -> Vec<Value> {
    let replaced = changes.iter().filter_map(|it| match &it.what {
        What::Replaced(values) => Some(values),
        _ => None,
    });
    let mut all = match value {
        Value::List(_) | Value::Many(_) => {
            let list = changes.iter().fold(value.clone(), |list, change| of_list(list, change));
            vec![list]
        }
        Value::Dict(items) => {
            let mut whole = items.clone();
            changes.iter().for_each(|change| of_dict(&mut whole, change));
            let mut all = vec![Value::Dict(whole)];
            let is_open =
                |it: &Change| it.when == When::Perhaps || matches!(it.what, What::Taken(_));
            if changes.iter().any(is_open) {
                let mut least = items.clone();
                for change in changes.iter().filter(|it| it.when != When::Perhaps) {
                    match &change.what {
                        What::Taken(index) => take(&mut least, index),
                        _ => of_dict(&mut least, change),
                    }
                }
                all.push(Value::Dict(least));
            }
            all
        }
        other => changes.iter().fold(vec![other.clone()], |values, change| match &change.what {
            What::Added(more) => joined([values, more.clone()]),
            _ => values,
        }),
    };
    all.extend(replaced.flatten().cloned());
    limited(all)
}

fn of_list(list: Value, change: &Change) -> Value {
    let is_certain = change.when != When::Perhaps;
    match (list, &change.what) {
        (list, What::Default(..) | What::Replaced(_) | What::Added(_)) => list,
        (Value::List(mut elements), What::Put(values)) if is_certain => {
            elements.push(values.clone());
            Value::List(elements)
        }
        (Value::List(mut elements), What::PutAll(values)) if is_certain && is_list(values) => {
            for value in values {
                let Value::List(more) = value else { continue };
                elements.extend(more.iter().cloned());
            }
            Value::List(elements)
        }
        (Value::List(mut elements), What::Under(index, values))
            if position(index, elements.len()).is_some() =>
        {
            let at = position(index, elements.len());
            if let Some(element) = at.and_then(|at| elements.get_mut(at)) {
                if change.when == When::Surely {
                    element.clone_from(values);
                } else {
                    element.extend(values.iter().cloned());
                }
            }
            Value::List(elements)
        }
        (list, what) => {
            let mut all = stepped(&[list], &Step::Each);
            match what {
                What::Put(values) | What::Under(_, values) => all.extend(values.iter().cloned()),
                What::PutAll(values) => all.extend(stepped(values, &Step::Each)),
                _ => {}
            }
            Value::Many(limited(all))
        }
    }
}

/// One list, of which every element is known.
fn is_list(values: &[Value]) -> bool {
    matches!(values, [Value::List(_)])
}

fn position(index: &[Value], length: usize) -> Option<usize> {
    match index {
        [Value::Number(digits)] => {
            digits.expose().parse().ok().and_then(|at| value::position(at, length))
        }
        _ => None,
    }
}

type Items = Vec<(Option<Text>, Vec<Value>)>;

fn of_dict(items: &mut Items, change: &Change) {
    match &change.what {
        What::Under(index, values) => {
            let is_certain = change.when == When::Surely && index.len() == 1;
            for index in index {
                store(items, index.known(), values, is_certain);
            }
        }
        What::Default(index, values) => {
            for index in index {
                let key = index.known();
                let is_it = |(it, _): &(Option<Text>, _)| {
                    it.as_ref().is_some_and(|it| key.is_some_and(|key| it.expose() == key.expose()))
                };
                if !items.iter().any(is_it) {
                    store(items, key, values, false);
                }
            }
        }
        What::PutAll(values) => {
            let is_certain = change.when == When::Surely && values.len() == 1;
            for value in values {
                match value {
                    Value::Dict(more) => {
                        for (key, values) in more {
                            store(items, key.as_ref(), values, is_certain);
                        }
                    }
                    _ => items.push((None, unknown())),
                }
            }
        }
        What::Put(_) | What::Added(_) | What::Taken(_) | What::Moved | What::Replaced(_) => {}
    }
}

fn store(items: &mut Items, key: Option<&Text>, values: &[Value], is_certain: bool) {
    let is_it = |it: &Option<Text>| {
        it.as_ref().is_some_and(|it| key.is_some_and(|key| it.expose() == key.expose()))
    };
    if is_certain {
        items.retain(|(it, _)| !is_it(it));
    }
    match items.iter_mut().rev().find(|(it, _)| is_it(it)) {
        Some((_, before)) => before.extend(values.iter().cloned()),
        None => items.push((key.cloned(), values.to_vec())),
    }
}

/// Takes out what stands under `index`; everything where that is not known.
fn take(items: &mut Items, index: &[Value]) {
    match index {
        [index] if index.known().is_some() => {
            let key = index.known().map(Text::expose);
            items.retain(|(it, _)| it.as_ref().map(Text::expose) != key);
        }
        _ => items.clear(),
    }
}

/// A place in the code that changes something.
pub(super) struct Site<'tree> {
    form: Form<'tree>,
    place: Place,
    /// Whether it runs more often than what made the value.
    repeats: bool,
}

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
}

/// More changes of one value than this make it unknown.
const MAX_SITES: usize = 64;
/// How far a value is followed from name to name.
const MAX_HOPS: usize = 16;

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
                    let site = Site { form, place, repeats: true };
                    sites.elsewhere.push((format!("{path}.{name}"), site));
                }
            }
        }
        sites
    }

    fn add(&mut self, scopes: &Scopes<'tree>, owner: &Expr, form: Form<'tree>, place: Place) {
        if scopes.is_never(place.block) {
            return;
        }
        for origin in origins(&Question::new(scopes), owner, place) {
            match origin {
                Origin::Here(expr, made) => {
                    let around: Vec<BlockId> = scopes.enclosing(made.block).collect();
                    let repeats = scopes
                        .enclosing(place.block)
                        .any(|it| scopes.repeats(it).is_some() && !around.contains(&it));
                    let site = Site { form, place, repeats };
                    self.here.entry(std::ptr::from_ref(expr)).or_default().push(site);
                }
                Origin::Elsewhere(path) => {
                    self.elsewhere.push((path, Site { form, place, repeats: true }));
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

/// `values`, which `expr` makes, with what was done to them until the question looks at them.
pub(super) fn applied(question: &Question<'_, '_>, expr: &Expr, values: Vec<Value>) -> Vec<Value> {
    let Some(sites) = question.scopes.changes.here.get(&std::ptr::from_ref(expr)) else {
        return values;
    };
    if sites.len() > MAX_SITES {
        return unknown();
    }
    let change = |site: &Site<'_>| {
        let when = question.when(site.place, site.repeats)?;
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
    items.extend(given.more.then(|| (None, unknown())));
    vec![Value::Dict(items)]
}

/// What makes a value.
pub(super) enum Origin<'tree> {
    /// An expression of this file.
    Here(&'tree Expr, Place),
    /// Another file: what this dotted path leads to.
    Elsewhere(String),
}

/// The expressions that make what `expr` is at `place`: a list, a dictionary, an instance.
pub(super) fn origins<'tree>(
    question: &Question<'_, 'tree>,
    expr: &Expr,
    place: Place,
) -> Vec<Origin<'tree>> {
    let mut found = Vec::new();
    follow(question, expr, at(expr, place), 0, &mut found);
    found
}

/// The same, also of an expression that makes one itself.
pub(super) fn origins_of<'tree>(
    question: &Question<'_, 'tree>,
    expr: &'tree Expr,
    place: Place,
) -> Vec<Origin<'tree>> {
    let mut found = Vec::new();
    made(question, expr, at(expr, place), 0, &mut found);
    found
}

fn follow<'tree>(
    question: &Question<'_, 'tree>,
    expr: &Expr,
    place: Place,
    hops: usize,
    found: &mut Vec<Origin<'tree>>,
) {
    if hops >= MAX_HOPS || found.len() >= MAX_ALTERNATIVES {
        return;
    }
    let scopes = question.scopes;
    match &expr.kind {
        ExprKind::Name(name) => {
            if let Reaching::Bound(bindings) = question.reaching(name, place, Later::All) {
                for binding in bindings {
                    bound(question, &binding.bound, binding.place, hops, found);
                }
            }
        }
        ExprKind::Attribute(owner, name) => {
            for entity in question.entities(owner, place) {
                match entity {
                    Entity::Class(class) => {
                        let Some(scope) = scopes.get(class) else { continue };
                        let own = scope.bindings(&name.node).iter();
                        for Binding { bound: it, place, .. } in
                            own.chain(scope.attribute(&name.node))
                        {
                            bound(question, it, *place, hops, found);
                        }
                    }
                    Entity::Path(path) if scopes.locals.hold(&path) => {
                        found.push(Origin::Elsewhere(format!("{path}.{}", name.node)));
                    }
                    _ => {}
                }
            }
        }
        ExprKind::Subscript(owner, index) => {
            let mut outer = Vec::new();
            follow(question, owner, at(owner, place), hops + 1, &mut outer);
            for origin in outer {
                let Origin::Here(Expr { kind: ExprKind::Dict(items), .. }, place) = origin else {
                    continue;
                };
                let Some(wanted) = index.as_str() else { continue };
                let is_it =
                    |key: &Expr| key.as_str().is_some_and(|key| key.expose() == wanted.expose());
                for (_, value) in items.iter().filter(|(key, _)| key.as_ref().is_some_and(is_it)) {
                    made(question, value, place, hops + 1, found);
                }
            }
        }
        _ => {}
    }
}

fn bound<'tree>(
    question: &Question<'_, 'tree>,
    bound: &Bound<'tree>,
    place: Place,
    hops: usize,
    found: &mut Vec<Origin<'tree>>,
) {
    match bound {
        Bound::Value(value) => made(question, value, place, hops + 1, found),
        Bound::Grown(target, ..) => {
            follow(question, target, at(target, place), hops + 1, found);
        }
        Bound::Element(Expr { kind: ExprKind::List(parts) | ExprKind::Tuple(parts), .. }) => {
            for part in parts {
                made(question, part, place, hops + 1, found);
            }
        }
        Bound::Import(path) if question.scopes.locals.hold(path) => {
            found.push(Origin::Elsewhere(path.clone()));
        }
        _ => {}
    }
}

fn made<'tree>(
    question: &Question<'_, 'tree>,
    expr: &'tree Expr,
    place: Place,
    hops: usize,
    found: &mut Vec<Origin<'tree>>,
) {
    match &expr.kind {
        ExprKind::Name(_) | ExprKind::Attribute(..) | ExprKind::Subscript(..) => {
            follow(question, expr, at(expr, place), hops, found);
        }
        ExprKind::Conditional(it) if hops < MAX_HOPS => {
            made(question, &it.body, place, hops + 1, found);
            made(question, &it.otherwise, place, hops + 1, found);
        }
        ExprKind::Or(parts) if hops < MAX_HOPS => {
            for part in parts {
                made(question, part, place, hops + 1, found);
            }
        }
        ExprKind::Named(_, value) if hops < MAX_HOPS => {
            made(question, value, place, hops + 1, found);
        }
        ExprKind::List(_)
        | ExprKind::Set(_)
        | ExprKind::Dict(_)
        | ExprKind::Call(_)
        | ExprKind::Comprehension(_)
        | ExprKind::Binary(Operator::Add | Operator::BitOr, ..) => {
            found.push(Origin::Here(expr, at(expr, place)));
        }
        _ => {}
    }
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
