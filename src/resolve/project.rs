//! A project in which every question is settled: what the rules look at.

use super::backend::{Configured, Section};
use super::deployments::deployments;
use super::environment::{Environment, EnvironmentKind, LOCAL};
use super::keys::EnvironmentKeys;
use super::kwargs::{Kwargs, Repair};
use super::{loading, setting_references, whereabouts};
use crate::facts;
use crate::facts::runtime::{AirflowInImage, Image};
use crate::hash::HashSet;
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
    /// The Python files that Airflow never loads.
    pub(super) unloaded: HashSet<FileId>,
}

/// Settings and versions that a question adds to what the files say.
#[derive(Debug, Default)]
pub struct WhatIf {
    /// Settings as they would stand in Airflow's environment.
    pub settings: Vec<(String, String)>,
    /// Versions by package: `apache-airflow` or a provider.
    pub versions: Vec<(String, String)>,
    /// Whether the image is built today, so that pip installs the newest version of what nothing pins; elsewhere, a
    /// build of any day counts.
    pub is_built_today: bool,
}

impl WhatIf {
    /// Replaces of `versions` what the question supposes.
    fn suppose(&self, versions: &mut Versions) -> Result<(), WhatIfError> {
        for (package, version) in &self.versions {
            versions.declare(package, version)?;
        }
        if self.is_built_today {
            versions.build_today();
        }
        Ok(())
    }
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
    let asked = command_line(&mut model.files, what_if);
    what_if.suppose(&mut model.versions)?;
    let cfg = model.cfg.as_ref().map(AirflowCfg::settings).unwrap_or_default();
    let mut environments = Vec::new();
    for sketch in sketches(&model)? {
        let Sketch { name, kind, template, mut settings, mut versions, outside } = sketch;
        for setting in &asked {
            settings.overlay(setting.clone());
        }
        what_if.suppose(&mut versions)?;
        let cfg_fault = model.cfg.as_ref().and_then(|cfg| cfg.fault(&settings));
        let mut environment = Environment::new(name, settings, cfg.clone(), versions);
        environment.kind = kind;
        environment.template = template;
        environment.has_outside_sources = outside;
        environment.cfg_fault = cfg_fault;
        environments.push(environment);
    }
    model.references.extend(setting_references::references(&environments));
    let is_sample = |file: FileId| model.files.get(file).kind() == FileKind::EnvTemplate;
    for environment in &mut environments {
        let settings = &environment.settings;
        environment.keys = EnvironmentKeys::new(&model.references, settings, &is_sample);
    }
    let unloaded = loading::unloaded(&model, &environments);
    let mut project = Project { model, environments, unloaded };
    let created_for_others = whereabouts::created_for_others(&project);
    for (environment, created) in project.environments.iter_mut().zip(created_for_others) {
        environment.created_for_others = created;
    }
    Ok(project)
}

/// An environment before anything is made of its settings.
struct Sketch {
    name: String,
    kind: EnvironmentKind,
    template: bool,
    settings: Settings,
    versions: Versions,
    outside: bool,
}

/// The environments of the project: the local one, then those of env files, of deployments, and those
/// that the configuration declares.
fn sketches(model: &Model) -> Result<Vec<Sketch>, WhatIfError> {
    let image: Vec<Setting> =
        model.dockerfile().map(|file| file.settings().collect()).unwrap_or_default();
    let sketch = |name: String, kind: EnvironmentKind, above: Vec<Setting>| Sketch {
        name,
        kind,
        template: false,
        settings: layered(&image, above),
        versions: model.versions.clone(),
        outside: true,
    };
    let local = local_file(model);
    let mut found = vec![local_sketch(model, local, &image)];
    for file in &model.env_files {
        let is_local = local.is_some_and(|local| local.file == file.file);
        if !is_local && configures_backend(&file.settings()) {
            let name = model.name_of(file.file);
            let env_file = sketch(name, EnvironmentKind::EnvFile, file.settings());
            found.push(Sketch { template: file.template, ..env_file });
        }
    }
    for deployment in deployments(model, &image) {
        let both = image.iter().chain(&deployment.settings);
        if configures_backend(both) {
            let is_whole = deployment.is_whole;
            let (kind, versions) = if deployment.is_agent {
                (EnvironmentKind::Agent, &model.client_versions)
            } else {
                (EnvironmentKind::Deployment { is_whole }, &model.versions)
            };
            let mut versions = versions.clone();
            if let Some(runtime) = &deployment.runtime {
                on_runtime(&mut versions, deployment.is_agent, runtime);
            }
            found.push(Sketch { versions, ..sketch(deployment.name, kind, deployment.settings) });
        }
    }
    for declared in &model.declared.environments {
        // One that only names secrets adds to an environment that the files give.
        let adds = declared.settings.is_empty()
            && declared.airflow.is_none()
            && declared.providers.is_empty();
        if adds && found.iter().any(|it| it.name == declared.name) {
            continue;
        }
        let settings = declared_settings(declared, &model.declared);
        let mut declares = sketch(declared.name.clone(), EnvironmentKind::Declared, settings);
        if let Some(airflow) = &declared.airflow {
            declares.versions.declare(facts::AIRFLOW, airflow)?;
        }
        for (package, version) in &declared.providers {
            declares.versions.declare(package, version)?;
        }
        found.push(declares);
    }
    Ok(found)
}

