use proptest::prelude::*;

use super::*;
use crate::model::setup::policy::PolicyEffect;
use crate::read::yaml;

fn read_text(text: &str) -> CloudFormation {
    read(FileId(0), &yaml::read(text)).expect("a template")
}

fn shown(value: &Value) -> String {
    value.text().expose().replace(UNKNOWN, "…")
}

fn secrets(read: &CloudFormation) -> Vec<String> {
    let line = |it: &Creation| {
        let payload = match &it.payload {
            Payload::Text(value) => shown(value),
            other => format!("{other:?}"),
        };
        let region = it.region.as_ref().map_or("-".to_owned(), shown);
        format!("{} {} {region} {payload}", it.backend, shown(&it.name))
    };
    read.creations.iter().map(line).collect()
}

#[test]
fn secrets_in_yaml_and_json() {
    let text = r#"
AWSTemplateFormatVersion: "2010-09-09"
Parameters:
  Stage: {Type: String, Default: dev}
Resources:
  Orders:
    Type: AWS::SecretsManager::Secret
    Properties:
      Name: airflow/connections/orders
      SecretString: !Sub '{"conn_type": "postgres", "login": "${User}", "host": "${!literal}"}'
      KmsKeyId: !Ref Key
      ReplicaRegions:
        - Region: us-east-1
  Made:
    Type: AWS::SecretsManager::Secret
    Properties:
      Name: !Sub "airflow/${Stage}/connections/x"
      GenerateSecretString: {PasswordLength: 32}
  Joined:
    Type: AWS::SecretsManager::Secret
    Properties:
      Name: !Join ["/", [airflow, !Ref Stage, variables]]
      SecretString: "{{resolve:ssm:/there}}"
  Long:
    Type: AWS::SecretsManager::Secret
    Properties:
      Name:
        Fn::Sub:
          - "airflow/${Kind}/${Orders}"
          - Kind: connections
  Plain:
    Type: AWS::SSM::Parameter
    Properties: {Type: String, Name: /airflow/variables/region, Value: eu-central-1}
  Unnamed:
    Type: AWS::SSM::Parameter
    Properties: {Type: String, Value: !Ref "AWS::NoValue"}
"#;
    let read = read_text(text);
    assert_eq!(
        secrets(&read),
        [
            "aws_secrets_manager airflow/connections/orders - {\"conn_type\": \"postgres\", \"login\": \"…\", \"host\": \"${literal}\"}",
            "aws_secrets_manager airflow/connections/orders us-east-1 {\"conn_type\": \"postgres\", \"login\": \"…\", \"host\": \"${literal}\"}",
            "aws_secrets_manager airflow/…/connections/x - Generated",
            "aws_secrets_manager airflow/…/variables - …",
            "aws_secrets_manager airflow/connections/arn:…:secretsmanager:…:…:secret:airflow/connections/orders-… - Nothing",
            "aws_ssm_parameter_store /airflow/variables/region - eu-central-1",
            "aws_ssm_parameter_store … - Unknown",
        ]
    );
    let Payload::Text(value) = &read.creations[0].payload else { panic!() };
    let at = value.text().expose().find("postgres").unwrap();
    assert_eq!(value.text().span_of(at..at + 8).of(text), "postgres");
    assert!(read.creations[0].encryption_key.is_some());
    assert!(read.creations[0].statement.span.of(text).starts_with("Orders:"));

    let json = r#"{"Resources": {"A": {"Type": "AWS::SecretsManager::Secret", "Properties": {
        "Name": {"Fn::Join": ["", ["airflow/", {"Ref": "AWS::Region"}]]}, "SecretString": "v"}}}}"#;
    assert_eq!(secrets(&read_text(json)), ["aws_secrets_manager airflow/… - v"]);
}

