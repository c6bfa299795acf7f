//! `airflow.cfg` and its like, as Python's `configparser.ConfigParser` reads them with its defaults:
//! strict, `=` or `:`, comments only on lines of their own, `%` interpolation.
//!
//! Facts from `Lib/configparser.py` of `CPython` 3.10 to 3.13; that Airflow changes none of these defaults,
//! from `airflow/configuration.py` of 2.4.3 and 2.10.5. Where Python gives up on the file, reading
//! goes on, so that the rest is known; [`Document::load_error`] says that Python would not load it.

mod interpolation;

use self::interpolation::{MAX_INSERTED, Scope};
use crate::hash::HashMap;
use crate::text::{Span, Spanned, Text, TextBuilder};

/// The section whose options every other section has too.
pub const DEFAULT_SECTION: &str = "DEFAULT";

/// A configuration file.
#[derive(Clone, Debug, Default)]
pub struct Document {
    /// The sections in order; the parts of a repeated `[DEFAULT]` are one section.
    pub sections: Vec<Section>,
    /// What is wrong with the file's structure, in order. With one of these, Python loads nothing.
    pub errors: Vec<Error>,
}

/// A `[section]`.
#[derive(Clone, Debug)]
pub struct Section {
    /// Its name, exactly as written between the brackets.
    pub name: Spanned<String>,
    /// Its options in order.
    pub entries: Vec<Entry>,
}

/// An option of a section.
#[derive(Clone, Debug)]
pub struct Entry {
    /// The name as Python knows it, in lower case; the span is that of the name as written.
    pub key: Spanned<String>,
    /// The value with its continuation lines, before interpolation.
    pub raw: Text,
    /// The value that a program gets: `%%` is `%`, `%(name)s` the value of another option. An error
    /// is raised when a program asks for this option, not when the file is loaded.
    pub value: Result<Text, Error>,
}

/// What Python objects to, and where.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{kind}")]
pub struct Error {
    /// The line, name or reference at fault.
    pub span: Span,
    /// What is wrong with it.
    pub kind: ErrorKind,
}

/// What Python objects to; the texts name its exceptions and hold no value.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum ErrorKind {
    /// Something stands before the first section. Only the first such line is reported.
    #[error("MissingSectionHeaderError: no section header before this line")]
    MissingSectionHeader,
    /// The section came before.
    #[error("DuplicateSectionError: section already exists")]
    DuplicateSection {
        /// The name where it came first.
        first: Span,
    },
    /// The option came before in the same section.
    #[error("DuplicateOptionError: option already exists in this section")]
    DuplicateOption {
        /// The name where it came first.
        first: Span,
    },
    /// A line that is no section, no option and, not being indented, no continuation.
    #[error(
        "ParsingError: neither a section nor `name = value`, and not indented to continue a value"
    )]
    Unparsable,
    /// A `%` that is not followed by `%` or `(name)s`.
    #[error("InterpolationSyntaxError: `%` must be followed by `%` or `(name)s`")]
    InterpolationSyntax,
    /// `%(name)s` names no option of the section or of `[DEFAULT]`.
    #[error("InterpolationMissingOptionError: the option that is referred to does not exist")]
    InterpolationMissing,
    /// References nested deeper than ten levels, as in a circle.
    #[error("InterpolationDepthError: references nest too deeply")]
    InterpolationDepth,
    /// More inserted text than is followed here; Python has no such limit.
    #[error("references insert too much text to follow")]
    InterpolationSize,
}

impl Document {
    /// The error that Python raises when it loads the file; `None` when it loads.
    #[must_use]
    pub fn load_error(&self) -> Option<&Error> {
        // A `ParsingError` is collected and raised at the end, every other one at once.
        let at_once = self.errors.iter().find(|error| error.kind != ErrorKind::Unparsable);
        at_once.or(self.errors.first())
    }

