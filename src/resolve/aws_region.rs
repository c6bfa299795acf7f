//! Where the client of an AWS backend gets its region and its credentials.

use super::backend::Configured;
use super::environment::Environment;
use super::kwargs::Kwarg;
use crate::model::{Setting, Settings};

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
        Some(region(&keywords, &self.settings, in_session, self.has_outside_sources))
    }
}

/// Where a client gets its region that is built from `keywords` and `settings`; `elsewhere` says
/// whether it can come from outside the files.
pub(super) fn region<'a>(
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

/// botocore: `^(?![0-9]+$)(?!-)[a-zA-Z0-9-]{,63}(?<!-)$`.
#[must_use]
pub fn is_host_label(region: &str) -> bool {
    region.len() <= 63
        && region.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
        && !region.bytes().all(|byte| byte.is_ascii_digit())
        && !region.starts_with('-')
        && !region.ends_with('-')
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
