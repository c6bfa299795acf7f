//! HCL, the language of Terraform: a tree of blocks, attributes and expressions, each with its place, and
//! strings that map to the bytes of the file through escapes and heredocs.
//!
//! Nothing is evaluated here. [`read`] never fails: each top-level block is parsed for itself, so that
//! what is wrong with one costs only that one. The parser of the crate limits nesting to 64 levels, and
//! refuses an object with two equal keys, of which Terraform takes the last.
//!
//! Facts about strings are those of HCL 2 (`hclsyntax/parser_template.go`), measured with Terraform 1.11.

mod chunks;
mod convert;
mod json;
mod strings;

use std::borrow::Cow;

use crate::text::{Span, Spanned, Text};

pub use self::json::read_json;

/// A file, as far as it could be read.
#[derive(Debug, Default)]
pub struct Hcl {
    /// What stands in it.
    pub body: Body,
    /// What could not be read; never with text of the file.
    pub errors: Vec<Spanned<String>>,
}

/// What stands in a file or between the braces of a block.
#[derive(Debug, Default)]
pub struct Body {
    /// `name = value`, in order.
    pub attributes: Vec<Attribute>,
    /// `kind "label" { … }`, in order.
    pub blocks: Vec<Block>,
}

/// `name = value`.
#[derive(Debug)]
pub struct Attribute {
    /// The name.
    pub name: Spanned<String>,
    /// The value.
    pub value: Expression,
}

/// `kind "label" { … }`.
#[derive(Debug)]
pub struct Block {
    /// `resource`, `locals`, …
    pub kind: Spanned<String>,
    /// The labels without quotes; the spans include them.
    pub labels: Vec<Spanned<String>>,
    /// What stands in it.
    pub body: Body,
    /// All of it.
    pub span: Span,
}

/// Something that has a value.
#[derive(Debug)]
pub struct Expression {
    /// What it is.
    pub kind: ExpressionKind,
    /// Where it stands, quotes and brackets included.
    pub span: Span,
}

/// What an expression is.
#[derive(Debug)]
pub enum ExpressionKind {
    /// `null`
    Null,
    /// `true`, `false`
    Bool(bool),
    /// A number as written.
    Number(Text),
    /// A string or heredoc in which nothing is put in; also a bare word as key of an object.
    Text(Text),
    /// A string or heredoc in which something is put in.
    Template(Vec<Part>),
    /// `[…]`
    List(Vec<Expression>),
    /// `{ key = value }`, in order.
    Object(Vec<(Expression, Expression)>),
    /// `local`, `var`, the name of a loop's variable.
    Name(String),
    /// `of.name[index]`
    Access {
        /// What is taken from.
        of: Box<Expression>,
        /// What is taken, from left to right.
        steps: Vec<Step>,
    },
    /// `name(…)`
    Call {
        /// The function.
        name: String,
        /// Its arguments.
        arguments: Vec<Expression>,
        /// Whether the last argument is a list of arguments: `f(list...)`.
        spread: bool,
    },
    /// `condition ? yes : no`
    Conditional(Box<[Expression; 3]>),
    /// `[for …]`, `{for …}`
    For(Box<For>),
    /// `!a`, `-a`
    Unary(Operator, Box<Expression>),
    /// `a == b`
    Binary(Operator, Box<[Expression; 2]>),
}

/// A part of a template.
#[derive(Debug)]
pub enum Part {
    /// Text as it is.
    Text(Text),
    /// `${…}`
    Value(Expression),
    /// `%{if …}…%{endif}`, `%{for …}…%{endfor}`
    Directive(Span),
}

/// One thing that is taken from a value.
#[derive(Debug)]
pub enum Step {
    /// `.name`
    Name(Spanned<String>),
    /// `[index]`, `.0`
    Index(Expression),
    /// `.*`, `[*]`
    Splat,
}

/// `[for key, value in of : result if condition]`
#[derive(Debug)]
pub struct For {
    /// The variable of the key or index.
    pub key: Option<String>,
    /// The variable of the value.
    pub value: String,
    /// What is gone through.
    pub of: Expression,
    /// The key of each result, where they make an object.
    pub result_key: Option<Expression>,
    /// Each result.
    pub result: Expression,
    /// Whether results of the same key are gathered: `…`.
    pub grouped: bool,
    /// Which results are wanted.
    pub condition: Option<Expression>,
}

/// An operator that matters to conditions; arithmetic is one.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Operator {
    /// `==`
    Equal,
    /// `!=`
    NotEqual,
    /// `&&`
    And,
    /// `||`
    Or,
    /// `!`
    Not,
    /// Arithmetic and order.
    Other,
}

/// Reads a file in the native syntax (`.tf`, `.hcl`, `.tfvars`).
#[must_use]
pub fn read(text: &str) -> Hcl {
    let mut hcl = Hcl::default();
    for chunk in chunks::chunks(text) {
        if let Some(fault) = chunk.fault {
            hcl.errors.push(Spanned::new(fault.to_owned(), chunk.span));
            continue;
        }
        let source = parsable(&chunk, text);
        match hcl_edit::parser::parse_body(&source) {
            Ok(body) => convert::Converter::new(text, chunk.span.start).add(&body, &mut hcl.body),
            Err(error) => {
                let at = chunk.span.start + error.location().offset();
                let at = (0..=at.min(text.len())).rev().find(|at| text.is_char_boundary(*at));
                let span = Span::at(at.unwrap_or(chunk.span.start));
                hcl.errors.push(Spanned::new(error.message().to_owned(), span));
            }
        }
    }
    hcl
}

/// The bytes of a chunk, as the parser of the crate reads them right.
fn parsable<'a>(chunk: &chunks::Chunk, text: &'a str) -> Cow<'a, str> {
    let mut source = Cow::Borrowed(chunk.span.of(text));
    for heredoc in &chunk.empty_heredocs {
        let length = heredoc.end - heredoc.start;
        let at = heredoc.start - chunk.span.start;
        let empty = format!("{:length$}", "\"\"");
        source.to_mut().replace_range(at..at + length, &empty);
    }
    source
}

impl Body {
    /// The value of the attribute `name`.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Expression> {
        self.attribute(name).map(|attribute| &attribute.value)
    }

    /// The attribute `name`.
    #[must_use]
    pub fn attribute(&self, name: &str) -> Option<&Attribute> {
        self.attributes.iter().find(|attribute| attribute.name.node == name)
    }

    /// The blocks of a kind, in order.
    pub fn blocks<'a>(&'a self, kind: &'a str) -> impl Iterator<Item = &'a Block> {
        self.blocks.iter().filter(move |block| block.kind.node == kind)
    }
}

impl Block {
    /// The label at `index`, or nothing.
    #[must_use]
    pub fn label(&self, index: usize) -> &str {
        self.labels.get(index).map_or("", |label| &label.node)
    }
}

#[cfg(test)]
mod tests;
