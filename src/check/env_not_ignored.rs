//! See `rules/env-not-ignored.md`.

use super::{Edit, Finding, Group, Level, Rule, Safety};
use crate::model::{EnvFile, Ignored, InImage, Model, Place, Setting, Tracked};
use crate::resolve::Project;

pub(super) static RULE: Rule = Rule {
    id: "env-not-ignored",
    level: Level::Error,
    group: Group::Leaks,
    summary: "An env file with credentials is tracked by git, about to be, or copied into the image",
    since: "0.1.0",
    fix: Some(Safety::Safe),
    page: include_str!("../../rules/env-not-ignored.md"),
    check,
};

fn check(project: &Project, findings: &mut Vec<Finding>) {
    for file in project.model.env_files.iter().filter(|file| !file.template) {
        findings.extend(of_file(&project.model, file));
    }
}

/// What the file holds that nobody else should see.
struct Held {
    place: Place,
    words: String,
    is_certain: bool,
}

fn of_file(model: &Model, file: &EnvFile) -> Option<Finding> {
    let held = held(&file.settings())?;
    let name = model.name_of(file.file);
    let exposure = model.exposure(file.file);
    let copied = match exposure.image {
        InImage::Copied(place) => Some(place),
        _ => None,
    };
    let tracked = exposure.tracked == Tracked::Yes;
    let addable = exposure.ignored == Ignored::No;
    let left_out = exposure.image == InImage::LeftOut;
    let message = match (tracked, addable, copied.is_some()) {
        (true, _, true) => format!("`{name}` holds {}; git tracks it, and the image contains it", held.words),
        (true, ..) => format!("`{name}` holds {} and is tracked by git", held.words),
        (_, true, true) => format!("`{name}` holds {}, and neither git nor Docker ignores it", held.words),
        (_, false, true) => format!("`{name}` holds {} and is copied into the image", held.words),
        (_, true, false) => format!("`{name}` holds {}, and git does not ignore it", held.words),
        (_, false, false) => return None,
    };
    // Nothing has happened yet, and nothing will without `git add`.
    let only_addable =
        !tracked && copied.is_none() && (left_out || model.repository.is_none());
    let level = match (held.is_certain, only_addable) {
        (true, false) => Level::Error,
        (true, true) => Level::Warning,
        (false, _) => Level::Info,
    };
    let mut finding = Finding::new(&RULE, held.place, message).at_most(level).label("for instance this");
    if tracked {
        finding = finding.note("whoever can read the repository can read the values, also after the file is deleted: they stay in the history");
    } else if addable {
        finding = finding.note("the next `git add .` puts the values into the history of the repository");
    }
    if let Some(place) = copied {
        finding = finding
            .note("whoever can pull the image can read the values")
            .related(place, "copies the whole project");
        if name.contains('/') {
            finding = finding.note("in `.dockerignore` a name without a folder leaves out the file at the project's root only");
        }
    }
    let mut steps = Vec::new();
    if addable {
        steps.push(format!("add `{name}` to `.gitignore`"));
    }
    if tracked {
        steps.push(format!("run `git rm --cached {name}` and replace the credentials"));
    }
    if copied.is_some() {
        steps.push(format!("add `{name}` to `.dockerignore`"));
    }
    finding = finding.help(steps.join("; "));
    let lines = [
        (addable, model.git_ignore_line(&name), "git"),
        (copied.is_some(), model.docker_ignore_line(&name), "Docker"),
    ];
    for (wanted, line, who) in lines {
        if let (true, Some((place, replacement))) = (wanted, line) {
            let edit = Edit { place, replacement };
            finding = finding.fix(format!("Make {who} ignore `{name}`"), Safety::Safe, vec![edit]);
        }
    }
    Some(finding)
}

fn held(settings: &[Setting]) -> Option<Held> {
    let certain: Vec<_> = settings.iter().filter(|setting| setting.credential().is_some()).collect();
    if let Some(first) = certain.first() {
        let words = if certain.len() == 1 { "a credential" } else { "credentials" };
        return Some(Held { place: first.key_place(), words: words.to_owned(), is_certain: true });
    }
    let first = settings.iter().find(|setting| setting.may_be_private())?;
    let words = "values that may be private".to_owned();
    Some(Held { place: first.key_place(), words, is_certain: false })
}
