//! See `rules/file-unreadable.md`.

use super::{Finding, Group, Level, Rule};
use crate::model::{AirflowCfg, FileKind, Place, Problem, ProblemKind, variable_name};
use crate::read::dockerfile::Details;
use crate::resolve::Project;
use crate::read::python::Foreign;
use crate::text::Span;

pub(super) static RULE: Rule = Rule {
    id: "file-unreadable",
    level: Level::Error,
    group: Group::Files,
    summary: "A file, or a part of it, that could not be read as meant",
    since: "0.1.0",
    fix: None,
    page: include_str!("../../rules/file-unreadable.md"),
    check,
};

fn check(project: &Project, findings: &mut Vec<Finding>) {
    findings.extend(project.model.problems.iter().filter_map(|problem| of_problem(project, problem)));
    findings.extend(links(&project.model.problems));
    airflow_cfg(project, findings);
    dockerfiles(project, findings);
}

fn of_problem(project: &Project, problem: &Problem) -> Option<Finding> {
    let finding = |message: String| warning(problem.place, message);
    let kind = project.model.files.get(problem.place.file).kind();
    let may_be_data = matches!(kind, FileKind::Template | FileKind::Data);
    match &problem.kind {
        ProblemKind::Unreadable(why) => Some(
            finding(format!("this file was not read: {why}"))
                .at_most(if may_be_data || why.is_ours() { Level::Info } else { Level::Warning })
                .note("whatever it sets, asks for or ignores is missing from everything else that is said here"),
        ),
        ProblemKind::Part(why) => Some(
            finding(format!("from here on this was not read: {why}"))
                .at_most(if is_loaded_whole(kind) { Level::Warning } else { Level::Info })
                .note("what it declares is missing from everything else that is said here"),
        ),
        ProblemKind::Skipped(why) => Some(finding(format!("this path was {why}"))),
        ProblemKind::Syntax(why) => Some(
            finding(format!("syntax error: {why}"))
                .at_most(Level::Info)
                .note("what follows is read as far as it makes sense; Airflow does not import the file at all"),
        ),
        ProblemKind::Foreign(what) => Some(
            finding(match what {
                Foreign::Python2 => "this file is Python 2".to_owned(),
                Foreign::Template => "this file is a template of Python code".to_owned(),
            })
            .at_most(Level::Info)
            .label(match what {
                Foreign::Python2 => "no Python 3",
                Foreign::Template => "to be filled in by another program",
            })
            .note("no Airflow from 2.0.0 on imports it; it is read as far as it makes sense"),
        ),
        ProblemKind::TooDeep(why) => Some(
            finding(format!("this file was not parsed: {why}"))
                .at_most(Level::Info)
                .note("Python itself refuses such a file"),
        ),
        ProblemKind::LinkLeaves => None,
    }
}

/// Whether what loads files of this kind loads nothing of one that is broken: the Astro CLI, which says nothing, docker
/// compose, CI systems. Others may be filled in before anything loads them.
const fn is_loaded_whole(kind: FileKind) -> bool {
    matches!(kind, FileKind::SettingsFile | FileKind::ComposeOverride | FileKind::Workflow)
}

/// All links that lead out of the tree, in one finding.
fn links(problems: &[Problem]) -> Option<Finding> {
    let mut links = problems.iter().filter(|problem| matches!(problem.kind, ProblemKind::LinkLeaves));
    let first = links.next()?;
    let more = links.clone().count();
    let message = match more {
        0 => "this link leads out of the scanned directory and was not followed".to_owned(),
        1 => "this link and one more lead out of the scanned directory and were not followed".to_owned(),
        _ => format!("this link and {more} others lead out of the scanned directory and were not followed"),
    };
    let finding = warning(first.place, message)
        .at_most(Level::Info)
        .note("astrolint reads nothing outside of what it was told to check");
    Some(links.take(8).fold(finding, |finding, link| finding.related(link.place, "not followed either")))
}

/// `.dockerignore` usually keeps the file out of the image, so it is not certain that Airflow reads it.
fn airflow_cfg(project: &Project, findings: &mut Vec<Finding>) {
    let Some(cfg) = &project.model.cfg else { return };
    if let Some(error) = cfg.document.load_error() {
        findings.push(
            warning(Place::new(cfg.file, error.span), format!("Airflow cannot load this file: {error}"))
                .note("no component of Airflow starts where it finds this file in `AIRFLOW_HOME`"),
        );
        return;
    }
    findings.extend(cfg.document.sections.iter().flat_map(|section| {
        let options = section.entries.iter().filter_map(|entry| Some((entry, entry.value.as_ref().err()?)));
        options.map(|(entry, error)| {
            let option = &entry.key.node;
            let place = Place::new(cfg.file, error.span);
            let message = format!("the value of `{option}` cannot be read: {error}");
            let finding = if is_asked_at_start(project, cfg, &section.name.node, option) {
                Finding::new(&RULE, place, message)
                    .note("Airflow asks for this option when it starts, and ends with an AirflowConfigException")
            } else {
                warning(place, message)
                    .note("Airflow raises an AirflowConfigException when something asks for this option")
            };
            finding.help("write `%%` for a percent sign")
        })
    }));
}

/// Whether Airflow needs the option of the file to find its backend: no variable replaces it in some
/// environment, and for the kwargs there is a class.
fn is_asked_at_start(project: &Project, cfg: &AirflowCfg, section: &str, option: &str) -> bool {
    let class_is_broken = || cfg.document.get("secrets", "backend").is_some_and(|entry| entry.value.is_err());
    section == "secrets"
        && project.environments.iter().any(|environment| {
            environment.settings.get(&variable_name(section, option)).is_none()
                && match option {
                    "backend" => true,
                    "backend_kwargs" => environment.server.class.is_some() && !class_is_broken(),
                    _ => false,
                }
        })
}

/// The first error of a Dockerfile that is not one of an `ENV`, which has a rule of its own.
fn dockerfiles(project: &Project, findings: &mut Vec<Finding>) {
    for dockerfile in &project.model.dockerfiles {
        let document = &dockerfile.document;
        let Some(error) = document.errors.first() else { continue };
        let mut settings = document
            .instructions
            .iter()
            .filter(|instruction| matches!(instruction.details, Details::Env(_)));
        if settings.any(|instruction| instruction.span.contains(error.span)) {
            continue;
        }
        let end = project.model.files.get(dockerfile.file).text().len();
        let span = Span::new(error.span.start, error.span.end.min(end));
        findings.push(
            warning(Place::new(dockerfile.file, span), format!("this Dockerfile does not build: {error}"))
                .note("astrolint reads on behind it, Docker does not"),
        );
    }
}

/// What is missing from everything else, but stops nothing for certain.
fn warning(place: Place, message: String) -> Finding {
    Finding::new(&RULE, place, message).at_most(Level::Warning)
}
