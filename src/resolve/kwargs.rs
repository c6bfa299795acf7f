//! What the text of `backend_kwargs` says, with the place of each member.

use crate::facts;
use crate::model::{Place, Setting, SettingValue, Settings, credentials, placeholder};
use crate::read::json;
use crate::resolve::expand::{Expanded, expand};
use crate::text::{MASK, Span, Text};

/// One keyword that the backend's class would be called with.
#[derive(Clone, Debug)]
pub struct Kwarg {
    /// The keyword.
    pub name: String,
    /// Its value. It may be a credential, so its text is not for rules: see [`Kwarg::plain`].
    pub(super) value: json::Value,
    /// Where the name stands, with its quotes.
    pub name_place: Place,
    /// Where the value stands, with its quotes.
    pub value_place: Place,
    /// Whether a later member of the same name replaces it.
    pub overridden: bool,
    /// Whether it comes from a variable of its own (Airflow 3.2.0 on), and so is always text.
    pub own_variable: bool,
    /// Whether the value stands in the setting itself, and was not put there by expansion.
    is_literal: bool,
    /// The span in the file of each byte of a string value, where that is one to one.
    verbatim: Option<Span>,
}

/// What `backend_kwargs` holds.
#[derive(Clone, Debug)]
pub enum Kwargs {
    /// Not set, or empty.
    Unset,
    /// An object; duplicates and overridden members included, in order.
    Object(Vec<Kwarg>),
    /// Text that is not JSON.
    NotJson(NotJson),
    /// JSON, but not an object.
    NotObject {
        /// Where the value stands.
        place: Place,
        /// What it is, such as `a list`.
        found: &'static str,
        /// Whether Python takes it for nothing (`null`, `""`, `[]`, `0`, `false`), which is silent since 2.4.1.
        falsy: bool,
        /// What would make an object of it: for a string that holds one.
        repair: Option<Repair>,
    },
    /// Only running things can tell.
    Dynamic {
        /// Where the value stands.
        place: Place,
    },
}

/// Text that is not JSON, and why.
#[derive(Clone, Debug)]
pub struct NotJson {
    /// The whole value.
    pub place: Place,
    /// Where Python's parser stops.
    pub at: Place,
    /// Python's words for it.
    pub error: json::Error,
    /// 0-based offset in characters inside the value, as Python counts it.
    pub character: usize,
    /// What it would be after an unambiguous repair, with the edits in file bytes.
    pub repair: Option<Repair>,
    /// Whether a placeholder that somebody is to fill in stands there: `<name>`, `...`.
    pub is_placeholder: bool,
}

/// What a text is as JSON.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum JsonType {
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool,
    /// A number.
    Number,
    /// A string in double quotes.
    String,
    /// A list.
    List,
    /// An object.
    Object,
}

impl JsonType {
    fn of(value: &json::Value) -> Self {
        match value.kind {
            json::Kind::Null => Self::Null,
            json::Kind::Bool(_) => Self::Bool,
            json::Kind::Number(_) => Self::Number,
            json::Kind::String(_) => Self::String,
            json::Kind::Array(_) => Self::List,
            json::Kind::Object(_) => Self::Object,
        }
    }

    /// How it is called in a sentence.
    #[must_use]
    pub const fn describe(self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Bool => "true or false",
            Self::Number => "a number",
            Self::String => "a string",
            Self::List => "a list",
            Self::Object => "an object",
        }
    }
}

/// An unambiguous way to make the text JSON.
#[derive(Clone, Debug)]
pub struct Repair {
    /// Replacements of spans of the file.
    pub edits: Vec<(Span, String)>,
    /// What is wrong, each in a few words.
    pub reasons: Vec<String>,
}

impl Kwargs {
    /// Reads the value of `setting` as Airflow does: expansion, then `json.loads`.
    #[must_use]
    pub fn read(setting: &Setting, settings: &Settings) -> Self {
        let dynamic = Self::Dynamic { place: setting.value_place() };
        let SettingValue::Known(text) = &setting.value else { return dynamic };
        let written = text.expose();
        let text = match expand(text, settings) {
            Expanded::Text(text) => text,
            Expanded::Dynamic | Expanded::Endless => return dynamic,
        };
        let is_literal = text.expose() == written;
        if text.expose().is_empty() {
            return Self::Unset;
        }
        let place = |span: Span| Place::new(setting.file, text.span_of(span.start..span.end));
        match json::parse(text.expose()) {
            Err(error) => Self::NotJson(not_json(setting, &text, error)),
            Ok(value) => {
                let (falsy, found) = (!value.is_truthy(), JsonType::of(&value).describe());
                match value.kind {
                    json::Kind::Object(members) => Self::Object(
                        members
                            .into_iter()
                            .map(|member| Kwarg { is_literal, ..kwarg(member, &text, setting) })
                            .collect(),
                    ),
                    _ => Self::NotObject {
                        place: place(value.span),
                        found,
                        falsy,
                        repair: repair(setting, &text),
                    },
                }
            }
        }
    }

    /// The members, where it is an object; also those that a later one replaces.
    #[must_use]
    pub fn members(&self) -> &[Kwarg] {
        if let Self::Object(members) = self { members } else { &[] }
    }
}

impl Kwarg {
    /// A keyword given by a variable of its own; the value is the text as it is.
    #[must_use]
    pub fn of_own_variable(name: String, setting: &Setting) -> Option<Self> {
        let text = setting.text()?;
        let kind = json::Kind::String(text.expose().to_owned());
        let verbatim = is_verbatim(text, 0..text.expose().len());
        Some(Self {
            name,
            value: json::Value { span: Span::new(0, text.expose().len()), kind },
            name_place: setting.key_place(),
            value_place: setting.value_place(),
            overridden: false,
            own_variable: true,
            is_literal: true,
            verbatim,
        })
    }

