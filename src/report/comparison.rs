//! What `astrolint compare` prints: what changes, the worst first, for people and for programs.

use std::io::{self, Write};

use serde::Serialize;

use super::escape::escape;
use super::{counted, full};
use crate::resolve::{ChangeKind, short_name};

/// Two sides, and what differs. Every text may be shown.
#[derive(Debug, Serialize)]
pub struct Comparison {
    version: u8,
    /// Today.
    pub from: Side,
    /// The target.
    pub to: Side,
    /// What changes, the worst first.
    pub changes: Vec<Row>,
    /// What keeps versions where they are, for people.
    #[serde(skip)]
    pub notes: Vec<String>,
}

/// One side of a comparison.
#[derive(Debug, Default, Serialize)]
pub struct Side {
    /// The image, where one is named.
    pub image: Option<String>,
    /// The environments that were compared.
    pub environments: Vec<SideEnvironment>,
}

/// An environment of one side, with the versions there.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct SideEnvironment {
    /// Its name.
    pub environment: String,
    /// The possible versions of Airflow, in words.
    pub airflow: String,
    /// The package of the backend.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub provider: Option<SideProvider>,
}

/// A package with its possible versions.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct SideProvider {
    /// The package.
    pub package: String,
    /// Its possible versions, in words.
    pub versions: String,
}

/// One change.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Row {
    /// What becomes of it.
    pub kind: ChangeKind,
    /// The file, with `/`.
    pub path: String,
    /// The 1-based line.
    pub line: usize,
    /// The 1-based column, in characters.
    pub column: usize,
    /// The key that is asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// How it is today.
    pub before: String,
    /// How it is then.
    pub after: String,
    /// Why.
    pub reason: String,
    /// The environment, when it is not so in all that were compared.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub environment: Option<String>,
    /// Whether the same names are asked, elsewhere or as somebody else, which people are told apart.
    #[serde(skip)]
    pub is_whereabouts: bool,
}

impl Comparison {
    /// A comparison of `from` and `to`.
    #[must_use]
    pub const fn new(from: Side, to: Side) -> Self {
        Self { version: 1, from, to, changes: Vec::new(), notes: Vec::new() }
    }
}

/// Writes JSON, version 1.
///
/// # Errors
/// When `out` cannot be written to.
pub fn json(comparison: &Comparison, out: &mut dyn Write) -> io::Result<()> {
    super::secrets::json(comparison, out)
}

/// Writes what changes for people, in lines of `width` columns where names let it.
///
/// # Errors
/// When `out` cannot be written to.
pub fn text(comparison: &Comparison, width: usize, out: &mut dyn Write) -> io::Result<()> {
    let Comparison { from, to, changes, notes, .. } = comparison;
    let (today, then) =
        (title_of(from, to, "today's versions"), title_of(to, from, "the given versions"));
    let title = format!("from {today} to {then}");
    let mut text = wrapped("", &title, width);
    for (number, before) in from.environments.iter().enumerate() {
        let after = to.environments.get(number);
        text += &versions(before, after, width);
    }
    for note in notes {
        text += &wrapped("  ", note, width);
    }
    for section in SECTIONS {
        let of_kind: Vec<&Row> = section.rows(changes).collect();
        if of_kind.is_empty() {
            continue;
        }
        let Section { word, means, .. } = section;
        text +=
            &format!("\n{}", wrapped("  ", &format!("{word} ({}): {means}", of_kind.len()), width));
        for (first, places) in together(&of_kind) {
            text += &entry(first, &places, width);
        }
    }
    text += &format!("\n{}\n", summary(changes));
    out.write_all(text.as_bytes())
}

/// What one side is called: by its environment or image, where these differ.
fn title_of(side: &Side, other: &Side, else_called: &str) -> String {
    let name = |side: &Side| match side.environments.as_slice() {
        [one] => Some(one.environment.clone()),
        _ => None,
    };
    match (name(side), &side.image) {
        (Some(own), _) if name(other).is_some_and(|other| other != own) => {
            format!("environment `{own}`")
        }
        (_, Some(image)) if side.image != other.image => image.clone(),
        _ => else_called.to_owned(),
    }
}

fn versions(before: &SideEnvironment, after: Option<&SideEnvironment>, width: usize) -> String {
    let told = |side: &SideEnvironment| {
        let provider = side.provider.as_ref();
        let provider = provider.map(|it| format!(", {} {}", short_name(&it.package), it.versions));
        format!("Airflow {}{}", side.airflow, provider.unwrap_or_default())
    };
    let then = after.map(|after| {
        let is_other = after.environment != before.environment;
        let name = if is_other { format!("`{}`: ", after.environment) } else { String::new() };
        format!("; then {name}{}", told(after))
    });
    let said = format!("`{}`: {}{}", before.environment, told(before), then.unwrap_or_default());
    wrapped("  ", &said, width)
}

/// Changes that are listed together.
struct Section {
    kind: ChangeKind,
    is_whereabouts: bool,
    word: &'static str,
    means: &'static str,
}

impl Section {
    const fn new(kind: ChangeKind, word: &'static str, means: &'static str) -> Self {
        Self { kind, is_whereabouts: false, word, means }
    }

    fn rows<'a>(&self, changes: &'a [Row]) -> impl Iterator<Item = &'a Row> {
        let (kind, is_whereabouts) = (self.kind, self.is_whereabouts);
        changes.iter().filter(move |it| it.kind == kind && it.is_whereabouts == is_whereabouts)
    }
}

