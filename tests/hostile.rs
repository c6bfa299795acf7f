//! Trees that somebody made to lead astrolint out of the project, to make it wait, crash or lose something.
//! Each run ends with the right code and names the place; docs/robustness.md says what holds.

#![cfg(unix)]
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test may fail"
)]

use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::{Read as _, Write as _};
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

mod support;

use support::{SECRETS_MANAGER, copy, write};

/// What every project here has, and what is found in it: that nothing else is lost.
const FAULT: &str = "warning[prefix-leading-slash]";

/// A fault with a safe fix: `export` is not read by every command.
const FIXABLE: &str = "export AWS_DEFAULT_REGION=eu-west-1\n";

fn settings() -> String {
    format!(
        "AIRFLOW__SECRETS__BACKEND={SECRETS_MANAGER}\nAIRFLOW__SECRETS__BACKEND_KWARGS={{\"variables_prefix\": \"/airflow/variables\", \"region_name\": \"eu-west-1\"}}\n"
    )
}

fn project() -> TempDir {
    let directory = TempDir::new().unwrap();
    fill(directory.path());
    directory
}

fn fill(root: &Path) {
    write(root, ".astro/config.yaml", "");
    write(root, "Dockerfile", "FROM quay.io/astronomer/astro-runtime:12.8.0\n");
    write(root, ".gitignore", ".env\n");
    write(root, ".dockerignore", ".env\n");
    write(root, ".env", settings());
    write(root, "dags/a.py", "from airflow.models import Variable\nVariable.get('x')\n");
}

/// The command in `directory`, to be given more.
fn command(directory: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_astrolint"));
    command.current_dir(directory).env_clear().args(arguments).stdin(Stdio::null());
    command
}

struct Ended {
    code: i32,
    out: String,
    error: String,
}

/// How `command` ends; it may not take long.
#[track_caller]
fn end(mut command: Command) -> Ended {
    let started = Instant::now();
    let output = command.output().unwrap();
    assert!(started.elapsed() < Duration::from_mins(5), "it took {:?}", started.elapsed());
    let error = String::from_utf8(output.stderr).expect("UTF-8 on standard error");
    assert!(!error.contains(" failed at "), "a panic: {error}");
    let code = output.status.code();
    let code = code.unwrap_or_else(|| panic!("a signal ended it: {:?}: {error}", output.status));
    Ended { code, out: String::from_utf8(output.stdout).expect("UTF-8"), error }
}

/// What is said of the project in `directory`, in one line each.
#[track_caller]
fn check(directory: &Path) -> Ended {
    end(command(directory, &["--format", "concise", "--strict"]))
}

impl Ended {
    #[track_caller]
    fn says(&self, text: &str) -> &Self {
        let Self { out, error, .. } = self;
        assert!(out.contains(text) || error.contains(text), "expected `{text}` in:\n{out}{error}");
        self
    }
}

#[test]
fn links_in_a_circle_end() {
    let directory = project();
    let at = |name: &str| directory.path().join(name);
    symlink(".", at("dags/here")).unwrap();
    symlink("../dags", at("dags/up")).unwrap();
    symlink("..", at("dags/project")).unwrap();
    symlink("two", at("dags/one")).unwrap();
    symlink("one", at("dags/two")).unwrap();
    symlink(".env.self", at(".env.self")).unwrap();
    fs::create_dir(at("include")).unwrap();
    symlink("../dags", at("include/dags")).unwrap();
    symlink("../include", at("dags/include")).unwrap();
    let ended = check(directory.path());
    ended.says(FAULT).says(".env.self:1:1: warning[file-unreadable]");
    assert_eq!(ended.code, 0);
    let times = ended.out.matches("prefix-leading-slash").count();
    assert_eq!(times, 1, "nothing is read twice: {}", ended.out);
}

