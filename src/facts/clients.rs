//! Calls that ask a secrets service directly, beside Airflow.

use std::sync::LazyLock;

use serde::Deserialize;

use super::embedded;

/// One such call.
#[derive(Debug, Deserialize)]
pub struct ClientCall {
    /// The backend whose service is asked.
    pub backend: String,
    /// The method.
    pub method: String,
    /// The end of the path of its class; `None` where the argument's name is telling enough.
    pub class: Option<String>,
    /// The argument that gives the secret's name.
    pub argument: String,
    /// Where it stands when it is given by position.
    pub position: Option<usize>,
    /// The member that gives the name, of an argument that is a dict.
    pub inside: Option<String>,
}

#[derive(Deserialize)]
struct File {
    calls: Vec<ClientCall>,
}

static CLIENTS: LazyLock<File> =
    LazyLock::new(|| embedded("clients.json", include_str!("../../rules/facts/clients.json")));

/// The calls whose method is called `method`.
pub fn client_calls(method: &str) -> impl Iterator<Item = &'static ClientCall> {
    CLIENTS.calls.iter().filter(move |call| call.method == method)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::backends;

    #[test]
    fn every_call_is_found_by_its_method_and_asks_a_known_backend() {
        for call in &CLIENTS.calls {
            assert!(client_calls(&call.method).any(|it| it.argument == call.argument));
            assert!(backends().iter().any(|backend| backend.id == call.backend), "{call:?}");
            assert!(call.class.is_some() || call.position.is_none(), "{call:?}");
        }
        assert_eq!(client_calls("get").count(), 0);
    }
}
