//! Whether a client of a secrets service is asked for what the configured backend would give.

use super::asked::InUse;
use super::existing::short;
use super::project::Project;
use crate::model::{Bypass, BypassedBy, Key, Kind};

/// A secret of the backend's that code reads without it.
#[derive(Clone, Debug)]
pub struct Bypassed<'a> {
    /// The backend.
    pub by: InUse<'a>,
    /// What it is.
    pub kind: Kind,
    /// Its key, with `*` for what is unknown.
    pub key: String,
    /// The name asked for, likewise.
    pub name: String,
}

impl Project {
    /// What `bypass` reads that a backend in use would give under a key; `None` where the name is
    /// not known, is below no prefix, or the backend puts nothing before its keys.
    #[must_use]
    pub fn bypassed(&self, bypass: &Bypass) -> Option<Bypassed<'_>> {
        let BypassedBy::Client { backend, name, .. } = &bypass.by else { return None };
        let names = name.alternatives().iter().filter_map(Key::shown);
        let names: Vec<String> = names.map(|it| bare(backend, &it).to_owned()).collect();
        self.in_use().find_map(|by| {
            by.configured.backend().filter(|it| it.id == *backend)?;
            let kinds = Kind::ALL.into_iter().filter_map(|kind| Some((kind, below(by, kind)?)));
            kinds.into_iter().find_map(|(kind, prefix)| {
                names.iter().find_map(|name| {
                    let key = name.strip_prefix(&prefix).filter(|key| !key.is_empty())?;
                    Some(Bypassed { by, kind, key: key.to_owned(), name: name.clone() })
                })
            })
        })
    }
}

/// What the names of a kind begin with; `None` where that is nothing.
fn below(by: InUse<'_>, kind: Kind) -> Option<String> {
    let backend = by.configured.backend()?;
    if backend.id == "hashicorp_vault" {
        // Clients name the mount point apart.
        let parameter = format!("{}_path", kind.parameter_stem());
        let path = match by.configured.keyword(&parameter) {
            Some(kwarg) => kwarg.plain()?,
            None => backend.parameter(&parameter)?.default_text()?,
        };
        let path = path.trim_matches('/');
        return (!path.is_empty()).then(|| format!("{path}/"));
    }
    let before = by.name(kind, "")?;
    Some(bare(&backend.id, &before).to_owned()).filter(|prefix| !prefix.is_empty())
}

/// The name of a secret in what a client takes or a backend asks for: without the project and version
/// of Google's resource names, and without the rest of an ARN.
fn bare<'a>(backend: &str, name: &'a str) -> &'a str {
    if backend == "hashicorp_vault" { name.trim_start_matches('/') } else { short(name) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn resource_names_hold_the_bare_one() {
        for (backend, name, expected) in [
            ("aws_secrets_manager", "a/b", "a/b"),
            ("aws_secrets_manager", "arn:aws:secretsmanager:eu-west-1:1:secret:a/b-Xy12Zq", "a/b"),
            ("gcp_secret_manager", "projects/p/secrets/a-b/versions/latest", "a-b"),
            ("gcp_secret_manager", "projects/*/secrets/a-", "a-"),
            ("hashicorp_vault", "/variables/x", "variables/x"),
        ] {
            assert_eq!(bare(backend, name), expected, "{name}");
        }
    }
}
