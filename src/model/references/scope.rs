//! The scopes of a file, what every name is bound to and under which conditions, and the calls it
//! makes. `walk` collects them; `names` and `value` answer questions about them.

use std::cell::OnceCell;

use super::Conversion;
use super::dags::Dags;
use super::modules::Locals;
use super::names::{Entity, Question};
use super::sites::Sites;
use crate::hash::{HashMap, HashSet};
use crate::read::python::tree::{
    Call, Class, Comprehension, Expr, Function, Handler, Lambda, Operator, ParameterKind, Stmt,
};
use crate::text::{Span, Text};

/// A scope, by its number.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(super) struct ScopeId(pub(super) usize);

/// A block of statements, by its number.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(super) struct BlockId(pub(super) usize);

/// A module, class, function, lambda or comprehension.
pub(super) struct Scope<'tree> {
    pub(super) kind: ScopeKind<'tree>,
    pub(super) parent: Option<ScopeId>,
    /// The block that runs whenever the scope does.
    pub(super) root: BlockId,
    pub(super) names: HashMap<&'tree str, Vec<Binding<'tree>>>,
    /// Names that `global` or `nonlocal` send elsewhere.
    pub(super) outer: HashMap<&'tree str, Outer>,
    /// Of a class: what is assigned to its attributes, or to those of its instances. With a block what
    /// a statement assigns to the class itself, under its name.
    pub(super) attributes: HashMap<&'tree str, Vec<Binding<'tree>>>,
    /// Of a class: whether any attribute may be set, under a name that is not known.
    pub(super) is_open: bool,
    /// Modules imported with `*`.
    pub(super) stars: Vec<String>,
}

