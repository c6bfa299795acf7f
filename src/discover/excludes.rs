//! Paths that the user's configuration leaves out.

use std::path::{Path, PathBuf};

use ignore::gitignore::{Gitignore, GitignoreBuilder};

/// A pattern of the configuration that is no valid glob.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("`{pattern}` is not a valid exclude pattern: {reason}")]
pub struct BadExclude {
    /// The pattern, as it was given.
    pub pattern: String,
    /// What is wrong with it.
    pub reason: String,
}

/// What the user wants left out, in the syntax of `.gitignore`.
#[derive(Clone, Debug)]
pub struct Excludes {
    root: PathBuf,
    patterns: Gitignore,
}

impl Excludes {
    /// Leaves nothing out.
    #[must_use]
    pub fn none() -> Self {
        Self { root: PathBuf::new(), patterns: Gitignore::empty() }
    }

    /// Leaves out what `patterns` match, relative to the absolute path `root`.
    ///
    /// # Errors
    /// When a pattern is not a valid glob.
    pub fn new(root: &Path, patterns: &[String]) -> Result<Self, BadExclude> {
        let mut builder = GitignoreBuilder::new(root);
        builder.allow_unclosed_class(false);
        let bad = |pattern: &str, error: &ignore::Error| BadExclude {
            pattern: pattern.to_owned(),
            reason: match error {
                ignore::Error::Glob { err, .. } => err.clone(),
                other => other.to_string(),
            },
        };
        for pattern in patterns {
            builder.add_line(None, pattern).map_err(|error| bad(pattern, &error))?;
        }
        let all = patterns.join(", ");
        let patterns = builder.build().map_err(|error| bad(&all, &error))?;
        Ok(Self { root: root.to_path_buf(), patterns })
    }

    /// Whether a pattern matches the file `path` or a directory above it.
    #[must_use]
    pub fn leaves_out(&self, path: &Path) -> bool {
        self.leave_out(path, false)
            || path.ancestors().skip(1).any(|directory| self.leave_out(directory, true))
    }

    /// Whether a pattern matches `path` itself. A walk that does not enter what is left out need not
    /// ask for the directories above.
    pub(super) fn leave_out(&self, path: &Path, is_directory: bool) -> bool {
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
        let patterns = ["legacy/", "/dags/old_*.py", "*.bak", "!keep.bak"].map(str::to_owned);
        let excludes = Excludes::new(Path::new("/repo"), &patterns).unwrap();
        for (path, is_directory, left_out) in [
            ("/repo/team/legacy", true, true),
            ("/repo/team/legacy", false, false),
            ("/repo/dags/old_x.py", false, true),
            ("/repo/team/dags/old_x.py", false, false),
            ("/repo/.env.bak", false, true),
            ("/repo/keep.bak", false, false),
            ("/elsewhere/.env.bak", false, false),
        ] {
            assert_eq!(excludes.leave_out(Path::new(path), is_directory), left_out, "{path}");
        }
        assert!(!Excludes::none().leave_out(Path::new("/repo/x"), false));
    }

    #[test]
    fn a_bad_pattern_is_named() {
        let error = Excludes::new(Path::new("/repo"), &["a[".to_owned()]).unwrap_err();
        assert!(error.to_string().starts_with("`a[` is not a valid exclude pattern: "), "{error}");
    }
}
