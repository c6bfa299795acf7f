//! Applying what findings offer.
//!
//! A fix is offered when the file, read again with it, is read as before but for what it announces
//! ([`keep_sound`]). Fixes are applied in rounds: all that do not touch one another, then those that
//! the next check offers, until none is left; one that a person should look at only where no safe one is
//! left. Nothing is written before the last round, each file at once ([`write()`]), and only if it still
//! holds what was checked.

mod edits;
mod sound;
mod write;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

pub use edits::{Patch, overlap};
pub use sound::keep_sound;
pub use write::{WriteError, write};

use crate::check::{Edit, Finding, Fix, Safety};
use crate::model::{FileId, Files, Place, Shown};
use crate::text::Span;
use crate::{Error, Request, Run};

/// More rounds than fixes that uncover one another can need.
const MOST_ROUNDS: usize = 40;

/// What fixes make of the files, and what is found then.
pub struct Fixed {
    /// The files that change, by path.
    pub files: Vec<FixedFile>,
    /// The fixes, in the order in which they were applied.
    pub applied: Vec<Applied>,
    /// The files that fixes would change and that cannot be written.
    pub refused: Vec<WriteError>,
    /// What is found when the files are as fixed.
    pub run: Run,
}

/// A file that fixes change.
pub struct FixedFile {
    /// The file, absolute.
    pub path: PathBuf,
    /// The path as it is shown.
    pub name: PathBuf,
    /// Whether there is no such file yet.
    pub is_new: bool,
    /// What it holds. May hold credentials.
    pub before: String,
    /// What it is to hold. May hold credentials.
    pub after: String,
    /// What may be shown of `before`.
    pub shown_before: Vec<Span>,
    /// What may be shown of `after`.
    pub shown_after: Vec<Span>,
}

/// A fix that was applied.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Applied {
    /// The path of the finding, as it is shown.
    pub name: PathBuf,
    /// The rule.
    pub rule: &'static str,
    /// What was found; may be shown.
    pub message: String,
    /// What the fix does; may be shown.
    pub title: String,
    /// The paths of the files that it changes, as they are shown.
    pub files: BTreeSet<PathBuf>,
}

/// Applies to what `run`, the run of `request`, found all fixes that are no riskier than `most`.
///
/// Nothing is written.
///
/// # Errors
/// As for [`check`](crate::check()).
pub fn fix(request: &Request, mut run: Run, most: Safety) -> Result<Fixed, Error> {
    let mut request = request.clone();
    let mut files: BTreeMap<PathBuf, FixedFile> = BTreeMap::new();
    let mut applied: Vec<Applied> = Vec::new();
    let mut chooser = Chooser::default();
    for _ in 0..MOST_ROUNDS {
        let mut chosen = chooser.choose(&run, Safety::Safe);
        if chosen.edits.is_empty() {
            chosen = chooser.choose(&run, most);
        }
        if chosen.edits.is_empty() {
            break;
        }
        for (file, edits) in chosen.edits {
            let source = run.files.get(file);
            let Some(location) = run.location(file).map(Path::to_path_buf) else { continue };
            let patch = Patch::new(edits);
            let after = patch.apply(source.text());
            let shown = run.shown.of(file);
            let fixed = files.entry(location.clone()).or_insert_with(|| FixedFile {
                path: location.clone(),
                name: source.path().to_path_buf(),
                is_new: source.is_new(),
                before: source.text().to_owned(),
                after: String::new(),
                shown_before: shown.to_vec(),
                shown_after: shown.to_vec(),
            });
            fixed.shown_after = patch.shown_after(&fixed.shown_after);
            fixed.after.clone_from(&after);
            request.overlays.set(location, after);
        }
        applied.extend(chosen.applied);
        run = crate::check(&request)?;
    }
    let mut files: Vec<FixedFile> = files.into_values().collect();
    files.retain(|file| file.before != file.after);
    let refused = chooser.writable.into_values().filter_map(Result::err).collect();
    Ok(Fixed { files, applied, refused, run })
}

