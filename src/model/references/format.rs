//! Text that is put into text: `%` and `format`.

use super::value::{MAX_LENGTH, Value, joined, shown, unknown};
use crate::text::{Text, TextBuilder};

/// `text % arguments`, as far as it has only `%s` and `%d` in it.
pub(super) fn percent(text: &Text, arguments: Vec<Vec<Value>>) -> Vec<Value> {
    if text.expose().len() > MAX_LENGTH {
        return unknown();
    }
    let mut arguments = arguments.into_iter();
    let mut pieces = Vec::new();
    let (format, mut from) = (text.expose(), 0);
    while let Some(found) = format.get(from..).and_then(|rest| rest.find('%')) {
        let sign = from + found;
        pieces.push(vec![Value::text(part_of(text, from, sign))]);
        match format.as_bytes().get(sign + 1) {
            Some(b'%') => pieces.push(vec![Value::text(part_of(text, sign, sign + 1))]),
            Some(b's' | b'd') => pieces.push(arguments.next().map_or_else(unknown, shown)),
            _ => return unknown(),
        }
        from = sign + 2;
    }
    pieces.push(vec![Value::text(part_of(text, from, format.len()))]);
    joined(pieces)
}

/// `text.format(…)`; `find` gives the values of a field by its name and number.
pub(super) fn braces(text: &Text, find: impl Fn(&str, usize) -> Vec<Value>) -> Vec<Value> {
    if text.expose().len() > MAX_LENGTH {
        return unknown();
    }
    let mut pieces = Vec::new();
    let (format, mut from, mut number) = (text.expose(), 0, 0);
    while let Some(found) = format.get(from..).and_then(|rest| rest.find(['{', '}'])) {
        let brace = from + found;
        let bytes = format.as_bytes();
        if bytes.get(brace) == bytes.get(brace + 1) {
            pieces.push(vec![Value::text(part_of(text, from, brace + 1))]);
            from = brace + 2;
            continue;
        }
        pieces.push(vec![Value::text(part_of(text, from, brace))]);
        let Some(end) = format.get(brace..).and_then(|rest| rest.find('}')) else {
            return unknown();
        };
        let name = format.get(brace + 1..brace + end).unwrap_or("");
        pieces.push(if name.contains(['.', '[', ':', '!', '{']) {
            unknown()
        } else {
            find(name, number)
        });
        number += usize::from(name.is_empty());
        from = brace + end + 1;
    }
    pieces.push(vec![Value::text(part_of(text, from, format.len()))]);
    joined(pieces)
}

/// The bytes `start..end` of `text`, with their places.
fn part_of(text: &Text, start: usize, end: usize) -> Text {
    let mut builder = TextBuilder::default();
    builder.copy(text, start..end);
    builder.finish(text.span_of(start..end))
}
