//! Links inside a project: followed once, and never out of the scanned tree.

use std::collections::{BTreeSet, VecDeque};
use std::fs;
use std::path::{Path, PathBuf};

use super::file_text::Unreadable;
use super::kind::file_kind;
use super::note::Note;
use super::walk::{is_pruned, walk_link};
use super::{FileKind, FoundFile};
use crate::hash::HashSet;

/// Adds to `files` what the `links` of the project at `root` lead to inside `scanned`, unless it is
/// there already. Links that lead out are added to `leaving`. All paths are canonical, up to the links.
pub(super) fn follow_links(
    links: Vec<PathBuf>,
    root: &Path,
    scanned: &Path,
    files: &mut Vec<FoundFile>,
    leaving: &mut BTreeSet<PathBuf>,
) -> Vec<Note> {
    let mut notes = Vec::new();
    if links.is_empty() {
        return notes;
    }
    let mut known: HashSet<PathBuf> = files.iter().map(|file| file.path.clone()).collect();
    // Each link and directory is looked at once; twice where one name makes it a place for code and
    // another does not.
    let mut seen = HashSet::default();
    let mut entered = [HashSet::default(), HashSet::default()];
    // Under which name, and where it really lies.
    let mut queue: VecDeque<(PathBuf, PathBuf)> =
        links.into_iter().map(|link| (link.clone(), link)).collect();
    while let Some((link, lies_at)) = queue.pop_front() {
        let kind = kind_in(root, &link);
        // Any Python file below would show it.
        let holds_code = kind_in(root, &link.join("x.py")).is_some();
        if !seen.insert((lies_at.clone(), holds_code)) {
            continue;
        }
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
            leaving.insert(lies_at);
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
            // A link to a directory that it lies in leads to nothing new.
            let Some(entered) = entered.get_mut(usize::from(holds_code)) else { continue };
            if lies_at.starts_with(&target) {
                continue;
            }
            let real = |path: &Path| path.strip_prefix(&link).map(|below| target.join(below));
            let walked = walk_link(&link, &target, entered);
            for path in walked.files {
                if let Some(kind) = kind_in(root, &path)
                    && let Ok(real) = real(&path)
                    && known.insert(real)
                {
                    files.push(FoundFile { path, kind });
                }
            }
            notes.extend(not_files(root, walked.special));
            notes.extend(walked.notes);
            let mut links = walked.links;
            links.sort();
            for link in links {
                if let Ok(lies_at) = real(&link) {
                    queue.push_back((link, lies_at));
                }
            }
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
