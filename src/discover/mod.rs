//! Which projects and files exist, and what kind each is.
//!
//! A given directory is walked once, on one thread and without following links. Directories that
//! carry the marks of a project become projects; every file belongs to the nearest one above it. Only
//! then are the links inside projects followed, as far as they stay in the scanned directory.

pub mod dockerignore;
mod file_text;
pub mod git_index;
pub mod gitignore;
mod gitignore_pattern;
mod kind;
mod links;
mod marker;
mod note;
mod overlays;
mod path_patterns;
mod repository;
mod shared;
mod walk;

use std::collections::{BTreeMap, BTreeSet};
use std::env;
use std::ffi::OsStr;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use walkdir::WalkDir;

pub use file_text::{FileText, Unreadable, read_bytes, read_text};
pub use kind::{FileKind, file_kind};
pub use marker::Marker;
pub use note::Note;
pub use overlays::Overlays;
pub use path_patterns::PathPatterns;
pub use repository::{GitDirectory, enclosing_repository, git_directory};

use links::{follow_links, kind_in, not_files};
use marker::{LOOKED_FOR, Markers, env_files_in};
use shared::Shared;
use walk::{Walked, walk};

use crate::hash::HashMap;

/// What a run is about. All paths in it are absolute, and canonical up to links inside projects.
#[derive(Debug, Default)]
pub struct Discovered {
    /// The projects, sorted by root; at least one.
    pub projects: Vec<ProjectFiles>,
    /// What was left out.
    pub notes: Vec<Note>,
    /// What of the given paths stands for no project, while others do.
    pub failed: Vec<DiscoverError>,
}

/// A project and what is read of it.
#[derive(Debug)]
pub struct ProjectFiles {
    /// The directory that is the project.
    pub root: PathBuf,
    /// Why it counts as one.
    pub marker: Marker,
    /// The root of the git repository around it.
    pub repository: Option<PathBuf>,
    /// Its files, sorted by path, none twice; not those of projects below it. Those that set it up may
    /// lie beside it, where they are this project's alone or name its directory.
    pub files: Vec<FoundFile>,
}

impl ProjectFiles {
    /// Adds the file at the absolute `path`, if it would be read when it existed: an editor's.
    pub fn add(&mut self, path: &Path) {
        let kind = path.strip_prefix(&self.root).ok().and_then(file_kind);
        if let Some(kind) = kind
            && !self.files.iter().any(|file| file.path == path)
        {
            self.files.push(FoundFile { path: path.to_path_buf(), kind });
            self.files.sort();
        }
    }

    /// Adds the Python files of its folder `tests/`, which Airflow does not read, without following
    /// links.
    pub fn add_tests(&mut self) {
        let walk = WalkDir::new(self.root.join("tests")).into_iter();
        let entries = walk.filter_entry(|entry| !walk::is_pruned(entry.file_name())).flatten();
        let python = entries.filter(|entry| {
            entry.file_type().is_file() && entry.path().extension().is_some_and(|end| end == "py")
        });
        self.files.extend(
            python.map(|entry| FoundFile { path: entry.into_path(), kind: FileKind::Python }),
        );
        self.files.sort();
        self.files.dedup();
    }
}

/// Whether the file at the absolute `path` may be read for a project around it: by its name and place, or
/// because Python code may be imported from anywhere.
#[must_use]
pub fn may_be_read(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default();
    let is_kept = !path.parent().is_some_and(|it| it.iter().any(walk::is_pruned));
    let is_python = path.extension().is_some_and(|ending| ending == "py");
    let is_named =
        || NAMED.iter().any(|named| name == *named) || path.ends_with(".astro/config.yaml");
    is_kept && (is_python || kind::may_matter(path) || is_named())
}

/// What has no kind and counts all the same: configurations, and what Airflow is to ignore.
const NAMED: [&str; 4] = ["astrolint.toml", ".astrolint.toml", "pyproject.toml", ".airflowignore"];

/// A file that a project reads.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct FoundFile {
    /// Where it is; the name may hold anything.
    pub path: PathBuf,
    /// What it is.
    pub kind: FileKind,
}

/// Why there is nothing to check. The text names the path as the user gave it.
#[derive(Debug, thiserror::Error)]
pub enum DiscoverError {
    /// Nothing is there.
    #[error("there is no file or directory `{}`", path.display())]
    Missing {
        /// The path, as given.
        path: PathBuf,
    },
    /// The system refuses to show it.
    #[error("`{}` cannot be read: {reason}", path.display())]
    Refused {
        /// The path, as given.
        path: PathBuf,
        /// What the system said.
        reason: io::ErrorKind,
    },
    /// A file, with no project above it.
    #[error(
        "`{}` is a file that belongs to no Astro project: no directory above it holds {LOOKED_FOR}",
        path.display()
    )]
    FileOutsideProject {
        /// The path, as given.
        path: PathBuf,
    },
    /// A directory, with no project at, below or above it.
    #[error(
        "there is no Astro project in `{}`, nor in a directory below or above it; looked for {LOOKED_FOR}",
        path.display()
    )]
    NoProject {
        /// The path, as given.
        path: PathBuf,
    },
}

