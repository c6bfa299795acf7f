//! See `rules/runtime-unsupported.md`.

use super::{Finding, Group, Level, Rule};
use crate::facts::releases;
use crate::facts::runtime::{Family, Image, TagDoubt};
use crate::model::Place;
use crate::resolve::Project;

pub(super) static RULE: Rule = Rule {
    id: "runtime-unsupported",
    level: Level::Warning,
    group: Group::Provider,
    summary: "The image was withdrawn, cannot exist, installs nothing, or is no longer maintained",
    since: "0.1.0",
    fix: None,
    page: include_str!("../../rules/runtime-unsupported.md"),
    check,
};

fn check(project: &Project, findings: &mut Vec<Finding>) {
    for dockerfile in &project.model.dockerfiles {
        let Some((image, place)) = &dockerfile.image else { continue };
        if let Some(fault) = impossible(image) {
            let message = format!("`{}` is no Runtime image: {fault}", image.short());
            findings.push(
                Finding::new(&RULE, *place, message)
                    .label("no such tag")
                    .note("the build stops at `FROM`, or takes another image than is meant")
                    .help("take a tag from the release notes: `astro-runtime:12.8.0` holds Airflow 2.10, `runtime:3.1-4` Airflow 3.1"),
            );
            continue;
        }
        findings.extend(withdrawn(image, *place).or_else(|| ended(image, *place)));
    }
    findings.extend(installs_nothing(project));
}

/// Why an image with this tag cannot exist. Silent for mirrors, which may hold anything, and for
/// tags that are only unusual.
fn impossible(image: &Image) -> Option<&'static str> {
    if !image.is_official() || image.digest || image.reference.contains('$') {
        return None;
    }
    image.doubts().into_iter().find_map(|doubt| match doubt {
        TagDoubt::OldFormatInNewRepository => {
            Some("tags `X.Y.Z`, with Airflow 2, belong to `astro-runtime`")
        }
        TagDoubt::NewFormatInOldRepository => {
            Some("tags `X.Y-Z`, with Airflow 3, belong to `runtime`")
        }
        TagDoubt::FloatingInOldRepository => Some("`astro-runtime` has only tags `X.Y.Z`"),
        TagDoubt::SlimTooEarly => Some("`-slim` exists from Runtime 11 on"),
        TagDoubt::SlimOnAirflow3 => Some("Runtimes with Airflow 3 have no `-slim`"),
        TagDoubt::PythonTooEarly => Some("`-python-` exists from Runtime 9 on"),
        TagDoubt::UnknownLine => Some("there is no such Runtime line"),
        TagDoubt::NoVersion if !matches!(image.tag_text(), "" | "latest") => {
            Some("its tag does not begin with a version")
        }
        TagDoubt::NoVersion | TagDoubt::UnknownSuffix => None,
    })
}

fn withdrawn(image: &Image, place: Place) -> Option<Finding> {
    let why = image.yanked()?;
    Some(
        Finding::new(&RULE, place, format!("`{}` was withdrawn: {why}", image.short()))
            .label("a withdrawn release")
            .note("Astronomer advises against running it; the Astro CLI warns when it is deployed")
            .help("take the newest release of the same line, or a newer line"),
    )
}

/// The end of maintenance, measured against the day of the data and not the clock: the same project
/// has the same findings tomorrow.
fn ended(image: &Image, place: Place) -> Option<Finding> {
    let month = image.end_of_maintenance()?;
    let known = releases::extracted().get(..month.len())?;
    (month < known).then(|| {
        let message = format!("maintenance of `{}` ended with {month}", image.short());
        Finding::new(&RULE, place, message)
            .at_most(Level::Info)
            .label("no longer maintained")
            .note("it gets neither security fixes nor newer providers")
            .help("move to a line that is maintained")
    })
}

/// A `-base` image, whose build does not install the project's requirements.
fn installs_nothing(project: &Project) -> Option<Finding> {
    let model = &project.model;
    let (image, place) = model.dockerfile()?.image.as_ref()?;
    let runtime = matches!(image.family, Family::AstroRuntime | Family::Runtime);
    if !runtime || !image.base || model.versions.requirements_are_installed {
        return None;
    }
    let first = model.requirements.as_ref()?.entries.first()?;
    let message = format!("`{}` does not install `requirements.txt`, and nothing else does", image.short());
    Some(
        Finding::new(&RULE, *place, message)
            .label("`-base`: without build steps")
            .related(first.place, "is not installed")
            .note("`-base` images have no ONBUILD steps: neither `requirements.txt` nor `packages.txt` nor the Dags are copied into the image unless the Dockerfile does it")
            .help("leave `-base` out of the tag, or add `COPY requirements.txt .` and `RUN /usr/local/bin/install-python-dependencies`"),
    )
}
