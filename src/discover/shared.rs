//! Files beside projects, in the same repository, that may set them up: its workflows, scripts and
//! Terraform.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use regex::bytes::RegexSet;

use super::links::kind_in;
use super::{FileKind, FoundFile, enclosing_repository, read_bytes};
use crate::limits;

/// The repositories of a scan that hold projects.
pub(super) struct Shared<'a> {
    repositories: BTreeMap<PathBuf, Projects<'a>>,
}

/// The projects of one repository.
struct Projects<'a> {
    roots: Vec<&'a Path>,
    /// What names the directory of each, where there are several.
    mentions: RegexSet,
}

impl<'a> Shared<'a> {
    pub(super) fn new(roots: impl Iterator<Item = &'a PathBuf>) -> Self {
        let mut by_repository: BTreeMap<PathBuf, Vec<&Path>> = BTreeMap::new();
        for root in roots {
            if let Some(repository) = enclosing_repository(root) {
                by_repository.entry(repository).or_default().push(root);
            }
        }
        let repositories = by_repository.into_iter().map(|(repository, roots)| {
            let several = roots.iter().filter(|_| roots.len() > 1);
            let patterns =
                several.map(|root| mention(root.strip_prefix(&repository).unwrap_or(root)));
            let mentions = RegexSet::new(patterns).unwrap_or_default();
            (repository, Projects { roots, mentions })
        });
        Self { repositories: repositories.collect() }
    }

    /// The file at `path`, which lies in no project, and the projects that it may set up: the only one
    /// of its repository, or those whose directories it names.
    pub(super) fn owners(&self, path: &Path) -> Option<(FoundFile, Vec<&'a Path>)> {
        let holds = |directory: &Path| self.repositories.get_key_value(directory);
        let (repository, projects) = path.ancestors().skip(1).find_map(holds)?;
        let kind = kind_in(repository, path).filter(|kind| kind.is_setup())?;
        let file = FoundFile { path: path.to_path_buf(), kind };
        if let [root] = projects.roots.as_slice() {
            return Some((file, vec![root]));
        }
        // A deployment file or a template does not name the directory of a project.
        if kind == FileKind::Manifest {
            return None;
        }
        let bytes = read_bytes(path, limits::RENDERED_FILE).ok()?;
        let named = projects.mentions.matches(&bytes).into_iter();
        let owners: Vec<&Path> = named.filter_map(|it| projects.roots.get(it).copied()).collect();
        (!owners.is_empty()).then_some((file, owners))
    }
}

/// What tells that a text is about the directory `path` of its repository: it goes there, or names
/// something below.
fn mention(path: &Path) -> String {
    let parts: Vec<_> = path.iter().map(|part| regex::escape(&part.to_string_lossy())).collect();
    let path = parts.join("[/\\\\]");
    format!(
        r#"(?-u)(?:^|[\s"'=:(,/]){path}/|(?:\bcd|directory:|folder:|path:|workdir:)\s*["']?(?:\./)?{path}(?:["'\s;&]|$)"#
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_directory_is_named_where_it_is_entered_or_looked_into() {
        let mentions = RegexSet::new([mention(Path::new("data/airflow"))]).unwrap();
        for (text, expected) in [
            ("working-directory: data/airflow\n", true),
            ("cd ./data/airflow && astro deploy", true),
            ("paths: ['data/airflow/**']", true),
            ("docker build ./data/airflow/", true),
            ("echo data/airflow", false),
            ("data/airflow2/x", false),
            ("mydata/airflow/x", false),
        ] {
            assert_eq!(mentions.is_match(text.as_bytes()), expected, "{text}");
        }
    }
}
