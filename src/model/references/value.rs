//! What an expression may be, as far as its file tells: text in parts, collections, and what has to be
//! asked of other files or of an environment.

use std::ops::Range;

use super::changes::{self, Change};
use super::members::Member;
use super::methods::Method;
use super::own_files::{self, Format};
use crate::limits;
use crate::text::{Span, Text, TextBuilder};

/// Of more alternatives than this only so many are followed.
pub(super) const MAX_ALTERNATIVES: usize = limits::KEYS;
/// A longer text is not followed.
pub(super) const MAX_LENGTH: usize = 4_096;
/// What is done with a value that is not known yet is remembered this far.
pub(super) const MAX_STEPS: usize = 8;

/// One value an expression may have.
#[derive(Clone, Debug)]
pub(super) enum Value {
    /// Text, with unknown parts or without. A single part that is open may turn out to be anything.
    Parts(Vec<Part>),
    /// A whole number, as it is written.
    Number(Text),
    /// `None`, or something else that is no text.
    Nothing,
    /// A list, tuple or set: for each element what it may be.
    List(Vec<Vec<Self>>),
    /// The same of any number of elements, each of which may be any of these.
    Many(Vec<Self>),
    /// A dictionary, with what each value may be; what stands under `None` may be under any key.
    Dict(Vec<(Option<Text>, Vec<Self>)>),
    /// An instance of a class, with what its attributes may be.
    Object(Vec<(String, Vec<Self>)>),
    /// A member of an enumeration.
    Member(Box<Member>),
}

/// A part of a text.
#[derive(Clone, Debug)]
pub(super) enum Part {
    /// This text.
    Known(Text),
    /// Any text.
    Unknown,
    /// What something outside the file, or the callers of a function, decide.
    Open(Box<Open>),
}

/// A value that the file alone does not tell.
#[derive(Clone, Debug)]
pub(super) struct Open {
    /// What decides it.
    pub(super) source: Source,
    /// What is done with it then, in order.
    pub(super) steps: Vec<Step>,
    /// The expression in this file.
    pub(super) span: Span,
}

/// What decides an open value.
#[derive(Clone, Debug)]
pub(super) enum Source {
    /// What one of these dotted paths leads to: the first that leads anywhere.
    Path(Vec<String>),
    /// An argument of a function of this file: those that its callers give.
    Parameter(FunctionId, usize),
    /// The arguments that a function of this file takes under names it does not list.
    Keywords(FunctionId),
    /// The arguments that a function of this file takes beyond its positions.
    Rest(FunctionId),
    /// The field of a class of this file: what its instances are made with.
    Field(Callee, String),
    /// What a function returns for these arguments, or the instance that a class makes of them.
    Call(Callee, Arguments),
    /// What a file of the project holds, by what its path in Astro's image may be.
    File(Vec<Value>, Format),
    /// A variable of the process environment, or this where it is not set; where that is nothing at
    /// all, reading it raises.
    Environment(String, Vec<Value>),
}

/// A function of a file, by its number.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(super) struct FunctionId(pub(super) usize);

/// A class of a file, by its number.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(super) struct ClassId(pub(super) usize);

/// What is called, or handed on to be called.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(super) enum Callee {
    /// A function of this file.
    Function(FunctionId),
    /// A class of this file.
    Class(ClassId),
    /// What a dotted path leads to, perhaps.
    Path(String),
}

/// The arguments of a call.
#[derive(Clone, Default, Debug)]
pub(super) struct Arguments {
    pub(super) positional: Vec<Vec<Value>>,
    pub(super) keyword: Vec<(String, Vec<Value>)>,
    /// Dictionaries that are unpacked and not known yet.
    pub(super) rest: Vec<Vec<Value>>,
    /// Whether there may be others.
    pub(super) more: bool,
    /// Whether what may be several things is each of them in turn.
    pub(super) takes_turns: bool,
    /// Whether it is one of several that the same call may be made with, and not each of them is.
    pub(super) is_one_of: bool,
}

/// What is done with a value.
#[derive(Clone, Debug)]
pub(super) enum Step {
    /// The attribute with this name, of a module or class.
    Attribute(String),
    /// The element under this key.
    Key(Text),
    /// The element under this key, or the default where there is none.
    KeyOr(Text, Vec<Value>),
    /// The element at this position, from the end where it is negative.
    Position(i64),
    /// The part of a text or list between these positions.
    Slice(Option<i64>, Option<i64>),
    /// Any element: of a dictionary its keys.
    Each,
    /// The element of the turn that it is, in the loop whose collection begins at this byte.
    Turn(usize),
    /// Any element under a key or position that is not known.
    Any,
    /// The values of a dictionary.
    Values,
    /// The keys and values of a dictionary.
    Items,
    /// `str.upper` and its like.
    Text(Method),
    /// The element that stands under it in these collections, or else the default.
    In(Vec<Value>, Option<Vec<Value>>),
    /// The list or dictionary with what is done to it after it was made.
    Changed(Vec<Change>),
}

