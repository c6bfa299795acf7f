//! How a variable that is looked up on parsing can be written as a template instead: only where its
//! value is handed to arguments of operators that are templates, and used for nothing else.

use std::cell::LazyCell;

use super::super::names::Entity;
use super::super::scope::{CallSite, Scopes};
use super::super::summary::Draft;
use super::super::{Form, Operation, Reference, may_be_key};
use super::outlet::operator;
use crate::facts::is_templated;
use crate::hash::HashMap;
use crate::model::Kind;
use crate::read::python::tree::{Expr, ExprKind, FStringPart, Operator, Stmt, StmtKind};
use crate::read::python::visit;
use crate::text::{Span, Text};

/// A variable as a template.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AsTemplate {
    /// The template, with `…` for a default that is given.
    pub shown: String,
    /// What is replaced, and by what. The text of a default stays where it is.
    pub edits: Vec<(Span, String)>,
}

/// A value in an argument that is a template.
struct Use<'tree> {
    /// The name or call that gives the variable.
    source: &'tree Expr,
    /// The members that are taken of it.
    members: Vec<&'tree str>,
    /// All of that.
    span: Span,
    /// Whether it stands in an f-string.
    is_interpolated: bool,
}

/// Tells of `drafts` which can be written as templates.
pub(super) fn describe(scopes: &Scopes<'_>, body: &[Stmt], drafts: &mut [Draft]) {
    if !drafts.iter().any(|draft| candidate(draft).is_some()) {
        return;
    }
    let all = uses(scopes);
    let names = LazyCell::new(|| {
        let mut names: HashMap<&str, usize> = HashMap::default();
        visit::each_expr(body, &mut |expr| {
            if let Some(name) = expr.as_name() {
                *names.entry(name).or_default() += 1;
            }
        });
        names
    });
    let assigned = assigned(body);
    let calls: HashMap<Span, &CallSite<'_>> = scopes.calls.iter().map(|it| (it.span, it)).collect();
    for draft in drafts {
        let Some(key) = candidate(draft).map(str::to_owned) else { continue };
        let reference = &mut draft.reference;
        let Some(site) = calls.get(&reference.span) else { continue };
        let used: Vec<&Use<'_>> = match assigned.get(&reference.span) {
            None => all.iter().filter(|it| it.source.span == reference.span).collect(),
            Some((name, _)) => {
                let used: Vec<_> =
                    all.iter().filter(|it| it.source.as_name() == Some(name)).collect();
                // All that is done with the name, but for the assignment itself.
                if used.is_empty() || names.get(name).is_none_or(|times| *times != used.len() + 1) {
                    continue;
                }
                used
            }
        };
        let statement = assigned.get(&reference.span).map(|(_, span)| *span);
        reference.around.as_template = if reference.deserialize_json {
            of_json(reference, &key, &used, statement)
        } else {
            of_text(reference, &key, site, &used, statement.is_some())
        };
    }
}

/// The key of a call that a template can stand for: one that is known and has the letters of a name.
fn candidate(draft: &Draft) -> Option<&str> {
    let reference = &draft.reference;
    let may_be = reference.kind == Kind::Variable
        && matches!(reference.form, Form::Variable(_))
        && reference.operation == Operation::Get
        && reference.method == Some("get")
        && !reference.around.repeats;
    let [only] = draft.values.as_slice() else { return None };
    let key = only.known().filter(|_| may_be)?.expose();
    let has_letters = |c: char| c.is_ascii_alphanumeric() || "_-./ ".contains(c);
    // The accessor has attributes of its own.
    let is_own = ["get", "var"].contains(&key) || key.starts_with('_');
    let is_key = !key.is_empty() && key.chars().all(has_letters) && may_be_key(key);
    (is_key && !is_own).then_some(key)
}

/// The values in arguments of operators that are templates.
fn uses<'tree>(scopes: &Scopes<'tree>) -> Vec<Use<'tree>> {
    let mut uses = Vec::new();
    for site in &scopes.calls {
        let Some(class) = operator(site.call) else { continue };
        let templated =
            site.call.arguments.iter().filter(|arg| {
                arg.name.as_ref().is_some_and(|name| is_templated(class, &name.node))
            });
        let mut templated = templated.peekable();
        if templated.peek().is_some() && is_airflow(scopes, site, class) {
            templated.for_each(|arg| of_argument(&arg.value, false, &mut uses));
        }
    }
    uses
}

/// Whether the class is one of Airflow's or of a provider's, not one of the project with its name.
fn is_airflow(scopes: &Scopes<'_>, site: &CallSite<'_>, class: &str) -> bool {
    let found = site.called(scopes);
    let is_it = |path: &str| {
        let path = path.strip_suffix(".partial").unwrap_or(path);
        path.starts_with("airflow.") && path.rsplit('.').next() == Some(class)
    };
    !found.is_empty() && found.iter().all(|it| matches!(it, Entity::Path(path) if is_it(path)))
}

