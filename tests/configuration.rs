//! `astrolint.toml`: what it changes, what `init` writes, and its schema.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test may fail"
)]

use std::fs;
use std::path::Path;

use astrolint::check::RULES;
use astrolint::config::Config;
use astrolint::discover::Overlays;
use serde_json::{Value, json};
use tempfile::TempDir;

mod support;

use support::pages::{SCAFFOLD, repository};
use support::{Outcome, astrolint};

const DAG: &str =
    "from airflow.models import Variable\nfrom airflow import DAG\n\nA = Variable.get(\"a\")\n";

/// A project with two DAG files, each with one lookup at its top level.
fn project() -> TempDir {
    let directory = tempfile::tempdir().unwrap();
    for (name, text) in SCAFFOLD {
        support::write(directory.path(), name, text);
    }
    support::write(directory.path(), "dags/a.py", DAG);
    support::write(directory.path(), "dags/legacy/b.py", DAG);
    let class = support::SECRETS_MANAGER;
    let env = format!(
        "AIRFLOW__SECRETS__BACKEND={class}\nAIRFLOW__SECRETS__BACKEND_KWARGS={{\"region_name\": \"eu-west-1\"}}\n"
    );
    support::write(directory.path(), ".env", env);
    directory
}

/// The path and level of what is found with `configuration`.
fn found(configuration: &str) -> Vec<String> {
    let directory = project();
    support::write(directory.path(), "astrolint.toml", configuration);
    let mut command = astrolint(directory.path());
    let outcome = Outcome::of(command.args(["--format", "concise", "--strict"]), "");
    assert!(outcome.code < 2, "{}", outcome.error);
    let line = |line: &str| {
        let (path, rest) = line.split_once(':').unwrap();
        let level = rest.split(' ').nth(1).unwrap();
        format!("{path} {level}")
    };
    outcome.out.lines().map(line).collect()
}

#[test]
fn levels_can_differ_by_path() {
    let both =
        ["dags/a.py warning[parse-time-lookup]", "dags/legacy/b.py warning[parse-time-lookup]"];
    assert_eq!(found(""), both);
    let over = |level: &str, paths: &str| {
        format!("[[override]]\npaths = [{paths}]\nrules = {{ parse-time-lookup = \"{level}\" }}\n")
    };
    assert_eq!(found(&over("off", "\"legacy/\"")), both[..1]);
    assert_eq!(found(&over("off", "\"dags/**\", \"!dags/a.py\"")), both[..1]);
    let lower = found(&over("info", "\"dags/legacy/*.py\""));
    assert_eq!(lower, [both[0], "dags/legacy/b.py info[parse-time-lookup]"]);
    // The last one that says something counts, before what holds everywhere.
    let all = format!(
        "[rules]\nparse-time-lookup = \"off\"\n{}{}",
        over("off", "\"*.py\""),
        over("error", "\"a.py\"")
    );
    assert_eq!(found(&all), ["dags/a.py error[parse-time-lookup]"]);
}

#[test]
fn what_is_excluded_is_not_read() {
    assert_eq!(found("exclude = [\"dags/legacy/\"]\n").len(), 1);
    let directory = project();
    support::write(directory.path(), "old/.astro/config.yaml", "project:\n  name: old\n");
    support::write(directory.path(), "old/dags/c.py", DAG);
    let run = || {
        let mut command = astrolint(directory.path());
        Outcome::of(command.args(["--format", "json"]), "").out
    };
    let projects = |text: String| {
        let report: Value = serde_json::from_str(&text).unwrap();
        report["projects"].as_array().unwrap().len()
    };
    assert_eq!(projects(run()), 2);
    fs::create_dir(directory.path().join(".git")).unwrap();
    support::write(directory.path(), "astrolint.toml", "exclude = [\"/old\"]\n");
    assert_eq!(projects(run()), 1);
}

#[test]
fn a_bad_pattern_is_pointed_at() {
    let directory = project();
    support::write(directory.path(), "astrolint.toml", "exclude = [\"a\", \"b[\"]\n");
    let outcome = Outcome::of(&mut astrolint(directory.path()), "");
    assert_eq!(outcome.code, 2);
    let expected = "astrolint.toml:1:17: this is no pattern of paths: ";
    assert!(outcome.error.contains(expected), "{}", outcome.error);
}

#[test]
fn init_writes_what_can_be_used_as_it_is() {
    let directory = project();
    let outcome = Outcome::of(astrolint(directory.path()).arg("init"), "");
    assert_eq!((outcome.code, outcome.out.as_str()), (0, "wrote astrolint.toml\n"));
    let path = directory.path().join("astrolint.toml");
    let text = fs::read_to_string(&path).unwrap();
    assert!(text.contains("# parse-time-lookup = \"warning\"  # 2\n"), "{text}");
    assert!(text.contains("# Found: `local`, with SecretsManagerBackend.\n"), "{text}");
    Config::from_file(&path, &Overlays::default()).unwrap();
    // So can each line that is commented out.
    let is_setting = |line: &&str| line.contains(" = ") || line.starts_with("# [");
    let settings = |line: &str| match line.strip_prefix("# ").filter(|_| is_setting(&line)) {
        Some(setting) => setting.to_owned() + "\n",
        None => line.to_owned() + "\n",
    };
    fs::write(&path, text.lines().map(settings).collect::<String>()).unwrap();
    let config = Config::from_file(&path, &Overlays::default()).unwrap();
    assert_eq!((config.environments.len(), config.overrides.len()), (1, 1));
    // What is there is left alone.
    let outcome = Outcome::of(astrolint(directory.path()).arg("init"), "");
    assert_eq!(outcome.code, 2);
    assert_eq!(outcome.error, "astrolint: there is a configuration already: `astrolint.toml`\n");
}

