//! What deployments get, from CI files, deployment files, charts and Terraform, as a user would break it: one thing at a
//! time.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test may fail"
)]

use serde_json::Value;

mod support;
use support::{Outcome, SECRETS_MANAGER as CLASS};

const DAG: &str = "\
from airflow.decorators import dag, task
from airflow.models import Variable


@dag()
def load():
    @task
    def copy():
        return Variable.get('bucket')

    copy()


load()
";

/// A project with a DAG, an image and these files.
struct Project(tempfile::TempDir);

impl Project {
    fn new(files: &[(&str, &str)]) -> Self {
        let project = Self(tempfile::tempdir().unwrap());
        project.write(".astro/config.yaml", "");
        project.write("Dockerfile", "FROM quay.io/astronomer/astro-runtime:12.8.0\n");
        project.write("dags/a.py", DAG);
        for (name, text) in files {
            project.write(name, text);
        }
        project
    }

    fn write(&self, name: &str, text: &str) {
        support::write(self.0.path(), name, text.replace("CLASS", CLASS));
    }

    /// What is reported, as `PATH:LINE RULE`.
    fn findings(&self) -> Vec<String> {
        let mut command = support::astrolint(self.0.path());
        command.args(["--strict", "--format", "json"]);
        let outcome = Outcome::of(&mut command, "");
        let document: Value =
            serde_json::from_str(&outcome.out).unwrap_or_else(|_| panic!("{}", outcome.error));
        let line = |finding: &Value| {
            let text = |field: &str| finding[field].as_str().unwrap().to_owned();
            format!("{}:{} {}", text("path"), finding["start"]["line"], text("rule"))
        };
        document["findings"].as_array().unwrap().iter().map(line).collect()
    }

    /// Which versions of Airflow are possible in `environment`.
    fn airflow(&self, environment: &str) -> String {
        let mut command = support::astrolint(self.0.path());
        let arguments = ["resolve", "variable", "bucket", "--environment", environment];
        let outcome = Outcome::of(command.args(arguments).args(["--format", "json"]), "");
        let document: Value =
            serde_json::from_str(&outcome.out).unwrap_or_else(|_| panic!("{}", outcome.error));
        document["results"][0]["airflow"]["versions"].to_string()
    }
}

const WORKFLOW: &str = "\
on: {push: {branches: [main]}}
env:
  PREFIX: airflow/variables
jobs:
  deploy:
    runs-on: ubuntu-latest
    env:
      KW: '{\"variables_prefix\": \"airflow/variables\", \"region_name\": \"eu-west-1\"}'
    steps:
    - run: |
        astro deployment variable update -n prod AIRFLOW__SECRETS__BACKEND=CLASS
        astro deployment variable update -n prod --secret AIRFLOW__SECRETS__BACKEND_KWARGS=\"$KW\"
        aws secretsmanager create-secret --region eu-west-1 --name \"$PREFIX/bucket\" --secret-string \"$BUCKET\"
";

#[test]
fn what_a_workflow_gives_its_scripts_is_followed() {
    let path = ".github/workflows/deploy.yml";
    let project = Project::new(&[(path, WORKFLOW)]);
    assert_eq!(project.findings(), [""; 0]);
    for (from, to, expected) in [
        ("eu-west-1\"}", "eu-west-1\"", "deploy.yml:12 kwargs-not-json"),
        ("variables_prefix", "variable_prefix", "deploy.yml:12 kwarg-unknown"),
        ("\"$KW\"", "$KW", "deploy.yml:12 shell-json-quoting"),
        (
            "PREFIX: airflow/variables",
            "PREFIX: /airflow/variables",
            "deploy.yml:13 created-outside-prefix",
        ),
    ] {
        project.write(path, &WORKFLOW.replacen(from, to, 1));
        let findings = project.findings();
        assert!(findings.iter().any(|it| it.ends_with(expected)), "{to}: {findings:?}");
        assert_eq!(findings.len(), 1, "{findings:?}");
    }
    // What only the CI system knows stays unknown, and so does what a sourced file may change.
    for (from, to) in [
        ("airflow/variables\n", "${{ vars.PREFIX }}\n"),
        (
            "astro deployment variable update -n prod AIRFLOW",
            ". ./env.sh\n        astro deployment variable update -n prod AIRFLOW",
        ),
    ] {
        let broken = WORKFLOW.replacen("PREFIX: airflow", "PREFIX: /airflow", 1);
        let broken = broken.replacen(
            "/airflow/variables\n",
            "airflow/variables\n",
            usize::from(to.contains("vars.")),
        );
        project.write(path, &broken.replacen(from, to, 1));
        assert_eq!(project.findings(), [""; 0], "{to}");
    }
}

