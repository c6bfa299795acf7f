//! See `rules/parse-time-lookup.md`.

use super::{Finding, Group, Level, Rule};
use crate::facts::airflow;
use crate::model::{Key, Kind, Operation, Reference, Timing};
use crate::resolve::{InUse, Project};

pub(super) static RULE: Rule = Rule {
    id: "parse-time-lookup",
    level: Level::Warning,
    group: Group::Code,
    summary: "A variable or connection is looked up on every parse of a DAG file",
    since: "0.1.0",
    page: include_str!("../../rules/parse-time-lookup.md"),
    check,
};

const DAYS_A_MONTH: u32 = 30;

fn check(project: &Project, findings: &mut Vec<Finding>) {
    for reference in &project.model.references {
        let at_parse = reference.timing == Timing::Parse && reference.operation != Operation::Use;
        if !at_parse {
            continue;
        }
        findings.push(match (project.is_dag_file(reference.file), reference.reads()) {
            (true, true) => lookup(project, reference),
            (true, false) => write(reference),
            (false, _) => import(reference),
        });
    }
}

fn lookup(project: &Project, reference: &Reference) -> Finding {
    let kind = reference.kind;
    let backend = project.in_use().find_map(|by| Some((by, by.asked_for(reference)?)));
    // Of other services the names are not known, but they are asked.
    let is_paid = backend.is_some() || project.in_use().any(|by| by.service().is_none());
    let breaks = breaks_import(project, reference);
    let what = described(reference);
    let message = match &backend {
        Some((by, name)) => {
            format!("{what} is looked up on every parse, {}", calls(*by, name.as_deref()))
        }
        None => format!("{what} is looked up on every parse of this file"),
    };
    let mut finding = Finding::new(&RULE, reference.place(), message).label("runs on every parse");
    if !is_paid && breaks.is_none() {
        finding = finding.at_most(Level::Info);
    }
    if let Some(cost) = backend.and_then(|(by, _)| cost(by)) {
        finding = finding.note(cost);
    }
    if let Some(breaks) = breaks {
        finding = finding.note(breaks);
    }
    if let Some(stand_in) = stand_in(reference) {
        finding = finding.note(stand_in);
    }
    finding.help(match (kind, reference.key.name()) {
        (Kind::Variable, Some(key)) if is_identifier(key) => format!(
            "ask inside the task, or write `{{{{ var.value.{key} }}}}` in a templated field"
        ),
        (Kind::Variable, _) => "ask inside the task, or in a template".to_owned(),
        _ => "give the operator the id of the connection, or ask inside the task".to_owned(),
    })
}

fn write(reference: &Reference) -> Finding {
    let what = described(reference);
    let done = done(reference.operation);
    Finding::new(&RULE, reference.place(), format!("{what} is {done} on every parse of this file"))
        .label("runs on every parse")
        .note("it happens again and again whether or not a task runs, and overrides what a task or a person sets in between")
        .help("do it in a task")
}

/// In a file that Airflow does not parse by itself.
fn import(reference: &Reference) -> Finding {
    let what = described(reference);
    let done = done(reference.operation);
    Finding::new(&RULE, reference.place(), format!("{what} is {done} whenever this file is imported"))
        .at_most(Level::Info)
        .label("runs on import")
        .note("where a DAG file imports this one at its top level, that is on every parse of that file")
        .help("do it inside the function that needs it")
}

const fn done(operation: Operation) -> &'static str {
    match operation {
        Operation::Get | Operation::Use => "looked up",
        Operation::Set | Operation::Update | Operation::SetDefault => "written",
        Operation::Delete => "deleted",
    }
}

/// Kind and key, or the kind alone where the key cannot be told.
fn described(reference: &Reference) -> String {
    let keys: Vec<_> = reference.key.alternatives().iter().filter_map(Key::shown).collect();
    match keys.as_slice() {
        [key] => format!("{} `{key}`", reference.kind),
        _ => format!("a {}", reference.kind),
    }
}

/// How often a backend is asked, and for which name.
fn calls(by: InUse<'_>, name: Option<&str>) -> String {
    let asked = name.map_or_else(|| "to the backend".to_owned(), |name| format!("for `{name}`"));
    match by.environment.parses_per_day() {
        Some(parses) if !by.environment.caches_parsing() => {
            format!("up to {} calls a day {asked}", thousands(parses))
        }
        _ => format!("a call {asked}"),
    }
}

fn cost(by: InUse<'_>) -> Option<String> {
    if by.environment.caches_parsing() {
        return Some("`[secrets] use_cache` is on: answers are kept for a while on parsing, not at the start of tasks".to_owned());
    }
    let parses = by.environment.parses_per_day()?;
    let cost = by.service()?.cost.as_ref()?;
    let seconds = 86_400_u32.checked_div(parses)?;
    let price = cost.of(parses.saturating_mul(DAYS_A_MONTH));
    Some(format!(
        "a file is parsed as often as every {seconds} s, whether or not its DAGs run: about {price:.2} USD a month in `{}` calls for this line, in each deployment; and once more as each of its tasks starts",
        cost.call
    ))
}

/// What happens on parsing when it is missing; `None` when nothing does.
fn breaks_import(project: &Project, reference: &Reference) -> Option<String> {
    let raised = match reference.kind {
        Kind::Variable if reference.method == Some("get") && reference.default.is_none() => {
            let old = |version: &_| airflow().behaves("variable-default-unset-raises-keyerror", version);
            let versions = project.model.versions.airflow();
            match (versions.any(old), versions.all(old)) {
                (_, true) => "KeyError",
                (false, _) => "AirflowRuntimeError",
                (true, false) => "KeyError (AirflowRuntimeError on Airflow 3)",
            }
        }
        Kind::Connection => "AirflowNotFoundException",
        _ => return None,
    };
    Some(format!("where it is missing, {raised} is raised on parsing: uncaught, the file does not load and its DAGs disappear"))
}

/// What the parse test of the Astro CLI does with a conversion.
fn stand_in(reference: &Reference) -> Option<String> {
    let conversion = reference.conversion.filter(|conversion| conversion.is_strict)?;
    let replaced = reference.kind == Kind::Variable
        && reference.method == Some("get")
        && reference.default.is_none();
    (replaced && !reference.deserialize_json).then(|| {
        format!(
            "`astro dev parse` and the test of `astro deploy` answer `NON_DEFAULT_MOCKED_VARIABLE_VALUE`, which `{}` refuses: both fail on this file",
            conversion.function
        )
    })
}

fn is_identifier(key: &str) -> bool {
    !key.starts_with(|c: char| c.is_ascii_digit())
        && !key.is_empty()
        && key.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

/// `2,880`.
fn thousands(number: u32) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}
