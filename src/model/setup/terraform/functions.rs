//! The functions that are evaluated: those that people build names, settings and secrets with.

use std::rc::Rc;

use super::module::Module;
use super::term::{Item, Located, Object, Term, Writer};
use crate::model::Place;
use crate::text::UNKNOWN;

impl Module<'_> {
    /// What the function `name` gives for these arguments.
    pub(super) fn call(&self, name: &str, given: &[Item], place: Place) -> Term {
        self.spend(given.len());
        match (name, given) {
            ("jsonencode", [value]) => self.write(place, |writer| self.json(writer, value, 0)),
            ("format", [format, values @ ..]) => self.format(&format.term, values, place),
            ("join", [separator, lists @ ..]) => self.join(separator, lists, place),
            ("merge", objects) => self.merge(objects),
            ("concat", lists) => self.concat(lists),
            ("toset" | "distinct", [list]) => self.to_set(&list.term, name == "toset"),
            ("flatten", [list]) => self.flatten(&list.term),
            ("compact", [list]) => self.compact(&list.term),
            ("keys", [object]) => self.keys(&object.term, place),
            ("values", [of]) => match &of.term {
                Term::Object(object) => {
                    let items = object.sorted().into_iter().map(|(_, item)| item.clone());
                    Term::list(items.collect(), object.has_unknown_key())
                }
                _ => Term::Unknown,
            },
            ("zipmap", [keys, values]) => zipmap(&keys.term, &values.term),
            ("lookup", [object, key, default @ ..]) => lookup(&object.term, &key.term, default),
            ("coalesce", values) => coalesce(values),
            ("tolist", [Item { term: Term::List(list), .. }]) => {
                Term::list(alike(list.items.clone()), list.is_open)
            }
            ("tomap", [Item { term: Term::Object(object), .. }]) => {
                let (keys, values) = object.members.iter().cloned().unzip::<_, _, Vec<_>, _>();
                Term::object(keys.into_iter().zip(alike(values)).collect(), object.is_open)
            }
            ("sensitive" | "nonsensitive", [value]) => value.term.clone(),
            ("one", [items]) => match &items.term {
                Term::List(found) if !found.is_open && found.items.len() == 1 => {
                    found.items.first().map_or(Term::Unknown, |item| item.term.clone())
                }
                Term::Resource(resource) => Term::Resource(Rc::clone(resource)),
                _ => Term::Unknown,
            },
            // What fails here is not seen: an unknown value may be one that fails.
            ("try", [first, ..]) if !first.term.is_unknown() => first.term.clone(),
            ("tostring", [value]) => as_text(value),
            ("lower", [text]) => self.by_letter(&text.term, place, char::to_lowercase),
            ("upper", [text]) => self.by_letter(&text.term, place, char::to_uppercase),
            ("trimspace", [text]) => {
                self.cut(&text.term, place, |text| Some(text.trim()), Ends::Both)
            }
            ("chomp", [text]) => self.cut(
                &text.term,
                place,
                |text| Some(text.trim_end_matches(['\r', '\n'])),
                Ends::Last,
            ),
            ("trimprefix", [text, prefix]) => {
                let Some(prefix) = prefix.term.known() else { return Term::Unknown };
                let cut = |text: &str| -> Option<usize> {
                    text.strip_prefix(prefix).map(|rest| text.len() - rest.len())
                };
                self.cut(&text.term, place, |text| text.get(cut(text).unwrap_or(0)..), Ends::First)
            }
            ("trimsuffix", [text, suffix]) => {
                let Some(suffix) = suffix.term.known() else { return Term::Unknown };
                let cut = |text: &str| text.strip_suffix(suffix).map_or(text.len(), str::len);
                self.cut(&text.term, place, |text| text.get(..cut(text)), Ends::Last)
            }
            ("replace", [text, from, to]) => self.replace(text, &from.term, &to.term, place),
            _ => Term::Unknown,
        }
    }

    /// `format`: `%s`, `%v`, `%d` and `%%`; of any other form the text is not known.
    fn format(&self, format: &Term, values: &[Item], place: Place) -> Term {
        let Term::Text(format) = format else { return Term::Unknown };
        let raw = format.raw();
        self.write(place, |writer| {
            let mut values = values.iter();
            let mut at = 0;
            while let Some(rest) = raw.get(at..).filter(|rest| !rest.is_empty()) {
                let plain = rest.find('%').unwrap_or(rest.len());
                writer.copy(format, at..at + plain, place.span);
                at += plain;
                let Some(verb) = rest.get(plain + 1..) else { break };
                let flags = verb.find(|c: char| c.is_alphabetic() || c == '%').unwrap_or(0);
                let letter = verb.get(flags..).and_then(|it| it.chars().next());
                let length = 1 + flags + letter.map_or(0, char::len_utf8);
                let span = format.text.span_of(at..at + length);
                match letter {
                    Some('%') => writer.push("%", span),
                    Some(letter) => match values.next() {
                        Some(value) if flags == 0 && is_plain(letter, &value.term) => {
                            self.put(writer, value);
                        }
                        _ => writer.unknown(span),
                    },
                    None => writer.unknown(span),
                }
                at += length;
            }
        })
    }

    /// A value as text.
    fn put(&self, writer: &mut Writer, item: &Item) {
        let span = writer.span(item.place);
        match &item.term {
            Term::Resource(resource) => {
                let text = self.resource_text(resource, item.place);
                writer.all(&Located { file: item.place.file, text }, span);
            }
            term => writer.term(term, span),
        }
    }

    fn join(&self, separator: &Item, lists: &[Item], place: Place) -> Term {
        let mut items = Vec::new();
        for list in lists {
            match &list.term {
                Term::List(list) if !list.is_open => items.extend(list.items.iter()),
                _ => return Term::Unknown,
            }
        }
        self.write(place, |writer| {
            for (number, item) in items.into_iter().enumerate() {
                if number > 0 {
                    self.put(writer, separator);
                }
                self.put(writer, item);
            }
        })
    }

    fn merge(&self, objects: &[Item]) -> Term {
        let mut members = Vec::new();
        let mut is_open = false;
        for object in objects {
            match &object.term {
                Term::Object(object) => {
                    self.spend(object.members.len());
                    members.extend(object.members.iter().cloned());
                    is_open |= object.is_open;
                }
                Term::Null => {}
                _ => is_open = true,
            }
            if self.left() == 0 {
                return Term::Unknown;
            }
        }
        Term::object(members, is_open)
    }

    fn concat(&self, lists: &[Item]) -> Term {
        let mut items = Vec::new();
        let mut is_open = false;
        for list in lists {
            match &list.term {
                Term::List(list) => {
                    self.spend(list.items.len());
                    items.extend(list.items.iter().cloned());
                    is_open |= list.is_open;
                }
                _ => is_open = true,
            }
            if self.left() == 0 {
                return Term::Unknown;
            }
        }
        Term::list(items, is_open)
    }

    /// The elements each once; a set of texts is sorted.
    fn to_set(&self, list: &Term, sorts: bool) -> Term {
        let Term::List(list) = list else { return list.clone() };
        self.spend(list.items.len());
        let mut items = alike(list.items.clone());
        if items.iter().any(|item| item.term.known().is_none()) {
            return Term::list(items, list.is_open);
        }
        let text = |item: &Item| item.term.known().unwrap_or_default().to_owned();
        if sorts {
            items.sort_by_key(text);
            if items.iter().all(|item| matches!(item.term, Term::Number(_))) {
                let number = |item: &Item| text(item).parse().unwrap_or(0.0);
                items.sort_by(|a, b| f64::total_cmp(&number(a), &number(b)));
            }
        }
        let mut seen = crate::hash::HashSet::default();
        items.retain(|item| seen.insert(text(item)));
        Term::list(items, list.is_open)
    }

    fn flatten(&self, list: &Term) -> Term {
        let Term::List(list) = list else { return Term::Unknown };
        let mut items = Vec::new();
        let mut is_open = list.is_open;
        let mut next: Vec<&Item> = list.items.iter().rev().collect();
        while let Some(item) = next.pop() {
            self.spend(1);
            if self.left() == 0 {
                return Term::Unknown;
            }
            match &item.term {
                Term::List(inner) => {
                    is_open |= inner.is_open;
                    next.extend(inner.items.iter().rev());
                }
                Term::Unknown => is_open = true,
                _ => items.push(item.clone()),
            }
        }
        Term::list(items, is_open)
    }

    fn compact(&self, list: &Term) -> Term {
        let Term::List(list) = list else { return Term::Unknown };
        self.spend(list.items.len());
        let is_open = list.is_open || list.items.iter().any(|item| item.term.is_unknown());
        let kept = list.items.iter().filter(|item| match &item.term {
            Term::Null | Term::Unknown => false,
            term => term.known() != Some(""),
        });
        Term::list(kept.cloned().collect(), is_open)
    }

    fn keys(&self, object: &Term, place: Place) -> Term {
        let Term::Object(object) = object else { return Term::Unknown };
        self.spend(object.members.len());
        let keys = object.sorted().into_iter().map(|(key, _)| Item {
            term: Term::Text(key.clone()),
            place: if key.file == place.file {
                Place::new(key.file, key.text.span())
            } else {
                place
            },
        });
        Term::list(keys.collect(), object.has_unknown_key())
    }

    fn by_letter<I: Iterator<Item = char>>(
        &self,
        text: &Term,
        place: Place,
        change: fn(char) -> I,
    ) -> Term {
        let Term::Text(located) = text else { return Term::Unknown };
        self.write(place, |writer| {
            for (at, letter) in located.raw().char_indices() {
                let changed: String = change(letter).collect();
                let range = at..at + letter.len_utf8();
                if located.file == place.file && changed.get(..) != located.raw().get(range.clone())
                {
                    writer.push(&changed, located.text.span_of(range));
                } else if located.file == place.file {
                    writer.copy(located, range, place.span);
                } else {
                    writer.push(&changed, place.span);
                }
            }
        })
    }

    /// A part of a text, unless what is not known stands where it is cut.
    fn cut(
        &self,
        text: &Term,
        place: Place,
        part: impl Fn(&str) -> Option<&str>,
        ends: Ends,
    ) -> Term {
        let Term::Text(located) = text else { return Term::Unknown };
        let raw = located.raw();
        let open_first = raw.starts_with(UNKNOWN) && ends != Ends::Last;
        let open_last = raw.ends_with(UNKNOWN) && ends != Ends::First;
        let Some(kept) = part(raw).filter(|_| !open_first && !open_last) else {
            return Term::Unknown;
        };
        let start = kept.as_ptr() as usize - raw.as_ptr() as usize;
        self.write(place, |writer| writer.copy(located, start..start + kept.len(), place.span))
    }

    /// `replace` of plain text; `/…/` is a regular expression.
    fn replace(&self, text: &Item, from: &Term, to: &Term, place: Place) -> Term {
        let Term::Text(located) = &text.term else { return Term::Unknown };
        let (Some(from), Some(to)) = (from.known(), to.known()) else { return Term::Unknown };
        if from.is_empty() || (from.len() > 1 && from.starts_with('/') && from.ends_with('/')) {
            return Term::Unknown;
        }
        self.write(place, |writer| {
            let mut done = 0;
            for (at, found) in located.raw().match_indices(from) {
                writer.copy(located, done..at, place.span);
                done = at + found.len();
                let span = if located.file == place.file {
                    located.text.span_of(at..done)
                } else {
                    place.span
                };
                writer.push(to, span);
            }
            writer.copy(located, done..located.raw().len(), place.span);
        })
    }
}

