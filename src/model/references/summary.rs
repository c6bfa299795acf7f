//! What one file says by itself, kept until the files of its project are put together.

use std::collections::{HashMap, HashSet};

use super::around;
use super::bypass;
use super::evaluate::{self, arguments, class_constant, fields};
use super::forms;
use super::names::{Entity, Later, Question, Reaching};
use super::scope::{Bound, MODULE, Place, Scope, ScopeId, ScopeKind, Scopes, at};
use super::timing::{MAKING, is_task, runs_later};
use super::value::{
    Arguments, Callee, ClassId, FunctionId, Part, Source, Step, Value, stepped, unknown,
};
use super::{Locals, Operation, Reference};
use crate::read::python::Module;
use crate::read::python::tree::{Call, Expr, ExprKind, Parameter, ParameterKind};
use crate::text::Span;

/// What one file says.
#[derive(Debug, Default)]
pub struct Summary {
    /// The references, with keys as far as the file tells them.
    pub(super) drafts: Vec<Draft>,
    /// Where it asks a secrets service without Airflow.
    pub(super) bypasses: Vec<bypass::Draft>,
    pub(super) functions: HashMap<FunctionId, FunctionFacts>,
    pub(super) classes: HashMap<ClassId, ClassFacts>,
    /// What other files may import.
    pub(super) exports: HashMap<String, Export>,
    /// Modules of which all names are imported at the top level.
    pub(super) stars: Vec<String>,
    pub(super) calls: Vec<CallFacts>,
    /// Functions that are handed to something else, which calls them later.
    pub(super) handed_on: Vec<Callee>,
    /// Modules of the project that are imported, perhaps with a name of theirs.
    pub(super) imports: Vec<(String, Owner)>,
}

/// A reference whose key may depend on other files.
#[derive(Debug)]
pub(super) struct Draft {
    pub(super) reference: Reference,
    pub(super) values: Vec<Value>,
    pub(super) owner: Owner,
    /// Whether there is no reference where the values turn out to be no text.
    pub(super) optional: bool,
    /// The class that takes the key first, where it may be one of another file.
    pub(super) taken_by: Option<String>,
}

/// What runs some code.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Owner {
    /// Importing the file.
    Import,
    /// Calling this function.
    Function(FunctionId),
    /// Nothing that Airflow does.
    Nobody,
}

/// What is known of a function.
#[derive(Debug)]
pub(super) struct FunctionFacts {
    pub(super) parameters: Vec<ParameterFacts>,
    /// Whether the first parameter is the instance or class.
    pub(super) is_bound: bool,
    /// What it may return; empty when nothing is known.
    pub(super) returns: Vec<Value>,
    pub(super) is_task: bool,
    pub(super) runs_later: bool,
}

/// What is known of a parameter.
#[derive(Debug)]
pub(super) struct ParameterFacts {
    pub(super) name: String,
    pub(super) default: Option<Vec<Value>>,
    /// Whether it takes an argument by position.
    pub(super) is_positional: bool,
}

/// What is known of a class.
#[derive(Debug)]
pub(super) struct ClassFacts {
    pub(super) bases: Vec<Callee>,
    pub(super) constants: HashMap<String, Vec<Value>>,
    pub(super) methods: HashMap<String, FunctionId>,
    /// The annotated attributes, in order.
    pub(super) fields: Vec<String>,
}

/// What a name of a module stands for.
#[derive(Debug)]
pub(super) enum Export {
    Value(Vec<Value>),
    Function(FunctionId),
    Class(ClassId),
    /// What this dotted path leads to.
    Path(String),
}

/// A call of something in this project.
#[derive(Debug)]
pub(super) struct CallFacts {
    pub(super) callee: Callee,
    pub(super) arguments: Arguments,
    pub(super) owner: Owner,
}

