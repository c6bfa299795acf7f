//! What real Airflow asked for when it rendered templates, compared with what astrolint says that it
//! would. `tests/records/templates.jsonl` holds single templates, `tests/records/references` DAG files.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test may fail"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use astrolint::model::FileId;
use astrolint::model::references::{
    self, Form, Holder, Key, KeyPart, Locals, ModuleFile, Reference, Timing, of_template,
};
use astrolint::read::python;
use astrolint::text::Text;
use serde_json::Value;

/// Kind and key.
type Asked = BTreeSet<(String, String)>;

/// What is said to be asked for although Airflow did not, each with the reason.
const NOT_ASKED: &[(&str, &str)] =
    &[("after_error", "an undefined name before it, which the DAG might give to its templates")];

/// What is known to be asked for, but not under which key, each with the reason.
const DYNAMIC: &[(&str, &str)] = &[("pointed", "the value of another variable")];

fn records(name: &str) -> String {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/records");
    fs::read_to_string(directory.join(name)).unwrap()
}

fn asked(refs: &Value) -> Asked {
    let word = |it: &Value| it.as_str().unwrap().to_owned();
    refs.as_array().unwrap().iter().map(|it| (word(&it["kind"]), word(&it["key"]))).collect()
}

/// The templates in a value of an operator's field: those of its strings, not of the keys of dicts.
fn strings<'a>(value: &'a Value, found: &mut Vec<&'a str>) {
    match value {
        Value::String(text) => found.push(text),
        Value::Array(parts) => parts.iter().for_each(|part| strings(part, found)),
        Value::Object(members) => members.values().for_each(|part| strings(part, found)),
        _ => {}
    }
}

/// Whether a key can be `name`.
fn may_be(key: &Key, name: &str) -> bool {
    key.alternatives().iter().any(|key| match key {
        Key::Known(text) => text.expose() == name,
        Key::Pattern(parts) => matches(parts, name),
        Key::Dynamic => DYNAMIC.iter().any(|(key, _)| *key == name),
        Key::OneOf(_) => false,
    })
}

fn matches(parts: &[KeyPart], name: &str) -> bool {
    match parts.split_first() {
        None => name.is_empty(),
        Some((KeyPart::Known(text), rest)) => {
            name.strip_prefix(text.expose()).is_some_and(|name| matches(rest, name))
        }
        Some((KeyPart::Unknown | KeyPart::Setting(_), rest)) => {
            name.char_indices().any(|(at, _)| matches(rest, &name[at..])) || matches(rest, "")
        }
    }
}

/// What is wrong with `said`, when Airflow asked for `asked`.
fn disagreement(said: &[Reference], asked: &Asked) -> Option<String> {
    let covers = |reference: &Reference, (kind, key): &(String, String)| {
        reference.kind.to_string() == *kind && may_be(&reference.key, key)
    };
    let missed = asked.iter().find(|it| !said.iter().any(|reference| covers(reference, it)));
    if let Some((_, key)) = missed {
        return Some(format!("`{key}` was asked for and not found"));
    }
    let is_listed =
        |reference: &Reference| NOT_ASKED.iter().any(|(key, _)| may_be(&reference.key, key));
    let certain = said.iter().filter(|it| it.timing == Timing::Template && !is_listed(it));
    let mut wrong = certain.filter(|reference| !asked.iter().any(|it| covers(reference, it)));
    wrong
        .next()
        .map(|it| format!("`{}` was found and not asked for", it.key.glob().unwrap_or_default()))
}

#[test]
fn airflow_asks_a_template_for_what_we_say() {
    let mut wrong = Vec::new();
    let mut rows = 0;
    for line in records("templates.jsonl").lines() {
        let row: Value = serde_json::from_str(line).unwrap();
        let mut templates = Vec::new();
        strings(&row["template"], &mut templates);
        let said: Vec<Reference> = templates
            .iter()
            .flat_map(|template| {
                of_template(&Text::verbatim(template, 0), Holder::Text, Timing::Template, FileId(0))
            })
            .collect();
        rows += 1;
        if let Some(what) = disagreement(&said, &asked(&row["refs"])) {
            wrong.push(format!(
                "{}, Airflow {}: {what}: {}",
                row["id"], row["airflow"], row["template"]
            ));
        }
    }
    assert!(wrong.is_empty(), "{} of {rows}:\n{}", wrong.len(), wrong.join("\n"));
    assert_eq!(rows, 352);
}

#[test]
fn airflow_asks_the_templates_of_a_file_for_what_we_say() {
    let mut files: BTreeMap<String, Asked> = BTreeMap::new();
    for line in records("references/asked.jsonl").lines() {
        let row: Value = serde_json::from_str(line).unwrap();
        let tasks = row["template_refs"].as_array().cloned().unwrap_or_default();
        let file = files.entry(row["file"].as_str().unwrap().to_owned()).or_default();
        file.extend(tasks.iter().flat_map(|task| asked(&task["refs"])));
    }
    let mut wrong = Vec::new();
    for (file, asked) in &files {
        let module = python::parse(&records(&format!("references/{file}"))).unwrap();
        let root = Path::new("project");
        let path = root.join("dags").join(file);
        let locals = Locals::new(root, std::iter::once(path.as_path()));
        let summary = references::summarize(&module, &locals, "").0;
        let only = ModuleFile { path: &path, summary, file: FileId(0), is_root: true };
        let said: Vec<Reference> = references::references(root, vec![only])
            .into_iter()
            .filter(|it| matches!(it.form, Form::Template(_)))
            .collect();
        if let Some(what) = disagreement(&said, asked) {
            wrong.push(format!("{file}: {what}"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(files.values().map(BTreeSet::len).sum::<usize>() >= 8);
}
