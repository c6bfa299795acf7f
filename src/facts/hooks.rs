//! Which arguments name a connection.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;

#[derive(Deserialize)]
struct Hooks {
    /// Classes and functions besides hooks that take the id of a connection first.
    others: Vec<Other>,
    /// Keywords that name a connection for some classes only.
    keywords: Vec<Keyword>,
    connection_parameters: Vec<String>,
    /// What hooks take first that take no connection first; nothing where it must be named.
    first_parameter: BTreeMap<String, Option<String>>,
    /// Which of them take one later.
    later_position: LaterPosition,
}

#[derive(Deserialize)]
struct LaterPosition {
    classes: BTreeMap<String, usize>,
}

#[derive(Deserialize)]
struct Other {
    /// How the name ends.
    ends: String,
}

#[derive(Deserialize)]
struct Keyword {
    /// How the name of the class begins.
    begins: String,
    keyword: String,
}

static HOOKS: LazyLock<Hooks> =
    LazyLock::new(|| super::embedded("hooks.json", include_str!("../../rules/facts/hooks.json")));

/// Whether a parameter with this name takes the id of a connection.
#[must_use]
pub fn names_connection(parameter: &str) -> bool {
    parameter == "conn_id"
        || parameter.ends_with("_conn_id")
        || parameter.starts_with("conn_id_")
        || parameter.ends_with("_id")
            && HOOKS.connection_parameters.iter().any(|it| it == parameter)
}

/// Whether the parameter takes the id of a connection where it is one of `class`.
#[must_use]
pub fn class_names_connection(class: &str, parameter: &str) -> bool {
    let is_it = |it: &Keyword| it.keyword == parameter && class.starts_with(&it.begins);
    names_connection(parameter) || HOOKS.keywords.iter().any(is_it)
}

/// Whether a parameter with this name takes a list of such ids.
#[must_use]
pub fn names_connection_list(parameter: &str) -> bool {
    parameter.ends_with("_conn_ids")
}

/// Whether what is imported as `path` is no hook, and takes the id of a connection as its first argument.
#[must_use]
pub fn other_takes_connection_first(path: &str) -> bool {
    let name = path.rsplit('.').next().unwrap_or(path);
    HOOKS.others.iter().any(|it| name.ends_with(&it.ends))
}

/// Which argument by position is the id of the connection of the hook that is imported as `class`; `None` where
/// it must be named. Hooks of projects are taken to follow the custom.
#[must_use]
pub fn hook_takes_connection_at(class: &str) -> Option<usize> {
    let name = class.rsplit('.').next().unwrap_or(class);
    match HOOKS.later_position.classes.get(name) {
        Some(position) => Some(*position),
        None => (!HOOKS.first_parameter.contains_key(name)).then_some(0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hooks_differ_in_what_they_take_first() {
        for (class, position) in [
            // The name of a logger, or in older versions the context.
            ("airflow.hooks.base.BaseHook", None),
            ("airflow.sdk.BaseHook", None),
            ("airflow.providers.amazon.aws.hooks.ecr.EcrHook", None),
            ("airflow.providers.snowflake.hooks.snowflake.SnowflakeHook", Some(0)),
            ("airflow.providers.http.hooks.http.HttpHook", Some(1)),
            ("airflow.providers.apache.spark.hooks.spark_sql.SparkSqlHook", Some(2)),
        ] {
            assert_eq!(hook_takes_connection_at(class), position, "{class}");
        }
        // Nothing takes one later that takes one first.
        let later = HOOKS.later_position.classes.iter();
        assert!(
            later.clone().all(|(name, at)| *at > 0 && HOOKS.first_parameter.contains_key(name))
        );
        assert!(other_takes_connection_first(
            "cosmos.profiles.SnowflakeUserPasswordProfileMapping"
        ));
        assert!(!other_takes_connection_first("cosmos.ProfileConfig"));
        assert!(names_connection("src_postgres_conn_id") && names_connection("kafka_config_id"));
        assert!(!names_connection("task_id") && !names_connection("connection"));
    }
}
