//! The one walk over a file that collects its [`Scopes`]. Nothing is judged here.

use std::cell::OnceCell;

use super::modules::Locals;
use super::names::{Entity, Question};
use super::scope::{
    Arm, Assigned, Binding, Block, BlockId, Bound, CallSite, Guard, MODULE, Outer, Place, Scope,
    ScopeId, ScopeKind, Scopes, at,
};
use super::sites::Sites;
use super::{Conversion, templates};
use crate::hash::{HashMap, HashSet};
use crate::read::python::tree::{
    Arg, Assign, Branch, Call, Class, Comparison, Comprehension, ComprehensionKind, Expr, ExprKind,
    For, Function, Handler, ImportFrom, Lambda, Name, Parameter, ParameterKind, Pattern, Stmt,
    StmtKind, Try, WithItem,
};
use crate::text::{Span, Spanned, Text};

impl<'tree> Scopes<'tree> {
    /// Walks over the statements of the file `below` its project.
    pub(super) fn new(body: &'tree [Stmt], locals: &'tree Locals, below: &'tree str) -> Self {
        let mut scopes = Self {
            below,
            list: Vec::new(),
            blocks: vec![Block {
                parent: None,
                arm: None,
                repeats: None,
                never: false,
                skips: false,
            }],
            loops: HashMap::default(),
            calls: Vec::new(),
            mentions: Vec::new(),
            stores: Vec::new(),
            subscripts: Vec::new(),
            deleted: Vec::new(),
            read: HashSet::default(),
            grown: Vec::new(),
            assigned: Vec::new(),
            changes: Sites::default(),
            named: Vec::new(),
            dicts: Vec::new(),
            returns: Vec::new(),
            returned: HashMap::default(),
            receivers: Vec::new(),
            imports: Vec::new(),
            addresses: Vec::new(),
            tests: HashMap::default(),
            guards: Vec::new(),
            entered: Vec::new(),
            dags: OnceCell::new(),
            generators: HashSet::default(),
            dropped: HashSet::default(),
            strings: Vec::new(),
            docstrings: Vec::new(),
            decorators: Vec::new(),
            lambdas: HashMap::default(),
            comprehensions: HashMap::default(),
            locals,
            postponed: body.iter().any(postpones_annotations),
        };
        let scope = scopes.scope(ScopeKind::Module, None, BlockId(0));
        scopes.body(body, Place { scope, block: BlockId(0), at: 0 });
        for (function, value, place) in &scopes.returns {
            scopes.returned.entry(*function).or_default().push((value, *place));
        }
        scopes.assign_attributes();
        scopes.changes = Sites::of(&scopes);
        scopes
    }

    /// Gives the classes of the file what is assigned to their attributes from outside.
    fn assign_attributes(&mut self) {
        let mut found = Vec::new();
        for it in &self.assigned {
            for entity in Question::new(self).entities(it.owner, it.place) {
                let Entity::Class(class) = entity else { continue };
                // Of an instance nobody knows which.
                let is_itself = self.get(class).is_some_and(|scope| match scope.kind {
                    ScopeKind::Class(class) => it.owner.as_name() == Some(&class.name.node),
                    _ => false,
                });
                let block = is_itself.then_some(it.place.block);
                let (bound, place) = (it.bound.clone(), it.place);
                found.push((class, it.name, Binding { bound, at: place.at, block, place }));
            }
        }
        for (class, name, binding) in found {
            let Some(class) = self.list.get_mut(class.0) else { continue };
            match name {
                Some(name) => class.attributes.entry(name).or_default().push(binding),
                None => class.is_open = true,
            }
        }
    }

    fn scope(&mut self, kind: ScopeKind<'tree>, parent: Option<ScopeId>, root: BlockId) -> ScopeId {
        self.list.push(Scope {
            kind,
            parent,
            root,
            names: HashMap::default(),
            outer: HashMap::default(),
            attributes: HashMap::default(),
            is_open: false,
            stars: Vec::new(),
        });
        ScopeId(self.list.len() - 1)
    }

