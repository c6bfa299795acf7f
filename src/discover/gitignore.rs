//! Whether git ignores a path, from the ignore files of the repository alone.
//!
//! No program is started, and neither the user's global configuration nor `core.excludesFile` of the
//! repository is read: the answer is the one that everybody with a clone gets.

use std::fs;
use std::path::{Path, PathBuf};

use ignore::Match;
use ignore::gitignore::{Gitignore, GitignoreBuilder};

use super::gitignore_pattern::{Translated, translate};
use crate::discover::{Overlays, Unreadable, git_directory};
use crate::hash::HashMap;
use crate::limits;

/// What git would say to `git check-ignore --no-index`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Ignored {
    /// Git leaves the path alone, unless it is tracked already.
    Yes,
    /// `git add .` would add it.
    No,
    /// An ignore file that decides could not be read.
    Unknown,
}

/// The ignore files of a repository, each read when it is first needed.
#[derive(Debug)]
pub struct GitIgnores {
    root: PathBuf,
    overlays: Overlays,
    /// `.git/info/exclude`, which every `.gitignore` overrules.
    exclude: Patterns,
    directories: HashMap<PathBuf, Patterns>,
}

/// The patterns of one file; `None` when it could not be read.
type Patterns = Option<Gitignore>;

impl GitIgnores {
    /// The ignore files of the repository with the absolute root `root`. Where there is none yet, the
    /// project's root: the answers are then those that `git init` there would bring.
    #[must_use]
    pub fn new(root: &Path, overlays: Overlays) -> Self {
        let exclude = if fs::symlink_metadata(root.join(".git")).is_err() {
            Some(Gitignore::empty())
        } else {
            git_directory(root)
                .and_then(|git| patterns(&git.shared.join("info/exclude"), root, &overlays))
        };
        Self { root: root.to_path_buf(), overlays, exclude, directories: HashMap::default() }
    }

    /// Whether git ignores the file at the absolute path `path`; [`Ignored::Unknown`] for a path
    /// outside the repository.
    ///
    /// As gitignore(5) says, nothing below an ignored directory can be included again, so the
    /// directories are asked from the top; `matched_path_or_any_parents` of `ignore` 0.4.34 asks them
    /// from the bottom and answers differently for `dir/` with `!dir/file`.
    pub fn ignores(&mut self, path: &Path) -> Ignored {
        let Ok(below) = path.strip_prefix(&self.root) else {
            return Ignored::Unknown;
        };
        let mut current = self.root.clone();
        // The patterns that apply to what lies in `current`, the deepest last.
        let mut applying: Vec<PathBuf> = Vec::new();
        let mut parts = below.components().peekable();
        while let Some(part) = parts.next() {
            applying.push(current.clone());
            current.push(part);
            let is_directory = parts.peek().is_some();
            match self.decide(&applying, &current, is_directory) {
                Ignored::No => {}
                answer => return answer,
            }
        }
        Ignored::No
    }

    /// What the nearest file that says something says about `path` itself.
    fn decide(&mut self, applying: &[PathBuf], path: &Path, is_directory: bool) -> Ignored {
        for directory in applying.iter().rev() {
            let patterns = self.directories.entry(directory.clone()).or_insert_with(|| {
                patterns(&directory.join(".gitignore"), directory, &self.overlays)
            });
            if let Some(answer) = ask(patterns, path, is_directory) {
                return answer;
            }
        }
        ask(&self.exclude, path, is_directory).unwrap_or(Ignored::No)
    }
}

/// What `patterns` say about `path`; `None` when they say nothing.
fn ask(patterns: &Patterns, path: &Path, is_directory: bool) -> Option<Ignored> {
    let Some(patterns) = patterns else {
        return Some(Ignored::Unknown);
    };
    match patterns.matched(path, is_directory) {
        Match::Ignore(_) => Some(Ignored::Yes),
        Match::Whitelist(_) => Some(Ignored::No),
        Match::None => None,
    }
}

