//! `vault kv put`, `vault kv patch` and `vault policy write`.
//!
//! Flags from `HashiCorp` Vault 1.15, `command/kv_put.go`, `command/kv_patch.go` and the global ones of
//! `command/base.go`; values from `command/kv-builder`.

use super::arguments::{Arguments, Flags, Style};
use super::invocation::Invocation;
use super::{Commands, input, part, unknown};
use crate::model::Origin;
use crate::model::setup::creation::{Creation, Payload};
use crate::model::setup::mounted;
use crate::model::setup::vault_policy::VaultPolicy;
use crate::read::shell::Word;

const FLAGS: Flags = Flags {
    switches: &[
        "tls-skip-verify",
        "output-curl-string",
        "output-policy",
        "policy-override",
        "non-interactive",
        "disable-redirects",
        "remove-data",
    ],
    short: &[],
    lists: &[],
    style: Style::Go,
};

pub(super) fn read(invocation: &mut Invocation<'_>, commands: &mut Commands) {
    let path = Arguments::read(invocation.arguments, &FLAGS).path();
    if matches!(path.as_slice(), ["policy", "write", ..]) {
        return policy(invocation, commands);
    }
    if !matches!(path.as_slice(), ["kv", "put" | "patch", ..]) {
        return;
    }
    // The fields that it does not name stay.
    let patches = path.get(1) == Some(&"patch");
    let arguments = invocation.understood(&FLAGS, 2);
    let mut words = arguments.positionals.iter().skip(2);
    let path = words.next().map(|word| &word.value);
    let (container, name) = match (arguments.value("mount"), path) {
        (mount, None) => (mount.cloned(), unknown(invocation.command.span)),
        (Some(mount), Some(path)) => (Some(mount.clone()), path.clone()),
        (None, Some(path)) => mounted(path),
    };
    let words: Vec<&Word> = words.copied().collect();
    let statement = invocation.place();
    commands.creations.push(Creation {
        container,
        payload: if patches { Payload::Unknown } else { payload(invocation, &words) },
        ..Creation::new("hashicorp_vault", name, statement, Origin::Command)
    });
}

/// `vault policy write NAME -`, or a file.
fn policy(invocation: &mut Invocation<'_>, commands: &mut Commands) {
    let arguments = invocation.understood(&FLAGS, 2);
    let source = arguments.positionals.get(3).map(|word| word.value.text().expose());
    let text = match source {
        Some("-") => input::of(invocation.command, invocation.script()),
        _ => None,
    };
    commands.vault_policies.push(match text {
        Some(Payload::Text(text) | Payload::Line(text)) => {
            VaultPolicy::read(text.text(), invocation.scope.file)
        }
        _ => VaultPolicy::unknown(),
    });
}

fn payload(invocation: &Invocation<'_>, words: &[&Word]) -> Payload {
    let from_input = || input::of(invocation.command, invocation.script());
    let mut fields = Vec::new();
    for word in words {
        let written = word.value.text().expose();
        let Some((name, value)) = written.split_once('=') else {
            return match written.strip_prefix('@') {
                Some(path) if words.len() == 1 => {
                    Payload::File(part(&word.value, 1..1 + path.len()))
                }
                _ => Payload::Unknown,
            };
        };
        let start = name.len() + 1;
        let value = match value {
            "-" => from_input().map(|payload| input::whole(payload, invocation.command)),
            _ if value.starts_with('@') => None,
            // A backslash keeps an at sign or a minus from being looked at.
            "\\-" => Some(part(&word.value, start + 1..written.len())),
            _ if value.starts_with("\\@") => Some(part(&word.value, start + 1..written.len())),
            _ => Some(part(&word.value, start..written.len())),
        };
        let value = value.unwrap_or_else(|| unknown(word.raw));
        fields.push((part(&word.value, 0..name.len()), value));
    }
    if fields.is_empty() { Payload::Nothing } else { Payload::Fields(fields) }
}
