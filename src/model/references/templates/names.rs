//! The names that a template can use, and what they stand for.

use super::given;
use super::lookups::MacroId;
use super::words::Source;
use crate::hash::HashMap;
use crate::model::Kind;
use crate::model::references::parameters::Params;
use crate::model::references::value::Part;

/// What an expression of a template may be.
#[derive(Clone, Debug)]
pub(crate) enum Value {
    /// The dictionary `var`.
    Var,
    /// Its method `get`.
    VarGet,
    /// What takes attributes for keys.
    Accessor(Source),
    /// Its method `get`.
    Get(Source),
    /// What a lookup found, by the lookup's number.
    Answer(usize),
    /// A member of that.
    Member(usize),
    /// A function of the DAG that looks its argument up.
    Function(Kind),
    /// A macro of the template.
    Macro(MacroId),
    /// Text, with unknown parts or without.
    Text(Vec<Part>),
    /// The parameters of the DAG.
    Params,
    /// Several values.
    List(Vec<Values>),
    /// `none`.
    Nothing,
    /// Anything.
    Unknown,
}

/// One of several.
pub(crate) type Values = Vec<Value>;

/// A list of more parts, with those of its parts, counts as unknown.
const MAX_PARTS: usize = 128;

impl Value {
    /// The list of `parts`, unless it is too long.
    pub(super) fn list(parts: Vec<Values>) -> Self {
        let list = Self::List(parts);
        if list.size() > MAX_PARTS { Self::Unknown } else { list }
    }

    fn size(&self) -> usize {
        match self {
            Self::List(parts) => 1 + parts.iter().flatten().map(Self::size).sum::<usize>(),
            _ => 1,
        }
    }
}

/// What DAGs and tasks give to their templates: names and filters.
#[derive(Debug, Default)]
pub(crate) struct Given {
    pub(crate) names: HashMap<String, Values>,
    pub(crate) filters: HashMap<String, Value>,
    /// The parameters of DAGs and tasks.
    pub(crate) params: Params,
}

/// The names in force at one point of a template.
pub(super) struct Names<'a> {
    given: &'a Given,
    /// The innermost last, each with the number of the level that set it.
    set: HashMap<String, Vec<(usize, Values)>>,
    levels: Vec<Level>,
    /// The numbers of the levels that are scopes.
    scopes: Vec<usize>,
}

/// A statement that is open.
struct Level {
    /// Whether names that are set here end with it; otherwise they may or may not be set.
    is_scope: bool,
    names: Vec<String>,
}

/// More alternatives than this, and a value counts as unknown.
pub(super) const MAX_ALTERNATIVES: usize = 16;

impl<'a> Names<'a> {
    pub(super) fn new(given: &'a Given) -> Self {
        let mut names =
            Self { given, set: HashMap::default(), levels: Vec::new(), scopes: Vec::new() };
        names.enter(true);
        names
    }

    pub(super) fn enter(&mut self, is_scope: bool) {
        if is_scope {
            self.scopes.push(self.levels.len());
        }
        self.levels.push(Level { is_scope, names: Vec::new() });
    }

    pub(super) fn leave(&mut self) {
        // Not the first: a template may close more than it opens.
        if self.levels.len() < 2 {
            return;
        }
        let Some(level) = self.levels.pop() else { return };
        if level.is_scope {
            self.scopes.pop();
        }
        for name in level.names {
            if let Some(values) = self.set.get_mut(&name) {
                values.pop();
            }
        }
    }

    pub(super) fn get(&self, name: &str) -> Option<&Values> {
        let set = self.set.get(name).and_then(|values| values.last());
        set.map(|(_, values)| values).or_else(|| self.given.names.get(name))
    }

    /// What a parameter of the DAG is by default.
    pub(super) fn param(&self, name: &str) -> Values {
        given::param(&self.given.params, name)
    }

    pub(super) fn filter(&self, name: &str) -> Option<&Value> {
        self.given.filters.get(name)
    }

    /// Sets a name in the innermost scope; inside of a condition it keeps what it may have been.
    pub(super) fn set(&mut self, name: &str, mut values: Values) {
        let is_certain = self.levels.last().is_none_or(|level| level.is_scope);
        if !is_certain {
            match self.get(name) {
                Some(before) => values.extend(before.iter().cloned()),
                None => values.push(Value::Unknown),
            }
        }
        if values.len() > MAX_ALTERNATIVES {
            values = vec![Value::Unknown];
        }
        let number = self.scopes.last().copied().unwrap_or(0);
        let all = self.set.entry(name.to_owned()).or_default();
        match all.last_mut() {
            Some((level, before)) if *level == number => *before = values,
            _ => {
                all.push((number, values));
                if let Some(level) = self.levels.get_mut(number) {
                    level.names.push(name.to_owned());
                }
            }
        }
    }
}
