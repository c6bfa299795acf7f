//! See `rules/kwargs-not-secret.md`.

use super::{Edit, Finding, Fix, Group, Level, Rule, Safety};
use crate::model::setup::deployed::{DeployedVariable, Load};
use crate::model::{Model, Origin, Place, Setting};
use crate::resolve::Project;
use crate::text::Span;

pub(super) static RULE: Rule = Rule {
    id: "kwargs-not-secret",
    level: Level::Error,
    group: Group::Environments,
    summary: "A deployment gets the backend's kwargs, or a credential, as a variable that everybody can read",
    since: "0.1.0",
    page: include_str!("../../rules/kwargs-not-secret.md"),
    check,
};

fn check(project: &Project, findings: &mut Vec<Finding>) {
    for deployed in &project.model.setup.deployed {
        let open = deployed.variables.iter().filter(|it| it.is_secret == Some(false));
        for variable in open {
            findings.extend(finding(project, variable, deployed.statement));
        }
        let open = deployed.loads.iter().filter(|it| it.is_secret == Some(false));
        for load in open {
            findings.extend(loaded(&project.model.loaded_by(deployed, load), load));
        }
    }
}

/// An env file that is loaded as it is.
fn loaded(settings: &[Setting], load: &Load) -> Option<Finding> {
    let with_credential = settings.iter().find(|it| it.credential().is_some());
    let kwargs = || settings.iter().find(|it| it.key.ends_with("BACKEND_KWARGS"));
    let setting = with_credential.or_else(kwargs)?;
    let level = if with_credential.is_some() { Level::Error } else { Level::Warning };
    Some(
        Finding::new(&RULE, load.place, format!("`{}` is loaded from the env file and not marked as secret", setting.shown_key()))
            .at_most(level)
            .label("without `--secret`")
            .related(setting.key_place(), "loaded from here")
            .note("whoever can see the Deployment can read the value; marking it as secret later does not undo that")
            .help("add `--secret`, which marks every variable of the command"),
    )
}

fn finding(project: &Project, variable: &DeployedVariable, statement: Place) -> Option<Finding> {
    let setting = &variable.setting;
    let is_kwargs = setting.key.ends_with("BACKEND_KWARGS");
    let credential = setting.credential().map(|(what, _)| what);
    let (level, message) = match credential {
        Some(what) => (Level::Error, format!("`{}` holds {what} and is not marked as secret", setting.shown_key())),
        None if is_kwargs => (Level::Warning, format!("`{}` is not marked as secret", setting.key)),
        None => return None,
    };
    let mut finding = Finding::new(&RULE, setting.key_place(), message)
        .at_most(level)
        .label("readable in the Astro UI, and by `astro deployment variable list`")
        .note("whoever can see the Deployment can read the value: the names of all secrets, and the role that reads them");
    if credential.is_some() {
        finding = finding.note("a secret variable cannot be read back; replace the credential, since this one has been readable");
    }
    finding = finding.help(match setting.origin {
        Origin::Command => "add `--secret` to the command",
        Origin::Terraform => "set `is_secret = true`",
        _ => "set `is_secret: true`",
    });
    if let Some(fix) = fix(&project.model, variable, statement) {
        finding.fixes.push(fix);
    }
    Some(finding)
}

/// Marks the variable as secret where it is written.
fn fix(model: &Model, variable: &DeployedVariable, statement: Place) -> Option<Fix> {
    let text = model.files.get(variable.entry.file).text();
    let (title, edit) = match variable.setting.origin {
        Origin::DeploymentFile => ("Set `is_secret: true`", in_deployment_file(text, variable)?),
        Origin::Command => {
            let command = statement.span.of(text);
            let verb = ["create", "update"].into_iter().find_map(|verb| {
                command.match_indices(verb).map(|(at, _)| at + verb.len()).find(|end| {
                    command.get(*end..).is_some_and(|rest| rest.starts_with([' ', '\t', '\\', '\n']))
                })
            })?;
            let at = statement.span.start + verb;
            ("Add `--secret`", Edit { place: Place::new(statement.file, Span::at(at)), replacement: " --secret".to_owned() })
        }
        _ => return None,
    };
    Some(Fix { title: title.to_owned(), safety: Safety::Safe, edits: vec![edit] })
}

/// Turns `is_secret: false` round, or adds the key in front of `key:`.
fn in_deployment_file(text: &str, variable: &DeployedVariable) -> Option<Edit> {
    let entry = variable.entry.span;
    let file = variable.entry.file;
    let written = entry.of(text);
    if let Some(at) = written.find("is_secret") {
        let value = written.get(at..)?.find("false")?;
        let between = written.get(at + "is_secret".len()..at + value)?;
        let start = entry.start + at + value;
        let is_value = between.chars().all(|c| ": \"".contains(c));
        return is_value.then(|| Edit {
            place: Place::new(file, Span::new(start, start + "false".len())),
            replacement: "true".to_owned(),
        });
    }
    // A block mapping: the first key of the entry stands in a column of its own.
    let line = text.get(..entry.start)?.rfind('\n').map_or(0, |at| at + 1);
    let indent: String = " ".repeat(text.get(line..entry.start)?.chars().count());
    let is_block = !written.starts_with('{') && !text.get(line..entry.start)?.contains('\t');
    is_block.then(|| Edit {
        place: Place::new(file, Span::at(entry.start)),
        replacement: format!("is_secret: true\n{indent}"),
    })
}
