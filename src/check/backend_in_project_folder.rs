//! See `rules/backend-in-project-folder.md`.

use super::backend_unknown::STOPS;
use super::{Finding, Group, Level, Rule};
use crate::resolve::Project;

pub(super) static RULE: Rule = Rule {
    id: "backend-in-project-folder",
    level: Level::Error,
    group: Group::Backend,
    summary: "The backend's class lies in a folder that Airflow cannot import from so early",
    since: "0.1.0",
    fix: None,
    page: include_str!("../../rules/backend-in-project-folder.md"),
    check,
};

fn check(project: &Project, findings: &mut Vec<Finding>) {
    for (environment, configured) in project.backends() {
        let Some(class) = &configured.class
        else {
            continue;
        };
        let Some(found) = project.late_module(environment, class) else { continue };
        let Some(path) = class.shown() else { continue };
        let (folder, module) = (found.folder, &found.module);
        let message = format!("`{path}` lies in `{folder}/`, which joins `sys.path` too late");
        let finding = Finding::new(&RULE, class.setting.value_place(), message)
            .in_environment(&environment.name)
            .label(format!("in `{module}`"))
            .help("put the class into a package that requirements.txt or the Dockerfile installs, or into `include/`");
        findings.push(if found.from_root {
            finding.at_most(Level::Warning).note(format!("it is found only because Astro's images have the project's root on `sys.path`; elsewhere nothing starts: {STOPS}"))
        } else {
            finding.note(format!(
                "`dags/`, `plugins/` and `config/` join `sys.path` when the settings are loaded. {STOPS}"
            ))
        });
    }
}
