//! How long a whole run takes, beside programs that do less and programs that do other things with the
//! same files: `cargo bench --bench whole`.
//!
//! The trees are made here (see [`corpora`]); every figure of a tree is from one run, in which the
//! commands take turns, so that a busy machine disturbs all of them alike. Only ratios are worth
//! quoting.
//!
//! `--runs N` (default 11), `--only NAME` (part of a tree's name), `--packages` (also the `.py` files of
//! published Airflow packages, which `pip download` brings).

#![allow(
    clippy::cast_precision_loss,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::print_stderr,
    clippy::print_stdout,
    clippy::type_complexity,
    reason = "a benchmark may fail, and prints"
)]

mod corpora;
mod race;

use std::env;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use astrolint::discover::{FileKind, discover};
use astrolint::model::references::words::{self, REFERRING};
use astrolint::parallel;
use corpora::Corpus;
use race::{Contestant, Figures};
use ruff_python_parser::{Mode, ParseOptions, Parsed, parse_unchecked};

/// The words that stand for a reference, as a person would look for them.
const WORDS: [&str; 10] = [
    "Variable",
    "Connection",
    "get_connection",
    "get_hook",
    "conn_id",
    "Hook(",
    "var.value",
    "var.json",
    "conn.",
    "ObjectStoragePath",
];

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    // Started by itself: what an empty process costs, and one that only reads.
    match arguments.first().map(String::as_str) {
        Some("--read") => return read_all(Path::new(&arguments[1])),
        Some("--parse") => return parse_what_may_refer(Path::new(&arguments[1])),
        Some("--help") => {
            println!("--runs N, --only NAME, --packages");
            return ExitCode::SUCCESS;
        }
        _ => {}
    }
    let after = |name: &str| {
        let at = arguments.iter().position(|argument| argument == name)?;
        arguments.get(at + 1)
    };
    let runs = after("--runs").and_then(|runs| runs.parse().ok()).unwrap_or(11);
    let only = after("--only").map_or("", String::as_str);
    let place = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("corpora");
    let empty = empty_process(&place);

    println!("| tree | command | median | ratio | least | most | memory |");
    println!("| --- | --- | ---: | ---: | ---: | ---: | ---: |");
    let mut corpora = corpora::generated(&place, only);
    if arguments.iter().any(|argument| argument == "--packages") {
        corpora.extend(corpora::published(&place));
    }
    for corpus in &corpora {
        let contestants = contestants(corpus, &empty);
        let figures = race::run(&contestants, runs);
        print_rows(corpus, &contestants, &figures);
    }
    ExitCode::SUCCESS
}

/// What runs over a tree, astrolint first.
fn contestants(corpus: &Corpus, empty: &Path) -> Vec<Contestant> {
    let root = corpus.root.as_path();
    let mut contestants = vec![Contestant::new(
        "astrolint check",
        Command::new(env!("CARGO_BIN_EXE_astrolint")).arg(root).env("NO_COLOR", "1"),
        &[0, 1],
    )];
    let mut words = Command::new("rg");
    words.args(["--count", "--fixed-strings", "--no-ignore", "--hidden", "--threads=2"]);
    for word in WORDS {
        words.args(["-e", word]);
    }
    contestants.push(Contestant::new("ripgrep, ten words", words.arg(root), &[0, 1]));
    let mut patterns = Command::new("rg");
    patterns.args(["--count", "--no-ignore", "--hidden", "--threads=2"]);
    for pattern in words::referring() {
        patterns.args(["-e", &pattern]);
    }
    contestants.push(Contestant::new(
        "ripgrep, all patterns of astrolint",
        patterns.arg(root),
        &[0, 1],
    ));
    let mut ruff = Command::new("ruff");
    ruff.args(["check", "--isolated", "--select=AIR", "--preview", "--no-cache", "--quiet"]);
    contestants.push(Contestant::new("ruff, Airflow rules", ruff.arg(root), &[0, 1]));
    let myself = env::current_exe().expect("the path of this program");
    let mut parse = Command::new(&myself);
    contestants.push(Contestant::new(
        "only parsing what may refer",
        parse.arg("--parse").arg(root),
        &[0],
    ));
    let mut read = Command::new(&myself);
    contestants.push(Contestant::new("reading every file", read.arg("--read").arg(root), &[0]));
    contestants.push(Contestant::new("an empty process", &mut Command::new(empty), &[0]));
    contestants.retain(Contestant::is_there);
    contestants
}

fn print_rows(corpus: &Corpus, contestants: &[Contestant], figures: &[Figures]) {
    let first = figures[0].median();
    for (contestant, figures) in contestants.iter().zip(figures) {
        println!(
            "| {} | {} | {:.1} ms | {:.2} | {:.1} | {:.1} | {:.1} MB |",
            corpus.name,
            contestant.name,
            figures.median(),
            first / figures.median(),
            figures.least(),
            figures.most(),
            figures.memory(),
        );
    }
}

/// Reads all files below `root`, one after the other.
fn read_all(root: &Path) -> ExitCode {
    let mut bytes = 0;
    for entry in walkdir::WalkDir::new(root).into_iter().flatten() {
        if entry.file_type().is_file() {
            bytes += std::fs::read(entry.path()).map_or(0, |content| content.len());
        }
    }
    println!("{bytes}");
    ExitCode::SUCCESS
}

/// Finds the projects below `root`, looks through their Python files for the words of a reference, and parses
/// those that have one, on two threads: the least that a tool does which understands them.
fn parse_what_may_refer(root: &Path) -> ExitCode {
    let found = discover(&[root.to_path_buf()]).expect("a project");
    let files = found.projects.into_iter().flat_map(|project| project.files);
    let python = files.filter(|file| file.kind == FileKind::Python).map(|file| file.path);
    let python: Vec<PathBuf> = python.collect();
    let mut statements = 0;
    let parse = |path: &PathBuf| {
        let text = std::fs::read_to_string(path).unwrap_or_default();
        let is_hit = REFERRING.may_refer(text.as_bytes());
        let parsed = is_hit.then(|| parse_unchecked(&text, ParseOptions::from(Mode::Module)));
        let module = parsed.and_then(Parsed::try_into_module);
        module.map_or(0, |module| module.suite().len())
    };
    parallel::in_order(&python, 2, parse, |count| statements += count);
    println!("{statements}");
    ExitCode::SUCCESS
}

/// A program that does nothing, linked as any other.
fn empty_process(place: &Path) -> PathBuf {
    std::fs::create_dir_all(place).expect("a directory for the trees");
    let (source, program) = (place.join("empty.rs"), place.join("empty"));
    if !program.exists() {
        std::fs::write(&source, "fn main() {}\n").expect("a source file");
        let rustc = env::var("RUSTC").unwrap_or_else(|_| "rustc".to_owned());
        let status = Command::new(rustc).arg("-O").arg(&source).arg("-o").arg(&program).status();
        assert!(status.is_ok_and(|status| status.success()), "rustc builds an empty program");
    }
    program
}
