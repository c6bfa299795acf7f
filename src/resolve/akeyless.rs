//! `AkeylessBackend` of the akeyless provider, 0.1.0 to 0.3.2.

use super::fault::Fault;
use super::lookup::{KeptBack, Lookup, Outcome};
use super::per_kind::PerKind;
use super::python_value::PythonValue;
use super::start::{Names, Start, Started, State};
use super::team_like::Refusal;
use crate::facts::airflow;
use crate::model::Kind;

/// The running backend.
#[derive(Debug)]
struct Akeyless {
    /// What stands before a key; `None` when the kind is never asked for.
    before: PerKind<Option<String>>,
    refusal: Refusal,
    client_fault: Option<Fault>,
}

/// Constructs the backend.
pub(super) fn start(start: &Start<'_>) -> Started {
    let login = start.value("access_type");
    let known = match login.as_str() {
        Some("api_key" | "uid") => true,
        Some("aws_iam" | "gcp" | "azure_ad") => start.behaves("logs-in-by-cloud"),
        _ => false,
    };
    if !known {
        let why = "the `access_type` is not supported: ValueError";
        return Err(State::from(why.to_owned()));
    }
    let (separator, is_text) = (start.value("sep").str(), start.value("sep").as_str().is_some());
    let slash = PythonValue::Text("/");
    let shared = start.value("global_secrets_path");
    let shared = if shared.is_none() {
        None
    } else {
        Some(shared.rstrip("global_secrets_path", slash, "sep")?)
    };
    let multi_team = multi_team(start);
    let before = PerKind::try_new(|kind| {
        let name = format!("{}_path", kind.parameter_stem());
        let path = start.value(&name);
        if !path.is_truthy() {
            return Ok::<_, State>(None);
        }
        let path = path.rstrip(&name, slash, "sep")?;
        Ok(Some(match &shared {
            // Without a team, the shared path below the base path is asked for.
            Some(shared) if multi_team && kind != Kind::Config => {
                format!("{path}{separator}{shared}{separator}")
            }
            _ => format!("{path}{separator}"),
        }))
    })?;
    let checks = start.behaves("refuses-separator-in-multi-team-mode")
        && multi_team
        && start.is_on("use_team_secrets_path");
    let refusal = match shared {
        _ if !checks => Refusal::default(),
        _ if !is_text => Refusal::that_raises("`sep` is not a string: TypeError"),
        Some(_) => Refusal::default(),
        None => Refusal::of_ids_with(separator),
    };
    let lacks_token = login.as_str() == Some("uid") && start.keyword("uid_token").is_none();
    let client_fault = lacks_token
        .then(|| Fault::missing(&["uid_token"], "the login `uid` lacks `uid_token`", "KeyError"));
    Ok(Box::new(Akeyless { before, refusal, client_fault }))
}

/// Until 0.3.1 the option was read as text, so that any text counts, also the default `False`
/// that Airflow has for it from 3.2.0 on.
fn multi_team(start: &Start<'_>) -> bool {
    if !start.behaves("reads-multi-team-as-text") {
        return start.multi_team();
    }
    let set = start.configuration.plain("core", "multi_team").and_then(|setting| setting.text());
    match set {
        Some(text) => !text.expose().is_empty(),
        None => airflow().behaves("multi-team", start.airflow),
    }
}

impl Names for Akeyless {
    fn faults(&self) -> Vec<(Option<Kind>, &Fault)> {
        self.client_fault.iter().map(|fault| (None, fault)).collect()
    }

    fn name(&self, kind: Kind, key: &str) -> Option<String> {
        let before = self.before.get(kind).as_ref()?;
        Some(format!("{before}{key}"))
    }

    fn lookup(&self, kind: Kind, key: &str) -> Lookup {
        let Some(name) = self.name(kind, key) else {
            let stem = kind.parameter_stem();
            let reason = format!("`{stem}_path` is null or empty, so no {kind} is ever asked for");
            return Lookup::never_asked(KeptBack::Off, reason);
        };
        if let Some(lookup) = self.refusal.keeps_back(kind, key) {
            return lookup;
        }
        if let Some(fault) = &self.client_fault {
            return Lookup::none(Outcome::LookupError, fault.to_string());
        }
        Lookup::asked(name, "path, separator and key")
    }
}
