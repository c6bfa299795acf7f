//! What an expression may be, worked out from the constants of its file.

use std::collections::BTreeSet;
use std::rc::Rc;

use super::Key;
use super::attributes::attribute;
use super::calls::{call, environment};
use super::changes::{Change, What, When};
use super::conditions::condition;
use super::format::{percent, specified};
use super::keys::key_of;
use super::members::{formatted, shown};
use super::names::{Bindings, Entity, Later, Question, Reaching};
use super::own_files;
use super::parameters::parameter_of_dag;
use super::scope::{Binding, Bound, Place, at};
use super::sites::applied;
use super::value::{
    Arguments, FunctionId, MAX_ALTERNATIVES, MAX_LENGTH, Part, Source, Step, Value, joined,
    limited, piece, stepped, turns_of, unknown,
};
use crate::read::python::UNDECODED;
use crate::read::python::tree::{
    Call, Comprehension, ComprehensionKind, Expr, ExprKind, FStringPart, Generator, Operator, Star,
};
use crate::text::Text;

/// A longer list or dictionary is not followed.
const MAX_ELEMENTS: usize = 512;

/// The values that `expr` may have at `place`, without those that are the same.
pub(super) fn values(question: &Question<'_, '_>, expr: &Expr, place: Place) -> Vec<Value> {
    let values = || {
        let here = || applied(question, expr, values_here(question, expr, place));
        question.evaluate(expr, place, here).unwrap_or_else(unknown)
    };
    limited(question.choices.each(values).concat())
}

/// The key that `expr` gives at `place` as far as the file tells; `None` when it is certain to be no text.
pub(super) fn key(question: &Question<'_, '_>, expr: &Expr, place: Place) -> Option<Key> {
    key_of(values(question, expr, at(expr, place)), expr.span, true)
}

/// The text that `expr` is at `place`, when the file leaves no doubt.
pub(super) fn known(question: &Question<'_, '_>, expr: &Expr, place: Place) -> Option<Text> {
    match values(question, expr, at(expr, place)).as_slice() {
        [value] => value.known().cloned(),
        _ => None,
    }
}

/// The arguments of a call.
pub(super) fn arguments(question: &Question<'_, '_>, call: &Call, place: Place) -> Arguments {
    let mut given = Arguments::default();
    for arg in &call.arguments {
        let argument = || values(question, &arg.value, at(&arg.value, place));
        match (&arg.name, arg.star) {
            (Some(name), _) => {
                let argument = argument();
                given.keyword.push((name.node.to_string(), argument));
            }
            (None, Star::No) if given.more => {}
            (None, Star::No) => {
                let argument = argument();
                given.positional.push(argument);
            }
            (None, Star::Positions) => match question.choices.apart(argument).as_slice() {
                [Value::List(elements)] if !given.more => {
                    given.positional.extend(elements.iter().cloned());
                }
                _ => given.more = true,
            },
            (None, Star::Keywords) => match question.choices.apart(argument) {
                open if open.iter().all(Value::is_open) => given.rest.push(open),
                values => given.more |= !spread(&mut given.keyword, values),
            },
        }
    }
    given
}

/// Adds the items of a dictionary as keywords; `false` when they are not all known.
pub(super) fn spread(keywords: &mut Vec<(String, Vec<Value>)>, values: Vec<Value>) -> bool {
    let mut is_whole = values.len() == 1;
    for value in values {
        let Value::Dict(items) = value else { return false };
        for (key, values) in items {
            match key {
                Some(key) => keywords.push((key.expose().to_owned(), values)),
                None => is_whole = false,
            }
        }
    }
    is_whole
}

