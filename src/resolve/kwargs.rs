//! What the text of `backend_kwargs` says, with the place of each member.

use std::ops::Range;
use std::sync::Arc;

use super::unexpanded::{self, Syntax};
use crate::facts::{self, ValueType};
use crate::model::{
    Place, Placeholder, Prose, Setting, Settings, credentials, placeholders as find_placeholders,
};
use crate::read::json;
use crate::resolve::expand::{Expanded, expand};
use crate::resolve::python_value::PythonValue;
use crate::text::{MASK, Span, Text, UNKNOWN};

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
    /// Whether a reader puts the values of variables into what stands there.
    is_read_with_variables: bool,
    /// The text that it was read from, with its places.
    source: Arc<Text>,
    /// Where the name stands in that text, with its quotes.
    name_span: Option<Span>,
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
    /// 0-based offset in characters inside the value, as Python counts it; `None` behind what is not known.
    pub character: Option<usize>,
    /// What it would be after an unambiguous repair, with the edits in file bytes.
    pub repair: Option<Repair>,
    /// Whether a placeholder that somebody is to fill in stands there: `<name>`, `...`.
    pub is_placeholder: bool,
}

impl NotJson {
    /// Python's message, as far as it is known.
    #[must_use]
    pub fn message(&self) -> String {
        match self.character {
            Some(character) => format!("{} (char {character})", self.error.kind),
            None => self.error.kind.to_string(),
        }
    }
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
        let text = setting.value.text();
        let written = text.expose();
        let text = match expand(text, settings) {
            Expanded::Text(text) => text,
            Expanded::Endless => return dynamic,
        };
        let is_literal = text.expose() == written;
        if text.expose().is_empty() {
            return Self::Unset;
        }
        let place = |span: Span| Place::new(setting.file, text.span_of(span.start..span.end));
        match json::parse(text.expose()) {
            // What stands outside of texts is not known, but may be wrong whatever stands there.
            Err(_) if text.expose().contains(UNKNOWN) => match json::error_of_any(text.expose()) {
                Some(error) => Self::NotJson(not_json(setting, &text, error)),
                None => dynamic,
            },
            Err(error) => Self::NotJson(not_json(setting, &text, error)),
            Ok(value) => {
                let (falsy, found) = (!value.is_truthy(), JsonType::of(&value).describe());
                let json::Kind::Object(members) = value.kind else {
                    let repair = repair(setting, &text);
                    return Self::NotObject { place: place(value.span), found, falsy, repair };
                };
                let text = Arc::new(text);
                let member = |member| Kwarg { is_literal, ..kwarg(member, &text, setting) };
                Self::Object(members.into_iter().map(member).collect())
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
        Some(Self {
            name,
            value: json::Value { span: Span::new(0, text.expose().len()), kind },
            name_place: setting.key_place(),
            value_place: setting.value_place(),
            overridden: false,
            own_variable: true,
            is_literal: true,
            is_read_with_variables: setting.origin.has_variables(),
            source: Arc::new(text.clone()),
            name_span: None,
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

    /// Whether only running things can tell the keyword, or its whole value: a part of it stands
    /// for a variable of the build, or the shell may have one of the name that a reader replaced.
    #[must_use]
    pub fn is_dynamic(&self) -> bool {
        self.name.contains(UNKNOWN)
            || self.may_be_substituted()
            || self.texts().iter().any(|(text, _)| text.contains(UNKNOWN))
    }

    /// The value as the class gets it.
    #[must_use]
    pub(super) fn python_value(&self) -> PythonValue<'_> {
        // An empty text that the shell may fill counts as one that it fills.
        if self.may_be_substituted() {
            return PythonValue::Text("\u{ffff}");
        }
        PythonValue::Json(&self.value)
    }

    /// Whether only running things can tell the keyword itself.
    #[must_use]
    pub(super) fn has_dynamic_name(&self) -> bool {
        self.name.contains(UNKNOWN)
    }

    /// The text of a string value. Not for rules: it may be a credential.
    #[must_use]
    pub(super) fn text(&self) -> Option<&str> {
        self.value.as_str()
    }

    /// The value as it is written in the JSON. Not for rules: it may be a credential.
    #[must_use]
    pub(super) fn written(&self) -> Option<&str> {
        self.source.expose().get(self.value.span.start..self.value.span.end)
    }

    /// The text of a string value that cannot be a credential: of a parameter that holds none.
    #[must_use]
    pub fn plain(&self) -> Option<&str> {
        let text = self.value.as_str().filter(|_| facts::is_harmless_parameter(&self.name))?;
        if self.is_dynamic() {
            return None;
        }
        (!facts::credentials().looks_private(text)).then_some(text)
    }

    /// What the value holds when it holds a credential: `a token`.
    #[must_use]
    pub fn credential(&self) -> Option<&'static str> {
        if !self.is_literal || self.is_dynamic() {
            return None;
        }
        let text = self.value.as_str().filter(|text| !text.trim_start().starts_with('{'));
        let named = text
            .filter(|text| !facts::credentials().stands_in(text))
            .and_then(|_| credentials::is_secret_kwarg(&self.name));
        let inside = || credentials::in_json(&self.value, &credentials::is_secret_kwarg, 0);
        named.or_else(|| inside().map(|found| found.what))
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
    pub fn part(&self, range: Range<usize>) -> Option<Place> {
        self.part_of(self.value.as_str()?, self.content(&self.value), range)
    }

    /// The place of the name without its quotes; `None` where it holds escapes, and for a variable
    /// of its own.
    #[must_use]
    pub fn bare_name_place(&self) -> Option<Place> {
        let span = self.name_span?;
        let content = span.start + 1..span.end.saturating_sub(1);
        self.part_of(&self.name, content, 0..self.name.len())
    }

    /// What the value is, in words: `a number`.
    #[must_use]
    pub const fn type_in_words(&self) -> &'static str {
        type_in_words(&self.value.kind)
    }

    /// What the value is: `` `false` ``, or its type in words.
    #[must_use]
    pub const fn type_or_constant(&self) -> &'static str {
        match &self.value.kind {
            json::Kind::Bool(true) => "`true`",
            json::Kind::Bool(false) => "`false`",
            kind => type_in_words(kind),
        }
    }

    /// Whether the value is `null`.
    #[must_use]
    pub const fn is_null(&self) -> bool {
        matches!(self.value.kind, json::Kind::Null)
    }

    /// Whether Python takes the value for true.
    #[must_use]
    pub fn is_truthy(&self) -> bool {
        self.value.is_truthy() || self.may_be_substituted()
    }

    /// Whether the value is a list or an object.
    #[must_use]
    pub const fn is_nested(&self) -> bool {
        matches!(self.value.kind, json::Kind::Array(_) | json::Kind::Object(_))
    }

    /// Whether the value is a list.
    #[must_use]
    pub const fn is_list(&self) -> bool {
        matches!(self.value.kind, json::Kind::Array(_))
    }

    /// Whether the value is the text `word`, in any case.
    #[must_use]
    pub fn is_text(&self, word: &str) -> bool {
        self.text().is_some_and(|text| text.trim().eq_ignore_ascii_case(word))
    }

    /// Whether the value is empty only because a reader put nothing in the place of a variable that
    /// the shell may hold: `"${REGION}"`.
    #[must_use]
    fn may_be_substituted(&self) -> bool {
        // Two quotes, each perhaps with a backslash.
        let span = self.value_place.span;
        let is_empty = self.is_read_with_variables && self.text().is_some_and(str::is_empty);
        self.is_literal && is_empty && span.end - span.start > 4
    }

    /// The value, when it is a text of a few digits.
    #[must_use]
    pub fn digits(&self) -> Option<&str> {
        let is_number = |text: &&str| {
            (1..=4).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
        };
        self.text().filter(is_number)
    }

    /// The names in a value that is an object, each with its place, as far as they can be shown.
    pub fn members(&self) -> impl Iterator<Item = (&str, Place)> {
        let kept = self.value.members().iter().filter(|member| !member.overridden);
        let named = kept.filter(|member| facts::looks_like_parameter(&member.key.node));
        named.map(|member| {
            let span = self.source.span_of(member.key.span.start..member.key.span.end);
            (member.key.node.as_str(), Place::new(self.value_place.file, span))
        })
    }

    /// Whether the value has this type.
    #[must_use]
    pub fn is_a(&self, expected: ValueType) -> bool {
        use json::Kind::{Array, Bool, Number, Object, String};
        match (expected, &self.value.kind) {
            (ValueType::Any, _)
            | (
                ValueType::String | ValueType::StringOrList | ValueType::ObjectOrString,
                String(_),
            )
            | (ValueType::Boolean, Bool(_))
            | (ValueType::Object | ValueType::ObjectOrString, Object(_))
            | (ValueType::StringOrList, Array(_)) => true,
            (ValueType::Integer, Number(written)) => !written.contains(['.', 'e', 'E', 'N', 'I']),
            _ => false,
        }
    }

    /// The placeholders that the value still holds, each with its text where that can be shown.
    #[must_use]
    pub fn placeholders(&self) -> Vec<(Place, Option<&str>)> {
        if self.name.ends_with("_lookup_pattern") {
            return Vec::new();
        }
        let mut found = Vec::new();
        for (text, value) in self.texts() {
            for Placeholder { range, words } in find_placeholders(text, Prose::No) {
                let shown = text.get(range.clone()).filter(|_| words);
                let place = self.part_of(text, self.content(value), range);
                found.push((place.unwrap_or(self.value_place), shown));
            }
        }
        found
    }

    /// The references in the value that nothing has expanded, each with its text where that can be
    /// shown.
    #[must_use]
    pub fn unexpanded(&self) -> Vec<(Place, Option<&str>, Syntax<'_>)> {
        let mut found = Vec::new();
        let is_pattern = self.name.ends_with("_lookup_pattern");
        let holds_credential = !facts::is_harmless_parameter(&self.name);
        for (text, value) in self.texts() {
            for unexpanded::Reference { range, syntax } in unexpanded::references(text) {
                let written = text.get(range.clone());
                let bare = matches!(syntax, Syntax::Variable(_))
                    && written.is_some_and(|written| !written.starts_with("${"));
                // `$` ends a pattern, and stands in passwords; braces count repetitions.
                let whole = range == (0..text.len());
                // `$` ends a pattern, and stands in passwords; braces count repetitions.
                let uncertain = if is_pattern {
                    bare || !matches!(syntax, Syntax::Variable(_) | Syntax::Workflow)
                } else {
                    let is_variable = whole && text.bytes().all(|b| !b.is_ascii_lowercase());
                    holds_credential && ((bare && !is_variable) || syntax == Syntax::Format)
                };
                if uncertain {
                    continue;
                }
                let place = self.part_of(text, self.content(value), range);
                found.push((
                    place.unwrap_or(self.value_place),
                    written.filter(|_| whole || !holds_credential),
                    syntax,
                ));
            }
        }
        found
    }

    /// The texts in the value: itself, or those in its lists and objects.
    fn texts(&self) -> Vec<(&str, &json::Value)> {
        let mut texts = Vec::new();
        let mut values = vec![&self.value];
        while let Some(value) = values.pop() {
            match &value.kind {
                json::Kind::String(text) => texts.push((text.as_str(), value)),
                json::Kind::Array(elements) => values.extend(elements),
                json::Kind::Object(members) => {
                    let used = members.iter().filter(|member| !member.overridden);
                    values.extend(used.map(|member| &member.value));
                }
                _ => {}
            }
        }
        texts.sort_by_key(|(_, value)| value.span);
        texts
    }

    /// Where the content of a text stands in the source, without quotes.
    const fn content(&self, value: &json::Value) -> Range<usize> {
        let span = value.span;
        if self.own_variable {
            span.start..span.end
        } else {
            span.start + 1..span.end.saturating_sub(1)
        }
    }

    /// The place of the bytes `range` of `decoded`, which stands at `content` of the source; `None`
    /// where escapes stand between.
    fn part_of(&self, decoded: &str, content: Range<usize>, range: Range<usize>) -> Option<Place> {
        let start = content.start;
        (self.source.expose().get(content) == Some(decoded)).then_some(())?;
        let length = range.len();
        let span = self.source.span_of(start + range.start..start + range.end);
        (range.end <= decoded.len() && span.end - span.start == length)
            .then(|| Place::new(self.value_place.file, span))
    }
}

const fn type_in_words(kind: &json::Kind) -> &'static str {
    match kind {
        json::Kind::Null => "null",
        json::Kind::Bool(_) => "true or false",
        json::Kind::Number(_) => "a number",
        json::Kind::String(_) => "a string",
        json::Kind::Array(_) => "a list",
        json::Kind::Object(_) => "an object",
    }
}

