//! `astrolint resolve`.

use std::io::{self, BufRead, Write};
use std::path::Path;

use serde::Deserialize;

use super::output::{say, stdout};
use super::{Exit, Failure};
use crate::cli::{Process as AskedProcess, ResolveArgs, ResolveFormat};
use crate::model::{Files, Kind};
use crate::report::answers::{self, Answered};
use crate::report::escape::path_text;
use crate::report::story::{self, Page};
use crate::resolve::{self, Environment, Process, WhatIf};
use crate::text::without_quotations;
use crate::{ConfigSource, Error, Request, for_each_project};

/// An environment that is asked, the files that its settings stand in, and its project where there are
/// several.
type Place<'a> = (&'a Environment, &'a Files, Option<&'a Path>);

/// One line of `--stdin`.
#[derive(Deserialize)]
struct Question {
    kind: String,
    key: String,
}

pub(super) fn run(arguments: &ResolveArgs) -> Result<Exit, Failure> {
    for setting in &arguments.settings {
        setting.check().map_err(Failure::new)?;
    }
    let what_if = WhatIf {
        settings: arguments
            .settings
            .iter()
            .map(|one| (one.key.clone(), one.value.clone()))
            .collect(),
        versions: super::versions(arguments.airflow.as_deref(), &arguments.providers)?,
        ..WhatIf::default()
    };
    let asks_what_if = !what_if.settings.is_empty() || !what_if.versions.is_empty();
    let mut out = stdout();
    let mut answered = false;
    if arguments.path.is_some() || !asks_what_if {
        let request = Request {
            paths: arguments.path.iter().cloned().collect(),
            config: ConfigSource::of(arguments.config.as_deref(), arguments.isolated),
            ..Request::default()
        };
        let mut projects = Vec::new();
        match for_each_project(&request, &what_if, |project, _| projects.push(project)) {
            // Without a path, and nothing here: the question is asked of nothing in particular.
            Err(Error::Discover(_)) if arguments.path.is_none() => {}
            done => {
                for failed in done? {
                    say(&format!("astrolint: {failed}"));
                }
                let environments: Vec<Place<'_>> = projects
                    .iter()
                    .flat_map(|project| {
                        let (files, root) = (&project.model.files, Some(&*project.model.root));
                        let several = projects.len() > 1;
                        let root = root.filter(|_| several);
                        project.environments.iter().map(move |one| (one, files, root))
                    })
                    .collect();
                answer(arguments, &environments, &mut out)?;
                answered = true;
            }
        }
    }
    if !answered {
        let (files, environment) = resolve::what_if(&what_if)?;
        answer(arguments, &[(&environment, &files, None)], &mut out)?;
    }
    out.flush()?;
    Ok(Exit::Clean)
}

fn answer(
    arguments: &ResolveArgs,
    environments: &[Place<'_>],
    out: &mut dyn Write,
) -> Result<(), Failure> {
    let wanted: Vec<_> = environments
        .iter()
        .filter(|(environment, ..)| {
            arguments.environment.as_ref().is_none_or(|name| *name == environment.name)
        })
        .copied()
        .collect();
    if let (Some(name), true) = (&arguments.environment, wanted.is_empty()) {
        let names: Vec<_> = environments
            .iter()
            .map(|(environment, ..)| format!("`{}`", environment.name))
            .collect();
        return Err(Failure::new(format!(
            "there is no environment `{name}`; there are {}",
            names.join(", ")
        )));
    }
    let directory =
        std::env::current_dir().and_then(|path| path.canonicalize()).unwrap_or_default();
    let width = super::width(true);
    let process = match arguments.process {
        AskedProcess::Server => Process::Server,
        AskedProcess::Worker => Process::Worker,
    };
    let ask = |kind: Kind, key: &str, one_line: bool, out: &mut dyn Write| -> io::Result<()> {
        let answered: Vec<_> = wanted
            .iter()
            .map(|(environment, ..)| Answered {
                environment,
                process,
                kind,
                key,
                answers: environment.answers(process, kind, key),
            })
            .collect();
        if one_line || arguments.format == ResolveFormat::Json {
            return answers::json(&answered, one_line, out);
        }
        let mut separator = false;
        for (one, (_, files, root)) in answered.iter().zip(&wanted) {
            if std::mem::replace(&mut separator, true) {
                writeln!(out)?;
            }
            let project = root.map(|root| path_text(&crate::relative(root, &directory)));
            let page = Page {
                files,
                directory: &directory,
                project: project.as_deref(),
                width,
                relative: crate::relative,
            };
            story::text(one, &page, out)?;
        }
        Ok(())
    };
    if !arguments.stdin {
        let (Some(kind), Some(key)) = (arguments.kind, &arguments.key) else {
            return Err(Failure::new("expected a kind and a key".to_owned()));
        };
        return Ok(ask(kind, key, false, out)?);
    }
    for (number, line) in io::stdin().lock().lines().enumerate() {
        let line = line?;
        if line.trim().is_empty() {
            continue;
        }
        let place = |message: String| {
            Failure::new(format!("standard input, line {}: {message}", number + 1))
        };
        let question: Question = serde_json::from_str(&line)
            .map_err(|error| place(without_quotations(&error.to_string())))?;
        let kind = question.kind.parse().map_err(place)?;
        ask(kind, &question.key, true, out)?;
        out.flush()?;
    }
    Ok(())
}
