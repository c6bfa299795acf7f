//! The whole pipeline, on a project whose files exist in memory alone.

use std::path::{Component, Path, PathBuf};
use std::sync::LazyLock;

use tempfile::TempDir;

use super::debug::lies_in;
use crate::baseline::Baseline;
use crate::check::{Edit, Finding, Safety};
use crate::discover::Overlays;
use crate::fix::{self, Fixed, overlap};
use crate::hash::HashSet;
use crate::model::Place;
use crate::report::escape::is_treacherous;
use crate::report::{self, Format, Options};
use crate::resolve::WhatIf;
use crate::{ConfigSource, Request, Run, check, for_each_project};

/// The files of a project by name.
#[derive(Default)]
pub(super) struct Tree {
    pub(super) files: Vec<(String, String)>,
}

/// What stands in front of each name, in the one text that a tree is for the fuzzer.
const MARK: &str = "\n=== ";

impl Tree {
    pub(super) fn text(&self) -> String {
        self.files.iter().map(|(name, text)| format!("{MARK}{name}\n{text}")).collect()
    }

    fn of(text: &str) -> Self {
        let mut parts = text.split(MARK);
        let mut files = Vec::new();
        let first = parts.next().unwrap_or_default();
        if !first.is_empty() {
            files.push((".env".to_owned(), first.to_owned()));
        }
        for part in parts {
            let (name, text) = part.split_once('\n').unwrap_or((part, ""));
            let is_inside =
                Path::new(name).components().all(|it| matches!(it, Component::Normal(_)));
            if is_inside && !name.is_empty() && name.len() < 200 && !name.contains('\0') {
                files.push((name.to_owned(), text.to_owned()));
            }
        }
        Self { files }
    }

    fn request(&self) -> Request {
        static ROOT: LazyLock<TempDir> = LazyLock::new(|| {
            let root = TempDir::new().unwrap();
            std::fs::create_dir(root.path().join(".astro")).unwrap();
            std::fs::write(root.path().join(".astro/config.yaml"), "").unwrap();
            root
        });
        let root = ROOT.path().canonicalize().unwrap();
        let mut overlays = Overlays::default();
        for (name, text) in &self.files {
            overlays.set(root.join(name), text.clone());
        }
        let config = ConfigSource::Isolated;
        Request { paths: vec![root], config, overlays, has_maps: true, ..Request::default() }
    }
}

pub(super) fn pipeline(text: &str) {
    let tree = Tree::of(text);
    let request = tree.request();
    let run = check(&request).unwrap();
    places_lie_in_their_files(&run);
    formats_hold(&run);
    baseline_knows(&run);
    for_each_project(&request, &WhatIf::default(), |project, _| {
        let _answers = (project.requests(), project.implicit_requests());
    })
    .unwrap();
}

fn places_lie_in_their_files(run: &Run) {
    let lies = |place: Place| lies_in(run.files.get(place.file).text(), place.span);
    for finding in &run.findings {
        lies(finding.primary.place);
        finding.related.iter().for_each(|label| lies(label.place));
        for fix in &finding.fixes {
            fix.edits.iter().for_each(|edit| lies(edit.place));
            let of_other_places = |edit: &Edit| {
                let others = fix.edits.iter().filter(|other| *other != edit);
                others
                    .filter(|other| other.place.file == edit.place.file)
                    .all(|it| !overlap(it, edit))
            };
            assert!(fix.edits.iter().all(of_other_places), "{}: edits overlap", finding.rule.id);
        }
        let texts = std::iter::once(&finding.message).chain(&finding.notes).chain(&finding.help);
        for text in texts {
            assert!(!text.contains(crate::text::UNKNOWN), "{}: {text:?}", finding.rule.id);
        }
    }
    for (id, file) in run.files.iter() {
        run.shown.of(id).iter().for_each(|span| lies_in(file.text(), *span));
    }
}

/// Each format is what it should be, and holds nothing that a terminal would obey.
fn formats_hold(run: &Run) {
    report::machines::hold(&run.report());
    for narrated in [false, true] {
        for width in [0, 80] {
            let options = Options { strict: true, narrated, width, ..Options::default() };
            for format in Format::ALL {
                let mut page = Vec::new();
                report::render(format, &run.report(), &options, &mut page).unwrap();
                obeys_nothing(format.name(), &page);
            }
        }
    }
}

fn obeys_nothing(name: &str, page: &[u8]) {
    let page = std::str::from_utf8(page).expect("UTF-8");
    // A diff keeps the tabs of the text.
    let is_text = |char: char| char == '\n' || (char == '\t' && name == "diff");
    let bad = page.chars().find(|char| !is_text(*char) && is_treacherous(*char));
    assert_eq!(bad, None, "{name}");
    let is_command = |line: &str| line.trim_start().starts_with("::");
    assert!(name == "github" || !page.lines().any(is_command), "{name} commands GitHub's runner");
}

/// What a baseline is made of, it knows.
fn baseline_knows(run: &Run) {
    let path = Path::new("/project/baseline.json");
    let written = Baseline::of(path, run.located());
    let baseline = Baseline::parse(path, &written.text()).expect("what is written can be read");
    assert!(run.located().all(|(location, finding)| baseline.knows(location, finding)));
    assert!(baseline.stale(run.located(), &[Path::new("/")], |_| true).is_empty());
}

pub(super) fn suppressions(text: &str) {
    let tree = |name: &str| Tree { files: vec![(name.to_owned(), text.to_owned())] };
    for name in [".env", "dags/a.py", "dags/a.sql"] {
        let heeded = check(&tree(name).request()).unwrap();
        let all = check(&Request { no_ignores: true, ..tree(name).request() }).unwrap();
        places_lie_in_their_files(&heeded);
        let key = |it: &Finding| (it.rule.id, it.primary.place, it.message.clone());
        let all: HashSet<_> = all.findings.iter().map(key).collect();
        let more = heeded.findings.iter().filter(|it| !all.contains(&key(it)));
        let more: Vec<_> =
            more.map(|it| it.rule.id).filter(|id| *id != "unused-suppression").collect();
        assert!(more.is_empty(), "a comment makes findings: {more:?}");
    }
}

/// Every fix keeps what it promises: it helps, ends, and is made by nobody twice.
pub(super) fn fixes(text: &str) {
    let request = Tree::of(text).request();
    let fixed = fix::fix(&request, check(&request).unwrap(), Safety::Unsafe).unwrap();
    let mut page = Vec::new();
    report::diff::write(&fixed.files, &Options::default(), &mut page).unwrap();
    obeys_nothing("diff", &page);
    let again = with(&request, &fixed);
    let run = check(&again).unwrap();
    let said = |run: &Run| -> Vec<(PathBuf, &'static str, String)> {
        let path = |it: &Finding| run.files.get(it.primary.place.file).path().to_path_buf();
        run.findings.iter().map(|it| (path(it), it.rule.id, it.message.clone())).collect()
    };
    assert_eq!(said(&run), said(&fixed.run), "what is written is not what was checked");
    let more = fix::fix(&again, run, Safety::Unsafe).unwrap();
    assert!(more.files.is_empty(), "a second run changes more: {:?}", more.applied);
}

/// `request` with the files as `fixed` leaves them.
fn with(request: &Request, fixed: &Fixed) -> Request {
    let mut request = request.clone();
    for file in &fixed.files {
        request.overlays.set(file.path.clone(), file.after.clone());
    }
    request
}
