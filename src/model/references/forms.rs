//! Which calls ask for what.

use super::evaluate;
use super::given::partial;
use super::names::{Entity, Question};
use super::parameters::{default_of_param, rendered};
use super::scope::{CallSite, Place, Scopes, at};
use super::summary::{Draft, Given, owner};
use super::turns::{gives_each, is_each};
use super::value::{Part, Step, Value, stepped, unknown};
use super::{Api, Around, DefaultArgument, Form, Key, Kind, Operation, Reference, Timing};
use crate::facts::{
    class_names_connection, default_connections, hook_takes_connection_at, is_templated,
    knows_operator, names_connection, names_connection_list, other_takes_connection_first,
};
use crate::model::FileId;
use crate::read::python::tree::{Arg, Call, Expr, ExprKind, Star};
use crate::text::{Span, Text, TextBuilder};

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

/// Where the class of secrets of Kubernetes can be imported from. Its arguments name one.
pub(super) const KUBERNETES_SECRET: [&str; 3] = [
    "airflow.kubernetes.secret.Secret",
    "airflow.contrib.kubernetes.secret.Secret",
    "airflow.providers.cncf.kubernetes.secret.Secret",
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
/// database, and text that is put together.
const NO_USE: &[&str] = &["filter_by", "filter", "format"];

/// What a method asks for.
struct Asked {
    kind: Kind,
    method: &'static str,
    operation: Operation,
    form: Form,
}

/// What methods call the key.
const KEYS: &[&str] = &["key", "conn_id"];

impl Asked {
    /// Whether it takes a default.
    fn has_default(&self) -> bool {
        self.kind == Kind::Variable && matches!(self.method, "get" | "setdefault")
    }
}

/// Appends the references that a call makes.
pub(super) fn of_call<'tree>(
    scopes: &Scopes<'tree>,
    site: &CallSite<'tree>,
    drafts: &mut Vec<Draft>,
) {
    let before = drafts.len();
    let entities = of_function(scopes, site, drafts);
    let is_of_contrib = entities.iter().any(|entity| match entity {
        Entity::Path(path) => path.starts_with("airflow.contrib."),
        _ => false,
    });
    for draft in drafts.iter_mut().skip(before).filter(|_| is_of_contrib) {
        draft.reference.is_of_contrib = true;
    }
}

/// Appends the references that a call makes, and gives what its function may be, as far as that matters.
fn of_function<'site, 'tree>(
    scopes: &Scopes<'tree>,
    site: &'site CallSite<'tree>,
    drafts: &mut Vec<Draft>,
) -> &'site [Entity] {
    let function = &site.call.function;
    let name = function.last_name();
    let may_ask = match &function.kind {
        ExprKind::Attribute(_, name) => is_method(&name.node),
        // A plain name may stand for a method: `get = Variable.get`.
        _ => true,
    };
    let is_class = name.is_some_and(|name| name.starts_with(char::is_uppercase));
    let takes_first = name.is_some_and(other_takes_connection_first);
    let makes_base = name == Some("__init__");
    let matters = may_ask || is_class || takes_first || makes_base;
    let entities = if matters { site.called(scopes) } else { &[] };
    if may_ask && let Some(asked) = asked(paths_of(entities)) {
        drafts.extend(of_method(scopes, site, &asked));
        return entities;
    }
    if name == Some("map") {
        drafts.extend(of_map(scopes, site));
        return entities;
    }
    if name.is_some_and(|name| NO_USE.contains(&name)) {
        return entities;
    }
    let defines = is_one_of(entities, CONNECTION) || name == Some("Connection");
    let is_expanded = name == Some("expand");
    for arg in &site.call.arguments {
        let Some(keyword) = &arg.name else { continue };
        let is_id = class_names_connection(name.unwrap_or(""), &keyword.node);
        let name = keyword;
        // `Operator.partial(…).expand(conn_id=["a", "b"])` makes a task of each.
        let of_each = if names_connection_list(&name.node) || is_id && is_expanded {
            of_list(scopes, arg, site)
        } else {
            None
        };
        if of_each.is_some() || names_connection_list(&name.node) {
            drafts.extend(of_each);
        } else if is_id {
            let form = Form::Keyword(name.node.to_string());
            let operation = if defines { Operation::Define } else { Operation::Use };
            let named = Named { form, operation, span: arg.span, callee: callee(function) };
            drafts.push(named.draft(scopes, &arg.value, site.place));
        }
    }
    let makes_one = || paths_of(entities).any(|path| is_hook(path) || path == PARTIAL);
    if (is_class || takes_first || makes_base || makes_one()) && !defines {
        of_positions(scopes, site, entities, drafts);
    }
    of_defaults(scopes, site, drafts);
    entities
}

