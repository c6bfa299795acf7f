//! Which versions of Airflow and of each provider are possible in a project.
//!
//! The image comes first; then each run of pip changes what is installed, as pip does: it leaves
//! what fulfils the requirement and replaces what does not.

mod asked;
mod set;

use pep440_rs::Version;

use super::Place;
use super::requirements::Requirements;
use crate::facts::releases::{self, Package};
use crate::facts::runtime::{AirflowInImage, Bundled, Image};
use asked::Asked;
pub use set::{Basis, DeclareError, Presence, VersionSet};

/// How the project's environment is put together.
#[derive(Clone, Copy, Debug, Default)]
pub struct Installation<'a> {
    /// The image that the project is built on, and where it is named.
    pub image: Option<(&'a Image, Place)>,
    /// `requirements.txt` with its includes.
    pub requirements: Option<&'a Requirements>,
    /// Whether the Dockerfile installs `requirements.txt` itself, as it must on a `-base` image.
    pub dockerfile_installs_requirements: bool,
    /// The other `RUN pip install` commands of the Dockerfile, in order.
    pub commands: &'a [Requirements],
}

/// The possible versions of Airflow and of the providers.
#[derive(Clone, Debug)]
pub struct Versions {
    airflow: VersionSet,
    airflow_of_image: VersionSet,
    providers: Vec<(&'static Package, VersionSet)>,
    /// Requirements whose marker excludes them on every Python that the image may have.
    pub excluded: Vec<Place>,
    /// Whether `requirements.txt` is installed at all; also true where that is not known.
    pub requirements_are_installed: bool,
}

impl Versions {
    /// Works out what `installation` may hold.
    #[must_use]
    pub fn of(installation: &Installation<'_>) -> Self {
        let image = installation.image;
        let automatic = image.and_then(|(image, _)| image.installs_requirements()).unwrap_or(true);
        let requirements_are_installed = automatic || installation.dockerfile_installs_requirements;
        let file = installation.requirements.filter(|_| requirements_are_installed);
        let python = image.and_then(|(image, _)| image.python());

        let mut excluded = Vec::new();
        let mut airflow = in_image(releases::airflow(), image, None);
        let airflow_of_image = airflow.clone();
        let providers = releases::providers().iter();
        let mut providers: Vec<(&'static Package, VersionSet)> =
            providers.map(|package| (package, in_image(package, image, Some(&airflow)))).collect();
        for step in file.into_iter().chain(installation.commands) {
            let asked = Asked::read(releases::airflow(), step, python, &mut excluded);
            airflow = asked.install(releases::airflow(), &airflow, |_| true);
            // One run resolves its requirements together, so a provider must fit the Airflow that
            // the same run asks for. An Airflow that it does not ask for, pip may replace.
            let admitted = asked.admitted(releases::airflow());
            for (package, set) in &mut providers {
                let asked = Asked::read(package, step, python, &mut excluded);
                *set = asked
                    .install(package, set, |version| fits(package, version, admitted.as_ref()));
            }
        }
        excluded.sort();
        excluded.dedup();
        Self { airflow, airflow_of_image, providers, excluded, requirements_are_installed }
    }

    /// The possible versions of Airflow.
    #[must_use]
    pub const fn airflow(&self) -> &VersionSet {
        &self.airflow
    }

    /// The possible versions of Airflow in the image, before anything is installed.
    #[must_use]
    pub const fn airflow_of_image(&self) -> &VersionSet {
        &self.airflow_of_image
    }

    /// The possible versions of a package, by its full or its short name; `None` for a package
    /// that ships no secrets backend.
    #[must_use]
    pub fn package(&self, name: &str) -> Option<&VersionSet> {
        let package = releases::package(name)?;
        if package.is_airflow() {
            return Some(&self.airflow);
        }
        let mut providers = self.providers.iter();
        providers.find(|(known, _)| known.id == package.id).map(|(_, set)| set)
    }

    /// Leaves of each package that pip installs anew the newest version that works with the Airflow there: what a
    /// build of today holds.
    pub fn build_today(&mut self) {
        for (package, set) in self.providers.iter_mut().filter(|_| self.airflow.is_told()) {
            let newest = set.newest(|version| {
                !package.is_yanked(version) && fits(package, version, Some(&self.airflow))
            });
            if let Some(newest) = newest {
                *set = newest;
            }
        }
    }

    /// Replaces what was worked out for `name` by what the user declares, as `8.1.0` or `>=8`.
    ///
    /// # Errors
    /// When the package is unknown, or [`VersionSet::declared`] refuses the text.
    pub fn declare(&mut self, name: &str, text: &str) -> Result<(), DeclareError> {
        let unknown = || DeclareError::UnknownPackage(name.to_owned());
        let package = releases::package(name).ok_or_else(unknown)?;
        let declared = VersionSet::declared(package, text)?;
        if package.is_airflow() {
            self.airflow = declared;
        } else {
            let known = self.providers.iter_mut().find(|(known, _)| known.id == package.id);
            known.ok_or_else(unknown)?.1 = declared;
        }
        Ok(())
    }
}

/// What the image holds of `package`.
fn in_image(
    package: &Package,
    image: Option<(&Image, Place)>,
    airflow: Option<&VersionSet>,
) -> VersionSet {
    let unknown = || VersionSet::any_release(package, Presence::Unsure, Basis::Unknown(None));
    let Some((image, place)) = image else { return unknown() };
    let bundled = |versions, source| {
        VersionSet::new(versions, Presence::Installed, Basis::Bundled { image: place, source })
    };
    if package.is_airflow() {
        return match image.airflow() {
            AirflowInImage::Exact(version) => bundled(vec![version], String::new()),
            AirflowInImage::Minor(major, minor) => {
                let of_minor = |version: &&Version| version.release().starts_with(&[major, minor]);
                let mut known: Vec<_> = package.released.iter().filter(of_minor).cloned().collect();
                if known.is_empty() {
                    known.push(Version::new([major, minor, 0]));
                }
                bundled(known, String::new())
            }
            AirflowInImage::Unknown => unknown(),
        };
    }
    match image.bundled(&package.id) {
        Bundled::Exact { version, source } => bundled(vec![version], source),
        Bundled::No { .. } => VersionSet::not_installed(),
        Bundled::Unknown => unknown(),
        Bundled::Between { at_least, at_most, source } => {
            let possible = package.released.iter().filter(|version| {
                **version >= at_least
                    && at_most.as_ref().is_none_or(|most| *version <= most)
                    && fits(package, version, airflow)
            });
            let mut possible: Vec<Version> = possible.cloned().collect();
            if possible.is_empty() {
                possible.push(at_least);
            }
            bundled(possible, source)
        }
    }
}

/// Whether `version` of a provider works with one of the Airflow versions, as it declares.
fn fits(package: &Package, version: &Version, airflow: Option<&VersionSet>) -> bool {
    let (Some(airflow), Some(floor)) = (airflow, package.airflow_floor(version)) else {
        return true;
    };
    airflow.versions().is_empty() || airflow.any(|possible| possible >= floor)
}

#[cfg(test)]
mod tests;
