//! References in Jinja templates: in strings of the code, and in files that operators render.

mod expressions;
mod given;
mod lookups;
mod names;
mod rendering;
mod strings;
mod texts;
mod unused;
mod values;
mod words;

use super::dags::Givers;
use super::keys::key_of;
use super::scope::Scopes;
use super::timing::Timings;
use super::value::{Open, Part, Value};
use super::{Around, DefaultArgument, Form, InTemplate, Key, Operation, Reference, Timing};
use crate::hash::{HashMap, HashSet};
use crate::model::{FileId, Kind};
use crate::read::jinja;
use crate::text::{Span, Spanned, Text};

pub use lookups::Access;
use lookups::{Lookup, When};
use names::Given;
use strings::Rendered;
pub(super) use strings::may_hold_one;
pub(super) use unused::{Holder as UnusedHolder, Unused};

/// Where a template stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Holder {
    /// A text of its own, of which no other template takes macros.
    Text,
    /// A file, from which other templates can import.
    File,
}

/// The references of a template, in the order in which it asks; `timing` says whether Airflow renders it.
/// `text` is that of `file`; places are those of the file. Never fails, and takes time linear in the
/// text.
#[must_use]
pub fn of_template(text: &Text, holder: Holder, timing: Timing, file: FileId) -> Vec<Reference> {
    let template = Rendering { text, opens: &[], holder, timing, root: text.span(), file };
    template.references(&Given::default()).map(|found| found.reference).collect()
}

/// The references in the strings of a Python file, in no particular order, each with what its key may be;
/// `others` are those that its code makes itself.
pub(super) fn of_code(
    scopes: &Scopes<'_>,
    timings: &Timings,
    others: &[Reference],
    file: FileId,
) -> Vec<(Reference, Vec<Value>)> {
    let rendered = strings::rendered(scopes, timings);
    if rendered.is_empty() {
        return Vec::new();
    }
    let mut strings: Vec<_> = scopes.strings.iter().collect();
    strings.sort_by_key(|(expr, _)| expr.span.start);
    let given = HashMap::default();
    let mut code = Code { scopes, others, given, file, found: Vec::new() };
    for it in &rendered {
        if !code.string(it) {
            // Its parts, one by one.
            let first = strings.partition_point(|(part, _)| part.span.start < it.expr.span.start);
            let parts = strings.iter().skip(first);
            for (expr, place) in parts.take_while(|(part, _)| it.expr.span.contains(part.span)) {
                let givers = it.givers.clone();
                code.string(&Rendered { expr, place: *place, timing: it.timing, givers });
            }
        }
    }
    code.distinct()
}

/// The strings of a file on the way.
struct Code<'a, 'tree> {
    scopes: &'a Scopes<'tree>,
    /// The references that its code makes itself.
    others: &'a [Reference],
    /// What is given to them.
    given: HashMap<Givers, Given>,
    file: FileId,
    found: Vec<Found>,
}

/// A reference in a template.
struct Found {
    reference: Reference,
    /// What its key may be.
    key: Vec<Value>,
    /// Whether all of it stands outside of the expression in which it was found.
    is_elsewhere: bool,
}

impl Code<'_, '_> {
    /// Adds the references in the text that an expression makes; `false` when nothing is known of it.
    fn string(&mut self, it: &Rendered<'_>) -> bool {
        let Some(texts) = values::texts(self.scopes, it.expr, it.place) else { return false };
        let (scopes, others) = (self.scopes, self.others);
        let given = self.given.entry(it.givers.clone());
        let given = given.or_insert_with(|| given::given(scopes, &it.givers, others));
        let mut all: Vec<Found> = Vec::new();
        for (number, (text, opens)) in texts.iter().enumerate() {
            let (timing, root, file) = (it.timing, it.expr.span, self.file);
            let holder = Holder::Text;
            let rendering = Rendering { text, opens, holder, timing, root, file };
            let before = all.len();
            for found in rendering.references(given) {
                let others = all.iter_mut().take(if number == 0 { 0 } else { before });
                let is_same = |other: &&mut Found| {
                    let (a, b) = (&other.reference, &found.reference);
                    a.span == b.span && a.kind == b.kind
                };
                match others.into_iter().find(is_same) {
                    Some(other) => other.may_be(found.key),
                    None => all.push(found),
                }
            }
        }
        self.found.append(&mut all);
        true
    }

    /// What was found, without what was found again through the name of the string it stands in.
    fn distinct(self) -> Vec<(Reference, Vec<Value>)> {
        let here = self.found.iter().filter(|it| !it.is_elsewhere);
        let here: HashSet<_> = here.filter_map(|it| origin(&it.reference)).collect();
        let found = self.found.into_iter().filter(|it| {
            !it.is_elsewhere || origin(&it.reference).is_none_or(|it| !here.contains(&it))
        });
        found.map(|it| (it.reference, it.key)).collect()
    }
}

