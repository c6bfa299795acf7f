//! No credential in any output: canaries stand wherever a project can hold one, and no output of any
//! command holds any part of any of them, as it is, URL-encoded or in base64.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test may fail"
)]

#[path = "leak/matrix.rs"]
mod matrix;
#[path = "leak/setup.rs"]
mod setup;

use std::collections::{HashMap, HashSet};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use astrolint::config::Config;
use astrolint::discover::{Overlays, discover};
use astrolint::model::{Model, Shown, shown_spans};
use astrolint::report::Format;
use regex::Regex;
use tempfile::TempDir;

mod support;

use support::{SECRETS_MANAGER, copy, write};

/// So many characters of a canary in a row are a leak.
const WINDOW: usize = 6;

/// Makes texts that stand for credentials, all different, and remembers them.
#[derive(Default)]
struct Canaries {
    made: Vec<String>,
}

impl Canaries {
    /// Random letters and digits of the set that AWS uses in its IDs.
    fn random(&mut self, length: usize) -> String {
        const LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
        let mut state = 0x9e37_79b9_7f4a_7c15_u64.wrapping_mul(self.made.len() as u64 + 1);
        let mut next = || {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            usize::try_from(state % LETTERS.len() as u64).unwrap()
        };
        let mut text: String = (1..length).map(|_| char::from(LETTERS[next()])).collect();
        // No key that anybody makes is without a digit.
        text.insert(length / 2, '7');
        self.made.push(text.clone());
        text
    }

    fn one(&mut self) -> String {
        self.random(16)
    }

    /// A word that could be a name, so that nothing but its place says that it is a credential.
    fn word(&mut self) -> String {
        let letters = |it: char| (b'a' + (it as u8 & 15)) as char;
        let text = self.random(12).chars().map(letters).collect::<String>();
        self.made.push(text.clone());
        text
    }

    fn aws_id(&mut self) -> String {
        format!("AKIA{}", self.random(16))
    }

    /// Every part of every canary, in each form, with the number of the canary.
    fn parts(&self) -> HashMap<Vec<u8>, usize> {
        let mut parts = HashMap::new();
        for (number, canary) in self.made.iter().enumerate() {
            let forms = [canary.clone(), canary.to_lowercase()].into_iter().chain(base64(canary));
            for form in forms {
                parts.extend(form.as_bytes().windows(WINDOW).map(|part| (part.to_vec(), number)));
            }
        }
        parts
    }

    /// Says which canary `output` holds a part of.
    fn find(&self, output: &str) -> Option<String> {
        find(&self.parts(), output)
    }
}

/// The fingerprints of findings, digests of what messages quote, may hold anything by chance.
static FINGERPRINT: LazyLock<Regex> = LazyLock::new(|| Regex::new("\"[0-9a-f]{40}\"").unwrap());

fn find(parts: &HashMap<Vec<u8>, usize>, output: &str) -> Option<String> {
    let output = FINGERPRINT.replace_all(output, "");
    output.as_bytes().windows(WINDOW).find_map(|window| {
        let number = parts.get(window)?;
        Some(format!("canary {number} (`{}`)", String::from_utf8_lossy(window)))
    })
}

/// What base64 makes of `text`, wherever in the encoded bytes it begins.
fn base64(text: &str) -> Vec<String> {
    const LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let encode = |bytes: &[u8]| {
        let mut encoded = String::new();
        for chunk in bytes.chunks_exact(3) {
            let bits = u32::from(chunk[0]) << 16 | u32::from(chunk[1]) << 8 | u32::from(chunk[2]);
            for shift in [18, 12, 6, 0] {
                encoded.push(char::from(LETTERS[(bits >> shift) as usize & 63]));
            }
        }
        encoded
    };
    (0..3).map(|skip| encode(&text.as_bytes()[skip..])).collect()
}

