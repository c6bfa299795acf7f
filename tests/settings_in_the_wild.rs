//! Real settings of secrets backends, found in public projects, documentation and answers, each with
//! the verdict of somebody who knows: what astrolint says of each agrees, or the row says why not.
//!
//! Each line of `settings_in_the_wild.jsonl` is one setting: in `files`, in the form in which it was
//! found, with what makes a project of it, and `reports`, what astrolint prints; or `unread`, the kind
//! of source that astrolint does not read yet. What stood for a token, a vault or a path when the
//! setting was recorded has been filled in; tokens are made up.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test may fail"
)]

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::Write as _;

use serde::Deserialize;

mod support;

/// How many settings were found.
const FOUND: usize = 67;

/// What every project gets unless it brings its own.
const SCAFFOLD: &[(&str, &str)] = &[
    (".astro/config.yaml", "project:\n  name: example\n"),
    ("Dockerfile", "FROM quay.io/astronomer/astro-runtime:12.8.0\n"),
    (".gitignore", "*.env\n"),
    (".dockerignore", "*.env\n"),
    ("dags/.airflowignore", ""),
];

#[derive(Deserialize)]
struct Row {
    #[serde(rename = "row")]
    number: usize,
    verdict: Verdict,
    #[serde(flatten)]
    source: Source,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Source {
    Read {
        files: BTreeMap<String, String>,
        reports: Vec<String>,
        /// Why astrolint says something else than the verdict.
        differs: Option<String>,
    },
    Unread {
        unread: String,
    },
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Verdict {
    Yes,
    YesWithRisk,
    Partial,
    No,
    Unknown,
}

impl Verdict {
    /// Whether what is reported says the same.
    fn agrees(self, reports: &[String]) -> bool {
        let is_at = |level: &str| reports.iter().any(|line| line.contains(&format!(": {level}[")));
        match self {
            Self::Yes => !is_at("error") && !is_at("warning"),
            Self::No => is_at("error"),
            Self::YesWithRisk | Self::Partial => !reports.is_empty(),
            Self::Unknown => true,
        }
    }
}

#[test]
fn real_settings_are_judged_as_by_somebody_who_knows() {
    let text = include_str!("settings_in_the_wild.jsonl");
    let rows: Vec<Row> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let numbers: Vec<usize> = rows.iter().map(|row| row.number).collect();
    assert_eq!(numbers, (1..=FOUND).collect::<Vec<_>>(), "a row is missing");
    let mut failures = String::new();
    let mut unread: BTreeMap<&str, usize> = BTreeMap::new();
    for row in &rows {
        let (files, reports, differs) = match &row.source {
            Source::Read { files, reports, differs } => (files, reports, differs),
            Source::Unread { unread: kind } => {
                *unread.entry(kind).or_default() += 1;
                continue;
            }
        };
        let found = report(files);
        if found != *reports {
            writeln!(failures, "row {}: expected {reports:#?}, found {found:#?}", row.number)
                .unwrap();
        }
        let agrees = row.verdict.agrees(reports);
        if agrees == differs.is_some() {
            writeln!(
                failures,
                "row {}: {:?}, agrees: {agrees}, says that it differs: {differs:?}",
                row.number, row.verdict
            )
            .unwrap();
        }
    }
    let mut counts = String::new();
    for (kind, count) in &unread {
        writeln!(counts, "{count:3} settings in {kind}: not read yet").unwrap();
    }
    // Past the capture of tests that pass: what is skipped must be seen.
    std::io::stderr().write_all(counts.as_bytes()).unwrap();
    assert!(failures.is_empty(), "{failures}");
}

/// What astrolint prints for a project of these files.
fn report(files: &BTreeMap<String, String>) -> Vec<String> {
    let directory = tempfile::tempdir().unwrap();
    let given = files.iter().map(|(name, text)| (name.as_str(), text.as_str()));
    for (name, text) in SCAFFOLD.iter().copied().chain(given) {
        support::write(directory.path(), name, text);
    }
    let mut command = support::astrolint(directory.path());
    let output = command.args(["--format", "concise", "--quiet", "--strict"]).output().unwrap();
    assert!(output.status.code().is_some_and(|code| code < 2), "{output:?}");
    String::from_utf8(output.stdout).unwrap().lines().map(str::to_owned).collect()
}
