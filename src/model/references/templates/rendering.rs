//! Which calls render their arguments, or hand them to something that does.

use std::borrow::Cow;

use crate::facts::{is_templated, knows_operator, templates};
use crate::model::references::names::{Entity, Question};
use crate::model::references::scope::{CallSite, ScopeKind, Scopes};
use crate::model::references::timing::{is_task_scope, names_task};
use crate::read::python::tree::{Arg, Expr, ExprKind, Star};

/// What becomes of the arguments of a call.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Renders {
    /// Airflow renders them before a task runs.
    Yes,
    /// The values of `default_args`, which go to operators, are rendered, the others are not.
    Defaults,
    /// Nothing renders them.
    No,
    /// That cannot be told.
    Perhaps,
}

/// Methods that give an operator or task some of its arguments.
const MAPPING: [&str; 4] = ["partial", "expand", "expand_kwargs", "override"];

/// How the names of classes end whose instances Airflow renders.
const RENDERED: [&str; 5] = ["Operator", "Sensor", "OperatorAsync", "SensorAsync", "Notifier"];

/// How the names of classes end whose instances it does not.
const NOT_RENDERED: [&str; 6] = ["Hook", "Error", "Exception", "Warning", "Dataset", "Asset"];

/// Functions and methods that only show or look at text.
const LOOKING: [&str; 30] = [
    "print",
    "debug",
    "info",
    "warning",
    "warn",
    "error",
    "critical",
    "exception",
    "log",
    "replace",
    "startswith",
    "endswith",
    "find",
    "rfind",
    "index",
    "rindex",
    "count",
    "split",
    "rsplit",
    "match",
    "search",
    "fullmatch",
    "findall",
    "finditer",
    "sub",
    "compile",
    "get",
    "getLogger",
    "len",
    "Param",
];

/// Arguments of what makes operators of its own, with which it calls them.
const FOR_OPERATORS: [&str; 2] = ["default_args", "operator_args"];

pub(super) fn of_call(scopes: &Scopes<'_>, site: &CallSite<'_>) -> Renders {
    let function = mapped(&site.call.function);
    let Some(name) = function.last_name() else { return Renders::Perhaps };
    let ends = |endings: &[&str]| endings.iter().any(|ending| name.ends_with(ending));
    if names_task(function) || ends(&RENDERED) || name.starts_with("render_template") {
        return Renders::Yes;
    }
    if ends(&NOT_RENDERED) || LOOKING.contains(&name) {
        return Renders::No;
    }
    if ["DAG", "dag", "TaskGroup", "task_group"].contains(&name) {
        return Renders::Defaults;
    }
    let is_named = |wanted: &str| site.call.keyword(wanted).is_some();
    if is_named("task_id") || name.starts_with("send_") && name.ends_with("_notification") {
        return Renders::Yes;
    }
    if FOR_OPERATORS.iter().any(|name| is_named(name)) {
        return Renders::Defaults;
    }
    let is_decorated = |entity: &Entity| match entity {
        Entity::Function(id) => scopes.get(*id).is_some_and(|scope| is_task_scope(scope.kind)),
        Entity::Task(_) => true,
        _ => false,
    };
    let entities = if std::ptr::eq(function, std::ptr::from_ref(&site.call.function)) {
        Cow::Borrowed(site.called(scopes))
    } else {
        Cow::Owned(Question::new(scopes).entities(function, site.place))
    };
    if entities.iter().any(is_decorated) { Renders::Yes } else { Renders::Perhaps }
}

/// What is really called by `Class.partial(…).expand(…)`.
fn mapped(function: &Expr) -> &Expr {
    let mut at = function;
    loop {
        at = match &at.kind {
            ExprKind::Attribute(owner, name) if MAPPING.contains(&name.node.as_str()) => owner,
            ExprKind::Call(call) if !std::ptr::eq(at, function) => &call.function,
            _ => return at,
        };
    }
}

/// Whether an argument of the call of `function`, which renders as `renders` says, is rendered.
pub(super) fn renders_argument(renders: Renders, function: &Expr, arg: &Arg) -> bool {
    let name = arg.name.as_ref().map(|name| name.node.as_str());
    let class = mapped(function).last_name().filter(|class| knows_operator(class));
    match (renders, class) {
        // Other arguments are rendered in some versions, or in none.
        (Renders::Yes, Some(class)) => name.is_none_or(|name| is_templated(class, name)),
        (Renders::Yes, None) => !name.is_some_and(|name| templates().is_never_rendered(name)),
        (Renders::Defaults, _) => name.is_some_and(|name| FOR_OPERATORS.contains(&name)),
        (Renders::No | Renders::Perhaps, _) => false,
    }
}

/// Whether nothing renders an argument, whatever is called.
pub(super) fn is_plain_argument(renders: Renders, function: &Expr, arg: &Arg) -> bool {
    let name = arg.name.as_ref().map(|name| name.node.as_str());
    let is_plain = name.is_some_and(|name| templates().is_never_rendered(name));
    match renders {
        Renders::No => true,
        Renders::Defaults => !renders_argument(renders, function, arg) && arg.star == Star::No,
        Renders::Yes | Renders::Perhaps => is_plain,
    }
}

/// Whether Airflow renders what a function with these decorators returns: `@task.bash`.
pub(super) fn renders_result(kind: ScopeKind<'_>) -> bool {
    let ScopeKind::Function(function) = kind else { return false };
    function.decorators.iter().any(|decorator| {
        let called = match &decorator.kind {
            ExprKind::Call(call) => &call.function,
            _ => decorator,
        };
        names_task(called)
            && called
                .last_name()
                .is_some_and(|name| ["bash", "sql", "kubernetes_cmd"].contains(&name))
    })
}

/// Whether a function only hands on the text that it is given, or puts it together.
pub(super) fn hands_text_on(function: &Expr) -> bool {
    const FUNCTIONS: [&str; 17] = [
        "dict", "list", "tuple", "set", "str", "dumps", "dedent", "cleandoc", "indent", "join",
        "format", "strip", "lstrip", "rstrip", "quote", "copy", "deepcopy",
    ];
    function.last_name().is_some_and(|name| {
        // Models of the Kubernetes client, of which operators render the strings.
        FUNCTIONS.contains(&name) || name.starts_with("V1")
    })
}