/// The file lies where it is read, and its examples are like the project.
#[test]
fn init_looks_at_the_project() {
    let directory = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| support::write(directory.path(), name, text);
    write("team/.astro/config.yaml", "");
    write("team/Dockerfile", "FROM quay.io/astronomer/astro-runtime:11.7.0\n");
    write(
        "team/.env",
        "AIRFLOW__SECRETS__BACKEND=airflow.providers.hashicorp.secrets.vault.VaultBackend\n",
    );
    write("team/dags/a.py", "");
    let run = |at: &str| Outcome::of(astrolint(&directory.path().join(at)).arg("init"), "");
    let outcome = run("team/dags");
    assert_eq!((outcome.code, outcome.out.as_str()), (0, "wrote ../astrolint.toml\n"));
    let text = fs::read_to_string(directory.path().join("team/astrolint.toml")).unwrap();
    assert!(
        text.contains("# backend = \"airflow.providers.hashicorp.secrets.vault.VaultBackend\"\n")
    );
    assert!(text.contains("variables_path = ") && !text.contains("amazon"), "{text}");
    assert!(text.contains("# airflow = \"2.9.3\"\n"), "{text}");
    // Without a repository, what lies above a project is not looked at.
    let outcome = run(".");
    let said = "astrolint: the project `team` does not read the file: ";
    assert!(outcome.error.starts_with(said), "{}", outcome.error);
    let empty = tempfile::tempdir().unwrap();
    let outcome = Outcome::of(astrolint(empty.path()).arg("init"), "");
    assert!(outcome.error.starts_with("astrolint: there is no Astro project in `.`"));
}

/// The published schema, with the rules that there are.
fn schema() -> Value {
    let path = repository().join("docs/astrolint-config-v1.schema.json");
    let mut schema: Value = serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
    let written = schema.clone();
    let mut rules: Vec<_> = RULES.iter().map(|rule| rule.id).collect();
    rules.sort_unstable();
    schema["$defs"]["levels"]["propertyNames"] = json!({ "enum": rules });
    if std::env::var_os("ASTROLINT_UPDATE").is_some() {
        fs::write(&path, serde_json::to_string_pretty(&schema).unwrap() + "\n").unwrap();
    } else {
        assert!(
            written == schema,
            "ASTROLINT_UPDATE=1 cargo test --test configuration rewrites it"
        );
    }
    schema
}

/// Whether astrolint takes `text` for a configuration.
fn is_taken(directory: &Path, text: &str) -> bool {
    support::write(directory, "astrolint.toml", text);
    Config::from_file(&directory.join("astrolint.toml"), &Overlays::default()).is_ok()
}

/// What the schema allows astrolint takes, and what it does not allow astrolint refuses.
#[test]
fn the_schema_says_what_is_taken() {
    let schema = schema();
    let directory = tempfile::tempdir().unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    for text in [
        "",
        "exclude = [\"a\"]\n",
        "[rules]\nparse-time-lookup = \"off\"\n",
        "[[override]]\npaths = [\"a\"]\nrules = { kwarg-unknown = \"error\" }\n",
        "[declared]\nvariables = [\"a\"]\nconnections = []\nsecrets = [\"b\"]\n",
        "[[environment]]\nname = \"p\"\nbackend = \"x.Y\"\nbackend-kwargs = { a = 1 }\nairflow = \"3.0.1\"\n",
        "[[environment]]\nname = \"p\"\nbackend-kwargs = \"{}\"\nproviders = { a = \">=1\" }\nsettings = { A = \"b\" }\ndeclared = { variables = [\"a\"] }\n",
        // What is wrong.
        "exclude = \"a\"\n",
        "exlude = []\n",
        "[rules]\nno-such-rule = \"off\"\n",
        "[rules]\nkwarg-unknown = \"fatal\"\n",
        "[[override]]\npaths = [\"a\"]\n",
        "[[override]]\npaths = [1]\nrules = {}\n",
        "[declared]\nvariable = [\"a\"]\n",
        "[[environment]]\nbackend = \"x.Y\"\n",
        "[[environment]]\nname = \"p\"\nbackend-kwargs = 1\n",
        "[[environment]]\nname = \"p\"\nsettings = { A = 1 }\n",
        "[[environment]]\nname = \"p\"\nkwargs = {}\n",
    ] {
        let value: toml::Value = toml::from_str(text).unwrap();
        let value = serde_json::to_value(value).unwrap();
        assert_eq!(validator.is_valid(&value), is_taken(directory.path(), text), "{text}");
    }
}