fn kwarg(member: json::Member, text: &Arc<Text>, setting: &Setting) -> Kwarg {
    let place = |span: Span| Place::new(setting.file, text.span_of(span.start..span.end));
    Kwarg {
        name: member.key.node,
        name_place: place(member.key.span),
        value_place: place(member.value.span),
        value: member.value,
        overridden: member.overridden,
        own_variable: false,
        is_literal: false,
        is_read_with_variables: setting.origin.has_variables(),
        source: Arc::clone(text),
        name_span: Some(member.key.span),
    }
}

fn not_json(setting: &Setting, text: &Text, error: json::Error) -> NotJson {
    let value = text.expose();
    let place = |span: Span| Place::new(setting.file, text.span_of(span.start..span.end));
    let end = value
        .get(error.at..)
        .and_then(|rest| rest.chars().next())
        .map_or(error.at, |c| error.at + c.len_utf8());
    let rest = value.get(error.at..).unwrap_or("");
    let begins_one = |found: &Placeholder| found.range.start == 0;
    let is_placeholder = find_placeholders(rest, Prose::No).iter().any(begins_one)
        || rest.starts_with("...")
        || rest.starts_with('…');
    NotJson {
        place: setting.value_place(),
        at: place(Span::new(error.at, end)),
        character: value
            .get(..error.at)
            .filter(|before| !before.contains(UNKNOWN))
            .map(|before| before.chars().count()),
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
