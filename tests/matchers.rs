//! The files in `editors/`, by which editors and GitHub read the concise form: they are made from its
//! grammar, and recover what every concise line of the tests says.
//!
//! `ASTROLINT_UPDATE=1 cargo test --test matchers` rewrites them. `cargo test --test matchers -- --ignored`
//! asks the real editors, which must be installed: `vim`, `nvim`, `emacs`, and `node` for the regular
//! expressions of VS Code.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test may fail"
)]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use astrolint::report::CONCISE_LINE;
use regex::Regex;
use serde_json::{Value, json};

const LEVELS: &str = "(error|warning|info)";

fn editors() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("editors")
}

/// What one line says.
#[derive(Clone, PartialEq, Eq, Debug)]
struct Said {
    path: String,
    line: u64,
    column: u64,
    level: String,
    rule: String,
    message: String,
}

impl Said {
    fn line(&self) -> String {
        let Self { path, line, column, level, rule, message } = self;
        format!("{path}:{line}:{column}: {level}[{rule}] {message}")
    }
}

/// Lines that a matcher could take apart in the wrong place, with what they say.
fn awkward() -> Vec<Said> {
    let paths = [
        ".env",
        "my project/dags/a b.py",
        "C:/Users/me/airflow/.env",
        "D:/a:b/12:3/.env.prod",
        "./::error::/x.py",
        "dags/10:20/été [1] (2)/漢.py",
        "../a: b/c.sql",
    ];
    let messages = [
        "`x` is asked for",
        "a.py:3:4: error[prefix-shared] is quoted",
        "`[a-z]` matches nothing: 1:2",
    ];
    let mut all = Vec::new();
    for (number, path) in paths.into_iter().enumerate() {
        for (message, level) in messages.into_iter().zip(["error", "warning", "info"]) {
            all.push(Said {
                path: path.to_owned(),
                line: 3 + number as u64,
                column: 17,
                level: level.to_owned(),
                rule: "prefix-leading-slash".to_owned(),
                message: message.to_owned(),
            });
        }
    }
    all
}

/// Every concise line that the tests expect anywhere.
fn expected() -> Vec<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let read = |directory: &str| {
        let mut paths: Vec<_> = fs::read_dir(root.join(directory))
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .collect();
        paths.sort();
        paths
            .into_iter()
            .filter(|path| path.is_file())
            .map(|path| fs::read_to_string(path).unwrap())
    };
    let mut lines = Vec::new();
    for page in read("rules") {
        let mut inside = false;
        for line in page.lines() {
            match line.strip_prefix("```") {
                Some(language) => inside = language.starts_with("report"),
                None if inside => lines.push(line.to_owned()),
                None => {}
            }
        }
    }
    let on_standard_error = |line: &str| {
        ["Found ", "No problems found", "astrolint: "].iter().any(|it| line.starts_with(it))
    };
    for report in read("fixtures/expected") {
        lines.extend(report.lines().filter(|line| !on_standard_error(line)).map(str::to_owned));
    }
    assert!(lines.len() > 150, "only {} lines", lines.len());
    lines
}

/// What `line` says, by `pattern`, whose groups are those of the grammar.
fn read(pattern: &Regex, line: &str) -> Option<Said> {
    let groups = pattern.captures(line)?;
    Some(Said {
        path: groups[1].to_owned(),
        line: groups[2].parse().unwrap(),
        column: groups[3].parse().unwrap(),
        level: groups[4].to_owned(),
        rule: groups[5].to_owned(),
        message: groups[6].to_owned(),
    })
}

/// All lines with what they say.
fn corpus() -> Vec<(String, Said)> {
    let grammar = Regex::new(CONCISE_LINE).unwrap();
    let said = |line: String| {
        let said = read(&grammar, &line).unwrap_or_else(|| panic!("not in the grammar: {line}"));
        (line, said)
    };
    let mut all: Vec<_> = expected().into_iter().map(said).collect();
    all.extend(awkward().into_iter().map(|said| (said.line(), said)));
    all
}

