//! `astrolint secrets`: what is listed, in which form, and what a list of existing names makes of it.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test may fail"
)]

use std::fs;

use serde_json::{Value, json};

mod support;
use support::Outcome;

use support::SECRETS_MANAGER as CLASS;

/// A project with these files.
struct Project(tempfile::TempDir);

impl Project {
    fn new(files: &[(&str, &str)]) -> Self {
        let project = Self(tempfile::tempdir().unwrap());
        project.write(".astro/config.yaml", "");
        project.write("Dockerfile", "FROM quay.io/astronomer/astro-runtime:12.8.0\n");
        project.write(
            ".env",
            &format!(
                "AIRFLOW__SECRETS__BACKEND={CLASS}\nAIRFLOW__SECRETS__BACKEND_KWARGS={{\"variables_prefix\": \"v\", \"connections_prefix\": \"c\", \"region_name\": \"eu-west-1\"}}\n"
            ),
        );
        for (name, text) in files {
            project.write(name, text);
        }
        project
    }

    /// A project with one DAG, of which this is the body.
    fn of_dag(body: &str) -> Self {
        let head = "import os  # and a dag\nfrom airflow.models import Variable\nfrom airflow.hooks.base import BaseHook\nfrom airflow.providers.amazon.aws.hooks.s3 import S3Hook\n";
        Self::new(&[("dags/a.py", &format!("{head}{body}"))])
    }

    fn write(&self, name: &str, text: &str) {
        support::write(self.0.path(), name, text);
    }

    fn append(&self, name: &str, text: &str) {
        let path = self.0.path().join(name);
        let before = fs::read_to_string(&path).unwrap();
        fs::write(path, before + text).unwrap();
    }

    fn run_with(&self, arguments: &[&str], input: impl Into<Vec<u8>>) -> Outcome {
        let mut command = support::astrolint(self.0.path());
        command.arg("secrets").args(arguments);
        Outcome::of(&mut command, input)
    }

    fn run(&self, arguments: &[&str]) -> Outcome {
        self.run_with(arguments, "")
    }

    #[track_caller]
    fn json(&self, arguments: &[&str]) -> Value {
        let outcome = self.run(&[&["--format", "json"], arguments].concat());
        assert_eq!(outcome.code, 0, "{}", outcome.error);
        serde_json::from_str(&outcome.out).unwrap()
    }

    /// The exit code and the comparison with `list`.
    #[track_caller]
    fn against(&self, list: &str) -> (i32, Value) {
        let outcome = self.run_with(&["--format", "json", "--against", "-"], list);
        let json = serde_json::from_str(&outcome.out);
        (outcome.code, json.unwrap_or_else(|_| panic!("{}", outcome.error)))
    }
}

fn names(list: &Value) -> Vec<&str> {
    list.as_array().unwrap().iter().map(|it| it["name"].as_str().unwrap()).collect()
}

#[test]
fn rows_are_as_promised() {
    let project = Project::of_dag(
        "A = Variable.get('a')\ndef f():\n    BaseHook.get_connection(f'{x}_db')\nX(conn_id='p' if y else 'd')\nX(conn_id=y())\n",
    );
    let listed = project.json(&[]);
    assert_eq!(listed["version"], 1);
    let row = |number: usize, expected: Value| {
        let mut expected = expected;
        expected["environment"] = json!("local");
        expected["path"] = json!("dags/a.py");
        assert_eq!(listed["references"][number], expected, "{number}");
    };
    row(
        0,
        json!({"kind": "variable", "key": "a", "certainty": "known", "timing": "parse", "line": 5, "column": 5, "requested": ["v/a"], "reference": 0}),
    );
    // Nothing calls the function.
    row(
        1,
        json!({"kind": "connection", "key": "*_db", "certainty": "pattern", "timing": "run", "line": 7, "column": 5, "requested": ["c/*_db"], "reference": 1}),
    );
    row(
        2,
        json!({"kind": "connection", "key": "p", "certainty": "one-of", "timing": "run", "line": 8, "column": 3, "requested": ["c/p"], "reference": 2}),
    );
    row(
        3,
        json!({"kind": "connection", "key": "d", "certainty": "one-of", "timing": "run", "line": 8, "column": 3, "requested": ["c/d"], "reference": 2}),
    );
    row(
        4,
        json!({"kind": "connection", "key": null, "certainty": "dynamic", "timing": "run", "line": 9, "column": 3, "requested": [], "reference": 3}),
    );
    assert_eq!(listed["references"].as_array().unwrap().len(), 5);
    assert_eq!(listed["implicit"], json!([]));
}

/// What code makes of the environment is joined with the settings, whatever the variable is called; what may
/// be a credential is not.
#[test]
fn keys_come_from_the_settings() {
    let code = "import os\nX(conn_id=os.getenv('PGC'))\nX(conn_id=os.environ['LAKE'])\nX(conn_id=os.getenv('MISSING', 'fallback'))\nX(conn_id=os.getenv('NOWHERE'))\nVariable.get(f\"{os.getenv('TEAM').lower()}_limits\")\nX(conn_id={'A': 'a_db', 'B': 'b_db'}[os.getenv('SIDE', 'b').upper()])\nX(conn_id=os.getenv('MY_PWD'))\nX(conn_id=os.getenv('HANDLE'))\nX(conn_id=os.getenv('EMPTY'))\n";
    let project = Project::of_dag(code);
    project.append(
        ".env",
        "PGC=warehouse\nLAKE=lake\nTEAM=Sales\nMY_PWD=hunter\nHANDLE=q8Tz4Lm4w9Rk7Aa3e\nEMPTY=\n",
    );
    let listed = project.json(&[]);
    let rows = listed["references"].as_array().unwrap();
    let keys: Vec<_> = rows.iter().map(|row| row["key"].as_str().unwrap_or("?")).collect();
    assert_eq!(
        keys,
        ["warehouse", "lake", "fallback", "?", "sales_limits", "b_db", "?", "?", "?"],
        "{listed}"
    );
    assert!(rows[..3].iter().all(|row| row["certainty"] == "known"), "{listed}");
}

