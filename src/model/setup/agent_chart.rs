//! `values.yaml` of the chart of Astro's remote execution agents: `secretBackend`, and environment
//! variables of the agents (astronomer.io/docs, "Helm chart configuration reference").

use super::deployed::{Deployed, DeployedVariable, Effect, Target};
use super::marks::filled_in;
use super::place_of;
use crate::facts::agent_chart;
use crate::model::{FileId, Origin, Setting, variable_name};
use crate::read::yaml::{Node, Yaml};
use crate::text::{Text, UNKNOWN, Value};

/// Reads `yaml`, the content of `file`, when it holds values of that chart.
pub(super) fn read(file: FileId, yaml: &Yaml) -> Option<Deployed> {
    let root = yaml.documents.first().and_then(|root| yaml.get(*root))?;
    let chart = agent_chart();
    let mut keys = chart.tokens.iter().chain([&chart.backend_class]);
    if !keys.any(|key| yaml.member(root, key).is_some()) {
        return None;
    }
    let mut variables = Vec::new();
    for (key, value) in yaml.pairs(root) {
        if key.as_str() == Some(&chart.backend_class)
            && let Some(value) = given(value)
        {
            variables.push(variable(
                file,
                &variable_name("secrets", "backend"),
                key,
                Some(value),
                key,
            ));
        }
    }
    // Variables stand in lists of `name` and `value`, or in mappings, of all components or of one.
    for node in yaml.nodes() {
        let named = yaml.member(node, "name").filter(|_| !yaml.pairs(node).is_empty());
        if let Some(name) = named.filter(|name| name.as_str().is_some_and(is_variable)) {
            let value = yaml.member(node, "value").and_then(given);
            variables.push(variable(file, name.as_str().unwrap_or(""), name, value, node));
            continue;
        }
        for (key, value) in yaml.pairs(node) {
            if let Some(name) = key.as_str().filter(|name| is_variable(name)) {
                variables.push(variable(file, name, key, given(value), key));
            }
        }
    }
    Some(Deployed {
        target: Target::File,
        origin: Origin::AgentChart,
        statement: place_of(file, root),
        verb: None,
        effect: Effect::Replaces,
        variables,
        loads: Vec::new(),
        runtime: image(yaml, root).map(|(image, node)| (image, place_of(file, node))),
    })
}

/// The image of the agents: `image: NAME:TAG`, or in parts.
fn image<'a>(yaml: &'a Yaml, root: &'a Node) -> Option<(Value, &'a Node)> {
    let image = yaml.member(root, "image")?;
    if let Some(text) = image.text() {
        return Some((Value::of(filled_in(text)), image));
    }
    let part = |key| Some(filled_in(yaml.member(image, key)?.text()?));
    let (name, tag) = (part("repository")?, part("tag")?);
    let text = format!("{}:{}", name.expose(), tag.expose());
    Some((Value::of(Text::produced_by(text, image.span)), image))
}

/// A value that is written there; `~` is yet to be filled in.
fn given(node: &Node) -> Option<Value> {
    let text = node.text().filter(|_| !node.is_null())?;
    Some(Value::of(filled_in(text)))
}

fn is_variable(name: &str) -> bool {
    name.starts_with("AIRFLOW_") || name.starts_with("AWS_")
}

/// The variable `name`; one without a value takes it from somewhere in the cluster.
fn variable(
    file: FileId,
    name: &str,
    key: &Node,
    value: Option<Value>,
    entry: &Node,
) -> DeployedVariable {
    let has_value = value.is_some();
    let value = value.unwrap_or_else(|| Value::Dynamic(Text::produced_by(UNKNOWN, key.span)));
    let setting = Setting {
        key: name.to_owned(),
        value_span: value.span(),
        value,
        file,
        key_span: key.text().map_or(key.span, Text::span),
        origin: Origin::AgentChart,
    };
    DeployedVariable {
        setting,
        has_value,
        is_secret: None,
        mark: None,
        entry: place_of(file, entry),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::read::yaml;

    #[test]
    fn lists_and_mappings_give_variables() {
        let text = "agentTokenSecretName: t\nsecretBackend: \"a.b.C\"\ncommonEnv:\n- name: AIRFLOW__SECRETS__BACKEND_KWARGS\n  value: '{\"a\": 1}'\n- name: AWS_REGION\n  valueFrom: {x: y}\nworkers:\n- env:\n    AIRFLOW__CORE__X: y\n";
        let deployed = read(FileId(0), &yaml::read(text)).unwrap();
        let told: Vec<_> = deployed
            .variables
            .iter()
            .map(|it| (it.setting.key.as_str(), it.setting.text().map(Text::expose)))
            .collect();
        assert_eq!(
            told,
            [
                ("AIRFLOW__SECRETS__BACKEND", Some("a.b.C")),
                ("AIRFLOW__SECRETS__BACKEND_KWARGS", Some("{\"a\": 1}")),
                ("AWS_REGION", None),
                ("AIRFLOW__CORE__X", Some("y")),
            ]
        );
        assert!(read(FileId(0), &yaml::read("env:\n  AIRFLOW__CORE__X: y\n")).is_none());
    }
}
