//! A credential in each form, in each place, and all that astrolint says of it: in every format, as a diff, while
//! and after it is fixed, to an editor, and in a panic. And what a file could say to a terminal or a program.

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use astrolint::report::Format;
use astrolint::report::escape::is_treacherous;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use tempfile::TempDir;

use super::{Canaries, SECRETS_MANAGER, find, leaks_of_formats, run, write};

/// Standard base64 of `text`, with what fills it up.
fn base64(text: &str) -> String {
    data_encoding::BASE64.encode(text.as_bytes())
}

/// `text` with every character percent-encoded.
fn percent(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

/// Writes a credential.
type Form = fn(&str) -> String;

/// How a credential can be written, in a text that may stand anywhere in a line.
const FORMS: [(&str, Form); 10] = [
    ("plain", str::to_owned),
    ("percent-encoded", percent),
    ("with signs", |secret| format!("p@/{secret}+=")),
    ("base64", base64),
    ("base64 of a pair", |secret| base64(&format!("user:{secret}"))),
    ("hexadecimal", |secret| data_encoding::HEXLOWER.encode(secret.as_bytes())),
    ("JSON", |secret| format!("{{\"conn_type\": \"x\", \"password\": \"{secret}\"}}")),
    ("JSON in JSON", |secret| format!("{{\"extra\": \"{{\\\"token\\\": \\\"{secret}\\\"}}\"}}")),
    ("a URI", |secret| format!("postgresql://u:{secret}@db.corp.internal:5432/x?sslmode=require")),
    ("a header", |secret| format!("Authorization: Bearer {secret}")),
];

/// The files of a project in which `next` writes a credential wherever one can stand.
#[expect(clippy::too_many_lines, reason = "a list of files")]
fn places(mut next: impl FnMut() -> String) -> Vec<(&'static str, String)> {
    let mut one = || next();
    let quoted = |text: &str| text.replace('\\', "\\\\").replace('"', "\\\"");
    let single = |text: &str| text.replace('\'', "'\\''");
    let kwargs = |text: &str| {
        format!(
            "{{\"variables_prefix\": \"/airflow/variables\", \"aws_secret_access_key\": {}}}",
            Value::from(text)
        )
    };
    let env = [
        format!("AIRFLOW__SECRETS__BACKEND={SECRETS_MANAGER}"),
        format!("AIRFLOW__SECRETS__BACKEND_KWARGS={}", kwargs(&one())),
        format!("DB_PASSWORD={}", one()),
        format!("export QUOTED='{}'", one()),
        format!("DOUBLE=\"{}\"  # {}", quoted(&one()), one()),
        format!("# OLD={}", one()),
        one(),
        format!("{}: {}", one(), one()),
        format!("AIRFLOW_CONN_X={}", one()),
        format!("AIRFLOW_VAR_Y=${{UNSET:-{}}}", one()),
        format!("AIRFLOW__CORE__FERNET_KEY={}", one()),
        format!("OPEN=\"{}\n", quoted(&one())),
    ];
    let python = [
        "import os\nfrom airflow.models import Connection, Variable".to_owned(),
        format!("A = Variable.get('/api', default_var='{}')  # {}", single(&one()), one()),
        format!("B = Variable.get(\"{}\")", quoted(&one())),
        format!("os.environ['AIRFLOW_CONN_X'] = \"{}\"", quoted(&one())),
        format!("Connection(conn_id='x', password=\"{}\", extra='''{}''')", quoted(&one()), one()),
        format!("print(f\"{{A}} {}\")", quoted(&one()).replace('{', "{{").replace('}', "}}")),
        format!(
            "BashOperator(task_id='t', bash_command=\"\"\"{} {{{{ var.value.my-key }}}}\"\"\")",
            quoted(&one())
        ),
        format!("def broken(:\n    x = \"{}", quoted(&one())),
    ];
    let dockerfile = [
        "FROM quay.io/astronomer/astro-runtime:12.8.0".to_owned(),
        format!("ENV AIRFLOW__SECRETS__BACKEND_KWARGS={}", kwargs(&one())),
        format!("ENV A=\"{}\" B='{}'", quoted(&one()), one()),
        format!("ARG TOKEN={}", one()),
        format!("RUN <<EOF\nexport A='{}'\nEOF", one()),
        format!("RUN curl -H '{}' https://u:{}@host # {}", one(), one(), one()),
    ];
    let terraform = [
        format!("# {}", one()),
        format!(
            "resource \"aws_secretsmanager_secret\" \"x\" {{\n  name = \"/airflow/variables/x\"\n  description = \"{}\"\n}}",
            quoted(&one())
        ),
        format!(
            "resource \"aws_secretsmanager_secret_version\" \"x\" {{\n  secret_id = aws_secretsmanager_secret.x.id\n  secret_string = \"{}\"\n}}",
            quoted(&one())
        ),
        format!(
            "resource \"aws_secretsmanager_secret_version\" \"y\" {{\n  secret_id = \"airflow/connections/y\"\n  secret_string = <<-EOT\n    {}\n  EOT\n}}",
            one()
        ),
        format!(
            "resource \"astro_deployment\" \"d\" {{\n  environment_variables = [{{ key = \"AIRFLOW__SECRETS__BACKEND_KWARGS\", value = \"{}\", is_secret = false }}]\n}}",
            quoted(&kwargs(&one()))
        ),
        format!("locals {{\n  \"{}\" = \"{}\n", quoted(&one()), quoted(&one())),
    ];
    let script = [
        format!(
            "aws secretsmanager create-secret --name /airflow/variables/x --secret-string '{}'",
            single(&one())
        ),
        format!(
            "aws secretsmanager create-secret --name \"{}\" --secret-string file://x",
            quoted(&one())
        ),
        format!("cat <<EOF | vault kv put secret/x -\n{}\nEOF", one()),
        format!(
            "astro deployment variable create DB_PASSWORD='{}' AIRFLOW__SECRETS__BACKEND_KWARGS='{}'",
            single(&one()),
            single(&kwargs(&one()))
        ),
        format!("export TOKEN={} # {}", single(&one()), one()),
        format!("echo \"{}", quoted(&one())),
    ];
    let yaml = [
        "deployment:\n  environment_variables:".to_owned(),
        format!(
            "  - key: AIRFLOW__SECRETS__BACKEND_KWARGS\n    is_secret: false\n    value: {}",
            Value::from(kwargs(&one()))
        ),
        format!("  - key: {}\n    value: {} # {}", Value::from(one()), Value::from(one()), one()),
        format!("  - key: X\n    value: |-\n      {}", one()),
        format!("  {}: [{}", Value::from(one()), one()),
    ];
    let settings = format!(
        "airflow:\n  connections:\n  - conn_id: /x\n    conn_password: {}\n    conn_uri: {}\n  variables:\n  - variable_name: {}\n    variable_value: {}\n",
        Value::from(one()),
        Value::from(one()),
        Value::from(one()),
        Value::from(one())
    );
    let cfg = format!(
        "[secrets]\nbackend_kwargs = {}\n{} = {}\n# {}\n",
        kwargs(&one()).replace('%', "%%"),
        one(),
        one(),
        one()
    );
    vec![
        (".env", env.join("\n")),
        ("prod.env", env.join("\n")),
        (".env.example", env.join("\n")),
        ("dags/a.py", python.join("\n")),
        (
            "dags/a.sql",
            format!(
                "-- {}\nselect '{}' {{{{ var.value.get('x', default_var='{}') }}}}\n",
                one(),
                one(),
                one()
            ),
        ),
        (
            "dags/a.yaml",
            format!("conn_id: {}\ntoken: {}\n", Value::from(one()), Value::from(one())),
        ),
        ("Dockerfile", dockerfile.join("\n")),
        (
            "requirements.txt",
            format!(
                "x @ https://u:{}@host/x.whl # {}\n{}\n--index-url https://{}@host\n",
                one(),
                one(),
                one(),
                one()
            ),
        ),
        ("main.tf", terraform.join("\n")),
        ("deploy.sh", script.join("\n")),
        (
            "Makefile",
            format!("TOKEN = {}\nx:\n\tastro deployment variable create A={}\n", one(), one()),
        ),
        ("deployment.yaml", yaml.join("\n")),
        ("airflow_settings.yaml", settings),
        (
            "docker-compose.override.yml",
            format!(
                "services:\n  worker:\n    environment:\n      DB_PASSWORD: {}\n",
                Value::from(one())
            ),
        ),
        ("airflow.cfg", cfg),
        ("dags/.airflowignore", format!("{}\n[{}\n", one(), one())),
        (".gitignore", format!("{}\n", one())),
        (".dockerignore", format!("{}\n[{}\n", one(), one())),
    ]
}

/// Says where `said` holds a part of a credential, or what is made of one.
fn found(c: &Canaries, name: &str, what: &str, said: &str) -> Option<String> {
    let mut derived = c.made.iter().flat_map(|secret| {
        let digest = |bytes: &[u8]| data_encoding::HEXLOWER.encode(bytes);
        [
            percent(secret),
            data_encoding::HEXLOWER.encode(secret.as_bytes()),
            digest(Sha256::digest(secret).as_slice()),
            digest(sha1::Sha1::digest(secret).as_slice()),
        ]
    });
    let whole = derived.find(|form| said.contains(form));
    let part = whole.or_else(|| find(&c.parts(), said))?;
    let line = said.lines().find(|line| line.contains(&part) || find(&c.parts(), line).is_some());
    let line: String = line.unwrap_or_default().chars().take(200).collect();
    Some(format!("{name}: {what}: {part} in {line}"))
}

/// All that the language server says of the files in `root`.
fn said_to_an_editor(root: &Path, files: &[(&str, String)]) -> String {
    let root = root.canonicalize().unwrap();
    let uri = |name: &str| format!("file://{}", root.join(name).display());
    let folder = json!({ "uri": uri(""), "name": "project" });
    let mut messages = vec![
        json!({ "id": 1, "method": "initialize", "params": { "capabilities": {}, "workspaceFolders": [folder] } }),
        json!({ "method": "initialized", "params": {} }),
    ];
    let mut ask = |method: &str, params: Value| {
        let id = messages.len() + 1;
        messages.push(json!({ "id": id, "method": method, "params": params }));
    };
    for (name, text) in files {
        for (line, text) in text.lines().enumerate() {
            let file = json!({ "uri": uri(name) });
            let position = json!({ "line": line, "character": text.len() / 2 });
            let end = json!({ "line": line, "character": text.len() });
            let at = json!({ "textDocument": file, "position": position });
            for method in
                ["textDocument/hover", "textDocument/definition", "textDocument/completion"]
            {
                ask(method, at.clone());
            }
            let start = json!({ "line": line, "character": 0 });
            let params = json!({ "textDocument": file, "range": { "start": start, "end": end }, "context": { "diagnostics": [] } });
            ask("textDocument/codeAction", params);
        }
    }
    ask("shutdown", Value::Null);
    messages.push(json!({ "method": "exit" }));
    let mut server = Command::new(env!("CARGO_BIN_EXE_astrolint"))
        .arg("lsp")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = server.stdin.take().unwrap();
    std::thread::scope(|scope| {
        scope.spawn(move || {
            for mut message in messages {
                message["jsonrpc"] = "2.0".into();
                let text = message.to_string();
                write!(input, "Content-Length: {}\r\n\r\n{text}", text.len()).unwrap();
            }
        });
        let output = server.wait_with_output().unwrap();
        assert!(output.status.success(), "{output:?}");
        String::from_utf8([output.stdout, output.stderr].concat()).unwrap()
    })
}

/// All that is said of the project in `root`, by what says it.
fn leaks(root: &Path, c: &Canaries, name: &str, files: &[(&str, String)]) -> Vec<String> {
    let parts = c.parts();
    let of_formats = leaks_of_formats(root, &["--strict", "--verbose", "--no-ignores"], &parts);
    let start = |it: String| format!("{name}: {}", it.chars().take(200).collect::<String>());
    let mut leaked: Vec<String> = of_formats.into_iter().map(start).collect();
    let mut look = |arguments: &[&str]| {
        let said = run(root, arguments, &[], "").text;
        leaked.extend(found(c, name, &arguments.join(" "), &said));
    };
    look(&["--strict", "--verbose", "--format", "json"]);
    look(&["--diff", "--unsafe-fixes"]);
    look(&["--statistics"]);
    look(&["secrets", "--format", "json"]);
    look(&["compare", "--to", "3.1-4"]);
    look(&["resolve", "connection", "x", "."]);
    look(&["--write-baseline", "--baseline", "known.json"]);
    let baseline = std::fs::read_to_string(root.join("known.json")).unwrap();
    std::fs::remove_file(root.join("known.json")).unwrap();
    leaked.extend(found(c, name, "baseline", &baseline));
    leaked.extend(found(c, name, "editor", &said_to_an_editor(root, files)));
    leaked
}

#[test]
fn no_form_of_a_credential_is_shown() {
    let mut leaked = Vec::new();
    for (name, form) in FORMS {
        let mut c = Canaries::default();
        let directory = TempDir::new().unwrap();
        let root = directory.path();
        write(root, ".astro/config.yaml", "");
        let files = places(|| form(&c.one()));
        for (file, text) in &files {
            write(root, file, text);
        }
        leaked.extend(leaks(root, &c, name, &files));
        let said = run(root, &["--fix", "--unsafe-fixes", "--strict"], &[], "").text;
        assert!(said.contains("fixed "), "{name}: nothing was fixed, so it is not tested: {said}");
        leaked.extend(found(&c, name, "--fix", &said));
        leaked.extend(leaks(root, &c, &format!("{name}, fixed"), &files));
    }
    assert!(leaked.is_empty(), "{} leaks:\n{}", leaked.len(), leaked.join("\n"));
}

#[test]
#[ignore = "fails, as it should: the test below runs it"]
fn panics_with_a_credential() {
    astrolint::command::hide_panics();
    panic!("{}", std::env::var("CANARY").unwrap());
}

#[test]
fn a_panic_tells_its_place_alone() {
    let mut c = Canaries::default();
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "matrix::panics_with_a_credential", "--ignored", "--nocapture"])
        .env("CANARY", c.one())
        .env("RUST_BACKTRACE", "full")
        .output()
        .unwrap();
    assert!(!output.status.success());
    let said = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
    assert!(said.contains("failed at tests/leak/matrix.rs:"), "{said}");
    assert_eq!(c.find(&said), None, "{said}");
}

