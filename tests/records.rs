//! Our answers against recorded answers of the real programs.
//!
//! The records of this repository lie in `tests/records`; `ASTROLINT_RECORDS` names further files
//! of the same forms, joined by `:`. Each line is a JSON object, and its fields say which form it
//! has. A file that cannot be read, or a row of no known form, fails the test. What lies beyond a
//! static tool is counted by its reason, and the counts are printed.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test may fail"
)]

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use astrolint::read::dotenv::{
    Comparison, Document, Host, Note, Reader, Reading, Readings, Reason,
};
use astrolint::read::json::{self, Shape};
use serde_json::{Map, Value};

#[path = "records/backends.rs"]
mod backends;
#[path = "records/shell.rs"]
mod shell;

type Row = Map<String, Value>;

/// A form of row: which fields tell it, and how it is checked. A check returns one line for each
/// disagreement.
struct Form {
    name: &'static str,
    fields: &'static [&'static str],
    check: fn(&Row, &mut Tally) -> Vec<String>,
}

const FORMS: &[Form] = &[
    Form { name: "dotenv", fields: &["input", "readers"], check: dotenv },
    Form { name: "lookups", fields: &["backend", "kind", "outcomes"], check: backends::lookups },
    Form { name: "names", fields: &["backend", "providers", "asks"], check: backends::names },
    Form { name: "startup", fields: &["backend", "pair", "loaded"], check: backends::startup },
    Form { name: "startup", fields: &["backend", "pair", "error"], check: backends::startup },
    Form { name: "shell", fields: &["script", "calls"], check: shell::calls },
    Form { name: "search order", fields: &["airflow", "order"], check: backends::search_order },
];

const FILES: &[&str] = &["dotenv", "lookups", "startup", "search_order", "names", "shell"];

/// How many answers agree, and how many are skipped for which reason.
#[derive(Default)]
struct Tally(BTreeMap<(String, String, String), usize>);

impl Tally {
    fn agrees(&mut self, form: &str, subject: &str) {
        self.count(form, subject, "agree");
    }

    fn skips(&mut self, form: &str, subject: &str, why: &str) {
        self.count(form, subject, &format!("skipped: {why}"));
    }

    fn count(&mut self, form: &str, subject: &str, what: &str) {
        *self.0.entry((form.to_owned(), subject.to_owned(), what.to_owned())).or_default() += 1;
    }
}

#[test]
fn answers_are_those_of_the_real_programs() {
    let records = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/records");
    let mut files: Vec<PathBuf> =
        FILES.iter().map(|name| records.join(name).with_extension("jsonl")).collect();
    let more = std::env::var("ASTROLINT_RECORDS").unwrap_or_default();
    files.extend(more.split(':').filter(|path| !path.is_empty()).map(PathBuf::from));

    let mut rows = 0;
    let mut report = String::new();
    let mut tally = Tally::default();
    for file in &files {
        let text = std::fs::read_to_string(file)
            .unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        for (number, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
            rows += 1;
            for disagreement in check(line, &mut tally) {
                writeln!(report, "{}:{}: {disagreement}", file.display(), number + 1).unwrap();
            }
        }
    }
    let mut counts = String::new();
    for ((form, subject, what), count) in &tally.0 {
        writeln!(counts, "{count:6} {form}, {subject}: {what}").unwrap();
    }
    // Past the capture of tests that pass: what is skipped must be seen.
    std::io::stderr().write_all(counts.as_bytes()).unwrap();
    assert!(rows > 0, "no rows in {files:?}");
    assert!(
        report.is_empty(),
        "{} disagreements in {rows} rows:\n{report}",
        report.lines().count()
    );
}

