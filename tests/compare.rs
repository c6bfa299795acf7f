//! `astrolint compare`: what changes with another image, other versions, in another environment, and nothing else.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test may fail"
)]

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use serde_json::{Value, json};

mod support;
use support::Outcome;

const CLASS: &str = "airflow.providers.amazon.aws.secrets.secrets_manager.SecretsManagerBackend";

/// A project with these files.
struct Project(tempfile::TempDir);

impl Project {
    fn new(kwargs: &str, dag: &str, files: &[(&str, &str)]) -> Self {
        let project = Self(tempfile::tempdir().unwrap());
        project.write(".astro/config.yaml", "");
        project.write("Dockerfile", "FROM quay.io/astronomer/astro-runtime:12.6.0\n");
        let env = format!(
            "AIRFLOW__SECRETS__BACKEND={CLASS}\nAIRFLOW__SECRETS__BACKEND_KWARGS={kwargs}\nAWS_DEFAULT_REGION=eu-west-1\n"
        );
        project.write(".env", &env);
        project.write("dags/a.py", dag);
        for (name, text) in files {
            project.write(name, text);
        }
        project
    }

    fn write(&self, name: &str, text: &str) {
        support::write(self.0.path(), name, text);
    }

    fn run(&self, arguments: &[&str]) -> Outcome {
        let mut command = support::astrolint(self.0.path());
        command.arg("compare").args(arguments);
        Outcome::of(&mut command, "")
    }

    /// The exit code, and each change as `KIND PATH:LINE KEY: BEFORE -> AFTER`.
    #[track_caller]
    fn changes(&self, arguments: &[&str]) -> (i32, Vec<String>) {
        let outcome = self.run(&[&["--format", "json"], arguments].concat());
        let document: Value =
            serde_json::from_str(&outcome.out).unwrap_or_else(|_| panic!("{}", outcome.error));
        let text = |change: &Value, field: &str| change[field].as_str().unwrap_or("").to_owned();
        let lines = document["changes"].as_array().unwrap().iter().map(|change| {
            let [kind, path, key, before, after] =
                ["kind", "path", "key", "before", "after"].map(|field| text(change, field));
            format!("{kind} {path}:{} {key}: {before} -> {after}", change["line"])
        });
        (outcome.code, lines.collect())
    }
}

const DAG: &str = "from airflow.models import Variable\nfrom airflow.hooks.base import BaseHook\nA = Variable.get('a')\nBaseHook.get_connection('b')\n";

#[test]
fn a_runtime_without_the_provider_is_fatal_and_said_once() {
    let project = Project::new("{}", DAG, &[]);
    let outcome = project.run(&["--to", "3.1-4", "--format", "json"]);
    assert_eq!(outcome.code, 1, "{}", outcome.error);
    let document: Value = serde_json::from_str(&outcome.out).unwrap();
    assert_eq!(document["version"], 1);
    assert_eq!(document["from"]["image"], "astro-runtime:12.6.0");
    assert_eq!(document["to"]["image"], "runtime:3.1-4");
    let provider = &document["to"]["environments"][0]["provider"];
    assert_eq!(
        *provider,
        json!({"package": "apache-airflow-providers-amazon", "versions": "not installed"})
    );
    let changes = document["changes"].as_array().unwrap();
    assert_eq!(changes.len(), 1, "{}", outcome.out);
    let fatal = &changes[0];
    assert_eq!(
        (&fatal["kind"], &fatal["path"], &fatal["line"]),
        (&json!("fatal"), &json!(".env"), &json!(1))
    );
    assert!(fatal.get("key").is_none() && fatal.get("environment").is_none());
    assert!(fatal["reason"].as_str().unwrap().contains("not installed"), "{fatal}");
    let text = project.run(&["--to", "3.1-4"]).out;
    assert!(text.lines().all(|line| line.len() <= 80), "{text}");
    assert!(text.contains("  fatal (1)") && text.contains("    .env:1\n"), "{text}");
}