#[test]
fn links_that_leave_are_said_once_and_not_followed() {
    let outside = TempDir::new().unwrap();
    write(outside.path(), "secret.env", "LEAKED_NAME=x\nLEAKED LINE\n");
    write(
        outside.path(),
        "code/a.py",
        "from airflow.models import Variable\nVariable.get('/leaked')\n",
    );
    let directory = project();
    let at = |name: &str| directory.path().join(name);
    symlink(outside.path().join("secret.env"), at("prod.env")).unwrap();
    symlink(outside.path().join("code"), at("dags/code")).unwrap();
    symlink("code", at("dags/more")).unwrap();
    symlink("/etc/passwd", at("dags/passwd.sql")).unwrap();
    symlink("/dev/zero", at(".env.zero")).unwrap();
    symlink("/proc/self/environ", at(".env.process")).unwrap();
    write(
        directory.path(),
        "requirements.txt",
        "-r /etc/passwd\n-r ../../outside.txt\n-c prod.env\n",
    );
    symlink(outside.path().join("secret.env"), at("airflow.cfg")).unwrap();
    let ended = check(directory.path());
    ended.says(FAULT).says("info[file-unreadable]").says("requirements.txt:1:");
    assert!(!ended.out.to_lowercase().contains("leaked"), "{}", ended.out);
    assert_eq!(ended.out.matches(": info[file-unreadable]").count(), 1, "{}", ended.out);
}

#[test]
fn a_configuration_or_baseline_that_is_no_file_is_named() {
    for name in ["astrolint.toml", "baseline.json"] {
        let directory = project();
        fs::create_dir(directory.path().join(name)).unwrap();
        let option = if name == "baseline.json" { "--baseline" } else { "--config" };
        let ended = end(command(directory.path(), &[option, name]));
        assert_eq!(ended.code, 2, "{}{}", ended.out, ended.error);
        ended.says(name).says("not a regular file");
    }
}

#[test]
fn pipes_sockets_and_devices_are_not_opened() {
    let directory = project();
    let at = |name: &str| directory.path().join(name);
    let names =
        [".env.pipe", "dags/pipe.py", "requirements.txt", "airflow.cfg", "main.tf", "dags/q.sql"];
    for name in names {
        assert!(Command::new("mkfifo").arg(at(name)).status().unwrap().success());
    }
    fs::remove_file(at("Dockerfile")).unwrap();
    assert!(Command::new("mkfifo").arg(at("Dockerfile")).status().unwrap().success());
    let _socket = std::os::unix::net::UnixListener::bind(at(".env.socket")).unwrap();
    // Only root can make one.
    let made = Command::new("mknod").arg(at(".env.zero")).args(["c", "1", "5"]).output();
    let has_device = made.is_ok_and(|it| it.status.success());
    let ended = check(directory.path());
    for name in names.iter().chain(&["Dockerfile", ".env.socket"]) {
        ended.says(&format!("{name}:1:1: "));
    }
    if has_device {
        ended.says(".env.zero:1:1: ");
    }
    ended.says(FAULT);
    assert_eq!(ended.code, 0);
    // Also where the user names it, where git does, and where suppressions and ignore files would stand.
    for name in [".gitignore", ".dockerignore"] {
        fs::remove_file(at(name)).unwrap();
        assert!(Command::new("mkfifo").arg(at(name)).status().unwrap().success());
    }
    fs::create_dir(at(".git")).unwrap();
    for name in [".git/index", ".git/HEAD", ".git/config", "astrolint.toml"] {
        assert!(Command::new("mkfifo").arg(at(name)).status().unwrap().success());
    }
    check(directory.path()).says(FAULT);
}

#[test]
fn what_may_not_be_read_is_named() {
    let directory = project();
    let at = |name: &str| directory.path().join(name);
    write(directory.path(), "dags/locked/a.py", "");
    write(directory.path(), "prod.env", "A=1\n");
    for (name, mode) in [("", 0o755), ("prod.env", 0), ("dags/a.py", 0), ("dags/locked", 0)] {
        fs::set_permissions(at(name), fs::Permissions::from_mode(mode)).unwrap();
    }
    let mut command = command(directory.path(), &["--format", "concise"]);
    // Root may read everything.
    if fs::read(at("prod.env")).is_ok() {
        command.uid(65534).gid(65534);
    }
    let ended = end(command);
    fs::set_permissions(at("dags/locked"), fs::Permissions::from_mode(0o755)).unwrap();
    for name in ["prod.env", "dags/a.py", "dags/locked"] {
        ended.says(&format!("{name}:1:1: warning[file-unreadable]"));
    }
    ended.says("cannot be read: permission denied").says(FAULT);
    assert_eq!(ended.code, 0);
}