/// The fixes of a round.
#[derive(Default)]
struct Chosen {
    edits: BTreeMap<FileId, Vec<Edit>>,
    applied: Vec<Applied>,
}

/// Chooses the fixes of each round.
#[derive(Default)]
struct Chooser {
    /// What was applied; where it is offered again it did not help, and is not applied again.
    tried: BTreeSet<Applied>,
    /// Which files can be written, of those that fixes would change.
    writable: BTreeMap<PathBuf, Result<(), WriteError>>,
}

impl Chooser {
    /// The fixes no riskier than `most` that do not touch one another, the first of each finding.
    fn choose(&mut self, run: &Run, most: Safety) -> Chosen {
        let mut chosen = Chosen::default();
        let before = self.tried.clone();
        for finding in &run.findings {
            for fix in finding.fixes.iter().filter(|fix| fix.safety <= most) {
                let applied = of(run, finding, fix);
                if before.contains(&applied) || !self.can_write(run, fix) {
                    continue;
                }
                if chosen.is_free_for(fix) {
                    self.tried.insert(applied.clone());
                    // Findings of several files may have one cause.
                    if chosen.take(fix) {
                        chosen.applied.push(applied);
                    }
                }
                break;
            }
        }
        chosen
    }

    /// Whether all files that `fix` changes can be written.
    fn can_write(&mut self, run: &Run, fix: &Fix) -> bool {
        let files: BTreeSet<FileId> = fix.edits.iter().map(|edit| edit.place.file).collect();
        files.into_iter().all(|file| {
            let Some(location) = run.location(file) else { return false };
            let source = run.files.get(file);
            let known = self.writable.entry(location.to_path_buf());
            let known = known.or_insert_with(|| write::can_write(location, source.path()));
            known.is_ok()
        })
    }
}

impl Chosen {
    /// Whether no edit of `fix` touches another one.
    fn is_free_for(&self, fix: &Fix) -> bool {
        fix.edits.iter().all(|edit| {
            self.edits.get(&edit.place.file).is_none_or(|taken| {
                taken.iter().all(|other| other == edit || !overlap(other, edit))
            })
        })
    }

    /// Adds the edits of `fix`, and says whether one of them is new.
    fn take(&mut self, fix: &Fix) -> bool {
        let mut is_new = false;
        for edit in &fix.edits {
            let taken = self.edits.entry(edit.place.file).or_default();
            if !taken.contains(edit) {
                taken.push(edit.clone());
                is_new = true;
            }
        }
        is_new
    }
}

fn of(run: &Run, finding: &Finding, fix: &Fix) -> Applied {
    let name = |file: FileId| run.files.get(file).path().to_path_buf();
    Applied {
        name: name(finding.primary.place.file),
        rule: finding.rule.id,
        message: finding.message.clone(),
        title: fix.title.clone(),
        files: fix.edits.iter().map(|edit| name(edit.place.file)).collect(),
    }
}

/// How many findings have a fix that is safe, and how many have others only.
#[must_use]
pub fn offered(findings: &[Finding]) -> (usize, usize) {
    let best = |finding: &Finding| finding.fixes.iter().map(|fix| fix.safety).min();
    let count = |safety| findings.iter().filter(|it| best(it) == Some(safety)).count();
    (count(Safety::Safe), count(Safety::Unsafe))
}

/// Marks the fixes of `finding` that take something away of which `shown` does not say that it may be
/// shown, and those that begin a file, which few programs can. Quotes and blanks around a value give
/// nothing away.
pub fn withhold(files: &Files, shown: &Shown, finding: &mut Finding) {
    let is_masked = |edit: &Edit| {
        let Place { file, span } = edit.place;
        let mut taken = span.of(files.get(file).text()).char_indices();
        taken.any(|(at, char)| {
            let at = Span::new(span.start + at, span.start + at + char.len_utf8());
            !(char.is_whitespace() || "\"'\\`".contains(char) || shown.allows(file, at))
        })
    };
    for fix in &mut finding.fixes {
        let begins = |edit: &Edit| files.get(edit.place.file).is_new();
        fix.is_withheld = fix.edits.iter().any(|edit| is_masked(edit) || begins(edit));
    }
}
