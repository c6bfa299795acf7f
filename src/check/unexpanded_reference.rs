//! See `rules/unexpanded-reference.md`.

use super::{Finding, Group, Level, Rule};
use crate::facts::is_set_by_platform;
use crate::model::{Kind, Origin, Place, Setting};
use crate::resolve::{Configured, Environment, Kwarg, Project, Section, Syntax, unexpanded_in};

pub(super) static RULE: Rule = Rule {
    id: "unexpanded-reference",
    level: Level::Error,
    group: Group::Backend,
    summary: "A setting of the backend holds `${NAME}` or its like, which nothing expands there",
    since: "0.1.0",
    fix: None,
    page: include_str!("../../rules/unexpanded-reference.md"),
    check,
};

fn check(project: &Project, findings: &mut Vec<Finding>) {
    for (environment, configured) in project.backends() {
        let origin = configured.kwargs_setting.as_ref().map(|setting| setting.origin);
        for kwarg in environment.keywords(configured) {
            for (place, shown, syntax) in kwarg.unexpanded() {
                let Some(level) = level(environment, kwarg, origin, syntax) else { continue };
                let what = Held { place, shown, syntax, level };
                let asked = asked(environment, configured, kwarg);
                findings.push(what.finding(kwarg.shown_name(), asked, environment));
            }
        }
        if configured.backend().is_some_and(|backend| backend.id.starts_with("aws_")) {
            for setting in environment.settings.starting_with("AWS_") {
                in_setting(environment, setting, findings);
            }
        }
    }
}

/// How bad it is; `None` where the reference is probably expanded.
fn level(
    environment: &Environment,
    kwarg: &Kwarg,
    origin: Option<Origin>,
    syntax: Syntax<'_>,
) -> Option<Level> {
    if origin == Some(Origin::EnvTemplate) {
        return Some(Level::Info);
    }
    match syntax {
        // Airflow expands the JSON, but no variable that holds one keyword.
        Syntax::Variable(_) if kwarg.own_variable => Some(Level::Error),
        Syntax::Variable(name) if is_set_by_platform(name) => None,
        Syntax::Variable(_) => {
            let only_here = matches!(origin, Some(Origin::EnvFile | Origin::CommandLine));
            let certain = only_here && !environment.has_outside_sources;
            Some(if certain { Level::Error } else { Level::Warning })
        }
        // Somebody may fill in the file by hand.
        _ if origin == Some(Origin::DeploymentFile) => Some(Level::Warning),
        _ => Some(Level::Error),
    }
}

/// boto3 takes its variables as they are.
fn in_setting(environment: &Environment, setting: &Setting, findings: &mut Vec<Finding>) {
    for (place, shown, syntax) in unexpanded_in(setting) {
        let template = setting.origin == Origin::EnvTemplate;
        let level = if template { Level::Info } else { Level::Error };
        let what = Held { place, shown, syntax, level };
        findings.push(what.finding(&setting.key, None, environment));
    }
}

/// The name that is asked for because of it, for the prefix of a kind.
fn asked(environment: &Environment, configured: &Configured, kwarg: &Kwarg) -> Option<String> {
    let kind = Kind::ALL.into_iter().find(|kind| {
        configured.prefix(*kind).is_some_and(|prefix| prefix.name == kwarg.name)
    })?;
    (configured.section == Section::Secrets).then_some(())?;
    environment.name(kind, "<key>")
}

struct Held<'a> {
    place: Place,
    shown: Option<&'a str>,
    syntax: Syntax<'a>,
    level: Level,
}

impl Held<'_> {
    fn finding(&self, name: &str, asked: Option<String>, environment: &Environment) -> Finding {
        let reference =
            self.shown.map_or_else(|| "a reference".to_owned(), |text| format!("`{text}`"));
        let variable = match self.syntax {
            Syntax::Variable(variable) if self.shown.is_some() => Some(variable),
            _ => None,
        };
        let message = match (variable, self.level) {
            (Some(variable), Level::Warning) => format!(
                "`{name}` holds {reference}, which stays as it is unless `{variable}` is set for Airflow"
            ),
            _ => match &asked {
                Some(asked) => {
                    format!("nothing expands {reference} in `{name}`: Airflow asks for `{asked}`")
                }
                None => format!("nothing expands {reference} in `{name}`"),
            },
        };
        let mut finding = Finding::new(&RULE, self.place, message)
            .at_most(self.level)
            .in_environment(&environment.name)
            .label("not expanded")
            .note(self.why(variable));
        if let Some(asked) = asked.filter(|_| self.level == Level::Warning) {
            finding = finding.note(format!("without it, Airflow asks for `{asked}`"));
        }
        let set = variable.map(|variable| format!(", or set `{variable}` in the same environment"));
        finding.help(format!("write the value itself{}", set.unwrap_or_default()))
    }

    fn why(&self, variable: Option<&str>) -> String {
        match (self.syntax, variable) {
            (Syntax::Variable(_), Some(variable)) => format!(
                "Airflow expands the JSON of its kwargs from its own environment, in which no file sets `{variable}`"
            ),
            (syntax, _) => format!(
                "it is a reference for {}, which never sees this value",
                syntax.expanded_by()
            ),
        }
    }
}
