//! `configparser.BasicInterpolation`: `%%` and `%(name)s` in a value.

use std::ops::Range;

use super::{Error, ErrorKind};
use crate::hash::HashMap;
use crate::text::{Text, TextBuilder};

/// How deep one value may refer to another (`configparser.MAX_INTERPOLATION_DEPTH`).
const MAX_DEPTH: usize = 10;

/// How much text the references of one file may insert, in bytes and one for each reference. Python
/// has no such limit; ten levels of references can grow to any size.
pub(super) const MAX_INSERTED: usize = 1 << 20;

/// What `%(name)s` may refer to in one section.
pub(super) struct Scope<'a> {
    /// Its own options, by lower-case name.
    pub(super) own: &'a HashMap<&'a str, &'a Text>,
    /// Those of `[DEFAULT]`.
    pub(super) defaults: &'a HashMap<&'a str, &'a Text>,
    /// How much more text may be inserted in this file.
    pub(super) left: &'a mut usize,
}

impl Scope<'_> {
    /// What a program gets for the option whose value is written as `raw`.
    pub(super) fn value(&mut self, raw: &Text) -> Result<Text, Error> {
        let written = raw.expose();
        let mut builder = TextBuilder::default();
        for part in (Parts { text: written, at: 0 }) {
            let (range, kind) = part;
            let span = raw.span_of(range.clone());
            match kind {
                Part::Plain => builder.copy(raw, range),
                Part::Percent => builder.push("%", span),
                Part::Reference(name) => {
                    let mut inserted = String::new();
                    self.insert(name, 1, &mut inserted).map_err(|kind| Error { span, kind })?;
                    builder.push(&inserted, span);
                }
                Part::Bad => return Err(Error { span, kind: ErrorKind::InterpolationSyntax }),
            }
        }
        Ok(builder.finish(raw.span()))
    }

    /// Appends the value of `name`; `depth` counts the values that are being worked on.
    fn insert(&mut self, name: &str, depth: usize, out: &mut String) -> Result<(), ErrorKind> {
        let name = name.to_lowercase();
        let own = self.own.get(name.as_str()).or_else(|| self.defaults.get(name.as_str()));
        let value = own.ok_or(ErrorKind::InterpolationMissing)?.expose();
        let cost = value.len() + 1;
        *self.left = self.left.checked_sub(cost).ok_or(ErrorKind::InterpolationSize)?;
        if value.contains('%') && depth == MAX_DEPTH {
            return Err(ErrorKind::InterpolationDepth);
        }
        for (range, kind) in (Parts { text: value, at: 0 }) {
            match kind {
                Part::Plain => out.push_str(value.get(range).unwrap_or("")),
                Part::Percent => out.push('%'),
                Part::Reference(name) => self.insert(name, depth + 1, out)?,
                Part::Bad => return Err(ErrorKind::InterpolationSyntax),
            }
        }
        Ok(())
    }
}

enum Part<'a> {
    /// Text without `%`.
    Plain,
    /// `%%`
    Percent,
    /// `%(name)s`
    Reference(&'a str),
    /// A `%` that Python refuses.
    Bad,
}

/// Cuts a value at its `%`.
struct Parts<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Iterator for Parts<'a> {
    type Item = (Range<usize>, Part<'a>);

    fn next(&mut self) -> Option<Self::Item> {
        let start = self.at;
        let rest = self.text.get(start..).filter(|rest| !rest.is_empty())?;
        let (length, part) = match rest.find('%') {
            None => (rest.len(), Part::Plain),
            Some(plain @ 1..) => (plain, Part::Plain),
            Some(0) if rest.starts_with("%%") => (2, Part::Percent),
            Some(0) => reference(rest)
                .map_or((1, Part::Bad), |name| ("%()s".len() + name.len(), Part::Reference(name))),
        };
        self.at += length;
        Some((start..self.at, part))
    }
}

/// The name in the `%(name)s` that `text` begins with.
fn reference(text: &str) -> Option<&str> {
    let (name, behind) = text.strip_prefix("%(")?.split_once(')')?;
    (!name.is_empty() && behind.starts_with('s')).then_some(name)
}