fn check(line: &str, tally: &mut Tally) -> Vec<String> {
    // Python writes `NaN` and `Infinity`, which are no JSON.
    let row = serde_json::from_str(line).ok().or_else(|| json::parse(line).ok().map(plain));
    let Some(Value::Object(row)) = row else {
        return vec!["not a JSON object".to_owned()];
    };
    let known = FORMS.iter().find(|form| form.fields.iter().all(|field| row.contains_key(*field)));
    let Some(form) = known else {
        let fields: Vec<&String> = row.keys().collect();
        let names: Vec<&str> = FORMS.iter().map(|form| form.name).collect();
        return vec![format!("a row of no known form ({names:?}): its fields are {fields:?}")];
    };
    let id = row.get("id").map(Value::to_string).unwrap_or_default();
    (form.check)(&row, tally)
        .into_iter()
        .map(|said| format!("{} {id}: {said}", form.name))
        .collect()
}

/// The value as serde has it; numbers that it cannot hold are texts.
fn plain(value: json::Value) -> Value {
    match value.kind {
        json::Kind::Null => Value::Null,
        json::Kind::Bool(value) => Value::Bool(value),
        json::Kind::Number(written) => {
            serde_json::from_str(&written).unwrap_or(Value::String(written))
        }
        json::Kind::String(text) => Value::String(text),
        json::Kind::Array(elements) => elements.into_iter().map(plain).collect(),
        json::Kind::Object(members) => {
            members.into_iter().map(|member| (member.key.node, plain(member.value))).collect()
        }
    }
}

/// What one reader did, as far as a record tells: the pairs in force and the reported lines, or the
/// kind of error.
#[derive(PartialEq, Debug)]
enum Answer {
    Pairs { pairs: BTreeMap<String, String>, reported: Vec<(Option<Note>, String)> },
    Error { reason: Option<Reason>, line: Option<usize> },
}

fn dotenv(row: &Row, _: &mut Tally) -> Vec<String> {
    try_dotenv(row).unwrap_or_else(|problem| vec![format!("not a record of .env: {problem}")])
}

fn try_dotenv(row: &Row) -> Result<Vec<String>, String> {
    let known = [
        "id",
        "note",
        "input",
        "environ",
        "readers",
        "pairs",
        "error",
        "portable",
        "kwargs_as_json",
    ];
    if let Some(field) = row.keys().find(|field| !known.contains(&field.as_str())) {
        return Err(format!("unknown field {field:?}"));
    }
    let input = row["input"].as_str().ok_or("`input` is not a string")?;
    let host: Host = row
        .get("environ")
        .map_or(Ok(Host::new()), |host| serde_json::from_value(host.clone()))
        .map_err(|error| format!("`environ`: {error}"))?;
    let document = Document::new(input);
    let mut disagreements = Vec::new();
    let recorded = row["readers"].as_object().ok_or("`readers` is not an object")?;
    for (name, recorded) in recorded {
        let reader = Reader::named(name).ok_or_else(|| format!("unknown reader {name:?}"))?;
        let mut recorded = answer_in(recorded).map_err(|problem| format!("{name}: {problem}"))?;
        let mut ours = answer_of(reader, &reader.read_on(&document, &host), input);
        forget_unnamed(&mut recorded, &mut ours);
        if ours != recorded {
            disagreements.push(format!(
                "{name} reads {input:?} differently\n  recorded {recorded:?}\n  ours     {ours:?}"
            ));
        }
    }
    if let Some(portable) = row.get("portable") {
        let ours = is_portable(&document, &host);
        if *portable != Value::Bool(ours) {
            disagreements.push(format!("portable: recorded {portable}, ours {ours}"));
        }
        let comparison = Comparison::of(&document, &Readings::of(&document));
        let quiet = comparison.faults.is_empty()
            && comparison.differences.is_empty()
            && comparison.repeated.is_empty();
        // That `--load` skips what is empty, and lines of blanks, is not worth a word.
        if ours && !quiet {
            disagreements.push(format!("portable, and yet {comparison:?}"));
        }
        if !ours && quiet && host.is_empty() && !is_unsaid(&document) {
            disagreements.push(format!("not portable, and nothing is said of {input:?}"));
        }
    }
    if let Some(recorded) = row.get("kwargs_as_json").filter(|recorded| !recorded.is_null()) {
        let recorded = recorded.as_object().ok_or("`kwargs_as_json` is not an object")?;
        for (name, shape) in recorded {
            let reader = Reader::named(name).ok_or_else(|| format!("unknown reader {name:?}"))?;
            let ours = kwargs_as_json(&reader.read_on(&document, &host));
            if shape.as_str() != Some(ours) {
                disagreements.push(format!("kwargs of {name}: recorded {shape}, ours {ours}"));
            }
        }
    }
    if row.contains_key("pairs") || row.contains_key("error") {
        let start = |field: &str| row.get(field).filter(|value| !value.is_null());
        let compose = &row["readers"]["compose"];
        if start("pairs") != compose.get("pairs") || start("error") != compose.get("error") {
            return Err("`pairs` and `error` are not those of compose".to_owned());
        }
    }
    Ok(disagreements)
}