/// The reference that a call makes if what it calls, in another file, is a method that asks.
pub(super) fn of_other_files<'tree>(
    scopes: &Scopes<'tree>,
    site: &CallSite<'tree>,
) -> Option<Draft> {
    let function = &site.call.function;
    let is_given = !site.call.arguments.is_empty();
    let is_asked = is_given && function.first_name().is_some();
    let entities = if is_asked { site.called(scopes) } else { &[] };
    let path = paths_of(entities).find(|path| scopes.locals.hold(path))?.to_owned();
    // What it asks for is told by what the path leads to.
    let (kind, operation, form) = (Kind::Variable, Operation::Get, Form::Hook);
    if method(&path).is_some() {
        return None;
    }
    let draft = of_method(scopes, site, &Asked { kind, method: "get", operation, form })?;
    Some(Draft { asks_by: Some(path), ..draft })
}

/// What `draft`, the call of something of another file, asks for, where that is one of `paths` of Airflow.
pub(super) fn of_foreign(mut draft: Draft, paths: &[String], given: Given) -> Option<Draft> {
    let asked = asked(paths.iter().map(String::as_str))?;
    let reference = &mut draft.reference;
    (reference.kind, reference.operation) = (asked.kind, asked.operation);
    (reference.method, reference.form) = (Some(asked.method), asked.form.clone());
    if !asked.has_default() {
        reference.default = None;
    } else if given == Given::Some && reference.default.is_none() {
        // It may be among what is given.
        let span = reference.span;
        reference.default = Some(DefaultArgument { keyword: None, span, is_none: false });
    }
    Some(draft)
}

/// Whether a path is of Airflow itself or of one of its providers.
pub(super) fn is_airflows(path: &str) -> bool {
    path.starts_with("airflow.")
}

/// Whether a path is a class of which methods ask, or one of these methods.
pub(super) fn is_asked(path: &str) -> bool {
    let is_class = [VARIABLE, CONNECTION, BASE_HOOK]
        .iter()
        .any(|classes| classes.iter().any(|(class, _)| *class == path));
    is_class || method(path).is_some()
}

/// `db_conn_ids=["a", "b"]`.
fn of_list(scopes: &Scopes<'_>, arg: &Arg, site: &CallSite<'_>) -> Option<Draft> {
    let lists = key_values(scopes, &arg.value, site.place);
    if !lists.iter().all(|it| matches!(it, Value::List(_) | Value::Many(_))) {
        return None;
    }
    let named = Named {
        form: Form::Keyword(arg.name.as_ref()?.node.to_string()),
        operation: Operation::Use,
        span: arg.span,
        callee: callee(&site.call.function),
    };
    let ids = stepped(&lists, &Step::Each);
    let takes_turns = ids.len() > 1 && gives_each(&Question::new(scopes), &arg.value, site.place);
    let draft = named.with_values(scopes, ids, arg.value.span, site.place);
    Some(Draft { takes_turns, ..draft })
}

