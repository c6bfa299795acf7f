//! One module of Terraform: all files of a directory, with what they declare.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use super::term::{InstanceKey, Item, Located, ResourceTerm, Term, Writer};
use crate::hash::HashMap;
use crate::model::{FileId, Place};
use crate::read::hcl::{Block, Body, Expression, ExpressionKind, Hcl, Step};
use crate::text::{Span, Text};

/// How much is evaluated of one module: steps, and bytes of text that are put together.
const BUDGET: usize = 1 << 19;

/// How deep expressions are followed, from one to what it refers to.
const MAX_DEPTH: usize = 128;

/// How many resources one block is expanded to.
const MAX_INSTANCES: usize = 1_000;

/// A module, ready to be asked.
pub(super) struct Module<'a> {
    locals: HashMap<&'a str, (FileId, &'a Expression)>,
    pub(super) blocks: HashMap<String, Declared<'a>>,
    /// The addresses in the order of the files.
    order: Vec<String>,
    providers: Vec<Declared<'a>>,
    /// Whether it calls other modules, or gives something out to those that call it.
    hands_on: bool,
    known_locals: RefCell<HashMap<&'a str, Term>>,
    known_instances: RefCell<HashMap<String, Rc<Vec<Instance>>>>,
    left: Cell<usize>,
    depth: Cell<usize>,
}

/// A block that declares something.
#[derive(Clone, Copy)]
pub(super) struct Declared<'a> {
    pub file: FileId,
    pub block: &'a Block,
}

/// One of the resources that a block makes.
#[derive(Clone)]
pub(super) struct Instance {
    pub key: InstanceKey,
    /// `each.key`, `each.value`
    each: Option<(Term, Term)>,
    /// `count.index`
    index: Option<Term>,
}

/// What names mean where an expression stands.
#[derive(Clone, Copy)]
pub(super) struct Scope<'s> {
    pub file: FileId,
    pub instance: Option<&'s Instance>,
    /// The variable of the innermost loop.
    pub bound: Option<&'s Bound<'s>>,
}

/// A variable of a loop.
pub(super) struct Bound<'s> {
    pub name: &'s str,
    pub term: Term,
    pub outer: Option<&'s Self>,
}

impl Instance {
    const fn unknown() -> Self {
        Self {
            key: InstanceKey::Unknown,
            each: Some((Term::Unknown, Term::Unknown)),
            index: Some(Term::Unknown),
        }
    }
}

impl Scope<'_> {
    pub(super) const fn of_file(file: FileId) -> Self {
        Self { file, instance: None, bound: None }
    }

    pub(super) const fn place(&self, span: Span) -> Place {
        Place::new(self.file, span)
    }
}

impl<'a> Declared<'a> {
    pub(super) const fn body(&self) -> &'a Body {
        &self.block.body
    }

    pub(super) const fn place(&self) -> Place {
        Place::new(self.file, self.block.span)
    }

    /// The scope of what stands in it.
    pub(super) const fn scope<'s>(&self, instance: &'s Instance) -> Scope<'s> {
        Scope { file: self.file, instance: Some(instance), bound: None }
    }
}

impl<'a> Module<'a> {
    /// The module of these files.
    pub(super) fn new(files: &'a [(FileId, Hcl)]) -> Self {
        let mut module = Self {
            locals: HashMap::default(),
            blocks: HashMap::default(),
            order: Vec::new(),
            providers: Vec::new(),
            hands_on: false,
            known_locals: RefCell::default(),
            known_instances: RefCell::default(),
            left: Cell::new(BUDGET),
            depth: Cell::new(0),
        };
        for (file, hcl) in files {
            for block in &hcl.body.blocks {
                module.declare(Declared { file: *file, block });
            }
        }
        module
    }

    fn declare(&mut self, declared: Declared<'a>) {
        let block = declared.block;
        let address = match block.kind.node.as_str() {
            "locals" => {
                for attribute in &block.body.attributes {
                    let value = (declared.file, &attribute.value);
                    self.locals.insert(&attribute.name.node, value);
                }
                return;
            }
            "provider" => return self.providers.push(declared),
            "module" | "output" => {
                self.hands_on = true;
                return;
            }
            "resource" => format!("{}.{}", block.label(0), block.label(1)),
            "data" => format!("data.{}.{}", block.label(0), block.label(1)),
            _ => return,
        };
        if self.blocks.insert(address.clone(), declared).is_none() {
            self.order.push(address);
        }
    }

    /// Whether other modules may get hold of what it declares.
    pub(super) const fn hands_on(&self) -> bool {
        self.hands_on
    }

