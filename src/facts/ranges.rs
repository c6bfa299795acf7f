//! Half-open ranges of versions.

use pep440_rs::Version;
use serde::Deserialize;

/// The versions from `from` on and before `until`; `until` is `None` while it is still true.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Range {
    /// The first version it holds for.
    pub from: Version,
    /// The first version it no longer holds for.
    pub until: Option<Version>,
}

impl Range {
    /// Whether it holds for `version`.
    #[must_use]
    pub fn contains(&self, version: &Version) -> bool {
        *version >= self.from && self.until.as_ref().is_none_or(|until| version < until)
    }

    /// The versions at which it begins and ends.
    pub fn bounds(&self) -> impl Iterator<Item = &Version> {
        std::iter::once(&self.from).chain(self.until.as_ref())
    }
}