    /// A block inside `place` that may not run.
    fn block(&mut self, place: Place, arm: Option<Arm>, repeats: Option<Span>) -> BlockId {
        let never = self.is_never(place.block);
        self.blocks.push(Block { parent: Some(place.block), arm, repeats, never, skips: false });
        BlockId(self.blocks.len() - 1)
    }

    fn never(&mut self, block: BlockId) {
        if let Some(block) = self.blocks.get_mut(block.0) {
            block.never = true;
        }
    }

    fn body(&mut self, body: &'tree [Stmt], mut place: Place) {
        let mut dead = false;
        for stmt in body {
            if dead {
                place.block = self.block(place, None, None);
                self.never(place.block);
            }
            self.stmt(stmt, place);
            dead = matches!(stmt.kind, StmtKind::Return(_) | StmtKind::Raise(_) | StmtKind::Jump);
        }
    }

    fn stmt(&mut self, stmt: &'tree Stmt, place: Place) {
        let end = stmt.span.end;
        match &stmt.kind {
            StmtKind::Import(names) => {
                for alias in names {
                    let path = alias.name.node.as_str();
                    let first = path.split('.').next().unwrap_or(path);
                    let (name, path) =
                        alias.asname.as_ref().map_or((first, first), |it| (it.node.as_str(), path));
                    self.bind(name, Bound::Import(path.to_owned()), end, place);
                    self.imports.push((alias.name.node.to_string(), Place { at: end, ..place }));
                }
            }
            StmtKind::ImportFrom(it) => self.import_from(it, end, place),
            StmtKind::Assign(it) => self.assign(it, end, place),
            StmtKind::AugAssign { target, operator, value } => {
                self.expr(value, place);
                self.grown.push((target, value, Place { at: end, ..place }));
                self.target(target, &Bound::Grown(target, *operator, value), end, place);
            }
            StmtKind::Function(it) => self.function(it, end, place),
            StmtKind::Class(it) => self.class(it, end, place),
            StmtKind::If { branches, otherwise } => {
                self.if_(branches, otherwise.as_deref(), stmt.span.start, place);
            }
            StmtKind::For(it) => self.for_(it, stmt.span, place),
            StmtKind::While { test, body, otherwise } => {
                let block = self.block(place, None, Some(stmt.span));
                self.expr(test, Place { block, ..place });
                self.body(body, Place { block, ..place });
                self.body(otherwise, place);
            }
            StmtKind::With { items, body } => {
                for item in items {
                    self.expr(&item.context, place);
                    let inside = body.first().zip(body.last());
                    let inside = inside.map(|(first, last)| first.span.cover(last.span));
                    let context = &item.context;
                    self.entered.extend(inside.map(|it| (context, it, at(context, place))));
                    if let Some(target) = &item.target {
                        let bound = match &item.context.kind {
                            ExprKind::Call(call)
                                if call.function.last_name().is_some_and(gives_itself) =>
                            {
                                Bound::Value(&item.context)
                            }
                            _ => Bound::Unknown,
                        };
                        self.target(target, &bound, item.context.span.end, place);
                    }
                }
                let suppressed = items.iter().flat_map(suppressed).collect();
                self.guard(body, &[], suppressed, place);
                self.body(body, place);
            }
            StmtKind::Try(it) => self.try_(it, stmt.span.start, place),
            StmtKind::Match { subject, cases } => {
                self.expr(subject, place);
                let exhaustive = cases.last().is_some_and(|case| {
                    case.guard.is_none() && matches!(case.pattern, Pattern::Any(_))
                });
                let all = exhaustive.then_some(cases.len());
                for (number, case) in cases.iter().enumerate() {
                    let arm = Arm { statement: stmt.span.start, number, all };
                    let block = self.block(place, Some(arm), None);
                    let place = Place { block, ..place };
                    self.pattern(&case.pattern, stmt.span.start, place);
                    case.guard.iter().for_each(|guard| self.expr(guard, place));
                    self.body(&case.body, place);
                }
            }
            StmtKind::Return(value) => {
                if let Some(value) = value {
                    self.returns.push((place.scope, value, at(value, place)));
                    self.expr(value, place);
                }
            }
            StmtKind::Expr(value) => {
                self.docstrings.extend(value.as_str().map(|_| value.span));
                self.dropped.insert(value.span);
                self.expr(value, place);
            }
            StmtKind::Raise(values) | StmtKind::Assert(values) => {
                for value in values {
                    self.expr(value, place);
                }
            }
            StmtKind::Global(names) => self.send_out(names, Outer::Global, place),
            StmtKind::Nonlocal(names) => self.send_out(names, Outer::Nonlocal, place),
            StmtKind::Delete(targets) => {
                self.deleted.extend(targets.iter().map(|it| (it, Place { at: end, ..place })));
            }
            StmtKind::Jump => self.jump(place),
            StmtKind::Other => {}
        }
    }

