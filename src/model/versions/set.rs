//! The versions of one package that are still possible.

use std::str::FromStr;

use pep440_rs::{Operator, Version, VersionSpecifier, VersionSpecifiers};

use crate::facts::releases::{Package, behaves_as};
use crate::model::Place;

/// The versions of a package that may be installed, and why these.
///
/// They are taken from the releases known when astrolint was built, so a set that reaches up to
/// the newest of them may in truth reach further. A pin is kept even when no such release is known.
#[derive(Clone, Debug)]
pub struct VersionSet {
    /// In order, without duplicates; empty when the package is absent or no version is possible.
    versions: Vec<Version>,
    presence: Presence,
    basis: Basis,
    /// The set holds each release that an unpinned installation could choose.
    anything: bool,
    /// Nothing of it was installed before, so that pip takes the newest one that fits.
    is_chosen_by_pip: bool,
}

/// Whether the package is installed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Presence {
    /// It is.
    Installed,
    /// It is not.
    Absent,
    /// It may be.
    Unsure,
}

/// What decided the versions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Basis {
    /// A requirement or constraint pins it.
    Pinned(Place),
    /// Requirements and constraints bound it; this requirement is the first.
    Range(Place),
    /// A requirement names it without a version: what is newest on the day of the build.
    Unpinned(Place),
    /// An extra asks for it, as in `apache-airflow[amazon]`.
    Extra(Place),
    /// The line does not tell the version: a URL, a repository, `${NAME}`.
    Untold(Place),
    /// It depends on a condition that cannot be decided here.
    Conditional(Place),
    /// It comes with the image.
    Bundled {
        /// Where the image is named.
        image: Place,
        /// Who says what the image holds; empty when the tag itself says it.
        source: String,
    },
    /// The user declares it.
    Declared,
    /// Nothing asks for it and the image does not hold it.
    NotInstalled,
    /// No version fulfils all that is asked: pip refuses. The first requirement.
    Contradiction(Place),
    /// Nothing is known; at the place, if there is one, something may bring it along.
    Unknown(Option<Place>),
}

/// Why a declared version was refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DeclareError {
    /// No package of that name.
    #[error("`{0}` is neither `apache-airflow` nor a provider that ships a secrets backend")]
    UnknownPackage(String),
    /// Neither a version nor version specifiers.
    #[error("`{0}` is neither a version, as `8.1.0`, nor a list of specifiers, as `>=8.1,<9`")]
    NotAVersion(String),
    /// Specifiers that no release fulfils.
    #[error("no known release fulfils `{0}`")]
    NoRelease(String),
}

impl VersionSet {
    pub(super) fn new(versions: Vec<Version>, presence: Presence, basis: Basis) -> Self {
        let mut versions = versions;
        versions.sort();
        versions.dedup();
        Self { versions, presence, basis, anything: false, is_chosen_by_pip: false }
    }

    /// Any release of `package`.
    pub(super) fn any_release(package: &Package, presence: Presence, basis: Basis) -> Self {
        let set = Self::new(package.released.clone(), presence, basis);
        Self { anything: true, ..set }
    }

    pub(super) fn not_installed() -> Self {
        Self::new(Vec::new(), Presence::Absent, Basis::NotInstalled)
    }

    /// What the user declares: a version, as `8.1.0`, the beginning of one, as `8.1` for all
    /// `8.1.*`, or specifiers, as `>=8.1,<9`.
    ///
    /// # Errors
    /// When the text is neither, or no known release fulfils the specifiers.
    pub fn declared(package: &Package, text: &str) -> Result<Self, DeclareError> {
        let text = text.trim();
        let specifiers: Vec<VersionSpecifier> = match Version::from_str(text) {
            Ok(version) if version.release().len() < 3 && version.is_stable() => {
                vec![VersionSpecifier::equals_star_version(version)]
            }
            Ok(version) => vec![VersionSpecifier::equals_version(version)],
            Err(_) => VersionSpecifiers::from_str(text)
                .map_err(|_| DeclareError::NotAVersion(text.to_owned()))?
                .to_vec(),
        };
        let versions = installable(package, &specifiers, |_| true);
        if versions.is_empty() {
            return Err(DeclareError::NoRelease(text.to_owned()));
        }
        Ok(Self::new(versions, Presence::Installed, Basis::Declared))
    }

    /// The possible versions as pip knows them, oldest first; an epoch (`1!2.0.0`) sorts last
    /// though it is old, see [`behaves_as`].
    #[must_use]
    pub fn versions(&self) -> &[Version] {
        &self.versions
    }

    /// Whether the package is installed.
    #[must_use]
    pub const fn presence(&self) -> Presence {
        self.presence
    }

    /// What decided the versions.
    #[must_use]
    pub const fn basis(&self) -> &Basis {
        &self.basis
    }

    /// Whether the package is certainly installed, in the only possible version.
    #[must_use]
    pub fn is_known(&self) -> bool {
        self.presence == Presence::Installed && self.versions.len() == 1
    }

    /// Whether something tells the versions: they are not just all that there are.
    #[must_use]
    pub fn is_told(&self) -> bool {
        self.presence == Presence::Installed
            && !matches!(self.basis, Basis::Unknown(_) | Basis::Untold(_) | Basis::Contradiction(_))
    }