#[test]
fn scripts_of_other_shells_are_left_alone() {
    let path = ".github/workflows/deploy.yml";
    let broken = WORKFLOW.replacen("\"$KW\"", "{\"variables_prefix\": \"v\"}", 1);
    let project = Project::new(&[(path, &broken)]);
    assert!(project.findings().iter().any(|it| it.ends_with("shell-json-quoting")));
    for (from, to) in [
        ("jobs:\n", "defaults: {run: {shell: pwsh}}\njobs:\n"),
        ("runs-on: ubuntu-latest", "runs-on: windows-latest"),
        (
            "runs-on: ubuntu-latest",
            "strategy: {matrix: {os: [windows-latest, ubuntu-latest]}}\n    runs-on: ${{ matrix.os }}",
        ),
        ("    - run: |", "    - shell: fish\n      run: |"),
    ] {
        project.write(path, &broken.replacen(from, to, 1));
        assert_eq!(project.findings(), [""; 0], "{to}");
    }
    let task = "pool: {vmImage: windows-latest}\nsteps:\n- task: PowerShell@2\n  inputs:\n    targetType: inline\n    pwsh: true\n    script: |\n      astro deployment variable update -n prod --secret AIRFLOW__SECRETS__BACKEND_KWARGS={\"variables_prefix\": \"v\"}\n";
    let project = Project::new(&[("azure-pipelines.yml", task)]);
    assert_eq!(project.findings(), [""; 0]);
    project.write("azure-pipelines.yml", &task.replacen("PowerShell@2", "Bash@3", 1));
    assert!(project.findings().iter().any(|it| it.ends_with("shell-json-quoting")));
}

#[test]
fn marks_of_templates_are_no_values() {
    for mark in [
        "{{ .Values.backend }}",
        "#{BACKEND}#",
        "__BACKEND__",
        "@@BACKEND@@",
        "<% backend %>",
        "%BACKEND%",
        "$BACKEND",
        "${BACKEND}",
    ] {
        let values = format!(
            "agentTokenSecretName: t\nsecretBackend: \"{mark}\"\ncommonEnv:\n- name: AIRFLOW__SECRETS__BACKEND_KWARGS\n  value: '{mark}'\n"
        );
        let file = format!(
            "deployment:\n  environment_variables:\n  - key: AIRFLOW__SECRETS__BACKEND\n    value: '{mark}'\n  - is_secret: true\n    key: AIRFLOW__SECRETS__BACKEND_KWARGS\n    value: '{mark}'\n  configuration:\n    name: prod\n"
        );
        let project = Project::new(&[("values.yaml", &values), ("deployment.yaml", &file)]);
        assert_eq!(project.findings(), [""; 0], "{mark}");
    }
    // In the JSON of a script too.
    let tokens =
        WORKFLOW.replacen("\"region_name\": \"eu-west-1\"", "\"region_name\": \"#{REGION}#\"", 1);
    let project = Project::new(&[(".github/workflows/deploy.yml", &tokens)]);
    assert_eq!(project.findings(), [""; 0]);
}

#[test]
fn airflow_is_that_of_the_runtime_where_no_dockerfile_tells() {
    let project = Project::new(&[
        (
            "infra/main.tf",
            "resource \"astro_deployment\" \"prod\" {\n  original_astro_runtime_version = \"12.8.0\"\n  environment_variables = [\n    { key = \"AIRFLOW__SECRETS__BACKEND\", value = \"CLASS\", is_secret = false },\n    { key = \"AIRFLOW__SECRETS__BACKEND_KWARGS\", value = jsonencode({ variables_prefix = \"airflow/variables\", region_name = \"eu-west-1\" }), is_secret = true },\n  ]\n}\n",
        ),
        (
            "values.yaml",
            "agentTokenSecretName: t\nimage:\n  repository: images.astronomer.cloud/baseimages/astro-remote-execution-agent\n  tag: 3.1-1-python-3.12-astro-agent-1.1.0\nsecretBackend: CLASS\ncommonEnv:\n- name: AIRFLOW__SECRETS__BACKEND_KWARGS\n  value: '{\"variables_prefix\": \"airflow/variables\", \"region_name\": \"eu-west-1\"}'\n",
        ),
        ("Dockerfile", "FROM example.org/own:1\n"),
    ]);
    let terraform = project.airflow("infra: astro_deployment.prod");
    assert!(terraform.contains("2.10.") && !terraform.contains("3."), "{terraform}");
    let agents = project.airflow("values.yaml");
    assert!(agents.contains("3.1.") && !agents.contains("2."), "{agents}");
    // Of the image nothing more is known.
    assert!(!project.findings().iter().any(|it| it.contains("provider-missing")));
}

#[test]
fn a_file_that_is_cut_short_is_one_note() {
    let path = ".github/workflows/deploy.yml";
    let workflow = "jobs:\n  a:\n    steps:\n    - run: |\n        astro deployment variable list --save \"x\n      - b: [\n";
    let project = Project::new(&[(path, workflow)]);
    assert_eq!(project.findings(), [".github/workflows/deploy.yml:6 file-unreadable"]);
}

