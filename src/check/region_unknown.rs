//! See `rules/region-unknown.md`.

use super::{Finding, Group, Level, Rule, nearest};
use crate::facts::aws;
use crate::model::Place;
use crate::resolve::{Configured, Environment, Project, Region, is_host_label};

pub(super) static RULE: Rule = Rule {
    id: "region-unknown",
    level: Level::Warning,
    group: Group::Backend,
    summary: "The region that the backend asks is no AWS region",
    since: "0.1.0",
    fix: None,
    page: include_str!("../../rules/region-unknown.md"),
    check,
};

fn check(project: &Project, findings: &mut Vec<Finding>) {
    for (environment, configured) in project.backends() {
        if has_own_endpoint(environment, configured) {
            continue;
        }
        let found = match environment.aws_region(configured) {
            Some(Region::Keyword(kwarg)) => kwarg
                .plain()
                .filter(|_| kwarg.placeholders().is_empty() && kwarg.unexpanded().is_empty())
                // JSON in a variable of its own is another rule's: the quotes are the fault.
                .filter(|_| !kwarg.own_variable || kwarg.json_in_text().is_none())
                .and_then(|region| finding("region_name", kwarg.value_place, region)),
            Some(Region::Setting(setting)) => setting
                .shown()
                .filter(|region| setting.placeholders().is_empty() && !region.contains(['$', '{']))
                .and_then(|region| finding(&setting.key, setting.value_place(), region)),
            _ => None,
        };
        findings.extend(found.map(|found| found.in_environment(&environment.name)));
    }
}

/// An emulator or proxy takes any region.
fn has_own_endpoint(environment: &Environment, configured: &Configured) -> bool {
    let keywords = environment.keywords(configured);
    keywords.iter().any(|kwarg| ["endpoint_url", "host"].contains(&&*kwarg.name) && kwarg.is_truthy())
        || environment.settings.starting_with("AWS_ENDPOINT_URL").next().is_some()
}

fn finding(name: &str, place: Place, region: &str) -> Option<Finding> {
    if aws().regions().any(|known| known == region) {
        return None;
    }
    let finding = if region.is_empty() {
        Finding::new(&RULE, place, format!("`{name}` is empty, which is no region"))
            .note("it depends on the version of the provider whether another setting takes its place")
    } else if is_host_label(region) {
        Finding::new(&RULE, place, format!("`{name}` is `{region}`, which is no AWS region"))
            .note("the client connects to a host of that region, which hardly exists, so every lookup fails")
    } else {
        Finding::new(&RULE, place, format!("`{name}` is `{region}`, which cannot be a region: every lookup fails"))
            .note("boto3 refuses it: letters, digits and single hyphens inside make a region")
    };
    let finding = finding.label("unknown");
    Some(match near(region) {
        Some(near) => finding.help(format!("write `{near}`")),
        None => finding.help("write the region in which the secrets are, such as `eu-west-1`"),
    })
}

fn near(region: &str) -> Option<&'static str> {
    let plain = region.trim().to_lowercase().replace(['_', ' '], "-");
    // `eu-west-1a` is an availability zone of `eu-west-1`.
    let zone = aws().regions().find(|known| {
        plain.strip_prefix(known).is_some_and(|rest| rest.len() <= 1)
    });
    zone.or_else(|| nearest(&plain, aws().regions()))
}
