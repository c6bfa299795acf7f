//! The files of a project put together: which function, class or value a name of one file leads to in
//! another.

use std::cell::RefCell;
use std::path::{Path, PathBuf};

use super::Reader;
use super::changes::Change;
use super::forms::is_airflows;
use super::modules::{ModuleIndex, ModulePaths, prefixes};
use super::own_files::{self, Format};
use super::summary::{ClassFacts, Export, FunctionFacts, Given, Owner, Summary, making};
use super::value::{Arguments, Callee, ClassId, FunctionId, Value, unknown};
use crate::facts::names_connection;
use crate::hash::HashMap;

/// How far one name leads to the next.
const MAX_HOPS: usize = 24;

/// A function of the project.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(super) struct Function {
    pub(super) module: usize,
    pub(super) function: FunctionId,
}

/// A class of the project.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(super) struct Class {
    pub(super) module: usize,
    pub(super) class: ClassId,
}

/// What a dotted path leads to.
#[derive(Clone, Debug)]
pub(super) enum Target<'a> {
    Function(Function),
    Class(Class),
    /// Values, as the module with this number tells them, and the attributes asked of them.
    Values(usize, &'a [Value], Vec<String>),
    /// What these paths are in Airflow, perhaps with some arguments given beforehand.
    Foreign(Vec<String>, Given),
}

/// One file of the project.
pub(super) struct Module {
    pub(super) path: PathBuf,
    pub(super) summary: Summary,
    /// Whether Airflow parses it, or imports it as a plugin, by itself.
    pub(super) is_root: bool,
}

/// The files of a project that were read.
pub(super) struct Program {
    pub(super) modules: Vec<Module>,
    index: ModuleIndex,
    paths: ModulePaths,
    /// For each function the calls of it: module and number.
    callers: HashMap<Function, Vec<(usize, usize)>>,
    makers: HashMap<(usize, ClassId), Vec<(usize, usize)>>,
    /// Gives the text of a file by its path in the project, as far as it may be read.
    reader: Reader,
    /// What was read of them.
    data: RefCell<HashMap<(String, Format), Vec<Value>>>,
    /// What other modules do to exported values, by where the values lie: the module, and what.
    changes: HashMap<*const Value, Vec<(usize, Change)>>,
}

impl Program {
    pub(super) fn new(root: &Path, modules: Vec<Module>, reader: Reader) -> Self {
        let index = ModuleIndex::new(modules.iter().map(|it| it.path.as_path()));
        let mut program = Self {
            modules,
            index,
            paths: ModulePaths::new(root),
            callers: HashMap::default(),
            makers: HashMap::default(),
            reader,
            data: RefCell::default(),
            changes: HashMap::default(),
        };
        let mut callers: HashMap<Function, Vec<(usize, usize)>> = HashMap::default();
        let mut makers: HashMap<(usize, ClassId), Vec<(usize, usize)>> = HashMap::default();
        for (number, module) in program.modules.iter().enumerate() {
            for (call, it) in module.summary.calls.iter().enumerate() {
                for function in program.called(number, &it.callee) {
                    callers.entry(function).or_default().push((number, call));
                }
                if let Some(class) = program.class_of(number, &it.callee) {
                    makers.entry((class.module, class.class)).or_default().push((number, call));
                }
            }
        }
        let mut changes: HashMap<*const Value, Vec<(usize, Change)>> = HashMap::default();
        for (number, module) in program.modules.iter().enumerate() {
            for (path, change) in &module.summary.changes {
                // Of an attribute of the value itself nothing more is known.
                if let Some(Target::Values(_, values, rest)) = program.find(number, path)
                    && rest.is_empty()
                {
                    changes.entry(values.as_ptr()).or_default().push((number, change.clone()));
                }
            }
        }
        program.changes = changes;
        program.callers = callers;
        program.makers = makers;
        program
    }

    /// What a file of the project holds, by its path in Astro's image.
    pub(super) fn read(&self, path: &str, format: Format) -> Vec<Value> {
        let known = (path.to_owned(), format);
        if let Some(values) = self.data.borrow().get(&known) {
            return values.clone();
        }
        let text = own_files::in_project(path).and_then(|below| (self.reader)(&below));
        let values = text.map_or_else(unknown, |text| own_files::parsed(&text, format));
        self.data.borrow_mut().insert(known, values.clone());
        values
    }

    /// The modules that Airflow comes to by itself.
    pub(super) fn roots(&self) -> impl Iterator<Item = usize> {
        self.modules.iter().enumerate().filter(|(_, it)| it.is_root).map(|(number, _)| number)
    }

    /// All functions, in no particular order.
    pub(super) fn functions(&self) -> impl Iterator<Item = Function> {
        self.modules.iter().enumerate().flat_map(|(module, it)| {
            it.summary
                .functions
                .keys()
                .map(move |function| Function { module, function: *function })
        })
    }

