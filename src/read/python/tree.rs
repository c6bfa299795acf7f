//! The tree of a Python file: what later stages evaluate, and nothing that only matters to Python.
//!
//! Spans are bytes of the original text. The depth is bounded (see [`super::parse`]), so a walk over
//! the tree may recurse.

use crate::text::{Span, Spanned, Text};

/// An identifier, or a dotted name: a text that is kept in place where it is short.
pub use ruff_python_ast::name::Name;

/// A Python file.
#[derive(Clone, Debug, Default)]
pub struct Module {
    /// The statements, in order.
    pub body: Vec<Stmt>,
    /// Syntax errors. Where there are any, Python does not run the file at all; the tree holds what
    /// could be read around them.
    pub errors: Vec<Spanned<String>>,
    /// Comments, each from its `#` to the end of its line.
    pub comments: Vec<Span>,
}

/// A statement and where it stands, decorators included.
#[derive(Clone, Debug)]
pub struct Stmt {
    /// What it is.
    pub kind: StmtKind,
    /// Where it stands.
    pub span: Span,
}

/// The kinds of statements.
#[derive(Clone, Debug)]
pub enum StmtKind {
    /// `import a.b as c, d`
    Import(Vec<Alias>),
    /// `from ..module import names`; a star import has the one name `*`.
    ImportFrom(ImportFrom),
    /// `a = b = value`, `a: T = value`, `a: T`
    Assign(Assign),
    /// `target += value`
    AugAssign {
        /// What is changed.
        target: Expr,
        /// How.
        operator: Operator,
        /// By what.
        value: Expr,
    },
    /// `def` or `async def`
    Function(Box<Function>),
    /// `class`
    Class(Box<Class>),
    /// `if`, with every `elif` as a further branch.
    If {
        /// In order; the first whose test holds is taken.
        branches: Vec<Branch>,
        /// `None` when there is no `else`.
        otherwise: Option<Vec<Stmt>>,
    },
    /// `for` or `async for`
    For(Box<For>),
    /// `while`
    While {
        /// The condition.
        test: Expr,
        /// The statements repeated.
        body: Vec<Stmt>,
        /// The statements of `else`.
        otherwise: Vec<Stmt>,
    },
    /// `with` or `async with`
    With {
        /// The context managers, in order.
        items: Vec<WithItem>,
        /// The statements inside.
        body: Vec<Stmt>,
    },
    /// `try`
    Try(Box<Try>),
    /// `match`
    Match {
        /// What is matched.
        subject: Expr,
        /// The cases, in order.
        cases: Vec<Case>,
    },
    /// `return`
    Return(Option<Expr>),
    /// An expression that stands alone.
    Expr(Expr),
    /// `del`
    Delete(Vec<Expr>),
    /// `global`
    Global(Vec<Spanned<Name>>),
    /// `nonlocal`
    Nonlocal(Vec<Spanned<Name>>),
    /// `raise exception from cause`: whatever of the two is there.
    Raise(Vec<Expr>),
    /// `assert test, message`: whatever of the two is there.
    Assert(Vec<Expr>),
    /// `break` or `continue`
    Jump,
    /// `pass`, `type`, and what only an interactive shell reads.
    Other,
}

/// `name as asname` of an import.
#[derive(Clone, Debug)]
pub struct Alias {
    /// The dotted name, or `*`.
    pub name: Spanned<Name>,
    /// The name given to it.
    pub asname: Option<Spanned<Name>>,
}

/// `from module import names`
#[derive(Clone, Debug)]
pub struct ImportFrom {
    /// How many dots stand before the module.
    pub level: u32,
    /// The dotted module, without those dots.
    pub module: Option<Spanned<Name>>,
    /// What is imported.
    pub names: Vec<Alias>,
}

/// An assignment.
#[derive(Clone, Debug)]
pub struct Assign {
    /// One for each `=`.
    pub targets: Vec<Expr>,
    /// The annotation; then there is one target.
    pub annotation: Option<Expr>,
    /// Missing only where there is an annotation.
    pub value: Option<Expr>,
}

/// A function with a name.
#[derive(Clone, Debug)]
pub struct Function {
    /// Its name.
    pub name: Spanned<Name>,
    /// The expressions behind each `@`, from the top.
    pub decorators: Vec<Expr>,
    /// The parameters, in order.
    pub parameters: Vec<Parameter>,
    /// The annotation behind `->`.
    pub returns: Option<Expr>,
    /// Its statements.
    pub body: Vec<Stmt>,
    /// Whether it is an `async def`.
    pub is_async: bool,
}

/// A parameter of a function or lambda.
#[derive(Clone, Debug)]
pub struct Parameter {
    /// Its name.
    pub name: Spanned<Name>,
    /// How it can be given.
    pub kind: ParameterKind,
    /// Its annotation.
    pub annotation: Option<Expr>,
    /// Its default.
    pub default: Option<Expr>,
}