/// Takes the version of Airflow from the Runtime version of a deployment, or from the image of agents, where no
/// Dockerfile tells. What else the image holds is another matter: its Dockerfile lies elsewhere.
fn on_runtime(versions: &mut Versions, is_agent: bool, runtime: &str) {
    if versions.airflow().is_told() {
        return;
    }
    let image = if is_agent { Some(Image::read(runtime)) } else { Image::released(runtime) };
    let airflow = match image.map(|image| image.airflow()) {
        Some(AirflowInImage::Exact(version)) => version.to_string(),
        Some(AirflowInImage::Minor(major, minor)) => format!("{major}.{minor}"),
        Some(AirflowInImage::Unknown) | None => return,
    };
    // One of which no release is known says nothing.
    _ = versions.declare(facts::AIRFLOW, &airflow);
}

/// The environment that `astro dev start` makes: the image, `.env`, and what the user changes of the
/// containers.
fn local_sketch(model: &Model, file: Option<&EnvFile>, image: &[Setting]) -> Sketch {
    let mut settings = layered(image, file.map(EnvFile::settings).unwrap_or_default());
    if let Some(compose) = &model.setup.compose_override {
        let services: Vec<&str> = facts::local_airflow_services().collect();
        for setting in compose.common_settings(&services) {
            settings.overlay(setting);
        }
    }
    let template = file.is_some_and(|file| file.template);
    let outside = template
        || model.has_compose_override()
        || model.dockerfile().is_none_or(Dockerfile::may_bring_aws_configuration)
        || file.is_none_or(|file| passes_aws_settings_on(model, file));
    let (name, versions) = (LOCAL.to_owned(), model.versions.clone());
    Sketch { name, kind: EnvironmentKind::Local, template, settings, versions, outside }
}

/// The one environment of a question that has no project.
///
/// # Errors
/// As for [`resolve`].
pub fn what_if(what_if: &WhatIf) -> Result<(Files, Environment), WhatIfError> {
    let mut files = Files::default();
    let settings = layered(&[], command_line(&mut files, what_if));
    let mut versions = Versions::of(&crate::model::versions::Installation::default());
    what_if.suppose(&mut versions)?;
    Ok((files, Environment::new("what-if", settings, Settings::default(), versions)))
}

/// The env file that `astro dev start` reads, or else the template that people copy to it.
fn local_file(model: &Model) -> Option<&EnvFile> {
    let named = |file: &&EnvFile| model.name_of(file.file) == ".env";
    let env = model.env_files.iter().find(named);
    env.or_else(|| {
        model.env_files.iter().find(|file| file.template && configures_backend(&file.settings()))
    })
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

/// Whether `settings` say something about the secrets backend.
fn configures_backend<'a>(settings: impl IntoIterator<Item = &'a Setting>) -> bool {
    settings.into_iter().any(|setting| {
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
    /// inside double quotes that means a backslash before each one, or to delete the quotes around all.
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
        let bare = || self.model.without_quotes(setting, &repair.edits);
        let candidates = [Some(repair.edits.clone()), Some(escaped()), bare()];
        candidates.into_iter().flatten().find(|edits| {
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
