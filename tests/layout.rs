//! Data flows one way: a module uses what stands left of it, and nothing to its right.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test may fail"
)]

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

/// Each module with what it may use besides itself.
const MAY_USE: &[(&str, &[&str])] = &[
    ("text", &[]),
    ("limits", &[]),
    ("discover", &["text", "limits"]),
    ("read", &["text", "limits"]),
    ("facts", &["text"]),
    ("parallel", &["limits"]),
    ("model", &["text", "limits", "read", "discover", "facts", "parallel"]),
    ("resolve", &["text", "read", "facts", "model"]),
    ("check", &["text", "read", "facts", "parallel", "model", "resolve"]),
    ("config", &["text", "limits", "discover", "model", "check"]),
    ("suppress", &["text", "model", "check"]),
    ("fingerprint", &["text", "model", "check"]),
    // It runs the whole pipeline, which is what stands in the root.
    ("fix", &["", "text", "read", "model", "check"]),
    ("report", &["text", "model", "resolve", "check", "fingerprint", "fix"]),
    ("cli", &["check", "model", "report", "resolve"]),
];

/// Maps and sets, which know of nothing.
const EVERYWHERE: &str = "hash";

fn rust_files(directory: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            rust_files(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

#[test]
fn data_flows_one_way() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    rust_files(&source, &mut files);
    let mut failures = String::new();
    for path in files {
        let relative = path.strip_prefix(&source).unwrap();
        let module = relative.iter().next().unwrap().to_str().unwrap().trim_end_matches(".rs");
        // A test may run all of it.
        if path.file_stem().is_some_and(|name| name == "tests") {
            continue;
        }
        let Some((_, allowed)) = MAY_USE.iter().find(|(name, _)| *name == module) else { continue };
        let text = fs::read_to_string(&path).unwrap();
        for (number, line) in text.lines().enumerate() {
            for (at, _) in line.match_indices("crate::") {
                let used: String = line[at + 7..]
                    .chars()
                    .take_while(|c| c.is_alphanumeric() || *c == '_')
                    .collect();
                if used != module && used != EVERYWHERE && !allowed.contains(&used.as_str()) {
                    writeln!(
                        failures,
                        "src/{}:{}: {module} must not use {used}",
                        relative.display(),
                        number + 1
                    )
                    .unwrap();
                }
            }
        }
    }
    assert!(failures.is_empty(), "{failures}");
}

/// Rules see values only through what the model lets be shown.
#[test]
fn rules_and_reports_never_take_a_value_out_of_its_wrapping() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    rust_files(&source.join("check"), &mut files);
    rust_files(&source.join("report"), &mut files);
    let offenders: Vec<_> = files
        .into_iter()
        .filter(|path| fs::read_to_string(path).unwrap().contains(".expose("))
        .collect();
    assert!(offenders.is_empty(), "{offenders:?} call `expose`");
}
