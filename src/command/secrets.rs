//! `astrolint secrets`.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use super::output::{say, stdout};
use super::progress::watched;
use super::{Exit, Failure};
use crate::cli::{SecretsArgs, SecretsFormat};
use crate::hash::HashSet;
use crate::limits;
use crate::model::DeclaredName;
use crate::read::secret_list;
use crate::report::escape::path_text;
use crate::report::secrets::{self, Compared, Secrets};
use crate::resolve::{self, Environment, Existing, Namespace, Project, Wanted, WhatIf};
use crate::{ConfigSource, Request, for_each_project, relative};

pub(super) fn run(arguments: &SecretsArgs) -> Result<Exit, Failure> {
    if let Some(form) = arguments.emit {
        return super::emit::run(arguments, form);
    }
    let existing = arguments.against.as_deref().map(existing).transpose()?;
    let request = Request {
        paths: arguments.paths.clone(),
        config: ConfigSource::of(arguments.config.as_deref(), arguments.isolated),
        include_tests: arguments.include_tests,
        ..Request::default()
    };
    let here = std::env::current_dir()?.canonicalize()?;
    let mut found = Found::default();
    let add = |project: Project, _: &_| found.add(&project, arguments, &here);
    let read = || for_each_project(&request, &WhatIf::default(), add);
    let failed = watched(&request.progress, true, read)?;
    for said in failed.iter().map(ToString::to_string).chain(found.incomplete.iter().cloned()) {
        say(&format!("astrolint: {said}"));
    }
    found.has_environment(arguments.environment.as_deref())?;
    found.name_projects();
    let mut out = stdout();
    let exit = if let (Some(existing), Some(list)) = (&existing, &arguments.against) {
        let compared = found.compare(existing)?;
        match arguments.format {
            SecretsFormat::Text => {
                let list = shown(list);
                secrets::text_compared(&compared, &list, super::width(true), &mut out)?;
            }
            SecretsFormat::Json => secrets::json(&compared, &mut out)?,
            SecretsFormat::Csv => secrets::csv_compared(&compared, &mut out)?,
        }
        if compared.missing.is_empty() { Exit::Clean } else { Exit::Findings }
    } else {
        if arguments.unique {
            found.say_what_has_no_names();
        }
        list(arguments, &found.secrets, &mut out)?;
        Exit::Clean
    };
    out.flush()?;
    Ok(if failed.is_empty() { exit } else { Exit::Unusable })
}

fn list(arguments: &SecretsArgs, found: &Secrets, out: &mut dyn Write) -> io::Result<()> {
    match (arguments.format, arguments.unique) {
        (SecretsFormat::Json, false) => secrets::json(found, out),
        (SecretsFormat::Json, true) => secrets::json(&found.unique(), out),
        (SecretsFormat::Csv, false) => secrets::csv(found, out),
        (SecretsFormat::Csv, true) => secrets::csv_unique(&found.unique(), out),
        (SecretsFormat::Text, false) => secrets::text(found, super::width(true), out),
        (SecretsFormat::Text, true) => secrets::names(&found.unique(), out),
    }
}

/// What all projects ask for.
#[derive(Default)]
struct Found {
    secrets: Secrets,
    /// What of each row a comparison needs: of the references, and of what is implicit.
    wanted: [Vec<Wanted>; 2],
    namespaces: BTreeSet<Namespace>,
    /// The project of each environment that is listed.
    projects: Vec<PathBuf>,
    /// The names of all environments.
    environments: Vec<String>,
    /// What could not be read, and so may ask for more.
    incomplete: Vec<String>,
}

impl Found {
    /// Adds what `project` asks for.
    fn add(&mut self, project: &Project, arguments: &SecretsArgs, here: &Path) {
        let names = project.environments.iter().map(|it| it.name.clone());
        self.environments.extend(names);
        let name = arguments.environment.as_ref();
        let is_asked = |it: &&Environment| name.is_none_or(|name| *name == it.name);
        let asked: Vec<&Environment> = project.environments.iter().filter(is_asked).collect();
        for environment in &asked {
            self.namespaces.extend(environment.namespaces());
            self.projects.push(relative(&project.model.root, here));
        }
        let private = project.private_values();
        let lists = self.secrets.add(project, &asked, arguments.against.is_none(), here);
        for (requests, wanted) in lists.into_iter().zip(&mut self.wanted) {
            wanted.extend(requests.iter().map(|(number, it)| it.wanted(*number, &private)));
        }
        for file in project.model.unread_code() {
            let path = path_text(&relative(project.model.files.get(file).path(), here));
            self.incomplete.push(format!(
                "{path}: not read as meant, so that what it asks for may be missing here; `astrolint check --strict` says why"
            ));
        }
    }

