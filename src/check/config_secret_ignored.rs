//! See `rules/config-secret-ignored.md`.

use super::{Finding, Group, Level, Rule};
use crate::model::{Basis, Kind, Presence};
use crate::resolve::{Environment, Outcome, Process, Project, Source, SourcedOption};

pub(super) static RULE: Rule = Rule {
    id: "config-secret-ignored",
    level: Level::Error,
    group: Group::Backend,
    summary: "An option is given by `_SECRET` or `_CMD` where Airflow does not look",
    since: "0.1.0",
    fix: None,
    page: include_str!("../../rules/config-secret-ignored.md"),
    check,
};

fn check(project: &Project, findings: &mut Vec<Finding>) {
    for environment in &project.environments {
        for sourced in environment.sourced_options() {
            // `BACKEND_SECRET` and `BACKEND_CMD` are misspelled options of the backend itself.
            let names_backend = sourced.option == "backend" || sourced.option == "secrets_backend";
            if names_backend {
                continue;
            }
            let found = not_sensitive(environment, &sourced)
                .or_else(|| plain_wins(&sourced))
                .or_else(|| never_asked(environment, &sourced));
            findings.extend(found.map(|found| found.in_environment(&environment.name)));
        }
    }
}

fn not_sensitive(environment: &Environment, sourced: &SourcedOption<'_>) -> Option<Finding> {
    let versions = environment.versions.airflow();
    let ignores = |version: &_| sourced.counts_at(version) == Some(false);
    let all = versions.all(ignores);
    let settled = versions.presence() == Presence::Installed
        && !matches!(versions.basis(), Basis::Unknown(_) | Basis::Untold(_) | Basis::Conditional(_));
    let some = settled && versions.any(ignores);
    (all || some).then_some(())?;
    let SourcedOption { setting, section, option, source, .. } = sourced;
    let (key, ending) = (&setting.key, source.ending());
    let message = if all {
        format!("`{key}` is ignored: `[{section}] {option}` cannot be given by `{ending}`")
    } else {
        format!("`{key}` is ignored by some versions of Airflow that are possible here")
    };
    let plain = key.strip_suffix(ending).unwrap_or(key);
    Some(
        Finding::new(&RULE, setting.key_place(), message)
            .at_most(if all { Level::Error } else { Level::Warning })
            .label("ignored without a word")
            .note(format!(
                "Airflow {} counts `[{section}] {option}` not among its sensitive options, so the option keeps its default",
                versions.describe()
            ))
            .help(format!("set `{plain}` itself, as a secret variable of the Deployment")),
    )
}

fn plain_wins(sourced: &SourcedOption<'_>) -> Option<Finding> {
    let plain = sourced.plain?;
    let key = &sourced.setting.key;
    Some(
        Finding::new(
            &RULE,
            sourced.setting.key_place(),
            format!("`{key}` is ignored: `{}` is set as well, and wins", plain.key),
        )
        .at_most(Level::Warning)
        .label("ignored without a word")
        .related(plain.key_place(), "wins")
        .note("Airflow takes the plain value before `_CMD`, and `_CMD` before `_SECRET`")
        .help("remove one of the two"),
    )
}

/// The backend is there, but is never asked for options, or not for this one.
fn never_asked(environment: &Environment, sourced: &SourcedOption<'_>) -> Option<Finding> {
    let name = sourced.secret_name().filter(|_| sourced.source == Source::Secret)?;
    environment.certainly(Kind::Config, name, Outcome::NeverAsked).then_some(())?;
    let (section, option) = (&sourced.section, &sourced.option);
    let prefix = environment.server.prefix(Kind::Config).filter(|prefix| prefix.is_null());
    let why = match prefix {
        Some(prefix) => format!("`{}` is null", prefix.name),
        None => of_all_names(environment)
            .unwrap_or_else(|| "the backend's lookup pattern or rules leave its name out".to_owned()),
    };
    let finding = Finding::new(
        &RULE,
        sourced.setting.key_place(),
        format!("`{}` has no effect: {why}", sourced.setting.key),
    );
    let finding = finding.label("never asked for").note(format!(
        "`[{section}] {option}` takes its default without a message: an empty Fernet key, for one, means no encryption"
    ));
    Some(match prefix {
        Some(prefix) => finding
            .related(prefix.value_place, "switches options off")
            .help(format!("give `{}` a prefix, such as `airflow/config`", prefix.name)),
        None => finding.help("set the option itself, or let the backend answer for it"),
    })
}

/// Why the backend is asked for no option at all.
fn of_all_names(environment: &Environment) -> Option<String> {
    environment.certainly(Kind::Config, "", Outcome::NeverAsked).then_some(())?;
    let answers = environment.answers(Process::Server, Kind::Config, "");
    Some(answers.into_iter().next()?.lookup.reason)
}