/// Files that come, go, grow, shrink and become folders while they are read.
#[test]
fn what_changes_meanwhile_costs_nothing_else() {
    let directory = project();
    let root = directory.path().to_path_buf();
    let stop = std::sync::atomic::AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let mut round = 0_usize;
            while !stop.load(std::sync::atomic::Ordering::Relaxed) {
                round += 1;
                for name in ["b.env", "dags/b.py", "dags/c.sql", "dags/d/e.py", "requirements.txt"]
                {
                    let path = root.join(name);
                    let _ = match round % 5 {
                        0 => fs::remove_file(&path),
                        1 => fs::create_dir_all(path.parent().unwrap()),
                        2 => fs::write(&path, "A='ä\n".repeat(10_000)),
                        3 => File::create(&path).and_then(|file| file.set_len(20 << 20)),
                        _ => fs::remove_file(&path).and_then(|()| fs::create_dir(&path)),
                    };
                    let _ = fs::remove_dir(&path);
                }
            }
        });
        for _ in 0..15 {
            let ended = check(&root);
            ended.says(FAULT);
            assert_eq!(ended.code, 0, "{}{}", ended.out, ended.error);
        }
        stop.store(true, std::sync::atomic::Ordering::Relaxed);
    });
}

/// Names that a terminal, GitHub's runner, XML or a shell would obey.
#[test]
fn names_are_only_shown() {
    let directory = project();
    let names: [&[u8]; 10] = [
        b"new\nline.py",
        b"::error file=x::y.py",
        b"\r::warning::z.py",
        b"quote'\"`$(touch owned).py",
        b"\x1b[31m\x1b]0;title\x07.py",
        b"\xff\xfe not UTF-8.py",
        "\u{202e}yp.x\u{200b}.py".as_bytes(),
        b"]]><!--&<x>.py",
        b"%0A::error::.py",
        b"[a](javascript:x) | b.py",
    ];
    for name in names {
        let path = directory.path().join("dags").join(OsStr::from_bytes(name));
        // Not every system takes every name.
        let code = "from airflow.models import Variable\nVariable.get('/x', default_var='')\n";
        if let Err(error) = fs::write(&path, code) {
            assert_eq!(std::env::consts::OS, "macos", "{error}");
        }
    }
    let concise = check(directory.path());
    assert!(concise.out.lines().count() > 10, "{}", concise.out);
    for format in astrolint::report::Format::ALL {
        for more in [&[][..], &["--color", "always"]] {
            let arguments = [&["--strict", "-v", "--format", format.name()], more].concat();
            let ended = end(command(directory.path(), &arguments));
            let page = ended.out + &ended.error;
            let bad = page.char_indices().find(|(at, char)| {
                let is_colour = *char == '\x1b' && is_colour(&page[*at..]);
                *char != '\n' && !is_colour && astrolint::report::escape::is_treacherous(*char)
            });
            let bad = bad.map(|(at, _)| page[at..].chars().take(20).collect::<String>());
            assert_eq!(bad, None, "{}", format.name());
            if format.name() != "github" {
                let obeyed = page.lines().find(|line| line.trim_start().starts_with("::"));
                assert_eq!(obeyed, None, "{}", format.name());
            }
        }
    }
    for arguments in [
        &["projects", "--format", "json"][..],
        &["secrets"],
        &["secrets", "--format", "csv"],
        &["compare", "--to", "3.1-4"],
        &["--diff", "--unsafe-fixes"],
        &["--statistics"],
    ] {
        let ended = end(command(directory.path(), arguments));
        let page = ended.out + &ended.error;
        let bad = page.chars().find(|char| {
            !matches!(char, '\n' | '\r') && astrolint::report::escape::is_treacherous(*char)
        });
        assert_eq!(bad, None, "{arguments:?}: {page}");
        assert!(!page.lines().any(|line| line.starts_with("::")), "{arguments:?}: {page}");
    }
    assert!(!directory.path().join("owned").exists());
}

