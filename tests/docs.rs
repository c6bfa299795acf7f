//! The documentation: every link leads somewhere, every page is listed, and what it says can be run.

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

use regex::Regex;

mod support;

use support::astrolint;

fn repository() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(name: &str) -> String {
    fs::read_to_string(repository().join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// All pages, relative to the repository.
fn pages() -> BTreeSet<PathBuf> {
    ["", "docs", "editors", "rules", "rules/facts", "tests/records"]
        .into_iter()
        .filter_map(|directory| fs::read_dir(repository().join(directory)).ok())
        .flatten()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|ending| ending == "md"))
        .map(|path| path.strip_prefix(repository()).unwrap().to_owned())
        .collect()
}

/// The lines of a page that are not inside of fences, without what stands in code spans.
fn prose(text: &str) -> Vec<String> {
    let code = Regex::new("`[^`]*`").unwrap();
    let mut fenced = false;
    let mut lines = Vec::new();
    for line in text.lines() {
        let is_fence = line.trim_start().starts_with("```");
        fenced ^= is_fence;
        let is_prose = !fenced && !is_fence;
        lines.push(if is_prose { code.replace_all(line, "").into_owned() } else { String::new() });
    }
    lines
}

/// The anchors of the headings of a page, as GitHub and mdBook make them.
fn anchors(text: &str) -> BTreeSet<String> {
    let mut fenced = false;
    let headings = text.lines().filter(|line| {
        fenced ^= line.starts_with("```");
        !fenced && line.starts_with('#')
    });
    let anchor = |heading: &str| {
        let title = heading.trim_start_matches('#').trim().to_lowercase();
        let kept = title.chars().filter(|c| c.is_alphanumeric() || [' ', '-', '_'].contains(c));
        kept.map(|c| if c == ' ' { '-' } else { c }).collect()
    };
    headings.map(anchor).collect()
}

/// The targets of the links of a page, with their lines.
fn links(text: &str) -> Vec<(usize, String)> {
    let link = Regex::new(r"\]\(([^)\s]+)\)").unwrap();
    let lines = prose(text).into_iter().enumerate();
    lines
        .flat_map(|(number, line)| {
            let found = link.captures_iter(&line).map(|found| (number + 1, found[1].to_owned()));
            found.collect::<Vec<_>>()
        })
        .collect()
}

#[test]
fn every_link_leads_to_a_page_or_heading() {
    let mut failures = String::new();
    let mut followed = 0;
    for page in pages() {
        let text = fs::read_to_string(repository().join(&page)).unwrap();
        for (line, link) in links(&text) {
            if link.starts_with("https://") {
                continue;
            }
            followed += 1;
            let (path, anchor) = link.split_once('#').unwrap_or((&link, ""));
            let target = match path {
                "" => repository().join(&page),
                path => repository().join(page.parent().unwrap()).join(path),
            };
            let leads = match fs::read_to_string(&target) {
                Err(_) => target.is_dir(),
                Ok(text) => anchor.is_empty() || anchors(&text).contains(anchor),
            };
            if !leads {
                writeln!(failures, "{}:{line}: {link}", page.display()).unwrap();
            }
        }
    }
    assert!(failures.is_empty(), "links that lead nowhere:\n{failures}");
    assert!(followed > 200, "only {followed} links were followed");
}

/// mdBook shows what `docs/SUMMARY.md` lists, and nothing else.
#[test]
fn the_summary_lists_every_page() {
    let mut rules = "- [All rules](../rules/README.md)\n".to_owned();
    let mut ids: Vec<_> = astrolint::check::RULES.iter().map(|rule| rule.id).collect();
    ids.sort_unstable();
    for id in ids {
        writeln!(rules, "  - [{id}](../rules/{id}.md)").unwrap();
    }
    let marks = ("# Rules\n\n", "\n# ");
    support::replace_between(&repository().join("docs/SUMMARY.md"), marks, &rules);
    let listed: Vec<PathBuf> = links(&read("docs/SUMMARY.md"))
        .into_iter()
        .map(|(_, link)| match link.strip_prefix("../") {
            Some(above) => above.into(),
            None => Path::new("docs").join(link),
        })
        .collect();
    let once: BTreeSet<PathBuf> = listed.iter().cloned().collect();
    assert_eq!(listed.len(), once.len(), "a page is listed twice");
    let mut pages = pages();
    pages.remove(Path::new("docs/SUMMARY.md"));
    let missing: Vec<_> = pages.difference(&once).collect();
    assert!(missing.is_empty(), "not in docs/SUMMARY.md: {missing:?}");
}

