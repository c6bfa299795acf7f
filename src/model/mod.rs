//! What the project says: its files, settings, requirements and references.

mod cfg;
mod code;
mod declared;
mod env_fault;
mod env_file;
mod files;
mod image;
mod kind;
mod project;
pub mod references;
pub mod requirements;
mod settings;
mod show;
mod shown;
pub mod versions;

pub use crate::discover::FileKind;
pub use cfg::{AirflowCfg, variable_name};
pub use declared::{DeclaredEnvironment, DeclaredSetting};
pub use env_fault::{EnvFault, EnvFaultKind};
pub use env_file::{EnvFile, Standing, names_backend};
pub use files::{FileId, Files, Place, SourceFile};
pub use image::Dockerfile;
pub use kind::Kind;
pub use project::{Declared, Model, Overlay, Problem, ProblemKind};
pub use references::{Api, DefaultArgument, Form, Key, KeyPart, Operation, Reference, Timing};
pub use settings::{Origin, Setting, SettingValue, Settings};
pub use show::{is_shown_key, placeholder, shown_spans};
pub use shown::Shown;
pub use versions::{Basis, Presence, VersionSet, Versions};