/// How an argument reaches a parameter.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ParameterKind {
    /// Stands before `/`.
    Positional,
    /// By position or by name.
    Standard,
    /// Stands behind `*`.
    Keyword,
    /// `*args`
    Rest,
    /// `**kwargs`
    KeywordRest,
}

/// A class.
#[derive(Clone, Debug)]
pub struct Class {
    /// Its name.
    pub name: Spanned<Name>,
    /// The expressions behind each `@`, from the top.
    pub decorators: Vec<Expr>,
    /// Its bases (without a name) and keywords.
    pub arguments: Vec<Arg>,
    /// Its statements.
    pub body: Vec<Stmt>,
}

/// `if test: body` or `elif test: body`
#[derive(Clone, Debug)]
pub struct Branch {
    /// The condition.
    pub test: Expr,
    /// The statements.
    pub body: Vec<Stmt>,
}

/// A `for` loop.
#[derive(Clone, Debug)]
pub struct For {
    /// What each element is assigned to.
    pub target: Expr,
    /// What is iterated over.
    pub iterable: Expr,
    /// The statements repeated.
    pub body: Vec<Stmt>,
    /// The statements of `else`.
    pub otherwise: Vec<Stmt>,
}

/// `context as target`
#[derive(Clone, Debug)]
pub struct WithItem {
    /// The context manager.
    pub context: Expr,
    /// What it is bound to.
    pub target: Option<Expr>,
}

/// A `try` statement.
#[derive(Clone, Debug)]
pub struct Try {
    /// The statements tried.
    pub body: Vec<Stmt>,
    /// The `except` clauses, in order.
    pub handlers: Vec<Handler>,
    /// The statements of `else`.
    pub otherwise: Vec<Stmt>,
    /// The statements of `finally`.
    pub finally: Vec<Stmt>,
}

/// `except exception as name: body`
#[derive(Clone, Debug)]
pub struct Handler {
    /// The exception, or a tuple of them.
    pub exception: Option<Expr>,
    /// The name it is bound to.
    pub name: Option<Spanned<Name>>,
    /// The statements.
    pub body: Vec<Stmt>,
    /// Where the clause stands.
    pub span: Span,
}

/// `case pattern if guard: body`
#[derive(Clone, Debug)]
pub struct Case {
    /// What must match.
    pub pattern: Pattern,
    /// What must hold besides.
    pub guard: Option<Expr>,
    /// The statements.
    pub body: Vec<Stmt>,
}

/// A pattern of a `case`.
#[derive(Clone, Debug)]
pub enum Pattern {
    /// Equal to an expression.
    Value(Expr),
    /// `_` or a name: matches anything.
    Any(Option<Spanned<Name>>),
    /// `pattern as name`
    As(Box<Self>, Spanned<Name>),
    /// `a | b`
    Or(Vec<Self>),
    /// A sequence, mapping or class pattern: its parts, and the name that takes the rest.
    Parts(Vec<Self>, Option<Spanned<Name>>),
}

/// An expression and where it stands, without parentheses around it.
#[derive(Clone, Debug)]
pub struct Expr {
    /// What it is.
    pub kind: ExprKind,
    /// Where it stands.
    pub span: Span,
}

/// The kinds of expressions.
#[derive(Clone, Debug)]
pub enum ExprKind {
    /// A string; literals that stand beside each other are one.
    Str(Text),
    /// An f-string, with the literals beside it.
    FString(Vec<FStringPart>),
    /// A name.
    Name(Name),
    /// `value.name`
    Attribute(Box<Expr>, Spanned<Name>),
    /// `function(arguments)`
    Call(Box<Call>),
    /// `{key: value}`; no key means `**value`.
    Dict(Vec<(Option<Expr>, Expr)>),
    /// `[…]`
    List(Vec<Expr>),
    /// `a, b`
    Tuple(Vec<Expr>),
    /// `{a, b}`
    Set(Vec<Expr>),
    /// `left operator right`
    Binary(Operator, Box<Expr>, Box<Expr>),
    /// `not value`
    Not(Box<Expr>),
    /// `-value`, `+value`, `~value`
    Unary(Box<Expr>),
    /// `body if test else otherwise`
    Conditional(Box<Conditional>),
    /// `a and b and c`
    And(Vec<Expr>),
    /// `a or b or c`
    Or(Vec<Expr>),
    /// `a < b == c`: the operands, and the operators between them.
    Compare(Vec<Expr>, Vec<Comparison>),
    /// `value[index]`
    Subscript(Box<Expr>, Box<Expr>),
    /// `lower:upper:step`
    Slice(Box<[Option<Expr>; 3]>),
    /// `lambda parameters: body`
    Lambda(Box<Lambda>),
    /// A comprehension or generator expression.
    Comprehension(Box<Comprehension>),
    /// `target := value`
    Named(Box<Expr>, Box<Expr>),
    /// `await value`
    Await(Box<Expr>),
    /// `yield value` or `yield from value`
    Yield(Option<Box<Expr>>),
    /// `*value`
    Starred(Box<Expr>),
    /// A number, as it is written, with a `-` directly before it.
    Number(String),
    /// `True`
    True,
    /// `False`
    False,
    /// `None`
    None,
    /// `...`
    Ellipsis,
    /// Bytes.
    Bytes,
    /// Anything else (a template string, a shell escape), with the expressions inside.
    Other(Vec<Expr>),
}

