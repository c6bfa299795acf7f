//! The projects that the editor has files of, as they were when last checked.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use crate::check::Finding;
use crate::discover::{Overlays, may_be_read};
use crate::model::{FileId, Shown};
use crate::resolve::{Project, WhatIf};
use crate::{Judged, Request, findings_of, fix, for_each_project, parallel, shown_in};

/// All projects that were checked.
#[derive(Default)]
pub(super) struct Projects {
    /// What the editor has open.
    pub(super) overlays: Overlays,
    by_root: BTreeMap<PathBuf, Checked>,
}

/// A project and what was found in it.
pub(super) struct Checked {
    pub(super) project: Project,
    pub(super) findings: Vec<Finding>,
}

impl Checked {
    /// Where `file` is.
    pub(super) fn path(&self, file: FileId) -> &Path {
        self.project.model.files.get(file).path()
    }

    /// The file at `path`, when it says something.
    pub(super) fn file(&self, path: &Path) -> Option<FileId> {
        self.project.model.files.iter().find(|(_, file)| file.path() == path).map(|(id, _)| id)
    }
}

impl Projects {
    /// Checks the projects around `changed` again. Gives the roots of those that were checked, or are
    /// none any more.
    ///
    /// # Errors
    /// When a configuration is wrong; then all is as it was.
    pub(super) fn check(
        &mut self,
        changed: &BTreeSet<PathBuf>,
    ) -> Result<BTreeSet<PathBuf>, crate::Error> {
        let mut paths: BTreeSet<PathBuf> = changed.iter().filter_map(|it| directory(it)).collect();
        let is_around = |root: &&PathBuf| changed.iter().any(|it| it.starts_with(root));
        let known: BTreeSet<PathBuf> = self.by_root.keys().filter(is_around).cloned().collect();
        paths.extend(known.iter().cloned());
        let request = Request {
            paths: paths.into_iter().collect(),
            overlays: self.overlays.clone(),
            ..Request::default()
        };
        let mut found = BTreeMap::new();
        let done = for_each_project(&request, &WhatIf::default(), |project, config| {
            let Judged { mut findings, .. } =
                findings_of(&project, config, &request, parallel::cores());
            for finding in &mut findings {
                let mut shown = Shown::default();
                for file in finding.files().collect::<BTreeSet<_>>() {
                    shown.allow(file, shown_in(&project.model, file));
                }
                fix::withhold(&project.model.files, &shown, finding);
            }
            found.insert(project.model.root.clone(), Checked { project, findings });
        });
        match done {
            // A file outside of any project is of no concern.
            Ok(_) | Err(crate::Error::Discover(_)) => {}
            Err(error) => return Err(error),
        }
        let checked = known.iter().chain(found.keys()).cloned().collect();
        self.by_root.retain(|root, _| !known.contains(root));
        self.by_root.extend(found);
        Ok(checked)
    }

    /// Whether a change on disk of the file at `path` can change what is found.
    pub(super) fn may_matter(&self, path: &Path) -> bool {
        may_be_read(path) || self.iter().any(|checked| checked.file(path).is_some())
    }

    pub(super) fn get(&self, root: &Path) -> Option<&Checked> {
        self.by_root.get(root)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Checked> {
        self.by_root.values()
    }
}

/// The nearest directory that there is, from which the project around a file is found.
fn directory(path: &Path) -> Option<PathBuf> {
    path.ancestors().find(|path| path.is_dir()).map(Path::to_path_buf)
}
