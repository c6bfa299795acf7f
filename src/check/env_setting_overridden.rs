//! See `rules/env-setting-overridden.md`.

use super::{Finding, Group, Level, Rule};
use crate::facts::local_template_sets;
use crate::model::{Place, Standing};
use crate::resolve::Project;

pub(super) static RULE: Rule = Rule {
    id: "env-setting-overridden",
    level: Level::Info,
    group: Group::Files,
    summary: "A setting that `astro dev start` overrides with its own",
    since: "0.1.0",
    fix: None,
    page: include_str!("../../rules/env-setting-overridden.md"),
    check,
};

fn check(project: &Project, findings: &mut Vec<Finding>) {
    let airflow = project.model.versions.airflow();
    let overridden = |key: &str| {
        airflow.any(|_| true)
            && airflow.all(|version| {
                let major = version.release().first().copied().unwrap_or(0);
                local_template_sets(key, major)
            })
    };
    for (file, standing) in project.model.astro_env_files() {
        if standing == Standing::Elsewhere {
            continue;
        }
        for setting in file.settings().iter().filter(|setting| overridden(&setting.key)) {
            findings.push(
                Finding::new(
                    &RULE,
                    Place::new(file.file, setting.key_span),
                    format!("`{}` has no effect in `astro dev start`, which sets it itself", setting.key),
                )
                .label("overridden by the CLI")
                .note("the CLI's own settings for the local containers stand above the env file and the Dockerfile; astro dev pytest, parse and astro run take the one from the file")
                .help("set it in `docker-compose.override.yml`, or delete the line"),
            );
        }
    }
}
