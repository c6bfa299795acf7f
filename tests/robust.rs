//! Bad input: each gets a clear message with its place, the rest is checked, and the exit code is right.

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

use support::write;

const BACKEND: &str = "AIRFLOW__SECRETS__BACKEND=airflow.providers.amazon.aws.secrets.secrets_manager.SecretsManagerBackend\n";
/// A fault that every project here has, to see that the rest is checked.
const FAULT: &str = "AIRFLOW__SECRETS__BACKEND_KWARGS={\"variables_prefix\": \"/airflow/variables\", \"region_name\": \"eu-west-1\"}\n";

struct Output {
    code: i32,
    stdout: String,
    stderr: String,
}

fn project() -> TempDir {
    let directory = tempfile::tempdir().unwrap();
    write(directory.path(), ".astro/config.yaml", "");
    write(directory.path(), "Dockerfile", "FROM quay.io/astronomer/astro-runtime:12.8.0\n");
    write(directory.path(), ".gitignore", ".env\n");
    write(directory.path(), ".dockerignore", ".env\n");
    write(directory.path(), ".env", format!("{BACKEND}{FAULT}"));
    directory
}

fn astrolint(directory: &Path, arguments: &[&str]) -> Output {
    let output = support::astrolint(directory)
        .args(["--format", "concise"])
        .args(arguments)
        .timeout(std::time::Duration::from_mins(1))
        .output()
        .unwrap();
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert!(!stderr.contains("failed at"), "a panic: {stderr}");
    Output {
        code: output.status.code().expect("no signal ends it"),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr,
    }
}

#[track_caller]
fn says(output: &Output, text: &str) {
    assert!(
        output.stdout.contains(text) || output.stderr.contains(text),
        "expected `{text}` in:\n{}{}",
        output.stdout,
        output.stderr
    );
}

#[track_caller]
fn checks_the_rest(output: &Output) {
    says(output, "warning[prefix-leading-slash]");
}

#[test]
fn a_missing_path_is_named() {
    let directory = project();
    let output = astrolint(directory.path(), &["no/such/place"]);
    assert_eq!(output.code, 2);
    says(&output, "no/such/place");
}

#[test]
fn beside_a_missing_path_the_rest_is_checked() {
    let directory = project();
    let output = astrolint(directory.path(), &[".", "no/such/place"]);
    assert_eq!(output.code, 2);
    says(&output, "no/such/place");
    checks_the_rest(&output);
}

#[test]
fn a_file_stands_for_its_project() {
    let directory = project();
    let output = astrolint(directory.path(), &[".env"]);
    checks_the_rest(&output);
    let outside = tempfile::tempdir().unwrap();
    write(outside.path(), "notes.txt", "");
    let output = astrolint(outside.path(), &["notes.txt"]);
    assert_eq!(output.code, 2);
    says(&output, "notes.txt");
}

#[test]
fn where_there_is_no_project_it_says_what_was_looked_for() {
    let directory = tempfile::tempdir().unwrap();
    let output = astrolint(directory.path(), &[]);
    assert_eq!(output.code, 2);
    says(&output, ".astro/config.yaml");
}

#[test]
fn an_empty_project_is_clean() {
    let directory = tempfile::tempdir().unwrap();
    write(directory.path(), ".astro/config.yaml", "");
    let output = astrolint(directory.path(), &[]);
    assert_eq!((output.code, output.stdout.as_str()), (0, ""), "{}", output.stderr);
}

#[test]
fn what_is_not_text_is_named_and_the_rest_is_checked() {
    let directory = project();
    write(directory.path(), "dags/latin.py", b"# caf\xe9\nfrom airflow.models import Variable\n");
    write(directory.path(), "requirements.txt", b"\xff\xfea\0");
    let output = astrolint(directory.path(), &[]);
    says(&output, "dags/latin.py:1:1: warning[file-unreadable]");
    says(&output, "requirements.txt:1:1: warning[file-unreadable]");
    checks_the_rest(&output);
}

#[test]
fn byte_order_marks_and_windows_line_ends_change_nothing() {
    let directory = project();
    write(directory.path(), ".env", format!("\u{feff}{BACKEND}{FAULT}").replace('\n', "\r\n"));
    let output = astrolint(directory.path(), &["--select", "prefix-leading-slash"]);
    assert!(output.stdout.starts_with(".env:2:"), "{}", output.stdout);
}

#[test]
fn a_syntax_error_costs_neither_its_file_nor_the_others() {
    let directory = project();
    write(
        directory.path(),
        "dags/broken.py",
        "from airflow.models import DAG, Variable\n\ndef broken(:\n    pass\n\nVariable.get('airflow/variables/x')\n",
    );
    let output = astrolint(directory.path(), &["--strict"]);
    says(&output, "dags/broken.py:3:12: info[file-unreadable]");
    checks_the_rest(&output);
}

