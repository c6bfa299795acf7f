//! Airflow itself, asked for in `requirements.txt`.

use super::requirements::Role;
use super::{Model, Place};
use crate::read::requirements::Item;

/// The first requirement of the project that names Airflow itself.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AirflowRequirement {
    /// Where it stands.
    pub place: Place,
    /// The name with its extras and versions.
    pub written: String,
    /// What pip does with the Airflow of the image.
    pub fit: Fit,
    /// Whether the line matches `apache-airflow\s*[=~>]{1,2}.*` as a whole, at which the build step of
    /// Runtime 9.6.0 stops (its `ONBUILD` instructions).
    pub refused_by_build: bool,
}

/// What pip does with the Airflow of the image because of a requirement.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Fit {
    /// Leaves it, whatever it is: the requirement has no version.
    Any,
    /// Leaves it: it fulfils the requirement.
    Keeps,
    /// Leaves it or replaces it; the exact version of the image is not known.
    Perhaps,
    /// Replaces it.
    Replaces,
}

impl Model {
    /// The requirement for Airflow itself that is installed, constraints left aside.
    #[must_use]
    pub fn airflow_requirement(&self) -> Option<AirflowRequirement> {
        let names = ["apache-airflow", "apache-airflow-core"];
        let entries = &self.requirements.as_ref()?.entries;
        let mut entries = entries.iter().filter(|entry| {
            entry.role == Role::Requirement && !self.versions.excluded.contains(&entry.place)
        });
        entries.find_map(|entry| {
            let Item::Requirement(requirement) = &entry.item else { return None };
            let name = &requirement.name.node;
            if !names.contains(&name.normalised.as_str()) {
                return None;
            }
            let extras: Vec<&str> =
                requirement.extras.iter().map(|extra| extra.node.as_str()).collect();
            let extras =
                if extras.is_empty() { String::new() } else { format!("[{}]", extras.join(",")) };
            let specifiers = requirement.specifiers.iter();
            let versions: Vec<String> =
                specifiers.map(|it| format!("{}{}", it.operator, it.version)).collect();
            let first = requirement.specifiers.first().map_or("", |it| it.operator);
            Some(AirflowRequirement {
                place: entry.place,
                written: format!("{}{extras}{}", name.written, versions.join(",")),
                fit: self.fit(requirement),
                refused_by_build: name.written == names[0]
                    && extras.is_empty()
                    && first.starts_with(['=', '~', '>']),
            })
        })
    }

    fn fit(&self, requirement: &crate::read::requirements::Requirement) -> Fit {
        let image = self.versions.airflow_of_image();
        if requirement.url.is_some() {
            return Fit::Replaces;
        }
        if requirement.specifiers.is_empty() {
            return Fit::Any;
        }
        let fulfils = |version: &pep440_rs::Version| {
            requirement
                .specifiers
                .iter()
                .all(|it| it.parsed.as_ref().is_some_and(|parsed| parsed.contains(version)))
        };
        if !image.is_told() || image.any(fulfils) && !image.all(fulfils) {
            Fit::Perhaps
        } else if image.all(fulfils) {
            Fit::Keeps
        } else {
            Fit::Replaces
        }
    }
}
