//! What the rules offer to change, tried on every example of their pages and on the fixtures.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test may fail"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use astrolint::Request;
use astrolint::check::{Group, Level, RULES, Safety};
use astrolint::fix::{Fixed, fix, write};

mod support;

use support::pages::{examples, pages, repository};

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
    let mut offered: BTreeMap<&str, Safety> = BTreeMap::new();
    for page in pages() {
        for example in examples(&page.bad) {
            let directory = tempfile::tempdir().unwrap();
            example.write(directory.path());
            let before = astrolint::check(&request(directory.path())).unwrap();
            for finding in &before.findings {
                for fix in &finding.fixes {
                    let best = offered.entry(finding.rule.id).or_insert(fix.safety);
                    *best = fix.safety.min(*best);
                }
            }
            let fixed = fixed(directory.path());
            let faults = faults(directory.path(), &before, &fixed);
            if !faults.is_empty() {
                let line = example.files.first().map_or(0, |file| file.lines.start);
                writeln!(failures, "rules/{}.md:{line}:\n{faults}", page.id).unwrap();
            }
        }
    }
    assert!(failures.is_empty(), "{failures}");
    let told = RULES.iter().filter_map(|rule| Some((rule.id, rule.fix?)));
    assert_eq!(offered, told.collect(), "what the rules say that they offer, and what they offer");
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

/// What is fixed, and in which files, in order.
fn applied(directory: &Path, most: Safety) -> Vec<String> {
    let request = request(directory);
    let fixed = fix(&request, astrolint::check(&request).unwrap(), most).unwrap();
    for file in &fixed.files {
        write(file).unwrap();
    }
    let name = |it: &Path| it.file_name().unwrap().to_str().unwrap().to_owned();
    let said = fixed.applied.iter().map(|it| {
        let files: Vec<_> = it.files.iter().map(|file| name(file)).collect();
        format!("{}: {}", files.join(" "), it.title)
    });
    said.collect()
}

/// Only the kwargs stand in quotes, with blanks in them: dotenv libraries cannot read the form that all
/// commands of Astro read alike, and do not count.
#[test]
fn quotes_around_kwargs_go_whatever_stands_beside_them() {
    let directory = tempfile::tempdir().unwrap();
    for (name, text) in support::pages::SCAFFOLD {
        support::write(directory.path(), name, text);
    }
    let kwargs = r#"{"variables_prefix": "airflow/variables", "region_name": "eu-west-1"}"#;
    let env = |quote: &str| {
        format!(
            "AIRFLOW__SECRETS__BACKEND={}\nAIRFLOW__SECRETS__BACKEND_KWARGS={quote}{kwargs}{quote}\n",
            support::SECRETS_MANAGER
        )
    };
    support::write(directory.path(), ".env", env("'"));
    assert_eq!(applied(directory.path(), Safety::Safe), [".env: Delete the quotes"]);
    assert_eq!(fs::read_to_string(directory.path().join(".env")).unwrap(), env(""));
}

/// An ignore file that is not there is begun.
#[test]
fn an_env_file_gets_ignore_files() {
    let directory = tempfile::tempdir().unwrap();
    let root = directory.path();
    support::write(root, ".astro/config.yaml", "");
    support::write(root, "Dockerfile", "FROM quay.io/astronomer/astro-runtime:12.8.0\n");
    support::write(root, ".env", "AIRFLOW_CONN_WAREHOUSE=postgres://loader:Tr0ub4dor-and-3@db/x\n");
    assert_eq!(
        applied(root, Safety::Safe),
        [".gitignore: Make git ignore `.env`", ".dockerignore: Make Docker ignore `.env`"]
    );
    for name in [".gitignore", ".dockerignore"] {
        assert_eq!(fs::read_to_string(root.join(name)).unwrap(), ".env\n", "{name}");
    }
    assert!(applied(root, Safety::Unsafe).is_empty());
}

/// A fix that a person should look at does not take the place of a safe one.
#[test]
fn safe_fixes_come_first() {
    let directory = tempfile::tempdir().unwrap();
    support::copy(
        &repository().join("fixtures/projects/old-provider-new-recipe"),
        directory.path(),
    );
    let request = request(directory.path());
    let run = astrolint::check(&request).unwrap();
    let safe = fix(&request, run, Safety::Safe).unwrap();
    let run = astrolint::check(&request).unwrap();
    let all = fix(&request, run, Safety::Unsafe).unwrap();
    assert_eq!(all.applied[..safe.applied.len()], safe.applied);
    assert!(all.applied.len() > safe.applied.len());
    let after: String = all.files.iter().map(|file| file.after.as_str()).collect();
    assert!(!after.contains("airflow/variables/"), "a key still repeats the prefix");
}

/// Editors and programs of Windows begin files with a byte order mark.
#[test]
fn a_byte_order_mark_is_deleted() {
    let directory = tempfile::tempdir().unwrap();
    for (name, text) in support::pages::SCAFFOLD {
        support::write(directory.path(), name, text);
    }
    support::write(directory.path(), ".env", "\u{feff}AWS_DEFAULT_REGION=eu-west-1\nA=1\n");
    let request = request(directory.path());
    let run = astrolint::check(&request).unwrap();
    let finding = run.findings.iter().find(|it| it.rule.id == "env-reads-differently").unwrap();
    assert_eq!(finding.primary.place.span.start, 0);
    assert!(!finding.fixes[0].is_withheld);
    assert_eq!(applied(directory.path(), Safety::Safe), [".env: Delete the byte order mark"]);
}
