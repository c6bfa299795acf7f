//! `astrolint compare`.

use std::io::Write as _;
use std::path::Path;

use pep440_rs::Version;

use super::output::{say, stdout};
use super::{Exit, Failure};
use crate::check::{self, nearest};
use crate::cli::{CompareArgs, CompareFormat};
use crate::facts::releases;
use crate::facts::runtime::{Image, documented_tags};
use crate::model::Basis;
use crate::report::comparison::{self, Comparison, Row, Side, SideEnvironment, SideProvider};
use crate::report::escape::path_text;
use crate::resolve::{self, About, Change, ClassName, Environment, Project, WhatIf, short_name};
use crate::{ConfigSource, Request, for_each_project, relative};

/// What is compared with.
enum Target {
    /// The same environments, with an image or with pinned versions.
    Versions(Option<Image>),
    /// Another environment.
    Environment(String),
}

pub(super) fn run(arguments: &CompareArgs) -> Result<Exit, Failure> {
    let pinned = super::versions(arguments.airflow.as_deref(), &arguments.providers)?;
    let mut from = projects(arguments, None, Vec::new())?;
    let target = target(arguments, &from)?;
    let (image, name) = match target {
        Target::Versions(image) => (image, None),
        Target::Environment(name) => (None, Some(name)),
    };
    let mut to = projects(arguments, image, pinned)?;
    let local = name.is_some().then_some(resolve::LOCAL);
    if let Some(today) = arguments.environment.as_deref().or(local) {
        let then = name.as_deref().unwrap_or(today);
        let pairs = from.into_iter().zip(to);
        (from, to) =
            pairs.filter_map(|(from, to)| Some((only(from, today)?, only(to, then)?))).unzip();
        if from.is_empty() {
            return Err(Failure::new(format!("no project has both `{today}` and `{then}`")));
        }
    }
    let here = std::env::current_dir()?.canonicalize()?;
    let comparison = compared(&from, &to, &here);
    let mut out = stdout();
    match arguments.format {
        CompareFormat::Text => comparison::text(&comparison, super::width(true), &mut out)?,
        CompareFormat::Json => comparison::json(&comparison, &mut out)?,
    }
    out.flush()?;
    for (side, projects) in [("", &from), (" of the target", &to)] {
        say_what_is_not_known(side, projects);
    }
    let breaks = comparison.changes.iter().any(|change| change.kind.breaks());
    Ok(if breaks { Exit::Findings } else { Exit::Clean })
}

fn projects(
    arguments: &CompareArgs,
    image: Option<Image>,
    versions: Vec<(String, String)>,
) -> Result<Vec<Project>, Failure> {
    let request = Request {
        paths: arguments.path.iter().cloned().collect(),
        config: ConfigSource::of(arguments.config.as_deref(), arguments.isolated),
        image,
        ..Request::default()
    };
    // What a build of years ago may hold is not what somebody compares.
    let what_if = WhatIf { versions, is_built_today: true, ..WhatIf::default() };
    let mut projects = Vec::new();
    for_each_project(&request, &what_if, |project, _| projects.push(project))?;
    Ok(projects)
}

/// What `--to` names: an environment of a project, or else a Runtime image.
fn target(arguments: &CompareArgs, projects: &[Project]) -> Result<Target, Failure> {
    let environments = || projects.iter().flat_map(|project| &project.environments);
    let has = |name: &str| environments().any(|it| it.name == name);
    let listed = || {
        let mut names: Vec<_> = environments().map(|it| format!("`{}`", it.name)).collect();
        names.sort();
        names.dedup();
        names.join(", ")
    };
    if let Some(name) = arguments.environment.as_deref().filter(|name| !has(name)) {
        let message = format!("there is no environment `{name}`; there are {}", listed());
        return Err(Failure::new(message));
    }
    let is_pinned = arguments.airflow.is_some() || !arguments.providers.is_empty();
    let Some(to) = &arguments.to else {
        let message = "nothing to compare with: expected `--to` with a Runtime tag or an environment, or versions by `--airflow` and `--provider`";
        return if is_pinned {
            Ok(Target::Versions(None))
        } else {
            Err(Failure::new(message.to_owned()))
        };
    };
    if has(to) {
        return Ok(Target::Environment(to.clone()));
    }
    if let Some(image) = Image::released(to) {
        if arguments.airflow.is_some() {
            let message = format!(
                "`--to {to}` tells the version of Airflow: leave out `--airflow`, or `--to`"
            );
            return Err(Failure::new(message));
        }
        return Ok(Target::Versions(Some(image)));
    }
    let names = environments().map(|it| it.name.as_str());
    let near = nearest(to, names).or_else(|| nearest_tag(to));
    let near = near.map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
    Err(Failure::new(format!(
        "`{to}` is neither a known release of the Runtime, such as `3.1-4` or `12.6.0`, nor an environment ({}){near}",
        listed()
    )))
}

/// The documented release whose tag begins most like that of `target`, the newest of several.
fn nearest_tag(target: &str) -> Option<&'static str> {
    let tag = target.rsplit(':').next().unwrap_or(target);
    let in_common =
        |other: &str| tag.bytes().zip(other.bytes()).take_while(|(a, b)| a == b).count();
    let alike = documented_tags().filter(|it| it.contains('-') == tag.contains('-'));
    alike.filter(|it| in_common(it) > 1).max_by_key(|it| in_common(it))
}

