//! Settles what the files of a project leave open in each other.

use std::cell::{Cell, RefCell};

use super::changes::Change;
use super::choices::Choices;
use super::conditions::Condition;
use super::members::{Member, formatted};
use super::own_files;
use super::program::{Class, Function, Program, Target};
use super::summary::FunctionFacts;
use super::value::{
    Arguments, Callee, FunctionId, MAX_ALTERNATIVES, Open, Part, Source, Step, Value, joined,
    limited, stepped, turns_of, unknown,
};
use crate::hash::HashMap;
use crate::text::{Span, Text};

/// How far one open value leads to the next.
const MAX_DEPTH: usize = 32;
/// How many values are looked at for one key.
const MAX_STEPS: usize = 20_000;

/// Settles one value, within limits.
pub(super) struct Linker<'a> {
    program: &'a Program,
    /// The only calls of a function that count.
    only: Option<(Function, &'a [(usize, usize)])>,
    steps: Cell<usize>,
    /// Whether it came by several values of which not each need come up.
    chose: Cell<bool>,
    choices: Choices<Choice>,
    /// The values of constants that are the same in every turn and call.
    constants: RefCell<HashMap<*const Value, Vec<Value>>>,
}

/// What is one of several things, and then the same wherever a key has it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Choice {
    /// The call of a function.
    Call(Function),
    /// The call that makes an instance of a class.
    Making(Class),
    /// The turn of the loop whose collection begins at this byte of the module, in a function that was
    /// called with these arguments.
    Turn(usize, usize, Option<*const Arguments>),
    /// Which of these values a name or an argument has.
    Value(*const Value, Option<*const Arguments>),
}

/// In which call a function is looked at; otherwise any call of it may be meant.
#[derive(Clone, Copy)]
struct Frame<'a> {
    function: Function,
    arguments: &'a Arguments,
    caller: Context<'a>,
}

/// From where an open value is looked at.
#[derive(Clone, Copy)]
struct Context<'a> {
    module: usize,
    frame: Option<&'a Frame<'a>>,
    depth: usize,
}

impl<'a> Linker<'a> {
    pub(super) fn new(program: &'a Program) -> Self {
        Self {
            program,
            only: None,
            steps: Cell::new(0),
            chose: Cell::new(false),
            choices: Choices::default(),
            constants: RefCell::default(),
        }
    }

    /// As [`Self::new`], where of the calls of `function` only `calls` count.
    pub(super) fn among(
        program: &'a Program,
        function: Function,
        calls: &'a [(usize, usize)],
    ) -> Self {
        Self { only: Some((function, calls)), ..Self::new(program) }
    }

