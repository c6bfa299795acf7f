//! What was found when a team began, so that only what is new is reported.
//!
//! An entry is a rule, a path relative to the baseline's own directory, and the fingerprint of what is at
//! fault; it holds no line, which changes with every edit above it, and nothing of a value. What people
//! know it by stands beside it and does not count.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::check::Finding;
use crate::discover::gitignore::{GitIgnores, Ignored};
use crate::discover::{Overlays, Unreadable, enclosing_repository, read_text};
use crate::hash::HashMap;
use crate::limits;
use crate::model::relative;

/// The findings that are known.
#[derive(Clone, Debug, Default)]
pub struct Baseline {
    /// What its paths are relative to, absolute.
    directory: PathBuf,
    /// With the name or value at fault, where there is one.
    entries: BTreeMap<Key, String>,
}

/// The path of a file with `/`, the rule, and what is at fault there.
type Key = (String, String, String);

/// One known finding.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// The path of the file, with `/`.
    pub path: String,
    /// The rule.
    pub rule: String,
    /// The name or value at fault, for people.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub about: String,
    /// What is at fault there.
    pub fingerprint: String,
}

impl fmt::Display for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} in {}", self.rule, self.path)?;
        if self.about.is_empty() { Ok(()) } else { write!(f, " (`{}`)", self.about) }
    }
}

impl Entry {
    fn of((path, rule, fingerprint): &Key, about: &str) -> Self {
        Self {
            path: path.clone(),
            rule: rule.clone(),
            about: about.to_owned(),
            fingerprint: fingerprint.clone(),
        }
    }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    version: u64,
    findings: Vec<Entry>,
}

/// Why a baseline cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum BaselineError {
    /// The file cannot be read.
    #[error("{}: not read: {why}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        why: Unreadable,
    },
    /// It is not what `--write-baseline` writes.
    #[error("{}:{line}:{column}: this is no baseline of astrolint, which `--write-baseline` writes", path.display())]
    Invalid {
        /// The file.
        path: PathBuf,
        /// 1-based line.
        line: usize,
        /// 1-based column.
        column: usize,
    },
    /// A later release of astrolint wrote it.
    #[error("{}: version {version} of the form, and this astrolint knows version 1", path.display())]
    Version {
        /// The file.
        path: PathBuf,
        /// The version that it says.
        version: u64,
    },
}

impl Baseline {
    /// Reads the baseline at `path`.
    ///
    /// # Errors
    /// See [`BaselineError`].
    pub fn read(path: &Path) -> Result<Self, BaselineError> {
        let unreadable = |why| BaselineError::Unreadable { path: path.to_path_buf(), why };
        Self::parse(path, read_text(path, limits::BASELINE).map_err(unreadable)?.as_str())
    }

    /// The baseline that `text`, the content of the file at `path`, holds.
    ///
    /// # Errors
    /// See [`BaselineError`].
    pub fn parse(path: &Path, text: &str) -> Result<Self, BaselineError> {
        let path_of = || path.to_path_buf();
        let document: Document = serde_json::from_str(text).map_err(|error| {
            BaselineError::Invalid { path: path_of(), line: error.line(), column: error.column() }
        })?;
        if document.version != 1 {
            return Err(BaselineError::Version { path: path_of(), version: document.version });
        }
        let entries = document.findings.into_iter();
        let entries = entries.map(|it| ((it.path, it.rule, it.fingerprint), it.about)).collect();
        Ok(Self { directory: directory_of(path), entries })
    }

    /// The baseline of findings with their absolute paths, for a file at `path`.
    pub fn of<'a>(
        path: &Path,
        findings: impl IntoIterator<Item = (&'a Path, &'a Finding)>,
    ) -> Self {
        let mut baseline = Self { directory: directory_of(path), entries: BTreeMap::new() };
        for (location, finding) in findings {
            baseline.entries.insert(baseline.key(location, finding), finding.subject.clone());
        }
        baseline
    }

    /// What is written to the file: an entry a line, in order, so that a change is a line of a diff.
    #[must_use]
    pub fn text(&self) -> String {
        let mut lines = Vec::new();
        for (key, about) in &self.entries {
            // Texts always become JSON.
            lines.push(serde_json::to_string(&Entry::of(key, about)).unwrap_or_default());
        }
        let lines = lines.iter().map(|line| format!("\n    {line}")).collect::<Vec<_>>().join(",");
        let end = if lines.is_empty() { "" } else { "\n  " };
        format!("{{\n  \"version\": 1,\n  \"findings\": [{lines}{end}]\n}}\n")
    }

    /// How many findings it holds.
    #[must_use]
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether it holds none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Whether it knows `finding`, which is in the file at the absolute path `location`.
    #[must_use]
    pub fn knows(&self, location: &Path, finding: &Finding) -> bool {
        self.entries.contains_key(&self.key(location, finding))
    }

    /// The entries that none of `found` stands for, of files below the absolute `roots` and of rules that
    /// `checked` says were run. Of a file that is not there and that git ignores nothing is said: it is
    /// there on other machines, as `.env` is.
    pub fn stale<'a>(
        &self,
        found: impl IntoIterator<Item = (&'a Path, &'a Finding)>,
        roots: &[&Path],
        checked: impl Fn(&str) -> bool,
    ) -> Vec<Entry> {
        let found: BTreeSet<Key> =
            found.into_iter().map(|(location, finding)| self.key(location, finding)).collect();
        let mut elsewhere = HashMap::default();
        let left = self.entries.iter().filter(|(key, _)| !found.contains(key));
        let left = left.filter(|((path, rule, _), _)| {
            let path = self.directory.join(path);
            checked(rule)
                && roots.iter().any(|root| path.starts_with(root))
                && !*elsewhere.entry(path).or_insert_with_key(|path| is_elsewhere(path))
        });
        left.map(|(key, about)| Entry::of(key, about)).collect()
    }

    fn key(&self, location: &Path, finding: &Finding) -> Key {
        let path = relative(location, &self.directory);
        let parts: Vec<_> = path.iter().map(|part| part.to_string_lossy()).collect();
        (parts.join("/"), finding.rule.id.to_owned(), finding.fingerprint.clone())
    }
}