    pub(super) fn function(&self, it: Function) -> Option<&FunctionFacts> {
        self.modules.get(it.module)?.summary.functions.get(&it.function)
    }

    pub(super) fn class(&self, it: Class) -> Option<&ClassFacts> {
        self.modules.get(it.module)?.summary.classes.get(&it.class)
    }

    /// The calls of a function, for [`Self::arguments`].
    pub(super) fn calls_of(&self, it: Function) -> &[(usize, usize)] {
        self.callers.get(&it).map_or(&[], Vec::as_slice)
    }

    /// The calls that make an instance of a class, likewise.
    pub(super) fn makings_of(&self, it: Class) -> &[(usize, usize)] {
        self.makers.get(&(it.module, it.class)).map_or(&[], Vec::as_slice)
    }

    /// The module of a call, and its arguments.
    pub(super) fn arguments(&self, (module, call): (usize, usize)) -> Option<(usize, &Arguments)> {
        let call = self.modules.get(module)?.summary.calls.get(call)?;
        Some((module, &call.arguments))
    }

    /// What makes a call; `None` where it is made later.
    pub(super) fn caller(&self, (module, call): (usize, usize)) -> Option<Owner> {
        self.modules.get(module)?.summary.calls.get(call)?.owner
    }

    /// What other modules do to values that one exports.
    pub(super) fn changes_of(&self, values: &[Value]) -> &[(usize, Change)] {
        self.changes.get(&values.as_ptr()).map_or(&[], Vec::as_slice)
    }

    /// The functions that calling `callee` from `module` runs.
    pub(super) fn called(&self, module: usize, callee: &Callee) -> Vec<Function> {
        let class = match callee {
            Callee::Function(function) => return vec![Function { module, function: *function }],
            Callee::Class(class) => Class { module, class: *class },
            Callee::Path(path) => match self.find(module, path) {
                Some(Target::Function(function)) => return vec![function],
                Some(Target::Class(class)) => class,
                _ => return Vec::new(),
            },
        };
        making().iter().filter_map(|name| self.method(class, name, 0)).collect()
    }

    /// Whether reading a function like an attribute calls it.
    pub(super) fn is_property(&self, it: Function) -> bool {
        self.function(it).is_some_and(|it| it.is_property)
    }

    /// The class that `callee` is.
    pub(super) fn class_of(&self, module: usize, callee: &Callee) -> Option<Class> {
        match callee {
            Callee::Class(class) => Some(Class { module, class: *class }),
            Callee::Path(path) => match self.find(module, path) {
                Some(Target::Class(class)) => Some(class),
                _ => None,
            },
            Callee::Function(_) => None,
        }
    }

    /// The `__init__` of a class.
    pub(super) fn making(&self, class: Class) -> Option<Function> {
        self.method(class, "__init__", 0)
    }

    /// Whether the class that `path` leads to is one of the project and takes something else than the
    /// id of a connection first.
    pub(super) fn takes_other_first(&self, module: usize, path: &str) -> bool {
        let Some(Target::Class(class)) = self.find(module, path) else { return false };
        let making = self.making(class).and_then(|it| self.function(it));
        let first = making.and_then(|making| making.parameters.get(1));
        first.is_some_and(|first| first.is_positional && !names_connection(&first.name))
    }

    fn method(&self, class: Class, name: &str, hops: usize) -> Option<Function> {
        let facts = self.class(class).filter(|_| hops < MAX_HOPS)?;
        if let Some(function) = facts.methods.get(name) {
            return Some(Function { module: class.module, function: *function });
        }
        facts
            .bases
            .iter()
            .find_map(|base| self.method(self.class_of(class.module, base)?, name, hops + 1))
    }

    /// The modules that importing `path` from `module` runs: packages, and the module itself.
    pub(super) fn imported(&self, module: usize, path: &str) -> Vec<usize> {
        let Some(from) = self.modules.get(module) else { return Vec::new() };
        prefixes(path).filter_map(|(name, _)| self.module(name, &from.path)).collect()
    }

    /// Whether a file imports `name` of `module`, all of its names, or the module itself.
    pub(super) fn is_imported(&self, module: usize, name: &str) -> bool {
        self.modules.iter().any(|from| {
            from.summary.imports.iter().any(|(path, _)| {
                prefixes(path).any(|(prefix, rest)| {
                    let first = rest.split('.').next().unwrap_or("");
                    (first.is_empty() || first == name)
                        && self.module(prefix, &from.path) == Some(module)
                })
            })
        })
    }

    fn module(&self, name: &str, from: &Path) -> Option<usize> {
        self.paths.of(name, from).iter().find_map(|path| self.index.at(path))
    }

