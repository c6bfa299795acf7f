//! The files of a project, by number.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use crate::discover::FileKind;
use crate::text::{LineIndex, Position, Span};

/// A file of the run; an index into [`Files`].
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct FileId(pub u32);

/// A span in a file.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Place {
    /// The file.
    pub file: FileId,
    /// The bytes in it.
    pub span: Span,
}

impl Place {
    /// The bytes `span` of `file`.
    #[must_use]
    pub const fn new(file: FileId, span: Span) -> Self {
        Self { file, span }
    }
}

/// One file of the run.
pub struct SourceFile {
    path: PathBuf,
    kind: FileKind,
    text: String,
    is_new: bool,
    lines: OnceLock<LineIndex>,
}

impl SourceFile {
    /// The file at `path`, as it is opened and shown: relative to the working directory where possible.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// What the file is.
    #[must_use]
    pub const fn kind(&self) -> FileKind {
        self.kind
    }

    /// The whole content; empty for a file that could not be read. May hold credentials.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether there is no such file yet: a fix would begin it.
    #[must_use]
    pub const fn is_new(&self) -> bool {
        self.is_new
    }

    /// Where its lines begin.
    pub fn lines(&self) -> &LineIndex {
        self.lines.get_or_init(|| LineIndex::new(&self.text))
    }

    /// The position of byte `offset`.
    pub fn position(&self, offset: usize) -> Position {
        self.lines().position(offset, &self.text)
    }
}

impl fmt::Debug for SourceFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SourceFile")
            .field("path", &self.path)
            .field("kind", &self.kind)
            .finish_non_exhaustive()
    }
}

/// All files that something of the run points into.
#[derive(Debug, Default)]
pub struct Files {
    files: Vec<SourceFile>,
}

impl Files {
    /// Adds a file and gives its number.
    pub fn add(&mut self, path: PathBuf, kind: FileKind, text: String) -> FileId {
        let id = FileId(u32::try_from(self.files.len()).unwrap_or(u32::MAX));
        self.files.push(SourceFile { path, kind, text, is_new: false, lines: OnceLock::new() });
        id
    }

    /// Adds a file that is not there yet, and gives its number.
    pub fn add_new(&mut self, path: PathBuf, kind: FileKind) -> FileId {
        let id = self.add(path, kind, String::new());
        if let Some(file) = self.files.last_mut() {
            file.is_new = true;
        }
        id
    }

    /// Takes the file `id` over from `other`, under the path `path`, and gives its number here.
    pub fn adopt(&mut self, other: &mut Self, id: FileId, path: PathBuf) -> FileId {
        match other.files.get_mut(id.0 as usize) {
            Some(file) if file.is_new => self.add_new(path, file.kind),
            Some(file) => self.add(path, file.kind, std::mem::take(&mut file.text)),
            None => self.add(path, FileKind::Configuration, String::new()),
        }
    }

    /// The file with number `id`.
    ///
    /// # Panics
    /// When `id` was given out by another `Files`.
    #[must_use]
    #[expect(clippy::indexing_slicing, reason = "an id is only made by `add`")]
    pub fn get(&self, id: FileId) -> &SourceFile {
        &self.files[id.0 as usize]
    }

    /// All files with their numbers, in the order they were added.
    pub fn iter(&self) -> impl Iterator<Item = (FileId, &SourceFile)> {
        (0..).map(FileId).zip(&self.files)
    }
}

/// `path` as the user would write it from `directory`.
#[must_use]
pub fn relative(path: &Path, directory: &Path) -> PathBuf {
    if let Ok(below) = path.strip_prefix(directory) {
        return if below.as_os_str().is_empty() { PathBuf::from(".") } else { below.to_path_buf() };
    }
    let common = path.components().zip(directory.components()).take_while(|(a, b)| a == b).count();
    // Nothing but the root in common: the whole path reads better.
    if common <= 1 {
        return path.to_path_buf();
    }
    let up = directory.components().skip(common).map(|_| "..");
    up.map(PathBuf::from)
        .chain(path.components().skip(common).map(|part| PathBuf::from(part.as_os_str())))
        .collect()
}
