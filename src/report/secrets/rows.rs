//! The rows of the list, from a project in which every question is settled.

use std::path::Path;

use super::{AskedEnvironment, CreatedBy, Row, Secrets, Unused};
use crate::model::{DeclaredName, relative};
use crate::report::escape::path_text;
use crate::resolve::{Environment, PrivateValues, Project, Request};

impl Secrets {
    /// Adds what `asked`, environments of `project`, are asked for, with paths as they are written from `here`; with
    /// what creates it, if `with_created`.
    ///
    /// Gives the requests that became [`Secrets::references`] and [`Secrets::implicit`], each with the number of its
    /// reference.
    pub fn add<'a>(
        &mut self,
        project: &'a Project,
        asked: &[&Environment],
        with_created: bool,
        here: &Path,
    ) -> [Vec<(usize, Request<'a>)>; 2] {
        let private = project.private_values();
        let first = self.environments.len();
        self.environments.extend(asked.iter().map(|environment| AskedEnvironment {
            project: None,
            name: environment.name.clone(),
            backend: environment.backend_name().map(|name| private.mask(name)),
            trouble: environment.why_nothing_is_asked().map(|reason| private.mask(&reason)),
        }));
        let start = self.next;
        let [mut references, mut implicit] = [Vec::new(), Vec::new()];
        for (requests, rows, kept) in [
            (project.requests(), &mut self.references, &mut references),
            (project.implicit_requests(), &mut self.implicit, &mut implicit),
        ] {
            for request in requests {
                let at = asked.iter().position(|it| std::ptr::eq(*it, request.environment));
                let Some(at) = at else { continue };
                let reference = start + request.reference;
                self.next = self.next.max(reference + 1);
                let created = with_created.then(|| project.declarations_of(&request)).flatten();
                let created = created.map(|found| created_by(project, &found, here));
                let row = row(project, &request, &private, here);
                rows.push(Row { reference, at: first + at, created, ..row });
                kept.push((reference, request));
            }
        }
        if asked.iter().any(|it| project.declared_names(it).next().is_some()) {
            self.unused.get_or_insert_default().extend(unused(project, asked, here));
        }
        [references, implicit]
    }
}

fn row(project: &Project, request: &Request<'_>, private: &PrivateValues, here: &Path) -> Row {
    let file = project.model.files.get(request.place.file);
    let position = file.position(request.place.span.start);
    Row {
        kind: request.kind,
        key: request.key.as_ref().map(|key| private.mask(key)),
        certainty: request.certainty,
        is_each: request.is_each,
        timing: request.timing,
        path: path_text(&relative(file.path(), here)),
        line: position.line,
        column: position.column,
        environment: request.environment.name.clone(),
        requested: request.asked.requested.iter().map(|name| private.mask(name)).collect(),
        reference: request.reference,
        created: None,
        at: 0,
        by: private.mask(request.by),
        why_not: request.asked.why_not.as_ref().map(|reason| private.mask(reason)),
    }
}

/// The places of what is declared, each once.
fn created_by(project: &Project, found: &[&DeclaredName], here: &Path) -> Vec<CreatedBy> {
    let mut places: Vec<CreatedBy> = found
        .iter()
        .map(|declared| {
            let (path, line) = place(project, declared, here);
            let (pattern, is_declared) = (!declared.is_exact(), declared.backend.is_none());
            CreatedBy { path, line, pattern, is_declared }
        })
        .collect();
    places.sort();
    places.dedup();
    places
}

/// What exists in some of the `asked` environments, and is asked for nowhere.
fn unused(project: &Project, asked: &[&Environment], here: &Path) -> Vec<Unused> {
    let mut found: Vec<Unused> = Vec::new();
    for declared in &project.model.declared.names {
        let environments = project.environments_of(declared);
        let environments: Vec<String> = environments
            .filter(|it| asked.iter().any(|asked| std::ptr::eq(*asked, *it)))
            .map(|it| it.name.clone())
            .collect();
        let Some(name) = declared.shown().filter(|_| !environments.is_empty()) else { continue };
        if project.is_unused(declared) {
            let (path, line) = place(project, declared, here);
            let unused = Unused { name: name.to_owned(), environments, path, line };
            if !found.contains(&unused) {
                found.push(unused);
            }
        }
    }
    found
}

/// The file and the line of `declared`.
fn place(project: &Project, declared: &DeclaredName, here: &Path) -> (String, usize) {
    let file = project.model.files.get(declared.place.file);
    let line = file.position(declared.place.span.start).line;
    (path_text(&relative(file.path(), here)), line)
}
