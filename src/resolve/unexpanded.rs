//! References in a value that look as if something would put text in their place.

use std::ops::Range;

use crate::model::{Place, Setting};

/// A reference as it stands in a value.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Reference<'a> {
    /// The bytes of the value.
    pub range: Range<usize>,
    /// Who would have to expand it.
    pub syntax: Syntax<'a>,
}

/// The form of a reference.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Syntax<'a> {
    /// `$NAME` or `${NAME}`: shells, compose, and Airflow in the values of its options.
    Variable(&'a str),
    /// `${NAME:-text}` and its kin: shells and compose only.
    VariableWithDefault,
    /// `${var.name}`: Terraform.
    Terraform,
    /// `$(NAME)`: Kubernetes, in a container's own list of variables.
    Kubernetes,
    /// `${{ … }}`: the workflows of GitHub.
    Workflow,
    /// `{{ … }}`: Jinja.
    Jinja,
    /// `{name}`: Python's `str.format`.
    Format,
}

impl Syntax<'_> {
    /// Who expands it elsewhere.
    #[must_use]
    pub const fn expanded_by(self) -> &'static str {
        match self {
            Self::Variable(_) | Self::VariableWithDefault => "a shell",
            Self::Terraform => "Terraform",
            Self::Kubernetes => "Kubernetes",
            Self::Workflow => "a GitHub workflow",
            Self::Jinja => "Jinja",
            Self::Format => "Python",
        }
    }
}

/// The references in the value of `setting`, which is no option of Airflow, so that nothing
/// expands them; each with its text where it is the whole value or that can be shown.
#[must_use]
pub fn unexpanded_in(setting: &Setting) -> Vec<(Place, Option<&str>, Syntax<'_>)> {
    let Some(text) = setting.text() else { return Vec::new() };
    let value = text.expose();
    let certain = |reference: &Reference<'_>| {
        let written = value.get(reference.range.clone()).unwrap_or("");
        // `$` and braces alone may be part of a key or password.
        written.starts_with("${") || written.starts_with("$(") || written.starts_with("{{")
    };
    let found = references(value).into_iter().filter(certain);
    found
        .map(|Reference { range, syntax }| {
            let place = Place::new(setting.file, text.span_of(range.clone()));
            let shown = range == (0..value.len()) || setting.shown().is_some();
            (place, value.get(range).filter(|_| shown), syntax)
        })
        .collect()
}

/// The references in `value`, in order.
#[must_use]
pub(super) fn references(value: &str) -> Vec<Reference<'_>> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(start) = value.get(at..).and_then(|rest| rest.find(['$', '{'])) {
        let start = at + start;
        match reference_at(value, start) {
            Some(reference) => {
                at = reference.range.end;
                found.push(reference);
            }
            None => at = start + 1,
        }
    }
    found
}

fn reference_at(value: &str, start: usize) -> Option<Reference<'_>> {
    let rest = value.get(start..)?;
    let found = |length: usize, syntax| Some(Reference { range: start..start + length, syntax });
    // A reference is short; a longer one is some other text, and would cost a search each time.
    let within = |open: &str, close: &str| {
        let inner = rest.strip_prefix(open)?;
        let near = inner.get(..inner.floor_char_boundary(200))?;
        let end = near.find(close)?;
        Some((inner.get(..end)?, open.len() + end + close.len()))
    };
    if let Some((_, length)) = within("${{", "}}") {
        return found(length, Syntax::Workflow);
    }
    if let Some((inner, length)) = within("${", "}") {
        return match inner.find(|c: char| !is_name_character(c)) {
            None if is_name(inner) => found(length, Syntax::Variable(inner)),
            Some(end) if is_name(inner.get(..end)?) && is_operator(inner.get(end..)?) => {
                found(length, Syntax::VariableWithDefault)
            }
            _ if inner.split('.').all(is_name) => found(length, Syntax::Terraform),
            _ => None,
        };
    }
    if let Some((inner, length)) = within("$(", ")") {
        return is_name(inner).then_some(()).and_then(|()| found(length, Syntax::Kubernetes));
    }
    if let Some((inner, length)) = within("{{", "}}") {
        let is_plain = inner.chars().all(|c| c.is_alphanumeric() || " _.|()'\"-".contains(c));
        return (is_plain && !inner.trim().is_empty())
            .then_some(())
            .and_then(|()| found(length, Syntax::Jinja));
    }
    if let Some((inner, length)) = within("{", "}") {
        let is_field = inner.split('.').all(is_name);
        return is_field.then_some(()).and_then(|()| found(length, Syntax::Format));
    }
    let name = rest.strip_prefix('$')?;
    let length = name.find(|c: char| !is_name_character(c)).unwrap_or(name.len());
    let name = name.get(..length).filter(|name| is_name(name))?;
    found(1 + length, Syntax::Variable(name))
}

const fn is_name_character(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}

fn is_name(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && text.chars().all(is_name_character)
}

fn is_operator(rest: &str) -> bool {
    rest.trim_start_matches(':').starts_with(['-', '?', '+', '='])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_of_every_form_are_found() {
        for (value, expected) in [
            ("${ENV}/v", vec![("${ENV}", Syntax::Variable("ENV"))]),
            ("$ENV/v", vec![("$ENV", Syntax::Variable("ENV"))]),
            ("a/$A$B", vec![("$A", Syntax::Variable("A")), ("$B", Syntax::Variable("B"))]),
            ("${ENV:-dev}/v", vec![("${ENV:-dev}", Syntax::VariableWithDefault)]),
            ("${var.env}/v", vec![("${var.env}", Syntax::Terraform)]),
            ("$(ENV)/v", vec![("$(ENV)", Syntax::Kubernetes)]),
            ("${{ secrets.ARN }}", vec![("${{ secrets.ARN }}", Syntax::Workflow)]),
            ("airflow/{{ env }}/v", vec![("{{ env }}", Syntax::Jinja)]),
            ("airflow/{env}/v", vec![("{env}", Syntax::Format)]),
            ("{settings.env}", vec![("{settings.env}", Syntax::Format)]),
            ("^aws_.*$", vec![]),
            ("a$|b$", vec![]),
            (r"\d{3}", vec![]),
            ("{}", vec![]),
            ("${", vec![]),
            ("$", vec![]),
            ("cost $5", vec![]),
            ("${ä}", vec![]),
        ] {
            let found: Vec<_> = references(value)
                .into_iter()
                .map(|reference| (&value[reference.range], reference.syntax))
                .collect();
            assert_eq!(found, expected, "{value}");
        }
    }
}
