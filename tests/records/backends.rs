//! What real Airflow and the real providers did with a secrets backend, compared with what
//! `resolve` says: names asked for, whether Airflow starts, and who is asked next.

use std::collections::BTreeMap;

use astrolint::facts;
use astrolint::model::versions::Installation;
use astrolint::model::{AirflowCfg, FileId, Kind, Origin, Setting, Settings, Versions};
use astrolint::read::cfg;
use astrolint::resolve::{Environment, Lookup, Outcome, Process, next_places};
use astrolint::text::{self, Span, Text};
use serde_json::Value;

use super::{Row, Tally};

/// A set of versions that the records were made with: Airflow, amazon, hashicorp, google and
/// microsoft-azure; empty where none was installed.
const PAIRS: &[(&str, [&str; 5])] = &[
    ("p01", ["2.3.4", "5.0.0", "3.1.0", "8.3.0", "4.2.0"]),
    ("p02", ["2.4.1", "5.1.0", "", "", ""]),
    ("p03", ["2.4.3", "6.1.0", "", "", ""]),
    ("p04", ["2.5.1", "7.2.0", "3.2.0", "8.9.0", "5.2.0"]),
    ("p05b", ["2.5.3", "7.3.0", "", "", ""]),
    ("p05", ["2.6.3", "7.4.1", "", "", ""]),
    ("p06", ["2.7.3", "8.10.0", "3.5.0", "10.11.1", "8.2.0"]),
    ("p07", ["2.8.4", "8.18.0", "", "", ""]),
    ("p08", ["2.9.3", "8.27.0", "", "", ""]),
    ("p09", ["2.10.5", "9.17.0", "4.3.4", "19.0.0", "12.8.1"]),
    ("p10", ["2.11.2", "9.39.0", "4.8.4", "22.8.0", "15.2.1"]),
    ("p11", ["3.0.6", "9.12.0", "", "", ""]),
    ("p12", ["3.1.8", "9.23.0", "4.5.0", "20.0.0", "13.0.1"]),
    ("p12b", ["3.2.2", "9.39.0", "", "", ""]),
    ("p13", ["3.3.2", "9.39.0", "4.8.4", "22.8.0", "15.2.1"]),
];

/// The packages of a pair, in the order of [`PAIRS`].
const PACKAGES: [&str; 5] = [facts::AIRFLOW, "amazon", "hashicorp", "google", "microsoft-azure"];

/// The environment that every record was made in, as far as settings can tell.
const AMBIENT: &[(&str, &str)] = &[
    ("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE"),
    ("AWS_SECRET_ACCESS_KEY", "example"),
    ("AWS_DEFAULT_REGION", "us-east-1"),
    ("GOOGLE_APPLICATION_CREDENTIALS", "/home/airflow/credentials.json"),
    ("HOME", "/home/airflow"),
];

/// A class that was nowhere when the records were made.
const CUSTOM_CLASS: &str = "no.such.Class";

/// What becomes of a key, as far as the records tell.
#[derive(PartialEq, Eq, Debug)]
struct Told {
    ends: Ends,
    names: Vec<String>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Ends {
    DoesNotStart,
    Raises,
    Asks,
    AsksNothing,
    Unknown,
}

fn text<'a>(row: &'a Row, field: &str) -> Option<&'a str> {
    row.get(field).and_then(Value::as_str)
}

fn versions(pair: &str) -> Versions {
    let (_, pinned) = PAIRS.iter().find(|(name, _)| *name == pair).unwrap_or_else(|| {
        panic!("unknown version pair {pair}");
    });
    let mut versions = Versions::of(&Installation::default());
    for (package, version) in PACKAGES.iter().zip(pinned).filter(|(_, version)| !version.is_empty())
    {
        versions.declare(package, version).unwrap();
    }
    versions
}

fn settings(pairs: &BTreeMap<String, String>) -> Settings {
    let mut settings = Settings::default();
    for (key, value) in pairs {
        settings.overlay(Setting {
            key: key.clone(),
            value: text::Value::Known(Text::verbatim(value, 0)),
            file: FileId(0),
            key_span: Span::at(0),
            value_span: Span::new(0, value.len()),
            origin: Origin::CommandLine,
        });
    }
    settings
}