impl Value {
    pub(super) fn text(text: Text) -> Self {
        Self::Parts(vec![Part::Known(text)])
    }

    pub(super) fn open(source: Source, span: Span) -> Self {
        Self::Parts(vec![Part::Open(Box::new(Open { source, steps: Vec::new(), span }))])
    }

    /// The text, when the whole of it is known.
    pub(super) fn known(&self) -> Option<&Text> {
        match self {
            Self::Parts(parts) => match parts.as_slice() {
                [Part::Known(text)] => Some(text),
                _ => None,
            },
            _ => None,
        }
    }

    /// Whether it is taken for false.
    pub(super) fn is_false(&self) -> bool {
        match self {
            Self::Nothing => true,
            Self::Number(digits) => digits.expose() == "0",
            Self::Parts(parts) => parts
                .iter()
                .all(|part| matches!(part, Part::Known(text) if text.expose().is_empty())),
            Self::List(elements) => elements.is_empty(),
            Self::Dict(items) => items.is_empty(),
            Self::Many(_) | Self::Object(_) | Self::Member(_) => false,
        }
    }

    /// How many values it holds, itself included.
    pub(super) fn weight(&self) -> usize {
        let all = |values: &[Self]| values.iter().map(Self::weight).sum::<usize>();
        match self {
            Self::Parts(_) | Self::Number(_) | Self::Nothing => 1,
            Self::List(elements) => 1 + elements.iter().map(|it| all(it)).sum::<usize>(),
            Self::Many(values) => 1 + all(values),
            Self::Member(it) => 1 + all(&it.values),
            Self::Dict(items) => 1 + items.iter().map(|(_, it)| all(it)).sum::<usize>(),
            Self::Object(items) => 1 + items.iter().map(|(_, it)| all(it)).sum::<usize>(),
        }
    }

    /// Whether something else decides the whole of it.
    pub(super) fn is_open(&self) -> bool {
        matches!(self, Self::Parts(parts) if matches!(parts.as_slice(), [Part::Open(_)]))
    }

    /// Whether an argument of `function` is a part of it.
    pub(super) fn is_argument_of(&self, function: FunctionId) -> bool {
        let Self::Parts(parts) = self else { return false };
        parts.iter().any(|part| match part {
            Part::Open(open) => match open.source {
                Source::Parameter(of, _) | Source::Keywords(of) | Source::Rest(of) => {
                    of == function
                }
                _ => false,
            },
            Part::Known(_) | Part::Unknown => false,
        })
    }

    /// Whether it is a dictionary without the key `wanted`.
    pub(super) fn lacks(&self, wanted: &Text) -> bool {
        let is_it = |key: &Text| key.expose() == wanted.expose();
        matches!(self, Self::Dict(items)
            if !items.iter().any(|(key, _)| key.as_ref().is_none_or(is_it)))
    }

    /// Whether nothing is known of it, and nothing ever will be.
    pub(super) fn is_unknown(&self) -> bool {
        matches!(self, Self::Parts(parts) if parts.iter().all(|part| matches!(part, Part::Unknown)))
    }
}

pub(super) fn unknown() -> Vec<Value> {
    vec![Value::Parts(vec![Part::Unknown])]
}

/// `values`, or where there are too many the first of them, with one that may be any.
pub(super) fn limited(mut values: Vec<Value>) -> Vec<Value> {
    if values.len() > MAX_ALTERNATIVES {
        values.truncate(MAX_ALTERNATIVES - 1);
        values.extend(unknown());
    }
    values
}

/// All combinations of the values, one after the other.
pub(super) fn joined(pieces: impl IntoIterator<Item = Vec<Value>>) -> Vec<Value> {
    let mut all: Vec<Vec<Part>> = vec![Vec::new()];
    let mut length = 0;
    for piece in pieces {
        let piece: Vec<Value> = piece
            .into_iter()
            .flat_map(|value| match value {
                Value::Member(member) => member.text(),
                other => vec![other],
            })
            .collect();
        if all.len() * piece.len() > MAX_ALTERNATIVES {
            return unknown();
        }
        let mut next = Vec::with_capacity(all.len() * piece.len());
        for before in &all {
            for value in &piece {
                let mut parts = before.clone();
                match value {
                    Value::Parts(more) => parts.extend(more.iter().cloned()),
                    _ => parts.push(Part::Unknown),
                }
                length += parts.iter().map(Part::len).sum::<usize>();
                next.push(parts);
            }
        }
        if length > MAX_LENGTH * MAX_ALTERNATIVES {
            return unknown();
        }
        all = next;
    }
    all.into_iter().map(Value::Parts).collect()
}

