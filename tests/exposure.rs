//! Rules that depend on what git has: the examples of a page have no index.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test may fail"
)]

use std::fs;
use std::path::Path;

use tempfile::TempDir;

mod support;

const DOCKERFILE: &str = "FROM quay.io/astronomer/astro-runtime:12.8.0\n";
const PASSWORD: &str = "DB_PASSWORD=hunt3r-and-gatherer\n";
const KWARGS: &str = "AIRFLOW__SECRETS__BACKEND=airflow.providers.hashicorp.secrets.vault.VaultBackend\nAIRFLOW__SECRETS__BACKEND_KWARGS={\"url\": \"https://vault.corp.internal\", \"token\": \"s.9XkQ2mT7bLc4\"}\n";
const AWS: &str = "AIRFLOW_CONN_AWS_DEFAULT=aws://login:p0Wm%2F3dEvK9tYb@\n";

/// An index (gitformat-index(5), version 2, without a checksum) that lists `paths`, sorted.
fn index(paths: &[&str]) -> Vec<u8> {
    let mut bytes = b"DIRC\0\0\0\x02".to_vec();
    bytes.extend(u32::try_from(paths.len()).unwrap().to_be_bytes());
    for path in paths {
        let start = bytes.len();
        bytes.extend([0; 24]);
        bytes.extend(0o100_644_u32.to_be_bytes());
        bytes.extend([0; 12]);
        bytes.extend([7; 20]);
        bytes.extend(u16::try_from(path.len()).unwrap().to_be_bytes());
        bytes.extend(path.as_bytes());
        bytes.resize(start + (bytes.len() - start + 8) / 8 * 8, 0);
    }
    // An optional extension, so that the checksum of zeros does not look like that of SHA-256.
    bytes.extend(b"TEST\0\0\0\x0cnot any zero");
    bytes.extend([0; 20]);
    bytes
}

/// Makes a project of `files` in a repository that tracks `tracked`; gives what is found.
fn found(files: &[(&str, &str)], tracked: Option<&[&str]>) -> Vec<String> {
    let directory = TempDir::new().unwrap();
    let write = |name: &str, text: &[u8]| support::write(directory.path(), name, text);
    write(".astro/config.yaml", b"");
    write("Dockerfile", DOCKERFILE.as_bytes());
    write(".git/info/exclude", b"");
    if let Some(tracked) = tracked {
        write(".git/index", &index(tracked));
    }
    for (name, text) in files {
        write(name, text.as_bytes());
    }
    lines(directory.path())
}

fn lines(root: &Path) -> Vec<String> {
    let mut command = support::astrolint(root);
    command.args(["--format", "concise", "--quiet", "--select", "leaks"]);
    let output = command.output().unwrap();
    String::from_utf8(output.stdout).unwrap().lines().map(str::to_owned).collect()
}

#[test]
fn a_tracked_env_file_is_an_error_whatever_ignores_it() {
    let ignores = [(".gitignore", ".env\n"), (".dockerignore", ".env\n")];
    let with = |text| [&ignores[..], &[(".env", text)]].concat();
    assert_eq!(
        found(&with(PASSWORD), Some(&[".env", "Dockerfile"])),
        [".env:1:1: error[env-not-ignored] `.env` holds a credential and is tracked by git"]
    );
    assert!(found(&with(PASSWORD), Some(&["Dockerfile"])).is_empty());
    assert!(found(&with(PASSWORD), None).is_empty(), "no index is no proof");
    assert!(found(&with("DBT_TARGET=dev\n"), Some(&[".env"])).is_empty());
}

#[test]
fn what_is_not_tracked_and_left_out_of_the_image_is_a_warning() {
    let files = [(".dockerignore", "*.env\n"), ("prod.env", PASSWORD)];
    assert_eq!(
        found(&files, Some(&["Dockerfile"])),
        [
            "prod.env:1:1: warning[env-not-ignored] `prod.env` holds a credential, and git does not ignore it"
        ]
    );
}

#[test]
fn credentials_in_tracked_files_are_errors() {
    for (text, message) in [
        (
            KWARGS,
            "error[credential-in-kwargs] the backend's kwargs hold a token in plain text: `token`, in a file that git tracks",
        ),
        (
            AWS,
            "error[aws-connection-with-credentials] the AWS connection `AIRFLOW_CONN_AWS_DEFAULT` holds a password, in a file that git tracks",
        ),
    ] {
        let files = [(".gitignore", ".env\n"), (".dockerignore", ".env\n"), (".env", text)];
        let tracked = found(&files, Some(&[".env"]));
        assert!(tracked.iter().any(|line| line.ends_with(message)), "{tracked:?}");
        let untracked = found(&files, Some(&["Dockerfile"]));
        assert!(untracked.len() == 1 && untracked[0].contains(" warning["), "{untracked:?}");
    }
}

/// What the fix would insert makes the finding go away.
#[test]
fn the_fix_lists_the_file_in_both_ignore_files() {
    let directory = TempDir::new().unwrap();
    let root = directory.path();
    fs::create_dir_all(root.join(".astro")).unwrap();
    for (name, text) in [
        (".astro/config.yaml", ""),
        ("Dockerfile", DOCKERFILE),
        (".gitignore", "logs/"),
        (".dockerignore", "logs/\r\n"),
        ("prod.env", PASSWORD),
    ] {
        fs::write(root.join(name), text).unwrap();
    }
    let mut command = support::astrolint(root);
    command.args(["--format", "json", "--select", "leaks"]);
    let output = command.output().unwrap();
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let fixes = report["findings"][0]["fixes"].as_array().unwrap().clone();
    assert_eq!(fixes.len(), 2, "{report}");
    for fix in fixes {
        let edit = &fix["edits"][0];
        let path = root.join(edit["path"].as_str().unwrap());
        let text = fs::read_to_string(&path).unwrap();
        assert_eq!(edit["start"]["offset"].as_u64(), Some(text.len() as u64));
        fs::write(path, text + edit["replacement"].as_str().unwrap()).unwrap();
    }
    assert_eq!(fs::read_to_string(root.join(".gitignore")).unwrap(), "logs/\nprod.env\n");
    assert_eq!(fs::read_to_string(root.join(".dockerignore")).unwrap(), "logs/\r\nprod.env\r\n");
    assert!(lines(root).is_empty());
}