    /// A turn of the loop around may end here.
    fn jump(&mut self, place: Place) {
        let turn = self.enclosing(place.block).find(|it| self.repeats(*it).is_some());
        if let Some(turn) = turn.and_then(|it| self.blocks.get_mut(it.0)) {
            turn.skips = true;
        }
    }

    fn import_from(&mut self, it: &'tree ImportFrom, end: usize, place: Place) {
        let dots = ".".repeat(it.level as usize);
        let module = format!("{dots}{}", it.module.as_ref().map_or("", |it| &it.node));
        for alias in &it.names {
            let name = alias.name.node.as_str();
            if name == "*" {
                if let Some(scope) = self.list.get_mut(place.scope.0) {
                    scope.stars.push(module.clone());
                }
                self.imports.push((module.clone(), Place { at: end, ..place }));
                continue;
            }
            let separator = if module.ends_with('.') || module.is_empty() { "" } else { "." };
            let path = format!("{module}{separator}{name}");
            let bound_name = alias.asname.as_ref().map_or(name, |it| it.node.as_str());
            self.imports.push((path.clone(), Place { at: end, ..place }));
            self.bind(bound_name, Bound::Import(path), end, place);
        }
    }

    fn assign(&mut self, it: &'tree Assign, end: usize, place: Place) {
        let evaluates_annotation = matches!(
            self.get(place.scope).map(|scope| scope.kind),
            Some(ScopeKind::Module | ScopeKind::Class(_))
        );
        if evaluates_annotation {
            self.annotation(it.annotation.as_ref(), place);
        }
        let Some(value) = &it.value else { return };
        self.expr(value, place);
        for target in &it.targets {
            self.target(target, &Bound::Value(value), end, place);
        }
    }

    fn if_(
        &mut self,
        branches: &'tree [Branch],
        otherwise: Option<&'tree [Stmt]>,
        start: usize,
        place: Place,
    ) {
        let tests = branches.iter().map(|it| &it.test).collect();
        self.tests.insert(start, (tests, place));
        let all = otherwise.as_ref().map(|_| branches.len() + 1);
        let arm = |number| Some(Arm { statement: start, number, all });
        let mut rest_is_never = false;
        for (number, branch) in branches.iter().enumerate() {
            self.expr(&branch.test, place);
            let block = self.block(place, arm(number), None);
            let truth = self.at_import(&branch.test, place);
            if rest_is_never || truth == Some(false) {
                self.never(block);
            }
            rest_is_never |= truth == Some(true);
            self.body(&branch.body, Place { block, ..place });
        }
        if let Some(otherwise) = otherwise {
            let block = self.block(place, arm(branches.len()), None);
            if rest_is_never {
                self.never(block);
            }
            self.body(otherwise, Place { block, ..place });
        }
    }

