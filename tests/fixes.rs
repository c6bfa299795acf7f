//! What the rules offer to change, tried on every example of their pages and on the fixtures.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test may fail"
)]

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use astrolint::Request;
use astrolint::check::{Group, Level, Safety};
use astrolint::fix::{Fixed, fix, write};

mod support;

use support::pages::{examples, pages, repository};

/// The rules of the catalogue that have a fix.
const FIXABLE: &[&str] = &[
    "aws-connection-with-credentials",
    "backend-moved",
    "backend-unknown",
    "cache-ttl-without-cache",
    "config-secret-full-name",
    "create-does-not-update",
    "created-as-binary",
    "created-name-not-allowed",
    "created-outside-prefix",
    "created-value-newline",
    "credential-in-settings-file",
    "dockerfile-env-quoting",
    "env-line-unreadable",
    "env-not-ignored",
    "env-reads-differently",
    "env-save-placeholder",
    "jinja-key-not-identifier",
    "key-leading-slash",
    "key-repeats-prefix",
    "kwarg-unknown",
    "kwarg-wrong-type",
    "kwargs-not-json",
    "kwargs-not-object",
    "kwargs-not-secret",
    "load-takes-no-value",
    "parse-time-lookup",
    "pattern-invalid",
    "pattern-matches-nothing",
    "prefix-leading-slash",
    "prefix-not-allowed",
    "prefix-trailing-separator",
    "provider-may-be-too-old",
    "provider-missing",
    "provider-too-old",
    "secrets-option-misspelled",
    "shell-json-quoting",
    "wrong-default-keyword",
];

fn request(directory: &Path) -> Request {
    Request { paths: vec![directory.to_path_buf()], ..Request::default() }
}

/// Fixes the project in `directory` as `--fix --unsafe-fixes` does.
fn fixed(directory: &Path) -> Fixed {
    let request = request(directory);
    let run = astrolint::check(&request).unwrap();
    let fixed = fix(&request, run, Safety::Unsafe).unwrap();
    for file in &fixed.files {
        write(file).unwrap();
    }
    fixed
}

/// What is wrong with having fixed the project in `directory`, which was as `before` says.
fn faults(directory: &Path, before: &astrolint::Run, fixed: &Fixed) -> String {
    let mut faults = String::new();
    for applied in &fixed.applied {
        let is_left = fixed.run.findings.iter().any(|it| {
            it.rule.id == applied.rule
                && it.message == applied.message
                && fixed.run.files.get(it.primary.place.file).path() == applied.name
        });
        if is_left {
            writeln!(faults, "{}: {} did not help", applied.rule, applied.title).unwrap();
        }
    }
    let unreadable = |run: &astrolint::Run| -> BTreeSet<String> {
        let files = run.findings.iter().filter(|it| it.rule.group == Group::Files);
        let broken = files.filter(|it| it.level > Level::Info || it.rule.id == "file-unreadable");
        broken.map(|it| format!("{}: {}", it.rule.id, it.message)).collect()
    };
    for new in unreadable(&fixed.run).difference(&unreadable(before)) {
        writeln!(faults, "after the fixes there is {new}").unwrap();
    }
    let again = request(directory);
    let run = astrolint::check(&again).unwrap();
    let titles = |run: &astrolint::Run| -> Vec<String> {
        run.findings.iter().map(|it| format!("{}: {}", it.rule.id, it.message)).collect()
    };
    if titles(&run) != titles(&fixed.run) {
        writeln!(faults, "what was written is not what was checked").unwrap();
    }
    let again = fix(&again, run, Safety::Unsafe).unwrap();
    if !again.files.is_empty() {
        writeln!(faults, "a second run changes more: {:?}", again.applied).unwrap();
    }
    faults
}

#[test]
fn every_fix_of_an_example_helps_and_ends() {
    let mut failures = String::new();
    let mut seen = BTreeSet::new();
    for page in pages() {
        for example in examples(&page.bad) {
            let directory = tempfile::tempdir().unwrap();
            example.write(directory.path());
            let before = astrolint::check(&request(directory.path())).unwrap();
            let fixed = fixed(directory.path());
            seen.extend(fixed.applied.iter().map(|it| it.rule));
            let faults = faults(directory.path(), &before, &fixed);
            if !faults.is_empty() {
                let line = example.files.first().map_or(0, |file| file.lines.start);
                writeln!(failures, "rules/{}.md:{line}:\n{faults}", page.id).unwrap();
            }
        }
    }
    assert!(failures.is_empty(), "{failures}");
    let expected: BTreeSet<&str> = FIXABLE.iter().copied().collect();
    assert_eq!(seen, expected);
}

#[test]
fn the_fixtures_can_be_fixed() {
    for entry in fs::read_dir(repository().join("fixtures/projects")).unwrap() {
        let directory = tempfile::tempdir().unwrap();
        support::copy(&entry.unwrap().path(), directory.path());
        let before = astrolint::check(&request(directory.path())).unwrap();
        let fixed = fixed(directory.path());
        assert_eq!(faults(directory.path(), &before, &fixed), "");
    }
}

/// Line ends and what else a fix has no part in stay byte for byte.
#[test]
fn line_ends_stay() {
    let mut changed = 0;
    for page in pages() {
        for example in examples(&page.bad) {
            let directory = tempfile::tempdir().unwrap();
            example.write(directory.path());
            for file in &example.files {
                support::write(directory.path(), &file.name, file.body.replace('\n', "\r\n"));
            }
            for file in fixed(directory.path()).files {
                if !file.before.contains("\r\n") {
                    continue;
                }
                let lines: Vec<&str> = file.after.split_inclusive('\n').collect();
                for line in lines.iter().filter(|line| line.ends_with('\n')) {
                    assert!(
                        line.ends_with("\r\n"),
                        "{}: {}: {line:?}",
                        page.id,
                        file.name.display()
                    );
                }
                changed += 1;
            }
        }
    }
    assert!(changed > 20, "{changed}");
}

const LOOKUPS: &str = "from airflow.decorators import dag
from airflow.models import Variable
from airflow.operators.bash import BashOperator

SETTINGS = Variable.get(\"settings\", deserialize_json=True)
OTHER = Variable.get(\"other\", deserialize_json=True)
THIRD = Variable.get(\"third\", default_var=\"x\")


@dag(description=THIRD)
def load():
    BashOperator(task_id=\"copy\", bash_command=\"x\", env={\"TEAM\": SETTINGS[\"team\"]})
    print(OTHER)


load()
";

/// A statement goes with its line, and a template asks for what the call does.
#[test]
fn lookups_become_templates() {
    let directory = tempfile::tempdir().unwrap();
    support::write(directory.path(), ".astro/config.yaml", "");
    support::write(directory.path(), "dags/load.py", LOOKUPS);
    let expected = LOOKUPS
        .replace("SETTINGS = Variable.get(\"settings\", deserialize_json=True)\n", "")
        .replace("SETTINGS[\"team\"]", "\"{{ var.json.settings.team }}\"");
    let fixed = fixed(directory.path());
    assert_eq!(fixed.files.iter().map(|it| it.after.as_str()).collect::<Vec<_>>(), [expected]);
    let helps = fixed.run.findings.iter().filter_map(|it| it.help.as_deref());
    let helps = helps.collect::<Vec<_>>().join("\n");
    for template in ["{{ var.json.other }}", "{{ var.value.get('third', …) }}"] {
        assert!(helps.contains(template), "{template}: {helps}");
    }
}
