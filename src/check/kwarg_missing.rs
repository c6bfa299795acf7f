//! See `rules/kwarg-missing.md`.

use super::{Finding, Group, Level, Rule};
use crate::facts::Effect;
use crate::resolve::{
    Configured, Environment, Kwarg, Project, Unmet, half_credentials_in, unmet,
};

pub(super) static RULE: Rule = Rule {
    id: "kwarg-missing",
    level: Level::Error,
    group: Group::Backend,
    summary: "A keyword of the backend's kwargs is no use without another one",
    since: "0.1.0",
    page: include_str!("../../rules/kwarg-missing.md"),
    check,
};

fn check(project: &Project, findings: &mut Vec<Finding>) {
    for (environment, configured) in project.backends() {
        let Some(backend) = configured.backend() else { continue };
        let keywords = environment.keywords(configured);
        for unmet in unmet(backend, &keywords, &environment.settings) {
            findings.extend(needed(environment, configured, &unmet));
        }
        for &kwarg in &keywords {
            findings.extend(never_read(environment, configured, &keywords, kwarg));
        }
        if backend.id.starts_with("aws_") {
            findings.extend(half_of_the_settings(environment, &keywords));
        }
    }
}

fn needed(environment: &Environment, configured: &Configured, unmet: &Unmet<'_>) -> Option<Finding> {
    let need = unmet.need;
    let effects = environment.effects(configured, &need.given)?;
    let everywhere = effects.used_where(|version| unmet.holds_at(version))?;
    let reads = [Effect::Used, Effect::Deprecated];
    let certain = everywhere && effects.all(&reads) && need.effect.fails();
    let given = match &need.is {
        Some(value) => format!("`{}` is `{value}`, but", need.given),
        None => format!("`{}` is given, but", need.given),
    };
    let missing: Vec<_> = need.needs.iter().map(|name| format!("`{name}`")).collect();
    let missing = missing.join(" or ");
    let consequence = match need.effect {
        Effect::StartupError => "Airflow does not start",
        Effect::LookupError => "every lookup fails",
        _ => "it has no effect",
    };
    let place = if need.is.is_some() { unmet.kwarg.value_place } else { unmet.kwarg.name_place };
    Some(
        Finding::new(&RULE, place, format!("{given} {missing} is not: {consequence}"))
            .at_most(if certain { Level::Error } else { Level::Warning })
            .in_environment(&environment.name)
            .label(format!("needs {missing}"))
            .note(need.why.clone())
            .help(format!("add {missing}, or remove `{}`", need.given)),
    )
}

/// A keyword that only counts beside another one, which is not there.
fn never_read(
    environment: &Environment,
    configured: &Configured,
    keywords: &[&Kwarg],
    kwarg: &Kwarg,
) -> Option<Finding> {
    let parameter = configured.backend()?.parameter(&kwarg.name).filter(|_| kwarg.is_truthy())?;
    let other = parameter.read_with.as_ref()?;
    let given = keywords.iter().any(|given| given.name == *other && given.is_truthy());
    environment.effects(configured, &kwarg.name)?.used_where(|_| true)?;
    let name = &parameter.name;
    let finding = Finding::new(
        &RULE,
        kwarg.name_place,
        format!("`{name}` is given, but `{other}` is not: nothing reads it"),
    );
    (!given).then(|| {
        finding
            .at_most(Level::Warning)
            .in_environment(&environment.name)
            .label(format!("needs `{other}`"))
            .help(format!("add `{other}`, or remove `{name}`"))
    })
}

/// `AWS_ACCESS_KEY_ID` alone: botocore stops there instead of asking the next source.
fn half_of_the_settings(environment: &Environment, keywords: &[&Kwarg]) -> Option<Finding> {
    let given = ["aws_access_key_id", "profile_name"]
        .iter()
        .any(|name| keywords.iter().any(|kwarg| kwarg.name == *name && kwarg.is_truthy()));
    let settings = &environment.settings;
    let certain = !environment.region_may_come_from_elsewhere && !given;
    let id = settings.get("AWS_ACCESS_KEY_ID").filter(|_| certain && half_credentials_in(settings))?;
    let message = "`AWS_ACCESS_KEY_ID` is set, but `AWS_SECRET_ACCESS_KEY` is not: every lookup fails";
    Some(
        Finding::new(&RULE, id.key_place(), message)
            .in_environment(&environment.name)
            .label("needs `AWS_SECRET_ACCESS_KEY`")
            .note("botocore raises PartialCredentialsError instead of asking the next source of credentials")
            .help("set `AWS_SECRET_ACCESS_KEY`, or remove `AWS_ACCESS_KEY_ID`"),
    )
}