/// What `json.loads` makes of the kwargs that a reader passes on.
fn kwargs_as_json(reading: &Reading) -> &'static str {
    if reading.error.is_some() {
        return "reader-error";
    }
    let Some(pair) = reading.get("AIRFLOW__SECRETS__BACKEND_KWARGS") else { return "absent" };
    match Shape::of(&pair.value) {
        Shape::Empty => "empty",
        Shape::Object => "object",
        Shape::NotObject => "not-an-object",
        Shape::NotJson => "invalid-json",
    }
}

/// Whether the file differs only in what is not worth a word: that `--load` skips what is empty,
/// trips over lines of blanks, and takes an indented comment for an assignment.
fn is_unsaid(document: &Document) -> bool {
    use astrolint::read::dotenv::EntryKind;
    let text = document.text();
    let load = Reader::VariableLoad.read(document);
    load.notes.iter().any(|note| note.node == Note::EmptyValue)
        || document.entries().iter().any(|entry| match entry.kind {
            EntryKind::Blank => !entry.span.of(text).trim_end_matches(['\r', '\n']).is_empty(),
            EntryKind::Comment(span) => span.start > entry.span.start,
            _ => false,
        })
}

/// Whether all current readers agree and none leaves a line out with a report.
fn is_portable(document: &Document, host: &Host) -> bool {
    let first = in_force(&Reader::Compose.read_on(document, host));
    Reader::ALL
        .into_iter()
        .filter(|reader| !matches!(reader, Reader::ComposeLegacy | Reader::Library))
        .map(|reader| (reader, reader.read_on(document, host)))
        .all(|(reader, reading)| {
            let silent = reader != Reader::VariableLoad || reading.notes.is_empty();
            reading.error.is_none() && in_force(&reading) == first && silent
        })
}

fn answer_in(recorded: &Value) -> Result<Answer, String> {
    let recorded = recorded.as_object().ok_or("not an object")?;
    if let Some(field) =
        recorded.keys().find(|field| !["pairs", "error", "messages"].contains(&field.as_str()))
    {
        return Err(format!("unknown field {field:?}"));
    }
    if let Some(error) = recorded.get("error").filter(|error| !error.is_null()) {
        let error = error.as_str().ok_or("`error` is not a string")?;
        return Ok(Answer::Error { reason: reason_in(error), line: line_in(error) });
    }
    let pairs: Vec<(String, String)> =
        serde_json::from_value(recorded.get("pairs").cloned().unwrap_or_default())
            .map_err(|error| format!("`pairs`: {error}"))?;
    let messages: Vec<String> = match recorded.get("messages") {
        Some(messages) => serde_json::from_value(messages.clone())
            .map_err(|error| format!("`messages`: {error}"))?,
        None => Vec::new(),
    };
    let reported = messages.iter().map(|message| note_in(message)).collect();
    Ok(Answer::Pairs { pairs: pairs.into_iter().collect(), reported })
}