fn environment(row: &Row, pair: &str) -> Environment {
    let mut pairs: BTreeMap<String, String> =
        AMBIENT.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
    for (key, field) in [
        ("AIRFLOW__SECRETS__BACKEND", "backend"),
        ("AIRFLOW__SECRETS__BACKEND_KWARGS", "kwargs_raw"),
    ] {
        if let Some(value) = text(row, field) {
            pairs.insert(key.to_owned(), value.to_owned());
        }
    }
    for (key, value) in row.get("env").and_then(Value::as_object).into_iter().flatten() {
        match value.as_str() {
            Some(value) => pairs.insert(key.clone(), value.to_owned()),
            None => pairs.remove(key),
        };
    }
    let settings = settings(&pairs);
    let cfg =
        text(row, "cfg").map(|text| AirflowCfg { file: FileId(0), document: cfg::read(text) });
    let options = cfg.as_ref().map(AirflowCfg::settings).unwrap_or_default();
    let fault = cfg.as_ref().and_then(|cfg| cfg.fault(&settings));
    let mut environment = Environment::new("record", settings, options, versions(pair));
    environment.cfg_fault = fault;
    environment
}

/// The class's last word, for counts.
fn class(row: &Row) -> String {
    let class = text(row, "backend").unwrap_or("no backend");
    let last = class.trim_matches(['"', '\'', ' ']).rsplit('.').next().unwrap_or_default();
    if last.is_empty() { "no backend".to_owned() } else { last.to_owned() }
}

/// Why a static tool cannot say what happened: it hangs on the machine or on a team. Each reason
/// explains only the exceptions that it leads to.
fn beyond(row: &Row, recorded: &Row) -> Option<&'static str> {
    let env = |key: &str| row.get("env").and_then(|env| env.get(key));
    let kwargs = text(row, "kwargs_raw").unwrap_or_default();
    let raised = |exceptions: &[&str]| {
        let exception = recorded["exception"].get("type").and_then(Value::as_str);
        exception.is_some_and(|exception| exceptions.contains(&exception))
    };
    if row.contains_key("team") {
        return Some("the lookup of a team");
    }
    let profile = env("AWS_PROFILE").is_some() || kwargs.contains("\"profile_name\"");
    if profile && raised(&["ProfileNotFound", "NoCredentialsError"]) {
        return Some("a profile of AWS");
    }
    if env("AWS_ACCESS_KEY_ID").is_some_and(Value::is_null) && raised(&["NoCredentialsError"]) {
        return Some("no credentials of AWS in the settings");
    }
    let files = ["gcp_key_path", "gcp_credential_config_file", "s3_config_file"];
    let is_file = files.iter().any(|name| kwargs.contains(name));
    if is_file && raised(&["AirflowException", "AttributeError"]) {
        return Some("a file of the machine");
    }
    let google = env("GOOGLE_APPLICATION_CREDENTIALS").is_some_and(Value::is_null);
    (google && raised(&["AttributeError"])).then_some("credentials of Google")
}

/// `lookups.jsonl`.
pub(crate) fn lookups(row: &Row, tally: &mut Tally) -> Vec<String> {
    let kind: Kind = text(row, "kind").unwrap().parse().unwrap();
    let key = text(row, "key").unwrap();
    let process =
        if text(row, "mode") == Some("worker") { Process::Worker } else { Process::Server };
    let mut disagreements = Vec::new();
    for recorded in row["outcomes"].as_array().unwrap() {
        let recorded = recorded.as_object().unwrap();
        for pair in recorded["pairs"].as_array().unwrap() {
            let pair = pair.as_str().unwrap();
            let environment = environment(row, pair);
            let answers = environment.answers(process, kind, key);
            assert_eq!(answers.len(), 1, "{pair}: pinned versions have one answer");
            let mut ours = Told::of(&answers[0].lookup);
            let mut told = told(recorded);
            // What the fake service held decides only what comes after the name.
            if row.contains_key("store") && told.ends == Ends::Raises && !told.names.is_empty() {
                told.ends = Ends::Asks;
            }
            compare_projects(&mut told, &mut ours);
            let class = class(row);
            if told == ours {
                tally.agrees("lookups", &class);
            } else if let Some(why) = why_skipped(row, pair, recorded, ours.ends) {
                tally.skips("lookups", &class, why);
            } else {
                disagreements.push(format!(
                    "{pair}, {kind} {key:?}\n  recorded {told:?}\n  ours     {ours:?}: {}",
                    answers[0].lookup.reason
                ));
            }
        }
    }
    disagreements
}

