//! Putting fixed files in the place of the old ones.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};

use super::FixedFile;

/// Why a file was not written. It is as it was.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// It is not what was checked any more: somebody edits it, or another run fixes it.
    #[error("{}: not fixed: it changed meanwhile; run again", .0.display())]
    Changed(PathBuf),
    /// It may not be written.
    #[error("{}: not fixed: it is read-only", .0.display())]
    ReadOnly(PathBuf),
    /// The system refused.
    #[error("{}: not fixed: {}", .0.display(), .1)]
    Refused(PathBuf, io::Error),
}

/// Whether the file at `path`, which is shown as `name`, may be written.
///
/// # Errors
/// When it is read-only.
pub(super) fn can_write(path: &Path, name: &Path) -> Result<(), WriteError> {
    // What cannot be asked now is told when it is written.
    match fs::metadata(path) {
        Ok(metadata) if metadata.permissions().readonly() => {
            Err(WriteError::ReadOnly(name.to_path_buf()))
        }
        _ => Ok(()),
    }
}

/// Writes `fixed`: a reader finds the old content or the new one, never a part. Permissions stay as
/// they are, and a link to the file stays a link. A file that has other names (hard links) is written in
/// place, so that it stays one file with them.
///
/// # Errors
/// When the file does not hold what was checked, or cannot be written; then nothing was changed.
pub fn write(fixed: &FixedFile) -> Result<(), WriteError> {
    let refused = |error| WriteError::Refused(fixed.name.clone(), error);
    if fixed.is_new {
        return begin(&fixed.path, &fixed.after).map_err(|error| match error.kind() {
            io::ErrorKind::AlreadyExists => WriteError::Changed(fixed.name.clone()),
            _ => refused(error),
        });
    }
    // What a link leads to is replaced, not the link.
    let path = fixed.path.canonicalize().map_err(refused)?;
    if !fs::metadata(&path).map_err(refused)?.is_file() {
        return Err(WriteError::Changed(fixed.name.clone()));
    }
    let target = File::open(&path).map_err(refused)?;
    let metadata = target.metadata().map_err(refused)?;
    can_write(&path, &fixed.name)?;
    // Of two runs, the second waits and then finds that the file has changed.
    target.lock().map_err(refused)?;
    let mut found = Vec::new();
    let most = fixed.before.len() as u64 + 1;
    let read = File::open(&path).and_then(|file| file.take(most).read_to_end(&mut found));
    read.map_err(refused)?;
    if found != fixed.before.as_bytes() {
        return Err(WriteError::Changed(fixed.name.clone()));
    }
    let written = match names(&metadata) {
        1 => replace(&path, &fixed.after, &metadata.permissions()),
        _ => overwrite(&path, &fixed.after),
    };
    written.map_err(refused)
}

fn begin(path: &Path, text: &str) -> io::Result<()> {
    let mut file = File::create_new(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

fn overwrite(path: &Path, text: &str) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).open(path)?;
    file.write_all(text.as_bytes())?;
    file.set_len(text.len() as u64)?;
    file.sync_all()
}

/// How many names a file has.
#[cfg(unix)]
fn names(metadata: &fs::Metadata) -> u64 {
    std::os::unix::fs::MetadataExt::nlink(metadata)
}

#[cfg(not(unix))]
fn names(_metadata: &fs::Metadata) -> u64 {
    1
}

fn replace(path: &Path, text: &str, permissions: &fs::Permissions) -> io::Result<()> {
    let directory = path.parent().unwrap_or(Path::new("."));
    let mut file = tempfile::Builder::new().prefix(".astrolint-").tempfile_in(directory)?;
    file.write_all(text.as_bytes())?;
    file.as_file().set_permissions(permissions.clone())?;
    keep_owner(path, file.path())?;
    file.as_file().sync_all()?;
    file.persist(path).map_err(|error| error.error)?;
    Ok(())
}

