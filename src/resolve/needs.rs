//! Keywords that are given without another one that they need.

use pep440_rs::Version;

use super::kwargs::Kwarg;
use crate::facts::{Backend, Need};
use crate::model::Settings;

/// A keyword that is no use as it stands.
#[derive(Clone, Copy, Debug)]
pub struct Unmet<'a> {
    /// The keyword.
    pub kwarg: &'a Kwarg,
    /// What it needs.
    pub need: &'static Need,
}

/// The needs of `backend` that `keywords` and `settings` leave unmet, at any version that reads
/// the keywords; see [`Unmet::holds_at`].
#[must_use]
pub fn unmet<'a>(
    backend: &'static Backend,
    keywords: &[&'a Kwarg],
    settings: &Settings,
) -> Vec<Unmet<'a>> {
    let given =
        |name: &str| keywords.iter().copied().find(|kwarg| kwarg.name == name && kwarg.is_truthy());
    let needs = backend.needs.iter().filter_map(|need| {
        let kwarg = given(&need.given)?;
        let concerned = need.is.as_deref().is_none_or(|value| kwarg.text() == Some(value));
        let read = backend
            .parameter(&need.given)
            .and_then(|parameter| parameter.read_with.as_deref())
            .is_none_or(|other| given(other).is_some());
        let met = need.needs.iter().any(|name| given(name).is_some())
            || need.or_setting.as_ref().is_some_and(|key| settings.get(key).is_some());
        (concerned && read && !met).then_some(Unmet { kwarg, need })
    });
    needs.collect()
}

impl Unmet<'_> {
    /// Whether it is so at `provider`.
    #[must_use]
    pub fn holds_at(&self, provider: &Version) -> bool {
        self.need.from.as_ref().is_none_or(|from| provider >= from)
    }
}