/// Every place of an env file.
fn env_lines(c: &mut Canaries) -> String {
    let mut text = format!("PLAIN_TOKEN={}\n", c.one());
    writeln!(text, "QUOTED=\"{}\"", c.one()).unwrap();
    writeln!(text, "SINGLE='{} {}'", c.one(), c.one()).unwrap();
    writeln!(text, "export SPACED = {} # and {}", c.one(), c.one()).unwrap();
    writeln!(text, "# DB_PASSWORD={}", c.one()).unwrap();
    writeln!(text, "# astrolint: ignore[{}] {}", c.one(), c.one()).unwrap();
    writeln!(text, "# astrolint: ignore[{}, no-rule] {}", c.one().to_lowercase(), c.one()).unwrap();
    writeln!(text, "{}", c.one()).unwrap();
    writeln!(text, "{} {}", c.one(), c.one()).unwrap();
    writeln!(text, "{}=value", c.one().to_lowercase()).unwrap();
    writeln!(text, "YAML_STYLE: {}", c.one()).unwrap();
    writeln!(text, "1BAD-KEY {}={}", c.one(), c.one()).unwrap();
    writeln!(text, "AIRFLOW_CONN_A=postgresql://user:{}@db.corp.internal/x", c.one()).unwrap();
    writeln!(text, "AIRFLOW_CONN_B=http://user:p%40{}%2F@host/?token={}&__extra__=%7B%22password%22%3A%22{}%22%7D", c.one(), c.one(), c.one()).unwrap();
    writeln!(text, "AIRFLOW_CONN_C={{\"conn_type\": \"x\", \"password\": \"{}\", \"extra\": {{\"token\": \"{}\"}}}}", c.one(), c.one()).unwrap();
    writeln!(
        text,
        "AIRFLOW_CONN_D={{\"conn_type\": \"x\", \"extra\": \"{{\\\"token\\\": \\\"{}\\\"}}\"}}",
        c.one()
    )
    .unwrap();
    writeln!(text, "AIRFLOW_CONN_AWS_DEFAULT=aws://{}:{}@", c.aws_id(), c.one()).unwrap();
    writeln!(text, "AIRFLOW_VAR_X={}", c.one()).unwrap();
    writeln!(text, "AIRFLOW__CORE__FERNET_KEY={}", c.one()).unwrap();
    writeln!(text, "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN=postgresql+psycopg2://u:{}@h/x", c.one())
        .unwrap();
    writeln!(text, "AWS_ACCESS_KEY_ID={}\nAWS_SECRET_ACCESS_KEY={}", c.aws_id(), c.one()).unwrap();
    writeln!(text, "AIRFLOW__SECRETS__BACKEND_KWARG__TOKEN={}", c.one()).unwrap();
    writeln!(text, "AIRFLOW__LOGGING__REMOTE_LOG_CONN_ID=postgres://u:{}@h", c.one()).unwrap();
    writeln!(text, "AIRFLOW__DAG_PROCESSOR__DAG_BUNDLE_CONFIG_LIST=[{{\"kwargs\": {{\"git_conn_id\": \"<x>\", \"token\": \"{}\"}}}}]", c.one()).unwrap();
    writeln!(
        text,
        "AIRFLOW__COMMON_IO__XCOM_OBJECTSTORAGE_PATH=s3://{}:{}@bucket",
        c.aws_id(),
        c.one()
    )
    .unwrap();
    writeln!(text, "EXPANDED=${{UNSET:-{}}}", c.one()).unwrap();
    writeln!(text, "MULTILINE=\"first {}\nsecond {}\"", c.one(), c.one()).unwrap();
    writeln!(text, "DUPLICATE={}\nDUPLICATE={}", c.one(), c.one()).unwrap();
    writeln!(text, "OPEN_QUOTE=\"{}", c.one()).unwrap();
    text
}

