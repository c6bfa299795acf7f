//! Where a value that was looked up is shown: what prints it, logs it, or puts it into a command
//! line, in the same file, through names, f-strings and the like.

use std::cell::RefCell;

use super::super::names::{Entity, Later, Question, Reaching};
use super::super::scope::{Bound, CallSite, Place, Scopes, at};
use super::super::summary::Draft;
use super::super::{Form, Kind, Operation, Reference};
use crate::hash::{HashMap, HashSet};
use crate::read::python::tree::{Call, Expr, ExprKind, FStringPart, Operator, Star};
use crate::text::Span;

/// A place that shows a value, or a part of it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Outlet {
    /// How.
    pub way: Way,
    /// What of it.
    pub part: Part,
    /// Where the value is handed over.
    pub span: Span,
}

/// How a value is shown.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Way {
    /// By a call that writes to the log, as written: `print`, `self.log.info`.
    Log(String),
    /// As a part of a command line: the call that runs it, or the argument that holds it.
    Command(String),
}

/// A part of a value.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Part {
    /// All of a variable.
    Whole,
    /// The password of a connection.
    Password,
    /// A connection as a URI, with its password.
    Uri,
    /// All of the extra of a connection.
    Extra,
    /// A member of the extra, or of a variable that holds JSON.
    Member(String),
}

/// The methods of a logger.
const LOG_METHODS: &[&str] =
    &["debug", "info", "warning", "warn", "error", "critical", "exception", "fatal", "log"];

/// What runs a command line.
const RUNNERS: &[&str] = &[
    "os.system",
    "os.popen",
    "subprocess.run",
    "subprocess.call",
    "subprocess.check_call",
    "subprocess.check_output",
    "subprocess.Popen",
    "subprocess.getoutput",
    "subprocess.getstatusoutput",
];

/// Arguments of operators that become a command line.
const COMMANDS: &[&str] = &["bash_command", "command", "cmds", "arguments"];

/// So many references are followed for one argument.
const MAX_FOUND: usize = 32;

/// Functions whose result still tells their first argument.
const TELLING: &[&str] = &[
    "str",
    "repr",
    "dumps",
    "loads",
    "literal_eval",
    "quote",
    "quote_plus",
    "b64encode",
    "bytes",
    "pformat",
];

/// Methods whose result still tells what they are called on.
const TELLING_METHODS: &[&str] = &[
    "strip", "lstrip", "rstrip", "encode", "decode", "lower", "upper", "replace", "split", "rsplit",
];

/// Methods of a connection that are read like its attributes.
const GETTERS: &[&str] = &["get_password", "get_uri", "get_extra", "get_extra_dejson"];

/// Where the values of `drafts` are shown, each with the reference's number. `numbers` says
/// which calls are references.
pub(super) fn outlets(
    scopes: &Scopes<'_>,
    drafts: &[Draft],
    numbers: &HashMap<Span, usize>,
) -> Vec<(usize, Outlet)> {
    let mut outlets: Vec<(usize, Outlet)> = Vec::new();
    for site in scopes.calls.iter().filter(|site| !scopes.is_never(site.place.block)) {
        for (way, argument) in ways(scopes, site) {
            let trace = Trace::new(scopes, numbers);
            trace.follow(argument, at(argument, site.place), &[]);
            for (number, path) in trace.found.into_inner() {
                let Some(part) = drafts.get(number).and_then(|it| part(&it.reference, &path))
                else {
                    continue;
                };
                let outlet = Outlet { way: way.clone(), part, span: argument.span };
                let is_new = outlets.last().is_none_or(|(_, last)| *last != outlet);
                if is_new {
                    outlets.push((number, outlet));
                }
            }
            if let Way::Command(_) = way {
                let strings = trace.strings.into_inner();
                outlets.extend(in_templates(drafts, &strings, &way));
            }
        }
    }
    outlets
}

/// The lookups of templates in `strings` that become a command line; `drafts` are sorted by place.
fn in_templates(drafts: &[Draft], strings: &[Span], way: &Way) -> Vec<(usize, Outlet)> {
    let mut found = Vec::new();
    for string in strings {
        let first = drafts.partition_point(|it| it.reference.span.start < string.start);
        let inside = drafts.iter().enumerate().skip(first);
        let inside = inside.take_while(|(_, it)| it.reference.span.start < string.end);
        for (number, draft) in inside {
            let reference = &draft.reference;
            let Form::Template(template) = &reference.form else { continue };
            if let Some(part) = part(reference, &template.members) {
                found.push((number, Outlet { way: way.clone(), part, span: reference.span }));
            }
        }
    }
    found
}

