//! See `rules/secret-printed.md`.

use super::{Finding, Group, Level, Rule};
use crate::facts::is_secret_name;
use crate::model::{Key, Outlet, Part, Place, Reference, Timing, Way};
use crate::resolve::{Masked, Project};

pub(super) static RULE: Rule = Rule {
    id: "secret-printed",
    level: Level::Warning,
    group: Group::Code,
    summary: "A secret that was looked up is logged unmasked, or stands in a command line",
    since: "0.1.0",
    fix: None,
    page: include_str!("../../rules/secret-printed.md"),
    check,
};

fn check(project: &Project, findings: &mut Vec<Finding>) {
    let references = project.model.references.iter();
    for reference in references.filter(|it| it.timing != Timing::Never) {
        for outlet in &reference.around.outlets {
            findings.extend(finding(project, reference, outlet));
        }
    }
}

/// A value that is to be kept, and how Airflow hides it in logs.
struct Secret {
    /// What it is, in words.
    what: String,
    /// Whether it is certain to be one.
    is_certain: bool,
    /// Whether logs show `***` in its place.
    masked: Masked,
}

fn secret(project: &Project, reference: &Reference, part: &Part) -> Option<Secret> {
    let key = project.key_of(reference);
    let owner = match key.alternatives() {
        [key] => key.shown().map(|key| format!("{} `{key}`", reference.kind)),
        _ => None,
    };
    let owner = owner.unwrap_or_else(|| format!("a {}", reference.kind));
    let of = |what: &str, is_certain, masked| {
        Some(Secret { what: format!("{what} of {owner}"), is_certain, masked })
    };
    match part {
        Part::Password => of("the password", true, Masked::Always),
        Part::Uri => of("the URI, with the password,", true, Masked::Always),
        Part::Extra => of("the extra", false, Masked::Sometimes),
        Part::Member(name) => {
            let is_name = name.chars().all(|c| c.is_ascii_alphanumeric() || "_-.".contains(c));
            (is_name && is_secret_name(name))
                .then(|| of(&format!("member `{name}`"), true, project.masks(name)))
                .flatten()
        }
        Part::Whole => {
            let mut keys = key.alternatives().iter().filter_map(Key::shown);
            let key = keys.find(|key| is_secret_name(key))?;
            Some(Secret { what: owner, is_certain: true, masked: project.masks(&key) })
        }
    }
}

fn finding(project: &Project, reference: &Reference, outlet: &Outlet) -> Option<Finding> {
    let Secret { what, is_certain, masked } = secret(project, reference, &outlet.part)?;
    let finding = |message: String| {
        let finding = Finding::new(&RULE, Place::new(reference.file, outlet.span), message);
        // Often the same, as in a template.
        if outlet.span.contains(reference.span) {
            finding
        } else {
            finding.related(reference.place(), "looked up here")
        }
    };
    let finding = match &outlet.way {
        Way::Log(callee) if masked == Masked::Always => finding(format!("{what} is logged by `{callee}`"))
            .at_most(Level::Info)
            .label("`***` in the log")
            .note("Airflow masks it in its own logs, as it stands; not in parts, not after another encoding, and not in what a virtual environment, container or pod prints")
            .help("log that it is there, not what it is"),
        Way::Log(callee) => finding(match masked {
            Masked::Never => format!("{what} is logged by `{callee}`, and Airflow does not mask it"),
            _ => format!("{what} is logged by `{callee}`, and Airflow does not always mask it"),
        })
        .label("stands in the log as it is")
        .note("Airflow masks passwords of connections, and what has a name with a word from its list (`password`, `token`, `secret`, `api_key` …), which differs by version")
        .help("do not log it; or add a word of its name to `[core] sensitive_var_conn_names`"),
        Way::Command(callee) => {
            let finding = finding(format!("{what} is put into a command line, in `{callee}`"))
                .label("seen in the list of processes")
                .note("whoever may list processes, containers or pods reads it there, and a shell takes some of its characters for its own")
                .help("pass it in the environment (`env=`), and let the command read it from there");
            if reference.timing == Timing::Parse {
                finding.note("looked up on parsing, it also becomes a part of the serialized DAG in the database")
            } else {
                finding
            }
        }
    };
    Some(if is_certain { finding } else { finding.at_most(Level::Info) })
}
