//! See `rules/withdrawn-variable.md`.

use super::{Finding, Group, Level, Rule};
use crate::facts::is_withdrawn;
use crate::model::{EnvFile, Setting};
use crate::resolve::Project;

pub(super) static RULE: Rule = Rule {
    id: "withdrawn-variable",
    level: Level::Warning,
    group: Group::Environments,
    summary: "A variable of a withdrawn recipe is set, which nothing reads",
    since: "0.1.0",
    fix: None,
    page: include_str!("../../rules/withdrawn-variable.md"),
    check,
};

fn check(project: &Project, findings: &mut Vec<Finding>) {
    let deployed = project.model.setup.deployed.iter().flat_map(|it| &it.variables);
    let mut settings: Vec<Setting> = deployed.map(|it| it.setting.clone()).collect();
    settings.extend(project.model.env_files.iter().flat_map(EnvFile::settings));
    settings.retain(|setting| is_withdrawn(&setting.key));
    for setting in &settings {
        let own = settings.iter().filter(|other| other.key == setting.key).count();
        if project.model.mentions(&setting.key) > own {
            continue;
        }
        let key = &setting.key;
        findings.push(
            Finding::new(&RULE, setting.key_place(), format!("nothing reads `{key}`"))
                .label("not read by Airflow, the backend or the project")
                .note("a recipe of the vendor set it for a line of the Dockerfile that put it into the kwargs; that line is gone, and the backend takes its key from the kwargs alone")
                .help("put the key into `AIRFLOW__SECRETS__BACKEND_KWARGS`, as the object `gcp_keyfile_dict` or the path `gcp_key_path`, or give the Deployment an identity of its own"),
        );
    }
}
