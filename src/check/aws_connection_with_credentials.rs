//! See `rules/aws-connection-with-credentials.md`.

use super::{Edit, Finding, Group, Level, Rule, Safety};
use crate::model::setup::deployed::Stored;
use crate::model::{
    DeclaredName, Dockerfile, EnvFile, Ignored, Kind, Origin, Place, Setting, Tracked,
};
use crate::resolve::{Created, Environment, Outcome, Process, Project};

pub(super) static RULE: Rule = Rule {
    id: "aws-connection-with-credentials",
    level: Level::Error,
    group: Group::Leaks,
    summary: "An AWS connection holds keys, or a variable for it stands behind the backend",
    since: "0.1.0",
    fix: Some(Safety::Unsafe),
    page: include_str!("../../rules/aws-connection-with-credentials.md"),
    check,
};

const DEFAULT: &str = "AIRFLOW_CONN_AWS_DEFAULT";

fn check(project: &Project, findings: &mut Vec<Finding>) {
    let model = &project.model;
    let env_files = model.env_files.iter().filter(|file| !file.template);
    let image = model.dockerfiles.iter().flat_map(Dockerfile::settings);
    let declared = project.environments.iter().flat_map(|environment| environment.settings.iter());
    let declared = declared.filter(|setting| setting.origin == Origin::Declared).cloned();
    let deployed = model.setup.deployed.iter().flat_map(|it| &it.variables);
    let deployed = deployed.map(|it| it.setting.clone());
    let written = env_files.flat_map(EnvFile::settings).chain(image).chain(declared).chain(deployed);
    for setting in written.filter(|it| it.connection_type().as_deref() == Some("aws")) {
        if let Some((what, place)) = setting.credential() {
            findings.push(with_keys(project, &setting, what, place));
        }
    }
    findings.extend(model.setup.stored.iter().filter_map(|it| stored(project, it)));
    findings.extend(project.created().filter_map(|it| created(project, &it)));
    for environment in project.environments.iter().filter(|environment| !environment.template) {
        let setting = environment.settings.get(DEFAULT);
        findings.extend(setting.and_then(|setting| behind_backend(environment, setting)));
    }
}

fn with_keys(project: &Project, setting: &Setting, what: &str, place: Place) -> Finding {
    let in_image = setting.origin == Origin::Dockerfile;
    let tracked = project.model.tracked(setting.file) == Tracked::Yes;
    let (level, for_whom) = match (in_image, tracked) {
        (true, _) => (Level::Error, ", in the image"),
        (_, true) => (Level::Error, ", in a file that git tracks"),
        _ => (Level::Warning, ""),
    };
    let finding = Finding::new(&RULE, place, format!("the AWS connection `{}` holds {what}{for_whom}", setting.shown_key()))
        .at_most(level)
        .label(what)
        .note("an AWS connection without login and password uses the identity of the process, and so no key has to be kept anywhere")
        .help(format!("write `{}=aws://`, with `?role_arn=…` where another role is needed", setting.shown_key()));
    match setting.uri_user_info() {
        Some(place) => {
            let edit = Edit { place, replacement: String::new() };
            finding.fix("Delete login and password", Safety::Unsafe, vec![edit])
        }
        None => finding,
    }
}

/// A connection in a store, such as `airflow_settings.yaml`.
fn stored(project: &Project, stored: &Stored) -> Option<Finding> {
    let place = stored.password().filter(|_| stored.is_aws())?;
    if project.model.exposure(stored.statement.file).ignored == Ignored::Yes {
        return None;
    }
    let tracked = project.model.tracked(stored.statement.file) == Tracked::Yes;
    let (level, for_whom) = if tracked { (Level::Error, ", in a file that git tracks") } else { (Level::Warning, "") };
    let name = stored.shown_key().unwrap_or("…");
    Some(
        Finding::new(&RULE, place, format!("the AWS connection `{name}` holds a secret access key{for_whom}"))
            .at_most(level)
            .label("a key that does not expire")
            .note("an AWS connection without login and password uses the identity of the process, and so no key has to be kept anywhere")
            .help("leave login and password out, with `role_arn` in `conn_extra` where another role is needed"),
    )
}

/// A connection that a script, Terraform or CloudFormation puts into the service which the backend reads.
fn created(project: &Project, created: &Created<'_>) -> Option<Finding> {
    if created.kind == Some(Kind::Variable) {
        return None;
    }
    let setting = created.creation.as_connection()?;
    if setting.connection_type().as_deref() != Some("aws") {
        return None;
    }
    let (what, place) = setting.credential()?;
    let tracked = project.model.tracked(setting.file) == Tracked::Yes;
    let (level, for_whom) = if tracked { (Level::Error, ", in a file that git tracks") } else { (Level::Warning, "") };
    let name = Some(created.name).filter(|name| DeclaredName::may_be_shown(name)).unwrap_or("…");
    Some(
        Finding::new(&RULE, place, format!("the AWS connection that is created as `{name}` holds {what}{for_whom}"))
            .at_most(level)
            .label(what)
            .note("an AWS connection without login and password uses the identity of the process, and so no key has to be kept anywhere")
            .help("store `aws://`, with `?role_arn=…` where another role is needed"),
    )
}

/// A variable that is only asked after the backend.
fn behind_backend(environment: &Environment, setting: &Setting) -> Option<Finding> {
    if !environment.certainly(Kind::Connection, "aws_default", Outcome::Asked) {
        return None;
    }
    let answers = environment.answers(Process::Server, Kind::Connection, "aws_default");
    let name = answers.last()?.lookup.requested.first()?;
    let message = format!("`{}` comes second: Airflow asks the backend for `{name}` first", setting.shown_key());
    Some(
        Finding::new(&RULE, setting.key_place(), message)
            .at_most(Level::Info)
            .in_environment(&environment.name)
            .label("used only where the backend has no such secret")
            .note("the backend itself uses no connection to sign in: its identity comes from the kwargs or from boto3's default chain")
            .help(format!("keep one of the two: the variable or the secret `{name}`")),
    )
}
