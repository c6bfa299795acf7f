//! See `rules/env-duplicate-key.md`.

use super::{Finding, Group, Level, Rule};
use crate::hash::HashMap;
use crate::model::setup::deployed::DeployedVariable;
use crate::model::{Origin, Place, Setting, is_shown_key};
use crate::resolve::Project;

pub(super) static RULE: Rule = Rule {
    id: "env-duplicate-key",
    level: Level::Warning,
    group: Group::Files,
    summary: "A key that an env file or a deployment file sets more than once",
    since: "0.1.0",
    fix: None,
    page: include_str!("../../rules/env-duplicate-key.md"),
    check,
};

fn check(project: &Project, findings: &mut Vec<Finding>) {
    for (file, _) in project.model.astro_env_files() {
        for repeated in &file.comparison.repeated {
            let Some((last, earlier)) = repeated.places.split_last() else { continue };
            let key = if is_shown_key(&repeated.key) {
                format!("`{}`", repeated.key)
            } else {
                "this key".to_owned()
            };
            let times = repeated.places.len();
            let (message, level) = if repeated.same_value {
                (format!("{key} is set {times} times, to the same value"), Level::Info)
            } else {
                let message = format!(
                    "{key} is set {times} times: `--load` pushes the first value, all else takes the last"
                );
                (message, Level::Warning)
            };
            let mut finding = Finding::new(&RULE, Place::new(file.file, *last), message)
                .at_most(level)
                .label("the last one counts for astro dev, astro run and `--from-file`")
                .note("astro deployment variable … --load pushes the first one, reports the others and exits with 1")
                .help("delete all but one");
            for (number, place) in earlier.iter().enumerate() {
                let place = Place::new(file.file, *place);
                finding.hidden.push(place);
                if number == 0 {
                    finding = finding.related(place, "the first one counts for `--load`");
                }
            }
            findings.push(finding);
        }
    }
    let files = project.model.setup.deployed.iter().filter(|it| it.origin == Origin::DeploymentFile);
    findings.extend(files.flat_map(|file| in_deployment_file(&file.variables)));
}

/// Variables of a deployment file that have the key of one before them.
fn in_deployment_file(variables: &[DeployedVariable]) -> Vec<Finding> {
    let mut first: HashMap<&str, &Setting> = HashMap::default();
    let mut findings = Vec::new();
    for setting in variables.iter().map(|it| &it.setting) {
        let Some(earlier) = first.get(setting.key.as_str()) else {
            first.insert(&setting.key, setting);
            continue;
        };
        let key = if is_shown_key(&setting.key) { format!("`{}`", setting.key) } else { "this key".to_owned() };
        let same = setting.has_value_of(earlier);
        let (message, level) = if same {
            (format!("{key} stands in the deployment file twice, with the same value"), Level::Info)
        } else {
            (format!("{key} stands in the deployment file twice: a deployment has one value for each key"), Level::Warning)
        };
        findings.push(
            Finding::new(&RULE, setting.key_place(), message)
                .at_most(level)
                .label("again")
                .related(earlier.key_place(), "first here")
                .note("the Astro CLI hands over both, and nothing says which of them stays")
                .help("delete one"),
        );
    }
    findings
}
