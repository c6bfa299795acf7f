//! What code does to lists, dictionaries and classes after they were made: `NAMES.append("x")`,
//! `CONFIG["key"] = "x"`, `Config.key = "x"`, here or in a module that imports them.

use super::value::{self, Step, Value, joined, limited, stepped, unknown};
use crate::text::Text;

/// Something that is done to a value.
#[derive(Clone, Debug)]
pub(super) struct Change {
    pub(super) what: What,
    pub(super) when: When,
}

/// What is done.
#[derive(Clone, Debug)]
pub(super) enum What {
    /// An element more: `append`, `add`.
    Put(Vec<Value>),
    /// All elements or items of another collection: `extend`, `update`, `+=`.
    PutAll(Vec<Value>),
    /// `collection[index] = value`
    Under(Vec<Value>, Vec<Value>),
    /// `name += value`, which gives the name another text; a collection it changes besides.
    Added(Vec<Value>),
    /// `setdefault(key, value)`
    Default(Vec<Value>, Vec<Value>),
    /// Something is taken out, under this key or position, if that is known.
    Taken(Vec<Value>),
    /// Nobody knows what stands where: `sort`, `reverse`.
    Moved,
    /// Another value takes its place.
    Replaced(Vec<Value>),
}

/// Whether it was done when the value is looked at.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum When {
    /// It was, once.
    Surely,
    /// It is when the module was imported.
    Imported,
    /// It may have been, any number of times.
    Perhaps,
}

impl Change {
    /// All values in it.
    pub(super) fn values(&self) -> impl Iterator<Item = &Value> {
        let (first, second): (&[Value], &[Value]) = match &self.what {
            What::Put(it)
            | What::PutAll(it)
            | What::Added(it)
            | What::Taken(it)
            | What::Replaced(it) => (it, &[]),
            What::Under(index, it) | What::Default(index, it) => (index, it),
            What::Moved => (&[], &[]),
        };
        first.iter().chain(second)
    }

    /// The same with what `of` makes of its values.
    pub(super) fn map(&self, of: impl Fn(&[Value]) -> Vec<Value>) -> Self {
        let what = match &self.what {
            What::Put(it) => What::Put(of(it)),
            What::PutAll(it) => What::PutAll(of(it)),
            What::Added(it) => What::Added(of(it)),
            What::Taken(it) => What::Taken(of(it)),
            What::Replaced(it) => What::Replaced(of(it)),
            What::Under(index, it) => What::Under(of(index), of(it)),
            What::Default(index, it) => What::Default(of(index), of(it)),
            What::Moved => What::Moved,
        };
        Self { what, when: self.when }
    }
}

/// What `changes`, in order, make of `value`.
pub(super) fn changed(value: &Value, changes: &[Change]) -> Vec<Value> {
    let replaced = changes.iter().filter_map(|it| match &it.what {
        What::Replaced(values) => Some(values),
        _ => None,
    });
    let mut all = match value {
        Value::List(_) | Value::Many(_) => {
            let list = changes.iter().fold(value.clone(), of_list);
            vec![list]
        }
        Value::Dict(items) => {
            let mut whole = items.clone();
            for change in changes {
                of_dict(&mut whole, change);
            }
            let mut all = vec![Value::Dict(whole)];
            let is_open =
                |it: &Change| it.when == When::Perhaps || matches!(it.what, What::Taken(_));
            if changes.iter().any(is_open) {
                let mut least = items.clone();
                for change in changes.iter().filter(|it| it.when != When::Perhaps) {
                    match &change.what {
                        What::Taken(index) => take(&mut least, index),
                        _ => of_dict(&mut least, change),
                    }
                }
                all.push(Value::Dict(least));
            }
            all
        }
        other => changes.iter().fold(vec![other.clone()], |values, change| match &change.what {
            What::Added(more) => joined([values, more.clone()]),
            _ => values,
        }),
    };
    all.extend(replaced.flatten().cloned());
    limited(all)
}

fn of_list(list: Value, change: &Change) -> Value {
    let is_certain = change.when != When::Perhaps;
    match (list, &change.what) {
        (list, What::Default(..) | What::Replaced(_) | What::Added(_)) => list,
        (Value::List(mut elements), What::Put(values)) if is_certain => {
            elements.push(values.clone());
            Value::List(elements)
        }
        (Value::List(mut elements), What::PutAll(values)) if is_certain && is_list(values) => {
            for value in values {
                let Value::List(more) = value else { continue };
                elements.extend(more.iter().cloned());
            }
            Value::List(elements)
        }
        (Value::List(mut elements), What::Under(index, values))
            if position(index, elements.len()).is_some() =>
        {
            let at = position(index, elements.len());
            if let Some(element) = at.and_then(|at| elements.get_mut(at)) {
                if change.when == When::Surely {
                    element.clone_from(values);
                } else {
                    element.extend(values.iter().cloned());
                }
            }
            Value::List(elements)
        }
        (list, what) => {
            let mut all = stepped(&[list], &Step::Each);
            match what {
                What::Put(values) | What::Under(_, values) => all.extend(values.iter().cloned()),
                What::PutAll(values) => all.extend(stepped(values, &Step::Each)),
                _ => {}
            }
            Value::Many(limited(all))
        }
    }
}

/// One list, of which every element is known.
fn is_list(values: &[Value]) -> bool {
    matches!(values, [Value::List(_)])
}

fn position(index: &[Value], length: usize) -> Option<usize> {
    match index {
        [Value::Number(digits)] => {
            digits.expose().parse().ok().and_then(|at| value::position(at, length))
        }
        _ => None,
    }
}

pub(super) type Items = Vec<(Option<Text>, Vec<Value>)>;

fn of_dict(items: &mut Items, change: &Change) {
    match &change.what {
        What::Under(index, values) => {
            let is_certain = change.when == When::Surely && index.len() == 1;
            for index in index {
                store(items, index.known(), values, is_certain);
            }
        }
        What::Default(index, values) => {
            for index in index {
                let key = index.known();
                let is_it = |(it, _): &(Option<Text>, _)| {
                    it.as_ref().is_some_and(|it| key.is_some_and(|key| it.expose() == key.expose()))
                };
                if !items.iter().any(is_it) {
                    store(items, key, values, false);
                }
            }
        }
        What::PutAll(values) => {
            let is_certain = change.when == When::Surely && values.len() == 1;
            for value in values {
                match value {
                    Value::Dict(more) => {
                        for (key, values) in more {
                            store(items, key.as_ref(), values, is_certain);
                        }
                    }
                    _ => items.push((None, unknown())),
                }
            }
        }
        What::Put(_) | What::Added(_) | What::Taken(_) | What::Moved | What::Replaced(_) => {}
    }
}

fn store(items: &mut Items, key: Option<&Text>, values: &[Value], is_certain: bool) {
    let is_it = |it: &Option<Text>| {
        it.as_ref().is_some_and(|it| key.is_some_and(|key| it.expose() == key.expose()))
    };
    if is_certain {
        items.retain(|(it, _)| !is_it(it));
    }
    match items.iter_mut().rev().find(|(it, _)| is_it(it)) {
        Some((_, before)) => before.extend(values.iter().cloned()),
        None => items.push((key.cloned(), values.to_vec())),
    }
}

/// Takes out what stands under `index`; everything where that is not known.
fn take(items: &mut Items, index: &[Value]) {
    match index {
        [index] if index.known().is_some() => {
            let key = index.known().map(Text::expose);
            items.retain(|(it, _)| it.as_ref().map(Text::expose) != key);
        }
        _ => items.clear(),
    }
}
