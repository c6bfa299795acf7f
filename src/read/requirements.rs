//! pip's requirements files: what each line asks for, or why we cannot tell.
//!
//! A line is what pip makes of it: lines are joined, comments dropped and options split off as in
//! `pip/_internal/req/req_file.py` and `constructors.py`, and what remains is read as `packaging`
//! reads it (pip 26.3, packaging 26.3). Nothing is dropped: a line that depends on the environment
//! or that pip would refuse is an item that says so.

mod dependency;
mod marker;
mod option;
mod refusal;

use pep440_rs::{Version, VersionSpecifier};

use crate::text::{Span, Spanned, Text, TextBuilder};
pub use marker::{Marker, Verdict};
pub use refusal::Refusal;

/// A requirements file. The spans of its lines follow each other without gaps.
#[derive(Clone, Debug)]
pub struct Document {
    /// The logical lines, in order.
    pub lines: Vec<Line>,
}

/// One logical line: one physical line, or several that backslashes join.
#[derive(Clone, Debug)]
pub struct Line {
    /// All its bytes, with the line end.
    pub span: Span,
    /// The comment, from its `#` on.
    pub comment: Option<Span>,
    /// What the line says.
    pub item: Item,
    /// Parts that pip reads without effect, as a second `-r` on one line.
    pub ignored: Vec<Span>,
}

/// What one logical line says.
#[derive(Clone, Debug)]
pub enum Item {
    /// Nothing, or only a comment.
    Blank,
    /// `name[extra]>=1; marker` or `name @ url`.
    Requirement(Box<Requirement>),
    /// A path, archive, URL or repository that stands without a name.
    Direct(Direct),
    /// `-r FILE`; a URL may hold credentials.
    Include(Text),
    /// `-c FILE`.
    Constraint(Text),
    /// Options for pip itself, by their long names; their values may hold credentials.
    Options(Vec<Spanned<&'static str>>),
    /// `${NAME}`, which pip replaces while it builds, decides what the line means.
    DependsOnEnvironment {
        /// The names between the braces.
        variables: Vec<Spanned<String>>,
        /// The package, when it stands in front of the first variable.
        package: Option<Spanned<PackageName>>,
    },
    /// pip refuses the whole file because of this line.
    Invalid {
        /// The part at fault.
        span: Span,
        /// What is wrong with it.
        why: Refusal,
    },
}

/// A package asked for by name.
#[derive(Clone, Debug)]
pub struct Requirement {
    /// The package.
    pub name: Spanned<PackageName>,
    /// The extras, normalised like names.
    pub extras: Vec<Spanned<String>>,
    /// The version specifiers; all of them must hold.
    pub specifiers: Vec<Specifier>,
    /// Where the package comes from, in `name @ url`.
    pub url: Option<Source>,
    /// The condition behind `;`.
    pub marker: Option<Marker>,
    /// Whether the line carries `--hash` options.
    pub hashed: bool,
}

/// A package asked for by its place instead of its name.
#[derive(Clone, Debug)]
pub struct Direct {
    /// Where it comes from.
    pub source: Source,
    /// Its name, when a wheel's file name or `#egg=` says it.
    pub name: Option<PackageName>,
    /// Whether it is installed with `-e`.
    pub editable: bool,
    /// The condition behind `;`.
    pub marker: Option<Marker>,
}

/// The place a package comes from. A URL may hold credentials, so only its span is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// What kind of place.
    pub kind: SourceKind,
    /// The path or URL.
    pub span: Span,
    /// The version, when the place is a wheel: its file name says it.
    pub version: Option<Version>,
}

/// What kind of place a package comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SourceKind {
    /// A directory or an archive.
    Path,
    /// An archive behind `http:`, `https:`, `ftp:` or `file:`.
    Url,
    /// A repository, as `git+https:`.
    Vcs,
}

/// One version specifier, as `>=8.1.0`.
#[derive(Clone, Debug)]
pub struct Specifier {
    /// `==`, `>=`, `~=`, `===` and so on.
    pub operator: &'static str,
    /// The version as written.
    pub version: String,
    /// Operator and version.
    pub span: Span,
    /// Both, ready to compare; `None` for what `packaging` accepts and nobody can order, as
    /// `===anything` or a number beyond 64 bits.
    pub parsed: Option<VersionSpecifier>,
}

