use std::time::Instant;

use crate::model::setup::deployed::Target;
use crate::text::Value;
use proptest::prelude::*;

use super::super::*;
use crate::model::Kind;
use crate::model::setup::creation::Payload;
use crate::model::setup::deployed::{Effect, Store};
use crate::model::setup::policy::{Grant, Policy, PolicyEffect, Trust};
use crate::text::{Span, Text, UNKNOWN};

fn read_all(texts: &[&str]) -> Terraform {
    let files: Vec<TerraformFile<'_>> = (0..)
        .zip(texts)
        .map(|(number, text)| TerraformFile { file: FileId(number), text, is_json: false })
        .collect();
    let read = read(&files);
    assert!(read.errors.is_empty(), "{:?}", read.errors);
    read
}

/// A value as it is shown in these tests: `…` for each part that is not known.
fn shown(value: &Value) -> String {
    value.text().expose().replace(UNKNOWN, "…")
}

fn payload(payload: &Payload) -> String {
    match payload {
        Payload::Text(value) => format!("text {}", shown(value)),
        Payload::Line(_) => "line".to_owned(),
        Payload::Fields(fields) => {
            let fields: Vec<String> = fields
                .iter()
                .map(|(key, value)| format!("{}={}", shown(key), shown(value)))
                .collect();
            format!("fields {}", fields.join(" "))
        }
        Payload::Binary(_) => "binary".to_owned(),
        Payload::File(path) => format!("file {}", shown(path)),
        Payload::Generated => "generated".to_owned(),
        Payload::Nothing => "nothing".to_owned(),
        Payload::Unknown => "unknown".to_owned(),
    }
}

/// Name, region, container and payload of each secret.
fn secrets(terraform: &Terraform) -> Vec<String> {
    let optional = |value: &Option<Value>| value.as_ref().map_or("-".to_owned(), shown);
    let line = |it: &super::super::Creation| {
        format!(
            "{} {} {} {} {}",
            it.backend,
            shown(&it.name),
            optional(&it.region),
            optional(&it.container),
            payload(&it.payload)
        )
    };
    terraform.creations.iter().map(line).collect()
}

/// Key, value and secrecy of each variable of a deployment.
fn variables(terraform: &Terraform) -> Vec<String> {
    let all = terraform.deployed.iter().flat_map(|it| &it.variables);
    all.map(|it| {
        let secret = match it.is_secret {
            Some(true) => "secret",
            Some(false) => "plain",
            None => "?",
        };
        let value = if it.has_value { shown(&it.setting.value) } else { "-".to_owned() };
        format!("{} {value} {secret}", it.setting.key.replace(UNKNOWN, "…"))
    })
    .collect()
}

