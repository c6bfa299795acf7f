//! What the user declares because it lives elsewhere: environments (in the Astro UI), and what
//! secrets, variables and connections exist.

use std::collections::BTreeMap;

use super::setup::creation::Creation;
use super::{Declared, FileId, Kind, Origin, Place, credentials};
use crate::text::{Span, Spanned, Text, UNKNOWN};

/// Something that is said to exist: the key of a variable or connection, or a secret. Whatever says
/// so (astrolint's configuration, code that creates secrets) adds its own to
/// [`super::Declared::names`], the one place where they are kept.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DeclaredName {
    /// What is named.
    pub what: Declares,
    /// The key or name; `*` stands for any text.
    pub name: String,
    /// Where that is said.
    pub place: Place,
    /// The environment it holds for; `None` for all.
    pub environment: Option<String>,
    /// The backend that reads from the service it is in, by its id in the facts; `None` for any.
    pub backend: Option<&'static str>,
    /// The number of the secret among those that the project creates, where that says so.
    pub creation: Option<usize>,
    /// Whether what says so may leave out others of its kind: a script creates what is new.
    pub is_partial: bool,
}

/// What is said to exist.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Declares {
    /// A variable or connection, by the key that code asks for.
    Key(Kind),
    /// A secret, by the whole name that its service lists.
    Secret,
}

/// A name as the configuration gives it, before its file has a number.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NamedInConfig {
    /// What is named.
    pub what: Declares,
    /// The name, and where it stands.
    pub name: Spanned<String>,
    /// The environment it holds for; `None` for all.
    pub environment: Option<String>,
}

impl NamedInConfig {
    /// The same, in `file`.
    #[must_use]
    pub fn in_file(self, file: FileId) -> DeclaredName {
        DeclaredName {
            what: self.what,
            name: self.name.node,
            place: Place::new(file, self.name.span),
            environment: self.environment,
            backend: None,
            creation: None,
            is_partial: false,
        }
    }
}

impl DeclaredName {
    /// What is said by creating a secret, the one with this number. One of whose name nothing is known may be any.
    #[must_use]
    pub fn of((number, creation): (usize, &Creation)) -> Self {
        Self {
            what: Declares::Secret,
            name: creation.name.text().expose().replace(UNKNOWN, "*"),
            place: Place::new(creation.statement.file, creation.name.span()),
            environment: None,
            backend: Some(creation.backend),
            creation: Some(number),
            is_partial: creation.origin == Origin::Command,
        }
    }

    /// Whether `text`, a key or name, is what is declared.
    #[must_use]
    pub fn names(&self, text: &str) -> bool {
        glob_matches(&self.name, text)
    }

    /// The name, where it may be shown.
    #[must_use]
    pub fn shown(&self) -> Option<&str> {
        Self::may_be_shown(&self.name).then_some(self.name.as_str())
    }

    /// Whether `name` is written like the name of a secret, and not like a value, or like a name with its value.
    #[must_use]
    pub fn may_be_shown(name: &str) -> bool {
        let in_names = |c: char| c.is_alphanumeric() || "/_+.@-!*".contains(c);
        name.len() <= 512 && name.chars().all(in_names) && credentials::may_be_shown(name)
    }

    /// Whether it is one name, without `*`.
    #[must_use]
    pub fn is_exact(&self) -> bool {
        !self.name.contains('*')
    }
}

impl Declared {
    /// The places of declared names in `file` that may be shown: a name that looks like a value
    /// may be one that got there by mistake.
    pub fn shown_in(&self, file: FileId) -> impl Iterator<Item = Span> {
        let here = self.names.iter().filter(move |name| name.place.file == file);
        here.filter(|name| name.shown().is_some()).map(|name| name.place.span)
    }
}

/// Whether `text` is `glob` with each `*` replaced by some text.
#[must_use]
pub fn glob_matches(glob: &str, text: &str) -> bool {
    let mut pieces = glob.split('*');
    let Some(mut rest) = pieces.next().and_then(|first| text.strip_prefix(first)) else {
        return false;
    };
    let pieces: Vec<&str> = pieces.collect();
    let Some((last, middle)) = pieces.split_last() else { return rest.is_empty() };
    for piece in middle {
        match rest.find(piece) {
            Some(at) => rest = rest.get(at + piece.len()..).unwrap_or_default(),
            None => return false,
        }
    }
    rest.ends_with(last)
}

/// An environment of astrolint's configuration.
#[derive(Clone, Debug)]
pub struct DeclaredEnvironment {
    /// Its name.
    pub name: String,
    /// Its settings, as they would stand in Airflow's environment.
    pub settings: Vec<DeclaredSetting>,
    /// The version of Airflow, or a range such as `>=2.9,<3`.
    pub airflow: Option<String>,
    /// Versions, or ranges, of provider packages.
    pub providers: BTreeMap<String, String>,
}

/// One declared setting, with places in the configuration file.
#[derive(Clone, Debug)]
pub struct DeclaredSetting {
    /// The key.
    pub key: String,
    /// The place of the key, or of the option that stands for it.
    pub key_span: Span,
    /// The value.
    pub value: Text,
}

#[cfg(test)]
mod tests {
    use super::*;
    #[test]
    fn a_star_stands_for_any_text() {
        for (name, text, expected) in [
            ("a", "a", true),
            ("a", "ab", false),
            ("team_*", "team_a", true),
            ("team_*", "team_", true),
            ("team_*", "a_team_", false),
            ("*_conn", "a_conn", true),
            ("a*b*c", "axxbyyc", true),
            ("a*b*c", "axxcyyb", false),
            ("a*a", "a", false),
            ("*", "", true),
        ] {
            assert_eq!(glob_matches(name, text), expected, "{name} {text}");
        }
    }
}
