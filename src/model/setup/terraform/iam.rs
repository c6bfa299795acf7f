//! The roles of IAM that Terraform declares, with what they may do and who may take them.

use super::module::{Instance, Module};
use super::resource::Resource;
use super::term::{ResourceTerm, Term};
use crate::model::setup::policy::{
    Condition, Grant, Matches, Policy, PolicyEffect, Principal, Role, Statement, Trust,
};
use crate::model::{Origin, Place};
use crate::read::hcl::{Block, Body};
use crate::text::{Text, Value};

/// Resources that grant something in ways that are not followed: to lists of roles, or from the secret's
/// side.
const UNFOLLOWED: [&str; 2] = ["aws_iam_policy_attachment", "aws_secretsmanager_secret_policy"];

/// The roles of a module, and the policies that are given to no role of it.
pub(super) fn read(module: &Module<'_>) -> (Vec<Role>, Vec<Policy>) {
    let policies = module.each_resource("aws_iam_policy");
    let mut given = vec![false; policies.len()];
    let roles = module.each_resource("aws_iam_role");
    let mut read: Vec<Role> = roles.iter().map(|role| of_role(role)).collect();
    // Policies of their own for one role.
    for inline in module.each_resource("aws_iam_role_policy") {
        let grant = inline.body().get("policy").map(|it| Grant::Policy(policy(&inline, it)));
        add(&inline, "role", grant, &roles, &mut read);
    }
    for attachment in module.each_resource("aws_iam_role_policy_attachment") {
        let grant = attached(&attachment, "policy_arn", &policies, &mut given);
        add(&attachment, "role", grant, &roles, &mut read);
    }
    let by_lists = UNFOLLOWED.iter().any(|kind| module.resources(kind).next().is_some());
    if by_lists || module.hands_on() {
        for role in &mut read {
            role.may_have_more = true;
        }
    }
    let loose = policies.iter().zip(given).filter(|(_, given)| !given);
    let loose = loose.filter_map(|(it, _)| Some(policy(it, it.body().get("policy")?)));
    (read, loose.collect())
}

fn of_role(role: &Resource<'_, '_>) -> Role {
    let mut grants = Vec::new();
    let mut may_have_more = false;
    for inline in role.body().blocks("inline_policy") {
        grants.extend(inline.body.get("policy").map(|it| Grant::Policy(policy(role, it))));
    }
    may_have_more |= role.body().blocks("dynamic").next().is_some();
    match role.term("managed_policy_arns") {
        Some((Term::List(list), _)) => {
            may_have_more |= list.is_open;
            for item in &list.items {
                match &item.term {
                    Term::Text(_) if item.place.file == role.declared.file => {
                        let arn = Value::of(role.module.as_text(&item.term, item.place));
                        grants.push(Grant::Managed(arn, item.place));
                    }
                    _ => may_have_more = true,
                }
            }
        }
        Some(_) => may_have_more = true,
        None => {}
    }
    let trust = role.body().get("assume_role_policy").map(|value| policy(role, value));
    Role {
        name: role.name("name"),
        path: role.value("path"),
        trust: Some(trust.map_or(Trust::Unknown, Trust::Policy)),
        grants,
        may_have_more,
        statement: role.place(),
        origin: Origin::Terraform,
    }
}

/// Gives a role what is granted to it by another resource.
fn add(
    by: &Resource<'_, '_>,
    attribute: &str,
    grant: Option<Grant>,
    roles: &[Resource<'_, '_>],
    read: &mut Vec<Role>,
) {
    let (referred, text) = (by.referred(attribute), by.text(attribute));
    let is_its = |(role, read): (&Resource<'_, '_>, &Role)| {
        let names = text.as_ref().zip(read.name.known());
        referred.as_ref().is_some_and(|term| role.is(term))
            || names.is_some_and(|(text, name)| text.expose() == name.expose())
    };
    let found = roles.iter().zip(&*read).position(is_its);
    let index = found.unwrap_or(read.len());
    if index == read.len() {
        let Some(name) = by.value(attribute) else { return };
        read.push(Role {
            name,
            path: None,
            trust: None,
            grants: Vec::new(),
            may_have_more: true,
            statement: by.place(),
            origin: Origin::Terraform,
        });
    }
    let Some(role) = read.get_mut(index) else { return };
    match grant {
        Some(grant) => role.grants.push(grant),
        None => role.may_have_more = true,
    }
}

/// What `aws_iam_role_policy_attachment` gives; `None` where that is not known.
fn attached(
    by: &Resource<'_, '_>,
    attribute: &str,
    policies: &[Resource<'_, '_>],
    given: &mut [bool],
) -> Option<Grant> {
    let value = by.body().get(attribute)?;
    if let Some(term) = by.referred_by(value) {
        let found = policies.iter().position(|policy| policy.is(&term));
        if let Some((found, given)) =
            found.and_then(|at| Some((policies.get(at)?, given.get_mut(at)?)))
        {
            *given = true;
            return Some(Grant::Policy(policy(found, found.body().get("policy")?)));
        }
        return of_data(by, &term, by.at(value));
    }
    let text = by.text(attribute)?;
    text.expose().starts_with("arn:").then(|| Grant::Managed(Value::of(text), by.at(value)))
}