/// What terminals, GitHub's runner, XML, Markdown and a shell would obey, in a file that shows its names.
const ORDERS: &str = "\x1b[31m\x1b]8;;https://evil.example\x07\u{9b}2J\r\u{202e}\u{200b}::error::x%0A::warning::]]>&<b>[a](javascript:x)";

/// The files of a project that say [`ORDERS`] wherever a name is shown.
fn orders() -> Vec<(&'static str, String)> {
    let o = ORDERS;
    let env = format!(
        "AIRFLOW__SECRETS__BACKEND={SECRETS_MANAGER}\nAIRFLOW__SECRETS__BACKEND_KWARGS={{\"variables_prefix\": \"/{o}\", \"{o}\": 1, \"region_name\": \"{o}\"}}\n{o}=x\nAIRFLOW_VAR_{o}=1\nAWS_DEFAULT_REGION={o}\nAIRFLOW__SECRETS__{o}=1\n# astrolint: ignore[{o}]\n{o}\n"
    );
    let python = format!(
        "from airflow.models import Variable\nVariable.get('/{o}')\nVariable.get(\"airflow/variables/{o}\", default={{}})\nBaseHook.get_connection('<your-{o}>')\nPostgresHook(postgres_conn_id='a {o}')\n{o}\n"
    );
    vec![
        (".astro/config.yaml", format!("project:\n  name: {o}\n")),
        (".env", env),
        (
            "Dockerfile",
            format!(
                "FROM quay.io/astronomer/astro-runtime:12.8.0-{o}\nENV {o}=1 AIRFLOW__SECRETS__BACKEND='{o}'\n{o} x\n"
            ),
        ),
        ("requirements.txt", format!("apache-airflow-providers-amazon=={o}\n{o}\n-r {o}.txt\n")),
        ("dags/a.py", python),
        (
            "dags/a.sql",
            format!(
                "{{{{ var.value.{o} }}}} {{{{ var.value.get('/{o}') }}}} {{{{ conn['{o}'] }}}}\n{{% {o} %}}\n"
            ),
        ),
        (
            "dags/a.yaml",
            format!("conn_id: \"/{}\"\n", o.escape_unicode().to_string().replace("\\u{", "\\U{")),
        ),
        (
            "main.tf",
            format!(
                "resource \"aws_secretsmanager_secret\" \"x\" {{\n  name = \"/airflow/variables/{o}\"\n}}\n{o} = {o}\n"
            ),
        ),
        (
            "deploy.sh",
            format!(
                "aws secretsmanager create-secret --name '/airflow/variables/{o}' --region '{o}'\nastro deployment variable create '{o}=1' --load --env '{o}'\n"
            ),
        ),
        (
            "deployment.yaml",
            format!(
                "deployment:\n  {0}: 1\n  environment_variables:\n  - key: {0}\n    value: 1\n  configuration:\n    name: {0}\n",
                Value::from(o)
            ),
        ),
        ("airflow.cfg", format!("[secrets]\nbackend = {o}\n{o} = 1\n[{o}]\n")),
    ]
}

