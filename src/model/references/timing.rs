//! When the code of a project runs: while Airflow parses a file, or later in a task.
//!
//! Module level runs on every parse, and with it class bodies, decorators, default arguments, the
//! modules that are imported there, and the functions called from there, whatever their decorator,
//! except tasks: calling a task only makes one. A function that is handed to something
//! (`python_callable`, a callback) runs later.

use std::path::{Path, PathBuf};

use super::Timing;
use super::program::{Function, Module, Program};
use super::scope::ScopeKind;
use super::summary::{Owner, Summary};
use super::value::Callee;
use crate::hash::{HashMap, HashSet};
use crate::read::python::tree::{self, Expr, ExprKind};

/// Methods that Airflow calls when a task runs.
const RUN_METHODS: &[&str] = &[
    "execute",
    "poke",
    "run",
    "pre_execute",
    "post_execute",
    "execute_complete",
    "on_kill",
    "get_conn",
    "notify",
];

/// Methods that making an instance calls.
pub(super) const MAKING: &[&str] = &["__new__", "__init__", "__post_init__"];

/// Something that runs as a whole.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(super) enum Node {
    /// The top level of a module.
    Module(usize),
    /// The body of a function.
    Function(Function),
}

/// Which code runs while a file is parsed, and which in a task.
pub(super) struct Timings {
    parse: HashSet<Node>,
    run: HashSet<Node>,
    /// What runs only when a file is run as a script.
    script: HashSet<Node>,
    /// What belongs to DAGs that nothing makes.
    unmade: HashSet<Node>,
    leads_to: HashMap<Node, Vec<Node>>,
    tasks: HashSet<Node>,
}

impl Timings {
    pub(super) fn new(program: &Program) -> Self {
        let (leads_to, scripts) = edges(program);
        let (mut tasks, mut later) = (HashSet::default(), Vec::new());
        for function in program.functions() {
            let Some(facts) = program.function(function) else { continue };
            if facts.is_task {
                tasks.insert(Node::Function(function));
            }
            if facts.is_task || facts.runs_later {
                later.push(Node::Function(function));
            }
        }
        for (module, it) in program.modules.iter().enumerate() {
            let handed_on = it.summary.handed_on.iter().filter(|it| it.1 != Owner::Nobody);
            let functions = handed_on.flat_map(|(it, _)| program.called(module, it));
            let functions = functions.filter(|it| !program.is_property(*it));
            later.extend(functions.map(Node::Function));
        }
        let roots = program.roots().map(Node::Module).collect();
        let parse = reached(roots, &leads_to, &|it| !tasks.contains(it));
        let run = reached(later, &leads_to, &|_| true);
        // What no DAG file is seen to import is parsed by itself, or by files that are not read.
        let others = (0..program.modules.len()).map(Node::Module);
        let others = others.filter(|it| !parse.contains(it) && !run.contains(it)).collect();
        let others = reached(others, &leads_to, &|it| !tasks.contains(it));
        let parse: HashSet<Node> = parse.union(&others).copied().collect();
        let script = reached(scripts, &leads_to, &|_| true);
        let unmade = unmade(program, &run, &leads_to);
        Self { parse, run, script, unmade, leads_to, tasks }
    }

    /// When the code of one file runs, as far as the file tells; it is module 0. Gives the file back.
    pub(super) fn alone(summary: Summary) -> (Self, Summary) {
        let module = Module { path: PathBuf::new(), summary, is_root: true };
        let mut program = Program::new(Path::new(""), vec![module], Box::new(|_| None));
        // Another file may make its DAGs.
        let timings = Self { unmade: HashSet::default(), ..Self::new(&program) };
        (timings, program.modules.pop().map(|module| module.summary).unwrap_or_default())
    }

    /// When the code of `owner` in `module` runs. What runs both on parsing and later counts as the
    /// former.
    pub(super) fn of(&self, module: usize, owner: Owner) -> Timing {
        match node(module, owner) {
            None => Timing::Never,
            Some(node) if self.unmade.contains(&node) => Timing::Never,
            Some(node) if self.parse.contains(&node) => Timing::Parse,
            Some(node) if self.run.contains(&node) => Timing::Run,
            Some(node) if self.script.contains(&node) => Timing::Never,
            Some(_) => Timing::Unknown,
        }
    }

    /// For all of `nodes` the modules that run it when they are imported, in their order.
    pub(super) fn importers(
        &self,
        nodes: &HashSet<Node>,
        modules: usize,
    ) -> HashMap<Node, Vec<usize>> {
        let mut importers: HashMap<Node, Vec<usize>> = HashMap::default();
        if nodes.is_empty() {
            return importers;
        }
        for module in 0..modules {
            let from = vec![Node::Module(module)];
            for node in reached(from, &self.leads_to, &|it| !self.tasks.contains(it)) {
                if nodes.contains(&node) {
                    importers.entry(node).or_default().push(module);
                }
            }
        }
        importers
    }
}

