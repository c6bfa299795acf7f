//! Deployment files: `astro deployment create|update --deployment-file`, and what
//! `astro deployment inspect` prints, in YAML or JSON.
//!
//! The Astro CLI turns them into JSON and decodes that into its own types: names match whatever their
//! case, unknown ones are dropped without a word, and nothing is substituted
//! (`cloud/deployment/inspect/inspect.go` and `fromfile`, v1.45.0).

use super::deployed::{Deployed, DeployedVariable, Effect, Replacement, Target};
use super::marks;
use crate::facts;
use crate::model::{FileId, Origin, Place, Setting};
use crate::read::yaml::{Node, NodeKind, Style, Yaml};
use crate::text::{Span, Text, UNKNOWN, Value};

/// A deployment file.
#[derive(Debug)]
pub struct DeploymentFile {
    /// The file.
    pub file: FileId,
    /// Keys that the CLI drops without a word.
    pub ignored: Vec<IgnoredKey>,
    /// Why the CLI refuses the file, or a part of it.
    pub faults: Vec<DeploymentFault>,
}

/// A key that the CLI drops.
#[derive(Debug)]
pub struct IgnoredKey {
    /// The key as written.
    pub key: String,
    /// Where it stands.
    pub place: Place,
    /// Where it would have an effect, or what it should be called.
    pub belongs: Option<String>,
}

/// Something that the CLI refuses.
#[derive(Debug)]
pub struct DeploymentFault {
    /// What.
    pub kind: DeploymentFaultKind,
    /// Where.
    pub place: Place,
    /// The variable it is about.
    pub key: Option<String>,
}

/// What the CLI refuses in a deployment file.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum DeploymentFaultKind {
    /// A mapping or a list where text belongs: JSON without quotes.
    NotText,
    /// A variable without a key.
    NoKey,
    /// A variable without a value that is no secret.
    NoValue,
    /// What is no YAML, such as a tab in front of a key.
    Syntax,
}

/// Reads `yaml`, which `text`, the content of `file`, is, when it is a deployment file.
///
/// `is_filled_in` when something in the project may put values into other files: the CLI itself does not.
pub(super) fn read(
    file: FileId,
    text: &str,
    yaml: &Yaml,
    is_filled_in: bool,
) -> Option<(DeploymentFile, Deployed)> {
    let root = yaml.documents.first().and_then(|root| yaml.get(*root))?;
    let deployment = member(yaml, root, "deployment")?;
    let variables = member(yaml, deployment, "environment_variables");
    let configuration = member(yaml, deployment, "configuration");
    if variables.is_none() && configuration.is_none() {
        return None;
    }
    let mut reader =
        Reader { file, text, yaml, is_filled_in, ignored: Vec::new(), faults: Vec::new() };
    reader.ignored_keys(deployment, "deployment");
    if let Some(configuration) = configuration {
        reader.ignored_keys(configuration, "deployment.configuration");
    }
    for queue in
        member(yaml, deployment, "worker_queues").map(|it| parts(yaml, it)).unwrap_or_default()
    {
        reader.ignored_keys(queue, "deployment.worker_queues");
    }
    let entries = variables.map(|it| parts(yaml, it)).unwrap_or_default();
    let variables = entries.into_iter().filter_map(|entry| reader.variable(entry)).collect();
    let runtime =
        configuration.and_then(|it| member(yaml, it, "runtime_version")).and_then(|node| {
            Some((Value::of(marks::filled_in(node.text()?)), super::place_of(file, node)))
        });
    let deployed = Deployed {
        target: Target::File,
        origin: Origin::DeploymentFile,
        statement: Place::new(file, deployment.span),
        verb: None,
        effect: Effect::Replaces,
        variables,
        loads: Vec::new(),
        runtime,
    };
    if let Some(error) = &yaml.error {
        let place = Place::new(file, error.span);
        reader.faults.push(DeploymentFault { kind: DeploymentFaultKind::Syntax, place, key: None });
    }
    let Reader { ignored, faults, .. } = reader;
    Some((DeploymentFile { file, ignored, faults }, deployed))
}

