//! From the parser's tree to ours: expressions.

use ruff_python_ast as ast;
use ruff_text_size::Ranged;

use super::convert::{Convert, Converted, identifier, operator};
use super::tree::{
    Call, Comparison, Comprehension, ComprehensionKind, Conditional, Expr, ExprKind, FStringPart,
    Generator, Interpolation, Lambda,
};
use super::{literal, span};

impl Convert<'_> {
    pub(super) fn expr(&mut self, expr: &ast::Expr) -> Converted<Expr> {
        let range = expr.range();
        let kind = self.level(range, |it| it.expr_kind(expr))?;
        Ok(Expr { kind, span: span(range) })
    }

    fn boxed(&mut self, expr: &ast::Expr) -> Converted<Box<Expr>> {
        self.expr(expr).map(Box::new)
    }

    pub(super) fn optional(&mut self, expr: Option<&ast::Expr>) -> Converted<Option<Expr>> {
        expr.map(|it| self.expr(it)).transpose()
    }

    pub(super) fn exprs<'a>(
        &mut self,
        exprs: impl IntoIterator<Item = &'a ast::Expr>,
    ) -> Converted<Vec<Expr>> {
        exprs.into_iter().map(|it| self.expr(it)).collect()
    }

    pub(super) fn all<const N: usize>(
        &mut self,
        exprs: [Option<&ast::Expr>; N],
    ) -> Converted<Vec<Expr>> {
        self.exprs(exprs.into_iter().flatten())
    }

    fn unary(&mut self, it: &ast::ExprUnaryOp) -> Converted<ExprKind> {
        let operand = self.boxed(&it.operand)?;
        let is_beside = operand.span.start == span(it.range()).start + 1;
        Ok(match (it.op, &operand.kind) {
            (ast::UnaryOp::Not, _) => ExprKind::Not(operand),
            (ast::UnaryOp::USub, ExprKind::Number(digits))
                if is_beside && !digits.starts_with('-') =>
            {
                ExprKind::Number(format!("-{digits}"))
            }
            _ => ExprKind::Unary(operand),
        })
    }

    fn slice(&mut self, it: &ast::ExprSlice) -> Converted<ExprKind> {
        let mut bound =
            |it: &Option<Box<ast::Expr>>| it.as_deref().map(|it| self.expr(it)).transpose();
        Ok(ExprKind::Slice(Box::new([bound(&it.lower)?, bound(&it.upper)?, bound(&it.step)?])))
    }

    fn expr_kind(&mut self, expr: &ast::Expr) -> Converted<ExprKind> {
        Ok(match expr {
            ast::Expr::StringLiteral(it) => {
                ExprKind::Str(literal::joined(it.value.iter(), self.text))
            }
            ast::Expr::FString(it) => ExprKind::FString(self.fstring(&it.value)?),
            ast::Expr::Name(it) => ExprKind::Name(it.id.clone()),
            ast::Expr::Attribute(it) => {
                ExprKind::Attribute(self.boxed(&it.value)?, identifier(&it.attr))
            }
            ast::Expr::Call(it) => ExprKind::Call(Box::new(Call {
                function: self.expr(&it.func)?,
                arguments: self.args(&it.arguments)?,
            })),
            ast::Expr::Dict(it) => {
                let mut items = Vec::with_capacity(it.items.len());
                for item in &it.items {
                    items.push((self.optional(item.key.as_ref())?, self.expr(&item.value)?));
                }
                ExprKind::Dict(items)
            }
            ast::Expr::List(it) => ExprKind::List(self.exprs(&it.elts)?),
            ast::Expr::Tuple(it) => ExprKind::Tuple(self.exprs(&it.elts)?),
            ast::Expr::Set(it) => ExprKind::Set(self.exprs(&it.elts)?),
            ast::Expr::BinOp(it) => {
                ExprKind::Binary(operator(it.op), self.boxed(&it.left)?, self.boxed(&it.right)?)
            }
            ast::Expr::UnaryOp(it) => self.unary(it)?,
            ast::Expr::If(it) => ExprKind::Conditional(Box::new(Conditional {
                test: self.expr(&it.test)?,
                body: self.expr(&it.body)?,
                otherwise: self.expr(&it.orelse)?,
            })),
            ast::Expr::BoolOp(it) => {
                let values = self.exprs(&it.values)?;
                match it.op {
                    ast::BoolOp::And => ExprKind::And(values),
                    ast::BoolOp::Or => ExprKind::Or(values),
                }
            }
            ast::Expr::Compare(it) => {
                let mut operands = vec![self.expr(&it.left)?];
                operands.append(&mut self.exprs(&it.comparators)?);
                ExprKind::Compare(operands, it.ops.iter().copied().map(comparison).collect())
            }
            ast::Expr::Subscript(it) => {
                ExprKind::Subscript(self.boxed(&it.value)?, self.boxed(&it.slice)?)
            }
            ast::Expr::Slice(it) => self.slice(it)?,
            ast::Expr::Lambda(it) => ExprKind::Lambda(Box::new(Lambda {
                parameters: match &it.parameters {
                    Some(parameters) => self.parameters(parameters)?,
                    None => Vec::new(),
                },
                body: self.expr(&it.body)?,
            })),
            ast::Expr::ListComp(_)
            | ast::Expr::SetComp(_)
            | ast::Expr::DictComp(_)
            | ast::Expr::Generator(_) => self.any_comprehension(expr)?,
            ast::Expr::Named(it) => {
                ExprKind::Named(self.boxed(&it.target)?, self.boxed(&it.value)?)
            }
            ast::Expr::Await(it) => ExprKind::Await(self.boxed(&it.value)?),
            ast::Expr::Yield(it) => {
                ExprKind::Yield(self.optional(it.value.as_deref())?.map(Box::new))
            }
            ast::Expr::YieldFrom(it) => ExprKind::Yield(Some(self.boxed(&it.value)?)),
            ast::Expr::Starred(it) => ExprKind::Starred(self.boxed(&it.value)?),
            ast::Expr::NumberLiteral(it) => {
                ExprKind::Number(span(it.range).of(self.text).to_owned())
            }
            ast::Expr::BooleanLiteral(it) if it.value => ExprKind::True,
            ast::Expr::BooleanLiteral(_) => ExprKind::False,
            ast::Expr::NoneLiteral(_) => ExprKind::None,
            ast::Expr::EllipsisLiteral(_) => ExprKind::Ellipsis,
            ast::Expr::BytesLiteral(_) => ExprKind::Bytes,
            ast::Expr::TString(it) => {
                let mut inside = Vec::new();
                for element in it.value.elements() {
                    if let ast::InterpolatedStringElement::Interpolation(it) = element {
                        inside.push(self.expr(&it.expression)?);
                    }
                }
                ExprKind::Other(inside)
            }
            ast::Expr::IpyEscapeCommand(_) => ExprKind::Other(Vec::new()),
        })
    }

    fn any_comprehension(&mut self, expr: &ast::Expr) -> Converted<ExprKind> {
        match expr {
            ast::Expr::ListComp(it) => {
                self.comprehension(ComprehensionKind::List, [Some(&*it.elt), None], &it.generators)
            }
            ast::Expr::SetComp(it) => {
                self.comprehension(ComprehensionKind::Set, [Some(&*it.elt), None], &it.generators)
            }
            ast::Expr::Generator(it) => self.comprehension(
                ComprehensionKind::Generator,
                [Some(&*it.elt), None],
                &it.generators,
            ),
            ast::Expr::DictComp(it) => self.comprehension(
                ComprehensionKind::Dict,
                [it.key.as_deref(), Some(&*it.value)],
                &it.generators,
            ),
            _ => Ok(ExprKind::Other(Vec::new())),
        }
    }

    fn comprehension(
        &mut self,
        kind: ComprehensionKind,
        elements: [Option<&ast::Expr>; 2],
        generators: &[ast::Comprehension],
    ) -> Converted<ExprKind> {
        let elements = self.all(elements)?;
        let mut converted = Vec::with_capacity(generators.len());
        for it in generators {
            converted.push(Generator {
                target: self.expr(&it.target)?,
                iterable: self.expr(&it.iter)?,
                conditions: self.exprs(&it.ifs)?,
            });
        }
        Ok(ExprKind::Comprehension(Box::new(Comprehension {
            kind,
            elements,
            generators: converted,
        })))
    }

    fn fstring(&mut self, value: &ast::FStringValue) -> Converted<Vec<FStringPart>> {
        let mut parts = Vec::new();
        for part in value {
            match part {
                ast::FStringPart::Literal(it) => {
                    parts.push(FStringPart::Literal(literal::joined([it], self.text)));
                }
                ast::FStringPart::FString(it) => {
                    let raw = it.flags.prefix().is_raw();
                    parts.append(&mut self.interpolated(&it.elements, raw)?);
                }
            }
        }
        Ok(parts)
    }

    fn interpolated(
        &mut self,
        elements: &ast::InterpolatedStringElements,
        raw: bool,
    ) -> Converted<Vec<FStringPart>> {
        let mut parts = Vec::new();
        for element in elements {
            parts.push(match element {
                ast::InterpolatedStringElement::Literal(it) => {
                    FStringPart::Literal(literal::part(it.range, &it.value, raw, self.text))
                }
                ast::InterpolatedStringElement::Interpolation(it) => {
                    FStringPart::Interpolation(Interpolation {
                        value: self.expr(&it.expression)?,
                        conversion: it.conversion.to_char(),
                        is_debug: it.debug_text.is_some(),
                        format: match &it.format_spec {
                            Some(spec) => Some(self.level(spec.range, |this| {
                                this.interpolated(&spec.elements, raw)
                            })?),
                            None => None,
                        },
                    })
                }
            });
        }
        Ok(parts)
    }
}

const fn comparison(it: ast::CmpOp) -> Comparison {
    match it {
        ast::CmpOp::Eq => Comparison::Eq,
        ast::CmpOp::NotEq => Comparison::NotEq,
        ast::CmpOp::Lt => Comparison::Lt,
        ast::CmpOp::LtE => Comparison::LtE,
        ast::CmpOp::Gt => Comparison::Gt,
        ast::CmpOp::GtE => Comparison::GtE,
        ast::CmpOp::Is => Comparison::Is,
        ast::CmpOp::IsNot => Comparison::IsNot,
        ast::CmpOp::In => Comparison::In,
        ast::CmpOp::NotIn => Comparison::NotIn,
    }
}
