//! From the crate's tree to ours: the same shapes, with strings that know their places.

use std::ops::Range;

use hcl_edit::Span as _;
use hcl_edit::expr::{self, BinaryOperator, ObjectKey, TraversalOperator, UnaryOperator};
use hcl_edit::structure::{self, BlockLabel};
use hcl_edit::template::Element;

use super::strings::{Quoting, Template, decode};
use super::{Attribute, Block, Body, Expression, ExpressionKind, For, Operator, Part, Step};
use crate::text::{Span, Spanned, Text};

/// Converts what was parsed of the bytes of `source` from `start` on.
#[derive(Clone, Copy)]
pub(super) struct Converter<'a> {
    source: &'a str,
    start: usize,
    /// The text of the file that the source is, where it is not the file itself.
    outer: Option<&'a Text>,
}

impl<'a> Converter<'a> {
    /// Of a part of a file.
    pub(super) const fn new(file: &'a str, start: usize) -> Self {
        Self { source: file, start, outer: None }
    }

    /// Of a text that a file holds in quotes of its own.
    pub(super) fn within(outer: &'a Text) -> Self {
        Self { source: outer.expose(), start: 0, outer: Some(outer) }
    }

    pub(super) fn add(self, from: &structure::Body, to: &mut Body) {
        for attribute in from.attributes() {
            let name = self.spanned(attribute.key.as_str(), attribute.key.span());
            to.attributes.push(Attribute { name, value: self.expression(&attribute.value) });
        }
        for block in from.blocks() {
            let mut body = Body::default();
            self.add(&block.body, &mut body);
            let labels = block.labels.iter().map(|label| match label {
                BlockLabel::Ident(name) => self.spanned(name.as_str(), name.span()),
                BlockLabel::String(name) => self.spanned(name.as_str(), name.span()),
            });
            to.blocks.push(Block {
                kind: self.spanned(block.ident.as_str(), block.ident.span()),
                labels: labels.collect(),
                body,
                span: self.place(self.span(block.span())),
            });
        }
    }

    /// Where a part stands in the source.
    fn span(self, range: Option<Range<usize>>) -> Span {
        let range = range.unwrap_or_default();
        Span::new(self.start + range.start, self.start + range.end)
    }

    /// Where a part of the source stands in the file.
    fn place(self, span: Span) -> Span {
        self.outer.map_or(span, |outer| outer.span_of(span.start..span.end))
    }

    /// A text of the source as text of the file.
    fn text(self, text: &Text) -> Text {
        self.outer.map_or_else(|| text.clone(), |outer| text.within(outer))
    }

    fn spanned(self, name: &str, range: Option<Range<usize>>) -> Spanned<String> {
        Spanned::new(name.to_owned(), self.place(self.span(range)))
    }

    pub(super) fn expression(self, from: &expr::Expression) -> Expression {
        let span = self.span(from.span());
        Expression { kind: self.kind(from, span), span: self.place(span) }
    }

    fn boxed(self, from: &expr::Expression) -> Box<Expression> {
        Box::new(self.expression(from))
    }

    fn kind(self, from: &expr::Expression, span: Span) -> ExpressionKind {
        match from {
            expr::Expression::Null(_) => ExpressionKind::Null,
            expr::Expression::Bool(value) => ExpressionKind::Bool(*value.value()),
            expr::Expression::Number(_) => {
                let number = Text::verbatim(span.of(self.source), span.start);
                ExpressionKind::Number(self.text(&number))
            }
            expr::Expression::String(_) => {
                let text = decode(self.source, inside(span), Quoting::Quoted);
                ExpressionKind::Text(self.text(&text))
            }
            expr::Expression::StringTemplate(template) => {
                self.template(template.iter(), span, Quoting::Quoted, false)
            }
            expr::Expression::HeredocTemplate(heredoc) => {
                let dedents = span.of(self.source).starts_with("<<-");
                self.template(heredoc.template.iter(), span, Quoting::Heredoc, dedents)
            }
            expr::Expression::Array(array) => {
                ExpressionKind::List(array.iter().map(|part| self.expression(part)).collect())
            }
            expr::Expression::Object(object) => {
                let pairs = object.iter();
                let pair = |(key, value): (&ObjectKey, &expr::ObjectValue)| {
                    (self.key(key), self.expression(value.expr()))
                };
                ExpressionKind::Object(pairs.map(pair).collect())
            }
            expr::Expression::Parenthesis(it) => {
                self.kind(it.inner(), self.span(it.inner().span()))
            }
            expr::Expression::Variable(name) => ExpressionKind::Name(name.as_str().to_owned()),
            expr::Expression::Conditional(it) => ExpressionKind::Conditional(Box::new(
                [&it.cond_expr, &it.true_expr, &it.false_expr].map(|part| self.expression(part)),
            )),
            expr::Expression::FuncCall(call) => ExpressionKind::Call {
                name: if call.name.is_namespaced() {
                    String::new()
                } else {
                    call.name.name.as_str().to_owned()
                },
                arguments: call.args.iter().map(|part| self.expression(part)).collect(),
                spread: call.args.expand_final(),
            },
            expr::Expression::Traversal(access) => ExpressionKind::Access {
                of: self.boxed(&access.expr),
                steps: access.operators.iter().map(|step| self.step(step)).collect(),
            },
            expr::Expression::UnaryOp(it) => {
                let operator = match it.operator.value() {
                    UnaryOperator::Not => Operator::Not,
                    UnaryOperator::Neg => Operator::Other,
                };
                ExpressionKind::Unary(operator, self.boxed(&it.expr))
            }
            expr::Expression::BinaryOp(it) => ExpressionKind::Binary(
                operator(*it.operator.value()),
                Box::new([&it.lhs_expr, &it.rhs_expr].map(|part| self.expression(part))),
            ),
            expr::Expression::ForExpr(it) => ExpressionKind::For(Box::new(For {
                key: it.intro.key_var.as_ref().map(|name| name.as_str().to_owned()),
                value: it.intro.value_var.as_str().to_owned(),
                of: self.expression(&it.intro.collection_expr),
                result_key: it.key_expr.as_ref().map(|key| self.expression(key)),
                result: self.expression(&it.value_expr),
                grouped: it.grouping,
                condition: it.cond.as_ref().map(|condition| self.expression(&condition.expr)),
            })),
        }
    }