/// The name of a package.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PackageName {
    /// As written.
    pub written: String,
    /// As PEP 503 normalises it.
    pub normalised: String,
}

impl PackageName {
    /// The name `written`.
    #[must_use]
    pub fn new(written: &str) -> Self {
        Self { written: written.to_owned(), normalised: normalise(written) }
    }
}

/// The name of a package or extra in lower case, each run of `-`, `_` and `.` as one `-` (PEP 503).
#[must_use]
pub fn normalise(name: &str) -> String {
    let mut normalised = String::with_capacity(name.len());
    for c in name.chars() {
        match c {
            '-' | '_' | '.' if normalised.ends_with('-') => {}
            '-' | '_' | '.' => normalised.push('-'),
            other => normalised.push(other.to_ascii_lowercase()),
        }
    }
    normalised
}

/// A refusal and the bytes of the logical line that caused it.
type Refused = (std::ops::Range<usize>, Refusal);

/// Reads a requirements file. Never fails: what pip refuses is an [`Item::Invalid`].
#[must_use]
pub fn read(text: &str) -> Document {
    let mut lines = Vec::new();
    let mut start = 0;
    let mut joined = TextBuilder::default();
    let mut joining = false;
    for physical in physical_lines(text) {
        let mut content = physical.content;
        if physical.start == 0 {
            content = content.trim_start_matches('\u{feff}');
        }
        let offset = physical.start + physical.content.len() - content.len();
        let comment_only = content.trim_start_matches(is_space).starts_with('#');
        let continued = content.ends_with('\\') && !comment_only;
        if continued {
            // pip strips the backslashes at both ends.
            let from = content.len() - content.trim_start_matches('\\').len();
            joined.verbatim(content.trim_matches('\\'), offset + from);
            joining = true;
            continue;
        }
        if joining && comment_only {
            joined.push(" ", Span::at(offset));
        }
        joined.verbatim(content, offset);
        let logical = std::mem::take(&mut joined).finish(Span::new(start, physical.end));
        lines.push(read_line(&logical));
        start = physical.end;
        joining = false;
    }
    if joining || start < text.len() {
        lines.push(read_line(&joined.finish(Span::new(start, text.len()))));
    }
    Document { lines }
}

/// Reads one requirement as it stands among the arguments of `pip install`, after the shell took
/// its quotes away.
#[must_use]
pub fn read_argument(argument: &Text) -> Item {
    let logical = Logical { text: argument.expose().trim_matches(is_space), line: argument };
    let start = argument.expose().len() - argument.expose().trim_start_matches(is_space).len();
    classify_argument(&logical, start, false)
}

/// A physical line: where it starts, its text without the line end, where the next one starts.
struct Physical<'a> {
    start: usize,
    content: &'a str,
    end: usize,
}

/// Splits where Python's `str.splitlines` does.
fn physical_lines(text: &str) -> impl Iterator<Item = Physical<'_>> {
    let mut start = 0;
    std::iter::from_fn(move || {
        let rest = text.get(start..).filter(|rest| !rest.is_empty())?;
        let end = rest.find(is_line_end);
        let content = rest.get(..end.unwrap_or(rest.len())).unwrap_or(rest);
        let behind = rest.get(content.len()..).unwrap_or("");
        let ending = if behind.starts_with("\r\n") {
            2
        } else {
            behind.chars().next().map_or(0, char::len_utf8)
        };
        let line = Physical { start, content, end: start + content.len() + ending };
        start = line.end;
        Some(line)
    })
}

fn is_line_end(c: char) -> bool {
    matches!(
        c,
        '\n' | '\r' | '\u{b}' | '\u{c}' | '\u{1c}'..='\u{1e}' | '\u{85}' | '\u{2028}' | '\u{2029}'
    )
}

/// What `\s` matches in Python.
fn is_space(c: char) -> bool {
    c.is_whitespace() || matches!(c, '\u{1c}'..='\u{1f}')
}

/// The text of a logical line without its comment, and the way back to the file.
struct Logical<'a> {
    text: &'a str,
    line: &'a Text,
}

