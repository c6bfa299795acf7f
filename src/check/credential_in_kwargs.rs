//! See `rules/credential-in-kwargs.md`.

use super::{Finding, Group, Level, Rule};
use crate::facts;
use crate::model::{Origin, Setting, Tracked};
use crate::resolve::{Configured, Kwarg, Project};

pub(super) static RULE: Rule = Rule {
    id: "credential-in-kwargs",
    level: Level::Error,
    group: Group::Leaks,
    summary: "The backend's kwargs hold a credential in plain text",
    since: "0.1.0",
    fix: None,
    page: include_str!("../../rules/credential-in-kwargs.md"),
    check,
};

fn check(project: &Project, findings: &mut Vec<Finding>) {
    for environment in project.environments.iter().filter(|environment| !environment.template) {
        for configured in [&environment.server, &environment.worker] {
            let members = configured.kwargs.members().iter().filter(|kwarg| !kwarg.overridden);
            let held: Vec<_> = members.filter_map(holding).collect();
            if let Some(setting) = &configured.kwargs_setting {
                findings.extend(finding(project, configured, setting, &held).map(|it| it.in_environment(&environment.name)));
            }
            for kwarg in &configured.own_variables {
                let setting = environment.settings.iter().find(|it| it.key_place() == kwarg.name_place);
                let held: Vec<_> = holding(kwarg).into_iter().collect();
                if let Some(setting) = setting {
                    findings.extend(finding(project, configured, setting, &held).map(|it| it.in_environment(&environment.name)));
                }
            }
        }
    }
}

fn holding(kwarg: &Kwarg) -> Option<(&Kwarg, &'static str)> {
    Some((kwarg, kwarg.credential()?))
}

fn finding(
    project: &Project,
    configured: &Configured,
    setting: &Setting,
    held: &[(&Kwarg, &'static str)],
) -> Option<Finding> {
    let ((first, what), others) = held.split_first()?;
    let in_image = setting.origin == Origin::Dockerfile;
    let tracked = project.model.tracked(setting.file) == Tracked::Yes;
    let (level, for_whom) = match (in_image, tracked) {
        (true, _) => (Level::Error, ", in the image"),
        (_, true) => (Level::Error, ", in a file that git tracks"),
        _ => (Level::Warning, ""),
    };
    let name = first.shown_name();
    let message = match others {
        [] => format!("the backend's kwargs hold {what} in plain text: `{name}`{for_whom}"),
        [(other, _)] => format!(
            "the backend's kwargs hold credentials in plain text: `{name}` and `{}`{for_whom}",
            other.shown_name()
        ),
        _ => format!(
            "the backend's kwargs hold credentials in plain text: `{name}` and {} more{for_whom}",
            others.len()
        ),
    };
    let package = configured.backend().map(|backend| backend.package.as_str());
    let instead = package.and_then(|package| facts::credentials().instead(package));
    let advice = instead.unwrap_or("let the platform give the backend an identity, and take the credential out of the kwargs");
    let mut finding = Finding::new(&RULE, first.value_place, message)
        .at_most(level)
        .label(*what)
        .note("it opens every secret that the backend can read, to whoever sees this setting")
        .help(advice);
    for (kwarg, what) in others {
        finding = finding.related(kwarg.value_place, *what);
    }
    Some(finding)
}