    /// What the text would be as JSON, for a keyword from a variable of its own, which stays text;
    /// Python's `True`, `False` and `None` count too. `None` when it is no JSON, and for the others.
    #[must_use]
    pub fn json_in_text(&self) -> Option<JsonType> {
        let text = self.value.as_str().filter(|_| self.own_variable)?.trim();
        match text {
            "True" | "False" => Some(JsonType::Bool),
            "None" => Some(JsonType::Null),
            _ => json::parse(text).ok().map(|value| JsonType::of(&value)),
        }
    }

    /// The text of a string value. Not for rules: it may be a credential.
    #[must_use]
    pub(super) fn text(&self) -> Option<&str> {
        self.value.as_str()
    }

    /// The text of a string value that cannot be a credential: of a parameter that holds none.
    #[must_use]
    pub fn plain(&self) -> Option<&str> {
        let text = self.value.as_str().filter(|_| facts::is_harmless_parameter(&self.name))?;
        (!facts::credentials().looks_private(text)).then_some(text)
    }

    /// What the value holds when it holds a credential: `a token`.
    #[must_use]
    pub fn credential(&self) -> Option<&'static str> {
        if !self.is_literal {
            return None;
        }
        let text = self.value.as_str().filter(|text| !text.trim_start().starts_with('{'));
        let named = text
            .filter(|text| !facts::credentials().stands_in(text))
            .and_then(|_| credentials::is_secret_kwarg(&self.name));
        let inside = || credentials::in_json(&self.value, &credentials::is_secret_kwarg, 0);
        named.or_else(|| inside().map(|found| found.what))
    }

    /// Whether the value is `null`.
    #[must_use]
    pub const fn is_null(&self) -> bool {
        matches!(self.value.kind, json::Kind::Null)
    }

    /// The keyword, as far as it can be shown: it is a name, unless somebody put a value there.
    #[must_use]
    pub fn shown_name(&self) -> &str {
        if facts::looks_like_parameter(&self.name) { &self.name } else { MASK }
    }

    /// The value, as far as it can be shown.
    #[must_use]
    pub fn shown_value(&self) -> String {
        match (self.plain(), &self.value.kind) {
            (Some(text), _) => format!("\"{text}\""),
            (None, json::Kind::Null) => "null".to_owned(),
            (None, json::Kind::Bool(value)) => value.to_string(),
            _ => MASK.to_owned(),
        }
    }

    /// The place of the bytes `range` of a string value; `None` where escapes stand between.
    #[must_use]
    pub fn part(&self, range: std::ops::Range<usize>) -> Option<Place> {
        let whole = self.verbatim?;
        let span = Span::new(whole.start + range.start, whole.start + range.end);
        whole.contains(span).then(|| Place::new(self.value_place.file, span))
    }
}

fn kwarg(member: json::Member, text: &Text, setting: &Setting) -> Kwarg {
    let place = |span: Span| Place::new(setting.file, text.span_of(span.start..span.end));
    let span = member.value.span;
    let verbatim = member.value.as_str().and_then(|decoded| {
        let inner = span.start + 1..span.end.saturating_sub(1);
        (text.expose().get(inner.clone()) == Some(decoded))
            .then(|| is_verbatim(text, inner))
            .flatten()
    });
    Kwarg {
        name: member.key.node,
        name_place: place(member.key.span),
        value_place: place(span),
        value: member.value,
        overridden: member.overridden,
        own_variable: false,
        is_literal: false,
        verbatim,
    }
}

/// The span of `range` in the file, when each byte of it stands there as it is.
fn is_verbatim(text: &Text, range: std::ops::Range<usize>) -> Option<Span> {
    let length = range.len();
    let span = text.span_of(range);
    (span.end - span.start == length).then_some(span)
}

fn not_json(setting: &Setting, text: &Text, error: json::Error) -> NotJson {
    let value = text.expose();
    let place = |span: Span| Place::new(setting.file, text.span_of(span.start..span.end));
    let end = value
        .get(error.at..)
        .and_then(|rest| rest.chars().next())
        .map_or(error.at, |c| error.at + c.len_utf8());
    let rest = value.get(error.at..).unwrap_or("");
    let is_placeholder = placeholder(rest).is_some_and(|span| span.start == 0)
        || rest.starts_with("...")
        || rest.starts_with('…');
    NotJson {
        place: setting.value_place(),
        at: place(Span::new(error.at, end)),
        character: value.get(..error.at).map_or(0, |before| before.chars().count()),
        error,
        repair: repair(setting, text),
        is_placeholder,
    }
}

/// How `text` would become an object, with the edits in bytes of the file; each reason once.
fn repair(setting: &Setting, text: &Text) -> Option<Repair> {
    let repair = json::repair(text.expose())?;
    let place = |span: Span| Place::new(setting.file, text.span_of(span.start..span.end));
    let mut reasons: Vec<String> = Vec::new();
    for edit in &repair.edits {
        if !reasons.iter().any(|known| known == edit.reason) {
            reasons.push(edit.reason.to_owned());
        }
    }
    let edits = repair
        .edits
        .iter()
        .map(|edit| (place(edit.span).span, edit.replacement.to_owned()))
        .collect();
    Some(Repair { edits, reasons })
}
