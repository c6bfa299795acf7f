//! What `astrolint secrets` prints: the secrets that must exist, and who asks for them.

use std::collections::BTreeMap;
use std::io::{self, Write};

use serde::Serialize;

use super::escape::escape;
use crate::model::Kind;
use crate::resolve::{KeyCertainty, When};

/// What a project asks for, as it is reported: every text may be shown.
#[derive(Debug, Default, Serialize)]
pub struct Secrets {
    version: u8,
    /// What DAG code asks for.
    pub references: Vec<Row>,
    /// What is asked for without a reference in the code.
    pub implicit: Vec<Row>,
    /// The environments, for people.
    #[serde(skip)]
    pub environments: Vec<EnvironmentLine>,
}

/// An environment that is asked.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct EnvironmentLine {
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
    /// What asks.
    #[serde(skip)]
    pub by: String,
}

/// A secret that must exist, with who asks for it.
#[derive(Debug, Serialize)]
pub struct Secret {
    /// Its name in the service; `*` stands for what is not known.
    pub name: String,
    /// What it is for.
    pub kind: Kind,
    /// The environments that ask.
    pub environments: Vec<String>,
    /// The places that ask.
    pub asked_by: Vec<AskedBy>,
}

/// A place that asks.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize)]
pub struct AskedBy {
    /// The file, with `/`.
    pub path: String,
    /// The 1-based line.
    pub line: usize,
}

/// What is there and what is not, compared with a list of names.
#[derive(Debug, Serialize)]
pub struct Compared {
    /// The version of the form.
    pub version: u8,
    /// What is asked for and not there.
    pub missing: Vec<Secret>,
    /// What is there, below the prefixes, and not asked for.
    pub unused: Vec<String>,
}

impl Secrets {
    /// What the rows say, by environment and place.
    #[must_use]
    pub const fn new(
        references: Vec<Row>,
        implicit: Vec<Row>,
        environments: Vec<EnvironmentLine>,
    ) -> Self {
        Self { version: 1, references, implicit, environments }
    }

    /// The secrets that must exist, each once; not those that are only asked for implicitly.
    #[must_use]
    pub fn unique(&self) -> Vec<Secret> {
        let mut found: BTreeMap<(Kind, &str), Secret> = BTreeMap::new();
        for row in &self.references {
            for name in &row.requested {
                let secret = found.entry((row.kind, name)).or_insert_with(|| Secret {
                    name: name.clone(),
                    kind: row.kind,
                    environments: Vec::new(),
                    asked_by: Vec::new(),
                });
                if !secret.environments.contains(&row.environment) {
                    secret.environments.push(row.environment.clone());
                }
                let place = AskedBy { path: row.path.clone(), line: row.line };
                if !secret.asked_by.contains(&place) {
                    secret.asked_by.push(place);
                }
            }
        }
        found.into_values().collect()
    }
}

/// Writes `value` as JSON, indented.
///
/// # Errors
/// When `out` cannot be written to.
pub fn json(value: &impl Serialize, out: &mut dyn Write) -> io::Result<()> {
    let text = serde_json::to_string_pretty(value)?;
    writeln!(out, "{}", super::json::safe_to_print(&text))
}

/// Writes the folded secrets as JSON.
///
/// # Errors
/// When `out` cannot be written to.
pub fn json_unique(secrets: &[Secret], out: &mut dyn Write) -> io::Result<()> {
    json(&serde_json::json!({ "version": 1, "secrets": secrets }), out)
}

/// Writes a table with a line for each row; several names stand in one field, a blank between them.
///
/// # Errors
/// When `out` cannot be written to.
pub fn csv(secrets: &Secrets, out: &mut dyn Write) -> io::Result<()> {
    writeln!(
        out,
        "kind,key,certainty,timing,path,line,column,environment,requested,reference,implicit"
    )?;
    let rows = secrets.references.iter().map(|row| (row, false));
    for (row, implicit) in rows.chain(secrets.implicit.iter().map(|row| (row, true))) {
        let fields = [
            row.kind.to_string(),
            row.key.clone().unwrap_or_default(),
            word(row.certainty),
            word(row.timing),
            row.path.clone(),
            row.line.to_string(),
            row.column.to_string(),
            row.environment.clone(),
            row.requested.join(" "),
            row.reference.to_string(),
            implicit.to_string(),
        ];
        writeln!(out, "{}", fields.map(|field| csv_field(&field)).join(","))?;
    }
    Ok(())
}

/// Writes a table of the folded secrets.
///
/// # Errors
/// When `out` cannot be written to.
pub fn csv_unique(secrets: &[Secret], out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "name,kind,environments,asked_by")?;
    for secret in secrets {
        let places: Vec<_> =
            secret.asked_by.iter().map(|it| format!("{}:{}", it.path, it.line)).collect();
        let fields = [
            secret.name.clone(),
            secret.kind.to_string(),
            secret.environments.join(" "),
            places.join(" "),
        ];
        writeln!(out, "{}", fields.map(|field| csv_field(&field)).join(","))?;
    }
    Ok(())
}

