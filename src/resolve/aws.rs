//! What the AWS backends have in common: the client that a lookup needs, and ids they refuse.

use super::backend::{Configured, Start};
use super::environment::Environment;
use super::kwargs::Kwarg;
use crate::facts::Effect;
use crate::model::{Setting, Settings};

/// Why the client cannot be built, so that every lookup raises; `None` when nothing in the files
/// speaks against it. Missing credentials are never a reason: the machine may have an identity.
#[must_use]
pub fn client_fault(start: &Start<'_>) -> Option<String> {
    let refused = start.keywords.iter().find(|kwarg| {
        start.backend.effect(&kwarg.name, start.provider, start.airflow) == Effect::LookupError
    });
    if let Some(kwarg) = refused {
        return Some(format!("boto3's client takes no `{}`: TypeError", kwarg.name));
    }
    region_fault(start)
        .or_else(|| type_fault(start))
        .or_else(|| role_fault(start))
        .or_else(|| unmet_need(start))
        .or_else(|| half_credentials(start))
}

/// Where an AWS client gets its region.
#[derive(Clone, Copy, Debug)]
pub enum Region<'a> {
    /// `region_name` of the kwargs.
    Keyword(&'a Kwarg),
    /// A setting of the environment.
    Setting(&'a Setting),
    /// From a profile, or from outside the files that were read.
    Elsewhere,
    /// Nowhere.
    Missing,
}

impl Environment {
    /// Where the client of `configured` gets its region; `None` for a backend that is not AWS's.
    #[must_use]
    pub fn aws_region<'a>(&'a self, configured: &'a Configured) -> Option<Region<'a>> {
        let backend = configured.backend()?;
        backend.id.starts_with("aws_").then_some(())?;
        let keywords = self.keywords(configured);
        let in_session = !backend.when("region-in-session-kwargs").is_empty();
        Some(region(&keywords, &self.settings, in_session, self.region_may_come_from_elsewhere))
    }
}

fn region<'a>(
    keywords: &[&'a Kwarg],
    settings: &'a Settings,
    in_session_kwargs: bool,
    elsewhere: bool,
) -> Region<'a> {
    let keyword = |name: &str| keywords.iter().copied().find(|kwarg| kwarg.name == name);
    let given = keyword("region_name").filter(|kwarg| !kwarg.is_null());
    if let Some(kwarg) = given {
        return if kwarg.may_be_substituted() { Region::Elsewhere } else { Region::Keyword(kwarg) };
    }
    if let Some(setting) = settings.get("AWS_DEFAULT_REGION") {
        if setting.text().is_none() || setting.may_be_substituted() {
            return Region::Elsewhere;
        }
        if !setting.is_empty() {
            return Region::Setting(setting);
        }
    }
    let profile = ["AWS_PROFILE", "AWS_DEFAULT_PROFILE", "AWS_CONFIG_FILE"]
        .iter()
        .any(|key| settings.get(key).is_some())
        || keyword("profile_name").is_some()
        || (in_session_kwargs && keyword("session_kwargs").is_some());
    if profile || elsewhere { Region::Elsewhere } else { Region::Missing }
}

fn region_fault(start: &Start<'_>) -> Option<String> {
    let in_session = start.behaves("region-in-session-kwargs");
    let settings = start.configuration.settings;
    let elsewhere = start.region_may_come_from_elsewhere;
    let text = match region(&start.keywords, settings, in_session, elsewhere) {
        Region::Keyword(kwarg) => {
            let Some(text) = kwarg.text() else {
                return Some("`region_name` is not a string: TypeError".to_owned());
            };
            if text.is_empty() {
                return Some("`region_name` is empty: ValueError".to_owned());
            }
            text
        }
        Region::Setting(setting) => setting.text()?.expose(),
        Region::Elsewhere => return None,
        Region::Missing => return Some("no region reaches the client (`region_name`, `AWS_DEFAULT_REGION` or a profile; `AWS_REGION` alone does not count): NoRegionError"
            .to_owned()),
    };
    (!is_host_label(text)).then(|| format!("`{text}` cannot be a region: InvalidRegionError"))
}