/// The value under `key`, whatever its case, as Go's decoder looks for it; the last one counts.
fn member<'a>(yaml: &'a Yaml, node: &'a Node, key: &str) -> Option<&'a Node> {
    let is_key = |name: &Node| name.as_str().is_some_and(|it| it.eq_ignore_ascii_case(key));
    yaml.pairs(node).into_iter().rev().find(|(name, _)| is_key(name)).map(|(_, value)| value)
}

/// The elements of a list.
fn parts<'a>(yaml: &'a Yaml, node: &'a Node) -> Vec<&'a Node> {
    match &node.kind {
        NodeKind::Sequence(parts) => parts.iter().filter_map(|part| yaml.get(*part)).collect(),
        _ => Vec::new(),
    }
}

struct Reader<'a> {
    file: FileId,
    text: &'a str,
    yaml: &'a Yaml,
    is_filled_in: bool,
    ignored: Vec<IgnoredKey>,
    faults: Vec<DeploymentFault>,
}

impl Reader<'_> {
    fn ignored_keys(&mut self, node: &Node, path: &str) {
        for (name, _) in self.yaml.pairs(node) {
            let Some(key) = name.as_str().filter(|key| *key != "<<") else { continue };
            if !facts::deployment_file().knows(path, key) {
                self.ignored.push(IgnoredKey {
                    key: key.to_owned(),
                    place: Place::new(self.file, name.span),
                    belongs: facts::deployment_file().place_of(key),
                });
            }
        }
    }

    /// What makes `is_secret` true: in the place of its value, or in front of the first key of an entry
    /// that is written in lines of its own.
    fn mark(&self, entry: &Node, written: Option<&Node>) -> Option<Replacement> {
        if let Some(value) = written {
            let place = Place::new(self.file, value.span);
            return Some(Replacement { place, text: "true".to_owned() });
        }
        let start = entry.span.start;
        let line = self.text.get(..start)?.rfind('\n').map_or(0, |at| at + 1);
        let before = self.text.get(line..start)?;
        let is_block = before.chars().all(|c| c == ' ' || c == '-') && !before.is_empty();
        let is_flow = entry.span.of(self.text).starts_with('{');
        let line_end = if self.text.contains("\r\n") { "\r\n" } else { "\n" };
        (is_block && !is_flow).then(|| Replacement {
            place: Place::new(self.file, Span::at(start)),
            text: format!("is_secret: true{line_end}{}", " ".repeat(before.len())),
        })
    }

    fn variable(&mut self, entry: &Node) -> Option<DeployedVariable> {
        self.ignored_keys(entry, "deployment.environment_variables");
        let place = Place::new(self.file, entry.span);
        let key = member(self.yaml, entry, "key").filter(|key| !key.is_null());
        let Some(key) = key.filter(|key| key.as_str().is_some_and(|key| !key.is_empty())) else {
            self.faults.push(DeploymentFault {
                kind: DeploymentFaultKind::NoKey,
                place,
                key: None,
            });
            return None;
        };
        let name = key.as_str()?.to_owned();
        let mark = member(self.yaml, entry, "is_secret");
        let is_secret = mark.map_or(Some(false), truth);
        let value = member(self.yaml, entry, "value").filter(|value| !value.is_null());
        let text = match value.map(|node| (node, node.text())) {
            Some((_, Some(text))) => text.clone(),
            Some((node, None)) => {
                let place = Place::new(self.file, node.span);
                let kind = DeploymentFaultKind::NotText;
                self.faults.push(DeploymentFault { kind, place, key: Some(name.clone()) });
                // Something is meant to be there.
                Text::produced_by(UNKNOWN, node.span)
            }
            None => {
                if is_secret == Some(false) {
                    let kind = DeploymentFaultKind::NoValue;
                    self.faults.push(DeploymentFault { kind, place, key: Some(name.clone()) });
                }
                // Whatever it has already.
                Text::produced_by(UNKNOWN, key.text()?.span())
            }
        };
        let value_text = if self.is_filled_in {
            marks::filled_in(&text)
        } else {
            marks::filled_in_unless_json(&text)
        };
        let value_span = value.map_or(Span::at(key.span.end), |_| text.span());
        let setting = Setting {
            key: name,
            value: Value::of(value_text),
            file: self.file,
            key_span: key.text()?.span(),
            value_span,
            origin: Origin::DeploymentFile,
        };
        let mark = self.mark(entry, mark);
        Some(DeployedVariable {
            setting,
            has_value: value.is_some(),
            is_secret,
            mark,
            entry: place,
        })
    }
}

