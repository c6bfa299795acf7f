//! Links inside a project: followed once, and never out of the scanned tree.

use std::collections::{BTreeSet, HashSet, VecDeque};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::excludes::Excludes;
use super::file_text::Unreadable;
use super::kind::file_kind;
use super::note::Note;
use super::walk::{is_pruned, walk_link};
use super::{FileKind, FoundFile};

/// Adds to `files` what the `links` of the project at `root` lead to inside `scanned`, unless it is
/// there already. Links that lead out are added to `leaving`. All paths are canonical, up to the links.
pub(super) fn follow_links(
    links: Vec<PathBuf>,
    root: &Path,
    scanned: &Path,
    excludes: &Excludes,
    files: &mut Vec<FoundFile>,
    leaving: &mut BTreeSet<PathBuf>,
) -> Vec<Note> {
    let mut notes = Vec::new();
    if links.is_empty() {
        return notes;
    }
    let mut known: HashSet<PathBuf> = files.iter().map(|file| file.path.clone()).collect();
    // The same directory may hold code under one name and something else under another.
    let mut entered = [HashSet::new(), HashSet::new()];
    let mut queue = VecDeque::from(links);
    while let Some(link) = queue.pop_front() {
        let kind = kind_in(root, &link);
        let target = match fs::canonicalize(&link) {
            Ok(target) => target,
            Err(error) => {
                if kind.is_some() {
                    let reason = Unreadable::from(error);
                    notes.push(Note::Unreadable { path: link, reason });
                }
                continue;
            }
        };
        let Ok(inside) = target.strip_prefix(scanned) else {
            leaving.insert(link);
            continue;
        };
        if inside.components().any(|part| is_pruned(part.as_os_str())) {
            continue;
        }
        let Ok(metadata) = fs::metadata(&target) else { continue };
        if metadata.is_file() {
            if let Some(kind) = kind
                && known.insert(target)
            {
                files.push(FoundFile { path: link, kind });
            }
        } else if metadata.is_dir() {
            if is_cycle(&link, &target) {
                continue;
            }
            // Any Python file below shows whether this is a place for code.
            let code = usize::from(kind_in(root, &link.join("x.py")).is_some());
            let Some(entered) = entered.get_mut(code) else { continue };
            let walked = walk_link(&link, &target, excludes, entered);
            for path in walked.files {
                if let Some(kind) = kind_in(root, &path)
                    && let Ok(real) = path.strip_prefix(&link).map(|below| target.join(below))
                    && known.insert(real)
                {
                    files.push(FoundFile { path, kind });
                }
            }
            notes.extend(not_files(root, walked.special));
            notes.extend(walked.notes);
            queue.extend(sorted(walked.links));
        } else if kind.is_some() {
            notes.push(Note::NotAFile { path: link });
        }
    }
    notes
}

/// The notes for what has the name of a file that is read, but is none.
pub(super) fn not_files(root: &Path, special: Vec<PathBuf>) -> impl Iterator<Item = Note> {
    special
        .into_iter()
        .filter(move |path| kind_in(root, path).is_some())
        .map(|path| Note::NotAFile { path })
}

/// The kind of the file at `path` in the project at `root`.
pub(super) fn kind_in(root: &Path, path: &Path) -> Option<FileKind> {
    path.strip_prefix(root).ok().and_then(file_kind)
}

/// Whether the link leads to a directory that it lies in itself.
fn is_cycle(link: &Path, target: &Path) -> bool {
    let parent: io::Result<PathBuf> =
        link.parent().map_or_else(|| Ok(PathBuf::new()), fs::canonicalize);
    parent.is_ok_and(|parent| parent.starts_with(target))
}

fn sorted(mut paths: Vec<PathBuf>) -> Vec<PathBuf> {
    paths.sort();
    paths
}