/// Appends the references that dictionaries make: `default_args`, `op_kwargs`, `params`.
pub(super) fn of_dicts(scopes: &Scopes<'_>, drafts: &mut Vec<Draft>) {
    for (items, place) in &scopes.dicts {
        let key = |item: &(Option<Expr>, Expr)| {
            item.0.as_ref().and_then(Expr::as_str).map(|key| key.expose().to_owned())
        };
        // With the type beside it, it is the definition of a connection.
        if items.iter().any(|item| key(item).is_some_and(|key| key == "conn_type")) {
            continue;
        }
        for item in *items {
            let Some(key) = key(item).filter(|key| names_connection(key)) else { continue };
            let written = item.0.as_ref().map_or(item.1.span, |it| it.span.cover(item.1.span));
            let named = Named {
                callee: key.clone(),
                form: Form::Keyword(key),
                operation: Operation::Use,
                span: written,
            };
            let Some(id) = default_of_param(&item.1) else { continue };
            let draft = named.draft(scopes, id, *place);
            // A schema of parameters, a default that is a call: no id.
            if draft.values.iter().any(|it| !it.is_unknown()) {
                drafts.push(draft);
            }
        }
    }
}

/// Appends the references that are put into dictionaries: `default_args["conn_id"] = …`.
pub(super) fn of_stores(scopes: &Scopes<'_>, drafts: &mut Vec<Draft>) {
    for (target, value, place) in &scopes.stores {
        let ExprKind::Subscript(_, index) = &target.kind else { continue };
        let Some(key) = index.as_str().map(Text::expose).filter(|key| names_connection(key)) else {
            continue;
        };
        let named = Named {
            callee: key.to_owned(),
            form: Form::Keyword(key.to_owned()),
            operation: Operation::Use,
            span: target.span.cover(value.span),
        };
        drafts.push(named.draft(scopes, value, *place));
    }
}

fn is_method(name: &str) -> bool {
    [VARIABLE_METHODS, CONNECTION_METHODS, HOOK_METHODS]
        .iter()
        .any(|methods| methods.iter().any(|(method, _)| *method == name))
}

fn is_one_of(entities: &[Entity], classes: &[(&str, Api)]) -> bool {
    entities.iter().any(|entity| match entity {
        Entity::Path(path) => classes.iter().any(|(class, _)| class == path),
        _ => false,
    })
}

fn paths_of(entities: &[Entity]) -> impl Iterator<Item = &str> {
    entities.iter().filter_map(|entity| match entity {
        Entity::Path(path) => Some(path.as_str()),
        _ => None,
    })
}