#[test]
fn pins_stay_in_force_and_nothing_else_is_listed() {
    let pin = "apache-airflow-providers-amazon==9.39.0\n";
    let project = Project::new("{}", DAG, &[("requirements.txt", pin)]);
    for target in [
        "3.1-4",
        "runtime:3.1-4",
        "3.2-1-python-3.12",
        "astrocrpublic.azurecr.io/runtime:3.1-4-base",
    ] {
        let (code, changes) = project.changes(&["--to", target]);
        // On `-base`, nothing installs the requirements.
        let expected = usize::from(target.ends_with("base"));
        assert_eq!(
            (changes.len(), code),
            (expected, i32::try_from(expected).unwrap()),
            "{target}: {changes:?}"
        );
    }
    let text = project.run(&["--to", "3.1-4"]).out;
    assert!(text.contains("requirements.txt:1 pins amazon 9.39.0, with any image"), "{text}");
    assert!(text.contains("nothing changes for the secrets"), "{text}");
    assert_eq!(project.changes(&["--to", "12.6.0"]).1, [""; 0]);
}

#[test]
fn an_unknown_target_is_refused_with_the_nearest() {
    let project = Project::new("{}", DAG, &[]);
    for (target, near) in [
        ("12.8.O", Some("12.8.0")),
        ("3.99-1", Some("3.3-2")),
        ("astro-runtime:3.1-4", None),
        ("locl", Some("local")),
        ("latest", None),
        ("", None),
    ] {
        let outcome = project.run(&["--to", target]);
        assert_eq!((outcome.code, outcome.out.as_str()), (2, ""), "{target}");
        assert!(outcome.error.contains("neither a known release"), "{target}: {}", outcome.error);
        if let Some(near) = near {
            assert!(
                outcome.error.contains(&format!("did you mean `{near}`?")),
                "{}",
                outcome.error
            );
        }
    }
    assert_eq!(project.run(&[]).code, 2);
    assert_eq!(project.run(&["--to", "3.1-4", "--environment", "prod"]).code, 2);
    assert_eq!(project.run(&["--provider", "amazon"]).code, 2);
    assert_eq!(project.run(&["--airflow", "no"]).code, 2);
}

#[test]
fn a_version_that_is_no_release_is_said_to_be_none() {
    let project = Project::new("{}", "", &[]);
    for (arguments, note) in [
        (["--airflow", "2.99.0"], Some("Airflow 2.99.0 is no release that astrolint knows")),
        (["--provider", "amazon==99.0"], Some("amazon 99.0 is no release that astrolint knows")),
        (["--airflow", "2.10.5"], None),
        (["--airflow", "2.10"], None),
    ] {
        let outcome = project.run(&arguments);
        let said = outcome.out.contains("is no release");
        assert_eq!(said, note.is_some(), "{arguments:?}: {}", outcome.out);
        assert!(note.is_none_or(|note| outcome.out.contains(note)), "{}", outcome.out);
    }
    assert_eq!(project.run(&["--airflow", "2.99"]).code, 2);
}

#[test]
fn calls_that_stop_to_work_are_listed_with_their_lines() {
    let dag = "\
try:
    from airflow.sdk import Variable
except ImportError:
    from airflow.models import Variable
from airflow.models import Variable as Old
from airflow.hooks.base import BaseHook
A = Variable.get('a', default_var=None)
B = Old.get('b', default_var=None)
try:
    C = Old.get('c')
except KeyError:
    C = None
D = BaseHook.get_connections('d')
from airflow.contrib.hooks.ssh_hook import SSHHook
E = SSHHook(ssh_conn_id='e')
";
    let pin = "apache-airflow-providers-amazon==9.39.0\n";
    let project = Project::new("{}", dag, &[("requirements.txt", pin)]);
    let (code, changes) = project.changes(&["--to", "3.1-4"]);
    let begins = [
        "call dags/a.py:7 a:",
        "call dags/a.py:11 c:",
        "call dags/a.py:13 d:",
        "call dags/a.py:15 e:",
    ];
    assert_eq!((code, changes.len()), (0, 4), "{changes:?}");
    for (change, begins) in changes.iter().zip(begins) {
        assert!(change.starts_with(begins), "{changes:?}");
    }
    assert_eq!(project.changes(&["--to", "13.0.0"]).1, [""; 0]);
}

