//! What the project says: its files, settings, requirements and references.

mod airflow_requirement;
mod cfg;
mod code;

pub mod credentials;
mod dag_folder;
mod declared;

mod env_fault;
mod env_file;
mod exposure;
mod files;
mod image;
mod image_credentials;
mod kind;
mod placeholder;
mod project;
mod quote;
pub mod references;
mod rendered_files;
pub mod requirements;
mod settings;
pub mod setup;
mod show;
mod shown;
pub mod versions;
mod written;

pub use crate::discover::FileKind;
pub use crate::discover::git_index::Tracked;
pub use crate::discover::gitignore::Ignored;
pub use airflow_requirement::{AirflowRequirement, Fit};
pub use cfg::{AirflowCfg, variable_name};
pub use dag_folder::{DagFolder, IgnoreSyntax};
pub use declared::{
    DeclaredEnvironment, DeclaredName, DeclaredSetting, Declares, NamedInConfig, glob_matches,
};
pub use env_fault::{EnvFault, EnvFaultKind};
pub use env_file::{EnvFile, Standing, names_backend};
pub use exposure::{Exposure, InImage};
pub use files::{FileId, Files, Place, SourceFile, relative};
pub use image::Dockerfile;
pub use image_credentials::{Holder, ImageCredential};
pub use kind::Kind;
pub use placeholder::{Placeholder, Prose, placeholders};
pub use project::{CodeModule, Declared, Model, Problem, ProblemKind};
pub use references::{
    Access, Api, Around, AsTemplate, Bypass, BypassedBy, Catches, Caught, Conversion,
    DefaultArgument, Form, Key, KeyPart, Literal, MAX_KEYS, ModuleId, Operation, Outlet, Part,
    Reference, Role, SettingRead, Table, Timing, Way, of_setting,
};
pub use settings::{Origin, Setting, Settings};
pub use show::{is_shown_key, shown_spans};
pub use shown::Shown;
pub use versions::{Basis, Presence, VersionSet, Versions};
