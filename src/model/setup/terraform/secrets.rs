//! The secrets that Terraform creates.

use std::rc::Rc;

use super::module::Module;
use super::resource::Resource;
use super::term::ResourceTerm;
use crate::model::Origin;
use crate::model::setup::creation::{Creation, Payload};
use crate::model::setup::{json_text, mounted};
use crate::read::hcl::Block;
use crate::read::json::Kind;
use crate::text::{Text, UNKNOWN, Value};

/// The secrets of a module.
pub(super) fn creations(module: &Module<'_>) -> Vec<Creation> {
    let mut found = Vec::new();
    secrets_manager(module, &mut found);
    for resource in module.each_resource("aws_ssm_parameter") {
        let payload = resource.payload(&["value", "value_wo", "insecure_value"]);
        found.push(Creation {
            region: resource.value("region").or_else(|| resource.of_provider("aws", "region")),
            encryption_key: resource.value("key_id"),
            payload: payload.unwrap_or(Payload::Unknown),
            ..creation("aws_ssm_parameter_store", resource.name("name"), &resource)
        });
    }
    for kind in ["google_secret_manager_secret", "google_secret_manager_regional_secret"] {
        google(module, kind, &mut found);
    }
    for resource in module.each_resource("azurerm_key_vault_secret") {
        let vault = resource.of_referred("key_vault_id", "name");
        let payload = resource.payload(&["value", "value_wo"]);
        found.push(Creation {
            container: vault
                .or_else(|| resource.value("key_vault_id").and_then(|id| vault_of_id(&id))),
            payload: payload.unwrap_or(Payload::Unknown),
            ..creation("azure_key_vault", resource.name("name"), &resource)
        });
    }
    vault(module, &mut found);
    found
}

fn creation(backend: &'static str, name: Value, resource: &Resource<'_, '_>) -> Creation {
    let account = backend.starts_with("aws_").then(|| resource.aws_account()).flatten();
    Creation { account, ..Creation::new(backend, name, resource.place(), Origin::Terraform) }
}

/// Secrets of Vault: of version 2 of the key-value engine, with the mount apart from the name; of version 1,
/// with a path that begins with the mount.
fn vault(module: &Module<'_>, found: &mut Vec<Creation>) {
    const BACKEND: &str = "hashicorp_vault";
    let payload =
        |resource: &Resource<'_, '_>| match resource.payload(&["data_json", "data_json_wo"]) {
            Some(Payload::Text(value) | Payload::Line(value)) => {
                fields(&value).unwrap_or(Payload::Unknown)
            }
            Some(other) => other,
            None => Payload::Nothing,
        };
    for resource in module.each_resource("vault_kv_secret_v2") {
        let mount = resource.of_referred("mount", "path");
        found.push(Creation {
            container: mount.or_else(|| resource.value("mount")),
            engine: Some(2),
            payload: payload(&resource),
            ..creation(BACKEND, resource.name("name"), &resource)
        });
    }
    for resource in module.each_resource("vault_kv_secret") {
        let (container, name) = mounted(&resource.name("path"));
        found.push(Creation {
            container,
            engine: Some(1),
            payload: payload(&resource),
            ..creation(BACKEND, name, &resource)
        });
    }
}

/// `aws_secretsmanager_secret` with its versions, and versions of secrets that exist already.
fn secrets_manager(module: &Module<'_>, found: &mut Vec<Creation>) {
    const BACKEND: &str = "aws_secrets_manager";
    let versions = with_secrets(module, "aws_secretsmanager_secret_version", "secret_id");
    let secrets = module.each_resource("aws_secretsmanager_secret");
    let region =
        |it: &Resource<'_, '_>| it.value("region").or_else(|| it.of_provider("aws", "region"));
    let payload = |version: &Resource<'_, '_>| {
        let binary = version.body().get("secret_binary");
        let text = version.payload(&["secret_string", "secret_string_wo"]);
        match (text, binary) {
            (Some(text), _) => text,
            (None, Some(binary)) => Payload::Binary(version.at(binary)),
            (None, None) => Payload::Nothing,
        }
    };
    let mut taken = vec![false; versions.len()];
    for secret in &secrets {
        let name = secret.name("name");
        let mut payloads = Vec::new();
        for ((version, of), taken) in versions.iter().zip(&mut taken) {
            let is_its = match of {
                Of::Resource(term) => secret.is(term),
                Of::Name(id) => {
                    let ids = id.as_ref().and_then(Value::known).zip(name.known());
                    ids.is_some_and(|(id, name)| id.expose() == name.expose())
                }
            };
            if is_its {
                *taken = true;
                payloads.push(moved(payload(version), version, secret));
            }
        }
        if payloads.is_empty() {
            payloads.push(Payload::Nothing);
        }
        let mut regions = vec![region(secret)];
        let replicas = secret.body().blocks("replica").filter_map(|it| it.body.get("region"));
        for replica in replicas {
            let text = module.as_text(&secret.evaluate(replica), secret.at(replica));
            regions.push(Some(Value::of(text)));
        }
        // How many there are, and where, only running things tell.
        let is_dynamic = |block: &Block| block.labels.iter().any(|it| it.node == "replica");
        if let Some(block) = secret.body().blocks("dynamic").find(|block| is_dynamic(block)) {
            regions.push(Some(Value::of(Text::produced_by(UNKNOWN, block.span))));
        }
        for region in regions {
            found.extend(payloads.iter().map(|payload| Creation {
                region: region.clone(),
                encryption_key: secret.value("kms_key_id"),
                payload: payload.clone(),
                ..creation(BACKEND, name.clone(), secret)
            }));
        }
    }
    let left = versions.iter().zip(taken).filter(|(_, taken)| !taken);
    for ((version, _), _) in left {
        let name = version.of_referred("secret_id", "name");
        let Some(name) = name.or_else(|| version.value("secret_id").map(name_of_arn)) else {
            continue;
        };
        found.push(Creation {
            region: region(version),
            payload: payload(version),
            ..creation(BACKEND, name, version)
        });
    }
}

