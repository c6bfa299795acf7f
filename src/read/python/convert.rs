//! From the parser's tree to ours: statements. It counts the levels it goes down, so that whatever walks or
//! drops the result knows how deep it can be.

use ruff_python_ast as ast;
use ruff_text_size::{Ranged, TextRange};

use super::tree::{
    Alias, Arg, Assign, Branch, Case, Class, Expr, ExprKind, For, Function, Handler, ImportFrom,
    Name, Operator, Parameter, ParameterKind, Pattern, Star, Stmt, StmtKind, Try, WithItem,
};
use super::{Limit, TooDeep, span};
use crate::text::Spanned;

/// The guard lets at most 3,000 operators, 200 brackets and 100 blocks be open at once.
const MAX_LEVELS: usize = 4_000;

pub(super) type Converted<T> = Result<T, TooDeep>;

/// Converts the statements of a file.
pub(super) fn module(module: &ast::Mod, text: &str) -> Converted<Vec<Stmt>> {
    let mut convert = Convert { text, levels: 0 };
    match module {
        ast::Mod::Module(module) => convert.body(&module.body),
        ast::Mod::Expression(_) => Ok(Vec::new()),
    }
}

pub(super) struct Convert<'text> {
    pub(super) text: &'text str,
    levels: usize,
}

impl Convert<'_> {
    /// Goes one level down for `inside`, if there is one.
    pub(super) fn level<T>(
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

    pub(super) fn parameters(&mut self, it: &ast::Parameters) -> Converted<Vec<Parameter>> {
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

    pub(super) fn args(&mut self, it: &ast::Arguments) -> Converted<Vec<Arg>> {
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
}

pub(super) fn identifier(it: &ast::Identifier) -> Spanned<Name> {
    Spanned::new(it.id.clone(), span(it.range))
}

fn aliases(names: &[ast::Alias]) -> Vec<Alias> {
    names
        .iter()
        .map(|it| Alias { name: identifier(&it.name), asname: it.asname.as_ref().map(identifier) })
        .collect()
}

pub(super) const fn operator(it: ast::Operator) -> Operator {
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
