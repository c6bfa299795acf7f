//! What DAG code asks for: which variable or connection, by which form, how sure we are of the key,
//! and whether it asks when the file is parsed or when a task runs.
//!
//! The facts about Airflow here (classes, methods, parameters) are those of Airflow 2.3 to 3.3, read
//! in its source and compared with what it really asked for (`tests/records/references`).

use super::{FileId, Kind, Place};
use crate::facts::credentials;
use crate::read::python::Module;
use crate::text::{Span, Spanned, Text};

mod context;
mod data;
mod format;
mod forms;
mod literals;
mod names;
mod scope;
mod settings;
mod templates;
mod timing;
mod value;
mod walk;
pub mod words;

pub use data::of_data;
pub use literals::{Literal, Role, distinct, in_tests, shaped};
pub use settings::of_setting;
pub use templates::{Access, Holder, of_template};

/// A place that asks for a variable or connection.
#[derive(Clone, Debug)]
pub struct Reference {
    /// What is asked for.
    pub kind: Kind,
    /// What is done with it.
    pub operation: Operation,
    /// Under which key.
    pub key: Key,
    /// When.
    pub timing: Timing,
    /// The file that asks.
    pub file: FileId,
    /// The call; for a keyword its name and value.
    pub span: Span,
    /// The expression that gives the key.
    pub key_span: Span,
    /// By which form.
    pub form: Form,
    /// What is called, as written: `Variable.get`, `SnowflakeOperator`. For messages.
    pub callee: String,
    /// The method, by whatever name it is called here; `None` for [`Operation::Use`].
    pub method: Option<&'static str>,
    /// The default that is given, for [`Operation::Get`] and [`Operation::SetDefault`].
    pub default: Option<DefaultArgument>,
    /// A third argument given by position.
    pub third: Option<Span>,
    /// Whether the value is parsed as JSON.
    pub deserialize_json: bool,
    /// The call that directly makes something else of the value: `int(…)`, `json.loads(…)`,
    /// `….split(…)`. It fails where the value is missing or a stand-in.
    pub conversion: Option<Conversion>,
}

/// What is done with it.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Operation {
    /// Asks for the value.
    Get,
    /// Writes it.
    Set,
    /// Writes it where it exists.
    Update,
    /// Asks for it, and writes it where it is missing.
    SetDefault,
    /// Removes it.
    Delete,
    /// Names a connection that an operator or hook asks for when it runs.
    Use,
}

/// The key of a reference, as far as the file tells it.
#[derive(Clone, Debug)]
pub enum Key {
    /// This one. The text maps to the bytes of the literals that it is made of.
    Known(Text),
    /// One of these, of which each is one of the other variants, and no two are the same.
    OneOf(Vec<Self>),
    /// Known in parts, with at least one of each kind, never two unknown ones in a row.
    Pattern(Vec<KeyPart>),
    /// Anything.
    Dynamic,
}

/// A part of a key.
#[derive(Clone, Debug)]
pub enum KeyPart {
    /// This text.
    Known(Text),
    /// Any text.
    Unknown,
}

impl KeyPart {
    fn len(&self) -> usize {
        match self {
            Self::Known(text) => text.expose().len(),
            Self::Unknown => 1,
        }
    }
}

/// Whether `text` can be a key: a URI, or what looks like a password or token, is none, and may be
/// one that was put in its place.
#[must_use]
pub fn may_be_key(text: &str) -> bool {
    let is_uri = text.contains("://") || (text.contains('@') && text.contains(':'));
    !is_uri && !credentials().looks_private(text)
}

impl Key {
    /// The keys this may be, without nesting.
    #[must_use]
    pub fn alternatives(&self) -> &[Self] {
        match self {
            Self::OneOf(keys) => keys,
            other => std::slice::from_ref(other),
        }
    }

    /// The key, when there is no doubt.
    #[must_use]
    pub const fn known(&self) -> Option<&Text> {
        match self {
            Self::Known(text) => Some(text),
            _ => None,
        }
    }

