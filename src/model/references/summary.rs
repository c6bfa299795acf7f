//! What one file says by itself, kept until the files of its project are put together.

use super::bypass;
use super::changes::Change;
use super::conditions::Condition;
use super::forms;
use super::scope::{Place, Scopes};
use super::timing::MAKING;
use super::value::{Arguments, Callee, ClassId, FunctionId, Part, Source, Step, Value};
use super::{Operation, Reference, Timing};
use crate::hash::{HashMap, HashSet};

/// What one file says.
#[derive(Debug, Default)]
pub struct Summary {
    /// The references, with keys as far as the file tells them.
    pub(super) drafts: Vec<Draft>,
    /// Calls that ask if what is called, in another file, leads to what asks.
    pub(super) pending: Vec<Draft>,
    /// The calls that ask a service without Airflow.
    pub(super) bypasses: Vec<bypass::Draft>,
    pub(super) functions: HashMap<FunctionId, FunctionFacts>,
    pub(super) classes: HashMap<ClassId, ClassFacts>,
    /// What other files may import.
    pub(super) exports: HashMap<String, Export>,
    /// The `default_args` of DAGs that other files tell.
    pub(super) default_args: Vec<Value>,
    /// Modules of which all names are imported at the top level.
    pub(super) stars: Vec<String>,
    pub(super) calls: Vec<CallFacts>,
    /// What is done to values of other files, each with the dotted path that leads to it.
    pub(super) changes: Vec<(String, Change)>,
    /// Functions that are handed to something else, which calls them later; of a property it is what
    /// reading it calls.
    pub(super) handed_on: Vec<(Callee, Owner)>,
    /// Attributes that are read only to take something of them.
    pub(super) read: Vec<(Callee, Owner)>,
    /// What may be hooks of other files, or functions that return them, with what uses them.
    pub(super) hooks: Vec<(String, Owner)>,
    /// Modules of the project that are imported, perhaps with a name of theirs.
    pub(super) imports: Vec<(String, Owner)>,
}

/// A reference whose key may depend on other files.
#[derive(Debug)]
pub(super) struct Draft {
    pub(super) reference: Reference,
    pub(super) values: Vec<Value>,
    /// Whether several values are each of them in turn.
    pub(super) takes_turns: bool,
    pub(super) owner: Owner,
    /// Whether there is no reference where the values turn out to be no text.
    pub(super) optional: bool,
    /// When it asks, where that does not follow from what runs the code.
    pub(super) timing: Option<Timing>,
    /// What runs the code that asks, of something that only names a connection to what asks for it.
    pub(super) used_by: Vec<Owner>,
    /// The names by which other files may come to what asks.
    pub(super) lent_as: Vec<String>,
    /// The constant of the module that it stands in, which nothing in the file uses.
    pub(super) held_by: Option<String>,
    /// The class that takes the key first, where it may be one of another file.
    pub(super) taken_by: Option<String>,
    /// What is called, where that may lead to what asks by way of other files.
    pub(super) asks_by: Option<String>,
}

impl Draft {
    pub(super) fn new(reference: Reference, values: Vec<Value>, owner: Owner) -> Self {
        Self {
            reference,
            values,
            takes_turns: false,
            owner,
            optional: false,
            timing: None,
            used_by: Vec::new(),
            lent_as: Vec::new(),
            held_by: None,
            taken_by: None,
            asks_by: None,
        }
    }
}

/// What runs some code.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Owner {
    /// Importing the file.
    Import,
    /// Calling this function.
    Function(FunctionId),
    /// Nothing that Airflow does: a file that is run as a script.
    Nobody,
}

/// What is known of a function.
#[derive(Debug)]
pub(super) struct FunctionFacts {
    pub(super) parameters: Vec<ParameterFacts>,
    /// Whether the first parameter is the instance or class.
    pub(super) is_bound: bool,
    /// What it may return, in order; empty when nothing is known.
    pub(super) returns: Vec<Return>,
    pub(super) is_task: bool,
    /// Whether calling it makes a DAG.
    pub(super) is_dag: bool,
    /// The function that defines it.
    pub(super) within: Option<FunctionId>,
    pub(super) runs_later: bool,
    /// Whether reading it like an attribute calls it.
    pub(super) is_property: bool,
}

/// A `return`.
#[derive(Debug)]
pub(super) struct Return {
    /// Under which conditions it is come to, each with whether it must hold.
    pub(super) conditions: Vec<(Condition, bool)>,
    /// Whether it is come to whenever these are as they must be, and nothing returned before.
    pub(super) is_certain: bool,
    pub(super) values: Vec<Value>,
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
    /// Those of Airflow.
    pub(super) foreign: Vec<String>,
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
    /// What these dotted paths lead to: one or the other, by what is installed.
    Paths(Vec<String>, Given),
}

/// What is given beforehand to a function that has another name: `functools.partial`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Given {
    Nothing,
    /// Some of its arguments.
    Some,
}

/// A call of something in this project.
#[derive(Debug)]
pub(super) struct CallFacts {
    pub(super) callee: Callee,
    pub(super) arguments: Arguments,
    /// What makes the call; `None` where that is made later, by what the function is handed to.
    pub(super) owner: Option<Owner>,
}