    /// The resources of a kind, in the order of the files, each with its address.
    pub(super) fn resources<'m>(
        &'m self,
        kind: &'m str,
    ) -> impl Iterator<Item = (&'m str, Declared<'a>)> {
        self.order.iter().filter_map(move |address| {
            let declared = *self.blocks.get(address)?;
            let is_kind = declared.block.kind.node == "resource" && declared.block.label(0) == kind;
            is_kind.then_some((address.as_str(), declared))
        })
    }

    /// Goes one expression deeper; `None` when that is too deep or too much was done.
    pub(super) fn deeper(&self, then: impl FnOnce() -> Term) -> Term {
        if self.left.get() == 0 || self.depth.get() == MAX_DEPTH {
            return Term::Unknown;
        }
        self.spend(1);
        self.depth.set(self.depth.get() + 1);
        let term = then();
        self.depth.set(self.depth.get() - 1);
        term
    }

    /// Takes note of work.
    pub(super) fn spend(&self, amount: usize) {
        self.left.set(self.left.get().saturating_sub(amount));
    }

    pub(super) fn left(&self) -> usize {
        self.left.get()
    }

    /// Puts together the text of the expression at `place`.
    pub(super) fn write(&self, place: Place, then: impl FnOnce(&mut Writer)) -> Term {
        let mut writer = Writer::new(place, self.left.get());
        then(&mut writer);
        self.spend(writer.length());
        writer.finish()
    }

    /// `local.name`
    pub(super) fn local(&self, name: &str) -> Term {
        if let Some(known) = self.known_locals.borrow().get(name) {
            self.spend(1 + known.located().map_or(0, |it| it.raw().len()));
            return known.clone();
        }
        let Some((name, (file, value))) = self.locals.get_key_value(name) else {
            return Term::Unknown;
        };
        // One that refers to itself is not known.
        self.known_locals.borrow_mut().insert(name, Term::Unknown);
        let term = self.evaluate(value, Scope::of_file(*file));
        self.known_locals.borrow_mut().insert(name, term.clone());
        term
    }

    /// The resources that a block makes.
    pub(super) fn instances(&self, declared: Declared<'_>) -> Rc<Vec<Instance>> {
        let block = declared.block;
        let address = format!("{}.{}.{}", block.kind.node, block.label(0), block.label(1));
        if let Some(known) = self.known_instances.borrow().get(&address) {
            self.spend(known.len());
            return Rc::clone(known);
        }
        // Those that depend on themselves are not known.
        let unknown = Rc::new(vec![Instance::unknown()]);
        self.known_instances.borrow_mut().insert(address.clone(), unknown);
        let instances = Rc::new(self.expand(declared));
        self.known_instances.borrow_mut().insert(address, Rc::clone(&instances));
        instances
    }

    fn expand(&self, declared: Declared<'_>) -> Vec<Instance> {
        let scope = Scope::of_file(declared.file);
        if let Some(count) = declared.body().get("count") {
            let count = self.evaluate(count, scope);
            let Some(count) = count.known().and_then(|count| count.parse::<usize>().ok()) else {
                return vec![Instance::unknown()];
            };
            if count > MAX_INSTANCES {
                return vec![Instance::unknown()];
            }
            let instance = |index: usize| {
                let index = Located::produced(index.to_string(), declared.place());
                Instance {
                    key: InstanceKey::Key(index.raw().to_owned()),
                    each: None,
                    index: Some(Term::Number(index)),
                }
            };
            return (0..count).map(instance).collect();
        }
        let Some(each) = declared.body().get("for_each") else {
            return vec![Instance { key: InstanceKey::Single, each: None, index: None }];
        };
        let (pairs, is_open) = match self.evaluate(each, scope) {
            Term::Object(object) => {
                let members = object.sorted().into_iter();
                let pairs: Vec<_> =
                    members.map(|(key, item)| (key.clone(), item.term.clone())).collect();
                (pairs, object.is_open)
            }
            Term::List(list) => {
                let texts = list.items.iter().map(|item| item.term.located().cloned());
                let texts: Option<Vec<Located>> = texts.collect();
                let Some(texts) = texts else { return vec![Instance::unknown()] };
                let pair = |text: Located| (text.clone(), Term::Text(text));
                (texts.into_iter().map(pair).collect(), list.is_open)
            }
            _ => return vec![Instance::unknown()],
        };
        if pairs.len() > MAX_INSTANCES {
            return vec![Instance::unknown()];
        }
        let mut instances: Vec<Instance> = pairs
            .into_iter()
            .map(|(key, value)| Instance {
                key: if key.raw().contains(crate::text::UNKNOWN) {
                    InstanceKey::Unknown
                } else {
                    InstanceKey::Key(key.raw().to_owned())
                },
                each: Some((Term::Text(key), value)),
                index: None,
            })
            .collect();
        if is_open {
            instances.push(Instance::unknown());
        }
        instances
    }

    /// The instance of a resource that a term names.
    pub(super) fn instance_of(&self, term: &ResourceTerm) -> Option<(Declared<'a>, Instance)> {
        let declared = *self.blocks.get(&term.address)?;
        let instances = self.instances(declared);
        let found = instances.iter().find(|instance| instance.key == term.key)?;
        Some((declared, found.clone()))
    }

    /// What an attribute of a resource is: what the block says it is, or what it becomes.
    pub(super) fn attribute(&self, resource: &ResourceTerm, name: &str) -> Term {
        let becomes = || {
            Term::Resource(Rc::new(ResourceTerm {
                address: resource.address.clone(),
                key: resource.key.clone(),
                attribute: name.to_owned(),
            }))
        };
        if matches!(name, "id" | "arn") {
            return becomes();
        }
        let Some((declared, instance)) = self.instance_of(resource) else { return becomes() };
        match declared.body().get(name) {
            Some(value) => self.evaluate(value, declared.scope(&instance)),
            None => becomes(),
        }
    }

    /// `each.key`, `each.value`, `count.index`
    pub(super) fn of_instance(scope: Scope<'_>, name: &str, member: &str) -> Term {
        let Some(instance) = scope.instance else { return Term::Unknown };
        let term = match (name, member) {
            ("each", "key") => instance.each.as_ref().map(|(key, _)| key),
            ("each", "value") => instance.each.as_ref().map(|(_, value)| value),
            ("count", "index") => instance.index.as_ref(),
            _ => None,
        };
        term.cloned().unwrap_or(Term::Unknown)
    }

    /// The resource that all of a `for_each` resource's keys lead to, by key.
    pub(super) fn all_of(&self, address: &str, place: Place) -> Term {
        let Some(declared) = self.blocks.get(address) else { return Term::Unknown };
        let instances = self.instances(*declared);
        let resource = |key: &InstanceKey| {
            Term::Resource(Rc::new(ResourceTerm {
                address: address.to_owned(),
                key: key.clone(),
                attribute: String::new(),
            }))
        };
        if let [only] = &instances[..]
            && only.key == InstanceKey::Single
        {
            return resource(&only.key);
        }
        let is_list = declared.body().get("count").is_some();
        let mut is_open = false;
        let mut members = Vec::new();
        for instance in instances.iter() {
            let InstanceKey::Key(key) = &instance.key else {
                is_open = true;
                continue;
            };
            let key = Located::produced(key.clone(), place);
            members.push((key, Item { term: resource(&instance.key), place }));
        }
        if is_list {
            Term::list(members.into_iter().map(|(_, item)| item).collect(), is_open)
        } else {
            Term::object(members, is_open)
        }
    }

    /// The provider that a resource of `kind` (`aws`, `google`) uses, where the module says it.
    pub(super) fn provider(&self, kind: &str, declared: Declared<'_>) -> Option<Declared<'a>> {
        let alias = match declared.body().get("provider").map(|value| &value.kind) {
            Some(ExpressionKind::Access { of, steps }) => match (&of.kind, steps.first()) {
                (ExpressionKind::Name(name), Some(Step::Name(alias))) if name == kind => {
                    Some(alias.node.as_str())
                }
                _ => return None,
            },
            Some(ExpressionKind::Name(name)) if name == kind => None,
            // The form of old: a string.
            Some(ExpressionKind::Text(text)) => text.expose().split_once('.').map(|it| it.1),
            Some(_) => return None,
            None => None,
        };
        self.providers.iter().copied().find(|provider| {
            let named = provider.body().get("alias").map(|value| match &value.kind {
                ExpressionKind::Text(text) => text.expose(),
                _ => "",
            });
            provider.block.label(0) == kind && named == alias
        })
    }

    /// What an attribute of a block says, as text at its place in the block's file.
    pub(super) fn text(
        &self,
        declared: Declared<'_>,
        instance: &Instance,
        name: &str,
    ) -> Option<Text> {
        let value = declared.body().get(name)?;
        let term = self.evaluate(value, declared.scope(instance));
        (!term.is_null()).then(|| self.as_text(&term, Place::new(declared.file, value.span)))
    }

    /// The text of a term, with its places in the file of `place`.
    pub(super) fn as_text(&self, term: &Term, place: Place) -> Text {
        match term {
            Term::Text(located) | Term::Number(located) => located.at(place),
            Term::Resource(resource) => self.resource_text(resource, place),
            other => {
                let mut writer = Writer::new(place, usize::MAX);
                writer.term(other, place.span);
                writer.finish().located().map_or_else(
                    || Text::produced_by(crate::text::UNKNOWN, place.span),
                    |located| located.text.clone(),
                )
            }
        }
    }
}
