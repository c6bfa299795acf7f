//! What CI systems run: the scripts in their YAML.

use std::path::Path;

use crate::facts;
use crate::model::{FileId, Place};
use crate::read::shell::Dialect;
use crate::read::yaml::{Node, NodeKind, Yaml};
use crate::text::{Span, Text, TextBuilder};

/// The jobs of a CI system.
#[derive(Debug)]
pub struct Workflow {
    /// The file.
    pub file: FileId,
    /// The scripts in it, in order.
    pub scripts: Vec<Text>,
    /// Whether people start it, or a part of it, and nothing else does.
    pub is_manual: bool,
    /// The actions that its steps use.
    pub actions: Vec<Action>,
}

/// A step that uses somebody's action.
#[derive(Debug)]
pub struct Action {
    /// The action: `astronomer/deploy-action`, without its version.
    pub name: String,
    /// Where that stands.
    pub place: Place,
    /// What the step gives it, as far as it is text.
    pub inputs: Vec<(String, Text)>,
}

impl Action {
    /// Whether it makes a preview deployment.
    #[must_use]
    pub fn makes_preview(&self) -> bool {
        let mut inputs = self.inputs.iter();
        inputs.any(|(name, value)| facts::makes_preview(&self.name, name, value.expose()))
    }
}

/// What GitHub calls it when somebody starts a workflow.
const BY_HAND: &str = "workflow_dispatch";

/// The keys under which CI systems keep scripts: `run` of GitHub and CircleCI, `script` and its kin of
/// GitLab, Bitbucket and Azure, `command` of CircleCI, `bash` and `inlineScript` of Azure.
const SCRIPT_KEYS: [&str; 7] =
    ["run", "script", "before_script", "after_script", "command", "bash", "inlineScript"];

/// Reads `yaml`, the content of `file`.
pub(super) fn read(file: FileId, yaml: &Yaml) -> Workflow {
    let root = yaml.documents.first().and_then(|root| yaml.get(*root));
    // Of GitHub; the others say it in each job, if at all.
    let on = root.and_then(|root| yaml.member(root, "on"));
    let pairs = yaml.nodes().flat_map(|node| yaml.pairs(node));
    let mut conditions = pairs.filter(|(key, _)| key.as_str() == Some("if"));
    let is_manual = on.is_some_and(|on| is_only(yaml, on, BY_HAND))
        || conditions.any(|(_, value)| value.as_str().is_some_and(|it| it.contains(BY_HAND)));
    let mut workflow = Workflow { file, scripts: Vec::new(), is_manual, actions: Vec::new() };
    for node in yaml.nodes() {
        for (key, value) in yaml.pairs(node) {
            match key.as_str() {
                Some(name) if SCRIPT_KEYS.contains(&name) => {
                    scripts(yaml, value, &mut workflow.scripts);
                }
                Some("uses") => {
                    let Some(text) = value.as_str() else { continue };
                    let name = text.split('@').next().unwrap_or(text).to_owned();
                    let with = yaml.member(node, "with");
                    let inputs = with.map(|it| yaml.pairs(it)).unwrap_or_default().into_iter();
                    let inputs = inputs.filter_map(|(name, value)| {
                        Some((name.as_str()?.to_owned(), value.text()?.clone()))
                    });
                    workflow.actions.push(Action {
                        name,
                        place: Place::new(file, value.span),
                        inputs: inputs.collect(),
                    });
                }
                _ => {}
            }
        }
    }
    workflow
}

impl Workflow {
    /// What the CI system that reads the file at `path` replaces in its scripts.
    #[must_use]
    pub fn dialect(&self, path: &Path) -> Dialect {
        let path = path.to_string_lossy();
        let is = |part: &str| path.contains(part);
        if is(".circleci") {
            Dialect::CircleCi
        } else if is("azure-pipelines") {
            Dialect::Azure
        } else if is("gitlab") {
            Dialect::GitLab
        } else if is(".github") {
            Dialect::GitHub
        } else {
            Dialect::Bash
        }
    }
}

/// Whether `node` is `name`, or a list or mapping of nothing else.
fn is_only(yaml: &Yaml, node: &Node, name: &str) -> bool {
    let is_it = |node: &Node| node.as_str() == Some(name);
    match &node.kind {
        NodeKind::Sequence(parts) => {
            !parts.is_empty() && parts.iter().all(|part| yaml.get(*part).is_some_and(is_it))
        }
        NodeKind::Mapping(_) => {
            let pairs = yaml.pairs(node);
            !pairs.is_empty() && pairs.iter().all(|(key, _)| is_it(key))
        }
        _ => is_it(node),
    }
}

/// The scripts of a value: a text, or a list of commands.
fn scripts(yaml: &Yaml, node: &Node, out: &mut Vec<Text>) {
    match &node.kind {
        NodeKind::Scalar(scalar) => out.push(scalar.text.clone()),
        NodeKind::Sequence(parts) => {
            // One shell runs them all.
            let mut script = TextBuilder::default();
            for text in parts.iter().filter_map(|part| yaml.get(*part)?.text()) {
                script.copy(text, 0..text.expose().len());
                script.push("\n", Span::at(text.span().end));
            }
            out.push(script.finish(node.span));
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::read::yaml;

    #[test]
    fn scripts_of_all_systems_are_found() {
        let text = "jobs:\n  a:\n    steps:\n    - uses: astronomer/deploy-action@v0.4\n      with:\n        action: create-deployment-preview\n    - run: |\n        one\n        two\nb:\n  script:\n  - three\n  - four\nc:\n  steps:\n  - run:\n      name: x\n      command: five\n";
        let workflow = read(FileId(0), &yaml::read(text));
        let scripts: Vec<_> = workflow.scripts.iter().map(Text::expose).collect();
        assert_eq!(scripts, ["one\ntwo\n", "three\nfour\n", "five"]);
        let [action] = workflow.actions.as_slice() else { panic!() };
        assert_eq!(action.name, "astronomer/deploy-action");
        assert_eq!(action.inputs[0].1.expose(), "create-deployment-preview");
    }
}