/// What the paths that a function may be imported by ask for.
fn asked<'a>(paths: impl Iterator<Item = &'a str>) -> Option<Asked> {
    let mut asked: Option<Asked> = None;
    for path in paths {
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

/// The arguments of a call, behind those that `functools.partial` gave to what is called.
struct Arguments<'a> {
    call: &'a Call,
    place: Place,
    before: Option<(&'a Call, Place)>,
}

impl<'a> Arguments<'a> {
    fn of(scopes: &Scopes<'a>, site: &CallSite<'a>) -> Self {
        let before = partial(&Question::new(scopes), &site.call.function, site.place);
        Self { call: site.call, place: site.place, before }
    }

    fn keyword(&self, names: &[&str]) -> Option<(&'a Arg, Place)> {
        let find = |call: &'a Call| names.iter().find_map(|name| call.keyword(name));
        let own = find(self.call).map(|it| (it, self.place));
        own.or_else(|| self.before.and_then(|(call, place)| Some((find(call)?, place))))
    }

    fn positional(&self, number: usize) -> Option<(&'a Arg, Place)> {
        let Some((before, place)) = self.before else {
            return self.call.positional(number).map(|it| (it, self.place));
        };
        // The first is what is called.
        let among = (1..).map_while(|at| before.positional(at)).map(|it| (it, place));
        let own = (0..).map_while(|at| self.call.positional(at)).map(|it| (it, self.place));
        among.chain(own).nth(number)
    }
}

/// A call of a method that asks.
fn of_method<'tree>(
    scopes: &Scopes<'tree>,
    site: &CallSite<'tree>,
    asked: &Asked,
) -> Option<Draft> {
    let call = site.call;
    let arguments = Arguments::of(scopes, site);
    let given = arguments.keyword(KEYS).or_else(|| arguments.positional(0));
    let (values, key_span) = match given {
        Some((arg, place)) => {
            let is_here = site.span.contains(arg.value.span);
            let span = if is_here { arg.value.span } else { site.span };
            (key_values(scopes, &arg.value, place), span)
        }
        // Behind a star it may be; without any argument the call fails.
        None => behind_star(scopes, call, site.place)?,
    };
    let default = if asked.has_default() {
        let named = arguments.keyword(&["default", "default_var"]);
        // With the key by keyword, the first position cannot be taken, nor the second.
        named.or_else(|| arguments.positional(1)).map(|(arg, _)| DefaultArgument {
            keyword: arg.name.clone(),
            span: arg.value.span,
            is_none: matches!(arg.value.kind, ExprKind::None),
        })
    } else {
        None
    };
    let third = arguments.positional(2).map(|(arg, _)| arg);
    let json = arguments.keyword(&["deserialize_json"]).map(|(arg, _)| arg);
    let json = json.or(third.filter(|_| asked.has_default()));
    let reference = Reference {
        kind: asked.kind,
        operation: asked.operation,
        method: Some(asked.method),
        default,
        third: third.map(|arg| arg.value.span),
        deserialize_json: json.is_some_and(|arg| matches!(arg.value.kind, ExprKind::True)),
        conversion: site.conversion,
        ..Reference::new(asked.form.clone(), site.span, key_span, callee(&call.function))
    };
    let takes_turns = values.len() > 1
        && given.is_some_and(|(arg, place)| is_each(&Question::new(scopes), &arg.value, place));
    Some(Draft { takes_turns, ..Draft::new(reference, values, owner(scopes, site.place)) })
}

/// `map(Variable.get, keys)`.
fn of_map(scopes: &Scopes<'_>, site: &CallSite<'_>) -> Option<Draft> {
    let (method, keys) = (site.call.positional(0)?, site.call.positional(1)?);
    let entities = Question::new(scopes).entities(&method.value, site.place);
    let asked = asked(paths_of(&entities))?;
    let values = stepped(&key_values(scopes, &keys.value, site.place), &Step::Each);
    let reference = Reference {
        kind: asked.kind,
        operation: asked.operation,
        method: Some(asked.method),
        ..Reference::new(asked.form, site.span, keys.value.span, callee(&method.value))
    };
    let takes_turns =
        values.len() > 1 && gives_each(&Question::new(scopes), &keys.value, site.place);
    Some(Draft { takes_turns, ..Draft::new(reference, values, owner(scopes, site.place)) })
}

/// The key among arguments that are unpacked.
fn behind_star(scopes: &Scopes<'_>, call: &Call, place: Place) -> Option<(Vec<Value>, Span)> {
    let star = call.arguments.iter().find(|arg| arg.star != Star::No)?;
    let question = Question::new(scopes);
    let unpacked = evaluate::values(&question, &star.value, at(&star.value, place));
    let values = match (unpacked.as_slice(), star.star) {
        ([Value::List(elements)], Star::Positions) => elements.first().cloned(),
        ([Value::Dict(items)], Star::Keywords) => items.iter().find_map(|(key, values)| {
            KEYS.contains(&key.as_ref()?.expose()).then(|| values.clone())
        }),
        _ => None,
    };
    Some((values.unwrap_or_else(unknown), star.span))
}

fn key_values(scopes: &Scopes<'_>, expr: &Expr, place: Place) -> Vec<Value> {
    evaluate::values(&Question::new(scopes), expr, at(expr, place))
}

fn is_named(arg: &Arg, name: &str) -> bool {
    arg.name.as_ref().is_some_and(|it| it.node == name)
}

/// A connection that is named to something that asks for it when it works, not when it is made.
struct Named {
    form: Form,
    operation: Operation,
    span: Span,
    callee: String,
}

impl Named {
    fn draft(self, scopes: &Scopes<'_>, id: &Expr, place: Place) -> Draft {
        let values = key_values(scopes, id, place);
        let takes_turns = values.len() > 1 && is_each(&Question::new(scopes), id, place);
        let values = if self.may_be_rendered() {
            rendered(&Question::new(scopes), values, place)
        } else {
            values
        };
        Draft { takes_turns, ..self.with_values(scopes, values, id.span, place) }
    }

    /// Whether what it names may be a template that Airflow renders.
    fn may_be_rendered(&self) -> bool {
        let Form::Keyword(name) = &self.form else { return false };
        let class = self.callee.rsplit('.').next().unwrap_or(&self.callee);
        self.operation == Operation::Use
            && !class.ends_with("Hook")
            && (!knows_operator(class) || is_templated(class, name))
    }

    fn with_values(
        self,
        scopes: &Scopes<'_>,
        values: Vec<Value>,
        key_span: Span,
        place: Place,
    ) -> Draft {
        let operation = self.operation;
        let reference =
            Reference { operation, ..Reference::new(self.form, self.span, key_span, self.callee) };
        Draft { optional: true, ..Draft::new(reference, values, owner(scopes, place)) }
    }
}

/// Ids that are given by position: to hooks, and to classes of the file that call their parameter so.
fn of_positions(
    scopes: &Scopes<'_>,
    site: &CallSite<'_>,
    entities: &[Entity],
    drafts: &mut Vec<Draft>,
) {
    let Some(name) = site.call.function.last_name() else { return };
    let named = |arg: &Arg| Named {
        form: Form::Position,
        operation: Operation::Use,
        span: arg.span,
        callee: callee(&site.call.function),
    };
    if name == "ObjectStoragePath" {
        let Some(arg) = site.call.positional(0) else { return };
        // What stands behind the id may be anything.
        let beginning = |url: &Value| match url {
            Value::Parts(parts) => match parts.first() {
                Some(Part::Known(text)) => connection_of_url(text).map(Value::text),
                _ => None,
            },
            _ => None,
        };
        let urls = key_values(scopes, &arg.value, site.place);
        let values: Vec<Value> = urls.iter().filter_map(beginning).collect();
        if values.is_empty() {
            return;
        }
        drafts.push(named(arg).with_values(scopes, values, arg.value.span, site.place));
        return;
    }
    let mut before = 0;
    let mut made = entities.to_vec();
    if let Some(class) = site.call.positional(0)
        && paths_of(entities).any(|path| path == PARTIAL)
    {
        made = Question::new(scopes).entities(&class.value, at(&class.value, site.place));
        before = 1;
    }
    let position = made.iter().find_map(|entity| match entity {
        Entity::Class(class) => scopes.position_of(*class, names_connection),
        Entity::Path(path) => {
            let class = path.strip_suffix(MAKING).unwrap_or(path);
            let of_hook = || is_hook(class).then(|| hook_takes_connection_at(class)).flatten();
            if other_takes_connection_first(class) { Some(0) } else { of_hook() }
        }
        Entity::Function(_) | Entity::Task(_) => None,
    });
    if let Some(arg) = position.and_then(|at| site.call.positional(before + at)) {
        // Who makes a hook of the project that hands its own id on names it already.
        if name == "__init__" && arg.value.as_name().is_some_and(names_connection) {
            return;
        }
        let taken_by = made.iter().find_map(|entity| match entity {
            Entity::Path(path) if scopes.locals.hold(path) => Some(path.clone()),
            _ => None,
        });
        drafts.push(Draft { taken_by, ..named(arg).draft(scopes, &arg.value, site.place) });
    }
}

/// What calls something later, with arguments that it is given now.
const PARTIAL: &str = "functools.partial";

/// The method that makes an instance, behind its class.
const MAKING: &str = ".__init__";

/// What the DAGs of a file give to their operators, as far as other files tell it.
pub(super) fn default_args(scopes: &Scopes<'_>) -> Vec<Value> {
    let mut found = Vec::new();
    for site in &scopes.calls {
        if !matches!(
            site.call.function.last_name(),
            Some("DAG" | "dag" | "TaskGroup" | "task_group")
        ) {
            continue;
        }
        for arg in &site.call.arguments {
            let values = || key_values(scopes, &arg.value, site.place);
            if is_named(arg, "default_args") {
                found.extend(values());
            } else if arg.star == Star::Keywords {
                let name = Text::produced_by("default_args", arg.span);
                found.extend(stepped(&values(), &Step::Key(name)));
            }
        }
    }
    let is_open = |value: &Value| match value {
        Value::Dict(items) => items.iter().any(|(key, _)| key.is_none()),
        value => value.is_open(),
    };
    found.retain(is_open);
    found
}

/// What older versions of a class take instead of a connection: until 7 of the Slack provider.
const INSTEAD: &[(&str, &str)] =
    &[("slack_conn_id", "token"), ("slack_webhook_conn_id", "webhook_token")];

/// The connections that a class of Airflow's asks for when it is given none: `S3Hook()`.
fn of_defaults(scopes: &Scopes<'_>, site: &CallSite<'_>, drafts: &mut Vec<Draft>) {
    let made = match &site.call.function.kind {
        ExprKind::Attribute(class, method) if method.node == "partial" => class,
        _ => &site.call.function,
    };
    let Some(name) = made.last_name() else { return };
    let is_unpacked = site.call.arguments.iter().any(|arg| arg.star != Star::No);
    if is_unpacked || default_connections(name).is_empty() {
        return;
    }
    let is_airflows = Question::new(scopes)
        .entities(made, site.place)
        .iter()
        .any(|entity| matches!(entity, Entity::Path(path) if path.starts_with("airflow.")));
    if !is_airflows {
        return;
    }
    let position = if is_hook(name) { hook_takes_connection_at(name) } else { Some(0) };
    let takes_one = position.is_some_and(|at| site.call.positional(at).is_some());
    for &(parameter, id) in default_connections(name) {
        // `default_args` may give it.
        let in_a_dict = scopes.dicts.iter().any(|(items, _)| {
            let keys = items.iter().filter_map(|(key, _)| key.as_ref()?.as_str());
            keys.into_iter().any(|key| key.expose() == parameter)
        });
        let mut instead = INSTEAD.iter().filter(|(it, _)| *it == parameter);
        let takes_other = instead.any(|(_, other)| site.call.keyword(other).is_some());
        if takes_one || takes_other || in_a_dict || site.call.keyword(parameter).is_some() {
            continue;
        }
        let named = Named {
            form: Form::Default(parameter.to_owned()),
            operation: Operation::Use,
            span: site.span,
            callee: callee(&site.call.function),
        };
        let values = vec![Value::text(Text::produced_by(id, site.span))];
        drafts.push(named.with_values(scopes, values, site.span, site.place));
    }
}

/// The id in `s3://id@bucket/path`.
fn connection_of_url(url: &Text) -> Option<Text> {
    let start = url.expose().find("://")? + 3;
    let end = url.expose().get(start..)?.split('/').next()?.find('@')? + start;
    let mut id = TextBuilder::default();
    id.copy(url, start..end);
    Some(id.finish(url.span_of(start..end)))
}

/// What is called, as written, as far as it is a name.
fn callee(function: &Expr) -> String {
    function
        .dotted()
        .or_else(|| function.last_name().map(|name| format!("….{name}")))
        .unwrap_or_else(|| "a call".to_owned())
}

impl Reference {
    /// A use by this form, with everything else still to be told.
    pub(super) fn new(form: Form, span: Span, key_span: Span, callee: String) -> Self {
        Self {
            kind: Kind::Connection,
            operation: Operation::Use,
            key: Key::Dynamic,
            timing: Timing::Unknown,
            parsed_with: Vec::new(),
            asks_each: false,
            file: FileId(0),
            span,
            key_span,
            form,
            callee,
            method: None,
            default: None,
            third: None,
            deserialize_json: false,
            conversion: None,
            is_of_contrib: false,
            around: Around::default(),
        }
    }
}