    /// The key of an object: a bare word is text.
    fn key(self, key: &ObjectKey) -> Expression {
        match key {
            ObjectKey::Ident(name) => {
                let span = self.span(name.span());
                let text = self.text(&Text::verbatim(name.as_str(), span.start));
                Expression { kind: ExpressionKind::Text(text), span: self.place(span) }
            }
            ObjectKey::Expression(key) => self.expression(key),
        }
    }

    fn step(self, step: &hcl_edit::Decorated<TraversalOperator>) -> Step {
        match step.value() {
            TraversalOperator::GetAttr(name) => {
                Step::Name(self.spanned(name.as_str(), name.span()))
            }
            TraversalOperator::Index(index) => Step::Index(self.expression(index)),
            TraversalOperator::LegacyIndex(index) => {
                let span = self.place(self.span(index.span().or_else(|| step.span())));
                let number = Text::produced_by(index.value().to_string(), span);
                Step::Index(Expression { kind: ExpressionKind::Number(number), span })
            }
            TraversalOperator::AttrSplat(_) | TraversalOperator::FullSplat(_) => Step::Splat,
        }
    }

    /// Makes a template of its elements; one that puts in a value and nothing else is that value.
    pub(super) fn template<'e>(
        self,
        elements: impl Iterator<Item = &'e Element>,
        span: Span,
        quoting: Quoting,
        dedents: bool,
    ) -> ExpressionKind {
        let mut template = Template::default();
        for element in elements {
            let span = self.span(element.span());
            match element {
                Element::Literal(_) => template.text(self.source, span, quoting),
                Element::Interpolation(it) => {
                    let part = Part::Value(self.expression(&it.expr));
                    template.other(part, it.strip.strip_start(), it.strip.strip_end());
                }
                Element::Directive(_) => {
                    let source = span.of(self.source);
                    let trims = (source.starts_with("%{~"), source.ends_with("~}"));
                    template.other(Part::Directive(self.place(span)), trims.0, trims.1);
                }
            }
        }
        if dedents {
            template.dedent();
        }
        let mut parts = template.finish(inside(span));
        match (parts.len(), parts.pop()) {
            (1, Some(Part::Text(text))) => ExpressionKind::Text(self.text(&text)),
            (1, Some(Part::Value(value))) => value.kind,
            (_, last) => {
                parts.extend(last);
                let placed = parts.into_iter().map(|part| match part {
                    Part::Text(text) => Part::Text(self.text(&text)),
                    part => part,
                });
                ExpressionKind::Template(placed.collect())
            }
        }
    }
}

/// Without the first and the last byte.
const fn inside(span: Span) -> Span {
    if span.end - span.start < 2 { span } else { Span::new(span.start + 1, span.end - 1) }
}

const fn operator(operator: BinaryOperator) -> Operator {
    match operator {
        BinaryOperator::Eq => Operator::Equal,
        BinaryOperator::NotEq => Operator::NotEqual,
        BinaryOperator::And => Operator::And,
        BinaryOperator::Or => Operator::Or,
        _ => Operator::Other,
    }
}
