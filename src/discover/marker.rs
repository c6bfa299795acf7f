//! What makes a directory a project.

use std::fs;
use std::path::{Path, PathBuf};

use super::file_text::read_bytes;
use super::kind::env_kind;
use crate::limits;

/// Why a directory counts as a project; the strongest reason when there are several.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Marker {
    /// `.astro/config.yaml`, the mark of the Astro CLI, which asks for no content (`config/config.go`).
    AstroConfig,
    /// A Dockerfile on an Astro Runtime image beside `dags/`.
    RuntimeDockerfile,
    /// `astrolint.toml` or `.astrolint.toml` beside `dags/`: the user says so.
    Declared,
    /// `dags/` beside an `airflow.cfg` or an env file that sets something of Airflow. Only a directory
    /// that the user names, or one above it, becomes a project in this way.
    AirflowFiles,
}

/// What a missing project was looked for by, for messages.
pub(super) const LOOKED_FOR: &str = "`.astro/config.yaml`; `dags/` beside a Dockerfile on an Astro \
    Runtime image, or beside `astrolint.toml`; in a given directory also `dags/` beside \
    `airflow.cfg` or an env file that sets `AIRFLOW_...`";

/// What a directory is asked, once for a run.
pub(super) struct Markers {
    /// The directory whose `.astro/config.yaml` is the CLI's global configuration.
    home: Option<PathBuf>,
}

impl Markers {
    pub(super) fn new(home: Option<&Path>) -> Self {
        Self { home: home.and_then(|home| fs::canonicalize(home).ok()) }
    }

    /// Whether `directory` is a project wherever it is found.
    pub(super) fn of(&self, directory: &Path) -> Option<Marker> {
        if directory.join(".astro/config.yaml").is_file() && !self.is_home(directory) {
            return Some(Marker::AstroConfig);
        }
        if !directory.join("dags").is_dir() {
            return None;
        }
        if ["Dockerfile", "Dockerfile.client"]
            .iter()
            .any(|name| is_on_runtime_image(&directory.join(name)))
        {
            return Some(Marker::RuntimeDockerfile);
        }
        ["astrolint.toml", ".astrolint.toml"]
            .iter()
            .any(|name| directory.join(name).is_file())
            .then_some(Marker::Declared)
    }

    /// Whether `directory` is a project because the user named it or something in it. `above` gives
    /// the env templates between it and the root of its repository.
    pub(super) fn of_given(
        &self,
        directory: &Path,
        above: impl FnOnce() -> Vec<PathBuf>,
    ) -> Option<Marker> {
        if let Some(marker) = self.of(directory) {
            return Some(marker);
        }
        let found = directory.join("dags").is_dir()
            && (directory.join("airflow.cfg").is_file()
                || env_files_in(directory).iter().any(|path| names_airflow(path))
                || above().iter().any(|path| names_airflow(path)));
        found.then_some(Marker::AirflowFiles)
    }

    fn is_home(&self, directory: &Path) -> bool {
        self.home.is_some() && fs::canonicalize(directory).ok() == self.home
    }
}

/// The env files and templates that lie in `directory` itself, sorted. Links are left out.
pub(super) fn env_files_in(directory: &Path) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> = fs::read_dir(directory)
        .into_iter()
        .flatten()
        .filter_map(Result::ok)
        .filter(|entry| env_kind(&entry.file_name().to_string_lossy()).is_some())
        .filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_file()))
        .map(|entry| entry.path())
        .collect();
    found.sort();
    found
}

fn names_airflow(path: &Path) -> bool {
    const NAMES: [&[u8]; 3] = [b"AIRFLOW__", b"AIRFLOW_CONN_", b"AIRFLOW_VAR_"];
    read_bytes(path, limits::TEXT_FILE).is_ok_and(|bytes| {
        bytes
            .split(|byte| !byte.is_ascii_alphanumeric() && *byte != b'_')
            .any(|word| NAMES.iter().any(|name| word.starts_with(name)))
    })
}

/// A Dockerfile that is a link is not read: whether it leaves the scanned tree is not known here.
fn is_on_runtime_image(dockerfile: &Path) -> bool {
    fs::symlink_metadata(dockerfile).is_ok_and(|metadata| metadata.is_file())
        && read_bytes(dockerfile, limits::TEXT_FILE)
            .is_ok_and(|bytes| String::from_utf8_lossy(&bytes).lines().any(names_runtime_image))
}

/// Whether a line of a Dockerfile takes a Runtime image: in `FROM`, or in an `ARG` that a `FROM` may
/// use. Repositories as in the Astro CLI's scaffold (`pkg/airflowrt/scaffold.go`) and the docs.
fn names_runtime_image(line: &str) -> bool {
    let line = line.trim_start_matches('\u{feff}').trim_start().to_ascii_lowercase();
    let Some((instruction, rest)) = line.split_once(char::is_whitespace) else {
        return false;
    };
    if instruction != "from" && instruction != "arg" {
        return false;
    }
    rest.split(|c: char| c.is_whitespace() || matches!(c, '=' | '"' | '\'')).any(|image| {
        let of_vendor = ["astronomer", "astrocrpublic"].iter().any(|word| image.contains(word));
        let last = image.rsplit('/').next().unwrap_or(image);
        let name = last.split([':', '@']).next().unwrap_or(last);
        match name {
            "astro-runtime" | "ap-airflow" | "astro-remote-execution-agent" => true,
            "runtime" => of_vendor,
            _ => false,
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runtime_images_are_known_by_their_repository() {
        for (line, expected) in [
            ("FROM quay.io/astronomer/astro-runtime:12.8.0", true),
            ("from --platform=linux/amd64 astrocrpublic.azurecr.io/runtime:3.0-2 AS base", true),
            ("FROM images.astronomer.cloud/baseimages/astro-remote-execution-agent:3.1-1", true),
            ("FROM quay.io/astronomer/ap-airflow:2.0.2-buster-onbuild", true),
            ("ARG BASE=\"quay.io/astronomer/astro-runtime:11.3.0\"", true),
            ("\u{feff}FROM mirror.example.com/astro-runtime@sha256:00", true),
            ("# FROM quay.io/astronomer/astro-runtime:12.8.0", false),
            ("FROM apache/airflow:2.10.0", false),
            ("FROM mcr.microsoft.com/dotnet/runtime:8.0", false),
            ("FROM example.com/my-astro-runtime-tools:1", false),
            ("FROM", false),
        ] {
            assert_eq!(names_runtime_image(line), expected, "{line}");
        }
    }

    #[test]
    fn only_names_that_begin_so_are_airflows() {
        let dir = tempfile::tempdir().unwrap();
        for (text, expected) in [
            ("export AIRFLOW__CORE__X=1\n", true),
            ("#AIRFLOW_CONN_A=\n", true),
            ("AIRFLOW_UID=5000\n", false),
            ("MY_AIRFLOW__CORE__X=1\n", false),
        ] {
            let path = dir.path().join(".env");
            fs::write(&path, text).unwrap();
            assert_eq!(names_airflow(&path), expected, "{text}");
        }
    }
}