#[test]
fn scripts_of_bitbucket_are_read() {
    let text = "image: python:3.12\npipelines:\n  branches:\n    main:\n    - step:\n        name: deploy\n        script:\n        - astro deployment variable update -n prod AIRFLOW__SECRETS__BACKEND=CLASS\n        - astro deployment variable update -n prod --secret AIRFLOW__SECRETS__BACKEND_KWARGS={\"variables_prefix\":\"v\"}\n        - pipe: atlassian/aws-cloudformation-deploy:0.20.0\n          variables: {STACK_NAME: x}\n        - aws secretsmanager create-secret --name v/bucket\n        after-script:\n        - astro deployment variable update -n prod AIRFLOW__SECRETS__BACKEND_KWARGS={\"a\":\"b\"}\n";
    let project = Project::new(&[("bitbucket-pipelines.yml", text)]);
    let findings = project.findings();
    let quoting = findings.iter().filter(|it| it.ends_with("shell-json-quoting"));
    assert_eq!(quoting.count(), 2, "{findings:?}");
}

#[test]
fn one_cause_is_one_finding() {
    let file = "deployment:\n  environment_variables:\n  - key: AIRFLOW__SECRETS__BACKEND\n    value: CLASS\n  - is_secret: true\n    key: AIRFLOW__SECRETS__BACKEND_KWARGS\n    value: '{\"variables_prefix\": \"airflow/variables\", \"region_name\": \"eu-west-1\"}'\n  configuration:\n    name: prod\n";
    let create = "aws secretsmanager create-secret --region eu-west-1 --name airflow/variables/bucket --secret-string x\n";
    let project = Project::new(&[("deployment.yaml", file), ("scripts/create.sh", create)]);
    assert_eq!(project.findings(), [""; 0]);
    for (from, to, expected) in [
        // JSON that is a mapping.
        (
            "'{\"variables_prefix\"",
            "{\"variables_prefix\"",
            "deployment.yaml:7 deployment-file-invalid",
        ),
        // A region that is none is in no other region.
        ("eu-west-1", "eu-wst-1", "deployment.yaml:7 region-unknown"),
    ] {
        let broken = file.replacen(from, to, 1);
        let broken = if to.starts_with('{') { broken.replacen("}'", "}", 1) } else { broken };
        project.write("deployment.yaml", &broken);
        assert_eq!(project.findings(), [expected], "{to}");
    }
    // YAML that ends in the middle of a command.
    let project = Project::new(&[(
        ".github/workflows/deploy.yml",
        "jobs:\n  a:\n    steps:\n    - run: astro deployment variable update -n x AIRFLOW__SECRETS__BACKEND_KWARGS={\"a\": \"b\"} --secret\n",
    )]);
    assert_eq!(project.findings(), [".github/workflows/deploy.yml:4 file-unreadable"]);
}

/// The Terraform of one environment.
fn module(account: &str, region: &str, role: &str) -> String {
    format!(
        r#"provider "aws" {{
  region              = "{region}"
  allowed_account_ids = ["{account}"]
}}
resource "astro_deployment" "it" {{
  environment_variables = [
    {{ key = "AIRFLOW__SECRETS__BACKEND", value = "CLASS", is_secret = false }},
    {{
      key = "AIRFLOW__SECRETS__BACKEND_KWARGS"
      value = jsonencode({{ variables_prefix = "airflow/variables", region_name = "eu-west-1", role_arn = "arn:aws:iam::{account}:role/airflow-secrets" }})
      is_secret = true
    }},
  ]
}}
resource "aws_secretsmanager_secret" "bucket" {{
  name = "airflow/variables/bucket"
}}
resource "aws_secretsmanager_secret_version" "bucket" {{
  secret_id     = aws_secretsmanager_secret.bucket.id
  secret_string = var.bucket
}}
resource "aws_iam_role" "airflow" {{
  name = "{role}"
  assume_role_policy = jsonencode({{
    Version   = "2012-10-17"
    Statement = [{{ Effect = "Allow", Action = "sts:AssumeRole", Principal = {{ AWS = "arn:aws:iam::333333333333:role/astro" }} }}]
  }})
}}
resource "aws_iam_role_policy" "airflow" {{
  role = aws_iam_role.airflow.name
  policy = jsonencode({{
    Version   = "2012-10-17"
    Statement = [{{ Effect = "Allow", Action = "secretsmanager:GetSecretValue", Resource = "arn:aws:secretsmanager:eu-west-1:{account}:secret:airflow/*" }}]
  }})
}}
"#
    )
}

#[test]
fn each_environment_has_a_directory_of_its_own() {
    let right = |account| module(account, "eu-west-1", "airflow-secrets");
    let project = Project::new(&[
        ("infra/dev/main.tf", &right("111111111111")),
        ("infra/prod/main.tf", &right("222222222222")),
    ]);
    assert_eq!(project.findings(), [""; 0]);
    for (broken, expected) in [
        // Dev has the secret, and prod does not.
        (
            module("222222222222", "eu-central-1", "airflow-secrets"),
            "infra/prod/main.tf:2 created-in-other-region",
        ),
        (
            module("222222222222", "eu-west-1", "airflow-secret"),
            "infra/prod/main.tf:10 role-not-assumable",
        ),
        (
            right("222222222222").replace("secret:airflow/*", "secret:airflow/connections/*"),
            "infra/prod/main.tf:22 policy-does-not-cover",
        ),
    ] {
        project.write("infra/prod/main.tf", &broken);
        assert_eq!(project.findings(), [expected]);
    }
}
