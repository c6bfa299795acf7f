//! What a template asks Airflow for: `var.value.…`, `var.json.…` and `conn.…` in all their forms, also
//! through names that the template sets.
//!
//! The accessors behind these names take any attribute for a key (`airflow/utils/context.py`, in
//! Airflow 3 `airflow/sdk/execution_time/context.py`); Jinja turns `x['key']` into an attribute where `x`
//! has no elements.

use super::names::{Given, MAX_ALTERNATIVES, Names, Value, Values};
use super::words;
use crate::hash::{HashMap, HashSet};
use crate::model::Kind;
use crate::model::references::DefaultArgument;
use crate::model::references::value::{Open, Value as CodeValue};
use crate::read::jinja::{StatementKind, Target, Template};
use crate::text::{Span, Spanned};

/// How a lookup gives its key.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Access {
    /// `var.value.key`
    Attribute,
    /// `var.value['key']`
    Item,
    /// `var.value.get('key')`
    Get,
    /// `name('key')` or `'key'|name`: a function that the DAG gives to its templates.
    Function,
}

/// A lookup of a template. All places are bytes of the template.
pub(super) struct Lookup {
    pub(super) kind: Kind,
    pub(super) access: Access,
    /// What the key may be.
    pub(super) key: Vec<CodeValue>,
    pub(super) key_span: Span,
    pub(super) span: Span,
    /// What is asked: `var.value`, `conn.get`.
    pub(super) callee: String,
    pub(super) deserialize_json: bool,
    pub(super) default: Option<DefaultArgument>,
    /// The name that was meant as the key, where Jinja reads only the beginning of it as one.
    pub(super) meant: Option<Spanned<String>>,
    /// What is taken of what it finds: attributes, members, and methods that give one.
    pub(super) members: Vec<String>,
    pub(super) when: When,
}

/// Whether a lookup asks when its template is rendered.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum When {
    /// It does, as far as the conditions around it let it.
    Rendered,
    /// By the version, or when something else uses the template.
    Perhaps,
    /// It stands in a macro that nothing in the template calls.
    Uncalled,
    /// The template is refused.
    Never,
}

/// The lookups of `template`, which was read from `text`, in the order in which they are made. `given`
/// is what the DAG gives to its templates, `opens` what may fill the numbered holes.
pub(super) fn lookups(
    template: &Template,
    text: &str,
    opens: &[Open],
    given: &Given,
) -> Vec<Lookup> {
    let mut reading = Reading {
        text,
        opens,
        names: Names::new(given),
        open: Vec::new(),
        inside: Vec::new(),
        lookups: Vec::new(),
        macros: 0,
        calls: HashMap::default(),
    };
    for statement in &template.statements {
        reading.statement(&statement.kind);
    }
    let called = reading.called();
    let mut found: Vec<Lookup> = Vec::with_capacity(reading.lookups.len());
    for (lookup, inside) in reading.lookups {
        // `conn.my-conn.host` is meant as one.
        let before = found.last().and_then(|before| before.meant.as_ref());
        if before.is_some_and(|meant| meant.span.contains(Span::at(lookup.span.start))) {
            continue;
        }
        let when = match inside {
            Some(it) if !called.contains(&it) => When::Uncalled,
            _ => lookup.when,
        };
        found.push(Lookup { when, ..lookup });
    }
    if let Some(fault) = template.fault.filter(|fault| fault.is_refused) {
        for lookup in &mut found {
            lookup.when = When::Never;
        }
        found.extend(
            words::key_with_digit(text, fault.span)
                .map(|lookup| Lookup { when: When::Never, ..lookup }),
        );
    }
    found
}

/// A macro, by its number.
pub(super) type MacroId = usize;

/// A template on the way.
pub(super) struct Reading<'a> {
    pub(super) text: &'a str,
    /// What may fill the numbered holes.
    pub(super) opens: &'a [Open],
    pub(super) names: Names<'a>,
    /// Of each statement that is open whether it is a macro.
    open: Vec<bool>,
    /// The macros that are open.
    inside: Vec<MacroId>,
    /// With the macro that each stands in.
    pub(super) lookups: Vec<(Lookup, Option<MacroId>)>,
    /// How many macros there are so far.
    macros: usize,
    /// Which macro, or the template itself, calls which.
    pub(super) calls: HashMap<Option<MacroId>, Vec<MacroId>>,
}

