//! Options of Airflow's configuration that name connections.

use std::sync::LazyLock;

use pep440_rs::Version;
use serde::Deserialize;

use super::embedded;

/// How an option names connections.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum NamesConnections {
    /// Its value is the id.
    Id,
    /// Its value is JSON, with ids under keys that end in `conn_id`.
    Json,
    /// Its value is a URL, with the id before the `@`.
    Url,
}

#[derive(Deserialize)]
struct File {
    id: Vec<Row>,
    json: Vec<Row>,
    url: Vec<Row>,
}

#[derive(Deserialize)]
struct Row {
    option: String,
    since: Option<Version>,
}

static FILE: LazyLock<File> = LazyLock::new(|| {
    let json = include_str!("../../rules/facts/connection_options.json");
    embedded("connection_options.json", json)
});

impl Row {
    /// Whether it is the option that the environment variable `key` sets.
    fn is_set_by(&self, key: &str) -> bool {
        self.option.rsplit_once('.').is_some_and(|(section, option)| {
            let section = section.replace('.', "_").to_uppercase();
            key.strip_prefix("AIRFLOW__").and_then(|rest| rest.split_once("__"))
                == Some((&section, &option.to_uppercase()))
        })
    }
}

/// How the environment variable `key`, or the option that it would override, names connections, and the
/// first version of Airflow that reads it, where one is known.
#[must_use]
pub fn names_connections(key: &str) -> Option<(NamesConnections, Option<&'static Version>)> {
    let lists = [
        (&FILE.id, NamesConnections::Id),
        (&FILE.json, NamesConnections::Json),
        (&FILE.url, NamesConnections::Url),
    ];
    for (rows, how) in lists {
        if let Some(row) = rows.iter().find(|row| row.is_set_by(key)) {
            return Some((how, row.since.as_ref()));
        }
    }
    let (_, option) = key.strip_prefix("AIRFLOW__")?.split_once("__")?;
    let is_id = option == "CONN_ID" || option.ends_with("_CONN_ID");
    is_id.then_some((NamesConnections::Id, None))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_are_known_by_their_variables() {
        use NamesConnections::{Id, Json, Url};
        for (key, how) in [
            ("AIRFLOW__LOGGING__REMOTE_LOG_CONN_ID", Some(Id)),
            ("AIRFLOW__AWS_AUTH_MANAGER__CONN_ID", Some(Id)),
            ("AIRFLOW__ASTRO_SDK__XCOM_STORAGE_CONN_ID", Some(Id)),
            ("AIRFLOW__DAG_PROCESSOR__DAG_BUNDLE_CONFIG_LIST", Some(Json)),
            ("AIRFLOW__COSMOS__DBT_DOCS_PROJECTS", Some(Json)),
            ("AIRFLOW__COMMON_IO__XCOM_OBJECTSTORAGE_PATH", Some(Url)),
            ("AIRFLOW__DATABASE__SQL_ALCHEMY_CONN", None),
            ("SNOWFLAKE_CONN_ID", None),
        ] {
            assert_eq!(names_connections(key).map(|(how, _)| how), how, "{key}");
        }
        for row in &FILE.id {
            assert!(row.option.ends_with("conn_id"), "{}", row.option);
        }
    }
}