#[test]
fn what_is_ignored_lost_renamed_and_gained() {
    let kwargs = r#"{"full_url_mode": false, "variables_lookup_pattern": "^b$", "sep": "-", "variables_prefix": "v-", "region_name": "eu-west-1"}"#;
    let pin = |version: &str| format!("apache-airflow-providers-amazon=={version}\n");
    let project = Project::new(kwargs, DAG, &[("requirements.txt", &pin("7.2.0"))]);
    project.write("Dockerfile", "FROM quay.io/astronomer/astro-runtime:7.0.0\n");
    let (code, changes) = project.changes(&["--provider", "amazon==7.3.0"]);
    assert_eq!(
        (code, changes),
        (
            1,
            vec![
                "lost dags/a.py:3 a: `v-a` -> not asked for".to_owned(),
                "gained .env:2 : `variables_lookup_pattern` is ignored -> `variables_lookup_pattern` is read".to_owned()
            ]
        )
    );
    project.write("requirements.txt", &pin("2.2.0"));
    project.write(".env", &format!("AIRFLOW__SECRETS__BACKEND={CLASS}\nAIRFLOW__SECRETS__BACKEND_KWARGS={{\"variables_prefix\": \"v-\", \"sep\": \"-\", \"region_name\": \"eu-west-1\"}}\n"));
    let (code, changes) =
        project.changes(&["--provider", "apache-airflow-providers-amazon==2.3.0"]);
    assert_eq!(code, 0);
    assert!(changes.contains(&"renamed dags/a.py:3 a: `v--a` -> `v-a`".to_owned()), "{changes:?}");
    let role =
        r#"{"role_arn": "arn:aws:iam::123456789012:role/x", "aws_account_id": "123456789012"}"#;
    let project = Project::new(role, DAG, &[("requirements.txt", &pin("8.29.0"))]);
    let (code, changes) = project.changes(&["--provider", "amazon==9.0.0"]);
    let ignored = "ignored .env:2 : `aws_account_id` is read -> `aws_account_id` is ignored";
    assert_eq!((code, changes), (0, vec![ignored.to_owned()]));
    let (code, changes) = project.changes(&["--provider", "amazon==5.0.0"]);
    assert_eq!((code, changes.len()), (1, 1), "{changes:?}");
}

#[test]
fn what_depends_on_the_version_says_so() {
    let kwargs = r#"{"region_name": "eu-west-1"}"#;
    let dag = "from airflow.models import Variable\nA = Variable.get('a--b')\n";
    let pin = "apache-airflow-providers-amazon==9.26.0\n";
    let project = Project::new(kwargs, dag, &[("requirements.txt", pin)]);
    let outcome = project.run(&["--provider", "amazon==9.33.0", "--format", "json"]);
    assert!(
        outcome.out.contains("\"lost\"") && !outcome.out.contains("it depends"),
        "{}",
        outcome.out
    );
    project.write(
        "astrolint.toml",
        &format!("[[environment]]\nname = \"next\"\nbackend = \"{CLASS}\"\nbackend-kwargs = {{ region_name = \"eu-west-1\" }}\nproviders = {{ amazon = \">=9.26,<9.36\" }}\n"),
    );
    let outcome = project.run(&["--to", "next"]);
    let said = outcome.out.split_whitespace().collect::<Vec<_>>().join(" ");
    for part in [
        "lost (1)",
        "why it depends on the version, with amazon 9.26.0, 9.34.0 to 9.35",
        "with amazon 9.27.0 to 9.33.0: not asked for",
    ] {
        assert!(said.contains(part), "{said}");
    }
    // Where nothing tells today's versions, nothing is claimed to change.
    project.write("Dockerfile", "FROM example.org/own:1\n");
    project.write("requirements.txt", "");
    assert_eq!(project.changes(&["--provider", "amazon==9.36.0"]).1, [""; 0]);
}

