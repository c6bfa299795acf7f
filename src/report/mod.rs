//! What the user sees: the findings, in one format or another.
//!
//! Source text comes into any format through `mask` only, text from files through [`mod@escape`].

pub mod answers;
mod color;
pub mod comparison;
mod concise;
pub mod diff;
pub mod emit;
pub mod escape;
mod full;
mod github;
mod gitlab;
mod html;
mod json;
mod jsonl;
mod junit;
pub mod map;
mod mask;
mod narrated;
pub mod page;
mod rdjson;
mod sarif;
#[cfg(any(test, fuzzing))]
mod schema;
pub mod secrets;
pub mod shards;
mod snippet;
pub mod statistics;
pub mod story;
mod window;

use std::io::{self, Write};
use std::path::PathBuf;
use std::str::FromStr;

use serde::Serialize;

use crate::check::{Finding, Level};
use crate::fix::{self, Fixed};
use crate::model::{FileId, Files, Place, Shown};
use crate::text::Position;

use escape::{escape, path_text};
use map::Map;

pub use color::ColorChoice;
pub use concise::LINE as CONCISE_LINE;
pub(crate) use full::wrapping;

/// Everything that is reported.
#[derive(Clone, Copy)]
pub struct Report<'a> {
    /// The files that findings point into.
    pub files: &'a Files,
    /// What of them may be shown.
    pub shown: &'a Shown,
    /// The findings, in the order in which every format gives them.
    pub findings: &'a [Finding],
    /// The roots of the projects that were checked.
    pub projects: &'a [PathBuf],
    /// What each of them asks for and is given; nothing unless a format shows it ([`Format::has_map`]).
    pub maps: &'a [Map],
    /// How many more there are.
    pub left_out: LeftOut,
}

/// How many findings are not reported, and why.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize)]
pub struct LeftOut {
    /// Comments hide them.
    pub suppressed: usize,
    /// The configuration switches their rules off.
    pub switched_off: usize,
    /// The baseline knows them.
    pub known: usize,
}

impl LeftOut {
    /// Counts those of `other` too.
    pub const fn add(&mut self, other: Self) {
        self.suppressed += other.suppressed;
        self.switched_off += other.switched_off;
        self.known += other.known;
    }
}

/// How it is shown; machine formats heed none of it.
#[derive(Clone, Copy, Debug)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a switch of the command line or a fact about the terminal"
)]
pub struct Options {
    /// Whether to use ANSI colours.
    pub color: bool,
    /// The columns of the terminal.
    pub width: usize,
    /// Whether the terminal shows more than ASCII.
    pub unicode: bool,
    /// Whether findings of level `info` are shown.
    pub strict: bool,
    /// Whether `full` is written to be read aloud.
    pub narrated: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self { color: false, width: 80, unicode: true, strict: false, narrated: false }
    }
}

/// An output format.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Format {
    /// Findings with their source lines, for people.
    Full,
    /// One line for each finding.
    Concise,
    /// One JSON document.
    Json,
    /// One JSON object a line for each finding, for tables of many runs.
    Jsonl,
    /// SARIF 2.1.0, for code scanning and editors.
    Sarif,
    /// Workflow commands of GitHub, which become annotations.
    Github,
    /// A Code Quality report of GitLab.
    Gitlab,
    /// `JUnit` XML, for whatever shows results of tests.
    Junit,
    /// reviewdog's JSON.
    Rdjson,
    /// One page for a browser, with the map of what is asked for where.
    Html,
}

impl Format {
    /// All formats, in the order in which help texts list them.
    pub const ALL: [Self; 10] = [
        Self::Full,
        Self::Concise,
        Self::Json,
        Self::Jsonl,
        Self::Sarif,
        Self::Github,
        Self::Gitlab,
        Self::Junit,
        Self::Rdjson,
        Self::Html,
    ];

    /// The name on the command line.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Full => "full",
            Self::Concise => "concise",
            Self::Json => "json",
            Self::Jsonl => "jsonl",
            Self::Sarif => "sarif",
            Self::Github => "github",
            Self::Gitlab => "gitlab",
            Self::Junit => "junit",
            Self::Rdjson => "rdjson",
            Self::Html => "html",
        }
    }

    /// Whether it shows [`Report::maps`].
    #[must_use]
    pub const fn has_map(self) -> bool {
        matches!(self, Self::Html)
    }
}

impl FromStr for Format {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        Self::ALL
            .into_iter()
            .find(|format| format.name() == name)
            .ok_or_else(|| format!("expected one of {}", Self::ALL.map(Self::name).join(", ")))
    }
}

/// How many findings there are of each level, hidden ones included.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize)]
pub struct Counts {
    /// Findings of level `error`.
    pub error: usize,
    /// Findings of level `warning`.
    pub warning: usize,
    /// Findings of level `info`.
    pub info: usize,
}

impl Counts {
    /// Counts `findings`.
    fn of<'a>(findings: impl IntoIterator<Item = &'a Finding>) -> Self {
        let mut counts = Self::default();
        for finding in findings {
            match finding.level {
                Level::Error => counts.error += 1,
                Level::Warning => counts.warning += 1,
                Level::Info => counts.info += 1,
            }
        }
        counts
    }
}