    /// The option `key` (in lower case) of the section `section`, or else of `[DEFAULT]`; `None`
    /// also when the file has no such section.
    #[must_use]
    pub fn get(&self, section: &str, key: &str) -> Option<&Entry> {
        let options_of = |name: &str| {
            let sections = self.sections.iter().filter(move |section| section.name.node == name);
            sections.flat_map(|section| &section.entries).rfind(|entry| entry.key.node == key)
        };
        self.sections.iter().find(|candidate| candidate.name.node == section)?;
        options_of(section).or_else(|| options_of(DEFAULT_SECTION))
    }
}

/// Reads a configuration file; never fails as a whole.
#[must_use]
pub fn read(text: &str) -> Document {
    let mut reader = Reader::default();
    for line in lines(text) {
        reader.line(line, text);
    }
    let Reader { sections, errors, .. } = reader;
    Document { sections: interpolate(sections, text), errors }
}

/// A section before interpolation.
struct RawSection {
    name: Spanned<String>,
    entries: Vec<RawEntry>,
    /// Where each name came first.
    keys: HashMap<String, Span>,
}

struct RawEntry {
    key: Spanned<String>,
    /// The stripped text of each line of the value; empty for blank lines.
    lines: Vec<Span>,
}

#[derive(Default)]
struct Reader {
    sections: Vec<RawSection>,
    by_name: HashMap<String, usize>,
    errors: Vec<Error>,
    current: Option<usize>,
    /// Whether an indented line continues the last entry of the current section.
    in_value: bool,
    indent: usize,
    missing_header_reported: bool,
}

impl Reader {
    fn line(&mut self, line: Span, text: &str) {
        let content = strip(line, text);
        let written = content.of(text);
        if written.starts_with(['#', ';']) {
            return;
        }
        if written.is_empty() {
            if let Some(entry) = self.entry_to_continue() {
                entry.lines.push(content);
            }
            return;
        }
        let indent = Span::new(line.start, content.start).of(text).chars().count();
        if indent > self.indent
            && let Some(entry) = self.entry_to_continue()
        {
            entry.lines.push(content);
            return;
        }
        self.indent = indent;
        if let Some(name) = section_name(content, text) {
            self.open_section(name);
        } else if let Some(section) = self.current.and_then(|at| self.sections.get_mut(at)) {
            match option(content, text) {
                Some((key, value)) => {
                    self.in_value = !key.node.is_empty();
                    if !self.in_value {
                        self.errors.push(Error { span: content, kind: ErrorKind::Unparsable });
                    }
                    if let Some(first) = section.keys.get(&key.node).copied() {
                        let kind = ErrorKind::DuplicateOption { first };
                        self.errors.push(Error { span: key.span, kind });
                    } else {
                        section.keys.insert(key.node.clone(), key.span);
                    }
                    if !self.in_value {
                        return;
                    }
                    section.entries.push(RawEntry { key, lines: vec![value] });
                }
                // As in Python, indented lines after it still continue the option before it.
                None => self.errors.push(Error { span: content, kind: ErrorKind::Unparsable }),
            }
        } else if !self.missing_header_reported {
            self.missing_header_reported = true;
            self.errors.push(Error { span: content, kind: ErrorKind::MissingSectionHeader });
        }
    }

    fn open_section(&mut self, name: Spanned<String>) {
        self.in_value = false;
        let earlier = self.by_name.get(&name.node).copied();
        if name.node == DEFAULT_SECTION && earlier.is_some() {
            self.current = earlier;
            return;
        }
        if let Some(earlier) = earlier.and_then(|at| self.sections.get(at)) {
            let kind = ErrorKind::DuplicateSection { first: earlier.name.span };
            self.errors.push(Error { span: name.span, kind });
        }
        let index = self.sections.len();
        self.by_name.entry(name.node.clone()).or_insert(index);
        self.sections.push(RawSection { name, entries: Vec::new(), keys: HashMap::default() });
        self.current = Some(index);
    }

    fn entry_to_continue(&mut self) -> Option<&mut RawEntry> {
        let section = self.current.filter(|_| self.in_value)?;
        self.sections.get_mut(section)?.entries.last_mut()
    }
}

