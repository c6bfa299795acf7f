//! What an expression of Terraform is known to be, without running Terraform.

use std::fmt;
use std::rc::Rc;

use crate::model::{FileId, Place};
use crate::text::{Span, Text, TextBuilder, UNKNOWN};

/// How deep lists and objects may nest.
const MAX_DEPTH: usize = 64;

/// A value, as far as the files tell.
#[derive(Clone)]
pub(super) enum Term {
    /// Only running Terraform can tell: a variable, a data source, a function that is not evaluated.
    Unknown,
    /// `null`
    Null,
    /// `true`, `false`
    Bool(bool),
    /// A number, as Terraform prints it.
    Number(Located),
    /// Text; [`UNKNOWN`] stands for each part that is not known.
    Text(Located),
    /// A list, tuple or set.
    List(Rc<List>),
    /// An object or map.
    Object(Rc<Object>),
    /// A resource, or an attribute of one that only exists when it is created.
    Resource(Rc<ResourceTerm>),
}

/// Text and the file that its places are in.
#[derive(Clone)]
pub(super) struct Located {
    pub file: FileId,
    pub text: Text,
}

/// The elements of a list.
#[derive(Default)]
pub(super) struct List {
    pub items: Vec<Item>,
    /// Whether there may be more, anywhere among them.
    pub is_open: bool,
    depth: usize,
}

/// The members of an object.
#[derive(Default)]
pub(super) struct Object {
    /// In order; of equal keys the last one counts.
    pub members: Vec<(Located, Item)>,
    /// Whether there may be more, or others in their place.
    pub is_open: bool,
    depth: usize,
}

/// A value and where it is written.
#[derive(Clone)]
pub(super) struct Item {
    pub term: Term,
    pub place: Place,
}

/// A resource or data source, or what is taken of one.
pub(super) struct ResourceTerm {
    /// `aws_secretsmanager_secret.x`, `data.aws_iam_policy_document.x`
    pub address: String,
    /// Which of several.
    pub key: InstanceKey,
    /// What is taken; empty for all of it.
    pub attribute: String,
}

/// Which of the resources that one block makes.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) enum InstanceKey {
    /// The only one.
    Single,
    /// `[0]`, `["a"]`
    Key(String),
    /// One that only running Terraform can tell.
    Unknown,
}

impl Term {
    /// A list, unless it nests too deeply.
    pub(super) fn list(items: Vec<Item>, is_open: bool) -> Self {
        let depth = 1 + items.iter().map(|item| item.term.depth()).max().unwrap_or(0);
        if depth > MAX_DEPTH {
            return Self::Unknown;
        }
        Self::List(Rc::new(List { items, is_open, depth }))
    }

    /// An object, unless it nests too deeply.
    pub(super) fn object(members: Vec<(Located, Item)>, is_open: bool) -> Self {
        let depth = 1 + members.iter().map(|(_, item)| item.term.depth()).max().unwrap_or(0);
        if depth > MAX_DEPTH {
            return Self::Unknown;
        }
        Self::Object(Rc::new(Object { members, is_open, depth }))
    }

    fn depth(&self) -> usize {
        match self {
            Self::List(list) => list.depth,
            Self::Object(object) => object.depth,
            _ => 0,
        }
    }

    /// The text of a string, number or truth value.
    pub(super) const fn located(&self) -> Option<&Located> {
        match self {
            Self::Text(located) | Self::Number(located) => Some(located),
            _ => None,
        }
    }

    /// The text, when all of it is known.
    pub(super) fn known(&self) -> Option<&str> {
        self.located().map(Located::raw).filter(|text| !text.contains(UNKNOWN))
    }

    pub(super) const fn as_bool(&self) -> Option<bool> {
        match self {
            Self::Bool(value) => Some(*value),
            _ => None,
        }
    }

    pub(super) const fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }

    pub(super) const fn is_unknown(&self) -> bool {
        matches!(self, Self::Unknown)
    }

    /// Whether two values are equal; nothing where that cannot be told.
    pub(super) fn equals(&self, other: &Self) -> Option<bool> {
        match (self, other) {
            (Self::Null, Self::Null) => Some(true),
            (Self::Bool(a), Self::Bool(b)) => Some(a == b),
            (Self::Text(_), Self::Text(_)) | (Self::Number(_), Self::Number(_)) => {
                Some(self.known()? == other.known()?)
            }
            (Self::Null, Self::Text(_) | Self::Number(_) | Self::Bool(_))
            | (Self::Text(_) | Self::Number(_) | Self::Bool(_), Self::Null) => Some(false),
            _ => None,
        }
    }
}

impl Object {
    /// The member `key`, with the place of the key.
    pub(super) fn member(&self, key: &str) -> Option<(&Located, &Item)> {
        let found = self.members.iter().rev().find(|(name, _)| name.raw() == key);
        found.map(|(name, item)| (name, item))
    }

