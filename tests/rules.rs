//! Every example in `rules/*.md` is run: the pages are the tests of the rules.
//!
//! A fence names its language and its file (```` ```dotenv .env ````); fences with nothing but blank
//! lines between them are one project, to which what `astro dev init` writes is added where the
//! example has no file of that name. Under `## Bad`, a ```` ```report ```` fence holds exactly what
//! `astrolint --format concise` prints for the project above it (```` ```report strict ````: with
//! `--strict`). Under `## Good`, nothing is reported.
//!
//! `ASTROLINT_UPDATE=1 cargo test --test rules` rewrites the report fences.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test may fail"
)]

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

mod support;

/// What every example gets unless it brings its own.
const SCAFFOLD: &[(&str, &str)] = &[
    (".astro/config.yaml", "project:\n  name: example\n"),
    ("Dockerfile", "FROM quay.io/astronomer/astro-runtime:12.8.0\n"),
    (".gitignore", ".env\n"),
    (".dockerignore", ".env\n"),
];

const HEADINGS: [&str; 7] = [
    "What it reports",
    "Why it matters",
    "Bad",
    "Good",
    "When it stays quiet",
    "Options",
    "Sources",
];

struct Fence {
    language: String,
    name: String,
    body: String,
    /// Lines of the page that the body takes, 0-based, end excluded.
    lines: std::ops::Range<usize>,
    /// Whether only blank lines stand between it and the fence before.
    follows: bool,
}

struct Page {
    path: PathBuf,
    id: String,
    text: String,
    headings: Vec<String>,
    bad: Vec<Fence>,
    good: Vec<Fence>,
}

#[derive(Default)]
struct Example<'a> {
    files: Vec<&'a Fence>,
    report: Option<&'a Fence>,
}

fn repository() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn pages() -> Vec<Page> {
    let mut paths: Vec<PathBuf> = fs::read_dir(repository().join("rules"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "md"))
        .filter(|path| path.file_name().is_some_and(|name| name != "README.md"))
        .collect();
    paths.sort();
    paths.into_iter().map(read_page).collect()
}

fn read_page(path: PathBuf) -> Page {
    let text = fs::read_to_string(&path).unwrap();
    let id = path.file_stem().unwrap().to_str().unwrap().to_owned();
    let mut page = Page {
        path,
        id,
        headings: Vec::new(),
        bad: Vec::new(),
        good: Vec::new(),
        text: text.clone(),
    };
    let mut follows = false;
    let mut lines = text.lines().enumerate();
    while let Some((number, line)) = lines.next() {
        if let Some(heading) = line.strip_prefix("## ") {
            page.headings.push(heading.to_owned());
            follows = false;
        } else if let Some(info) = line.strip_prefix("```") {
            let mut words = info.split_whitespace();
            let language = words.next().unwrap_or_default().to_owned();
            let name = words.collect::<Vec<_>>().join(" ");
            let mut body = String::new();
            let mut end = number + 1;
            for (at, inner) in lines.by_ref() {
                end = at;
                if inner == "```" {
                    break;
                }
                writeln!(body, "{inner}").unwrap();
            }
            let fence = Fence { language, name, body, lines: number + 1..end, follows };
            follows = true;
            match page.headings.last().map(String::as_str) {
                Some("Bad") => page.bad.push(fence),
                Some("Good") => page.good.push(fence),
                _ => {}
            }
        } else if !line.trim().is_empty() {
            follows = false;
        }
    }
    page
}

fn examples(fences: &[Fence]) -> Vec<Example<'_>> {
    let mut examples: Vec<Example> = Vec::new();
    for fence in fences {
        if !fence.follows || examples.last().is_none_or(|example| example.report.is_some()) {
            examples.push(Example::default());
        }
        let example = examples.last_mut().unwrap();
        if fence.language == "report" {
            example.report = Some(fence);
        } else {
            example.files.push(fence);
        }
    }
    examples
}