    /// Whether `holds` for every version still possible, and there is one. It is asked about
    /// versions as they behave: about 2.0.0 for `1!2.0.0`.
    pub fn all(&self, mut holds: impl FnMut(&Version) -> bool) -> bool {
        !self.versions.is_empty() && self.versions.iter().all(|version| holds(&behaves_as(version)))
    }

    /// Whether `holds` for a version still possible, asked as in [`VersionSet::all`].
    pub fn any(&self, mut holds: impl FnMut(&Version) -> bool) -> bool {
        self.versions.iter().any(|version| holds(&behaves_as(version)))
    }

    /// The versions still possible for which `holds`, asked as in [`VersionSet::all`].
    pub fn those(&self, mut holds: impl FnMut(&Version) -> bool) -> Vec<&Version> {
        self.versions.iter().filter(|version| holds(&behaves_as(version))).collect()
    }

    /// For people: `8.10.0`, `8.1.0 or 9.0.0`, `5.1.0 to 9.39.0`, `any version`, `not installed`.
    #[must_use]
    pub fn describe(&self) -> String {
        match self.versions.as_slice() {
            _ if self.presence == Presence::Absent => "not installed".to_owned(),
            [] => "no version".to_owned(),
            _ if self.anything => "any version".to_owned(),
            [only] => only.to_string(),
            [first, second] => format!("{first} or {second}"),
            [first, .., last] => format!("{first} to {last}"),
        }
    }

    /// The same, where pip installs it anew.
    pub(super) fn chosen_by_pip(self) -> Self {
        Self { is_chosen_by_pip: true, ..self }
    }

    /// What pip installs on a day when no newer release is known than those of which `fits` holds: the newest of
    /// them, where nothing of the package was there before; `None` where something else decides.
    pub(super) fn newest(&self, fits: impl Fn(&Version) -> bool) -> Option<Self> {
        let chosen = self.versions.iter().rev().find(|version| fits(version));
        let chosen = chosen.filter(|_| self.is_chosen_by_pip && self.versions.len() > 1)?;
        Some(Self::new(vec![chosen.clone()], self.presence, self.basis.clone()))
    }

    /// The versions of both, for `basis`.
    pub(super) fn or(&self, other: &Self, basis: Basis) -> Self {
        let presence =
            if self.presence == other.presence { self.presence } else { Presence::Unsure };
        let versions = self.versions.iter().chain(&other.versions).cloned().collect();
        let anything = self.anything || other.anything;
        Self { anything, ..Self::new(versions, presence, basis) }
    }
}

/// What pip would install of `package`: the pin, or each release that is not yanked, fulfils
/// `specifiers` and passes `admits`; empty when nothing does.
///
/// Pre-releases are chosen only when pinned. When the specifiers ask for more than the newest known
/// release, the lowest version they allow stands for all of those.
pub(super) fn installable(
    package: &Package,
    specifiers: &[VersionSpecifier],
    admits: impl Fn(&Version) -> bool,
) -> Vec<Version> {
    if let Some(pin) = specifiers.iter().find_map(pinned) {
        let released = package.released.iter().find(|release| *release == pin);
        let pin = released.unwrap_or(pin);
        return Vec::from_iter(fulfils(pin, specifiers).then(|| pin.clone()));
    }
    let installable = package.released.iter().filter(|version| {
        !package.is_yanked(version) && fulfils(version, specifiers) && admits(version)
    });
    let versions: Vec<Version> = installable.cloned().collect();
    if !versions.is_empty() {
        return versions;
    }
    let newer = specifiers.iter().filter_map(lowest).filter(|lowest| {
        package.newest().is_none_or(|newest| lowest > newest) && fulfils(lowest, specifiers)
    });
    newer.max().into_iter().collect()
}

/// The only version a specifier allows.
pub(super) fn pinned(specifier: &VersionSpecifier) -> Option<&Version> {
    // `===` is deprecated, not gone.
    #[allow(deprecated)]
    let exact = matches!(specifier.operator(), Operator::Equal | Operator::ExactEqual);
    exact.then(|| specifier.version())
}

/// The lowest version that a specifier with a lower bound allows.
fn lowest(specifier: &VersionSpecifier) -> Option<Version> {
    let bound = specifier.version();
    match specifier.operator() {
        Operator::GreaterThanEqual | Operator::TildeEqual | Operator::EqualStar => {
            Some(bound.clone())
        }
        Operator::GreaterThan => {
            let (last, front) = bound.release().split_last()?;
            let next = front.iter().copied().chain([last.checked_add(1)?]);
            Some(Version::new(next).with_epoch(bound.epoch()))
        }
        _ => None,
    }
}

/// Whether `version` fulfils all specifiers.
pub(super) fn fulfils(version: &Version, specifiers: &[VersionSpecifier]) -> bool {
    specifiers.iter().all(|specifier| {
        // `==2.0.1.*` must not match 2.0: missing numbers are zeros, which `contains` forgets.
        let wanted = specifier.version().release().len();
        if version.release().len() >= wanted {
            return specifier.contains(version);
        }
        let zeros = std::iter::repeat_n(&0, wanted - version.release().len());
        let padded: Vec<u64> = version.release().iter().chain(zeros).copied().collect();
        match specifier.operator() {
            Operator::EqualStar | Operator::NotEqualStar => {
                specifier.contains(&version.clone().with_release(padded))
            }
            _ => specifier.contains(version),
        }
    })
}