fn values_here(question: &Question<'_, '_>, expr: &Expr, place: Place) -> Vec<Value> {
    let value = |expr: &Expr| values(question, expr, place);
    match &expr.kind {
        ExprKind::Str(text) if text.expose().len() <= MAX_LENGTH => vec![literal(text)],
        ExprKind::Number(digits)
            if digits.parse::<i64>().is_ok_and(|it| it.to_string() == *digits) =>
        {
            vec![Value::Number(Text::verbatim(digits, expr.span.start))]
        }
        ExprKind::FString(parts) => f_string(question, parts, place),
        ExprKind::Name(name) => match question.reaching(name, place, Later::All) {
            Reaching::Bound(bindings) => named(question, &in_arms(question, bindings), expr),
            Reaching::Unknown => unknown(),
            Reaching::Free(_) if name == "__file__" => {
                vec![own_files::own_path(question.scopes.below, expr.span)]
            }
            Reaching::Free(stars) => {
                let paths = stars.iter().map(|module| format!("{module}.{name}"));
                path(question, paths.collect(), expr)
            }
        },
        ExprKind::Attribute(owner, name) => attribute(question, owner, &name.node, expr, place),
        ExprKind::Binary(
            operator @ (Operator::Add | Operator::Sub | Operator::Mult),
            left,
            right,
        ) => {
            let (left, right) = (value(left), value(right));
            match calculated(&left, *operator, &right, expr) {
                Some(numbers) => numbers,
                None if *operator == Operator::Add => added(left, right),
                None => unknown(),
            }
        }
        ExprKind::Binary(Operator::Mod, left, right) => {
            let Some(text) = known(question, left, place) else { return unknown() };
            match &right.kind {
                ExprKind::Tuple(parts) => percent(&text, parts.iter().map(value).collect()),
                _ => percent(&text, vec![value(right)]),
            }
        }
        ExprKind::Binary(Operator::Div, left, right) => {
            own_files::joined(&value(left), &value(right), expr.span)
        }
        ExprKind::Binary(Operator::BitOr, left, right) => {
            merged([value(left), value(right)].concat()).unwrap_or_else(unknown)
        }
        ExprKind::Conditional(it) => match condition(question, &it.test, place).holds() {
            Some(true) => value(&it.body),
            Some(false) => value(&it.otherwise),
            None => {
                let test = question.same_test(&[&it.test], place);
                match question.choices.made(test, 2) {
                    Some(0) => value(&it.body),
                    Some(_) => value(&it.otherwise),
                    None => [value(&it.body), value(&it.otherwise)].concat(),
                }
            }
        },
        // The last operand is taken as it is, the others only where they are true.
        ExprKind::Or(operands) => {
            let mut all: Vec<Value> = Vec::new();
            for (number, operand) in operands.iter().enumerate() {
                let is_last = number + 1 == operands.len();
                let (values, is_settled) =
                    or_else(value(operand), operands.get(number + 1), &value);
                all.extend(values.into_iter().filter(|it| is_last || !it.is_false()));
                if is_settled {
                    return all;
                }
                if all.len() > MAX_ALTERNATIVES {
                    return unknown();
                }
            }
            all
        }
        ExprKind::Named(_, inner) | ExprKind::Starred(inner) => value(inner),
        ExprKind::Subscript(collection, index) => {
            subscript(question, collection, index, expr, place)
        }
        ExprKind::Call(it) => call(question, it, expr, place),
        ExprKind::List(parts) | ExprKind::Tuple(parts) | ExprKind::Set(parts) => {
            let is_plain = |part: &Expr| !matches!(part.kind, ExprKind::Starred(_));
            if parts.len() > MAX_ELEMENTS || !parts.iter().all(is_plain) {
                return unknown();
            }
            vec![Value::List(parts.iter().map(value).collect())]
        }
        ExprKind::Dict(items) => dict(question, items, place),
        ExprKind::Comprehension(it) => comprehension(question, it),
        ExprKind::None
        | ExprKind::True
        | ExprKind::False
        | ExprKind::Number(_)
        | ExprKind::Bytes
        | ExprKind::Lambda(_) => vec![Value::Nothing],
        _ => unknown(),
    }
}

/// A literal, unless the file is in another encoding and so not all of it is known.
fn literal(text: &Text) -> Value {
    if text.expose().contains(UNDECODED) {
        return Value::Parts(vec![Part::Unknown]);
    }
    if text.expose().contains(GENERATOR) {
        return Value::Parts(generated(text));
    }
    Value::text(text.clone())
}

/// What stands for something in files from which cookiecutter makes others, behind two braces.
const GENERATOR: &str = "cookiecutter.";

/// The parts of a text that cookiecutter completes.
fn generated(text: &Text) -> Vec<Part> {
    let whole = text.expose();
    let mut parts = Vec::new();
    let mut from = 0;
    let known = |from: usize, to: usize, parts: &mut Vec<Part>| {
        if from < to {
            parts.push(Part::Known(piece(text, from..to)));
        }
    };
    for (open, _) in whole.match_indices("{{") {
        let rest = whole.get(open + 2..).unwrap_or_default();
        if open < from || !rest.trim_start().starts_with(GENERATOR) {
            continue;
        }
        known(from, open, &mut parts);
        parts.push(Part::Unknown);
        from = rest.find("}}").map_or(whole.len(), |close| open + 2 + close + 2);
    }
    known(from, whole.len(), &mut parts);
    parts
}