/// What is shown as a configuration file is one.
#[test]
fn shown_configurations_are_understood() {
    let fence = Regex::new("(?s)```toml astrolint.toml\n(.*?)```").unwrap();
    let mut shown = 0;
    for page in pages() {
        let text = fs::read_to_string(repository().join(&page)).unwrap();
        for found in fence.captures_iter(&text) {
            shown += 1;
            let directory = tempfile::tempdir().unwrap();
            support::write(directory.path(), ".astro/config.yaml", "");
            support::write(directory.path(), "astrolint.toml", &found[1]);
            let output = astrolint(directory.path()).arg("--exit-zero").output().unwrap();
            let errors = String::from_utf8_lossy(&output.stderr);
            assert_eq!(output.status.code(), Some(0), "{}: {errors}", page.display());
        }
    }
    assert!(shown > 0, "no configuration is shown");
}

/// The version stands in several files, since hooks, jobs and recipes pin it.
#[test]
fn every_pinned_version_is_this_one() {
    let pins = Regex::new(
        r"(?:astrolint==|rev: v|astrolint@v|astrolint/v|ASTROLINT_VERSION: |  default: )(\d+\.\d+\.\d+)",
    )
    .unwrap();
    let mut pages: BTreeSet<PathBuf> = pages();
    pages.extend([PathBuf::from("action.yml"), PathBuf::from("templates/gitlab.yml")]);
    let mut found = 0;
    for page in pages {
        for (number, line) in read(page.to_str().unwrap()).lines().enumerate() {
            for pin in pins.captures_iter(line) {
                found += 1;
                let this = env!("CARGO_PKG_VERSION");
                assert_eq!(&pin[1], this, "{}:{}", page.display(), number + 1);
            }
        }
    }
    assert!(found >= 7, "only {found} versions were found");
}

/// What stands behind the marks of fences in `language`, with the page and line of each.
fn fences(language: &str) -> Vec<(String, String)> {
    let fence = Regex::new(&format!("(?ms)^```{language}\n(.*?)^```")).unwrap();
    let mut found = Vec::new();
    for page in pages().into_iter().filter(|page| !page.starts_with("rules")) {
        let text = fs::read_to_string(repository().join(&page)).unwrap();
        for captures in fence.captures_iter(&text) {
            let line = text[..captures.get(0).unwrap().start()].lines().count() + 1;
            found.push((format!("{}:{line}", page.display()), captures[1].to_owned()));
        }
    }
    found
}

/// A step of a job is a text: YAML makes a mapping of one that holds `: ` and no quotes.
#[test]
fn shown_jobs_hold_commands() {
    let step = Regex::new(r"(?m)^ *- ([^\n]*)$").unwrap();
    let mut steps = 0;
    for (place, text) in fences("yaml") {
        for (at, _) in text.match_indices("script:\n") {
            let indent = text[..at].rsplit('\n').next().unwrap().len();
            let lines = text[at..].lines().skip(1);
            let block: Vec<&str> =
                lines.take_while(|line| line.len() - line.trim_start().len() > indent).collect();
            for found in step.captures_iter(&block.join("\n")) {
                let plain = !found[1].starts_with(['|', '>', '"', '\'']);
                assert!(!(plain && found[1].contains(": ")), "{place}: {}", &found[1]);
                steps += 1;
            }
        }
    }
    assert!(steps > 3, "only {steps} steps were found");
}

/// What is shown for a shell writes only into directories that are there in a new home, or made before.
#[test]
fn shown_commands_make_their_directories() {
    let target = Regex::new(r#"(?:> *|--format "?[a-z]+=)(\S+?)/[^/\s]+"?(?:\s|$)"#).unwrap();
    let mut seen = 0;
    for (place, text) in fences("sh") {
        for found in target.captures_iter(&text) {
            seen += 1;
            let directory = found[1].trim_start_matches('"');
            let made = text.lines().filter(|line| line.starts_with("mkdir -p "));
            let made = made.flat_map(str::split_whitespace).map(|word| word.trim_matches('"'));
            assert!(made.into_iter().any(|it| it == directory), "{place}: {directory}");
        }
    }
    assert!(seen > 4, "only {seen} targets were found");
}
