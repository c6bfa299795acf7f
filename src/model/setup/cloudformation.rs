//! What CloudFormation (and SAM, which is CloudFormation with a few resources more) declares: secrets,
//! and the roles that read them.
//!
//! Parameters, and what only a running stack can tell, stay unknown: `!Ref`, `!GetAtt`, `!ImportValue`.
//! `!Sub` and `!Join` are followed.

mod functions;

use std::cell::Cell;

use super::creation::{Creation, Payload};
use super::policy::{Document, Grant, Policy, Role, Trust};
use crate::model::{FileId, Origin, Place};
use crate::read::yaml::{Node, NodeKind, Yaml};
use crate::text::{Span, Text, UNKNOWN, Value};

/// What a template declares.
#[derive(Debug, Default)]
pub struct CloudFormation {
    /// The secrets.
    pub creations: Vec<Creation>,
    /// The roles.
    pub roles: Vec<Role>,
    /// Policies that are given to no role of the template.
    pub policies: Vec<Policy>,
}

/// How many nodes are looked at, and how deep: aliases may repeat them without end.
const MAX_NODES: usize = 100_000;
const MAX_DEPTH: usize = 16;

/// Reads a template; `None` for a file that is none.
#[must_use]
pub fn read(file: FileId, yaml: &Yaml) -> Option<CloudFormation> {
    let root = yaml.get(*yaml.documents.first()?)?;
    let resources = yaml.pairs(yaml.member(root, "Resources")?);
    let resources = resources.into_iter().filter_map(|(id, node)| {
        let kind = yaml.member(node, "Type")?.as_str()?;
        kind.contains("::").then_some(Resource {
            id: id.as_str()?,
            kind,
            id_span: id.span,
            properties: yaml.member(node, "Properties"),
            span: id.span.cover(node.span),
        })
    });
    let template =
        Template { file, yaml, resources: resources.collect(), left: Cell::new(MAX_NODES) };
    if template.resources.is_empty() {
        return None;
    }
    let mut read = CloudFormation::default();
    for resource in &template.resources {
        match resource.kind {
            "AWS::SecretsManager::Secret" => template.secret(resource, &mut read.creations),
            "AWS::SSM::Parameter" => read.creations.push(template.parameter(resource)),
            _ => {}
        }
    }
    template.roles(&mut read);
    Some(read)
}

/// A template, ready to be asked.
struct Template<'a> {
    file: FileId,
    yaml: &'a Yaml,
    resources: Vec<Resource<'a>>,
    left: Cell<usize>,
}

/// A resource.
struct Resource<'a> {
    id: &'a str,
    kind: &'a str,
    id_span: Span,
    properties: Option<&'a Node>,
    span: Span,
}