/// `os.getenv("X") or "lit"` is `lit` where the variable is not set: whether that holds for all of
/// `values`, so that what follows is already among their defaults.
fn or_else(
    mut values: Vec<Value>,
    next: Option<&Expr>,
    value: &impl Fn(&Expr) -> Vec<Value>,
) -> (Vec<Value>, bool) {
    let Some(next) = next else { return (values, false) };
    let mut is_settled = !values.is_empty();
    for it in &mut values {
        if let Value::Parts(parts) = it
            && let [Part::Open(open)] = parts.as_mut_slice()
            && open.steps.is_empty()
            && let Source::Environment(_, default) = &mut open.source
            && !default.is_empty()
            && default.iter().all(Value::is_false)
        {
            *default = value(next);
        } else {
            is_settled = false;
        }
    }
    (values, is_settled)
}

/// What an operator makes of numbers; `None` where others are among them.
fn calculated(
    left: &[Value],
    operator: Operator,
    right: &[Value],
    expr: &Expr,
) -> Option<Vec<Value>> {
    if left.len() * right.len() > MAX_ALTERNATIVES {
        return None;
    }
    let pairs = left.iter().flat_map(|left| right.iter().map(move |right| (left, right)));
    let result = |(left, right): (&Value, &Value)| {
        let (left, right) = (whole(left)?, whole(right)?);
        let result = match operator {
            Operator::Add => left.checked_add(right),
            Operator::Sub => left.checked_sub(right),
            Operator::Mult => left.checked_mul(right),
            _ => None,
        };
        Some(Value::Number(Text::produced_by(result?.to_string(), expr.span)))
    };
    pairs.map(result).collect()
}

fn added(left: Vec<Value>, right: Vec<Value>) -> Vec<Value> {
    match (left.as_slice(), right.as_slice()) {
        ([Value::List(first)], [Value::List(second)]) => {
            vec![Value::List([first.as_slice(), second].concat())]
        }
        _ => joined([left, right]),
    }
}

/// The dictionaries `values` in one, the last of a key in force.
pub(super) fn merged(values: Vec<Value>) -> Option<Vec<Value>> {
    let mut items = Vec::new();
    for value in values {
        let Value::Dict(more) = value else { return None };
        items.extend(more);
    }
    Some(vec![Value::Dict(items)])
}

fn dict(question: &Question<'_, '_>, items: &[(Option<Expr>, Expr)], place: Place) -> Vec<Value> {
    if items.len() > MAX_ELEMENTS {
        return unknown();
    }
    let mut all = Vec::with_capacity(items.len());
    for (key, value) in items {
        let values = values(question, value, at(value, place));
        match key {
            Some(key) => all.push((known(question, key, place), values)),
            None => match values.as_slice() {
                [Value::Dict(more)] => all.extend(more.iter().cloned()),
                _ => all.push((None, unknown())),
            },
        }
    }
    vec![Value::Dict(all)]
}

/// The inside of a comprehension.
pub(super) fn inside(question: &Question<'_, '_>, it: &Comprehension) -> Option<Place> {
    let scope = question.scopes.comprehension(it)?;
    let block = question.scopes.get(scope)?.root;
    Some(Place { scope, block, at: 0 })
}

/// What a comprehension makes, turn by turn.
fn comprehension(question: &Question<'_, '_>, it: &Comprehension) -> Vec<Value> {
    let Some(inside) = inside(question, it) else { return unknown() };
    let mut rows = Rows { list: Vec::new(), is_whole: true };
    rows.add(question, it, &it.generators, inside);
    if rows.list.len() > MAX_ELEMENTS {
        return unknown();
    }
    let mut all = Vec::new();
    for row in rows.list {
        match (it.kind, row.as_slice()) {
            (ComprehensionKind::Dict, [key, value]) => {
                let key = match key.as_slice() {
                    [key] => key.known().cloned(),
                    _ => None,
                };
                all.push((key, value.clone()));
            }
            (ComprehensionKind::Dict, _) => return unknown(),
            (_, [one]) => all.push((None, one.clone())),
            _ => return unknown(),
        }
    }
    let elements = || all.iter().map(|(_, values)| values.clone()).collect::<Vec<_>>();
    vec![match it.kind {
        ComprehensionKind::Dict => Value::Dict(all),
        _ if rows.is_whole => Value::List(elements()),
        _ => Value::Many(limited(elements().concat())),
    }]
}

/// What the turns of a comprehension make.
struct Rows {
    /// For each turn what its elements are.
    list: Vec<Vec<Vec<Value>>>,
    /// Whether these are all turns, and each of them comes up.
    is_whole: bool,
}