/// Reads an ignore file whose patterns apply below `directory`. A missing one says nothing, nor does
/// a link: git does not follow those (gitignore(5), since 2.32).
fn patterns(file: &Path, directory: &Path, overlays: &Overlays) -> Patterns {
    if fs::symlink_metadata(file).is_ok_and(|metadata| metadata.is_symlink()) {
        return Some(Gitignore::empty());
    }
    let bytes = match overlays.read_bytes(file, limits::IGNORE_FILE) {
        Ok(bytes) => bytes,
        Err(Unreadable::Missing | Unreadable::NotARegularFile) => return Some(Gitignore::empty()),
        Err(_) => return None,
    };
    let text = String::from_utf8_lossy(&bytes);
    let mut builder = GitignoreBuilder::new(directory);
    for line in text.trim_start_matches('\u{feff}').lines() {
        match translate(line) {
            Translated::Pattern(pattern) => builder.add_line(None, &pattern).ok()?,
            Translated::Nothing => continue,
            Translated::TooOdd => return None,
        };
    }
    builder.build().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A repository with these ignore files; asks for `path`.
    fn ignored(files: &[(&str, &str)], path: &str) -> Ignored {
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir_all(dir.path().join(".git/info")).unwrap();
        for (file, text) in files {
            let file = dir.path().join(file);
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            fs::write(file, text).unwrap();
        }
        GitIgnores::new(dir.path(), Overlays::default()).ignores(&dir.path().join(path))
    }

    /// The answers are those of git 2.47 for the same files.
    #[test]
    fn the_answers_are_gits() {
        use Ignored::{No, Yes};
        let root = |text| vec![(".gitignore", text)];
        for (files, path, expected) in [
            (vec![], ".env", No),
            (root(".env\n"), ".env", Yes),
            (root(".env\n"), "include/.env", Yes),
            (root("/.env\n"), "include/.env", No),
            (root(".env\n"), ".env.dev", No),
            (root(".env*\n!.env.example\n"), ".env.example", No),
            (root("dir/\n!dir/in.env\n"), "dir/in.env", Yes),
            (root("dir/*\n!dir/in.env\n"), "dir/in.env", No),
            (root("dir/\n"), "dir", No),
            (root("secrets\n"), "a/secrets/b/.env", Yes),
            (root("[[:alpha:]].x\n"), "q.x", Yes),
            (root("[[:alpha:]].x\n"), "1.x", No),
            (root("[![:digit:]].x\n"), "1.x", No),
            (root("\\#.env\n"), "#.env", Yes),
            (root("# .env\n"), ".env", No),
            (root(".env   \n"), ".env", Yes),
            (root(".env\r\n"), ".env", Yes),
            (root("\u{feff}.env\n"), ".env", Yes),
            (root("a/**/.env\n"), "a/.env", Yes),
            (root("*.env\n[\n!\n/\n"), "x.env", Yes),
            (root("{a,b}.x\n"), "a.x", No),
            (root("{a,b}.x\n"), "{a,b}.x", Yes),
            (root("[a\\-c].x\n"), "-.x", Yes),
            (root("[a\\-c].x\n"), "b.x", No),
            (root("foo\\ \n"), "foo ", Yes),
            (
                vec![(".gitignore", "*.env\n"), ("sub/.gitignore", "!keep.env\n")],
                "sub/keep.env",
                No,
            ),
            (
                vec![(".gitignore", "sub/\n"), ("sub/.gitignore", "!keep.env\n")],
                "sub/keep.env",
                Yes,
            ),
            (vec![("sub/.gitignore", "/.env\n")], "sub/.env", Yes),
            (vec![("sub/.gitignore", "/.env\n")], ".env", No),
            (vec![(".git/info/exclude", "*.env\n")], "x.env", Yes),
            (vec![(".git/info/exclude", "*.env\n"), (".gitignore", "!x.env\n")], "x.env", No),
        ] {
            assert_eq!(ignored(&files, path), expected, "{path} with {files:?}");
        }
    }

    #[test]
    fn what_cannot_be_read_is_unknown() {
        let large = "#".repeat(usize::try_from(limits::IGNORE_FILE).unwrap() + 1);
        assert_eq!(ignored(&[(".gitignore", &large)], ".env"), Ignored::Unknown);
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join(".git"), "gitdir: /elsewhere/.git/worktrees/w\n").unwrap();
        fs::write(dir.path().join(".gitignore"), ".env\n").unwrap();
        let mut ignores = GitIgnores::new(dir.path(), Overlays::default());
        assert_eq!(ignores.ignores(&dir.path().join(".env")), Ignored::Yes);
        assert_eq!(ignores.ignores(&dir.path().join("prod.env")), Ignored::Unknown);
        assert_eq!(ignores.ignores(Path::new("/elsewhere/.env")), Ignored::Unknown);
    }

    #[test]
    fn without_a_repository_the_files_of_the_project_decide() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join(".gitignore"), ".env\n").unwrap();
        let mut ignores = GitIgnores::new(dir.path(), Overlays::default());
        assert_eq!(ignores.ignores(&dir.path().join(".env")), Ignored::Yes);
        assert_eq!(ignores.ignores(&dir.path().join("prod.env")), Ignored::No);
    }
}