/// What a boolean says; `None` for anything else.
fn truth(node: &Node) -> Option<bool> {
    let NodeKind::Scalar(scalar) = &node.kind else { return None };
    match scalar.text.expose() {
        "true" | "True" | "TRUE" if scalar.style == Style::Plain => Some(true),
        "false" | "False" | "FALSE" if scalar.style == Style::Plain => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::DeploymentFaultKind::{NoKey, NoValue, NotText};
    use super::*;
    use crate::read::yaml;

    fn read_text(text: &str) -> Option<(DeploymentFile, Deployed)> {
        read(FileId(0), text, &yaml::read(text), false)
    }

    #[test]
    fn variables_have_their_places() {
        let text = "deployment:\n  environment_variables:\n  - is_secret: true\n    key: A\n    value: '{\"x\": 1}'\n  - Key: B\n    value: two\n  - is_secret: true\n    key: C\n  configuration:\n    name: prod\n    runtime_version: 12.6.0\n";
        let (file, deployed) = read_text(text).unwrap();
        let told: Vec<_> = deployed
            .variables
            .iter()
            .map(|it| {
                let value = it.setting.text().map(Text::expose);
                (it.setting.key.as_str(), value, it.setting.value_span.of(text), it.is_secret)
            })
            .collect();
        assert_eq!(
            told,
            [
                ("A", Some("{\"x\": 1}"), "{\"x\": 1}", Some(true)),
                ("B", Some("two"), "two", Some(false)),
                ("C", None, "", Some(true)),
            ]
        );
        assert!(!deployed.variables[2].has_value);
        assert!(file.faults.is_empty() && file.ignored.is_empty());
        assert_eq!(deployed.runtime.unwrap().0.known().unwrap().expose(), "12.6.0");
    }

    #[test]
    fn what_the_cli_drops_or_refuses_is_told() {
        let text = "deployment:\n  environment_variables:\n  - key: K\n    value: {\"a\": \"b\"}\n  - value: x\n  - key: D\n  - key: E\n    secret: true\n    value: v\n  configuration:\n    name: x\n    hibernation_schedules: []\n";
        let (file, deployed) = read_text(text).unwrap();
        let faults: Vec<_> = file.faults.iter().map(|it| it.kind).collect();
        assert_eq!(faults, [NotText, NoKey, NoValue]);
        let ignored: Vec<_> =
            file.ignored.iter().map(|it| (it.key.as_str(), it.belongs.as_deref())).collect();
        assert_eq!(
            ignored,
            [
                ("hibernation_schedules", Some("deployment")),
                ("secret", Some("deployment.environment_variables: is_secret")),
            ]
        );
        assert_eq!(deployed.variables.len(), 3);
    }

    #[test]
    fn other_files_are_none() {
        for text in
            ["", "deployment: prod\n", "a: b\n", "- deployment:\n", "deployment:\n  image: x\n"]
        {
            assert!(read_text(text).is_none(), "{text}");
        }
    }
}
