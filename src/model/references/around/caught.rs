//! Which exceptions of a call are caught around it.

use super::super::names::{Entity, Question};
use super::super::scope::{CallSite, Guard, Scopes};
use crate::hash::HashSet;
use crate::read::python::tree::{Expr, ExprKind, Stmt, StmtKind};
use crate::read::python::visit;
use crate::text::Span;

/// An `except` clause, or a `contextlib.suppress`, around a call.
#[derive(Clone, Debug)]
pub struct Caught {
    /// What it catches.
    pub catches: Catches,
    /// The exceptions as they are written; where nothing is, the clause.
    pub span: Span,
    /// Whether it ends by raising again, so that nothing is mended.
    pub reraises: bool,
    /// Whether something else in the code tried looks up a key: `settings["x"]`.
    pub guards_subscript: bool,
}

/// What a clause catches.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Catches {
    /// Any exception.
    All,
    /// Those with these dotted paths, and what is derived from them.
    Named(Vec<String>),
    /// The file does not tell.
    Unknown,
}

impl Catches {
    /// Whether one of `classes`, an exception and its bases by their last names, is caught for
    /// certain (`Some(true)`) or not (`Some(false)`).
    #[must_use]
    pub fn any_of(&self, classes: &[&str]) -> Option<bool> {
        match self {
            Self::All => Some(true),
            Self::Unknown => None,
            Self::Named(paths) => {
                let last = |path: &str| path.rsplit('.').next().unwrap_or("").to_owned();
                Some(paths.iter().any(|path| classes.contains(&last(path).as_str())))
            }
        }
    }
}

/// The code of a file that is tried, so that one call finds what is around it.
pub(super) struct Tries<'scopes, 'tree> {
    /// By their first byte.
    sorted: Vec<&'scopes Guard<'tree>>,
    /// For each the next one around it.
    parents: Vec<Option<usize>>,
    /// For each the places that look up a key by brackets.
    subscripts: Vec<Vec<Span>>,
}

impl<'scopes, 'tree> Tries<'scopes, 'tree> {
    pub(super) fn new(scopes: &'scopes Scopes<'tree>) -> Self {
        let mut sorted: Vec<&Guard<'tree>> = scopes.guards.iter().collect();
        sorted.sort_by_key(|guard| (guard.body.start, std::cmp::Reverse(guard.body.end)));
        let mut open: Vec<(usize, usize)> = Vec::new();
        let mut parents = Vec::with_capacity(sorted.len());
        for (number, guard) in sorted.iter().enumerate() {
            while open.last().is_some_and(|(_, end)| *end <= guard.body.start) {
                open.pop();
            }
            parents.push(open.last().map(|(parent, _)| *parent));
            open.push((number, guard.body.end));
        }
        let subscripts = sorted.iter().map(|guard| subscripts(guard.statements)).collect();
        Self { sorted, parents, subscripts }
    }

    /// What the exceptions of `site` meet, the innermost first.
    pub(super) fn around(&self, scopes: &Scopes<'tree>, site: &CallSite<'tree>) -> Vec<Caught> {
        let before = self.sorted.partition_point(|guard| guard.body.start <= site.span.start);
        let mut at = before.checked_sub(1);
        let mut caught = Vec::new();
        while let Some(number) = at {
            let Some(guard) = self.sorted.get(number) else { break };
            let owner = |scope| scopes.owner(scope);
            if guard.body.contains(site.span) && owner(guard.place.scope) == owner(site.place.scope)
            {
                let mut subscripts = self.subscripts.get(number).into_iter().flatten();
                let other = subscripts.any(|subscript| !site.span.contains(*subscript));
                caught.extend(clauses(scopes, guard, other));
            }
            at = self.parents.get(number).copied().flatten();
        }
        caught
    }
}

fn clauses<'tree>(
    scopes: &Scopes<'tree>,
    guard: &Guard<'tree>,
    guards_subscript: bool,
) -> Vec<Caught> {
    let handlers = guard.handlers.iter().map(|handler| Caught {
        catches: match &handler.exception {
            None => Catches::All,
            Some(exception) => catches(scopes, exception, guard),
        },
        span: handler.exception.as_ref().map_or(handler.span, |it| it.span),
        reraises: matches!(handler.body.last(), Some(Stmt { kind: StmtKind::Raise(_), .. })),
        guards_subscript,
    });
    let suppressed = guard.suppressed.iter().map(|exception| Caught {
        catches: catches(scopes, exception, guard),
        span: exception.span,
        reraises: false,
        guards_subscript,
    });
    handlers.chain(suppressed).collect()
}

fn catches(scopes: &Scopes<'_>, exception: &Expr, guard: &Guard<'_>) -> Catches {
    let alone = std::slice::from_ref(exception);
    let classes = if let ExprKind::Tuple(parts) = &exception.kind { parts } else { alone };
    let mut paths = Vec::new();
    for class in classes {
        let mut found = Question::new(scopes).entities(class, guard.place).into_iter();
        match (found.next(), found.next()) {
            (Some(Entity::Path(path)), None) => paths.push(path),
            _ => return Catches::Unknown,
        }
    }
    let is_all =
        |path: &String| ["builtins.Exception", "builtins.BaseException"].contains(&path.as_str());
    if paths.iter().any(is_all) { Catches::All } else { Catches::Named(paths) }
}

/// Where the code tried looks up a key by brackets; what is assigned to raises nothing.
fn subscripts(statements: &[Stmt]) -> Vec<Span> {
    let mut found = Vec::new();
    visit::each_expr(statements, &mut |expr| {
        if matches!(expr.kind, ExprKind::Subscript(..)) {
            found.push(expr.span);
        }
    });
    let mut targets = HashSet::default();
    visit::each_stmt(statements, &mut |stmt| {
        if let StmtKind::Assign(it) = &stmt.kind {
            targets.extend(it.targets.iter().map(|target| target.span));
        }
    });
    found.retain(|span| !targets.contains(span));
    found
}
