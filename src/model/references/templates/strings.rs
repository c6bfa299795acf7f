//! Which strings of a Python file Airflow renders.
//!
//! A string that reaches an argument of an operator, directly or through constants and collections, is
//! rendered; what is only shown or documents something is not; of others nobody can tell.

use super::rendering;
use crate::facts::templates;
use crate::hash::{HashMap, HashSet};
use crate::model::references::Timing;
use crate::model::references::dags::{Dags, Givers};
use crate::model::references::names::{Entity, Later, Question, Reaching};
use crate::model::references::scope::{Bound, Place, Scopes, at};
use crate::model::references::summary::owner;
use crate::model::references::timing::Timings;
use crate::read::python::tree::{Expr, ExprKind, FStringPart, Operator};
use crate::text::Span;

/// A string, or an expression that makes one, and when it is rendered.
pub(super) struct Rendered<'tree> {
    pub(super) expr: &'tree Expr,
    pub(super) place: Place,
    pub(super) timing: Timing,
    /// What gives something to it.
    pub(super) givers: Givers,
}

/// Whether a template may stand in a string: for a first look.
pub(in crate::model::references) fn may_hold_one(expr: &Expr) -> bool {
    let has = |text: &crate::text::Text| {
        let text = text.expose();
        text.contains("{{") || text.contains("{%")
    };
    match &expr.kind {
        ExprKind::Str(text) => has(text),
        ExprKind::FString(parts) => {
            parts.iter().any(|part| matches!(part, FStringPart::Literal(text) if has(text)))
        }
        _ => false,
    }
}

/// The strings of a file that may be rendered, each once.
pub(super) fn rendered<'tree>(scopes: &Scopes<'tree>, timings: &Timings) -> Vec<Rendered<'tree>> {
    if scopes.strings.is_empty() {
        return Vec::new();
    }
    let mut rendered = Reach::new(scopes);
    let mut plain = Reach::new(scopes);
    let dags = scopes.dags.get_or_init(|| Dags::of(scopes));
    for site in &scopes.calls {
        let renders = rendering::of_call(scopes, site);
        let timing = timings.of(0, owner(scopes, site.place));
        let is_built = matches!(timing, Timing::Parse | Timing::Unknown);
        for arg in &site.call.arguments {
            if rendering::is_plain_argument(renders, &site.call.function, arg) {
                plain.follow(&arg.value, site.place, &Givers::new());
            } else if is_built && rendering::renders_argument(renders, &site.call.function, arg) {
                rendered.follow(&arg.value, site.place, &dags.givers(scopes, site.place));
            }
        }
    }
    for (scope, value, place) in &scopes.returns {
        let owner = scopes.get(*scope);
        if owner.is_some_and(|scope| rendering::renders_result(scope.kind)) {
            rendered.follow(value, *place, &dags.givers(scopes, *place));
        }
    }
    let mut found = rendered.found;
    found.sort_by_key(|(expr, _, _)| (expr.span.start, std::cmp::Reverse(expr.span.end)));
    let mut all: Vec<Rendered<'tree>> = Vec::new();
    for (expr, place, givers) in found {
        match all.last_mut() {
            Some(before) if before.expr.span == expr.span => before.givers.extend(givers),
            Some(before) if before.expr.span.contains(expr.span) => {}
            _ => all.push(Rendered { expr, place, timing: Timing::Template, givers }),
        }
    }
    let left_out = left_out(scopes, &plain);
    let rest = scopes.strings.iter().filter(|(expr, _)| {
        let before = all.partition_point(|it| it.expr.span.start <= expr.span.start);
        let around = before.checked_sub(1).and_then(|at| all.get(at));
        around.is_none_or(|it| !it.expr.span.contains(expr.span)) && !left_out.contains(&expr.span)
    });
    let timing = |place: Place| {
        if scopes.is_never(place.block) { Timing::Never } else { Timing::Unknown }
    };
    let rest: Vec<_> = rest
        .map(|(expr, place)| {
            let givers = dags.givers(scopes, at(expr, *place));
            Rendered { expr, place: *place, timing: timing(*place), givers }
        })
        .collect();
    all.extend(rest);
    all
}

/// The strings that nothing renders: docstrings, keys of dictionaries, what is only shown.
fn left_out(scopes: &Scopes<'_>, plain: &Reach<'_, '_>) -> HashSet<Span> {
    let mut spans: HashSet<Span> = scopes.docstrings.iter().copied().collect();
    let keys = scopes.dicts.iter().flat_map(|(pairs, _)| pairs.iter());
    spans.extend(keys.filter_map(|(key, _)| key.as_ref()).map(|key| key.span));
    spans.extend(plain.found.iter().map(|(expr, ..)| expr.span));
    // `dag.doc_md = "…"`
    let named = scopes.named.iter().filter(|(name, _)| templates().is_never_rendered(name));
    let named: HashSet<Span> = named.map(|(_, text)| text.span()).collect();
    let strings = scopes.strings.iter().map(|(expr, _)| *expr);
    spans.extend(
        strings
            .filter(|it| it.as_str().is_some_and(|it| named.contains(&it.span())))
            .map(|it| it.span),
    );
    spans
}

