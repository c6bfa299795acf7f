//! `CloudSecretManagerBackend` of the google provider, 1.0.0 to 22.8.0.

use super::lookup::Lookup;
use super::per_kind::PerKind;
use super::python_value::PythonValue;
use super::start::{Names, Start, Started, State};
use super::team_like::Refusal;
use crate::model::Kind;
use crate::read::json;

/// What stands for a project that only the credentials name.
const UNKNOWN_PROJECT: &str = "{project}";

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
fn checked_prefix(prefix: PythonValue<'_>, separator: PythonValue<'_>) -> Result<(), String> {
    if prefix.is_none() {
        return Ok(());
    }
    let (Some(prefix), Some(separator)) = (prefix.as_str(), separator.as_str()) else {
        return Err("`connections_prefix` and `sep` are not both strings: TypeError".to_owned());
    };
    let joined = format!("{prefix}{separator}");
    let name = joined.strip_suffix('\n').unwrap_or(&joined);
    if name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte)) {
        return Ok(());
    }
    Err("`connections_prefix` and `sep` may hold only letters, digits, `-` and `_`: AirflowException"
        .to_owned())
}

/// The project that is asked, as far as anything but the credentials' file names it.
fn project(start: &Start<'_>) -> Result<String, String> {
    let of_credentials = of_credentials(start)?;
    let given = start.value("project_id");
    if given.is_truthy() {
        return Ok(given.str());
    }
    Ok(of_credentials.unwrap_or_else(|| UNKNOWN_PROJECT.to_owned()))
}

/// The project of the credentials, as far as the settings name it.
fn of_credentials(start: &Start<'_>) -> Result<Option<String>, String> {
    let target = impersonated(start.value("impersonation_chain"))?;
    let key_file = start.value("gcp_key_path");
    let key = start.keyword("gcp_keyfile_dict").filter(|kwarg| kwarg.value.is_truthy());
    let config = start.value("gcp_credential_config_file").is_truthy()
        && start.behaves("counts-credential-config-file");
    if [key_file.is_truthy(), key.is_some(), config].iter().filter(|given| **given).count() > 1 {
        return Err("more than one kind of credentials is given: AirflowException".to_owned());
    }
    let mut project = None;
    if key_file.is_truthy() {
        let Some(path) = key_file.as_str() else {
            return Err("`gcp_key_path` is not a string: AttributeError".to_owned());
        };
        #[expect(
            clippy::case_sensitive_file_extension_comparisons,
            reason = "so does the provider"
        )]
        if !path.ends_with(".json") {
            return Err("`gcp_key_path` does not end in `.json`: AirflowException".to_owned());
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
fn impersonated(chain: PythonValue<'_>) -> Result<Option<String>, String> {
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
    match project {
        Some(project) => Ok(Some(project.to_owned())),
        None => Err("`impersonation_chain` ends with no account: AirflowException".to_owned()),
    }
}

/// The project of a service account's key; what such a key cannot do without is read at once.
fn of_key(key: &json::Value) -> Result<Option<String>, String> {
    if !matches!(key.kind, json::Kind::Object(_)) {
        return Err("`gcp_keyfile_dict` is not an object: TypeError".to_owned());
    }
    for needed in ["private_key", "client_email", "token_uri"] {
        if key.get(needed).is_none() {
            return Err(format!("`gcp_keyfile_dict` lacks `{needed}`: the key cannot be read"));
        }
    }
    Ok(key.get("project_id").and_then(|member| member.value.as_str()).map(str::to_owned))
}

impl Names for GcpSecretManager {
    fn name(&self, kind: Kind, key: &str) -> Option<String> {
        let before = self.before.get(kind).as_ref()?;
        Some(format!("projects/{}/secrets/{before}{key}/versions/latest", self.project))
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
        Lookup::asked(name, reason)
    }
}