fn pattern(regexp: &str, groups: &[&str]) -> Value {
    let mut pattern = json!({ "regexp": regexp });
    for (name, group) in groups.iter().zip(1..) {
        pattern[*name] = json!(group);
    }
    pattern
}

fn vscode() -> String {
    let matcher = json!({
        "owner": "astrolint",
        "source": "astrolint",
        "fileLocation": ["autoDetect", "${workspaceFolder}"],
        "pattern": pattern(CONCISE_LINE, &["file", "line", "column", "severity", "code", "message"]),
    });
    let task = json!({
        "label": "astrolint",
        "type": "process",
        "command": "astrolint",
        "args": ["--format", "concise"],
        "group": "test",
        "presentation": { "reveal": "silent" },
        "problemMatcher": matcher,
    });
    format!("{:#}\n", json!({ "version": "2.0.0", "tasks": [task] }))
}

/// GitHub knows `notice` and no `info`, so that these lines have a matcher of their own.
fn github() -> String {
    let failing = CONCISE_LINE.replace(LEVELS, "(error|warning)");
    let info = CONCISE_LINE.replace(LEVELS, "info");
    let matchers = json!({ "problemMatcher": [
        {
            "owner": "astrolint",
            "pattern": [pattern(&failing, &["file", "line", "column", "severity", "code", "message"])],
        },
        {
            "owner": "astrolint-info",
            "severity": "notice",
            "pattern": [pattern(&info, &["file", "line", "column", "code", "message"])],
        },
    ] });
    format!("{matchers:#}\n")
}

/// Vim has no place for a rule: it stays at the beginning of the message.
fn vim() -> String {
    let mut format = CONCISE_LINE.trim_start_matches('^').trim_end_matches('$').to_owned();
    for (regex, item) in [
        ("(.+?)", "%f"),
        ("([0-9]+)", "%l"),
        ("([0-9]+)", "%c"),
        (LEVELS, "%t%*[a-z]"),
        (r"\[([a-z0-9-]+)\] (.+)", "%m"),
    ] {
        assert!(format.contains(regex), "{format}");
        format = format.replacen(regex, item, 1);
    }
    let format = format.replace(' ', "\\ ");
    format!(
        "\" astrolint for Vim and Neovim: `:compiler astrolint`, then `:make` fills the quickfix list.\n\
         if exists('current_compiler')\n  finish\nendif\n\
         let current_compiler = 'astrolint'\n\
         CompilerSet makeprg=astrolint\\ --format\\ concise\\ --quiet\n\
         CompilerSet errorformat={format}\n"
    )
}

fn emacs() -> String {
    let levels = r"(?:error|(warning)|(info))";
    let mut regexp = String::new();
    let mut escaped = false;
    for char in CONCISE_LINE.replace(LEVELS, levels).chars() {
        match char {
            '\\' if !escaped => {
                escaped = true;
                continue;
            }
            '(' | ')' | '|' if !escaped => regexp.extend(["\\\\", &char.to_string()]),
            '[' | ']' if escaped => regexp.extend(["\\\\", &char.to_string()]),
            _ => regexp.push(char),
        }
        escaped = false;
    }
    format!(
        ";;; astrolint.el --- Errors of astrolint in compilation buffers  -*- lexical-binding: t; -*-\n\
         \n;; M-x compile RET astrolint --format concise RET\n\n;;; Code:\n\n\
         (require 'compile)\n\n\
         (add-to-list 'compilation-error-regexp-alist-alist\n             '(astrolint\n               \"{regexp}\"\n               1 2 3 (4 . 5)))\n\
         (add-to-list 'compilation-error-regexp-alist 'astrolint)\n\n\
         (provide 'astrolint)\n;;; astrolint.el ends here\n"
    )
}