#[test]
fn placeholders_of_samples_are_no_keys() {
    let project = Project::of_dag(
        "X(conn_id=os.getenv('PG_CONN_ID'))\nX(conn_id='known')\nX(conn_id='lake_' + os.environ['LAKE_ID'])\n",
    );
    let before = fs::read_to_string(project.0.path().join(".env")).unwrap();
    fs::remove_file(project.0.path().join(".env")).unwrap();
    project.write(
        ".env.example",
        &format!(
            "{before}AIRFLOW__LOGGING__REMOTE_LOG_CONN_ID=<your-conn-id>\nPG_CONN_ID=<conn-id>\nLAKE_ID=\n"
        ),
    );
    let listed = project.json(&[]);
    let rows = listed["references"].as_array().unwrap();
    let keys: Vec<_> = rows.iter().map(|row| (&row["key"], &row["certainty"])).collect();
    let (unknown, dynamic) = (&json!(null), &json!("dynamic"));
    assert_eq!(
        keys,
        [
            (unknown, dynamic),
            (&json!("known"), &json!("known")),
            (&json!("lake_*"), &json!("pattern")),
            (unknown, dynamic)
        ],
        "{listed}"
    );
    assert_eq!(names(&project.json(&["--unique"])["secrets"]), ["c/known", "c/lake_*"]);
}

/// Code may take its keys from files of its project, and from no others.
#[test]
fn keys_come_from_files_of_the_project() {
    let outside = tempfile::tempdir().unwrap();
    support::write(outside.path(), "names.json", "{\"id\": \"outside\"}");
    let code = "import json, yaml\nfrom pathlib import Path\nHERE = Path(__file__).parent\nX(conn_id=json.load(open(HERE / 'names.json'))['id'])\nX(conn_id=yaml.safe_load(open('include/names.yaml'))['id'])\nX(conn_id=json.load(open('include/link.json'))['id'])\n";
    let project = Project::of_dag(code);
    project.write("dags/names.json", "{\"id\": \"from_json\"}");
    project.write("include/names.yaml", "id: from_yaml\n");
    #[cfg(unix)]
    let link = project.0.path().join("include/link.json");
    #[cfg(unix)]
    std::os::unix::fs::symlink(outside.path().join("names.json"), link).unwrap();
    let listed = project.json(&[]);
    let rows = listed["references"].as_array().unwrap();
    let keys: Vec<_> = rows.iter().map(|row| row["key"].as_str().unwrap_or("?")).collect();
    assert_eq!(keys, ["from_json", "from_yaml", "?"], "{listed}");
}

/// What nothing loads is no reason for a secret to exist.
#[test]
fn what_airflow_never_loads_is_not_parsed() {
    let asks = "from airflow.models import Variable\nVariable.get('KEY')\n";
    let key_of = |name: &'static str| {
        let path = std::path::Path::new(name);
        path.file_stem().and_then(|it| it.to_str()).unwrap()
    };
    let file = |name: &'static str| (name, asks.replace("KEY", key_of(name)));
    let files = [
        // No file that Airflow parses imports these.
        file("include/alone.py"),
        file("include/by_script.py"),
        ("include/script.py", "from include import by_script\n".to_owned()),
        // Safe mode skips it: it lacks a word.
        file("dags/skipped.py"),
        // These are imported, the last by a file that asks for nothing.
        file("include/used.py"),
        file("dags/lib/used_too.py"),
        ("dags/a.py", "from airflow import DAG\nfrom include import used\n".to_owned()),
        ("dags/b.py", "import airflow\nfrom lib.used_too import x  # dag\n".to_owned()),
        file("plugins/plugin.py"),
    ];
    let files: Vec<_> = files.iter().map(|(name, text)| (*name, text.as_str())).collect();
    let project = Project::new(&files);
    let rows = |project: &Project| -> Vec<(String, String)> {
        let listed = project.json(&[]);
        let text = |row: &Value, name: &str| row[name].as_str().unwrap().to_owned();
        let rows = listed["references"].as_array().unwrap().iter();
        rows.map(|row| (text(row, "path"), text(row, "timing"))).collect()
    };
    let expected = |runs: &[&str]| -> Vec<(String, String)> {
        let names = [
            "dags/lib/used_too.py",
            "dags/skipped.py",
            "include/alone.py",
            "include/by_script.py",
            "include/used.py",
            "plugins/plugin.py",
        ];
        let timing = |name: &str| if runs.contains(&name) { "run" } else { "parse" };
        names.iter().map(|name| ((*name).to_owned(), timing(name).to_owned())).collect()
    };
    let skipped = ["dags/skipped.py", "include/alone.py", "include/by_script.py"];
    assert_eq!(rows(&project), expected(&skipped));
    let (code, compared) = project.against("v/used_too\nv/used\nv/plugin\n");
    assert_eq!((code, &compared["missing"]), (0, &json!([])));
    let unmatched: Vec<_> = compared["unmatched"].as_array().unwrap().iter().collect();
    assert_eq!(unmatched.len(), 3);
    assert!(unmatched.iter().all(|it| it["because"] == "unloaded"), "{compared}");
    project.append(".env", "AIRFLOW__CORE__DAG_DISCOVERY_SAFE_MODE=False\n");
    assert_eq!(rows(&project), expected(&skipped[1..]));
    // A setting may name a module as well.
    project.append(".env", "AIRFLOW__LOGGING__LOGGING_CONFIG_CLASS=include.script.CONFIG\n");
    assert_eq!(rows(&project), expected(&["include/alone.py"]));
    // Nobody knows what that imports.
    project.write("dags/b.py", "import importlib\nimportlib.import_module(name)\n");
    assert_eq!(rows(&project), expected(&[]));
}