/// Gives the file at `new` the owner of the one at `old`, which only root needs and may do.
#[cfg(unix)]
fn keep_owner(old: &Path, new: &Path) -> io::Result<()> {
    use std::os::unix::fs::{MetadataExt as _, chown};
    let (old, owner) = (fs::metadata(old)?, fs::metadata(new)?);
    if (old.uid(), old.gid()) == (owner.uid(), owner.gid()) {
        return Ok(());
    }
    chown(new, Some(old.uid()), Some(old.gid()))
}

#[cfg(not(unix))]
fn keep_owner(_old: &Path, _new: &Path) -> io::Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fixed(path: &Path, before: &str) -> FixedFile {
        FixedFile {
            path: path.to_path_buf(),
            name: PathBuf::from(".env"),
            is_new: false,
            before: before.to_owned(),
            after: "A=2\r\n".to_owned(),
            shown_before: Vec::new(),
            shown_after: Vec::new(),
        }
    }

    #[test]
    fn a_file_is_replaced_as_a_whole() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join(".env");
        fs::write(&path, "A=1\r\n").unwrap();
        write(&fixed(&path, "A=1\r\n")).unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "A=2\r\n");
        assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 1, "nothing else is left");
    }

    #[test]
    fn what_changed_meanwhile_is_left_alone() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join(".env");
        fs::write(&path, "A=1 # new\n").unwrap();
        let error = write(&fixed(&path, "A=1\n")).unwrap_err();
        assert_eq!(error.to_string(), ".env: not fixed: it changed meanwhile; run again");
        assert_eq!(fs::read_to_string(&path).unwrap(), "A=1 # new\n");
        fs::remove_file(&path).unwrap();
        assert!(matches!(write(&fixed(&path, "A=1\n")), Err(WriteError::Refused(..))));
        assert!(!path.exists());
        fs::create_dir(&path).unwrap();
        assert!(matches!(write(&fixed(&path, "A=1\n")), Err(WriteError::Changed(_))));
    }

    #[cfg(unix)]
    #[test]
    fn permissions_and_links_stay() {
        use std::os::unix::fs::{PermissionsExt as _, symlink};
        let directory = tempfile::tempdir().unwrap();
        let (path, link) = (directory.path().join("dev.env"), directory.path().join(".env"));
        fs::write(&path, "A=1\n").unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
        symlink("dev.env", &link).unwrap();
        write(&fixed(&link, "A=1\n")).unwrap();
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o640);
        assert_eq!(fs::read_to_string(&path).unwrap(), "A=2\r\n");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o440)).unwrap();
        assert!(matches!(write(&fixed(&path, "A=2\r\n")), Err(WriteError::ReadOnly(_))));
    }

    #[cfg(unix)]
    #[test]
    fn a_file_with_two_names_stays_one_file() {
        use std::os::unix::fs::MetadataExt as _;
        let directory = tempfile::tempdir().unwrap();
        let (path, other) = (directory.path().join(".env"), directory.path().join("shared"));
        fs::write(&path, "A=1 # longer than what is written\n").unwrap();
        fs::hard_link(&path, &other).unwrap();
        write(&fixed(&path, "A=1 # longer than what is written\n")).unwrap();
        assert_eq!(fs::read_to_string(&other).unwrap(), "A=2\r\n");
        assert_eq!(fs::metadata(&path).unwrap().nlink(), 2);
    }

    #[test]
    fn a_new_file_is_begun_where_there_is_none() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join(".gitignore");
        let new = FixedFile { is_new: true, ..fixed(&path, "") };
        write(&new).unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "A=2\r\n");
        assert!(matches!(write(&new), Err(WriteError::Changed(_))));
    }

    #[test]
    fn of_two_runs_at_once_one_writes() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join(".env");
        fs::write(&path, "A=1\n").unwrap();
        let runs: Vec<bool> = std::thread::scope(|scope| {
            let threads: Vec<_> =
                (0..8).map(|_| scope.spawn(|| write(&fixed(&path, "A=1\n")).is_ok())).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        assert_eq!(runs.into_iter().filter(|is_written| *is_written).count(), 1);
        assert_eq!(fs::read_to_string(&path).unwrap(), "A=2\r\n");
    }
}
