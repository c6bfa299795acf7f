//! What asking the services behind the backends costs.

use std::sync::LazyLock;

use serde::Deserialize;

use super::embedded;

/// The price of the call that a lookup makes.
#[derive(Debug, Deserialize)]
pub struct Price {
    backend: String,
    /// How the service is called.
    pub service: String,
    /// The call.
    pub call: String,
    usd: f64,
    calls: f64,
    /// Where it does not cost that: the rest of a sentence that begins with the price.
    pub only: Option<String>,
    /// The day it was read on.
    pub read: String,
}

impl Price {
    /// What `calls` calls cost, in US dollars.
    #[must_use]
    pub fn of(&self, calls: u64) -> f64 {
        #[expect(clippy::cast_precision_loss, reason = "nobody makes 2^52 calls")]
        let calls = calls as f64;
        calls / self.calls * self.usd
    }
}

#[derive(Deserialize)]
struct File {
    prices: Vec<Price>,
}

static PRICES: LazyLock<File> =
    LazyLock::new(|| embedded("prices.json", include_str!("../../rules/facts/prices.json")));

/// What a call of the service behind the backend with this id costs, where each is paid for.
#[must_use]
pub fn price_of(backend: &str) -> Option<&'static Price> {
    PRICES.prices.iter().find(|price| price.backend == backend)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_every_30_seconds_costs_cents_a_month() {
        let cost = |backend| price_of(backend).map(|price| price.of(86_400));
        assert!((cost("aws_secrets_manager").unwrap() - 0.432).abs() < 1e-9);
        assert!((cost("azure_key_vault").unwrap() - 0.2592).abs() < 1e-9);
        assert_eq!(cost("hashicorp_vault"), None);
    }
}