    /// Whether a condition is certain to hold, or not to hold, when Airflow imports the file.
    fn at_import(&self, test: &Expr, place: Place) -> Option<bool> {
        match &test.kind {
            ExprKind::Name(name) if name == CHECKING => Some(false),
            ExprKind::Attribute(_, name) if name.node == CHECKING => Some(false),
            ExprKind::Name(name) => match self.only_binding(name, place)? {
                Bound::Import(path) => path.ends_with(".TYPE_CHECKING").then_some(false),
                // What it is made of was bound before: this ends.
                Bound::Value(value) if value.span.end <= test.span.start => {
                    self.at_import(value, place)
                }
                _ => None,
            },
            ExprKind::False => Some(false),
            ExprKind::True => Some(true),
            ExprKind::Number(number) if number == "0" => Some(false),
            ExprKind::Not(inner) => self.at_import(inner, place).map(|it| !it),
            ExprKind::And(parts) => {
                let fails = |it| self.at_import(it, place) == Some(false);
                parts.iter().any(fails).then_some(false)
            }
            ExprKind::Compare(parts, operators) => match (parts.as_slice(), operators.as_slice()) {
                ([left, right], [operator]) => compared(left, *operator, right),
                _ => None,
            },
            _ => None,
        }
    }

    /// What a name of the module is bound to, the only time that it is so far.
    fn only_binding(&self, name: &str, place: Place) -> Option<&Bound<'tree>> {
        let local = self.get(place.scope)?.bindings(name);
        let bindings = if local.is_empty() { self.get(MODULE)?.bindings(name) } else { local };
        match bindings {
            [only] if only.block == Some(BlockId(0)) => Some(&only.bound),
            _ => None,
        }
    }

    fn for_(&mut self, it: &'tree For, span: Span, place: Place) {
        self.expr(&it.iterable, place);
        let block = self.block(place, None, Some(span));
        let inside = Place { block, ..place };
        self.loops.insert(block, vec![(&it.iterable, place)]);
        self.target(&it.target, &Bound::Element(&it.iterable), it.iterable.span.end, inside);
        self.body(&it.body, inside);
        self.body(&it.otherwise, place);
    }

    /// The statements tried count as run; a handler may run besides.
    fn try_(&mut self, it: &'tree Try, start: usize, place: Place) {
        self.guard(&it.body, &it.handlers, Vec::new(), place);
        self.body(&it.body, place);
        for (number, handler) in it.handlers.iter().enumerate() {
            let arm = Arm { statement: start, number, all: None };
            let block = self.block(place, Some(arm), None);
            let place = Place { block, ..place };
            if let Some(exception) = &handler.exception {
                self.expr(exception, place);
            }
            if let Some(name) = &handler.name {
                self.bind(&name.node, Bound::Unknown, handler.span.start, place);
            }
            self.body(&handler.body, place);
        }
        self.body(&it.otherwise, place);
        self.body(&it.finally, place);
    }

    fn guard(
        &mut self,
        statements: &'tree [Stmt],
        handlers: &'tree [Handler],
        suppressed: Vec<&'tree Expr>,
        place: Place,
    ) {
        if let (Some(first), Some(last)) = (statements.first(), statements.last())
            && (!handlers.is_empty() || !suppressed.is_empty())
        {
            let body = first.span.cover(last.span);
            self.guards.push(Guard { statements, body, place, handlers, suppressed });
        }
    }

    fn pattern(&mut self, pattern: &'tree Pattern, at: usize, place: Place) {
        let name = match pattern {
            Pattern::Value(value) => {
                self.expr(value, place);
                return;
            }
            Pattern::Any(name) => name.as_ref(),
            Pattern::As(inner, name) => {
                self.pattern(inner, at, place);
                Some(name)
            }
            Pattern::Or(parts) => {
                for part in parts {
                    self.pattern(part, at, place);
                }
                None
            }
            Pattern::Parts(parts, rest) => {
                for part in parts {
                    self.pattern(part, at, place);
                }
                rest.as_ref()
            }
        };
        if let Some(name) = name {
            self.bind(&name.node, Bound::Unknown, at, place);
        }
    }

    fn function(&mut self, it: &'tree Function, end: usize, place: Place) {
        for decorator in &it.decorators {
            self.expr(decorator, place);
        }
        self.signature(&it.parameters, place);
        self.annotation(it.returns.as_ref(), place);
        let scope = self.callable(ScopeKind::Function(it), place);
        let decorators = it.decorators.iter();
        self.decorators.extend(decorators.map(|it| (it, at(it, place), scope)));
        self.parameters(&it.parameters, scope, self.itself(it, place));
        if let Some(root) = self.get(scope).map(|it| it.root) {
            self.body(&it.body, Place { scope, block: root, at: 0 });
        }
        self.bind(&it.name.node, Bound::Scope(scope), end, place);
    }

    /// The class that the first parameter of a method stands for.
    fn itself(&self, function: &Function, place: Place) -> Option<ScopeId> {
        let is_class = matches!(self.get(place.scope)?.kind, ScopeKind::Class(_));
        let is_static =
            function.decorators.iter().any(|decorator| decorator.as_name() == Some("staticmethod"));
        (is_class && !is_static).then_some(place.scope)
    }

    /// A scope that runs when something calls it.
    fn callable(&mut self, kind: ScopeKind<'tree>, place: Place) -> ScopeId {
        let never = self.is_never(place.block);
        self.blocks.push(Block { parent: None, arm: None, repeats: None, never, skips: false });
        let root = BlockId(self.blocks.len() - 1);
        self.scope(kind, Some(place.scope), root)
    }

    /// Defaults and annotations, which run where the function is defined.
    fn signature(&mut self, parameters: &'tree [Parameter], place: Place) {
        for parameter in parameters {
            let text = parameter.default.as_ref().and_then(Expr::as_str);
            self.named.extend(text.map(|text| (parameter.name.node.as_str(), text)));
            parameter.default.iter().for_each(|it| self.expr(it, place));
            self.annotation(parameter.annotation.as_ref(), place);
        }
    }

    fn annotation(&mut self, annotation: Option<&'tree Expr>, place: Place) {
        if let Some(annotation) = annotation
            && !self.postponed
        {
            self.expr(annotation, place);
        }
    }

    fn parameters(
        &mut self,
        parameters: &'tree [Parameter],
        scope: ScopeId,
        itself: Option<ScopeId>,
    ) {
        let Some(block) = self.get(scope).map(|it| it.root) else { return };
        let place = Place { scope, block, at: 0 };
        for (number, parameter) in parameters.iter().enumerate() {
            let bound = match (itself, parameter.kind) {
                (Some(class), _) if number == 0 => Bound::Itself(class),
                (_, ParameterKind::Rest) => Bound::Rest(scope),
                (_, ParameterKind::KeywordRest) => Bound::Keywords(scope),
                _ => Bound::Parameter(scope, number),
            };
            self.bind(&parameter.name.node, bound, 0, place);
        }
    }

    fn class(&mut self, it: &'tree Class, end: usize, place: Place) {
        for decorator in &it.decorators {
            self.expr(decorator, place);
        }
        self.arguments(&it.arguments, place);
        // A class body runs in one go with the code around it.
        let block = self.block(place, None, None);
        let scope = self.scope(ScopeKind::Class(it), Some(place.scope), block);
        let decorators = it.decorators.iter();
        self.decorators.extend(decorators.map(|it| (it, at(it, place), scope)));
        self.body(&it.body, Place { scope, block, at: 0 });
        self.bind(&it.name.node, Bound::Scope(scope), end, place);
    }

    fn arguments(&mut self, arguments: &'tree [Arg], place: Place) {
        for arg in arguments {
            self.expr(&arg.value, place);
        }
    }

    fn expr(&mut self, expr: &'tree Expr, place: Place) {
        self.converted(expr, None, place);
    }

    /// An expression, and the conversion directly around it.
    fn converted(&mut self, expr: &'tree Expr, conversion: Option<Conversion>, place: Place) {
        if templates::may_hold_one(expr) {
            self.strings.push((expr, at(expr, place)));
        }
        match &expr.kind {
            ExprKind::Call(call) => {
                let place = at(expr, place);
                let called = OnceCell::new();
                self.calls.push(CallSite { call, span: expr.span, place, conversion, called });
                self.set_attribute(call, Place { at: expr.span.end, ..place });
                self.import_by_call(call, Place { at: expr.span.end, ..place });
                self.callee(&call.function, expr.span, place);
                let conversion = conversion_by(&call.function, expr.span);
                for (number, arg) in call.arguments.iter().enumerate() {
                    let conversion = conversion.filter(|_| number == 0);
                    self.converted(&arg.value, conversion, place);
                }
            }
            ExprKind::Name(name) => {
                self.read.insert(name);
                self.mentions.push((expr, at(expr, place)));
            }
            ExprKind::Str(text) if text.expose().contains("://") => self.addresses.push(text),
            ExprKind::Dict(pairs) => {
                self.dicts.push((pairs, at(expr, place)));
                for (key, value) in pairs {
                    if let Some(key) = key {
                        self.expr(key, place);
                    }
                    self.expr(value, place);
                }
            }
            ExprKind::Attribute(value, _) => {
                self.mentions.push((expr, at(expr, place)));
                self.receiver(value, place);
                self.callee(value, expr.span, place);
            }
            ExprKind::Await(value) => self.converted(value, conversion, place),
            ExprKind::Lambda(lambda) => self.lambda(lambda, expr.span, place),
            ExprKind::Comprehension(it) => self.comprehended(it, expr.span, place),
            ExprKind::Named(target, value) => {
                self.expr(value, place);
                let scope = self.outside_comprehensions(place.scope);
                self.target(target, &Bound::Value(value), expr.span.end, Place { scope, ..place });
            }
            _ => {
                if let ExprKind::Subscript(..) = expr.kind {
                    self.subscripts.push((expr, at(expr, place)));
                }
                if let ExprKind::Yield(_) = expr.kind {
                    self.generators.extend(self.owner(place.scope));
                }
                expr.each_child(&mut |child| self.expr(child, place));
            }
        }
    }

    /// `importlib.import_module("a.b")`
    fn import_by_call(&mut self, call: &'tree Call, place: Place) {
        if let Some("import_module" | "__import__") = call.function.last_name()
            && let Some(path) = call.positional(0).and_then(|it| it.value.as_str())
        {
            self.imports.push((path.expose().to_owned(), place));
        }
    }

    /// `setattr(owner, "name", value)`
    fn set_attribute(&mut self, call: &'tree Call, place: Place) {
        let argument = |number| call.positional(number).map(|arg| &arg.value);
        if call.function.as_name() == Some("setattr")
            && let (Some(owner), Some(name), Some(value)) = (argument(0), argument(1), argument(2))
        {
            let name = name.as_str().map(Text::expose);
            self.assigned.push(Assigned { owner, name, bound: Bound::Value(value), place });
        }
    }

    /// What is called, or what an attribute is taken of: not a mention by itself.
    fn callee(&mut self, function: &'tree Expr, call: Span, place: Place) {
        match &function.kind {
            ExprKind::Name(name) => {
                self.read.insert(name);
            }
            ExprKind::Attribute(value, method) => {
                self.receiver(value, place);
                let method = CONVERTING_METHODS.iter().find(|name| **name == method.node);
                let conversion =
                    method.map(|name| Conversion { function: name, is_strict: false, span: call });
                match value.kind {
                    ExprKind::Name(_) | ExprKind::Attribute(..) => self.callee(value, call, place),
                    _ => self.converted(value, conversion, place),
                }
            }
            _ => self.expr(function, place),
        }
    }

    fn receiver(&mut self, value: &'tree Expr, place: Place) {
        if let ExprKind::Attribute(..) = value.kind {
            self.receivers.push((value, at(value, place)));
        }
    }

    fn lambda(&mut self, lambda: &'tree Lambda, span: Span, place: Place) {
        self.signature(&lambda.parameters, place);
        let scope = self.callable(ScopeKind::Lambda(lambda), place);
        self.lambdas.insert(span, scope);
        self.parameters(&lambda.parameters, scope, None);
        if let Some(block) = self.get(scope).map(|it| it.root) {
            let inside = Place { scope, block, at: 0 };
            self.returns.push((scope, &lambda.body, at(&lambda.body, inside)));
            self.expr(&lambda.body, inside);
        }
    }

    fn comprehended(&mut self, it: &'tree Comprehension, span: Span, place: Place) {
        let is_filtered = it.generators.iter().any(|it| !it.conditions.is_empty());
        let filter = Arm { statement: place.at, number: 0, all: None };
        let block = self.block(place, is_filtered.then_some(filter), None);
        // Nobody takes anything of it.
        if it.kind == ComprehensionKind::Generator && self.dropped.contains(&span) {
            self.never(block);
        }
        let scope = self.scope(ScopeKind::Comprehension, Some(place.scope), block);
        self.comprehensions.insert(std::ptr::from_ref(it), scope);
        let inside = Place { scope, block, ..place };
        for (number, generator) in it.generators.iter().enumerate() {
            let around = if number == 0 { place } else { inside };
            self.loops.entry(block).or_default().push((&generator.iterable, around));
            self.expr(&generator.iterable, around);
            // Its names hold in the whole comprehension, also in what stands before `for`.
            self.target(&generator.target, &Bound::Element(&generator.iterable), 0, inside);
            generator.conditions.iter().for_each(|it| self.expr(it, inside));
        }
        it.elements.iter().for_each(|it| self.expr(it, inside));
    }

    fn outside_comprehensions(&self, mut scope: ScopeId) -> ScopeId {
        while let Some(Scope { kind: ScopeKind::Comprehension, parent: Some(parent), .. }) =
            self.get(scope)
        {
            scope = *parent;
        }
        scope
    }

    /// Binds whatever names stand in an assignment's target.
    fn target(&mut self, target: &'tree Expr, bound: &Bound<'tree>, end: usize, place: Place) {
        match &target.kind {
            ExprKind::Name(name) => self.bind(name, bound.clone(), end, place),
            ExprKind::Attribute(value, name) => {
                self.attribute(value, name, bound, end, place);
            }
            ExprKind::Tuple(targets) | ExprKind::List(targets) => {
                let values = match bound {
                    Bound::Value(Expr {
                        kind: ExprKind::Tuple(it) | ExprKind::List(it), ..
                    }) if it.len() == targets.len()
                        && !it.iter().chain(targets).any(is_starred) =>
                    {
                        Some(it)
                    }
                    _ => None,
                };
                let has_star = targets.iter().any(is_starred);
                for (number, target) in targets.iter().enumerate() {
                    let part = match values.and_then(|it| it.get(number)) {
                        Some(value) => Bound::Value(value),
                        None if has_star => Bound::Unknown,
                        None => Bound::Part(Box::new(bound.clone()), number),
                    };
                    self.target(target, &part, end, place);
                }
            }
            ExprKind::Starred(inner) => self.target(inner, &Bound::Unknown, end, place),
            _ => {
                if let (ExprKind::Subscript(..), Bound::Value(value)) = (&target.kind, bound) {
                    self.stores.push((target, value, Place { at: end, ..place }));
                }
                self.expr(target, place);
            }
        }
    }

    /// `self.name = value` in a method.
    fn attribute(
        &mut self,
        value: &'tree Expr,
        name: &'tree Spanned<Name>,
        bound: &Bound<'tree>,
        end: usize,
        place: Place,
    ) {
        if let Bound::Value(Expr { kind: ExprKind::Str(text), .. }) = bound {
            self.named.push((&name.node, text));
        }
        let itself = value.as_name().and_then(|value| {
            self.get(place.scope)?.names.get(value)?.iter().find_map(|it| match it.bound {
                Bound::Itself(class) => Some(class),
                _ => None,
            })
        });
        let place = Place { at: end, ..place };
        if let Some(class) = itself.and_then(|class| self.list.get_mut(class.0)) {
            let binding = Binding { bound: bound.clone(), at: end, block: None, place };
            class.attributes.entry(&name.node).or_default().push(binding);
            return;
        }
        let (name, bound) = (Some(name.node.as_str()), bound.clone());
        self.assigned.push(Assigned { owner: value, name, bound, place });
        self.expr(value, place);
    }

    fn bind(&mut self, name: &'tree str, bound: Bound<'tree>, end: usize, place: Place) {
        if let Bound::Value(Expr { kind: ExprKind::Str(text), .. }) = bound {
            self.named.push((name, text));
        }
        let place = Place { at: end, ..place };
        let (scope, block) = match self.get(place.scope).and_then(|it| it.outer.get(name)) {
            None => (place.scope, Some(place.block)),
            Some(Outer::Global) => (MODULE, None),
            Some(Outer::Nonlocal) => (self.nonlocal(name, place.scope), None),
        };
        if let Some(scope) = self.list.get_mut(scope.0) {
            scope.names.entry(name).or_default().push(Binding { bound, at: end, block, place });
        }
    }

    /// The function around `scope` that binds `name`.
    fn nonlocal(&self, name: &str, scope: ScopeId) -> ScopeId {
        let mut at = self.get(scope).and_then(|it| it.parent);
        while let Some(id) = at {
            let Some(scope) = self.get(id) else { break };
            if matches!(scope.kind, ScopeKind::Function(_)) && scope.names.contains_key(name) {
                return id;
            }
            at = scope.parent;
        }
        MODULE
    }

    fn send_out(&mut self, names: &'tree [Spanned<Name>], outer: Outer, place: Place) {
        if let Some(scope) = self.list.get_mut(place.scope.0)
            && place.scope != MODULE
        {
            scope.outer.extend(names.iter().map(|name| (name.node.as_str(), outer)));
        }
    }
}

