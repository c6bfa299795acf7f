//! `LockboxSecretBackend` of the yandex provider, 3.8.0 to 4.6.1.

use super::fault::Fault;
use super::lookup::{KeptBack, Lookup};
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
pub(super) fn start(start: &Start<'_>) -> Started {
    let connection = start.value("yc_connection_id");
    let credentials = ["yc_oauth_token", "yc_sa_key_json", "yc_sa_key_json_path"];
    let given = credentials.into_iter().find(|name| start.value(name).is_truthy());
    let has_credentials = given.is_some();
    if let Some(given) = given.filter(|_| !connection.is_none()) {
        let what = "`yc_connection_id` stands beside other credentials";
        return Err(Fault::together(vec!["yc_connection_id", given], what, "ValueError").into());
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
    let refusal = refusal(start, separator.as_str());
    Ok(Box::new(YandexLockbox { before, own_connection, refusal }))
}

/// From 4.5.0 on ids are refused that look like `team//id`; from 4.5.1 on only in multi-team mode,
/// and then every id with the separator twice. It is looked for with Python's `re`, and by
/// repeating the separator, so that not every separator will do.
fn refusal(start: &Start<'_>, separator: Option<&str>) -> Refusal {
    let always = start.behaves("refuses-double-separator");
    let in_teams = start.behaves("refuses-double-separator-in-multi-team-mode");
    let checks = always || (in_teams && start.multi_team());
    match separator {
        _ if !checks => Refusal::default(),
        None => Refusal::that_raises("`sep` is not a string: TypeError"),
        Some("") if always => Refusal::that_raises("`sep` is empty: re.error"),
        Some(text) if always => Refusal::of_team_like("", text.to_owned(), text.repeat(2)),
        Some(text) => Refusal::of_ids_with(text.repeat(2)),
    }
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
            return Lookup::never_asked(KeptBack::Own, reason);
        }
        if let Some(lookup) = self.refusal.keeps_back(kind, key) {
            return lookup;
        }
        Lookup::asked(name, "prefix, separator and key, among all secrets of the folder")
    }
}