#[test]
fn environments_differ_in_names_and_in_where_they_ask() {
    let kwargs = r#"{"variables_prefix": "v", "region_name": "eu-west-1", "aws_access_key_id": "AKIDCANARY8h2kAA", "aws_secret_access_key": "CANARY8h2k"}"#;
    let project = Project::new(kwargs, DAG, &[]);
    project.write(
        "astrolint.toml",
        &format!("[[environment]]\nname = \"prod\"\nbackend = \"{CLASS}\"\nbackend-kwargs = {{ variables_prefix = \"prod\", region_name = \"us-east-1\" }}\n"),
    );
    let (code, changes) = project.changes(&["--to", "prod"]);
    assert_eq!(
        (code, changes),
        (
            0,
            vec![
                "renamed .env:2 : `aws_access_key_id` is another value -> `aws_access_key_id` is not given in `prod`".to_owned(),
                "renamed .env:2 : `aws_secret_access_key` is another value -> `aws_secret_access_key` is not given in `prod`".to_owned(),
                "renamed dags/a.py:3 a: `v/a` -> `prod/a`".to_owned(),
                "renamed astrolint.toml:4 : `region_name` is \"eu-west-1\" -> `region_name` is \"us-east-1\"".to_owned(),
            ]
        )
    );
    let (code, back) = project.changes(&["--to", "local", "--environment", "prod"]);
    assert_eq!((code, back.len()), (0, 4));
    for arguments in [&["--to", "prod"][..], &["--to", "3.1-4"], &["--to", "CANARY8h2k"][..1]] {
        let outcome = project.run(arguments);
        assert!(!outcome.out.contains("CANARY") && !outcome.error.contains("CANARY"));
    }
    // With versions, all environments are compared, and what holds in both is said once.
    let (code, changes) = project.changes(&["--airflow", "3.2.0"]);
    assert_eq!((code, changes.len()), (1, 4), "{changes:?}");
}

#[test]
fn an_environment_without_a_backend_loses_all() {
    let project = Project::new("{}", DAG, &[]);
    project.write("astrolint.toml", "[[environment]]\nname = \"bare\"\nsettings = { X = \"y\" }\n");
    let (code, changes) = project.changes(&["--to", "bare"]);
    assert_eq!(code, 1);
    assert_eq!(
        changes,
        [
            "lost dags/a.py:3 a: `airflow/variables/a` -> not asked for",
            "lost dags/a.py:4 b: `airflow/connections/b` -> not asked for"
        ]
    );
    let (code, changes) = project.changes(&["--to", "local", "--environment", "bare"]);
    assert_eq!((code, changes.len()), (0, 2));
    assert!(changes.iter().all(|it| it.starts_with("gained")), "{changes:?}");
}

