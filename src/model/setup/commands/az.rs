//! `az keyvault secret set`.
//!
//! Flags from `azure-cli` 2.91, `command_modules/keyvault/_params.py`, and the global ones of
//! `azure.cli.core`. Any argument may be `@file`, or `@-` for standard input.

use super::arguments::{Arguments, Flags, Style};
use super::invocation::Invocation;
use super::{Commands, input, part, unknown};
use crate::model::Origin;
use crate::model::setup::creation::{Creation, Payload};
use crate::text::Value;

const FLAGS: Flags = Flags {
    switches: &["debug", "help", "only-show-errors", "verbose"],
    short: &[('n', "name"), ('f', "file"), ('e', "encoding"), ('o', "output"), ('h', "help")],
    lists: &["tags"],
    style: Style::Argparse,
};

pub(super) fn read(invocation: &mut Invocation<'_>, commands: &mut Commands) {
    let path = Arguments::read(invocation.arguments, &FLAGS).path();
    if !matches!(path.as_slice(), ["keyvault", "secret", "set", ..]) {
        return;
    }
    let arguments = invocation.understood(&FLAGS, 3);
    let name = arguments.value("name").cloned();
    let name = name.unwrap_or_else(|| unknown(invocation.command.span));
    commands.creations.push(Creation {
        container: arguments.value("vault-name").cloned(),
        payload: payload(invocation, &arguments),
        ..Creation::new("azure_key_vault", name, invocation.place(), Origin::Command)
    });
}

fn payload(invocation: &Invocation<'_>, arguments: &Arguments<'_>) -> Payload {
    if let Some(value) = arguments.value("value") {
        let Some(path) = value.text().expose().strip_prefix('@') else {
            return Payload::Text(value.clone());
        };
        return file(invocation, part(value, 1..1 + path.len()));
    }
    let encoding = arguments.value("encoding").map(|it| it.text().expose());
    match arguments.value("file") {
        // What is stored is text made of the bytes.
        Some(_) if encoding.is_some_and(|it| it != "utf-8" && it != "ascii") => Payload::Unknown,
        Some(path) => file(invocation, path.clone()),
        None => Payload::Unknown,
    }
}

fn file(invocation: &Invocation<'_>, path: Value) -> Payload {
    if path.known().is_some_and(|path| matches!(path.expose(), "-" | "/dev/stdin")) {
        return input::of(invocation.command, invocation.script()).unwrap_or(Payload::Unknown);
    }
    Payload::File(path)
}