fn read_line(line: &Text) -> Line {
    let whole = line.expose();
    let hash = comment_start(whole);
    let comment = hash.map(|at| line.span_of(at..whole.len()));
    let code = whole.get(..hash.unwrap_or(whole.len())).unwrap_or(whole);
    let start = code.len() - code.trim_start_matches(is_space).len();
    let logical = Logical { text: code.trim_matches(is_space), line };
    let mut ignored = Vec::new();
    let item = classify(&logical, start, &mut ignored);
    Line { span: line.span(), comment, item, ignored }
}

/// Where the comment begins: at a `#` that stands first or behind white space.
fn comment_start(line: &str) -> Option<usize> {
    let mut behind_space = true;
    for (at, c) in line.char_indices() {
        if c == '#' && behind_space {
            return Some(at);
        }
        behind_space = is_space(c);
    }
    None
}

/// What the text, which begins at byte `start` of its logical line, says.
fn classify(logical: &Logical<'_>, start: usize, ignored: &mut Vec<Span>) -> Item {
    let text = logical.text;
    if text.is_empty() {
        return Item::Blank;
    }
    // pip splits at single blanks; the first word that begins with `-` starts the options.
    let mut at = 0;
    let mut options_at = text.len();
    for word in text.split(' ') {
        if word.starts_with('-') {
            options_at = at;
            break;
        }
        at += word.len() + 1;
    }
    let (argument, options) = text.split_at_checked(options_at).unwrap_or((text, ""));
    let span = |range: std::ops::Range<usize>| {
        logical.line.span_of(start + range.start..start + range.end)
    };
    let options = match option::split(options) {
        Ok(options) => options,
        Err((range, why)) => {
            let range = options_at + range.start..options_at + range.end;
            return Item::Invalid { span: span(range), why };
        }
    };
    let option_span =
        |range: &std::ops::Range<usize>| span(options_at + range.start..options_at + range.end);
    let argument = argument.trim_end_matches(is_space);
    if !argument.is_empty() {
        let mut hashed = false;
        let mut editable = false;
        for option in &options {
            match option.name {
                "--hash" => hashed = true,
                "--config-settings" => {}
                "--editable" => editable = true,
                _ => ignored.push(option_span(&option.range)),
            }
        }
        let logical = Logical { text: argument, line: logical.line };
        let mut item = classify_argument(&logical, start, editable);
        if let Item::Requirement(requirement) = &mut item {
            requirement.hashed = hashed;
        }
        return item;
    }
    // One thing a line: an editable wins over an include, the first of each kind counts.
    let principal = ["--editable", "--requirement", "--constraint"]
        .into_iter()
        .find_map(|name| options.iter().position(|option| option.name == name));
    let Some(chosen) = principal else {
        let known = options.iter().filter(|option| !option.name.is_empty());
        let names = known.map(|option| Spanned::new(option.name, option_span(&option.range)));
        let names: Vec<_> = names.collect();
        let positional = options.iter().filter(|option| option.name.is_empty());
        ignored.extend(positional.map(|option| option_span(&option.range)));
        return Item::Options(names);
    };
    let mut item = Item::Blank;
    for (index, option) in options.iter().enumerate() {
        if index != chosen {
            ignored.push(option_span(&option.range));
            continue;
        }
        let value = Text::produced_by(&option.value, option_span(&option.value_range));
        item = match option.name {
            "--editable" => {
                let logical = Logical { text: value.expose(), line: &value };
                classify_argument(&logical, 0, true)
            }
            _ if !dependency::variables(&option.value).is_empty() => {
                let logical = Logical { text: value.expose(), line: &value };
                dependency::depends_on_environment(&logical, 0, None)
            }
            "--requirement" => Item::Include(value),
            _ => Item::Constraint(value),
        };
    }
    item
}

/// What a requirement without options says.
fn classify_argument(logical: &Logical<'_>, start: usize, editable: bool) -> Item {
    match dependency::read(logical, start, editable) {
        Ok(item) => item,
        Err((range, why)) => Item::Invalid {
            span: logical.line.span_of(start + range.start..start + range.end),
            why,
        },
    }
}

#[cfg(test)]
mod tests;