/// Kwargs in many forms, broken ones too: what follows `AIRFLOW__SECRETS__BACKEND_KWARGS=`.
fn kwargs(c: &mut Canaries) -> Vec<String> {
    let prefix = r#""variables_prefix": "/airflow/variables""#;
    vec![
        format!(
            r#"{{{prefix}, "aws_access_key_id": "{}", "aws_secret_access_key": "{}"}}"#,
            c.aws_id(),
            c.one()
        ),
        format!(
            r#"{{{prefix}, "token": "{}", "{}": 1, "unknown": "{}"}}"#,
            c.one(),
            c.one(),
            c.one()
        ),
        format!(
            r#"{{{prefix}, "session_kwargs": {{"aws_session_token": "{}"}}, "region_name": ["{}"]}}"#,
            c.one(),
            c.one()
        ),
        format!(r#"'{{{prefix}, "password": "{}"}}'"#, c.one()),
        format!(r#"{{{prefix}, "token": "{}", "#, c.one()),
        format!(r"{{{prefix}, 'token': '{}'}}", c.one()),
        format!(r#"{{{prefix}, "token": {}}}"#, c.one()),
        format!(r"{{variables_prefix: /{}, token={}}}", c.one(), c.one()),
        format!(r#"{{{prefix}, "token": "{}" "secret_id": "{}"}} # {}"#, c.one(), c.one(), c.one()),
        format!(
            r#"{{"endpoint_url": "https://user:{}@host", "role_arn": "{}:{}"}}"#,
            c.one(),
            c.aws_id(),
            c.one()
        ),
        format!("[\"{}\"]", c.one()),
        c.one(),
    ]
}

fn dockerfile(c: &mut Canaries) -> String {
    let mut text = "FROM quay.io/astronomer/astro-runtime:12.8.0\n".to_owned();
    writeln!(text, "ARG BUILD_TOKEN={}", c.one()).unwrap();
    writeln!(text, "ENV DB_PASSWORD={} OTHER='{}'", c.one(), c.one()).unwrap();
    writeln!(text, "ENV OLD_PASSWORD {}", c.one()).unwrap();
    writeln!(text, "ENV AIRFLOW_CONN_A=postgresql://u:{}@db.corp.internal/x", c.one()).unwrap();
    writeln!(text, "ENV AIRFLOW__SECRETS__BACKEND={SECRETS_MANAGER}").unwrap();
    for kwargs in kwargs(c) {
        writeln!(text, "ENV AIRFLOW__SECRETS__BACKEND_KWARGS={kwargs}").unwrap();
    }
    writeln!(
        text,
        "RUN pip install --extra-index-url https://ci:{}@pypi.corp.internal/simple x=={}",
        c.one(),
        c.one()
    )
    .unwrap();
    writeln!(
        text,
        "RUN export TOKEN={} && curl -H 'Authorization: Bearer {}' https://h",
        c.one(),
        c.one()
    )
    .unwrap();
    writeln!(text, "LABEL token={}", c.one()).unwrap();
    writeln!(text, "# {}", c.one()).unwrap();
    writeln!(text, "COPY --chown=astro https://u:{}@host/x .env /x/", c.one()).unwrap();
    writeln!(text, "NONSENSE {}", c.one()).unwrap();
    writeln!(text, "RUN <<EOF\nexport A=https://u:{}@host\nEOF", c.one()).unwrap();
    text
}

fn python(c: &mut Canaries) -> String {
    let mut text =
        "import os\nimport boto3\nfrom airflow.models import Connection, Variable\n\n".to_owned();
    writeln!(text, "A = Variable.get('api_token', default_var='{}')", c.one()).unwrap();
    writeln!(text, "B = Variable.get('postgres://u:{}@h', '{}')", c.one(), c.one()).unwrap();
    writeln!(text, "Variable.get('mykey?token={}')", c.word()).unwrap();
    writeln!(text, "Variable.set('api_token', \"\"\"{}\"\"\")", c.one()).unwrap();
    writeln!(text, "os.environ['AIRFLOW_CONN_X'] = 'http://u:{}@db.corp.internal'", c.one())
        .unwrap();
    writeln!(
        text,
        "boto3.client('s3', aws_access_key_id='{}', aws_secret_access_key='{}')",
        c.aws_id(),
        c.one()
    )
    .unwrap();
    writeln!(
        text,
        "Connection(conn_id='x', password='{}', extra='{{\"token\": \"{}\"}}')",
        c.one(),
        c.one()
    )
    .unwrap();
    writeln!(text, "F = f'{}{{A}}'  # {}", c.one(), c.aws_id()).unwrap();
    writeln!(
        text,
        "BashOperator(task_id='t', bash_command='{} {{{{ var.value.my-key }}}}', env={{'A': '{}', \"B\": \"\"\"{}",
        c.one(),
        c.one(),
        templates(c, "")
    )
    .unwrap();
    writeln!(text, "\"\"\"}})").unwrap();
    writeln!(text, "hook = PostgresHook(postgres_conn_id='postgres://u:{}@h/x')", c.one()).unwrap();
    writeln!(text, "int(Variable.get(key='airflow/variables/x', default_var='{}'))", c.one())
        .unwrap();
    text
}

/// Templates with faults, between what must not be seen.
fn templates(c: &mut Canaries, comment: &str) -> String {
    let mut text = String::new();
    writeln!(text, "{comment}{} {{# astrolint: ignore[x] {} #}}", c.one(), c.one()).unwrap();
    writeln!(text, "{} {{{{ var.value.my-key }}}} {}", c.one(), c.one()).unwrap();
    writeln!(text, "{{{{ var.value.get('x', default_var='{}') }}}}{}", c.one(), c.one()).unwrap();
    writeln!(text, "{{{{ conn.get('<x>', default='{}').host }}}}", c.one()).unwrap();
    writeln!(text, "{{{{ var.value['https://u:{}@h'] }}}}", c.one()).unwrap();
    writeln!(text, "{{{{ var.value.get('postgres://u:{}@h') }}}}", c.one()).unwrap();
    writeln!(text, "{{{{ var.value.get('y')|replace('{}', '{}') }}}}", c.one(), c.one()).unwrap();
    writeln!(text, "{{% set a = '{}' %}}{{{{ var.value.team.bucket }}}}", c.one()).unwrap();
    text
}

fn dag_of_yaml(c: &mut Canaries) -> String {
    let mut text = format!("example:\n  password: {} # {}\n  tasks:\n", c.one(), c.one());
    writeln!(text, "    - {{conn_id: 'postgres://u:{}@h/x', token: {}}}", c.one(), c.one())
        .unwrap();
    writeln!(text, "    - {{http_conn_id: <your-conn>, key: '{}'}}", c.one()).unwrap();
    writeln!(text, "    - variables_as_arguments: [{{variable: x, attribute: {}}}]", c.one())
        .unwrap();
    writeln!(text, "    - bash_command: \"{} {{{{ var.value.my-key }}}} {}\"", c.one(), c.one())
        .unwrap();
    text
}

fn data(c: &mut Canaries) -> String {
    format!(
        "{{\"conn_id\": \"<x>\", \"password\": \"{}\", \"x_conn_id\": \"http://u:{}@h\", \"y\": \"{} {{{{ var.value.my/key }}}}\"}}\n",
        c.one(),
        c.one(),
        c.one()
    )
}

/// A project with canaries in every kind of file, and an environment for each form of kwargs.
fn project(c: &mut Canaries) -> TempDir {
    let directory = TempDir::new().unwrap();
    let root = directory.path();
    write(root, ".astro/config.yaml", "project:\n  name: leak\n");
    let settings = |kwargs: &str| {
        format!(
            "AIRFLOW__SECRETS__BACKEND={SECRETS_MANAGER}\nAIRFLOW__SECRETS__BACKEND_KWARGS={kwargs}\n"
        )
    };
    for (number, kwargs) in kwargs(c).iter().enumerate() {
        let text = format!("{}{}", settings(kwargs), env_lines(c));
        write(root, &format!("number{number}.env"), &text);
    }
    let kwargs = kwargs(c).remove(0);
    let settings = settings(&kwargs);
    write(root, ".env", format!("{settings}{}", env_lines(c)));
    write(root, "prod.env", format!("{}{settings}", env_lines(c)));
    write(root, ".env.example", format!("{settings}{}", env_lines(c)));
    write(root, "Dockerfile", dockerfile(c));
    write(
        root,
        "requirements.txt",
        format!(
            "--index-url https://u:{}@host/simple\napache-airflow-providers-amazon==8.0.0 # {}\nx @ https://{}@h/x.whl\n{} {}\n-e git+https://{}@h/r\napache-airflow-providers-amazon=={}\n",
            c.one(),
            c.one(),
            c.one(),
            c.one(),
            c.one(),
            c.one(),
            c.one(),
        ),
    );
    write(
        root,
        "airflow.cfg",
        format!(
            "[secrets]\nbackend = {SECRETS_MANAGER}\nbackend_kwargs = {kwargs}\n[core]\nfernet_key = {}\n# {}\n{}\n[{}]\nx = %({})s\n",
            c.one(),
            c.one(),
            c.one(),
            c.one(),
            c.one(),
        ),
    );
    write(root, "dags/a.py", python(c));
    write(root, "dags/query.sql", templates(c, "-- "));
    write(root, "include/page.html", templates(c, "<p>"));
    write(root, "dags/readme.md", templates(c, "# "));
    write(root, "dags/factory.yml", dag_of_yaml(c));
    write(root, "include/settings.json", data(c));
    write(
        root,
        "include/broken.yaml",
        format!("a: [{}\nconn_id: <x>\n{}", c.one(), templates(c, "# ")),
    );
    let broken = format!("{}\ndef broken(:\n    x = '{}\n    y = )\n", python(c), c.one());
    write(root, "dags/broken.py", &broken);
    write(root, "include/open.py", format!("Variable.get('''{}", c.one()));
    write(
        root,
        "include/deep.py",
        format!("Variable.get({}'{}'{})", "(".repeat(300), c.one(), ")".repeat(300)),
    );
    write(
        root,
        "astrolint.toml",
        format!(
            "# {}\n[[environment]]\nname = \"prod\"\nbackend = \"{SECRETS_MANAGER}\"\nairflow = \"2.10.5\"\n[environment.backend-kwargs]\nvariables_prefix = \"/airflow/variables\"\naws_secret_access_key = \"{}\"\n[environment.settings]\nAIRFLOW_VAR_X = \"{}\"\nAIRFLOW_CONN_AWS_DEFAULT = \"aws://{}:{}@\"\n\n[[environment]]\nname = \"text\"\nbackend = \"airflow.providers.hashicorp.secrets.vault.VaultBackend\"\nbackend-kwargs = '{{\"variables_path\": \"/x\", \"token\": \"{}\"}}'\n",
            c.one(),
            c.one(),
            c.one(),
            c.aws_id(),
            c.one(),
            c.one(),
        ),
    );
    write(root, ".gitignore", "logs/\n");
    write(root, ".dockerignore", "logs/\n");
    setup::plant(root, c);
    directory
}

struct Outcome {
    code: i32,
    text: String,
}

/// Runs astrolint in `root`; `text` is all of its output.
fn run(root: &Path, arguments: &[&str], variables: &[(&str, &str)], input: &str) -> Outcome {
    let mut command = support::astrolint(root);
    command.envs(variables.iter().copied()).args(arguments);
    let output = command.write_stdin(input).output().unwrap();
    let code = output.status.code().expect("no signal ends it");
    let text = [output.stdout, output.stderr].map(|out| String::from_utf8(out).unwrap()).concat();
    assert_ne!(code, 101, "{arguments:?} panicked: {text}");
    Outcome { code, text }
}

/// Code that makes keys of what the environment variable `name` holds, in every form.
fn keys_from_the_environment(name: &str) -> String {
    let mut text = String::new();
    for value in [
        format!("os.environ['{name}']"),
        format!("os.getenv('{name}')"),
        format!("os.environ.get('{name}', 'other')"),
        format!("{name}_CONSTANT"),
    ] {
        for key in [
            value.clone(),
            format!("'x_' + {value}"),
            format!("{value} or 'other'"),
            format!("f\"x_{{{value}}}\""),
            format!("'x_%s' % {value}"),
            format!("'x_{{}}'.format({value})"),
            format!("'_'.join(['x', {value}])"),
        ] {
            writeln!(text, "Variable.get({key})").unwrap();
            writeln!(text, "Variable.get('api_token', {key})").unwrap();
            writeln!(text, "PostgresHook(postgres_conn_id={key}).get_conn()").unwrap();
            writeln!(text, "BashOperator(task_id='t', bash_command='{{{{ var.value.get(params.k) }}}} {{{{ conn.get(params.p).host }}}}', params={{'k': {key}, 'p': Param({key})}})").unwrap();
        }
        writeln!(text, "BashOperator(task_id='t', bash_command=f\"{{{{{{{{ var.value.{{{value}}} }}}}}}}} {{{{{{{{ conn['{{{value}}}'] }}}}}}}}\")").unwrap();
        writeln!(text, "for key in ['a', {value}]:\n    Variable.get(key)").unwrap();
    }
    format!("{name}_CONSTANT = os.getenv('{name}')\n{text}")
}

/// An environment variable may hold anything, so that what is made of one that is called like a credential, or
/// looks like one, is no name to show.
#[test]
fn what_the_environment_holds_is_no_key_to_show() {
    let mut c = Canaries::default();
    let directory = TempDir::new().unwrap();
    let root = directory.path();
    let settings = format!(
        "AIRFLOW__SECRETS__BACKEND={SECRETS_MANAGER}\nAIRFLOW__SECRETS__BACKEND_KWARGS={{\"variables_prefix\": \"airflow/variables\", \"connections_lookup_pattern\": \"^a\"}}\n"
    );
    let names = ["PGPASSWORD", "DB_PASS", "MYPWD", "LICENSE_KEY", "COOKIE", "CREDS"];
    let mut env = settings;
    let mut code = "import os\nfrom airflow.models import Param, Variable\nfrom airflow.operators.bash import BashOperator\nfrom airflow.providers.postgres.hooks.postgres import PostgresHook\n".to_owned();
    for name in names {
        writeln!(env, "{name}={}", c.word()).unwrap();
        code += &keys_from_the_environment(name);
    }
    for name in ["STRIPE", "TEAM"] {
        writeln!(env, "{name}={}", c.one()).unwrap();
        code += &keys_from_the_environment(name);
    }
    code += &keys_from_the_environment("BAKED_IN");
    code += &keys_from_the_environment("DECLARED");
    write(root, ".astro/config.yaml", "project:\n  name: leak\n");
    write(root, ".env", &env);
    let image = "FROM quay.io/astronomer/astro-runtime:12.8.0";
    write(root, "Dockerfile", format!("{image}\nENV BAKED_IN={}\n", c.one()));
    let declared = format!(
        "[declared]\nvariables = [\"a\"]\n[[environment]]\nname = \"prod\"\nbackend = \"{SECRETS_MANAGER}\"\n[environment.settings]\nDECLARED = \"{}\"\n",
        c.one()
    );
    write(root, "astrolint.toml", &declared);
    write(root, "dags/a.py", &code);
    let mut leaked = leaks(root, &c);
    for format in ["text", "json", "csv"] {
        let arguments = ["secrets", "--format", format, "--against", "-"];
        let outcome = run(root, &arguments, &[], "airflow/variables/x_y\nairflow/variables/y\n");
        leaked.extend(c.find(&outcome.text).map(|found| format!("{arguments:?}: {found}")));
    }
    let listed = run(root, &["secrets"], &[], "").text;
    assert!(listed.contains("airflow/variables/x_*"), "{listed}");
    assert!(leaked.is_empty(), "{} leaks:\n{}", leaked.len(), leaked.join("\n"));
}

/// Compares with lists of names that are none, or hold values beside the names.
#[test]
fn lists_of_names_are_not_repeated() {
    let mut c = Canaries::default();
    let directory = project(&mut c);
    let lists = [
        env_lines(&mut c),
        format!("airflow/variables/x={}\nairflow/variables/{}\n", c.one(), c.one()),
        format!("airflow/variables/x={}\nairflow/variables/password={}\n", c.word(), c.word()),
        format!("[\"airflow/variables/{}\", \"airflow/connections/u:{}@h\"]", c.one(), c.one()),
        format!("{{\"SecretList\": [{{\"SecretString\": \"{}\"}}]}}", c.one()),
        format!("{{\"Name\": \"{}\", \"value\": \"{}\"}}", c.one(), c.one()),
        format!("{{\"SecretList\": {}}}", c.one()),
        format!("{{\"{}\": \"{}", c.one(), c.one()),
        format!("\"{}\" {}", c.one(), c.one()),
    ];
    let parts = c.parts();
    for list in lists {
        for format in ["text", "json", "csv"] {
            let arguments = ["secrets", "--format", format, "--against", "-"];
            let outcome = run(directory.path(), &arguments, &[], &list);
            assert_eq!(find(&parts, &outcome.text), None, "{list}: {}", outcome.text);
        }
    }
}

/// Writes a report in every format, and collects what leaks.
fn leaks_of_formats(root: &Path, more: &[&str], parts: &HashMap<Vec<u8>, usize>) -> Vec<String> {
    let written = TempDir::new().unwrap();
    let path = |format: Format| written.path().join(format.name());
    let outputs = Format::ALL.map(|format| format!("{}={}", format.name(), path(format).display()));
    let mut arguments: Vec<&str> =
        outputs.iter().flat_map(|output| ["--format", output.as_str()]).collect();
    arguments.extend(more);
    let outcome = run(root, &arguments, &[], "");
    assert!(outcome.code < 2, "{arguments:?}: {}", outcome.text);
    let mut texts = vec![("standard output and error", outcome.text)];
    let files = Format::ALL.map(|it| (it.name(), fs::read_to_string(path(it)).unwrap()));
    texts.extend(files);
    let found = texts.iter().filter_map(|(name, text)| {
        let found = find(parts, text)?;
        let line = text.lines().find(|line| find(parts, line).is_some());
        Some(format!("{name} {more:?}: {found} in {line:?}"))
    });
    found.collect()
}

/// Runs every command in every form and collects what leaks.
fn leaks(root: &Path, canaries: &Canaries) -> Vec<String> {
    let mut leaks = Vec::new();
    let parts = canaries.parts();
    for form in
        ["iam-policy", "aws-cli", "terraform", "gcloud", "az-cli", "vault-cli", "vault-policy"]
    {
        for environment in ["local", "prod", "text"] {
            // It ends with 2 where the form is not for the backend.
            let arguments = ["secrets", "--emit", form, "--environment", environment];
            let outcome = run(root, &arguments, &[], "");
            if let Some(found) = find(&parts, &outcome.text) {
                leaks.push(format!("{arguments:?}: {found}"));
            }
        }
    }
    for more in [&[][..], &["--strict", "--verbose", "--no-ignores"]] {
        leaks.extend(leaks_of_formats(root, more, &parts));
    }
    let mut look = |arguments: &[&str], variables: &[(&str, &str)]| {
        let outcome = run(root, arguments, variables, "");
        assert!(outcome.code < 2, "{arguments:?}: {}", outcome.text);
        if let Some(found) = find(&parts, &outcome.text) {
            let line = outcome.text.lines().find(|line| find(&parts, line).is_some());
            leaks.push(format!("{arguments:?} {variables:?}: {found} in {line:?}"));
        }
    };
    for format in ["full", "concise"] {
        look(&["--format", format, "--strict", "--color", "always"], &[]);
    }
    for (variables, strict) in [
        (&[("COLUMNS", "40")][..], true),
        (&[("COLUMNS", "2000")], true),
        (&[("COLUMNS", "60"), ("FORCE_COLOR", "1")], false),
        (&[("ACCESSIBLE", "1")], true),
        (&[("RUST_BACKTRACE", "full")], true),
    ] {
        look(if strict { &["--strict"] } else { &[] }, variables);
    }
    for format in ["text", "json"] {
        look(&["projects", "--format", format], &[]);
    }
    for format in ["text", "json", "csv"] {
        look(&["secrets", "--format", format, "--include-tests"], &[]);
        look(&["secrets", "--format", format, "--unique"], &[]);
    }
    for format in ["text", "json"] {
        look(&["compare", "--to", "3.1-4", "--format", format], &[]);
        look(&["compare", "--airflow", "2.2.0", "--format", format], &[]);
    }
    for (kind, key) in
        [("variable", "x"), ("connection", "aws_default"), ("config", "core/fernet_key")]
    {
        for format in ["text", "json"] {
            look(&["resolve", kind, key, ".", "--format", format], &[]);
            look(
                &[
                    "resolve",
                    kind,
                    key,
                    ".",
                    "--format",
                    format,
                    "--process",
                    "worker",
                    "--airflow",
                    "3.2.0",
                ],
                &[],
            );
        }
    }
    leaks
}

#[test]
fn nothing_of_a_planted_credential_is_shown() {
    let mut c = Canaries::default();
    let directory = project(&mut c);
    let leaked = leaks(directory.path(), &c);
    let full = run(directory.path(), &["--strict"], &[], "").text;
    for file in [
        ".env:",
        "Dockerfile:",
        "dags/a.py:",
        "astrolint.toml:",
        "number0.env:",
        "deployment.yaml:",
        "docker-compose.override.yml:",
        "airflow_settings.yaml:",
        "chart/values.yaml:",
        "infra/main.tf:",
        "scripts/deploy.sh:",
        "Makefile:",
        ".github/workflows/deploy.yml:",
    ] {
        assert!(
            full.contains('•') && full.contains(file),
            "{file} is not shown, so it is not tested"
        );
    }
    assert!(leaked.is_empty(), "{} leaks:\n{}", leaked.len(), leaked.join("\n"));
}

/// What the reports of any rule could show, whichever lines it points at.
#[test]
fn no_line_of_any_file_shows_a_planted_credential() {
    let mut c = Canaries::default();
    let directory = project(&mut c);
    let parts = c.parts();
    let root = directory.path().to_path_buf();
    let found = discover(std::slice::from_ref(&root)).unwrap();
    let mut model = Model::read(&found.projects[0], &Overlays::default(), 1);
    let config =
        Config::nearest(&found.projects[0].root, &found.projects[0].root, &Overlays::default())
            .unwrap();
    model.declare(config.source, config.environments, config.names);
    let mut leaked = String::new();
    let mut kinds = HashSet::new();
    for (id, file) in model.files.iter() {
        let mut shown = Shown::default();
        shown.allow(id, shown_spans(&model.files, id, &model.references));
        shown.allow(id, model.setup.shown_in(id, file.text()));
        for span in shown.of(id) {
            kinds.insert(file.kind());
            if let Some(found) = find(&parts, span.of(file.text())) {
                writeln!(leaked, "{}: {found}", file.path().display()).unwrap();
            }
        }
    }
    assert!(leaked.is_empty(), "{leaked}");
    assert_eq!(kinds.len(), 18, "{kinds:?}");
}

fn files(directory: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { files(&path, found) } else { found.push(path) }
    }
}

#[test]
fn nothing_that_is_appended_to_a_fixture_is_shown() {
    let projects = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/projects");
    let mut leaked = Vec::new();
    for entry in fs::read_dir(projects).unwrap() {
        let directory = TempDir::new().unwrap();
        copy(&entry.unwrap().path(), directory.path());
        let mut c = Canaries::default();
        let mut found = Vec::new();
        files(directory.path(), &mut found);
        for path in found {
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            let addition = match name.as_str() {
                "Dockerfile" => dockerfile(&mut c).split_once('\n').unwrap().1.to_owned(),
                name if Path::new(name).extension().is_some_and(|end| end == "py") => {
                    format!("\n{}", python(&mut c))
                }
                name if name.contains(".env") => format!("\n{}", env_lines(&mut c)),
                "requirements.txt" => format!("\n{} @ https://u:{}@h/x\n", c.one(), c.one()),
                "config.yaml" | ".gitignore" | ".dockerignore" => continue,
                _ => format!("\n# {}\n", c.one()),
            };
            let Ok(text) = fs::read_to_string(&path) else { continue };
            fs::write(&path, text + &addition).unwrap();
        }
        leaked.extend(leaks(directory.path(), &c));
    }
    assert!(leaked.is_empty(), "{} leaks:\n{}", leaked.len(), leaked.join("\n"));
}

/// What goes wrong is said without repeating the text that went wrong.
#[test]
fn errors_repeat_no_credential() {
    let mut c = Canaries::default();
    let mut leaked = Vec::new();
    let configurations = [
        format!("[[environment]]\nname = \"p\"\nairflow = \"{}\"\n", c.one()),
        format!(
            "[[environment]]\nname = \"p\"\nproviders = {{ \"apache-airflow-providers-amazon\" = \"{}\" }}\n",
            c.one()
        ),
        format!("[[environment]]\nname = \"p\"\nsettings = \"{}\"\n", c.one()),
        format!("[[environment]]\nname = \"p\"\nbackend-kwargs = [\"{}\"]\n", c.one()),
        format!(
            "[[environment]]\nname = \"p\"\n[environment.settings]\nDB_PASSWORD = [\"{}\"]\n",
            c.one()
        ),
        format!(
            "[[environment]]\nname = \"p\"\n[environment.settings]\nDB_PASSWORD = {}\n",
            c.one()
        ),
        format!(
            "[[environment]]\nname = \"p\"\n[environment.settings]\nDB_PASSWORD = \"{}\n",
            c.one()
        ),
        format!("environment = \"{}\"\n", c.one()),
        format!("exclude = \"{}\"\n", c.one()),
        format!("rules = \"{}\"\n", c.one()),
        format!("[rules]\nenv-not-ignored = \"{}\"\n", c.one()),
        format!("DB_PASSWORD = \"{}\"\n", c.one()),
    ];
    for configuration in configurations {
        let directory = TempDir::new().unwrap();
        write(directory.path(), ".astro/config.yaml", "");
        write(directory.path(), "astrolint.toml", &configuration);
        let outcome = run(directory.path(), &["--verbose"], &[], "");
        assert_eq!(outcome.code, 2, "{configuration}: {}", outcome.text);
        leaked.extend(c.find(&outcome.text).map(|found| format!("{found}: {}", outcome.text)));
    }
    let directory = TempDir::new().unwrap();
    write(directory.path(), ".astro/config.yaml", "");
    let (a, b) = (c.one(), c.one());
    let settings = [format!("AIRFLOW__SECRETS__BACKEND_KWARGS={{\"token\": \"{a}\""), b];
    for setting in &settings {
        let arguments = ["resolve", "variable", "x", "--setting", setting];
        let outcome = run(directory.path(), &arguments, &[], "");
        leaked.extend(c.find(&outcome.text).map(|found| format!("{found}: {}", outcome.text)));
    }
    for line in
        [format!("\"{}\"", c.one()), format!("{{\"kind\": {{\"{}\": 1}}}}", c.one()), c.one()]
    {
        let outcome = run(directory.path(), &["resolve", "--stdin"], &[], &line);
        assert_eq!(outcome.code, 2, "{}", outcome.text);
        leaked.extend(c.find(&outcome.text).map(|found| format!("{found}: {}", outcome.text)));
    }
    let unsaved = env_lines(&mut c);
    let outcome = run(directory.path(), &["--strict", "--stdin-filename", ".env"], &[], &unsaved);
    leaked.extend(c.find(&outcome.text).map(|found| format!("{found}: {}", outcome.text)));
    assert!(leaked.is_empty(), "{}", leaked.join("\n"));
}

/// People mix the two settings up, and a class path is shown.
#[test]
fn kwargs_in_the_place_of_the_class_are_not_shown() {
    let mut c = Canaries::default();
    let directory = TempDir::new().unwrap();
    write(directory.path(), ".astro/config.yaml", "");
    let swapped = format!(
        "AIRFLOW__SECRETS__BACKEND={{\"token\": \"{}\"}}\nAIRFLOW__SECRETS__BACKEND_KWARGS={SECRETS_MANAGER}\nAWS_DEFAULT_REGION={}\n",
        c.one(),
        c.aws_id()
    );
    write(directory.path(), ".env", &swapped);
    write(
        directory.path(),
        "dags/a.py",
        "from airflow.models import Variable\nVariable.get('x')\n",
    );
    let leaked = leaks(directory.path(), &c);
    assert!(leaked.is_empty(), "{}", leaked.join("\n"));
}

/// A test of the test: it finds what it looks for, in each form.
#[test]
fn the_search_finds_canaries() {
    let mut c = Canaries::default();
    let canary = c.one();
    for text in [
        format!("x{canary}x"),
        format!("x{}…", &canary[3..3 + WINDOW]),
        canary.to_lowercase(),
        base64(&format!("ab{canary}"))[0].clone() + base64(&canary)[1].as_str(),
    ] {
        assert!(c.find(&text).is_some(), "{text}");
    }
    assert_eq!(c.find("nothing to be seen"), None);
    assert_eq!(base64("foobar")[0], "Zm9vYmFy");
}

/// What expansion puts into a harmless place is still a credential.
#[test]
fn nothing_repeats_a_credential_that_expansion_moved() {
    let directory = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| support::write(directory.path(), name, text);
    let class = SECRETS_MANAGER;
    write(".astro/config.yaml", "");
    write(
        "Dockerfile",
        "FROM quay.io/astronomer/astro-runtime:12.8.0\nARG DB_TOKEN=Zunt9Moved\nENV AIRFLOW__SECRETS__BACKEND_KWARGS=\"{\\\"config_prefix\\\":\\\"$DB_TOKEN\\\"}\"\nENV Yunt8Moved\nADD https://u:Xunt6Moved@example.com/.env /\n",
    );
    write(
        ".env",
        &format!(
            "DB_PASSWORD=Hunt7Moved\nAWS_DEFAULT_REGION=$DB_PASSWORD\nAIRFLOW__SECRETS__BACKEND={class}\nAIRFLOW__SECRETS__BACKEND_KWARGS={{\"connections_prefix\":\"$DB_PASSWORD\"}}\n"
        ),
    );
    write(
        "dags/a.py",
        "from airflow.hooks.base import BaseHook\nBaseHook.get_connection('/x')\nBaseHook.get_connection('u:Hunt7Moved@h')\nBaseHook.get_connection(b'Hunt7Moved')\n",
    );
    let mut runs: Vec<Vec<&str>> = Format::ALL
        .iter()
        .map(|format| vec!["--format", format.name(), "--strict", "-v"])
        .collect();
    let others: [&[&str]; 6] = [
        &["secrets"],
        &["secrets", "--format", "json", "--unique"],
        &["secrets", "--against", "dags/a.py"],
        &["resolve", "connection", "x"],
        &["resolve", "connection", "x", "--format", "json"],
        &["resolve", "config", "x", "--environment", "local"],
    ];
    runs.extend(others.map(<[_]>::to_vec));
    for arguments in runs {
        let output = support::astrolint(directory.path()).args(&arguments).output().unwrap();
        let text =
            String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
        assert!(!text.contains("Moved"), "{arguments:?}: {text}");
    }
}
