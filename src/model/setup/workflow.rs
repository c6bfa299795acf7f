//! What CI systems run: the scripts in their YAML.

mod around;

use std::path::Path;

use crate::facts;
use crate::model::{FileId, Place};
use crate::read::shell::Dialect;
use crate::read::yaml::{Node, NodeKind, Yaml};
use crate::text::Text;

/// The jobs of a CI system.
#[derive(Debug)]
pub struct Workflow {
    /// The file.
    pub file: FileId,
    /// The scripts in it that a POSIX shell runs, in order.
    pub scripts: Vec<Run>,
    /// Whether people start it, or a part of it, and nothing else does.
    pub is_manual: bool,
    /// The actions that its steps use.
    pub actions: Vec<Action>,
}

/// A script that is run.
#[derive(Debug)]
pub struct Run {
    /// The script.
    pub text: Text,
    /// The variables that it is given, as far as their values are written there.
    pub environment: Vec<(String, Text)>,
}

impl From<Text> for Run {
    fn from(text: Text) -> Self {
        Self { text, environment: Vec::new() }
    }
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

/// Reads `yaml`, the content of `file` at `path`.
pub(super) fn read(file: FileId, path: &Path, yaml: &Yaml) -> Workflow {
    let root = yaml.documents.first().and_then(|root| yaml.get(*root));
    // Of GitHub; the others say it in each job, if at all.
    let on = root.and_then(|root| yaml.member(root, "on"));
    let pairs = yaml.nodes().flat_map(|node| yaml.pairs(node));
    let mut conditions = pairs.filter(|(key, _)| key.as_str() == Some("if"));
    let is_manual = on.is_some_and(|on| is_only(yaml, on, BY_HAND))
        || conditions.any(|(_, value)| value.as_str().is_some_and(|it| it.contains(BY_HAND)));
    let scripts = around::scripts(yaml, dialect(path));
    let mut workflow = Workflow { file, scripts, is_manual, actions: Vec::new() };
    for node in yaml.nodes() {
        let Some(uses) = yaml.member(node, "uses") else { continue };
        let Some(text) = uses.as_str() else { continue };
        let name = text.split('@').next().unwrap_or(text).to_owned();
        let with = yaml.member(node, "with");
        let inputs = with.map(|it| yaml.pairs(it)).unwrap_or_default().into_iter();
        let inputs = inputs
            .filter_map(|(name, value)| Some((name.as_str()?.to_owned(), value.text()?.clone())));
        workflow.actions.push(Action {
            name,
            place: Place::new(file, uses.span),
            inputs: inputs.collect(),
        });
    }
    workflow
}

/// What the CI system that reads the file at `path` replaces in its scripts.
#[must_use]
pub(super) fn dialect(path: &Path) -> Dialect {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::read::yaml;

    fn workflow(path: &str, text: &str) -> Workflow {
        read(FileId(0), Path::new(path), &yaml::read(text))
    }

    fn scripts(path: &str, text: &str) -> Vec<String> {
        let workflow = workflow(path, text);
        workflow.scripts.iter().map(|it| it.text.expose().to_owned()).collect()
    }

    #[test]
    fn scripts_of_all_systems_are_found() {
        let text = "jobs:\n  a:\n    steps:\n    - uses: astronomer/deploy-action@v0.4\n      with:\n        action: create-deployment-preview\n    - run: |\n        one\n        two\nb:\n  script:\n  - three\n  - four\nc:\n  steps:\n  - run:\n      name: x\n      command: five\n";
        assert_eq!(scripts("x.yml", text), ["one\ntwo\n", "three\nfour\n", "five"]);
        let workflow = workflow("x.yml", text);
        let [action] = workflow.actions.as_slice() else { panic!() };
        assert_eq!(action.name, "astronomer/deploy-action");
        assert_eq!(action.inputs[0].1.expose(), "create-deployment-preview");
    }

    #[test]
    fn only_what_a_posix_shell_runs_is_a_script() {
        let cases: &[(&str, &str, &[&str])] = &[
            (
                ".github/workflows/a.yml",
                "defaults: {run: {shell: pwsh}}\njobs:\n  a:\n    steps:\n    - run: one\n    - {run: two, shell: bash}\n  b:\n    defaults: {run: {shell: 'bash -e {0}'}}\n    steps:\n    - run: three\n    - {run: four, shell: python}\n    - {run: five, shell: fish}\n    - {run: six, shell: '${{ matrix.shell }}'}\n",
                &["two", "three"],
            ),
            (
                ".github/workflows/a.yml",
                "jobs:\n  a:\n    runs-on: windows-2022\n    steps:\n    - run: one\n    - {run: two, shell: sh}\n  b:\n    runs-on: ${{ matrix.os }}\n    strategy: {matrix: {os: [ubuntu-latest, windows-latest]}}\n    steps:\n    - run: three\n  c:\n    runs-on: ${{ matrix.os }}\n    strategy: {matrix: {os: [ubuntu-latest]}}\n    steps:\n    - run: four\n    - uses: actions/github-script@v7\n      with: {script: five}\n    - uses: azure/cli@v2\n      with: {inlineScript: six}\n",
                &["two", "four", "six"],
            ),
            (
                "azure-pipelines.yml",
                "pool: {vmImage: windows-latest}\nsteps:\n- script: one\n- bash: two\n- pwsh: three\n- task: PowerShell@2\n  inputs: {targetType: inline, script: four, pwsh: true}\n- task: Bash@3\n  inputs: {script: five}\n- task: AzureCLI@2\n  inputs: {scriptType: pscore, inlineScript: six}\n- task: AzureCLI@2\n  inputs: {scriptType: bash, inlineScript: seven}\n- task: PythonScript@0\n  inputs: {script: eight}\n",
                &["two", "five", "seven"],
            ),
            (
                "azure-pipelines.yml",
                "steps:\n- script: one\n- task: CmdLine@2\n  inputs: {script: two}\n",
                &["one", "two"],
            ),
            (
                ".gitlab-ci.yml",
                "a:\n  tags: [windows]\n  script: [one]\nb:\n  script: [two]\n",
                &["two\n"],
            ),
            (
                ".circleci/config.yml",
                "jobs:\n  a:\n    executor: {name: win/default}\n    steps:\n    - run: one\n    - run: {command: two, shell: bash.exe}\n  b:\n    docker: [{image: cimg/base}]\n    shell: /bin/bash -eo pipefail\n    steps:\n    - run: three\n",
                &["two", "three"],
            ),
            (
                "bitbucket-pipelines.yml",
                "pipelines:\n  default:\n  - step:\n      runs-on: [self.hosted, windows]\n      script: [one]\n  - step:\n      script:\n      - two\n      - pipe: a/b:1\n        variables: {X: y}\n      - three\n",
                &["two\nthree\n"],
            ),
        ];
        for (path, text, expected) in cases {
            assert_eq!(scripts(path, text), *expected, "{text}");
        }
    }

    #[test]
    fn variables_that_are_written_there_are_given() {
        let cases: &[(&str, &str, &[&str])] = &[
            (
                ".github/workflows/a.yml",
                "env: {A: a, B: b, C: c}\njobs:\n  x:\n    env: {B: '${{ secrets.B }}', C: d}\n    steps:\n    - env: {E: e}\n      run: one\n    - run: two\n",
                &["A=a C=d E=e", "A=a C=d"],
            ),
            (
                "azure-pipelines.yml",
                "variables:\n- group: g\n- {name: A, value: a}\n- {name: B, value: $(A)}\nsteps:\n- script: one\n  env: {C: c}\n",
                &["A=a C=c"],
            ),
            (
                ".gitlab-ci.yml",
                "variables: {A: a, B: $A, C: {value: c, description: d}}\nx:\n  variables: {D: d}\n  script: [one]\n",
                &["A=a D=d"],
            ),
            (
                ".circleci/config.yml",
                "jobs:\n  a:\n    environment: {A: a}\n    steps:\n    - run: {command: one, environment: {B: << parameters.b >>}}\n",
                &["A=a"],
            ),
            (
                ".github/workflows/a.yml",
                "jobs:\n  x:\n    environment: {name: prod}\n    steps:\n    - run: one\n",
                &[""],
            ),
        ];
        for (path, text, expected) in cases {
            let given = |run: &Run| {
                let mut told: Vec<String> = run
                    .environment
                    .iter()
                    .map(|(name, value)| format!("{name}={}", value.expose()))
                    .collect();
                told.sort();
                told.join(" ")
            };
            let told: Vec<_> = workflow(path, text).scripts.iter().map(given).collect();
            assert_eq!(told, *expected, "{text}");
        }
    }
}
