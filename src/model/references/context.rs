//! What code asks the context of a task for: `context["var"]["value"].key`, `context["conn"].get("id")`.

use std::cell::OnceCell;

use super::evaluate;
use super::names::{Entity, Later, Question, Reaching};
use super::scope::{Binding, Bound, CallSite, Place, ScopeId, Scopes, at};
use super::summary::{Draft, owner};
use super::timing::is_task_scope;
use super::value::Value;
use super::{DefaultArgument, Form, Operation, Reference};
use crate::hash::HashSet;
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
    let contexts = Contexts { scopes, tasks: OnceCell::new() };
    let mut found = Finder { contexts: &contexts, drafts: Vec::new() };
    for (expr, place) in &scopes.mentions {
        found.chain(expr, *place);
    }
    for (expr, place) in &scopes.subscripts {
        found.item(expr, *place);
    }
    for site in &scopes.calls {
        if let ExprKind::Attribute(owner, name) = &site.call.function.kind {
            match contexts.accessor(owner, site.place, MAX_HOPS) {
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
    contexts: &'a Contexts<'a, 'tree>,
    drafts: Vec<Draft>,
}

impl Finder<'_, '_> {
    /// An attribute, and those that it is one of.
    fn chain(&mut self, expr: &Expr, place: Place) {
        let mut at = expr;
        while let ExprKind::Attribute(owner, name) = &at.kind {
            if let Some(source) = self.contexts.accessor(owner, place, MAX_HOPS) {
                let key = Value::text(Text::verbatim(&name.node, name.span.start));
                self.push(source, vec![key], name.span, at.span, None, place);
                return;
            }
            at = owner;
        }
    }

    /// `context["conn"]["id"]`: no accessor has elements, but this is what is meant.
    fn item(&mut self, expr: &Expr, place: Place) {
        let ExprKind::Subscript(owner, index) = &expr.kind else { return };
        if let Some(source) = self.contexts.accessor(owner, place, MAX_HOPS) {
            let question = Question::new(self.contexts.scopes);
            let key = evaluate::values(&question, index, at(index, place));
            self.push(source, key, index.span, expr.span, None, place);
        }
    }

    fn get(&mut self, site: &CallSite<'_>, source: Source) {
        let call = site.call;
        let named = ["key", "conn_id"].iter().find_map(|name| call.keyword(name));
        let Some(arg) = named.or_else(|| call.positional(0)) else { return };
        let question = Question::new(self.contexts.scopes);
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
        let owner = owner(self.contexts.scopes, place);
        self.drafts.push(Draft::new(reference, values, owner));
    }
}

/// What a file says of contexts.
struct Contexts<'a, 'tree> {
    scopes: &'a Scopes<'tree>,
    /// The functions that Airflow calls with what they name of the context, once somebody asks.
    tasks: OnceCell<HashSet<ScopeId>>,
}

impl<'tree> Contexts<'_, 'tree> {
    /// What `expr` looks keys up in, if it is part of a context.
    fn accessor(&self, expr: &Expr, place: Place, hops: usize) -> Option<Source> {
        if let Some((owner, name)) = element(expr) {
            return match name {
                "value" if self.is_var(owner, place, hops) => Some(Source::Value),
                "json" if self.is_var(owner, place, hops) => Some(Source::Json),
                "conn" if self.is_context(owner, place) => Some(Source::Connection),
                _ => None,
            };
        }
        match &expr.kind {
            // The variables of a context have elements, no attributes; but this is what is meant.
            ExprKind::Attribute(owner, name) if self.is_given(owner, "var", place) => {
                match name.node.as_str() {
                    "value" => Some(Source::Value),
                    "json" => Some(Source::Json),
                    _ => None,
                }
            }
            _ if self.is_given(expr, "conn", place) => Some(Source::Connection),
            _ => {
                let (value, place) = bound(self.scopes, expr, place, hops)?;
                self.accessor(value, place, hops - 1)
            }
        }
    }

    /// Whether `expr` is the `var` of a context. Nothing else has elements of these names.
    fn is_var(&self, expr: &Expr, place: Place, hops: usize) -> bool {
        match element(expr) {
            Some((_, name)) => name == "var",
            None if self.is_given(expr, "var", place) => true,
            None => bound(self.scopes, expr, place, hops)
                .is_some_and(|(value, place)| self.is_var(value, place, hops - 1)),
        }
    }

    fn is_context(&self, expr: &Expr, place: Place) -> bool {
        match &expr.kind {
            ExprKind::Name(name) if CONTEXTS.contains(&name.as_str()) => true,
            ExprKind::Name(name) => self
                .bindings(name, expr, place)
                .iter()
                .any(|bound| matches!(bound, Bound::Keywords(function) if self.is_task(*function))),
            ExprKind::Call(call) => call.function.last_name().is_some_and(|name| {
                ["get_current_context", "get_template_context"].iter().any(|it| name.ends_with(it))
                    && call.function.first_name().is_some()
            }),
            _ => false,
        }
    }

    /// Whether `expr` is the parameter `name` of a task, which Airflow gives that part of the context:
    /// the names are reserved, nobody else can give them.
    fn is_given(&self, expr: &Expr, name: &str, place: Place) -> bool {
        expr.as_name() == Some(name)
            && self.bindings(name, expr, place).iter().any(
                |bound| matches!(bound, Bound::Parameter(function, _) if self.is_task(*function)),
            )
    }

    fn is_task(&self, function: ScopeId) -> bool {
        self.tasks.get_or_init(|| tasks(self.scopes)).contains(&function)
    }

    fn bindings(&self, name: &str, expr: &Expr, place: Place) -> Vec<&Bound<'tree>> {
        match Question::new(self.scopes).reaching(name, at(expr, place), Later::All) {
            Reaching::Bound(bindings) => bindings.iter().map(|it| &it.bound).collect(),
            _ => Vec::new(),
        }
    }
}