/// Whether `text` begins with a sequence that sets colours, and nothing else.
fn is_colour(text: &str) -> bool {
    let Some(rest) = text.strip_prefix("\x1b[") else { return false };
    let parameters = rest.trim_start_matches(|char: char| char.is_ascii_digit() || char == ';');
    parameters.starts_with('m')
}

/// Files of a gigabyte, which take no room on disk: they are told by their size.
#[test]
fn files_of_a_gigabyte_are_not_read() {
    let directory = project();
    let said = [
        ".env.big",
        "dags/big.py",
        "dags/big.sql",
        "dags/big.yaml",
        "include/big.json",
        "big.tf",
        "requirements.txt",
        "airflow.cfg",
        "airflow_settings.yaml",
        "docker-compose.override.yml",
        "Dockerfile.client",
    ];
    for name in said {
        sparse(directory.path(), name);
    }
    let ended = check(directory.path());
    for name in said {
        ended.says(&format!("{name}:1:1: "));
    }
    ended.says(FAULT);
    assert_eq!(ended.code, 0, "{}", ended.out);
    // What else is so large is data, or an installer that unpacks itself.
    for name in [
        "big.yaml",
        "big.json",
        "big.sh",
        "Makefile",
        ".github/workflows/big.yml",
        ".gitignore",
        ".dockerignore",
        ".git/index",
        "dags/.airflowignore",
    ] {
        sparse(directory.path(), name);
    }
    check(directory.path()).says(FAULT);
    for (name, option) in [("big.toml", "--config"), ("big.baseline", "--baseline")] {
        sparse(directory.path(), name);
        let ended = end(command(directory.path(), &[option, name]));
        assert_eq!(ended.code, 2);
        ended.says(name).says("larger than");
    }
}

/// Makes the file `name` below `root` a gigabyte long.
fn sparse(root: &Path, name: &str) {
    write(root, name, "");
    File::options().write(true).open(root.join(name)).unwrap().set_len(1 << 30).unwrap();
}

/// Lines that are as long as a file may be, one of each kind.
#[test]
fn lines_of_megabytes_are_read_or_refused() {
    let directory = project();
    let long = |start: &str, part: &str, end: &str, megabytes: usize| {
        format!("{start}{}{end}", part.repeat((megabytes << 20) / part.len()))
    };
    for (name, text) in [
        (".env.long", long("A=", "x", "\nexport B=1\n", 5)),
        ("quotes.env", long("A=", "'\"", "\n", 5)),
        ("dollars.env", long("A=", "${A:-", "\n", 2)),
        ("dags/long.py", long("x = '", "x", "'\n", 7)),
        ("dags/long.sql", long("{{ '", "x", "' }}", 1)),
        ("dags/long.yaml", long("a: ", "x ", "\n", 1)),
        ("include/long.json", long("[", "1,", "1]\n", 1)),
        ("requirements.txt", long("", "a", "\n", 5)),
        ("airflow.cfg", long("[secrets]\nbackend_kwargs = ", "x", "\n", 5)),
        ("long.tf", long("a = \"", "x", "\"\n", 9)),
        ("long.sh", long("echo ", "x ", "\n", 9)),
        ("Makefile", long("x:\n\techo ", "x", "\n", 9)),
        ("long.yaml", long("deployment: ", "x", "\n", 1)),
    ] {
        write(directory.path(), name, text);
    }
    check(directory.path()).says(FAULT);
    // A hundred megabytes are refused whatever they hold.
    write(directory.path(), "huge.env", vec![b'A'; 100 << 20]);
    check(directory.path()).says("huge.env:1:1: warning[file-unreadable]").says(FAULT);
    // The same on standard input.
    let mut command = command(directory.path(), &["--stdin-filename", "dags/a.py"]);
    command.stdin(File::open(directory.path().join("huge.env")).unwrap());
    let ended = end(command);
    assert_eq!(ended.code, 2, "{}", ended.out);
    ended.says("dags/a.py").says("larger than 10 MiB");
}

