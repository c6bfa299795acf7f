//! Each project of `fixtures/projects` with what is reported of it, in `fixtures/expected/<name>.txt`:
//! a change of behaviour is a difference one can read. `ASTROLINT_UPDATE=1` rewrites them.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test may fail"
)]

use std::fs;
use std::path::Path;

mod support;

#[test]
fn each_project_is_reported_as_expected() {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    let mut names: Vec<_> = fs::read_dir(fixtures.join("projects"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    let mut failures = String::new();
    for name in names {
        // A copy outside of any repository: what git tracks is a matter of other tests.
        let directory = tempfile::tempdir().unwrap();
        support::copy(&fixtures.join("projects").join(&name), directory.path());
        let output = support::astrolint(directory.path())
            .args(["--format", "concise", "--strict"])
            .output()
            .unwrap();
        let found =
            String::from_utf8(output.stdout).unwrap() + &String::from_utf8(output.stderr).unwrap();
        let expected = fixtures.join("expected").join(format!("{name}.txt"));
        if std::env::var_os("ASTROLINT_UPDATE").is_some() {
            fs::create_dir_all(expected.parent().unwrap()).unwrap();
            fs::write(expected, found).unwrap();
        } else if fs::read_to_string(&expected).ok().as_deref() != Some(found.as_str()) {
            failures += &format!("{name}: found\n{found}");
        }
    }
    assert!(
        failures.is_empty(),
        "{failures}ASTROLINT_UPDATE=1 cargo test --test projects rewrites fixtures/expected"
    );
}
