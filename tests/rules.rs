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

mod support;

use support::pages::{Example, examples, pages, repository};

const HEADINGS: [&str; 7] = [
    "What it reports",
    "Why it matters",
    "Bad",
    "Good",
    "When it stays quiet",
    "Options",
    "Sources",
];

/// What astrolint prints for the project of `example`.
fn run(example: &Example, strict: bool) -> String {
    let directory = tempfile::tempdir().unwrap();
    example.write(directory.path());
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

/// What a page says of level, group and fix is so.
#[test]
fn every_page_says_what_its_rule_is() {
    let mut failures = String::new();
    for page in pages() {
        let Ok(rule) = astrolint::check::find(&page.id) else { continue };
        let mut parts: Vec<&str> = page.text.splitn(4, "\n\n").collect();
        let nature = rule.nature();
        if parts.get(2) != Some(&nature.as_str()) {
            if std::env::var_os("ASTROLINT_UPDATE").is_some() {
                if parts[2].starts_with('*') {
                    parts[2] = &nature;
                } else {
                    parts.insert(2, &nature);
                }
                fs::write(&page.path, parts.join("\n\n")).unwrap();
            } else {
                writeln!(failures, "rules/{}.md: below the title belongs {nature}", page.id)
                    .unwrap();
            }
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
