//! Patterns of paths that the user's configuration gives.

use std::path::{Path, PathBuf};

use ignore::gitignore::{Gitignore, GitignoreBuilder};

/// Patterns in the syntax of `.gitignore`.
#[derive(Clone, Debug)]
pub struct PathPatterns {
    root: PathBuf,
    patterns: Gitignore,
}

impl Default for PathPatterns {
    fn default() -> Self {
        Self { root: PathBuf::new(), patterns: Gitignore::empty() }
    }
}

impl PathPatterns {
    /// `patterns` relative to the absolute path `root`.
    ///
    /// # Errors
    /// When a pattern is not a valid glob: its number, and what is wrong with it.
    pub fn new<'a>(
        root: &Path,
        patterns: impl IntoIterator<Item = &'a str>,
    ) -> Result<Self, (usize, String)> {
        let mut builder = GitignoreBuilder::new(root);
        builder.allow_unclosed_class(false);
        let reason = |error: ignore::Error| match error {
            ignore::Error::Glob { err, .. } => err,
            other => other.to_string(),
        };
        let mut last = 0;
        for (number, pattern) in patterns.into_iter().enumerate() {
            last = number;
            builder.add_line(None, pattern).map_err(|error| (number, reason(error)))?;
        }
        let patterns = builder.build().map_err(|error| (last, reason(error)))?;
        Ok(Self { root: root.to_path_buf(), patterns })
    }

    /// Whether a pattern matches the file at `path` or a directory above it.
    #[must_use]
    pub fn match_file(&self, path: &Path) -> bool {
        self.matches(path, false)
            || path.parent().is_some_and(|directory| self.match_directory(directory))
    }

    /// Whether a pattern matches the directory `path` or one above it; none matches the root.
    #[must_use]
    pub fn match_directory(&self, path: &Path) -> bool {
        let mut below = path.ancestors().take_while(|it| *it != self.root);
        below.any(|directory| self.matches(directory, true))
    }

    fn matches(&self, path: &Path, is_directory: bool) -> bool {
        // The matcher would take a path outside its root for one inside.
        !self.patterns.is_empty()
            && path.starts_with(&self.root)
            && self.patterns.matched(path, is_directory).is_ignore()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_are_those_of_gitignore_below_the_root() {
        let patterns = ["legacy/", "/dags/old_*.py", "*.bak", "!keep.bak"];
        let patterns = PathPatterns::new(Path::new("/repo"), patterns).unwrap();
        for (path, expected) in [
            ("/repo/team/legacy/x", true),
            ("/repo/team/legacy", false),
            ("/repo/dags/old_x.py", true),
            ("/repo/team/dags/old_x.py", false),
            ("/repo/.env.bak", true),
            ("/repo/keep.bak", false),
            ("/elsewhere/.env.bak", false),
        ] {
            assert_eq!(patterns.match_file(Path::new(path)), expected, "{path}");
        }
        assert!(patterns.match_directory(Path::new("/repo/team/legacy")));
        assert!(!patterns.match_directory(Path::new("/repo/team")));
        assert!(!PathPatterns::default().match_file(Path::new("/repo/x")));
    }

    #[test]
    fn a_bad_pattern_is_known_by_its_number() {
        let (number, reason) = PathPatterns::new(Path::new("/repo"), ["a", "a["]).unwrap_err();
        assert_eq!(number, 1);
        assert!(!reason.is_empty());
    }
}
