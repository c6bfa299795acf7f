//! Which connection a class of Airflow's asks for when it is given none.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;

use crate::hash::HashMap;

#[derive(Deserialize)]
struct DefaultConnections {
    /// `parameter=id`, and the names of the classes.
    #[serde(borrow)]
    defaults: BTreeMap<&'static str, &'static str>,
}

/// A parameter, and the id that stands in for it.
type Default = (&'static str, &'static str);

static BY_CLASS: LazyLock<HashMap<&str, Vec<Default>>> = LazyLock::new(|| {
    let json = include_str!("../../rules/facts/default_connections.json");
    let rows: DefaultConnections = super::embedded("default_connections.json", json);
    let mut by_class: HashMap<&str, Vec<Default>> = HashMap::default();
    // In the order of the parameters.
    for (pair, classes) in rows.defaults {
        let Some(default) = pair.split_once('=') else { continue };
        for class in classes.split(' ') {
            by_class.entry(class).or_default().push(default);
        }
    }
    by_class
});

/// The parameters of the class called `name`, one of a provider package, that name a connection, each with
/// the id that stands in for it: the same in every version that was looked at.
#[must_use]
pub fn default_connections(name: &str) -> &'static [Default] {
    BY_CLASS.get(name).map_or(&[], Vec::as_slice)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes_have_default_connections() {
        let aws = ("aws_conn_id", "aws_default");
        assert!(default_connections("S3Hook").contains(&aws));
        assert!(default_connections("S3KeySensor").contains(&aws));
        assert!(default_connections("BashOperator").is_empty());
    }
}