/// Each format, nested a hundred thousand levels deep.
#[test]
fn nesting_ends_in_a_finding() {
    let directory = project();
    let n = 100_000;
    let nested = |open: &str, close: &str| format!("{}{}", open.repeat(n), close.repeat(n));
    for (name, text) in [
        ("dags/a1.py", format!("from airflow.models import Variable\nx = {}\n", nested("(", ")"))),
        ("dags/a2.py", format!("from airflow.models import Variable\nx = {}1\n", "-".repeat(n))),
        ("dags/a3.py", format!("from airflow.models import Variable\nx = 1{}\n", "+1".repeat(n))),
        ("dags/a4.py", format!("from airflow.models import Variable\nx = x{}\n", ".a".repeat(n))),
        ("dags/a5.py", format!("from airflow.models import Variable\nx = {}\n", "f'{".repeat(n))),
        (
            "dags/a6.py",
            format!("from airflow.models import Variable\nx = {}1\n", "lambda: ".repeat(n)),
        ),
        ("include/deep.json", format!("{{\"conn_id\": {}}}", nested("[", "]"))),
        ("include/deep.yaml", format!("conn_id: {}", nested("[", "]"))),
        ("include/deep2.yaml", format!("conn_id: {}1\n", "- ".repeat(n))),
        ("dags/deep.sql", format!("{{{{ var.value.x[{}] }}}}", nested("(", ")"))),
        ("dags/deep2.sql", "{% if a %}".repeat(n)),
        ("deep.tf", format!("a = {}\n", nested("[", "]"))),
        ("deep2.tf", nested("a {\n", "}\n")),
        ("deep.tf.json", format!("{{\"a\": {}}}", nested("[", "]"))),
        ("deep.sh", format!("echo {}\n", nested("$(", ")"))),
        ("deep2.sh", nested("if a; then\n", "fi\n")),
        ("deep3.sh", format!("echo {}\n", nested("{a,", "}"))),
        ("deep.yaml", format!("deployment: {}", nested("{a: ", "}"))),
        ("template.json", format!("{{\"Resources\": {}}}", nested("{\"Fn::Sub\": ", "}"))),
        ("Makefile", format!("A = {}\nx:\n\techo $(A)\n", nested("$(", ")"))),
        ("airflow.cfg", format!("[secrets]\nbackend_kwargs = {}\n", nested("[", "]"))),
        ("deep.env", format!("{}AIRFLOW__SECRETS__BACKEND_KWARGS={}\n", settings(), "[".repeat(n))),
        ("deep2.env", format!("A={}\n", nested("${A:-", "}"))),
        ("Dockerfile", format!("FROM x\nENV A={}\n", nested("${A:-", "}"))),
        (
            "requirements.txt",
            format!("a; {}python_version < '3'{}\n", "(".repeat(n), ")".repeat(n)),
        ),
        ("policy.json", format!("{{\"Statement\": {}}}", nested("[", "]"))),
    ] {
        write(directory.path(), name, text);
    }
    let ended = check(directory.path());
    ended.says(FAULT);
    for place in ["dags/a1.py:2:", "dags/a3.py:2:", "dags/a5.py:2:", "deep.env:3:"] {
        ended.says(place);
    }
    for (name, text) in [
        ("deep.toml", format!("exclude = {}\n", nested("[", "]"))),
        ("deep2.toml", format!("[{}a]\n", "a.".repeat(n))),
        ("pyproject.toml", format!("[tool]\nastrolint = {}\n", nested("{a = ", "}"))),
    ] {
        write(directory.path(), name, text);
        let ended = end(command(directory.path(), &["--config", name]));
        assert_eq!(ended.code, 2, "{name}: {}", ended.out);
        ended.says(name);
    }
    fs::remove_file(directory.path().join("pyproject.toml")).unwrap();
    write(directory.path(), "deep.baseline", format!("{{\"version\": {}", "[".repeat(n)));
    let ended = end(command(directory.path(), &["--baseline", "deep.baseline"]));
    assert_eq!(ended.code, 2);
    ended.says("deep.baseline:1:");
}