#[test]
fn variables_of_a_deployment_in_all_forms() {
    let text = r#"
resource "astro_deployment" "prod" {
  name                           = "prod"
  original_astro_runtime_version = "12.6.0"
  desired_workload_identity      = "arn:aws:iam::123456789012:role/airflow"
  environment_variables = [
    {
      key       = "AIRFLOW__SECRETS__BACKEND"
      value     = "airflow.providers.amazon.aws.secrets.secrets_manager.SecretsManagerBackend"
      is_secret = false
    },
    {
      key       = "AIRFLOW__SECRETS__BACKEND_KWARGS"
      value     = jsonencode({ variables_prefix = "airflow/variables", region_name = var.region })
      is_secret = true
    },
    { key = "TOKEN", value = var.token, is_secret = true },
    { key = "LATER", is_secret = var.is_prod },
  ]
}
resource "astro_deployment" "dev" {
  environment_variables = concat(local.common, [for k, v in { A = "1", B = "2" } : { key = k, value = v, is_secret = false }], var.more)
}
locals {
  common = [{ key = "COMMON", value = <<-EOT
    {"a": "${var.x}"}
  EOT
  is_secret = false }]
}
"#;
    let terraform = read_all(&[text]);
    assert_eq!(
        variables(&terraform),
        [
            "AIRFLOW__SECRETS__BACKEND airflow.providers.amazon.aws.secrets.secrets_manager.SecretsManagerBackend plain",
            "AIRFLOW__SECRETS__BACKEND_KWARGS {\"region_name\":\"…\",\"variables_prefix\":\"airflow/variables\"} secret",
            "TOKEN … secret",
            "LATER - ?",
            "COMMON {\"a\": \"…\"}\n plain",
            "A 1 plain",
            "B 2 plain",
        ]
    );
    let prod = &terraform.deployed[0];
    assert_eq!(prod.target, Target::Resource("astro_deployment.prod".to_owned()));
    assert_eq!(prod.effect, Effect::Replaces);
    assert_eq!(terraform.deployed[1].effect, Effect::Updates);
    assert_eq!(shown(&prod.runtime.as_ref().unwrap().0), "12.6.0");
    // A member of the JSON is found where it is written.
    let kwargs = prod.variables[1].setting.value.text();
    let start = kwargs.expose().find("airflow/variables").unwrap();
    assert_eq!(kwargs.span_of(start..start + 17).of(text), "airflow/variables");
    let start = kwargs.expose().find("variables_prefix").unwrap();
    assert_eq!(kwargs.span_of(start..start + 16).of(text), "variables_prefix");
    assert_eq!(
        kwargs.span().of(text),
        "jsonencode({ variables_prefix = \"airflow/variables\", region_name = var.region })"
    );
    assert_eq!(prod.variables[0].setting.key_span.of(text), "AIRFLOW__SECRETS__BACKEND");
    assert!(prod.variables[0].entry.span.of(text).starts_with('{'));
}

#[test]
fn what_stands_in_another_file_is_at_the_reference() {
    let main = r#"
resource "astro_deployment" "x" {
  environment_variables = [{ key = "K", value = local.kwargs, is_secret = true }, local.other]
}
"#;
    let locals = "locals {\n  kwargs = jsonencode({ sep = \"/\" })\n  other = { key = \"O\", value = \"v\", is_secret = false }\n}\n";
    let terraform = read_all(&[main, locals]);
    assert_eq!(variables(&terraform), ["K {\"sep\":\"/\"} secret", "O v plain"]);
    let [k, o] = &terraform.deployed[0].variables[..] else { panic!() };
    assert_eq!((k.setting.file, k.setting.value_span.of(main)), (FileId(0), "local.kwargs"));
    assert_eq!((o.setting.file, o.setting.key_span.of(locals)), (FileId(1), "O"));
    assert_eq!((o.entry.file, o.setting.value_span.of(locals)), (FileId(1), "v"));
}