/// botocore: `^(?![0-9]+$)(?!-)[a-zA-Z0-9-]{,63}(?<!-)$`.
#[must_use]
pub fn is_host_label(region: &str) -> bool {
    region.len() <= 63
        && region.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
        && !region.bytes().all(|byte| byte.is_ascii_digit())
        && !region.starts_with('-')
        && !region.ends_with('-')
}

/// A value of a type, or a value, that fails every lookup.
fn type_fault(start: &Start<'_>) -> Option<String> {
    let used = start.keywords.iter().filter(|kwarg| start.keyword(&kwarg.name).is_some());
    let mut faults = used.filter_map(|kwarg| {
        let parameter = start.backend.parameter(&kwarg.name)?;
        let name = &kwarg.name;
        let read = parameter
            .read_with
            .as_ref()
            .is_none_or(|other| start.keyword(other).is_some_and(Kwarg::is_truthy));
        let wrong = parameter.wrong_type.as_ref().filter(|wrong| {
            wrong.effect == Effect::LookupError
                && !parameter.concerns_some_lookups
                && wrong.from.as_ref().is_none_or(|from| start.provider >= from)
                && (kwarg.is_truthy() || wrong.falsy.is_none())
        });
        if let Some(wrong) =
            wrong.filter(|_| read && !kwarg.is_null() && !kwarg.is_a(parameter.value_type))
        {
            return Some(format!("`{name}` is not {}: {}", parameter.value_type, wrong.why));
        }
        let value = kwarg.text().filter(|_| read)?;
        let values = parameter.values.as_ref()?;
        (!values.iter().any(|known| known == value))
            .then(|| format!("`{name}` is none of its values: NotImplementedError"))
    });
    faults.next()
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

/// A keyword without which another one fails every lookup.
fn unmet_need(start: &Start<'_>) -> Option<String> {
    let read: Vec<_> = start
        .keywords
        .iter()
        .copied()
        .filter(|kwarg| start.keyword(&kwarg.name).is_some())
        .collect();
    let unmet = super::needs::unmet(start.backend, &read, start.configuration.settings);
    let fatal = unmet
        .iter()
        .find(|unmet| unmet.need.effect == Effect::LookupError && unmet.holds_at(start.provider))?;
    let needed = fatal.need.needs.join("` or `");
    Some(format!("`{}` is given without `{needed}`: {}", fatal.need.given, fatal.need.why))
}

/// botocore's `EnvProvider`: it comes behind credentials and a profile given by keyword.
fn half_credentials(start: &Start<'_>) -> Option<String> {
    let given = |name: &str| start.keyword(name).is_some_and(Kwarg::is_truthy);
    if given("aws_access_key_id") || given("profile_name") {
        return None;
    }
    half_credentials_in(start.configuration.settings).then(|| {
        "`AWS_ACCESS_KEY_ID` is set without `AWS_SECRET_ACCESS_KEY`: PartialCredentialsError"
            .to_owned()
    })
}

/// Whether `settings` hold the first half of a key pair only.
#[must_use]
pub fn half_credentials_in(settings: &Settings) -> bool {
    let id = settings.get("AWS_ACCESS_KEY_ID").filter(|setting| !setting.is_empty());
    let secret = settings
        .get("AWS_SECRET_ACCESS_KEY")
        .filter(|setting| !setting.is_empty() || setting.may_be_substituted());
    id.is_some() && secret.is_none()
}

/// Whether the backend refuses `key` because it could be the name of a team's secret.
#[must_use]
pub fn refuses(start: &Start<'_>) -> Refusal {
    Refusal {
        team_like: start.behaves("refuses-double-dash"),
        separator: start.behaves("refuses-double-dash-in-multi-team-mode")
            && start.configuration.is_on("core", "multi_team"),
    }
}

/// Which ids are never looked up because of a double dash.
#[derive(Clone, Copy, Debug)]
pub struct Refusal {
    team_like: bool,
    separator: bool,
}

impl Refusal {
    /// Whether `key` is refused. Until 9.34.0: a full match of `[^-]+--.+`.
    #[must_use]
    pub fn covers(self, key: &str) -> bool {
        let team_like = || {
            let Some((team, rest)) = key.split_once('-') else { return false };
            let Some(id) = rest.strip_prefix('-') else { return false };
            !team.is_empty() && !id.is_empty() && !id.contains('\n')
        };
        (self.team_like && team_like()) || (self.separator && key.contains("--"))
    }
}