fn answer_of(reader: Reader, reading: &Reading, input: &str) -> Answer {
    if let Some(failure) = reading.error {
        return Answer::Error { reason: Some(failure.reason), line: failure.named_line };
    }
    assert!(reading.unknown.is_none(), "{:?} of {input:?}", reading.unknown);
    // Only `variable_load` has records of what it reports; the notes of others have none.
    let reported = reading
        .notes
        .iter()
        .filter(|_| reader == Reader::VariableLoad)
        .map(|note| (Some(note.node), note.span.of(input).to_owned()))
        .collect();
    Answer::Pairs { pairs: in_force(reading), reported }
}

fn in_force(reading: &Reading) -> BTreeMap<String, String> {
    let pairs = reading.pairs.iter();
    pairs.map(|pair| (pair.key.node.clone(), pair.value.expose().to_owned())).collect()
}

/// Takes out of our answer what the record does not tell.
fn forget_unnamed(recorded: &mut Answer, ours: &mut Answer) {
    match (recorded, ours) {
        (Answer::Error { reason, line }, Answer::Error { reason: our_reason, line: our_line }) => {
            if reason.is_none() {
                *our_reason = None;
            }
            if line.is_none() {
                *our_line = None;
            }
        }
        (Answer::Pairs { reported, .. }, Answer::Pairs { reported: ours, .. }) => {
            for ((_, recorded), (note, ours)) in reported.iter_mut().zip(ours) {
                // A message that names a key or a line ends with it; the others name neither.
                if matches!(note, Some(Note::EmptyKey | Note::LineTooLong)) {
                    ours.clone_from(recorded);
                } else if recorded.ends_with(ours.as_str()) {
                    recorded.clone_from(ours);
                }
            }
        }
        _ => {}
    }
}

/// The kind of a reported line, and the message.
fn note_in(message: &str) -> (Option<Note>, String) {
    let kinds = [
        ("improperly formatted", Note::NoAssignment),
        ("empty key", Note::EmptyKey),
        ("empty value", Note::EmptyValue),
        ("duplicate", Note::RepeatedKey),
        ("already exists", Note::RepeatedKey),
        ("unable to read", Note::LineTooLong),
        ("token too long", Note::LineTooLong),
    ];
    let kind = kinds.into_iter().find(|(words, _)| message.contains(words)).map(|(_, note)| note);
    // `A is an improperly formatted variable`, `key A already exists …`: the CLI's own order.
    let subject = ["improperly formatted variable, no", "already exists"]
        .iter()
        .find_map(|words| message.split_once(words))
        .filter(|(before, _)| !before.is_empty())
        .map_or(message, |(before, _)| before.trim_end_matches(" is an ").trim_end());
    (kind, subject.to_owned())
}

fn reason_in(error: &str) -> Option<Reason> {
    let reasons = [
        ("unexpected character", Reason::KeyCharacter),
        ("key cannot contain a space", Reason::KeyBlank),
        ("contains whitespaces", Reason::KeyBlank),
        ("no variable name", Reason::KeyMissing),
        ("invalid variable:", Reason::KeyMissing),
        ("zero length string", Reason::KeyMissing),
        ("unterminated quoted value", Reason::QuoteOpen),
        ("missing quotes", Reason::QuoteOpen),
        ("Invalid template", Reason::ExpansionInvalid),
        ("required variable", Reason::VariableRequired),
        ("doesn't match format", Reason::NotAnAssignment),
        ("has an unset variable", Reason::NotAnAssignment),
        ("token too long", Reason::LineTooLong),
    ];
    // The words nearest to the front are the program's; later ones may come from the file.
    let found = reasons.iter().filter_map(|(words, reason)| Some((error.find(words)?, *reason)));
    found.min_by_key(|(at, _)| *at).map(|(_, reason)| reason)
}

/// The line number in an error that begins with `line N:`.
fn line_in(error: &str) -> Option<usize> {
    error.strip_prefix("line ")?.split_once(':')?.0.parse().ok()
}
