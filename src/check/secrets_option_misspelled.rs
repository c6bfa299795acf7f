//! See `rules/secrets-option-misspelled.md`.

use super::{Edit, Finding, Group, Level, Rule, Safety};
use crate::facts::airflow;
use crate::model::Origin;
use crate::resolve::{Environment, Misnamed, NameFault, Project};

pub(super) static RULE: Rule = Rule {
    id: "secrets-option-misspelled",
    level: Level::Error,
    group: Group::Backend,
    summary: "A setting is almost an option of the secrets backend, and so is never read",
    since: "0.1.0",
    fix: Some(Safety::Safe),
    page: include_str!("../../rules/secrets-option-misspelled.md"),
    check,
};

fn check(project: &Project, findings: &mut Vec<Finding>) {
    for environment in &project.environments {
        for misnamed in environment.misnamed() {
            let setting = misnamed.setting;
            // A name of the user's own, from which the right one takes its value.
            if misnamed.fault == NameFault::Underscores && project.model.is_referred_to(&setting.key)
            {
                continue;
            }
            findings.push(report(project, environment, &misnamed));
        }
    }
}

fn report(project: &Project, environment: &Environment, misnamed: &Misnamed) -> Finding {
    let Misnamed { setting, fault, meant } = misnamed;
    let name = setting.name();
    let meant = meant.as_deref();
    let shown = meant.map(|meant| option_name(setting.origin, meant));
    let reads = |version: &_| airflow().behaves("per-kwarg-variables", version);
    let has_own_variables = environment.versions.airflow().all(reads);
    let message = match (fault, &shown) {
        (NameFault::KeywordOfKwargs, _) if !has_own_variables => {
            format!("`{name}` is never read: a keyword belongs into the JSON of the kwargs")
        }
        (NameFault::NotSensitive, Some(meant)) => {
            format!("`{name}` is never read: `{meant}` takes neither a command nor a secret")
        }
        (NameFault::NoSuchOption, None) => {
            format!("`{name}` is never read: Airflow has no such option")
        }
        (_, Some(meant)) => format!("`{name}` is never read: the option is `{meant}`"),
        (_, None) => format!("`{name}` is never read"),
    };
    let label = match fault {
        NameFault::Case => "names are distinguished by case",
        NameFault::Underscores => "two underscores before and behind the section, one inside names",
        NameFault::Spelling => "not a name that Airflow knows",
        NameFault::NotSensitive => "not a sensitive option",
        NameFault::KeywordOfKwargs => "one keyword behind the name for all of them",
        NameFault::NoSuchOption => "no such option",
    };
    let is_set = meant.is_some_and(|meant| {
        environment.settings.get(meant).or_else(|| environment.cfg.get(meant)).is_some()
    });
    // No name changes because of these.
    let is_harmless = match meant {
        Some(meant) => meant.contains("CACHE"),
        None => !setting.key.to_uppercase().contains("BACKEND"),
    };
    let finding = Finding::new(&RULE, setting.key_place(), message)
        .in_environment(&environment.name)
        .label(label)
        .note(if is_set {
            "it is ignored without a message; the right one is set as well"
        } else {
            "it is ignored without a message, and what it says is not in force"
        });
    let finding = if is_set || is_harmless || project.model.has_compose_override() {
        finding.at_most(Level::Warning)
    } else {
        finding
    };
    let Some((meant, shown)) = meant.zip(shown) else {
        return finding.help("delete it; the options are `[secrets] backend`, `backend_kwargs`, `use_cache`, `cache_ttl_seconds` and `[workers] secrets_backend`, `secrets_backend_kwargs`");
    };
    match fault {
        NameFault::NotSensitive => finding.help(format!("give the class itself in `{shown}`")),
        NameFault::KeywordOfKwargs => {
            if has_own_variables {
                renamed(finding.help(format!("write `{shown}`")), misnamed, meant, is_set)
            } else {
                finding.help(format!(
                    "put the keyword into the JSON of the kwargs; `{shown}` is read from Airflow 3.2.0 on"
                ))
            }
        }
        NameFault::NoSuchOption if is_set => finding.help(format!("delete it, or put it into `{shown}`")),
        _ if is_set => finding.help("delete it"),
        _ => renamed(finding.help(format!("write `{shown}`")), misnamed, meant, is_set),
    }
}

/// A plain renaming, where the key stands in the file under this very name.
fn renamed(finding: Finding, misnamed: &Misnamed, meant: &str, is_set: bool) -> Finding {
    let Misnamed { setting, fault, .. } = misnamed;
    let is_plain = *fault != NameFault::NoSuchOption && !is_set;
    if !is_plain || setting.origin == Origin::AirflowCfg {
        return finding;
    }
    let replacement = meant.to_owned();
    finding.fix("Rename it", Safety::Safe, vec![Edit { place: setting.key_place(), replacement }])
}

/// The variable `name` as it is called where the setting stands.
fn option_name(origin: Origin, name: &str) -> String {
    let parts = name.strip_prefix("AIRFLOW__").and_then(|rest| rest.split_once("__"));
    match parts {
        Some((section, option)) if origin == Origin::AirflowCfg => {
            format!("[{}] {}", section.to_lowercase(), option.to_lowercase())
        }
        _ => name.to_owned(),
    }
}
