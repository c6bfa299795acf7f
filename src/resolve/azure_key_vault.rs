//! `AzureKeyVaultBackend` of the microsoft-azure provider, 1.0.0 to 15.2.1.

use super::fault::Fault;
use super::lookup::{KeptBack, Lookup, Outcome};
use super::per_kind::PerKind;
use super::python_value::not_text;
use super::start::{Names, Start, Started, State};
use super::team_like::Refusal;
use crate::facts::airflow;
use crate::model::Kind;

/// The running backend.
#[derive(Debug)]
struct AzureKeyVault {
    /// The prefix without trailing separators; `None` when the kind is never asked for.
    prefixes: PerKind<Option<String>>,
    /// What joins, and what replaces every underscore; `Err` when every lookup raises.
    separator: Result<String, Fault>,
    /// Whether an empty prefix leaves the separator out.
    bare_keys: bool,
    checks_names: bool,
    refusal: Refusal,
    /// What the vault's URL puts before each name.
    below: &'static str,
    client_fault: Option<Fault>,
}

/// Constructs the backend.
pub(super) fn start(start: &Start<'_>) -> Started {
    let separator = start.value("sep");
    let prefixes = PerKind::try_new(|kind| {
        let name = format!("{}_prefix", kind.parameter_stem());
        let prefix = start.value(&name);
        if prefix.is_none() {
            return Ok::<_, State>(None);
        }
        if start.behaves("keeps-falsy-prefix") && !prefix.is_truthy() {
            return Ok(Some(prefix.str()));
        }
        Ok(Some(prefix.rstrip(&name, separator, "sep")?))
    })?;
    let separator = match separator.as_str() {
        Some(text) => Ok(text.to_owned()),
        None => Err(not_text("sep", "TypeError")),
    };
    let (below, url_fault) = vault(start);
    Ok(Box::new(AzureKeyVault {
        prefixes,
        separator,
        bare_keys: start.behaves("empty-prefix-is-none"),
        checks_names: start.behaves("checks-names"),
        refusal: refusal(start),
        below,
        client_fault: url_fault.or_else(|| client_fault(start)),
    }))
}

/// From 13.2.0 on ids are refused that look like `team--id` once underscores are separators; from
/// 14.1.0 on only in multi-team mode, and then every id with `--`.
fn refusal(start: &Start<'_>) -> Refusal {
    if start.behaves("refuses-double-dash") {
        Refusal::of_team_like("", String::new(), "--".to_owned())
    } else if start.behaves("refuses-double-dash-in-multi-team-mode") && start.multi_team() {
        Refusal::of_ids_with("--".to_owned()).and_options()
    } else {
        Refusal::default()
    }
}

/// What the vault's URL puts before each name, and why no vault can be reached with it.
fn vault(start: &Start<'_>) -> (&'static str, Option<Fault>) {
    let url = start.value("vault_url");
    if start.is_dynamic("vault_url") {
        return ("", None);
    }
    let Some(url) = url.as_str().filter(|url| !url.is_empty()) else {
        return if url.is_truthy() {
            ("", Some(not_text("vault_url", "AttributeError")))
        } else {
            let is_given = start.keywords.iter().any(|kwarg| kwarg.name == "vault_url");
            let what = if is_given { "`vault_url` is empty" } else { "`vault_url` is not given" };
            ("", Some(Fault::missing(&["vault_url"], what, "ValueError")))
        };
    };
    let url = url.trim_matches([' ', '/']).to_ascii_lowercase();
    if !url.starts_with("https://") {
        let what = "`vault_url` does not begin with `https://`";
        return ("", Some(Fault::value("vault_url", what, "ServiceRequestError")));
    }
    (if url.ends_with("/secrets") { "secrets/" } else { "" }, None)
}

fn client_fault(start: &Start<'_>) -> Option<Fault> {
    if let Some(kwarg) = start.refused_by_client() {
        let name = kwarg.shown_name();
        let what = format!("the client is given `{name}` by the backend itself");
        return Some(Fault::value(name, what, "TypeError"));
    }
    let version = start.keywords.iter().find(|kwarg| kwarg.name == "api_version")?;
    let parameter = start.backend.parameter("api_version")?;
    if version.is_dynamic() {
        return None;
    }
    let is_known = version.text().is_some_and(|text| parameter.takes(text, start.provider));
    (!is_known && airflow().behaves("azure-checks-api-version", start.airflow)).then(|| {
        "the Azure SDK does not know this `api_version`: NotImplementedError".to_owned().into()
    })
}

impl AzureKeyVault {
    /// The name of `key` in the vault, as far as there is one.
    fn secret(&self, kind: Kind, key: &str) -> Option<Result<String, &Fault>> {
        let prefix = self.prefixes.get(kind).as_ref()?;
        Some(self.separator.as_deref().map(|separator| {
            let name = if prefix.is_empty() && self.bare_keys {
                key.to_owned()
            } else {
                format!("{prefix}{separator}{key}")
            };
            name.replace('_', separator)
        }))
    }
}

/// Key Vault: 1 to 127 letters, digits and dashes.
fn is_name(name: &str) -> bool {
    (1..=127).contains(&name.len())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

impl Names for AzureKeyVault {
    fn faults(&self) -> Vec<(Option<Kind>, &Fault)> {
        let separator = self.separator.as_ref().err();
        separator.or(self.client_fault.as_ref()).map(|fault| (None, fault)).into_iter().collect()
    }

    fn name(&self, kind: Kind, key: &str) -> Option<String> {
        let name = self.secret(kind, key)?.ok()?;
        Some(format!("{}{name}", self.below))
    }

    fn lookup(&self, kind: Kind, key: &str) -> Lookup {
        let name = match self.secret(kind, key) {
            None => {
                return Lookup::switched_off(kind, &format!("{}_prefix", kind.parameter_stem()));
            }
            Some(Err(fault)) => return Lookup::none(Outcome::LookupError, fault.to_string()),
            Some(Ok(name)) => name,
        };
        let separator = self.separator.as_deref().unwrap_or_default();
        if let Some(lookup) = self.refusal.keeps_back(kind, &key.replace('_', separator)) {
            return lookup;
        }
        if self.checks_names && !is_name(&name) {
            let reason = format!(
                "`{name}` cannot be the name of a secret: 1 to 127 letters, digits and dashes"
            );
            return Lookup::never_asked(KeptBack::NoName, reason);
        }
        if let Some(fault) = &self.client_fault {
            return Lookup::none(Outcome::LookupError, fault.to_string());
        }
        let reason = "prefix, separator and key, with the separator for every underscore";
        Lookup::asked(format!("{}{name}", self.below), reason)
    }
}
