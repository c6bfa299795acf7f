//! Terraform, for each service.

use super::{Emitted, Plan, Secret, aws, azure, google, places, vault};

/// The resources that create the secrets, and what lets them be read.
pub(super) fn resources(plan: &Plan) -> Emitted {
    let mut text = format!("# {}.\n", plan.title("Creates, and lets read,"));
    for line in plan.not_created() {
        text += &format!("# {line}\n");
    }
    let is_any = plan.to_create().next().is_some();
    if is_any {
        text += VALUES;
    }
    let name = |secret: &Secret| match plan.backend {
        "gcp_secret_manager" => google::parts(&secret.name).1.to_owned(),
        _ => secret.name.clone(),
    };
    let to_create: Vec<&Secret> = plan.to_create().collect();
    let notes = match plan.backend {
        "aws_secrets_manager" => {
            if is_any {
                text += &locals("airflow_secrets", &to_create, name);
                text += AWS_SECRETS;
            }
            aws_policy(plan, &mut text)
        }
        "aws_ssm_parameter_store" => {
            if is_any {
                text += &locals("airflow_secrets", &to_create, name);
                text += AWS_PARAMETERS;
            }
            aws_policy(plan, &mut text)
        }
        "gcp_secret_manager" => {
            google(plan, &to_create, name, &mut text);
            Vec::new()
        }
        "azure_key_vault" => {
            azure(plan, &to_create, name, &mut text);
            Vec::new()
        }
        _ => {
            vault(plan, &to_create, &mut text);
            Vec::new()
        }
    };
    Emitted { text, notes }
}

/// A set of names, each with what asks for it.
fn locals(called: &str, secrets: &[&Secret], name: impl Fn(&Secret) -> String) -> String {
    let entries: Vec<_> =
        secrets.iter().map(|it| (format!("\"{}\",", name(it)), places(it))).collect();
    format!("\nlocals {{\n  {called} = toset([\n{}  ])\n}}\n", with_comments(&entries))
}

/// Lines with a comment each, in one column, as `terraform fmt` has them.
fn with_comments(entries: &[(String, String)]) -> String {
    let longest = entries.iter().map(|(entry, _)| entry.chars().count()).max().unwrap_or(0);
    let line = |(entry, comment): &(String, String)| format!("    {entry:longest$} # {comment}\n");
    entries.iter().map(line).collect()
}

/// The values: Terraform asks for what has no default, and refuses to go on without.
const VALUES: &str = r#"
variable "airflow_secret_values" {
  description = "The values of the secrets, by name. They end up in the state; keep them out of the repository."
  type        = map(string)
  sensitive   = true
}
"#;

const AWS_SECRETS: &str = r#"
resource "aws_secretsmanager_secret" "airflow" {
  for_each = local.airflow_secrets
  name     = each.key
}

resource "aws_secretsmanager_secret_version" "airflow" {
  for_each      = local.airflow_secrets
  secret_id     = aws_secretsmanager_secret.airflow[each.key].id
  secret_string = var.airflow_secret_values[each.key]
}
"#;

const AWS_PARAMETERS: &str = r#"
resource "aws_ssm_parameter" "airflow" {
  for_each = local.airflow_secrets
  name     = each.key
  type     = "SecureString"
  value    = var.airflow_secret_values[each.key]
}
"#;

fn aws_policy(plan: &Plan, text: &mut String) -> Vec<String> {
    for note in aws::notes(plan) {
        *text += &format!("\n# {note}");
    }
    *text += "\ndata \"aws_iam_policy_document\" \"airflow_secrets\" {\n";
    let statements: Vec<String> = aws::statements(plan).iter().map(statement).collect();
    *text += &statements.join("\n");
    *text += "}\n";
    Vec::new()
}

fn statement(statement: &aws::Statement) -> String {
    let resources: String =
        statement.resource.iter().map(|resource| format!("      \"{resource}\",\n")).collect();
    let mut text = format!(
        "  statement {{\n    sid     = \"{}\"\n    actions = [\"{}\"]\n    resources = [\n{resources}    ]\n",
        statement.sid, statement.action
    );
    let tests = statement.condition.iter().filter_map(|it| it.as_object()).flatten();
    for (test, keys) in tests {
        for (variable, values) in keys.as_object().into_iter().flatten() {
            let values = match values.as_array() {
                Some(values) => values.clone(),
                None => vec![values.clone()],
            };
            let values = serde_json::to_string(&values).unwrap_or_default();
            text += &format!(
                "    condition {{\n      test     = \"{test}\"\n      variable = \"{variable}\"\n      values   = {values}\n    }}\n"
            );
        }
    }
    text + "  }\n"
}

