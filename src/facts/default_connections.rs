//! Which connection a class of Airflow's asks for when it is given none.

use std::collections::HashMap;
use std::sync::LazyLock;

use serde::Deserialize;

#[derive(Deserialize)]
struct DefaultConnections {
    /// `parameter=id`, and the names of the classes.
    defaults: HashMap<String, String>,
}

/// By class: the parameters, each with the id.
static BY_CLASS: LazyLock<HashMap<String, Vec<(String, String)>>> = LazyLock::new(|| {
    let rows: DefaultConnections = super::embedded(
        "default_connections.json",
        include_str!("../../rules/facts/default_connections.json"),
    );
    let mut by_class: HashMap<String, Vec<(String, String)>> = HashMap::new();
    for (pair, classes) in &rows.defaults {
        let Some((parameter, id)) = pair.split_once('=') else { continue };
        for class in classes.split(' ') {
            let row = (parameter.to_owned(), id.to_owned());
            by_class.entry(class.to_owned()).or_default().push(row);
        }
    }
    for rows in by_class.values_mut() {
        rows.sort();
    }
    by_class
});

/// The parameters of the class called `name`, one of a provider package, that name a connection, each with
/// the id that stands in for it: the same in every version that was looked at.
#[must_use]
pub fn default_connections(name: &str) -> &'static [(String, String)] {
    BY_CLASS.get(name).map_or(&[], Vec::as_slice)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes_have_default_connections() {
        let aws = ("aws_conn_id".to_owned(), "aws_default".to_owned());
        assert!(default_connections("S3Hook").contains(&aws));
        assert!(default_connections("S3KeySensor").contains(&aws));
        assert!(default_connections("BashOperator").is_empty());
    }
}