impl Summary {
    /// What `module` says. To be called on a thread with a stack of [`crate::read::python::STACK`]
    /// bytes; never fails, and takes time linear in the file.
    pub(super) fn new(scopes: &Scopes<'_>) -> Self {
        let mut summary = Self::default();
        for site in &scopes.calls {
            forms::of_call(scopes, site, &mut summary.drafts);
        }
        forms::of_dicts(scopes, &mut summary.drafts);
        forms::of_stores(scopes, &mut summary.drafts);
        summary.drafts.sort_by_key(|it| (it.reference.span.start, it.reference.span.end));
        summary.functions = functions(scopes);
        summary.classes = classes(scopes);
        summary.exports = exports(scopes);
        summary.stars = scopes.get(MODULE).map(|module| module.stars.clone()).unwrap_or_default();
        summary.stars.retain(|module| scopes.locals.hold(module));
        calls(scopes, &mut summary);
        let imports = scopes.imports.iter().filter(|(path, _)| scopes.locals.hold(path));
        summary.imports =
            imports.map(|(path, place)| (path.clone(), owner(scopes, *place))).collect();
        summary
    }

    /// Whether the file asks for nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.drafts.is_empty() && self.bypasses.is_empty()
    }

    /// Whether it matters which files import this one: something is asked for that they time, or
    /// under a key that they give.
    #[must_use]
    pub fn concerns_importers(&self) -> bool {
        self.drafts.iter().any(|draft| {
            draft.reference.operation != Operation::Use || draft.values.iter().any(is_given)
        })
    }

    /// The dotted paths that are imported from the project.
    #[must_use]
    pub fn imported(&self) -> Vec<&str> {
        self.imports.iter().map(|(path, _)| path.as_str()).collect()
    }

    /// The dotted paths that a key of this file may depend on.
    #[must_use]
    pub fn open_paths(&self) -> HashSet<&str> {
        let mut found = HashSet::new();
        let drafts = self.drafts.iter().flat_map(|it| &it.values);
        let returns = self.functions.values().flat_map(|it| &it.returns);
        let defaults = self
            .functions
            .values()
            .flat_map(|it| it.parameters.iter().filter_map(|it| it.default.as_ref()).flatten());
        let constants = self.classes.values().flat_map(|it| it.constants.values().flatten());
        let given = self.calls.iter().flat_map(|it| it.arguments.values());
        let exported = self.exports.values().filter_map(|it| match it {
            Export::Value(values) => Some(values),
            _ => None,
        });
        let bypasses = self.bypasses.iter().flat_map(|it| &it.values);
        let drafts = drafts.chain(bypasses);
        let values = drafts.chain(returns).chain(defaults).chain(constants).chain(given);
        for value in values.chain(exported.flatten()) {
            paths_of(value, &mut found);
        }
        let bases = self.classes.values().flat_map(|it| &it.bases);
        for callee in bases.chain(self.calls.iter().map(|it| &it.callee)) {
            if let Callee::Path(path) = callee {
                found.insert(path);
            }
        }
        found.extend(self.exports.values().filter_map(|it| match it {
            Export::Path(path) => Some(path.as_str()),
            _ => None,
        }));
        found.extend(self.stars.iter().map(String::as_str));
        found
    }
}

impl Arguments {
    fn values(&self) -> impl Iterator<Item = &Value> {
        let named = self.keyword.iter().flat_map(|(_, values)| values);
        self.positional.iter().flatten().chain(named)
    }
}

/// Whether callers decide a value.
fn is_given(value: &Value) -> bool {
    let Value::Parts(parts) = value else { return false };
    parts.iter().any(|part| match part {
        Part::Open(open) => !matches!(open.source, Source::Path(_) | Source::Environment(..)),
        _ => false,
    })
}