#[test]
fn the_files_are_made_from_the_grammar() {
    let mut stale = Vec::new();
    for (name, text) in [
        ("vscode/tasks.json", vscode()),
        ("github/astrolint.json", github()),
        ("vim/compiler/astrolint.vim", vim()),
        ("emacs/astrolint.el", emacs()),
    ] {
        let path = editors().join(name);
        if std::env::var_os("ASTROLINT_UPDATE").is_some() {
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(&path, text).unwrap();
        } else if fs::read_to_string(&path).ok() != Some(text) {
            stale.push(name);
        }
    }
    assert!(
        stale.is_empty(),
        "{stale:?}: ASTROLINT_UPDATE=1 cargo test --test matchers rewrites them"
    );
}

#[test]
fn every_line_is_in_the_grammar_and_says_what_it_should() {
    for (line, said) in corpus() {
        assert_eq!(said.line(), line);
        assert!(astrolint::check::find(&said.rule).is_ok(), "{line}");
    }
    let grammar = Regex::new(CONCISE_LINE).unwrap();
    for said in awkward() {
        assert_eq!(read(&grammar, &said.line()), Some(said));
    }
    for other in
        ["Found 1 error in 1 project.", "astrolint: there is no file", ".env:1:2: fatal[x] y"]
    {
        assert_eq!(read(&grammar, other), None);
    }
}

/// The regular expressions of the files themselves; what they use means the same in JavaScript and .NET.
#[test]
fn matchers_recover_every_line() {
    let json = |name: &str| -> Value {
        serde_json::from_str(&fs::read_to_string(editors().join(name)).unwrap()).unwrap()
    };
    let vscode = json("vscode/tasks.json")["tasks"][0]["problemMatcher"].clone();
    let mut matchers = vec![(vscode["pattern"].clone(), Value::Null, "info")];
    for matcher in json("github/astrolint.json")["problemMatcher"].as_array().unwrap() {
        matchers.push((matcher["pattern"][0].clone(), matcher["severity"].clone(), "notice"));
    }
    let mut recovered = 0;
    for (line, said) in corpus() {
        for (pattern, severity, info) in &matchers {
            let regexp = Regex::new(pattern["regexp"].as_str().unwrap()).unwrap();
            let Some(groups) = regexp.captures(&line) else { continue };
            let group = |name: &str| {
                pattern[name]
                    .as_u64()
                    .map(|number| groups[usize::try_from(number).unwrap()].to_owned())
            };
            let level = group("severity").or_else(|| severity.as_str().map(str::to_owned)).unwrap();
            let level = if level == *info { "info".to_owned() } else { level };
            let found = Said {
                path: group("file").unwrap(),
                line: group("line").unwrap().parse().unwrap(),
                column: group("column").unwrap().parse().unwrap(),
                level,
                rule: group("code").unwrap(),
                message: group("message").unwrap(),
            };
            assert_eq!(found, said);
            recovered += 1;
        }
    }
    assert_eq!(recovered, 2 * corpus().len(), "one matcher of each file for every line");
}

