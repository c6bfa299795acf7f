//! What a name means where it stands: the ways it may have got its value, and which imported path,
//! function or class an expression stands for.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use smallvec::{SmallVec, smallvec};

use super::choices::Choices;
use super::scope::{
    Binding, BlockId, Bound, MODULE, Outer, Place, Scope, ScopeId, ScopeKind, Scopes, at,
};
use super::value::{Value, position};
use crate::hash::HashMap;
use crate::read::python::tree::{Expr, ExprKind, Star};
use crate::text::Span;

/// More ways than this to reach a name, and it counts as unknown.
const MAX_BINDINGS: usize = 32;
/// Bindings looked at for one use of a name, reachable or not.
const MAX_LOOKED_AT: usize = 128;
/// How far one question goes from name to name.
const MAX_DEPTH: usize = 48;
/// How many steps one question takes.
const MAX_STEPS: usize = 4_000;

/// How far a question has come; each ends, whatever refers to whatever in the file.
pub(super) struct Question<'scopes, 'tree> {
    pub(super) scopes: &'scopes Scopes<'tree>,
    steps: Cell<usize>,
    depth: Cell<usize>,
    /// From where it looks at values that change.
    from: Cell<Option<Place>>,
    is_fixed: bool,
    /// The expressions being evaluated, to notice a value that depends on itself.
    open: RefCell<Vec<*const Expr>>,
    /// Which turns of the loops around count; by the expression that gives a loop its elements, or a
    /// name its values.
    pub(super) choices: Choices<*const Expr>,
    /// The elements of loops that are the same in every turn of others, by the collection and from
    /// where they are looked at.
    elements: RefCell<HashMap<(*const Expr, usize), Elements>>,
    /// The first of the tests that say the same.
    tests: RefCell<HashMap<String, *const Expr>>,
}

/// What each turn of a loop gives.
type Elements = Rc<Vec<Vec<Value>>>;

/// What an expression stands for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Entity {
    /// Something imported, or an attribute of it, or for a class an instance of it.
    Path(String),
    /// A function or lambda of this file.
    Function(ScopeId),
    /// A class of this file, or an instance of it.
    Class(ScopeId),
    /// A task that is made of a function: calling it runs nothing. `task(function)`
    Task(Box<Self>),
}

/// Bindings of a name, hardly ever more than one.
pub(super) type Bindings<'a, 'tree> = SmallVec<[&'a Binding<'tree>; 1]>;

/// The ways a name may have got its value.
pub(super) enum Reaching<'a, 'tree> {
    /// It is bound in this file, in one of these ways.
    Bound(Bindings<'a, 'tree>),
    /// Too many ways.
    Unknown,
    /// Not bound in this file: a builtin, or from one of these star imports.
    Free(Vec<&'a str>),
}

/// Which bindings of a name count where it is used in a function that runs later.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Later {
    /// Those that hold when everything before has run: for classes and functions.
    Last,
    /// All: for values, since nobody knows when the function runs.
    All,
}

impl<'scopes, 'tree> Question<'scopes, 'tree> {
    pub(super) fn new(scopes: &'scopes Scopes<'tree>) -> Self {
        Self {
            scopes,
            steps: Cell::new(0),
            depth: Cell::new(0),
            from: Cell::new(None),
            is_fixed: false,
            open: RefCell::default(),
            choices: Choices::default(),
            elements: RefCell::default(),
            tests: RefCell::default(),
        }
    }

    /// The elements that `find` finds in `collection`, looked for once where no choice decides.
    pub(super) fn elements_of(
        &self,
        collection: &Expr,
        find: impl FnOnce() -> Vec<Vec<Value>>,
    ) -> Rc<Vec<Vec<Value>>> {
        let from = self.from().map_or(usize::MAX, |it| it.at);
        let key = (std::ptr::from_ref(collection), from);
        if let Some(known) = self.elements.borrow().get(&key) {
            return Rc::clone(known);
        }
        let (before, is_outermost) = (self.choices.asked(), self.open.borrow().is_empty());
        let found = Rc::new(find());
        if before == self.choices.asked() && !is_outermost {
            self.elements.borrow_mut().insert(key, Rc::clone(&found));
        }
        found
    }

