//! What `astrolint resolve` prints: the name that would be asked for, and the way to it.

use std::io::{self, Write};

use serde::Serialize;

use super::escape::{escape, path_text};
use crate::model::{Files, Kind, Setting};
use crate::resolve::{Answer, Environment, Outcome, Process, next_places};
use crate::text::MASK;

/// One question about one environment, with its answers.
#[derive(Debug)]
pub struct Answered<'a> {
    /// The environment.
    pub environment: &'a Environment,
    /// Who asks.
    pub process: Process,
    /// What is asked for.
    pub kind: Kind,
    /// Its key.
    pub key: &'a str,
    /// One answer per distinct outcome over the possible versions.
    pub answers: Vec<Answer>,
}

#[derive(Serialize)]
struct Document<'a> {
    version: u8,
    results: Vec<Row<'a>>,
}

#[derive(Serialize)]
struct Row<'a> {
    environment: &'a str,
    backend: Option<String>,
    provider: Option<Provider<'a>>,
    airflow: Versions,
    kind: Kind,
    key: &'a str,
    outcome: Outcome,
    requested: Vec<String>,
    reason: String,
    then: Vec<String>,
}

#[derive(Serialize)]
struct Provider<'a> {
    package: &'a str,
    versions: Vec<String>,
}

#[derive(Serialize)]
struct Versions {
    versions: Vec<String>,
}

/// Writes the answers as JSON, version 1, on one line or indented.
///
/// # Errors
/// When `out` cannot be written to.
pub fn json(answered: &[Answered<'_>], one_line: bool, out: &mut dyn Write) -> io::Result<()> {
    let results = answered
        .iter()
        .flat_map(|one| one.answers.iter().map(move |answer| row(one, answer)))
        .collect();
    let document = Document { version: 1, results };
    if one_line {
        serde_json::to_writer(&mut *out, &document)?;
    } else {
        serde_json::to_writer_pretty(&mut *out, &document)?;
    }
    writeln!(out)
}

fn row<'a>(one: &'a Answered<'a>, answer: &'a Answer) -> Row<'a> {
    let private = one.environment.private_values();
    let texts =
        |versions: &[pep440_rs::Version]| versions.iter().map(ToString::to_string).collect();
    Row {
        environment: &one.environment.name,
        backend: one.configured_class(answer).map(|class| private.mask(class)),
        provider: one
            .package(answer)
            .map(|package| Provider { package, versions: texts(&answer.provider) }),
        airflow: Versions { versions: texts(&answer.airflow) },
        kind: one.kind,
        key: one.key,
        outcome: answer.lookup.outcome,
        requested: answer.lookup.requested.iter().map(|name| private.mask(name)).collect(),
        reason: private.mask(&answer.lookup.reason),
        then: one.then(answer),
    }
}

impl Answered<'_> {
    fn configured_class(&self, answer: &Answer) -> Option<&str> {
        let configured = self.configured(answer);
        let class = configured.class.as_ref()?;
        class.text.as_ref().map(|_| class.shown().unwrap_or(MASK))
    }

    fn configured(&self, answer: &Answer) -> &crate::resolve::Configured {
        match (self.process, answer.airflow.last()) {
            (Process::Worker, Some(version)) => self.environment.worker_backend(version),
            _ => &self.environment.server,
        }
    }

    fn package(&self, answer: &Answer) -> Option<&'static str> {
        self.configured(answer).provider_package()
    }

    fn then(&self, answer: &Answer) -> Vec<String> {
        match answer.lookup.outcome {
            Outcome::StartupError => Vec::new(),
            _ => next_places(self.process, self.kind, self.key, answer.airflow.last()),
        }
    }
}

/// Writes the answers to one question as a story: where the settings come from, what is asked, who
/// answers next.
///
/// # Errors
/// When `out` cannot be written to.
pub fn text(one: &Answered<'_>, files: &Files, out: &mut dyn Write) -> io::Result<()> {
    writeln!(
        out,
        "{} `{}` in environment `{}`",
        one.kind,
        escape(one.key),
        escape(&one.environment.name)
    )?;
    for answer in &one.answers {
        if one.answers.len() > 1 {
            writeln!(out)?;
        }
        told(one, answer, files, out)?;
    }
    Ok(())
}

fn told(one: &Answered<'_>, answer: &Answer, files: &Files, out: &mut dyn Write) -> io::Result<()> {
    let mut text = Vec::new();
    story(one, answer, files, &mut text)?;
    let private = one.environment.private_values();
    out.write_all(private.mask(&String::from_utf8_lossy(&text)).as_bytes())
}

fn story(
    one: &Answered<'_>,
    answer: &Answer,
    files: &Files,
    out: &mut dyn Write,
) -> io::Result<()> {
    let configured = one.configured(answer);
    let mut versions = format!("apache-airflow {}", range(&answer.airflow));
    if let Some(package) = one.package(answer) {
        let installed = if answer.provider.is_empty() {
            "not installed".to_owned()
        } else {
            range(&answer.provider)
        };
        versions += &format!(", {package} {installed}");
    }
    writeln!(out, "  with       {versions}")?;
    if let Some(class) = &configured.class {
        let name = match class.text {
            Some(_) => class.shown().unwrap_or(MASK),
            None => "a value that is only known when it runs",
        };
        writeln!(out, "  backend    {}  ({})", escape(name), place(&class.setting, files))?;
    }
    if let Some(setting) = &configured.kwargs_setting {
        let mut words: Vec<String> = Vec::new();
        if let Some(version) = answer.airflow.last() {
            words.extend(
                configured
                    .keywords(version)
                    .iter()
                    .map(|kwarg| format!("{}={}", kwarg.shown_name(), kwarg.shown_value())),
            );
        }
        let words = if words.is_empty() { "none taken".to_owned() } else { words.join(", ") };
        writeln!(out, "  kwargs     {}  ({})", escape(&words), place(setting, files))?;
    }
    let lookup = &answer.lookup;
    match lookup.outcome {
        Outcome::Asked => writeln!(
            out,
            "  asks for   {}  ({})",
            escape(&lookup.requested.join(", ")),
            escape(&lookup.reason)
        )?,
        Outcome::NeverAsked | Outcome::NoBackend => {
            writeln!(out, "  not asked  {}", escape(&lookup.reason))?;
        }
        Outcome::StartupError | Outcome::LookupError => {
            writeln!(out, "  fails      {}", escape(&lookup.reason))?;
        }
        Outcome::Unknown => writeln!(out, "  unknown    {}", escape(&lookup.reason))?,
    }
    let then = one.then(answer);
    if !then.is_empty() {
        writeln!(out, "  then       {}", escape(&then.join(", then ")))?;
    }
    Ok(())
}

/// The first and the last of sorted versions.
fn range(versions: &[pep440_rs::Version]) -> String {
    match versions {
        [] => "of any version".to_owned(),
        [one] => one.to_string(),
        [first, .., last] => format!("{first} to {last}"),
    }
}

fn place(setting: &Setting, files: &Files) -> String {
    let file = files.get(setting.file);
    format!("{}:{}", path_text(file.path()), file.position(setting.key_span.start).line)
}
