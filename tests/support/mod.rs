//! What the tests of the command have in common.

#![allow(dead_code, clippy::unwrap_used, reason = "no test needs all of it, and a test may fail")]

pub(crate) mod pages;

use std::fs;
use std::path::Path;

use assert_cmd::Command;

/// The class of the backend for AWS Secrets Manager.
pub(crate) const SECRETS_MANAGER: &str =
    "airflow.providers.amazon.aws.secrets.secrets_manager.SecretsManagerBackend";

/// The command, run in `directory` without the variables of this process.
pub(crate) fn astrolint(directory: &Path) -> Command {
    let mut command = Command::cargo_bin("astrolint").unwrap();
    command.current_dir(directory).env_clear();
    command
}

/// Writes the file `name` below `root`, with the folders that it needs.
pub(crate) fn write(root: &Path, name: &str, content: impl AsRef<[u8]>) {
    let path = root.join(name);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, content).unwrap();
}

/// Copies the files of a folder, and those of the folders in it.
pub(crate) fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let target = to.join(path.file_name().unwrap());
        if path.is_dir() {
            copy(&path, &target);
        } else {
            fs::copy(&path, &target).unwrap();
        }
    }
}

/// What a run ends with and prints.
pub(crate) struct Outcome {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) error: String,
}

impl Outcome {
    /// Runs `command`, with `input` on its standard input.
    pub(crate) fn of(command: &mut Command, input: impl Into<Vec<u8>>) -> Self {
        let output = command.write_stdin(input).output().unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        let code = output.status.code().unwrap();
        Self { code, out: text(output.stdout), error: text(output.stderr) }
    }
}

/// Holds what stands between two marks in a file to `wanted`; `ASTROLINT_UPDATE` writes it.
pub(crate) fn replace_between(path: &Path, (begin, end): (&str, &str), wanted: &str) {
    let text = fs::read_to_string(path).unwrap();
    let start = text.find(begin).unwrap() + begin.len();
    let stop = start + text.get(start..).unwrap().find(end).unwrap();
    let (before, rest) = text.split_at(start);
    let (found, after) = rest.split_at(stop - start);
    if std::env::var_os("ASTROLINT_UPDATE").is_some() {
        fs::write(path, format!("{before}{wanted}{after}")).unwrap();
    } else {
        assert!(
            found == wanted,
            "{} is stale: ASTROLINT_UPDATE=1 writes it; expected\n{wanted}",
            path.display()
        );
    }
}