/// `project` with the environment `name` alone; what its rules about code go by are the versions there.
fn only(mut project: Project, name: &str) -> Option<Project> {
    project.environments.retain(|it| it.name == name);
    project.environments.truncate(1);
    project.model.versions = project.environments.first()?.versions.clone();
    Some(project)
}

fn compared(from: &[Project], to: &[Project], here: &Path) -> Comparison {
    let mut comparison = Comparison::new(side(from), side(to));
    for (from, to) in from.iter().zip(to) {
        let mut changes = resolve::changes(from, to);
        changes.extend(check::changes(from, to));
        changes.sort_by_key(|change| (change.kind, change.place));
        comparison.notes.extend(unknown_releases(to));
        comparison.notes.extend(pins(to, here));
        comparison.changes.extend(changes.into_iter().map(|it| row(it, from, to, here)));
    }
    comparison.changes.sort_by_key(|row| row.kind);
    comparison.notes.dedup();
    comparison
}

fn side(projects: &[Project]) -> Side {
    let mut side = Side::default();
    for project in projects {
        let image = project.dockerfile().and_then(|file| file.image.as_ref());
        side.image = side.image.or_else(|| image.map(|(image, _)| image.short().to_owned()));
        let provider = |environment: &Environment| {
            let package = environment.server.provider_package()?;
            let versions = environment.versions.package(package)?.describe();
            Some(SideProvider { package: package.to_owned(), versions })
        };
        side.environments.extend(project.environments.iter().map(|environment| SideEnvironment {
            environment: environment.name.clone(),
            airflow: environment.versions.airflow().describe(),
            provider: provider(environment),
        }));
    }
    side
}

/// Versions that the user gives and that are no release astrolint knows of: of the future, or a slip.
fn unknown_releases(project: &Project) -> Vec<String> {
    let mut notes = Vec::new();
    for environment in &project.environments {
        let provider = environment.server.provider_package().and_then(releases::package);
        let provider = provider.and_then(|it| Some((it, environment.versions.package(&it.name)?)));
        let airflow = (releases::airflow(), environment.versions.airflow());
        for (package, versions) in std::iter::once(airflow).chain(provider) {
            let given = (*versions.basis() == Basis::Declared).then(|| versions.versions());
            let is_unknown = |it: &&Version| !package.released.contains(it);
            for version in given.unwrap_or_default().iter().filter(is_unknown) {
                let before = package.released.iter().rfind(|it| *it < version);
                let taken = before.map_or_else(String::new, |before| {
                    format!("; it is taken to behave as {before}, the newest before it")
                });
                let name = if package.is_airflow() { "Airflow" } else { package.id.as_str() };
                notes.push(format!("{name} {version} is no release that astrolint knows{taken}"));
            }
        }
    }
    notes.sort();
    notes.dedup();
    notes
}

/// The requirements that decide the version of a backend's package, whatever the image.
fn pins(project: &Project, here: &Path) -> Vec<String> {
    let files = &project.model.files;
    let providers = project.providers().filter_map(|provider| {
        let (place, is_pin) = match provider.installed.basis() {
            Basis::Pinned(place) => (place, true),
            Basis::Range(place) | Basis::Unpinned(place) | Basis::Extra(place) => (place, false),
            _ => return None,
        };
        if !is_pin && !provider.installed.is_known() {
            return None;
        }
        let file = files.get(place.file);
        let path = path_text(&relative(file.path(), here));
        let line = file.position(place.span.start).line;
        let (short, version) = (short_name(&provider.package.name), provider.installed.describe());
        Some(if is_pin {
            format!("{path}:{line} pins {short} {version}, with any image")
        } else {
            let airflow = provider.environment.versions.airflow().describe();
            format!("{path}:{line} leaves the version of {short} to pip: {version} is the newest that works with Airflow {airflow}")
        })
    });
    providers.collect()
}

fn row(change: Change, from: &Project, to: &Project, here: &Path) -> Row {
    let (today, then) = (from.private_values(), to.private_values());
    let mask = |text: &str| then.mask(&today.mask(text));
    let file = to.model.files.get(change.place.file);
    let position = file.position(change.place.span.start);
    Row {
        kind: change.kind,
        path: path_text(&relative(file.path(), here)),
        line: position.line,
        column: position.column,
        key: change.key.map(|key| mask(&key)),
        before: mask(&change.before),
        after: mask(&change.after),
        reason: mask(&change.reason),
        environment: change.environment,
        is_whereabouts: change.about == About::Whereabouts,
    }
}

/// Says which environments cannot be compared, and why: nothing is listed of them.
fn say_what_is_not_known(side: &str, projects: &[Project]) {
    for project in projects {
        let private = project.private_values();
        for environment in &project.environments {
            if let Some(reason) = environment.is_unknown() {
                let class = environment.server.class.as_ref();
                let what = match class.and_then(ClassName::shown) {
                    Some(_) => "can be compared by its class alone",
                    None => "cannot be compared",
                };
                let said = format!(
                    "environment `{}`{side} {what}: {}",
                    environment.name,
                    private.mask(&reason)
                );
                say(&format!("astrolint: {said}"));
            }
        }
        for file in project.model.unread_code() {
            if side.is_empty() {
                let path = project.model.name_of(file);
                let said = format!(
                    "{path}: not read as meant, so that its references are missing here; `astrolint check --strict` says why"
                );
                say(&format!("astrolint: {said}"));
            }
        }
    }
}
