//! What the project says: its files, settings, requirements and references.

mod files;

pub use files::{FileId, FileKind, Files, Place, SourceFile};
