//! The texts that an expression of the code may be, as templates: with holes for what is not known.

use crate::model::references::evaluate::key;
use crate::model::references::format::braces;
use crate::model::references::names::Question;
use crate::model::references::scope::{Place, Scopes};
use crate::model::references::value::{Part, Value, unknown};
use crate::model::references::{Key, KeyPart};
use crate::read::jinja::HOLE;
use crate::read::python::tree::{Expr, ExprKind, FStringPart};
use crate::text::{Span, Text, TextBuilder};

/// What `expr` may be; `None` when nothing is known of it.
pub(super) fn texts(scopes: &Scopes<'_>, expr: &Expr, place: Place) -> Option<Vec<Text>> {
    if let ExprKind::Str(text) = &expr.kind {
        return Some(vec![text.clone()]);
    }
    let key = key(&Question::new(scopes), expr, place)?;
    let known: Vec<Text> = key
        .alternatives()
        .iter()
        .filter_map(|key| match key {
            Key::Known(text) => Some(text.clone()),
            Key::Pattern(parts) => Some(with_holes(parts, expr.span)),
            Key::OneOf(_) | Key::Dynamic => None,
        })
        .collect();
    if !known.is_empty() {
        return Some(known);
    }
    match &expr.kind {
        ExprKind::FString(parts) => {
            let parts: Vec<KeyPart> = parts
                .iter()
                .map(|part| match part {
                    FStringPart::Literal(text) => KeyPart::Known(text.clone()),
                    FStringPart::Interpolation(_) => KeyPart::Unknown,
                })
                .collect();
            Some(vec![with_holes(&parts, expr.span)])
        }
        ExprKind::Call(call) => match &call.function.kind {
            ExprKind::Attribute(text, method) if method.node == "format" => {
                match braces(text.as_str()?, |_, _| unknown()).pop()? {
                    Value::Parts(parts) if parts.len() > 1 => {
                        let parts: Vec<KeyPart> = parts.into_iter().map(key_part).collect();
                        Some(vec![with_holes(&parts, expr.span)])
                    }
                    _ => None,
                }
            }
            _ => None,
        },
        _ => None,
    }
}

fn key_part(part: Part) -> KeyPart {
    match part {
        Part::Known(text) => KeyPart::Known(text),
        Part::Unknown | Part::Open(_) => KeyPart::Unknown,
    }
}

/// The text of `parts`, with holes for those that are not known. A hole stands for what lies between
/// the parts around it, where these stand side by side in the expression at `span`.
fn with_holes(parts: &[KeyPart], span: Span) -> Text {
    let mut builder = TextBuilder::default();
    let place = |part: Option<&KeyPart>| match part {
        Some(KeyPart::Known(text)) => Some(text.span_of(0..text.expose().len())),
        _ => None,
    };
    for (number, part) in parts.iter().enumerate() {
        match part {
            KeyPart::Known(text) => builder.copy(text, 0..text.expose().len()),
            KeyPart::Unknown | KeyPart::Setting(_) => {
                let before = number.checked_sub(1).and_then(|it| place(parts.get(it)));
                let start = before.map_or(span.start, |it| it.end);
                let end = place(parts.get(number + 1)).map_or(span.end, |it| it.start);
                let is_gap = span.start <= start && start <= end && end <= span.end;
                let gap = if is_gap { Span::new(start, end) } else { span };
                builder.push(HOLE.encode_utf8(&mut [0; 4]), gap);
            }
        }
    }
    builder.finish(span)
}