impl Reading<'_> {
    fn statement(&mut self, kind: &StatementKind) {
        match kind {
            StatementKind::Value(value) | StatementKind::Elif(value) => {
                self.value(value);
            }
            StatementKind::Set(targets, value) => {
                let values = self.value(value);
                self.bind(targets, &values);
            }
            StatementKind::SetBlock(target) => {
                self.bind(std::slice::from_ref(target), &[Value::Unknown]);
                self.enter(None, true);
            }
            StatementKind::If(test) => {
                self.value(test);
                self.enter(None, false);
            }
            StatementKind::For { targets, iterable, condition } => {
                let elements = elements(self.value(iterable));
                self.enter(None, true);
                self.bind(targets, &elements);
                if let Some(condition) = condition {
                    self.value(condition);
                }
            }
            StatementKind::Macro { name, parameters } => {
                let id = self.macros;
                self.macros += 1;
                self.names.set(&name.node, vec![Value::Macro(id)]);
                self.enter(Some(id), true);
                for parameter in parameters {
                    if let Some(default) = &parameter.default {
                        self.value(default);
                    }
                    self.names.set(&parameter.name, vec![Value::Unknown]);
                }
            }
            StatementKind::Call { parameters, call } => {
                self.value(call);
                self.enter(None, true);
                for parameter in parameters {
                    self.names.set(&parameter.name, vec![Value::Unknown]);
                }
            }
            StatementKind::With(values) => {
                let values: Vec<_> =
                    values.iter().map(|(target, value)| (target, self.value(value))).collect();
                self.enter(None, true);
                for (target, values) in values {
                    self.bind(std::slice::from_ref(target), &values);
                }
            }
            StatementKind::Import(names) => {
                for name in names {
                    self.names.set(name, vec![Value::Unknown]);
                }
            }
            StatementKind::Block(values) => {
                for value in values {
                    self.value(value);
                }
                self.enter(None, true);
            }
            StatementKind::End => {
                if self.open.pop() == Some(true) {
                    self.inside.pop();
                }
                self.names.leave();
            }
            StatementKind::Else | StatementKind::Other => {}
        }
    }

    fn enter(&mut self, id: Option<MacroId>, is_scope: bool) {
        self.open.push(id.is_some());
        self.inside.extend(id);
        self.names.enter(is_scope);
    }

    /// The macro that is being read.
    pub(super) fn inside(&self) -> Option<MacroId> {
        self.inside.last().copied()
    }

    /// The macros that something outside of all macros leads to.
    fn called(&self) -> HashSet<MacroId> {
        let mut called = HashSet::default();
        let mut next = self.calls.get(&None).cloned().unwrap_or_default();
        while let Some(id) = next.pop() {
            if called.insert(id) {
                next.extend(self.calls.get(&Some(id)).into_iter().flatten());
            }
        }
        called
    }

    fn bind(&mut self, targets: &[Target], values: &[Value]) {
        let unknown = [Value::Unknown];
        match targets {
            [Target::Name(name)] => self.names.set(name, values.to_vec()),
            [Target::Parts(parts)] => self.bind(parts, values),
            [Target::Attribute] | [] => {}
            several => {
                let lists: Option<Vec<&Vec<Values>>> = values
                    .iter()
                    .map(|value| match value {
                        Value::List(parts) if parts.len() == several.len() => Some(parts),
                        _ => None,
                    })
                    .collect();
                for (number, target) in several.iter().enumerate() {
                    let parts = lists.iter().flatten();
                    let values: Values =
                        parts.filter_map(|parts| parts.get(number)).flatten().cloned().collect();
                    let values = if values.is_empty() { &unknown[..] } else { &values };
                    self.bind(std::slice::from_ref(target), values);
                }
            }
        }
    }
}

/// What a loop over `values` goes through.
fn elements(values: Values) -> Values {
    let element = |value: Value| match value {
        Value::List(parts) => parts.into_iter().flatten().collect(),
        _ => vec![Value::Unknown],
    };
    values.into_iter().flat_map(element).take(MAX_ALTERNATIVES + 1).collect()
}