    /// What stands for `tests` and for all others that say the same, so that what depends on them is chosen
    /// together: `a if PROD else b`, `if PROD:`.
    pub(super) fn same_test(&self, tests: &[&Expr], place: Place) -> *const Expr {
        let own = tests.first().map_or(std::ptr::null(), |it| std::ptr::from_ref(*it));
        let mut said = String::new();
        let is_said = tests.iter().all(|test| {
            said.push(';');
            self.say(test, place, &mut said)
        });
        if is_said { *self.tests.borrow_mut().entry(said).or_insert(own) } else { own }
    }

    /// Writes down what an expression says, where its names mean the same wherever they stand.
    fn say(&self, expr: &Expr, place: Place, said: &mut String) -> bool {
        let all = |parts: &[&Expr], said: &mut String| {
            parts.iter().all(|part| {
                said.push(' ');
                self.say(part, place, said)
            })
        };
        match &expr.kind {
            ExprKind::Name(name) => match self.reaching(name, at(expr, place), Later::All) {
                Reaching::Bound(bindings) => {
                    let [only] = bindings.as_slice() else { return false };
                    said.push_str(&format!("{name}{:p}", *only));
                    true
                }
                Reaching::Free(_) => {
                    said.push_str(name);
                    true
                }
                Reaching::Unknown => false,
            },
            ExprKind::Attribute(owner, name) => {
                said.push_str(&format!(".{}", name.node));
                all(&[&**owner], said)
            }
            ExprKind::Str(text) => {
                said.push_str(&format!("{:?}", text.expose()));
                true
            }
            ExprKind::Number(digits) => {
                said.push_str(digits);
                true
            }
            ExprKind::Not(inner) => {
                said.push_str("not");
                all(&[&**inner], said)
            }
            ExprKind::Compare(parts, operators) => {
                said.push_str(&format!("{operators:?}"));
                all(&parts.iter().collect::<Vec<_>>(), said)
            }
            ExprKind::Call(call) if call.arguments.iter().all(|it| it.star == Star::No) => {
                let given = call.arguments.iter().map(|it| &it.value);
                said.push_str("call");
                all(&std::iter::once(&call.function).chain(given).collect::<Vec<_>>(), said)
            }
            _ => false,
        }
    }

    /// A question about values as they may be at any time.
    pub(super) fn at_any_time(scopes: &'scopes Scopes<'tree>) -> Self {
        Self { is_fixed: true, ..Self::new(scopes) }
    }

    /// From where the question looks; `None` from anywhere.
    pub(super) const fn from(&self) -> Option<Place> {
        self.from.get()
    }

    /// One step deeper, unless the question has gone too far: then `None`.
    pub(super) fn deeper<T>(&self, step: impl FnOnce() -> T) -> Option<T> {
        if self.depth.get() >= MAX_DEPTH || self.steps.get() >= MAX_STEPS {
            return None;
        }
        self.steps.set(self.steps.get() + 1);
        self.depth.set(self.depth.get() + 1);
        let result = step();
        self.depth.set(self.depth.get() - 1);
        Some(result)
    }

    /// As [`Self::deeper`], for the value of `expr`; also `None` when that is being evaluated already.
    pub(super) fn evaluate<T>(
        &self,
        expr: &Expr,
        place: Place,
        step: impl FnOnce() -> T,
    ) -> Option<T> {
        let expr = std::ptr::from_ref(expr);
        if self.open.borrow().contains(&expr) {
            return None;
        }
        if self.open.borrow().is_empty() && !self.is_fixed {
            self.from.set(Some(place));
        }
        self.open.borrow_mut().push(expr);
        let result = self.deeper(step);
        self.open.borrow_mut().pop();
        result
    }

