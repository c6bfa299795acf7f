//! The rules: filters over the resolved project, plus words.

mod finding;

pub use finding::{Edit, Finding, Fix, Label, Level, Safety};

/// What a rule is called and what it says in one line. Its page is `rules/<id>.md`.
#[derive(Debug)]
pub struct Rule {
    /// Kebab-case noun phrase for the fault, readable after the word "allow".
    pub id: &'static str,
    /// The highest level it can have.
    pub level: Level,
    /// The group of the catalogue.
    pub group: Group,
    /// What it reports, in one sentence.
    pub summary: &'static str,
    /// The version that brought it.
    pub since: &'static str,
}

impl Rule {
    /// Where its page is published.
    #[must_use]
    pub fn url(&self) -> String {
        format!("{}/blob/main/rules/{}.md", env!("CARGO_PKG_REPOSITORY"), self.id)
    }
}

/// What a rule is about.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Group {
    /// Files can be read as meant.
    Files,
    /// The backend starts and is told what was meant.
    Backend,
    /// Names and prefixes.
    Names,
    /// The provider that answers.
    Provider,
    /// DAG code.
    Code,
    /// Nothing leaks.
    Leaks,
}