#[test]
fn objects_of_the_environment_manager() {
    let terraform = read_all(&[r#"
resource "astro_environment_object" "v" {
  object_key      = "region"
  object_type     = "AIRFLOW_VARIABLE"
  scope           = "WORKSPACE"
  scope_entity_id = var.workspace
  value           = "eu"
}
resource "astro_environment_object" "old" {
  object_key  = "region2"
  object_type = "AIRFLOW_VARIABLE"
  airflow_variable = { value = "us", is_secret = true }
}
resource "astro_environment_object" "c" {
  object_key  = "warehouse"
  object_type = "CONNECTION"
  scope       = "DEPLOYMENT"
  type        = "snowflake"
  host        = "h"
  port        = 443
  password    = var.password
  extra       = jsonencode({ account = "a" })
}
resource "astro_environment_object" "e" {
  object_key      = "AIRFLOW__SECRETS__BACKEND_KWARGS"
  object_type     = "ENVIRONMENT_VARIABLE"
  scope           = "DEPLOYMENT"
  scope_entity_id = astro_deployment.x.id
  value           = "{\"sep\": \"/\"}"
  is_secret       = true
}
resource "astro_deployment" "x" {
  name = "x"
}
resource "astro_environment_object" "m" {
  object_key  = "m"
  object_type = "METRICS_EXPORT"
}
"#]);
    let stored: Vec<String> = terraform
        .stored
        .iter()
        .map(|it| {
            assert_eq!(it.store, Store::EnvironmentManager);
            let fields: Vec<String> =
                it.fields.iter().map(|(name, value)| format!("{name}={}", shown(value))).collect();
            format!("{} {} {}", it.kind, shown(&it.key), fields.join(" "))
        })
        .collect();
    assert_eq!(
        stored,
        [
            "variable region value=eu",
            "variable region2 value=us",
            "connection warehouse conn_type=snowflake host=h password=… port=443 extra={\"account\":\"a\"}",
        ]
    );
    assert_eq!(terraform.stored[0].kind, Kind::Variable);
    assert_eq!(variables(&terraform), ["AIRFLOW__SECRETS__BACKEND_KWARGS {\"sep\": \"/\"} secret"]);
    assert_eq!(terraform.deployed[1].target, Target::Resource("astro_deployment.x".to_owned()));
    assert_eq!(terraform.deployed[1].effect, Effect::Updates);
}

#[test]
fn secrets_of_aws_with_their_versions() {
    let terraform = read_all(&[
        r#"
provider "aws" {
  region = "eu-central-1"
}
provider "aws" {
  alias  = "us"
  region = "us-east-1"
}
provider "aws" {
  alias  = "variable"
  region = var.region
}
resource "aws_secretsmanager_secret" "orders" {
  name       = "airflow/connections/orders"
  kms_key_id = aws_kms_key.x.arn
}
resource "aws_secretsmanager_secret_version" "orders" {
  secret_id     = aws_secretsmanager_secret.orders.id
  secret_string = "postgres://u:${random_password.x.result}@h/db"
}
resource "aws_secretsmanager_secret" "each" {
  provider = aws.us
  for_each = toset(["b", "a"])
  name     = "airflow/variables/${each.value}"
}
resource "aws_secretsmanager_secret_version" "each" {
  for_each      = { a = "1", b = "2" }
  secret_id     = aws_secretsmanager_secret.each[each.key].arn
  secret_string = each.value
}
resource "aws_secretsmanager_secret" "maybe" {
  count    = var.create ? 1 : 0
  provider = aws.variable
  name     = "${var.prefix}/maybe"
}
resource "aws_secretsmanager_secret_version" "maybe" {
  count     = var.create ? 1 : 0
  secret_id = aws_secretsmanager_secret.maybe[0].id
  secret_string = jsonencode({ conn_type = "aws", extra = jsonencode({ role = var.role }) })
}
resource "aws_secretsmanager_secret" "binary" {
  name = "binary"
  replica { region = "ap-south-1" }
}
resource "aws_secretsmanager_secret_version" "binary" {
  secret_id     = aws_secretsmanager_secret.binary.name
  secret_binary = filebase64("x")
}
resource "aws_secretsmanager_secret" "by_hand" {
  name_prefix = "by-hand-"
}
resource "aws_secretsmanager_secret_version" "by_hand" {
  secret_id     = aws_secretsmanager_secret.by_hand.id
  secret_string = "REPLACE"
  lifecycle { ignore_changes = [secret_string] }
}
resource "aws_secretsmanager_secret" "empty" {
  name = local.empty
}
resource "aws_secretsmanager_secret" "none" {
  count = 0
  name  = "never"
}
resource "aws_secretsmanager_secret_version" "existing" {
  secret_id     = data.aws_secretsmanager_secret.existing.id
  secret_string = file("${path.module}/orders.json")
}
data "aws_secretsmanager_secret" "existing" {
  name = "there/already"
}
resource "aws_ssm_parameter" "p" {
  for_each = local.parameters
  name     = "/airflow/variables/${each.key}"
  type     = "SecureString"
  value    = each.value
  region   = "eu-west-1"
}
"#,
        "locals {\n  empty = \"in/another/file\"\n  parameters = merge({ a = \"1\" }, { for name in [\"b\"] : name => upper(name) })\n}\n",
    ]);
    assert_eq!(
        secrets(&terraform),
        [
            "aws_secrets_manager airflow/connections/orders eu-central-1 - text postgres://u:…@h/db",
            "aws_secrets_manager airflow/variables/a us-east-1 - text 1",
            "aws_secrets_manager airflow/variables/b us-east-1 - text 2",
            "aws_secrets_manager …/maybe … - text {\"conn_type\":\"aws\",\"extra\":\"{\\\"role\\\":\\\"…\\\"}\"}",
            "aws_secrets_manager binary eu-central-1 - binary",
            "aws_secrets_manager binary ap-south-1 - binary",
            "aws_secrets_manager by-hand-… eu-central-1 - unknown",
            "aws_secrets_manager in/another/file eu-central-1 - nothing",
            "aws_secrets_manager there/already eu-central-1 - file ./orders.json",
            "aws_ssm_parameter_store /airflow/variables/a eu-west-1 - text 1",
            "aws_ssm_parameter_store /airflow/variables/b eu-west-1 - text B",
        ]
    );
    assert_eq!(terraform.creations[0].encryption_key.as_ref().map(shown).as_deref(), Some("…"));
}

#[test]
fn replicas_of_a_dynamic_block_may_be_anywhere() {
    let terraform = read_all(&[r#"
provider "aws" {
  region = "us-east-1"
}
resource "aws_secretsmanager_secret" "b" {
  name = "b"
  dynamic "replica" {
    for_each = var.regions
    content {
      region = replica.value
    }
  }
}
"#]);
    let regions: Vec<_> =
        terraform.creations.iter().map(|it| it.region.as_ref().map(shown)).collect();
    assert_eq!(regions, [Some("us-east-1".to_owned()), Some("…".to_owned())]);
}

#[test]
fn secrets_of_other_clouds() {
    let terraform = read_all(&[r#"
provider "google" {
  project = "p-1"
}
resource "google_secret_manager_secret" "a" {
  secret_id = "airflow-variables-a"
  replication { 
    auto {} 
  }
}
resource "google_secret_manager_secret_version" "a" {
  secret      = google_secret_manager_secret.a.id
  secret_data = "v"
}
resource "google_secret_manager_secret" "b" {
  project   = var.project
  secret_id = "airflow-variables-b"
}
resource "azurerm_key_vault" "v" {
  name = "my-vault"
}
resource "azurerm_key_vault_secret" "a" {
  name         = "airflow-variables-a"
  value        = "v"
  key_vault_id = azurerm_key_vault.v.id
}
resource "vault_mount" "kv" {
  path = "airflow"
  type = "kv-v2"
}
resource "vault_kv_secret_v2" "c" {
  mount     = vault_mount.kv.path
  name      = "connections/orders"
  data_json = jsonencode({ conn_uri = "postgres://h", n = 1 })
}
"#]);
    assert_eq!(
        secrets(&terraform),
        [
            "gcp_secret_manager airflow-variables-a - p-1 text v",
            "gcp_secret_manager airflow-variables-b - … nothing",
            "azure_key_vault airflow-variables-a - my-vault text v",
            "hashicorp_vault connections/orders - airflow fields conn_uri=postgres://h n=1",
        ]
    );
}

/// Statements as one line each.
fn statements(policy: &Policy) -> Vec<String> {
    policy
        .statements
        .iter()
        .map(|it| {
            let list = |values: &[Value]| values.iter().map(shown).collect::<Vec<_>>().join(",");
            let principals: Vec<String> = it
                .principals
                .iter()
                .map(|it| format!("{}:{}", shown(&it.kind), shown(&it.id)))
                .collect();
            let conditions: Vec<String> = it
                .conditions
                .iter()
                .map(|it| {
                    format!("{} {} {}", shown(&it.operator), shown(&it.key), list(&it.values))
                })
                .collect();
            format!(
                "{:?} {}{} on {}{} by {} if {}",
                it.effect.unwrap_or(PolicyEffect::Deny),
                if it.actions.is_negated { "not " } else { "" },
                list(&it.actions.patterns),
                if it.resources.is_negated { "not " } else { "" },
                list(&it.resources.patterns),
                principals.join(","),
                conditions.join(";")
            )
        })
        .collect()
}

#[test]
fn roles_with_their_policies() {
    let text = r#"
data "aws_iam_policy_document" "trust" {
  statement {
    actions = ["sts:AssumeRole"]
    principals {
      type        = "AWS"
      identifiers = ["arn:aws:iam::123456789012:role/workload", var.other]
    }
    condition {
      test     = "StringEquals"
      variable = "sts:ExternalId"
      values   = ["x"]
    }
  }
}
resource "aws_secretsmanager_secret" "s" {
  name = "airflow/connections/s"
}
resource "aws_iam_role" "airflow" {
  name               = "airflow"
  assume_role_policy = data.aws_iam_policy_document.trust.json
}
resource "aws_iam_policy" "read" {
  name = "read"
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = ["secretsmanager:GetSecretValue", "secretsmanager:Describe*"]
      Resource = [aws_secretsmanager_secret.s.arn, "arn:aws:secretsmanager:*:${local.account}:secret:airflow/variables/*"]
    }]
  })
}
locals {
  account = data.aws_caller_identity.current.account_id
}
resource "aws_iam_role_policy_attachment" "read" {
  role       = aws_iam_role.airflow.name
  policy_arn = aws_iam_policy.read.arn
}
resource "aws_iam_role_policy_attachment" "broad" {
  role       = aws_iam_role.airflow.name
  policy_arn = "arn:aws:iam::aws:policy/SecretsManagerReadWrite"
}
resource "aws_iam_role" "heredoc" {
  name_prefix        = "heredoc-"
  assume_role_policy = <<EOF
{
  "Version": "2012-10-17",
  "Statement": {
    "Effect": "Allow",
    "Principal": {"Service": "ec2.amazonaws.com", "AWS": ${jsonencode(var.arns)}},
    "Action": "sts:AssumeRole"
  }
}
EOF
}
resource "aws_iam_role_policy" "inline" {
  role   = aws_iam_role.heredoc.id
  policy = <<EOF
{"Statement": [{"Effect": "Deny", "NotAction": "s3:*", "NotResource": "*"}]}
EOF
}
resource "aws_iam_role_policy_attachment" "elsewhere" {
  role       = "existing-role"
  policy_arn = var.policy
}
resource "aws_iam_policy" "loose" {
  policy = data.aws_iam_policy_document.missing.json
}
"#;
    let terraform = read_all(&[text]);
    let roles: Vec<_> = terraform.roles.iter().map(|role| shown(&role.name)).collect();
    assert_eq!(roles, ["airflow", "heredoc-…", "existing-role"]);
    let trust = |index: usize| match &terraform.roles[index].trust {
        Some(Trust::Policy(policy)) => statements(policy),
        other => panic!("{other:?}"),
    };
    assert_eq!(
        trust(0),
        [
            "Allow sts:AssumeRole on  by AWS:arn:aws:iam::123456789012:role/workload,AWS:… if StringEquals sts:ExternalId x"
        ]
    );
    assert_eq!(trust(1), ["Allow sts:AssumeRole on  by Service:ec2.amazonaws.com,AWS:… if "]);
    let [Grant::Policy(read), Grant::Managed(broad, place)] = &terraform.roles[0].grants[..] else {
        panic!()
    };
    assert_eq!(
        statements(read),
        [
            "Allow secretsmanager:GetSecretValue,secretsmanager:Describe* on arn:…:secretsmanager:…:…:secret:airflow/connections/s-…,arn:aws:secretsmanager:*:…:secret:airflow/variables/* by  if "
        ]
    );
    assert!(read.is_complete);
    assert_eq!(read.statements[0].actions.patterns[1].span().of(text), "secretsmanager:Describe*");
    assert!(read.statements[0].place.span.of(text).starts_with('{'));
    assert!(shown(broad).ends_with("/SecretsManagerReadWrite"));
    assert!(place.span.of(text).starts_with("\"arn"));
    assert!(!terraform.roles[0].may_have_more);
    let [Grant::Policy(inline)] = &terraform.roles[1].grants[..] else { panic!() };
    assert_eq!(statements(inline), ["Deny not s3:* on not * by  if "]);
    assert!(terraform.roles[2].may_have_more && terraform.roles[2].trust.is_none());
    assert_eq!(terraform.policies.len(), 1);
    assert!(!terraform.policies[0].is_complete);
}

#[test]
fn large_files_and_those_that_refer_to_themselves_end() {
    let mut cases = vec![
        "locals {\n  a = local.b\n  b = local.a\n}\nresource \"aws_ssm_parameter\" \"x\" {\n  name = local.a\n}\n".to_owned(),
        "resource \"aws_ssm_parameter\" \"x\" {\n  for_each = aws_ssm_parameter.x\n  name = aws_ssm_parameter.x[\"a\"].name\n}\n".to_owned(),
        "resource \"aws_ssm_parameter\" \"x\" {\n  name = aws_ssm_parameter.y.name\n}\nresource \"aws_ssm_parameter\" \"y\" {\n  name = \"${aws_ssm_parameter.x.name}${aws_ssm_parameter.x.name}\"\n}\n".to_owned(),
        "resource \"aws_secretsmanager_secret\" \"x\" {\n  name = \"${aws_secretsmanager_secret.x.arn}\"\n}\n".to_owned(),
        "data \"aws_iam_policy_document\" \"x\" {\n  statement {\n    actions = [data.aws_iam_policy_document.x.json]\n  }\n}\nresource \"aws_iam_role\" \"r\" {\n  assume_role_policy = data.aws_iam_policy_document.x.json\n}\n".to_owned(),
    ];
    // What doubles with each line, as text, as list and as nesting; and a long chain.
    for double in [
        "\"${local.aPREV}${local.aPREV}\"",
        "[local.aPREV, local.aPREV]",
        "flatten([local.aPREV, local.aPREV])",
        "jsonencode(local.aPREV)",
        "concat(local.aPREV, local.aPREV)",
        "[for x in local.aPREV : local.aPREV]",
        "{ a = local.aPREV, b = local.aPREV }",
        "merge(local.aPREV, { for k, v in local.aPREV : \"${k}x\" => v })",
    ] {
        for start in ["[\"seed\"]", "{ seed = \"\" }"] {
            let mut text = format!("locals {{\n  a0 = {start}\n");
            for line in 1..60 {
                text +=
                    &format!("  a{line} = {}\n", double.replace("PREV", &(line - 1).to_string()));
            }
            text += "}\nresource \"aws_ssm_parameter\" \"x\" {\n  for_each = toset(local.a40)\n  name = jsonencode(local.a59)\n  value = local.a30\n}\n";
            cases.push(text);
        }
    }
    let chain: String =
        (1..20_000).map(|line| format!("  a{line} = local.a{}\n", line - 1)).collect();
    let users: String = (1..2_000)
        .map(|line| format!("resource \"aws_ssm_parameter\" \"x{line}\" {{\n  name = jsonencode(local.b{line})\n}}\n"))
        .collect();
    let nested: String =
        (1..2_000).map(|line| format!("  b{line} = [local.b{}]\n", line - 1)).collect();
    cases.push(format!("locals {{\n  a0 = \"\"\n{chain}}}\nlocals {{\n  b0 = \"\"\n{nested}}}\n{users}resource \"aws_ssm_parameter\" \"z\" {{\n  name = local.a19999\n}}\n"));
    // Long chains of resources.
    for (attribute, taken) in [("name", ".name"), ("for_each", ""), ("count", "[0].count")] {
        let of = |line: usize| {
            let before = line.saturating_sub(1);
            format!(
                "resource \"aws_ssm_parameter\" \"x{line}\" {{\n  {attribute} = aws_ssm_parameter.x{before}{taken}\n}}\n"
            )
        };
        cases.push((0..5_000).rev().map(of).collect());
    }
    let documents = |line: usize| {
        let before = line.saturating_sub(1);
        format!(
            "data \"aws_iam_policy_document\" \"x{line}\" {{\n  statement {{\n    actions = data.aws_iam_policy_document.x{before}.statement\n  }}\n}}\nresource \"aws_iam_role\" \"r{line}\" {{\n  name = \"r{line}\"\n  assume_role_policy = data.aws_iam_policy_document.x{line}.json\n}}\nresource \"aws_iam_role_policy_attachment\" \"r{line}\" {{\n  role = aws_iam_role.r{line}.name\n  policy_arn = \"arn:x\"\n}}\n"
        )
    };
    cases.push((0..2_000).map(documents).collect());
    // Many resources of many resources.
    let keys: String = (0..1_000).map(|n| format!("\"k{n}\",")).collect();
    cases.push(format!("locals {{\n  k = toset([{keys}])\n}}\nresource \"aws_secretsmanager_secret\" \"x\" {{\n  for_each = local.k\n  name = each.key\n}}\nresource \"aws_secretsmanager_secret_version\" \"x\" {{\n  for_each = local.k\n  secret_id = aws_secretsmanager_secret.x[each.key].id\n  secret_string = each.key\n}}\n"));
    for text in cases {
        let start = Instant::now();
        let file = TerraformFile { file: FileId(0), text: &text, is_json: false };
        let read = read(&[file]);
        std::hint::black_box(&read);
        let took = start.elapsed();
        let head: String = text.chars().take(120).collect();
        assert!(took.as_secs() < 20, "{took:?}: {head}");
    }
}

#[test]
fn the_json_form_declares_the_same() {
    let text = r#"{
  "provider": {"aws": [{"region": "eu-central-1"}, {"alias": "us", "region": "us-east-1"}]},
  "resource": {
    "aws_secretsmanager_secret": {
      "a": {"name": "airflow/variables/a", "provider": "aws.us"}
    },
    "aws_secretsmanager_secret_version": {
      "a": {"secret_id": "${aws_secretsmanager_secret.a.id}", "secret_string": "x-${var.y}"}
    },
    "aws_iam_role": {"r": {"name": "r", "assume_role_policy": "${data.aws_iam_policy_document.t.json}"}}
  },
  "data": {"aws_iam_policy_document": {"t": {"statement": [{"actions": ["sts:AssumeRole"], "principals": {"type": "AWS", "identifiers": ["*"]}}]}}}
}"#;
    let read = read(&[TerraformFile { file: FileId(0), text, is_json: true }]);
    assert_eq!(secrets(&read), ["aws_secrets_manager airflow/variables/a us-east-1 - text x-…"]);
    let Some(Trust::Policy(trust)) = &read.roles[0].trust else { panic!() };
    assert_eq!(statements(trust), ["Allow sts:AssumeRole on  by AWS:* if "]);
}

const VALUES: [&str; 16] = [
    "\"é-${local.b}-<\\\"x\\u00e9\"",
    "each.key",
    "\"p/${each.value}\"",
    "jsonencode({ é = local.b, b = local.list, c = each.key })",
    "jsonencode(local.list)",
    "jsonencode(jsonencode(local.b))",
    "join(\"-\", local.list)",
    "format(\"é%s%%%d%v\", local.b, 5, each.key)",
    "upper(local.b)",
    "replace(local.b, \"é\", \"ee\")",
    "trimspace(\" é \")",
    "join(\",\", [for k in local.set : \"${k}é\"])",
    "merge({ a = each.key }, { é = local.b }).é",
    "<<-EOT\n    é ${local.b}\n      ${each.key}\n    EOT\n",
    "local.a",
    "true ? local.b : \"x\"",
];

const WORDS: [&str; 40] = [
    "resource \"aws_secretsmanager_secret\" \"a\" {\n",
    "resource \"aws_secretsmanager_secret_version\" \"a\" {\n",
    "resource \"aws_ssm_parameter\" \"a\" {\n",
    "resource \"astro_deployment\" \"a\" {\n",
    "resource \"aws_iam_role\" \"a\" {\n",
    "locals {\n",
    "}\n",
    "  name = ",
    "  value = ",
    "  secret_id = ",
    "  secret_string = ",
    "  for_each = ",
    "  count = ",
    "  environment_variables = ",
    "  assume_role_policy = ",
    "  a = ",
    "  b = ",
    "local.a",
    "local.b",
    "aws_secretsmanager_secret.a",
    "aws_ssm_parameter.a",
    ".id",
    ".name",
    "[each.key]",
    "[0]",
    "[*]",
    "each.value",
    "jsonencode(",
    "format(\"é%s%%%d\", ",
    "merge(",
    "toset([\"é\", \"b\"])",
    "{ key = \"ké\", value = ",
    "{ for k, v in local.a : k => v }",
    ")",
    " }",
    "[",
    "]",
    "\"é${local.b}<\"",
    "<<-EOT\n    {\"Statement\": [{\"Effect\": \"Allow\", \"é\": ${local.a}}]}\n    EOT\n",
    "\n",
];

fn check_place(place: Place, texts: &[&str]) -> Result<(), TestCaseError> {
    check_span(place.file, place.span, texts)
}

fn check_value(file: FileId, value: &Value, texts: &[&str]) -> Result<(), TestCaseError> {
    let value: &Text = value.text();
    check_span(file, value.span(), texts)?;
    for (at, letter) in value.expose().char_indices() {
        let range = at..at + letter.len_utf8();
        let span = value.span_of(range.clone());
        check_span(file, span, texts)?;
        if value.is_verbatim(range) {
            let source = span.of(texts[file.0 as usize]);
            prop_assert!(source.len() != letter.len_utf8() || source.chars().eq([letter]));
        }
    }
    Ok(())
}

fn check_span(file: FileId, span: Span, texts: &[&str]) -> Result<(), TestCaseError> {
    prop_assert!(texts[file.0 as usize].get(span.start..span.end).is_some());
    Ok(())
}

proptest! {
    #[test]
    fn places_lie_in_the_texts(
        words in proptest::collection::vec(proptest::sample::select(&WORDS[..]), 0..30),
        more in proptest::collection::vec(proptest::sample::select(&WORDS[..]), 0..12),
    ) {
        let (text, other) = (words.concat(), format!("locals {{\n  b = {}\n}}\n", more.concat()));
        let texts = [text.as_str(), other.as_str()];
        let file = |number| {
            TerraformFile { file: FileId(number), text: texts[number as usize], is_json: false }
        };
        let read = read(&[file(0), file(1)]);
        for it in &read.creations {
            check_place(it.statement, &texts)?;
            check_value(it.statement.file, &it.name, &texts)?;
            if let Payload::Text(value) = &it.payload {
                check_value(it.statement.file, value, &texts)?;
            }
        }
        for it in read.deployed.iter().flat_map(|it| &it.variables) {
            check_place(it.entry, &texts)?;
            check_span(it.setting.file, it.setting.key_span, &texts)?;
            check_value(it.setting.file, &it.setting.value, &texts)?;
        }
        for role in &read.roles {
            check_value(role.statement.file, &role.name, &texts)?;
            if let Some(Trust::Policy(policy)) = &role.trust {
                for statement in &policy.statements {
                    check_place(statement.place, &texts)?;
                    for value in &statement.actions.patterns {
                        check_value(statement.place.file, value, &texts)?;
                    }
                }
            }
        }
    }

    /// One resource whose attributes are well-formed and come from both files.
    #[test]
    fn values_of_two_files_stay_apart(
        names in proptest::collection::vec(proptest::sample::select(&VALUES[..]), 3),
        there in proptest::collection::vec(proptest::sample::select(&VALUES[..]), 2),
    ) {
        let text = format!(
            "# é\nresource \"aws_ssm_parameter\" \"a\" {{\n  for_each = local.set\n  name = {}\n  value = {}\n}}\nlocals {{\n  a = {}\n}}\n",
            names[0], names[1], names[2]
        );
        let other = format!(
            "locals {{\n  set = toset([\"é1\", \"b\"])\n  b = {}\n  list = [{}, \"x\"]\n}}\n",
            there[0], there[1]
        );
        let texts = [text.as_str(), other.as_str()];
        let file = |number| {
            TerraformFile { file: FileId(number), text: texts[number as usize], is_json: false }
        };
        let read = read(&[file(0), file(1)]);
        prop_assert_eq!(read.creations.len(), 2);
        for it in &read.creations {
            check_value(FileId(0), &it.name, &texts)?;
            let Payload::Text(value) = &it.payload else { continue };
            check_value(FileId(0), value, &texts)?;
        }
    }
}
