//! From the parser's tree to ours. It counts the levels it goes down, so that whatever walks or
//! drops the result knows how deep it can be.

use ruff_python_ast as ast;
use ruff_text_size::{Ranged, TextRange};

use super::tree::{
    Alias, Arg, Assign, Branch, Call, Case, Class, Comparison, Comprehension, ComprehensionKind,
    Conditional, Expr, ExprKind, FStringPart, For, Function, Generator, Handler, ImportFrom,
    Interpolation, Lambda, Operator, Parameter, ParameterKind, Pattern, Star, Stmt, StmtKind, Try,
    WithItem,
};
use super::{Limit, TooDeep, literal, span};
use crate::text::Spanned;

/// The guard lets at most 3,000 operators, 200 brackets and 100 blocks be open at once.
const MAX_LEVELS: usize = 4_000;

type Converted<T> = Result<T, TooDeep>;

/// Converts the statements of a file.
pub(super) fn module(module: &ast::Mod, text: &str) -> Converted<Vec<Stmt>> {
    let mut convert = Convert { text, levels: 0 };
    match module {
        ast::Mod::Module(module) => convert.body(&module.body),
        ast::Mod::Expression(_) => Ok(Vec::new()),
    }
}

struct Convert<'text> {
    text: &'text str,
    levels: usize,
}

