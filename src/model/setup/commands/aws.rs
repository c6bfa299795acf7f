//! `aws secretsmanager create-secret|put-secret-value|update-secret` and `aws ssm put-parameter`.
//!
//! Flags from botocore 1.43 and the AWS CLI 1.45 and 2: every parameter of the service's operation is a
//! flag of the same name, all of them take an argument but those of type boolean; the global ones from
//! `awscli/data/cli.json`.

use super::arguments::{Arguments, Flags, Style};
use super::invocation::Invocation;
use super::{Commands, iam, input, part, unknown};
use crate::model::Origin;
use crate::model::setup::creation::{Creation, Payload};
use crate::model::setup::deployed::Replacement;
use crate::model::setup::json_text;
use crate::read::json::{self, Kind};
use crate::text::Value;

const FLAGS: Flags = Flags {
    switches: &[
        "debug",
        "verify-ssl",
        "paginate",
        "sign-request",
        "version",
        "v2-debug",
        "cli-pager",
        "cli-auto-prompt",
        "overwrite",
        "force-overwrite-replica-secret",
    ],
    short: &[],
    lists: &["tags", "add-replica-regions", "version-stages"],
    style: Style::Argparse,
};

pub(super) fn read(invocation: &mut Invocation<'_>, commands: &mut Commands) {
    let path = Arguments::read(invocation.arguments, &FLAGS).path();
    if iam::is_one(&path) {
        return iam::read(invocation, &FLAGS, commands);
    }
    let (backend, name, key, text) = match path.as_slice() {
        ["secretsmanager", "create-secret", ..] => {
            ("aws_secrets_manager", "name", "kms-key-id", "secret-string")
        }
        ["secretsmanager", "put-secret-value" | "update-secret", ..] => {
            ("aws_secrets_manager", "secret-id", "kms-key-id", "secret-string")
        }
        ["ssm", "put-parameter", ..] => ("aws_ssm_parameter_store", "name", "key-id", "value"),
        _ => return,
    };
    let arguments = invocation.understood(&FLAGS, 2);
    let value = |flag: &str| {
        let skeleton = member(&arguments, flag);
        arguments.value(flag).cloned().or(skeleton)
    };
    let name = value(name).unwrap_or_else(|| unknown(invocation.command.span));
    let creation = Creation {
        mended: as_text(invocation, &arguments).unwrap_or_default(),
        region: region(invocation, &arguments),
        encryption_key: value(key),
        payload: payload(invocation, &arguments, value(text)),
        ..Creation::new(backend, name, invocation.place(), Origin::Command)
    };
    let replicas = arguments.flags.iter().filter(|it| it.name == "add-replica-regions");
    let replicas = replicas.filter_map(|it| replica_region(it.value.as_ref()?));
    let replicas: Vec<Creation> = replicas
        .map(|region| Creation {
            region: Some(region),
            encryption_key: creation.encryption_key.clone(),
            mended: creation.mended.clone(),
            payload: creation.payload.clone(),
            ..Creation::new(backend, creation.name.clone(), creation.statement, creation.origin)
        })
        .collect();
    commands.creations.push(creation);
    commands.creations.extend(replicas);
}

/// The region: the flag, then the environment (version 2 reads `AWS_REGION` first). With a profile it
/// may be that of the profile, which is not known.
fn region(invocation: &Invocation<'_>, arguments: &Arguments<'_>) -> Option<Value> {
    let variables = ["AWS_REGION", "AWS_DEFAULT_REGION"];
    let of_environment = || variables.iter().find_map(|name| invocation.environment(name));
    arguments.value("region").cloned().or_else(of_environment)
}

fn payload(invocation: &Invocation<'_>, arguments: &Arguments<'_>, text: Option<Value>) -> Payload {
    if let Some(binary) = arguments.flag("secret-binary") {
        return Payload::Binary(invocation.at(binary.word.raw));
    }
    let Some(text) = text else {
        let may_hold = ["cli-input-json", "cli-input-yaml"];
        let is_open =
            arguments.may_be_more || may_hold.iter().any(|it| arguments.flag(it).is_some());
        return if is_open { Payload::Unknown } else { Payload::Nothing };
    };
    let written = text.text().expose();
    let scheme = ["file://", "fileb://"].into_iter().find(|scheme| written.starts_with(scheme));
    let Some(scheme) = scheme else { return Payload::Text(text) };
    let path = part(&text, scheme.len()..written.len());
    if path.known().is_some_and(|path| matches!(path.expose(), "/dev/stdin" | "/dev/fd/0" | "-")) {
        return input::of(invocation.command, invocation.script()).unwrap_or(Payload::Unknown);
    }
    Payload::File(path)
}

/// What makes a text of `--secret-binary fileb://FILE`.
fn as_text(invocation: &Invocation<'_>, arguments: &Arguments<'_>) -> Option<Vec<Replacement>> {
    let binary = arguments.flag("secret-binary")?;
    let is_apart = binary.word.raw.of(invocation.scope.text) == "--secret-binary";
    let file = binary.value.as_ref()?.text();
    if !(is_apart && file.expose().starts_with("fileb://") && file.is_verbatim(0.."fileb".len())) {
        return None;
    }
    let replace =
        |span, text: &str| Replacement { place: invocation.at(span), text: text.to_owned() };
    Some(vec![
        replace(binary.word.raw, "--secret-string"),
        replace(file.span_of("file".len().."fileb".len()), ""),
    ])
}

/// What `--cli-input-json` gives for a flag: `secret-id` is its member `SecretId`.
fn member(arguments: &Arguments<'_>, flag: &str) -> Option<Value> {
    let json = arguments.value("cli-input-json")?.known()?;
    let Kind::Object(members) = json::parse(json.expose()).ok()?.kind else { return None };
    let name = flag.replace('-', "");
    let found = members.iter().find(|it| it.key.node.eq_ignore_ascii_case(&name))?;
    Some(Value::of(json_text::text_of(json, &found.value)))
}

/// The region of `Region=name[,KmsKeyId=…]`.
fn replica_region(value: &Value) -> Option<Value> {
    let written = value.text().expose();
    let start = written.strip_prefix("Region=").map(|_| "Region=".len())?;
    let rest = written.get(start..)?;
    let length = rest.find(',').unwrap_or(rest.len());
    Some(part(value, start..start + length))
}
