//! `.env` as Astro really reads it.
//!
//! There is no one `.env` syntax on Astro: seven programs read the same file, and an eighth reader
//! stands for the dotenv libraries that people use beside them. Each has a file here that says, on
//! the same [`Document`], what that program would make of it. The facts come from the programs'
//! sources, named in each file; recorded answers of the real programs are compared in
//! `tests/records.rs`.
//!
//! The process environment is never read. What a program would look up on its host is looked up in
//! a [`Host`] that the caller gives, empty by default: a `$NAME` that the file does not set is
//! empty, a line `NAME` without a value is left out.

mod comparison;
mod compose;
mod compose_legacy;
mod container_env_file;
mod differences;
mod document;
mod env_from_file;
mod expand;
mod faults;
mod library;
mod reading;
mod recovery;
mod rewrite;
mod scanner;
mod standalone;
mod template;
mod variable_load;

use std::collections::BTreeMap;

pub use comparison::{Cause, Comparison, Difference, Repeated, Treatment, Understood};
pub use differences::{KeyOutcomes, Outcome, Readings};
pub use document::{Assignment, Document, Entry, EntryKind};
pub use faults::{LineFault, LineFaultKind};
pub use reading::{Failure, Note, Pair, Reading, Reason, Unknown};
pub use rewrite::Edit;

/// The variables that a reader finds outside of the file: those of the host it runs on or, for
/// `compose`, also those that the service's own `environment:` block sets.
pub type Host = BTreeMap<String, String>;

/// A program, or a way of calling one, that reads `.env`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Reader {
    /// compose-go v2's `dotenv` package.
    Compose,
    /// compose-spec/godotenv v1.1.1, which older CLI versions use.
    ComposeLegacy,
    /// `docker run --env-file`.
    DockerEnvFile,
    /// `podman run --env-file`.
    PodmanEnvFile,
    /// The CLI's own reader for running Airflow without containers.
    Standalone,
    /// The CLI's own reader for pushing variables to a Deployment.
    VariableLoad,
    /// subosito/gotenv v1.6.0, for pushing environment objects.
    EnvFromFile,
    /// A generic dotenv library: the crate dotenvy 0.15.
    Library,
}

impl Reader {
    /// All readers, in the order in which they are shown.
    pub const ALL: [Self; 8] = [
        Self::Compose,
        Self::ComposeLegacy,
        Self::DockerEnvFile,
        Self::PodmanEnvFile,
        Self::Standalone,
        Self::VariableLoad,
        Self::EnvFromFile,
        Self::Library,
    ];

    /// The readers whose answers decide whether a file is portable: those of current commands.
    pub const JUDGED: [Self; 6] = [
        Self::Compose,
        Self::DockerEnvFile,
        Self::PodmanEnvFile,
        Self::Standalone,
        Self::VariableLoad,
        Self::EnvFromFile,
    ];

    /// The name used in output and in recorded answers.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Compose => "compose",
            Self::ComposeLegacy => "compose_legacy",
            Self::DockerEnvFile => "docker_env_file",
            Self::PodmanEnvFile => "podman_env_file",
            Self::Standalone => "standalone",
            Self::VariableLoad => "variable_load",
            Self::EnvFromFile => "env_from_file",
            Self::Library => "library",
        }
    }

    /// The reader with that [`name`](Self::name).
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|reader| reader.name() == name)
    }

    /// The commands that read `.env` in this way, and the CLI versions in which they do, for
    /// messages (astro-cli v1.45.0 and its history).
    #[must_use]
    pub const fn commands(self) -> &'static str {
        match self {
            Self::Compose => "astro dev start and restart (CLI 1.33 and later)",
            Self::ComposeLegacy => "astro dev start and restart (CLI 1.32 and earlier)",
            Self::DockerEnvFile => {
                "astro dev pytest, parse, upgrade-test, astro run and deploy's tests, with Docker"
            }
            Self::PodmanEnvFile => {
                "astro dev pytest, parse, upgrade-test, astro run and deploy's tests, with Podman"
            }
            Self::Standalone => "astro dev --standalone (CLI 1.40 and later)",
            Self::VariableLoad => "astro deployment variable create and update --load",
            Self::EnvFromFile => {
                "astro env variable create and update --from-file (CLI 1.43 and later)"
            }
            Self::Library => "dotenv libraries",
        }
    }

    /// The commands of several readers, in one list for a sentence.
    #[must_use]
    pub fn commands_of(readers: &[Self]) -> String {
        let both = [Self::DockerEnvFile, Self::PodmanEnvFile];
        let either_engine = both.iter().all(|reader| readers.contains(reader));
        let mut lists: Vec<&str> = Vec::new();
        for reader in readers {
            match reader {
                Self::DockerEnvFile if either_engine => lists
                    .push("astro dev pytest, parse, upgrade-test, astro run and deploy's tests"),
                Self::PodmanEnvFile if either_engine => {}
                _ => lists.push(reader.commands()),
            }
        }
        lists.join("; ")
    }

    /// The commands of the reader that people use most among `readers`, short, in backticks.
    #[must_use]
    pub fn foremost_commands(readers: &[Self]) -> &'static str {
        let first = [
            Self::DockerEnvFile,
            Self::Compose,
            Self::VariableLoad,
            Self::Standalone,
            Self::EnvFromFile,
        ];
        match first.into_iter().find(|reader| readers.contains(reader)) {
            Some(Self::DockerEnvFile) => "`astro dev pytest`, `parse` and `astro run`",
            Some(Self::Compose) => "`astro dev start`",
            Some(Self::VariableLoad) => "`astro deployment variable … --load`",
            Some(Self::Standalone) => "`astro dev … --standalone`",
            Some(Self::EnvFromFile) => "`astro env variable … --from-file`",
            _ => "`astro dev pytest`, `parse` and `astro run` with Podman",
        }
    }

    /// What this reader makes of `document` where the host sets nothing.
    #[must_use]
    pub fn read(self, document: &Document) -> Reading {
        self.read_on(document, &Host::new())
    }

    /// What this reader makes of `document` where the host sets `host`.
    #[must_use]
    pub fn read_on(self, document: &Document, host: &Host) -> Reading {
        self.read_text(document.text(), host)
    }

    fn read_text(self, text: &str, host: &Host) -> Reading {
        match self {
            Self::Compose => compose::read(text, host),
            Self::ComposeLegacy => compose_legacy::read(text, host),
            Self::DockerEnvFile => container_env_file::docker(text, host),
            Self::PodmanEnvFile => container_env_file::podman(text, host),
            Self::Standalone => standalone::read(text),
            Self::VariableLoad => variable_load::read(text),
            Self::EnvFromFile => env_from_file::read(text, host),
            Self::Library => library::read(text),
        }
    }
}

#[cfg(test)]
mod tests;