/// The values in an argument, which a template may be in as a whole, as a part of text, or in a list
/// or as a value of a dictionary.
fn of_argument<'tree>(expr: &'tree Expr, is_interpolated: bool, uses: &mut Vec<Use<'tree>>) {
    match &expr.kind {
        ExprKind::List(parts) | ExprKind::Tuple(parts) => {
            for part in parts {
                of_argument(part, is_interpolated, uses);
            }
        }
        ExprKind::Dict(items) => {
            let values = items.iter().filter(|(key, _)| key.is_some());
            values.for_each(|(_, value)| of_argument(value, is_interpolated, uses));
        }
        ExprKind::FString(parts) => {
            for part in parts {
                if let FStringPart::Interpolation(it) = part
                    && it.format.is_none()
                    && it.conversion.is_none()
                    && !it.is_debug
                {
                    of_argument(&it.value, true, uses);
                }
            }
        }
        ExprKind::Binary(Operator::Add, left, right) => {
            // Of two lists, or of text: a template cannot tell, so one side has to.
            let is_text = |it: &Expr| {
                matches!(it.kind, ExprKind::Str(_) | ExprKind::FString(_) | ExprKind::Binary(..))
            };
            if is_text(left) || is_text(right) {
                of_argument(left, is_interpolated, uses);
                of_argument(right, is_interpolated, uses);
            }
        }
        _ => uses.extend(source(expr).map(|(source, members)| Use {
            source,
            members,
            span: expr.span,
            is_interpolated,
        })),
    }
}

/// A name or call, and the members that brackets take of it.
fn source(expr: &Expr) -> Option<(&Expr, Vec<&str>)> {
    let mut members = Vec::new();
    let mut at = expr;
    while let ExprKind::Subscript(owner, index) = &at.kind {
        members.push(index.as_str()?.expose());
        at = owner;
    }
    members.reverse();
    matches!(at.kind, ExprKind::Name(_) | ExprKind::Call(_)).then_some((at, members))
}

/// The statements that only give a name to a call: by the call's place, the name and their own.
fn assigned(body: &[Stmt]) -> HashMap<Span, (&str, Span)> {
    let mut assigned = HashMap::default();
    visit::each_stmt(body, &mut |stmt| {
        if let StmtKind::Assign(it) = &stmt.kind
            && let [target] = it.targets.as_slice()
            && let (Some(name), Some(value)) = (target.as_name(), &it.value)
        {
            assigned.insert(value.span, (name, stmt.span));
        }
    });
    assigned
}

/// The text of a variable: the call alone is replaced.
fn of_text(
    reference: &Reference,
    key: &str,
    site: &CallSite<'_>,
    used: &[&Use<'_>],
    is_named: bool,
) -> Option<AsTemplate> {
    let is_plain = |it: &&&Use<'_>| it.members.is_empty() && (is_named || !it.is_interpolated);
    if used.is_empty() || !used.iter().all(|it| is_plain(&it)) {
        return None;
    }
    let Some(default) = &reference.default else {
        let template = format!("{{{{ var.value{} }}}}", member(key));
        let edits = vec![(reference.span, format!("\"{template}\""))];
        return Some(AsTemplate { shown: template, edits });
    };
    let argument = site.call.arguments.iter().find(|arg| arg.value.span == default.span)?;
    let text = argument.value.as_str().and_then(written_out)?;
    let before = format!("\"{{{{ var.value.get('{key}', '");
    let after = "') }}\"".to_owned();
    let shown = format!("{{{{ var.value.get('{key}', …) }}}}");
    let Span { start, end } = reference.span;
    Some(AsTemplate {
        shown,
        edits: vec![(Span::new(start, text.start), before), (Span::new(text.end, end), after)],
    })
}

/// Where a default stands that can stand in a template as it is.
fn written_out(text: &Text) -> Option<Span> {
    let is_plain = |c: char| !c.is_control() && !"'\"\\{}%".contains(c);
    let plain = text.expose().chars().all(is_plain);
    let span = text.span_of(0..text.expose().len());
    (plain && span.end - span.start == text.expose().len()).then_some(span)
}

/// The members of a variable that holds JSON: each use is replaced, and the assignment goes.
fn of_json(
    reference: &Reference,
    key: &str,
    used: &[&Use<'_>],
    statement: Option<Span>,
) -> Option<AsTemplate> {
    let is_member = |it: &&Use<'_>| {
        let has_letters = |c: char| c.is_ascii_alphanumeric() || "_-".contains(c);
        let is_name = |name: &str| !name.is_empty() && name.chars().all(has_letters);
        !it.is_interpolated && !it.members.is_empty() && it.members.iter().all(|name| is_name(name))
    };
    if used.is_empty() || reference.default.is_some() || !used.iter().all(is_member) {
        return None;
    }
    let template = |it: &Use<'_>| {
        let members: String = it.members.iter().map(|name| member(name)).collect();
        format!("{{{{ var.json{}{members} }}}}", member(key))
    };
    let shown = used.first().map(|it| template(it))?;
    let edits = used.iter().map(|it| (it.span, format!("\"{}\"", template(it))));
    let edits = edits.chain(statement.map(|span| (span, String::new()))).collect();
    Some(AsTemplate { shown, edits })
}

/// What Jinja takes for the method, behind a dot.
const DICT_METHODS: &[&str] = &[
    "clear",
    "copy",
    "fromkeys",
    "get",
    "items",
    "keys",
    "pop",
    "popitem",
    "setdefault",
    "update",
    "values",
];

/// `.name`, or `['some-name']` where it is no identifier.
fn member(name: &str) -> String {
    let is_identifier = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
        && !name.starts_with(|first: char| first.is_ascii_digit());
    if is_identifier && !DICT_METHODS.contains(&name) && !name.starts_with('_') {
        format!(".{name}")
    } else {
        format!("['{name}']")
    }
}