/// Real answers of two sets of versions: what is printed is exactly how they differ.
#[test]
fn what_is_printed_is_what_was_recorded() {
    let sets = [
        ("p06", ["2.7.3", "8.10.0", "3.5.0", "10.11.1", "8.2.0"]),
        ("p09", ["2.10.5", "9.17.0", "4.3.4", "19.0.0", "12.8.1"]),
        ("p13", ["3.3.2", "9.39.0", "4.8.4", "22.8.0", "15.2.1"]),
    ];
    let packages = ["amazon", "hashicorp", "google", "microsoft-azure"];
    let records = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/records/lookups.jsonl");
    let mut compared = 0;
    let mut differing = 0;
    let mut others = 0;
    let mut wrong = String::new();
    for line in fs::read_to_string(records).unwrap().lines() {
        let row: Value = match serde_json::from_str(line) {
            Ok(row) => row,
            Err(_) => continue,
        };
        let text = |field: &str| row[field].as_str();
        let is_plain =
            ["env", "cfg", "team", "mode", "store"].iter().all(|field| row.get(*field).is_none());
        let (Some(kind), Some(key), Some(class)) = (text("kind"), text("key"), text("backend"))
        else {
            continue;
        };
        let Some(kwargs) = text("kwargs_raw") else { continue };
        let is_word = !key.is_empty()
            && key.bytes().all(|b| b.is_ascii_alphanumeric() || b"_-./".contains(&b));
        let is_simple = kwargs.is_ascii()
            && !kwargs.contains(['\'', '\n', '$', '~', '\r'])
            && ["gcp_k", "gcp_c", "s3_config", "profile_name"]
                .iter()
                .all(|it| !kwargs.contains(it));
        if !is_plain || kind == "config" || !is_word || !is_simple || class.contains(' ') {
            continue;
        }
        let outcome_of = |pair: &str| {
            let outcomes = row["outcomes"].as_array().unwrap();
            outcomes.iter().find(|it| it["pairs"].as_array().unwrap().contains(&json!(pair)))
        };
        let answers = sets.map(|(pair, _)| outcome_of(pair).map(recorded));
        let differ =
            answers.iter().flatten().any(|it| answers.iter().flatten().any(|other| other != it));
        // Of those that are always the same, a few will do.
        others += usize::from(!differ);
        if !differ && others % 25 != 0 {
            continue;
        }
        compared += 1;
        let call = if kind == "variable" { "Variable.get" } else { "BaseHook.get_connection" };
        let dag = format!(
            "from airflow.models import Variable\nfrom airflow.hooks.base import BaseHook\n{call}('{key}')\n"
        );
        let project = Project::new("", &dag, &[("Dockerfile", "FROM x\n"), (".env", "")]);
        for (from, to) in [(0, 1), (1, 2), (2, 0)] {
            let ((before, was), (after, is)) = (&sets[from], &sets[to]);
            let (Some(recorded_was), Some(recorded_is)) = (&answers[from], &answers[to]) else {
                continue;
            };
            let providers: Vec<String> = packages
                .iter()
                .zip(&was[1..])
                .map(|(name, version)| format!("{name} = \"{version}\""))
                .collect();
            project.write(
                "astrolint.toml",
                &format!(
                    "[[environment]]\nname = \"record\"\nsettings = {{ AIRFLOW__SECRETS__BACKEND = '{class}', AIRFLOW__SECRETS__BACKEND_KWARGS = '{kwargs}', AWS_DEFAULT_REGION = 'us-east-1', GOOGLE_APPLICATION_CREDENTIALS = '/c.json' }}\nairflow = \"{}\"\nproviders = {{ {} }}\n",
                    was[0], providers.join(", ")
                ),
            );
            let mut arguments = vec![
                "--environment".to_owned(),
                "record".to_owned(),
                "--airflow".to_owned(),
                is[0].to_owned(),
            ];
            for (name, version) in packages.iter().zip(&is[1..]) {
                arguments.extend(["--provider".to_owned(), format!("{name}=={version}")]);
            }
            let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
            let (_, changes) = project.changes(&arguments);
            let (was, is) = (recorded_was, recorded_is);
            let expected = (was != is).then(|| kind_of(was, is));
            // What becomes of keywords is no part of the records; what is said of every lookup is
            // true of the key, unless the key is not asked for at all.
            let found = changes.iter().filter(|it| !it.contains("` is read"));
            let (of_key, of_all): (Vec<&String>, Vec<&String>) =
                found.partition(|it| it.contains("dags/a.py"));
            differing += usize::from(expected.is_some());
            let is_asked = was.0 != "nothing" && is.0 != "nothing";
            let agrees = match (&expected, of_key.as_slice(), of_all.as_slice()) {
                (None, [], _) if !is_asked => true,
                (None, [], []) => true,
                (Some(kind), [one], []) | (Some(kind), [], [one]) => one.starts_with(kind),
                (Some(kind), [one], [_]) => one.starts_with(kind) && !is_asked,
                _ => false,
            };
            if !agrees {
                writeln!(wrong, "{} {before} to {after}: recorded {expected:?} ({was:?}, {is:?}), printed {changes:?}", row["id"]).unwrap();
            }
        }
    }
    assert!(compared > 50 && differing > 60, "{compared} rows, {differing} changes");
    assert!(wrong.is_empty(), "{wrong}");
}

/// How a recorded lookup ended, and the names.
fn recorded(outcome: &Value) -> (&'static str, Vec<String>) {
    let names: Vec<String> = serde_json::from_value(outcome["requested"].clone()).unwrap();
    match outcome["exception"]["stage"].as_str() {
        _ if outcome.get("startup_error").is_some() => ("startup", Vec::new()),
        Some("cfg" | "init") => ("startup", Vec::new()),
        Some(_) => ("raises", names),
        None if names.is_empty() => ("nothing", names),
        None => ("asks", names),
    }
}

fn kind_of(was: &(&str, Vec<String>), is: &(&str, Vec<String>)) -> &'static str {
    match (was.0, is.0) {
        (_, "startup") => "fatal",
        ("startup", _) => "gained",
        (_, "raises") => "fatal",
        ("asks", "asks") => "renamed",
        (_, "asks") => "gained",
        _ => "lost",
    }
}

