//! Which calls ask for what.

use super::names::{Entity, Question};
use super::scope::{CallSite, Scopes};
use super::timing::Timings;
use super::{Api, DefaultArgument, Form, Key, KeyPart, Kind, Operation, Reference, Timing, value};
use crate::model::FileId;
use crate::read::python::tree::{Arg, Expr, ExprKind, Star};

/// Where the class `Variable` can be imported from.
const VARIABLE: &[(&str, Api)] = &[
    ("airflow.models.Variable", Api::Models),
    ("airflow.models.variable.Variable", Api::Models),
    ("airflow.sdk.Variable", Api::Sdk),
    ("airflow.sdk.definitions.variable.Variable", Api::Sdk),
    ("airflow.providers.common.compat.sdk.Variable", Api::Either),
];

/// Where the class `Connection` can be imported from.
pub(super) const CONNECTION: &[(&str, Api)] = &[
    ("airflow.models.Connection", Api::Models),
    ("airflow.models.connection.Connection", Api::Models),
    ("airflow.sdk.Connection", Api::Sdk),
    ("airflow.sdk.definitions.connection.Connection", Api::Sdk),
    ("airflow.providers.common.compat.sdk.Connection", Api::Either),
];

/// Where the class `BaseHook` can be imported from.
const BASE_HOOK: &[(&str, Api)] = &[
    ("airflow.hooks.base.BaseHook", Api::Models),
    ("airflow.hooks.base_hook.BaseHook", Api::Models),
    ("airflow.sdk.BaseHook", Api::Sdk),
    ("airflow.sdk.bases.hook.BaseHook", Api::Sdk),
    ("airflow.providers.common.compat.sdk.BaseHook", Api::Either),
];

const VARIABLE_METHODS: &[(&str, Operation)] = &[
    ("get", Operation::Get),
    ("get_variable_from_secrets", Operation::Get),
    ("set", Operation::Set),
    ("update", Operation::Update),
    ("setdefault", Operation::SetDefault),
    ("delete", Operation::Delete),
];

/// `async_get` since Airflow 3.1.
const CONNECTION_METHODS: &[(&str, Operation)] = &[
    ("get", Operation::Get),
    ("async_get", Operation::Get),
    ("get_connection_from_secrets", Operation::Get),
];

/// `get_connections` until Airflow 2, `aget_connection` since 3.1. `get_hook` asks for the connection
/// to learn which hook it needs.
const HOOK_METHODS: &[(&str, Operation)] = &[
    ("get_connection", Operation::Get),
    ("get_connections", Operation::Get),
    ("aget_connection", Operation::Get),
    ("get_hook", Operation::Get),
];

/// Functions with a keyword `conn_id` that is no use of a connection: queries on the metadata
/// database, and the definition of a connection.
const NO_USE: &[&str] = &["filter_by", "filter", "format", "Connection"];

/// What a method asks for.
struct Asked {
    kind: Kind,
    method: &'static str,
    operation: Operation,
    form: Form,
}

/// Appends the references that a call makes.
pub(super) fn of_call(
    scopes: &Scopes<'_>,
    timings: &Timings,
    site: &CallSite<'_>,
    file: FileId,
    references: &mut Vec<Reference>,
) {
    let function = &site.call.function;
    let asked = match &function.kind {
        ExprKind::Attribute(_, name) if !is_method(&name.node) => None,
        // A plain name may stand for a method: `get = Variable.get`.
        _ => asked(&Question::new(scopes).entities(function, site.place)),
    };
    match asked {
        Some(asked) => references.extend(of_method(scopes, timings, site, file, asked)),
        None if last_name(function).is_none_or(|name| !NO_USE.contains(&name)) => {
            of_keywords(scopes, timings, site, file, references);
        }
        None => {}
    }
}

fn is_method(name: &str) -> bool {
    [VARIABLE_METHODS, CONNECTION_METHODS, HOOK_METHODS]
        .iter()
        .any(|methods| methods.iter().any(|(method, _)| *method == name))
}

/// What the paths that a function may be imported by ask for.
fn asked(entities: &[Entity]) -> Option<Asked> {
    let mut asked: Option<Asked> = None;
    for entity in entities {
        let Entity::Path(path) = entity else { continue };
        let Some(found) = method(path) else { continue };
        match &mut asked {
            None => asked = Some(found),
            Some(before) => before.form = either(&before.form, &found.form),
        }
    }
    asked
}

