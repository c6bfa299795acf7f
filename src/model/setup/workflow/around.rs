//! What stands around a script in the YAML of a CI system: which shell runs it, and what it is given.
//!
//! Without a shell that is named, GitHub, Azure Pipelines, GitLab and `CircleCI` take that of the machine, which on
//! Windows is PowerShell or `cmd`: scripts of these, and of anything that is no shell, are left out.

use std::rc::Rc;

use super::Run;
use crate::hash::HashSet;
use crate::read::shell::{Dialect, is_posix};
use crate::read::yaml::{Node, NodeKind, Yaml};
use crate::text::{Span, Text, TextBuilder};

/// The keys under which CI systems keep scripts: `run` of GitHub and `CircleCI`, `script` and its kin of
/// GitLab, Bitbucket and Azure, `command` of `CircleCI`, `bash` and `inlineScript` of Azure.
const SCRIPT_KEYS: [&str; 8] = [
    "run",
    "script",
    "before_script",
    "after_script",
    "after-script",
    "command",
    "bash",
    "inlineScript",
];

/// The keys that say on which machines a job runs, of all systems.
const MACHINE_KEYS: [&str; 8] =
    ["runs-on", "pool", "vmImage", "executor", "resource_class", "machine", "tags", "image"];

/// The tasks of Azure Pipelines whose scripts `bash` runs.
const BASH_TASKS: [&str; 3] = ["Bash", "ShellScript", "AWSShellScript"];

/// The scripts of `yaml` that a POSIX shell runs, each once, in order.
pub(super) fn scripts(yaml: &Yaml, dialect: Dialect) -> Vec<Run> {
    let mut reader = Reader { yaml, dialect, seen: HashSet::default(), found: Vec::new() };
    for root in yaml.documents.iter().filter_map(|root| yaml.get(*root)) {
        reader.node(root, &Around::default());
    }
    reader.found
}

/// What holds at one place of the file.
#[derive(Clone, Default)]
struct Around {
    /// Whether the shell that is named is a POSIX one.
    is_posix: Option<bool>,
    /// Whether the machine may be one with Windows.
    may_be_windows: bool,
    /// The variables, each with its value where that is written there.
    variables: Rc<Vec<(String, Option<Text>)>>,
}

struct Reader<'a> {
    yaml: &'a Yaml,
    dialect: Dialect,
    /// What aliases lead to is read where it stands.
    seen: HashSet<*const Node>,
    found: Vec<Run>,
}