#[test]
fn of_what_pip_chooses_the_newest_that_fits_decides() {
    // `role_arn` and `region_name` are refused by amazon 5.0 and older, which no build of today installs.
    let kwargs = r#"{"role_arn": "arn:aws:iam::123456789012:role/x", "region_name": "eu-west-1"}"#;
    for requirement in ["apache-airflow-providers-amazon", "apache-airflow-providers-amazon>=2"] {
        let project = Project::new(kwargs, DAG, &[("requirements.txt", requirement)]);
        for target in ["3.1-4", "3.2-1", "13.0.0"] {
            assert_eq!(project.changes(&["--to", target]), (0, Vec::new()), "{target}");
        }
        let text = project.run(&["--to", "3.1-4"]).out;
        let said = text.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(
            said.contains("requirements.txt:1 leaves the version of amazon to pip: 9."),
            "{text}"
        );
    }
    // What the newest does not take is certain.
    let kwargs = r#"{"variables_prefix": "v", "retries": 3}"#;
    let project =
        Project::new(kwargs, DAG, &[("requirements.txt", "apache-airflow-providers-hashicorp\n")]);
    project.write(".env", "AIRFLOW__SECRETS__BACKEND=airflow.providers.hashicorp.secrets.vault.VaultBackend\nAIRFLOW__SECRETS__BACKEND_KWARGS={\"url\": \"http://vault:8200\", \"auth_type\": \"token\", \"token\": \"t\"}\n");
    assert_eq!(project.changes(&["--to", "3.1-4"]), (0, Vec::new()));
}

#[test]
fn a_fault_of_one_keyword_stands_at_its_line() {
    let kwargs = r#"{"role_arn": "arn:aws:iam::123456789012:role/x", "region_name": "eu-west-1"}"#;
    let pin = "apache-airflow-providers-amazon==9.0.0\n";
    let project = Project::new(kwargs, DAG, &[("requirements.txt", pin)]);
    let (code, changes) = project.changes(&["--provider", "amazon==4.1.0"]);
    assert_eq!(code, 1);
    assert!(changes.iter().any(|it| it.starts_with("fatal .env:2 ")), "{changes:?}");
    assert!(!changes.iter().any(|it| it.starts_with("fatal .env:1 ")), "{changes:?}");
}

#[test]
fn of_a_class_with_unknown_kwargs_all_is_said_that_is_certain() {
    let workflow = "jobs:\n  deploy:\n    steps:\n    - env:\n        KW: ${{ secrets.KWARGS }}\n      run: |\n        astro deployment variable create -d prod --secret AIRFLOW__SECRETS__BACKEND=CLASS AIRFLOW__SECRETS__BACKEND_KWARGS=\"$KW\"\n";
    let project = Project::new("{}", DAG, &[]);
    let write = |class: &str| {
        project.write(".github/workflows/deploy.yml", workflow.replace("CLASS", class).as_str());
    };
    project.write(".env", "");
    write(CLASS);
    let (code, changes) = project.changes(&["--to", "3.1-4"]);
    let [fatal] = changes.as_slice() else { panic!("{changes:?}") };
    assert_eq!(code, 1);
    assert!(
        fatal.starts_with(
            "fatal .github/workflows/deploy.yml:7 : the class can be imported with Airflow 2.10"
        ),
        "{fatal}"
    );
    let outcome = project.run(&["--to", "3.1-4"]);
    assert!(
        outcome.error.contains("`prod` can be compared by its class alone"),
        "{}",
        outcome.error
    );
    // Back again it can be, of which nothing more is known.
    project.write("Dockerfile", "FROM astrocrpublic.azurecr.io/runtime:3.1-4\n");
    let (code, changes) = project.changes(&["--to", "12.6.0"]);
    assert_eq!((code, changes.len()), (0, 1), "{changes:?}");
    assert!(changes[0].starts_with("gained"), "{changes:?}");
    // A path that is gone.
    project.write("Dockerfile", "FROM quay.io/astronomer/astro-runtime:12.6.0\n");
    project.write("requirements.txt", "apache-airflow-providers-amazon\n");
    write("airflow.contrib.secrets.aws_secrets_manager.SecretsManagerBackend");
    let (code, changes) = project.changes(&["--to", "3.1-4"]);
    assert_eq!((code, changes.len()), (1, 1), "{changes:?}");
    // What is not known either way is no change.
    write("$CLASS");
    assert_eq!(project.changes(&["--to", "3.1-4"]), (0, Vec::new()));
    assert!(
        project.run(&["--to", "3.1-4"]).error.contains("`prod` of the target cannot be compared")
    );
}