/// Which ends of a text something is cut from.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Ends {
    First,
    Last,
    Both,
}

fn zipmap(keys: &Term, values: &Term) -> Term {
    let (Term::List(keys), Term::List(values)) = (keys, values) else { return Term::Unknown };
    if keys.is_open || values.is_open || keys.items.len() != values.items.len() {
        return Term::Unknown;
    }
    let pairs = keys.items.iter().zip(&values.items);
    let pairs: Option<Vec<(Located, Item)>> =
        pairs.map(|(key, value)| Some((key.term.located()?.clone(), value.clone()))).collect();
    pairs.map_or(Term::Unknown, |pairs| Term::object(pairs, false))
}

fn lookup(object: &Term, key: &Term, default: &[Item]) -> Term {
    let (Term::Object(object), Some(key)) = (object, key.known()) else { return Term::Unknown };
    if Object::has_unknown_key(object) {
        return Term::Unknown;
    }
    let default = || default.first().map(|item| item.term.clone());
    object.get(key).cloned().or_else(default).unwrap_or(Term::Unknown)
}

/// Whether `format` writes a value as it is: `%v` writes large and small numbers with an exponent.
fn is_plain(letter: char, term: &Term) -> bool {
    let is_short = |number: &Located| {
        let digits = number.raw().trim_start_matches('-');
        digits.split('.').next().is_some_and(|whole| whole.len() <= 6)
            && !digits.starts_with("0.0000")
    };
    match (letter, term) {
        ('v', Term::Number(number)) => is_short(number),
        (letter, _) => matches!(letter, 's' | 'v' | 'd'),
    }
}

/// A number or truth value as text.
fn as_text(item: &Item) -> Term {
    match &item.term {
        Term::Number(located) => Term::Text(located.clone()),
        Term::Bool(value) => {
            Term::Text(Located::produced(if *value { "true" } else { "false" }, item.place))
        }
        other => other.clone(),
    }
}

/// Values of one type, as the elements of a list have: all texts where one is.
pub(super) fn alike(items: Vec<Item>) -> Vec<Item> {
    if !items.iter().any(|item| matches!(item.term, Term::Text(_))) {
        return items;
    }
    items.into_iter().map(|item| Item { term: as_text(&item), ..item }).collect()
}

/// The first that is neither null nor empty.
fn coalesce(values: &[Item]) -> Term {
    for item in &alike(values.to_vec()) {
        match &item.term {
            Term::Null => {}
            term if term.known() == Some("") => {}
            Term::Text(text) if text.raw().contains(UNKNOWN) && text.raw().len() <= 3 => {
                return Term::Unknown;
            }
            term => return term.clone(),
        }
    }
    Term::Unknown
}