/// `names.jsonl`: what the module of each class asked for when it ran against stand-ins for its
/// service, without a machine around it.
pub(crate) fn names(row: &Row, tally: &mut Tally) -> Vec<String> {
    let kind: Kind = text(row, "kind").unwrap().parse().unwrap();
    let key = text(row, "key").unwrap();
    let told = Told {
        ends: match text(row, "ends").unwrap() {
            "startup" => Ends::DoesNotStart,
            "raises" => Ends::Raises,
            "asked" => Ends::Asks,
            "nothing" => Ends::AsksNothing,
            other => panic!("unknown end {other}"),
        },
        names: serde_json::from_value(row["asks"].clone()).unwrap(),
    };
    let mut pairs = vec![("AWS_DEFAULT_REGION", "us-east-1")];
    pairs.push(("AIRFLOW__SECRETS__BACKEND", text(row, "backend").unwrap()));
    pairs.push(("AIRFLOW__SECRETS__BACKEND_KWARGS", text(row, "kwargs_raw").unwrap()));
    if row["multi_team"] == Value::Bool(true) {
        pairs.push(("AIRFLOW__CORE__MULTI_TEAM", "True"));
    }
    let pairs = pairs.into_iter().map(|(key, value)| (key.to_owned(), value.to_owned())).collect();
    let mut disagreements = Vec::new();
    for pin in row["providers"].as_array().unwrap() {
        let (package, version) = pin.as_str().unwrap().split_once("==").unwrap();
        let mut versions = Versions::of(&Installation::default());
        versions.declare(facts::AIRFLOW, "2.11.2").unwrap();
        versions.declare(package, version).unwrap();
        let environment =
            Environment::new("record", settings(&pairs), Settings::default(), versions);
        let answers = environment.answers(Process::Server, kind, key);
        let ours = Told::of(&answers[0].lookup);
        if ours == told {
            tally.agrees("names", &class(row));
        } else {
            let reason = &answers[0].lookup.reason;
            disagreements.push(format!(
                "{pin} {} {kind} {key:?}\n  recorded {told:?}\n  ours     {ours:?}: {reason}",
                text(row, "kwargs_raw").unwrap()
            ));
        }
    }
    disagreements
}

impl Told {
    fn of(lookup: &Lookup) -> Self {
        let ends = match lookup.outcome {
            Outcome::StartupError => Ends::DoesNotStart,
            Outcome::LookupError => Ends::Raises,
            Outcome::Asked => Ends::Asks,
            Outcome::NeverAsked | Outcome::NoBackend => Ends::AsksNothing,
            Outcome::Unknown => Ends::Unknown,
        };
        Self { ends, names: lookup.requested.clone() }
    }
}

fn why_skipped(row: &Row, pair: &str, recorded: &Row, ours: Ends) -> Option<&'static str> {
    let env = row.get("env").and_then(Value::as_object);
    let command = env.is_some_and(|env| env.keys().any(|key| key.ends_with("_CMD")))
        || text(row, "cfg").is_some_and(|cfg| cfg.contains("_cmd"));
    if command && ours == Ends::Unknown {
        return Some("a command, which is never run");
    }
    // amazon 5.0.0 cannot be loaded at all, which these groups were not asked in a fresh process.
    let not_fresh = ["cfg", "class"].contains(&text(row, "group").unwrap_or_default());
    if pair == "p01"
        && not_fresh
        && ours == Ends::DoesNotStart
        && !recorded.contains_key("startup_error")
    {
        return Some("not recorded in a fresh process, where amazon 5.0.0 does not start");
    }
    let custom = env.into_iter().flatten().any(|(_, value)| value.as_str() == Some(CUSTOM_CLASS));
    if (custom || text(row, "backend") == Some(CUSTOM_CLASS)) && ours == Ends::Unknown {
        return Some("a class of no official package");
    }
    beyond(row, recorded)
}

fn told(recorded: &Row) -> Told {
    let stage = recorded["exception"].get("stage").and_then(Value::as_str);
    let names: Vec<String> = serde_json::from_value(recorded["requested"].clone()).unwrap();
    let ends = match stage {
        _ if recorded.contains_key("startup_error") => Ends::DoesNotStart,
        Some("cfg" | "init") => Ends::DoesNotStart,
        Some("lookup") => Ends::Raises,
        Some(other) => panic!("unknown stage {other}"),
        None if names.is_empty() => Ends::AsksNothing,
        None => Ends::Asks,
    };
    let names = if ends == Ends::DoesNotStart { Vec::new() } else { names };
    Told { ends, names }
}

