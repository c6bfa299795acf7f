//! What the project says: its files, settings, requirements and references.

mod files;
mod shown;

pub use files::{FileId, FileKind, Files, Place, SourceFile};
pub use shown::Shown;
