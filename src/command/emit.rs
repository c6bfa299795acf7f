//! `astrolint secrets --emit`.

use std::path::Path;

use super::output::say;
use super::{Exit, Failure, print};
use crate::cli::{EmitForm, SecretsArgs};
use crate::report::emit::{Form, Plan, Secret, emit};
use crate::report::escape::path_text;
use crate::resolve::{Access, Project, ToCreate, WhatIf};
use crate::{ConfigSource, Request, for_each_project, relative};

pub(super) fn run(arguments: &SecretsArgs, form: EmitForm) -> Result<Exit, Failure> {
    let form = form.form();
    let request = Request {
        paths: arguments.paths.clone(),
        config: ConfigSource::of(arguments.config.as_deref(), arguments.isolated),
        include_tests: arguments.include_tests,
        ..Request::default()
    };
    let here = std::env::current_dir()?.canonicalize()?;
    let mut found = Found::default();
    let failed = for_each_project(&request, &WhatIf::default(), |project, _| {
        found.add(&project, arguments, form, &here);
    })?;
    for said in failed.iter().map(ToString::to_string).chain(found.said.iter().cloned()) {
        say(&format!("astrolint: {said}"));
    }
    let plan = found.only(arguments.environment.as_deref(), form)?;
    let emitted = emit(form, &plan);
    print(emitted.text.as_bytes())?;
    for note in emitted.notes {
        say(&format!("astrolint: {note}"));
    }
    Ok(if failed.is_empty() { Exit::Clean } else { Exit::Unusable })
}

/// What the environments of all projects need.
#[derive(Default)]
struct Found {
    /// What those need that the form is for; what several need alike, once.
    plans: Vec<Plan>,
    /// Environments with other backends, in words.
    others: Vec<String>,
    /// The names of all environments.
    environments: Vec<String>,
    said: Vec<String>,
}

impl Found {
    fn add(&mut self, project: &Project, arguments: &SecretsArgs, form: Form, here: &Path) {
        for environment in &project.environments {
            self.environments.push(environment.name.clone());
            if arguments.environment.as_ref().is_some_and(|name| *name != environment.name) {
                continue;
            }
            if let Some(reason) = environment.why_nothing_is_asked() {
                let reason = project.private_values().mask(&reason);
                self.said.push(format!("environment `{}`: {reason}", environment.name));
                continue;
            }
            for access in project.access(environment) {
                let forms = Form::of_backend(&access.backend.id);
                if forms.contains(&form) {
                    let plan = plan(project, &access, here);
                    if plan.secrets.is_empty() {
                        self.others.push(no_names(project, &access));
                    } else {
                        self.add_plan(plan);
                    }
                    continue;
                }
                let names: Vec<_> =
                    forms.iter().map(|it| format!("`--emit {}`", it.name())).collect();
                let fitting = if names.is_empty() {
                    "of which no form is known".to_owned()
                } else {
                    format!("for which there are {}", names.join(", "))
                };
                let class = access.backend.class_name();
                self.others
                    .push(format!("environment `{}` asks {class}, {fitting}", environment.name));
            }
        }
    }

    fn add_plan(&mut self, plan: Plan) {
        let alike = |known: &&mut Plan| {
            Plan { environments: known.environments.clone(), ..plan.clone() } == **known
        };
        match self.plans.iter_mut().find(alike) {
            Some(known) => known.environments.extend(plan.environments),
            None => self.plans.push(plan),
        }
    }

    /// The one plan that is asked for: what environments need differently is not mixed.
    fn only(mut self, name: Option<&str>, form: Form) -> Result<Plan, Failure> {
        if let Some(name) = name.filter(|name| !self.environments.iter().any(|it| it == name)) {
            let names: Vec<_> = self.environments.iter().map(|it| format!("`{it}`")).collect();
            let message =
                format!("there is no environment `{name}`; there are {}", names.join(", "));
            return Err(Failure::new(message));
        }
        if self.plans.len() > 1 {
            let names = self.plans.iter().flat_map(|plan| &plan.environments);
            let names: Vec<_> = names.map(|name| format!("`{name}`")).collect();
            return Err(Failure::new(format!(
                "{} need different things: choose one with `--environment`",
                names.join(", ")
            )));
        }
        self.plans.pop().ok_or_else(|| {
            let why = if self.others.is_empty() {
                "no environment asks a secrets backend for anything".to_owned()
            } else {
                self.others.join("; ")
            };
            Failure::new(format!("nothing for `--emit {}`: {why}", form.name()))
        })
    }
}

/// Why nothing can be printed for what an environment needs.
fn no_names(project: &Project, access: &Access<'_>) -> String {
    let why = access.why_not.as_deref().map(|reason| project.private_values().mask(reason));
    let why = why.unwrap_or_else(|| "only run time tells which".to_owned());
    format!("no name that environment `{}` asks for is known: {why}", access.environment.name)
}

fn plan(project: &Project, access: &Access<'_>, here: &Path) -> Plan {
    let files = &project.model.files;
    let place_text = |place: &crate::model::Place| {
        let file = files.get(place.file);
        let line = file.position(place.span.start).line;
        format!("{}:{line}", path_text(&relative(file.path(), here)))
    };
    let secrets = access.secrets.iter().map(|needed| {
        let mut asked_by: Vec<String> = needed.places.iter().map(place_text).collect();
        asked_by.dedup();
        let created_by = match &needed.creation {
            ToCreate::Created(place) => Some(place_text(place)),
            _ => None,
        };
        Secret {
            name: needed.name.clone(),
            kind: needed.kind,
            is_glob: needed.is_glob,
            asked_by,
            creation: needed.creation,
            created_by,
        }
    });
    Plan {
        environments: vec![access.environment.name.clone()],
        backend: &access.backend.id,
        class: access.backend.class_name().to_owned(),
        location: access.location.clone(),
        secrets: secrets.collect(),
        keys: access.keys.iter().map(|key| (key.id.clone(), place_text(&key.place))).collect(),
        dynamic: access.dynamic,
        left_out: access.left_out,
    }
}