impl Report<'_> {
    /// Counts the findings.
    #[must_use]
    pub fn counts(&self) -> Counts {
        Counts::of(self.findings)
    }

    /// The directory of the project that `finding` belongs to, as every format names it.
    fn project(&self, finding: &Finding) -> String {
        self.projects.get(finding.project).map(|root| path_text(root)).unwrap_or_default()
    }

    /// The path of `file`, as every format names it.
    fn path(&self, file: FileId) -> String {
        path_text(self.files.get(file).path())
    }

    /// The findings that formats for people show.
    fn visible(&self, options: &Options) -> impl Iterator<Item = &Finding> {
        let least = if options.strict { Level::Info } else { Level::Warning };
        self.findings.iter().filter(move |finding| finding.level >= least)
    }

    /// The positions of the first byte of `place` and of the one behind it.
    fn range(&self, place: Place) -> (Position, Position) {
        (self.position(place.file, place.span.start), self.position(place.file, place.span.end))
    }

    /// The position of byte `offset` of `file`; that of the last character boundary before it when
    /// there is none.
    fn position(&self, file: FileId, offset: usize) -> Position {
        let file = self.files.get(file);
        file.position(file.text().floor_char_boundary(offset))
    }
}

/// Writes `report` in `format`.
///
/// The closing line, [`summary`], is no part of it: it belongs on standard error.
///
/// # Errors
/// When `out` cannot be written.
pub fn render(
    format: Format,
    report: &Report<'_>,
    options: &Options,
    out: &mut dyn Write,
) -> io::Result<()> {
    match format {
        Format::Full if options.narrated => narrated::write(report, options, out),
        Format::Full => full::write(report, options, out),
        Format::Concise => concise::write(report, options, out),
        Format::Json => json::write(report, out),
        Format::Jsonl => jsonl::write(report, out),
        Format::Sarif => sarif::write(report, out),
        Format::Github => github::write(report, out),
        Format::Gitlab => gitlab::write(report, out),
        Format::Junit => junit::write(report, out),
        Format::Rdjson => rdjson::write(report, out),
        Format::Html => html::write(report, out),
    }
}

/// The closing line: "Found 3 errors and 1 warning (2 info hidden, shown with --strict) in 2 projects."
#[must_use]
pub fn summary(report: &Report<'_>, options: &Options) -> String {
    let Counts { error, warning, info } = report.counts();
    let mut parts = Vec::new();
    parts.extend((error > 0).then(|| counted(error, "error")));
    parts.extend((warning > 0).then(|| counted(warning, "warning")));
    parts.extend((info > 0 && options.strict).then(|| format!("{info} info")));
    let found = match parts.split_last() {
        None => "No problems found".to_owned(),
        Some((only, [])) => format!("Found {only}"),
        Some((last, others)) => format!("Found {} and {last}", others.join(", ")),
    };
    let LeftOut { suppressed, switched_off, known } = report.left_out;
    let more: Vec<String> = [
        (if options.strict { 0 } else { info }, "info hidden, shown with --strict"),
        (suppressed, "suppressed by comments"),
        (switched_off, "switched off by the configuration"),
        (known, "more in the baseline"),
    ]
    .into_iter()
    .filter(|(number, _)| *number > 0)
    .map(|(number, what)| format!("{number} {what}"))
    .collect();
    let more = if more.is_empty() { String::new() } else { format!(" ({})", more.join("; ")) };
    let projects = counted(report.projects.len(), "project");
    format!("{found}{more} in {projects}.{}", fixable(report))
}

/// What `--fix` would do about the findings: " 2 can be fixed with --fix, 1 more with --unsafe-fixes."
fn fixable(report: &Report<'_>) -> String {
    match fix::offered(report.findings) {
        (0, 0) => String::new(),
        (safe, 0) => format!(" {safe} can be fixed with --fix."),
        (0, others) => format!(" {others} can be fixed with --fix --unsafe-fixes."),
        (safe, others) => {
            format!(" {safe} can be fixed with --fix, {others} more with --unsafe-fixes.")
        }
    }
}

/// What `--diff` ends with: "2 fixes would change 1 file."
#[must_use]
pub fn would_fix(fixed: &Fixed) -> String {
    match fixed.files.len() {
        0 => "There is nothing to fix.".to_owned(),
        files => {
            let number = fixed.applied.len();
            let what = if number == 1 { "fix" } else { "fixes" };
            format!("{number} {what} would change {}.", counted(files, "file"))
        }
    }
}

/// What is said of `finding` besides its message, a line each, for formats that have one text for it.
fn remarks(finding: &Finding) -> impl Iterator<Item = String> {
    let line = |name: &str, text: &str| format!("{name}: {}", escape(text));
    let environment = finding.environment.iter().map(move |name| line("environment", name));
    let notes = finding.notes.iter().map(move |note| line("note", note));
    environment.chain(notes).chain(finding.help.iter().map(move |help| line("help", help)))
}

fn counted(number: usize, noun: &str) -> String {
    format!("{number} {noun}{}", if number == 1 { "" } else { "s" })
}

#[cfg(any(test, fuzzing))]
pub(crate) mod machines;
#[cfg(test)]
mod tests;
