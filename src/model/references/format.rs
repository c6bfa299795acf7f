//! Text that is put into text: `%` and `format`.

use super::members::{formatted, shown};
use super::value::{MAX_LENGTH, Part, Step, Value, joined, stepped, unknown};
use crate::text::{Text, TextBuilder};

/// `text % arguments`, as far as it has only `%s`, `%d` and their like in it.
pub(super) fn percent(text: &Text, arguments: Vec<Vec<Value>>) -> Vec<Value> {
    if text.expose().len() > MAX_LENGTH {
        return unknown();
    }
    let whole = arguments.first().cloned().unwrap_or_default();
    let mut arguments = arguments.into_iter();
    let mut pieces = Vec::new();
    let (format, mut from) = (text.expose(), 0);
    while let Some(found) = format.get(from..).and_then(|rest| rest.find('%')) {
        let sign = from + found;
        pieces.push(vec![Value::text(part_of(text, from, sign))]);
        if format.as_bytes().get(sign + 1) == Some(&b'%') {
            pieces.push(vec![Value::text(part_of(text, sign, sign + 1))]);
            from = sign + 2;
            continue;
        }
        let mut at = sign + 1;
        let rest = format.get(at..).unwrap_or("");
        let name = rest.strip_prefix('(').and_then(|rest| rest.split_once(')')).map(|it| it.0);
        let values = match name {
            Some(name) => {
                at += name.len() + 2;
                stepped(&whole, &Step::Key(Text::produced_by(name, text.span())))
            }
            None => arguments.next().unwrap_or_else(unknown),
        };
        let rest = format.get(at..).unwrap_or("");
        let Some(end) = rest.find(|c: char| c.is_ascii_alphabetic()) else { return unknown() };
        let (flags, is_number) = match (rest.get(..end), rest.as_bytes().get(end)) {
            (Some(flags), Some(b's')) => (flags, false),
            (Some(flags), Some(b'd')) => (flags, true),
            _ => return unknown(),
        };
        pieces.push(match (flags, is_number) {
            ("", _) => shown(values),
            // Only numbers are filled with zeros; text stands at the right without a `-`.
            (flags, true) => specified(values, &format!("{flags}d")),
            (flags, false) => match flags.strip_prefix('-') {
                Some(flags) => specified(shown(values), &format!("<{flags}")),
                None => specified(shown(values), &format!(">{flags}")),
            },
        });
        from = at + end + 1;
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
        let (name, specification) = name.split_once(':').unwrap_or((name, ""));
        pieces.push(if name.contains(['.', '[', '!', '{']) {
            unknown()
        } else {
            specified(find(name, number), specification)
        });
        number += usize::from(name.is_empty());
        from = brace + end + 1;
    }
    pieces.push(vec![Value::text(part_of(text, from, format.len()))]);
    joined(pieces)
}

/// The values as `format` shows them with what stands behind the colon: fill, alignment, width, and
/// the types `s` and `d`.
pub(super) fn specified(values: Vec<Value>, specification: &str) -> Vec<Value> {
    if specification.is_empty() {
        return formatted(values);
    }
    let Some(it) = Specification::of(specification) else { return unknown() };
    let one = |value: Value| match value {
        Value::Number(digits) if it.kind != Some('s') => it.applied(&digits, true),
        Value::Parts(parts) => match parts.as_slice() {
            [Part::Known(text)] if it.kind != Some('d') && !it.has_zero => it.applied(text, false),
            _ => unknown(),
        },
        _ => unknown(),
    };
    let values = if it.kind == Some('d') { values } else { members_shown(values) };
    values.into_iter().flat_map(one).collect()
}

/// Numbers stay what they are.
fn members_shown(values: Vec<Value>) -> Vec<Value> {
    let shown = |value: Value| match value {
        Value::Member(_) => formatted(vec![value]),
        other => vec![other],
    };
    values.into_iter().flat_map(shown).collect()
}

/// `[[fill]align][0][width][type]`
struct Specification {
    fill: char,
    align: Option<char>,
    has_zero: bool,
    width: usize,
    kind: Option<char>,
}

impl Specification {
    fn of(text: &str) -> Option<Self> {
        let is_align = |c: &char| matches!(c, '<' | '>' | '^');
        let mut chars = text.chars();
        let (first, second) = (chars.next()?, chars.next());
        let (fill, align, rest) = match second {
            Some(align) if is_align(&align) => (first, Some(align), chars.as_str()),
            _ if is_align(&first) => (' ', Some(first), text.get(1..)?),
            _ => (' ', None, text),
        };
        let has_zero = align.is_none() && rest.starts_with('0');
        let end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
        let (width, kind) = rest.split_at_checked(end)?;
        let kind = match kind {
            "" => None,
            "s" => Some('s'),
            "d" => Some('d'),
            _ => return None,
        };
        let width = if width.is_empty() { 0 } else { width.parse().ok()? };
        (width <= MAX_LENGTH).then_some(Self { fill, align, has_zero, width, kind })
    }

    fn applied(&self, text: &Text, is_number: bool) -> Vec<Value> {
        let shown = text.expose();
        let missing = self.width.saturating_sub(shown.chars().count());
        if missing == 0 {
            return vec![Value::text(text.clone())];
        }
        let fill = |count| self.fill.to_string().repeat(count);
        let default = if is_number { '>' } else { '<' };
        let filled = match self.align.unwrap_or(default) {
            _ if self.has_zero => {
                let (sign, digits) = shown.split_at(usize::from(shown.starts_with('-')));
                format!("{sign}{}{digits}", "0".repeat(missing))
            }
            '<' => shown.to_owned() + &fill(missing),
            '^' => fill(missing / 2) + shown + &fill(missing - missing / 2),
            _ => fill(missing) + shown,
        };
        vec![Value::text(Text::produced_by(filled, text.span()))]
    }
}

/// The bytes `start..end` of `text`, with their places.
fn part_of(text: &Text, start: usize, end: usize) -> Text {
    let mut builder = TextBuilder::default();
    builder.copy(text, start..end);
    builder.finish(text.span_of(start..end))
}
