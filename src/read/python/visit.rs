//! Walks over a whole file, for questions that need neither scopes nor order of execution.

use super::tree::{Expr, Parameter, Pattern, Stmt, StmtKind};

/// Hands each statement of `body` to `visit`, those inside others after them, in the order of the
/// source.
pub fn each_stmt<'tree>(body: &'tree [Stmt], visit: &mut dyn FnMut(&'tree Stmt)) {
    for stmt in body {
        visit(stmt);
        for inner in bodies(stmt) {
            each_stmt(inner, visit);
        }
    }
}

/// Hands each expression of `body` to `visit`, however deep it stands, in no order to rely on.
pub fn each_expr<'tree>(body: &'tree [Stmt], visit: &mut dyn FnMut(&'tree Expr)) {
    each_stmt(body, &mut |stmt| {
        for expr in expressions(stmt) {
            with_children(expr, visit);
        }
    });
}

/// Hands `expr` and each expression inside to `visit`.
pub fn with_children<'tree>(expr: &'tree Expr, visit: &mut dyn FnMut(&'tree Expr)) {
    visit(expr);
    let mut children = Vec::new();
    expr.each_child(&mut |child| children.push(child));
    for child in children {
        with_children(child, visit);
    }
}

/// The lists of statements directly inside `stmt`.
fn bodies(stmt: &Stmt) -> Vec<&[Stmt]> {
    match &stmt.kind {
        StmtKind::Function(it) => vec![it.body.as_slice()],
        StmtKind::Class(it) => vec![it.body.as_slice()],
        StmtKind::If { branches, otherwise } => {
            let branches = branches.iter().map(|branch| branch.body.as_slice());
            branches.chain(otherwise.as_deref()).collect()
        }
        StmtKind::For(it) => vec![it.body.as_slice(), it.otherwise.as_slice()],
        StmtKind::While { body, otherwise, .. } => vec![body.as_slice(), otherwise.as_slice()],
        StmtKind::With { body, .. } => vec![body.as_slice()],
        StmtKind::Try(it) => {
            let handlers = it.handlers.iter().map(|handler| handler.body.as_slice());
            let rest = [it.otherwise.as_slice(), it.finally.as_slice()];
            std::iter::once(it.body.as_slice()).chain(handlers).chain(rest).collect()
        }
        StmtKind::Match { cases, .. } => cases.iter().map(|case| case.body.as_slice()).collect(),
        _ => Vec::new(),
    }
}

/// The expressions directly in `stmt`, not those of the statements inside it.
fn expressions(stmt: &Stmt) -> Vec<&Expr> {
    match &stmt.kind {
        StmtKind::Assign(it) => it.targets.iter().chain(&it.annotation).chain(&it.value).collect(),
        StmtKind::AugAssign { target, value, .. } => vec![target, value],
        StmtKind::Function(it) => {
            let parameters = it.parameters.iter().flat_map(of_parameter);
            it.decorators.iter().chain(parameters).chain(&it.returns).collect()
        }
        StmtKind::Class(it) => {
            it.decorators.iter().chain(it.arguments.iter().map(|arg| &arg.value)).collect()
        }
        StmtKind::If { branches, .. } => branches.iter().map(|branch| &branch.test).collect(),
        StmtKind::For(it) => vec![&it.target, &it.iterable],
        StmtKind::While { test, .. } => vec![test],
        StmtKind::With { items, .. } => items
            .iter()
            .flat_map(|item| std::iter::once(&item.context).chain(&item.target))
            .collect(),
        StmtKind::Try(it) => {
            it.handlers.iter().filter_map(|handler| handler.exception.as_ref()).collect()
        }
        StmtKind::Match { subject, cases } => {
            let mut all = vec![subject];
            for case in cases {
                of_pattern(&case.pattern, &mut all);
                all.extend(&case.guard);
            }
            all
        }
        StmtKind::Return(value) => value.iter().collect(),
        StmtKind::Expr(value) => vec![value],
        StmtKind::Delete(values) | StmtKind::Raise(values) | StmtKind::Assert(values) => {
            values.iter().collect()
        }
        StmtKind::Import(_)
        | StmtKind::ImportFrom(_)
        | StmtKind::Global(_)
        | StmtKind::Nonlocal(_)
        | StmtKind::Jump
        | StmtKind::Other => Vec::new(),
    }
}

fn of_parameter(parameter: &Parameter) -> impl Iterator<Item = &Expr> {
    parameter.annotation.iter().chain(&parameter.default)
}

fn of_pattern<'tree>(pattern: &'tree Pattern, out: &mut Vec<&'tree Expr>) {
    match pattern {
        Pattern::Value(value) => out.push(value),
        Pattern::Any(_) => {}
        Pattern::As(inner, _) => of_pattern(inner, out),
        Pattern::Or(parts) | Pattern::Parts(parts, _) => {
            for part in parts {
                of_pattern(part, out);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::parse;
    use super::*;

    #[test]
    fn every_name_is_met() {
        let source = "
@a1
def f(x: a2 = a3) -> a4:
    with a5 as a6: a7 += a8
    for a9 in a10:
        while a11: return a12
    else: del a13
@a14
class C(a15, m=a16):
    if a17: assert a18, a19
    elif a20: raise a21 from a22
    else: f'{a23:{a24}}'
try: lambda p=a25: a26
except a27: [a28 for a29 in a30 if a31]
else: a32.b[a33]
finally: (a34 := a35)
match a36:
    case {'k': a37.b} | C(a38.b) if a39: a40: a41 = a42
";
        let module = parse(source).unwrap();
        assert!(module.errors.is_empty());
        let mut names = Vec::new();
        each_expr(&module.body, &mut |expr| names.extend(expr.as_name().map(str::to_owned)));
        let missing: Vec<String> =
            (1..=42).map(|it| format!("a{it}")).filter(|name| !names.contains(name)).collect();
        assert_eq!(missing, Vec::<String>::new());
    }
}