    /// The key as text, when there is no doubt and it is a name: a URI, which may hold a password,
    /// is none.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        self.known().map(Text::expose).filter(|key| may_be_key(key))
    }

    /// The key with `*` for what is unknown; `None` when it is dynamic or one of several.
    #[must_use]
    pub fn glob(&self) -> Option<String> {
        let glob = match self {
            Self::Known(text) => Some(text.expose().to_owned()),
            Self::Pattern(parts) => Some(
                parts
                    .iter()
                    .map(|part| match part {
                        KeyPart::Known(text) => text.expose(),
                        KeyPart::Unknown => "*",
                    })
                    .collect(),
            ),
            Self::OneOf(_) | Self::Dynamic => None,
        };
        glob.filter(|glob| may_be_key(glob))
    }

    /// The parts that are known, each with its place; none of a key that holds a URI, which may hold
    /// a password, and none of several.
    pub fn known_parts(&self) -> impl Iterator<Item = (&str, &Text)> {
        let parts: &[KeyPart] = if let Self::Pattern(parts) = self { parts } else { &[] };
        let parts = parts.iter().filter_map(|part| match part {
            KeyPart::Known(text) => Some(text),
            KeyPart::Unknown => None,
        });
        let all = self.known().into_iter().chain(parts);
        let is_key = all.clone().all(|text| may_be_key(text.expose()));
        all.filter(move |_| is_key).map(|text| (text.expose(), text))
    }

    /// How it begins, as far as that is known, with the place.
    #[must_use]
    pub fn beginning(&self) -> Option<(&str, &Text)> {
        match self {
            Self::Pattern(parts) if matches!(parts.first(), Some(KeyPart::Unknown)) => None,
            _ => self.known_parts().next(),
        }
    }

    /// The key with `*` for what is unknown, where it looks like the name of something: other text
    /// may be a value that was put in its place, and is not shown.
    #[must_use]
    pub fn shown(&self) -> Option<String> {
        let in_names = |c: char| c.is_alphanumeric() || " /_+=.@-:#&|,!*<>{}".contains(c);
        self.glob()
            .filter(|glob| glob.len() <= 200 && glob.chars().all(in_names) && !glob.contains("://"))
    }

    /// The key, when there is no doubt and it can be shown.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        self.text().filter(|_| self.shown().is_some())
    }

    /// What somebody meant to fill in: `<your-key>`, or a bracket left of one.
    #[must_use]
    pub fn placeholder(&self) -> Option<&str> {
        self.name().filter(|key| key.contains(['<', '>']))
    }

    /// The first `{…}` of a known key, when it is one word: an f-string without its `f`, or a template
    /// that nothing renders.
    #[must_use]
    pub fn unfilled_braces(&self) -> Option<&str> {
        let key = self.name()?;
        let open = key.find('{')?;
        let length = key.get(open..)?.find('}')?;
        let inside = key.get(open..open + length)?.trim_start_matches('{').trim();
        let wordy = inside.chars().all(|c| c.is_alphanumeric() || "_.".contains(c));
        let closing = key.get(open + length..)?;
        let closing = closing.len() - closing.trim_start_matches('}').len();
        (!inside.is_empty() && wordy).then(|| key.get(open..open + length + closing)).flatten()
    }

    /// Whether both say the same, wherever they stand.
    fn is_same(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Known(a), Self::Known(b)) => a.expose() == b.expose(),
            (Self::Dynamic, Self::Dynamic) => true,
            (Self::Pattern(a), Self::Pattern(b)) => {
                a.len() == b.len()
                    && a.iter().zip(b).all(|parts| match parts {
                        (KeyPart::Known(a), KeyPart::Known(b)) => a.expose() == b.expose(),
                        (KeyPart::Unknown, KeyPart::Unknown) => true,
                        _ => false,
                    })
            }
            _ => false,
        }
    }
}

/// When a reference asks.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Timing {
    /// Whenever Airflow parses the file.
    Parse,
    /// When a task runs.
    Run,
    /// When a template of a task is rendered.
    Template,
    /// In a function that this file neither calls nor hands to anything: it depends on other files.
    Unknown,
    /// Not when Airflow uses the file: under `if __name__ == "__main__"`, `if TYPE_CHECKING`, behind
    /// a `raise`.
    Never,
}