/// The arguments of a call that are shown, and how.
fn ways<'tree>(scopes: &Scopes<'tree>, site: &CallSite<'tree>) -> Vec<(Way, &'tree Expr)> {
    let call = site.call;
    let Some(last) = call.function.last_name() else { return Vec::new() };
    let values = || call.arguments.iter().map(|arg| &arg.value);
    if is_log(&call.function, last) {
        let name = call.function.dotted().unwrap_or_else(|| last.to_owned());
        return values().map(|value| (Way::Log(name.clone()), value)).collect();
    }
    let may_run = RUNNERS.iter().any(|path| path.ends_with(last));
    if may_run {
        let found = site.called(scopes);
        let runs = |entity: &Entity| matches!(entity, Entity::Path(path) if RUNNERS.contains(&path.as_str()));
        if found.iter().any(runs) {
            let command = call.positional(0).or_else(|| call.keyword("args"));
            return command
                .map(|arg| {
                    (
                        Way::Command(call.function.dotted().unwrap_or_else(|| last.to_owned())),
                        &arg.value,
                    )
                })
                .into_iter()
                .collect();
        }
    }
    let is_operator =
        operator(call).is_some_and(|it| it.ends_with("Operator") || it.ends_with("Sensor"));
    let commands = call.arguments.iter().filter_map(|arg| {
        let name = arg.name.as_ref()?.node.as_str();
        let is_command = COMMANDS.contains(&name) && (is_operator || name == "bash_command");
        (is_command && arg.star == Star::No).then(|| (Way::Command(name.to_owned()), &arg.value))
    });
    commands.collect()
}

/// The last name of the class that is made: of `BashOperator(…)` and `BashOperator.partial(…)`.
pub(super) fn operator(call: &Call) -> Option<&str> {
    match &call.function.kind {
        ExprKind::Attribute(class, method) if method.node == "partial" => class.last_name(),
        _ => call.function.last_name(),
    }
}

/// Whether a logger goes by this name: `log`, `LOGGER`, `task_log`.
fn is_logger(name: &str) -> bool {
    let name = name.trim_matches('_').to_lowercase();
    ["log", "logging", "getlogger", "get_logger"].contains(&name.as_str())
        || name.ends_with("logger")
        || name.ends_with("_log")
}

fn is_log(function: &Expr, last: &str) -> bool {
    match &function.kind {
        ExprKind::Name(name) => name == "print" || name == "pprint",
        ExprKind::Attribute(owner, _) => {
            let logger = match &owner.kind {
                ExprKind::Call(call) => &call.function,
                _ => owner,
            };
            let logs = logger.last_name().is_some_and(is_logger);
            let is_stream = owner
                .dotted()
                .is_some_and(|it| ["sys.stdout", "sys.stderr"].contains(&it.as_str()));
            logs && LOG_METHODS.contains(&last) || is_stream && last == "write"
        }
        _ => false,
    }
}

/// What a path of attributes, getters and members says of the value that `reference` gives.
fn part(reference: &Reference, path: &[String]) -> Option<Part> {
    let last = || path.last().cloned().map(Part::Member);
    let first = path.first().map(String::as_str);
    match (reference.kind, reference.operation, first) {
        (Kind::Variable, Operation::Get | Operation::SetDefault, None) => Some(Part::Whole),
        (Kind::Variable, Operation::Get | Operation::SetDefault, Some(_)) => last(),
        // Of a hook: the connection that it asks for.
        (Kind::Connection, Operation::Use, Some("get_uri")) => Some(Part::Uri),
        (Kind::Connection, Operation::Use, Some("connection")) => {
            match path.get(1).map(String::as_str) {
                Some("password" | "get_password") => Some(Part::Password),
                Some("get_uri") => Some(Part::Uri),
                _ => None,
            }
        }
        (Kind::Connection, Operation::Use, _) => None,
        (Kind::Connection, _, _) if reference.method == Some("get_hook") => None,
        (Kind::Connection, _, Some("password" | "get_password")) => Some(Part::Password),
        (Kind::Connection, _, Some("get_uri")) => Some(Part::Uri),
        (
            Kind::Connection,
            _,
            Some("extra" | "get_extra" | "extra_dejson" | "get_extra_dejson"),
        ) => {
            if path.len() == 1 {
                Some(Part::Extra)
            } else {
                last()
            }
        }
        _ => None,
    }
}