    fn calls_of(&self, function: Function) -> &'a [(usize, usize)] {
        match self.only {
            Some((of, calls)) if of == function => calls,
            _ => self.program.calls_of(function),
        }
    }

    pub(super) fn settled(&self, module: usize, values: &[Value]) -> Vec<Value> {
        self.settled_each(module, values, false).0
    }

    /// As [`Self::settled`], with whether each of several values comes up, as those of `values` do if they
    /// `take_turns`.
    pub(super) fn settled_each(
        &self,
        module: usize,
        values: &[Value],
        take_turns: bool,
    ) -> (Vec<Value>, bool) {
        let context = Context { module, frame: None, depth: 0 };
        let values = self.given(values, take_turns, context);
        (values, !self.chose.get())
    }

    fn all(&self, values: &[Value], context: Context<'_>) -> Vec<Value> {
        self.given(values, false, context)
    }

    fn given(&self, values: &[Value], take_turns: bool, context: Context<'_>) -> Vec<Value> {
        if values.len() > 1 && !take_turns {
            self.chose.set(true);
        }
        let mut all = Vec::new();
        for value in values {
            all.extend(self.in_turns(value, context));
            if all.len() > MAX_ALTERNATIVES {
                return unknown();
            }
        }
        all
    }

    /// What a value is in each turn of the loops and in each call that it depends on.
    fn in_turns(&self, value: &Value, context: Context<'_>) -> Vec<Value> {
        let before = self.chose.get();
        let turns = self.choices.each(|| {
            self.chose.set(false);
            (self.value(value, context), self.chose.get())
        });
        self.chose.set(before || turns.iter().any(|(_, chose)| *chose));
        let mut turns = turns.into_iter().map(|(values, _)| values);
        let mut all = turns.next().unwrap_or_default();
        turns.for_each(|values| add_distinct(&mut all, values));
        all
    }

    /// Those of `values` that count in this turn, of a name or an argument.
    fn chosen<'v>(&self, values: &'v [Value], context: Context<'_>) -> &'v [Value] {
        let frame = context.frame.map(|it| std::ptr::from_ref(it.arguments));
        let choice = Choice::Value(values.as_ptr(), frame);
        let chosen = self.choices.made(choice, values.len());
        chosen.and_then(|it| values.get(it..=it)).unwrap_or(values)
    }

    fn value(&self, value: &Value, context: Context<'_>) -> Vec<Value> {
        if self.steps.get() >= MAX_STEPS {
            return unknown();
        }
        self.steps.set(self.steps.get() + 1);
        match value {
            Value::Parts(parts) => match parts.as_slice() {
                [Part::Open(open)] => self.open(open, context),
                parts => {
                    let part = |part: &Part| match part {
                        Part::Open(open) => formatted(self.open(open, context)),
                        other => vec![Value::Parts(vec![other.clone()])],
                    };
                    let parts: Vec<_> = parts.iter().map(part).collect();
                    // Not every combination need come up.
                    if parts.iter().filter(|it| it.len() > 1).count() > 1 {
                        self.chose.set(true);
                    }
                    joined(parts)
                }
            },
            Value::List(elements) => {
                vec![Value::List(elements.iter().map(|it| self.all(it, context)).collect())]
            }
            Value::Dict(items) => {
                let item = |(key, values): &(Option<Text>, Vec<Value>)| {
                    (key.clone(), self.all(values, context))
                };
                vec![Value::Dict(items.iter().map(item).collect())]
            }
            Value::Object(attributes) => {
                let attribute = |(name, values): &(String, Vec<Value>)| {
                    (name.clone(), self.all(values, context))
                };
                vec![Value::Object(attributes.iter().map(attribute).collect())]
            }
            Value::Many(values) => vec![Value::Many(self.all(values, context))],
            Value::Member(member) => {
                // Which of its texts is asked for depends on the version of Python.
                self.chose.set(true);
                let values = self.all(&member.values, context);
                vec![Value::Member(Box::new(Member { values, ..(**member).clone() }))]
            }
            Value::Number(_) | Value::Nothing => vec![value.clone()],
        }
    }

    fn open(&self, open: &Open, context: Context<'_>) -> Vec<Value> {
        if context.depth >= MAX_DEPTH {
            return unknown();
        }
        let context = Context { depth: context.depth + 1, ..context };
        let mut values = match &open.source {
            Source::Path(paths) => paths
                .iter()
                .find_map(|path| self.path(path, open.span, context))
                .unwrap_or_else(unknown),
            Source::Parameter(function, number) => {
                self.parameter(*function, *number, open.span, context)
            }
            Source::Keywords(function) => {
                self.unlisted_by(*function, open.span, context, Self::keywords)
            }
            Source::Rest(function) => self.unlisted_by(*function, open.span, context, Self::rest),
            Source::Field(callee, name) => self.field(callee, name, open.span, context),
            Source::Call(callee, arguments) => self.call(callee, arguments, open.span, context),
            Source::File(paths, format) => {
                let read = |path: &Value| match own_files::written(path) {
                    Some(path) => moved_all(self.program.read(&path, *format), open.span),
                    None => unknown(),
                };
                self.all(paths, context).iter().flat_map(read).collect()
            }
            Source::Environment(name, default) => {
                let default = self.all(default, context);
                vec![Value::open(Source::Environment(name.clone(), default), open.span)]
            }
        };
        for step in &open.steps {
            let before = values.len();
            values = match step {
                Step::KeyOr(key, default) => {
                    let default = self.all(default, context);
                    stepped(&values, &Step::KeyOr(key.clone(), default))
                }
                Step::In(collections, default) => {
                    let default = default.as_ref().map(|it| self.all(it, context));
                    let collections = self.all(collections, context);
                    stepped(&values, &Step::In(collections, default))
                }
                Step::Changed(changes) => {
                    let settled = |it: &Change| it.map(|values| self.all(values, context));
                    stepped(&values, &Step::Changed(changes.iter().map(settled).collect()))
                }
                Step::Turn(at) => {
                    let frame = context.frame.map(|it| std::ptr::from_ref(it.arguments));
                    let choice = Choice::Turn(context.module, *at, frame);
                    let turns = turns_of(&values, step);
                    match self.choices.made(choice, turns.len()).and_then(|it| turns.get(it)) {
                        Some(turn) => turn.clone(),
                        None => turns.concat(),
                    }
                }
                step => stepped(&values, step),
            };
            if values.len() > before && !matches!(step, Step::Each | Step::Turn(_)) {
                self.chose.set(true);
            }
        }
        limited(values)
    }

    fn path(&self, path: &str, span: Span, context: Context<'_>) -> Option<Vec<Value>> {
        match self.program.find(context.module, path)? {
            Target::Values(module, values, rest) => {
                let there = Context { module, frame: None, depth: context.depth };
                let changes = self.program.changes_of(values);
                let mut values = self.constant(self.chosen(values, there), there);
                for (changer, change) in changes {
                    let from = Context { module: *changer, frame: None, depth: context.depth };
                    let change = change
                        .map(|values| seen_from(module, *changer, self.all(values, from), span));
                    values = stepped(&values, &Step::Changed(vec![change]));
                }
                for name in rest {
                    values = stepped(&values, &Step::Attribute(name));
                }
                Some(seen_from(context.module, module, values, span))
            }
            Target::Function(_) | Target::Class(_) | Target::Foreign(..) => None,
        }
    }

    /// The values of a constant.
    fn constant(&self, values: &[Value], there: Context<'_>) -> Vec<Value> {
        if values.iter().all(|it| it.known().is_some()) {
            return self.all(values, there);
        }
        if let Some(known) = self.constants.borrow().get(&values.as_ptr()) {
            return known.clone();
        }
        let (asked, chose) = (self.choices.asked(), self.chose.get());
        let settled = self.all(values, there);
        if asked == self.choices.asked() && chose == self.chose.get() {
            self.constants.borrow_mut().insert(values.as_ptr(), settled.clone());
        }
        settled
    }

    /// What the callers of a function give it.
    fn parameter(
        &self,
        function: FunctionId,
        number: usize,
        span: Span,
        context: Context<'_>,
    ) -> Vec<Value> {
        let module = context.module;
        let function = Function { module, function };
        let Some(facts) = self.program.function(function) else { return unknown() };
        let mut frame = context.frame;
        while let Some(it) = frame {
            if it.function == function {
                let caller = Context { depth: context.depth, ..it.caller };
                let values = self.argument(facts, number, it.arguments, caller, context);
                return seen_from(module, caller.module, values, span);
            }
            frame = it.caller.frame;
        }
        let mut all = Vec::new();
        let calls = self.calls_of(function);
        let is_called = !calls.is_empty();
        for (caller, arguments) in self.calls(Choice::Call(function), calls) {
            let from = Context { module: caller, frame: None, depth: context.depth };
            let values = self.argument(facts, number, arguments, from, context);
            add_distinct(&mut all, seen_from(module, caller, values, span));
            if all.len() > MAX_ALTERNATIVES {
                return unknown();
            }
        }
        if !is_called {
            return self.default(facts, number, context);
        }
        all
    }

    /// Those of `calls` that count in this turn: the module of each, and its arguments.
    fn calls(
        &self,
        choice: Choice,
        calls: &'a [(usize, usize)],
    ) -> impl Iterator<Item = (usize, &'a Arguments)> {
        let chosen = self.choices.made(choice, calls.len());
        let calls = chosen.and_then(|it| calls.get(it..=it)).unwrap_or(calls);
        calls.iter().filter_map(|call| self.program.arguments(*call))
    }

    /// The instance that a class makes of `arguments`: its annotated attributes, and what `__init__`
    /// assigns.
    fn instance(
        &self,
        class: Class,
        arguments: &Arguments,
        span: Span,
        context: Context<'_>,
    ) -> Vec<Value> {
        let Some(facts) = self.program.class(class) else { return unknown() };
        let making = self.program.making(class);
        let frame = making.map(|function| Frame { function, arguments, caller: context });
        let inside = Context { module: class.module, frame: frame.as_ref(), depth: context.depth };
        let mut attributes = Vec::new();
        for (position, name) in facts.fields.iter().enumerate() {
            let by_name = arguments.keyword.iter().find(|(it, _)| it == name);
            let given = by_name.map(|(_, it)| it).or_else(|| arguments.positional.get(position));
            if let Some(values) = given {
                attributes.push((name.clone(), self.all(values, context)));
            }
        }
        for (name, values) in &facts.constants {
            let is_given = attributes.iter().any(|(it, _)| it == name);
            if !is_given {
                let values = self.all(values, inside);
                let values = seen_from(context.module, class.module, values, span);
                attributes.push((name.clone(), values));
            }
        }
        vec![Value::Object(attributes)]
    }

    /// What the callers of a function give it besides what it lists: that is what `of` takes from the
    /// arguments of a call.
    fn unlisted_by(
        &self,
        function: FunctionId,
        span: Span,
        context: Context<'_>,
        of: fn(&Self, &FunctionFacts, &Arguments, Context<'_>) -> Value,
    ) -> Vec<Value> {
        let module = context.module;
        let function = Function { module, function };
        let Some(facts) = self.program.function(function) else { return unknown() };
        let of_call = |caller: Context<'_>, arguments: &Arguments| {
            let values = vec![of(self, facts, arguments, caller)];
            seen_from(module, caller.module, values, span)
        };
        let mut frame = context.frame;
        while let Some(it) = frame {
            if it.function == function {
                return of_call(Context { depth: context.depth, ..it.caller }, it.arguments);
            }
            frame = it.caller.frame;
        }
        let mut all = Vec::new();
        let calls = self.calls_of(function);
        for (caller, arguments) in self.calls(Choice::Call(function), calls) {
            let from = Context { module: caller, frame: None, depth: context.depth };
            all.extend(of_call(from, arguments));
            if all.len() > MAX_ALTERNATIVES {
                return unknown();
            }
        }
        if all.is_empty() { unknown() } else { all }
    }

    /// The arguments of one call under names that the function does not list.
    fn keywords(&self, facts: &FunctionFacts, arguments: &Arguments, caller: Context<'_>) -> Value {
        let is_listed = |name: &str| facts.parameters.iter().any(|it| it.name == name);
        let others = arguments.keyword.iter().filter(|(name, _)| !is_listed(name));
        let mut items: Vec<(Option<Text>, Vec<Value>)> = others
            .map(|(name, values)| {
                let name = Text::produced_by(name.as_str(), Span::at(0));
                (Some(name), self.all(values, caller))
            })
            .collect();
        let mut more = arguments.more;
        for rest in &arguments.rest {
            match self.all(rest, caller).as_slice() {
                [Value::Dict(unpacked)] => {
                    let is_other = |name: &Option<Text>| {
                        name.as_ref().is_none_or(|name| !is_listed(name.expose()))
                    };
                    items.extend(unpacked.iter().filter(|(name, _)| is_other(name)).cloned());
                }
                _ => more = true,
            }
        }
        items.extend(more.then(|| (None, unknown())));
        Value::Dict(items)
    }

    /// The arguments of one call beyond the positions that the function lists.
    fn rest(&self, facts: &FunctionFacts, arguments: &Arguments, caller: Context<'_>) -> Value {
        let listed = facts.parameters.iter().filter(|it| it.is_positional).count();
        let listed = listed.saturating_sub(usize::from(facts.is_bound));
        let elements = arguments.positional.iter().skip(listed);
        let elements: Vec<_> = elements.map(|it| self.all(it, caller)).collect();
        if arguments.more {
            return Value::Many([elements.concat(), unknown()].concat());
        }
        Value::List(elements)
    }

    /// What `arguments`, given by `caller`, hold for a parameter.
    fn argument(
        &self,
        facts: &FunctionFacts,
        number: usize,
        arguments: &Arguments,
        caller: Context<'_>,
        own: Context<'_>,
    ) -> Vec<Value> {
        let Some(parameter) = facts.parameters.get(number) else { return unknown() };
        if arguments.is_one_of {
            self.chose.set(true);
        }
        let by_name = arguments.keyword.iter().find(|(name, _)| *name == parameter.name);
        let position = number.checked_sub(usize::from(facts.is_bound));
        let by_position = position
            .filter(|_| parameter.is_positional)
            .and_then(|position| arguments.positional.get(position));
        if let Some(values) = by_name.map(|(_, values)| values).or(by_position) {
            return self.given(self.chosen(values, caller), arguments.takes_turns, caller);
        }
        let default = self.default(facts, number, own);
        self.unpacked(arguments, &parameter.name, default, caller)
    }

    /// What `arguments` hold under `name` in what they unpack; the default where they hold nothing.
    fn unpacked(
        &self,
        arguments: &Arguments,
        name: &str,
        default: Vec<Value>,
        caller: Context<'_>,
    ) -> Vec<Value> {
        let mut values = default;
        for rest in &arguments.rest {
            let step = Step::KeyOr(Text::produced_by(name, Span::at(0)), values);
            values = stepped(&self.all(rest, caller), &step);
        }
        if arguments.more {
            self.chose.set(true);
            add_distinct(&mut values, unknown());
        }
        values
    }

    fn default(&self, facts: &FunctionFacts, number: usize, context: Context<'_>) -> Vec<Value> {
        let default = facts.parameters.get(number).and_then(|it| it.default.as_ref());
        let context = Context { frame: None, ..context };
        default.map_or_else(unknown, |values| self.all(values, context))
    }

    /// What the instances of a class are made with, or else its own default.
    fn field(&self, callee: &Callee, name: &str, span: Span, context: Context<'_>) -> Vec<Value> {
        let Some(class) = self.program.class_of(context.module, callee) else { return unknown() };
        let Some(facts) = self.program.class(class) else { return unknown() };
        let position = facts.fields.iter().position(|field| field == name);
        let mut all = Vec::new();
        let makings = self.program.makings_of(class);
        let is_made = !makings.is_empty();
        for (caller, arguments) in self.calls(Choice::Making(class), makings) {
            let by_name = arguments.keyword.iter().find(|(it, _)| it == name);
            let by_position = position.and_then(|at| arguments.positional.get(at));
            let from = Context { module: caller, frame: None, depth: context.depth };
            let values = match by_name.map(|(_, values)| values).or(by_position) {
                Some(values) => self.all(values, from),
                None => self.unpacked(arguments, name, self.own(class, name, context), from),
            };
            add_distinct(&mut all, seen_from(context.module, caller, values, span));
            if all.len() > MAX_ALTERNATIVES {
                return unknown();
            }
        }
        if is_made { all } else { self.own(class, name, context) }
    }

    fn own(&self, class: Class, name: &str, context: Context<'_>) -> Vec<Value> {
        let constant = self.program.class(class).and_then(|it| it.constants.get(name));
        let context = Context { module: class.module, frame: None, depth: context.depth };
        constant.map_or_else(unknown, |values| self.all(values, context))
    }

    /// What a function may return, as far as the conditions tell that are around its `return`s.
    fn returned(&self, facts: &FunctionFacts, inside: Context<'_>) -> Vec<Value> {
        let mut values = Vec::new();
        for it in &facts.returns {
            let as_it_must = |(condition, holds): &(Condition, bool)| {
                condition.map(&|values| self.all(values, inside)).holds().map(|it| it == *holds)
            };
            let known: Vec<_> = it.conditions.iter().map(as_it_must).collect();
            if known.contains(&Some(false)) {
                continue;
            }
            values.extend(it.values.iter().cloned());
            if it.is_certain && !known.contains(&None) {
                return values;
            }
        }
        if values.is_empty() { vec![Value::Nothing] } else { values }
    }

    /// What a function returns for `arguments`.
    fn call(
        &self,
        callee: &Callee,
        arguments: &Arguments,
        span: Span,
        context: Context<'_>,
    ) -> Vec<Value> {
        let module = context.module;
        let function = match callee {
            Callee::Function(function) => Function { module, function: *function },
            Callee::Class(class) => {
                let class = Class { module, class: *class };
                return self.instance(class, arguments, span, context);
            }
            Callee::Path(path) => match self.program.find(context.module, path) {
                Some(Target::Function(function)) => function,
                Some(Target::Class(class)) => {
                    return self.instance(class, arguments, span, context);
                }
                _ => return unknown(),
            },
        };
        let Some(facts) = self.program.function(function) else { return unknown() };
        // A task returns what its run makes of it.
        if facts.returns.is_empty() || facts.is_task {
            return unknown();
        }
        let frame = Frame { function, arguments, caller: context };
        let inside = Context { module: function.module, frame: Some(&frame), depth: context.depth };
        let values = self.all(&self.returned(facts, inside), inside);
        seen_from(context.module, function.module, values, span)
    }
}