impl Rows {
    fn add(
        &mut self,
        question: &Question<'_, '_>,
        it: &Comprehension,
        generators: &[Generator],
        inside: Place,
    ) {
        let Some((first, rest)) = generators.split_first() else {
            let element = |expr: &Expr| values(question, expr, at(expr, inside));
            self.list.push(it.elements.iter().map(element).collect());
            return;
        };
        let collections = values(question, &first.iterable, at(&first.iterable, inside));
        self.is_whole &= match collections.as_slice() {
            [Value::List(_)] => true,
            [Value::Dict(items)] => items.iter().all(|(key, _)| key.is_some()),
            _ => false,
        };
        let turns = elements(question, &first.iterable, inside).len();
        for turn in 0..turns {
            if self.list.len() > MAX_ELEMENTS {
                return;
            }
            let turn_of = std::ptr::from_ref(&first.iterable);
            question.choices.with(turn_of, turn, || {
                for test in &first.conditions {
                    match condition(question, test, inside).holds() {
                        Some(true) => {}
                        Some(false) => return,
                        None => self.is_whole = false,
                    }
                }
                self.add(question, it, rest, inside);
            });
        }
    }
}

/// What `bindings` give; `expr` is the name that is bound.
pub(super) fn bound(
    question: &Question<'_, '_>,
    bindings: &[&Binding<'_>],
    expr: &Expr,
) -> Vec<Value> {
    let mut all = Vec::new();
    for binding in bindings {
        all.extend(of_bound(question, &binding.bound, binding.place, expr));
        if all.len() > MAX_ALTERNATIVES {
            return unknown();
        }
    }
    all
}

/// Those of `bindings` that hold where the arms of `if`s around them are the ones that count.
fn in_arms<'a, 'tree>(
    question: &Question<'_, 'tree>,
    mut bindings: Bindings<'a, 'tree>,
) -> Bindings<'a, 'tree> {
    let scopes = question.scopes;
    if bindings.len() < 2 {
        return bindings;
    }
    let blocks = bindings.iter().filter_map(|it| it.block);
    let arms = blocks.flat_map(|it| scopes.enclosing(it).filter_map(|it| scopes.arm(it)));
    let statements: BTreeSet<usize> = arms.map(|arm| arm.statement).collect();
    for statement in statements {
        let Some((tests, place)) = scopes.tests.get(&statement) else { continue };
        let test = question.same_test(tests, *place);
        let Some(taken) = question.choices.made(test, tests.len() + 1) else { continue };
        // In which arm, and whether it is sure to be bound there.
        let arm = |binding: &Binding<'_>| {
            let block = binding.block?;
            scopes.enclosing(block).find_map(|it| {
                let arm = scopes.arm(it).filter(|arm| arm.statement == statement)?;
                Some((arm.number, it == block))
            })
        };
        let is_bound = bindings.iter().any(|it| arm(it) == Some((taken, true)));
        bindings.retain(|it| match arm(it) {
            Some((number, _)) => number == taken,
            None => !is_bound,
        });
    }
    bindings
}