/// What astrolint prints for the project of `example`.
fn run(example: &Example, strict: bool) -> String {
    let directory = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| support::write(directory.path(), name, text);
    for (name, text) in SCAFFOLD {
        if !example.files.iter().any(|file| file.name == *name) {
            write(name, text);
        }
    }
    fs::create_dir_all(directory.path().join("dags")).unwrap();
    for file in &example.files {
        write(&file.name, &file.body);
    }
    let mut command = support::astrolint(directory.path());
    command.args(["--format", "concise", "--quiet"]);
    if strict {
        command.arg("--strict");
    }
    let output = command.output().unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.code().is_some_and(|code| code < 2), "astrolint failed: {errors}");
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn every_example_reports_what_its_page_shows() {
    let update = std::env::var_os("ASTROLINT_UPDATE").is_some();
    let mut failures = String::new();
    for page in pages() {
        let mut lines: Vec<String> = page.text.lines().map(str::to_owned).collect();
        let mut replaced = Vec::new();
        for example in examples(&page.bad) {
            let Some(report) = example.report else {
                writeln!(failures, "{}: a bad example has no ```report fence", page.id).unwrap();
                continue;
            };
            let found = run(&example, report.name == "strict");
            if !found.contains(&format!("[{}]", page.id)) {
                writeln!(
                    failures,
                    "{}: a bad example does not yield the rule; it prints:\n{found}",
                    page.id
                )
                .unwrap();
            }
            if found != report.body {
                if update {
                    replaced.push((report.lines.clone(), found));
                } else {
                    writeln!(
                        failures,
                        "{}:{}: expected\n{}but found\n{found}",
                        page.id, report.lines.start, report.body
                    )
                    .unwrap();
                }
            }
        }
        for example in examples(&page.good) {
            let found = run(&example, example.report.is_some_and(|report| report.name == "strict"));
            let expected = example.report.map_or("", |report| &report.body);
            if found != expected {
                let line = example.files.first().map_or(0, |file| file.lines.start);
                writeln!(failures, "{}:{line}: a good example reports\n{found}", page.id).unwrap();
            }
        }
        for (range, text) in replaced.into_iter().rev() {
            lines.splice(range, text.lines().map(str::to_owned));
        }
        if update {
            fs::write(&page.path, lines.join("\n") + "\n").unwrap();
        }
    }
    assert!(
        failures.is_empty(),
        "{failures}\nASTROLINT_UPDATE=1 cargo test --test rules rewrites the report fences"
    );
}

#[test]
fn every_page_has_its_parts() {
    let mut failures = String::new();
    for page in pages() {
        if page.headings != HEADINGS {
            writeln!(
                failures,
                "rules/{}.md: headings are {:?}, expected {HEADINGS:?}",
                page.id, page.headings
            )
            .unwrap();
        }
        if !page.text.starts_with(&format!("# {}\n", page.id)) {
            writeln!(failures, "rules/{}.md: does not begin with `# {}`", page.id, page.id)
                .unwrap();
        }
        if page.bad.is_empty() || page.good.is_empty() {
            writeln!(failures, "rules/{}.md: needs a bad and a good example", page.id).unwrap();
        }
    }
    assert!(failures.is_empty(), "{failures}");
}

/// A rule is a file, a page and a line in the list; this says which one is missing.
#[test]
fn rules_files_pages_and_tables_agree() {
    let listed: BTreeSet<String> =
        astrolint::check::RULES.iter().map(|rule| rule.id.to_owned()).collect();
    let files: BTreeSet<String> = fs::read_dir(repository().join("src/check"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_file())
        .map(|path| path.file_stem().unwrap().to_str().unwrap().replace('_', "-"))
        .filter(|name| !["mod", "finding", "explain", "compared"].contains(&name.as_str()))
        .collect();
    let documented: BTreeSet<String> = pages().into_iter().map(|page| page.id).collect();
    let mut failures = String::new();
    let mut missing = |what: &str, wanted: &BTreeSet<String>, present: &BTreeSet<String>| {
        for id in wanted.difference(present) {
            writeln!(failures, "{id}: {what}").unwrap();
        }
    };
    missing(
        "has a file in src/check, but no line in the list of src/check/mod.rs",
        &files,
        &listed,
    );
    missing("is listed, but has no page: create rules/<id>.md", &listed, &documented);
    missing("has a page, but is not listed in src/check/mod.rs", &documented, &listed);
    missing("is listed, but src/check has no file of that name", &listed, &files);
    assert!(failures.is_empty(), "{failures}");
    support::replace_between(
        &repository().join("rules/README.md"),
        ("<!-- rules: begin -->\n", "<!-- rules: end -->"),
        &astrolint::check::table(),
    );
}
