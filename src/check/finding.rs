//! What astrolint reports. Every output format renders this one type.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::Rule;
use crate::model::setup::deployed::Replacement;
use crate::model::{FileId, Place};
use crate::read::dotenv;

/// How bad it is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// Worth knowing.
    Info,
    /// It works today by accident, works here and not there, or costs money or time.
    Warning,
    /// Airflow will not start, or a lookup is certain to go wrong, or a credential is exposed.
    Error,
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Error => "error",
        })
    }
}

/// A place together with a few words about it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Label {
    /// The place; it may be in another file than the finding's.
    pub place: Place,
    /// The local fact, in a few words; may be empty.
    pub text: String,
}

/// Whether a fix can change more than what was reported.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Safety {
    /// It does what its title says and nothing else.
    Safe,
    /// A person should look at it.
    Unsafe,
}

impl Safety {
    /// The word for it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Safe => "safe",
            Self::Unsafe => "unsafe",
        }
    }
}

/// A replacement of the bytes at `place`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Edit {
    /// What is replaced; empty for an insertion.
    pub place: Place,
    /// What stands there afterwards. Never text that had to be masked.
    pub replacement: String,
}

impl Edit {
    /// The edits that the readers of scripts and deployment files propose.
    pub(super) fn of(replacements: &[Replacement]) -> Vec<Self> {
        let edit = |it: &Replacement| Self { place: it.place, replacement: it.text.clone() };
        replacements.iter().map(edit).collect()
    }

    /// The edits of an env file, as its reader proposes them.
    pub(super) fn in_env_file(file: FileId, edits: &[dotenv::Edit]) -> Vec<Self> {
        let edit = |edit: &dotenv::Edit| Self {
            place: Place::new(file, edit.span),
            replacement: edit.with.to_owned(),
        };
        edits.iter().map(edit).collect()
    }
}

/// A change that removes the fault.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Fix {
    /// What it does; starts with a verb.
    pub title: String,
    /// Whether it can be applied without looking.
    pub safety: Safety,
    /// The changes, none overlapping another.
    pub edits: Vec<Edit>,
    /// Whether it takes something away that is masked: then only `--fix` applies it, and formats do not
    /// hold its edits.
    pub is_withheld: bool,
}

impl Fix {
    /// The changes, as formats may hold them: none when it is withheld.
    #[must_use]
    pub fn told(&self) -> Option<&[Edit]> {
        (!self.is_withheld).then_some(self.edits.as_slice())
    }
}

/// One fault at one place.
///
/// Its texts are made from masked values only: rules never see a value that may be secret.
#[derive(Clone, Debug)]
pub struct Finding {
    /// The rule that found it.
    pub rule: &'static Rule,
    /// How bad it is here; never above the rule's default.
    pub level: Level,
    /// One sentence in lower case, without a full stop: the fault, and the value in backticks.
    pub message: String,
    /// Where the fault is, with a few words beside it.
    pub primary: Label,
    /// Other places that explain it.
    pub related: Vec<Label>,
    /// Places where a suppression comment counts too, though nothing is shown there.
    pub hidden: Vec<Place>,
    /// What Airflow does because of it, and why.
    pub notes: Vec<String>,
    /// What to do; starts with a verb.
    pub help: Option<String>,
    /// Changes that would remove it.
    pub fixes: Vec<Fix>,
    /// The environment, when it holds in one only.
    pub environment: Option<String>,
    /// What is at fault, as it stands in the source and may be shown; empty until `fingerprint::assign`
    /// looks, and where the message names nothing that does.
    pub subject: String,
    /// What it is recognised by in other runs; empty until `fingerprint::assign` gives it one.
    pub fingerprint: String,
    /// The number of its project in the run; 0 until a run takes it over.
    pub project: usize,
}

impl Finding {
    /// A finding of `rule` at `place`, at the rule's default level.
    pub fn new(rule: &'static Rule, place: Place, message: impl Into<String>) -> Self {
        Self {
            rule,
            level: rule.level,
            message: message.into(),
            primary: Label { place, text: String::new() },
            related: Vec::new(),
            hidden: Vec::new(),
            notes: Vec::new(),
            help: None,
            fixes: Vec::new(),
            environment: None,
            subject: String::new(),
            fingerprint: String::new(),
            project: 0,
        }
    }

    /// Lowers the level to at most `level`.
    #[must_use]
    pub fn at_most(mut self, level: Level) -> Self {
        self.level = self.level.min(level);
        self
    }

    /// Says a few words beside the primary place.
    #[must_use]
    pub fn label(mut self, text: impl Into<String>) -> Self {
        self.primary.text = text.into();
        self
    }

    /// Points at another place.
    #[must_use]
    pub fn related(mut self, place: Place, text: impl Into<String>) -> Self {
        self.related.push(Label { place, text: text.into() });
        self
    }

    /// Adds a consequence or a reason.
    #[must_use]
    pub fn note(mut self, note: impl Into<String>) -> Self {
        self.notes.push(note.into());
        self
    }

    /// Says what to do.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Offers a change.
    #[must_use]
    pub fn fix(mut self, title: impl Into<String>, safety: Safety, edits: Vec<Edit>) -> Self {
        self.fixes.push(Fix { title: title.into(), safety, edits, is_withheld: false });
        self
    }

    /// The files it points into.
    pub fn files(&self) -> impl Iterator<Item = FileId> {
        let edits = self.fixes.iter().flat_map(|fix| &fix.edits);
        std::iter::once(&self.primary.place)
            .chain(self.related.iter().map(|label| &label.place))
            .chain(&self.hidden)
            .chain(edits.map(|edit| &edit.place))
            .map(|place| place.file)
    }

    /// The same finding, with other numbers for its files.
    #[must_use]
    pub fn renumbered(mut self, numbers: &BTreeMap<FileId, FileId>) -> Self {
        let renumber = |place: &mut Place| {
            if let Some(number) = numbers.get(&place.file) {
                place.file = *number;
            }
        };
        renumber(&mut self.primary.place);
        self.related.iter_mut().for_each(|label| renumber(&mut label.place));
        self.hidden.iter_mut().for_each(renumber);
        let edits = self.fixes.iter_mut().flat_map(|fix| &mut fix.edits);
        edits.for_each(|edit| renumber(&mut edit.place));
        self
    }

    /// Changes all its texts.
    pub(super) fn map_texts(&mut self, change: impl Fn(&str) -> String) {
        let labels =
            self.related.iter_mut().chain([&mut self.primary]).map(|label| &mut label.text);
        let texts = labels.chain(&mut self.notes).chain(&mut self.help).chain([&mut self.message]);
        texts.for_each(|text| *text = change(text));
        // What cannot be said cannot be written either.
        let is_same = |edit: &Edit| change(&edit.replacement) == edit.replacement;
        self.fixes.retain(|fix| fix.edits.iter().all(is_same));
    }

    /// Names the environment it holds in.
    #[must_use]
    pub fn in_environment(mut self, name: impl Into<String>) -> Self {
        self.environment = Some(name.into());
        self
    }
}