/// The exceptions that `contextlib.suppress(…)` catches.
fn suppressed(item: &WithItem) -> Vec<&Expr> {
    match &item.context.kind {
        ExprKind::Call(call) if call.function.last_name() == Some("suppress") => {
            call.arguments.iter().map(|arg| &arg.value).collect()
        }
        _ => Vec::new(),
    }
}

/// Whether what `with` is given under this name is what it binds.
fn gives_itself(name: &str) -> bool {
    ["open", "DAG"].contains(&name)
}

fn is_starred(expr: &Expr) -> bool {
    matches!(expr.kind, ExprKind::Starred(_))
}

/// Methods that make something else of a text and so need it to be there.
const CONVERTING_METHODS: &[&str] = &[
    "split",
    "rsplit",
    "splitlines",
    "strip",
    "lstrip",
    "rstrip",
    "lower",
    "upper",
    "replace",
    "encode",
];

/// Functions that make something else of a text, and refuse one that is not of their format.
const CONVERTING_FUNCTIONS: &[&str] =
    &["int", "float", "json.loads", "loads", "ast.literal_eval", "literal_eval"];

fn conversion_by(function: &Expr, span: Span) -> Option<Conversion> {
    let last = function.last_name()?;
    let mut found = CONVERTING_FUNCTIONS.iter().filter(|name| name.ends_with(last));
    let function = found.find(|name| function.is_dotted(name))?;
    Some(Conversion { function, is_strict: true, span })
}

