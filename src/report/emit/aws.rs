//! AWS: Secrets Manager and Parameter Store.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::{Value, json};

use super::shell::{beginning, calls, parameter, quoted};
use super::{Emitted, Plan};
use crate::model::Kind;
use crate::resolve::ToCreate;

/// A statement of a policy.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Statement {
    pub(super) sid: String,
    effect: &'static str,
    pub(super) action: &'static str,
    pub(super) resource: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) condition: Option<Value>,
}

/// The policy that lets exactly these secrets be read. What JSON has no place for is a note.
pub(super) fn policy(plan: &Plan) -> Emitted {
    let document = json!({"Version": "2012-10-17", "Statement": statements(plan)});
    let text = serde_json::to_string_pretty(&document).unwrap_or_default();
    let mut notes = notes(plan);
    notes.extend(plan.dynamic_note());
    Emitted { text: crate::report::json::safe_to_print(&text) + "\n", notes }
}

/// The statements, one for each kind of secret, and those for keys.
pub(super) fn statements(plan: &Plan) -> Vec<Statement> {
    let mut by_kind: BTreeMap<Kind, Vec<String>> = BTreeMap::new();
    for secret in &plan.secrets {
        by_kind.entry(secret.kind).or_default().push(arn(plan, &secret.name));
    }
    let unknown = match (&plan.location.region, &plan.location.account) {
        (Some(_), Some(_)) => "",
        (None, Some(_)) => "RegionUnknown",
        (Some(_), None) => "AccountUnknown",
        (None, None) => "RegionAndAccountUnknown",
    };
    let mut statements: Vec<Statement> = by_kind
        .into_iter()
        .map(|(kind, resource)| Statement {
            sid: format!("Read{}{unknown}", plural(kind)),
            effect: "Allow",
            action: if is_parameter_store(plan) {
                "ssm:GetParameter"
            } else {
                "secretsmanager:GetSecretValue"
            },
            resource,
            condition: None,
        })
        .collect();
    statements.extend(decryption(plan));
    statements
}

const fn plural(kind: Kind) -> &'static str {
    match kind {
        Kind::Variable => "Variables",
        Kind::Connection => "Connections",
        Kind::Config => "Options",
    }
}

fn is_parameter_store(plan: &Plan) -> bool {
    plan.backend == "aws_ssm_parameter_store"
}

/// The ARN of the secret `name`. That of Secrets Manager ends with six characters that nobody knows before.
fn arn(plan: &Plan, name: &str) -> String {
    if is_parameter_store(plan) {
        let slash = if name.starts_with('/') { "" } else { "/" };
        return in_service(plan, "ssm", &format!("parameter{slash}{name}"));
    }
    in_service(plan, "secretsmanager", &format!("secret:{name}-??????"))
}

fn in_service(plan: &Plan, service: &str, resource: &str) -> String {
    let location = &plan.location;
    let region = location.region.as_deref().unwrap_or("*");
    let account = location.account.as_deref().unwrap_or("*");
    format!("arn:{}:{service}:{region}:{account}:{resource}", location.partition)
}

/// What lets the keys be used that the files name, through the service only.
fn decryption(plan: &Plan) -> Vec<Statement> {
    let (mut keys, mut aliases) = (Vec::new(), Vec::new());
    for id in plan.keys.iter().filter_map(|(id, _)| id.as_deref()) {
        let last = id.rsplit(':').next().unwrap_or(id);
        if last.starts_with("alias/") {
            aliases.push(last.to_owned());
        } else if id.starts_with("arn:") {
            keys.push(id.to_owned());
        } else {
            let resource = if id.starts_with("key/") { id.to_owned() } else { format!("key/{id}") };
            keys.push(in_service(plan, "kms", &resource));
        }
    }
    let service = if is_parameter_store(plan) { "ssm" } else { "secretsmanager" };
    let region = plan.location.region.as_deref().unwrap_or("*");
    let domain =
        if plan.location.partition == "aws-cn" { "amazonaws.com.cn" } else { "amazonaws.com" };
    let via = json!({"kms:ViaService": format!("{service}.{region}.{domain}")});
    let statement = |sid: &str, resource, condition| Statement {
        sid: sid.to_owned(),
        effect: "Allow",
        action: "kms:Decrypt",
        resource,
        condition: Some(condition),
    };
    let mut statements = Vec::new();
    if !keys.is_empty() {
        statements.push(statement("DecryptByKeys", keys, json!({"StringLike": via})));
    }
    if !aliases.is_empty() {
        let condition = json!({
            "StringLike": via,
            "ForAnyValue:StringEquals": {"kms:ResourceAliases": aliases},
        });
        statements.push(statement(
            "DecryptByAliases",
            vec![in_service(plan, "kms", "key/*")],
            condition,
        ));
    }
    statements
}