impl Part {
    /// How long it is, in bytes; what is not known counts as one.
    pub(super) fn len(&self) -> usize {
        match self {
            Self::Known(text) => text.expose().len(),
            Self::Unknown | Self::Open(_) => 1,
        }
    }
}

/// What `step` makes of each of `values`.
pub(super) fn stepped(values: &[Value], step: &Step) -> Vec<Value> {
    let lacks = |value: &&Value| matches!(step, Step::Key(wanted) if value.lacks(wanted));
    // Where one of several dictionaries has the key, the others are not the one that is asked.
    let is_any = values.len() > 1 && values.iter().any(|value| !lacks(&value));
    let mut all = Vec::new();
    for value in values.iter().filter(|value| !is_any || !lacks(value)) {
        all.extend(step_of(value, step));
        if all.len() > MAX_ALTERNATIVES {
            return unknown();
        }
    }
    all
}

fn step_of(value: &Value, step: &Step) -> Vec<Value> {
    let union = |parts: &mut dyn Iterator<Item = &Vec<Value>>| {
        let mut all = Vec::new();
        for part in parts {
            if all.len() + part.len() > MAX_ALTERNATIVES {
                return unknown();
            }
            all.extend(part.iter().cloned());
        }
        all
    };
    match (value, step) {
        (_, Step::In(collections, default)) if !value.is_open() => {
            looked_up(value, collections, default.as_deref())
        }
        (Value::Parts(parts), step) => match (parts.as_slice(), step) {
            // Only members of enumerations have one, of a class that is not seen to be an enumeration.
            ([Part::Known(_)], Step::Attribute(name)) if name == "value" => vec![value.clone()],
            // Of paths.
            ([Part::Known(_)], Step::Attribute(name)) if name == "parent" => {
                own_files::parent(value).map_or_else(unknown, |it| vec![it])
            }
            ([Part::Known(_)], Step::Attribute(name)) if name == "parents" => {
                let parents = own_files::parents(value).into_iter();
                vec![Value::List(parents.map(|it| vec![it]).collect())]
            }
            ([Part::Open(open)], _) if open.steps.len() < MAX_STEPS => {
                let mut open = open.clone();
                match (&mut open.source, step) {
                    (Source::Path(paths), Step::Attribute(name)) if open.steps.is_empty() => {
                        for path in paths {
                            *path = format!("{path}.{name}");
                        }
                    }
                    _ => open.steps.push(step.clone()),
                }
                vec![Value::Parts(vec![Part::Open(open)])]
            }
            (_, Step::Changed(changes)) => changes::changed(value, changes),
            ([Part::Known(text)], Step::Slice(from, to)) => vec![part(text, *from, *to)],
            (_, Step::Text(method)) => {
                method.applied(parts).map_or_else(unknown, |parts| vec![Value::Parts(parts)])
            }
            _ => unknown(),
        },
        (Value::Object(attributes), Step::Attribute(wanted)) => {
            let found = attributes.iter().find(|(name, _)| name == wanted);
            found.map_or_else(unknown, |(_, values)| values.clone())
        }
        (_, Step::Changed(changes)) => changes::changed(value, changes),
        (Value::Member(member), Step::Attribute(name)) => match name.as_str() {
            "value" | "_value_" => member.values.clone(),
            "name" | "_name_" => vec![member.name()],
            _ => unknown(),
        },
        (Value::Member(member), Step::Text(_)) => stepped(&member.text(), step),
        (Value::List(elements), Step::Position(at)) => {
            let element = position(*at, elements.len()).and_then(|at| elements.get(at));
            element.map_or_else(unknown, Clone::clone)
        }
        (Value::List(elements), Step::Slice(from, to)) => {
            let range = slice(*from, *to, elements.len());
            vec![Value::List(elements.get(range).unwrap_or_default().to_vec())]
        }
        (Value::Many(_), Step::Slice(..)) => vec![value.clone()],
        (_, Step::Each | Step::Turn(_)) => {
            union(&mut turns_of(std::slice::from_ref(value), step).iter())
        }
        (Value::List(elements), Step::Any) => union(&mut elements.iter()),
        (Value::Many(values), Step::Position(_) | Step::Any) => values.clone(),
        (Value::Dict(items), Step::Key(wanted)) => {
            under(items, wanted, union).unwrap_or_else(unknown)
        }
        (Value::Dict(items), Step::KeyOr(wanted, default)) => match under(items, wanted, union) {
            Some(mut found) => {
                if items.iter().any(|(key, _)| key.is_none()) {
                    found.extend(default.iter().cloned());
                }
                found
            }
            None => default.clone(),
        },
        (Value::Dict(items), Step::Any) => union(&mut items.iter().map(|(_, values)| values)),
        (Value::Dict(items), Step::Values) => {
            vec![Value::List(items.iter().map(|(_, values)| values.clone()).collect())]
        }
        (Value::Dict(items), Step::Items) => {
            let pair = |(key, values): &(Option<Text>, Vec<Value>)| {
                let key = key.clone().map_or_else(unknown, |key| vec![Value::text(key)]);
                vec![Value::List(vec![key, values.clone()])]
            };
            vec![Value::List(items.iter().map(pair).collect())]
        }
        _ => unknown(),
    }
}

