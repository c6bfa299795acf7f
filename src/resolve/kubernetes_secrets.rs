//! `KubernetesSecretsBackend` of the cncf-kubernetes provider, 10.13.0 to 10.25.0.

use super::lookup::{Lookup, Outcome};
use super::per_kind::PerKind;
use super::start::{Names, Start, Started, State};
use super::team_like::Refusal;
use crate::model::Kind;

/// The running backend.
#[derive(Debug)]
struct KubernetesSecrets {
    /// The label whose value is the key; `None` when the kind is never asked for.
    labels: PerKind<Option<String>>,
    /// The selector that leaves out the secrets of teams.
    without_teams: String,
    refusal: Refusal,
}

/// Constructs the backend.
pub(super) fn start(start: &Start<'_>) -> Started {
    let labels = PerKind::try_new(|kind| {
        let label = start.value(&format!("{}_label", kind.parameter_stem()));
        Ok::<_, State>((!label.is_none()).then(|| label.str()))
    })?;
    let team = start.value("team_label");
    let without_teams = if start.behaves("leaves-out-teams") && team.is_truthy() {
        format!(",!{}", team.str())
    } else {
        String::new()
    };
    let refusal = if start.behaves("refuses-team-like") {
        Refusal::of_team_like("_", "_".to_owned(), "___".to_owned())
    } else {
        Refusal::default()
    };
    Ok(Box::new(KubernetesSecrets { labels, without_teams, refusal }))
}

/// Kubernetes: at most 63 letters, digits, `-`, `_` and `.`, with a letter or digit at both ends.
fn is_label_value(text: &str) -> bool {
    let at_ends = |byte: Option<&u8>| byte.is_none_or(u8::is_ascii_alphanumeric);
    let bytes = text.as_bytes();
    bytes.len() <= 63
        && bytes.iter().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(byte))
        && at_ends(bytes.first())
        && at_ends(bytes.last())
}

impl Names for KubernetesSecrets {
    fn name(&self, kind: Kind, key: &str) -> Option<String> {
        let label = self.labels.get(kind).as_ref()?;
        Some(format!("{label}={key}{}", self.without_teams))
    }

    /// The value of the label: nothing is put before a key.
    fn joined(&self, kind: Kind, key: &str) -> Option<String> {
        self.labels.get(kind).as_ref().map(|_| key.to_owned())
    }

    fn lookup(&self, kind: Kind, key: &str) -> Lookup {
        let Some(selector) = self.name(kind, key) else {
            return Lookup::switched_off(kind, &format!("{}_label", kind.parameter_stem()));
        };
        if let Some(lookup) = self.refusal.keeps_back(kind, key) {
            return lookup;
        }
        if !is_label_value(key) {
            let reason = format!("`{key}` cannot be the value of a label: ApiException");
            return Lookup::none(Outcome::LookupError, reason);
        }
        Lookup::asked(selector, "the secret that has this label, not one of this name")
    }
}
