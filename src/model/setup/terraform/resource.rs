//! One resource that a block makes, and what it says.

use std::rc::Rc;

use super::module::{Declared, Instance, Module};
use super::term::{Located, Object, ResourceTerm, Term};
use crate::model::Place;
use crate::model::setup::creation::Payload;
use crate::model::setup::part;
use crate::read::hcl::{Body, Expression, ExpressionKind, Step};
use crate::text::{Text, UNKNOWN, Value};

/// One resource.
pub(super) struct Resource<'m, 'a> {
    pub module: &'m Module<'a>,
    pub address: &'m str,
    pub declared: Declared<'a>,
    pub instance: Instance,
}

impl<'a> Module<'a> {
    /// Each resource of a kind, in the order of the files.
    pub(super) fn each_resource<'m>(&'m self, kind: &'m str) -> Vec<Resource<'m, 'a>> {
        let mut found = Vec::new();
        for (address, declared) in self.resources(kind) {
            let instances = self.instances(declared);
            found.extend(instances.iter().map(|instance| Resource {
                module: self,
                address,
                declared,
                instance: instance.clone(),
            }));
        }
        found
    }

    /// The resource that a term names or takes something of.
    fn named<'m>(&'m self, term: &'m ResourceTerm) -> Option<Resource<'m, 'a>> {
        let (declared, instance) = self.instance_of(term)?;
        Some(Resource { module: self, address: &term.address, declared, instance })
    }
}

