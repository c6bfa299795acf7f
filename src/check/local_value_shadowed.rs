//! See `rules/local-value-shadowed.md`.

use super::{Finding, Group, Level, Rule};
use crate::model::setup::deployed::{Store, Stored};
use crate::model::{DeclaredName, Kind, Model, Place};
use crate::resolve::{Environment, Project};

pub(super) static RULE: Rule = Rule {
    id: "local-value-shadowed",
    level: Level::Warning,
    group: Group::Environments,
    summary: "A value that is kept beside the backend is only used when the backend has none",
    since: "0.1.0",
    fix: None,
    page: include_str!("../../rules/local-value-shadowed.md"),
    check,
};

fn check(project: &Project, findings: &mut Vec<Finding>) {
    findings.extend(cut_names(&project.model));
    findings.extend(in_deployments(project));
    let local = project.environments.iter().find(|it| it.is_local() && !it.template);
    let Some(local) = local else { return };
    for stored in project.model.setup.stored.iter().filter(|it| it.store == Store::LocalDatabase) {
        let Some(key) = stored.shown_key() else { continue };
        if let Some(name) = asked_first(local, stored.kind, key) {
            let place = Place::new(stored.statement.file, stored.key.span());
            findings.push(
                Finding::new(&RULE, place, format!("the backend is asked for `{name}` first, and this is not used when it answers"))
                    .at_most(Level::Info)
                    .label("used last")
                    .note("Airflow takes the first answer: the secrets backend, then environment variables, then the database, which this file fills"),
            );
        }
    }
    for (prefix, kind) in [("AIRFLOW_VAR_", Kind::Variable), ("AIRFLOW_CONN_", Kind::Connection)] {
        // `aws-connection-with-credentials` has more to say about that one.
        let others = |key: &str| key != "AIRFLOW_CONN_AWS_DEFAULT";
        for setting in local.settings.starting_with(prefix).filter(|it| others(&it.key)) {
            let key = setting.key.trim_start_matches(prefix).to_lowercase();
            if let Some(name) = asked_first(local, kind, &key) {
                findings.push(
                    Finding::new(&RULE, setting.key_place(), format!("the backend is asked for `{name}` first, and this is not used when it answers"))
                        .at_most(Level::Info)
                        .label("used second")
                        .note("Airflow takes the first answer: the secrets backend, then environment variables"),
                );
            }
        }
    }
}

/// Variables and connections that a command or Terraform puts into the database of a Deployment, or into the
/// Environment Manager, and that its backend is asked for first: certainly in vain where the project creates the secret
/// too.
fn in_deployments(project: &Project) -> Vec<Finding> {
    let stored = project.model.setup.stored.iter().filter(|it| it.store != Store::LocalDatabase);
    let finding = |stored: &Stored| {
        let key = stored.shown_key()?;
        let deployed = project.environments.iter().filter(|it| !it.is_local() && !it.template);
        let asked = deployed.map(|it| (it, asked_first(it, stored.kind, key)));
        let (environment, name) = asked.into_iter().find_map(|(it, name)| Some((it, name?)))?;
        let created = project.created_as(environment, &name);
        let place = Place::new(stored.statement.file, stored.key.span());
        let (message, level) = match created {
            Some(_) => (format!("the backend has `{name}` too, and is asked first: this is never used"), Level::Warning),
            None => (format!("the backend is asked for `{name}` first, and this is not used when it answers"), Level::Info),
        };
        let mut finding = Finding::new(&RULE, place, message)
            .at_most(level)
            .in_environment(&environment.name)
            .label("used last")
            .note("Airflow takes the first answer: the secrets backend, then what Astro's Environment Manager and environment variables say, then the database");
        if let Some(created) = created {
            finding = finding.related(created, "created here for the backend");
        }
        Some(finding)
    };
    stored.filter_map(finding).collect()
}

/// The name that the backend is asked for before anything else, where it can be shown.
fn asked_first(environment: &Environment, kind: Kind, key: &str) -> Option<String> {
    let name = environment.in_use().next()?.name(kind, key)?;
    (DeclaredName::may_be_shown(key) && DeclaredName::may_be_shown(&name)).then_some(name)
}

/// Files that `--settings-file` cannot name: the CLI cuts the name at its first dot and adds `.yaml`.
fn cut_names(model: &Model) -> Vec<Finding> {
    let files = model.setup.settings_files.iter();
    files
        .filter_map(|file| {
            let name = model.name_of(file.file);
            let read = format!("{}.yaml", name.split('.').next()?);
            let whole = Place::new(file.file, crate::text::Span::at(0));
            (name != read).then(|| {
                Finding::new(&RULE, whole, format!("`--settings-file {name}` reads `{read}`: the Astro CLI cuts the name at its first dot"))
                    .at_most(Level::Info)
                    .help("use a name without a dot before `.yaml`")
            })
        })
        .collect()
}
