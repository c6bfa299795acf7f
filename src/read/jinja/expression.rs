//! Expressions, by the grammar of `jinja2/parser.py`.

use super::lexer::{Token, TokenKind, joined, refused};
use super::tree::{Argument, Call, Conditional, Expr, ExprKind, Filter};
use super::{Fault, MAX_HEIGHT};
use crate::text::{Span, Spanned};

pub(super) type Parsed<T> = Result<T, Fault>;

/// The operators of each level, the loosest first. A level with `not` before it stands between.
const LEVELS: [&[&str]; 6] = [
    &["or"],
    &["and"],
    &["==", "!=", "<=", ">=", "<", ">", "in"],
    &["+", "-"],
    &["~"],
    &["*", "/", "//", "%"],
];
const OR: usize = 0;
const COMPARISON: usize = 2;

/// How deep brackets may nest.
const MAX_DEPTH: usize = 60;

/// Goes through the words of one statement.
pub(super) struct Parser<'a> {
    text: &'a str,
    tokens: &'a [Token],
    at: usize,
    depth: usize,
    /// All that there is.
    span: Span,
}

impl<'a> Parser<'a> {
    pub(super) fn new(text: &'a str, tokens: &'a [Token], span: Span) -> Self {
        Self { text, tokens, at: 0, depth: 0, span }
    }