impl Reader<'_> {
    fn node(&mut self, node: &Node, around: &Around) {
        if !self.seen.insert(std::ptr::from_ref(node)) {
            return;
        }
        let yaml = self.yaml;
        match &node.kind {
            NodeKind::Sequence(parts) => {
                for part in parts.iter().filter_map(|part| yaml.get(*part)) {
                    self.node(part, around);
                }
            }
            NodeKind::Mapping(_) => {
                let here = self.inside(node, around);
                for (key, value) in yaml.pairs(node) {
                    let name = key.as_str().unwrap_or_default();
                    if SCRIPT_KEYS.contains(&name) {
                        self.script(value, name == "bash", &here);
                    }
                    let given = ["inputs", "with"].contains(&name);
                    let shell = self.shell_of_step(node, value).filter(|_| given);
                    let inner = Around { is_posix: shell.or(here.is_posix), ..here.clone() };
                    self.node(value, &inner);
                }
            }
            _ => {}
        }
    }

    /// What holds inside of a mapping.
    fn inside(&self, node: &Node, around: &Around) -> Around {
        let yaml = self.yaml;
        let mut here = around.clone();
        let defaults = yaml.member(node, "defaults").and_then(|it| yaml.member(it, "run"));
        let shells = [defaults.and_then(|it| yaml.member(it, "shell")), yaml.member(node, "shell")];
        for shell in shells.into_iter().flatten().filter_map(Node::as_str) {
            here.is_posix = Some(is_posix(shell));
        }
        let machines: Vec<&Node> =
            MACHINE_KEYS.iter().filter_map(|key| yaml.member(node, key)).collect();
        if !machines.is_empty() {
            let is_windows = |text: &str| {
                let text = text.to_ascii_lowercase();
                text.contains("windows") || text.starts_with("win/")
            };
            // Which machine a matrix or a variable names is one of all that stand beside it.
            let is_open = |text: &str| text.contains(['$', '<']);
            let strategy = yaml.member(node, "strategy").filter(|_| self.any(&machines, is_open));
            here.may_be_windows = self.any(&machines, is_windows)
                || strategy.is_some_and(|it| self.any(&[it], is_windows));
        }
        let keys: &[&str] = match self.dialect {
            Dialect::GitHub => &["env"],
            Dialect::Azure => &["variables", "env"],
            Dialect::GitLab => &["variables"],
            Dialect::CircleCi => &["environment"],
            Dialect::Bash | Dialect::Sh => &[],
        };
        for key in keys {
            let Some(given) = yaml.member(node, key) else { continue };
            let variables = Rc::make_mut(&mut here.variables);
            for (name, value) in self.variables(given) {
                variables.retain(|(known, _)| *known != name);
                variables.push((name, value));
            }
        }
        here
    }

    /// Whether `holds` for a text in one of `nodes`.
    fn any(&self, nodes: &[&Node], holds: impl Fn(&str) -> bool) -> bool {
        let mut left = nodes.to_vec();
        let mut seen = HashSet::default();
        while let Some(node) = left.pop() {
            if !seen.insert(std::ptr::from_ref(node)) {
                continue;
            }
            match &node.kind {
                NodeKind::Scalar(scalar) if holds(scalar.text.expose()) => return true,
                NodeKind::Sequence(parts) => {
                    left.extend(parts.iter().filter_map(|it| self.yaml.get(*it)));
                }
                NodeKind::Mapping(_) => {
                    left.extend(self.yaml.pairs(node).into_iter().map(|(_, value)| value));
                }
                _ => {}
            }
        }
        false
    }

    /// The variables of a mapping, or of Azure's list of names and values.
    fn variables(&self, node: &Node) -> Vec<(String, Option<Text>)> {
        let literal = |value: &Node| value.text().filter(|text| self.is_literal(text)).cloned();
        if let NodeKind::Sequence(parts) = &node.kind {
            let entries = parts.iter().filter_map(|part| self.yaml.get(*part));
            let named = entries.filter_map(|entry| {
                let name = self.yaml.member(entry, "name")?.as_str()?;
                Some((name.to_owned(), literal(self.yaml.member(entry, "value")?)))
            });
            return named.collect();
        }
        let pairs = self.yaml.pairs(node).into_iter();
        pairs.filter_map(|(key, value)| Some((key.as_str()?.to_owned(), literal(value)))).collect()
    }

    /// Whether the CI system puts nothing into `text`.
    fn is_literal(&self, text: &Text) -> bool {
        let marks: &[&str] = match self.dialect {
            Dialect::GitHub => &["${{"],
            Dialect::Azure => &["${{", "$(", "$["],
            Dialect::GitLab => &["$"],
            Dialect::CircleCi => &["<<"],
            Dialect::Bash | Dialect::Sh => &[],
        };
        !marks.iter().any(|mark| text.expose().contains(mark))
    }

    /// Which shell runs the script in `inputs` of a step: that of a task of Azure, or of an action of GitHub; `None`
    /// where that is what the machine has, or the step is neither.
    fn shell_of_step(&self, step: &Node, inputs: &Node) -> Option<bool> {
        let named = |key| self.yaml.member(step, key).and_then(Node::as_str);
        let name = named("task").or_else(|| named("uses"))?.split('@').next().unwrap_or_default();
        let input = |key| self.yaml.member(inputs, key).and_then(Node::as_str);
        match name {
            "actions/github-script" => Some(false),
            _ if name.eq_ignore_ascii_case("azure/cli") => Some(true),
            _ if name.to_ascii_lowercase().contains("powershell") => Some(false),
            _ if name.contains('/') => None,
            "AzureCLI" => Some(input("scriptType") == Some("bash")),
            // What the machine has.
            "CmdLine" => None,
            _ => Some(BASH_TASKS.contains(&name)),
        }
    }

    /// The script of a value: a text, or a list of commands, all of which one shell runs.
    fn script(&mut self, node: &Node, is_bash: bool, around: &Around) {
        if !(is_bash || around.is_posix.unwrap_or(!around.may_be_windows)) {
            return;
        }
        let text = match &node.kind {
            NodeKind::Scalar(scalar) if self.seen.insert(std::ptr::from_ref(node)) => {
                scalar.text.clone()
            }
            NodeKind::Sequence(parts) if !self.seen.contains(&std::ptr::from_ref(node)) => {
                let mut script = TextBuilder::default();
                for text in parts.iter().filter_map(|part| self.yaml.get(*part)?.text()) {
                    script.copy(text, 0..text.expose().len());
                    script.push("\n", Span::at(text.span().end));
                }
                script.finish(node.span)
            }
            _ => return,
        };
        let variables = around.variables.iter();
        let environment =
            variables.filter_map(|(name, value)| Some((name.clone(), value.clone()?)));
        self.found.push(Run { text, environment: environment.collect() });
    }
}
