//! Scripts for bash: quoting, and how a value is asked for.

use super::{Plan, places, value_of};

/// `text` as one word.
pub(super) fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

/// How each script begins: it stops at the first failure, and reads values instead of holding any.
pub(super) fn beginning(plan: &Plan) -> String {
    let title = plan.title("Creates");
    format!(
        r#"#!/usr/bin/env bash
# {title}.
# No value stands in here: each is read from the terminal, unseen, or from a line of standard input.
set -euo pipefail

# ask NAME WHAT: reads the value of NAME.
ask() {{
  value=
  IFS= read -rs -p "$1 ($2): " value || [ -n "$value" ]
  printf '\n' >&2
  if [ -z "$value" ]; then
    printf '%s: no value was given, so nothing is created\n' "$1" >&2
    exit 1
  fi
}}
"#
    )
}

/// A variable that the caller may set, and must where `known` does not.
pub(super) fn parameter(name: &str, known: Option<&str>, means: &str) -> String {
    match known {
        Some(value) => format!("{name}=${{{name}:-{value}}}\n"),
        None => format!(": \"${{{name}:?set it to {means}}}\"\n"),
    }
}

/// One call of the script's function for each secret that is to be created, and comments for the others.
pub(super) fn calls(plan: &Plan, arguments: impl Fn(&super::Secret) -> String) -> String {
    let created = plan.to_create().map(|secret| {
        format!(
            "# {}\ncreate {} {}\n",
            places(secret),
            arguments(secret),
            quoted(value_of(secret.kind))
        )
    });
    let mut text: String = created.collect();
    for line in plan.not_created() {
        text += &format!("# {line}\n");
    }
    text
}
