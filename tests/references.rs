//! What real Airflow asked for when it imported DAG files, compared with what astrolint says that
//! it would. `tests/records/references/asked.jsonl` holds the record: each file, imported under
//! Airflow 2.10 to 3.3, with the keys it asked for and the calls that did.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test may fail"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use astrolint::model::FileId;
use astrolint::model::references::{self, Key, Locals, ModuleFile, Operation, Reference, Timing};
use astrolint::read::python;
use astrolint::text::{LineIndex, Text};
use serde_json::Value;

/// What was asked for, and by which line of the file itself.
type Asked = BTreeSet<(String, String, usize)>;

/// What this stage does not follow, each with the reason.
const MISSED: &[(&str, &str)] = &[
    ("eval_key", "code in a string"),
    ("exec_key", "code in a string"),
    ("factory_called", "a lambda that making a dataclass calls"),
    ("subclass_Child", "a hook of subclassing"),
    ("descriptor", "a descriptor"),
];

/// What is said to be asked for on parsing although Airflow did not, each with the reason.
const NOT_ASKED: &[(&str, &str)] = &[
    ("match_never", "a branch that the recorded run did not take"),
    ("match_default_never", "a branch that the recorded run did not take"),
    ("after_import_error_never", "an import failed before"),
    ("never_syntax_error", "the file has a syntax error, which is a finding of its own"),
    ("initial", "one of two values, of which a function sets the other"),
    (
        "Key.BUCKET",
        "what Python 3.11 and later put behind a prefix; the recorded backend puts none",
    ),
];

fn records() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/records/references"))
}

/// By file, over all versions.
fn recorded() -> BTreeMap<String, Asked> {
    let text = fs::read_to_string(records().join("asked.jsonl")).unwrap();
    let mut files: BTreeMap<String, Asked> = BTreeMap::new();
    for line in text.lines() {
        let row: Value = serde_json::from_str(line).unwrap();
        for asked in row["refs"].as_array().unwrap() {
            let frame = &asked["frames"][0];
            let word = |it: &Value| it.as_str().unwrap().to_owned();
            let line = usize::try_from(frame["line"].as_u64().unwrap()).unwrap();
            let asked = (word(&asked["kind"]), word(&asked["key"]), line);
            files.entry(word(&frame["file"])).or_default().insert(asked);
        }
        files.entry(row["file"].as_str().unwrap().to_owned()).or_default();
    }
    files
}

/// Deleting asks no backend, and a connection that an operator names is asked for by the task.
fn asks(operation: Operation) -> bool {
    !matches!(operation, Operation::Delete | Operation::Use | Operation::Define)
}

fn known(reference: &Reference) -> impl Iterator<Item = &str> {
    reference.key.alternatives().iter().filter_map(Key::known).map(Text::expose)
}

/// What all of the recorded files ask for, each with the line; `helpers_mod` and its like lie beside those
/// that import them.
fn said() -> BTreeMap<String, Vec<(Reference, usize)>> {
    let root = Path::new("project");
    let names: Vec<String> = fs::read_dir(records())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| Path::new(name).extension().is_some_and(|ending| ending == "py"))
        .collect();
    let paths: Vec<PathBuf> = names.iter().map(|name| root.join("dags").join(name)).collect();
    let locals = Locals::new(root, paths.iter().map(PathBuf::as_path));
    let texts: Vec<String> =
        names.iter().map(|name| fs::read_to_string(records().join(name)).unwrap()).collect();
    let files = paths.iter().zip(&texts).enumerate().map(|(number, (path, text))| ModuleFile {
        path,
        summary: references::summarize(&python::parse(text).unwrap(), &locals, "").0,
        file: FileId(u32::try_from(number).unwrap()),
        is_root: true,
    });
    let mut said: BTreeMap<String, Vec<(Reference, usize)>> = BTreeMap::new();
    for reference in references::references(root, files.collect()) {
        let number = usize::try_from(reference.file.0).unwrap();
        let line = LineIndex::new(&texts[number]).line(reference.span.start);
        said.entry(names[number].clone()).or_default().push((reference, line));
    }
    said
}

#[test]
fn airflow_asks_for_what_we_say() {
    let (mut agreed, mut missed, mut not_asked) = (0, BTreeSet::new(), BTreeSet::new());
    let references = said();
    for (file, asked) in recorded() {
        let at_parse = references
            .get(&file)
            .into_iter()
            .flatten()
            .filter(|(it, _)| it.timing == Timing::Parse && asks(it.operation));
        let mut said = Asked::new();
        for (reference, line) in at_parse {
            for key in known(reference) {
                said.insert((reference.kind.to_string(), key.to_owned(), *line));
            }
        }
        agreed += asked.intersection(&said).count();
        missed.extend(asked.difference(&said).map(|(_, key, _)| key.clone()));
        not_asked.extend(said.difference(&asked).map(|(_, key, _)| key.clone()));
    }
    let names = |list: &[(&str, &str)]| list.iter().map(|(key, _)| (*key).to_owned()).collect();
    let (expected_missed, expected_not_asked): (BTreeSet<String>, BTreeSet<String>) =
        (names(MISSED), names(NOT_ASKED));
    assert_eq!(missed, expected_missed, "asked for, not found ({agreed} agree)");
    assert_eq!(not_asked, expected_not_asked, "found, not asked for ({agreed} agree)");
    assert!(agreed >= 60, "{agreed}");
}