/// Runs a program and gives what it prints.
fn output(command: &mut Command) -> String {
    let output = command.output().unwrap();
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// The lines in a file, and a place for an answer.
fn prepared() -> (tempfile::TempDir, PathBuf, PathBuf) {
    let directory = tempfile::tempdir().unwrap();
    let (lines, answer) = (directory.path().join("lines"), directory.path().join("answer"));
    let text: Vec<_> = corpus().into_iter().map(|(line, _)| line + "\n").collect();
    fs::write(&lines, text.concat()).unwrap();
    (directory, lines, answer)
}

/// `path` from `directory`, as editors name it.
fn absolute(directory: &Path, path: &str) -> PathBuf {
    let mut absolute = directory.canonicalize().unwrap();
    for part in path.split('/') {
        match part {
            "." => {}
            ".." => drop(absolute.pop()),
            name => absolute.push(name),
        }
    }
    absolute
}

#[test]
#[ignore = "needs vim and nvim"]
fn vim_and_neovim_fill_the_quickfix_list() {
    for (program, quiet) in [("vim", &["-es", "-N"][..]), ("nvim", &["--headless"])] {
        let (directory, lines, answer) = prepared();
        let take = format!(
            "call writefile([json_encode(map(getqflist(), '[simplify(fnamemodify(bufname(v:val.bufnr), '':p'')), v:val.lnum, v:val.col, v:val.type, v:val.text]'))], '{}')",
            answer.display()
        );
        output(
            Command::new(program)
                .current_dir(directory.path())
                .args(quiet)
                .args(["-u", "NONE", "-i", "NONE", "--cmd", "set encoding=utf-8"])
                .args(["-c", &format!("set runtimepath+={}", editors().join("vim").display())])
                .args(["-c", "compiler astrolint", "-c", &format!("cgetfile {}", lines.display())])
                .args(["-c", &take, "-c", "qall!"]),
        );
        let found: Vec<Value> = serde_json::from_str(&fs::read_to_string(answer).unwrap()).unwrap();
        let wanted: Vec<Value> = corpus()
            .into_iter()
            .map(|(_, said)| {
                let Said { path, line, column, level, rule, message } = said;
                let path = absolute(directory.path(), &path);
                json!([path, line, column, level[..1], format!("[{rule}] {message}")])
            })
            .collect();
        for (found, wanted) in found.iter().zip(&wanted) {
            assert_eq!(found, wanted, "{program}");
        }
        assert_eq!(found.len(), wanted.len(), "{program}");
    }
}

#[test]
#[ignore = "needs emacs"]
fn emacs_finds_every_line() {
    let (_directory, lines, _) = prepared();
    let script = format!(
        r#"(with-temp-buffer
             (insert-file-contents "{}")
             (compilation-mode)
             (setq compilation-error-regexp-alist '(astrolint))
             (compilation--ensure-parse (point-max))
             (goto-char (point-min))
             (while (not (eobp))
               (let* ((message (get-text-property (point) 'compilation-message))
                      (loc (and message (compilation--message->loc message))))
                 (princ (format "%s\t%s\t%s\t%s\n"
                                (and loc (caar (compilation--loc->file-struct loc)))
                                (and loc (compilation--loc->line loc))
                                (and loc (compilation--loc->col loc))
                                (and message (compilation--message->type message)))))
               (forward-line)))"#,
        lines.display()
    );
    let el = editors().join("emacs/astrolint.el");
    let printed = output(
        Command::new("emacs").args(["--batch", "-Q", "-l"]).arg(el).args(["--eval", &script]),
    );
    let types = |level: &str| match level {
        "info" => 0,
        "warning" => 1,
        _ => 2,
    };
    let wanted: Vec<_> = corpus()
        .into_iter()
        .map(|(_, said)| {
            format!("{}\t{}\t{}\t{}", said.path, said.line, said.column, types(&said.level))
        })
        .collect();
    for (found, wanted) in printed.lines().zip(&wanted) {
        assert_eq!(found, wanted);
    }
    assert_eq!(printed.lines().count(), wanted.len());
}

#[test]
#[ignore = "needs node"]
fn javascript_reads_the_expression_alike() {
    let (_directory, lines, _) = prepared();
    let script = "const fs = require('fs'); const [tasks, lines] = process.argv.slice(1);
        const {regexp} = JSON.parse(fs.readFileSync(tasks)).tasks[0].problemMatcher.pattern;
        for (const line of fs.readFileSync(lines, 'utf8').trimEnd().split('\\n'))
            console.log(JSON.stringify(new RegExp(regexp).exec(line).slice(1)));";
    let tasks = editors().join("vscode/tasks.json");
    let printed = output(Command::new("node").args(["-e", script]).args([tasks, lines]));
    let wanted = corpus().into_iter().map(|(_, said)| {
        let Said { path, line, column, level, rule, message } = said;
        json!([path, line.to_string(), column.to_string(), level, rule, message])
    });
    let found: Vec<Value> =
        printed.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(found, wanted.collect::<Vec<_>>());
}
