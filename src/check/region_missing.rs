//! See `rules/region-missing.md`.

use super::kwarg_missing::kwargs_are_unreadable;
use super::{Finding, Group, Level, Rule};
use crate::model::Kind;
use crate::resolve::{Configured, Environment, Process, Project, Region, Section, State};

pub(super) static RULE: Rule = Rule {
    id: "region-missing",
    level: Level::Error,
    group: Group::Backend,
    summary: "No AWS region reaches the backend's client",
    since: "0.1.0",
    fix: None,
    page: include_str!("../../rules/region-missing.md"),
    check,
};

fn check(project: &Project, findings: &mut Vec<Finding>) {
    for (environment, configured) in project.backends() {
        let Some(region) = environment.aws_region(configured) else { continue };
        let finding = match region {
            Region::Missing => missing(environment, configured),
            Region::Elsewhere => only_a_hint(environment, configured),
            Region::Keyword(_) | Region::Setting(_) => None,
        };
        let unreadable = kwargs_are_unreadable(project, configured);
        let finding = finding.filter(|_| asks(environment, configured) && !unreadable);
        findings.extend(finding.map(|finding| finding.in_environment(&environment.name)));
    }
}

fn missing(environment: &Environment, configured: &Configured) -> Option<Finding> {
    if environment.may_have_keyword(configured, &["region_name"]) {
        return None;
    }
    if let Some(finding) = not_read(environment) {
        return Some(finding);
    }
    let class = configured.class.as_ref()?;
    let (setting, place) = match &configured.kwargs_setting {
        Some(kwargs) => (kwargs, kwargs.key_place()),
        None => (&class.setting, class.setting.key_place()),
    };
    Some(
        Finding::new(
            &RULE,
            place,
            "no AWS region reaches the backend: every lookup fails with NoRegionError",
        )
        .label("no region here, nor in `AWS_DEFAULT_REGION`")
        .note("Airflow logs the error, and goes on to environment variables and its database")
        .help(format!(
            "add `\"region_name\": \"<region>\"` to the kwargs beside `{}`, or set `AWS_DEFAULT_REGION`",
            setting.key
        )),
    )
}

/// The region that somebody set where boto3 does not look.
fn not_read(environment: &Environment) -> Option<Finding> {
    let setting = environment.settings.get("AWS_REGION")?;
    let region = setting.shown().filter(|region| !region.is_empty())?;
    Some(
        Finding::new(
            &RULE,
            setting.key_place(),
            "`AWS_REGION` is not read by boto3: no region reaches the backend",
        )
        .label("not read")
        .note("without `region_name`, `AWS_DEFAULT_REGION` or a profile every lookup fails with NoRegionError")
        .help(format!("write `AWS_DEFAULT_REGION={region}`")),
    )
}

/// A region may come from elsewhere, but here somebody believes to have set it.
fn only_a_hint(environment: &Environment, configured: &Configured) -> Option<Finding> {
    let names_a_source = ["AWS_DEFAULT_REGION", "AWS_PROFILE", "AWS_DEFAULT_PROFILE", "AWS_CONFIG_FILE"]
        .iter()
        .any(|key| environment.settings.get(key).is_some());
    let keywords = environment.keywords(configured);
    let keyword = keywords
        .iter()
        .any(|kwarg| ["region_name", "profile_name", "session_kwargs"].contains(&&*kwarg.name));
    let finding = not_read(environment).filter(|_| !names_a_source && !keyword)?;
    Some(finding.at_most(Level::Warning))
}

/// Whether the backend runs at every version and asks for some kind.
fn asks(environment: &Environment, configured: &Configured) -> bool {
    let process = match configured.section {
        Section::Secrets => Process::Server,
        Section::Workers => Process::Worker,
    };
    let variants = environment.variants_of(process);
    let running = variants.iter().any(|variant| matches!(variant.state, State::Running(_)));
    running
        && variants.iter().all(|variant| {
            Kind::ALL.iter().any(|kind| variant.state.name(*kind, "key").is_some())
                || !matches!(variant.state, State::Running(_))
        })
}