/// What stands in `collections` under `index`.
fn looked_up(index: &Value, collections: &[Value], default: Option<&[Value]>) -> Vec<Value> {
    let step = match (index, index.known()) {
        (Value::Number(digits), _) => digits.expose().parse().map_or(Step::Any, Step::Position),
        (_, Some(key)) => match default {
            Some(default) => Step::KeyOr(key.clone(), default.to_vec()),
            None => Step::Key(key.clone()),
        },
        _ => Step::Any,
    };
    let mut values = stepped(collections, &step);
    if matches!(step, Step::Any) {
        values.extend(default.into_iter().flatten().cloned());
    }
    limited(values)
}

/// What the turns of a loop over one of `values` give; `step` is what says so where that is open.
pub(super) fn turns_of(values: &[Value], step: &Step) -> Vec<Vec<Value>> {
    let mut turns = Vec::new();
    for value in values {
        match value {
            Value::List(elements) => turns.extend(elements.iter().cloned()),
            Value::Many(values) => turns.extend(values.iter().map(|it| vec![it.clone()])),
            Value::Dict(items) => {
                let key = |key: &Option<Text>| {
                    key.clone().map_or_else(unknown, |it| vec![Value::text(it)])
                };
                turns.extend(items.iter().map(|(it, _)| key(it)));
            }
            value if value.is_open() => turns.push(step_of(value, step)),
            _ => turns.push(unknown()),
        }
    }
    turns
}

/// The position `at` in something of this length, when it has one.
pub(super) fn position(at: i64, length: usize) -> Option<usize> {
    let length = i64::try_from(length).ok()?;
    let at = if at < 0 { length + at } else { at };
    usize::try_from(at).ok().filter(|_| at < length)
}

/// The positions between two bounds, as Python takes them.
fn slice(from: Option<i64>, to: Option<i64>, length: usize) -> Range<usize> {
    let bound = |at: i64| match usize::try_from(at) {
        Ok(at) => at.min(length),
        Err(_) => position(at, length).unwrap_or(0),
    };
    let (from, to) = (from.map_or(0, bound), to.map_or(length, bound));
    from..to.max(from)
}

/// The characters of a text between two bounds.
fn part(text: &Text, from: Option<i64>, to: Option<i64>) -> Value {
    let whole = text.expose();
    let mut starts: Vec<usize> = whole.char_indices().map(|(at, _)| at).collect();
    starts.push(whole.len());
    let range = slice(from, to, starts.len() - 1);
    let bytes = starts.get(range.start).zip(starts.get(range.end));
    let (start, end) = bytes.map_or((0, 0), |(start, end)| (*start, *end));
    Value::text(piece(text, start..end))
}

/// These bytes of a text.
pub(super) fn piece(text: &Text, bytes: Range<usize>) -> Text {
    let mut builder = TextBuilder::default();
    builder.copy(text, bytes.clone());
    builder.finish(text.span_of(bytes))
}

/// What may stand under the key `wanted`; `None` when nothing does.
fn under(
    items: &[(Option<Text>, Vec<Value>)],
    wanted: &Text,
    union: impl Fn(&mut dyn Iterator<Item = &Vec<Value>>) -> Vec<Value>,
) -> Option<Vec<Value>> {
    let is_it = |key: &Option<Text>| key.as_ref().is_none_or(|key| key.expose() == wanted.expose());
    let mut found = items.iter().filter(|(key, _)| is_it(key)).map(|(_, values)| values);
    if items.iter().all(|(key, _)| key.is_some()) {
        return found.next_back().cloned();
    }
    Some(union(&mut found))
}
