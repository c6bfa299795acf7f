//! Whether a file with a fix is read as before, but for what the fix is about.

use std::collections::BTreeMap;

use super::edits::{Patch, overlap};
use crate::check::{Edit, Finding};
use crate::model::{FileId, FileKind, Files};
use crate::read::dotenv::{Document, Reader};
use crate::read::{hcl, python, yaml};
use crate::text::Span;

/// A file with more fixes at fault than this keeps none, so that hostile files cost no more.
const MOST_TRIED: usize = 50;

/// Takes the fixes out of `findings` with which a file of `files` would be read otherwise than it is,
/// outside of what they touch.
///
/// All fixes of a file are tried at once, and each by itself only where that fails.
pub fn keep_sound(files: &Files, findings: &mut [Finding]) {
    let mut all: BTreeMap<FileId, Vec<Edit>> = BTreeMap::new();
    for edit in findings.iter().flat_map(|it| &it.fixes).flat_map(|fix| &fix.edits) {
        all.entry(edit.place.file).or_default().push(edit.clone());
    }
    for (file, edits) in all {
        let source = files.get(file);
        let check = Check { kind: source.kind(), text: source.text() };
        if check.holds(compatible(edits)) {
            continue;
        }
        let concerned = findings.iter_mut().flat_map(|finding| &mut finding.fixes);
        let concerned = concerned.filter(|fix| fix.edits.iter().any(|it| it.place.file == file));
        for (number, fix) in concerned.enumerate() {
            let here = fix.edits.iter().filter(|edit| edit.place.file == file).cloned().collect();
            if number >= MOST_TRIED || !check.holds(here) {
                fix.edits.clear();
            }
        }
    }
    for finding in findings {
        finding.fixes.retain(|fix| !fix.edits.is_empty());
    }
}

/// Of `edits`, those that do not touch an earlier one.
fn compatible(mut edits: Vec<Edit>) -> Vec<Edit> {
    edits.sort_by_key(|edit| edit.place.span);
    let mut taken: Vec<Edit> = Vec::new();
    for edit in edits {
        if taken.last().is_none_or(|last| !overlap(last, &edit)) {
            taken.push(edit);
        }
    }
    taken
}

/// A file as it is.
struct Check<'a> {
    kind: FileKind,
    text: &'a str,
}

impl Check<'_> {
    /// Whether the file is still read as before when `edits` are made.
    fn holds(&self, edits: Vec<Edit>) -> bool {
        let touched: Vec<Span> = edits.iter().map(|edit| edit.place.span).collect();
        let after = Patch::new(edits).apply(self.text);
        match self.kind {
            FileKind::Env | FileKind::EnvTemplate => self.keeps_other_lines(&after, &touched),
            FileKind::Python => python_errors(&after) <= python_errors(self.text),
            FileKind::Data
            | FileKind::ComposeOverride
            | FileKind::SettingsFile
            | FileKind::Manifest
            | FileKind::Workflow => {
                yaml::read(&after).error.is_none() || yaml::read(self.text).error.is_some()
            }
            FileKind::Terraform => {
                hcl::read(&after).errors.len() <= hcl::read(self.text).errors.len()
            }
            _ => true,
        }
    }

    /// Whether every command gets the same from the lines of an env file that hold none of `touched`.
    ///
    /// Dotenv libraries are not asked: they give up at JSON without quotes, which is the one form of kwargs
    /// that all commands of Astro read alike.
    fn keeps_other_lines(&self, after: &str, touched: &[Span]) -> bool {
        let (before, after) = (Document::new(self.text), Document::new(after));
        let commands = Reader::ALL.into_iter().filter(|reader| *reader != Reader::Library);
        commands.into_iter().all(|reader| {
            let after = reader.read(&after);
            let before = reader.read(&before);
            let is_touched =
                |span: Span| touched.iter().any(|it| it.start <= span.end && span.start <= it.end);
            let mut others = before.pairs.iter().filter(|pair| !is_touched(pair.span));
            others.all(|pair| {
                after.get(&pair.key.node).is_some_and(|it| it.value.expose() == pair.value.expose())
            })
        })
    }
}

fn python_errors(text: &str) -> usize {
    python::parse(text).map_or(usize::MAX, |module| module.errors.len())
}