/// The project that only Google's credentials file names is not compared.
fn compare_projects(told: &mut Told, ours: &mut Told) {
    for (told, ours) in told.names.iter_mut().zip(&ours.names) {
        let unknown = "projects/{project}/secrets/";
        if let (Some(_), Some((_, secret))) =
            (ours.strip_prefix(unknown), told.split_once("/secrets/"))
        {
            *told = format!("{unknown}{secret}");
        }
    }
}

/// `startup.jsonl`.
pub(crate) fn startup(row: &Row, tally: &mut Tally) -> Vec<String> {
    let pair = text(row, "pair").unwrap();
    let answers = environment(row, pair).answers(Process::Server, Kind::Variable, "x");
    let [answer] = answers.as_slice() else {
        return vec![format!("{} answers with pinned versions", answers.len())];
    };
    let starts = match answer.lookup.outcome {
        Outcome::StartupError => false,
        Outcome::Unknown => {
            if text(row, "backend") != Some(CUSTOM_CLASS) {
                return vec![format!("{pair}: unknown, {}", answer.lookup.reason)];
            }
            tally.skips("startup", &class(row), "a class of no official package");
            return Vec::new();
        }
        _ => true,
    };
    let no_credentials = |error: &&Value| error.to_string().contains("no attribute 'project_id'");
    if starts == row.contains_key("loaded") {
        tally.agrees("startup", &class(row));
    } else if row.get("error").as_ref().is_some_and(no_credentials) {
        // These processes, unlike those of the lookups, had no credentials of Google.
        tally.skips("startup", &class(row), "credentials of Google");
    } else {
        let reason = &answer.lookup.reason;
        return vec![format!("{pair}: recorded starts={}, ours {starts}: {reason}", !starts)];
    }
    Vec::new()
}

/// `search_order.jsonl`.
pub(crate) fn search_order(row: &Row, tally: &mut Tally) -> Vec<String> {
    let version = text(row, "airflow").unwrap().parse().unwrap();
    let (kind, prefix) = match text(row, "api").unwrap() {
        "variable" | "variable_default" => (Kind::Variable, "AIRFLOW_VAR_"),
        "connection" => (Kind::Connection, "AIRFLOW_CONN_"),
        other => return vec![format!("unknown api {other:?}")],
    };
    let key = text(row, "key").unwrap();
    let ours = next_places(Process::Server, kind, key, Some(&version));
    let order: Vec<(String, String)> = serde_json::from_value(row["order"].clone()).unwrap();
    let mut disagreements = Vec::new();
    let Some((first, rest)) =
        order.split_first().filter(|(first, _)| first.0 == "RecordingBackend")
    else {
        return vec![format!("the backend is not asked first: {order:?}")];
    };
    let found = |place: &(String, String)| place.1 == "found";
    if found(first) != rest.is_empty() {
        disagreements.push(format!("asking goes on after {first:?}: {rest:?}"));
    }
    // An exception of the backend is swallowed, and the next place is asked.
    let swallows = facts::airflow().behaves("swallows-lookup-errors", &version);
    if first.1.starts_with("raised") && rest.is_empty() == swallows {
        disagreements.push("an exception ends the search".to_owned());
    }
    for ((place, _), ours) in rest.iter().zip(&ours) {
        let agrees = match place.as_str() {
            "EnvironmentVariablesBackend" => ours.starts_with("environment variable"),
            "MetastoreBackend" => ours == "metadata database",
            _ => false,
        };
        if !agrees {
            disagreements.push(format!("recorded {place}, ours {ours}"));
        }
    }
    let env: BTreeMap<String, String> = serde_json::from_value(row["env"].clone()).unwrap();
    if let Some((_, outcome)) =
        rest.iter().find(|(place, _)| place == "EnvironmentVariablesBackend")
    {
        let asked = ours[0].strip_prefix("environment variable ").unwrap_or_default();
        if !asked.starts_with(prefix) {
            disagreements.push(format!("ours asks {asked}"));
        }
        let value = env.get(asked).map(String::as_str);
        match (outcome.as_str(), value) {
            ("found", Some(_)) | ("none", None) => {}
            (outcome, Some(value)) if kind == Kind::Connection && value.trim().is_empty() => {
                let why = "what the value of a connection's variable is worth";
                tally.skips("search order", outcome, why);
                return disagreements;
            }
            _ => disagreements.push(format!("{outcome} in {asked}, which is {value:?}")),
        }
    }
    if disagreements.is_empty() {
        tally.agrees("search order", text(row, "api").unwrap());
    }
    disagreements
}