/// Finds the projects of `paths` (the working directory if empty) and their files.
///
/// A directory stands for the projects at and below it, or, when there are none, for the nearest
/// project above it. A file stands for the nearest project above it.
///
/// # Errors
/// When no path stands for a project: what is wrong with the first.
pub fn discover(paths: &[PathBuf]) -> Result<Discovered, DiscoverError> {
    discover_for_home(paths, env::home_dir().as_deref())
}

fn discover_for_home(paths: &[PathBuf], home: Option<&Path>) -> Result<Discovered, DiscoverError> {
    let mut search = Search {
        markers: Markers::new(home),
        templates: BTreeMap::new(),
        projects: BTreeMap::new(),
        leaving: BTreeSet::new(),
        notes: BTreeMap::new(),
    };
    let here = [PathBuf::from(".")];
    let mut failed = Vec::new();
    for path in if paths.is_empty() { &here[..] } else { paths } {
        failed.extend(search.given(path).err());
    }
    let discovered = search.finish();
    if discovered.projects.is_empty() && !failed.is_empty() {
        return Err(failed.swap_remove(0));
    }
    Ok(Discovered { failed, ..discovered })
}

/// What is known so far in a run.
struct Search {
    markers: Markers,
    /// The env templates in a directory above projects.
    templates: BTreeMap<PathBuf, Vec<PathBuf>>,
    projects: BTreeMap<PathBuf, ProjectFiles>,
    leaving: BTreeSet<PathBuf>,
    /// By first path, so that what is scanned twice is said once.
    notes: BTreeMap<PathBuf, Note>,
}

impl Search {
    fn given(&mut self, path: &Path) -> Result<(), DiscoverError> {
        let refused = |reason: io::ErrorKind| {
            let path = path.to_path_buf();
            match reason {
                io::ErrorKind::NotFound => DiscoverError::Missing { path },
                reason => DiscoverError::Refused { path, reason },
            }
        };
        let real = fs::canonicalize(path).map_err(|error| refused(error.kind()))?;
        let is_directory = real.is_dir();
        if is_directory {
            let (walked, roots) = self.scan(&real).map_err(refused)?;
            if !roots.is_empty() {
                self.add_projects(&real, walked, &roots, |_| true);
                return Ok(());
            }
        }
        let nearest = self.nearest_above(&named(path, &real)).or_else(|| self.nearest_above(&real));
        let Some(root) = nearest else {
            let path = path.to_path_buf();
            return Err(if is_directory {
                DiscoverError::NoProject { path }
            } else {
                DiscoverError::FileOutsideProject { path }
            });
        };
        if !self.projects.contains_key(&root) {
            let (walked, roots) = self.scan(&root).map_err(refused)?;
            self.add_projects(&root, walked, &roots, |project| project == root);
        }
        Ok(())
    }

    /// Walks `directory`; gives what was found and the roots of the projects at and below it.
    fn scan(
        &mut self,
        directory: &Path,
    ) -> Result<(Walked, BTreeMap<PathBuf, Marker>), io::ErrorKind> {
        let walked = walk(directory)?;
        let mut roots: BTreeMap<PathBuf, Marker> = walked
            .candidates
            .iter()
            .filter_map(|candidate| Some((candidate.clone(), self.markers.of(candidate)?)))
            .collect();
        if let Some(marker) = self.marker_of_given(directory) {
            roots.insert(directory.to_path_buf(), marker);
        }
        Ok((walked, roots))
    }

    fn marker_of_given(&mut self, directory: &Path) -> Option<Marker> {
        // Taken apart for the borrow checker: `above` needs the rest of `self`.
        let Self { markers, templates, .. } = self;
        markers.of_given(directory, || templates_above(directory, markers, templates))
    }

    /// The nearest project above `path`; one with marks of its own before a mere `dags/`.
    fn nearest_above(&mut self, path: &Path) -> Option<PathBuf> {
        let above = || path.ancestors().skip(1);
        above()
            .find(|directory| self.markers.of(directory).is_some())
            .or_else(|| above().find(|directory| self.marker_of_given(directory).is_some()))
            .map(Path::to_path_buf)
    }

