//! Which classes are enumerations, and what their members are as texts.

use super::members::MemberKind;
use super::names::{Entity, Question};
use super::scope::{Scope, ScopeId, ScopeKind};
use crate::read::python::tree::ExprKind;

/// What the members of a class are as texts; `None` when it is no enumeration.
pub(super) fn kind_of_members(question: &Question<'_, '_>, class: ScopeId) -> Option<MemberKind> {
    question.deeper(|| kind_here(question, class))?
}

fn kind_here(question: &Question<'_, '_>, class: ScopeId) -> Option<MemberKind> {
    let scope = question.scopes.get(class)?;
    let mut kind = None;
    let (mut is_text, mut is_other) = (false, false);
    for base in question.bases(scope) {
        match base {
            Entity::Path(path) => {
                is_text |= path == "builtins.str";
                let name = path.rsplit('.').next().unwrap_or("");
                if !name.ends_with("Enum") {
                    is_other |= path.starts_with("builtins.") && path != "builtins.str";
                    continue;
                }
                kind = Some(match name {
                    _ if question.scopes.locals.hold(&path) => MemberKind::Unsure,
                    "StrEnum" => MemberKind::Text,
                    "Enum" => MemberKind::Plain,
                    _ => MemberKind::Unsure,
                });
            }
            Entity::Class(base) => kind = kind.or_else(|| kind_of_members(question, base)),
            _ => {}
        }
    }
    let kind = kind?;
    match shows_itself(question, scope) {
        Some(true) => Some(MemberKind::Text),
        Some(false) => Some(MemberKind::Unsure),
        None if is_text && kind == MemberKind::Plain => Some(MemberKind::Mixed),
        None if is_other => Some(MemberKind::Unsure),
        None => Some(kind),
    }
}

/// Whether a class says itself how its members are shown, and then whether that is by their values.
fn shows_itself(question: &Question<'_, '_>, scope: &Scope<'_>) -> Option<bool> {
    let ScopeKind::Class(_) = scope.kind else { return None };
    let own = ["__str__", "__format__"].iter().flat_map(|name| scope.bindings(name));
    let own: Vec<ScopeId> = own
        .filter_map(|binding| match binding.bound {
            super::scope::Bound::Scope(function) => Some(function),
            _ => None,
        })
        .collect();
    let returned = || question.scopes.returns.iter().filter(|(scope, ..)| own.contains(scope));
    (!own.is_empty()).then(|| {
        returned().next().is_some()
            && returned().all(|(_, value, _)| {
                let value = match &value.kind {
                    ExprKind::Call(call) if call.function.as_name() == Some("str") => {
                        call.positional(0).map_or(*value, |arg| &arg.value)
                    }
                    _ => value,
                };
                matches!(value.last_name(), Some("value" | "_value_"))
            })
    })
}