/// Nothing of a file that Python cannot read runs, nor does it import anything.
#[test]
fn what_python_cannot_read_is_not_parsed() {
    let head = "from airflow import DAG\nfrom airflow.models import Variable\n";
    let project = Project::new(&[
        ("dags/a.py", &format!("{head}Variable.get('a')\n")),
        ("dags/b.py", &format!("{head}from include import c\nVariable.get('b'\n")),
        ("dags/d.py", &format!("{head}try: Variable.get('d')\nexcept KeyError, e: pass\n")),
        ("dags/e.py", "import importlib\nimportlib.import_module(name)\n"),
        ("include/c.py", &format!("{head}Variable.get('c')\n")),
    ]);
    let timings = |project: &Project| -> Vec<String> {
        let listed = project.json(&[]);
        let rows = listed["references"].as_array().unwrap().iter();
        rows.map(|row| {
            format!("{} {}", row["key"].as_str().unwrap(), row["timing"].as_str().unwrap())
        })
        .collect()
    };
    assert_eq!(timings(&project), ["a parse", "b run", "d run", "c run"]);
    // Nobody knows what that imports.
    project.append("dags/e.py", "# airflow dag\n");
    assert_eq!(timings(&project), ["a parse", "b run", "d run", "c parse"]);
}

#[test]
fn every_environment_has_its_rows() {
    let project = Project::of_dag("Variable.get('a')\nX(conn_id=os.getenv('W_CONN_ID', 'w'))\n");
    project.write(
        "astrolint.toml",
        &format!("[[environment]]\nname = \"production\"\nbackend = \"{CLASS}\"\nbackend-kwargs = {{ variables_prefix = \"prod\" }}\nsettings = {{ W_CONN_ID = \"warehouse\", AWS_DEFAULT_REGION = \"eu-west-1\" }}\nairflow = \"2.10.5\"\n"),
    );
    let listed = project.json(&[]);
    let rows: Vec<_> = listed["references"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| (row["environment"].as_str().unwrap(), row["requested"][0].as_str().unwrap()))
        .collect();
    assert_eq!(
        rows,
        [
            ("local", "v/a"),
            ("production", "prod/a"),
            ("local", "c/w"),
            ("production", "airflow/connections/warehouse"),
        ]
    );
    let one = project.json(&["--environment", "production"]);
    assert_eq!(one["references"].as_array().unwrap().len(), 2);
    let unique = project.json(&["--unique"]);
    assert_eq!(
        names(&unique["secrets"]),
        ["prod/a", "v/a", "airflow/connections/warehouse", "c/w"]
    );
    let text = project.run(&[]).out;
    assert!(
        text.contains("environment `local` asks") && text.contains("environment `production` asks"),
        "{text}"
    );
    let wrong = project.run(&["--environment", "prod"]);
    assert_eq!(wrong.code, 2);
    assert!(wrong.error.contains("there are `local`, `production`"), "{}", wrong.error);
    // Without the configuration there is one environment.
    assert_eq!(project.json(&["--isolated"])["references"].as_array().unwrap().len(), 2);
    assert_eq!(project.run(&["--environment", "production", "--isolated"]).code, 2);
}

#[test]
fn what_is_not_asked_has_no_names() {
    let project = Project::of_dag("Variable.get('a')\nBaseHook.get_connection('aws_default')\n");
    project.write(".env", "");
    let listed = project.json(&[]);
    assert_eq!(listed["references"][0]["requested"], json!([]));
    let text = project.run(&[]).out;
    assert!(text.contains("`local` has no secrets backend"), "{text}");
    let compared = project.run_with(&["--against", "-"], "v/a\n");
    assert_eq!(compared.code, 2);
    assert!(compared.error.contains("no secrets backend is configured"), "{}", compared.error);
    let unique = project.run(&["--unique"]);
    assert_eq!((unique.code, unique.out.as_str()), (0, ""));
    assert!(unique.error.contains("no names in environment `local`"), "{}", unique.error);

    project.write(
        ".env",
        &format!("AIRFLOW__SECRETS__BACKEND={CLASS}\nAIRFLOW__SECRETS__BACKEND_KWARGS={{\"connections_lookup_pattern\": \"^(?!aws_default$).*$\", \"variables_prefix\": null, \"region_name\": \"eu-west-1\"}}\n"),
    );
    let listed = project.json(&[]);
    assert_eq!(listed["references"][1]["requested"], json!([]));
    let text = project.run(&[]).out;
    assert!(text.contains("not asked of the backend (2)"), "{text}");
    assert!(text.contains("`variables_prefix` is null"), "{text}");
    let (code, compared) = project.against("");
    assert_eq!((code, &compared["missing"]), (0, &json!([])));
}

/// The first of several names is that of the newest version.
#[test]
fn names_that_depend_on_versions_are_all_there() {
    let project = Project::of_dag("Variable.get('a')\n");
    project.write("Dockerfile", "FROM quay.io/astronomer/astro-runtime-base:5.0.0\n");
    project.write("requirements.txt", "apache-airflow-providers-amazon>=2.2.0,<3\n");
    project.write(
        ".env",
        &format!("AIRFLOW__SECRETS__BACKEND={CLASS}\nAIRFLOW__SECRETS__BACKEND_KWARGS={{\"variables_prefix\": \"a-\", \"sep\": \"-\"}}\nAWS_DEFAULT_REGION=eu-west-1\n"),
    );
    assert_eq!(project.json(&[])["references"][0]["requested"], json!(["a-a", "a--a"]));
    let (code, compared) = project.against("");
    assert_eq!(code, 1);
    assert_eq!(compared["missing"].as_array().unwrap().len(), 1);
    assert_eq!(
        (&compared["missing"][0]["name"], &compared["missing"][0]["or"]),
        (&json!("a-a"), &json!(["a--a"]))
    );
    assert_eq!(project.against("a--a\n").0, 0);

    // Only newer providers know lookup patterns.
    let project = Project::of_dag("BaseHook.get_connection('x')\n");
    project.write(".env", "");
    project.write(
        "astrolint.toml",
        &format!("[[environment]]\nname = \"production\"\nbackend = \"{CLASS}\"\nbackend-kwargs = {{ connections_lookup_pattern = \"y\", region_name = \"eu-west-1\" }}\nairflow = \"2.6.0\"\nproviders = {{ apache-airflow-providers-amazon = \">=7.2.0,<7.4.0\" }}\n"),
    );
    let (code, compared) = project.against("");
    assert_eq!((code, &compared["unmatched"][0]["because"]), (0, &json!("version")));
}

