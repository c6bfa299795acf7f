//! See `rules/env-duplicate-key.md`.

use super::{Finding, Group, Level, Rule};
use crate::model::{Place, is_shown_key};
use crate::resolve::Project;

pub static RULE: Rule = Rule {
    id: "env-duplicate-key",
    level: Level::Warning,
    group: Group::Files,
    summary: "A key that an env file sets more than once",
    since: "0.1.0",
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
}