fn add_distinct(all: &mut Vec<Value>, values: Vec<Value>) {
    for value in values {
        let is_known = |text: &Text| {
            all.iter().any(|it| it.known().is_some_and(|it| it.expose() == text.expose()))
        };
        let is_there = match value.known() {
            Some(text) => is_known(text),
            None => value.is_unknown() && all.iter().any(Value::is_unknown),
        };
        if !is_there {
            all.push(value);
        }
    }
}

/// Values that stand in the module `there`, for an expression of the module `here`: their places are
/// those of the expression where the two are not the same.
fn seen_from(here: usize, there: usize, values: Vec<Value>, span: Span) -> Vec<Value> {
    if here == there {
        return values;
    }
    moved_all(values, span)
}

fn moved_all(values: Vec<Value>, span: Span) -> Vec<Value> {
    values.into_iter().map(|value| moved(value, span)).collect()
}

fn moved(value: Value, span: Span) -> Value {
    let text = |text: &Text| Text::produced_by(text.expose(), span);
    match value {
        Value::Parts(parts) => Value::Parts(
            parts
                .into_iter()
                .map(|part| match part {
                    Part::Known(it) => Part::Known(text(&it)),
                    Part::Unknown => Part::Unknown,
                    Part::Open(mut open) => {
                        open.span = span;
                        if let Source::Environment(_, default) = &mut open.source {
                            *default = moved_all(std::mem::take(default), span);
                        }
                        for step in &mut open.steps {
                            if let Step::In(collections, default) = step {
                                *collections = moved_all(std::mem::take(collections), span);
                                *default = default.take().map(|it| moved_all(it, span));
                            }
                        }
                        Part::Open(open)
                    }
                })
                .collect(),
        ),
        Value::Number(digits) => Value::Number(text(&digits)),
        Value::Nothing => Value::Nothing,
        Value::List(elements) => {
            Value::List(elements.into_iter().map(|it| moved_all(it, span)).collect())
        }
        Value::Many(values) => Value::Many(moved_all(values, span)),
        Value::Member(member) => Value::Member(Box::new(Member {
            shown: text(&member.shown),
            values: moved_all(member.values, span),
            kind: member.kind,
        })),
        Value::Object(attributes) => Value::Object(
            attributes.into_iter().map(|(name, it)| (name, moved_all(it, span))).collect(),
        ),
        Value::Dict(items) => Value::Dict(
            items
                .into_iter()
                .map(|(key, it)| (key.as_ref().map(text), moved_all(it, span)))
                .collect(),
        ),
    }
}