fn postpones_annotations(stmt: &Stmt) -> bool {
    matches!(&stmt.kind, StmtKind::ImportFrom(it)
        if it.module.as_ref().is_some_and(|module| module.node == "__future__")
            && it.names.iter().any(|alias| alias.name.node == "annotations"))
}

/// What holds only where types are checked.
const CHECKING: &str = "TYPE_CHECKING";

/// What comparing `__name__` with that of a script gives, when Airflow imports the file.
fn compared(left: &Expr, operator: Comparison, right: &Expr) -> Option<bool> {
    let is_name = |it: &Expr| it.as_name() == Some("__name__");
    // `multiprocessing` gives a script the second name.
    let is_main = |it: &Expr| {
        it.as_str().is_some_and(|it| ["__main__", "__mp_main__"].contains(&it.expose()))
    };
    let are_main = |it: &Expr| match &it.kind {
        ExprKind::Tuple(parts) | ExprKind::List(parts) | ExprKind::Set(parts) => {
            parts.iter().all(is_main)
        }
        _ => false,
    };
    let is_question = is_name(left) && is_main(right) || is_main(left) && is_name(right);
    match operator {
        Comparison::Eq if is_question => Some(false),
        Comparison::NotEq if is_question => Some(true),
        Comparison::In if is_name(left) && are_main(right) => Some(false),
        Comparison::NotIn if is_name(left) && are_main(right) => Some(true),
        _ => None,
    }
}
