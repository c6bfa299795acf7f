//! What the constructor of Vault's client checks of a login (hashicorp 1.0.0 to 4.8.4).

use crate::facts::airflow;
use crate::resolve::fault::{Cause, Fault};
use crate::resolve::start::{Start, State};

/// A kind of login, with the parameters that it cannot do without: one of each group.
struct Login {
    name: &'static str,
    needs: &'static [&'static [&'static str]],
    /// The behaviour with which it is known, or checked, at all.
    from: Option<&'static str>,
}

const LOGINS: &[Login] = &[
    Login { name: "token", needs: &[&["token", "token_path"]], from: None },
    Login { name: "github", needs: &[&["token", "token_path"]], from: None },
    Login { name: "approle", needs: &[&["role_id"]], from: None },
    Login {
        name: "kubernetes",
        needs: &[&["kubernetes_role"], &["kubernetes_jwt_path"]],
        from: None,
    },
    Login { name: "azure", needs: &[&["azure_resource"], &["azure_tenant_id"]], from: None },
    Login { name: "radius", needs: &[&["radius_host"], &["radius_secret"]], from: None },
    Login { name: "userpass", needs: &[], from: None },
    Login { name: "ldap", needs: &[], from: None },
    Login { name: "aws_iam", needs: &[], from: None },
    Login { name: "gcp", needs: &[], from: None },
    Login {
        name: "jwt",
        needs: &[&["jwt_role"], &["jwt_token", "jwt_token_path"]],
        from: Some("logs-in-by-jwt"),
    },
];

/// Groups that `gcp` cannot do without, with the behaviour from which on they are checked.
const GCP_NEEDS: &[(&str, &[&str])] = &[
    ("checks-gcp-role", &["gcp_scopes"]),
    ("checks-gcp-role", &["role_id"]),
    ("checks-gcp-key", &["gcp_key_path", "gcp_keyfile_dict"]),
];

/// Why the client cannot be constructed; `None` when it can.
pub(super) fn fault(start: &Start<'_>) -> Option<State> {
    let asked = start.value("auth_type");
    let known = LOGINS.iter().find(|login| {
        Some(login.name) == asked.as_str() && login.from.is_none_or(|from| start.behaves(from))
    });
    let Some(login) = known else {
        return Some("the `auth_type` is not supported: VaultError".to_owned().into());
    };
    let of_gcp = GCP_NEEDS
        .iter()
        .filter(|(behaviour, _)| login.name == "gcp" && start.behaves(behaviour))
        .map(|(_, group)| group);
    let missing = login
        .needs
        .iter()
        .chain(of_gcp)
        .find(|group| !group.iter().any(|parameter| start.value(parameter).is_truthy()))?;
    let by_environment = login.name == "token" && start.behaves("reads-vault-token");
    if by_environment && start.setting("VAULT_TOKEN").is_some() {
        return None;
    }
    if by_environment && start.has_outside_sources {
        let why = "whether `VAULT_TOKEN` is set is not said by the files";
        return Some(State::Unknown(why.to_owned()));
    }
    let names: Vec<_> = missing.iter().map(|parameter| format!("`{parameter}`")).collect();
    let what = format!("the login `{}` lacks {}", login.name, names.join(" or "));
    let cause = Cause::Missing {
        keywords: missing.to_vec(),
        or_setting: by_environment.then_some("VAULT_TOKEN"),
        because_of: Some("auth_type"),
    };
    Some(Fault { what, exception: "VaultError", cause }.into())
}

/// Why a login that the constructor takes never gets a token.
pub(super) fn lookup_fault(start: &Start<'_>) -> Option<Fault> {
    let login = start.value("auth_type").as_str()?;
    // hvac 1.0 dropped the methods that the provider called before 3.4.3.
    let dropped = matches!(login, "userpass" | "aws_iam")
        && start.behaves("logs-in-as-hvac-0")
        && airflow().behaves("hvac-1", start.airflow);
    if dropped {
        let what =
            format!("hvac 1 has no `{login}` login as this version of the provider calls it");
        return Some(Fault::value("auth_type", what, "AttributeError"));
    }
    // For these the provider configures the login on the server, and never logs in.
    let configures = matches!(login, "azure" | "radius")
        || (login == "gcp" && !start.behaves("checks-gcp-role"));
    let has_token = start.setting("VAULT_TOKEN").is_some() || start.has_outside_sources;
    (configures && !has_token).then(|| {
        let what = format!("the provider configures `{login}` on the server and never logs in");
        Fault::value("auth_type", what, "VaultError")
    })
}