impl Convert<'_> {
    /// Goes one level down for `inside`, if there is one.
    fn level<T>(
        &mut self,
        at: TextRange,
        inside: impl FnOnce(&mut Self) -> Converted<T>,
    ) -> Converted<T> {
        if self.levels >= MAX_LEVELS {
            return Err(TooDeep { limit: Limit::Levels, at: span(at).start });
        }
        self.levels += 1;
        let converted = inside(self);
        self.levels -= 1;
        converted
    }

    fn body(&mut self, body: &[ast::Stmt]) -> Converted<Vec<Stmt>> {
        body.iter().map(|it| self.stmt(it)).collect()
    }

    fn stmt(&mut self, stmt: &ast::Stmt) -> Converted<Stmt> {
        let range = stmt.range();
        let kind = self.level(range, |it| it.stmt_kind(stmt))?;
        Ok(Stmt { kind, span: span(range) })
    }

    fn stmt_kind(&mut self, stmt: &ast::Stmt) -> Converted<StmtKind> {
        Ok(match stmt {
            ast::Stmt::Import(it) => StmtKind::Import(aliases(&it.names)),
            ast::Stmt::ImportFrom(it) => StmtKind::ImportFrom(ImportFrom {
                level: it.level,
                module: it.module.as_ref().map(identifier),
                names: aliases(&it.names),
            }),
            ast::Stmt::Assign(it) => StmtKind::Assign(Assign {
                targets: self.exprs(&it.targets)?,
                annotation: None,
                value: Some(self.expr(&it.value)?),
            }),
            ast::Stmt::AnnAssign(it) => StmtKind::Assign(Assign {
                targets: vec![self.expr(&it.target)?],
                annotation: Some(self.expr(&it.annotation)?),
                value: self.optional(it.value.as_deref())?,
            }),
            ast::Stmt::AugAssign(it) => StmtKind::AugAssign {
                target: self.expr(&it.target)?,
                operator: operator(it.op),
                value: self.expr(&it.value)?,
            },
            ast::Stmt::FunctionDef(it) => StmtKind::Function(Box::new(self.function(it)?)),
            ast::Stmt::ClassDef(it) => StmtKind::Class(Box::new(self.class(it)?)),
            ast::Stmt::If(it) => self.if_(it)?,
            ast::Stmt::For(it) => StmtKind::For(Box::new(For {
                target: self.expr(&it.target)?,
                iterable: self.expr(&it.iter)?,
                body: self.body(&it.body)?,
                otherwise: self.body(&it.orelse)?,
            })),
            ast::Stmt::While(it) => StmtKind::While {
                test: self.expr(&it.test)?,
                body: self.body(&it.body)?,
                otherwise: self.body(&it.orelse)?,
            },
            ast::Stmt::With(it) => StmtKind::With {
                items: it
                    .items
                    .iter()
                    .map(|item| self.with_item(item))
                    .collect::<Converted<_>>()?,
                body: self.body(&it.body)?,
            },
            ast::Stmt::Try(it) => StmtKind::Try(Box::new(Try {
                body: self.body(&it.body)?,
                handlers: it.handlers.iter().map(|h| self.handler(h)).collect::<Converted<_>>()?,
                otherwise: self.body(&it.orelse)?,
                finally: self.body(&it.finalbody)?,
            })),
            ast::Stmt::Match(it) => StmtKind::Match {
                subject: self.expr(&it.subject)?,
                cases: it.cases.iter().map(|case| self.case(case)).collect::<Converted<_>>()?,
            },
            ast::Stmt::Return(it) => StmtKind::Return(self.optional(it.value.as_deref())?),
            ast::Stmt::Expr(it) => StmtKind::Expr(self.expr(&it.value)?),
            ast::Stmt::Delete(it) => StmtKind::Delete(self.exprs(&it.targets)?),
            ast::Stmt::Global(it) => StmtKind::Global(it.names.iter().map(identifier).collect()),
            ast::Stmt::Nonlocal(it) => {
                StmtKind::Nonlocal(it.names.iter().map(identifier).collect())
            }
            ast::Stmt::Raise(it) => {
                StmtKind::Raise(self.all([it.exc.as_deref(), it.cause.as_deref()])?)
            }
            ast::Stmt::Assert(it) => {
                StmtKind::Assert(self.all([Some(&*it.test), it.msg.as_deref()])?)
            }
            ast::Stmt::Break(_) | ast::Stmt::Continue(_) => StmtKind::Jump,
            ast::Stmt::Pass(_) | ast::Stmt::TypeAlias(_) | ast::Stmt::IpyEscapeCommand(_) => {
                StmtKind::Other
            }
        })
    }

    fn function(&mut self, it: &ast::StmtFunctionDef) -> Converted<Function> {
        Ok(Function {
            name: identifier(&it.name),
            decorators: self.decorators(&it.decorator_list)?,
            parameters: self.parameters(&it.parameters)?,
            returns: self.optional(it.returns.as_deref())?,
            body: self.body(&it.body)?,
            is_async: it.is_async,
        })
    }

    fn class(&mut self, it: &ast::StmtClassDef) -> Converted<Class> {
        Ok(Class {
            name: identifier(&it.name),
            decorators: self.decorators(&it.decorator_list)?,
            arguments: it.arguments.as_ref().map_or(Ok(Vec::new()), |args| self.args(args))?,
            body: self.body(&it.body)?,
        })
    }

    fn if_(&mut self, it: &ast::StmtIf) -> Converted<StmtKind> {
        let mut branches = vec![Branch { test: self.expr(&it.test)?, body: self.body(&it.body)? }];
        let mut otherwise = None;
        for clause in &it.elif_else_clauses {
            let body = self.body(&clause.body)?;
            match &clause.test {
                Some(test) => branches.push(Branch { test: self.expr(test)?, body }),
                None => otherwise = Some(body),
            }
        }
        Ok(StmtKind::If { branches, otherwise })
    }

    fn with_item(&mut self, it: &ast::WithItem) -> Converted<WithItem> {
        Ok(WithItem {
            context: self.expr(&it.context_expr)?,
            target: self.optional(it.optional_vars.as_deref())?,
        })
    }

    fn handler(&mut self, handler: &ast::ExceptHandler) -> Converted<Handler> {
        let ast::ExceptHandler::ExceptHandler(it) = handler;
        Ok(Handler {
            exception: self.optional(it.type_.as_deref())?,
            name: it.name.as_ref().map(identifier),
            body: self.body(&it.body)?,
            span: span(it.range),
        })
    }

    fn case(&mut self, it: &ast::MatchCase) -> Converted<Case> {
        Ok(Case {
            pattern: self.pattern(&it.pattern)?,
            guard: self.optional(it.guard.as_deref())?,
            body: self.body(&it.body)?,
        })
    }

    fn pattern(&mut self, pattern: &ast::Pattern) -> Converted<Pattern> {
        let range = pattern.range();
        self.level(range, |this| this.pattern_kind(pattern, range))
    }

    fn pattern_kind(&mut self, pattern: &ast::Pattern, range: TextRange) -> Converted<Pattern> {
        Ok(match pattern {
            ast::Pattern::MatchValue(it) => Pattern::Value(self.expr(&it.value)?),
            ast::Pattern::MatchSingleton(it) => {
                let kind = match it.value {
                    ast::Singleton::None => ExprKind::None,
                    ast::Singleton::True => ExprKind::True,
                    ast::Singleton::False => ExprKind::False,
                };
                Pattern::Value(Expr { kind, span: span(range) })
            }
            ast::Pattern::MatchSequence(it) => Pattern::Parts(self.patterns(&it.patterns)?, None),
            ast::Pattern::MatchMapping(it) => {
                Pattern::Parts(self.patterns(&it.patterns)?, it.rest.as_ref().map(identifier))
            }
            ast::Pattern::MatchClass(it) => {
                let mut parts = self.patterns(&it.arguments.patterns)?;
                for keyword in &it.arguments.keywords {
                    parts.push(self.pattern(&keyword.pattern)?);
                }
                Pattern::Parts(parts, None)
            }
            ast::Pattern::MatchStar(it) => {
                Pattern::Parts(Vec::new(), it.name.as_ref().map(identifier))
            }
            ast::Pattern::MatchAs(it) => match (&it.pattern, &it.name) {
                (Some(inner), Some(name)) => {
                    Pattern::As(Box::new(self.pattern(inner)?), identifier(name))
                }
                (Some(inner), None) => self.pattern(inner)?,
                (None, name) => Pattern::Any(name.as_ref().map(identifier)),
            },
            ast::Pattern::MatchOr(it) => Pattern::Or(self.patterns(&it.patterns)?),
        })
    }

    fn patterns(&mut self, patterns: &[ast::Pattern]) -> Converted<Vec<Pattern>> {
        patterns.iter().map(|it| self.pattern(it)).collect()
    }

    fn decorators(&mut self, decorators: &[ast::Decorator]) -> Converted<Vec<Expr>> {
        decorators.iter().map(|it| self.expr(&it.expression)).collect()
    }

    fn parameters(&mut self, it: &ast::Parameters) -> Converted<Vec<Parameter>> {
        let mut parameters = Vec::with_capacity(it.len());
        let groups = [
            (&it.posonlyargs, ParameterKind::Positional, None),
            (&it.args, ParameterKind::Standard, it.vararg.as_deref()),
            (&it.kwonlyargs, ParameterKind::Keyword, it.kwarg.as_deref()),
        ];
        for (group, kind, rest) in groups {
            for it in group {
                let default = self.optional(it.default.as_deref())?;
                parameters.push(self.parameter(&it.parameter, kind, default)?);
            }
            if let Some(rest) = rest {
                let kind = match kind {
                    ParameterKind::Keyword => ParameterKind::KeywordRest,
                    _ => ParameterKind::Rest,
                };
                parameters.push(self.parameter(rest, kind, None)?);
            }
        }
        Ok(parameters)
    }

    fn parameter(
        &mut self,
        it: &ast::Parameter,
        kind: ParameterKind,
        default: Option<Expr>,
    ) -> Converted<Parameter> {
        let annotation = self.optional(it.annotation.as_deref())?;
        Ok(Parameter { name: identifier(&it.name), kind, annotation, default })
    }

    fn args(&mut self, it: &ast::Arguments) -> Converted<Vec<Arg>> {
        it.iter_source_order()
            .map(|arg| match arg {
                ast::ArgOrKeyword::Arg(value) => {
                    let (star, inner) = match value {
                        ast::Expr::Starred(it) => (Star::Positions, &*it.value),
                        other => (Star::No, other),
                    };
                    let span = span(value.range());
                    Ok(Arg { name: None, value: self.expr(inner)?, star, span })
                }
                ast::ArgOrKeyword::Keyword(keyword) => Ok(Arg {
                    name: keyword.arg.as_ref().map(identifier),
                    value: self.expr(&keyword.value)?,
                    star: if keyword.arg.is_some() { Star::No } else { Star::Keywords },
                    span: span(keyword.range),
                }),
            })
            .collect()
    }

    fn expr(&mut self, expr: &ast::Expr) -> Converted<Expr> {
        let range = expr.range();
        let kind = self.level(range, |it| it.expr_kind(expr))?;
        Ok(Expr { kind, span: span(range) })
    }

    fn boxed(&mut self, expr: &ast::Expr) -> Converted<Box<Expr>> {
        self.expr(expr).map(Box::new)
    }

    fn optional(&mut self, expr: Option<&ast::Expr>) -> Converted<Option<Expr>> {
        expr.map(|it| self.expr(it)).transpose()
    }

    fn exprs<'a>(
        &mut self,
        exprs: impl IntoIterator<Item = &'a ast::Expr>,
    ) -> Converted<Vec<Expr>> {
        exprs.into_iter().map(|it| self.expr(it)).collect()
    }

    fn all<'a, const N: usize>(
        &mut self,
        exprs: [Option<&'a ast::Expr>; N],
    ) -> Converted<Vec<Expr>> {
        self.exprs(exprs.into_iter().flatten())
    }

    fn expr_kind(&mut self, expr: &ast::Expr) -> Converted<ExprKind> {
        Ok(match expr {
            ast::Expr::StringLiteral(it) => {
                ExprKind::Str(literal::joined(it.value.iter(), self.text))
            }
            ast::Expr::FString(it) => ExprKind::FString(self.fstring(&it.value)?),
            ast::Expr::Name(it) => ExprKind::Name(it.id.to_string()),
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
            ast::Expr::UnaryOp(it) => {
                let operand = self.boxed(&it.operand)?;
                match it.op {
                    ast::UnaryOp::Not => ExprKind::Not(operand),
                    _ => ExprKind::Unary(operand),
                }
            }
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
                ExprKind::Compare(operands, it.ops.iter().map(comparison).collect())
            }
            ast::Expr::Subscript(it) => {
                ExprKind::Subscript(self.boxed(&it.value)?, self.boxed(&it.slice)?)
            }
            ast::Expr::Slice(it) => ExprKind::Slice(self.all([
                it.lower.as_deref(),
                it.upper.as_deref(),
                it.step.as_deref(),
            ])?),
            ast::Expr::Lambda(it) => ExprKind::Lambda(Box::new(Lambda {
                parameters: match &it.parameters {
                    Some(parameters) => self.parameters(parameters)?,
                    None => Vec::new(),
                },
                body: self.expr(&it.body)?,
            })),
            ast::Expr::ListComp(it) => {
                self.comprehension(ComprehensionKind::List, [Some(&*it.elt), None], &it.generators)?
            }
            ast::Expr::SetComp(it) => {
                self.comprehension(ComprehensionKind::Set, [Some(&*it.elt), None], &it.generators)?
            }
            ast::Expr::Generator(it) => self.comprehension(
                ComprehensionKind::Generator,
                [Some(&*it.elt), None],
                &it.generators,
            )?,
            ast::Expr::DictComp(it) => self.comprehension(
                ComprehensionKind::Dict,
                [it.key.as_deref(), Some(&*it.value)],
                &it.generators,
            )?,
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

fn identifier(it: &ast::Identifier) -> Spanned<String> {
    Spanned::new(it.id.to_string(), span(it.range))
}

fn aliases(names: &[ast::Alias]) -> Vec<Alias> {
    names
        .iter()
        .map(|it| Alias { name: identifier(&it.name), asname: it.asname.as_ref().map(identifier) })
        .collect()
}

const fn operator(it: ast::Operator) -> Operator {
    match it {
        ast::Operator::Add => Operator::Add,
        ast::Operator::Sub => Operator::Sub,
        ast::Operator::Mult => Operator::Mult,
        ast::Operator::MatMult => Operator::MatMult,
        ast::Operator::Div => Operator::Div,
        ast::Operator::FloorDiv => Operator::FloorDiv,
        ast::Operator::Mod => Operator::Mod,
        ast::Operator::Pow => Operator::Pow,
        ast::Operator::LShift => Operator::LShift,
        ast::Operator::RShift => Operator::RShift,
        ast::Operator::BitOr => Operator::BitOr,
        ast::Operator::BitXor => Operator::BitXor,
        ast::Operator::BitAnd => Operator::BitAnd,
    }
}

const fn comparison(it: &ast::CmpOp) -> Comparison {
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
