//! `aws iam create-role|attach-role-policy|put-role-policy`: flags as in [`super::aws`].

use super::arguments::Flags;
use super::invocation::Invocation;
use super::{Commands, unknown};
use crate::model::setup::policy::{Grant, Policy, Role, Trust};
use crate::model::{Origin, Place};
use crate::text::Value;

/// Whether `path`, the first arguments of `aws`, is one of these commands.
pub(super) fn is_one(path: &[&str]) -> bool {
    matches!(path, ["iam", "create-role" | "attach-role-policy" | "put-role-policy", ..])
}

pub(super) fn read(invocation: &mut Invocation<'_>, flags: &Flags, commands: &mut Commands) {
    let arguments = invocation.understood(flags, 2);
    let name = arguments.value("role-name").cloned();
    let policy = |flag| arguments.value(flag).map(|text| policy(text, invocation));
    let managed = arguments.value("policy-arn").map(|arn| {
        let place = invocation.at(arn.span());
        Grant::Managed(arn.clone(), place)
    });
    let creates = arguments.positionals.get(1).is_some_and(|word| is_word(word, "create-role"));
    let trust = policy("assume-role-policy-document").map_or(Trust::Unknown, Trust::Policy);
    commands.roles.push(Role {
        name: name.unwrap_or_else(|| unknown(invocation.command.span)),
        path: arguments.value("path").cloned(),
        trust: creates.then_some(trust),
        grants: managed.into_iter().chain(policy("policy-document").map(Grant::Policy)).collect(),
        // Another command may give it more.
        may_have_more: true,
        statement: invocation.place(),
        origin: Origin::Command,
    });
}

fn is_word(word: &crate::read::shell::Word, text: &str) -> bool {
    word.value.known().is_some_and(|it| it.expose() == text)
}

/// The policy that an argument holds, if it is no file.
fn policy(text: &Value, invocation: &Invocation<'_>) -> Policy {
    let place: Place = invocation.at(text.span());
    if text.text().expose().starts_with("file") {
        return Policy::unknown(place);
    }
    Policy::of_json(text.text(), place)
}