/// Follows values back to the strings that they are made of. Looks at each expression once for all that
/// is given to it.
struct Reach<'scopes, 'tree> {
    scopes: &'scopes Scopes<'tree>,
    seen: HashMap<Givers, HashSet<*const Expr>>,
    found: Vec<(&'tree Expr, Place, Givers)>,
}

/// How far a value is followed from name to name.
const MAX_DEPTH: usize = 40;

impl<'scopes, 'tree> Reach<'scopes, 'tree> {
    fn new(scopes: &'scopes Scopes<'tree>) -> Self {
        Self { scopes, seen: HashMap::default(), found: Vec::new() }
    }

    fn follow(&mut self, expr: &'tree Expr, place: Place, givers: &Givers) {
        let mut seen = self.seen.remove(givers).unwrap_or_default();
        // On a list of its own: values may lead to values without end.
        let mut next = vec![(expr, at(expr, place), 0)];
        while let Some((expr, place, depth)) = next.pop() {
            if depth > MAX_DEPTH || !seen.insert(std::ptr::from_ref(expr)) {
                continue;
            }
            if is_template(expr) {
                self.found.push((expr, place, givers.clone()));
            }
            self.step(expr, place, &mut |expr, place, is_name| {
                next.push((expr, at(expr, place), depth + usize::from(is_name)));
            });
        }
        self.seen.insert(givers.clone(), seen);
    }

    /// One step: `go` is called with what the value of `expr` is made of.
    fn step(&self, expr: &'tree Expr, place: Place, go: &mut dyn FnMut(&'tree Expr, Place, bool)) {
        match &expr.kind {
            ExprKind::FString(_) => expr.each_child(&mut |child| go(child, place, false)),
            ExprKind::Binary(Operator::Add | Operator::Mod, left, right) => {
                go(left, place, false);
                go(right, place, false);
            }
            ExprKind::Call(call) => {
                if rendering::hands_text_on(&call.function) {
                    if let ExprKind::Attribute(owner, _) = &call.function.kind {
                        go(owner, place, false);
                    }
                    call.arguments.iter().for_each(|arg| go(&arg.value, place, false));
                } else if let ExprKind::Attribute(owner, name) = &call.function.kind
                    && templates().is_text_method(&name.node)
                {
                    go(owner, place, false);
                }
            }
            ExprKind::List(_)
            | ExprKind::Tuple(_)
            | ExprKind::Set(_)
            | ExprKind::And(_)
            | ExprKind::Or(_)
            | ExprKind::Starred(_)
            | ExprKind::Binary(Operator::BitOr, ..) => {
                expr.each_child(&mut |child| go(child, place, false));
            }
            ExprKind::Dict(pairs) => pairs.iter().for_each(|(_, value)| go(value, place, false)),
            ExprKind::Conditional(it) => {
                go(&it.body, place, false);
                go(&it.otherwise, place, false);
            }
            ExprKind::Named(_, value) => go(value, place, false),
            ExprKind::Subscript(owner, _) => go(owner, place, false),
            ExprKind::Comprehension(it) => {
                // Of a dictionary the values.
                it.elements
                    .iter()
                    .skip(usize::from(it.elements.len() > 1))
                    .for_each(|it| go(it, place, false));
                it.generators.iter().for_each(|it| go(&it.iterable, place, false));
            }
            ExprKind::Name(name) => {
                let question = Question::new(self.scopes);
                if let Reaching::Bound(bindings) = question.reaching(name, place, Later::All) {
                    for binding in bindings {
                        if let Bound::Value(value) | Bound::Element(value) = binding.bound {
                            go(value, binding.place, true);
                        }
                    }
                }
            }
            ExprKind::Attribute(owner, name) => {
                for entity in Question::new(self.scopes).entities(owner, at(owner, place)) {
                    let Entity::Class(class) = entity else { continue };
                    let Some(scope) = self.scopes.get(class) else { continue };
                    let bindings =
                        scope.bindings(&name.node).iter().chain(scope.attribute(&name.node));
                    for binding in bindings {
                        if let Bound::Value(value) = binding.bound {
                            go(value, binding.place, true);
                        }
                    }
                }
            }
            _ => {}
        }
    }
}

/// Whether a template may stand in the text that an expression is.
fn is_template(expr: &Expr) -> bool {
    match &expr.kind {
        ExprKind::Str(_) | ExprKind::FString(_) => may_hold_one(expr),
        ExprKind::Binary(Operator::Add | Operator::Mod, ..) => puts_template_together(expr),
        ExprKind::Call(call) => {
            rendering::hands_text_on(&call.function) && puts_template_together(expr)
        }
        _ => false,
    }
}

/// Whether a template may stand in the text that an expression puts together, and in no part of it.
fn puts_template_together(expr: &Expr) -> bool {
    let mut next = vec![expr];
    let mut budget = 200;
    while let Some(expr) = next.pop() {
        budget -= 1;
        if may_hold_one(expr) {
            return true;
        }
        if budget == 0 {
            return false;
        }
        expr.each_child(&mut |child| next.push(child));
    }
    false
}
