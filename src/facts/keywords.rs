//! What goes wrong with the keywords of a backend besides their version: values of another type,
//! keywords that need another one, names that mean another one.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use pep440_rs::Version;
use serde::Deserialize;

use super::backends::{Backend, Effect, Parameter, backends, synonyms};

/// What becomes of a parameter's value that has another type.
#[derive(Debug, Deserialize)]
pub struct WrongType {
    /// What it does.
    pub effect: Effect,
    /// The exception, in a few words.
    pub why: String,
    /// What values do that Python takes for false, where that is something else; empty where they
    /// count as no value at all.
    pub falsy: Option<String>,
    /// The first version of the package for which this is known.
    pub from: Option<Version>,
}

/// The names that the value of a parameter may hold.
#[derive(Debug, Deserialize)]
pub struct Members {
    /// These; another one makes lookups fail.
    pub names: Vec<String>,
    /// The first version of the package for which this is known.
    pub from: Version,
    /// The exception, in a few words.
    pub why: String,
}

/// A keyword that is no use without another one.
#[derive(Debug, Deserialize)]
pub struct Need {
    /// The keyword.
    pub given: String,
    /// Its value, where it matters.
    pub is: Option<String>,
    /// What it needs: any one of these keywords.
    pub needs: Vec<String>,
    /// The setting that will do instead.
    pub or_setting: Option<String>,
    /// What happens without.
    pub effect: Effect,
    /// Why, in a few words.
    pub why: String,
    /// The first version of the package for which this is known.
    pub from: Option<Version>,
}

/// Names that stand for the parameter called `name`, where a backend has it.
#[derive(Debug, Deserialize)]
pub(super) struct Synonyms {
    pub(super) name: String,
    #[serde(rename = "for")]
    pub(super) others: Vec<String>,
}

static MEANT_BY: LazyLock<BTreeMap<&str, Vec<&str>>> = LazyLock::new(|| {
    let mut meant: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for row in synonyms() {
        for other in &row.others {
            meant.entry(other).or_default().push(&row.name);
        }
    }
    meant
});

impl Backend {
    /// The one parameter that `name`, which is none, most probably means: one that is written
    /// almost like it, or that people call so.
    #[must_use]
    pub fn meant_by(&self, name: &str) -> Option<&Parameter> {
        let plain = name.trim().to_lowercase().replace(['-', ' '], "_");
        if let Some(parameter) = self.parameter(&plain) {
            return Some(parameter);
        }
        let mut listed = MEANT_BY.get(plain.as_str()).into_iter().flatten();
        if let Some(parameter) = listed.find_map(|meant| self.parameter(meant)) {
            return Some(parameter);
        }
        let most = (plain.chars().count() / 5).max(1);
        let near = self
            .parameters()
            .iter()
            .map(|parameter| (strsim::damerau_levenshtein(&plain, &parameter.name), parameter));
        let mut near: Vec<_> = near.filter(|(distance, _)| *distance <= most).collect();
        near.sort_by_key(|(distance, _)| *distance);
        match near.as_slice() {
            [(first, _), (second, _), ..] if first == second => None,
            [(_, parameter), ..] => Some(parameter),
            [] => None,
        }
    }

    /// The parameters of which `name` is the common end: those that somebody means who writes
    /// `prefix`, where there are several.
    #[must_use]
    pub fn ending_in(&self, name: &str) -> Vec<&Parameter> {
        let ending = format!("_{name}");
        let found: Vec<_> =
            self.parameters().iter().filter(|row| row.name.ends_with(&ending)).collect();
        if name.len() > 4 && found.len() > 1 { found } else { Vec::new() }
    }
}

/// The official backends that have a parameter called `name`.
pub fn backends_with(name: &str) -> impl Iterator<Item = &'static Backend> {
    backends().iter().filter(move |backend| backend.parameter(name).is_some())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn backend(id: &str) -> &'static Backend {
        backends().iter().find(|backend| backend.id == id).unwrap()
    }

    #[test]
    fn a_wrong_name_leads_to_the_right_one_or_to_none() {
        for (id, name, expected) in [
            ("aws_secrets_manager", "variable_prefix", Some("variables_prefix")),
            ("aws_secrets_manager", "conections_prefix", Some("connections_prefix")),
            ("aws_secrets_manager", "Variables-Prefix ", Some("variables_prefix")),
            ("aws_secrets_manager", "connections_path", Some("connections_prefix")),
            ("aws_secrets_manager", "conn_prefix", Some("connections_prefix")),
            ("aws_secrets_manager", "aws_region", Some("region_name")),
            ("aws_secrets_manager", "region", Some("region_name")),
            ("aws_secrets_manager", "delimiter", Some("sep")),
            ("aws_secrets_manager", "prefix", None),
            ("aws_secrets_manager", "key", None),
            ("aws_secrets_manager", "cache", None),
            ("aws_secrets_manager", "role_name", None),
            ("aws_secrets_manager", "variables_prefix_shared", None),
            ("aws_ssm_parameter_store", "separator", None),
            ("hashicorp_vault", "variables_prefix", Some("variables_path")),
            ("hashicorp_vault", "vault_url", Some("url")),
            ("gcp_secret_manager", "project-id", Some("project_id")),
        ] {
            let found = backend(id).meant_by(name).map(|parameter| parameter.name.as_str());
            assert_eq!(found, expected, "{id}: {name}");
        }
    }

    #[test]
    fn what_is_needed_exists() {
        for backend in backends() {
            for need in &backend.needs {
                assert!(backend.parameter(&need.given).is_some(), "{}", need.given);
                for needed in &need.needs {
                    assert!(backend.parameter(needed).is_some(), "{needed}");
                }
            }
            for parameter in backend.parameters() {
                if let Some(other) = &parameter.read_with {
                    assert!(backend.parameter(other).is_some(), "{other}");
                }
            }
        }
        for row in synonyms() {
            assert!(backends_with(&row.name).next().is_some(), "{}", row.name);
        }
    }
}
