//! Which Python files Airflow never loads: it parses the files of `dags/`, as far as `.airflowignore` and safe mode
//! let it, and plugins; everything else runs only where one of these imports it. What Python cannot read is
//! not loaded at all.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use super::environment::Environment;
use super::project::Project;
use crate::hash::{HashMap, HashSet};
use crate::model::{CodeModule, FileId, Model, Reference, Setting};

/// The files that nothing loads for certain, in no environment and at no version that is possible.
pub(super) fn unloaded(model: &Model, environments: &[Environment]) -> HashSet<FileId> {
    let is_parsed = |module: &CodeModule| {
        module.path.starts_with(model.root.join("plugins"))
            || environments.iter().any(|it| it.may_parse(model, module) || it.names(model, module))
    };
    let is_broken =
        |module: &CodeModule| module.file.is_some_and(|file| !model.has_valid_syntax(file));
    let modules: HashMap<&Path, &CodeModule> =
        model.modules.iter().map(|it| (it.path.as_path(), it)).collect();
    let mut loaded: HashSet<&Path> = HashSet::default();
    let parsed = model.modules.iter().filter(|it| is_parsed(it));
    let mut next: Vec<&Path> = parsed.map(|it| it.path.as_path()).collect();
    while let Some(path) = next.pop() {
        let Some(module) = modules.get(path) else { continue };
        if is_broken(module) || !loaded.insert(path) {
            continue;
        }
        if module.imports_by_name {
            // Nobody knows what that loads.
            let broken = model.modules.iter().filter(|it| is_broken(it));
            return broken.filter_map(|it| it.file).collect();
        }
        next.extend(module.imports.iter().map(PathBuf::as_path));
    }
    let others = model.modules.iter().filter(|it| !loaded.contains(it.path.as_path()));
    others.filter_map(|it| it.file).collect()
}

impl Environment {
    /// Whether a setting names a module: `AIRFLOW__LOGGING__LOGGING_CONFIG_CLASS=include.logs.CONFIG`.
    fn names(&self, model: &Model, module: &CodeModule) -> bool {
        let below = module.path.strip_prefix(&model.root).unwrap_or(&module.path);
        let parts: Vec<_> = below.iter().map(OsStr::to_string_lossy).collect();
        let name = parts.join(".");
        let name = name.strip_suffix(".py").unwrap_or(&name);
        let settings = self.settings.iter().chain(self.cfg.iter());
        let mut texts = settings.filter_map(Setting::text);
        texts.any(|text| text.expose().contains(name))
    }

    /// Whether Airflow may parse a file here by itself.
    fn may_parse(&self, model: &Model, module: &CodeModule) -> bool {
        let folder = &model.dag_folder;
        let syntaxes = self.ignore_syntaxes();
        let is_left_out = || syntaxes.into_iter().all(|it| folder.leaves_out(&module.path, it));
        folder.contains(&module.path)
            && (module.may_hold_dag || !self.discovers_safely())
            && !is_left_out()
    }
}

impl Project {
    /// Whether Airflow may ever load the file that asks for `reference`.
    #[must_use]
    pub fn may_load(&self, reference: &Reference) -> bool {
        !self.unloaded.contains(&reference.file)
    }
}
