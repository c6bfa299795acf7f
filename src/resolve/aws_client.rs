//! The boto3 client that every lookup of an AWS backend needs, as far as settings decide whether it
//! can be built.

use super::aws_region::{Region, is_host_label, region};
use super::fault::Fault;
use super::start::Start;
use crate::facts;
use crate::read::json;

/// Why the client cannot be built, so that every lookup raises; `None` when nothing in the files
/// speaks against it. Missing credentials are never a reason: the machine may have an identity.
pub(super) fn fault(start: &Start<'_>) -> Option<Fault> {
    if let Some(kwarg) = start.refused_by_client() {
        return Some(format!("boto3's client takes no `{}`: TypeError", kwarg.shown_name()).into());
    }
    let extra = start.behaves("reads-connection-extra");
    let of_others = |fault: Option<String>| fault.map(Fault::from);
    of_others(half_credentials(start, extra))
        .or_else(|| profile_fault(start))
        .or_else(|| config_fault(start).filter(|_| extra))
        .or_else(|| of_others(role_fault(start)).filter(|_| extra))
        .or_else(|| external_id_fault(start).filter(|_| extra))
        .or_else(|| of_others(region_fault(start)))
        .or_else(|| endpoint_fault(start))
        .or_else(|| of_others(api_version_fault(start)))
}

fn region_fault(start: &Start<'_>) -> Option<String> {
    let in_session = start.behaves("region-in-session-kwargs");
    let settings = start.configuration.settings;
    let elsewhere = start.has_outside_sources;
    let text = match region(&start.keywords, settings, in_session, elsewhere) {
        Region::Keyword(_) => {
            let Some(text) = start.value("region_name").as_str() else {
                return Some("`region_name` is not a string: TypeError".to_owned());
            };
            if text.is_empty() {
                return Some("`region_name` is empty: ValueError".to_owned());
            }
            text
        }
        Region::Setting(setting) => setting.text()?.expose(),
        Region::Elsewhere => return None,
        Region::Missing => {
            return Some(
                "no region reaches the client (`region_name`, `AWS_DEFAULT_REGION` or a profile; `AWS_REGION` alone does not count): NoRegionError"
                    .to_owned(),
            );
        }
    };
    (!is_host_label(text)).then(|| format!("`{text}` cannot be a region: InvalidRegionError"))
}

/// STS checks types and lengths before anything is sent (botocore's model of `AssumeRole`).
fn role_fault(start: &Start<'_>) -> Option<String> {
    let role = start.value("role_arn");
    if !role.is_truthy() {
        return None;
    }
    let Some(arn) = role.as_str() else {
        return Some("`role_arn` is not a string: ParamValidationError".to_owned());
    };
    let method = start.value("assume_role_method");
    match method.as_str() {
        None | Some("") if !method.is_truthy() => {}
        Some("assume_role") => {}
        Some("assume_role_with_saml") => return saml_fault(start),
        Some("assume_role_with_web_identity") => return web_identity_fault(start),
        _ => return Some("there is no such `assume_role_method`: NotImplementedError".to_owned()),
    }
    if arn.len() < 20 {
        return Some("`role_arn` is too short to be an ARN: ParamValidationError".to_owned());
    }
    None
}

/// Read with a role that is assumed in the plain way.
fn external_id_fault(start: &Start<'_>) -> Option<Fault> {
    let method = start.value("assume_role_method");
    let plain = !method.is_truthy() || method.as_str() == Some("assume_role");
    let read = start.value("role_arn").is_truthy() && plain;
    let id = start.value("external_id").as_str().filter(|_| read)?;
    (id.len() < 2)
        .then(|| Fault::value("external_id", "`external_id` is too short", "ParamValidationError"))
}

fn saml_fault(start: &Start<'_>) -> Option<String> {
    let missing = start.keyword("assume_role_with_saml").is_none();
    missing.then(|| {
        "`assume_role_with_saml` does not say which identity provider: KeyError".to_owned()
    })
}

/// Until 7.3.0 only `google`; from then on also a token file.
fn web_identity_fault(start: &Start<'_>) -> Option<String> {
    let parameter = "assume_role_with_web_identity_federation";
    let by_file = start.behaves("web-identity-by-file");
    match start.value(parameter).as_str() {
        Some("google") => None,
        Some("file") if by_file => None,
        _ => Some(format!("`{parameter}` names no known federation: AirflowException")),
    }
}

/// From 5.1.0 on any credential among the keywords makes a pair of them necessary; before, boto3
/// only refused one half of the pair.
fn half_credentials(start: &Start<'_>, extra: bool) -> Option<String> {
    let given = |name: &str| start.value(name).is_truthy();
    let (id, secret) = (given("aws_access_key_id"), given("aws_secret_access_key"));
    let any = id || secret || (extra && given("aws_session_token"));
    if any && !(id && secret) {
        let why = "the keywords hold only one part of the credentials, so no request can be signed";
        return Some(why.to_owned());
    }
    let alone = !any
        && start.setting("AWS_ACCESS_KEY_ID").is_some()
        && start.setting("AWS_SECRET_ACCESS_KEY").is_none()
        && !start.has_outside_sources;
    alone.then(|| {
        "`AWS_ACCESS_KEY_ID` is set without `AWS_SECRET_ACCESS_KEY`: PartialCredentialsError"
            .to_owned()
    })
}

fn profile_fault(start: &Start<'_>) -> Option<Fault> {
    let profile = start.value("profile_name");
    let cannot_be = !profile.is_none() && profile.as_str().is_none_or(str::is_empty);
    cannot_be.then(|| {
        Fault::value("profile_name", "`profile_name` cannot be a profile", "ProfileNotFound")
    })
}

/// `config_kwargs` become a botocore `Config`, which refuses names that it does not know.
fn config_fault(start: &Start<'_>) -> Option<Fault> {
    let config = start.keyword("config_kwargs").filter(|kwarg| kwarg.value.is_truthy())?;
    if !matches!(config.value.kind, json::Kind::Object(_)) {
        return Some("`config_kwargs` is not an object: TypeError".to_owned().into());
    }
    let known = |name: &str| facts::aws().client_options.iter().any(|option| option == name);
    let unknown = config.value.members().iter().any(|member| !known(&member.key.node));
    unknown.then(|| {
        let what = "`config_kwargs` holds a name that botocore does not know";
        Fault::value("config_kwargs", what, "TypeError")
    })
}

/// botocore: an endpoint is a URL with a host.
fn endpoint_fault(start: &Start<'_>) -> Option<Fault> {
    let endpoint = start.value("endpoint_url");
    if endpoint.is_none() {
        return None;
    }
    let host = endpoint.as_str().and_then(|url| Some(url.split_once("://")?.1));
    let is_url = host.is_some_and(|host| !host.is_empty() && !host.starts_with(['/', ':']));
    (!is_url).then(|| Fault::value("endpoint_url", "`endpoint_url` is not a URL", "ValueError"))
}

/// botocore has one model of each service, under one date.
fn api_version_fault(start: &Start<'_>) -> Option<String> {
    let asked = start.value("api_version");
    let parameter = start.backend.parameter("api_version")?;
    let is_known = asked.as_str().is_some_and(|asked| parameter.takes(asked, start.provider));
    (!asked.is_none() && !is_known)
        .then(|| "botocore has no such `api_version` of the service: DataNotFoundError".to_owned())
}