impl<'a> Resource<'_, 'a> {
    pub(super) const fn place(&self) -> Place {
        self.declared.place()
    }

    pub(super) const fn body(&self) -> &'a Body {
        self.declared.body()
    }

    /// Where it is named.
    pub(super) fn label_place(&self) -> Place {
        let label = self.declared.block.labels.last();
        Place::new(self.declared.file, label.map_or(self.declared.block.span, |it| it.span))
    }

    pub(super) fn evaluate(&self, value: &Expression) -> Term {
        self.module.evaluate(value, self.declared.scope(&self.instance))
    }

    pub(super) fn at(&self, value: &Expression) -> Place {
        Place::new(self.declared.file, value.span)
    }

    /// What the attribute `name` is; nothing where it is left out or null.
    pub(super) fn term(&self, name: &str) -> Option<(Term, Place)> {
        let value = self.body().get(name)?;
        let term = self.evaluate(value);
        (!term.is_null()).then(|| (term, self.at(value)))
    }

    /// The text of an attribute.
    pub(super) fn text(&self, name: &str) -> Option<Text> {
        let (term, place) = self.term(name)?;
        Some(self.module.as_text(&term, place))
    }

    /// The text of an attribute, as far as it is known.
    pub(super) fn value(&self, name: &str) -> Option<Value> {
        self.text(name).map(Value::of)
    }

    /// The name of what is created: as given, as its prefix, or as something that is made up.
    pub(super) fn name(&self, attribute: &str) -> Value {
        if let Some(name) = self.value(attribute) {
            return name;
        }
        let prefix = self.text(&format!("{attribute}_prefix"));
        let place = self.label_place();
        Value::of(prefix.map_or_else(
            || Text::produced_by(UNKNOWN, place.span),
            |prefix| {
                let mut builder = crate::text::TextBuilder::default();
                builder.copy(&prefix, 0..prefix.expose().len());
                let end = crate::text::Span::at(prefix.span().end);
                builder.push(UNKNOWN.encode_utf8(&mut [0; 4]), end);
                builder.finish(prefix.span())
            },
        ))
    }

    /// What `attribute` of the provider `kind` says, with its places in this resource's file.
    pub(super) fn of_provider(&self, kind: &str, attribute: &str) -> Option<Value> {
        let provider = self.module.provider(kind, self.declared)?;
        let instance = self.module.instances(provider).first().cloned()?;
        let text = self.module.text(provider, &instance, attribute)?;
        if provider.file == self.declared.file {
            return Some(Value::of(text));
        }
        let place = self.label_place();
        Some(Value::of(Text::produced_by(text.expose(), place.span)))
    }

    /// The account of AWS that the provider works in, where it says so: the one that it allows, or that of the
    /// role that it assumes.
    pub(super) fn aws_account(&self) -> Option<Value> {
        let provider = self.module.provider("aws", self.declared)?;
        let instance = self.module.instances(provider).first().cloned()?;
        let evaluate = |value| self.module.evaluate(value, provider.scope(&instance));
        let role = provider.body().blocks("assume_role").find_map(|it| it.body.get("role_arn"));
        let term = match (provider.body().get("allowed_account_ids").map(evaluate), role) {
            (Some(Term::List(list)), _) if list.items.len() == 1 && !list.is_open => {
                list.items.first()?.term.clone()
            }
            (Some(_), _) | (None, None) => return None,
            (None, Some(role)) => evaluate(role),
        };
        let text = term.known()?;
        let account = if role_account(text).is_some() { role_account(text)? } else { text };
        let is_account = account.len() == 12 && account.bytes().all(|it| it.is_ascii_digit());
        is_account.then(|| Value::Known(Text::produced_by(account, self.label_place().span)))
    }

    /// Whether what the attribute says does not stay: somebody else changes it later.
    pub(super) fn ignores_changes(&self, attribute: &str) -> bool {
        let mut names =
            self.body().blocks("lifecycle").filter_map(|it| it.body.get("ignore_changes"));
        names.any(|value| match &value.kind {
            ExpressionKind::Name(all) => all == "all",
            ExpressionKind::List(names) => names.iter().any(|name| match &name.kind {
                ExpressionKind::Name(name) => name == attribute,
                ExpressionKind::Text(name) => name.expose() == attribute,
                _ => false,
            }),
            _ => false,
        })
    }

    /// The resource that an attribute refers to, whatever it takes of it: its id, its name.
    pub(super) fn referred(&self, attribute: &str) -> Option<Rc<ResourceTerm>> {
        self.referred_by(self.body().get(attribute)?)
    }

    /// The resource that an expression refers to.
    pub(super) fn referred_by(&self, value: &Expression) -> Option<Rc<ResourceTerm>> {
        let scope = self.declared.scope(&self.instance);
        if let ExpressionKind::Access { of, steps } = &value.kind
            && let Some((Step::Name(_), before)) = steps.split_last()
            && let Term::Resource(resource) = self.module.access(of, before, scope, self.at(value))
            && resource.attribute.is_empty()
        {
            return Some(resource);
        }
        match self.evaluate(value) {
            Term::Resource(resource) => Some(resource),
            _ => None,
        }
    }

    /// Whether `term` names this resource.
    pub(super) fn is(&self, term: &ResourceTerm) -> bool {
        self.address == term.address && self.instance.key == term.key
    }

    /// What an attribute of the resource says that another one refers to: the name of a vault.
    pub(super) fn of_referred(&self, attribute: &str, wanted: &str) -> Option<Value> {
        let value = self.body().get(attribute)?;
        let term = self.referred_by(value)?;
        let text = self.module.named(&term)?.text(wanted)?;
        Some(Value::of(Text::produced_by(text.expose(), value.span)))
    }

    /// What one of these attributes puts into a secret; nothing where none is given.
    pub(super) fn payload(&self, attributes: &[&str]) -> Option<Payload> {
        let mut given = attributes.iter().filter_map(|name| Some((*name, self.body().get(name)?)));
        let (name, value) = given.next()?;
        if self.ignores_changes(name) {
            return Some(Payload::Unknown);
        }
        if let ExpressionKind::Call { name, arguments, .. } = &value.kind
            && name == "file"
            && let [path] = &arguments[..]
        {
            let text = self.module.as_text(&self.evaluate(path), self.at(path));
            return Some(Payload::File(Value::of(text)));
        }
        let term = self.evaluate(value);
        if term.is_null() {
            return None;
        }
        let text = self.module.as_text(&term, self.at(value));
        // A heredoc of one line ends with the line break before its closing word; `"x\n"` says so itself.
        let end = text.expose().find('\n').filter(|end| end + 1 == text.expose().len());
        Some(match end {
            Some(end) => Payload::Line(part(&Value::of(text), 0..end)),
            None => Payload::Text(Value::of(text)),
        })
    }

    /// The attribute `name`, or the member of this name in the object `group`.
    pub(super) fn term_in(&self, groups: &[&str], name: &str) -> Option<(Term, Place)> {
        if let Some(found) = self.term(name) {
            return Some(found);
        }
        for group in groups {
            if let Some((Term::Object(object), _)) = self.term(group)
                && let Some((_, item)) = object.member(name)
                && !item.term.is_null()
            {
                let place = Place::new(self.declared.file, item.place.span);
                return (item.place.file == place.file).then(|| (item.term.clone(), place));
            }
            let block = self.body().blocks(group).next();
            if let Some(value) = block.and_then(|block| block.body.get(name)) {
                return Some((self.evaluate(value), self.at(value)));
            }
        }
        None
    }
}

/// The account in the ARN of a role.
fn role_account(arn: &str) -> Option<&str> {
    arn.strip_prefix("arn:")?.split(':').nth(3)
}

/// The value of a member of an object, at its place in the file of `place`.
pub(super) fn member<'o>(
    object: &'o Object,
    name: &str,
) -> Option<(&'o Located, &'o super::term::Item)> {
    object.member(name).filter(|(_, item)| !item.term.is_null())
}