fn google(
    plan: &Plan,
    to_create: &[&Secret],
    name: impl Fn(&Secret) -> String + Copy,
    text: &mut String,
) {
    let project = match google::project(plan) {
        Some(project) => format!("\nvariable \"airflow_project\" {{\n  type    = string\n  default = \"{project}\"\n}}\n"),
        None => "\nvariable \"airflow_project\" {\n  description = \"The project of the secrets.\"\n  type        = string\n}\n".to_owned(),
    };
    *text += &project;
    *text += "\nvariable \"airflow_member\" {\n  description = \"Who reads the secrets: serviceAccount:NAME@PROJECT.iam.gserviceaccount.com\"\n  type        = string\n}\n";
    if !to_create.is_empty() {
        *text += &locals("airflow_secrets", to_create, name);
        *text += GOOGLE_SECRETS;
    }
    let others: Vec<&Secret> = plan.to_read().filter(|it| it.created_by.is_some()).collect();
    if !others.is_empty() {
        *text += &locals("airflow_secrets_of_others", &others, name);
        *text += &google_member("airflow_of_others", "local.airflow_secrets_of_others", "each.key");
    }
    if !to_create.is_empty() {
        let id = "google_secret_manager_secret.airflow[each.key].secret_id";
        *text += &google_member("airflow", "local.airflow_secrets", id);
    }
    for (number, secret) in plan.patterns().enumerate() {
        let Some((expression, beginning)) = google::condition(&secret.name) else { continue };
        let expression = expression.replace('"', "\\\"");
        *text += &format!(
            "\n# All that begin so, since more is not known: {}\nresource \"google_project_iam_member\" \"airflow_{number}\" {{\n  project = var.airflow_project\n  role    = \"{}\"\n  member  = var.airflow_member\n\n  condition {{\n    title      = \"airflow {beginning}\"\n    expression = \"{expression}\"\n  }}\n}}\n",
            places(secret),
            google::ROLE
        );
    }
}

const GOOGLE_SECRETS: &str = r#"
resource "google_secret_manager_secret" "airflow" {
  for_each  = local.airflow_secrets
  project   = var.airflow_project
  secret_id = each.key

  replication {
    auto {}
  }
}

resource "google_secret_manager_secret_version" "airflow" {
  for_each    = local.airflow_secrets
  secret      = google_secret_manager_secret.airflow[each.key].id
  secret_data = var.airflow_secret_values[each.key]
}
"#;

fn google_member(called: &str, each: &str, id: &str) -> String {
    format!(
        "\nresource \"google_secret_manager_secret_iam_member\" \"{called}\" {{\n  for_each  = {each}\n  project   = var.airflow_project\n  secret_id = {id}\n  role      = \"{}\"\n  member    = var.airflow_member\n}}\n",
        google::ROLE
    )
}

fn azure(
    plan: &Plan,
    to_create: &[&Secret],
    name: impl Fn(&Secret) -> String + Copy,
    text: &mut String,
) {
    *text += "\nvariable \"airflow_key_vault_id\" {\n  description = \"The resource id of the vault.\"\n  type        = string\n}\n";
    *text += "\nvariable \"airflow_principal_id\" {\n  description = \"The object id of the identity that reads the secrets.\"\n  type        = string\n}\n";
    if !to_create.is_empty() {
        *text += &locals("airflow_secrets", to_create, name);
        *text += AZURE_SECRETS;
    }
    let all: Vec<&Secret> = plan.to_read().collect();
    if !all.is_empty() {
        *text += &locals("airflow_readable_secrets", &all, name);
        let dependency = if to_create.is_empty() {
            ""
        } else {
            "\n  depends_on = [azurerm_key_vault_secret.airflow]\n"
        };
        *text += &format!(
            "\nresource \"azurerm_role_assignment\" \"airflow\" {{\n  for_each             = local.airflow_readable_secrets\n  scope                = \"${{var.airflow_key_vault_id}}/secrets/${{each.key}}\"\n  role_definition_name = \"{}\"\n  principal_id         = var.airflow_principal_id\n{dependency}}}\n",
            azure::ROLE
        );
    }
}

const AZURE_SECRETS: &str = r#"
resource "azurerm_key_vault_secret" "airflow" {
  for_each     = local.airflow_secrets
  key_vault_id = var.airflow_key_vault_id
  name         = each.key
  value        = var.airflow_secret_values[each.key]
}
"#;

/// Secrets of Vault differ in their mount, and in the member that holds the value.
fn vault(plan: &Plan, to_create: &[&Secret], text: &mut String) {
    if !to_create.is_empty() {
        let is_second = to_create.iter().all(|secret| vault::parts(plan, &secret.name).2);
        let longest = to_create.iter().map(|it| it.name.chars().count()).max().unwrap_or(0) + 2;
        let entries = to_create.iter().map(|secret| {
            let (mount, path, _) = vault::parts(plan, &secret.name);
            let (key, field) = (format!("\"{}\"", secret.name), vault::field(secret.kind));
            let entry = format!(
                "{key:longest$} = {{ mount = \"{mount}\", path = \"{path}\", field = \"{field}\" }}"
            );
            (entry, places(secret))
        });
        let entries = with_comments(&entries.collect::<Vec<_>>());
        *text += &format!("\nlocals {{\n  airflow_secrets = {{\n{entries}  }}\n}}\n");
        *text += if is_second { VAULT_SECOND } else { VAULT_FIRST };
    }
    let policy = vault::policy(plan).text.replace("${", "$${").replace("%{", "%%{");
    *text += &format!(
        "\nresource \"vault_policy\" \"airflow_secrets\" {{\n  name   = \"airflow-secrets\"\n  policy = <<-EOT\n{}  EOT\n}}\n",
        policy
            .lines()
            .map(|line| if line.is_empty() { "\n".to_owned() } else { format!("    {line}\n") })
            .collect::<String>()
    );
}

const VAULT_SECOND: &str = r#"
resource "vault_kv_secret_v2" "airflow" {
  for_each  = local.airflow_secrets
  mount     = each.value.mount
  name      = each.value.path
  data_json = jsonencode({ (each.value.field) = var.airflow_secret_values[each.key] })
}
"#;

const VAULT_FIRST: &str = r#"
resource "vault_generic_secret" "airflow" {
  for_each  = local.airflow_secrets
  path      = "${each.value.mount}/${each.value.path}"
  data_json = jsonencode({ (each.value.field) = var.airflow_secret_values[each.key] })
}
"#;
