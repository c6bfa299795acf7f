//! The git repository around a project.

use std::fs;
use std::path::{Path, PathBuf};

use super::file_text::read_text;
use crate::limits;

/// The root of the nearest git repository that holds `directory` (an absolute path), or `None`.
#[must_use]
pub fn enclosing_repository(directory: &Path) -> Option<PathBuf> {
    directory
        .ancestors()
        .find(|ancestor| fs::symlink_metadata(ancestor.join(".git")).is_ok())
        .map(Path::to_path_buf)
}

/// Where git keeps the data of a repository.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct GitDirectory {
    /// What belongs to this checkout alone: the index.
    pub own: PathBuf,
    /// What all checkouts of the repository share: `info/exclude`.
    pub shared: PathBuf,
}

/// The git directory of the repository with root `repository`.
///
/// In a submodule or a linked worktree `.git` is a file that names a directory elsewhere
/// (gitrepository-layout(5)). It is followed only into the `.git` directory of a repository that
/// holds this one. `None` when it leads elsewhere, is a link, or cannot be read.
#[must_use]
pub fn git_directory(repository: &Path) -> Option<GitDirectory> {
    let dot_git = repository.join(".git");
    let metadata = fs::symlink_metadata(&dot_git).ok()?;
    if metadata.is_dir() {
        return Some(GitDirectory { own: dot_git.clone(), shared: dot_git });
    }
    if !metadata.is_file() {
        return None;
    }
    let pointer = read_text(&dot_git, limits::IGNORE_FILE).ok()?;
    let target = pointer.as_str().strip_prefix("gitdir:")?.trim();
    let own = fs::canonicalize(repository.join(target)).ok()?;
    let allowed = repository
        .ancestors()
        .skip(1)
        .filter_map(|ancestor| fs::canonicalize(ancestor.join(".git")).ok())
        .find(|git| git.is_dir() && own.starts_with(git))?;
    let shared = match read_text(&own.join("commondir"), limits::IGNORE_FILE) {
        Ok(text) => fs::canonicalize(own.join(text.as_str().trim())).ok()?,
        Err(_) => own.clone(),
    };
    shared.starts_with(&allowed).then_some(GitDirectory { own, shared })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pointer_is_followed_only_into_an_enclosing_repository() {
        let dir = tempfile::tempdir().unwrap();
        let root = fs::canonicalize(dir.path()).unwrap();
        let outer = root.join("outer");
        let own = outer.join(".git/worktrees/w");
        fs::create_dir_all(&own).unwrap();
        fs::write(own.join("commondir"), "../..\n").unwrap();
        let inside = outer.join("trees/w");
        let outside = root.join("w");
        for worktree in [&inside, &outside] {
            fs::create_dir_all(worktree.join("dags")).unwrap();
            fs::write(worktree.join(".git"), format!("gitdir: {}\n", own.display())).unwrap();
        }
        assert_eq!(enclosing_repository(&inside.join("dags")), Some(inside.clone()));
        let expected = GitDirectory { own, shared: outer.join(".git") };
        assert_eq!(git_directory(&inside), Some(expected));
        assert_eq!(git_directory(&outside), None);
        assert_eq!(git_directory(&root), None);
    }
}