/// A piece of an f-string.
#[derive(Clone, Debug)]
pub enum FStringPart {
    /// Text that stands there.
    Literal(Text),
    /// `{value!conversion:format}`
    Interpolation(Interpolation),
}

/// `{value!conversion:format}` in an f-string.
#[derive(Clone, Debug)]
pub struct Interpolation {
    /// What is put in.
    pub value: Expr,
    /// `s`, `r` or `a` behind `!`.
    pub conversion: Option<char>,
    /// Whether a `=` makes it show its own source.
    pub is_debug: bool,
    /// What stands behind `:`.
    pub format: Option<Vec<FStringPart>>,
}

/// A call.
#[derive(Clone, Debug)]
pub struct Call {
    /// What is called.
    pub function: Expr,
    /// The arguments, in the order of the source.
    pub arguments: Vec<Arg>,
}

impl Call {
    /// The argument given by `name`.
    #[must_use]
    pub fn keyword(&self, name: &str) -> Option<&Arg> {
        self.arguments.iter().find(|arg| arg.name.as_ref().is_some_and(|it| it.node == name))
    }

    /// The argument at a position (from 0), unless a `*` before it makes that uncertain.
    #[must_use]
    pub fn positional(&self, at: usize) -> Option<&Arg> {
        self.arguments
            .iter()
            .filter(|arg| arg.name.is_none() && arg.star != Star::Keywords)
            .take_while(|arg| arg.star == Star::No)
            .nth(at)
    }
}

/// An argument of a call, or a base of a class.
#[derive(Clone, Debug)]
pub struct Arg {
    /// The name before `=`.
    pub name: Option<Spanned<Name>>,
    /// The value.
    pub value: Expr,
    /// Whether the value is unpacked.
    pub star: Star,
    /// Where it stands, name included.
    pub span: Span,
}

/// How an argument is unpacked.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Star {
    /// Not at all.
    No,
    /// `*value`
    Positions,
    /// `**value`
    Keywords,
}

/// `body if test else otherwise`
#[derive(Clone, Debug)]
pub struct Conditional {
    /// The condition.
    pub test: Expr,
    /// The value where it holds.
    pub body: Expr,
    /// The value where it does not.
    pub otherwise: Expr,
}

/// A function without a name.
#[derive(Clone, Debug)]
pub struct Lambda {
    /// The parameters, in order.
    pub parameters: Vec<Parameter>,
    /// What it returns.
    pub body: Expr,
}

/// A comprehension or generator expression.
#[derive(Clone, Debug)]
pub struct Comprehension {
    /// What it makes.
    pub kind: ComprehensionKind,
    /// The element, or for a dictionary the key and the value.
    pub elements: Vec<Expr>,
    /// Its `for` clauses, in order.
    pub generators: Vec<Generator>,
}

/// What a comprehension makes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ComprehensionKind {
    /// `[…]`
    List,
    /// `{…}`
    Set,
    /// `{key: value …}`
    Dict,
    /// `(…)`, evaluated only when something takes its elements.
    Generator,
}

/// `for target in iterable if conditions`
#[derive(Clone, Debug)]
pub struct Generator {
    /// What each element is assigned to.
    pub target: Expr,
    /// What is iterated over.
    pub iterable: Expr,
    /// What must hold.
    pub conditions: Vec<Expr>,
}

/// Operators between two values.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[allow(missing_docs, reason = "Python's own names")]
pub enum Operator {
    Add,
    Sub,
    Mult,
    MatMult,
    Div,
    FloorDiv,
    Mod,
    Pow,
    LShift,
    RShift,
    BitOr,
    BitXor,
    BitAnd,
}

/// Operators of a comparison.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[allow(missing_docs, reason = "Python's own names")]
pub enum Comparison {
    Eq,
    NotEq,
    Lt,
    LtE,
    Gt,
    GtE,
    Is,
    IsNot,
    In,
    NotIn,
}