/// Where the first known part of a key stands.
fn origin(reference: &Reference) -> Option<(Kind, Span)> {
    let (_, text) = reference.key.alternatives().first()?.known_parts().next()?;
    Some((reference.kind, text.span_of(0..text.expose().len())))
}

impl Found {
    /// Makes the key one of itself and `others`.
    fn may_be(&mut self, others: Vec<Value>) {
        self.key.extend(others);
        self.reference.key = told(&self.key, self.reference.key_span);
    }
}

/// The key that `values` make, as far as they tell it.
fn told(values: &[Value], span: Span) -> Key {
    key_of(values.to_vec(), span, false).unwrap_or(Key::Dynamic)
}

/// A text that is rendered.
struct Rendering<'a> {
    text: &'a Text,
    /// What may fill its numbered holes.
    opens: &'a [Open],
    holder: Holder,
    timing: Timing,
    /// The expression or file that holds it; parts of it may come from elsewhere.
    root: Span,
    file: FileId,
}

impl Rendering<'_> {
    /// Its references.
    fn references(&self, given: &Given) -> impl Iterator<Item = Found> {
        let template = jinja::read(self.text.expose());
        let found = lookups::lookups(&template, self.text.expose(), self.opens, given);
        found.into_iter().filter_map(|lookup| {
            let timing = match (lookup.when, self.holder) {
                (When::Rendered, _) => self.timing,
                (When::Perhaps, _) | (When::Uncalled, Holder::File) => at_most_unknown(self.timing),
                (When::Never, _) => Timing::Never,
                (When::Uncalled, Holder::Text) => return None,
            };
            let mut sources = self.text.sources(lookup.span.start..lookup.span.end);
            let is_elsewhere = !sources.any(|source| self.root.contains(source));
            Some(self.found(lookup, timing, is_elsewhere))
        })
    }

    fn found(&self, lookup: Lookup, timing: Timing, is_elsewhere: bool) -> Found {
        let default = lookup.default.map(|default| DefaultArgument {
            keyword: default.keyword.map(|it| Spanned::new(it.node, self.place(it.span))),
            span: self.place(default.span),
            ..default
        });
        let key_span = self.place(lookup.key_span);
        let key: Vec<Value> = lookup.key.into_iter().map(|it| within(it, self.text)).collect();
        let reference = Reference {
            kind: lookup.kind,
            operation: Operation::Get,
            key: told(&key, key_span),
            timing,
            file: self.file,
            // A name that is put in at the end belongs to it.
            span: self.place(lookup.span).cover(key_span),
            key_span,
            form: Form::Template(InTemplate {
                access: lookup.access,
                meant: lookup.meant.map(|it| (it.node, self.place(it.span))),
                members: lookup.members,
            }),
            callee: lookup.callee,
            method: None,
            default,
            third: None,
            deserialize_json: lookup.deserialize_json,
            conversion: None,
            parsed_with: Vec::new(),
            asks_each: false,
            is_of_contrib: false,
            around: Around::default(),
        };
        Found { reference, key, is_elsewhere }
    }

    /// Where the bytes `span` of the text stand in the root; for what comes from elsewhere, where it is
    /// put in.
    fn place(&self, span: Span) -> Span {
        let inside = |range: std::ops::Range<usize>| {
            self.text.sources(range).filter(|source| self.root.contains(*source))
        };
        let whole = self.text.span_of(span.start..span.end);
        let mut sources = self.text.sources(span.start..span.end);
        if self.root.contains(whole) && sources.all(|source| self.root.contains(source)) {
            return whole;
        }
        if let Some(covered) = inside(span.start..span.end).reduce(Span::cover) {
            return covered;
        }
        let before = inside(0..span.start).last().map(|it| it.end);
        let after = inside(span.end..self.text.expose().len()).next().map(|it| it.start);
        match (before, after) {
            (Some(start), Some(end)) if start <= end => Span::new(start, end),
            _ => self.root,
        }
    }
}

fn at_most_unknown(timing: Timing) -> Timing {
    if timing == Timing::Template { Timing::Unknown } else { timing }
}

/// The value with places in the file; what is open has them already.
fn within(value: Value, outer: &Text) -> Value {
    let part = |part: Part| match part {
        Part::Known(text) => Part::Known(text.within(outer)),
        other => other,
    };
    match value {
        Value::Parts(parts) => Value::Parts(parts.into_iter().map(part).collect()),
        other => other,
    }
}

#[cfg(test)]
mod tests;