/// Which secret a version is of.
enum Of {
    Resource(Rc<ResourceTerm>),
    Name(Option<Value>),
}

/// The versions of a kind, each with its secret.
fn with_secrets<'m, 'a>(
    module: &'m Module<'a>,
    kind: &'m str,
    attribute: &str,
) -> Vec<(Resource<'m, 'a>, Of)> {
    let versions = module.each_resource(kind).into_iter();
    let with = |version: Resource<'m, 'a>| {
        let of = match version.referred(attribute) {
            Some(term) => Of::Resource(term),
            None => Of::Name(version.value(attribute)),
        };
        (version, of)
    };
    versions.map(with).collect()
}

/// A payload that is written in another file than the secret: its places are where the secret is named.
fn moved(payload: Payload, from: &Resource<'_, '_>, to: &Resource<'_, '_>) -> Payload {
    if from.declared.file == to.declared.file {
        return payload;
    }
    let span = to.label_place().span;
    let moved = |value: &Value| Value::of(Text::produced_by(value.text().expose(), span));
    match payload {
        Payload::Text(value) => Payload::Text(moved(&value)),
        Payload::Line(value) => Payload::Line(moved(&value)),
        Payload::File(value) => Payload::File(moved(&value)),
        other => other,
    }
}

fn google(module: &Module<'_>, kind: &str, found: &mut Vec<Creation>) {
    let version = match kind {
        "google_secret_manager_secret" => "google_secret_manager_secret_version",
        _ => "google_secret_manager_regional_secret_version",
    };
    let versions = with_secrets(module, version, "secret");
    for secret in module.each_resource(kind) {
        let of_secret =
            |(_, of): &&(Resource<'_, '_>, Of)| matches!(of, Of::Resource(term) if secret.is(term));
        let mut payloads: Vec<Payload> = versions
            .iter()
            .filter(of_secret)
            .map(|(version, _)| {
                let is_encoded = version.term("is_secret_data_base64").is_some();
                let payload = version.payload(&["secret_data", "secret_data_wo"]);
                match payload {
                    _ if is_encoded => Payload::Unknown,
                    Some(payload) => moved(payload, version, &secret),
                    None => Payload::Nothing,
                }
            })
            .collect();
        if payloads.is_empty() {
            payloads.push(Payload::Nothing);
        }
        let project = || secret.of_provider("google", "project");
        found.extend(payloads.into_iter().map(|payload| Creation {
            region: secret.value("location"),
            container: secret.value("project").or_else(project),
            payload,
            ..creation("gcp_secret_manager", secret.name("secret_id"), &secret)
        }));
    }
}

/// The name in the ARN of a secret, which ends in a `-` and six characters; the name itself where it
/// is none.
fn name_of_arn(id: Value) -> Value {
    let raw = id.text().expose();
    let Some((_, name)) = raw.strip_prefix("arn:").and_then(|arn| arn.split_once(":secret:"))
    else {
        return id;
    };
    let name = match name.rsplit_once('-') {
        Some((name, suffix)) if suffix.len() == 6 => name,
        _ => name,
    };
    Value::of(Text::produced_by(name, id.span()))
}

/// The name of the vault in the id of one.
fn vault_of_id(id: &Value) -> Option<Value> {
    let name = id.text().expose().rsplit_once("/vaults/")?.1;
    Some(Value::of(Text::produced_by(name, id.span())))
}

/// The values of a JSON object, by name.
fn fields(value: &Value) -> Option<Payload> {
    let (text, object) = json_text::parse(value.text())?;
    if !matches!(object.kind, Kind::Object(_)) {
        return None;
    }
    let members = object.members().iter().filter(|member| !member.overridden);
    let fields = members.map(|member| {
        let key = json_text::string(&text, member.key.span, &member.key.node);
        (Value::of(key), Value::of(json_text::text_of(&text, &member.value)))
    });
    Some(Payload::Fields(fields.collect()))
}