/// Aliases that stand for billions of elements.
#[test]
fn aliases_do_not_multiply() {
    let directory = project();
    let mut bomb = "a0: &a0 [x, x]\n".to_owned();
    for level in 1..60 {
        bomb += &format!("a{level}: &a{level} [{}]\n", format!("*a{}, ", level - 1).repeat(10));
    }
    let mut merged = "b0: &b0 {A: 1}\n".to_owned();
    for level in 1..60 {
        merged +=
            &format!("b{level}: &b{level} {{<<: [{}]}}\n", format!("*b{}, ", level - 1).repeat(10));
    }
    for (name, text) in [
        ("dags/bomb.yaml", format!("{bomb}{merged}conn_id: *a59\n")),
        (
            "airflow_settings.yaml",
            format!("{bomb}airflow: {{connections: *a59, variables: *a59}}\n"),
        ),
        (
            "docker-compose.override.yml",
            format!("{merged}services: {{scheduler: {{environment: *b59}}}}\n"),
        ),
        (
            "deployment.yaml",
            format!(
                "{bomb}{merged}deployment: {{environment_variables: *a59, configuration: *b59}}\n"
            ),
        ),
        (
            "template.yaml",
            format!(
                "{bomb}Resources: {{x: {{Type: 'AWS::SecretsManager::Secret', Properties: {{Name: !Join ['', *a59]}}}}}}\n"
            ),
        ),
        (".github/workflows/a.yml", format!("{bomb}jobs: {{x: {{steps: *a59}}}}\n")),
        (
            "circle.yaml",
            "deployment: &d\n  environment_variables: *d\n  configuration: *d\n".to_owned(),
        ),
    ] {
        write(directory.path(), name, text);
    }
    check(directory.path()).says(FAULT);
}

#[test]
fn files_that_name_each_other_end() {
    let directory = project();
    write(
        directory.path(),
        "requirements.txt",
        "-r a.txt\n-r requirements.txt\napache-airflow-providers-amazon==8.0.0\n",
    );
    write(directory.path(), "a.txt", "-r b.txt\n-c a.txt\n");
    write(directory.path(), "b.txt", "-r ./dags/../a.txt\n-r requirements.txt\n");
    write(
        directory.path(),
        "dags/one.py",
        "from dags.two import x\nfrom one import *\nfrom airflow.models import Variable\nVariable.get(x)\n",
    );
    write(directory.path(), "dags/two.py", "from dags.one import x\nfrom two import x\nx = x\n");
    write(
        directory.path(),
        "dags/loop.sql",
        "{% include 'loop.sql' %}{% extends 'loop.sql' %}{{ var.value.x }}",
    );
    write(
        directory.path(),
        "main.tf",
        "locals {\n  a = local.b\n  b = \"${local.a}x\"\n  c = { for k, v in local.c : k => local.c }\n}\nmodule \"m\" {\n  source = \"./\"\n  name = module.m.name\n}\nresource \"aws_secretsmanager_secret\" \"x\" {\n  for_each = aws_secretsmanager_secret.x\n  name = \"${local.a}${aws_secretsmanager_secret.x.name}${local.c[0]}\"\n}\noutput \"name\" {\n  value = module.m.name\n}\nvariable \"v\" {\n  default = var.v\n}\n",
    );
    write(directory.path(), "modules/a/main.tf", "module \"b\" {\n  source = \"../b\"\n}\n");
    write(directory.path(), "modules/b/main.tf", "module \"a\" {\n  source = \"../a\"\n}\n");
    write(
        directory.path(),
        "Makefile",
        "A = $(B)\nB = $(A)$(A)\ninclude Makefile\nx: x\n\techo $(A)\n",
    );
    write(directory.path(), "loop.sh", ". ./loop.sh\nA=$A$A$A\nexport A=$A\n");
    write(
        directory.path(),
        "airflow.cfg",
        "[secrets]\nbackend = %(backend_kwargs)s\nbackend_kwargs = %(backend)s\n",
    );
    write(directory.path(), "loop.env", "A=$B\nB=${A}${A}\nC=${C:-$C}\n");
    write(
        directory.path(),
        "Dockerfile",
        "FROM b AS a\nFROM a AS b\nFROM c AS c\nENV A=$A$A B=$B\n",
    );
    write(
        directory.path(),
        "astrolint.toml",
        "[[environment]]\nname = \"x\"\nsettings = { A = \"$A\" }\n",
    );
    check(directory.path()).says(FAULT);
}

