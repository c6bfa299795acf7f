//! Which DAG code belongs to, and with it what that DAG gives to its tasks.

use std::cell::OnceCell;
use std::cmp::Reverse;
use std::collections::BTreeSet;

use super::names::{Entity, Question};
use super::origins::{Origin, origins_of};
use super::scope::{CallSite, Place, ScopeId, ScopeKind, Scopes, at};
use crate::hash::{HashMap, HashSet};
use crate::read::python::tree::{Expr, ExprKind};
use crate::text::Span;

/// The calls that give something to code, by their number in the file: those of one task or DAG in the
/// order in which they are asked, once for each that the code may belong to.
pub(super) type Givers = BTreeSet<Vec<usize>>;

/// The DAGs and tasks of a file.
#[derive(Default)]
pub(super) struct Dags {
    /// The calls that make DAGs.
    made: Vec<usize>,
    /// What belongs to some of them, in the order of the source; of two that begin at the same byte the
    /// outer one first.
    regions: Vec<Region>,
    /// From where each function is called or handed on, once somebody has asked.
    uses: OnceCell<HashMap<ScopeId, Vec<Place>>>,
}

/// A part of the file that belongs to a DAG or task.
struct Region {
    span: Span,
    to: Belongs,
    /// The region around it.
    outer: Option<usize>,
}

enum Belongs {
    /// To one of the DAGs that these calls make.
    Dags(Vec<usize>),
    /// To the task that this call makes.
    Task(usize),
}

/// More uses of a function are not looked at.
const MAX_USES: usize = 256;
/// Code that may belong to more DAGs than this, nothing is known to belong to.
const MAX_DAGS: usize = 16;

impl Dags {
    pub(super) fn of(scopes: &Scopes<'_>) -> Self {
        let dags: Vec<usize> =
            numbered(scopes).filter(|(_, it)| makes_dag(scopes, it)).map(first).collect();
        let by_span = dags.iter().filter_map(|it| Some((scopes.calls.get(*it)?.span, *it)));
        let mut finder = Finder { scopes, by_span: by_span.collect(), found: Vec::new() };
        finder.find();
        let mut found = finder.found;
        let is_task = |it: &Belongs| matches!(it, Belongs::Task(_));
        found.sort_by_key(|(span, to)| (span.start, Reverse(span.end), is_task(to)));
        let mut regions: Vec<Region> = Vec::with_capacity(found.len());
        let mut open: Vec<usize> = Vec::new();
        for (span, to) in found {
            while let Some(before) = open.last().and_then(|it| regions.get(*it))
                && before.span.end < span.end
            {
                open.pop();
            }
            let outer = open.last().copied();
            open.push(regions.len());
            regions.push(Region { span, to, outer });
        }
        Self { made: dags, regions, uses: OnceCell::new() }
    }

    /// What gives something to the code at `place`.
    pub(super) fn givers(&self, scopes: &Scopes<'_>, place: Place) -> Givers {
        let mut found = Givers::new();
        let mut seen = HashSet::default();
        let mut next = vec![(place, Vec::new())];
        while let Some((place, mut giving)) = next.pop() {
            let around = self.around(place.at, &mut giving);
            // A function belongs where it is used.
            let function = scopes.owner(place.scope).filter(|_| around.is_none());
            if let Some(function) = function
                && let Some(uses) = self.uses(scopes).get(&function)
            {
                if seen.insert(function) {
                    next.extend(uses.iter().map(|it| (*it, giving.clone())));
                }
                continue;
            }
            let dags = around.unwrap_or(&self.made);
            if dags.is_empty() {
                found.insert(giving);
            } else if dags.len() + found.len() > MAX_DAGS {
                return Givers::new();
            } else {
                found.extend(dags.iter().map(|dag| [giving.as_slice(), &[*dag]].concat()));
            }
        }
        found
    }

    /// The DAGs of the region around; adds the tasks inside of it.
    fn around(&self, at: usize, giving: &mut Vec<usize>) -> Option<&[usize]> {
        let before = self.regions.partition_point(|it| it.span.start <= at);
        let mut region = before.checked_sub(1);
        while let Some(it) = region.and_then(|it| self.regions.get(it)) {
            if at < it.span.end {
                match &it.to {
                    Belongs::Dags(dags) => return Some(dags),
                    Belongs::Task(call) => giving.push(*call),
                }
            }
            region = it.outer;
        }
        None
    }

    fn uses(&self, scopes: &Scopes<'_>) -> &HashMap<ScopeId, Vec<Place>> {
        self.uses.get_or_init(|| {
            let mut uses: HashMap<ScopeId, Vec<Place>> = HashMap::default();
            let mut add = |entity: &Entity, place: Place| {
                if let Some(function) = function_of(entity) {
                    let uses = uses.entry(function).or_default();
                    if uses.len() < MAX_USES {
                        uses.push(place);
                    }
                }
            };
            for site in &scopes.calls {
                site.called(scopes).iter().for_each(|it| add(it, site.place));
            }
            for (expr, place) in &scopes.mentions {
                if let ExprKind::Name(_) = expr.kind {
                    let entities = Question::new(scopes).entities(expr, *place);
                    for entity in &entities {
                        add(entity, *place);
                    }
                }
            }
            uses
        })
    }
}