/// Whether the file at `path` is not there, and no clone of the repository has it.
fn is_elsewhere(path: &Path) -> bool {
    !path.exists()
        && enclosing_repository(path).is_some_and(|repository| {
            let mut ignores = GitIgnores::new(&repository, Overlays::default());
            ignores.ignores(path) == Ignored::Yes
        })
}

/// The directory of a file that need not exist, absolute and with its links followed.
fn directory_of(path: &Path) -> PathBuf {
    let absolute = std::path::absolute(path).unwrap_or_else(|_| path.to_path_buf());
    let directory = absolute.parent().unwrap_or(Path::new("/"));
    directory.canonicalize().unwrap_or_else(|_| directory.to_path_buf())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::find;
    use crate::model::{FileId, Place};
    use crate::text::Span;

    fn finding(rule: &str, fingerprint: &str) -> Finding {
        let place = Place::new(FileId(0), Span::at(0));
        let finding = Finding::new(find(rule).unwrap(), place, "");
        Finding { fingerprint: fingerprint.to_owned(), ..finding }
    }

    #[test]
    fn what_is_written_is_known_again() {
        let directory = tempfile::tempdir().unwrap();
        let root = directory.path().canonicalize().unwrap();
        let file = root.join("baseline.json");
        let (one, other) = (finding("kwarg-unknown", "aa"), finding("kwarg-unknown", "bb"));
        let (env, dag) = (root.join("team/.env"), root.join("team/dags/a.py"));
        let baseline = Baseline::of(&file, [(env.as_path(), &one), (&dag, &one), (&env, &one)]);
        assert_eq!(
            baseline.text(),
            "{\n  \"version\": 1,\n  \"findings\": [\n    \
             {\"path\":\"team/.env\",\"rule\":\"kwarg-unknown\",\"fingerprint\":\"aa\"},\n    \
             {\"path\":\"team/dags/a.py\",\"rule\":\"kwarg-unknown\",\"fingerprint\":\"aa\"}\n  ]\n}\n"
        );
        std::fs::write(&file, baseline.text()).unwrap();
        let read = Baseline::read(&file).unwrap();
        assert_eq!(read.len(), 2);
        assert!(read.knows(&env, &one) && !read.knows(&env, &other));
        assert!(!read.knows(&root.join(".env"), &one));
        let team = root.join("team");
        let stale = |roots: &[&Path], rule: bool| {
            let stale = read.stale([(env.as_path(), &one)], roots, |_| rule);
            stale.into_iter().map(|entry| entry.path).collect::<Vec<_>>()
        };
        assert_eq!(stale(&[&team], true), ["team/dags/a.py"]);
        assert!(stale(&[&root.join("other")], true).is_empty());
        assert!(stale(&[&team], false).is_empty());
        // What people know it by does not count.
        let named = Finding { subject: "x".to_owned(), ..one.clone() };
        assert!(read.knows(&env, &named));
        let of_named = Baseline::of(&file, [(env.as_path(), &named)]);
        assert!(of_named.text().contains("\"rule\":\"kwarg-unknown\",\"about\":\"x\","));
        assert_eq!(Baseline::default().text(), "{\n  \"version\": 1,\n  \"findings\": []\n}\n");
    }

    /// The checkout of a CI system has no `.env`; a file that was deleted is gone.
    #[test]
    fn what_git_ignores_is_not_missed() {
        let directory = tempfile::tempdir().unwrap();
        let root = directory.path().canonicalize().unwrap();
        std::fs::create_dir(root.join(".git")).unwrap();
        std::fs::write(root.join(".gitignore"), ".env\n").unwrap();
        let one = finding("kwarg-unknown", "aa");
        let (env, dag) = (root.join(".env"), root.join("dags/a.py"));
        let baseline = Baseline::of(&root.join("b.json"), [(env.as_path(), &one), (&dag, &one)]);
        let stale = || {
            let stale = baseline.stale([], &[&root], |_| true);
            stale.iter().map(ToString::to_string).collect::<Vec<_>>()
        };
        assert_eq!(stale(), ["kwarg-unknown in dags/a.py"]);
        std::fs::write(&env, "").unwrap();
        assert_eq!(stale(), ["kwarg-unknown in .env", "kwarg-unknown in dags/a.py"]);
    }

    #[test]
    fn what_is_no_baseline_is_refused() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("b.json");
        for (text, expected) in [
            ("{", "b.json:1:1: this is no baseline"),
            ("[]", "this is no baseline"),
            ("{\"version\": 1, \"findings\": [{\"path\": \"secret\"}]}", "this is no baseline"),
            ("{\"version\": 2, \"findings\": []}", "version 2 of the form"),
        ] {
            std::fs::write(&file, text).unwrap();
            let error = Baseline::read(&file).unwrap_err().to_string();
            assert!(error.contains(expected) && !error.contains("secret"), "{text}: {error}");
        }
        std::fs::remove_file(&file).unwrap();
        let error = Baseline::read(&file).unwrap_err().to_string();
        assert!(error.ends_with("b.json: not read: there is no such file"), "{error}");
    }
}
