//! What code asks the context of a task for: `context["var"]["value"].key`, `context["conn"].get("id")`.

use super::evaluate;
use super::names::{Later, Question, Reaching};
use super::scope::{Binding, Bound, CallSite, Place, Scopes, at};
use super::summary::{Draft, owner};
use super::value::Value;
use super::{DefaultArgument, Form, Operation, Reference};
use crate::model::Kind;
use crate::read::python::tree::{Call, Expr, ExprKind};
use crate::text::{Span, Text};

/// What a context looks keys up in.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Source {
    Value,
    Json,
    Connection,
}

/// What the context of a task is called by convention; its parameters may have any name.
const CONTEXTS: [&str; 4] = ["context", "ctx", "_context", "airflow_context"];

/// How far a name is followed.
const MAX_HOPS: usize = 8;

/// The references to the context in a file.
pub(super) fn drafts(scopes: &Scopes<'_>) -> Vec<Draft> {
    let mut found = Finder { scopes, drafts: Vec::new() };
    for (expr, place) in &scopes.mentions {
        found.chain(expr, *place);
    }
    for site in &scopes.calls {
        if let ExprKind::Attribute(owner, name) = &site.call.function.kind {
            match accessor(scopes, owner, site.place, MAX_HOPS) {
                Some(source) if name.node == "get" => found.get(site, source),
                // Another method, of something that only is called so.
                Some(_) => {}
                None => found.chain(owner, site.place),
            }
        }
    }
    found.drafts
}

struct Finder<'a, 'tree> {
    scopes: &'a Scopes<'tree>,
    drafts: Vec<Draft>,
}

impl Finder<'_, '_> {
    /// An attribute, and those that it is one of.
    fn chain(&mut self, expr: &Expr, place: Place) {
        let mut at = expr;
        while let ExprKind::Attribute(owner, name) = &at.kind {
            if let Some(source) = accessor(self.scopes, owner, place, MAX_HOPS) {
                let key = Value::text(Text::verbatim(&name.node, name.span.start));
                self.push(source, vec![key], name.span, at.span, None, place);
                return;
            }
            at = owner;
        }
    }

    fn get(&mut self, site: &CallSite<'_>, source: Source) {
        let call = site.call;
        let named = ["key", "conn_id"].iter().find_map(|name| call.keyword(name));
        let Some(arg) = named.or_else(|| call.positional(0)) else { return };
        let question = Question::new(self.scopes);
        let key = evaluate::values(&question, &arg.value, at(&arg.value, site.place));
        let named =
            ["default", "default_var", "default_conn"].iter().find_map(|name| call.keyword(name));
        let default = named.or_else(|| call.positional(1)).map(|arg| DefaultArgument {
            keyword: arg.name.clone(),
            span: arg.value.span,
            is_none: matches!(arg.value.kind, ExprKind::None),
        });
        self.push(source, key, arg.value.span, site.span, default, site.place);
    }

    fn push(
        &mut self,
        source: Source,
        values: Vec<Value>,
        key_span: Span,
        span: Span,
        default: Option<DefaultArgument>,
        place: Place,
    ) {
        let (kind, callee) = match source {
            Source::Value => (Kind::Variable, "var.value"),
            Source::Json => (Kind::Variable, "var.json"),
            Source::Connection => (Kind::Connection, "conn"),
        };
        let reference = Reference {
            kind,
            operation: Operation::Get,
            default,
            deserialize_json: source == Source::Json,
            ..Reference::new(Form::Context, span, key_span, callee.to_owned())
        };
        let owner = owner(self.scopes, place);
        self.drafts.push(Draft::new(reference, values, owner));
    }
}

/// What `expr` looks keys up in, if it is part of a context.
fn accessor(scopes: &Scopes<'_>, expr: &Expr, place: Place, hops: usize) -> Option<Source> {
    if let Some((owner, name)) = element(expr) {
        return match name {
            "value" if is_var(scopes, owner, place, hops) => Some(Source::Value),
            "json" if is_var(scopes, owner, place, hops) => Some(Source::Json),
            "conn" if is_context(owner) => Some(Source::Connection),
            _ => None,
        };
    }
    let (value, place) = bound(scopes, expr, place, hops)?;
    accessor(scopes, value, place, hops - 1)
}

/// Whether `expr` is the `var` of a context. Nothing else has elements of these names.
fn is_var(scopes: &Scopes<'_>, expr: &Expr, place: Place, hops: usize) -> bool {
    match element(expr) {
        Some((_, name)) => name == "var",
        None => bound(scopes, expr, place, hops)
            .is_some_and(|(value, place)| is_var(scopes, value, place, hops - 1)),
    }
}

fn is_context(expr: &Expr) -> bool {
    match &expr.kind {
        ExprKind::Name(name) => CONTEXTS.contains(&name.as_str()),
        ExprKind::Call(call) => {
            call.function.dotted().is_some_and(|name| name.ends_with("get_current_context"))
        }
        _ => false,
    }
}

/// `owner["name"]` or `owner.get("name")`.
fn element(expr: &Expr) -> Option<(&Expr, &str)> {
    match &expr.kind {
        ExprKind::Subscript(owner, index) => Some((owner, index.as_str()?.expose())),
        ExprKind::Call(call) => {
            let Call { function: Expr { kind: ExprKind::Attribute(owner, name), .. }, .. } =
                &**call
            else {
                return None;
            };
            let given = call.positional(0).filter(|_| name.node == "get")?;
            Some((owner, given.value.as_str()?.expose()))
        }
        _ => None,
    }
}

/// The one value that a name has.
fn bound<'tree>(
    scopes: &Scopes<'tree>,
    expr: &Expr,
    place: Place,
    hops: usize,
) -> Option<(&'tree Expr, Place)> {
    let name = expr.as_name().filter(|_| hops > 0)?;
    let question = Question::new(scopes);
    match question.reaching(name, at(expr, place), Later::All) {
        Reaching::Bound(bindings) => match bindings.as_slice() {
            [Binding { bound: Bound::Value(value), place, .. }] => Some((value, *place)),
            _ => None,
        },
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use crate::model::references::tests::in_files;

    #[test]
    fn contexts_are_asked() {
        for (body, expected) in [
            ("context['var']['value'].a", "variable:a"),
            ("context[\"var\"][\"json\"].a.get('b')", "variable:a"),
            ("kwargs['var']['value'].get('a', 'd')", "variable:a"),
            ("context.get('var').get('value').a.split()", "variable:a"),
            ("get_current_context()['var']['value'].a", "variable:a"),
            ("context['conn'].a.host", "connection:a"),
            ("context['conn'].a.get_uri()", "connection:a"),
            ("context['conn'].get('a')", "connection:a"),
            ("context['conn'].get(f'a_{context}')", "connection:a_*"),
            ("v = context['var']['value']\n  print(v.a)", "variable:a"),
            ("var = context['var']\n  var['value'].get('a')", "variable:a"),
            ("kwargs['conn'].cursor()", ""),
            ("kwargs['conn'].a", ""),
            ("context['conn'].cursor()", ""),
            ("context['ti'].a", ""),
            ("context['var']", ""),
            ("x['value'].a", ""),
        ] {
            let source = format!("def execute(self, context, **kwargs):\n  {body}\n");
            let found: Vec<_> = in_files(&[("dags/a.py", &source)])
                .iter()
                .map(|it| {
                    assert!(it.span.contains(it.key_span));
                    assert_eq!(it.timing, crate::model::Timing::Run);
                    format!("{}:{}", it.kind, it.key.glob().unwrap())
                })
                .collect();
            assert_eq!(found.join(" "), expected, "{body}");
        }
    }
}
