//! What policies of Vault let somebody read, beside what its backend asks for.

use super::asked::InUse;
use super::environment::Environment;
use super::existing::VAULT;
use super::project::Project;
use crate::facts::backends;
use crate::model::{Key, Kind, Place, Reference};
use crate::text::UNKNOWN;

/// A path of a policy that is meant for the backend, and covers other secrets than it reads.
#[derive(Clone, Debug)]
pub struct OtherPath<'a> {
    /// The path, as it may be shown.
    pub path: String,
    /// Where it is written.
    pub place: Place,
    /// The path that would cover them.
    pub mended: String,
    /// What is wrong with it.
    pub fault: PathFault,
    /// What the backend reads, the first.
    pub read: String,
    /// What asks for it, where something does.
    pub reference: Option<&'a Reference>,
    /// The environment.
    pub environment: &'a Environment,
}

/// What is wrong with a path of a policy.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum PathFault {
    /// It begins with another mount.
    Mount,
    /// It lacks `data/` behind the mount, which version 2 of the key-value engine has in its paths.
    Data,
}

impl Project {
    /// The paths of Vault's policies that would cover what backends read, if one thing in them were otherwise. None
    /// where a policy of the project may cover it, or is not known as a whole: who has which is not looked at.
    #[must_use]
    pub fn other_paths(&self) -> Vec<OtherPath<'_>> {
        let policies = &self.model.setup.vault_policies;
        if policies.is_empty() || policies.iter().any(|policy| !policy.is_complete) {
            return Vec::new();
        }
        let mut found: Vec<OtherPath<'_>> = Vec::new();
        for by in self.in_use() {
            let is_vault = by.configured.backend().is_some_and(|backend| backend.id == VAULT);
            let mount = by.environment.location(by.configured).mount.filter(|_| is_vault);
            let Some(mount) = mount else { continue };
            for (read, reference) in self.reads_of_vault(by) {
                let other = self.other_path(&mount, &read, reference, by.environment);
                let is_new = |it: &OtherPath<'_>| found.iter().all(|known| known.place != it.place);
                found.extend(other.filter(is_new));
            }
        }
        found
    }

    /// What the backend reads: what code asks for, or else any key.
    fn reads_of_vault<'a>(&'a self, by: InUse<'a>) -> Vec<(String, Option<&'a Reference>)> {
        let here = self.reading().filter(|it| by.environment.holds(it));
        let asked = here.flat_map(|reference| {
            let keys = by.keys_of(reference).iter().filter_map(Key::name);
            keys.filter_map(move |key| Some((by.name(reference.kind, key)?, Some(reference))))
        });
        let asked: Vec<_> = asked.collect();
        if !asked.is_empty() {
            return asked;
        }
        let kinds = [Kind::Variable, Kind::Connection].into_iter();
        kinds.filter_map(|kind| Some((by.name(kind, "<key>")?, None))).collect()
    }

    fn other_path<'a>(
        &'a self,
        mount: &str,
        read: &str,
        reference: Option<&'a Reference>,
        environment: &'a Environment,
    ) -> Option<OtherPath<'a>> {
        let paths = || self.model.setup.vault_policies.iter().flat_map(|policy| &policy.paths);
        let may_cover = |path: &str| covers(&path.replace(UNKNOWN, "*"), read);
        if paths().any(|it| it.may_be_read != Some(false) && may_cover(it.path.text().expose())) {
            return None;
        }
        paths().filter(|it| it.may_be_read == Some(true)).find_map(|it| {
            let path = it.path.known()?.expose();
            let (fault, mended) =
                mended(path, mount).into_iter().find(|(_, it)| covers(it, read))?;
            Some(OtherPath {
                path: path.to_owned(),
                place: it.place,
                mended,
                fault,
                read: read.to_owned(),
                reference,
                environment,
            })
        })
    }
}

/// The mount that the backend asks when it is told none, as in Vault's examples, which people copy.
fn default_mount() -> Option<&'static str> {
    let vault = backends().iter().find(|backend| backend.id == VAULT)?;
    vault.parameter("mount_point")?.default_text()
}

/// Whether the part of a path behind its mount says which secrets are meant: those of another program's mount
/// are all of them.
fn names_something(rest: &str) -> bool {
    let rest = rest.strip_prefix("data/").unwrap_or(rest);
    !rest.trim_end_matches('*').is_empty()
}

/// What `path` may be meant to be for `mount`.
fn mended(path: &str, mount: &str) -> Vec<(PathFault, String)> {
    let mut all = Vec::new();
    if let Some(rest) = path.strip_prefix(mount).and_then(|rest| rest.strip_prefix('/')) {
        all.push((PathFault::Data, format!("{mount}/data/{rest}")));
    } else if let Some((other, rest)) = path.split_once('/')
        && (default_mount() == Some(other) || names_something(rest))
    {
        all.push((PathFault::Mount, format!("{mount}/{rest}")));
        all.push((PathFault::Mount, format!("{mount}/data/{rest}")));
    }
    all
}

/// Whether `path` of a policy covers `name`: `*` at its end stands for any text, and `+` for one segment. A `*` elsewhere
/// is taken for any text too, since it may stand for something unknown.
fn covers(path: &str, name: &str) -> bool {
    match path.split_once(['*', '+']) {
        None => path == name,
        Some((before, after)) => {
            let Some(rest) = name.strip_prefix(before) else { return false };
            let is_segment = path.as_bytes().get(before.len()) == Some(&b'+');
            let ends = rest.char_indices().map(|(at, _)| at).chain([rest.len()]);
            let mut ends = ends.take_while(|at| {
                !is_segment || !rest.get(..*at).is_some_and(|it| it.contains('/'))
            });
            after.is_empty() && !is_segment
                || ends.any(|at| rest.get(at..).is_some_and(|rest| covers(after, rest)))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn policies_of_others_are_left_alone() {
        for (path, is_meant) in [
            ("secret/*", true),
            ("secret/data/*", true),
            ("team/data/variables/*", true),
            ("ci/data/*", false),
            ("ci/*", false),
            ("airflow/variables/*", true),
        ] {
            assert_eq!(!mended(path, "airflow").is_empty(), is_meant, "{path}");
        }
    }

    #[test]
    fn paths_cover_names_as_vault_says() {
        for (path, name, expected) in [
            ("secret/*", "secret/data/a", true),
            ("secret/*", "airflow/data/a", false),
            ("secret/data/a", "secret/data/a", true),
            ("secret/data/a", "secret/data/ab", false),
            ("secret/+/a", "secret/data/a", true),
            ("secret/+/b", "secret/data/a", false),
            ("+/data/*", "secret/data/a/b", true),
            ("secret/+", "secret/data/a", false),
        ] {
            assert_eq!(covers(path, name), expected, "{path} {name}");
        }
    }
}