impl Expr {
    /// The name, when it is one.
    #[must_use]
    pub fn as_name(&self) -> Option<&str> {
        match &self.kind {
            ExprKind::Name(name) => Some(name),
            _ => None,
        }
    }

    /// The text, when it is a string without parts to put in.
    #[must_use]
    pub fn as_str(&self) -> Option<&Text> {
        match &self.kind {
            ExprKind::Str(text) => Some(text),
            _ => None,
        }
    }

    /// The last name of what is called: `get` of `Variable.get`.
    #[must_use]
    pub fn last_name(&self) -> Option<&str> {
        match &self.kind {
            ExprKind::Name(name) => Some(name),
            ExprKind::Attribute(_, name) => Some(&name.node),
            _ => None,
        }
    }

    /// `a.b.c` as text, when it is a name with attributes and nothing else.
    #[must_use]
    pub fn dotted(&self) -> Option<String> {
        match &self.kind {
            ExprKind::Attribute(value, name) => {
                let mut dotted = value.dotted()?;
                dotted.push('.');
                dotted.push_str(&name.node);
                Some(dotted)
            }
            ExprKind::Name(name) => {
                let mut dotted = String::with_capacity(2 * name.len() + 16);
                dotted.push_str(name);
                Some(dotted)
            }
            _ => None,
        }
    }

    /// Whether it is `path`, a name with attributes.
    #[must_use]
    pub fn is_dotted(&self, path: &str) -> bool {
        match (&self.kind, path.rsplit_once('.')) {
            (ExprKind::Attribute(value, name), Some((before, last))) => {
                name.node == last && value.is_dotted(before)
            }
            (ExprKind::Name(name), None) => name == path,
            _ => false,
        }
    }

    /// The first name of `a.b.c`, when it is a name with attributes and nothing else.
    #[must_use]
    pub fn first_name(&self) -> Option<&str> {
        match &self.kind {
            ExprKind::Attribute(value, _) => value.first_name(),
            ExprKind::Name(name) => Some(name),
            _ => None,
        }
    }

    /// Hands each expression directly inside this one to `visit`, in the order of the source;
    /// those of a lambda or comprehension too.
    pub fn each_child<'tree>(&'tree self, visit: &mut dyn FnMut(&'tree Self)) {
        match &self.kind {
            ExprKind::FString(parts) => each_interpolation(parts, visit),
            ExprKind::Attribute(value, _)
            | ExprKind::Not(value)
            | ExprKind::Unary(value)
            | ExprKind::Await(value)
            | ExprKind::Yield(Some(value))
            | ExprKind::Starred(value) => visit(value),
            ExprKind::Call(call) => {
                visit(&call.function);
                call.arguments.iter().for_each(|arg| visit(&arg.value));
            }
            ExprKind::Dict(items) => {
                for (key, value) in items {
                    key.iter().for_each(&mut *visit);
                    visit(value);
                }
            }
            ExprKind::List(parts)
            | ExprKind::Tuple(parts)
            | ExprKind::Set(parts)
            | ExprKind::And(parts)
            | ExprKind::Or(parts)
            | ExprKind::Compare(parts, _)
            | ExprKind::Other(parts) => parts.iter().for_each(visit),
            ExprKind::Slice(bounds) => bounds.iter().flatten().for_each(visit),
            ExprKind::Binary(_, left, right)
            | ExprKind::Subscript(left, right)
            | ExprKind::Named(left, right) => {
                visit(left);
                visit(right);
            }
            ExprKind::Conditional(it) => {
                visit(&it.body);
                visit(&it.test);
                visit(&it.otherwise);
            }
            ExprKind::Lambda(lambda) => {
                lambda.parameters.iter().filter_map(|it| it.default.as_ref()).for_each(&mut *visit);
                visit(&lambda.body);
            }
            ExprKind::Comprehension(it) => {
                it.elements.iter().for_each(&mut *visit);
                for generator in &it.generators {
                    visit(&generator.target);
                    visit(&generator.iterable);
                    generator.conditions.iter().for_each(&mut *visit);
                }
            }
            ExprKind::Str(_)
            | ExprKind::Name(_)
            | ExprKind::Yield(None)
            | ExprKind::Number(_)
            | ExprKind::True
            | ExprKind::False
            | ExprKind::None
            | ExprKind::Ellipsis
            | ExprKind::Bytes => {}
        }
    }
}

/// Hands each value that is put into an f-string to `visit`, those of format specifications too.
fn each_interpolation<'tree>(parts: &'tree [FStringPart], visit: &mut dyn FnMut(&'tree Expr)) {
    for part in parts {
        if let FStringPart::Interpolation(it) = part {
            visit(&it.value);
            each_interpolation(it.format.as_deref().unwrap_or_default(), visit);
        }
    }
}
