//! What DAG code asks for: which variable or connection, by which form, how sure we are of the key,
//! and whether it asks when the file is parsed or when a task runs.
//!
//! The facts about Airflow here (classes, methods, parameters) are those of Airflow 2.3 to 3.3, read
//! in its source and compared with what it really asked for (`tests/records/references`).

use std::path::Path;

use super::{FileId, Kind, Place};
use crate::facts::credentials;
use crate::limits;
use crate::read::python::tree::Name;
use crate::text::{Span, Spanned, Text, TextBuilder};

mod around;
mod attributes;
mod bypass;
mod calls;
mod changes;
mod choices;
mod conditions;
mod context;
mod dags;
mod data;
mod definitions;
mod enumerations;
mod evaluate;
mod format;
mod forms;
mod given;
mod hooks;
mod keys;
mod link;
mod literals;
mod members;
mod methods;
mod modules;
mod names;
mod origins;
mod own_files;
mod parameters;
mod program;
mod scope;
mod settings;
mod settle;
mod sites;
mod summarize;
mod summary;
mod templates;
mod timing;
mod turns;
mod value;
mod walk;
pub mod words;

pub use around::{Around, AsTemplate, Catches, Caught, Outlet, Part, Way};
pub use bypass::{Bypass, BypassedBy};
pub use data::of_data;
pub use literals::{Literal, Role, distinct, in_tests, shaped};
pub use modules::{Locals, ModulePaths};
pub use settings::of_setting;
pub use summarize::summarize;
pub use summary::Summary;
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
    /// Whether each of several keys is asked for, in the turns of a loop or by several callers; otherwise
    /// it may be any one of them.
    pub asks_each: bool,
    /// When.
    pub timing: Timing,
    /// The modules that ask whenever they are imported, for [`Timing::Parse`]: this one, those that
    /// import it, those that call the function.
    pub parsed_with: Vec<ModuleId>,
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
    /// Whether what is called comes from `airflow.contrib`.
    pub is_of_contrib: bool,
    /// What stands around the call, and what becomes of its value.
    pub around: Around,
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
    /// Makes a connection in code, and asks for nothing.
    Define,
}

/// A Python file of the project that was looked at, by its number in the model.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct ModuleId(pub usize);

/// The key of a reference, as far as the file tells it.
#[derive(Clone, Debug)]
pub enum Key {
    /// This one. The text maps to the bytes of the literals that it is made of.
    Known(Text),
    /// One of these, of which each is one of the other variants, and no two are the same.
    OneOf(Vec<Self>),
    /// Known in parts, never two unknown ones in a row; or the one part that a setting tells.
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
    /// What an environment variable holds: another text in each environment.
    Setting(SettingRead),
}

/// An environment variable that code reads: `os.getenv`.
#[derive(Clone, Debug)]
pub struct SettingRead {
    /// Its name.
    pub name: String,
    /// What stands for it where it is not set.
    pub default: Option<Box<Key>>,
    /// What reading it raises where it is not set: `os.environ["X"]`, `os.getenv("X").lower()`.
    pub raises: Option<&'static str>,
    /// What is made of what it holds, one after the other: `os.getenv("X").lower()`. The default went
    /// through it already.
    methods: Vec<methods::Method>,
    /// What stands for that: `NAMES[os.getenv("X")]`.
    pub table: Option<Table>,
    /// The call.
    pub span: Span,
}

/// What a dictionary holds.
#[derive(Clone, Debug)]
pub struct Table {
    /// In order, under each key.
    pub items: Vec<(String, Key)>,
    /// What stands for any other.
    pub other: Option<Box<Key>>,
}

/// How many keys one reference may ask for.
pub const MAX_KEYS: usize = limits::KEYS;

/// Whether `text` can be a key: a URI, or what looks like a password or token, is none, and may be
/// one that was put in its place.
#[must_use]
pub fn may_be_key(text: &str) -> bool {
    let is_uri = text.contains(':') && (text.contains('@') || text.contains("://"));
    !is_uri && !credentials().looks_private_as_key(text)
}

/// Whether the key `text` looks like the name of something.
fn looks_like_name(text: &str) -> bool {
    let in_names = |c: char| c.is_alphanumeric() || " /_+=.@-:#&|,!*<>{}".contains(c);
    text.len() <= 200 && text.chars().all(in_names)
}