/// A managed policy that is looked up by its name: `data.aws_iam_policy.x.arn`.
fn of_data(by: &Resource<'_, '_>, term: &ResourceTerm, place: Place) -> Option<Grant> {
    if !term.address.starts_with("data.aws_iam_policy.") {
        return None;
    }
    let (declared, instance) = by.module.instance_of(term)?;
    let text = |name: &str| by.module.text(declared, &instance, name);
    let arn = match (text("arn"), text("name")) {
        (Some(arn), _) => arn.expose().to_owned(),
        (None, Some(name)) => format!("arn:aws:iam::aws:policy/{}", name.expose()),
        _ => return None,
    };
    Some(Grant::Managed(Value::of(Text::produced_by(arn, place.span)), place))
}

/// The policy that an attribute holds: JSON, or a `data "aws_iam_policy_document"`.
fn policy(of: &Resource<'_, '_>, value: &crate::read::hcl::Expression) -> Policy {
    let place = of.at(value);
    let term = of.evaluate(value);
    if let Term::Resource(resource) = &term
        && resource.address.starts_with("data.aws_iam_policy_document.")
        && let Some((declared, instance)) = of.module.instance_of(resource)
    {
        return document(of.module, &instance, declared);
    }
    match &term {
        // It is text of another file.
        Term::Text(located) => Policy::of_json(
            &located.text,
            Place::new(
                located.file,
                if located.file == place.file { place.span } else { located.text.span() },
            ),
        ),
        _ => Policy::unknown(place),
    }
}

/// `data "aws_iam_policy_document"`
fn document(
    module: &Module<'_>,
    instance: &Instance,
    declared: super::module::Declared<'_>,
) -> Policy {
    let body = declared.body();
    let reader = Document { module, instance, declared };
    let includes =
        ["source_policy_documents", "override_policy_documents", "source_json", "override_json"];
    Policy {
        statements: body.blocks("statement").map(|block| reader.statement(block)).collect(),
        is_complete: body.blocks("dynamic").next().is_none()
            && includes.iter().all(|name| body.get(name).is_none()),
        place: declared.place(),
    }
}

struct Document<'d, 'a> {
    module: &'d Module<'a>,
    instance: &'d Instance,
    declared: super::module::Declared<'d>,
}

impl Document<'_, '_> {
    fn statement(&self, block: &Block) -> Statement {
        let effect = self.values(&block.body, "effect");
        let principals = |kind: &'static str| {
            let blocks: Vec<&Block> = block.body.blocks(kind).collect();
            blocks
        };
        let excluded = principals("not_principals");
        let included = principals("principals");
        let excludes_principals = included.is_empty() && !excluded.is_empty();
        let principals = if excludes_principals { excluded } else { included };
        Statement {
            effect: match effect.first() {
                Some(effect) => effect.known().and_then(|it| PolicyEffect::of(it.expose())),
                None => Some(PolicyEffect::Allow),
            },
            actions: self.matches(&block.body, "actions", "not_actions"),
            resources: self.matches(&block.body, "resources", "not_resources"),
            principals: principals
                .into_iter()
                .flat_map(|principal| {
                    let kind = self.values(&principal.body, "type").into_iter().next();
                    let ids = self.values(&principal.body, "identifiers");
                    ids.into_iter()
                        .filter_map(move |id| Some(Principal { kind: kind.clone()?, id }))
                })
                .collect(),
            excludes_principals,
            conditions: block
                .body
                .blocks("condition")
                .filter_map(|condition| {
                    let one = |name: &str| self.values(&condition.body, name).into_iter().next();
                    Some(Condition {
                        operator: one("test")?,
                        key: one("variable")?,
                        values: self.values(&condition.body, "values"),
                    })
                })
                .collect(),
            place: Place::new(self.declared.file, block.span),
        }
    }

    fn matches(&self, body: &Body, name: &str, negated: &str) -> Matches {
        let is_negated = body.get(name).is_none() && body.get(negated).is_some();
        let patterns = self.values(body, if is_negated { negated } else { name });
        Matches { patterns, is_negated }
    }

    /// The texts of an attribute that is one or a list; a list that may hold more has one that is not
    /// known.
    fn values(&self, body: &Body, name: &str) -> Vec<Value> {
        let Some(value) = body.get(name) else { return Vec::new() };
        let scope = self.declared.scope(self.instance);
        let place = scope.place(value.span);
        let value_of = |term: &Term, at: Place| {
            let at = if at.file == place.file { at } else { place };
            Value::of(self.module.as_text(term, at))
        };
        match self.module.evaluate(value, scope) {
            Term::Null => Vec::new(),
            Term::List(list) => {
                let mut values: Vec<Value> =
                    list.items.iter().map(|item| value_of(&item.term, item.place)).collect();
                if list.is_open {
                    values.push(value_of(&Term::Unknown, place));
                }
                values
            }
            term => vec![value_of(&term, place)],
        }
    }
}
