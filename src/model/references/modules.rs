//! Which file an import leads to.

use std::path::{Path, PathBuf};

use crate::hash::{HashMap, HashSet};

/// The first names of the imports that may lead to files of the project.
#[derive(Clone, Debug, Default)]
pub struct Locals {
    names: HashSet<String>,
    /// The names of all directories and files of code: some code may import them from beside it.
    anywhere: HashSet<String>,
    /// The project itself, where it is a package, and what lies in it. It may have the name of an
    /// installed one: `airflow`.
    root: Option<String>,
    in_root: HashSet<String>,
}

/// The directories of a project that Python searches for modules, before the project itself.
/// Airflow adds `dags` and `plugins`, the Astro image the project's root.
const SEARCHED: &[&str] = &["dags", "plugins"];

impl Locals {
    /// Those of the project at `root` that holds the Python files `files`.
    #[must_use]
    pub fn new<'a>(root: &Path, files: impl IntoIterator<Item = &'a Path>) -> Self {
        let mut names = HashSet::default();
        let mut anywhere = HashSet::default();
        let mut in_root = HashSet::default();
        let add_to = |names: &mut HashSet<String>, name: Option<&std::ffi::OsStr>| {
            let Some(name) = name.and_then(|name| name.to_str()) else { return };
            let name = name.strip_suffix(".py").unwrap_or(name);
            if !names.contains(name) {
                names.insert(name.to_owned());
            }
        };
        let mut add = |name: Option<&std::ffi::OsStr>| add_to(&mut names, name);
        for file in files {
            let Ok(below) = file.strip_prefix(root) else { continue };
            for name in below {
                add_to(&mut anywhere, Some(name));
            }
            add(below.iter().next());
            add_to(&mut in_root, below.iter().next());
            if SEARCHED.iter().any(|directory| below.starts_with(directory)) {
                add(below.iter().nth(1));
            }
            // Files beside each other import each other where somebody changed the search path.
            add(below.file_name());
        }
        // Code beside `dags/` is only known by being imported.
        for entry in std::fs::read_dir(root).into_iter().flatten().flatten() {
            add(Some(&entry.file_name()));
            add_to(&mut in_root, Some(&entry.file_name()));
        }
        let root = root.file_name().and_then(|name| name.to_str()).map(str::to_owned);
        Self { names, anywhere, root, in_root }
    }

    /// Whether the dotted `path`, which may begin with dots, may lead to a file of the project.
    #[must_use]
    pub fn hold(&self, path: &str) -> bool {
        let mut parts = path.split('.');
        let first = parts.next().unwrap_or(path);
        path.starts_with('.')
            || self.names.contains(first)
            || self.root.as_deref() == Some(first)
                && parts.next().is_none_or(|second| self.in_root.contains(second))
    }

    /// Whether the dotted `path` in some file of code could lead to another one, or to a file at the
    /// root. Less strict than [`Locals::hold`]; for what is then looked for on the disk.
    #[must_use]
    pub fn may_lead(&self, path: &str) -> bool {
        let first = path.split('.').next().unwrap_or(path);
        self.hold(path) || self.anywhere.contains(first)
    }
}

/// Finds the files of a project by the names of modules.
#[derive(Debug)]
pub struct ModulePaths {
    root: PathBuf,
}

impl ModulePaths {
    /// Those of the project at `root`.
    #[must_use]
    pub fn new(root: &Path) -> Self {
        Self { root: root.to_path_buf() }
    }

    /// Where the module `name` may lie, seen from the file `from`: the first of these that exists.
    /// A name that begins with dots is relative.
    #[must_use]
    pub fn of(&self, name: &str, from: &Path) -> Vec<PathBuf> {
        let below = name.trim_start_matches('.');
        let dots = name.len() - below.len();
        let parts = || below.split('.').filter(|part| !part.is_empty());
        let bases: Vec<PathBuf> = if dots > 0 {
            from.ancestors().nth(dots).map(Path::to_path_buf).into_iter().collect()
        } else {
            let searched = SEARCHED.iter().map(|directory| self.root.join(directory));
            let beside = from.parent().map(Path::to_path_buf);
            let above = self.root.parent().map(Path::to_path_buf);
            searched.chain([self.root.clone()]).chain(beside).chain(above).collect()
        };
        let mut found = Vec::new();
        for base in bases {
            let path: PathBuf = base.join(parts().collect::<PathBuf>());
            if !path.starts_with(&self.root) {
                continue;
            }
            if parts().next().is_some() {
                found.push(path.with_added_extension("py"));
            }
            found.push(path.join("__init__.py"));
        }
        found
    }

    /// Where the module may lie that the dotted `path` leads to or through, the nearest to its end first.
    pub fn leading_to(&self, path: &str, from: &Path) -> impl Iterator<Item = PathBuf> {
        let places = prefixes(path).flat_map(|(name, _)| self.of(name, from));
        places.collect::<Vec<_>>().into_iter()
    }
}

/// Each way to cut a dotted path into the name of a module and the rest, the longest name first.
pub(super) fn prefixes(path: &str) -> impl Iterator<Item = (&str, &str)> {
    let dots = path.len() - path.trim_start_matches('.').len();
    let below = path.get(dots..).unwrap_or("");
    let cuts: Vec<usize> = below.match_indices('.').map(|(at, _)| dots + at).collect();
    let whole = (!below.is_empty()).then_some(path.len());
    let package = (dots > 0).then_some(dots);
    let ends = whole.into_iter().chain(cuts.into_iter().rev()).chain(package);
    ends.map(move |end| {
        let rest = path.get(end..).unwrap_or("");
        (path.get(..end).unwrap_or(path), rest.strip_prefix('.').unwrap_or(rest))
    })
}

/// Which module of those read lies where.
#[derive(Debug, Default)]
pub(super) struct ModuleIndex {
    by_path: HashMap<PathBuf, usize>,
}

impl ModuleIndex {
    pub(super) fn new<'a>(paths: impl IntoIterator<Item = &'a Path>) -> Self {
        let numbered = paths.into_iter().enumerate();
        Self { by_path: numbered.map(|(number, path)| (path.to_path_buf(), number)).collect() }
    }

    pub(super) fn at(&self, path: &Path) -> Option<usize> {
        self.by_path.get(path).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_project_is_called_does_not_hide_an_installed_package() {
        let root = Path::new("repository/airflow");
        let files = [root.join("dags/a.py"), root.join("include/models.py")];
        let locals = Locals::new(root, files.iter().map(PathBuf::as_path));
        for (path, expected) in [
            ("airflow.include.models", true),
            ("airflow.dags.a", true),
            ("airflow.models.Variable", false),
            ("airflow.decorators.task", false),
            ("include.models", true),
            ("models", true),
            (".models", true),
            ("other", false),
        ] {
            assert_eq!(locals.hold(path), expected, "{path}");
        }
    }
}
