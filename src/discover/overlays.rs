//! Contents that count instead of those on disk.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::{FileText, Unreadable, read_bytes, read_text};

/// The contents of files as an editor has them, or as a fix would leave them, by absolute path.
///
/// They may hold credentials, so `Debug` shows only how many there are. A copy is cheap.
#[derive(Clone, Default)]
pub struct Overlays(Arc<BTreeMap<PathBuf, String>>);

impl Overlays {
    /// Lets `text` count as the content of the file at the absolute `path`, which need not exist.
    pub fn set(&mut self, path: PathBuf, text: String) {
        Arc::make_mut(&mut self.0).insert(path, text);
    }

    /// Lets what is on disk count again.
    pub fn remove(&mut self, path: &Path) {
        Arc::make_mut(&mut self.0).remove(path);
    }

    /// The files that have another content than on disk.
    pub fn paths(&self) -> impl Iterator<Item = &Path> {
        self.0.keys().map(PathBuf::as_path)
    }

    /// The content that counts for the file at `path`, when it is not the one on disk.
    #[must_use]
    pub fn get(&self, path: &Path) -> Option<&str> {
        self.0.get(path).map(String::as_str)
    }

    /// Whether there is a file at `path`.
    #[must_use]
    pub fn has_file(&self, path: &Path) -> bool {
        self.get(path).is_some() || path.is_file()
    }

    /// As [`read_bytes`], which it is where nothing else counts.
    ///
    /// # Errors
    /// As there; what is not on disk has no limit.
    pub fn read_bytes(&self, path: &Path, limit: u64) -> Result<Vec<u8>, Unreadable> {
        self.get(path).map_or_else(|| read_bytes(path, limit), |text| Ok(text.as_bytes().to_vec()))
    }

    /// As [`read_text`], which it is where nothing else counts.
    ///
    /// # Errors
    /// As there; what is not on disk has no limit.
    pub fn read_text(&self, path: &Path, limit: u64) -> Result<String, Unreadable> {
        let on_disk = || read_text(path, limit).map(FileText::into_string);
        self.get(path).map_or_else(on_disk, |text| Ok(text.to_owned()))
    }
}

impl fmt::Debug for Overlays {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Overlays({})", self.0.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_set_counts_until_it_is_removed() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join(".env");
        std::fs::write(&path, "A=1\n").unwrap();
        let mut overlays = Overlays::default();
        let read = |overlays: &Overlays| overlays.read_text(&path, 99).unwrap();
        assert_eq!(read(&overlays), "A=1\n");
        overlays.set(path.clone(), "A=secret\n".to_owned());
        assert_eq!(read(&overlays), "A=secret\n");
        assert_eq!(overlays.read_bytes(&path, 99).unwrap(), b"A=secret\n");
        assert_eq!(format!("{overlays:?}"), "Overlays(1)");
        overlays.remove(&path);
        assert_eq!(read(&overlays), "A=1\n");
        assert!(overlays.read_text(&directory.path().join("none"), 99).is_err());
    }
}
