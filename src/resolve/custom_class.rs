//! Classes of the project itself, and whether they can be imported when the settings load.

use super::{ClassName, Environment, Project};

/// Where in the project the module of a class lies.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct InProject {
    /// `dags`, `plugins` or `config`.
    pub folder: &'static str,
    /// The file that holds it, without its ending, below the project's root.
    pub module: String,
    /// Whether the path names the folder too, so that it is found where the project's root is on
    /// `sys.path`, as it is in Astro's images.
    pub from_root: bool,
}

impl Project {
    /// Where the module of `class` lies, when that is one of the folders that join `sys.path` only
    /// after Airflow has imported the backend (verified with 2.11.2 and 3.3.2).
    ///
    /// `None` when something may install it or puts its folder on `PYTHONPATH`.
    #[must_use]
    pub fn late_module(&self, environment: &Environment, class: &ClassName) -> Option<InProject> {
        let path = class.text.as_deref().filter(|_| class.known.is_none())?;
        let (module, _) = path.rsplit_once('.')?;
        let first = module.split('.').next()?;
        let (folder, below, from_root) = if let Some(folder) = self.model.late_folder_of(module) {
            (folder, module, false)
        } else {
            let below = module.get(first.len() + 1..)?;
            let folder = self.model.late_folder_of(below)?;
            (folder == first).then_some((folder, below, true))?
        };
        if let Some(setting) = environment.settings.get("PYTHONPATH") {
            let text = setting.text()?.expose();
            let root = |part: &str| part.trim_end_matches('/') == "/usr/local/airflow";
            let reaches = |part: &str| {
                part.split('/').any(|name| name == folder) || (from_root && root(part))
            };
            if text.split(':').any(reaches) {
                return None;
            }
        }
        let word = if from_root { below.split('.').next()? } else { first };
        let module = format!("{folder}/{}", below.replace('.', "/"));
        (!self.model.installation_mentions(word)).then_some(InProject { folder, module, from_root })
    }
}