/// All sections, the worst first.
const SECTIONS: [Section; 7] = [
    Section::new(ChangeKind::Fatal, "fatal", "Airflow does not start, or a lookup raises"),
    Section::new(ChangeKind::Lost, "lost", "no longer asked for"),
    Section::new(ChangeKind::Call, "calls", "code that works today and does something else then"),
    Section::new(ChangeKind::Renamed, "renamed", "asked for under another name"),
    Section {
        is_whereabouts: true,
        ..Section::new(
            ChangeKind::Renamed,
            "elsewhere",
            "the same names, asked in another place or by somebody else",
        )
    },
    Section::new(ChangeKind::Ignored, "ignored", "settings that are no longer read"),
    Section::new(ChangeKind::Gained, "gained", "asked for or read, and was not"),
];

/// The rows that differ in their place only, with these places.
fn together<'a>(rows: &[&'a Row]) -> Vec<(&'a Row, Vec<String>)> {
    let mut found: Vec<(&Row, Vec<String>)> = Vec::new();
    for row in rows {
        let place = format!("{}:{}", row.path, row.line);
        let same = |known: &Row| {
            (&known.key, &known.before, &known.after, &known.reason, &known.environment)
                == (&row.key, &row.before, &row.after, &row.reason, &row.environment)
        };
        match found.iter_mut().find(|(known, _)| same(known)) {
            Some((_, places)) if places.contains(&place) => {}
            Some((_, places)) => places.push(place),
            None => found.push((row, vec![place])),
        }
    }
    found
}

fn entry(row: &Row, places: &[String], width: usize) -> String {
    let key = row.key.as_ref().map(|key| format!("  `{key}`")).unwrap_or_default();
    let environment =
        row.environment.as_ref().map(|name| format!("  in `{name}`")).unwrap_or_default();
    let (first, more) =
        places.split_first().map_or(("", &[][..]), |(first, more)| (first.as_str(), more));
    let mut text = wrapped("    ", &format!("{first}{key}{environment}"), width);
    if !more.is_empty() {
        text += &wrapped("    ", &format!("and {}", more.join(", ")), width);
    }
    for (label, said) in [("now", &row.before), ("then", &row.after), ("why", &row.reason)] {
        if !said.is_empty() {
            text += &wrapped(&format!("      {label:<5}"), said, width);
        }
    }
    text
}

/// `text` behind `lead`, on lines that are indented as far.
fn wrapped(lead: &str, text: &str, width: usize) -> String {
    let indent = " ".repeat(lead.len());
    let options = full::wrapping(width.max(30)).initial_indent(lead).subsequent_indent(&indent);
    textwrap::fill(&escape(text), options) + "\n"
}

fn summary(changes: &[Row]) -> String {
    if changes.is_empty() {
        return "nothing changes for the secrets".to_owned();
    }
    let said = SECTIONS.map(|it| format!("{} {}", it.rows(changes).count(), it.word));
    format!("{}: {}", counted(changes.len(), "change"), said.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(kind: ChangeKind, line: usize) -> Row {
        Row {
            kind,
            path: "dags/a.py".to_owned(),
            line,
            column: 1,
            key: Some("a".to_owned()),
            before: "`v/a`".to_owned(),
            after: "`/v/a`".to_owned(),
            reason: "amazon 7.3.0 makes another name of it".to_owned(),
            environment: None,
            is_whereabouts: false,
        }
    }

    fn typical() -> Comparison {
        let side = |image: &str, airflow: &str| Side {
            image: Some(image.to_owned()),
            environments: vec![SideEnvironment {
                environment: "local".to_owned(),
                airflow: airflow.to_owned(),
                provider: Some(SideProvider {
                    package: "apache-airflow-providers-amazon".to_owned(),
                    versions: "7.2.0".to_owned(),
                }),
            }],
        };
        let from = side("astro-runtime:7.0.0", "2.5.0");
        let mut comparison = Comparison::new(from, side("astro-runtime:8.0.0", "2.6.0"));
        comparison.changes = vec![
            Row { environment: Some("local".to_owned()), ..row(ChangeKind::Renamed, 3) },
            row(ChangeKind::Renamed, 4),
            row(ChangeKind::Renamed, 5),
            Row { key: None, ..row(ChangeKind::Ignored, 1) },
        ];
        comparison
    }

    #[test]
    fn json_is_as_the_schema_says() {
        let schema = include_str!("../../docs/astrolint-compare-v1.schema.json");
        let mut out = Vec::new();
        json(&typical(), &mut out).unwrap();
        let value = serde_json::from_slice(&out).unwrap();
        super::super::schema::Schema::new(schema).check(&value);
    }

    #[test]
    fn people_see_each_change_once() {
        let mut out = Vec::new();
        text(&typical(), 80, &mut out).unwrap();
        insta::assert_snapshot!(String::from_utf8(out).unwrap(), @r#"
        from astro-runtime:7.0.0 to astro-runtime:8.0.0
          `local`: Airflow 2.5.0, amazon 7.2.0; then Airflow 2.6.0, amazon 7.2.0

          renamed (3): asked for under another name
            dags/a.py:3  `a`  in `local`
              now  `v/a`
              then `/v/a`
              why  amazon 7.3.0 makes another name of it
            dags/a.py:4  `a`
            and dags/a.py:5
              now  `v/a`
              then `/v/a`
              why  amazon 7.3.0 makes another name of it

          ignored (1): settings that are no longer read
            dags/a.py:1
              now  `v/a`
              then `/v/a`
              why  amazon 7.3.0 makes another name of it

        4 changes: 0 fatal, 0 lost, 0 calls, 3 renamed, 0 elsewhere, 1 ignored, 0 gained
        "#);
    }
}
