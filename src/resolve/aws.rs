//! What the AWS backends have in common: the client that a lookup needs, and ids they refuse.

use super::backend::Start;
use crate::facts::Effect;
use crate::read::json;

/// Why the client cannot be built, so that every lookup raises; `None` when nothing in the files
/// speaks against it. Missing credentials are never a reason: the machine may have an identity.
#[must_use]
pub(super) fn client_fault(start: &Start<'_>) -> Option<String> {
    let refused = start.keywords.iter().find(|kwarg| {
        start.backend.effect(&kwarg.name, start.provider, start.airflow) == Effect::LookupError
    });
    if let Some(kwarg) = refused {
        return Some(format!("boto3's client takes no `{}`: TypeError", kwarg.name));
    }
    region_fault(start).or_else(|| role_fault(start)).or_else(|| half_credentials(start))
}

fn region_fault(start: &Start<'_>) -> Option<String> {
    let settings = start.configuration.settings;
    let given = start.keyword("region_name").filter(|kwarg| kwarg.value.kind != json::Kind::Null);
    if let Some(kwarg) = given {
        let Some(region) = kwarg.text() else {
            return Some("`region_name` is not a string: TypeError".to_owned());
        };
        if region.is_empty() {
            return Some("`region_name` is empty: ValueError".to_owned());
        }
        return (!is_host_label(region))
            .then(|| format!("`{region}` cannot be a region: InvalidRegionError"));
    }
    if let Some(setting) = settings.get("AWS_DEFAULT_REGION") {
        let region = setting.text()?.expose();
        if !region.is_empty() {
            return (!is_host_label(region))
                .then(|| format!("`{region}` cannot be a region: InvalidRegionError"));
        }
    }
    let profile = ["AWS_PROFILE", "AWS_DEFAULT_PROFILE", "AWS_CONFIG_FILE"]
        .iter()
        .any(|key| settings.get(key).is_some())
        || start.keyword("profile_name").is_some();
    (!profile && !start.region_may_come_from_elsewhere).then(|| {
        "no region reaches the client (`region_name`, `AWS_DEFAULT_REGION` or a profile; `AWS_REGION` alone does not count): NoRegionError"
            .to_owned()
    })
}

/// botocore: `^(?![0-9]+$)(?!-)[a-zA-Z0-9-]{,63}(?<!-)$`.
fn is_host_label(region: &str) -> bool {
    region.len() <= 63
        && region.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
        && !region.bytes().all(|byte| byte.is_ascii_digit())
        && !region.starts_with('-')
        && !region.ends_with('-')
}

/// STS checks the lengths before anything is sent (botocore's model of `AssumeRole`).
fn role_fault(start: &Start<'_>) -> Option<String> {
    let role = start.keyword("role_arn")?;
    if !role.value.is_truthy() {
        return None;
    }
    let arn = role.text()?;
    if arn.len() < 20 {
        return Some("`role_arn` is too short to be an ARN: ParamValidationError".to_owned());
    }
    let external = start.keyword("external_id").and_then(super::kwargs::Kwarg::text);
    external
        .is_some_and(|id| id.len() < 2)
        .then(|| "`external_id` is too short: ParamValidationError".to_owned())
}

fn half_credentials(start: &Start<'_>) -> Option<String> {
    let settings = start.configuration.settings;
    let (id, secret) = (settings.get("AWS_ACCESS_KEY_ID"), settings.get("AWS_SECRET_ACCESS_KEY"));
    match (id, secret) {
        (Some(_), None) => Some(
            "`AWS_ACCESS_KEY_ID` is set without `AWS_SECRET_ACCESS_KEY`: PartialCredentialsError"
                .to_owned(),
        ),
        _ => None,
    }
}

/// Whether the backend refuses `key` because it could be the name of a team's secret.
#[must_use]
pub(super) fn refuses(start: &Start<'_>) -> Refusal {
    Refusal {
        team_like: start.behaves("refuses-double-dash"),
        separator: start.behaves("refuses-double-dash-in-multi-team-mode")
            && start.configuration.is_on("core", "multi_team"),
    }
}

/// Which ids are never looked up because of a double dash.
#[derive(Clone, Copy, Debug)]
pub(super) struct Refusal {
    team_like: bool,
    separator: bool,
}

impl Refusal {
    /// Whether `key` is refused. Until 9.34.0: a full match of `[^-]+--.+`.
    #[must_use]
    pub(super) fn covers(self, key: &str) -> bool {
        let team_like = || {
            let Some((team, rest)) = key.split_once('-') else { return false };
            let Some(id) = rest.strip_prefix('-') else { return false };
            !team.is_empty() && !id.is_empty() && !id.contains('\n')
        };
        (self.team_like && team_like()) || (self.separator && key.contains("--"))
    }
}