/// The lines of `text` without their ends, which are `\n`, `\r\n` or `\r` as Python opens files.
fn lines(text: &str) -> impl Iterator<Item = Span> {
    let mut start = Some(0);
    std::iter::from_fn(move || {
        let from = start?;
        let rest = text.get(from..)?;
        let Some(length) = rest.find(['\n', '\r']) else {
            start = None;
            return (!rest.is_empty()).then(|| Span::new(from, text.len()));
        };
        let end = from + length;
        let line_end =
            if text.get(end..).is_some_and(|rest| rest.starts_with("\r\n")) { 2 } else { 1 };
        start = Some(end + line_end);
        Some(Span::new(from, end))
    })
}

/// `str.strip()`, which takes four control characters as space that Unicode does not.
fn strip(span: Span, text: &str) -> Span {
    let is_space = |c: char| c.is_whitespace() || ('\u{1c}'..='\u{1f}').contains(&c);
    let written = span.of(text);
    let start = span.end - written.trim_start_matches(is_space).len();
    Span::new(start, start + written.trim_matches(is_space).len())
}

/// `\[(?P<header>.+)\]` at the beginning of a line.
fn section_name(line: Span, text: &str) -> Option<Spanned<String>> {
    let inside = line.of(text).strip_prefix('[')?;
    let length = inside.rfind(']').filter(|length| *length > 0)?;
    let span = Span::new(line.start + 1, line.start + 1 + length);
    Some(Spanned::new(span.of(text).to_owned(), span))
}

/// The name in lower case and the place of the value of `name = value` or `name: value`.
fn option(line: Span, text: &str) -> Option<(Spanned<String>, Span)> {
    let delimiter = line.start + line.of(text).find(['=', ':'])?;
    let key = strip(Span::new(line.start, delimiter), text);
    let value = strip(Span::new(delimiter + 1, line.end), text);
    Some((Spanned::new(key.of(text).to_lowercase(), key), value))
}

/// Joins the lines of a value with `\n` and drops empty ones at its end.
fn joined(lines: &[Span], text: &str) -> Text {
    let used = lines.iter().rposition(|line| line.start < line.end).map_or(1, |last| last + 1);
    let mut builder = TextBuilder::default();
    let mut previous: Option<Span> = None;
    for line in lines.iter().take(used) {
        if let Some(previous) = previous {
            builder.push("\n", Span::new(previous.end, line.start));
        }
        builder.verbatim(line.of(text), line.start);
        previous = Some(*line);
    }
    let start = lines.first().map_or(0, |line| line.start);
    builder.finish(Span::new(start, previous.map_or(start, |line| line.end)))
}