    pub(super) fn word(&self) -> &'a str {
        self.tokens.get(self.at).map_or("", |token| token.span.of(self.text))
    }

    fn kind(&self) -> Option<TokenKind> {
        self.tokens.get(self.at).map(|token| token.kind)
    }

    pub(super) fn is_done(&self) -> bool {
        self.at >= self.tokens.len()
    }

    /// Where the next word begins.
    fn start(&self) -> usize {
        self.tokens.get(self.at).map_or(self.span.end, |token| token.span.start)
    }

    /// From `start` to the end of the last word.
    fn since(&self, start: usize) -> Span {
        let last = self.at.checked_sub(1).and_then(|at| self.tokens.get(at));
        Span::new(start, last.map_or(start, |token| token.span.end).max(start))
    }

    pub(super) fn unexpected<T>(&self) -> Parsed<T> {
        Err(match self.tokens.get(self.at) {
            Some(token) => refused("unexpected word", token.span),
            None => refused("something is missing before the end of this", self.span),
        })
    }

    /// Takes the next word when it is `word`, outside of strings.
    pub(super) fn skip(&mut self, word: &str) -> bool {
        let found = self.is(word);
        self.at += usize::from(found);
        found
    }

    fn is(&self, word: &str) -> bool {
        self.word() == word && self.kind() != Some(TokenKind::Str)
    }

    pub(super) fn expect(&mut self, word: &str) -> Parsed<()> {
        if self.skip(word) { Ok(()) } else { self.unexpected() }
    }

    pub(super) fn name(&mut self) -> Parsed<Spanned<String>> {
        match self.tokens.get(self.at) {
            Some(token) if token.kind == TokenKind::Name => {
                self.at += 1;
                Ok(Spanned::new(token.span.of(self.text).to_owned(), token.span))
            }
            _ => self.unexpected(),
        }
    }

    /// Takes all that is left.
    pub(super) fn drain(&mut self) {
        self.at = self.tokens.len();
    }

    fn node(&self, kind: ExprKind, span: Span) -> Parsed<Expr> {
        let mut expr = Expr { kind, span, height: 1 };
        let mut height = 0;
        expr.each_child(&mut |child| height = height.max(child.height));
        if height >= MAX_HEIGHT {
            let message = "this expression is nested too deeply";
            return Err(Fault { message, span: Span::at(self.start()), is_refused: false });
        }
        expr.height = height + 1;
        Ok(expr)
    }

    pub(super) fn deeper<T>(&mut self, step: impl FnOnce(&mut Self) -> Parsed<T>) -> Parsed<T> {
        if self.depth >= MAX_DEPTH {
            let message = "this expression is nested too deeply";
            return Err(Fault { message, span: Span::at(self.start()), is_refused: false });
        }
        self.depth += 1;
        let result = step(self);
        self.depth -= 1;
        result
    }

    /// One or more expressions with commas between, as in an output.
    pub(super) fn expressions(&mut self) -> Parsed<Expr> {
        self.tuple(Self::expression)
    }

    /// The same without `if`, as in the head of a loop or a condition.
    pub(super) fn unconditional(&mut self) -> Parsed<Expr> {
        self.tuple(|it| it.binary(OR))
    }

    fn tuple(&mut self, part: fn(&mut Self) -> Parsed<Expr>) -> Parsed<Expr> {
        let start = self.start();
        let first = part(self)?;
        if !self.is(",") {
            return Ok(first);
        }
        let mut parts = vec![first];
        while self.skip(",") && !self.is_done() && !self.is("if") && !self.is("recursive") {
            parts.push(part(self)?);
        }
        self.node(ExprKind::List(parts), self.since(start))
    }

    /// `body if test else otherwise`, or anything that binds tighter.
    pub(super) fn expression(&mut self) -> Parsed<Expr> {
        self.deeper(|it| {
            let start = it.start();
            let mut body = it.binary(OR)?;
            while it.skip("if") {
                let test = it.binary(OR)?;
                let otherwise = if it.skip("else") { Some(it.expression()?) } else { None };
                let kind = ExprKind::Conditional(Box::new(Conditional { test, body, otherwise }));
                body = it.node(kind, it.since(start))?;
            }
            Ok(body)
        })
    }

    fn binary(&mut self, level: usize) -> Parsed<Expr> {
        let start = self.start();
        if level == COMPARISON && self.is("not") {
            self.at += 1;
            let inner = self.deeper(|it| it.binary(level))?;
            return self.node(ExprKind::Other(vec![inner]), self.since(start));
        }
        let Some(operators) = LEVELS.get(level) else { return self.power() };
        let mut parts = vec![self.binary(level + 1)?];
        let mut is_sum = true;
        loop {
            let negated = level == COMPARISON
                && self.is("not")
                && self.tokens.get(self.at + 1).is_some_and(|it| it.span.of(self.text) == "in");
            self.at += usize::from(negated);
            if self.kind() == Some(TokenKind::Str) || !operators.contains(&self.word()) {
                break;
            }
            is_sum &= self.is("+");
            self.at += 1;
            parts.push(self.binary(level + 1)?);
        }
        if parts.len() == 1
            && let Some(only) = parts.pop()
        {
            return Ok(only);
        }
        let kind = match operators.first() {
            Some(&"or") => ExprKind::Or(parts),
            Some(&"~") => ExprKind::Joined(parts),
            Some(&"+") if is_sum => ExprKind::Joined(parts),
            _ => ExprKind::Other(parts),
        };
        self.node(kind, self.since(start))
    }

    fn power(&mut self) -> Parsed<Expr> {
        let start = self.start();
        let first = self.unary(true)?;
        if !self.is("**") {
            return Ok(first);
        }
        let mut parts = vec![first];
        while self.skip("**") {
            parts.push(self.unary(true)?);
        }
        self.node(ExprKind::Other(parts), self.since(start))
    }

    fn unary(&mut self, with_filters: bool) -> Parsed<Expr> {
        let start = self.start();
        let mut value = if self.skip("-") || self.skip("+") {
            let inner = self.deeper(|it| it.unary(false))?;
            self.node(ExprKind::Other(vec![inner]), self.since(start))?
        } else {
            self.primary()?
        };
        while self.is(".") || self.is("[") || self.is("(") {
            value = self.postfix(value, start)?;
        }
        if !with_filters {
            return Ok(value);
        }
        loop {
            value = if self.skip("|") {
                self.filter(Some(value), start)?
            } else if self.is("is") {
                self.test(value, start)?
            } else if self.is("(") {
                self.postfix(value, start)?
            } else {
                return Ok(value);
            };
        }
    }

    fn primary(&mut self) -> Parsed<Expr> {
        let start = self.start();
        match self.kind() {
            Some(TokenKind::Name) => {
                let name = self.word();
                self.at += 1;
                let kind = match name {
                    "none" | "None" => ExprKind::None,
                    "true" | "True" | "false" | "False" => ExprKind::Constant,
                    _ => ExprKind::Name(name.to_owned()),
                };
                self.node(kind, self.since(start))
            }
            Some(TokenKind::Number) => {
                self.at += 1;
                self.node(ExprKind::Constant, self.since(start))
            }
            Some(TokenKind::Str) => {
                let mut strings = Vec::new();
                while self.kind() == Some(TokenKind::Str) {
                    strings.extend(self.tokens.get(self.at).map(|token| token.span));
                    self.at += 1;
                }
                let span = self.since(start);
                let Some(text) = joined(self.text, &strings) else {
                    return Err(refused("an escape of this string is none", span));
                };
                self.node(ExprKind::Str(text), span)
            }
            _ if self.is("(") => self.list(")", start),
            _ if self.is("[") => self.list("]", start),
            _ if self.is("{") => {
                self.at += 1;
                let mut parts = Vec::new();
                while !self.is("}") {
                    parts.push(self.expression()?);
                    self.expect(":")?;
                    parts.push(self.expression()?);
                    if !self.skip(",") {
                        break;
                    }
                }
                self.expect("}")?;
                self.node(ExprKind::Other(parts), self.since(start))
            }
            _ => self.unexpected(),
        }
    }

    /// What stands in brackets; in round ones, without a comma, just the value.
    fn list(&mut self, close: &str, start: usize) -> Parsed<Expr> {
        self.at += 1;
        let mut parts = Vec::new();
        let mut is_list = close == "]";
        while !self.is(close) {
            parts.push(self.expression()?);
            if !self.skip(",") {
                break;
            }
            is_list = true;
        }
        self.expect(close)?;
        match parts.pop() {
            Some(only) if parts.is_empty() && !is_list => Ok(only),
            last => {
                parts.extend(last);
                self.node(ExprKind::List(parts), self.since(start))
            }
        }
    }

    fn postfix(&mut self, value: Expr, start: usize) -> Parsed<Expr> {
        let kind = if self.skip(".") {
            if self.kind() == Some(TokenKind::Number) {
                let number = self.primary()?;
                ExprKind::Item(Box::new(value), Box::new(number))
            } else {
                ExprKind::Attribute(Box::new(value), self.name()?)
            }
        } else if self.skip("[") {
            let index = self.index()?;
            ExprKind::Item(Box::new(value), Box::new(index))
        } else {
            let arguments = self.arguments()?;
            ExprKind::Call(Box::new(Call { function: value, arguments }))
        };
        self.node(kind, self.since(start))
    }

    /// What stands between `[` and `]`: a value, a slice, or several with commas between.
    fn index(&mut self) -> Parsed<Expr> {
        let start = self.start();
        let mut parts = Vec::new();
        let mut is_plain = true;
        let mut needs_separator = false;
        while !self.is("]") {
            if self.skip(":") || needs_separator && self.skip(",") {
                is_plain = false;
                needs_separator = false;
            } else if needs_separator {
                return self.unexpected();
            } else {
                parts.push(self.expression()?);
                needs_separator = true;
            }
        }
        if parts.is_empty() && is_plain {
            return self.unexpected();
        }
        self.at += 1;
        match parts.pop() {
            Some(only) if is_plain => Ok(only),
            last => {
                parts.extend(last);
                self.node(ExprKind::Other(parts), self.since(start))
            }
        }
    }

    /// `(…)` behind what is called; nothing where there is none.
    fn arguments(&mut self) -> Parsed<Vec<Argument>> {
        let mut arguments = Vec::new();
        if !self.skip("(") {
            return Ok(arguments);
        }
        while !self.is(")") {
            let is_unpacked = self.skip("*") || self.skip("**");
            let is_named = self.kind() == Some(TokenKind::Name)
                && self.tokens.get(self.at + 1).is_some_and(|it| it.span.of(self.text) == "=");
            let name = if is_named { Some(self.name()?) } else { None };
            self.at += usize::from(is_named);
            arguments.push(Argument { name, value: self.expression()?, is_unpacked });
            if !self.skip(",") {
                break;
            }
        }
        self.expect(")")?;
        Ok(arguments)
    }

    /// A filter, and those behind it in the head of a filter block.
    pub(super) fn filter(&mut self, value: Option<Expr>, start: usize) -> Parsed<Expr> {
        let name = self.dotted()?;
        let arguments = self.arguments()?;
        let filter = Filter { value, name, arguments };
        let mut expr = self.node(ExprKind::Filter(Box::new(filter)), self.since(start))?;
        while self.skip("|") {
            let name = self.dotted()?;
            let arguments = self.arguments()?;
            let filter = Filter { value: Some(expr), name, arguments };
            expr = self.node(ExprKind::Filter(Box::new(filter)), self.since(start))?;
        }
        Ok(expr)
    }

    /// The name of a filter or test: `a.b`.
    fn dotted(&mut self) -> Parsed<Spanned<String>> {
        let mut name = self.name()?;
        while self.skip(".") {
            let more = self.name()?;
            name.node = format!("{}.{}", name.node, more.node);
            name.span = name.span.cover(more.span);
        }
        Ok(name)
    }

    /// `is name`, `is not name(arguments)`, `is name argument`
    fn test(&mut self, value: Expr, start: usize) -> Parsed<Expr> {
        self.at += 1;
        self.skip("not");
        self.dotted()?;
        let mut parts = vec![value];
        if self.is("(") {
            parts.extend(self.arguments()?.into_iter().map(|argument| argument.value));
        } else if self.is("is") {
            return self.unexpected();
        } else if self.begins_argument() {
            let from = self.start();
            let mut argument = self.primary()?;
            while self.is(".") || self.is("[") || self.is("(") {
                argument = self.postfix(argument, from)?;
            }
            parts.push(argument);
        }
        self.node(ExprKind::Other(parts), self.since(start))
    }

    /// Whether the next word is the argument of a test without brackets.
    fn begins_argument(&self) -> bool {
        match self.kind() {
            Some(TokenKind::Name) => !["else", "or", "and"].contains(&self.word()),
            Some(TokenKind::Str | TokenKind::Number) => true,
            Some(TokenKind::Operator) => ["[", "{"].contains(&self.word()),
            None => false,
        }
    }
}
