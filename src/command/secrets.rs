//! `astrolint secrets`.

use std::fs::File;
use std::io::{self, BufWriter, Read, Write};
use std::path::Path;

use super::{Exit, Failure};
use crate::cli::{SecretsArgs, SecretsFormat};
use crate::discover::limits;
use crate::model::Kind;
use crate::report::escape::path_text;
use crate::report::secrets::{self, Compared, EnvironmentLine, Row, Secrets};
use crate::resolve::{KeyCertainty, Project, Request as Asked, WhatIf, is_same, names_in};
use crate::{ConfigSource, Request, for_each_project, relative};

pub(super) fn run(arguments: &SecretsArgs) -> Result<Exit, Failure> {
    let existing = arguments.against.as_deref().map(existing).transpose()?;
    let request = Request {
        paths: arguments.paths.clone(),
        config: ConfigSource::of(arguments.config.as_deref(), arguments.isolated),
        ..Request::default()
    };
    let here = std::env::current_dir()?.canonicalize()?;
    let mut found = Secrets::new(Vec::new(), Vec::new(), Vec::new());
    let (mut namespaces, mut known_environments) = (Vec::new(), Vec::new());
    let failed = for_each_project(&request, &WhatIf::default(), |project, _| {
        add(arguments, &project, &here, &mut found);
        for environment in &project.environments {
            known_environments.push(environment.name.clone());
            for kind in [Kind::Variable, Kind::Connection, Kind::Config] {
                namespaces.extend(environment.namespaces(kind));
            }
        }
    })?;
    for failed in &failed {
        writeln!(
            io::stderr(),
            "astrolint: {}",
            crate::report::escape::escape(&failed.to_string())
        )?;
    }
    if let Some(name) = &arguments.environment
        && !known_environments.contains(name)
    {
        let names: Vec<_> = known_environments.iter().map(|name| format!("`{name}`")).collect();
        return Err(Failure(format!(
            "there is no environment `{name}`; there are {}",
            names.join(", ")
        )));
    }
    let mut out = BufWriter::new(io::stdout().lock());
    let exit = if let Some(existing) = existing {
        let compared = compare(&found, &existing, &namespaces);
        match arguments.format {
            SecretsFormat::Text => secrets::compared(&compared, super::width(), &mut out)?,
            SecretsFormat::Json => secrets::json(&compared, &mut out)?,
            SecretsFormat::Csv => secrets::csv_unique(&compared.missing, &mut out)?,
        }
        if compared.missing.is_empty() { Exit::Clean } else { Exit::Findings }
    } else {
        list(arguments, &found, &mut out)?;
        Exit::Clean
    };
    out.flush()?;
    Ok(if failed.is_empty() { exit } else { Exit::Unusable })
}

fn list(arguments: &SecretsArgs, found: &Secrets, out: &mut dyn Write) -> io::Result<()> {
    match (arguments.format, arguments.unique) {
        (SecretsFormat::Json, false) => secrets::json(found, out),
        (SecretsFormat::Json, true) => secrets::json_unique(&found.unique(), out),
        (SecretsFormat::Csv, false) => secrets::csv(found, out),
        (SecretsFormat::Csv, true) => secrets::csv_unique(&found.unique(), out),
        (SecretsFormat::Text, true) => {
            for secret in found.unique() {
                writeln!(out, "{}", crate::report::escape::escape(&secret.name))?;
            }
            Ok(())
        }
        (SecretsFormat::Text, false) => {
            secrets::text(found, super::width(), out)?;
            writeln!(out, "\n{}", secrets::summary(found))
        }
    }
}

/// Adds what `project` asks for.
fn add(arguments: &SecretsArgs, project: &Project, here: &Path, found: &mut Secrets) {
    let wanted = |asked: &Asked<'_>| {
        let name = arguments.environment.as_ref();
        name.is_none_or(|name| *name == asked.environment.name)
            && (arguments.include_tests || !project.model.is_test(asked.place.file))
    };
    let first = found.references.iter().chain(&found.implicit).map(|row| row.reference + 1).max();
    let first = first.unwrap_or(0);
    let private = project.private_values();
    let row = |asked: Asked<'_>| {
        let file = project.model.files.get(asked.place.file);
        let position = file.position(asked.place.span.start);
        Row {
            kind: asked.kind,
            key: asked.key.map(|key| private.mask(&key)),
            certainty: asked.certainty,
            timing: asked.timing,
            path: path_text(&relative(file.path(), here)),
            line: position.line,
            column: position.column,
            environment: asked.environment.name.clone(),
            requested: asked.requested.iter().map(|name| private.mask(name)).collect(),
            reference: first + asked.reference,
            by: private.mask(asked.by),
        }
    };
    found.references.extend(project.requests().into_iter().filter(wanted).map(row));
    found.implicit.extend(project.implicit_requests().into_iter().filter(wanted).map(row));
    let name = arguments.environment.as_ref();
    let asked = project.environments.iter().filter(|it| name.is_none_or(|name| *name == it.name));
    for environment in asked {
        let line = EnvironmentLine {
            name: environment.name.clone(),
            backend: environment.backend_name().map(|name| private.mask(name)),
            trouble: environment.start_fault().map(|reason| private.mask(&reason)),
        };
        if !found.environments.contains(&line) {
            found.environments.push(line);
        }
    }
}

/// What is asked for and not among `existing`, and what of it nobody asks for, as far as it lies below
/// `namespaces`.
fn compare(found: &Secrets, existing: &[String], namespaces: &[String]) -> Compared {
    let exists = |name: &str| existing.iter().any(|it| is_same(name, it));
    let mut missing = Secrets::new(Vec::new(), Vec::new(), Vec::new());
    let certain = found.references.iter().filter(|row| row.certainty < KeyCertainty::Pattern);
    let absent = certain
        .filter(|row| !row.requested.is_empty() && !row.requested.iter().any(|it| exists(it)));
    missing.references.extend(absent.cloned());
    let asked: Vec<&str> = found
        .references
        .iter()
        .chain(&found.implicit)
        .flat_map(|row| row.requested.iter().map(String::as_str))
        .collect();
    let is_asked = |name: &&String| asked.iter().any(|it| is_same(it, name));
    let is_ours = |name: &&String| namespaces.iter().any(|it| is_same(&format!("{it}*"), name));
    let unused = existing.iter().filter(is_ours).filter(|name| !is_asked(name));
    let mut unused: Vec<String> = unused.cloned().collect();
    unused.sort();
    unused.dedup();
    Compared { version: 1, missing: missing.unique(), unused }
}

/// The names in the file at `path`; `-` stands for standard input.
fn existing(path: &Path) -> Result<Vec<String>, Failure> {
    let shown = path.display();
    let failed = |error: &dyn std::fmt::Display| Failure(format!("`{shown}`: {error}"));
    let mut bytes = Vec::new();
    let limit = limits::TEXT_FILE;
    if path == Path::new("-") {
        io::stdin().lock().take(limit + 1).read_to_end(&mut bytes)?;
    } else {
        let file = File::open(path).map_err(|error| failed(&error))?;
        file.take(limit + 1).read_to_end(&mut bytes).map_err(|error| failed(&error))?;
    }
    if bytes.len() as u64 > limit {
        return Err(failed(&format!("larger than {limit} bytes")));
    }
    let text = String::from_utf8(bytes).map_err(|_| failed(&"not UTF-8"))?;
    names_in(&text).map_err(|error| failed(&error))
}
