//! What a template says: its statements in order, and the expressions in them.

use crate::text::{Span, Spanned, Text};

/// A template, as far as it could be read. All places are bytes of the text that was given.
#[derive(Clone, Debug, Default)]
pub struct Template {
    /// Everything between delimiters, in order; a block is its opening and its closing statement.
    pub statements: Vec<Statement>,
    /// The first thing that is wrong.
    pub fault: Option<Fault>,
}

/// Why a template, or a part of it, was not read.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Fault {
    /// What is wrong, in a few words; never with text of the template.
    pub message: &'static str,
    /// Where.
    pub span: Span,
    /// Whether Jinja refuses the whole template for it; otherwise it is only a limit of this reader.
    pub is_refused: bool,
}

/// One pair of delimiters with what stands between.
#[derive(Clone, Debug)]
pub struct Statement {
    /// What it does.
    pub kind: StatementKind,
    /// Where it stands, delimiters included.
    pub span: Span,
}

/// What a statement does.
#[derive(Clone, Debug)]
pub enum StatementKind {
    /// `{{ value }}`, or a tag that takes one value: `include`, `extends`, `do`, `print`.
    Value(Expr),
    /// `{% set targets = value %}`
    Set(Vec<Target>, Expr),
    /// `{% set target %}`: its value is what stands before [`StatementKind::End`].
    SetBlock(Target),
    /// `{% if test %}`
    If(Expr),
    /// `{% elif test %}`
    Elif(Expr),
    /// `{% else %}`, of an `if` or a `for`.
    Else,
    /// `{% for targets in iterable if condition %}`
    For {
        /// What each element is assigned to.
        targets: Vec<Target>,
        /// What is iterated over.
        iterable: Expr,
        /// What must hold.
        condition: Option<Expr>,
    },
    /// `{% macro name(parameters) %}`
    Macro {
        /// Its name.
        name: Spanned<String>,
        /// Its parameters.
        parameters: Vec<Parameter>,
    },
    /// `{% call(parameters) call %}`
    Call {
        /// The parameters of what stands inside.
        parameters: Vec<Parameter>,
        /// The call that gets it.
        call: Expr,
    },
    /// `{% with a = value, b = value %}`
    With(Vec<(Target, Expr)>),
    /// `{% import "file" as name %}`, `{% from "file" import a, b as c %}`: the names that it binds.
    Import(Vec<String>),
    /// `{% filter upper %}`, `{% block name %}`, `{% autoescape true %}`: the values named in it.
    Block(Vec<Expr>),
    /// The end of the innermost statement that is open.
    End,
    /// A tag of an extension.
    Other,
}

/// What a value is assigned to.
#[derive(Clone, Debug)]
pub enum Target {
    /// A name.
    Name(String),
    /// Several, which take the parts of the value.
    Parts(Vec<Self>),
    /// An attribute of a namespace.
    Attribute,
}

/// A parameter of a macro.
#[derive(Clone, Debug)]
pub struct Parameter {
    /// Its name.
    pub name: String,
    /// Its default.
    pub default: Option<Expr>,
}

/// An expression.
#[derive(Clone, Debug)]
pub struct Expr {
    /// What it is.
    pub kind: ExprKind,
    /// Where it stands.
    pub span: Span,
    /// How many levels it has; at most [`super::MAX_HEIGHT`].
    pub(super) height: u16,
}

/// The kinds of expressions.
#[derive(Clone, Debug)]
pub enum ExprKind {
    /// A name. May hold [`super::HOLE`]s.
    Name(String),
    /// A string, or several side by side. May hold [`super::HOLE`]s.
    Str(Text),
    /// `none`
    None,
    /// A number, `true` or `false`.
    Constant,
    /// `value.name`
    Attribute(Box<Expr>, Spanned<String>),
    /// `value[index]`; `value.0` too.
    Item(Box<Expr>, Box<Expr>),
    /// `function(arguments)`
    Call(Box<Call>),
    /// `value|name(arguments)`; without a value inside of `{% filter %}`.
    Filter(Box<Filter>),
    /// `left ~ right`, or `left + right`, which does the same with strings.
    Joined(Vec<Expr>),
    /// `body if test else otherwise`
    Conditional(Box<Conditional>),
    /// `left or right`
    Or(Vec<Expr>),
    /// `[…]` or `(…)`
    List(Vec<Expr>),
    /// Anything else, with the expressions in it.
    Other(Vec<Expr>),
}

/// A call.
#[derive(Clone, Debug)]
pub struct Call {
    /// What is called.
    pub function: Expr,
    /// The arguments, in order.
    pub arguments: Vec<Argument>,
}

/// A filter.
#[derive(Clone, Debug)]
pub struct Filter {
    /// What it is put on.
    pub value: Option<Expr>,
    /// Its name.
    pub name: Spanned<String>,
    /// Its arguments.
    pub arguments: Vec<Argument>,
}

/// `body if test else otherwise`
#[derive(Clone, Debug)]
pub struct Conditional {
    /// The condition.
    pub test: Expr,
    /// The value where it holds.
    pub body: Expr,
    /// The value where it does not.
    pub otherwise: Option<Expr>,
}

/// An argument.
#[derive(Clone, Debug)]
pub struct Argument {
    /// The name before `=`.
    pub name: Option<Spanned<String>>,
    /// The value.
    pub value: Expr,
    /// Whether it is unpacked, with `*` or `**`.
    pub is_unpacked: bool,
}

impl Expr {
    /// Hands each expression directly inside this one to `visit`, in the order of the source.
    pub fn each_child<'tree>(&'tree self, visit: &mut dyn FnMut(&'tree Self)) {
        match &self.kind {
            ExprKind::Name(_) | ExprKind::Str(_) | ExprKind::None | ExprKind::Constant => {}
            ExprKind::Attribute(value, _) => visit(value),
            ExprKind::Item(value, index) => {
                visit(value);
                visit(index);
            }
            ExprKind::Call(call) => {
                visit(&call.function);
                call.arguments.iter().for_each(|it| visit(&it.value));
            }
            ExprKind::Filter(filter) => {
                filter.value.iter().for_each(&mut *visit);
                filter.arguments.iter().for_each(|it| visit(&it.value));
            }
            ExprKind::Conditional(it) => {
                visit(&it.body);
                visit(&it.test);
                it.otherwise.iter().for_each(visit);
            }
            ExprKind::Joined(parts)
            | ExprKind::Or(parts)
            | ExprKind::List(parts)
            | ExprKind::Other(parts) => parts.iter().for_each(visit),
        }
    }
}

impl Call {
    /// The argument given by `name`.
    #[must_use]
    pub fn keyword(&self, name: &str) -> Option<&Argument> {
        self.arguments.iter().find(|it| it.name.as_ref().is_some_and(|it| it.node == name))
    }

    /// The argument at a position (from 0), unless something unpacked before it makes that uncertain.
    #[must_use]
    pub fn positional(&self, at: usize) -> Option<&Argument> {
        let given = self.arguments.iter().filter(|it| it.name.is_none());
        given.take_while(|it| !it.is_unpacked).nth(at)
    }
}