/// What a name is bound to: the same wherever it stands, unless it is made of what it was before.
fn named(question: &Question<'_, '_>, bindings: &[&Binding<'_>], expr: &Expr) -> Vec<Value> {
    let values = bound(question, bindings, expr);
    let is_literal =
        |it: &&Binding<'_>| matches!(it.bound, Bound::Value(Expr { kind: ExprKind::Str(_), .. }));
    let value = match bindings {
        [Binding { bound: Bound::Value(value), .. }, ..]
            if bindings.len() == 1 || bindings.iter().all(is_literal) =>
        {
            std::ptr::from_ref::<Expr>(value)
        }
        _ => return values,
    };
    let chosen = question.choices.made(value, values.len());
    match chosen.and_then(|chosen| values.get(chosen)) {
        Some(value) => vec![value.clone()],
        None => values,
    }
}

/// What the turns of a loop over `collection` give, as far as that is told by `place`.
fn elements(question: &Question<'_, '_>, collection: &Expr, place: Place) -> Rc<Vec<Vec<Value>>> {
    question.elements_of(collection, || {
        let turn = Step::Turn(collection.span.start);
        turns_of(&values(question, collection, at(collection, place)), &turn)
    })
}

pub(super) fn of_bound(
    question: &Question<'_, '_>,
    bound: &Bound<'_>,
    place: Place,
    expr: &Expr,
) -> Vec<Value> {
    match bound {
        Bound::Value(value) => values(question, value, at(value, place)),
        Bound::Element(collection) => {
            let elements = elements(question, collection, place);
            let turn = question.choices.made(std::ptr::from_ref(*collection), elements.len());
            match turn.and_then(|turn| elements.get(turn)) {
                Some(element) => element.clone(),
                None => limited(elements.concat()),
            }
        }
        Bound::Part(whole, number) => {
            let whole = question.deeper(|| of_bound(question, whole, place, expr));
            let number = i64::try_from(*number).unwrap_or(i64::MAX);
            stepped(&whole.unwrap_or_else(unknown), &Step::Position(number))
        }
        Bound::Grown(target, operator, more) => {
            if !matches!(operator, Operator::Add | Operator::BitOr) {
                return unknown();
            }
            let what = What::Added(values(question, more, at(more, place)));
            let change = Change { what, when: When::Surely };
            stepped(&values(question, target, at(target, place)), &Step::Changed(vec![change]))
        }
        Bound::Import(imported) => path(question, vec![imported.clone()], expr),
        Bound::Parameter(function, number) => {
            vec![Value::open(Source::Parameter(FunctionId(function.0), *number), expr.span)]
        }
        Bound::Rest(function) => {
            vec![Value::open(Source::Rest(FunctionId(function.0)), expr.span)]
        }
        Bound::Keywords(function) => {
            vec![Value::open(Source::Keywords(FunctionId(function.0)), expr.span)]
        }
        Bound::Scope(_) | Bound::Itself(_) | Bound::Unknown => unknown(),
    }
}

/// What the first of `paths` leads to that may belong to the project.
pub(super) fn path(question: &Question<'_, '_>, mut paths: Vec<String>, expr: &Expr) -> Vec<Value> {
    paths.retain(|path| question.scopes.locals.hold(path));
    if paths.is_empty() {
        return unknown();
    }
    vec![Value::open(Source::Path(paths), expr.span)]
}

/// `collection[index]`.
fn subscript(
    question: &Question<'_, '_>,
    collection: &Expr,
    index: &Expr,
    expr: &Expr,
    place: Place,
) -> Vec<Value> {
    if let Some(key) = index.as_str() {
        if is_path(question, collection, place, "os.environ") {
            return environment(question, key, &[], expr);
        }
        if let Some(values) = parameter_of_dag(question, collection, key.expose(), place) {
            return values;
        }
    }
    let collections = values(question, collection, at(collection, place));
    if let ExprKind::Slice(bounds) = &index.kind {
        let [from, to, step] = &**bounds;
        let bound = |it: &Option<Expr>| match it {
            None => Some(None),
            Some(it) => number(&values(question, it, at(it, place))).map(Some),
        };
        return match (bound(from), bound(to), step) {
            (Some(from), Some(to), None) => stepped(&collections, &Step::Slice(from, to)),
            _ => unknown(),
        };
    }
    element(question, &collections, index, None, place)
}

/// The number that is the only one of `values`.
pub(super) fn number(values: &[Value]) -> Option<i64> {
    match values {
        [value] => whole(value),
        _ => None,
    }
}

fn whole(value: &Value) -> Option<i64> {
    match value {
        Value::Number(digits) => digits.expose().parse().ok(),
        _ => None,
    }
}

/// The elements of `collections` under what `index` may be, or else the default.
pub(super) fn element(
    question: &Question<'_, '_>,
    collections: &[Value],
    index: &Expr,
    default: Option<Vec<Value>>,
    place: Place,
) -> Vec<Value> {
    let mut all = Vec::new();
    let step = Step::In(collections.to_vec(), default);
    for index in values(question, index, at(index, place)) {
        all.extend(stepped(&[index], &step));
    }
    limited(all)
}

fn is_path(question: &Question<'_, '_>, expr: &Expr, place: Place, path: &str) -> bool {
    let is_it = |entity: &Entity| matches!(entity, Entity::Path(found) if found == path);
    question.entities(expr, at(expr, place)).iter().any(is_it)
}

fn f_string(question: &Question<'_, '_>, parts: &[FStringPart], place: Place) -> Vec<Value> {
    joined(parts.iter().map(|part| match part {
        FStringPart::Literal(text) => vec![literal(text)],
        FStringPart::Interpolation(it)
            if !it.is_debug && matches!(it.conversion, None | Some('s')) =>
        {
            let values = values(question, &it.value, at(&it.value, place));
            let values = if it.conversion.is_some() { shown(values) } else { values };
            match it.format.as_deref() {
                None => formatted(values),
                Some([FStringPart::Literal(specification)]) => {
                    specified(values, specification.expose())
                }
                Some(_) => unknown(),
            }
        }
        FStringPart::Interpolation(_) => unknown(),
    }))
}
