//! `LockboxSecretBackend` of the yandex provider, 3.8.0 to 4.6.1.

use super::lookup::{Lookup, Outcome};
use super::per_kind::PerKind;
use super::start::{Names, Start, Started, State};
use super::team_like::Refusal;
use crate::model::Kind;

/// The connection whose credentials are used when none are given.
const DEFAULT_CONNECTION: &str = "yandexcloud_default";

/// The running backend.
#[derive(Debug)]
struct YandexLockbox {
    /// What stands before a key; `None` when the kind is never asked for.
    before: PerKind<Option<String>>,
    /// The connection that holds the backend's own credentials, which it cannot ask itself for.
    own_connection: Option<String>,
    refusal: Refusal,
}

/// Constructs the backend.
pub fn start(start: &Start<'_>) -> Started {
    let connection = start.value("yc_connection_id");
    let credentials = ["yc_oauth_token", "yc_sa_key_json", "yc_sa_key_json_path"];
    let has_credentials = credentials.iter().any(|name| start.value(name).is_truthy());
    if has_credentials && !connection.is_none() {
        let why = "`yc_connection_id` stands beside other credentials: ValueError";
        return Err(State::StartupError(why.to_owned()));
    }
    let own_connection = (!has_credentials).then(|| {
        if connection.is_truthy() { connection.str() } else { DEFAULT_CONNECTION.to_owned() }
    });
    let separator = start.value("sep");
    let before = PerKind::try_new(|kind| {
        let name = format!("{}_prefix", kind.parameter_stem());
        let prefix = start.value(&name);
        if prefix.is_none() {
            return Ok::<_, State>(None);
        }
        let stripped = prefix.rstrip(&name, separator, "sep")?;
        Ok(Some(if stripped.is_empty() { stripped } else { stripped + &separator.str() }))
    })?;
    let separator = separator.str();
    let doubled = separator.repeat(2);
    let refusal = if start.behaves("refuses-double-separator") {
        Refusal::of_team_like("", separator, doubled)
    } else if start.behaves("refuses-double-separator-in-multi-team-mode") && start.multi_team() {
        Refusal::of_ids_with(doubled)
    } else {
        Refusal::default()
    };
    Ok(Box::new(YandexLockbox { before, own_connection, refusal }))
}

impl Names for YandexLockbox {
    fn name(&self, kind: Kind, key: &str) -> Option<String> {
        let before = self.before.get(kind).as_ref()?;
        Some(format!("{before}{key}"))
    }

    fn lookup(&self, kind: Kind, key: &str) -> Lookup {
        let Some(name) = self.name(kind, key) else {
            return Lookup::switched_off(kind, &format!("{}_prefix", kind.parameter_stem()));
        };
        if kind == Kind::Connection && self.own_connection.as_deref() == Some(key) {
            let reason = format!("`{key}` holds the credentials that the backend itself needs");
            return Lookup::none(Outcome::NeverAsked, reason);
        }
        if let Some(reason) = self.refusal.covers(kind, key) {
            return Lookup::none(Outcome::NeverAsked, reason);
        }
        Lookup::asked(name, "prefix, separator and key, among all secrets of the folder")
    }
}