/// Archives, as such and under the names of what is read.
#[test]
fn archives_are_no_text() {
    // An empty zip file with a comment, and what any would begin with.
    let zip = b"PK\x03\x04\x14\0\0\0\x08\0\xff\xfe\xfd__main__.pyPK\x05\x06\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0";
    let directory = project();
    for name in
        ["dags/packed.zip", "dags/packed.py", "zip.env", "requirements.txt", "dags/packed.yaml"]
    {
        write(directory.path(), name, zip);
    }
    let ended = check(directory.path());
    ended.says(FAULT);
    for name in ["dags/packed.py", "zip.env", "requirements.txt"] {
        ended.says(&format!("{name}:1:1: warning[file-unreadable]"));
    }
}

/// Code that asks for so many variables under names that begin with a slash.
fn lookups(number: usize) -> String {
    let lookups = (0..number).map(|it| format!("Variable.get('/x{it}')\n"));
    "from airflow.models import Variable\n".to_owned() + &lookups.collect::<String>()
}

/// As many findings as a file of the largest size can hold of one rule; a million are a manual run.
#[test]
fn very_many_findings_are_all_told() {
    let directory = project();
    let lines = 5_000;
    write(directory.path(), "dags/many.py", lookups(lines));
    let ended = check(directory.path());
    assert_eq!(ended.out.matches("[key-leading-slash]").count(), lines, "{}", ended.error);
    let ended = end(command(directory.path(), &["--format", "json"]));
    let report: serde_json::Value = serde_json::from_str(&ended.out).unwrap();
    assert!(report["findings"].as_array().unwrap().len() > lines);
}

#[test]
fn a_closed_output_changes_no_exit_code() {
    let directory = project();
    // More than a pipe holds.
    write(directory.path(), "dags/many.py", lookups(800));
    for arguments in [
        &["--format", "concise"][..],
        &["--format", "json"],
        &["--diff"],
        &["--statistics"],
        &["-v", "--format", "sarif"],
    ] {
        let expected = end(command(directory.path(), arguments)).code;
        assert_eq!(expected, 1, "{arguments:?}");
        for is_error in [false, true] {
            let mut command = command(directory.path(), arguments);
            let (reader, writer) = std::io::pipe().unwrap();
            drop(reader);
            if is_error {
                command.stderr(writer).stdout(Stdio::null());
            } else {
                command.stdout(writer).stderr(Stdio::null());
            }
            let status = command.status().unwrap();
            assert_eq!(status.code(), Some(expected), "{arguments:?} {is_error}: {status:?}");
        }
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_said() {
    let directory = project();
    let mut to_full = command(directory.path(), &["--format", "json"]);
    to_full.stdout(File::options().write(true).open("/dev/full").unwrap()).stderr(Stdio::piped());
    let output = to_full.spawn().unwrap().wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("o space left"), "{output:?}");
    let ended = end(command(directory.path(), &["--format", "json=/dev/full"]));
    assert_eq!(ended.code, 2);
    ended.says("/dev/full");
}

/// A limit on the size of files stands for a full disk: nothing more can be written.
#[test]
fn on_a_full_disk_nothing_is_lost() {
    let directory = project();
    let text = settings() + FIXABLE + &"# a comment of some length\n".repeat(4_000);
    write(directory.path(), ".env", &text);
    write(
        directory.path(),
        "baseline.json",
        format!("{{\"version\": 1, \"findings\": []}}{}", " ".repeat(60_000)),
    );
    let limited = |arguments: &str| {
        let mut command = Command::new("sh");
        let script = format!(
            "trap '' XFSZ; ulimit -f 8; exec '{}' {arguments}",
            env!("CARGO_BIN_EXE_astrolint")
        );
        command.current_dir(directory.path()).env_clear().args(["-c", &script]);
        end(command)
    };
    let files = || fs::read_dir(directory.path()).unwrap().count();
    let before = files();
    let ended = limited("--fix --format concise");
    assert_eq!(ended.code, 2, "{}{}", ended.out, ended.error);
    ended.says(".env: not fixed").says(FAULT);
    assert_eq!(fs::read_to_string(directory.path().join(".env")).unwrap(), text);
    write(directory.path(), "dags/many.py", lookups(1_000));
    let before_baseline = fs::read(directory.path().join("baseline.json")).unwrap();
    let ended = limited("--baseline baseline.json --write-baseline");
    assert_eq!(ended.code, 2, "{}{}", ended.out, ended.error);
    ended.says("baseline.json");
    assert_eq!(fs::read(directory.path().join("baseline.json")).unwrap(), before_baseline);
    assert_eq!(files(), before, "no part of a file is left");
}

/// A project with so many files to fix that runs meet in the middle of them.
fn much_to_fix() -> TempDir {
    let directory = project();
    for number in 0..40 {
        write(directory.path(), &format!("n{number}.env"), format!("{FIXABLE}# {number}\n"));
    }
    directory
}

/// What the files of `directory` hold, by name.
fn contents(directory: &Path) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_file() {
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            found.push((name, fs::read_to_string(&path).unwrap()));
        }
    }
    found.sort();
    found
}

