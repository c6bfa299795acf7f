//! A project in which every question is settled: what the rules look at.

use super::backend::{Configured, Section};
use super::environment::{Environment, LOCAL};
use super::keys::EnvironmentKeys;
use super::kwargs::{Kwargs, Repair};
use super::setting_references;
use crate::facts;
use crate::model::{
    AirflowCfg, Declared, DeclaredEnvironment, Dockerfile, EnvFile, FileId, FileKind, Files, Model,
    Origin, Setting, Settings, Versions,
};
use crate::read::dotenv::EntryKind;
use crate::text::{Span, Text, Value};

/// A project, and the environments it runs in.
#[derive(Debug)]
pub struct Project {
    /// What its files say.
    pub model: Model,
    /// Where it runs: `local` first.
    pub environments: Vec<Environment>,
}

/// Settings and versions that a question adds to what the files say.
#[derive(Debug, Default)]
pub struct WhatIf {
    /// Settings as they would stand in Airflow's environment.
    pub settings: Vec<(String, String)>,
    /// Versions by package: `apache-airflow` or a provider.
    pub versions: Vec<(String, String)>,
}

/// Why a question cannot be asked.
#[derive(Debug, thiserror::Error)]
pub enum WhatIfError {
    /// A version that cannot be.
    #[error("{0}")]
    Version(#[from] crate::model::versions::DeclareError),
}

/// Settles what `model` says.
///
/// # Errors
/// When `what_if` or the configuration names a package or version that there cannot be.
pub fn resolve(mut model: Model, what_if: &WhatIf) -> Result<Project, WhatIfError> {
    let mut environments = Vec::new();
    let asked = command_line(&mut model.files, what_if);
    let cfg = model.cfg.as_ref().map(AirflowCfg::settings).unwrap_or_default();
    let mut add =
        |name: String, settings: Settings, versions: &Versions, template: bool, elsewhere: bool| {
            let mut settings = settings;
            for setting in &asked {
                settings.overlay(setting.clone());
            }
            let mut versions = versions.clone();
            for (package, version) in &what_if.versions {
                versions.declare(package, version)?;
            }
            let fault = model.cfg.as_ref().and_then(|cfg| cfg.fault(&settings));
            let mut environment = Environment::new(name, settings, cfg.clone(), versions);
            environment.cfg_fault = fault;
            environment.keys = EnvironmentKeys::new(&model.references, &environment.settings);
            environment.template = template;
            environment.has_outside_sources = elsewhere;
            environments.push(environment);
            Ok::<(), WhatIfError>(())
        };

    let image: Vec<Setting> =
        model.dockerfile().map(|file| file.settings().collect()).unwrap_or_default();
    let local = local_file(&model);
    let template = local.is_some_and(|file| file.template);
    let settings = layered(&image, local.map(EnvFile::settings).unwrap_or_default());
    let elsewhere = template
        || model.has_compose_override()
        || model.dockerfile().is_none_or(Dockerfile::may_bring_aws_configuration)
        || local.is_none_or(|file| passes_aws_settings_on(&model, file));
    add(LOCAL.to_owned(), settings, &model.versions, template, elsewhere)?;
    let mut given = vec![LOCAL.to_owned()];
    for file in &model.env_files {
        let is_local = local.is_some_and(|local| local.file == file.file);
        if !is_local && configures_backend(file) {
            let settings = layered(&image, file.settings());
            add(model.name_of(file.file), settings, &model.versions, file.template, true)?;
            given.push(model.name_of(file.file));
        }
    }
    for declared in &model.declared.environments {
        // One that only names secrets adds to an environment that the files give.
        let adds = declared.settings.is_empty()
            && declared.airflow.is_none()
            && declared.providers.is_empty();
        if adds && given.contains(&declared.name) {
            continue;
        }
        let settings = layered(&image, declared_settings(declared, &model.declared));
        let mut versions = model.versions.clone();
        if let Some(airflow) = &declared.airflow {
            versions.declare(facts::AIRFLOW, airflow)?;
        }
        for (package, version) in &declared.providers {
            versions.declare(package, version)?;
        }
        add(declared.name.clone(), settings, &versions, false, true)?;
    }
    model.references.extend(setting_references::references(&environments));
    Ok(Project { model, environments })
}

/// The one environment of a question that has no project.
///
/// # Errors
/// As for [`resolve`].
pub fn what_if(what_if: &WhatIf) -> Result<(Files, Environment), WhatIfError> {
    let mut files = Files::default();
    let settings = layered(&[], command_line(&mut files, what_if));
    let mut versions = Versions::of(&crate::model::versions::Installation::default());
    for (package, version) in &what_if.versions {
        versions.declare(package, version)?;
    }
    Ok((files, Environment::new("what-if", settings, Settings::default(), versions)))
}

/// The env file that `astro dev start` reads, or else the template that people copy to it.
fn local_file(model: &Model) -> Option<&EnvFile> {
    let named = |file: &&EnvFile| model.name_of(file.file) == ".env";
    let env = model.env_files.iter().find(named);
    env.or_else(|| model.env_files.iter().find(|file| file.template && configures_backend(file)))
        .or_else(|| model.env_files.iter().find(|file| file.template))
}

/// Whether an env file names an AWS setting without a value, so that it takes that of the shell.
fn passes_aws_settings_on(model: &Model, file: &EnvFile) -> bool {
    let text = model.files.get(file.file).text();
    file.entries.iter().any(|entry| match entry.kind {
        EntryKind::Other(span) => span.of(text).contains("AWS_"),
        _ => false,
    })
}

/// Whether an env file says something about the secrets backend.
fn configures_backend(file: &EnvFile) -> bool {
    file.settings().iter().any(|setting| {
        setting.key.starts_with("AIRFLOW__SECRETS__")
            || setting.key.starts_with("AIRFLOW__WORKERS__SECRETS_")
    })
}

fn layered(below: &[Setting], above: Vec<Setting>) -> Settings {
    let mut settings = Settings::default();
    for setting in below.iter().cloned().chain(above) {
        settings.overlay(setting);
    }
    settings
}

fn declared_settings(environment: &DeclaredEnvironment, declared: &Declared) -> Vec<Setting> {
    let Some(file) = declared.file else { return Vec::new() };
    let settings = environment.settings.iter();
    settings
        .map(|setting| Setting {
            key: setting.key.clone(),
            value_span: setting.value.span(),
            value: Value::Known(setting.value.clone()),
            file,
            key_span: setting.key_span,
            origin: Origin::Declared,
        })
        .collect()
}

/// The settings of the command line, with places in a file that stands for it.
fn command_line(files: &mut Files, what_if: &WhatIf) -> Vec<Setting> {
    if what_if.settings.is_empty() {
        return Vec::new();
    }
    let text: String =
        what_if.settings.iter().map(|(key, value)| format!("{key}={value}\n")).collect();
    let file: FileId = files.add("<--setting>".into(), FileKind::Env, text);
    let mut at = 0;
    let settings = what_if.settings.iter().map(|(key, value)| {
        let start = at + key.len() + 1;
        let setting = Setting {
            key: key.clone(),
            value: Value::Known(Text::verbatim(value, start)),
            file,
            key_span: Span::new(at, at + key.len()),
            value_span: Span::new(start, start + value.len()),
            origin: Origin::CommandLine,
        };
        at = start + value.len() + 1;
        setting
    });
    settings.collect()
}

impl Project {
    /// Every backend that is configured, with its environment: `[secrets]`, then `[workers]` where a
    /// version of Airflow that is possible reads it.
    pub fn backends(&self) -> impl Iterator<Item = (&Environment, &Configured)> {
        self.environments
            .iter()
            .flat_map(|environment| {
                [&environment.server, &environment.worker].map(|one| (environment, one))
            })
            .filter(|(environment, one)| one.class.is_some() && environment.reads(one))
    }