    /// The value of the member `key`; nothing when there is none.
    pub(super) fn get(&self, key: &str) -> Option<&Term> {
        self.member(key).map(|(_, item)| &item.term)
    }

    /// The members that count, sorted by key.
    pub(super) fn sorted(&self) -> Vec<(&Located, &Item)> {
        let mut members: Vec<_> = self.members.iter().map(|(key, item)| (key, item)).collect();
        members.reverse();
        members.sort_by(|a, b| a.0.raw().cmp(b.0.raw()));
        members.dedup_by(|later, first| later.0.raw() == first.0.raw());
        members
    }

    /// Whether a key is not known, so that any member may be another.
    pub(super) fn has_unknown_key(&self) -> bool {
        self.is_open || self.members.iter().any(|(key, _)| key.raw().contains(UNKNOWN))
    }
}

impl Located {
    /// Text that stands at `span` of `file` in another form.
    pub(super) fn produced(text: impl Into<String>, place: Place) -> Self {
        Self { file: place.file, text: Text::produced_by(text, place.span) }
    }

    /// The text. It may be a credential: see [`Text::expose`].
    pub(super) fn raw(&self) -> &str {
        self.text.expose()
    }

    /// The text with places in the file of `place`: its own where it stands in that file, else `place`.
    pub(super) fn at(&self, place: Place) -> Text {
        if self.file == place.file {
            self.text.clone()
        } else {
            Text::produced_by(self.raw(), place.span)
        }
    }
}

/// Puts text together, within what may be spent on it.
pub(super) struct Writer {
    place: Place,
    builder: TextBuilder,
    left: usize,
}

impl Writer {
    /// Of at most `left` bytes, for an expression at `place`.
    pub(super) fn new(place: Place, left: usize) -> Self {
        Self { place, builder: TextBuilder::default(), left }
    }

    /// Where a part is written: the whole expression for one of another file.
    pub(super) fn span(&self, place: Place) -> Span {
        if place.file == self.place.file { place.span } else { self.place.span }
    }

    /// Appends text of the expression's own, which `span` of the file stands for.
    pub(super) fn push(&mut self, text: &str, span: Span) {
        if self.spend(text.len()) {
            self.builder.push(text, span);
        }
    }

    /// Appends a part that is not known.
    pub(super) fn unknown(&mut self, span: Span) {
        self.push(UNKNOWN.encode_utf8(&mut [0; 4]), span);
    }

    /// Whether a value is written in the file that the expression stands in.
    pub(super) fn is_here(&self, value: &Located) -> bool {
        value.file == self.place.file
    }

    /// Appends a value, whose text comes from `at` where it stands in another file.
    pub(super) fn copy(&mut self, value: &Located, range: std::ops::Range<usize>, at: Span) {
        if !self.spend(range.len()) {
            return;
        }
        if value.file == self.place.file {
            self.builder.copy(&value.text, range);
        } else {
            self.builder.push(value.raw().get(range).unwrap_or(""), at);
        }
    }

    /// Appends `escape` for the bytes `range` of a value.
    pub(super) fn escaped(
        &mut self,
        value: &Located,
        range: std::ops::Range<usize>,
        escape: &str,
        at: Span,
    ) {
        let here = value.file == self.place.file;
        self.push(escape, if here { value.text.span_of(range) } else { at });
    }

    /// Appends all of a value.
    pub(super) fn all(&mut self, value: &Located, at: Span) {
        self.copy(value, 0..value.raw().len(), at);
    }

    /// Appends a value as text: nothing else than text, numbers and truth values has one.
    pub(super) fn term(&mut self, term: &Term, at: Span) {
        match term {
            Term::Text(located) | Term::Number(located) => self.all(located, at),
            Term::Bool(value) => self.push(if *value { "true" } else { "false" }, at),
            _ => self.unknown(at),
        }
    }

    fn spend(&mut self, length: usize) -> bool {
        let enough = length <= self.left;
        self.left = if enough { self.left - length } else { 0 };
        enough
    }

    /// How much was written.
    pub(super) fn length(&self) -> usize {
        self.builder.so_far().len()
    }

    /// The text; not known when it grew too long.
    pub(super) fn finish(self) -> Term {
        if self.left == 0 {
            return Term::Unknown;
        }
        let text = self.builder.finish(self.place.span);
        Term::Text(Located { file: self.place.file, text })
    }
}

/// Never shows a value.
impl fmt::Debug for Term {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Unknown => "Unknown",
            Self::Null => "Null",
            Self::Bool(_) => "Bool",
            Self::Number(_) => "Number",
            Self::Text(_) => "Text",
            Self::List(_) => "List",
            Self::Object(_) => "Object",
            Self::Resource(_) => "Resource",
        })
    }
}