/// What `--fix` makes of the project in `directory`, done in a copy.
fn fixed(directory: &Path) -> Vec<(String, String)> {
    let other = TempDir::new().unwrap();
    copy(directory, other.path());
    end(command(other.path(), &["--fix"]));
    let contents = contents(other.path());
    assert!(contents.iter().any(|(name, text)| name == "n0.env" && !text.starts_with("export")));
    contents
}

#[test]
fn runs_at_once_fix_once() {
    let directory = much_to_fix();
    let expected = fixed(directory.path());
    let runs: Vec<_> = (0..4)
        .map(|_| {
            let mut command = command(directory.path(), &["--fix", "--format", "concise"]);
            command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
        })
        .collect();
    for run in runs {
        let output = run.wait_with_output().unwrap();
        let error = String::from_utf8(output.stderr).unwrap();
        let code = output.status.code().unwrap();
        // A run that comes too late says of which file, and ends with 2.
        assert!(
            code < 2 || error.contains(": not fixed: it changed meanwhile; run again"),
            "{code}: {error}"
        );
    }
    assert_eq!(contents(directory.path()), expected);
}

#[test]
fn a_killed_run_leaves_whole_files() {
    for delay in [0, 5, 10, 20, 40, 60, 80, 120, 200, 400] {
        let directory = much_to_fix();
        let before = contents(directory.path());
        let after = fixed(directory.path());
        let mut run = command(directory.path(), &["--fix"]);
        let mut run = run.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        std::thread::sleep(Duration::from_millis(delay));
        run.kill().unwrap();
        run.wait().unwrap();
        for (name, text) in contents(directory.path()) {
            let is_left = name.starts_with(".astrolint-");
            let of = |all: &[(String, String)]| all.contains(&(name.clone(), text.clone()));
            assert!(is_left || of(&before) || of(&after), "{name}: {text}");
        }
        // What is left over is nobody else's to read, and the next run does not mind.
        for entry in fs::read_dir(directory.path()).unwrap() {
            let entry = entry.unwrap();
            if entry.file_name().to_string_lossy().starts_with(".astrolint-") {
                assert_eq!(entry.metadata().unwrap().permissions().mode() & 0o077 & !0o044, 0);
            }
        }
        end(command(directory.path(), &["--fix"]));
        let mut now = contents(directory.path());
        now.retain(|(name, _)| !name.starts_with(".astrolint-"));
        assert_eq!(now, after);
    }
}

/// A client of the language server that sends nonsense, or goes away.
#[test]
fn the_language_server_ends_with_its_client() {
    let directory = project();
    for input in [
        "",
        "nonsense",
        "Content-Length: 5\r\n\r\n{\"a\":",
        "Content-Length: 99\r\n\r\n{}",
        "Content-Length: 2\r\n\r\n[]",
    ] {
        let mut server = command(directory.path(), &["lsp"]);
        let server = server.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut server = server.spawn().unwrap();
        server.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
        let (mut out, mut error) = (String::new(), String::new());
        server.stdout.take().unwrap().read_to_string(&mut out).unwrap();
        server.stderr.take().unwrap().read_to_string(&mut error).unwrap();
        let status = server.wait().unwrap();
        assert!(status.code().is_some(), "{input}: {status:?}");
        assert!(!error.contains(" failed at "), "{input}: {error}");
    }
}
