//! The contracts of the command line: exit codes, streams, colours, formats, and the README's examples.

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

use assert_cmd::Command;
use astrolint::report::Format;
use serde_json::Value;

mod support;

use support::{Outcome, SECRETS_MANAGER as CLASS, astrolint};

fn repository() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// A project with one error, one warning and one info at least, of rules that will stay.
fn project() -> tempfile::TempDir {
    let directory = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| support::write(directory.path(), name, text);
    write(".astro/config.yaml", "");
    write("Dockerfile", "FROM quay.io/astronomer/astro-runtime:12.8.0\n");
    write(".gitignore", ".env\n");
    write(".dockerignore", ".env\n");
    write(
        ".env",
        &format!(
            "AIRFLOW__SECRETS__BACKEND={CLASS}\nAIRFLOW__SECRETS__BACKEND_KWARGS={{\"variables_prefix\": \"/airflow/variables\", \"region_name\": \"eu-west-1\"}}\n"
        ),
    );
    directory
}

fn stdout(command: &mut Command) -> String {
    String::from_utf8(command.output().unwrap().stdout).unwrap()
}

#[track_caller]
fn ends_with(command: &mut Command, code: i32) {
    let output = command.output().unwrap();
    assert_eq!(output.status.code(), Some(code), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn exit_codes_follow_the_level_that_fails() {
    let directory = project();
    let run = || {
        let mut command = astrolint(directory.path());
        command.args(["--select", "prefix-leading-slash"]);
        command
    };
    ends_with(&mut run(), 0);
    ends_with(run().args(["--fail-on", "warning"]), 1);
    ends_with(run().args(["--fail-on", "info"]), 1);
    ends_with(run().args(["--fail-on", "warning", "--exit-zero"]), 0);
    fs::write(
        directory.path().join("astrolint.toml"),
        "[rules]\nprefix-leading-slash = \"error\"\n",
    )
    .unwrap();
    ends_with(&mut run(), 1);
    ends_with(run().arg("--isolated"), 0);
    fs::write(directory.path().join("astrolint.toml"), "[rules]\nprefix-leading-slash = \"off\"\n")
        .unwrap();
    ends_with(run().args(["--fail-on", "info"]), 0);
}

#[test]
fn findings_go_to_standard_output_and_the_summary_to_standard_error() {
    let directory = project();
    let output = astrolint(directory.path())
        .args(["--format", "concise", "--select", "names"])
        .output()
        .unwrap();
    let findings = String::from_utf8(output.stdout).unwrap();
    assert!(findings.starts_with(".env:2:55: warning[prefix-leading-slash] "), "{findings}");
    assert_eq!(findings.lines().count(), 1);
    assert!(String::from_utf8(output.stderr).unwrap().contains("1 warning"));
    // Whatever is printed for people: the closing line is no part of it, and `--quiet` leaves it out.
    let run = |arguments: &[&str]| {
        let mut command = astrolint(directory.path());
        Outcome::of(command.args(["--select", "names"]).args(arguments), "")
    };
    for (arguments, printed, said) in [
        (&["--format", "concise"][..], true, true),
        (&["--format", "concise", "--quiet"], true, false),
        (&[], true, true),
        (&["--quiet"], true, false),
        (&["--format", "sarif=out.sarif"], false, true),
        (&["--format", "sarif=out.sarif", "--quiet"], false, false),
        (&["--format", "json", "--format", "full=out.txt"], true, false),
    ] {
        let outcome = run(arguments);
        assert_eq!(!outcome.out.is_empty(), printed, "{arguments:?}");
        assert!(!outcome.out.contains("Found"), "{}", outcome.out);
        assert_eq!(outcome.error.starts_with("Found 1 warning "), said, "{arguments:?}");
        assert_eq!(outcome.error.is_empty(), !said, "{}", outcome.error);
    }
    let twice = run(&["--format", "json=out", "--format", "sarif=./out"]);
    assert_eq!(
        (twice.code, twice.error.as_str()),
        (2, "astrolint: `out` cannot hold two formats\n")
    );
}

#[test]
fn one_run_writes_several_formats() {
    let directory = project();
    let text = stdout(astrolint(directory.path()).args([
        "--format",
        "concise",
        "--format",
        "json=out.json",
    ]));
    assert!(text.contains("prefix-leading-slash"));
    let json: Value =
        serde_json::from_str(&fs::read_to_string(directory.path().join("out.json")).unwrap())
            .unwrap();
    assert_eq!(json["version"], 1);
    let finding = json["findings"]
        .as_array()
        .unwrap()
        .iter()
        .find(|one| one["rule"] == "prefix-leading-slash")
        .unwrap();
    assert_eq!(finding["path"], ".env");
    assert_eq!((&finding["start"]["line"], &finding["start"]["column"]), (&2.into(), &55.into()));
    ends_with(astrolint(directory.path()).args(["--format", "json=no/such/dir/out.json"]), 2);
}

/// What programs read holds what people are not shown, and is the same on standard output and in a file.
#[test]
fn every_format_for_programs_holds_info_findings() {
    let directory = project();
    support::write(
        directory.path(),
        "dags/a.py",
        "from airflow.models import Variable\nVariable.get('x-abcdef')\n",
    );
    for format in Format::ALL.map(Format::name) {
        let file = format!("{format}=out");
        let run = |format: &str| {
            let output = astrolint(directory.path()).args(["--format", format]).output().unwrap();
            assert_ne!(
                output.status.code(),
                Some(2),
                "{}",
                String::from_utf8_lossy(&output.stderr)
            );
            String::from_utf8(output.stdout).unwrap()
        };
        let printed = run(format);
        assert_eq!(run(&file), "");
        let written = fs::read_to_string(directory.path().join("out")).unwrap();
        assert_eq!(printed, written, "{format}");
        let for_people = ["full", "concise"].contains(&format);
        assert_eq!(printed.contains("name-resembles-arn-suffix"), !for_people, "{printed}");
    }
}

/// A fingerprint is the same after lines above have changed, and wherever the project lies.
#[test]
fn fingerprints_survive_changes_above() {
    let rows = |root: &Path| -> Vec<(Value, Value)> {
        let text = stdout(astrolint(root).args(["--format", "jsonl"]));
        let rows = text.lines().map(|row| serde_json::from_str::<Value>(row).unwrap());
        rows.map(|row| (row["fingerprint"].clone(), row["start"]["line"].clone())).collect()
    };
    let (first, second) = (project(), project());
    let env = second.path().join(".env");
    fs::write(&env, format!("# a comment\n\n{}", fs::read_to_string(&env).unwrap())).unwrap();
    let (before, after) = (rows(first.path()), rows(second.path()));
    assert!(!before.is_empty());
    let names = |rows: &[(Value, Value)]| rows.iter().map(|row| row.0.clone()).collect::<Vec<_>>();
    assert_eq!(names(&before), names(&after));
    assert_ne!(before, after, "the lines have moved");
}

#[test]
fn projects_are_listed_for_the_jobs_of_a_ci_system() {
    let directory = tempfile::tempdir().unwrap();
    let sizes =
        [("big", 9000), ("mid/air flow", 5000), ("mid/air flow/inner", 1000), ("-small", 10)];
    for (name, size) in sizes {
        support::write(directory.path(), &format!("{name}/.astro/config.yaml"), "");
        support::write(directory.path(), &format!("{name}/dags/a.py"), "#".repeat(size));
    }
    let run = |arguments: &[&str]| {
        let mut command = astrolint(directory.path());
        command.arg("projects").args(arguments);
        ends_with(&mut command, 0);
        stdout(&mut command)
    };
    assert_eq!(run(&[]), "1\t./-small\n2\tbig\n3\tmid/air flow\n");
    let matrix = run(&["--format", "json", "--shards", "2"]);
    assert_eq!(matrix.lines().count(), 1);
    assert_eq!(
        serde_json::from_str::<Value>(&matrix).unwrap(),
        serde_json::json!({ "include": [
            { "project": "./-small and 1 more", "paths": ["./-small", "mid/air flow"], "shard": 1 },
            { "project": "big", "paths": ["big"], "shard": 2 },
        ] })
    );
    let checked = |paths: &[&str]| -> Vec<Value> {
        let text = stdout(astrolint(directory.path()).args(paths).args(["--format", "json"]));
        let report: Value = serde_json::from_str(&text).unwrap();
        report["projects"].as_array().unwrap().clone()
    };
    let mut parts = checked(&["./-small", "mid/air flow"]);
    parts.extend(checked(&["big"]));
    parts.sort_by_key(ToString::to_string);
    assert_eq!(parts, checked(&[]), "the parts are the whole");
    assert_eq!(run(&["big"]), "1\tbig\n");
    ends_with(astrolint(directory.path()).args(["projects", "--shards", "0"]), 2);
    ends_with(astrolint(directory.path()).args(["projects", "no/such"]), 2);
}

#[test]
fn colour_is_used_when_asked_for() {
    let directory = project();
    let colored = |variables: &[(&str, &str)], arguments: &[&str]| {
        let mut command = astrolint(directory.path());
        command.envs(variables.iter().copied()).args(arguments);
        stdout(&mut command).contains('\u{1b}')
    };
    for (variables, arguments, expected) in [
        (&[][..], &[][..], false),
        (&[("FORCE_COLOR", "1")], &[], true),
        (&[("CLICOLOR_FORCE", "1")], &[], true),
        (&[("NO_COLOR", "1"), ("FORCE_COLOR", "1")], &[], false),
        (&[("FORCE_COLOR", "1")], &["--color", "never"], false),
        (&[("NO_COLOR", "1")], &["--color", "always"], true),
    ] {
        assert_eq!(colored(variables, arguments), expected, "{variables:?} {arguments:?}");
    }
}

#[test]
fn a_path_leads_to_its_projects_and_is_shown_from_here() {
    let directory = tempfile::tempdir().unwrap();
    for name in ["team-a", "team-b/airflow"] {
        let root = directory.path().join(name);
        fs::create_dir_all(root.join(".astro")).unwrap();
        fs::write(root.join(".astro/config.yaml"), "").unwrap();
        fs::write(root.join(".env"), fs::read(project().path().join(".env")).unwrap()).unwrap();
    }
    let text =
        stdout(astrolint(directory.path()).args(["--format", "concise", "--select", "names"]));
    let paths: Vec<&str> = text.lines().map(|line| line.split(':').next().unwrap()).collect();
    assert_eq!(paths, ["team-a/.env", "team-b/airflow/.env"]);
    let above = stdout(astrolint(&directory.path().join("team-a")).args([
        "../team-b",
        "--format",
        "concise",
        "--select",
        "names",
    ]));
    assert!(above.starts_with("../team-b/airflow/.env:2:55:"), "{above}");
}

#[test]
fn the_content_of_one_file_can_come_from_standard_input() {
    let directory = project();
    let good = format!("AIRFLOW__SECRETS__BACKEND={CLASS}\n");
    let run = |path: &str| {
        let mut command = astrolint(directory.path());
        command
            .args(["--format", "concise", "--select", "names", "--stdin-filename", path])
            .write_stdin(good.clone());
        stdout(&mut command)
    };
    assert_eq!(run(".env"), "");
    assert!(run(".env.other").contains("prefix-leading-slash"));
}

#[test]
fn explain_shows_pages_and_suggests_names() {
    let page = stdout(astrolint(repository()).args(["explain", "prefix-leading-slash"]));
    assert!(page.starts_with("# prefix-leading-slash\n"));
    let list = stdout(astrolint(repository()).arg("explain"));
    assert_eq!(list, stdout(astrolint(repository()).arg("--list-rules")));
    for rule in astrolint::check::RULES {
        assert!(list.contains(rule.id), "{}", rule.id);
    }
    let output = astrolint(repository()).args(["explain", "prefix-leading-slsh"]).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(
        String::from_utf8(output.stderr).unwrap().contains("did you mean `prefix-leading-slash`?")
    );
    let version = stdout(astrolint(repository()).arg("--version"));
    assert_eq!(version, format!("astrolint {}\n", env!("CARGO_PKG_VERSION")));
}

/// A group is listed; where somebody reads, nothing is wider than the terminal but code and long words.
#[test]
fn explain_fits_the_terminal() {
    let list = stdout(astrolint(repository()).args(["explain", "names"]));
    assert!(
        list.starts_with("Names and prefixes (names)\n") && !list.contains("(leaks)"),
        "{list}"
    );
    let fits = |line: &str| line.chars().count() <= 80 || !line.trim_start().contains(' ');
    let wide = |arguments: &[&str]| {
        let mut command = astrolint(repository());
        let text = stdout(command.env("COLUMNS", "80").arg("explain").args(arguments));
        assert!(!text.is_empty());
        text.lines().filter(|line| !line.starts_with("    ") && !fits(line)).count()
    };
    assert_eq!((wide(&[]), wide(&["setting-drift"])), (0, 0));
    assert!(stdout(astrolint(repository()).arg("explain")).lines().any(|line| line.len() > 100));
}

/// What completes is a script that its shell can read, and knows commands and options.
#[test]
fn completions_are_scripts_of_their_shells() {
    for (shell, check) in [
        ("bash", Some(&["bash", "-n"][..])),
        ("zsh", Some(&["zsh", "-n"])),
        ("fish", Some(&["fish", "--no-execute"])),
        ("powershell", None),
        ("elvish", None),
    ] {
        let script = stdout(astrolint(repository()).args(["completions", shell]));
        // PowerShell and Elvish complete no values.
        let values = ["sarif", "kwarg-unknown", "leaks"].iter().filter(|_| check.is_some());
        for word in ["resolve", "fail-on", "completions"].iter().chain(values) {
            assert!(script.contains(word), "{shell}: {word}");
        }
        let directory = tempfile::tempdir().unwrap();
        fs::write(directory.path().join("script"), &script).unwrap();
        // A shell that is not installed here checks nothing.
        if let Some([program, option]) = check
            && let Ok(output) = std::process::Command::new(program)
                .arg(option)
                .arg(directory.path().join("script"))
                .output()
        {
            assert!(
                output.status.success(),
                "{shell}: {}",
                String::from_utf8_lossy(&output.stderr)
            );
        }
    }
    ends_with(astrolint(repository()).args(["completions", "tcsh"]), 2);
}

/// Each command has a manual page, which names it and its options.
#[test]
fn manual_pages_are_of_their_commands() {
    let page = stdout(astrolint(repository()).arg("man"));
    let mut parts = page.lines().filter(|line| line.starts_with(".SH"));
    assert_eq!(parts.next(), Some(".SH NAME"));
    for command in ["check", "resolve", "secrets", "compare", "explain", "completions", "man"] {
        assert!(page.contains(&format!("astrolint\\-{command}(1)")), "{command}");
        let own = stdout(astrolint(repository()).args(["man", command]));
        assert!(own.contains(&format!(".TH astrolint-{command} 1")), "{command}: {own}");
    }
    assert!(stdout(astrolint(repository()).args(["man", "check"])).contains("fail\\-on"));
    ends_with(astrolint(repository()).args(["man", "nothing"]), 2);
}

#[test]
fn resolve_answers_without_a_project() {
    let directory = tempfile::tempdir().unwrap();
    let ask = |arguments: &[&str]| -> Value {
        let mut command = astrolint(directory.path());
        command.args(["resolve", "--format", "json"]).args(arguments);
        ends_with(&mut command, 0);
        serde_json::from_str(&stdout(&mut command)).unwrap()
    };
    let class = format!("AIRFLOW__SECRETS__BACKEND={CLASS}");
    let kwargs = r#"AIRFLOW__SECRETS__BACKEND_KWARGS={"variables_prefix": "vars", "role_arn": "arn:aws:iam::123456789012:role/x"}"#;
    let settings = [
        "--setting",
        class.as_str(),
        "--setting",
        kwargs,
        "--setting",
        "AWS_DEFAULT_REGION=us-east-1",
    ];
    let pinned = |amazon: &'static str| {
        let mut arguments = vec!["variable", "k", "--airflow", "2.4.1", "--provider", amazon];
        arguments.extend(settings);
        ask(&arguments)
    };
    let new = pinned("apache-airflow-providers-amazon==5.1.0");
    assert_eq!(new["results"].as_array().unwrap().len(), 1);
    assert_eq!(new["results"][0]["environment"], "what-if");
    assert_eq!(new["results"][0]["outcome"], "asked");
    assert_eq!(new["results"][0]["requested"], serde_json::json!(["vars/k"]));
    assert_eq!(new["results"][0]["then"][0], "environment variable AIRFLOW_VAR_K");
    let old = pinned("apache-airflow-providers-amazon==4.1.0");
    assert_eq!(old["results"][0]["outcome"], "lookup-error");
    // Versions that are not pinned give one result for each distinct answer.
    let mut open = vec!["variable", "k", "--airflow", "2.4.1"];
    open.extend(settings);
    let outcomes: Vec<_> = ask(&open)["results"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["outcome"].clone())
        .collect();
    assert_eq!(outcomes, ["lookup-error", "startup-error", "asked"]);
    assert_eq!(ask(&["variable", "k"])["results"][0]["outcome"], "no-backend");
    assert_eq!(ask(&["variable", "k"])["results"][0]["backend"], Value::Null);
    ends_with(astrolint(directory.path()).args(["resolve", "nonsense", "k"]), 2);
    ends_with(
        astrolint(directory.path()).args(["resolve", "variable", "k", "--airflow", "two"]),
        2,
    );
    ends_with(
        astrolint(directory.path()).args(["resolve", "variable", "k", "--provider", "amazon"]),
        2,
    );
}

/// Where each setting comes from, what Airflow makes of it, what is asked, who answers next; and each
/// answer with its versions.
#[test]
fn resolve_tells_a_story() {
    let directory = project();
    let write = |name: &str, text: &str| fs::write(directory.path().join(name), text).unwrap();
    write(
        "Dockerfile",
        "FROM quay.io/astronomer/astro-runtime:4.2.9\nENV AWS_DEFAULT_REGION=eu-west-1\n",
    );
    write("requirements.txt", "apache-airflow-providers-amazon>=5,<6\n");
    write(
        ".env",
        &format!(
            "AIRFLOW__SECRETS__BACKEND={CLASS}\nAIRFLOW__SECRETS__BACKEND_KWARGS={{\"variables_prefix\": \"airflow/variables/\", \"prefix\": \"x\"}}\nAWS_DEFAULT_REGION=eu-west-3\nAIRFLOW_VAR_MY_KEY=1\n"
        ),
    );
    let mut command = astrolint(directory.path());
    command.args(["resolve", "variable", "my_key"]).env("COLUMNS", "80");
    let expected = "\
variable `my_key` in environment `local`
  airflow    2.2.5  (the image, Dockerfile:1)
  provider   apache-airflow-providers-amazon 5.0.0 or 5.1.0
               (requirements.txt:1)
  backend    airflow.providers.amazon.aws.secrets.secrets_manager.SecretsManagerBackend
               (.env:1)
  kwargs     .env:2
             variables_prefix = \"airflow/variables/\"
             prefix = •••: with amazon 5.0.0 every lookup raises TypeError;
               amazon 5.1.0 ignores it without a word
             sep = \"/\"  (default)
  region     eu-west-3  (AWS_DEFAULT_REGION, .env:3, over Dockerfile:2)

  with       amazon 5.0.0
  fails      Airflow does not start: this version of amazon cannot be loaded as
               a backend: circular import
  then       nothing: no process of Airflow starts

  with       amazon 5.1.0
  asks for   airflow/variables/my_key
             (prefix, separator and key)
  then       environment variable AIRFLOW_VAR_MY_KEY  (set: .env:4)
             metadata database
";
    assert_eq!(stdout(&mut command), expected);
}

#[test]
fn resolve_answers_a_line_a_question() {
    let directory = project();
    let questions =
        "{\"kind\": \"variable\", \"key\": \"a\"}\n{\"kind\": \"connection\", \"key\": \"b\"}\n";
    let mut command = astrolint(directory.path());
    command.args(["resolve", "--stdin"]).write_stdin(questions);
    let answers: Vec<Value> =
        stdout(&mut command).lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(answers.len(), 2);
    assert_eq!(answers[0]["results"][0]["requested"][0], "/airflow/variables/a");
    assert_eq!(answers[1]["results"][0]["requested"][0], "airflow/connections/b");
    let mut broken = astrolint(directory.path());
    broken.args(["resolve", "--stdin"]).write_stdin("{\"kind\": \"variable\"}\n");
    ends_with(&mut broken, 2);
}

#[test]
fn resolve_knows_the_environments_of_the_project() {
    let directory = project();
    fs::write(
        directory.path().join("astrolint.toml"),
        format!("[[environment]]\nname = \"production\"\nbackend = \"{CLASS}\"\nbackend-kwargs = {{ variables_prefix = \"prod\" }}\nairflow = \"2.10.5\"\n"),
    )
    .unwrap();
    let ask = |arguments: &[&str]| -> Value {
        let mut command = astrolint(directory.path());
        command.args(["resolve", "variable", "k", "--format", "json"]).args(arguments);
        serde_json::from_str(&stdout(&mut command)).unwrap()
    };
    let both = ask(&[]);
    let names: Vec<_> =
        both["results"].as_array().unwrap().iter().map(|one| one["environment"].clone()).collect();
    assert_eq!(names, ["local", "production"]);
    assert_eq!(ask(&["--environment", "production"])["results"][0]["requested"][0], "prod/k");
    ends_with(
        astrolint(directory.path()).args(["resolve", "variable", "k", "--environment", "staging"]),
        2,
    );
}

/// The first line of a `console` block is a command; the rest is what it prints, standard error last.
#[test]
fn the_pages_show_what_is_printed() {
    let docs = fs::read_dir(repository().join("docs")).unwrap();
    let docs = docs.map(|entry| entry.unwrap().path());
    let docs = docs.filter(|path| path.extension().is_some_and(|ending| ending == "md"));
    let mut failures = String::new();
    for path in docs.chain([repository().join("README.md")]) {
        failures += &shown_and_printed(&path);
    }
    assert!(
        failures.is_empty(),
        "{failures}ASTROLINT_UPDATE=1 cargo test --test cli rewrites the pages"
    );
}

/// The commands of a page that print something else than it shows; `ASTROLINT_UPDATE` rewrites the page.
fn shown_and_printed(path: &Path) -> String {
    let page = fs::read_to_string(path).unwrap();
    let mut updated = String::new();
    let mut lines = page.lines();
    let mut failures = String::new();
    while let Some(line) = lines.next() {
        writeln!(updated, "{line}").unwrap();
        if line != "```console" {
            continue;
        }
        let command = lines.next().unwrap();
        let shown: String = lines
            .by_ref()
            .take_while(|line| *line != "```")
            .map(|line| format!("{line}\n"))
            .collect();
        let printed = run_shown(command);
        writeln!(updated, "{command}\n{printed}```").unwrap();
        if shown != printed {
            writeln!(failures, "{}: {command}\nprints\n{printed}", path.display()).unwrap();
        }
    }
    if std::env::var_os("ASTROLINT_UPDATE").is_some() && updated != page {
        fs::write(path, updated).unwrap();
        failures.clear();
    }
    failures
}

/// Runs a command of a page with the binary under test.
fn run_shown(command: &str) -> String {
    let words = command
        .strip_prefix("$ cargo run --release --quiet -- ")
        .or_else(|| command.strip_prefix("$ astrolint "))
        .unwrap_or_else(|| panic!("not a command of ours: {command}"));
    let mut arguments = Vec::new();
    let mut quoted = false;
    for piece in words.split('\'') {
        if quoted {
            if let Some(last) = arguments.last_mut() {
                let last: &mut String = last;
                last.push_str(piece);
            }
        } else {
            let glued = !piece.starts_with(' ') && !arguments.is_empty();
            for (number, word) in piece.split(' ').filter(|word| !word.is_empty()).enumerate() {
                if number == 0 && glued {
                    arguments.last_mut().unwrap().push_str(word);
                } else {
                    arguments.push(word.to_owned());
                }
            }
            if piece.ends_with(' ') {
                arguments.push(String::new());
            }
        }
        quoted = !quoted;
    }
    arguments.retain(|argument| !argument.is_empty());
    let mut command = astrolint(repository());
    let Outcome { out, error, .. } = Outcome::of(command.env("COLUMNS", "100").args(arguments), "");
    (out + &error).trim_end().to_owned() + "\n"
}

/// A project with a fault that can be fixed safely, and one that a person should look at.
fn fixable(root: &Path) {
    support::write(root, ".astro/config.yaml", "project:\n  name: example\n");
    support::write(root, "Dockerfile", "FROM quay.io/astronomer/astro-runtime:12.8.0\n");
    support::write(root, ".gitignore", ".env\n");
    support::write(root, ".dockerignore", ".env\n");
    let env = format!(
        "AIRFLOW__SECRETS__BACKEND={CLASS}\nAIRFLOW__SECRETS__BACKEND_KWARGS={{'variables_prefix': 'v', 'region': 'eu-west-1'}}\n"
    );
    support::write(root, ".env", env);
}

#[test]
fn diff_shows_and_changes_nothing() {
    let directory = tempfile::tempdir().unwrap();
    fixable(directory.path());
    let before = std::fs::read_to_string(directory.path().join(".env")).unwrap();
    let outcome = Outcome::of(astrolint(directory.path()).arg("--diff"), "");
    assert_eq!(outcome.code, 1, "{}", outcome.error);
    assert!(outcome.out.contains("\n-AIRFLOW__SECRETS__BACKEND_KWARGS={'variables_prefix'"));
    assert!(outcome.out.contains("\n+AIRFLOW__SECRETS__BACKEND_KWARGS={\"variables_prefix\""));
    assert_eq!(outcome.error, "1 fix would change 1 file.\n");
    assert_eq!(std::fs::read_to_string(directory.path().join(".env")).unwrap(), before);
    let mut both = astrolint(directory.path());
    let outcome = Outcome::of(both.args(["--diff", "--unsafe-fixes", "--quiet"]), "");
    assert!(outcome.out.contains("\"region_name\""), "{}", outcome.out);
    assert_eq!(outcome.error, "");
}

#[test]
fn fix_writes_and_reports_what_is_left() {
    let directory = tempfile::tempdir().unwrap();
    fixable(directory.path());
    let mut safe = astrolint(directory.path());
    let outcome = Outcome::of(safe.args(["--fix", "--format", "concise"]), "");
    assert_eq!(outcome.code, 1, "{}", outcome.error);
    assert!(
        outcome.error.starts_with("fixed .env: Make it JSON [kwargs-not-json]\n"),
        "{}",
        outcome.error
    );
    assert!(
        outcome.error.ends_with(" 1 can be fixed with --fix --unsafe-fixes.\n"),
        "{}",
        outcome.error
    );
    assert!(outcome.out.contains("[kwarg-unknown]"), "{}", outcome.out);
    let text = std::fs::read_to_string(directory.path().join(".env")).unwrap();
    assert!(
        text.ends_with("_KWARGS={\"variables_prefix\": \"v\", \"region\": \"eu-west-1\"}\n"),
        "{text}"
    );
    let mut all = astrolint(directory.path());
    let outcome = Outcome::of(all.args(["--fix", "--unsafe-fixes"]), "");
    assert_eq!(outcome.code, 0, "{}{}", outcome.out, outcome.error);
    let mut wrong = astrolint(directory.path());
    assert_eq!(Outcome::of(wrong.arg("--unsafe-fixes"), "").code, 2);
}

#[cfg(unix)]
#[test]
fn what_cannot_be_written_is_said_and_reported() {
    use std::os::unix::fs::PermissionsExt as _;
    let directory = tempfile::tempdir().unwrap();
    fixable(directory.path());
    let env = directory.path().join(".env");
    std::fs::set_permissions(&env, std::fs::Permissions::from_mode(0o444)).unwrap();
    let mut command = astrolint(directory.path());
    let outcome = Outcome::of(command.args(["--fix", "--format", "concise"]), "");
    assert_eq!(outcome.code, 2);
    assert!(outcome.error.starts_with("astrolint: .env: not fixed: it is read-only\n"));
    assert!(outcome.out.contains("[kwargs-not-json]"), "{}", outcome.out);
    // What else can be fixed is, and is said; a preview promises no more.
    std::fs::remove_file(directory.path().join(".gitignore")).unwrap();
    support::write(
        directory.path(),
        "x.env",
        "AIRFLOW_CONN_W=postgres://loader:Tr0ub4dor-and-3@db/x\n",
    );
    let mut command = astrolint(directory.path());
    let outcome = Outcome::of(command.arg("--diff"), "");
    assert!(!outcome.out.contains("+++ .env\n"), "{}", outcome.out);
    assert!(outcome.error.starts_with("astrolint: .env: not fixed: it is read-only\n"));
    let mut command = astrolint(directory.path());
    let outcome = Outcome::of(command.args(["--fix", "--format", "concise"]), "");
    assert_eq!(outcome.code, 2);
    let fixed = "\nfixed .gitignore: Make git ignore `x.env` [env-not-ignored]\n";
    assert!(outcome.error.contains(fixed), "{}", outcome.error);
    assert!(
        std::fs::read_to_string(directory.path().join(".gitignore")).unwrap().contains("x.env\n")
    );
}

#[test]
fn a_baseline_leaves_what_is_new() {
    let directory = tempfile::tempdir().unwrap();
    fixable(directory.path());
    let dag =
        "from airflow.models import Variable\nfrom airflow import DAG\n\nA = Variable.get(\"a\")\n";
    support::write(directory.path(), "dags/a.py", dag);
    let run = |arguments: &[&str]| {
        Outcome::of(
            astrolint(directory.path()).args(["--baseline", "known.json"]).args(arguments),
            "",
        )
    };
    let outcome = run(&["--write-baseline"]);
    assert_eq!((outcome.code, outcome.error.as_str()), (0, "wrote known.json: 2 known findings\n"));
    let outcome = run(&["--format", "concise"]);
    assert_eq!((outcome.code, outcome.out.as_str()), (0, ""));
    assert_eq!(outcome.error, "No problems found (2 more in the baseline) in 1 project.\n");
    // What moves is known still; what is added is not, though it stands in the same file.
    support::write(
        directory.path(),
        "dags/a.py",
        format!("# above\n{dag}B = Variable.get(\"b\")\n"),
    );
    let outcome = run(&["--format", "concise"]);
    let lines: Vec<&str> = outcome.out.lines().collect();
    assert_eq!(lines.len(), 1, "{}", outcome.out);
    assert!(lines[0].starts_with("dags/a.py:6:") && lines[0].contains("`b`"), "{}", lines[0]);
    // What is gone is said, and nothing of files that are not looked at.
    support::write(directory.path(), "dags/a.py", "");
    let outcome = run(&["--format", "concise"]);
    let gone = "astrolint: the baseline knows parse-time-lookup in dags/a.py (`a`), which is found no more\n";
    assert!(outcome.error.contains(gone), "{}", outcome.error);
    let outcome = run(&["--format", "concise", "--select", "kwargs-not-json"]);
    assert!(!outcome.error.contains("no more"), "{}", outcome.error);
    // A fix leaves alone what is known.
    let outcome = run(&["--fix", "--quiet"]);
    assert_eq!(outcome.code, 0);
    let env = std::fs::read_to_string(directory.path().join(".env")).unwrap();
    assert!(env.contains("{'variables_prefix'"));
    support::write(directory.path(), "known.json", "{}");
    assert_eq!(run(&[]).code, 2);
}

/// What a name becomes by `.env` or a version is no part of what is known: the checkout of a CI system has no
/// `.env`, and prefixes and providers change.
#[test]
fn a_baseline_holds_without_the_env_file() {
    let directory = tempfile::tempdir().unwrap();
    fixable(directory.path());
    std::fs::create_dir(directory.path().join(".git")).unwrap();
    let env = |prefix: &str| {
        format!(
            "AIRFLOW__SECRETS__BACKEND={CLASS}\nAIRFLOW__SECRETS__BACKEND_KWARGS={{\"variables_prefix\": \"{prefix}\", \"region\": \"x\"}}\nAWS_DEFAULT_REGION=eu-west-1\n"
        )
    };
    support::write(directory.path(), ".env", env("v"));
    let dag = "from airflow.models import Variable\nfrom airflow import DAG\n\nKEY = \"c\"\nA = Variable.get(\"a\")\nB = Variable.get(\"b\")\nC = Variable.get(KEY)\n";
    support::write(directory.path(), "dags/a.py", dag);
    let run = |arguments: &[&str]| {
        let mut command = astrolint(directory.path());
        command.args(["--baseline", "known.json", "--fail-on", "warning", "--strict"]);
        Outcome::of(
            command
                .args(
                    ["--format", "concise"]
                        .iter()
                        .filter(|_| !arguments.contains(&"--write-baseline")),
                )
                .args(arguments),
            "",
        )
    };
    assert_eq!(run(&["--write-baseline"]).code, 0);
    let known = std::fs::read_to_string(directory.path().join("known.json")).unwrap();
    assert!(known.contains("\"about\":\"a\""), "{known}");
    let holds = |what: &str| {
        let outcome = run(&[]);
        assert_eq!((outcome.code, outcome.out.as_str()), (0, ""), "{what}");
        assert!(!outcome.error.contains("no more"), "{what}: {}", outcome.error);
    };
    support::write(directory.path(), ".env", env("other"));
    holds("another prefix");
    support::write(
        directory.path(),
        "requirements.txt",
        "apache-airflow-providers-amazon==9.2.0\n",
    );
    holds("another version");
    std::fs::remove_file(directory.path().join(".env")).unwrap();
    holds("no .env");
    // What is no baseline is not written over.
    support::write(directory.path(), "x.env", "A=1\n");
    let mut command = astrolint(directory.path());
    let outcome = Outcome::of(command.args(["--baseline", "x.env", "--write-baseline"]), "");
    assert_eq!(outcome.code, 2);
    assert_eq!(std::fs::read_to_string(directory.path().join("x.env")).unwrap(), "A=1\n");
}

/// Comments and the configuration leave findings out; the closing line and the JSON count them.
#[test]
fn what_is_left_out_is_counted() {
    let directory = tempfile::tempdir().unwrap();
    fixable(directory.path());
    support::write(
        directory.path(),
        "dags/a.py",
        "from airflow.models import Variable\nfrom airflow import DAG\n\nA = Variable.get(\"a\")  # astrolint: ignore[parse-time-lookup] wanted\n",
    );
    support::write(directory.path(), "astrolint.toml", "[rules]\nkwargs-not-json = \"off\"\n");
    let outcome = Outcome::of(&mut astrolint(directory.path()), "");
    let line = "No problems found (1 suppressed by comments; 1 switched off by the configuration) in 1 project.\n";
    assert_eq!(outcome.error, line);
    let json = stdout(astrolint(directory.path()).args(["--format", "json"]));
    let summary = serde_json::from_str::<Value>(&json).unwrap()["summary"].clone();
    assert_eq!((&summary["suppressed"], &summary["switched_off"]), (&1.into(), &1.into()));
    // `--verbose` names code, too.
    let outcome = Outcome::of(astrolint(directory.path()).arg("--verbose"), "");
    assert!(outcome.error.contains("\n.: read dags/a.py\n"), "{}", outcome.error);
}

/// Where the locale has ASCII only, nothing else is drawn, into a pipe neither.
#[test]
fn a_locale_without_unicode_gets_none() {
    let directory = project();
    let run = |locale: &str| stdout(astrolint(directory.path()).env("LC_ALL", locale)).is_ascii();
    assert!(run("C") && !run("C.UTF-8"));
}

#[test]
fn statistics_count_by_rule() {
    let directory = tempfile::tempdir().unwrap();
    fixable(directory.path());
    let dag = "from airflow.models import Variable\nfrom airflow import DAG\n\nA = Variable.get(\"a\")\nB = Variable.get(\"b\")\n";
    support::write(directory.path(), "dags/a.py", dag);
    let outcome =
        Outcome::of(astrolint(directory.path()).args(["--statistics", "--exit-zero"]), "");
    assert_eq!(
        outcome.out,
        "     2  warning  parse-time-lookup\n     1  error    kwargs-not-json (all can be fixed)\n"
    );
}

#[test]
fn a_first_run_says_what_is_missing() {
    let directory = tempfile::tempdir().unwrap();
    let outcome = Outcome::of(&mut astrolint(directory.path()), "");
    assert_eq!(outcome.code, 2);
    assert!(outcome.error.contains("looked for `.astro/config.yaml`"), "{}", outcome.error);
    assert!(outcome.error.contains("\nastrolint: `astrolint init` "), "{}", outcome.error);
    // What it advises works.
    support::write(directory.path(), "dags/a.py", "");
    assert_eq!(Outcome::of(astrolint(directory.path()).arg("init"), "").code, 0);
    let outcome = Outcome::of(&mut astrolint(directory.path()), "");
    assert_eq!(outcome.code, 0, "{}", outcome.error);
    let hint = "astrolint: no file of the project `.` configures a secrets backend, so no name was checked.";
    assert!(outcome.error.contains(hint), "{}", outcome.error);
    let outcome = Outcome::of(astrolint(directory.path()).arg("--quiet"), "");
    assert_eq!((outcome.code, outcome.out.as_str(), outcome.error.as_str()), (0, "", ""));
}