pub(super) fn node(module: usize, owner: Owner) -> Option<Node> {
    match owner {
        Owner::Import => Some(Node::Module(module)),
        Owner::Function(function) => Some(Node::Function(Function { module, function })),
        Owner::Nobody => None,
    }
}

/// What each part of the code runs besides itself, and what only scripts run.
fn edges(program: &Program) -> (HashMap<Node, Vec<Node>>, Vec<Node>) {
    let mut edges: HashMap<Node, Vec<Node>> = HashMap::default();
    let mut scripts = Vec::new();
    for (module, it) in program.modules.iter().enumerate() {
        let mut add = |callee: &Callee, owner: Owner, runs: &dyn Fn(Function) -> bool| {
            let to = program.called(module, callee).into_iter().filter(|it| runs(*it));
            let to = to.map(Node::Function);
            match node(module, owner) {
                Some(from) => edges.entry(from).or_default().extend(to),
                None => scripts.extend(to),
            }
        };
        for call in &it.summary.calls {
            if let Some(owner) = call.owner {
                add(&call.callee, owner, &|_| true);
            }
        }
        for (callee, owner) in &it.summary.read {
            add(callee, *owner, &|it| program.is_property(it));
        }
        for (callee, owner) in &it.summary.handed_on {
            add(callee, *owner, &|it| *owner == Owner::Nobody || program.is_property(it));
        }
        for (path, owner) in &it.summary.imports {
            let Some(from) = node(module, *owner) else { continue };
            let to = program.imported(module, path).into_iter().map(Node::Module);
            edges.entry(from).or_default().extend(to);
        }
    }
    (edges, scripts)
}

/// The functions of DAGs that nothing calls or is handed, and those that stand in them.
fn unmade(
    program: &Program,
    run: &HashSet<Node>,
    leads_to: &HashMap<Node, Vec<Node>>,
) -> HashSet<Node> {
    let is_dag = |it: &Function| program.function(*it).is_some_and(|it| it.is_dag);
    let mut dags: HashSet<Function> = program.functions().filter(is_dag).collect();
    if !dags.is_empty() {
        for used in run.iter().chain(leads_to.values().flatten()) {
            if let Node::Function(function) = used {
                dags.remove(function);
            }
        }
    }
    let within = |it: &Function| {
        let around = program.function(*it)?.within?;
        Some(Function { module: it.module, function: around })
    };
    let belongs = |it: &Function| {
        let mut around = std::iter::successors(Some(*it), within).take(MAX_LEVELS);
        !dags.is_empty() && around.any(|it| dags.contains(&it))
    };
    program.functions().filter(belongs).map(Node::Function).collect()
}

/// How many functions around one are looked at.
const MAX_LEVELS: usize = 16;

/// What `from` leads to, itself included.
fn reached(
    from: Vec<Node>,
    leads_to: &HashMap<Node, Vec<Node>>,
    runs: &dyn Fn(&Node) -> bool,
) -> HashSet<Node> {
    let mut reached = HashSet::default();
    let mut next = from;
    while let Some(node) = next.pop() {
        if runs(&node) && reached.insert(node) {
            next.extend(leads_to.get(&node).into_iter().flatten());
        }
    }
    reached
}

/// Whether something else calls a function by its name: the methods of operators.
pub(super) fn runs_later(function: &tree::Function) -> bool {
    RUN_METHODS.contains(&function.name.node.as_str())
}

/// Whether a scope is a function that is decorated as a task.
pub(super) fn is_task_scope(kind: ScopeKind<'_>) -> bool {
    matches!(kind, ScopeKind::Function(function) if is_task(function))
}

/// Whether a function is decorated as a task: `@task`, `@task.branch(…)`, `@dag.task`, `@setup`,
/// under whatever import, since nothing else in DAG code goes by these names.
pub(super) fn is_task(function: &tree::Function) -> bool {
    decorated(function).any(names_task)
}

/// Whether a function is decorated as a DAG, which calling it makes; another decorator may call it.
pub(super) fn is_dag(function: &tree::Function) -> bool {
    function.decorators.len() == 1 && decorated(function).any(|it| it.last_name() == Some("dag"))
}

/// What decorates a function.
fn decorated(function: &tree::Function) -> impl Iterator<Item = &Expr> {
    function.decorators.iter().map(|decorator| match &decorator.kind {
        ExprKind::Call(call) => &call.function,
        _ => decorator,
    })
}

pub(super) fn names_task(expr: &Expr) -> bool {
    let is_it = |name: &str| matches!(name, "task" | "setup" | "teardown");
    match &expr.kind {
        ExprKind::Attribute(owner, name) => {
            is_it(&name.node) && owner.first_name().is_some() || names_task(owner)
        }
        ExprKind::Name(name) => is_it(name),
        _ => false,
    }
}