/// A search for the references that the value of an expression comes from.
struct Trace<'a, 'scopes, 'tree> {
    question: Question<'scopes, 'tree>,
    numbers: &'a HashMap<Span, usize>,
    /// Each with what is taken of its value: attributes, getters and members, from the value on.
    found: RefCell<Vec<(usize, Vec<String>)>>,
    /// The strings on the way, which may be templates.
    strings: RefCell<Vec<Span>>,
    /// The values that were followed, each with what is taken of it.
    seen: RefCell<HashSet<(*const Expr, Vec<String>)>>,
}

impl<'a, 'scopes, 'tree> Trace<'a, 'scopes, 'tree> {
    fn new(scopes: &'scopes Scopes<'tree>, numbers: &'a HashMap<Span, usize>) -> Self {
        let question = Question::new(scopes);
        let (found, strings, seen) = Default::default();
        Self { question, numbers, found, strings, seen }
    }

    /// Follows `expr`, of whose value `path` is taken.
    fn follow(&self, expr: &Expr, place: Place, path: &[String]) {
        if self.found.borrow().len() >= MAX_FOUND {
            return;
        }
        let inside = |name: &str| [&[name.to_owned()], path].concat();
        match &expr.kind {
            ExprKind::Call(call) => match self.numbers.get(&expr.span) {
                Some(number) => self.found.borrow_mut().push((*number, path.to_vec())),
                None => self.call(call, place, path),
            },
            ExprKind::Attribute(owner, name) => self.follow(owner, place, &inside(&name.node)),
            ExprKind::Subscript(owner, index) => match &index.kind {
                ExprKind::Str(text) => self.follow(owner, place, &inside(text.expose())),
                ExprKind::Slice(_) => {}
                _ => self.follow(owner, place, path),
            },
            ExprKind::Name(name) => self.name(expr, name, place, path),
            ExprKind::Conditional(it) => {
                self.follow(&it.body, place, path);
                self.follow(&it.otherwise, place, path);
            }
            ExprKind::Or(parts) | ExprKind::And(parts) => {
                for part in parts {
                    self.follow(part, place, path);
                }
            }
            ExprKind::Named(_, value) | ExprKind::Await(value) | ExprKind::Starred(value) => {
                self.follow(value, place, path);
            }
            // What follows makes text or a collection of several values, of which all is taken.
            _ if !path.is_empty() => {}
            ExprKind::Str(_) => self.strings.borrow_mut().push(expr.span),
            ExprKind::FString(parts) => {
                self.strings.borrow_mut().push(expr.span);
                for part in parts {
                    if let FStringPart::Interpolation(it) = part {
                        self.follow(&it.value, place, path);
                    }
                }
            }
            ExprKind::Binary(Operator::Add | Operator::Mod, left, right) => {
                self.follow(left, place, path);
                self.follow(right, place, path);
            }
            ExprKind::Tuple(parts) | ExprKind::List(parts) | ExprKind::Set(parts) => {
                for part in parts {
                    self.follow(part, place, path);
                }
            }
            ExprKind::Dict(items) => {
                for (_, value) in items {
                    self.follow(value, place, path);
                }
            }
            _ => {}
        }
    }

    fn name(&self, expr: &Expr, name: &str, place: Place, path: &[String]) {
        let Reaching::Bound(bindings) = self.question.reaching(name, at(expr, place), Later::All)
        else {
            return;
        };
        for binding in bindings {
            if let Bound::Value(value) = &binding.bound {
                let step = (std::ptr::from_ref::<Expr>(value), path.to_vec());
                if self.seen.borrow_mut().insert(step) {
                    let follow = || self.follow(value, at(value, binding.place), path);
                    // Nothing where it has gone too far.
                    let _ = self.question.evaluate(value, binding.place, follow);
                }
            }
        }
    }

    fn call(&self, call: &Call, place: Place, path: &[String]) {
        let first = call.positional(0).map(|arg| &arg.value);
        let Some(last) = call.function.last_name() else { return };
        if TELLING.contains(&last) {
            if let Some(first) = first {
                self.follow(first, place, path);
            }
            return;
        }
        let ExprKind::Attribute(owner, _) = &call.function.kind else { return };
        match (last, first.and_then(Expr::as_str)) {
            ("get", Some(member)) => {
                let path = [&[member.expose().to_owned()], path].concat();
                self.follow(owner, place, &path);
            }
            ("format" | "join", _) if path.is_empty() => {
                call.arguments.iter().for_each(|arg| self.follow(&arg.value, place, path));
            }
            _ if GETTERS.contains(&last) => {
                self.follow(owner, place, &[&[last.to_owned()], path].concat());
            }
            _ if TELLING_METHODS.contains(&last) => self.follow(owner, place, path),
            _ => {}
        }
    }
}