    /// Every backend whose kwargs Airflow would read, with its environment: those with a class, and
    /// `[secrets]` without one.
    pub fn kwargs(&self) -> impl Iterator<Item = (&Environment, &Configured)> {
        self.environments
            .iter()
            .flat_map(|environment| {
                [&environment.server, &environment.worker].map(|one| (environment, one))
            })
            .filter(|(environment, one)| {
                one.section == Section::Secrets || one.class.is_some() && environment.reads(one)
            })
    }

    /// The edits of `repair`, where the file, read again with them, holds kwargs that are an object;
    /// inside double quotes that means a backslash before each one.
    #[must_use]
    pub fn checked(
        &self,
        environment: &Environment,
        setting: &Setting,
        repair: &Repair,
    ) -> Option<Vec<(Span, String)>> {
        let escaped = || {
            let edits = repair.edits.iter().cloned();
            edits.map(|(span, text)| (span, text.replace('"', r#"\""#))).collect()
        };
        [repair.edits.clone(), escaped()].into_iter().find(|edits| {
            self.model.setting_after(setting, edits).is_some_and(|setting| {
                matches!(Kwargs::read(&setting, &environment.settings), Kwargs::Object(_))
            })
        })
    }

    /// The Dockerfile that makes the image.
    #[must_use]
    pub fn dockerfile(&self) -> Option<&Dockerfile> {
        self.model.dockerfile()
    }
}