    /// The ways `name` may have got its value when it is used at `place`.
    pub(super) fn reaching(
        &self,
        name: &str,
        place: Place,
        later: Later,
    ) -> Reaching<'scopes, 'tree> {
        let mut scope_id = place.scope;
        let mut direct = true;
        let mut in_one_go = true;
        let mut stars = Vec::new();
        while let Some(scope) = self.scopes.get(scope_id) {
            stars.extend(scope.stars.iter().map(String::as_str));
            let visible = direct || !matches!(scope.kind, ScopeKind::Class(_));
            match scope.outer(name) {
                Some(Outer::Global) => {
                    return self.scopes.get(MODULE).map_or(Reaching::Unknown, |module| {
                        let last = Place { scope: MODULE, block: module.root, at: usize::MAX };
                        self.select(module.bindings(name), last, later == Later::All)
                    });
                }
                None if visible && !scope.bindings(name).is_empty() => {
                    let bindings = scope.bindings(name);
                    if in_one_go {
                        return self.select(bindings, place, false);
                    }
                    let last = Place { scope: scope_id, block: scope.root, at: usize::MAX };
                    return self.select(bindings, last, later == Later::All);
                }
                Some(Outer::Nonlocal) | None => {}
            }
            in_one_go &= matches!(scope.kind, ScopeKind::Class(_) | ScopeKind::Comprehension);
            direct &= matches!(scope.kind, ScopeKind::Comprehension);
            match scope.parent {
                Some(parent) => scope_id = parent,
                None => break,
            }
        }
        Reaching::Free(stars)
    }