#[test]
fn a_file_of_fifty_megabytes_is_not_read() {
    let directory = project();
    write(directory.path(), ".env.big", vec![b'A'; 50 << 20]);
    let output = astrolint(directory.path(), &[]);
    says(&output, ".env.big:1:1: warning[file-unreadable]");
    checks_the_rest(&output);
}

#[cfg(unix)]
#[test]
fn a_link_out_of_the_tree_is_not_followed_and_said() {
    let outside = tempfile::tempdir().unwrap();
    write(
        outside.path(),
        "secret.py",
        "from airflow.models import Variable\nVariable.get('/leading')\n",
    );
    let directory = project();
    write(directory.path(), "dags/a.py", "");
    std::os::unix::fs::symlink(outside.path(), directory.path().join("dags/outside")).unwrap();
    let output = astrolint(directory.path(), &["--strict"]);
    says(&output, "dags/outside:1:1: info[file-unreadable]");
    assert!(!output.stdout.contains("secret.py"), "{}", output.stdout);
    checks_the_rest(&output);
}

#[cfg(unix)]
#[test]
fn what_cannot_be_opened_is_named() {
    use std::os::unix::fs::PermissionsExt as _;
    let directory = project();
    let locked = directory.path().join("dags/locked");
    write(directory.path(), "dags/locked/a.py", "");
    fs::set_permissions(&locked, fs::Permissions::from_mode(0o000)).unwrap();
    let as_root = fs::read_dir(&locked).is_ok();
    let output = astrolint(directory.path(), &[]);
    fs::set_permissions(&locked, fs::Permissions::from_mode(0o755)).unwrap();
    if !as_root {
        says(&output, "dags/locked:1:1: warning[file-unreadable]");
    }
    checks_the_rest(&output);
}

#[cfg(unix)]
#[test]
fn a_named_pipe_is_not_opened() {
    let directory = project();
    let made =
        std::process::Command::new("mkfifo").arg(directory.path().join(".env.pipe")).status();
    assert!(made.unwrap().success());
    let output = astrolint(directory.path(), &["--strict"]);
    says(&output, ".env.pipe:1:1:");
    checks_the_rest(&output);
}

#[test]
fn deep_nesting_ends_in_a_finding() {
    let directory = project();
    let deep = format!(
        "from airflow.models import Variable\nx = {}{}\n",
        "(".repeat(100_000),
        ")".repeat(100_000)
    );
    write(directory.path(), "dags/deep.py", deep);
    let kwargs = format!("AIRFLOW__SECRETS__BACKEND_KWARGS={}\n", "[".repeat(100_000));
    write(directory.path(), ".env.deep", format!("{BACKEND}{kwargs}"));
    let output = astrolint(directory.path(), &["--strict"]);
    says(&output, "dags/deep.py:2:");
    says(&output, ".env.deep:2:");
    checks_the_rest(&output);
}

#[test]
fn a_wrong_configuration_is_an_error_with_its_place() {
    for (text, place, hint) in [
        (
            "[rules]\nprefix-leading-slsh = \"off\"\n",
            "astrolint.toml:2:1:",
            "did you mean `prefix-leading-slash`?",
        ),
        (
            "[rules]\nprefix-leading-slash = \"loud\"\n",
            "astrolint.toml:2:24:",
            "off, info, warning or error",
        ),
        ("exlude = []\n", "astrolint.toml:1:1:", "did you mean `exclude`?"),
        (
            "[declared]\nvariabels = []\n",
            "astrolint.toml:2:1:",
            "unknown key `variabels`; did you mean `variables`?",
        ),
        ("exclude = [\n", "astrolint.toml:1:", ""),
        (
            "[[environment]]\nname = \"x\"\nairflow = \"two\"\n",
            "astrolint.toml:3:11:",
            "neither a version",
        ),
    ] {
        let directory = project();
        write(directory.path(), "astrolint.toml", text);
        let output = astrolint(directory.path(), &[]);
        assert_eq!(output.code, 2, "{text}: {}", output.stdout);
        says(&output, place);
        says(&output, hint);
        assert_eq!(astrolint(directory.path(), &["--isolated", "--exit-zero"]).code, 0);
    }
}

#[test]
fn unknown_rules_and_formats_are_usage_errors() {
    let directory = project();
    for (arguments, hint) in [
        (&["--select", "prefix-leading-slsh"][..], "did you mean `prefix-leading-slash`?"),
        (&["--ignore", "nonsense-of-mine"], "there is no rule"),
        (&["--format", "xml"], "xml"),
        (&["--config", "nowhere.toml"], "nowhere.toml"),
        (&["--sellect", "x"], "--select"),
    ] {
        let output = astrolint(directory.path(), arguments);
        assert_eq!(output.code, 2, "{arguments:?}");
        says(&output, hint);
    }
}