/// Which of Airflow's interfaces a class was imported from. Their parameters differ.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Api {
    /// `airflow.models`, `airflow.hooks`: what was there before Airflow 3.
    Models,
    /// `airflow.sdk`, from Airflow 3.
    Sdk,
    /// One or the other, by what is installed: `try`/`except ImportError`.
    Either,
}

/// By which form a reference asks.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum Form {
    /// A method of `Variable`.
    Variable(Api),
    /// A method of `Connection`.
    Connection(Api),
    /// A method of `BaseHook`.
    BaseHook(Api),
    /// The same, of a class derived from it.
    Hook,
    /// The keyword argument with this name, of any call.
    Keyword(String),
    /// An expression of a Jinja template.
    Template(InTemplate),
    /// The entry with this name in a YAML or JSON file.
    Entry(String),
    /// The setting with this key, of Airflow itself.
    Setting(String),
    /// The context of a task: `context["var"]["value"]`.
    Context,
}

/// How a template asks.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct InTemplate {
    /// How it gives the key.
    pub access: Access,
    /// What was meant as the key, and where, when Jinja takes only its beginning for one: `my-key`.
    pub meant: Option<(String, Span)>,
}

/// A call that makes something else of a value.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Conversion {
    /// What is called: `int`, `json.loads`, `split`.
    pub function: &'static str,
    /// Whether it fails on any text that is not of its format; methods of text take all.
    pub is_strict: bool,
    /// The call.
    pub span: Span,
}

/// The default of a `get`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DefaultArgument {
    /// The keyword it was given by: `default` or `default_var`, right or wrong. `None` by position.
    pub keyword: Option<Spanned<String>>,
    /// The value.
    pub span: Span,
    /// Whether the value is `None`.
    pub is_none: bool,
}

/// The references of a Python file, in the order of the source. To be called on a thread with a
/// stack of [`crate::read::python::STACK`] bytes; never fails, and takes time linear in the file.
#[must_use]
pub fn references(module: &Module, file: FileId) -> Vec<Reference> {
    read(module, file).0
}

/// The references of a Python file, and the credentials that stand in it because of their use. To be
/// called as [`references`].
#[must_use]
pub fn read(module: &Module, file: FileId) -> (Vec<Reference>, Vec<Literal>) {
    let scopes = scope::Scopes::new(&module.body);
    let timings = timing::Timings::new(&scopes);
    let mut references = Vec::new();
    for site in &scopes.calls {
        forms::of_call(&scopes, &timings, site, file, &mut references);
    }
    references.extend(context::references(&scopes, &timings, file));
    references.extend(templates::of_code(&scopes, &timings, &references, file));
    references.sort_by_key(|it| (it.span.start, it.span.end));
    let literals = literals::literals(&scopes, &references, file);
    (references, literals)
}

impl Reference {
    /// The place of the call, or of the keyword.
    #[must_use]
    pub const fn place(&self) -> Place {
        Place::new(self.file, self.span)
    }

    /// Whether it asks for a value, now or when the operator that it is given to works.
    #[must_use]
    pub const fn reads(&self) -> bool {
        matches!(self.operation, Operation::Get | Operation::SetDefault | Operation::Use)
    }

    /// Where the bytes `range` of `text`, a part of the key, stand in the call itself; `None` where
    /// they stand somewhere else, which other calls may share, or not as they are.
    #[must_use]
    pub fn place_in_call(&self, text: &Text, range: std::ops::Range<usize>) -> Option<Place> {
        let length = range.len();
        let span = text.span_of(range);
        let is_verbatim = span.end - span.start == length;
        (is_verbatim && self.key_span.contains(span)).then(|| Place::new(self.file, span))
    }

    /// The place of the expression that gives the key.
    #[must_use]
    pub const fn key_place(&self) -> Place {
        Place::new(self.file, self.key_span)
    }
}

#[cfg(test)]
mod tests;