impl Key {
    /// The key that `parts` make one after the other; `span` is where the whole stands.
    #[must_use]
    pub fn of_parts(parts: Vec<KeyPart>, span: Span) -> Self {
        let mut merged: Vec<KeyPart> = Vec::new();
        for part in parts {
            match (merged.last_mut(), part) {
                (Some(KeyPart::Unknown), KeyPart::Unknown) => {}
                (Some(KeyPart::Known(before)), KeyPart::Known(text)) => {
                    let mut builder = TextBuilder::default();
                    builder.copy(before, 0..before.expose().len());
                    builder.copy(&text, 0..text.expose().len());
                    *before = builder.finish(span);
                }
                (Some(KeyPart::Unknown), KeyPart::Known(text)) if text.expose().is_empty() => {}
                (_, part) => merged.push(part),
            }
        }
        if merged.len() > 1 {
            merged.retain(|part| !matches!(part, KeyPart::Known(it) if it.expose().is_empty()));
        }
        match merged.as_slice() {
            [] => Self::Known(Text::produced_by("", span)),
            [KeyPart::Known(text)] if text.expose().len() <= value::MAX_LENGTH => {
                Self::Known(text.clone())
            }
            [KeyPart::Known(_) | KeyPart::Unknown] => Self::Dynamic,
            _ => Self::Pattern(merged),
        }
    }

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
                        KeyPart::Unknown | KeyPart::Setting(_) => "*",
                    })
                    .collect(),
            ),
            Self::OneOf(_) | Self::Dynamic => None,
        };
        let is_dynamic = !matches!(self, Self::Known(_))
            && glob.as_ref().is_some_and(|glob| glob.bytes().all(|byte| byte == b'*'));
        glob.filter(|glob| !is_dynamic && may_be_key(glob))
    }

    /// The parts that are known, each with its place; none of a key that holds a URI, which may hold
    /// a password, and none of several.
    pub fn known_parts(&self) -> impl Iterator<Item = (&str, &Text)> {
        let parts: &[KeyPart] = if let Self::Pattern(parts) = self { parts } else { &[] };
        let parts = parts.iter().filter_map(|part| match part {
            KeyPart::Known(text) => Some(text),
            KeyPart::Unknown | KeyPart::Setting(_) => None,
        });
        let all = self.known().into_iter().chain(parts);
        let is_key = all.clone().all(|text| may_be_key(text.expose()));
        all.filter(move |_| is_key).map(|text| (text.expose(), text))
    }

    /// How it begins, as far as that is known, with the place.
    #[must_use]
    pub fn beginning(&self) -> Option<(&str, &Text)> {
        match self {
            Self::Pattern(parts) if !matches!(parts.first(), Some(KeyPart::Known(_))) => None,
            _ => self.known_parts().next(),
        }
    }

    /// The key with `*` for what is unknown, where it looks like the name of something: other text
    /// may be a value that was put in its place, and is not shown.
    #[must_use]
    pub fn shown(&self) -> Option<String> {
        self.glob().filter(|glob| looks_like_name(glob))
    }

    /// The key, when there is no doubt and it can be shown.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        self.text().filter(|key| looks_like_name(key))
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

    /// The environment variables that it is made of.
    pub fn settings(&self) -> impl Iterator<Item = &SettingRead> {
        self.alternatives().iter().flat_map(|key| {
            let parts: &[KeyPart] = if let Self::Pattern(parts) = key { parts } else { &[] };
            parts.iter().filter_map(|part| match part {
                KeyPart::Setting(read) => Some(read),
                KeyPart::Known(_) | KeyPart::Unknown => None,
            })
        })
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
                        (KeyPart::Setting(a), KeyPart::Setting(b)) => a.is_same(b),
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
    /// The keyword argument with this name, of any call, or the value under it in a dictionary.
    Keyword(String),
    /// An argument by position: the id that a hook takes first.
    Position,
    /// No argument at all: the default of the parameter with this name.
    Default(String),
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
    /// What is taken of what is found: attributes, members, and methods that give one.
    pub members: Vec<String>,
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
    pub keyword: Option<Spanned<Name>>,
    /// The value.
    pub span: Span,
    /// Whether the value is `None`.
    pub is_none: bool,
}

impl SettingRead {
    /// What the code makes of `held`, which the variable holds.
    #[must_use]
    pub fn made_of(&self, held: &str) -> String {
        self.methods.iter().fold(held.to_owned(), |text, method| method.of_text(&text))
    }

    fn is_same(&self, other: &Self) -> bool {
        let is_same_table = match (&self.table, &other.table) {
            (Some(a), Some(b)) => a.is_same(b),
            (None, None) => true,
            _ => false,
        };
        self.name == other.name
            && self.methods == other.methods
            && is_same_table
            && match (&self.default, &other.default) {
                (Some(a), Some(b)) => a.is_same(b),
                (None, None) => true,
                _ => false,
            }
    }
}

impl Table {
    fn is_same(&self, other: &Self) -> bool {
        let pairs = self.items.iter().zip(&other.items);
        self.items.len() == other.items.len()
            && self.other.is_some() == other.other.is_some()
            && pairs.into_iter().all(|(a, b)| a.0 == b.0 && a.1.is_same(&b.1))
    }
}

/// A Python file of a project, as [`references`] takes it.
pub struct ModuleFile<'a> {
    /// Where it lies.
    pub path: &'a Path,
    /// What it says.
    pub summary: Summary,
    /// Its number, for the references in it.
    pub file: FileId,
    /// Whether Airflow comes to it by itself: it lies below `dags/` or `plugins/`.
    pub is_root: bool,
}

/// Gives the text of a file by its path in the project; `None` where it is not to be read.
pub type Reader = Box<dyn Fn(&Path) -> Option<String>>;

/// What the files of the project at `root` ask for, file by file in the order of the source; a
/// [`ModuleId`] is a number in `sources`.
#[must_use]
pub fn references(root: &Path, sources: Vec<ModuleFile<'_>>) -> Vec<Reference> {
    settled(root, sources, Box::new(|_| None)).0
}

/// The same, with what other files hold by `reader`, and where the files ask a secrets service without Airflow.
#[must_use]
pub fn settled(
    root: &Path,
    sources: Vec<ModuleFile<'_>>,
    reader: Reader,
) -> (Vec<Reference>, Vec<Bypass>) {
    let files: Vec<FileId> = sources.iter().map(|source| source.file).collect();
    let module = |source: ModuleFile<'_>| program::Module {
        path: source.path.to_path_buf(),
        summary: source.summary,
        is_root: source.is_root,
    };
    let modules = sources.into_iter().map(module).collect();
    let mut program = program::Program::new(root, modules, reader);
    let file_of = |module: usize| files.get(module).copied().unwrap_or(FileId(0));
    let references = settle::references(&mut program, file_of);
    let bypasses = bypass::settled(&mut program, file_of);
    (references, bypasses)
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
        let is_verbatim = text.is_verbatim(range.clone());
        let span = text.span_of(range);
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