    /// Says to which project each environment belongs, where there are several.
    fn name_projects(&mut self) {
        let distinct: HashSet<_> = self.projects.iter().collect();
        if distinct.len() > 1 {
            for (environment, project) in self.secrets.environments.iter_mut().zip(&self.projects) {
                environment.project = Some(path_text(project));
            }
        }
    }

    /// Says which environments make no name, which an empty list does not tell.
    fn say_what_has_no_names(&self) {
        for environment in &self.secrets.environments {
            if let Some(trouble) = &environment.trouble {
                let said = format!("no names in environment `{}`: {trouble}", environment.name);
                say(&format!("astrolint: {said}"));
            }
        }
    }

    fn has_environment(&self, name: Option<&str>) -> Result<(), Failure> {
        let Some(name) = name.filter(|name| !self.environments.iter().any(|it| it == name)) else {
            return Ok(());
        };
        let mut names: Vec<_> = self.environments.iter().map(|name| format!("`{name}`")).collect();
        names.sort();
        names.dedup();
        Err(Failure::new(format!(
            "there is no environment `{name}`; there are {}",
            names.join(", ")
        )))
    }

    /// Compares with what exists.
    fn compare(&self, existing: &Existing) -> Result<Compared, Failure> {
        let environments = &self.secrets.environments;
        if let Some(first) = environments.first()
            && environments.iter().all(|it| it.trouble.is_some())
        {
            let reason = first.trouble.as_deref().unwrap_or_default();
            return Err(Failure::new(format!(
                "there is nothing to compare: in environment `{}` {reason}. If its settings live elsewhere, astrolint.toml can declare them",
                first.name
            )));
        }
        let wanted: Vec<Wanted> = self.wanted.iter().flatten().cloned().collect();
        let standings = resolve::standings(&wanted, existing);
        let rows: Vec<_> = self.secrets.rows().zip(standings).collect();
        let unused = resolve::unused(&wanted, existing, &self.namespaces);
        // A list may hold anything, such as the secrets themselves.
        let (shown, hidden): (Vec<_>, Vec<_>) =
            unused.into_iter().partition(|name| DeclaredName::may_be_shown(name));
        Ok(Compared::new(&rows, shown, hidden.len()))
    }
}

/// How the list at `path` is called.
fn shown(path: &Path) -> String {
    if path == Path::new("-") { "standard input".to_owned() } else { path_text(path) }
}

/// The names in the file at `path`; `-` stands for standard input. It may be a pipe.
fn existing(path: &Path) -> Result<Existing, Failure> {
    let shown = shown(path);
    let failed = |error: &dyn std::fmt::Display| Failure::new(format!("`{shown}`: {error}"));
    let mut bytes = Vec::new();
    let limit = limits::SECRET_LIST;
    if path == Path::new("-") {
        io::stdin().lock().take(limit + 1).read_to_end(&mut bytes)?;
    } else {
        let file = File::open(path).map_err(|error| failed(&error))?;
        file.take(limit + 1).read_to_end(&mut bytes).map_err(|error| failed(&error))?;
    }
    if bytes.len() as u64 > limit {
        return Err(failed(&format!("larger than {} MiB", limit >> 20)));
    }
    if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
        return Err(failed(&"UTF-16, as PowerShell writes by default; write it as UTF-8"));
    }
    let text = String::from_utf8(bytes).map_err(|error| {
        failed(&format!("not UTF-8 at byte {}", error.utf8_error().valid_up_to()))
    })?;
    let names = secret_list::read(&text).map_err(|error| failed(&error))?;
    Ok(Existing::new(&names))
}