fn method(path: &str) -> Option<Asked> {
    let (class, method) = path.rsplit_once('.')?;
    let find = |table: &[(&'static str, Operation)]| {
        table.iter().find(|(name, _)| *name == method).copied()
    };
    let api =
        |table: &[(&str, Api)]| table.iter().find(|(name, _)| *name == class).map(|(_, api)| *api);
    let (kind, found, form) = if let Some(api) = api(VARIABLE) {
        (Kind::Variable, find(VARIABLE_METHODS), Form::Variable(api))
    } else if let Some(api) = api(CONNECTION) {
        (Kind::Connection, find(CONNECTION_METHODS), Form::Connection(api))
    } else if let Some(api) = api(BASE_HOOK) {
        (Kind::Connection, find(HOOK_METHODS), Form::BaseHook(api))
    } else if is_hook(class) {
        (Kind::Connection, find(HOOK_METHODS), Form::Hook)
    } else {
        return None;
    };
    let (method, operation) = found?;
    Some(Asked { kind, method, operation, form })
}

/// Whether a class that was imported is a hook. In Airflow and its providers, and by their advice in
/// projects too, the name says so.
fn is_hook(class: &str) -> bool {
    class.rsplit('.').next().is_some_and(|name| name.ends_with("Hook"))
        && !class.starts_with("builtins.")
}

fn either(a: &Form, b: &Form) -> Form {
    let join = |a: Api, b: Api| if a == b { a } else { Api::Either };
    match (a, b) {
        (Form::Variable(a), Form::Variable(b)) => Form::Variable(join(*a, *b)),
        (Form::Connection(a), Form::Connection(b)) => Form::Connection(join(*a, *b)),
        (Form::BaseHook(a), Form::BaseHook(b)) => Form::BaseHook(join(*a, *b)),
        (a, _) => a.clone(),
    }
}

/// A call of a method that asks.
fn of_method(
    scopes: &Scopes<'_>,
    timings: &Timings,
    site: &CallSite<'_>,
    file: FileId,
    asked: Asked,
) -> Option<Reference> {
    let call = site.call;
    let keyword = match asked.kind {
        Kind::Connection => "conn_id",
        Kind::Variable | Kind::Config => "key",
    };
    let given = call.keyword(keyword).or_else(|| call.positional(0));
    let (key, key_span) = match given {
        Some(arg) => {
            let key = value::key(&Question::new(scopes), &arg.value, site.place);
            (key.unwrap_or(Key::Dynamic), arg.value.span)
        }
        // Behind a star it may be; without any argument the call fails.
        None => (Key::Dynamic, call.arguments.iter().find(|arg| arg.star != Star::No)?.span),
    };
    let has_default = asked.kind == Kind::Variable && matches!(asked.method, "get" | "setdefault");
    let default = if has_default {
        let named = call
            .arguments
            .iter()
            .find(|arg| is_named(arg, "default") || is_named(arg, "default_var"));
        // With the key by keyword, the first position cannot be taken, nor the second.
        named.or_else(|| call.positional(1)).map(|arg| DefaultArgument {
            keyword: arg.name.clone(),
            span: arg.value.span,
            is_none: matches!(arg.value.kind, ExprKind::None),
        })
    } else {
        None
    };
    let third = call.positional(2);
    let json = call.keyword("deserialize_json").or(third.filter(|_| has_default));
    Some(Reference {
        kind: asked.kind,
        operation: asked.operation,
        key,
        timing: timings.of(scopes, site.place),
        file,
        span: site.span,
        key_span,
        form: asked.form,
        callee: callee(&call.function),
        method: Some(asked.method),
        default,
        third: third.map(|arg| arg.value.span),
        deserialize_json: json.is_some_and(|arg| matches!(arg.value.kind, ExprKind::True)),
        conversion: site.conversion,
    })
}

fn is_named(arg: &Arg, name: &str) -> bool {
    arg.name.as_ref().is_some_and(|it| it.node == name)
}

/// The keywords of any call that name a connection. It is asked for when the operator or hook
/// works, not when it is made.
fn of_keywords(
    scopes: &Scopes<'_>,
    timings: &Timings,
    site: &CallSite<'_>,
    file: FileId,
    references: &mut Vec<Reference>,
) {
    for arg in &site.call.arguments {
        let Some(name) = arg.name.as_ref().filter(|name| names_connection(&name.node)) else {
            continue;
        };
        let Some(key) = value::key(&Question::new(scopes), &arg.value, site.place) else {
            continue;
        };
        let timing = match timings.of(scopes, site.place) {
            Timing::Never => Timing::Never,
            _ => Timing::Run,
        };
        references.push(Reference {
            kind: Kind::Connection,
            operation: Operation::Use,
            key: if is_template(&key) { Key::Dynamic } else { key },
            timing,
            file,
            span: arg.span,
            key_span: arg.value.span,
            form: Form::Keyword(name.node.clone()),
            callee: callee(&site.call.function),
            method: None,
            default: None,
            third: None,
            deserialize_json: false,
            conversion: None,
        });
    }
}

/// Whether a parameter with this name takes the id of a connection.
pub(super) fn names_connection(name: &str) -> bool {
    name == "conn_id" || name.ends_with("_conn_id")
}

/// Whether a key has a template in it, which operators render before they ask.
fn is_template(key: &Key) -> bool {
    let has = |text: &crate::text::Text| text.expose().contains("{{");
    match key {
        Key::Known(text) => has(text),
        Key::Pattern(parts) => {
            parts.iter().any(|part| matches!(part, KeyPart::Known(text) if has(text)))
        }
        Key::OneOf(keys) => keys.iter().any(is_template),
        Key::Dynamic => false,
    }
}

pub(super) fn last_name(function: &Expr) -> Option<&str> {
    match &function.kind {
        ExprKind::Name(name) => Some(name),
        ExprKind::Attribute(_, name) => Some(&name.node),
        _ => None,
    }
}

/// What is called, as written, as far as it is a name.
fn callee(function: &Expr) -> String {
    function
        .dotted()
        .or_else(|| last_name(function).map(|name| format!("….{name}")))
        .unwrap_or_else(|| "a call".to_owned())
}
