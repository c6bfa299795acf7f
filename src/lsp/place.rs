//! Places as the protocol tells them: URIs, lines and columns.

use std::path::{Path, PathBuf};
use std::str::FromStr as _;

use lsp_types::{InitializeParams, Position, PositionEncodingKind, Range, Uri};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

use crate::model::SourceFile;
use crate::text::Span;

/// What columns count.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Encoding {
    /// Bytes.
    Utf8,
    /// Units of UTF-16, which every client knows.
    Utf16,
}

impl Encoding {
    /// The one that costs nothing, where the client knows it.
    pub(super) fn of(parameters: &InitializeParams) -> Self {
        let general = parameters.capabilities.general.as_ref();
        let known = general.and_then(|it| it.position_encodings.as_ref());
        match known {
            Some(known) if known.contains(&PositionEncodingKind::UTF8) => Self::Utf8,
            _ => Self::Utf16,
        }
    }

    pub(super) const fn name(self) -> PositionEncodingKind {
        match self {
            Self::Utf8 => PositionEncodingKind::UTF8,
            Self::Utf16 => PositionEncodingKind::UTF16,
        }
    }

    /// The range of `span` in `file`.
    pub(super) fn range(self, file: &SourceFile, span: Span) -> Range {
        Range::new(self.position(file, span.start), self.position(file, span.end.max(span.start)))
    }

    fn position(self, file: &SourceFile, offset: usize) -> Position {
        let text = file.text();
        let offset = text.floor_char_boundary(offset);
        let line = file.lines().line(offset);
        let start = file.lines().line_span(line, text).start;
        let before = text.get(start..offset).unwrap_or("");
        let column = match self {
            Self::Utf8 => before.len(),
            Self::Utf16 => before.encode_utf16().count(),
        };
        Position::new(number(line.saturating_sub(1)), number(column))
    }

    /// The bytes of `range` in `file`; what lies behind the end of a line is its end.
    pub(super) fn span(self, file: &SourceFile, range: Range) -> Span {
        let start = self.offset(file, range.start);
        Span::new(start, self.offset(file, range.end).max(start))
    }

    fn offset(self, file: &SourceFile, position: Position) -> usize {
        let line = usize::try_from(position.line).unwrap_or(usize::MAX).saturating_add(1);
        let span = file.lines().line_span(line, file.text());
        let column = usize::try_from(position.character).unwrap_or(usize::MAX);
        let text = span.of(file.text());
        let within = match self {
            Self::Utf8 => text.floor_char_boundary(column.min(text.len())),
            Self::Utf16 => {
                let mut units = 0;
                let behind = |(_, char): &(usize, char)| {
                    let is_behind = units >= column;
                    units += char.len_utf16();
                    is_behind
                };
                text.char_indices().find(behind).map_or(text.len(), |(at, _)| at)
            }
        };
        span.start + within
    }
}

fn number(value: usize) -> u32 {
    u32::try_from(value).unwrap_or(u32::MAX)
}

/// What stands in a path of a URI as it is (RFC 3986, section 3.3), and the separator.
const PLAIN: &AsciiSet =
    &NON_ALPHANUMERIC.remove(b'/').remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// The URI of the file at the absolute `path`.
pub(super) fn uri_of(path: &Path) -> Option<Uri> {
    let path = path.to_str()?;
    let path = if cfg!(windows) {
        // What canonical paths begin with there means nothing in a URI.
        format!("/{}", path.trim_start_matches(r"\\?\").replace('\\', "/"))
    } else {
        path.to_owned()
    };
    Uri::from_str(&format!("file://{}", utf8_percent_encode(&path, PLAIN))).ok()
}

/// The path of a `file:` URI, as discovery names files: with the links in it followed.
pub(super) fn path_of(uri: &Uri) -> Option<PathBuf> {
    let path = uri.as_str().strip_prefix("file://")?;
    // A host may stand in front; it is this one.
    let path = path.get(path.find('/')?..)?;
    let path = percent_decode_str(path).decode_utf8().ok()?.into_owned();
    let path = match path.strip_prefix('/') {
        Some(drive) if cfg!(windows) => PathBuf::from(drive),
        _ => PathBuf::from(path),
    };
    // What is there no more, or not yet, lies below something that is.
    path.ancestors().find_map(|there| {
        let below = path.strip_prefix(there).ok()?;
        let there = there.canonicalize().ok()?;
        Some(if below.as_os_str().is_empty() { there } else { there.join(below) })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{FileKind, Files};

    #[test]
    fn columns_are_counted_as_the_client_does() {
        let mut files = Files::default();
        let id = files.add(".env".into(), FileKind::Env, "A=1\r\nä😀=x\n".to_owned());
        let file = files.get(id);
        for (encoding, offset, line, column) in [
            (Encoding::Utf8, 0, 0, 0),
            (Encoding::Utf8, 3, 0, 3),
            (Encoding::Utf8, 11, 1, 6),
            (Encoding::Utf16, 11, 1, 3),
            (Encoding::Utf16, 12, 1, 4),
            (Encoding::Utf16, 14, 2, 0),
        ] {
            let position = Position::new(line, column);
            assert_eq!(encoding.position(file, offset), position, "{offset}");
            assert_eq!(encoding.offset(file, position), offset, "{position:?}");
        }
        for (line, column, expected) in [(0, 99, 3), (99, 0, 14), (1, 2, 11)] {
            assert_eq!(Encoding::Utf16.offset(file, Position::new(line, column)), expected);
        }
    }

    #[cfg(unix)]
    #[test]
    fn paths_become_uris_and_back() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().canonicalize().unwrap().join("a b#ü?.env");
        std::fs::write(&path, "").unwrap();
        let uri = uri_of(&path).unwrap();
        assert!(uri.as_str().ends_with("/a%20b%23%C3%BC%3F.env"), "{}", uri.as_str());
        assert_eq!(path_of(&uri), Some(path.clone()));
        let new = path.with_file_name("new");
        assert_eq!(path_of(&uri_of(&new).unwrap()), Some(new));
        let gone = path.with_file_name("gone").join("dags/a.py");
        assert_eq!(path_of(&uri_of(&gone).unwrap()), Some(gone));
        assert_eq!(path_of(&Uri::from_str("untitled:x").unwrap()), None);
    }
}
