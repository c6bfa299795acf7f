//! Azure Key Vault.

use super::shell::{beginning, calls, parameter, quoted};
use super::{Emitted, Plan, places};

/// The role that reads the values of secrets.
pub(super) const ROLE: &str = "Key Vault Secrets User";

/// The commands that create the secrets, and let an identity read each of them.
pub(super) fn commands(plan: &Plan) -> Emitted {
    let mut text = beginning(plan);
    text += &format!(
        "\n{}",
        parameter("VAULT", plan.location.vault.as_deref(), "the name of the vault")
    );
    text += &parameter(
        "PRINCIPAL",
        None,
        "the object id of the service principal that reads the secrets",
    );
    text += CREATE;
    text += &calls(plan, |secret| quoted(&secret.name));
    for secret in plan.to_read().filter(|it| it.created_by.is_some()) {
        text += &format!("allow {}\n", quoted(&secret.name));
    }
    for secret in plan.patterns() {
        text += &format!(
            "# not allowed: Azure has no roles for names that are known in part, such as {} ({})\n",
            secret.name,
            places(secret)
        );
    }
    Emitted { text, notes: Vec::new() }
}

const CREATE: &str = r#"SCOPE=$(az keyvault show --name "$VAULT" --query id --output tsv)

# allow NAME: lets the principal read NAME.
allow() {
  az role assignment create --assignee-object-id "$PRINCIPAL" \
    --assignee-principal-type ServicePrincipal --role 'Key Vault Secrets User' \
    --scope "$SCOPE/secrets/$1" --output none
}

# create NAME WHAT: creates NAME, unless it exists, and lets the principal read it.
create() {
  local known
  known=$(az keyvault secret list --vault-name "$VAULT" --query "[?name=='$1'].name" --output tsv)
  if [ -n "$known" ]; then
    printf '%s exists, and is left as it is\n' "$1" >&2
  else
    ask "$1" "$2"
    printf '%s' "$value" |
      az keyvault secret set --vault-name "$VAULT" --name "$1" --file /dev/stdin \
        --encoding utf-8 --output none
  fi
  allow "$1"
}

"#;