/// Gives every option its value.
fn interpolate(sections: Vec<RawSection>, text: &str) -> Vec<Section> {
    let raw: Vec<Vec<Text>> = sections
        .iter()
        .map(|section| section.entries.iter().map(|entry| joined(&entry.lines, text)).collect())
        .collect();
    let mut options: HashMap<&str, HashMap<&str, &Text>> = HashMap::default();
    for (section, values) in sections.iter().zip(&raw) {
        let options = options.entry(&section.name.node).or_default();
        for (entry, value) in section.entries.iter().zip(values) {
            options.insert(&entry.key.node, value);
        }
    }
    let defaults = options.get(DEFAULT_SECTION).cloned().unwrap_or_default();
    let empty = HashMap::default();
    let mut left = MAX_INSERTED;
    let mut values: Vec<Vec<Result<Text, Error>>> = Vec::with_capacity(sections.len());
    for (section, raw) in sections.iter().zip(&raw) {
        let own = options.get(section.name.node.as_str()).unwrap_or(&empty);
        let mut scope = Scope { own, defaults: &defaults, left: &mut left };
        values.push(raw.iter().map(|value| scope.value(value)).collect());
    }
    let finished = sections.into_iter().zip(raw).zip(values);
    finished
        .map(|((section, raw), values)| Section {
            name: section.name,
            entries: section
                .entries
                .into_iter()
                .zip(raw)
                .zip(values)
                .map(|((entry, raw), value)| Entry { key: entry.key, raw, value })
                .collect(),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Every option as `section.key=value`, or `!` and the kind of error.
    fn shown(text: &str) -> Vec<String> {
        let document = read(text);
        let entries = document
            .sections
            .iter()
            .flat_map(|section| section.entries.iter().map(move |entry| (section, entry)));
        entries
            .map(|(section, entry)| {
                let value = match &entry.value {
                    Ok(value) => value.expose().to_owned(),
                    Err(error) => format!("!{:?}", error.kind),
                };
                format!("{}.{}={value}", section.name.node, entry.key.node)
            })
            .collect()
    }

    #[test]
    fn reads_values_as_configparser_does() {
        let cases: &[(&str, &[&str])] = &[
            ("[a]\nKey = v ; x # y\n", &["a.key=v ; x # y"]),
            ("[a]\nb: c = d\nb2 =\n", &["a.b=c = d", "a.b2="]),
            ("[a]\r\nb = 1\r\n  2\r\n", &["a.b=1\n2"]),
            ("[a]\rb = 1\rc = 2", &["a.b=1", "a.c=2"]),
            ("[a]\nb = 1\n\n  2\n\n\nc = 3\n", &["a.b=1\n\n2", "a.c=3"]),
            ("[a]\nb = 1\n  # note\n  2\n# note\n  3\n", &["a.b=1\n2\n3"]),
            ("[a]\nb =\n  {\"c\": 1,\n   \"d\": 2}\n", &["a.b=\n{\"c\": 1,\n\"d\": 2}"]),
            ("  [a]\n  b = 1\n  c = 2\n    d = 3\n", &["a.b=1", "a.c=2\nd = 3"]),
            ("[a]\nb = \"x\\ny\"\n", &["a.b=\"x\\ny\""]),
            ("[a b]c]\nx y = 1\n", &["a b]c.x y=1"]),
            ("[a]\nb = 1\n  [c]\n", &["a.b=1\n[c]"]),
            ("[DEFAULT]\na = 1\n[s]\n[DEFAULT]\nb = 2\n", &["DEFAULT.a=1", "DEFAULT.b=2"]),
        ];
        for (text, expected) in cases {
            assert_eq!(shown(text), *expected, "{text:?}");
            assert_eq!(read(text).load_error(), None, "{text:?}");
        }
    }

    #[test]
    fn interpolates_as_configparser_does() {
        let cases: &[(&str, &[&str])] = &[
            ("[s]\na = 100%%\n", &["s.a=100%"]),
            ("[s]\na = 50%\n", &["s.a=!InterpolationSyntax"]),
            ("[s]\na = %s\n", &["s.a=!InterpolationSyntax"]),
            ("[s]\na = %(b)d\nb = 1\n", &["s.a=!InterpolationSyntax", "s.b=1"]),
            ("[s]\na = x%(B)sy\nb = 1\n", &["s.a=x1y", "s.b=1"]),
            ("[s]\na = %(b)s\n", &["s.a=!InterpolationMissing"]),
            ("[s]\na = %(b)s\n[DEFAULT]\nb = 1%%\n", &["s.a=1%", "DEFAULT.b=1%"]),
            ("[s]\na = %(b)s\nb = 5%\n", &["s.a=!InterpolationSyntax", "s.b=!InterpolationSyntax"]),
            ("[s]\na = %(a)s\n", &["s.a=!InterpolationDepth"]),
        ];
        for (text, expected) in cases {
            assert_eq!(shown(text), *expected, "{text:?}");
            assert_eq!(read(text).load_error(), None, "{text:?}");
        }
    }

    #[test]
    fn what_python_refuses_is_said_and_the_rest_is_read() {
        let refused = |text: &str| -> Vec<(String, &'static str)> {
            let name = |kind: ErrorKind| match kind {
                ErrorKind::MissingSectionHeader => "header",
                ErrorKind::DuplicateSection { .. } => "section",
                ErrorKind::DuplicateOption { .. } => "option",
                _ => "line",
            };
            let errors = read(text).errors;
            errors.iter().map(|e| (e.span.of(text).to_owned(), name(e.kind))).collect()
        };
        let at = |text: &str, kind| (text.to_owned(), kind);
        assert_eq!(refused("k = 1\nl = 2\n[a]\n"), [at("k = 1", "header")]);
        assert_eq!(refused("\u{feff}[a]\nb = 1\n"), [at("\u{feff}[a]", "header")]);
        assert_eq!(refused("[a]\nB = 1\nb: 2\n"), [at("b", "option")]);
        assert_eq!(refused("[a]\nb = 1\n[a]\nb = 1\n"), [at("a", "section")]);
        assert_eq!(refused("[a]\nk = {\n  \"b\": 1\n}\nc = 2\n"), [at("}", "line")]);
        assert_eq!(refused("[a]\n = 1\n"), [at("= 1", "line")]);

        let text = "[a]\nk = {\n  \"b\": 1\n}\nc = 2\n[a]\nc = 3\n";
        assert_eq!(shown(text), ["a.k={\n\"b\": 1", "a.c=2", "a.c=3"]);
        // The duplicate is raised at once, the unparsable line would be at the end.
        let first = Span::new(1, 2);
        assert_eq!(
            read(text).load_error().map(|error| error.kind),
            Some(ErrorKind::DuplicateSection { first })
        );
    }

    #[test]
    fn values_point_back_into_the_file() {
        let text = "[s]\nkwargs = {\n    \"a\": \"100%%\"}\n";
        let document = read(text);
        let entry = document.get("s", "kwargs").expect("kwargs");
        let value = entry.value.as_ref().expect("a value");
        assert_eq!(value.expose(), "{\n\"a\": \"100%\"}");
        let at = value.expose().find("\"a\"").expect("a member");
        assert_eq!(value.span_of(at..at + 3).of(text), "\"a\"");
        let at = value.expose().find('%').expect("a percent sign");
        assert_eq!(value.span_of(at..at + 1).of(text), "%%");
        assert_eq!(value.span_of(at + 1..at + 2).of(text), "\"");
        assert_eq!(entry.key.span.of(text), "kwargs");
    }

    #[test]
    fn sections_inherit_from_the_default_one() {
        let document = read("[DEFAULT]\na = 1\nb = 2\n[s]\nb = 3\n");
        let value = |section, key| {
            let entry = document.get(section, key)?;
            entry.value.as_ref().ok().map(Text::expose)
        };
        assert_eq!(value("s", "a"), Some("1"));
        assert_eq!(value("s", "b"), Some("3"));
        assert_eq!(value("other", "a"), None);
    }

    #[test]
    fn references_cannot_blow_up() {
        let mut text = String::from("[s]\nv0 = xxxxxxxxxx\n");
        for level in 1..=9 {
            let reference = format!("%(v{})s", level - 1);
            text += &format!("v{level} = {}\n", reference.repeat(50));
        }
        let document = read(&text);
        let last = document.get("s", "v9").expect("v9");
        assert_eq!(
            last.value.as_ref().map_err(|e| e.kind).err(),
            Some(ErrorKind::InterpolationSize)
        );
    }

    proptest! {
        #[test]
        fn any_text_gives_spans_inside_it(
            text in "(\\[[a-c]\\]|[a-c ]{0,3}[=:]|%\\([a-c]\\)s|[%#;äA\u{1c}\t ]|\r?\n|\r| {2})*"
        ) {
            let document = read(&text);
            let inside = |span: Span| text.get(span.start..span.end).is_some();
            for section in &document.sections {
                prop_assert!(inside(section.name.span));
                for entry in &section.entries {
                    prop_assert!(inside(entry.key.span) && inside(entry.raw.span()));
                    match &entry.value {
                        Ok(value) => {
                            for (at, c) in value.expose().char_indices() {
                                prop_assert!(inside(value.span_of(at..at + c.len_utf8())));
                            }
                        }
                        Err(error) => prop_assert!(inside(error.span)),
                    }
                }
            }
            for error in &document.errors {
                prop_assert!(inside(error.span));
            }
        }

        #[test]
        fn no_text_panics(text in any::<String>()) {
            let _ = read(&text);
        }
    }
}