/// The functions of a file that Airflow calls with parts of the context: tasks and what is given as
/// `python_callable`.
fn tasks(scopes: &Scopes<'_>) -> HashSet<ScopeId> {
    let decorated = scopes.all().filter(|(_, scope)| is_task_scope(scope.kind));
    let mut tasks: HashSet<ScopeId> = decorated.map(|(id, _)| id).collect();
    for site in &scopes.calls {
        let question = Question::new(scopes);
        if let Some(function) = site.call.keyword("python_callable") {
            let functions = question.entities(&function.value, at(&function.value, site.place));
            tasks.extend(functions.into_iter().filter_map(|it| match it {
                Entity::Function(function) => Some(function),
                _ => None,
            }));
        }
        for entity in site.called(scopes) {
            if let Entity::Task(function) = entity
                && let Entity::Function(function) = **function
            {
                tasks.insert(function);
            }
        }
    }
    tasks
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
            ("context['conn']['a'].host", "connection:a"),
            ("context['conn'].cursor()", ""),
            ("context['ti'].a", ""),
            ("context['var']", ""),
            ("x['value'].a", ""),
        ] {
            let source = format!("def execute(self, context, **kwargs):\n  {body}\n");
            assert_eq!(run(&source), expected, "{body}");
        }
    }

    /// What the task in `source` asks for when it runs.
    fn run(source: &str) -> String {
        let found: Vec<_> = in_files(&[("dags/a.py", source)])
            .iter()
            .map(|it| {
                assert!(it.span.contains(it.key_span));
                assert_eq!(it.timing, crate::model::Timing::Run);
                format!("{}:{}", it.kind, it.key.glob().unwrap())
            })
            .collect();
        found.join(" ")
    }

    #[test]
    fn tasks_are_given_what_they_name() {
        for (signature, body, expected) in [
            ("var=None", "var['value'].a", "variable:a"),
            ("var=None", "var['value'].get('a')", "variable:a"),
            ("var=None", "var['value']['a']", "variable:a"),
            ("var=None", "var.value.a", "variable:a"),
            ("var", "var.get('json').get('a')", "variable:a"),
            ("var=None", "var.json.a.b", "variable:a"),
            ("conn=None", "conn.a.host", "connection:a"),
            ("conn=None", "conn.get('a')", "connection:a"),
            ("conn=None", "conn['a'].host", "connection:a"),
            ("conn=None", "c = conn\n  c.a.host", "connection:a"),
            ("x, *, conn", "conn.a.host", "connection:a"),
            ("**kw", "kw['conn'].a.host", "connection:a"),
            ("**kw", "kw['var']['value'].a", "variable:a"),
            ("ti=None", "ti.get_template_context()['conn'].a.host", "connection:a"),
            ("x=None", "x.a.host", ""),
            ("connection=None", "connection.a.host", ""),
        ] {
            for task in [
                format!("@task\ndef t({signature}):\n  {body}\n"),
                format!("def t({signature}):\n  {body}\nPythonOperator(python_callable=t)\n"),
                format!("from airflow.sdk import task\ndef t({signature}):\n  {body}\ntask(t)()\n"),
            ] {
                assert_eq!(run(&task), expected, "{task}");
            }
            let helper = format!("def t({signature}):\n  {body}\n");
            if !signature.starts_with("**") && !signature.starts_with("ti") {
                assert_eq!(run(&helper), "", "{helper}");
            }
        }
    }
}