/// A field after RFC 4180; a spreadsheet would take one that begins with these signs for a formula, so that it
/// gets an apostrophe.
fn csv_field(text: &str) -> String {
    let text = escape(text);
    let guard = if text.starts_with(['=', '+', '-', '@']) { "'" } else { "" };
    if guard.is_empty() && !text.contains(['"', ',', '\'']) {
        return text.into_owned();
    }
    format!("\"{guard}{}\"", text.replace('"', "\"\""))
}

/// How serde writes a plain variant.
fn word(value: impl Serialize) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(text)) => text,
        _ => String::new(),
    }
}

/// Writes the list for people: for each environment the names, with who asks for them; then what is only known
/// when it runs, and what is asked for without a reference.
///
/// # Errors
/// When `out` cannot be written to.
pub fn text(secrets: &Secrets, width: usize, out: &mut dyn Write) -> io::Result<()> {
    for (number, environment) in secrets.environments.iter().enumerate() {
        if number > 0 {
            writeln!(out)?;
        }
        let backend = match &environment.backend {
            Some(class) => format!("asks {class}"),
            None => {
                "has no secrets backend: keys of environment variables and the database".to_owned()
            }
        };
        writeln!(out, "environment `{}` {}", escape(&environment.name), escape(&backend))?;
        if let Some(trouble) = &environment.trouble {
            writeln!(out, "  Airflow does not start with it: {}", escape(trouble))?;
        }
        let has_backend = environment.backend.is_some() && environment.trouble.is_none();
        let here = |rows: &[Row]| -> Vec<Row> {
            rows.iter().filter(|row| row.environment == environment.name).cloned().collect()
        };
        let references = here(&secrets.references);
        let (known, dynamic): (Vec<_>, Vec<_>) =
            references.into_iter().partition(|row| row.key.is_some());
        for kind in Kind::ALL {
            let rows: Vec<&Row> = known.iter().filter(|row| row.kind == kind).collect();
            section(plural(kind), &rows, has_backend, width, out)?;
        }
        if !dynamic.is_empty() {
            writeln!(out, "\n  not known before it runs")?;
            for row in &dynamic {
                let place = format!("{}:{}", row.path, row.line);
                line(&format!("a {} of {}", row.kind, row.by), &place, width, out)?;
            }
        }
        let implicit = here(&secrets.implicit);
        let implicit: Vec<&Row> = implicit.iter().filter(|row| row.key.is_some()).collect();
        section("asked without a reference", &implicit, has_backend, width, out)?;
    }
    Ok(())
}

/// The rows of one section, folded by name.
fn section(
    title: &str,
    rows: &[&Row],
    has_backend: bool,
    width: usize,
    out: &mut dyn Write,
) -> io::Result<()> {
    let mut folded: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for row in rows {
        let key = row.key.as_deref().unwrap_or("");
        let name = match row.requested.as_slice() {
            [] if has_backend => format!("{key} (not asked of the backend)"),
            [] => key.to_owned(),
            names => names.join(" or "),
        };
        let name = match row.certainty {
            KeyCertainty::OneOf => format!("{name} (one of several)"),
            _ => name,
        };
        let when = match row.timing {
            When::Parse => " (parse)",
            When::Template => " (template)",
            When::Run => "",
        };
        let place = format!("{}:{}{when}", row.path, row.line);
        let places = folded.entry(name).or_default();
        if !places.contains(&place) {
            places.push(place);
        }
    }
    if folded.is_empty() {
        return Ok(());
    }
    writeln!(out, "\n  {title} ({})", folded.len())?;
    for (name, places) in folded {
        let places = match places.as_slice() {
            [first, second, rest @ ..] if !rest.is_empty() => {
                format!("{first}, {second} and {} more", rest.len())
            }
            places => places.join(", "),
        };
        line(&name, &places, width, out)?;
    }
    Ok(())
}

/// A name and who asks for it, on one line where both have room.
fn line(name: &str, places: &str, width: usize, out: &mut dyn Write) -> io::Result<()> {
    const COLUMN: usize = 40;
    let (name, places) = (escape(name), escape(places));
    let length = name.chars().count();
    if length <= COLUMN && 4 + COLUMN + 2 + places.chars().count() <= width {
        writeln!(out, "    {name:COLUMN$}  {places}")
    } else {
        writeln!(out, "    {name}\n        {places}")
    }
}

const fn plural(kind: Kind) -> &'static str {
    match kind {
        Kind::Variable => "variables",
        Kind::Connection => "connections",
        Kind::Config => "configuration options",
    }
}