impl Summary {
    /// Whether the file asks for nothing, neither of Airflow nor of a service.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.drafts.is_empty() && self.pending.is_empty() && self.bypasses.is_empty()
    }

    /// Whether it matters which files import this one: something is asked for that they time, or
    /// under a name that they give; or they may ask by another name than the one that Airflow has.
    #[must_use]
    pub fn concerns_importers(&self) -> bool {
        let renames = |(name, export): (&String, &Export)| match export {
            Export::Paths(paths, _) => paths.iter().any(|path| is_renamed(name, path)),
            _ => false,
        };
        let derives = |it: &ClassFacts| it.foreign.iter().any(|base| forms::is_asked(base));
        self.exports.iter().any(renames)
            || self.classes.values().any(derives)
            || self.bypasses.iter().any(|it| it.values.iter().any(is_given))
            || self.drafts.iter().any(|draft| {
                draft.reference.operation != Operation::Use
                    || !draft.lent_as.is_empty()
                    || draft.values.iter().any(is_given)
            })
    }

    /// Whether other files may change what a key is taken from: it has lists, dictionaries or classes.
    #[must_use]
    pub fn holds_what_changes(&self) -> bool {
        let is_collection = |value: &Value| {
            matches!(value, Value::List(_) | Value::Many(_) | Value::Dict(_) | Value::Object(_))
        };
        self.exports.values().any(|export| match export {
            Export::Value(values) => values.iter().any(is_collection),
            Export::Class(class) => {
                self.classes.get(class).is_some_and(|it| !it.constants.is_empty())
            }
            Export::Function(_) | Export::Paths(..) => false,
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
        let mut found = HashSet::default();
        let drafts = self.drafts.iter().chain(&self.pending).flat_map(|it| &it.values);
        let drafts = drafts.chain(self.bypasses.iter().flat_map(|it| &it.values));
        let returns = self.functions.values().flat_map(|it| &it.returns);
        for condition in returns.clone().flat_map(|it| &it.conditions) {
            condition.0.each_value(&mut |it| paths_of(it, &mut found));
        }
        let returns = returns.flat_map(|it| &it.values);
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
        let changes = self.changes.iter().flat_map(|(_, change)| change.values());
        let drafts = drafts.chain(&self.default_args);
        let values =
            drafts.chain(changes).chain(returns).chain(defaults).chain(constants).chain(given);
        for value in values.chain(exported.flatten()) {
            paths_of(value, &mut found);
        }
        let bases = self.classes.values().flat_map(|it| &it.bases);
        for callee in bases.chain(self.calls.iter().map(|it| &it.callee)) {
            if let Callee::Path(path) = callee {
                found.insert(path);
            }
        }
        for export in self.exports.values() {
            if let Export::Paths(paths, _) = export {
                found.extend(paths.iter().map(String::as_str));
            }
        }
        found.extend(self.pending.iter().filter_map(|it| it.asks_by.as_deref()));
        found.extend(self.stars.iter().map(String::as_str));
        found.extend(self.changes.iter().map(|(path, _)| path.as_str()));
        found
    }
}

impl Arguments {
    /// Whether one of them may be several things.
    pub(super) fn is_open_to_choice(&self) -> bool {
        let named = self.keyword.iter().map(|(_, values)| values);
        self.positional.iter().chain(named).any(|values| values.len() > 1)
    }

    pub(super) fn values(&self) -> impl Iterator<Item = &Value> {
        let named = self.keyword.iter().flat_map(|(_, values)| values);
        let rest = self.rest.iter().flatten();
        self.positional.iter().flatten().chain(named).chain(rest)
    }
}

/// Whether `name` stands for something that asks, without having its name in it.
fn is_renamed(name: &str, path: &str) -> bool {
    forms::is_asked(path) && path.rsplit('.').next() != Some(name)
}

/// Whether callers decide a value.
fn is_given(value: &Value) -> bool {
    let Value::Parts(parts) = value else { return false };
    parts.iter().any(|part| match part {
        Part::Open(open) => match &open.source {
            Source::Path(_) => false,
            Source::Environment(_, values) | Source::File(values, _) => values.iter().any(is_given),
            _ => true,
        },
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
                    Source::Environment(_, values) | Source::File(values, _) => {
                        for it in values {
                            paths_of(it, found);
                        }
                    }
                    Source::Parameter(..)
                    | Source::Keywords(_)
                    | Source::Rest(_)
                    | Source::Field(..) => {}
                }
                for step in &open.steps {
                    match step {
                        Step::KeyOr(_, default) => {
                            for it in default {
                                paths_of(it, found);
                            }
                        }
                        Step::In(collections, default) => {
                            let values = collections.iter().chain(default.iter().flatten());
                            values.for_each(|it| paths_of(it, found));
                        }
                        Step::Changed(changes) => {
                            let values = changes.iter().flat_map(Change::values);
                            values.for_each(|it| paths_of(it, found));
                        }
                        _ => {}
                    }
                }
            }
        }
        Value::List(elements) => elements.iter().flatten().for_each(|it| paths_of(it, found)),
        Value::Many(values) => values.iter().for_each(|it| paths_of(it, found)),
        Value::Member(member) => member.values.iter().for_each(|it| paths_of(it, found)),
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

/// The methods that making an instance of a class calls.
pub(super) fn making() -> &'static [&'static str] {
    MAKING
}
