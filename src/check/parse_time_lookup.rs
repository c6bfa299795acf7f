//! See `rules/parse-time-lookup.md`.

use std::path::Path;

use super::{Edit, Finding, Group, Level, Rule, Safety};
use crate::hash::HashSet;
use crate::model::{Form, Key, Kind, Operation, Place, Reference, Timing};
use crate::resolve::{InUse, Project, Raised};
use crate::text::Span;

pub(super) static RULE: Rule = Rule {
    id: "parse-time-lookup",
    level: Level::Warning,
    group: Group::Code,
    summary: "A variable or connection is looked up on every parse of a DAG file",
    since: "0.1.0",
    fix: Some(Safety::Unsafe),
    page: include_str!("../../rules/parse-time-lookup.md"),
    check,
};

const DAYS_A_MONTH: u64 = 30;

fn check(project: &Project, findings: &mut Vec<Finding>) {
    let at_parse = |reference: &&Reference| {
        reference.timing == Timing::Parse
            && reference.operation != Operation::Define
            && project.model.has_valid_syntax(reference.file)
    };
    let mut total = total(project);
    for reference in project.model.references.iter().filter(at_parse) {
        let parsing = Parsing::of(project, reference);
        findings.push(match (parsing.files > 0, reference.reads()) {
            (true, true) => {
                let finding = lookup(project, reference, &parsing);
                // Said once, beside the first that is paid for.
                let backend = asked_backend(project, reference);
                match total.take_if(|_| backend.is_some()) {
                    Some(total) => finding.note(total),
                    None => finding,
                }
            }
            (true, false) => write(project, reference, &parsing),
            (false, _) if matches!(reference.form, Form::Entry(_)) => in_yaml(project, reference),
            (false, _) => import(project, reference),
        });
    }
}

/// The DAG files whose parsing asks.
struct Parsing {
    /// How many.
    files: usize,
    /// Which, in words.
    shown: String,
}

impl Parsing {
    fn of(project: &Project, reference: &Reference) -> Self {
        let own = project.model.files.get(reference.file).path();
        let files: Vec<&Path> = project.parsing(reference).collect();
        let shown = match files.as_slice() {
            [only] if *only == own => "this file".to_owned(),
            [only] => format!("`{}`", only.file_name().unwrap_or_default().display()),
            more => format!("{} files", more.len()),
        };
        Self { files: files.len(), shown }
    }

    /// ` of …`, unless it is the file itself.
    fn of_others(&self) -> String {
        if self.shown == "this file" { String::new() } else { format!(" of {}", self.shown) }
    }
}

/// The first backend that `reference` asks, and the name it asks for.
fn asked_backend<'a>(
    project: &'a Project,
    reference: &Reference,
) -> Option<(InUse<'a>, Option<String>)> {
    project.in_use().find_map(|by| Some((by, by.asked_for(reference)?)))
}

