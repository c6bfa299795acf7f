//! `CloudSecretManagerBackend` of the google provider, 1.0.0 to 22.8.0.

use super::fault::{Cause, Fault};
use super::lookup::Lookup;
use super::per_kind::PerKind;
use super::python_value::{PythonValue, not_text};
use super::start::{Names, Start, Started, State};
use super::team_like::Refusal;
use crate::model::Kind;
use crate::read::json;

/// What stands for a project that only the credentials name.
pub(super) const UNKNOWN_PROJECT: &str = "{project}";

/// The running backend.
#[derive(Debug)]
struct GcpSecretManager {
    /// What stands before a key; `None` when the kind is never asked for.
    before: PerKind<Option<String>>,
    project: String,
    refusal: Refusal,
}

/// Constructs the backend.
pub(super) fn start(start: &Start<'_>) -> Started {
    let separator = start.value("sep");
    checked_prefix(start.value("connections_prefix"), separator)?;
    let project = project(start)?;
    let before = PerKind::try_new(|kind| {
        let prefix = start.value(&format!("{}_prefix", kind.parameter_stem()));
        // Nothing is stripped: `str(prefix)`, `str(sep)` and the key.
        let before = format!("{}{}", prefix.str(), separator.str());
        Ok::<_, State>((!prefix.is_none()).then_some(before))
    })?;
    let refuses = start.behaves("refuses-double-dash-in-multi-team-mode") && start.multi_team();
    let refusal = if refuses { Refusal::of_ids_with("--".to_owned()) } else { Refusal::default() };
    Ok(Box::new(GcpSecretManager { before, project, refusal }))
}

/// The constructor joins the prefix of connections, and only that one, with the separator, and
/// wants `^[a-zA-Z0-9-_]*$` of it; Python's `$` also stands before a line end.
fn checked_prefix(prefix: PythonValue<'_>, separator: PythonValue<'_>) -> Result<(), Fault> {
    if prefix.is_none() {
        return Ok(());
    }
    let Some(prefix) = prefix.as_str() else {
        return Err(not_text("connections_prefix", "TypeError"));
    };
    let Some(separator) = separator.as_str() else { return Err(not_text("sep", "TypeError")) };
    let is_name =
        |text: &str| text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte));
    let joined = format!("{prefix}{separator}");
    if is_name(joined.strip_suffix('\n').unwrap_or(&joined)) {
        return Ok(());
    }
    let what = "`connections_prefix` and `sep` may hold only letters, digits, `-` and `_`";
    let keyword = if is_name(prefix) { "sep" } else { "connections_prefix" };
    let cause = Cause::Name(keyword);
    Err(Fault { what: what.to_owned(), exception: "AirflowException", cause })
}

/// The project that is asked, as far as anything but the credentials' file names it.
fn project(start: &Start<'_>) -> Result<String, Fault> {
    let of_credentials = of_credentials(start)?;
    let given = start.value("project_id");
    if given.is_truthy() {
        return Ok(given.str());
    }
    Ok(of_credentials.unwrap_or_else(|| UNKNOWN_PROJECT.to_owned()))
}

/// The project of the credentials, as far as the settings name it.
fn of_credentials(start: &Start<'_>) -> Result<Option<String>, Fault> {
    let target = impersonated(start.value("impersonation_chain"))?;
    let key_file = start.value("gcp_key_path");
    let key = start.keyword("gcp_keyfile_dict").filter(|kwarg| kwarg.value.is_truthy());
    let config = start.value("gcp_credential_config_file").is_truthy()
        && start.behaves("counts-credential-config-file");
    let kinds = [
        ("gcp_key_path", key_file.is_truthy()),
        ("gcp_keyfile_dict", key.is_some()),
        ("gcp_credential_config_file", config),
    ];
    let given: Vec<_> = kinds.iter().filter(|(_, given)| *given).map(|(name, _)| *name).collect();
    if given.len() > 1 {
        let what = "more than one kind of credentials is given";
        return Err(Fault::together(given, what, "AirflowException"));
    }
    let mut project = None;
    if key_file.is_truthy() {
        let Some(path) = key_file.as_str() else {
            return Err(not_text("gcp_key_path", "AttributeError"));
        };
        #[expect(
            clippy::case_sensitive_file_extension_comparisons,
            reason = "so does the provider"
        )]
        if !path.ends_with(".json") {
            let what = "`gcp_key_path` does not end in `.json`";
            return Err(Fault::value("gcp_key_path", what, "AirflowException"));
        }
    } else if let Some(key) = key {
        project = of_key(&key.value)?;
    } else if !start.value("gcp_credential_config_file").is_truthy() {
        let variables = ["GOOGLE_CLOUD_PROJECT", "GCLOUD_PROJECT"];
        let setting = variables.iter().find_map(|variable| start.setting(variable));
        let text = setting.and_then(|setting| setting.text());
        project = text.map(|text| text.expose().to_owned()).filter(|text| !text.is_empty());
    }
    Ok(target.or(project))
}

/// The project of the account that is impersonated: the last of the chain.
fn impersonated(chain: PythonValue<'_>) -> Result<Option<String>, Fault> {
    if !chain.is_truthy() {
        return Ok(None);
    }
    let account = match chain {
        PythonValue::Json(json::Value { kind: json::Kind::Array(accounts), .. }) => {
            accounts.last().and_then(json::Value::as_str)
        }
        chain => chain.as_str(),
    };
    let project = account
        .and_then(|account| account.split('@').nth(1))
        .and_then(|domain| domain.split('.').next());
    let what = "`impersonation_chain` ends with no account";
    let fault = || Fault::value("impersonation_chain", what, "AirflowException");
    project.map(|project| Some(project.to_owned())).ok_or_else(fault)
}

/// The project of a service account's key; what such a key cannot do without is read at once.
fn of_key(key: &json::Value) -> Result<Option<String>, Fault> {
    if !matches!(key.kind, json::Kind::Object(_)) {
        return Err("`gcp_keyfile_dict` is not an object: TypeError".to_owned().into());
    }
    for needed in ["private_key", "client_email", "token_uri"] {
        if key.get(needed).is_none() {
            let what = format!("`gcp_keyfile_dict` lacks `{needed}`, so the key cannot be read");
            return Err(Fault::value("gcp_keyfile_dict", what, ""));
        }
    }
    Ok(key.get("project_id").and_then(|member| member.value.as_str()).map(str::to_owned))
}

impl Names for GcpSecretManager {
    fn name(&self, kind: Kind, key: &str) -> Option<String> {
        Some(format!("{}{key}", self.before.get(kind).as_ref()?))
    }

    fn lookup(&self, kind: Kind, key: &str) -> Lookup {
        let Some(name) = self.name(kind, key) else {
            return Lookup::switched_off(kind, &format!("{}_prefix", kind.parameter_stem()));
        };
        if let Some(lookup) = self.refusal.keeps_back(kind, key) {
            return lookup;
        }
        let reason = if self.project == UNKNOWN_PROJECT {
            "prefix, separator and key, in the project that the credentials name"
        } else {
            "prefix, separator and key"
        };
        let resource = format!("projects/{}/secrets/{name}/versions/latest", self.project);
        Lookup::asked(resource, reason)
    }
}