    /// Those of `bindings`, in the order of the source, that may hold at `place`.
    fn select(
        &self,
        bindings: &'scopes [Binding<'tree>],
        place: Place,
        all: bool,
    ) -> Reaching<'scopes, 'tree> {
        // Where there is but one, it is taken wherever the name is used.
        if let [only] = bindings {
            return Reaching::Bound(smallvec![only]);
        }
        if all {
            return if bindings.len() > MAX_BINDINGS {
                Reaching::Unknown
            } else {
                Reaching::Bound(bindings.iter().collect())
            };
        }
        if bindings.len() > MAX_LOOKED_AT {
            return Reaching::Unknown;
        }
        let around: Vec<BlockId> = self.scopes.enclosing(place.block).collect();
        // From the inside.
        let loops: Vec<Span> = around.iter().filter_map(|it| self.scopes.repeats(*it)).collect();
        let mut found = Bindings::new();
        // What an earlier turn of a loop may have run, with the beginning of the loop.
        let mut again: Vec<(&Binding<'tree>, usize)> = Vec::new();
        let mut certain_from = 0;
        let mut arms: HashMap<usize, Vec<usize>> = HashMap::default();
        let mut cut = 0;
        for binding in bindings.iter().rev() {
            if found.len() > MAX_BINDINGS {
                return Reaching::Unknown;
            }
            let Some(block) = binding.block else {
                found.push(binding);
                continue;
            };
            if binding.at > place.at {
                let innermost = loops.iter().find(|it| binding.at <= it.end);
                again.extend(innermost.map(|it| (binding, it.start)));
                continue;
            }
            if binding.at < cut {
                break;
            }
            if self.excluded(block, &around) || self.overwritten(block, &found, place.at) {
                continue;
            }
            found.push(binding);
            if around.contains(&block) {
                certain_from = binding.at;
                break;
            }
            if let Some(arm) = self.scopes.arm(block)
                && let Some(all) = arm.all
            {
                let taken = arms.entry(arm.statement).or_default();
                if !taken.contains(&arm.number) {
                    taken.push(arm.number);
                }
                let outside = self.scopes.enclosing(block).nth(1);
                if taken.len() == all && outside.is_some_and(|it| around.contains(&it)) {
                    cut = cut.max(arm.statement);
                }
            }
        }
        let again = again.into_iter().filter(|(_, start)| certain_from <= *start);
        found.insert_many(0, again.map(|(binding, _)| binding));
        if found.is_empty() {
            // Used before it is bound: only a loop or a later call gets here.
            return self.select(bindings, place, true);
        }
        found.reverse();
        Reaching::Bound(found)
    }

    /// Whether a block excludes the code around which are the blocks `around`.
    fn excluded(&self, block: BlockId, around: &[BlockId]) -> bool {
        self.scopes.enclosing(block).any(|mine| {
            let Some(arm) = self.scopes.arm(mine) else { return false };
            !around.contains(&mine)
                && around.iter().any(|other| {
                    self.scopes
                        .arm(*other)
                        .is_some_and(|it| it.statement == arm.statement && it.number != arm.number)
                })
        })
    }

    /// Whether one of the later bindings `found` always follows a binding in `block`.
    fn overwritten(&self, block: BlockId, found: &[&Binding<'tree>], before: usize) -> bool {
        found.iter().any(|later| {
            later.at <= before
                && later.block.is_some_and(|it| self.scopes.enclosing(block).any(|at| at == it))
        })
    }

    /// What `expr` may stand for; empty when nothing is known.
    pub(super) fn entities(&self, expr: &Expr, place: Place) -> Vec<Entity> {
        self.deeper(|| self.entities_here(expr, place)).unwrap_or_default()
    }

    fn entities_here(&self, expr: &Expr, place: Place) -> Vec<Entity> {
        match &expr.kind {
            ExprKind::Name(name) => self.name(name, place),
            ExprKind::Attribute(value, name) => {
                let values = self.entities(value, place);
                self.attributes(&values, &name.node)
            }
            ExprKind::Call(call) => {
                let argument = |at| call.positional(at).map(|it| &it.value);
                let mut made = Vec::new();
                for entity in self.entities(&call.function, place) {
                    if self.gives_some(&call.function, place, &entity) {
                        made.push(entity);
                        continue;
                    }
                    match &entity {
                        Entity::Class(_) => made.push(entity),
                        Entity::Path(path) => match path.as_str() {
                            "builtins.super" => made.extend(self.bases_around(place)),
                            "builtins.getattr" => {
                                if let (Some(value), Some(name)) = (argument(0), argument(1))
                                    && let Some(name) = name.as_str()
                                {
                                    let values = self.entities(value, place);
                                    made.extend(self.attributes(&values, name.expose()));
                                }
                            }
                            "builtins.staticmethod" | "builtins.classmethod" => {
                                if let Some(function) = argument(0) {
                                    made.extend(self.entities(function, place));
                                }
                            }
                            "importlib.import_module" | "builtins.__import__"
                                if path.starts_with("importlib")
                                    || call.keyword("fromlist").is_some() =>
                            {
                                made.extend(
                                    argument(0)
                                        .and_then(Expr::as_str)
                                        .map(|it| Entity::Path(it.expose().to_owned())),
                                );
                            }
                            // What it gives to functions of the project is followed with them.
                            "functools.partial" => {
                                let of = argument(0).map(|it| self.entities(it, place));
                                let is_foreign = |it: &Entity| matches!(it, Entity::Path(path) if !self.scopes.locals.hold(path));
                                made.extend(of.into_iter().flatten().filter(is_foreign));
                            }
                            path if self.makes_tasks(path) => match argument(0) {
                                Some(function) => {
                                    let functions = self.entities(function, place).into_iter();
                                    made.extend(functions.map(|it| Entity::Task(Box::new(it))));
                                }
                                // `task(task_id="t")(function)`
                                None => made.push(entity),
                            },
                            path if names_class(path) => made.push(entity),
                            _ => {}
                        },
                        Entity::Function(function) => made.extend(self.returned(*function)),
                        Entity::Task(_) => {}
                    }
                }
                made
            }
            ExprKind::Lambda(_) => self
                .scopes
                .lambdas
                .get(&expr.span)
                .map(|it| Entity::Function(*it))
                .into_iter()
                .collect(),
            ExprKind::Conditional(it) => {
                let mut both = self.entities(&it.body, place);
                both.extend(self.entities(&it.otherwise, place));
                both
            }
            ExprKind::Or(values) => {
                values.iter().flat_map(|value| self.entities(value, place)).collect()
            }
            ExprKind::Named(_, value) | ExprKind::Await(value) => self.entities(value, place),
            ExprKind::Subscript(collection, index) => {
                let element =
                    |(element, at_place): (&Expr, Place)| self.entities(element, at_place);
                self.elements(collection, index, place).into_iter().flat_map(element).collect()
            }
            _ => Vec::new(),
        }
    }

    /// Whether calling `function` gives some of its arguments to the task or task group `of`, and makes none:
    /// `t.partial(…)`, `t.override(…)`.
    pub(super) fn gives_some(&self, function: &Expr, place: Place, of: &Entity) -> bool {
        let ExprKind::Attribute(owner, method) = &function.kind else { return false };
        ["partial", "override"].contains(&method.node.as_str())
            && matches!(of, Entity::Function(_) | Entity::Task(_))
            && self.entities(owner, at(owner, place)).contains(of)
    }

    /// The elements of a collection that is written out, here or where its name is assigned, under
    /// `index`: all of them where that is not written out too.
    fn elements(&self, collection: &Expr, index: &Expr, place: Place) -> Vec<(&'tree Expr, Place)> {
        let ExprKind::Name(name) = &collection.kind else { return Vec::new() };
        let Reaching::Bound(bindings) = self.reaching(name, place, Later::Last) else {
            return Vec::new();
        };
        let [Binding { bound: Bound::Value(whole), place: bound_at, .. }] = bindings.as_slice()
        else {
            return Vec::new();
        };
        let there = |element: &'tree Expr| (element, at(element, *bound_at));
        match (&whole.kind, &index.kind) {
            (ExprKind::List(parts) | ExprKind::Tuple(parts), ExprKind::Number(number)) => {
                let number = number.parse().ok().and_then(|it| position(it, parts.len()));
                let part = number.and_then(|number| parts.get(number));
                part.map(there).into_iter().collect()
            }
            (ExprKind::List(parts) | ExprKind::Tuple(parts), _) => {
                parts.iter().take(MAX_BINDINGS).map(there).collect()
            }
            (ExprKind::Dict(items), index) => {
                let is_it = |key: &Expr| match (key.as_str(), index) {
                    (Some(key), ExprKind::Str(wanted)) => key.expose() == wanted.expose(),
                    _ => true,
                };
                let found = items.iter().filter(|(key, _)| key.as_ref().is_none_or(is_it));
                found.take(MAX_BINDINGS).map(|(_, value)| there(value)).collect()
            }
            _ => Vec::new(),
        }
    }

    fn name(&self, name: &str, place: Place) -> Vec<Entity> {
        match self.reaching(name, place, Later::Last) {
            Reaching::Bound(bindings) => self.bound(&bindings),
            Reaching::Unknown => Vec::new(),
            Reaching::Free(stars) if stars.is_empty() => {
                vec![Entity::Path(format!("builtins.{name}"))]
            }
            Reaching::Free(stars) => {
                stars.iter().map(|module| Entity::Path(format!("{module}.{name}"))).collect()
            }
        }
    }

    fn bound(&self, bindings: &[&Binding<'tree>]) -> Vec<Entity> {
        let mut entities = Vec::new();
        for binding in bindings {
            match &binding.bound {
                Bound::Import(path) => entities.push(Entity::Path(path.clone())),
                Bound::Value(value) => {
                    entities.extend(self.entities(value, at(value, binding.place)));
                }
                Bound::Element(collection) => {
                    if let ExprKind::List(parts) | ExprKind::Tuple(parts) | ExprKind::Set(parts) =
                        &collection.kind
                    {
                        for part in parts.iter().take(MAX_BINDINGS) {
                            entities.extend(self.entities(part, at(part, binding.place)));
                        }
                    }
                }
                // `for make, given in [(…, …)]`
                Bound::Part(whole, number) => {
                    if let Bound::Element(collection) = **whole
                        && let ExprKind::List(rows) | ExprKind::Tuple(rows) = &collection.kind
                    {
                        for row in rows.iter().take(MAX_BINDINGS) {
                            let (ExprKind::List(parts) | ExprKind::Tuple(parts)) = &row.kind else {
                                continue;
                            };
                            let part = parts.get(*number).into_iter();
                            entities.extend(
                                part.flat_map(|it| self.entities(it, at(it, binding.place))),
                            );
                        }
                    }
                }
                Bound::Scope(scope) => entities.extend(self.scope_entity(*scope)),
                Bound::Itself(class) => entities.push(Entity::Class(*class)),
                Bound::Grown(..)
                | Bound::Parameter(..)
                | Bound::Rest(_)
                | Bound::Keywords(_)
                | Bound::Unknown => {}
            }
        }
        entities.truncate(MAX_BINDINGS);
        entities
    }

    /// The functions that a function returns.
    pub(super) fn returned(&self, function: ScopeId) -> Vec<Entity> {
        let is_function = |it: &Entity| matches!(it, Entity::Function(_));
        let all = self.scopes.returned.get(&function).into_iter().flatten();
        let all = all.flat_map(|(value, place)| self.entities(value, *place));
        all.filter(is_function).take(MAX_BINDINGS).collect()
    }

    /// Whether what a path leads to makes a task of a function: `task`, `task.branch`, `setup`.
    fn makes_tasks(&self, path: &str) -> bool {
        let mut last = path.rsplit('.').take(2);
        last.any(|name| matches!(name, "task" | "setup" | "teardown"))
            && !self.scopes.locals.hold(path)
    }

    fn scope_entity(&self, id: ScopeId) -> Option<Entity> {
        Some(match self.scopes.get(id)?.kind {
            ScopeKind::Class(_) => Entity::Class(id),
            _ => Entity::Function(id),
        })
    }

    fn attributes(&self, values: &[Entity], name: &str) -> Vec<Entity> {
        let mut entities = Vec::new();
        for value in values {
            match value {
                Entity::Path(path) => entities.push(Entity::Path(format!("{path}.{name}"))),
                Entity::Class(class) => entities.extend(self.member(*class, name)),
                // A task or task group with some of its arguments given.
                Entity::Function(_) | Entity::Task(_) if MAPPING.contains(&name) => {
                    entities.push(value.clone());
                }
                Entity::Function(_) | Entity::Task(_) => {}
            }
        }
        entities
    }

    /// What the attribute `name` of a class or of its instances stands for.
    pub(super) fn member(&self, class: ScopeId, name: &str) -> Vec<Entity> {
        let member = || {
            let Some(scope) = self.scopes.get(class) else { return Vec::new() };
            if !scope.attribute(name).is_empty() {
                return self.bound(&scope.attribute(name).iter().collect::<Vec<_>>());
            }
            if scope.bindings(name).is_empty() {
                let bases = self.bases(scope);
                return self.attributes(&bases, name);
            }
            let last = Place { scope: class, block: scope.root, at: usize::MAX };
            match self.select(scope.bindings(name), last, false) {
                Reaching::Bound(bindings) => self.bound(&bindings),
                _ => Vec::new(),
            }
        };
        self.deeper(member).unwrap_or_default()
    }

    /// What the bases of a class stand for.
    pub(super) fn bases(&self, scope: &Scope<'tree>) -> Vec<Entity> {
        let (ScopeKind::Class(class), Some(parent)) = (scope.kind, scope.parent) else {
            return Vec::new();
        };
        let block = self.scopes.enclosing(scope.root).nth(1).unwrap_or(scope.root);
        class
            .arguments
            .iter()
            .filter(|arg| arg.name.is_none())
            .flat_map(|arg| {
                let place = Place { scope: parent, block, at: arg.span.start };
                self.entities(&arg.value, place)
            })
            .collect()
    }

    /// The bases of the class whose method `place` is in.
    fn bases_around(&self, place: Place) -> Vec<Entity> {
        let mut at = Some(place.scope);
        while let Some(scope) = at.and_then(|id| self.scopes.get(id)) {
            if matches!(scope.kind, ScopeKind::Class(_)) {
                return self.bases(scope);
            }
            at = scope.parent;
        }
        Vec::new()
    }
}

/// Methods of a decorated task or task group that give some of its arguments.
const MAPPING: &[&str] = &["partial", "expand", "expand_kwargs", "override"];

/// Whether the last name of a path is written like a class.
fn names_class(path: &str) -> bool {
    path.rsplit('.').next().is_some_and(|it| it.starts_with(|first: char| first.is_uppercase()))
}
