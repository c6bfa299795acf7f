//! The folder `dags/`: Airflow parses each Python file below it, except what `.airflowignore` files
//! leave out, which then runs only where another file imports it.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use ignore::gitignore::{Gitignore, GitignoreBuilder};
use regex::Regex;

use crate::discover::Overlays;
use crate::limits;

/// How the lines of an `.airflowignore` are meant (`[core] dag_ignore_file_syntax`).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum IgnoreSyntax {
    /// Regular expressions that are searched in the path below `dags/`: the default of Airflow 2.
    Regexp,
    /// As in `.gitignore`: the default of Airflow 3.
    Glob,
}

/// The folder, and what its `.airflowignore` files say.
#[derive(Debug, Default)]
pub struct DagFolder {
    root: PathBuf,
    ignores: Vec<IgnoreFile>,
}

#[derive(Debug)]
struct IgnoreFile {
    directory: PathBuf,
    regexps: Vec<Regex>,
    globs: Gitignore,
    /// Whether the file could not be read, or a line is no glob.
    is_unclear: bool,
}

impl DagFolder {
    /// Reads the `.airflowignore` files of `root` that concern one of `files`.
    #[must_use]
    pub fn read<'a>(
        root: PathBuf,
        files: impl Iterator<Item = &'a Path>,
        overlays: &Overlays,
    ) -> Self {
        let mut directories = BTreeSet::new();
        for file in files.filter(|file| file.starts_with(&root)) {
            for directory in file.ancestors().skip(1).take_while(|it| it.starts_with(&root)) {
                if !directories.insert(directory.to_path_buf()) {
                    break;
                }
            }
        }
        let ignores =
            directories.into_iter().filter_map(|it| IgnoreFile::read(it, overlays)).collect();
        Self { root, ignores }
    }

    /// Whether `file` stands in the folder.
    #[must_use]
    pub fn contains(&self, file: &Path) -> bool {
        file.starts_with(&self.root)
    }

    /// Whether `file` stands in the folder, and an `.airflowignore` leaves it out for certain under `syntax`.
    #[must_use]
    pub fn leaves_out(&self, file: &Path, syntax: IgnoreSyntax) -> bool {
        file.starts_with(&self.root)
            && !self.holds(file, syntax)
            && !self.ignores.iter().any(|ignore| ignore.is_unclear)
    }

    /// Whether Airflow parses `file` by itself under `syntax`: it stands in the folder, and nothing
    /// leaves it out for certain or perhaps.
    #[must_use]
    pub fn holds(&self, file: &Path, syntax: IgnoreSyntax) -> bool {
        let Ok(below) = file.strip_prefix(&self.root) else { return false };
        let concerning =
            || self.ignores.iter().filter(|ignore| file.starts_with(&ignore.directory));
        let left_out = |ignore: &IgnoreFile| match syntax {
            IgnoreSyntax::Regexp => below.ancestors().any(|path| {
                let path = path.to_string_lossy();
                !path.is_empty() && ignore.regexps.iter().any(|regexp| regexp.is_match(&path))
            }),
            IgnoreSyntax::Glob => ignore.globs.matched_path_or_any_parents(file, false).is_ignore(),
        };
        !concerning().any(|ignore| ignore.is_unclear || left_out(ignore))
    }
}

impl IgnoreFile {
    fn read(directory: PathBuf, overlays: &Overlays) -> Option<Self> {
        let path = directory.join(".airflowignore");
        if overlays.get(&path).is_none() && !path.is_file() {
            return None;
        }
        let text = overlays.read_text(&path, limits::TEXT_FILE);
        let mut is_unclear = text.is_err();
        let mut regexps = Vec::new();
        let mut globs = GitignoreBuilder::new(&directory);
        for line in text.unwrap_or_default().lines() {
            // A comment may begin anywhere (`\s*#.*` in `airflow/utils/file.py`).
            let line = line.split('#').next().unwrap_or_default().trim_end();
            if line.is_empty() {
                continue;
            }
            // A glob is often no regular expression; Airflow then skips it.
            regexps.extend(Regex::new(line));
            is_unclear |= globs.add_line(None, line).is_err();
        }
        let globs = globs.build().unwrap_or_else(|_| Gitignore::empty());
        Some(Self { directory, regexps, globs, is_unclear })
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn both_syntaxes_leave_out_what_they_match() {
        let project = tempfile::tempdir().unwrap();
        let root = project.path().join("dags");
        let names = ["a.py", "lib/b.py", "lib/keep.py", "deep/er/c.py"].map(|name| root.join(name));
        let files = [names.as_slice(), &[project.path().join("include/x.py")]].concat();
        fs::create_dir_all(root.join("deep/er")).unwrap();
        fs::write(root.join(".airflowignore"), "lib/*\n!lib/keep.py  # used\n").unwrap();
        fs::write(root.join("deep/.airflowignore"), "*.py\n").unwrap();
        let folder =
            DagFolder::read(root, files.iter().map(PathBuf::as_path), &Overlays::default());
        let held =
            |syntax| -> Vec<bool> { files.iter().map(|it| folder.holds(it, syntax)).collect() };
        assert_eq!(held(IgnoreSyntax::Glob), [true, false, true, false, false]);
        // `lib/*` is `lib` and slashes; `*.py` is no regular expression, so Airflow skips it.
        assert_eq!(held(IgnoreSyntax::Regexp), [true, false, false, true, false]);
    }
}
