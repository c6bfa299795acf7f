//! Vault.

use super::shell::{beginning, calls, parameter, quoted};
use super::{Emitted, Plan, Secret, places};
use crate::model::Kind;

/// The mount and the path below it in what the backend asks for, `secret/data/variables/x`, and whether the engine is
/// of version 2, which puts `data` between the two.
pub(super) fn parts<'a>(plan: &Plan, name: &'a str) -> (&'a str, &'a str, bool) {
    let mount =
        plan.location.mount.as_deref().unwrap_or_else(|| name.split('/').next().unwrap_or(""));
    let length = if name.starts_with(mount) { mount.len() } else { 0 };
    let (mount, rest) = name.split_at_checked(length).unwrap_or(("", name));
    let rest = rest.trim_start_matches('/');
    match rest.strip_prefix("data/") {
        Some(path) => (mount, path, true),
        None => (mount, rest, false),
    }
}

/// The member of a secret that the backend takes.
pub(super) const fn field(kind: Kind) -> &'static str {
    match kind {
        Kind::Connection => "conn_uri",
        Kind::Variable | Kind::Config => "value",
    }
}

/// The policy that lets exactly these paths be read.
pub(super) fn policy(plan: &Plan) -> Emitted {
    let mut text = format!("# {}.\n", plan.title("Lets read"));
    if plan.location.has_namespace {
        let namespace = plan.location.namespace.as_deref().unwrap_or("that the backend is given");
        text += &format!("# It belongs into the namespace {namespace}.\n");
    }
    for secret in &plan.secrets {
        text += &format!("\n# {}\n{}", places(secret), rule(secret));
    }
    if let Some(line) = plan.dynamic_note() {
        text += &format!("\n# {line}\n");
    }
    Emitted { text, notes: Vec::new() }
}

/// The rule for one secret. Vault knows `*` at the end only, and `+` for what stands between two slashes.
fn rule(secret: &Secret) -> String {
    let (path, is_wider) = pattern(&secret.name);
    let wider = if is_wider {
        "# wider than asked for: Vault has no pattern for a part of what stands between slashes\n"
    } else {
        ""
    };
    format!("{wider}path \"{path}\" {{\n  capabilities = [\"read\"]\n}}\n")
}

fn pattern(name: &str) -> (String, bool) {
    let star = name.find('*');
    if star.is_none_or(|at| at + 1 == name.len()) {
        return (name.to_owned(), false);
    }
    let mut is_wider = false;
    let segments: Vec<&str> = name
        .split('/')
        .map(|segment| {
            is_wider |= segment.contains('*') && segment != "*";
            if segment.contains('*') { "+" } else { segment }
        })
        .collect();
    (segments.join("/"), is_wider)
}

/// The commands that create the secrets.
pub(super) fn commands(plan: &Plan) -> Emitted {
    let mut text = beginning(plan);
    let address = plan.location.address.as_deref();
    text += &format!("\n{}", parameter("VAULT_ADDR", address, "the address of Vault"));
    text += "export VAULT_ADDR\n";
    if plan.location.has_namespace {
        let known = plan.location.namespace.as_deref();
        text += &parameter("VAULT_NAMESPACE", known, "the namespace that the backend is given");
        text += "export VAULT_NAMESPACE\n";
    }
    text += CREATE;
    text += &calls(plan, |secret| {
        let (mount, path, _) = parts(plan, &secret.name);
        format!("{} {} {}", quoted(mount), quoted(path), field(secret.kind))
    });
    Emitted { text, notes: Vec::new() }
}

const CREATE: &str = r#"
# create MOUNT PATH FIELD WHAT: creates PATH, unless it exists. What exists and cannot be read is not
# replaced either (-cas=0, of version 2 of the engine).
create() {
  if vault kv get -mount="$1" "$2" >/dev/null 2>&1; then
    printf '%s exists, and is left as it is\n' "$2" >&2
    return
  fi
  ask "$2" "$4"
  printf '%s' "$value" | vault kv put -mount="$1" -cas=0 "$2" "$3=-" >/dev/null
}

"#;