#[test]
fn tests_are_listed_on_request() {
    let test = "from airflow.models import Variable\nVariable.get('tested')\n";
    let project = Project::new(&[
        ("dags/tests/a.py", test),
        ("tests/dags/test_a.py", test),
        // A DAG all the same.
        ("dags/test_connection.py", test),
    ]);
    assert_eq!(project.json(&[])["references"].as_array().unwrap().len(), 1);
    let all = project.json(&["--include-tests"]);
    let paths: Vec<_> = all["references"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| row["path"].as_str().unwrap())
        .collect();
    assert_eq!(paths, ["dags/test_connection.py", "dags/tests/a.py", "tests/dags/test_a.py"]);
    let checked = |arguments: &[&str]| -> Vec<String> {
        let mut command = support::astrolint(project.0.path());
        command.args(arguments);
        command.args(["--strict", "--format", "concise", "--select", "parse-time-lookup"]);
        let out = String::from_utf8(command.output().unwrap().stdout).unwrap();
        out.lines().map(|line| line.split_once(':').unwrap().0.to_owned()).collect()
    };
    assert_eq!(checked(&[]), paths[..1]);
    assert_eq!(checked(&["--include-tests"]), paths);
}

#[test]
fn a_connection_that_code_makes_asks_for_nothing() {
    let project = Project::of_dag(
        "from airflow.models import Connection\nConnection(conn_id='made', conn_type='http').get_uri()\n",
    );
    assert_eq!(project.json(&[])["references"], json!([]));
}

/// A column of its own for each name, and who asks for it beside it, on a narrow terminal too.
#[test]
fn one_name_is_one_line_however_often_it_is_asked_for() {
    let body: String = (0..2_000).map(|_| "Variable.get('often')\n").collect();
    let project = Project::of_dag(&format!("{body}Variable.get('{}')\n", "long_".repeat(12)));
    let out = project.run(&[]).out;
    let lines: Vec<&str> = out.lines().collect();
    assert_eq!(
        lines[3..6],
        [
            &format!("    v/{}", "long_".repeat(12)),
            "        dags/a.py:2005 (parse)",
            "    v/often  dags/a.py:5 (parse), dags/a.py:6 (parse) and 1998 more",
        ]
    );
}

#[test]
fn what_is_asked_implicitly_stands_apart() {
    let project = Project::of_dag(
        "S3Hook()\nS3Hook('given')\nS3Hook(aws_conn_id='named')\nif __name__ == '__main__':\n    S3Hook()\n",
    );
    project.append(
        ".env",
        "AIRFLOW__CORE__FERNET_KEY_SECRET=fernet\nAIRFLOW__CORE__DAGS_FOLDER_SECRET=ignored\nAIRFLOW__WEBSERVER__SECRET_KEY=x\nAIRFLOW__LOGGING__REMOTE_LOGGING=True\nAIRFLOW__LOGGING__REMOTE_LOG_CONN_ID=logs\n",
    );
    let listed = project.json(&[]);
    let rows: Vec<_> = listed["implicit"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| {
            (
                row["kind"].as_str().unwrap(),
                row["key"].as_str().unwrap(),
                row["path"].as_str().unwrap(),
                row["line"].as_u64().unwrap(),
            )
        })
        .collect();
    assert_eq!(
        rows,
        [("connection", "aws_default", "dags/a.py", 5), ("config", "fernet", ".env", 3),]
    );
    assert_eq!(listed["implicit"][1]["requested"], json!(["airflow/config/fernet"]));
    // What the settings name must be there; a hook may go on without.
    let (code, compared) = project.against("c/given\nc/named\n");
    assert_eq!(code, 1);
    assert_eq!(names(&compared["missing"]), ["c/logs", "airflow/config/fernet"]);
    assert_eq!(compared["unmatched"][0]["because"], "implicit");
    let (_, compared) = project.against("c/given\nc/named\nc/logs\nc/aws_default\n");
    assert_eq!(compared["unused"], json!([]));
}

#[test]
fn what_must_exist_is_missing() {
    let project = Project::of_dag(
        "Variable.get('a')\nVariable.get('b', default_var=None)\nVariable.get('e')\nX(conn_id='p' if y else 'd')\nX(conn_id=f'{y}_db')\nX(conn_id=y())\ntry:\n    Variable.get('k')\nexcept KeyError:\n    pass\n",
    );
    project.append(".env", "AIRFLOW_VAR_E=1\n");
    let absent = |compared: &Value| -> Vec<(String, String)> {
        let all = compared["unmatched"].as_array().unwrap().iter();
        all.map(|it| (it["name"].as_str().unwrap().into(), it["because"].as_str().unwrap().into()))
            .collect()
    };
    let pair = |name: &str, because: &str| (name.to_owned(), because.to_owned());
    let (code, compared) = project.against("c/d\n");
    assert_eq!(code, 1);
    assert_eq!(names(&compared["missing"]), ["v/a"]);
    assert_eq!(
        absent(&compared),
        [
            pair("c/p", "one-of"),
            pair("c/*_db", "pattern"),
            pair("v/b", "default"),
            pair("v/k", "default"),
            pair("v/e", "environment-variable"),
        ]
    );
    assert_eq!(compared["dynamic"].as_array().unwrap().len(), 1);
    // None of several keys.
    let (_, compared) = project.against("v/a\nc/x_db\n");
    assert_eq!(names(&compared["missing"]), ["c/d", "c/p"]);
    assert!(!absent(&compared).contains(&pair("c/*_db", "pattern")));
    let (code, compared) = project.against("v/a\nc/p\nc/old\nv/\nother/x\nc\n");
    assert_eq!(code, 0);
    assert_eq!(compared["unused"], json!(["c/old"]));
}

