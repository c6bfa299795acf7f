//! `astrolint init`.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs::File;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use super::output::say;
use super::{Exit, Failure, print};
use crate::check::{Finding, Level};
use crate::cli::InitArgs;
use crate::config::{FILE_NAMES, configures};
use crate::facts::{Backend, backends};
use crate::model::VersionSet;
use crate::report::escape::{escape, path_text};
use crate::resolve::{Project, WhatIf};
use crate::{
    ConfigSource, Error, Judged, Request, findings_of, for_each_project, parallel, relative,
};

/// Rules that more than this many stand for are not listed.
const MOST_RULES: usize = 12;

pub(super) fn run(arguments: &InitArgs) -> Result<Exit, Failure> {
    let directory = arguments.path.clone().unwrap_or_else(|| PathBuf::from("."));
    if !directory.is_dir() {
        return Err(Failure::new(format!("`{}` is no directory", directory.display())));
    }
    let request = Request {
        paths: vec![directory.clone()],
        config: ConfigSource::Isolated,
        ..Request::default()
    };
    let mut seen = Seen::default();
    let found = for_each_project(&request, &WhatIf::default(), |project, config| {
        let Judged { findings, .. } = findings_of(&project, config, &request, parallel::cores());
        seen.add(&project, findings);
    });
    let is_project = match found {
        Ok(_) => true,
        // The configuration may make it one.
        Err(Error::Discover(_)) => false,
        Err(error) => return Err(error.into()),
    };
    let here = std::env::current_dir()?.canonicalize()?;
    let directory = seen.place(directory.canonicalize()?);
    let name = |path: &Path| path_text(&relative(path, &here));
    for file in FILE_NAMES {
        let known = directory.join(file);
        if configures(&known)? {
            let message = format!("there is a configuration already: `{}`", name(&known));
            return Err(Failure::new(message));
        }
    }
    let path = directory.join(FILE_NAMES[0]);
    write_new(&path, &seen.configuration())?;
    print(format!("wrote {}\n", escape(&name(&path))))?;
    if !is_project && !directory.join("dags").is_dir() {
        let directory = name(&directory);
        say(&format!(
            "astrolint: there is no Astro project in `{directory}`, nor below or above it; with `dags/` beside the file it is one"
        ));
    }
    for root in seen.unread_by(&directory) {
        say(&format!(
            "astrolint: the project `{}` does not read the file: outside of a git repository, a configuration counts in its own directory only, or with `--config`",
            name(root)
        ));
    }
    Ok(Exit::Clean)
}

fn write_new(path: &Path, text: &str) -> Result<(), Failure> {
    let failed =
        |error: io::Error| Failure::new(format!("cannot write `{}`: {error}", path.display()));
    let mut file = File::create_new(path).map_err(failed)?;
    file.write_all(text.as_bytes()).map_err(failed)
}

/// What there is to configure.
#[derive(Default)]
struct Seen {
    /// The roots of the projects, with those of the repositories around them.
    projects: Vec<(PathBuf, Option<PathBuf>)>,
    /// The first backend, with the version of its package where only one is possible.
    backend: Option<(&'static Backend, Option<String>)>,
    /// The first version of Airflow that is the only one possible.
    airflow: Option<String>,
    /// The environments that the files give, with their backends, in words.
    environments: Vec<(String, Option<String>)>,
    /// How often each rule finds something, with the highest level.
    rules: BTreeMap<&'static str, (usize, Level)>,
}

/// The version, where only one is possible.
fn only(versions: &VersionSet) -> Option<String> {
    let described = versions.describe();
    described.parse::<pep440_rs::Version>().is_ok().then_some(described)
}

impl Seen {
    /// Where the configuration belongs that somebody wants in `directory`: a project reads none of those
    /// below its root.
    fn place(&self, directory: PathBuf) -> PathBuf {
        match self.projects.as_slice() {
            [(root, _)] if directory.starts_with(root) => root.clone(),
            _ => directory,
        }
    }

    /// The projects that do not look for their configuration in `directory`.
    fn unread_by(&self, directory: &Path) -> impl Iterator<Item = &Path> {
        let is_unread = move |(root, repository): &&(PathBuf, Option<PathBuf>)| {
            !directory.starts_with(repository.as_deref().unwrap_or(root))
        };
        self.projects.iter().filter(is_unread).map(|(root, _)| root.as_path())
    }

