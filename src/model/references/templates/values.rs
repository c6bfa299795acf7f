//! The texts that an expression of the code may be, as templates: with holes for what is not known.

use crate::model::references::evaluate::values;
use crate::model::references::format::braces;
use crate::model::references::members::asked_for;
use crate::model::references::names::Question;
use crate::model::references::scope::{Place, Scopes, at};
use crate::model::references::value::{Open, Part, Value, unknown};
use crate::read::jinja::{HOLE, hole};
use crate::read::python::tree::{Expr, ExprKind, FStringPart};
use crate::text::{Span, Text, TextBuilder};

/// A text that is a template, with what may fill its numbered holes.
pub(super) type WithHoles = (Text, Vec<Open>);

/// What `expr` may be; `None` when nothing is known of it.
pub(super) fn texts(scopes: &Scopes<'_>, expr: &Expr, place: Place) -> Option<Vec<WithHoles>> {
    if let ExprKind::Str(text) = &expr.kind {
        return Some(vec![(text.clone(), Vec::new())]);
    }
    let values = values(&Question::new(scopes), expr, at(expr, place));
    let known: Vec<WithHoles> = asked_for(values)
        .into_iter()
        .filter_map(|value| match value {
            Value::Parts(parts) if parts.iter().any(|it| matches!(it, Part::Known(_))) => {
                Some(with_holes(parts, expr.span))
            }
            _ => None,
        })
        .collect();
    if !known.is_empty() {
        return Some(known);
    }
    match &expr.kind {
        ExprKind::FString(parts) => {
            let part = |part: &FStringPart| match part {
                FStringPart::Literal(text) => Part::Known(text.clone()),
                FStringPart::Interpolation(_) => Part::Unknown,
            };
            Some(vec![with_holes(parts.iter().map(part).collect(), expr.span)])
        }
        ExprKind::Call(call) => match &call.function.kind {
            ExprKind::Attribute(text, method) if method.node == "format" => {
                match braces(text.as_str()?, |_, _| unknown()).pop()? {
                    Value::Parts(parts) if parts.len() > 1 => {
                        Some(vec![with_holes(parts, expr.span)])
                    }
                    _ => None,
                }
            }
            _ => None,
        },
        _ => None,
    }
}

/// The text of `parts`, with holes for those that are not known. A hole stands for what lies between
/// the parts around it, where these stand side by side in the expression at `span`.
fn with_holes(parts: Vec<Part>, span: Span) -> WithHoles {
    let mut builder = TextBuilder::default();
    let mut opens = Vec::new();
    let place = |part: &Part| match part {
        Part::Known(text) => Some(text.span_of(0..text.expose().len())),
        Part::Unknown | Part::Open(_) => None,
    };
    let places: Vec<Option<Span>> = parts.iter().map(place).collect();
    let place_of = |number: Option<usize>| places.get(number?).copied().flatten();
    for (number, part) in parts.into_iter().enumerate() {
        let open = match part {
            Part::Known(text) => {
                builder.copy(&text, 0..text.expose().len());
                continue;
            }
            Part::Unknown => None,
            Part::Open(open) => Some(*open),
        };
        let start = place_of(number.checked_sub(1)).map_or(span.start, |it| it.end);
        let end = place_of(Some(number + 1)).map_or(span.end, |it| it.start);
        let is_gap = span.start <= start && start <= end && end <= span.end;
        let gap = if is_gap { Span::new(start, end) } else { span };
        let hole = if open.is_some() { hole(opens.len()) } else { HOLE };
        opens.extend(open);
        builder.push(hole.encode_utf8(&mut [0; 4]), gap);
    }
    (builder.finish(span), opens)
}