#[test]
fn each_key_of_a_loop_must_exist() {
    let project = Project::of_dag(
        "for k in ['a', 'b']:\n    Variable.get(k)\n[Variable.get(x) for x in ('c', 'd')]\ndef h(n):\n    return Variable.get(n)\nh('e')\nh('f')\n",
    );
    let (code, compared) = project.against("v/a\nv/c\nv/e\n");
    assert_eq!(code, 1);
    assert_eq!(names(&compared["missing"]), ["v/b", "v/d", "v/f"]);
    let rows = project.json(&[]);
    let rows = rows["references"].as_array().unwrap();
    assert!(rows.iter().all(|row| row["certainty"] == "one-of" && row["all"] == true), "{rows:?}");
}

/// `expand` makes a task of each id.
#[test]
fn each_id_that_is_expanded_must_exist() {
    let project = Project::of_dag(
        "from airflow.providers.common.sql.operators.sql import SQLExecuteQueryOperator\nSQLExecuteQueryOperator.partial(task_id='g', sql='x').expand(conn_id=['a', 'b'])\n",
    );
    let outcome = project.run_with(&["--against", "-"], "c/a\n");
    assert_eq!(outcome.code, 1, "{}{}", outcome.out, outcome.error);
    assert!(outcome.out.contains("c/b"), "{}", outcome.out);
}

/// What Airflow never parses asks for nothing, unless another file imports it.
#[test]
fn files_that_are_left_out_ask_for_nothing() {
    let asks = |key: &str| {
        format!("from airflow.models import Variable  # dag\n{key} = Variable.get('{key}')\n")
    };
    let project = Project::new(&[
        ("dags/.airflowignore", "ign_.*\\.py\nlib_.*\\.py\n"),
        ("dags/ign_a.py", &asks("ignored")),
        ("dags/lib_b.py", &asks("imported")),
        ("dags/c.py", &format!("from lib_b import imported\n{}", asks("parsed"))),
    ]);
    let out = project.run(&["--unique"]).out;
    assert_eq!(out.lines().collect::<Vec<_>>(), ["v/imported", "v/parsed"], "{out}");
}

#[test]
fn declared_names_exist() {
    let project = Project::of_dag("Variable.get('a')\nVariable.get('b')\nX(conn_id='w')\n");
    project.write(
        "astrolint.toml",
        "[declared]\nsecrets = [\"v/a\"]\nconnections = [\"w\"]\n[[environment]]\nname = \"local\"\ndeclared = { variables = [\"b\"] }\n",
    );
    assert_eq!(project.against("").0, 0);
    assert_eq!(project.run_with(&["--isolated", "--against", "-"], "").code, 1);
}

/// Without a prefix, a shared account's other secrets would all be unused.
#[test]
fn without_a_prefix_nothing_is_unused() {
    let project = Project::of_dag("Variable.get('a')\n");
    project.write(
        ".env",
        &format!("AIRFLOW__SECRETS__BACKEND={CLASS}\nAIRFLOW__SECRETS__BACKEND_KWARGS={{\"variables_prefix\": \"\", \"region_name\": \"eu-west-1\"}}\n"),
    );
    let (code, compared) = project.against("a\nb\nairflow/connections/x\n");
    assert_eq!((code, &compared["unused"]), (0, &json!(["airflow/connections/x"])));
}

#[test]
fn the_lists_of_all_services_are_understood() {
    let aws = r#"{"SecretList": [{"ARN": "arn:aws:secretsmanager:eu-west-1:123456789012:secret:v/a-AbCdEf", "Name": "v/a"}, {"Name": "v/gone", "DeletedDate": 1.0}]}"#;
    let project = Project::of_dag("Variable.get('a')\nVariable.get('gone')\n");
    let (_, compared) = project.against(aws);
    assert_eq!(names(&compared["missing"]), ["v/gone"]);
    for (class, kwargs, list) in [
        (
            "airflow.providers.amazon.aws.secrets.systems_manager.SystemsManagerParameterStoreBackend",
            r#"{"variables_prefix": "/v", "region_name": "eu-west-1"}"#,
            r#"{"Parameters": [{"Name": "/v/a_b", "Type": "SecureString"}, {"ARN": "arn:aws:ssm:eu-west-1:1:parameter/v/old"}]}"#,
        ),
        (
            "airflow.providers.google.cloud.secrets.secret_manager.CloudSecretManagerBackend",
            r#"{"variables_prefix": "v"}"#,
            r#"[{"name": "projects/12/secrets/v-a_b"}, {"name": "projects/12/secrets/v-old"}]"#,
        ),
        (
            "airflow.providers.microsoft.azure.secrets.key_vault.AzureKeyVaultBackend",
            r#"{"variables_prefix": "v", "vault_url": "https://v.vault.azure.net"}"#,
            r#"[{"id": "https://v.vault.azure.net/secrets/V-a-b", "name": "V-a-b"}, {"name": "v-old"}]"#,
        ),
        (
            "airflow.providers.hashicorp.secrets.vault.VaultBackend",
            r#"{"variables_path": "v", "mount_point": "airflow", "auth_type": "approle", "role_id": "r", "secret_id": "s", "url": "https://vault.corp"}"#,
            r#"["a_b", "old", "folder/"]"#,
        ),
    ] {
        let project = Project::of_dag("Variable.get('a_b')\n");
        project.write("requirements.txt", "apache-airflow-providers-hashicorp\napache-airflow-providers-google\napache-airflow-providers-microsoft-azure\n");
        project.write(
            ".env",
            &format!(
                "AIRFLOW__SECRETS__BACKEND={class}\nAIRFLOW__SECRETS__BACKEND_KWARGS={kwargs}\n"
            ),
        );
        let (code, compared) = project.against(list);
        assert_eq!(code, 0, "{class}: {compared}");
        let unused = compared["unused"].as_array().unwrap();
        assert!(
            unused.len() == 1 && unused[0].as_str().unwrap().ends_with("old"),
            "{class}: {compared}"
        );
        assert_eq!(project.against("[]").0, 1, "{class}");
    }
}