#[test]
fn nothing_in_a_file_is_obeyed() {
    let directory = TempDir::new().unwrap();
    let root = directory.path();
    let files = orders();
    for (name, text) in &files {
        write(root, name, text);
    }
    write(root, "list.txt", format!("airflow/variables/{ORDERS}\n"));
    let mut faults = Vec::new();
    let mut look = |name: &str, page: &str| {
        let bad = page.char_indices().find(|(at, char)| {
            let rest = page[*at..].strip_prefix("\x1b[");
            let is_colour = rest.is_some_and(|rest| {
                rest.trim_start_matches(|it: char| it.is_ascii_digit() || it == ';')
                    .starts_with('m')
                    && !rest.starts_with("31m\x1b]")
            });
            !matches!(char, '\n' | '\t') && !is_colour && is_treacherous(*char)
        });
        if let Some((at, _)) = bad {
            let start = page.floor_char_boundary(at.saturating_sub(60));
            faults.push(format!(
                "{name}: {:?}",
                &page[start..page.ceil_char_boundary((at + 20).min(page.len()))]
            ));
        }
        if !name.contains("github")
            && let Some(line) = page.lines().find(|line| line.trim_start().starts_with("::"))
        {
            faults.push(format!("{name}: {line}"));
        }
    };
    for format in Format::ALL.map(Format::name) {
        let said = run(root, &["--strict", "-v", "--format", format], &[], "").text;
        assert!(said.len() > 1000, "{format}: {said}");
        look(format, &said);
    }
    for arguments in [
        &["--color", "always", "--strict"][..],
        &["--diff", "--unsafe-fixes"],
        &["--statistics"],
        &["secrets"],
        &["secrets", "--unique"],
        &["secrets", "--against", "list.txt"],
        &["compare", "--to", "3.1-4"],
        &["resolve", "variable", ORDERS, "."],
        &["resolve", "variable", "x", ".", "--format", "json"],
        &["projects"],
        &["--select", ORDERS],
        &["--config", "\x1b[31m.toml"],
        &["\x1b]0;x\x07"],
        &["explain", "\x1b[31m"],
    ] {
        look(&arguments.join(" "), &run(root, arguments, &[], "").text);
    }
    // Texts inside of JSON reach a terminal, a page or an editor once they are read from it.
    let report: Value = serde_json::from_str(&json_of(root)).unwrap();
    for finding in report["findings"].as_array().unwrap() {
        for text in [&finding["message"], &finding["help"], &finding["notes"], &finding["labels"]] {
            each_text(text, &mut |text| look("texts of json", text));
        }
    }
    let said = said_to_an_editor(root, &files[1..]);
    for message in said.split("Content-Length: ").filter_map(|it| it.split_once("\r\n\r\n")) {
        let message: Value = serde_json::from_str(message.1).unwrap();
        for diagnostic in message["params"]["diagnostics"].as_array().into_iter().flatten() {
            each_text(&diagnostic["message"], &mut |text| look("diagnostics", text));
            each_text(&diagnostic["relatedInformation"], &mut |text| look("related", text));
        }
        each_text(&message["result"]["contents"], &mut |text| look("hover", text));
    }
    assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
}

fn json_of(root: &Path) -> String {
    let mut command = super::support::astrolint(root);
    let output = command.args(["--format", "json"]).output().unwrap();
    String::from_utf8(output.stdout).unwrap()
}

fn each_text(value: &Value, look: &mut dyn FnMut(&str)) {
    match value {
        Value::String(text) => look(text),
        Value::Array(parts) => parts.iter().for_each(|part| each_text(part, look)),
        Value::Object(members) => members.values().for_each(|member| each_text(member, look)),
        _ => {}
    }
}
