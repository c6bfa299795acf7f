//! The functions that are evaluated: those that people build names, settings and secrets with.

use std::rc::Rc;

use super::module::Module;
use super::term::{Item, Located, Object, Term, Writer};
use crate::model::Place;
use crate::text::{Span, Text, UNKNOWN};

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
            ("tolist" | "tomap" | "sensitive" | "nonsensitive", [value]) => value.term.clone(),
            ("one", [items]) => match &items.term {
                Term::List(found) if !found.is_open && found.items.len() == 1 => {
                    found.items.first().map_or(Term::Unknown, |item| item.term.clone())
                }
                Term::Resource(resource) => Term::Resource(Rc::clone(resource)),
                _ => Term::Unknown,
            },
            // What fails here is not seen: an unknown value may be one that fails.
            ("try", [first, ..]) if !first.term.is_unknown() => first.term.clone(),
            ("tostring", [value]) => match &value.term {
                Term::Number(located) => Term::Text(located.clone()),
                Term::Bool(value) => {
                    Term::Text(Located::produced(if *value { "true" } else { "false" }, place))
                }
                other => other.clone(),
            },
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
                        Some(value) if flags == 0 && matches!(letter, 's' | 'v' | 'd') => {
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
        if list.items.iter().any(|item| item.term.known().is_none()) {
            return Term::List(Rc::clone(list));
        }
        let mut items = list.items.clone();
        let text = |item: &Item| item.term.known().unwrap_or_default().to_owned();
        if sorts {
            items.sort_by_key(text);
        }
        let mut seen = std::collections::HashSet::new();
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

    /// `jsonencode`: keys sorted, and `<`, `>`, `&` escaped as Go does. A value that is not known is a
    /// string of [`UNKNOWN`].
    fn json(&self, writer: &mut Writer, item: &Item, depth: usize) {
        let span = writer.span(item.place);
        let (opening, closing) = ends(span);
        self.spend(1);
        if self.left() == 0 {
            writer.unknown(span);
            return;
        }
        match &item.term {
            Term::Null => writer.push("null", span),
            Term::Bool(_) | Term::Number(_) => writer.term(&item.term, span),
            Term::Text(text) => json_text(writer, text, span),
            Term::Resource(resource) => {
                let text = self.resource_text(resource, item.place);
                json_text(writer, &Located { file: item.place.file, text }, span);
            }
            Term::List(list) if !list.is_open => {
                writer.push("[", opening);
                for (number, item) in list.items.iter().enumerate() {
                    if number > 0 {
                        writer.push(",", Span::at(writer.span(item.place).start));
                    }
                    self.json(writer, item, depth + 1);
                }
                writer.push("]", closing);
            }
            Term::Object(object) if !object.has_unknown_key() => {
                writer.push("{", opening);
                for (number, (key, value)) in object.sorted().into_iter().enumerate() {
                    let at = writer.span(value.place);
                    if number > 0 {
                        writer.push(",", Span::at(at.start));
                    }
                    let key_at = if writer.is_here(key) { key.text.span() } else { at };
                    json_text(writer, key, key_at);
                    writer.push(":", Span::at(at.start));
                    self.json(writer, value, depth + 1);
                }
                writer.push("}", closing);
            }
            Term::List(_) | Term::Object(_) | Term::Unknown => {
                // All of it may be anything, a part of it stands where a value stands.
                let quotes = if depth == 0 { "" } else { "\"" };
                writer.push(quotes, span);
                writer.unknown(span);
                writer.push(quotes, span);
            }
        }
    }
}

/// A string in JSON.
fn json_text(writer: &mut Writer, text: &Located, at: Span) {
    let (opening, closing) = ends(at);
    writer.push("\"", opening);
    let mut done = 0;
    let raw = text.raw();
    for (start, letter) in raw.char_indices() {
        let escape = match letter {
            '"' => "\\\"".to_owned(),
            '\\' => "\\\\".to_owned(),
            '\n' => "\\n".to_owned(),
            '\r' => "\\r".to_owned(),
            '\t' => "\\t".to_owned(),
            '\u{8}' => "\\b".to_owned(),
            '\u{c}' => "\\f".to_owned(),
            '<' | '>' | '&' | '\u{2028}' | '\u{2029}' | '\0'..='\u{1f}' => {
                format!("\\u{:04x}", u32::from(letter))
            }
            _ => continue,
        };
        writer.copy(text, done..start, at);
        done = start + letter.len_utf8();
        writer.escaped(text, start..done, &escape, at);
    }
    writer.copy(text, done..raw.len(), at);
    writer.push("\"", closing);
}

/// Where an expression begins and ends.
const fn ends(span: Span) -> (Span, Span) {
    (Span::at(span.start), Span::at(span.end))
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

/// The first that is neither null nor empty.
fn coalesce(values: &[Item]) -> Term {
    for item in values {
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

/// Text of a resource's attribute that is known in part, such as the ARN of a secret.
impl Module<'_> {
    /// The text of what is taken of a resource.
    pub(super) fn resource_text(&self, resource: &super::term::ResourceTerm, place: Place) -> Text {
        let text = self.arn(resource).unwrap_or_else(|| UNKNOWN.to_string());
        Text::produced_by(text, place.span)
    }

    /// The ARN of a secret, parameter or role whose name is known.
    fn arn(&self, resource: &super::term::ResourceTerm) -> Option<String> {
        let kind = resource.address.split('.').next()?;
        let attribute = resource.attribute.as_str();
        let (declared, instance) = self.instance_of(resource)?;
        let name = |name: &str| {
            let value = declared.body().get(name)?;
            let term = self.deeper(|| self.evaluate(value, declared.scope(&instance)));
            let text = term.located().map(|it| it.raw().to_owned());
            self.spend(text.as_ref().map_or(0, String::len));
            text
        };
        match (kind, attribute) {
            ("aws_secretsmanager_secret", "arn" | "id") => Some(format!(
                "arn:{UNKNOWN}:secretsmanager:{UNKNOWN}:{UNKNOWN}:secret:{}-{UNKNOWN}",
                name("name")?
            )),
            ("aws_ssm_parameter", "arn") => {
                let name = name("name")?;
                let slash = if name.starts_with('/') { "" } else { "/" };
                Some(format!("arn:{UNKNOWN}:ssm:{UNKNOWN}:{UNKNOWN}:parameter{slash}{name}"))
            }
            ("aws_iam_role", "arn") => {
                let path = name("path").unwrap_or_else(|| "/".to_owned());
                Some(format!("arn:{UNKNOWN}:iam::{UNKNOWN}:role{path}{}", name("name")?))
            }
            ("aws_iam_role" | "aws_ssm_parameter", "id") => name("name"),
            _ => None,
        }
    }
}
