//! What a tag does.

use super::Fault;
use super::expression::{Parsed, Parser};
use super::lexer::Token;
use super::tree::{Expr, Parameter, StatementKind, Target};
use crate::text::Span;

/// The name of a tag as it was written, and what it does.
type Tag<'a> = (&'a str, StatementKind);

/// `{{ … }}`
pub(super) fn output<'a>(text: &'a str, tokens: &'a [Token], span: Span) -> Result<Tag<'a>, Fault> {
    let mut parser = Parser::new(text, tokens, span);
    let value = parser.expressions()?;
    finished(&parser)?;
    Ok(("", StatementKind::Value(value)))
}

/// `{% … %}`, except `raw`.
pub(super) fn tag<'a>(text: &'a str, tokens: &'a [Token], span: Span) -> Result<Tag<'a>, Fault> {
    let mut parser = Parser::new(text, tokens, span);
    let name = parser.word();
    parser.name()?;
    let kind = body(&mut parser, name)?;
    finished(&parser)?;
    Ok((name, kind))
}

fn finished(parser: &Parser<'_>) -> Parsed<()> {
    if parser.is_done() { Ok(()) } else { parser.unexpected() }
}

fn body(parser: &mut Parser<'_>, name: &str) -> Parsed<StatementKind> {
    Ok(match name {
        "set" => set(parser)?,
        "if" => StatementKind::If(parser.unconditional()?),
        "elif" => StatementKind::Elif(parser.unconditional()?),
        "else" => StatementKind::Else,
        "for" => {
            let target = targets(parser)?;
            parser.expect("in")?;
            let iterable = parser.unconditional()?;
            let condition = if parser.skip("if") { Some(parser.expression()?) } else { None };
            parser.skip("recursive");
            StatementKind::For { targets: target, iterable, condition }
        }
        "macro" => {
            let name = parser.name()?;
            StatementKind::Macro { name, parameters: parameters(parser)? }
        }
        "call" => {
            let parameters = if parser.word() == "(" { parameters(parser)? } else { Vec::new() };
            StatementKind::Call { parameters, call: parser.expression()? }
        }
        "filter" => StatementKind::Block(vec![parser.filter(None, usize::MAX)?]),
        "with" => {
            let mut values = Vec::new();
            while !parser.is_done() {
                if !values.is_empty() {
                    parser.expect(",")?;
                }
                let target = target(parser)?;
                parser.expect("=")?;
                values.push((target, parser.expression()?));
            }
            StatementKind::With(values)
        }
        "block" => {
            parser.name()?;
            parser.skip("scoped");
            parser.skip("required");
            StatementKind::Block(Vec::new())
        }
        "autoescape" => StatementKind::Block(vec![parser.expression()?]),
        "include" => {
            let value = parser.expression()?;
            parser.drain();
            StatementKind::Value(value)
        }
        "extends" | "do" | "print" => StatementKind::Value(parser.expressions()?),
        "import" => {
            parser.expression()?;
            parser.expect("as")?;
            let name = parser.name()?.node;
            parser.drain();
            StatementKind::Import(vec![name])
        }
        "from" => from_import(parser)?,
        "endblock" => {
            parser.drain();
            StatementKind::End
        }
        "endset" | "endif" | "endfor" | "endmacro" | "endcall" | "endfilter" | "endwith"
        | "endautoescape" => StatementKind::End,
        _ => {
            parser.drain();
            StatementKind::Other
        }
    })
}

fn set(parser: &mut Parser<'_>) -> Parsed<StatementKind> {
    let mut all = targets(parser)?;
    if parser.skip("=") {
        return Ok(StatementKind::Set(all, parser.expressions()?));
    }
    if parser.skip("|") {
        parser.filter(None, usize::MAX)?;
    }
    match all.pop() {
        Some(only) if all.is_empty() => Ok(StatementKind::SetBlock(only)),
        _ => parser.unexpected(),
    }
}

/// Targets with commas between: of several, each is a part.
fn targets(parser: &mut Parser<'_>) -> Parsed<Vec<Target>> {
    let mut all = vec![target(parser)?];
    while parser.skip(",") {
        // A comma may stand behind the last.
        if ["in", "="].contains(&parser.word()) {
            break;
        }
        all.push(target(parser)?);
    }
    Ok(all)
}

fn target(parser: &mut Parser<'_>) -> Parsed<Target> {
    if parser.skip("(") {
        let parts = parser.deeper(targets)?;
        parser.expect(")")?;
        return Ok(Target::Parts(parts));
    }
    let name = parser.name()?.node;
    if parser.skip(".") {
        parser.name()?;
        return Ok(Target::Attribute);
    }
    Ok(Target::Name(name))
}

fn parameters(parser: &mut Parser<'_>) -> Parsed<Vec<Parameter>> {
    let mut parameters = Vec::new();
    parser.expect("(")?;
    while parser.word() != ")" {
        let name = parser.name()?.node;
        let default: Option<Expr> =
            if parser.skip("=") { Some(parser.expression()?) } else { None };
        parameters.push(Parameter { name, default });
        if !parser.skip(",") {
            break;
        }
    }
    parser.expect(")")?;
    Ok(parameters)
}

fn from_import(parser: &mut Parser<'_>) -> Parsed<StatementKind> {
    parser.expression()?;
    parser.expect("import")?;
    let mut names = Vec::new();
    while !parser.is_done() && !["with", "without"].contains(&parser.word()) {
        let mut name = parser.name()?.node;
        if parser.skip("as") {
            name = parser.name()?.node;
        }
        names.push(name);
        if !parser.skip(",") {
            break;
        }
    }
    parser.drain();
    Ok(StatementKind::Import(names))
}
