//! See `rules/kwarg-missing.md`.

use super::{Finding, Group, Level, Rule};
use crate::facts::Effect;
use crate::model::{Setting, variable_name};
use crate::resolve::{
    Cause, Configured, Environment, FaultInUse, Kwarg, Project, Unmet, half_credentials_in, unmet,
};

pub(super) static RULE: Rule = Rule {
    id: "kwarg-missing",
    level: Level::Error,
    group: Group::Backend,
    summary: "A keyword of the backend's kwargs is no use without another one",
    since: "0.1.0",
    fix: None,
    page: include_str!("../../rules/kwarg-missing.md"),
    check,
};

fn check(project: &Project, findings: &mut Vec<Finding>) {
    for (environment, configured) in project.backends() {
        let Some(backend) = configured.backend() else { continue };
        let keywords = environment.keywords(configured);
        let is_unreadable = kwargs_are_unreadable(project, configured);
        let mut said = None;
        for unmet in unmet(backend, &keywords, &environment.settings) {
            if said.replace(unmet.kwarg.name_place) != Some(unmet.kwarg.name_place) {
                findings.extend(needed(environment, configured, &unmet));
            }
        }
        if !is_unreadable {
            let faults = environment.faults(configured);
            let missing = |fault| of_class(environment, configured, &keywords, fault);
            findings.extend(faults.iter().filter_map(missing));
            findings.extend(project_of_credentials(environment, configured));
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

/// Whether kwargs stand beside the class in a line that gives no setting.
pub(super) fn kwargs_are_unreadable(project: &Project, configured: &Configured) -> bool {
    let section = configured.section;
    let name = variable_name(section.name(), section.kwargs_option());
    let class = configured.class.as_ref();
    configured.kwargs_setting.is_none()
        && class.is_some_and(|class| project.model.is_written_in(class.setting.file, &name))
}

/// A keyword that the class cannot do without.
fn of_class(
    environment: &Environment,
    configured: &Configured,
    keywords: &[&Kwarg],
    fault: &FaultInUse,
) -> Option<Finding> {
    let Cause::Missing { keywords: missing, or_setting, because_of } = &fault.fault.cause else {
        return None;
    };
    if environment.may_have_keyword(configured, missing) {
        return None;
    }
    let given = |name: &str| keywords.iter().find(|kwarg| kwarg.name == name);
    let empty = missing.iter().find_map(|name| given(name));
    let place = empty
        .or_else(|| because_of.and_then(given))
        .map(|kwarg| kwarg.value_place)
        .or_else(|| configured.kwargs_setting.as_ref().map(Setting::key_place))
        .or_else(|| Some(configured.class.as_ref()?.setting.value_place()))?;
    let wanted: Vec<_> = missing.iter().map(|name| format!("`{name}`")).collect();
    let wanted = wanted.join(" or ");
    let mut finding = Finding::new(
        &RULE,
        place,
        format!("{}: {}", fault.fault.what, fault.consequence()),
    )
    .at_most(if fault.always { Level::Error } else { Level::Warning })
    .in_environment(&environment.name)
    .label(format!("needs {wanted}"));
    if !fault.fault.exception.is_empty() {
        finding = finding.note(fault.raised());
    }
    if let Some(when) = fault.when(configured) {
        finding = finding.note(format!("so it is {when}, which may be installed"));
    }
    if environment.template {
        finding = finding.at_most(Level::Info);
    }
    Some(finding.help(match or_setting {
        Some(setting) => format!("add {wanted} to the kwargs, or set `{setting}`"),
        None => format!("add {wanted} to the kwargs"),
    }))
}

/// The project of Google's that is asked, where nothing in the files names it.
fn project_of_credentials(environment: &Environment, configured: &Configured) -> Option<Finding> {
    let setting = configured.kwargs_setting.as_ref();
    let class = &configured.class.as_ref()?.setting;
    if !environment.leaves_project_to_credentials(configured)
        || environment.may_have_keyword(configured, &["project_id"])
        || environment.keywords(configured).iter().any(|kwarg| kwarg.name == "project_id" && kwarg.is_truthy())
    {
        return None;
    }
    Some(
        Finding::new(
            &RULE,
            setting.map_or_else(|| class.value_place(), Setting::key_place),
            "`project_id` is not given: the project that the credentials name is asked",
        )
        .at_most(Level::Info)
        .in_environment(&environment.name)
        .label("no project")
        .note("where the credentials name none, google 22.0.0 and later do not start (ValueError), and earlier versions fail every lookup")
        .help("add `project_id` to the kwargs"),
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
    let certain = !environment.has_outside_sources && !given;
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