    /// Hands out what was found in `scanned` to the projects at `roots`, and keeps those wanted.
    fn add_projects(
        &mut self,
        scanned: &Path,
        walked: Walked,
        roots: &BTreeMap<PathBuf, Marker>,
        is_wanted: impl Fn(&Path) -> bool,
    ) {
        let mut parts: HashMap<&Path, Walked> = HashMap::default();
        // Paths compare part by part, which for every directory above every file takes time.
        let by_bytes: HashMap<&OsStr, &Path> =
            roots.keys().map(|root| (root.as_os_str(), root.as_path())).collect();
        let owner = |path: &Path| {
            let mut above = path.ancestors().skip(1);
            above.find_map(|directory| by_bytes.get(directory.as_os_str()).copied())
        };
        let shared = Shared::new(roots.keys());
        let mut beside: BTreeMap<&Path, Vec<FoundFile>> = BTreeMap::new();
        for path in walked.files {
            match owner(&path) {
                Some(root) if is_wanted(root) => parts.entry(root).or_default().files.push(path),
                Some(_) => {}
                None => {
                    let Some((file, owners)) = shared.owners(&path) else { continue };
                    for root in owners {
                        beside.entry(root).or_default().push(file.clone());
                    }
                }
            }
        }
        let lists = [
            (walked.links, (|part| &mut part.links) as fn(&mut Walked) -> &mut Vec<PathBuf>),
            (walked.special, |part| &mut part.special),
        ];
        for (paths, list) in lists {
            for path in paths {
                if let Some(root) = owner(&path).filter(|root| is_wanted(root)) {
                    list(parts.entry(root).or_default()).push(path);
                }
            }
        }
        self.note(walked.notes);
        for (root, marker) in roots {
            if is_wanted(root) && !self.projects.contains_key(root) {
                let part = parts.remove(root.as_path()).unwrap_or_default();
                let beside = beside.remove(root.as_path()).unwrap_or_default();
                self.add_project(scanned, root, *marker, part, beside);
            }
        }
    }

    fn add_project(
        &mut self,
        scanned: &Path,
        root: &Path,
        marker: Marker,
        mut part: Walked,
        beside: Vec<FoundFile>,
    ) {
        let mut files: Vec<FoundFile> = part
            .files
            .into_iter()
            .filter_map(|path| Some(FoundFile { kind: kind_in(root, &path)?, path }))
            .chain(beside)
            .collect();
        // Sorted, so that of several links to one place the same one is followed every time.
        part.links.sort();
        let notes = follow_links(part.links, root, scanned, &mut files, &mut self.leaving);
        self.note(notes);
        self.note(not_files(root, part.special));
        files.extend(
            templates_above(root, &self.markers, &mut self.templates)
                .into_iter()
                .map(|path| FoundFile { path, kind: FileKind::EnvTemplate }),
        );
        files.sort();
        let repository = enclosing_repository(root);
        let project = ProjectFiles { root: root.to_path_buf(), marker, repository, files };
        self.projects.insert(root.to_path_buf(), project);
    }

    fn note(&mut self, notes: impl IntoIterator<Item = Note>) {
        for note in notes {
            if let Some(path) = note.paths().first() {
                self.notes.insert(path.clone(), note);
            }
        }
    }

    fn finish(self) -> Discovered {
        let mut notes: Vec<Note> = self.notes.into_values().collect();
        if !self.leaving.is_empty() {
            notes.push(Note::LinksLeave { paths: self.leaving.into_iter().collect() });
        }
        Discovered { projects: self.projects.into_values().collect(), notes, failed: Vec::new() }
    }
}

/// The `path` that the user gave, canonical except for a link at its very end: `project/dags` belongs to
/// `project` wherever it leads.
fn named(path: &Path, real: &Path) -> PathBuf {
    let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty());
    path.file_name()
        .and_then(|name| Some(fs::canonicalize(parent.unwrap_or(Path::new("."))).ok()?.join(name)))
        .unwrap_or_else(|| real.to_path_buf())
}

/// The env templates in the directories above the project at `root`, up to the root of its repository
/// or the next project. `known` keeps what was listed before.
fn templates_above(
    root: &Path,
    markers: &Markers,
    known: &mut BTreeMap<PathBuf, Vec<PathBuf>>,
) -> Vec<PathBuf> {
    let Some(repository) = enclosing_repository(root) else {
        return Vec::new();
    };
    let mut found = Vec::new();
    for directory in root.ancestors().skip(1) {
        if !directory.starts_with(&repository) || markers.of(directory).is_some() {
            break;
        }
        let templates = known.entry(directory.to_path_buf()).or_insert_with(|| {
            let mut files = env_files_in(directory);
            files.retain(|path| kind_in(directory, path) == Some(FileKind::EnvTemplate));
            files
        });
        found.extend(templates.iter().cloned());
    }
    found
}

#[cfg(test)]
mod tests;
