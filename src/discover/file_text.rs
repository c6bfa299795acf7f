//! Reading a file whole, within limits.

use std::fmt;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::Path;

/// The content of a text file, byte for byte: a byte order mark and the line ends are kept.
///
/// It may hold credentials, so its `Debug` shows only the length.
#[derive(Clone, PartialEq, Eq)]
pub struct FileText(String);

impl FileText {
    /// The whole text, with the byte order mark if there is one.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The whole text, with the byte order mark if there is one.
    #[must_use]
    pub fn into_string(self) -> String {
        self.0
    }

    /// Whether the file begins with a UTF-8 byte order mark.
    #[must_use]
    pub fn has_byte_order_mark(&self) -> bool {
        self.0.starts_with('\u{feff}')
    }
}

impl fmt::Debug for FileText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "FileText({} bytes)", self.0.len())
    }
}

/// Why a file was not read. The text says so in words for the user, without the path.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Unreadable {
    /// There is nothing at the path.
    #[error("there is no such file")]
    Missing,
    /// A directory, a named pipe, a device, a socket.
    #[error("it is not a regular file")]
    NotARegularFile,
    /// More bytes than `limit`.
    #[error("it is larger than {} MiB, the most that is read of such a file", limit >> 20)]
    TooLarge {
        /// The limit that was given, in bytes.
        limit: u64,
    },
    /// UTF-16, as some Windows editors and PowerShell redirections write it.
    #[error("it is written in UTF-16, not UTF-8")]
    Utf16,
    /// The byte at `offset` is not part of UTF-8 text.
    #[error("it is not UTF-8 text: byte {offset} belongs to no character")]
    NotUtf8 {
        /// 0-based offset of the first byte at fault.
        offset: usize,
    },
    /// It says that it is in an encoding that is not read here.
    #[error("it is in the encoding `{0}`, which astrolint does not read")]
    OtherEncoding(String),
    /// The system refused.
    #[error("it cannot be read: {0}")]
    Refused(io::ErrorKind),
}

impl Unreadable {
    /// Whether only astrolint does not read it, and the program that it is meant for does.
    #[must_use]
    pub const fn is_ours(&self) -> bool {
        matches!(self, Self::OtherEncoding(_))
    }
}

impl From<io::Error> for Unreadable {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::NotFound => Self::Missing,
            kind => Self::Refused(kind),
        }
    }
}

/// Reads the regular file at `path`, at most `limit` bytes of it.
///
/// Links are followed; that a link stays inside the scanned tree is established by
/// [`discover`](super::discover), which lists no other files.
///
/// # Errors
/// See [`Unreadable`]; nothing but a regular file is opened, so a named pipe cannot block.
pub fn read_bytes(path: &Path, limit: u64) -> Result<Vec<u8>, Unreadable> {
    if !fs::metadata(path)?.is_file() {
        return Err(Unreadable::NotARegularFile);
    }
    let file = File::open(path)?;
    let length = file.metadata()?.len();
    if length > limit {
        return Err(Unreadable::TooLarge { limit });
    }
    // The file may grow while it is read, so the length alone bounds nothing.
    let mut bytes = Vec::with_capacity(usize::try_from(length).unwrap_or(0));
    file.take(limit + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > limit {
        return Err(Unreadable::TooLarge { limit });
    }
    Ok(bytes)
}

/// Reads the UTF-8 text file at `path`, at most `limit` bytes of it.
///
/// # Errors
/// As [`read_bytes`], and when the content is not UTF-8.
pub fn read_text(path: &Path, limit: u64) -> Result<FileText, Unreadable> {
    let bytes = read_bytes(path, limit)?;
    if bytes.starts_with(b"\xff\xfe") || bytes.starts_with(b"\xfe\xff") {
        return Err(Unreadable::Utf16);
    }
    String::from_utf8(bytes)
        .map(FileText)
        .map_err(|error| Unreadable::NotUtf8 { offset: error.utf8_error().valid_up_to() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::limits;

    fn read_of(content: &[u8]) -> Result<FileText, Unreadable> {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join(".env");
        fs::write(&path, content).unwrap();
        read_text(&path, 8)
    }

    #[test]
    fn text_is_kept_byte_for_byte() {
        let text = read_of(b"\xef\xbb\xbfA=1\r\n").unwrap();
        assert_eq!(text.as_str(), "\u{feff}A=1\r\n");
        assert!(text.has_byte_order_mark());
        assert_eq!(format!("{text:?}"), "FileText(8 bytes)");
        assert!(!read_of(b"A=1").unwrap().has_byte_order_mark());
    }

    #[test]
    fn what_is_not_utf8_text_within_the_limit_is_refused() {
        for (content, reason) in [
            (&b"123456789"[..], Unreadable::TooLarge { limit: 8 }),
            (b"A=\xe4", Unreadable::NotUtf8 { offset: 2 }),
            (b"\xff\xfeA\0", Unreadable::Utf16),
            (b"\xfe\xff\0A", Unreadable::Utf16),
        ] {
            assert_eq!(read_of(content), Err(reason));
        }
    }

    #[test]
    fn a_file_of_50_megabytes_is_refused_without_reading_it() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join(".env");
        File::create(&path).unwrap().set_len(50 << 20).unwrap();
        let reason = read_text(&path, limits::TEXT_FILE).unwrap_err();
        assert_eq!(reason, Unreadable::TooLarge { limit: limits::TEXT_FILE });
        assert!(reason.to_string().contains("10 MiB"), "{reason}");
    }

    #[test]
    fn only_regular_files_are_opened() {
        let dir = tempfile::tempdir().unwrap();
        assert_eq!(read_text(dir.path(), 8), Err(Unreadable::NotARegularFile));
        assert_eq!(read_text(&dir.path().join("none"), 8), Err(Unreadable::Missing));
    }

    #[cfg(unix)]
    #[test]
    fn a_named_pipe_does_not_block() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join(".env");
        std::process::Command::new("mkfifo").arg(&path).status().unwrap();
        assert_eq!(read_text(&path, 8), Err(Unreadable::NotARegularFile));
    }
}
