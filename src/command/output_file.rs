//! Files that the user names for the output.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::Path;

use super::Failure;
use crate::report::escape::path_text;

/// Has `write` fill the file at `path`. A reader finds the old content or the new one, never a part;
/// what is no regular file, such as `/dev/stdout`, is written into.
///
/// # Errors
/// When it cannot be written; an old file is then as it was.
pub(super) fn write_file(
    path: &Path,
    write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> Result<(), Failure> {
    let written = match fs::canonicalize(path) {
        // What a link leads to is replaced, not the link.
        Ok(real) if real.is_file() => replace(&real, write),
        Ok(_) => into(File::create(path), write),
        Err(_) => replace(path, write),
    };
    written.map_err(|error| Failure::new(format!("cannot write `{}`: {error}", path_text(path))))
}

fn replace(path: &Path, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
    let directory = path.parent().filter(|it| !it.as_os_str().is_empty());
    let mut builder = tempfile::Builder::new();
    builder.prefix(".astrolint-");
    match fs::metadata(path) {
        Ok(old) if old.permissions().readonly() => {
            return Err(io::ErrorKind::PermissionDenied.into());
        }
        Ok(old) => builder.permissions(old.permissions()),
        Err(_) => with_default_permissions(&mut builder),
    };
    let mut file = builder.tempfile_in(directory.unwrap_or(Path::new(".")))?;
    into(Ok(file.as_file_mut()), write)?;
    file.persist(path).map_err(|error| error.error)?;
    Ok(())
}

fn into(
    file: io::Result<impl Write>,
    write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> io::Result<()> {
    let mut out = BufWriter::new(file?);
    write(&mut out)?;
    out.flush()
}

/// Those of any new file, which the user's `umask` narrows.
#[cfg(unix)]
fn with_default_permissions<'a, 'b, 'c>(
    builder: &'c mut tempfile::Builder<'a, 'b>,
) -> &'c mut tempfile::Builder<'a, 'b> {
    use std::os::unix::fs::PermissionsExt as _;
    builder.permissions(fs::Permissions::from_mode(0o666))
}

#[cfg(not(unix))]
fn with_default_permissions<'a, 'b, 'c>(
    builder: &'c mut tempfile::Builder<'a, 'b>,
) -> &'c mut tempfile::Builder<'a, 'b> {
    builder
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_fails_leaves_the_old_file() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("report.json");
        write_file(&path, |out| out.write_all(b"old")).map_err(|it| it.message).unwrap();
        let full = write_file(&path, |out| {
            out.write_all(b"half")?;
            Err(io::ErrorKind::StorageFull.into())
        });
        assert!(full.is_err_and(|failure| failure.message.contains("report.json")));
        assert_eq!(fs::read_to_string(&path).unwrap(), "old");
        assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 1);
    }

    #[cfg(unix)]
    #[test]
    fn a_link_and_permissions_stay() {
        use std::os::unix::fs::{PermissionsExt as _, symlink};
        let directory = tempfile::tempdir().unwrap();
        let (path, link) = (directory.path().join("real"), directory.path().join("link"));
        fs::write(&path, "old").unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
        symlink("real", &link).unwrap();
        write_file(&link, |out| out.write_all(b"new")).map_err(|it| it.message).unwrap();
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o640);
        assert_eq!(fs::read_to_string(&path).unwrap(), "new");
    }

    #[cfg(unix)]
    #[test]
    fn a_device_is_written_into() {
        write_file(Path::new("/dev/null"), |out| out.write_all(b"x"))
            .map_err(|it| it.message)
            .unwrap();
        assert!(!fs::metadata("/dev/null").unwrap().is_file());
    }
}