impl<'a> Template<'a> {
    fn get(&self, resource: &Resource<'a>, name: &str) -> Option<&'a Node> {
        self.yaml.member(resource.properties?, name)
    }

    fn value(&self, resource: &Resource<'a>, name: &str) -> Option<Value> {
        self.text(self.get(resource, name)?, 0).map(Value::of)
    }

    /// The name of a resource, or something that the stack makes up.
    fn name(&self, resource: &Resource<'a>, property: &str) -> Value {
        self.value(resource, property)
            .unwrap_or_else(|| Value::of(Text::produced_by(UNKNOWN, resource.id_span)))
    }

    fn place(&self, span: Span) -> Place {
        Place::new(self.file, span)
    }

    fn secret(&self, resource: &Resource<'a>, found: &mut Vec<Creation>) {
        let given = self.value(resource, "SecretString");
        let payload = match (given, self.get(resource, "GenerateSecretString")) {
            // One of the two, by a condition.
            (Some(_), Some(_)) => Payload::Unknown,
            (Some(value), None) => Payload::Text(value),
            (None, Some(_)) => Payload::Generated,
            (None, None) => Payload::Nothing,
        };
        let creation = |region| Creation {
            region,
            encryption_key: self.value(resource, "KmsKeyId"),
            payload: payload.clone(),
            ..self.creation("aws_secrets_manager", resource)
        };
        found.push(creation(None));
        for replica in self.list(self.get(resource, "ReplicaRegions")) {
            let region = self.yaml.member(replica, "Region");
            let region = region.and_then(|region| self.text(region, 0));
            found.extend(region.map(|region| creation(Some(Value::of(region)))));
        }
    }

    fn parameter(&self, resource: &Resource<'a>) -> Creation {
        Creation {
            payload: self.value(resource, "Value").map_or(Payload::Unknown, Payload::Text),
            ..self.creation("aws_ssm_parameter_store", resource)
        }
    }

    fn creation(&self, backend: &'static str, resource: &Resource<'a>) -> Creation {
        let name = self.name(resource, "Name");
        Creation::new(backend, name, self.place(resource.span), Origin::CloudFormation)
    }

    fn roles(&self, to: &mut CloudFormation) {
        let mut ids = Vec::new();
        for resource in self.resources.iter().filter(|it| it.kind == "AWS::IAM::Role") {
            ids.push(resource.id);
            to.roles.push(self.role(resource));
        }
        let kinds = ["AWS::IAM::Policy", "AWS::IAM::ManagedPolicy", "AWS::IAM::RolePolicy"];
        for resource in self.resources.iter().filter(|it| kinds.contains(&it.kind)) {
            let Some(document) = self.get(resource, "PolicyDocument") else { continue };
            let policy = self.policy(document);
            let mut named: Vec<&Node> = self.list(self.get(resource, "Roles"));
            named.extend(self.get(resource, "RoleName"));
            let given: Vec<usize> = named
                .iter()
                .filter_map(|name| {
                    let id = self.function(name).filter(|(function, _)| *function == "Ref");
                    let id = id.and_then(|(_, id)| id.as_str());
                    let name = self.text(name, 0);
                    let is_named = |role: &Role| {
                        let known = role.name.known().zip(name.as_ref());
                        known.is_some_and(|(role, name)| role.expose() == name.expose())
                    };
                    let by_id = id.and_then(|id| ids.iter().position(|it| *it == id));
                    by_id.or_else(|| to.roles.iter().position(is_named))
                })
                .collect();
            if given.is_empty() {
                to.policies.push(policy.clone());
            }
            for index in given {
                if let Some(role) = to.roles.get_mut(index) {
                    role.grants.push(Grant::Policy(policy.clone()));
                }
            }
        }
    }

    fn role(&self, resource: &Resource<'a>) -> Role {
        let mut grants = Vec::new();
        let mut may_have_more = false;
        for inline in self.list(self.get(resource, "Policies")) {
            match self.yaml.member(inline, "PolicyDocument") {
                Some(document) => grants.push(Grant::Policy(self.policy(document))),
                None => may_have_more = true,
            }
        }
        for arn in self.list(self.get(resource, "ManagedPolicyArns")) {
            let of_template = self.function(arn).is_some_and(|(function, id)| {
                let is = |it: &Resource<'_>| Some(it.id) == id.as_str();
                function == "Ref" && self.resources.iter().any(is)
            });
            match self.text(arn, 0).filter(|arn| arn.expose() != UNKNOWN.to_string()) {
                Some(text) if !of_template => {
                    let place = self.place(arn.span);
                    grants.push(Grant::Managed(Value::of(text), place));
                }
                _ => {
                    let id = self.function(arn).and_then(|(_, id)| id.as_str());
                    let found = self.resources.iter().find(|it| Some(it.id) == id);
                    let document = found.and_then(|it| self.get(it, "PolicyDocument"));
                    match document {
                        Some(document) => grants.push(Grant::Policy(self.policy(document))),
                        None => may_have_more = true,
                    }
                }
            }
        }
        let trust = self.get(resource, "AssumeRolePolicyDocument");
        Role {
            name: self.name(resource, "RoleName"),
            path: self.value(resource, "Path"),
            trust: Some(trust.map_or(Trust::Unknown, |it| Trust::Policy(self.policy(it)))),
            grants,
            may_have_more,
            statement: self.place(resource.span),
            origin: Origin::CloudFormation,
        }
    }

    fn policy(&self, node: &'a Node) -> Policy {
        match self.text(node, 0) {
            // A document in a string.
            Some(text) if matches!(node.kind, NodeKind::Scalar(_)) => {
                Policy::of_json(&text, self.place(node.span))
            }
            _ => Policy::of(YamlDocument { template: self, node }),
        }
    }

    /// The elements of a list; one that is not a list is the only one.
    fn list(&self, node: Option<&'a Node>) -> Vec<&'a Node> {
        let Some(node) = node else { return Vec::new() };
        match &node.kind {
            NodeKind::Sequence(parts) if node.tag.is_none() => {
                parts.iter().filter_map(|part| self.yaml.get(*part)).collect()
            }
            _ => vec![node],
        }
    }
}

/// A policy document in YAML.
#[derive(Clone, Copy)]
struct YamlDocument<'t, 'a> {
    template: &'t Template<'a>,
    node: &'a Node,
}

impl Document for YamlDocument<'_, '_> {
    fn get(self, name: &str) -> Option<Self> {
        Some(Self { node: self.template.yaml.member(self.node, name)?, ..self })
    }

    fn members(self) -> Vec<(Value, Self)> {
        let members = self.template.yaml.pairs(self.node).into_iter();
        members
            .filter_map(|(key, node)| Some((Value::of(key.text()?.clone()), Self { node, ..self })))
            .collect()
    }

    fn elements(self) -> Vec<Self> {
        let nodes = self.template.list(Some(self.node)).into_iter();
        nodes.map(|node| Self { node, ..self }).collect()
    }

    fn is_object(self) -> bool {
        matches!(self.node.kind, NodeKind::Mapping(_))
            && self.template.function(self.node).is_none()
    }

    fn value(self) -> Value {
        let text = self.template.text(self.node, 0);
        Value::of(text.unwrap_or_else(|| Text::produced_by(UNKNOWN, self.node.span)))
    }

    fn place(self) -> Place {
        self.template.place(self.node.span)
    }
}

#[cfg(test)]
mod tests;