fn paths_of<'a>(value: &'a Value, found: &mut HashSet<&'a str>) {
    match value {
        Value::Parts(parts) => {
            for part in parts {
                let Part::Open(open) = part else { continue };
                match &open.source {
                    Source::Path(paths) => found.extend(paths.iter().map(String::as_str)),
                    Source::Call(callee, arguments) => {
                        if let Callee::Path(path) = callee {
                            found.insert(path);
                        }
                        arguments.values().for_each(|it| paths_of(it, found));
                    }
                    Source::Environment(_, default) => {
                        default.iter().for_each(|it| paths_of(it, found));
                    }
                    Source::Parameter(..) | Source::Keywords(_) | Source::Field(..) => {}
                }
            }
        }
        Value::List(elements) => elements.iter().flatten().for_each(|it| paths_of(it, found)),
        Value::Dict(items) => {
            items.iter().flat_map(|(_, values)| values).for_each(|it| paths_of(it, found));
        }
        Value::Number(_) | Value::Nothing | Value::Object(_) => {}
    }
}

/// What runs the code at `place`.
pub(super) fn owner(scopes: &Scopes<'_>, place: Place) -> Owner {
    if scopes.is_never(place.block) {
        return Owner::Nobody;
    }
    scopes.owner(place.scope).map_or(Owner::Import, |it| Owner::Function(FunctionId(it.0)))
}

fn is_useless(values: &[Value]) -> bool {
    values.iter().all(Value::is_unknown)
}

fn functions(scopes: &Scopes<'_>) -> HashMap<FunctionId, FunctionFacts> {
    let mut functions = HashMap::new();
    for (id, scope) in scopes.all() {
        let facts = match scope.kind {
            ScopeKind::Function(function) => FunctionFacts {
                parameters: parameters(scopes, &function.parameters, scope.parent),
                is_bound: function.parameters.first().is_some_and(|first| {
                    let bindings = scope.bindings(&first.name.node);
                    bindings.iter().any(|it| matches!(it.bound, Bound::Itself(_)))
                }),
                returns: Vec::new(),
                is_task: is_task(function),
                runs_later: runs_later(function),
            },
            ScopeKind::Lambda(lambda) => FunctionFacts {
                parameters: parameters(scopes, &lambda.parameters, scope.parent),
                is_bound: false,
                returns: Vec::new(),
                is_task: false,
                runs_later: true,
            },
            _ => continue,
        };
        functions.insert(FunctionId(id.0), facts);
    }
    for (scope, value, place) in &scopes.returns {
        let Some(function) = functions.get_mut(&FunctionId(scope.0)) else { continue };
        let values = evaluate::values(&Question::new(scopes), value, *place);
        function.returns.extend(values);
    }
    for function in functions.values_mut() {
        if is_useless(&function.returns) {
            function.returns.clear();
        }
    }
    functions
}

fn parameters(
    scopes: &Scopes<'_>,
    parameters: &[Parameter],
    around: Option<ScopeId>,
) -> Vec<ParameterFacts> {
    let fact = |it: &Parameter| ParameterFacts {
        name: it.name.node.clone(),
        default: it.default.as_ref().map(|default| {
            let Some(scope) = around else { return unknown() };
            let Some(block) = scopes.get(scope).map(|it| it.root) else { return unknown() };
            let place = Place { scope, block, at: default.span.start };
            evaluate::values(&Question::new(scopes), default, place)
        }),
        is_positional: matches!(it.kind, ParameterKind::Positional | ParameterKind::Standard),
    };
    parameters.iter().map(fact).collect()
}

fn classes(scopes: &Scopes<'_>) -> HashMap<ClassId, ClassFacts> {
    let mut classes = HashMap::new();
    for (id, scope) in scopes.all() {
        let ScopeKind::Class(class) = scope.kind else { continue };
        let expr = Expr { kind: ExprKind::None, span: class.name.span };
        let mut facts = ClassFacts {
            bases: Vec::new(),
            constants: HashMap::new(),
            methods: HashMap::new(),
            fields: fields(scope).map(str::to_owned).collect(),
        };
        let bases = Question::new(scopes).bases(scope);
        facts.bases = bases.into_iter().filter_map(|it| callee(scopes, it)).collect();
        let assigned = scope.attributes.keys();
        let names: HashSet<&str> = scope.names().into_iter().chain(assigned.copied()).collect();
        for name in names {
            let method = scope.bindings(name).iter().rev().find_map(|it| match it.bound {
                Bound::Scope(method) => Some(method),
                _ => None,
            });
            if let Some(method) = method {
                facts.methods.insert(name.to_owned(), FunctionId(method.0));
            }
            let question = Question::new(scopes);
            let constant = if facts.fields.iter().any(|field| field == name) {
                own_constant(&question, scope, name)
            } else {
                class_constant(&question, id, name, &expr)
            };
            if let Some(values) = constant.filter(|it| !is_useless(it)) {
                facts.constants.insert(name.to_owned(), values);
            }
        }
        classes.insert(ClassId(id.0), facts);
    }
    classes
}

