//! The pages of the rules, with the projects that they show.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

/// What every example gets unless it brings its own.
pub(crate) const SCAFFOLD: &[(&str, &str)] = &[
    (".astro/config.yaml", "project:\n  name: example\n"),
    ("Dockerfile", "FROM quay.io/astronomer/astro-runtime:12.8.0\n"),
    (".gitignore", ".env\n"),
    (".dockerignore", ".env\n"),
];

pub(crate) struct Fence {
    pub(crate) language: String,
    pub(crate) name: String,
    pub(crate) body: String,
    /// Lines of the page that the body takes, 0-based, end excluded.
    pub(crate) lines: std::ops::Range<usize>,
    /// Whether only blank lines stand between it and the fence before.
    pub(crate) follows: bool,
}

pub(crate) struct Page {
    pub(crate) path: PathBuf,
    pub(crate) id: String,
    pub(crate) text: String,
    pub(crate) headings: Vec<String>,
    pub(crate) bad: Vec<Fence>,
    pub(crate) good: Vec<Fence>,
}

#[derive(Default)]
pub(crate) struct Example<'a> {
    pub(crate) files: Vec<&'a Fence>,
    pub(crate) report: Option<&'a Fence>,
}

pub(crate) fn repository() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

pub(crate) fn pages() -> Vec<Page> {
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

pub(crate) fn examples(fences: &[Fence]) -> Vec<Example<'_>> {
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

impl Example<'_> {
    /// Writes its project, and what belongs to any, into `directory`.
    pub(crate) fn write(&self, directory: &Path) {
        for (name, text) in SCAFFOLD {
            if !self.files.iter().any(|file| file.name == *name) {
                super::write(directory, name, text);
            }
        }
        fs::create_dir_all(directory.join("dags")).unwrap();
        for file in &self.files {
            super::write(directory, &file.name, &file.body);
        }
    }
}