#[test]
fn a_missing_provider_is_one_change_for_all_that_need_it() {
    let project = Project::new("{}", DAG, &[]);
    for name in ["dev", "test", "prod"] {
        project
            .write(&format!(".env.{name}"), &format!("X=y\nAIRFLOW__SECRETS__BACKEND={CLASS}\n"));
    }
    let (code, changes) = project.changes(&["--to", "3.1-4"]);
    assert_eq!((code, changes.len()), (1, 1), "{changes:?}");
    project.write(".env.other", "AIRFLOW__SECRETS__BACKEND=airflow.secrets.environment_variables.EnvironmentVariablesBackend\n");
    let outcome = project.run(&["--to", "3.1-4", "--format", "json"]);
    let document: Value = serde_json::from_str(&outcome.out).unwrap();
    assert_eq!(document["changes"][0]["environment"], "local, .env.dev, .env.prod, .env.test");
}

#[test]
fn a_parameter_that_cannot_be_is_lost() {
    let pin = |version: &str| format!("apache-airflow-providers-amazon=={version}\n");
    let project = Project::new("", DAG, &[("requirements.txt", &pin("7.3.0"))]);
    project.write("Dockerfile", "FROM quay.io/astronomer/astro-runtime:8.0.0\n");
    project.write(".env", "AIRFLOW__SECRETS__BACKEND=airflow.providers.amazon.aws.secrets.systems_manager.SystemsManagerParameterStoreBackend\nAIRFLOW__SECRETS__BACKEND_KWARGS={\"variables_prefix\": \"airflow/variables\", \"connections_prefix\": null, \"region_name\": \"eu-west-1\"}\n");
    let (code, changes) = project.changes(&["--provider", "amazon==7.2.0"]);
    assert_eq!(
        (code, changes),
        (1, vec!["lost dags/a.py:3 a: `/airflow/variables/a` -> `airflow/variables/a`".to_owned()])
    );
    let said = project.run(&["--provider", "amazon==7.2.0"]).out;
    assert!(said.contains("asks for a name that no secret can have"), "{said}");
    // The other way it is found, where nothing was.
    project.write("requirements.txt", &pin("7.2.0"));
    let (code, changes) = project.changes(&["--provider", "amazon==7.3.0"]);
    assert_eq!((code, changes.len()), (0, 1), "{changes:?}");
}

#[test]
fn a_runtime_and_an_airflow_are_two_answers() {
    let project = Project::new("{}", DAG, &[]);
    let outcome = project.run(&["--to", "3.1-4", "--airflow", "2.10.5"]);
    assert_eq!((outcome.code, outcome.out.as_str()), (2, ""));
    assert!(
        outcome.error.contains("`--to 3.1-4` tells the version of Airflow"),
        "{}",
        outcome.error
    );
    assert_eq!(project.run(&["--to", "3.1-4", "--provider", "amazon==9.39.0"]).code, 0);
}

#[test]
fn a_pin_that_needs_a_newer_airflow_is_told() {
    let pin = "apache-airflow-providers-amazon==9.39.0\n";
    let kwargs = r#"{"region_name": "eu-west-1"}"#;
    let project = Project::new(kwargs, DAG, &[("requirements.txt", pin)]);
    project.write("Dockerfile", "FROM quay.io/astronomer/astro-runtime:13.7.0\n");
    let (code, changes) = project.changes(&["--to", "9.0.0"]);
    assert_eq!((code, changes.len()), (1, 1), "{changes:?}");
    assert!(changes[0].starts_with("fatal requirements.txt:1 : it works with"), "{changes:?}");
    assert_eq!(project.changes(&["--to", "3.1-4"]), (0, Vec::new()));
}