/// What a scope belongs to.
#[derive(Clone, Copy)]
pub(super) enum ScopeKind<'tree> {
    Module,
    Class(&'tree Class),
    Function(&'tree Function),
    Lambda(&'tree Lambda),
    Comprehension,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Outer {
    Global,
    Nonlocal,
}

/// One way a name gets its value.
#[derive(Clone)]
pub(super) struct Binding<'tree> {
    pub(super) bound: Bound<'tree>,
    /// From which byte on it holds.
    pub(super) at: usize,
    /// The block that makes it; `None` when a function does for a scope around it, at any time.
    pub(super) block: Option<BlockId>,
    /// Where the value is to be evaluated.
    pub(super) place: Place,
}

/// What a name is bound to.
#[derive(Clone)]
pub(super) enum Bound<'tree> {
    /// A dotted path that is imported.
    Import(String),
    /// The value of an expression.
    Value(&'tree Expr),
    /// An element of an expression's value.
    Element(&'tree Expr),
    /// `target += value`: what the target was, and what is done with it.
    Grown(&'tree Expr, Operator, &'tree Expr),
    /// What another binding gives, unpacked: the part at this position.
    Part(Box<Self>, usize),
    /// The parameter of a function at this position.
    Parameter(ScopeId, usize),
    /// The `*args` of a function.
    Rest(ScopeId),
    /// The `**kwargs` of a function.
    Keywords(ScopeId),
    /// A function or class of this file.
    Scope(ScopeId),
    /// The first parameter of a method: the class, or an instance of it.
    Itself(ScopeId),
    /// Something else.
    Unknown,
}

/// A statement list that may run or not.
pub(super) struct Block {
    pub(super) parent: Option<BlockId>,
    /// Which of the arms of a statement it is: those of one statement exclude each other.
    pub(super) arm: Option<Arm>,
    /// The span of the loop it repeats.
    pub(super) repeats: Option<Span>,
    /// Never runs when Airflow imports the file.
    pub(super) never: bool,
    /// Of a loop: whether something in it ends a turn early.
    pub(super) skips: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Arm {
    /// Where the statement begins: its identity.
    pub(super) statement: usize,
    pub(super) number: usize,
    /// How many arms there are, when one of them is always taken.
    pub(super) all: Option<usize>,
}

/// From where a name is looked at.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(super) struct Place {
    pub(super) scope: ScopeId,
    pub(super) block: BlockId,
    pub(super) at: usize,
}

/// A call, and where it happens.
pub(super) struct CallSite<'tree> {
    pub(super) call: &'tree Call,
    pub(super) span: Span,
    pub(super) place: Place,
    /// The conversion directly around its result.
    pub(super) conversion: Option<Conversion>,
    /// What is called, once somebody has asked.
    pub(super) called: OnceCell<Vec<Entity>>,
}

impl<'tree> CallSite<'tree> {
    /// What the called expression may stand for; empty when nothing is known.
    pub(super) fn called(&self, scopes: &Scopes<'tree>) -> &[Entity] {
        let ask = || Question::new(scopes).entities(&self.call.function, self.place);
        self.called.get_or_init(ask)
    }
}

/// Statements whose exceptions are caught around them.
pub(super) struct Guard<'tree> {
    pub(super) statements: &'tree [Stmt],
    /// Where they stand.
    pub(super) body: Span,
    pub(super) place: Place,
    pub(super) handlers: &'tree [Handler],
    /// The arguments of `contextlib.suppress`.
    pub(super) suppressed: Vec<&'tree Expr>,
}

/// Everything the walk found.
pub(super) struct Scopes<'tree> {
    pub(super) list: Vec<Scope<'tree>>,
    /// Where the file lies in its project, with `/`.
    pub(super) below: &'tree str,
    /// By block what the loop or comprehension goes through whose body it is.
    pub(super) loops: HashMap<BlockId, Vec<(&'tree Expr, Place)>>,
    pub(super) blocks: Vec<Block>,
    pub(super) calls: Vec<CallSite<'tree>>,
    /// Names and attributes that are used other than by calling them.
    pub(super) mentions: Vec<(&'tree Expr, Place)>,
    /// What is assigned to an element: the target, the value, and from where both are looked at.
    pub(super) stores: Vec<(&'tree Expr, &'tree Expr, Place)>,
    /// `owner[index]`
    pub(super) subscripts: Vec<(&'tree Expr, Place)>,
    /// What is deleted.
    pub(super) deleted: Vec<(&'tree Expr, Place)>,
    /// What something is added to: the target, what is added, and from where both are looked at.
    pub(super) grown: Vec<(&'tree Expr, &'tree Expr, Place)>,
    /// What is assigned to an attribute of something that is not `self`.
    pub(super) assigned: Vec<Assigned<'tree>>,
    /// What is done to values after they were made.
    pub(super) changes: Sites<'tree>,
    /// The names that are read anywhere.
    pub(super) read: HashSet<&'tree str>,
    /// Strings under a name: of a variable, an attribute or a parameter.
    pub(super) named: Vec<(&'tree str, &'tree Text)>,
    /// Dicts, of which the pairs tell more together.
    pub(super) dicts: Vec<(Items<'tree>, Place)>,
    /// What functions return, each with the function and from where it is looked at.
    pub(super) returns: Vec<(ScopeId, &'tree Expr, Place)>,
    /// The same by function.
    pub(super) returned: HashMap<ScopeId, Vec<(&'tree Expr, Place)>>,
    /// Attributes of which something is taken: `owner.name` in `owner.name.method()`.
    pub(super) receivers: Vec<(&'tree Expr, Place)>,
    /// The modules that are imported, with all of their names that are, and where.
    pub(super) imports: Vec<(String, Place)>,
    /// Strings with the mark of an address.
    pub(super) addresses: Vec<&'tree Text>,
    /// By where an `if` begins its tests, and from where they are looked at.
    pub(super) tests: HashMap<usize, (Vec<&'tree Expr>, Place)>,
    /// What is tried, and by what.
    pub(super) guards: Vec<Guard<'tree>>,
    /// What `with` enters, with where its statements stand.
    pub(super) entered: Vec<(&'tree Expr, Span, Place)>,
    /// Which DAG code belongs to, once somebody has asked.
    pub(super) dags: OnceCell<Dags>,
    /// The functions that run only as far as somebody takes what they yield.
    pub(super) generators: HashSet<ScopeId>,
    /// The expressions of which nobody takes the value.
    pub(super) dropped: HashSet<Span>,
    /// Strings in which a template may stand.
    pub(super) strings: Vec<(&'tree Expr, Place)>,
    /// Strings that are statements.
    pub(super) docstrings: Vec<Span>,
    /// Decorators, which are called without being a call, each with what it decorates.
    pub(super) decorators: Vec<(&'tree Expr, Place, ScopeId)>,
    /// The scope of each lambda.
    pub(super) lambdas: HashMap<Span, ScopeId>,
    /// The scope of each comprehension.
    pub(super) comprehensions: HashMap<*const Comprehension, ScopeId>,
    /// Which imports may lead to other files of the project.
    pub(super) locals: &'tree Locals,
    /// Whether annotations are never evaluated.
    pub(super) postponed: bool,
}

/// `owner.name = value`, or `setattr(owner, "name", value)`.
pub(super) struct Assigned<'tree> {
    pub(super) owner: &'tree Expr,
    /// `None` when it is not known.
    pub(super) name: Option<&'tree str>,
    pub(super) bound: Bound<'tree>,
    pub(super) place: Place,
}

/// The keys and values of a dictionary; what is unpacked has no key.
pub(super) type Items<'tree> = &'tree [(Option<Expr>, Expr)];

pub(super) const MODULE: ScopeId = ScopeId(0);

impl<'tree> Scopes<'tree> {
    pub(super) fn get(&self, id: ScopeId) -> Option<&Scope<'tree>> {
        self.list.get(id.0)
    }

    /// All scopes with their numbers.
    pub(super) fn all(&self) -> impl Iterator<Item = (ScopeId, &Scope<'tree>)> {
        self.list.iter().enumerate().map(|(at, scope)| (ScopeId(at), scope))
    }

    /// The block, and then those around it, as far as they belong to code that runs in one go.
    pub(super) fn enclosing(&self, block: BlockId) -> impl Iterator<Item = BlockId> {
        std::iter::successors(Some(block), |at| self.blocks.get(at.0)?.parent)
    }

    pub(super) fn arm(&self, block: BlockId) -> Option<Arm> {
        self.blocks.get(block.0)?.arm
    }

    /// Whether a turn of a loop around may leave a block out: an arm, or behind a `continue`.
    pub(super) fn may_be_left_out(&self, block: BlockId) -> bool {
        self.blocks.get(block.0).is_some_and(|it| it.arm.is_some() || it.skips)
    }

    /// What the loops and comprehensions around a block go through, each with where it stands.
    pub(super) fn loops(&self, block: BlockId) -> impl Iterator<Item = (&'tree Expr, Place)> {
        self.enclosing(block).filter_map(|it| self.loops.get(&it)).flatten().copied()
    }

    pub(super) fn repeats(&self, block: BlockId) -> Option<Span> {
        self.blocks.get(block.0)?.repeats
    }

    /// The scope of a comprehension.
    pub(super) fn comprehension(&self, it: &Comprehension) -> Option<ScopeId> {
        self.comprehensions.get(&std::ptr::from_ref(it)).copied()
    }

    /// Which argument by position the parameter that `is_it` names takes, when an instance of
    /// `class` is made.
    pub(super) fn position_of(&self, class: ScopeId, is_it: fn(&str) -> bool) -> Option<usize> {
        let making = self.get(class)?.bindings("__init__").last()?;
        let Bound::Scope(making) = making.bound else { return None };
        let ScopeKind::Function(making) = self.get(making)?.kind else { return None };
        let taken = making.parameters.iter().skip(1);
        let mut by_position = taken.take_while(|it| {
            matches!(it.kind, ParameterKind::Positional | ParameterKind::Standard)
        });
        by_position.position(|it| is_it(&it.name.node))
    }

    /// Whether a call only makes a generator, of which nobody takes anything.
    pub(super) fn is_dropped(&self, site: &CallSite<'_>, function: ScopeId) -> bool {
        // What a decorator makes of it may run it.
        let is_plain = |it: &Scope<'_>| matches!(it.kind, ScopeKind::Function(function) if function.decorators.is_empty());
        self.dropped.contains(&site.span)
            && self.generators.contains(&function)
            && self.get(function).is_some_and(is_plain)
    }

    /// Whether the block does not run when Airflow imports the file.
    pub(super) fn is_never(&self, block: BlockId) -> bool {
        self.blocks.get(block.0).is_some_and(|it| it.never)
    }

    /// The function or lambda whose body holds this scope; `None` at module level.
    pub(super) fn owner(&self, scope: ScopeId) -> Option<ScopeId> {
        let mut at = Some(scope);
        while let Some(id) = at {
            let scope = self.get(id)?;
            if matches!(scope.kind, ScopeKind::Function(_) | ScopeKind::Lambda(_)) {
                return Some(id);
            }
            at = scope.parent;
        }
        None
    }
}

impl<'tree> Scope<'tree> {
    /// What `name` is bound to, in the order of the source.
    pub(super) fn bindings(&self, name: &str) -> &[Binding<'tree>] {
        self.names.get(name).map_or(&[], Vec::as_slice)
    }

    /// What methods of a class assign to the attribute `name`.
    pub(super) fn attribute(&self, name: &str) -> &[Binding<'tree>] {
        self.attributes.get(name).map_or(&[], Vec::as_slice)
    }

    /// Where `global` or `nonlocal` sends `name`.
    pub(super) fn outer(&self, name: &str) -> Option<Outer> {
        self.outer.get(name).copied()
    }

    /// The names that are bound here in one way at least that `is_it` holds for.
    pub(super) fn names_where(
        &self,
        is_it: impl Fn(&Binding<'tree>) -> bool,
    ) -> impl Iterator<Item = &'tree str> {
        let names = self.names.iter();
        names.filter(move |(_, bindings)| bindings.iter().any(&is_it)).map(|(name, _)| *name)
    }

    /// The names bound here.
    pub(super) fn names(&self) -> HashSet<&'tree str> {
        self.names.keys().copied().collect()
    }
}

/// The place of an expression.
pub(super) fn at(expr: &Expr, place: Place) -> Place {
    Place { at: expr.span.start, ..place }
}