#[test]
fn lists_that_are_none_are_refused() {
    let project = Project::of_dag("Variable.get('a')\n");
    let large = vec![b'a'; (64 << 20) + 1];
    let utf16: Vec<u8> = "\u{feff}v/a\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let deep = "{\"data\": ".repeat(1 << 16);
    let refused: [(&[u8], &str); 10] = [
        (b"{\"SecretList\": [s3cr3t", "line 1, column 17"),
        (b"{\"Secrets\": []}", "not as `aws secretsmanager list-secrets`"),
        (b"{\"Name\": \"x\", \"SecretString\": \"s3cr3t\"}", "not as `aws"),
        (b"{\"SecretList\": [], \"NextToken\": \"x\"}", "only a part of the list"),
        (b"NAME  CREATED\ns3cr3t 2026\n", "line 1: a blank inside"),
        (b"v/a\n\x00s3cr3t\n", "line 2: a control character"),
        (b"v/a\n\xffs3cr3t\n", "not UTF-8 at byte 4"),
        (&utf16, "UTF-16"),
        (deep.as_bytes(), "recursion limit"),
        (&large, "larger than 64 MiB"),
    ];
    for (list, message) in refused {
        let outcome = project.run_with(&["--against", "-"], list);
        assert_eq!((outcome.code, outcome.out.as_str()), (2, ""), "{message}: {}", outcome.error);
        assert!(outcome.error.contains("`standard input`"), "{}", outcome.error);
        assert!(
            outcome.error.contains(message) && !outcome.error.contains("s3cr3t"),
            "{}",
            outcome.error
        );
    }
    for path in ["missing.txt", "dags"] {
        let outcome = project.run(&["--against", path]);
        assert!(
            outcome.code == 2 && outcome.error.contains(&format!("`{path}`")),
            "{}",
            outcome.error
        );
    }
    assert_eq!(project.run_with(&["--against", "-", "--unique"], "v/a\n").code, 2);
}

/// Somebody compares with the secrets themselves, under our prefix.
#[test]
fn values_among_the_names_are_not_shown() {
    let project = Project::of_dag("Variable.get('a')\n");
    let list = "v/a\nv/password=AKIAQ7ZSECRETVALUE42\nv/login=opensesame\nv/postgres://u:hunter2@h\nv/old\n";
    for format in ["text", "json", "csv"] {
        let outcome = project.run_with(&["--against", "-", "--format", format], list);
        assert_eq!(outcome.code, 0);
        assert!(outcome.out.contains("v/old"), "{}", outcome.out);
        for secret in ["AKIAQ7", "opensesame", "hunter2"] {
            assert!(!outcome.out.contains(secret), "{}", outcome.out);
        }
    }
    let text = project.run_with(&["--against", "-"], list).out;
    assert!(text.contains("3 more names that nothing asks for, not shown"), "{text}");
}

/// A project whose secrets Terraform and a script create, and that a deployment file deploys.
fn with_creations() -> Project {
    let project = Project::of_dag(
        "def f():\n    Variable.get('a')\n    Variable.get('b')\n    Variable.get('gone')\n    BaseHook.get_connection('w')\n    S3Hook()\n",
    );
    project.write(
        "infra/main.tf",
        "resource \"aws_secretsmanager_secret\" \"a\" {\n  name = \"v/a\"\n}\nresource \"aws_secretsmanager_secret\" \"old\" {\n  name = \"v/old\"\n}\nresource \"aws_secretsmanager_secret\" \"other\" {\n  name = \"rds/admin\"\n}\n",
    );
    project.write(
        "scripts/create.sh",
        "#!/bin/sh\naws secretsmanager create-secret --name v/b --secret-string s3cr3t-of-b\naws secretsmanager create-secret --name prod/a --secret-string s3cr3t-of-a\n",
    );
    project.write(
        "deployment.yaml",
        &format!("deployment:\n  configuration:\n    name: production\n    runtime_version: 12.8.0\n  environment_variables:\n    - is_secret: false\n      key: AIRFLOW__SECRETS__BACKEND\n      value: {CLASS}\n    - is_secret: false\n      key: AIRFLOW__SECRETS__BACKEND_KWARGS\n      value: '{{\"variables_prefix\": \"prod\", \"connections_prefix\": \"c\", \"region_name\": \"eu-west-1\"}}'\n"),
    );
    project
}

#[test]
fn what_the_project_creates_is_said() {
    let project = with_creations();
    let outcome = project.run(&[]);
    assert_eq!(
        outcome.out,
        "\
environment `local` asks SecretsManagerBackend

  variables (3)
    v/a            dags/a.py:6
      created infra/main.tf:2
    v/b            dags/a.py:7
      created scripts/create.sh:2
    v/gone         dags/a.py:8
      not created

  connections (1)
    c/w            dags/a.py:9
      not created

  asked for without a reference in the code (1)
    c/aws_default  dags/a.py:10

environment `deployment.yaml` asks SecretsManagerBackend

  variables (3)
    prod/a         dags/a.py:6
      created scripts/create.sh:3
    prod/b         dags/a.py:7
      not created
    prod/gone      dags/a.py:8
      not created

  connections (1)
    c/w            dags/a.py:9
      not created

  asked for without a reference in the code (1)
    c/aws_default  dags/a.py:10

created or declared, and asked for by nothing (1)
    v/old  infra/main.tf:5

4 references: 4 known, 0 one of several, 0 known in part, 0 known only when it runs
3 names created or declared, 4 not created, 1 unused
"
    );
    let listed = project.json(&["--environment", "local"]);
    let created: Vec<_> =
        listed["references"].as_array().unwrap().iter().map(|row| &row["created"]).collect();
    assert_eq!(
        created,
        [
            &json!([{"path": "infra/main.tf", "line": 2}]),
            &json!([{"path": "scripts/create.sh", "line": 2}]),
            &json!([]),
            &json!([])
        ]
    );
    assert!(listed["implicit"][0].get("created").is_none());
    assert_eq!(
        listed["unused"],
        json!([{"name": "v/old", "environments": ["local"], "path": "infra/main.tf", "line": 5}])
    );
    let unique = project.json(&["--unique"]);
    assert_eq!(unique["secrets"][0]["created"], json!([{"path": "scripts/create.sh", "line": 3}]));
    let table = project.run(&["--format", "csv"]).out;
    assert!(table.contains(",v/a,0,false,infra/main.tf:2\n"), "{table}");
    let table = project.run(&["--format", "csv", "--unique"]).out;
    assert!(
        table.contains(
            "prod/a,variable,known,deployment.yaml,dags/a.py:6,false,scripts/create.sh:3\n"
        ),
        "{table}"
    );
    assert!(!project.against("").1.to_string().contains("created"));
}

/// What the project says creates `k`, by the environments `deployment.yaml` and `other.yaml`: line numbers.
fn creators(kwargs: [&str; 2], class: &str, name: &str, text: &str) -> [Vec<u64>; 2] {
    let files: Vec<(&str, String)> = ["one.yaml", "two.yaml"]
        .into_iter()
        .zip(kwargs)
        .map(|(file, kwargs)| {
            let text = format!(
                "deployment:\n  environment_variables:\n  - key: AIRFLOW__SECRETS__BACKEND\n    value: {class}\n  - key: AIRFLOW__SECRETS__BACKEND_KWARGS\n    is_secret: true\n    value: '{kwargs}'\n  configuration:\n    name: x\n"
            );
            (file, text)
        })
        .collect();
    let pin = "apache-airflow-providers-hashicorp==4.0.0\n";
    let mut given = vec![
        ("dags/a.py", "from airflow.models import Variable\nVariable.get('k')\n"),
        ("requirements.txt", pin),
        (".env", ""),
        (name, text),
    ];
    given.extend(files.iter().map(|(name, text)| (*name, text.as_str())));
    let listed = Project::new(&given).json(&[]);
    let rows = listed["references"].as_array().unwrap();
    ["one.yaml", "two.yaml"].map(|environment| {
        let row = rows.iter().find(|row| row["environment"] == environment).unwrap();
        let created = row["created"].as_array().cloned().unwrap_or_default();
        created.iter().map(|it| it["line"].as_u64().unwrap()).collect()
    })
}

#[test]
fn what_is_created_counts_where_it_is() {
    let aws = CLASS;
    let google = "airflow.providers.google.cloud.secrets.secret_manager.CloudSecretManagerBackend";
    let azure = "airflow.providers.microsoft.azure.secrets.key_vault.AzureKeyVaultBackend";
    let vault = "airflow.providers.hashicorp.secrets.vault.VaultBackend";
    let role = |account: &str, region: &str| {
        format!(
            r#"{{"variables_prefix": "v", "connections_prefix": "c", "region_name": "{region}", "role_arn": "arn:aws:iam::{account}:role/a"}}"#
        )
    };
    let (one, two) = (role("111111111111", "eu-west-1"), role("222222222222", "eu-west-1"));
    let there = role("111111111111", "us-east-1");
    let secret = |name: &str| format!("aws secretsmanager create-secret --name {name}");
    let of_google = |it: &str| format!(r#"{{"variables_prefix": "v", "project_id": "{it}"}}"#);
    let of_azure = |it: &str| {
        format!(r#"{{"variables_prefix": "v", "vault_url": "https://{it}.vault.azure.net"}}"#)
    };
    let of_vault = |it: &str| {
        format!(
            r#"{{"variables_path": "v", "mount_point": "{it}", "url": "https://v.example.com", "auth_type": "kubernetes", "kubernetes_role": "a"}}"#
        )
    };
    let arn = "arn:aws:secretsmanager:eu-west-1:222222222222:secret:v/k-AbCdEf";
    for (class, kwargs, text, expected) in [
        // The region, the account, the project, the vault, the mount.
        (aws, [&one, &there], secret("v/k --region us-east-1"), [vec![], vec![1]]),
        (
            aws,
            [&one, &two],
            format!("aws secretsmanager put-secret-value --secret-id {arn}"),
            [vec![], vec![1]],
        ),
        (
            google,
            [&of_google("a-b"), &of_google("c-d")],
            "gcloud secrets create v-k --project c-d".to_owned(),
            [vec![], vec![1]],
        ),
        (
            azure,
            [&of_azure("a"), &of_azure("b")],
            "az keyvault secret set --vault-name A --name v-k --value x".to_owned(),
            [vec![1], vec![]],
        ),
        (
            vault,
            [&of_vault("a"), &of_vault("b")],
            "vault kv put b/v/k value=x".to_owned(),
            [vec![], vec![1]],
        ),
        // Where nothing tells, it counts everywhere; also where it is in the place of none.
        (aws, [&one, &there], secret("v/k"), [vec![1], vec![1]]),
        (aws, [&one, &there], secret("v/k --region $REGION"), [vec![1], vec![1]]),
        (aws, [&one, &there], secret("v/k --region ap-south-1"), [vec![1], vec![1]]),
        (
            google,
            [&of_google("a-b"), &of_google("c-d")],
            "gcloud secrets create v-k --project 123456789".to_owned(),
            [vec![1], vec![1]],
        ),
        (aws, [&one, &one], secret("v/k --region eu-west-1"), [vec![1], vec![1]]),
    ] {
        let kwargs = kwargs.map(String::as_str);
        assert_eq!(creators(kwargs, class, "scripts/create.sh", &text), expected, "{text}");
    }
}

#[test]
fn without_creations_nothing_is_said_of_them() {
    let project = Project::of_dag("def f():\n    Variable.get('a')\n");
    let listed = project.json(&[]);
    assert!(listed.get("unused").is_none() && listed["references"][0].get("created").is_none());
    assert!(!project.run(&[]).out.contains("created"));
    // What is known in part may be any of them.
    project.write(
        "infra/main.tf",
        "resource \"aws_secretsmanager_secret\" \"all\" {\n  for_each = var.keys\n  name     = \"v/${each.key}\"\n}\n",
    );
    let text = project.run(&[]).out;
    assert!(text.contains("\n      perhaps created infra/main.tf:3\n"), "{text}");
    assert!(text.contains("\n1 name created or declared, 0 not created, 0 unused\n"), "{text}");
    // A key that only run time tells may be any, too.
    let project = with_creations();
    project.append("dags/a.py", "    Variable.get(x())\n");
    assert_eq!(project.json(&[])["unused"], json!([]));
}

#[test]
fn declared_names_count_as_created() {
    let project = Project::of_dag("def f():\n    Variable.get('a')\n    Variable.get('b')\n");
    project.write(
        "astrolint.toml",
        "[declared]\nvariables = [\"a\", \"hunter2 secret\", \"forgotten\"]\n",
    );
    let text = project.run(&[]).out;
    assert!(text.contains("\n      declared astrolint.toml:2\n"), "{text}");
    assert!(text.contains("\n      not created\n"), "{text}");
    assert!(text.contains("\n1 name created or declared, 1 not created, 1 unused\n"), "{text}");
    assert!(!text.contains("hunter2"), "{text}");
}

#[test]
fn tables_are_for_spreadsheets() {
    let project = Project::of_dag("Variable.get('=a')\nVariable.get('a,b')\n");
    project.write(
        ".env",
        &format!("AIRFLOW__SECRETS__BACKEND={CLASS}\nAIRFLOW__SECRETS__BACKEND_KWARGS={{\"variables_prefix\": \"\", \"region_name\": \"eu-west-1\"}}\n"),
    );
    let table = project.run(&["--format", "csv"]).out;
    assert_eq!(
        table,
        "kind,key,certainty,timing,path,line,column,environment,requested,reference,implicit,created\nvariable,\"'=a\",known,parse,dags/a.py,5,1,local,\"'=a\",0,false,\nvariable,\"a,b\",known,parse,dags/a.py,6,1,local,\"a,b\",1,false,\n"
    );
    let table = project.run(&["--format", "csv", "--unique"]).out;
    assert!(table.contains("\"'=a\",variable,known,local,dags/a.py:5,false,\n"), "{table}");
    let table = project.run_with(&["--format", "csv", "--against", "-"], "=a\n").out;
    assert!(table.contains("missing,\"a,b\",variable,known,local,dags/a.py:6,\n"), "{table}");
}

/// Nothing fills in what stands in astrolint's own configuration, so that empty means empty.
#[test]
fn a_declared_prefix_may_be_empty() {
    for kwargs in [
        "[environment.backend-kwargs]\nvariables_prefix = \"\"",
        "backend-kwargs = { variables_prefix = \"\" }",
        "backend-kwargs = \"{\\\"variables_prefix\\\": \\\"\\\"}\"",
        "backend-kwargs = '{\"variables_prefix\": \"\"}'",
    ] {
        let project = Project::of_dag("Variable.get('a')\n");
        let declared = format!(
            "[[environment]]\nname = \"prod\"\nairflow = \"2.10.5\"\nproviders = {{ apache-airflow-providers-amazon = \"9.9.0\" }}\nbackend = \"{CLASS}\"\n{kwargs}\n"
        );
        project.write("astrolint.toml", &declared);
        let rows = project.json(&["--environment", "prod"])["references"].clone();
        assert_eq!(rows[0]["requested"], json!(["a"]), "{kwargs}");
    }
}

#[test]
fn several_projects_are_told_apart() {
    let directory = tempfile::tempdir().unwrap();
    for name in ["one", "two"] {
        let project = Project::of_dag("Variable.get('a')\n");
        support::copy(project.0.path(), &directory.path().join(name));
    }
    let mut command = support::astrolint(directory.path());
    command.arg("secrets");
    let text = String::from_utf8(command.output().unwrap().stdout).unwrap();
    for part in ["`local` of one asks", "one/dags/a.py:5", "`local` of two asks", "2 references"] {
        assert!(text.contains(part), "{part}: {text}");
    }
    assert_eq!(text.matches("one/dags/a.py").count(), 1, "{text}");
}

#[test]
fn what_could_not_be_read_is_said() {
    let project = Project::of_dag("Variable.get('a')\n");
    project.write("dags/b.py", "from airflow.models import Variable\nVariable.get('b')\ndef (:\n");
    let outcome = project.run(&[]);
    assert_eq!(outcome.code, 0);
    assert!(outcome.error.contains("dags/b.py: not read as meant"), "{}", outcome.error);
    let outcome = project.run(&["nowhere"]);
    assert_eq!(outcome.code, 2);
    let outcome = project.run(&[".", "nowhere"]);
    assert_eq!(outcome.code, 2);
    assert!(outcome.out.contains("v/a"), "{}", outcome.out);
}

/// The list tells what `resolve` answers.
#[test]
fn names_are_those_that_resolve_tells() {
    let project =
        Project::of_dag("Variable.get('a')\nBaseHook.get_connection('w')\nVariable.get('x y')\n");
    for row in project.json(&[])["references"].as_array().unwrap() {
        let mut command = support::astrolint(project.0.path());
        let (kind, key) = (row["kind"].as_str().unwrap(), row["key"].as_str().unwrap());
        command.args(["resolve", kind, key, ".", "--format", "json"]);
        let answer: Value = serde_json::from_slice(&command.output().unwrap().stdout).unwrap();
        assert_eq!(answer["results"][0]["requested"], row["requested"], "{key}");
    }
}