    fn add(&mut self, project: &Project, findings: Vec<Finding>) {
        self.projects.push((project.model.root.clone(), project.model.repository.clone()));
        for environment in &project.environments {
            let backend = environment.server.backend();
            let provider = || environment.provider().and_then(only);
            self.backend = self.backend.take().or_else(|| Some((backend?, provider())));
            self.airflow = self.airflow.take().or_else(|| only(environment.versions.airflow()));
        }
        let private = project.private_values();
        for environment in &project.environments {
            let backend = environment.backend_name().map(|name| private.mask(name));
            let seen = (environment.name.clone(), backend);
            if !self.environments.contains(&seen) {
                self.environments.push(seen);
            }
        }
        for finding in findings {
            let (count, level) = self.rules.entry(finding.rule.id).or_insert((0, finding.level));
            *count += 1;
            *level = (*level).max(finding.level);
        }
    }

    /// The text of the file.
    fn configuration(&self) -> String {
        let repository = env!("CARGO_PKG_REPOSITORY");
        let mut text = format!(
            "#:schema {repository}/raw/main/docs/astrolint-config-v1.schema.json\n\
             # Configuration of astrolint: {repository}/blob/main/docs/configuration.md\n\
             # Everything here is optional. Remove the `# ` in front of what you want.\n\n\
             # What is not read, as in .gitignore, relative to this file.\n\
             # exclude = [\"dags/legacy/\"]\n\n\
             # Levels: off, info, warning or error.\n[rules]\n"
        );
        let mut rules: Vec<_> = self.rules.iter().collect();
        rules.sort_by_key(|(id, (count, level))| (std::cmp::Reverse((*level, *count)), **id));
        if rules.is_empty() {
            text += "# parse-time-lookup = \"info\"\n";
        } else {
            text += "# Found today:\n";
        }
        for (id, (count, level)) in rules.iter().take(MOST_RULES) {
            // Writing to a String cannot fail.
            let _ = writeln!(text, "# {id} = \"{level}\"  # {count}");
        }
        text += "\n# Other levels for some files.\n\
                 # [[override]]\n\
                 # paths = [\"dags/legacy/\"]\n\
                 # rules = { parse-time-lookup = \"off\" }\n\n\
                 # What exists, as far as the repository does not tell: keys as code asks for them, or whole\n\
                 # names as the service lists them. What is asked for beside it is then reported.\n\
                 # [declared]\n\
                 # variables = [\"bucket\", \"team_*\"]\n\
                 # connections = [\"warehouse\"]\n\
                 # secrets = [\"airflow/connections/reporting\"]\n\n\
                 # Settings that live in the Astro UI or elsewhere, not in the repository.\n";
        for (name, backend) in &self.environments {
            let name = escape(name);
            let _ = match backend {
                Some(backend) => writeln!(text, "# Found: `{name}`, with {}.", escape(backend)),
                None => writeln!(text, "# Found: `{name}`, without a secrets backend."),
            };
        }
        text + &self.environment()
    }

    /// A declared environment, like those that were found.
    fn environment(&self) -> String {
        let mut text = "# [[environment]]\n# name = \"production\"\n".to_owned();
        let example = || Some((backends().first()?, Some("9.2.0".to_owned())));
        if let Some((backend, version)) = self.backend.clone().or_else(example) {
            let names = backend.default_names().take(2);
            let names: Vec<_> = names.map(|(name, text)| format!("{name} = \"{text}\"")).collect();
            // Writing to a String cannot fail.
            let _ = writeln!(text, "# backend = \"{}\"", backend.class);
            if !names.is_empty() {
                let _ = writeln!(text, "# backend-kwargs = {{ {} }}", names.join(", "));
            }
            if let Some(version) = version.filter(|_| !backend.package.is_empty()) {
                let _ = writeln!(text, "# providers = {{ {} = \"=={version}\" }}", backend.package);
            }
        }
        let airflow = self.airflow.as_deref().unwrap_or("2.10.5");
        let _ = writeln!(text, "# airflow = \"{airflow}\"");
        text
    }
}
