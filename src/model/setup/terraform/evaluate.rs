//! What expressions are known to be.

use std::rc::Rc;

use super::functions::alike;
use super::module::{Bound, Module, Scope};
use super::term::{InstanceKey, Item, Located, ResourceTerm, Term};
use crate::model::Place;
use crate::read::hcl::{Expression, ExpressionKind, For, Operator, Part, Step};
use crate::text::{Span, UNKNOWN};

impl Module<'_> {
    /// What an expression is known to be.
    pub(super) fn evaluate(&self, expression: &Expression, scope: Scope<'_>) -> Term {
        self.deeper(|| self.evaluate_here(expression, scope))
    }

    fn item(&self, expression: &Expression, scope: Scope<'_>) -> Item {
        let term = self.evaluate(expression, scope);
        Item { term, place: scope.place(expression.span) }
    }

    fn evaluate_here(&self, expression: &Expression, scope: Scope<'_>) -> Term {
        let place = scope.place(expression.span);
        match &expression.kind {
            ExpressionKind::Null => Term::Null,
            ExpressionKind::Bool(value) => Term::Bool(*value),
            ExpressionKind::Number(text) => match number(text.expose()) {
                Some(number) if number == text.expose() => {
                    Term::Number(Located { file: scope.file, text: text.clone() })
                }
                Some(number) => Term::Number(Located::produced(number, place)),
                None => Term::Unknown,
            },
            ExpressionKind::Text(text) => {
                self.spend(text.expose().len());
                Term::Text(Located { file: scope.file, text: text.clone() })
            }
            ExpressionKind::Template(parts) => self.template(parts, scope, place),
            ExpressionKind::List(parts) => {
                Term::list(parts.iter().map(|part| self.item(part, scope)).collect(), false)
            }
            ExpressionKind::Object(pairs) => {
                let pair = |(key, value): &(Expression, Expression)| {
                    let term = self.evaluate(key, scope);
                    let key_place = scope.place(key.span);
                    let key = term.located().cloned();
                    let unknown = || Located::produced(UNKNOWN, key_place);
                    (key.unwrap_or_else(unknown), self.item(value, scope))
                };
                Term::object(pairs.iter().map(pair).collect(), false)
            }
            ExpressionKind::Name(name) => self.name(name, scope).unwrap_or(Term::Unknown),
            ExpressionKind::Access { of, steps } => self.access(of, steps, scope, place),
            ExpressionKind::Call { name, arguments, spread } => {
                let mut given: Vec<Item> =
                    arguments.iter().map(|argument| self.item(argument, scope)).collect();
                if *spread {
                    match given.pop().map(|item| item.term) {
                        Some(Term::List(list)) if !list.is_open => {
                            given.extend(list.items.iter().cloned());
                        }
                        _ => return Term::Unknown,
                    }
                }
                self.call(name, &given, place)
            }
            ExpressionKind::Conditional(parts) => {
                let [condition, yes, no] = &**parts;
                let condition = self.evaluate(condition, scope);
                let branches = vec![self.item(yes, scope), self.item(no, scope)];
                let mut branches = alike(branches).into_iter().map(|branch| branch.term);
                let (Some(yes), Some(no)) = (branches.next(), branches.next()) else {
                    return Term::Unknown;
                };
                match condition {
                    Term::Bool(true) => yes,
                    Term::Bool(false) => no,
                    _ if yes.equals(&no) == Some(true) => yes,
                    _ => Term::Unknown,
                }
            }
            ExpressionKind::For(each) => self.each(each, scope, place),
            ExpressionKind::Unary(Operator::Not, of) => {
                self.evaluate(of, scope).as_bool().map_or(Term::Unknown, |it| Term::Bool(!it))
            }
            ExpressionKind::Unary(..) => Term::Unknown,
            ExpressionKind::Binary(operator, parts) => {
                let [left, right] = &**parts;
                let (left, right) = (self.evaluate(left, scope), self.evaluate(right, scope));
                let result = match operator {
                    Operator::Equal => left.equals(&right),
                    Operator::NotEqual => left.equals(&right).map(|equal| !equal),
                    Operator::And => match (left.as_bool(), right.as_bool()) {
                        (Some(false), _) | (_, Some(false)) => Some(false),
                        (Some(true), Some(true)) => Some(true),
                        _ => None,
                    },
                    Operator::Or => match (left.as_bool(), right.as_bool()) {
                        (Some(true), _) | (_, Some(true)) => Some(true),
                        (Some(false), Some(false)) => Some(false),
                        _ => None,
                    },
                    Operator::Not | Operator::Other => None,
                };
                result.map_or(Term::Unknown, Term::Bool)
            }
        }
    }

    fn template(&self, parts: &[Part], scope: Scope<'_>, place: Place) -> Term {
        let parts: Vec<(Term, Span)> = parts
            .iter()
            .map(|part| match part {
                Part::Text(text) => {
                    let located = Located { file: scope.file, text: text.clone() };
                    (Term::Text(located), text.span())
                }
                Part::Value(value) => (self.evaluate(value, scope), value.span),
                Part::Directive(span) => (Term::Unknown, *span),
            })
            .collect();
        self.write(place, |writer| {
            for (term, span) in &parts {
                match term {
                    Term::Resource(resource) => {
                        let at = Place::new(scope.file, *span);
                        let text = self.resource_text(resource, at);
                        writer.all(&Located { file: scope.file, text }, *span);
                    }
                    term => writer.term(term, *span),
                }
            }
        })
    }

    /// A name that stands alone: the variable of a loop.
    fn name(&self, name: &str, scope: Scope<'_>) -> Option<Term> {
        let mut bound = scope.bound;
        while let Some(it) = bound {
            if it.name == name {
                self.spend(it.term.located().map_or(0, |it| it.raw().len()));
                return Some(it.term.clone());
            }
            bound = it.outer;
        }
        None
    }

    pub(super) fn access(
        &self,
        of: &Expression,
        steps: &[Step],
        scope: Scope<'_>,
        place: Place,
    ) -> Term {
        let ExpressionKind::Name(name) = &of.kind else {
            return self.steps(self.evaluate(of, scope), steps, scope);
        };
        if let Some(term) = self.name(name, scope) {
            return self.steps(term, steps, scope);
        }
        let named = |index: usize| match steps.get(index) {
            Some(Step::Name(name)) => name.node.as_str(),
            _ => "",
        };
        let (term, taken) = match name.as_str() {
            "local" => (self.local(named(0)), 1),
            "each" | "count" => (Self::of_instance(scope, name, named(0)), 1),
            // The directory of the module is that of its files.
            "path" if named(0) == "module" => (Term::Text(Located::produced(".", place)), 1),
            "var" | "module" | "path" | "terraform" | "self" => (Term::Unknown, 1),
            "data" => {
                let address = format!("data.{}.{}", named(0), named(1));
                self.resource(&address, 2, steps, scope, place)
            }
            kind => self.resource(&format!("{kind}.{}", named(0)), 1, steps, scope, place),
        };
        self.steps(term, steps.get(taken..).unwrap_or_default(), scope)
    }

    /// The resource at `address`, or those that its block makes; with how many of the `steps` that takes,
    /// of which the first `taken` are in the address.
    fn resource(
        &self,
        address: &str,
        taken: usize,
        steps: &[Step],
        scope: Scope<'_>,
        place: Place,
    ) -> (Term, usize) {
        let (Some(declared), Some(Step::Index(index))) =
            (self.blocks.get(address), steps.get(taken))
        else {
            return (self.all_of(address, place), taken);
        };
        let instances = self.instances(*declared);
        let index = self.evaluate(index, scope);
        let has = |key: &InstanceKey| instances.iter().any(|it| it.key == *key);
        let key = index.known().map(|key| InstanceKey::Key(key.to_owned())).filter(has);
        // One of which only running Terraform can tell still is one of these.
        let key = key.or_else(|| Some(InstanceKey::Unknown).filter(has));
        let resource = |key| {
            let (address, attribute) = (address.to_owned(), String::new());
            Term::Resource(Rc::new(ResourceTerm { address, key, attribute }))
        };
        (key.map_or(Term::Unknown, resource), taken + 1)
    }

    fn steps(&self, term: Term, steps: &[Step], scope: Scope<'_>) -> Term {
        let mut term = term;
        for (number, step) in steps.iter().enumerate() {
            self.spend(1);
            term = match (step, &term) {
                (Step::Name(name), Term::Object(object)) => member(object, &name.node),
                (Step::Name(name), Term::Resource(resource)) if resource.attribute.is_empty() => {
                    self.attribute(resource, &name.node)
                }
                (Step::Index(index), Term::Object(object)) => {
                    let key = self.evaluate(index, scope);
                    key.known().map_or(Term::Unknown, |key| member(object, key))
                }
                (Step::Index(index), Term::List(list)) if !list.is_open => {
                    let index = self.evaluate(index, scope);
                    let index = index.known().and_then(|index| index.parse::<usize>().ok());
                    let item = index.and_then(|index| list.items.get(index));
                    item.map_or(Term::Unknown, |item| item.term.clone())
                }
                (Step::Splat, Term::List(list)) => {
                    let rest = steps.get(number + 1..).unwrap_or_default();
                    let of = |item: &Item| Item {
                        term: self.deeper(|| self.steps(item.term.clone(), rest, scope)),
                        place: item.place,
                    };
                    return Term::list(list.items.iter().map(of).collect(), list.is_open);
                }
                _ => return Term::Unknown,
            };
        }
        term
    }

    fn each(&self, each: &For, scope: Scope<'_>, place: Place) -> Term {
        let (pairs, is_open): (Vec<(Term, Term)>, bool) = match self.evaluate(&each.of, scope) {
            Term::List(list) => {
                let pair = |(index, item): (usize, &Item)| {
                    let index = Located::produced(index.to_string(), item.place);
                    (Term::Number(index), item.term.clone())
                };
                (list.items.iter().enumerate().map(pair).collect(), list.is_open)
            }
            Term::Object(object) if !object.has_unknown_key() => {
                let members = object.sorted().into_iter();
                let pair =
                    |(key, item): (&Located, &Item)| (Term::Text(key.clone()), item.term.clone());
                (members.map(pair).collect(), false)
            }
            _ => return Term::Unknown,
        };
        let mut members = Vec::new();
        for (key, value) in pairs {
            let outer = scope.bound;
            let key = each.key.as_deref().map(|name| Bound { name, term: key, outer });
            let outer = key.as_ref().or(outer);
            let value = Bound { name: &each.value, term: value, outer };
            let scope = Scope { bound: Some(&value), ..scope };
            if let Some(condition) = &each.condition {
                match self.evaluate(condition, scope) {
                    Term::Bool(true) => {}
                    Term::Bool(false) => continue,
                    _ => return Term::Unknown,
                }
            }
            let key = match &each.result_key {
                Some(key) => {
                    let term = self.evaluate(key, scope);
                    let unknown = || Located::produced(UNKNOWN, scope.place(key.span));
                    term.located().cloned().unwrap_or_else(unknown)
                }
                None => Located::produced("", place),
            };
            members.push((key, self.item(&each.result, scope)));
            if self.left() == 0 {
                return Term::Unknown;
            }
        }
        match &each.result_key {
            Some(_) if each.grouped => Term::Unknown,
            Some(_) => Term::object(members, is_open),
            None => Term::list(members.into_iter().map(|(_, item)| item).collect(), is_open),
        }
    }
}

/// A member of an object, as far as it can be told.
fn member(object: &super::term::Object, key: &str) -> Term {
    if object.has_unknown_key() {
        return Term::Unknown;
    }
    object.get(key).cloned().unwrap_or(Term::Unknown)
}

/// A number as Terraform prints it.
fn number(written: &str) -> Option<String> {
    let written: String = written.chars().filter(|c| !c.is_whitespace()).collect();
    let (sign, digits) = written.strip_prefix('-').map_or(("", &*written), |it| ("-", it));
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    if !digits.contains(['e', 'E']) {
        let whole = whole.trim_start_matches('0');
        let whole = if whole.is_empty() { "0" } else { whole };
        let fraction = fraction.trim_end_matches('0');
        let point = if fraction.is_empty() { "" } else { "." };
        let is_zero = whole == "0" && fraction.is_empty();
        return Some(format!("{}{whole}{point}{fraction}", if is_zero { "" } else { sign }));
    }
    let value: f64 = written.parse().ok()?;
    (value.fract() == 0.0 && value.abs() < 1e15).then(|| format!("{value:.0}"))
}