fn function_of(entity: &Entity) -> Option<ScopeId> {
    match entity {
        Entity::Function(function) => Some(*function),
        Entity::Task(of) => function_of(of),
        Entity::Path(_) | Entity::Class(_) => None,
    }
}

fn numbered<'a, 'tree>(
    scopes: &'a Scopes<'tree>,
) -> impl Iterator<Item = (usize, &'a CallSite<'tree>)> {
    scopes.calls.iter().enumerate()
}

fn first<A, B>((it, _): (A, B)) -> A {
    it
}

/// What only calls that make a DAG are given.
const OF_DAGS: [&str; 4] = ["dag_id", "user_defined_macros", "user_defined_filters", "params"];

/// Whether a call makes a DAG, by whatever name.
fn makes_dag(scopes: &Scopes<'_>, site: &CallSite<'_>) -> bool {
    let is_dag = |name: &str| name == "DAG" || name == "dag";
    if site.call.function.last_name().is_some_and(is_dag) {
        return true;
    }
    let of_path = |path: &str| path.rsplit('.').next().is_some_and(is_dag);
    OF_DAGS.iter().any(|name| site.call.keyword(name).is_some())
        && site.called(scopes).iter().any(|entity| match entity {
            Entity::Path(path) => of_path(path),
            Entity::Class(class) => scopes.get(*class).is_some_and(|class| {
                let bases = Question::new(scopes).bases(class);
                bases.iter().any(|it| matches!(it, Entity::Path(path) if of_path(path)))
            }),
            Entity::Function(_) | Entity::Task(_) => false,
        })
}

/// Looks for what belongs to a DAG or task.
struct Finder<'a, 'tree> {
    scopes: &'a Scopes<'tree>,
    /// The calls that make DAGs.
    by_span: HashMap<Span, usize>,
    found: Vec<(Span, Belongs)>,
}

impl<'tree> Finder<'_, 'tree> {
    fn find(&mut self) {
        let scopes = self.scopes;
        // Calls of what a call gives begin where it does: `Operator.partial(…).expand(…)`.
        let mut wholes: HashMap<usize, Span> = HashMap::default();
        for site in &scopes.calls {
            let whole = wholes.entry(site.span.start).or_insert(site.span);
            *whole = whole.cover(site.span);
        }
        let mut tasks: HashMap<Span, usize> = HashMap::default();
        for (number, site) in numbered(scopes) {
            let whole = wholes.get(&site.span.start).copied().unwrap_or(site.span);
            if site.call.keyword("params").is_some() && !self.by_span.contains_key(&site.span) {
                tasks.insert(site.span, number);
                self.found.push((whole, Belongs::Task(number)));
            }
            if let Some(dag) = site.call.keyword("dag") {
                self.add(whole, &dag.value, site.place);
            }
        }
        for (dag, body, place) in &scopes.entered {
            self.add(*body, dag, *place);
        }
        for (decorator, place, scope) in &scopes.decorators {
            let Some(body) = scopes.get(*scope).and_then(|it| body(it.kind)) else { continue };
            self.add(body, decorator, *place);
            if let Some(task) = tasks.get(&decorator.span) {
                self.found.push((body, Belongs::Task(*task)));
            }
        }
    }

    /// Adds what belongs to the DAG `dag`, where that is made in this file.
    fn add(&mut self, span: Span, dag: &'tree Expr, place: Place) {
        let dags = self.resolve(dag, place);
        if !dags.is_empty() {
            self.found.push((span, Belongs::Dags(dags)));
        }
    }

    /// The calls that make the DAG that `dag` is.
    fn resolve(&self, dag: &'tree Expr, place: Place) -> Vec<usize> {
        let mut dags = Vec::new();
        let mut seen = HashSet::default();
        let mut next = vec![(dag, place)];
        while let Some((dag, place)) = next.pop() {
            if seen.len() >= MAX_SEEN || !seen.insert(std::ptr::from_ref(dag)) {
                continue;
            }
            let question = Question::new(self.scopes);
            if let Some(made) = self.by_span.get(&dag.span) {
                dags.push(*made);
            } else if let ExprKind::Call(call) = &dag.kind {
                for entity in question.entities(&call.function, at(dag, place)) {
                    let made = function_of(&entity).and_then(|it| self.scopes.returned.get(&it));
                    next.extend(made.into_iter().flatten());
                }
            } else {
                let made = origins_of(&question, dag, place).into_iter();
                next.extend(made.filter_map(|it| match it {
                    Origin::Here(value, place) => Some((value, place)),
                    Origin::Elsewhere(_) | Origin::Callers(..) => None,
                }));
            }
        }
        dags
    }
}

/// More expressions are not looked at for one DAG.
const MAX_SEEN: usize = 64;

/// Where the statements of a function stand.
fn body(kind: ScopeKind<'_>) -> Option<Span> {
    let ScopeKind::Function(function) = kind else { return None };
    Some(function.body.first()?.span.cover(function.body.last()?.span))
}