    /// What the dotted `path` leads to, seen from `module`.
    pub(super) fn find(&self, module: usize, path: &str) -> Option<Target<'_>> {
        self.find_in(module, path, 0)
    }

    fn find_in(&self, module: usize, path: &str, hops: usize) -> Option<Target<'_>> {
        let from = &self.modules.get(module).filter(|_| hops < MAX_HOPS)?.path;
        let own = prefixes(path).find_map(|(name, rest)| {
            let module = self.module(name, from)?;
            let names: Vec<&str> = rest.split('.').filter(|name| !name.is_empty()).collect();
            self.exported(module, &names, hops + 1)
        });
        let foreign = || Target::Foreign(vec![path.to_owned()], Given::Nothing);
        own.or_else(|| is_airflows(path).then(foreign))
    }

    /// The module that the dotted `path`, seen from `module`, leads into, and the name there.
    pub(super) fn holder(&self, module: usize, path: &str) -> Option<(usize, String)> {
        self.holder_in(module, path, 0)
    }

    fn holder_in(&self, module: usize, path: &str, hops: usize) -> Option<(usize, String)> {
        let from = &self.modules.get(module).filter(|_| hops < MAX_HOPS)?.path;
        let (module, names) = prefixes(path).find_map(|(name, rest)| {
            Some((self.module(name, from).filter(|_| !rest.is_empty())?, rest))
        })?;
        let (name, rest) = names.split_once('.').unwrap_or((names, ""));
        let rest: Vec<&str> = rest.split('.').filter(|name| !name.is_empty()).collect();
        let summary = &self.modules.get(module)?.summary;
        let further = |path: &str| self.holder_in(module, path, hops + 1);
        let further = match summary.exports.get(name) {
            Some(Export::Paths(paths, _)) => paths.iter().find_map(|it| further(&with(it, &rest))),
            Some(_) => None,
            None => summary.stars.iter().find_map(|star| further(&with(star, &[names]))),
        };
        further.or_else(|| rest.is_empty().then(|| (module, name.to_owned())))
    }

    fn exported(&self, module: usize, names: &[&str], hops: usize) -> Option<Target<'_>> {
        let (first, rest) = names.split_first().filter(|_| hops < MAX_HOPS)?;
        let summary = &self.modules.get(module)?.summary;
        match summary.exports.get(*first) {
            Some(Export::Function(function)) => {
                let target = Target::Function(Function { module, function: *function });
                // `partial` and its like give the function some of its arguments.
                rest.is_empty().then_some(target)
            }
            Some(Export::Class(class)) => {
                self.member(Class { module, class: *class }, rest, hops + 1)
            }
            Some(Export::Paths(paths, given)) => {
                let mut foreign = Vec::new();
                for path in paths {
                    match self.find_in(module, &with(path, rest), hops + 1)? {
                        Target::Foreign(more, before) => {
                            let given = if before == Given::Some { before } else { *given };
                            foreign.push((more, given));
                        }
                        own => return Some(own),
                    }
                }
                let given = foreign.iter().map(|(_, given)| *given).find(|it| *it == Given::Some);
                let paths = foreign.into_iter().flat_map(|(paths, _)| paths).collect();
                Some(Target::Foreign(paths, given.unwrap_or(Given::Nothing)))
            }
            Some(Export::Value(values)) => {
                let rest = rest.iter().map(|name| (*name).to_owned()).collect();
                Some(Target::Values(module, values, rest))
            }
            None => summary
                .stars
                .iter()
                .find_map(|star| self.find_in(module, &with(star, names), hops + 1)),
        }
    }

    /// An attribute of a class or of its instances.
    fn member(&self, class: Class, names: &[&str], hops: usize) -> Option<Target<'_>> {
        let Some((name, rest)) = names.split_first() else { return Some(Target::Class(class)) };
        let facts = self.class(class).filter(|_| hops < MAX_HOPS)?;
        if let Some(function) = facts.methods.get(*name) {
            let function = Function { module: class.module, function: *function };
            return rest.is_empty().then_some(Target::Function(function));
        }
        if let Some(values) = facts.constants.get(*name) {
            let rest = rest.iter().map(|name| (*name).to_owned()).collect();
            return Some(Target::Values(class.module, values, rest));
        }
        let inherited = facts
            .bases
            .iter()
            .find_map(|base| self.member(self.class_of(class.module, base)?, names, hops + 1));
        let foreign = || {
            let paths: Vec<_> = facts.foreign.iter().map(|base| with(base, names)).collect();
            (!paths.is_empty()).then_some(Target::Foreign(paths, Given::Nothing))
        };
        inherited.or_else(foreign)
    }
}

/// The path with `names` behind it.
fn with(path: &str, names: &[&str]) -> String {
    let mut path = path.to_owned();
    for name in names {
        path.push('.');
        path.push_str(name);
    }
    path
}