fn lookup(project: &Project, reference: &Reference, parsing: &Parsing) -> Finding {
    let backend = asked_backend(project, reference);
    let lookups = parsing.files * lookups_of(reference);
    // Of other services the names are not known, but they are asked.
    let is_asked = backend.is_some() || project.in_use().any(|by| by.service().is_none());
    let breaks = breaks_import(project, reference);
    let what = described(project, reference);
    let message = match &backend {
        Some((by, name)) => {
            let calls = calls(*by, name.as_deref(), lookups);
            format!("{what} is looked up on every parse{}, {calls}", parsing.of_others())
        }
        None => format!("{what} is looked up on every parse of {}", parsing.shown),
    };
    let mut finding = Finding::new(&RULE, reference.place(), message).label("runs on every parse");
    if !is_asked && breaks.is_none() {
        finding = finding.at_most(Level::Info);
    }
    if let Some(cost) = backend.and_then(|(by, _)| cost(by, lookups)) {
        finding = finding.note(cost);
    }
    if reference.around.repeats {
        finding = finding.note(match lookups_of(reference) {
            1 => "it stands in a loop: that holds for each turn".to_owned(),
            turns => format!("it stands in a loop: {turns} turns are counted"),
        });
    }
    if let Some(breaks) = breaks {
        finding = finding.note(breaks);
    }
    if let Some(stand_in) = stand_in(reference) {
        finding = finding.note(stand_in);
    }
    match &reference.around.as_template {
        Some(template) => {
            let text = project.model.files.get(reference.file).text();
            let edit = |(span, replacement): &(Span, String)| {
                let span = if replacement.is_empty() { whole_lines(text, *span) } else { *span };
                Edit { place: Place::new(reference.file, span), replacement: replacement.clone() }
            };
            finding
                .help(format!("write `{}`: it is only handed to arguments that are templates", template.shown))
                .fix(
                    "Write it as a template, which is rendered when the task runs",
                    Safety::Unsafe,
                    template.edits.iter().map(edit).collect(),
                )
        }
        None => finding.help(match (reference.kind, template(project, reference)) {
            (Kind::Variable, Some(template)) => {
                format!("ask inside the task, or write `{template}` in a templated field")
            }
            (Kind::Variable, None) => "ask inside the task, or in a template".to_owned(),
            _ => "give the operator the id of the connection, or ask inside the task".to_owned(),
        }),
    }
}

/// The template that asks for a variable; `…` stands for the default that is given.
fn template(project: &Project, reference: &Reference) -> Option<String> {
    let key = project.key_of(reference).name().filter(|key| is_identifier(key))?;
    let accessor = if reference.deserialize_json { "var.json" } else { "var.value" };
    Some(match reference.default {
        Some(_) => format!("{{{{ {accessor}.get('{key}', …) }}}}"),
        None => format!("{{{{ {accessor}.{key} }}}}"),
    })
}

/// A statement that goes, with the rest of its lines where nothing else stands there.
fn whole_lines(text: &str, span: Span) -> Span {
    let before = text.get(..span.start).unwrap_or("");
    let start = before.trim_end_matches([' ', '\t']).len();
    let behind = text.get(span.end..).unwrap_or("");
    let line = behind.split_inclusive('\n').next().unwrap_or("");
    let is_alone = (start == 0 || before.get(..start).is_some_and(|it| it.ends_with('\n')))
        && line.trim().is_empty();
    if is_alone { Span::new(start, span.end + line.len()) } else { span }
}

/// How often it asks on one parse, as far as that is known: once for each turn of a loop, and for each caller.
fn lookups_of(reference: &Reference) -> usize {
    let callers = if reference.asks_each { reference.key.alternatives().len() } else { 1 };
    callers.max(reference.around.turns.unwrap_or(1)).max(1)
}

/// What all lookups of the project on parsing come to, where there are several.
fn total(project: &Project) -> Option<String> {
    let lookups = project.model.references.iter().filter(|reference| {
        reference.timing == Timing::Parse
            && matches!(reference.operation, Operation::Get | Operation::SetDefault)
            && project.model.has_valid_syntax(reference.file)
    });
    let mut files: HashSet<&Path> = HashSet::default();
    let (mut lines, mut times, mut first) = (0, 0_u64, None);
    for reference in lookups {
        let Some((by, _)) = asked_backend(project, reference) else { continue };
        let lookups = lookups_of(reference);
        let before = times;
        for file in project.parsing(reference) {
            files.insert(file);
            times += lookups as u64;
        }
        if times > before {
            lines += lookups;
            first = first.or(Some(by));
        }
    }
    let by = first.filter(|by| times > 1 && !by.environment.caches_parsing())?;
    let a_day = u64::from(by.environment.parses_per_day()?) * times;
    let cost = by.price().map_or_else(String::new, |price| {
        format!(", about {:.2} USD a month", price.of(a_day * DAYS_A_MONTH))
    });
    let plural = |number: usize, what: &str| match number {
        1 => format!("1 {what}"),
        more => format!("{more} {what}s"),
    };
    Some(format!(
        "all in all, {} in {} that are parsed: up to {} calls a day{cost}, in each deployment",
        plural(lines, "lookup"),
        plural(files.len(), "file"),
        thousands(a_day)
    ))
}

