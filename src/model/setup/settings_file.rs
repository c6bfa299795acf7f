//! `airflow_settings.yaml`: the connections and variables that the Astro CLI puts into the database of
//! the local Airflow (`settings/types.go`, v1.45.0).

use super::deployed::{Store, Stored};
use super::{place_of, value_of};
use crate::model::{FileId, Kind, Origin};
use crate::read::yaml::{Node, NodeKind, Yaml};

/// A settings file of the local Airflow.
#[derive(Debug)]
pub struct SettingsFile {
    /// The file.
    pub file: FileId,
}

/// The fields of a connection, with Airflow's names for them.
const FIELDS: [(&str, &str); 8] = [
    ("conn_type", "conn_type"),
    ("conn_host", "host"),
    ("conn_schema", "schema"),
    ("conn_login", "login"),
    ("conn_password", "password"),
    ("conn_port", "port"),
    ("conn_uri", "uri"),
    ("conn_extra", "extra"),
];

/// Reads `yaml`, the content of `file`.
pub(super) fn read(file: FileId, yaml: &Yaml) -> (SettingsFile, Vec<Stored>) {
    let mut stored = Vec::new();
    let root = yaml.documents.first().and_then(|root| yaml.get(*root));
    let airflow = root.and_then(|root| yaml.member(root, "airflow"));
    for node in airflow.map(|it| list(yaml, it, "connections")).unwrap_or_default() {
        let Some(key) = field(yaml, node, "conn_id") else { continue };
        let fields = FIELDS.iter().filter_map(|(name, field_name)| {
            Some((*field_name, value_of(field(yaml, node, name)?)?))
        });
        let Some(value) = value_of(key) else { continue };
        stored.push(Stored {
            kind: Kind::Connection,
            key: value,
            store: Store::LocalDatabase,
            fields: fields.collect(),
            statement: place_of(file, node),
            origin: Origin::SettingsFile,
        });
    }
    for node in airflow.map(|it| list(yaml, it, "variables")).unwrap_or_default() {
        let Some(key) = field(yaml, node, "variable_name").and_then(value_of) else { continue };
        let value = field(yaml, node, "variable_value").and_then(value_of);
        stored.push(Stored {
            kind: Kind::Variable,
            key,
            store: Store::LocalDatabase,
            fields: value.map(|value| ("value", value)).into_iter().collect(),
            statement: place_of(file, node),
            origin: Origin::SettingsFile,
        });
    }
    (SettingsFile { file }, stored)
}

/// The elements of the list under `key`.
fn list<'a>(yaml: &'a Yaml, node: &'a Node, key: &str) -> Vec<&'a Node> {
    match yaml.member(node, key).map(|list| &list.kind) {
        Some(NodeKind::Sequence(parts)) => {
            parts.iter().filter_map(|part| yaml.get(*part)).collect()
        }
        _ => Vec::new(),
    }
}

/// A field that is filled in.
fn field<'a>(yaml: &'a Yaml, node: &'a Node, key: &str) -> Option<&'a Node> {
    let field = yaml.member(node, key)?;
    field.as_str().is_some_and(|text| !text.is_empty() && !field.is_null()).then_some(field)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::read::yaml;
    use crate::text::Text;

    #[test]
    fn entries_are_those_with_a_name() {
        let text = "airflow:\n  connections:\n  - conn_id: warehouse\n    conn_type: postgres\n    conn_password:\n    conn_extra:\n      RoleArn: x\n  - conn_id:\n  pools: []\n  variables:\n  - variable_name: a\n    variable_value: b\n  - variable_name:\n    variable_value:\n";
        let (_, stored) = read(FileId(0), &yaml::read(text));
        let told: Vec<_> = stored
            .iter()
            .map(|it| {
                let fields: Vec<_> = it.fields.iter().map(|(name, _)| *name).collect();
                (it.kind, it.key.known().map(Text::expose).unwrap(), fields)
            })
            .collect();
        assert_eq!(
            told,
            [
                (Kind::Connection, "warehouse", vec!["conn_type"]),
                (Kind::Variable, "a", vec!["value"])
            ]
        );
    }
}