/// The default of a field.
fn own_constant(question: &Question<'_, '_>, scope: &Scope<'_>, name: &str) -> Option<Vec<Value>> {
    let binding = scope.bindings(name).last()?;
    let Bound::Value(value) = binding.bound else { return None };
    Some(evaluate::values(question, value, at(value, binding.place)))
}

fn callee(scopes: &Scopes<'_>, entity: Entity) -> Option<Callee> {
    match entity {
        Entity::Function(function) => Some(Callee::Function(FunctionId(function.0))),
        Entity::Class(class) => Some(Callee::Class(ClassId(class.0))),
        Entity::Path(path) => scopes.locals.hold(&path).then_some(Callee::Path(path)),
    }
}

fn exports(scopes: &Scopes<'_>) -> HashMap<String, Export> {
    let mut exports = HashMap::new();
    let Some(module) = scopes.get(MODULE) else { return exports };
    let end = Place { scope: MODULE, block: module.root, at: usize::MAX };
    for name in module.names() {
        let question = Question::new(scopes);
        let Reaching::Bound(bindings) = question.reaching(name, end, Later::Last) else { continue };
        let only = match bindings.as_slice() {
            [one] => Some(&one.bound),
            _ => None,
        };
        let export = match only {
            Some(Bound::Import(path)) => {
                scopes.locals.hold(path).then(|| Export::Path(path.clone()))
            }
            Some(Bound::Scope(scope)) => match scopes.get(*scope).map(|it| it.kind) {
                Some(ScopeKind::Class(_)) => Some(Export::Class(ClassId(scope.0))),
                _ => Some(Export::Function(FunctionId(scope.0))),
            },
            _ => exported_value(&question, name, end),
        };
        exports.extend(export.map(|export| (name.to_owned(), export)));
    }
    exports
}

/// The value of a name; a class or function by another name, or an instance of a class, is what it is.
fn exported_value(question: &Question<'_, '_>, name: &str, end: Place) -> Option<Export> {
    let expr = Expr { kind: ExprKind::Name(name.to_owned()), span: Span::at(0) };
    let values = evaluate::values(question, &expr, end);
    if !is_useless(&values) {
        return Some(Export::Value(values));
    }
    match question.entities(&expr, end).as_slice() {
        [Entity::Class(class)] => Some(Export::Class(ClassId(class.0))),
        [Entity::Function(function)] => Some(Export::Function(FunctionId(function.0))),
        [Entity::Path(path)] if question.scopes.locals.hold(path) => {
            Some(Export::Path(path.clone()))
        }
        _ => None,
    }
}

/// How many values the arguments of all calls of a file may hold before they are forgotten.
const MAX_GIVEN: usize = 100_000;