fn write(project: &Project, reference: &Reference, parsing: &Parsing) -> Finding {
    let what = described(project, reference);
    let done = done(reference.operation);
    Finding::new(
        &RULE,
        reference.place(),
        format!("{what} is {done} on every parse of {}", parsing.shown),
    )
    .label("runs on every parse")
    .note("it happens again and again whether or not a task runs, and overrides what a task or a person sets in between")
    .help("do it in a task")
}

/// In a file that Airflow does not parse by itself.
fn import(project: &Project, reference: &Reference) -> Finding {
    let what = described(project, reference);
    let done = done(reference.operation);
    Finding::new(&RULE, reference.place(), format!("{what} is {done} whenever this file is imported"))
        .at_most(Level::Info)
        .label("runs on import")
        .note("where a DAG file imports this one at its top level, that is on every parse of that file")
        .help("do it inside the function that needs it")
}

/// In a YAML file, of which the code that loads it makes DAGs.
fn in_yaml(project: &Project, reference: &Reference) -> Finding {
    let what = described(project, reference);
    Finding::new(&RULE, reference.place(), format!("{what} is looked up whenever DAGs are made of this file"))
        .label("runs on every parse")
        .note("dag-factory asks for it as it makes the task: on every parse of the DAG file that loads this one")
        .help("write the lookup into the argument itself, as a template")
}

const fn done(operation: Operation) -> &'static str {
    match operation {
        Operation::Get | Operation::Use | Operation::Define => "looked up",
        Operation::Set | Operation::Update | Operation::SetDefault => "written",
        Operation::Delete => "deleted",
    }
}

/// Kind and key, or the kind alone where the key cannot be told.
fn described(project: &Project, reference: &Reference) -> String {
    let keys: Vec<_> = project.key_of(reference).alternatives().iter().filter_map(Key::shown).collect();
    match keys.as_slice() {
        [key] => format!("{} `{key}`", reference.kind),
        _ => format!("a {}", reference.kind),
    }
}

/// How often a backend is asked, and for which name.
fn calls(by: InUse<'_>, name: Option<&str>, lookups: usize) -> String {
    let asked = name.map_or_else(|| "to the backend".to_owned(), |name| format!("for `{name}`"));
    match by.environment.parses_per_day() {
        Some(parses) if !by.environment.caches_parsing() => {
            format!("up to {} calls a day {asked}", thousands(u64::from(parses) * lookups as u64))
        }
        _ => format!("a call {asked}"),
    }
}

fn cost(by: InUse<'_>, lookups: usize) -> Option<String> {
    if by.environment.caches_parsing() {
        return Some("`[secrets] use_cache` is on: answers are kept for a while on parsing, not at the start of tasks".to_owned());
    }
    let parses = by.environment.parses_per_day()?;
    let price = by.price()?;
    let seconds = 86_400_u32.checked_div(parses)?;
    let usd = price.of(u64::from(parses) * lookups as u64 * DAYS_A_MONTH);
    let only = price.only.as_ref().map_or_else(String::new, |only| format!(" ({only})"));
    Some(format!(
        "a file is parsed as often as every {seconds} s, whether or not its DAGs run: about {usd:.2} USD a month in `{}` calls for this line{only}, in each deployment; and once more as each of its tasks starts",
        price.call
    ))
}

/// What happens on parsing when it is missing; `None` when nothing does, or somebody may see to it.
fn breaks_import(project: &Project, reference: &Reference) -> Option<String> {
    let raised = match project.raised(reference).as_slice() {
        [] => return None,
        [one] => one.name().to_owned(),
        [Raised::KeyError, later] => format!("KeyError ({} on Airflow 3)", later.name()),
        several => several.iter().map(|it| it.name()).collect::<Vec<_>>().join(" or "),
    };
    if project.is_caught(reference) != Some(false) {
        return None;
    }
    Some(format!("where it is missing, {raised} is raised on parsing: the file does not load and its DAGs disappear"))
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
fn thousands(number: u64) -> String {
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
