//! What the project says: its files, settings, requirements and references.

mod declared;
mod files;
mod kind;
pub mod references;
pub mod requirements;
mod settings;
mod shown;
pub mod versions;

pub use declared::{DeclaredEnvironment, DeclaredSetting};
pub use files::{FileId, FileKind, Files, Place, SourceFile};
pub use kind::Kind;
pub use references::{Api, DefaultArgument, Form, Key, KeyPart, Operation, Reference, Timing};
pub use settings::{Origin, Setting, SettingValue, Settings};
pub use shown::Shown;
pub use versions::{Basis, Presence, VersionSet, Versions};
