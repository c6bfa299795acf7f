//! One pass over a directory tree, which remembers only what may matter.

use std::cmp::Ordering;
use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::io;
use std::path::{Path, PathBuf};

use walkdir::{DirEntry, WalkDir};

use super::file_text::Unreadable;
use super::kind::may_matter;
use super::note::Note;
use crate::hash::HashSet;

/// What a walk found, in no particular order.
#[derive(Default)]
pub(super) struct Walked {
    /// Directories that hold `.astro` or `dags`.
    pub(super) candidates: BTreeSet<PathBuf>,
    /// Regular files whose names may matter.
    pub(super) files: Vec<PathBuf>,
    /// Links of any name.
    pub(super) links: Vec<PathBuf>,
    /// What is neither file, directory nor link, but has a name that may matter.
    pub(super) special: Vec<PathBuf>,
    /// Directories that could not be listed.
    pub(super) notes: Vec<Note>,
}

/// Directories that never hold anything of a project: what tools keep for themselves.
const PRUNED: [&str; 10] = [
    ".git",
    "node_modules",
    "__pycache__",
    "site-packages",
    ".hg",
    ".svn",
    ".terraform",
    "cdk.out",
    ".aws-sam",
    ".serverless",
];

/// Files that say that their directory belongs to a tool: a virtual environment (PEP 405), a cache
/// (the Cache Directory Tagging Specification; mypy, pytest, ruff and cargo write it).
const TOOL_MARKERS: [&str; 2] = ["pyvenv.cfg", "CACHEDIR.TAG"];

/// Whether a directory of this name is never entered.
pub(super) fn is_pruned(name: &OsStr) -> bool {
    PRUNED.iter().any(|pruned| name == *pruned)
}

/// Walks the tree at `root`, on one thread and without following links.
///
/// # Errors
/// When `root` itself cannot be listed; what fails below it becomes a note.
pub(super) fn walk(root: &Path) -> Result<Walked, io::ErrorKind> {
    let mut walked = Walked::default();
    walk_into(&mut walked, root, true, |_| true)?;
    Ok(walked)
}

/// Walks the directory `target` under the name of the link `link` that leads to it. Directories in
/// `entered` are left out, and those that are entered are added.
pub(super) fn walk_link(link: &Path, target: &Path, entered: &mut HashSet<PathBuf>) -> Walked {
    let mut walked = Walked::default();
    if !entered.insert(target.to_path_buf()) {
        return walked;
    }
    let outcome = walk_into(&mut walked, link, false, |entry| {
        let is_directory = entry.file_type().is_dir();
        let below = entry.path().strip_prefix(link).unwrap_or(Path::new(""));
        entry.depth() == 0 || !is_directory || entered.insert(target.join(below))
    });
    if let Err(kind) = outcome {
        let reason = Unreadable::Refused(kind);
        walked.notes.push(Note::Unreadable { path: link.to_path_buf(), reason });
    }
    walked
}

fn walk_into(
    walked: &mut Walked,
    root: &Path,
    is_given: bool,
    mut enter: impl FnMut(&DirEntry) -> bool,
) -> Result<(), io::ErrorKind> {
    let mut entries = WalkDir::new(root)
        .sort_by(tool_markers_first)
        .into_iter()
        .filter_entry(|entry| !is_tools_own(entry) && enter(entry));
    while let Some(entry) = entries.next() {
        let entry = match entry {
            Ok(entry) => entry,
            Err(error) => {
                let kind = error.io_error().map_or(io::ErrorKind::Other, io::Error::kind);
                let path = error.path().unwrap_or(root).to_path_buf();
                if error.depth() == 0 {
                    return Err(kind);
                }
                // What vanished since its directory was listed is no news.
                if kind != io::ErrorKind::NotFound {
                    let reason = Unreadable::Refused(kind);
                    walked.notes.push(Note::Unreadable { path, reason });
                }
                continue;
            }
        };
        if is_tool_marker(&entry) && !is_kept(&entry, is_given) {
            entries.skip_current_dir();
        } else if entry.depth() > 0 {
            walked.add(entry);
        }
    }
    Ok(())
}

impl Walked {
    fn add(&mut self, entry: DirEntry) {
        let kind = entry.file_type();
        if !kind.is_file()
            && (entry.file_name() == ".astro" || entry.file_name() == "dags")
            && let Some(parent) = entry.path().parent()
        {
            self.candidates.insert(parent.to_path_buf());
        }
        if kind.is_dir() {
            return;
        }
        if kind.is_symlink() {
            self.links.push(entry.into_path());
        } else if may_matter(entry.path()) {
            let list = if kind.is_file() { &mut self.files } else { &mut self.special };
            list.push(entry.into_path());
        }
    }
}

/// Puts the files first that decide over the rest of their directory; everything else keeps its order.
fn tool_markers_first(a: &DirEntry, b: &DirEntry) -> Ordering {
    is_tool_marker(b).cmp(&is_tool_marker(a))
}

fn is_tool_marker(entry: &DirEntry) -> bool {
    TOOL_MARKERS.iter().any(|name| entry.file_name() == *name) && !entry.file_type().is_dir()
}

/// Whether the directory of a tool's marker is looked at all the same: because the user named it, or
/// because somebody made the virtual environment in the project's own directory.
fn is_kept(marker: &DirEntry, is_given: bool) -> bool {
    (is_given && marker.depth() <= 1)
        || marker.path().parent().is_some_and(|directory| {
            [".astro/config.yaml", "dags"].iter().any(|name| directory.join(name).exists())
        })
}

/// Whether the entry is a directory (or a link in its place) that belongs to a tool. Of `.astro` only
/// the configuration matters; the CLI keeps virtual environments and worktrees below it.
fn is_tools_own(entry: &DirEntry) -> bool {
    entry.depth() > 0
        && !entry.file_type().is_file()
        && (is_pruned(entry.file_name())
            || entry.path().parent().and_then(Path::file_name).is_some_and(|name| name == ".astro"))
}