/// One line that counts the references by how sure their keys are.
#[must_use]
pub fn summary(secrets: &Secrets) -> String {
    let mut by_reference: BTreeMap<usize, KeyCertainty> = BTreeMap::new();
    for row in &secrets.references {
        let certainty = by_reference.entry(row.reference).or_insert(row.certainty);
        *certainty = (*certainty).max(row.certainty);
    }
    let count = |wanted: KeyCertainty| by_reference.values().filter(|it| **it == wanted).count();
    let (noun, pronoun) =
        if by_reference.len() == 1 { ("reference", "it runs") } else { ("references", "they run") };
    format!(
        "{} {noun}: {} known, {} one of several, {} known in part, {} not known before {pronoun}",
        by_reference.len(),
        count(KeyCertainty::Known),
        count(KeyCertainty::OneOf),
        count(KeyCertainty::Pattern),
        count(KeyCertainty::Dynamic),
    )
}

/// Writes what is missing and what is unused.
///
/// # Errors
/// When `out` cannot be written to.
pub fn compared(compared: &Compared, width: usize, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "missing ({})", compared.missing.len())?;
    for secret in &compared.missing {
        let places: Vec<_> =
            secret.asked_by.iter().map(|it| format!("{}:{}", it.path, it.line)).collect();
        line(&secret.name, &places.join(", "), width, out)?;
    }
    writeln!(out, "\nnot asked for ({})", compared.unused.len())?;
    for name in &compared.unused {
        writeln!(out, "    {}", escape(name))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(kind: Kind, key: Option<&str>, certainty: KeyCertainty, names: &[&str]) -> Row {
        Row {
            kind,
            key: key.map(str::to_owned),
            certainty,
            timing: When::Run,
            path: "dags/a.py".to_owned(),
            line: 3,
            column: 1,
            environment: "local".to_owned(),
            requested: names.iter().map(|name| (*name).to_owned()).collect(),
            reference: 0,
            by: "Variable.get".to_owned(),
        }
    }

    fn typical() -> Secrets {
        let environment = EnvironmentLine {
            name: "local".to_owned(),
            backend: Some("B".to_owned()),
            trouble: None,
        };
        let references = vec![
            row(Kind::Variable, Some("a"), KeyCertainty::Known, &["v/a"]),
            Row { line: 9, ..row(Kind::Variable, Some("a"), KeyCertainty::OneOf, &["v/a"]) },
            row(Kind::Connection, Some("*_x"), KeyCertainty::Pattern, &["c/*_x"]),
            row(Kind::Connection, None, KeyCertainty::Dynamic, &[]),
        ];
        let implicit = vec![row(Kind::Connection, Some("aws_default"), KeyCertainty::Known, &[])];
        Secrets::new(references, implicit, vec![environment])
    }

    #[test]
    fn the_output_is_as_the_published_schema_says() {
        let schema = include_str!("../../docs/astrolint-secrets-v1.schema.json");
        let schema: serde_json::Value = serde_json::from_str(schema).unwrap();
        let secrets = typical();
        let compared = Compared { version: 1, missing: secrets.unique(), unused: vec!["x".into()] };
        let mut documents = [Vec::new(), Vec::new(), Vec::new()];
        json(&secrets, &mut documents[0]).unwrap();
        json_unique(&secrets.unique(), &mut documents[1]).unwrap();
        json(&compared, &mut documents[2]).unwrap();
        for document in documents {
            let value = serde_json::from_slice(&document).unwrap();
            crate::report::schema::check(&schema, &schema, &value, "secrets");
        }
    }

    #[test]
    fn names_are_folded() {
        let unique = typical().unique();
        let names: Vec<_> = unique.iter().map(|it| (it.name.as_str(), it.asked_by.len())).collect();
        assert_eq!(names, [("v/a", 2), ("c/*_x", 1)]);
    }

    #[test]
    fn the_table_has_no_formulas() {
        for (field, expected) in [
            ("a", "a"),
            ("a,b", "\"a,b\""),
            ("a\"b", "\"a\"\"b\""),
            ("=1+1", "\"'=1+1\""),
            ("@x", "\"'@x\""),
            ("a\nb", "a\\nb"),
        ] {
            assert_eq!(csv_field(field), expected, "{field:?}");
        }
    }

    #[test]
    fn the_list_is_readable_at_80_columns() {
        let mut out = Vec::new();
        text(&typical(), 80, &mut out).unwrap();
        assert_eq!(
            String::from_utf8(out).unwrap(),
            "environment `local` asks B

  variables (2)
    v/a                                       dags/a.py:3
    v/a (one of several)                      dags/a.py:9

  connections (1)
    c/*_x                                     dags/a.py:3

  not known before it runs
    a connection of Variable.get              dags/a.py:3

  asked without a reference (1)
    aws_default (not asked of the backend)    dags/a.py:3
"
        );
        assert_eq!(
            summary(&typical()),
            "1 reference: 0 known, 0 one of several, 0 known in part, 1 not known before it runs"
        );
    }
}
