//! What discovery could not look at.

use std::fmt;
use std::path::PathBuf;

use super::file_text::Unreadable;

/// Something that was left out, while the rest is checked. `Display` is a sentence without the paths,
/// which may hold anything and are for the reporter to escape.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum Note {
    /// Links that lead out of the scanned tree; at most one such note in a run.
    LinksLeave {
        /// The links, sorted.
        paths: Vec<PathBuf>,
    },
    /// A named pipe, a device or a socket with the name of a file that would be read.
    NotAFile {
        /// What it is called.
        path: PathBuf,
    },
    /// A directory that could not be listed, or a link that leads nowhere.
    Unreadable {
        /// The directory or link.
        path: PathBuf,
        /// Why.
        reason: Unreadable,
    },
}

impl Note {
    /// The paths it is about, sorted; at least one.
    #[must_use]
    pub fn paths(&self) -> &[PathBuf] {
        match self {
            Self::LinksLeave { paths } => paths,
            Self::NotAFile { path } | Self::Unreadable { path, .. } => std::slice::from_ref(path),
        }
    }
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::LinksLeave { .. } => {
                f.write_str("links that lead out of the scanned directory were not followed")
            }
            Self::NotAFile { .. } => f.write_str("not read: it is not a regular file"),
            Self::Unreadable { reason, .. } => write!(f, "not read: {reason}"),
        }
    }
}
