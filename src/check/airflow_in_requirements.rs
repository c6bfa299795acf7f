//! See `rules/airflow-in-requirements.md`.

use super::{Finding, Group, Level, Rule};
use crate::facts::runtime::Family;
use crate::model::Fit;
use crate::resolve::Project;

pub(super) static RULE: Rule = Rule {
    id: "airflow-in-requirements",
    level: Level::Warning,
    group: Group::Provider,
    summary: "`requirements.txt` asks for Airflow, which the Runtime image brings",
    since: "0.1.0",
    fix: None,
    page: include_str!("../../rules/airflow-in-requirements.md"),
    check,
};

fn check(project: &Project, findings: &mut Vec<Finding>) {
    let model = &project.model;
    let Some((image, from)) = model.dockerfile().and_then(|file| file.image.as_ref()) else {
        return;
    };
    let runtime = matches!(image.family, Family::AstroRuntime | Family::Runtime);
    if !runtime || !model.versions.requirements_are_installed {
        return;
    }
    let Some(asked) = model.airflow_requirement() else { return };
    let held = model.versions.airflow_of_image().describe();
    let (tag, written) = (image.short(), &asked.written);
    let message = match asked.fit {
        Fit::Replaces => format!("`{written}` replaces the Airflow of `{tag}`, which is {held}"),
        _ => format!("`{written}` is asked for, though `{tag}` brings Airflow"),
    };
    let finding = Finding::new(&RULE, asked.place, message)
        .label("the tag of the image decides")
        .related(*from, format!("brings Airflow {held}"));
    let mut finding = match asked.fit {
        Fit::Any => finding.at_most(Level::Info).note("pip finds Airflow installed and leaves it: the line has no effect"),
        Fit::Keeps => finding.note("pip leaves the Airflow of the image while it fits; with the next image the line puts this version over the newer one, or stops the build"),
        Fit::Perhaps => finding.note("unless the image holds exactly this, pip uninstalls its Airflow and installs this one, without what the Runtime adds to it"),
        Fit::Replaces => finding.note("pip uninstalls the Airflow of the image and installs this one: without what the Runtime adds to it, and beside providers made for the other"),
    };
    if asked.refused_by_build && image.family == Family::AstroRuntime {
        finding = finding.note("the build step of Runtime images (seen in 9.6.0) stops at such a line and asks to change the base image instead");
    }
    findings.push(finding.help(
        "delete the line; to change the version of Airflow, change the tag in the Dockerfile",
    ));
}