/// What is called, with which arguments, and what is handed on to be called later.
fn calls(scopes: &Scopes<'_>, summary: &mut Summary) {
    let mut kept = 0;
    for site in &scopes.calls {
        let question = Question::new(scopes);
        let owner = owner(scopes, site.place);
        for entity in question.entities(&site.call.function, site.place) {
            let Some(callee) = callee(scopes, entity) else { continue };
            let mut given = arguments(&question, site.call, site.place);
            match last_name(&site.call.function) {
                Some("expand") => given.each(),
                Some("override" | "expand_kwargs") => given.more = true,
                _ => {}
            }
            kept += given.values().map(Value::weight).sum::<usize>();
            if kept > MAX_GIVEN {
                given = Arguments { more: true, ..Arguments::default() };
            }
            summary.calls.push(CallFacts { callee, arguments: given, owner });
        }
        if owner != Owner::Nobody {
            handed_over(scopes, site.call, site.place, summary);
        }
    }
    for (decorator, place) in &scopes.decorators {
        let owner = owner(scopes, *place);
        for entity in Question::new(scopes).entities(decorator, *place) {
            let Some(callee) = callee(scopes, entity) else { continue };
            let arguments = Arguments { more: true, ..Arguments::default() };
            summary.calls.push(CallFacts { callee, arguments, owner });
        }
    }
    let defined: HashSet<&str> = scopes
        .all()
        .filter_map(|(_, scope)| match scope.kind {
            ScopeKind::Function(function) => Some(function.name.node.as_str()),
            _ => None,
        })
        .collect();
    let named: HashSet<&str> = scopes.all().flat_map(|(_, scope)| scope.names()).collect();
    for (expr, place) in &scopes.mentions {
        let candidate = match &expr.kind {
            ExprKind::Name(name) => named.contains(name.as_str()),
            ExprKind::Attribute(owner, name) => {
                defined.contains(name.node.as_str()) || owner.as_name().is_some()
            }
            _ => false,
        };
        if candidate && !scopes.is_never(place.block) {
            let entities = Question::new(scopes).entities(expr, *place);
            let functions = entities.into_iter().filter(|it| !matches!(it, Entity::Class(_)));
            summary.handed_on.extend(functions.filter_map(|it| callee(scopes, it)));
        }
    }
}

/// Functions given to a call together with their arguments: `python_callable=f, op_kwargs={…}`,
/// `functools.partial(f, …)`. They run later, which their mention says; here they get arguments.
fn handed_over(scopes: &Scopes<'_>, call: &Call, place: Place, summary: &mut Summary) {
    let question = Question::new(scopes);
    let values = |expr: &Expr| evaluate::values(&question, expr, at(expr, place));
    let (function, given) = if let Some(function) = call.keyword("python_callable") {
        let mut given = Arguments::default();
        if let Some(kwargs) = call.keyword("op_kwargs") {
            given.more |= !evaluate::spread(&mut given.keyword, values(&kwargs.value));
        }
        if let Some(args) = call.keyword("op_args") {
            match values(&args.value).as_slice() {
                [Value::List(elements)] => given.positional.clone_from(elements),
                _ => given.more = true,
            }
        }
        (&function.value, given)
    } else if last_name(&call.function) == Some("partial")
        && let Some(function) = call.positional(0)
    {
        let mut given = arguments(&question, call, place);
        given.positional = given.positional.into_iter().skip(1).collect();
        (&function.value, given)
    } else {
        return;
    };
    for entity in question.entities(function, at(function, place)) {
        let Some(callee) = callee(scopes, entity) else { continue };
        // Nobody calls it here: the mention says when it runs.
        let arguments = given.clone();
        summary.calls.push(CallFacts { callee, arguments, owner: Owner::Nobody });
    }
}

impl Arguments {
    /// The elements of each argument, as `expand` hands them on.
    fn each(&mut self) {
        for (_, values) in &mut self.keyword {
            *values = stepped(values, &Step::Each);
        }
    }
}

pub(super) fn last_name(function: &Expr) -> Option<&str> {
    match &function.kind {
        ExprKind::Name(name) => Some(name),
        ExprKind::Attribute(_, name) => Some(&name.node),
        _ => None,
    }
}

/// The methods that making an instance of a class calls.
pub(super) fn making() -> &'static [&'static str] {
    MAKING
}

/// What `module` says; `locals` are the first names of the modules that belong to its project.
#[must_use]
pub fn summarize(module: &Module, locals: &Locals) -> (Summary, Vec<super::Literal>) {
    let scopes = Scopes::new(&module.body, locals);
    let mut summary = Summary::new(&scopes);
    around::describe(&scopes, &module.body, &mut summary.drafts);
    summary.bypasses = bypass::drafts(&scopes);
    let literals = super::literals::literals(&scopes, &summary.drafts);
    (summary, literals)
}
