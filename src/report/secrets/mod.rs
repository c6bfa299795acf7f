//! What `astrolint secrets` prints: the secrets that must exist, and who asks for them.

mod compared;
mod csv;
mod rows;
mod text;

use std::collections::BTreeMap;
use std::io::{self, Write};

use serde::Serialize;

use crate::model::Kind;
use crate::resolve::{KeyCertainty, When};

pub use compared::{Absent, Compared, Missing};
pub use csv::{csv, csv_compared, csv_unique};
pub use text::{names, text, text_compared};

/// What projects ask for, as it is reported: every text may be shown.
#[derive(Clone, Debug, Serialize)]
pub struct Secrets {
    version: u8,
    /// What DAG code asks for.
    pub references: Vec<Row>,
    /// What is asked for without a reference in the code.
    pub implicit: Vec<Row>,
    /// What is created or declared, and asked for by nothing; `None` where nothing is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unused: Option<Vec<Unused>>,
    /// The environments, for people.
    #[serde(skip)]
    pub environments: Vec<AskedEnvironment>,
    /// The number of the next reference.
    #[serde(skip)]
    next: usize,
}

/// An environment that is asked.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AskedEnvironment {
    /// The project, where there are several.
    pub project: Option<String>,
    /// Its name.
    pub name: String,
    /// Its backend, when it has one.
    pub backend: Option<String>,
    /// Why nothing is asked of it at any version that is possible.
    pub trouble: Option<String>,
}

/// One key that one environment is asked for.
#[derive(Clone, Debug, Serialize)]
pub struct Row {
    /// What is asked for.
    pub kind: Kind,
    /// The key; `*` stands for what is not known.
    pub key: Option<String>,
    /// How sure it is.
    pub certainty: KeyCertainty,
    /// Whether each of the several keys of the reference is asked for.
    #[serde(rename = "all", skip_serializing_if = "std::ops::Not::not")]
    pub is_each: bool,
    /// When.
    pub timing: When,
    /// The file, with `/`.
    pub path: String,
    /// The 1-based line.
    pub line: usize,
    /// The 1-based column, in characters.
    pub column: usize,
    /// The environment.
    pub environment: String,
    /// The names that the backend is asked for.
    pub requested: Vec<String>,
    /// The rows of one reference share this number.
    pub reference: usize,
    /// What creates or declares it; `None` where nothing can be said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub created: Option<Vec<CreatedBy>>,
    /// Where the environment stands in [`Secrets::environments`].
    #[serde(skip)]
    pub at: usize,
    /// What asks.
    #[serde(skip)]
    pub by: String,
    /// Why nothing is requested.
    #[serde(skip)]
    pub why_not: Option<String>,
}

/// A secret that must exist, with who asks for it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Secret {
    /// Its name in the service; `*` stands for what is not known.
    pub name: String,
    /// What it is for.
    pub kind: Kind,
    /// How sure the name is, by the surest of those who ask.
    pub certainty: KeyCertainty,
    /// The environments that ask.
    pub environments: Vec<String>,
    /// The places that ask.
    pub asked_by: Vec<AskedBy>,
    /// What creates or declares it; `None` where nothing can be said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub created: Option<Vec<CreatedBy>>,
}

/// A place that creates or declares a secret.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize)]
pub struct CreatedBy {
    /// The file, with `/`.
    pub path: String,
    /// The 1-based line.
    pub line: usize,
    /// Whether the name there is known in part only, so that it may be another.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub pattern: bool,
    /// Whether astrolint's configuration declares it, and nothing in the project creates it.
    #[serde(skip)]
    pub is_declared: bool,
}

/// A secret or key that is created or declared, and that nothing asks for.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Unused {
    /// Its name.
    pub name: String,
    /// The environments in which it exists.
    pub environments: Vec<String>,
    /// The file that says so, with `/`.
    pub path: String,
    /// The 1-based line.
    pub line: usize,
}

/// A place that asks.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize)]
pub struct AskedBy {
    /// The file, with `/`.
    pub path: String,
    /// The 1-based line.
    pub line: usize,
}

/// The secrets, each once.
#[derive(Debug, Serialize)]
pub struct Unique {
    version: u8,
    /// What DAG code asks for.
    pub secrets: Vec<Secret>,
    /// What is asked for without a reference in the code.
    pub implicit: Vec<Secret>,
}

impl Default for Secrets {
    fn default() -> Self {
        let (references, implicit, environments) = <(Vec<_>, Vec<_>, Vec<_>)>::default();
        Self { version: 1, references, implicit, unused: None, environments, next: 0 }
    }
}

impl Secrets {
    /// The secrets, each once.
    #[must_use]
    pub fn unique(&self) -> Unique {
        let secrets = folded(self.references.iter().flat_map(named));
        let implicit = folded(self.implicit.iter().flat_map(named));
        Unique { version: 1, secrets, implicit }
    }

    /// All rows, those of the code first.
    pub fn rows(&self) -> impl Iterator<Item = &Row> {
        self.references.iter().chain(&self.implicit)
    }
}

fn named(row: &Row) -> impl Iterator<Item = (&str, &Row)> {
    row.requested.iter().map(move |name| (name.as_str(), row))
}

/// Rows by the kind and name under which each counts.
fn folded<'a>(rows: impl Iterator<Item = (&'a str, &'a Row)>) -> Vec<Secret> {
    let mut found: BTreeMap<(Kind, &str), Secret> = BTreeMap::new();
    for (name, row) in rows {
        let secret = found.entry((row.kind, name)).or_insert_with(|| Secret {
            name: name.to_owned(),
            kind: row.kind,
            certainty: row.certainty,
            environments: Vec::new(),
            asked_by: Vec::new(),
            created: None,
        });
        secret.certainty = secret.certainty.min(row.certainty);
        if !secret.environments.contains(&row.environment) {
            secret.environments.push(row.environment.clone());
        }
        secret.asked_by.push(AskedBy { path: row.path.clone(), line: row.line });
        if let Some(created) = &row.created {
            secret.created.get_or_insert_default().extend(created.iter().cloned());
        }
    }
    let mut secrets: Vec<Secret> = found.into_values().collect();
    for secret in &mut secrets {
        secret.asked_by.sort();
        secret.asked_by.dedup();
        if let Some(created) = &mut secret.created {
            created.sort();
            created.dedup();
        }
    }
    secrets
}

/// Writes `value` as JSON, indented.
///
/// # Errors
/// When `out` cannot be written to.
pub fn json(value: &impl Serialize, out: &mut dyn Write) -> io::Result<()> {
    let text = serde_json::to_string_pretty(value)?;
    writeln!(out, "{}", super::json::safe_to_print(&text))
}

#[cfg(test)]
mod tests;
