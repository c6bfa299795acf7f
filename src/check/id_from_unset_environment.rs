//! See `rules/id-from-unset-environment.md`.

use super::{Finding, Group, Level, Rule};
use crate::facts::is_set_by_platform;
use crate::model::{EnvFile, Place, Reference, SettingRead};
use crate::resolve::Project;

pub(super) static RULE: Rule = Rule {
    id: "id-from-unset-environment",
    level: Level::Warning,
    group: Group::Code,
    summary: "A key comes from an environment variable that nothing in the project sets",
    since: "0.1.0",
    fix: None,
    page: include_str!("../../rules/id-from-unset-environment.md"),
    check,
};

fn check(project: &Project, findings: &mut Vec<Finding>) {
    // A template need not name everything.
    let only_templates = project.model.env_files.iter().all(|file: &EnvFile| file.template);
    for reference in project.reading() {
        for read in reference.key.settings() {
            let is_unset = project.sets(&read.name) == Some(false);
            // What only chooses among keys holds none.
            let is_key = read.table.is_none();
            if is_unset && is_key && read.default.is_none() && !is_set_by_platform(&read.name) {
                let finding = finding(reference, read);
                let level = if only_templates { Level::Info } else { Level::Warning };
                findings.push(finding.at_most(level));
            }
        }
    }
}

fn finding(reference: &Reference, read: &SettingRead) -> Finding {
    let (kind, name) = (reference.kind, &read.name);
    // Of a constant of another file the reading stands elsewhere.
    let span = if reference.span.contains(read.span) { read.span } else { reference.key_span };
    let finding = Finding::new(
        &RULE,
        Place::new(reference.file, span),
        format!("`{name}`, which holds the key of a {kind}, is set by no file of the project"),
    )
    .help(format!("set `{name}` in each environment, or give a default: `os.getenv(\"{name}\", \"…\")`"));
    if let Some(error) = read.raises {
        finding.label(format!("{error} where it is not set")).note(format!(
            "{error} is raised while the file is parsed or the task runs: at the top level of a file its DAGs disappear",
        ))
    } else {
        finding.label("None where it is not set").note(format!(
            "Airflow then looks for a {kind} without a key, or takes the default of the operator, and no message names `{name}`"
        ))
    }
}