/// How a note begins about secrets of which nothing in the project tells how they are encrypted.
const NO_KEY: &str = "the policy allows `kms:Decrypt` only for keys that the project names: add it where a customer's key (not `aws/secretsmanager` or `aws/ssm`) encrypts";

/// What the policy cannot say.
pub(super) fn notes(plan: &Plan) -> Vec<String> {
    let mut notes = Vec::new();
    let location = &plan.location;
    if location.region.is_none() {
        notes.push("nothing tells the region, so that `*` stands for it".to_owned());
    }
    if location.account.is_none() {
        notes.push("nothing tells the account, so that `*` stands for it".to_owned());
    }
    let untold = plan.keys.iter().filter(|(id, _)| id.is_none());
    notes.extend(untold.map(|(_, place)| {
        format!("the policy lacks `kms:Decrypt` for the customer's key that {place} names, since its ARN is not written there: add it")
    }));
    let others = plan.secrets.iter().filter(|it| !matches!(it.creation, ToCreate::Created(_)));
    match others.count() {
        0 => {}
        some if some == plan.secrets.len() => notes.push(format!("{NO_KEY} these secrets")),
        some => {
            notes.push(format!("{NO_KEY} {some} of these secrets, which are created elsewhere"));
        }
    }
    notes
}

/// The commands that create them.
pub(super) fn commands(plan: &Plan) -> Emitted {
    let mut text = beginning(plan);
    text += &format!(
        "\n{}",
        parameter("REGION", plan.location.region.as_deref(), "the region of the secrets")
    );
    text += if is_parameter_store(plan) { CREATE_PARAMETER } else { CREATE_SECRET };
    text += &calls(plan, |secret| quoted(&secret.name));
    Emitted { text, notes: Vec::new() }
}

const CREATE_SECRET: &str = r#"
# create NAME WHAT: creates NAME, unless it exists with a value.
create() {
  if versions=$(aws secretsmanager describe-secret --region "$REGION" --secret-id "$1" \
    --query VersionIdsToStages --output text 2>/dev/null); then
    if [ "$versions" != None ]; then
      printf '%s exists, and is left as it is\n' "$1" >&2
      return
    fi
    ask "$1" "$2"
    printf '%s' "$value" |
      aws secretsmanager put-secret-value --region "$REGION" --secret-id "$1" \
        --secret-string file:///dev/stdin >/dev/null
    return
  fi
  ask "$1" "$2"
  printf '%s' "$value" |
    aws secretsmanager create-secret --region "$REGION" --name "$1" \
      --secret-string file:///dev/stdin >/dev/null
}

"#;

const CREATE_PARAMETER: &str = r#"
# create NAME WHAT: creates NAME, unless it exists.
create() {
  if aws ssm get-parameter --region "$REGION" --name "$1" >/dev/null 2>&1; then
    printf '%s exists, and is left as it is\n' "$1" >&2
    return
  fi
  ask "$1" "$2"
  printf '%s' "$value" |
    aws ssm put-parameter --region "$REGION" --name "$1" --type SecureString \
      --value file:///dev/stdin >/dev/null
}

"#;