#[test]
fn roles_and_their_policies() {
    let text = r#"
Resources:
  Secret:
    Type: AWS::SecretsManager::Secret
    Properties: {Name: airflow/connections/a}
  Airflow:
    Type: AWS::IAM::Role
    Properties:
      RoleName: airflow
      AssumeRolePolicyDocument:
        Version: "2012-10-17"
        Statement:
          - Effect: Allow
            Principal: {AWS: [!Sub "arn:aws:iam::${AWS::AccountId}:root", "arn:aws:iam::1:role/x"]}
            Action: sts:AssumeRole
            Condition: {StringEquals: {"sts:ExternalId": y}}
      ManagedPolicyArns:
        - arn:aws:iam::aws:policy/SecretsManagerReadWrite
        - !Ref Managed
        - !ImportValue other
      Policies:
        - PolicyName: inline
          PolicyDocument:
            Statement: {Effect: Deny, NotAction: "s3:*", Resource: "*"}
  Managed:
    Type: AWS::IAM::ManagedPolicy
    Properties:
      PolicyDocument:
        Statement:
          - Effect: Allow
            Action: [secretsmanager:GetSecretValue]
            Resource: [!Ref Secret, !Sub "arn:aws:secretsmanager:${AWS::Region}:*:secret:airflow/*"]
          - !If [A, {Effect: Allow}, !Ref "AWS::NoValue"]
  Attached:
    Type: AWS::IAM::Policy
    Properties:
      Roles: [!Ref Airflow]
      PolicyDocument: '{"Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}'
"#;
    let read = read_text(text);
    let [role] = &read.roles[..] else { panic!() };
    assert_eq!(shown(&role.name), "airflow");
    assert!(role.may_have_more);
    let Some(Trust::Policy(trust)) = &role.trust else { panic!() };
    let [statement] = &trust.statements[..] else { panic!() };
    assert_eq!(statement.effect, Some(PolicyEffect::Allow));
    let principals: Vec<_> = statement
        .principals
        .iter()
        .map(|it| format!("{} {}", shown(&it.kind), shown(&it.id)))
        .collect();
    assert_eq!(principals, ["AWS arn:aws:iam::…:root", "AWS arn:aws:iam::1:role/x"]);
    assert_eq!(shown(&statement.conditions[0].key), "sts:ExternalId");
    let grants: Vec<String> = role
        .grants
        .iter()
        .map(|grant| match grant {
            Grant::Managed(arn, _) => shown(arn),
            Grant::Policy(policy) => {
                let all = policy.statements.iter();
                let of = |it: &crate::model::setup::policy::Statement| {
                    let list = |all: &[Value]| all.iter().map(shown).collect::<Vec<_>>().join(",");
                    format!("{} on {}", list(&it.actions.patterns), list(&it.resources.patterns))
                };
                format!("{:?} {}", policy.is_complete, all.map(of).collect::<Vec<_>>().join(";"))
            }
        })
        .collect();
    assert_eq!(
        grants,
        [
            "true s3:* on *",
            "arn:aws:iam::aws:policy/SecretsManagerReadWrite",
            "false secretsmanager:GetSecretValue on arn:…:secretsmanager:…:…:secret:airflow/connections/a-…,arn:aws:secretsmanager:…:*:secret:airflow/*",
            "true * on *",
        ]
    );
    assert_eq!(read.policies.len(), 1);
}

#[test]
fn other_files_are_no_templates() {
    for text in ["", "a: 1", "Resources: 1", "Resources: {a: {Type: x}}", "- 1"] {
        assert!(read(FileId(0), &yaml::read(text)).is_none(), "{text}");
    }
}

#[test]
fn aliases_end() {
    let mut text = "Resources:\n  A:\n    Type: AWS::SecretsManager::Secret\n    Properties:\n      Name: !Sub ['${a}', {a: &a !Sub ['${a}${b}', {a: *a, b: *a}]}]\n      SecretString: !Join ['', &l [*l, *l, *l]]\n".to_owned();
    text += "  B:\n    Type: AWS::SSM::Parameter\n    Properties: {Name: !Ref B, Value: !Sub '${B}${B}${B}'}\n";
    text += "  R: &r\n    Type: AWS::IAM::Role\n    Properties: {RoleName: !Ref R, Policies: &p [*p, *r], AssumeRolePolicyDocument: {Statement: &s [{Principal: *s, Condition: *s}]}}\n";
    assert_eq!(read_text(&text).creations.len(), 2);
}

const WORDS: [&str; 30] = [
    "Resources:\n",
    "  A:\n    Type: AWS::SecretsManager::Secret\n    Properties:\n",
    "  B:\n    Type: AWS::IAM::Role\n    Properties:\n",
    "      Name: ",
    "      SecretString: ",
    "      RoleName: ",
    "      AssumeRolePolicyDocument:\n        Statement: ",
    "!Sub ",
    "!Ref ",
    "!Join ",
    "!GetAtt ",
    "'é${A}'",
    "\"${!x}${\"",
    "A",
    "B.Arn",
    "[",
    "]",
    "{",
    "}",
    ", ",
    "\n",
    "Fn::Sub: ",
    "{{resolve:x}}",
    "'{{resolve:é'",
    "Effect: Allow",
    "Principal: ",
    "&a ",
    "*a",
    "|\n        é${B}\n",
    "\"\\u00e9${A.Arn}\"",
];

proptest! {
    #[test]
    fn places_lie_in_the_text(words in proptest::collection::vec(proptest::sample::select(&WORDS[..]), 0..24)) {
        let text = words.concat();
        if let Some(read) = read(FileId(0), &yaml::read(&text)) {
            let mut values: Vec<&Value> = read.roles.iter().map(|it| &it.name).collect();
            for it in &read.creations {
                values.push(&it.name);
                if let Payload::Text(value) = &it.payload {
                    values.push(value);
                }
                prop_assert!(text.get(it.statement.span.start..it.statement.span.end).is_some());
            }
            for value in values {
                for (at, letter) in value.text().expose().char_indices() {
                    let span = value.text().span_of(at..at + letter.len_utf8());
                    prop_assert!(text.get(span.start..span.end).is_some());
                }
            }
        }
    }
}
