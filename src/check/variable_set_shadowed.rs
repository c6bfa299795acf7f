//! See `rules/variable-set-shadowed.md`.

use super::{Finding, Group, Level, Rule};
use crate::facts::airflow;
use crate::model::{Key, Kind, Operation, Reference, Timing};
use crate::resolve::{Environment, InUse, Project};

pub(super) static RULE: Rule = Rule {
    id: "variable-set-shadowed",
    level: Level::Warning,
    group: Group::Code,
    summary: "A variable is written to the database, and read from somewhere else",
    since: "0.1.0",
    fix: None,
    page: include_str!("../../rules/variable-set-shadowed.md"),
    check,
};

fn check(project: &Project, findings: &mut Vec<Finding>) {
    let references = project.model.references.iter();
    let writes = references.filter(|it| {
        it.timing != Timing::Never
            && matches!(it.operation, Operation::Set | Operation::Update | Operation::SetDefault)
    });
    for reference in writes {
        for environment in &project.environments {
            findings.extend(in_variable(environment, reference));
            let backends = environment.in_use();
            findings.extend(backends.filter_map(|by| in_backend(project, by, reference)));
        }
    }
}

/// What hides the value behind a setting of the environment.
fn in_variable(environment: &Environment, reference: &Reference) -> Option<Finding> {
    let key = environment.key_of(reference).name()?;
    let variable = Kind::Variable.environment_variable(key)?;
    let setting = environment.settings.get(&variable)?;
    Some(
        finding(reference, format!("variable `{key}` is written to the database, but read from `{variable}`"))
            .in_environment(&environment.name)
            .related(setting.key_place(), "asked before the database")
            .help(format!("remove `{variable}`, or write under another key")),
    )
}

/// What hides the value in a secret.
fn in_backend(project: &Project, by: InUse<'_>, reference: &Reference) -> Option<Finding> {
    let key = by.environment.key_of(reference).name()?;
    let name = by.asked_for(reference)??;
    let exists = project.is_declared(by.environment, Kind::Variable, key) == Some(true);
    let is_written_where_missing = reference.operation == Operation::SetDefault;
    if !exists && (is_written_where_missing || !is_read(project, key)) {
        return None;
    }
    let finding = finding(
        reference,
        format!("variable `{key}` is written to the database, but `{name}` is asked for first"),
    )
    .in_environment(&by.environment.name);
    if !exists {
        return Some(
            finding
                .at_most(Level::Info)
                .note("as long as there is no secret of that name, each read asks for it in vain; as soon as there is one, what is written here is never read again")
                .help("keep the key from the backend by a `variables_lookup_pattern`, where the backend has one"),
        );
    }
    let versions = by.environment.versions.airflow();
    let needs = |version: &_| airflow().behaves("variable-update-needs-database", version);
    let finding = match reference.operation {
        Operation::Update if versions.any(needs) => finding.note("until Airflow 3, `Variable.update` raises AttributeError for a variable that only the backend holds"),
        _ => finding,
    };
    Some(finding.help("change the secret itself, or write under a key that the backend does not hold"))
}

fn finding(reference: &Reference, message: String) -> Finding {
    Finding::new(&RULE, reference.place(), message)
        .label("writes to the database only")
        .note("Airflow writes variables to its database alone, and reads them from the backend, then from the environment, then from the database; from 2.2.0 on it logs a warning as it writes")
}

/// Whether DAG code reads the variable `key`.
fn is_read(project: &Project, key: &str) -> bool {
    project.reading().any(|it| {
        it.kind == Kind::Variable
            && it.operation == Operation::Get
            && it.key.alternatives().iter().filter_map(Key::text).any(|read| read == key)
    })
}
