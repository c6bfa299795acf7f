//! See `rules/env-save-placeholder.md`.

use super::{Edit, Finding, Group, Level, Rule, Safety};
use crate::model::{Place, Standing, is_shown_key};
use crate::model::setup::Reloaded;
use crate::resolve::Project;
use crate::text::Span;

pub(super) static RULE: Rule = Rule {
    id: "env-save-placeholder",
    level: Level::Error,
    group: Group::Files,
    summary: "A `# secret` placeholder that `--load` would write over the real secret",
    since: "0.1.0",
    fix: Some(Safety::Safe),
    page: include_str!("../../rules/env-save-placeholder.md"),
    check,
};

fn check(project: &Project, findings: &mut Vec<Finding>) {
    findings.extend(loaded_after_saving(project));
    for (file, standing) in project.model.astro_env_files() {
        for pair in file.save_placeholders() {
            let key = &pair.key.node;
            let of_key = if is_shown_key(key) { format!(" of `{key}`") } else { String::new() };
            let start = Place::new(file.file, Span::at(pair.span.start));
            let finding = Finding::new(
                &RULE,
                Place::new(file.file, pair.value.span()),
                format!("the placeholder{of_key} is no comment: `--load` would write it over the real secret"),
            );
            findings.push(
                finding
                    .at_most(if standing == Standing::Read { Level::Error } else { Level::Warning })
                    .label("this text becomes the value")
                    .note("`astro deployment variable list --save` and `astro env variable export` write it where they may not show a secret; only `astro env … --from-file` reads it as empty")
                    .note("astro dev start, pytest and run give Airflow this text as the value, too")
                    .help("write the value, or put `#` before the line: `--load` keeps what the file does not name")
                    .fix("Put `#` before the line", Safety::Safe, vec![Edit { place: start, replacement: "# ".to_owned() }]),
            );
        }
    }
}

/// `--load` of a file that the same script has just written with `list --save`.
fn loaded_after_saving(project: &Project) -> Vec<Finding> {
    let model = &project.model;
    let finding = |it: Reloaded| {
        Finding::new(&RULE, it.load, "`--load` of what `list --save` wrote puts the text `# secret` in the place of each secret")
            .at_most(if it.is_touched { Level::Warning } else { Level::Error })
            .label("loads the placeholders")
            .related(it.save, "writes `KEY= # secret` for each variable that is secret")
            .note("the Astro CLI cannot read a secret back: it writes `# secret` in the place of its value, and takes that for the value when it loads the file")
            .help("leave out the lines that end with `# secret` before loading: `grep -v '= # secret$'`")
    };
    model.setup.reloaded(&model.files).into_iter().map(finding).collect()
}
