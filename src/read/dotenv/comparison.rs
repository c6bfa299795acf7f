//! One file under all programs that Astro's commands use: which lines are rejected, which values
//! differ and how, which keys repeat.

use std::fmt;

use super::document::Assignment;
use super::faults::{LineFault, all_give, compose_value, faults};
use super::reading::Note;
use super::recovery::{MOST_REPAIRS, Recovered, Unit, UnitKind, unit_at};
use super::rewrite::Edit;
use super::{Document, Pair, Reader, Readings};
use crate::hash::HashMap;
use crate::text::{Span, Spanned, Text};

/// What is to be said about a file, line by line, each line at most once in `faults` or
/// `differences`.
#[derive(Clone, Debug, Default)]
pub struct Comparison {
    /// Lines that a program rejects or leaves out.
    pub faults: Vec<LineFault>,
    /// Values that the programs understand differently.
    pub differences: Vec<Difference>,
    /// Keys that are assigned more than once.
    pub repeated: Vec<Repeated>,
}

/// A value that the [judged](Reader::JUDGED) programs understand differently.
#[derive(Clone, Debug)]
pub struct Difference {
    /// The key.
    pub key: Spanned<String>,
    /// What is at fault: the value as written, with its quotes, on its first line; where the fault stands
    /// before the key, that and the key.
    pub place: Span,
    /// What of its writing they disagree about.
    pub cause: Cause,
    /// What they make of it: the distinct outcomes, each with its programs.
    pub groups: Vec<Understood>,
    /// Edits of harmless characters after which all read what `compose` reads today.
    pub repair: Option<Vec<Edit>>,
}

/// What some programs make of a value.
#[derive(Clone, Debug)]
pub struct Understood {
    /// The programs.
    pub readers: Vec<Reader>,
    /// The value; `None` when they have no such key.
    pub value: Option<Text>,
    /// How that follows from what is written.
    pub treatment: Treatment,
}

/// What of the writing of a value is understood differently.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Cause {
    /// A byte order mark before the key.
    ByteOrderMark,
    /// Blanks before the key.
    Indent,
    /// Quotes around several lines.
    Lines,
    /// Quotes around the value.
    Quotes,
    /// Nothing but a comment.
    OnlyComment,
    /// A `#` behind a blank.
    Comment,
    /// A `#` inside the value.
    Hash,
    /// A `$`.
    Dollar,
    /// Blanks before or behind the value.
    Blanks,
    /// Something else.
    Other,
}

/// How a value follows from what is written, in words.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Treatment {
    /// There is no such key.
    Absent,
    /// It is empty.
    Empty,
    /// Exactly what is written.
    AsWritten,
    /// The quotes are a part of it.
    WithQuotes,
    /// The quotes and the comment are a part of it.
    WithQuotesAndComment,
    /// Without the quotes.
    WithoutQuotes,
    /// Without the quotes, with escapes and variables replaced.
    Decoded,
    /// The first line only.
    FirstLine,
    /// Up to the ` #`.
    WithoutComment,
    /// With the `#` and what follows.
    WithComment,
    /// Up to the first `#`.
    CutAtHash,
    /// With variables replaced.
    Expanded,
    /// With the blanks around it.
    WithBlanks,
    /// Something else.
    Other,
}

impl fmt::Display for Treatment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Absent => "no such key",
            Self::Empty => "an empty value",
            Self::AsWritten => "the value as it is written",
            Self::WithQuotes => "the quotes are a part of the value",
            Self::WithQuotesAndComment => "the quotes and the comment are a part of the value",
            Self::WithoutQuotes => "the value without the quotes",
            Self::Decoded => "the value without the quotes, escapes and variables replaced",
            Self::FirstLine => "only the first line",
            Self::WithoutComment => "the value up to ` #`",
            Self::WithComment => "the `#` and what follows are a part of the value",
            Self::CutAtHash => "the value up to the first `#`",
            Self::Expanded => "the value with variables replaced",
            Self::WithBlanks => "the blanks around it are a part of the value",
            Self::Other => "something else",
        })
    }
}

/// A key that is assigned more than once.
#[derive(Clone, Debug)]
pub struct Repeated {
    /// The key.
    pub key: String,
    /// Where it stands, in order; at least two places.
    pub places: Vec<Span>,
    /// Whether `compose` gives all of them the same value.
    pub same_value: bool,
}

impl Comparison {
    /// Compares what the judged readers make of `document`; `readings` are those of it.
    #[must_use]
    pub fn of(document: &Document<'_>, readings: &Readings) -> Self {
        let text = document.text();
        let units = Unit::of(document);
        let recovered: Vec<(Reader, Recovered<'_>)> = Reader::JUDGED
            .into_iter()
            .filter(|reader| readings.by(*reader).unknown.is_none())
            .map(|reader| (reader, Recovered::of(reader, text, &units, readings.by(reader))))
            .collect();
        let faults = faults(text, &units, &recovered);
        let mut marked = vec![false; units.len()];
        for (number, _) in &faults {
            if let Some(marked) = marked.get_mut(*number) {
                *marked = true;
            }
        }
        let by_unit: Vec<_> = recovered
            .iter()
            .map(|(reader, recovered)| (*reader, Pairs::of(&units, recovered)))
            .collect();
        let mut differences: Vec<Difference> = Vec::new();
        for (number, unit) in units.iter().enumerate() {
            if marked.get(number) == Some(&false)
                && let Some(mut difference) = difference(text, unit, number, &by_unit)
            {
                if differences.len() < MOST_REPAIRS {
                    difference.repair = repair(text, unit, difference.cause);
                }
                differences.push(difference);
            }
        }
        let compose = recovered.iter().find(|(reader, _)| *reader == Reader::Compose);
        let repeated = compose.map(|(_, recovered)| repeated(recovered)).unwrap_or_default();
        Self { differences, repeated, faults: faults.into_iter().map(|(_, fault)| fault).collect() }
    }
}

/// The assignments that a reader sees, by the number of the unit in which they begin.
struct Pairs<'p> {
    by_unit: HashMap<usize, Vec<&'p Pair>>,
    /// Units that the reader leaves out because their value is empty.
    empty: Vec<usize>,
}

impl<'p> Pairs<'p> {
    fn of(units: &[Unit], recovered: &'p Recovered<'_>) -> Self {
        let mut by_unit: HashMap<usize, Vec<&Pair>> = HashMap::default();
        let reading = &recovered.reading;
        for pair in reading.pairs.iter().chain(&reading.overridden) {
            if let Some(number) = unit_at(units, pair.span.start) {
                by_unit.entry(number).or_default().push(pair);
            }
        }
        let empty = reading.notes.iter().filter(|note| note.node == Note::EmptyValue);
        let empty = empty.filter_map(|note| unit_at(units, note.span.start)).collect();
        Self { by_unit, empty }
    }

    /// The value of `key` in unit `number`.
    fn value(&self, number: usize, key: &str) -> Option<&'p Text> {
        let pairs = self.by_unit.get(&number)?;
        pairs.iter().find(|pair| pair.key.node == key).map(|pair| &pair.value)
    }
}

fn difference(
    text: &str,
    unit: &Unit,
    number: usize,
    readers: &[(Reader, Pairs<'_>)],
) -> Option<Difference> {
    let UnitKind::Assignment { assignment, .. } = unit.kind else { return None };
    let key = assignment.key.of(text);
    let mut groups: Vec<Understood> = Vec::new();
    for (reader, pairs) in readers {
        if pairs.empty.binary_search(&number).is_ok() {
            continue;
        }
        let value = pairs.value(number, key);
        let same = |group: &&mut Understood| {
            group.value.as_ref().map(Text::expose) == value.map(Text::expose)
        };
        match groups.iter_mut().find(same) {
            Some(group) => group.readers.push(*reader),
            None => groups.push(Understood {
                readers: vec![*reader],
                value: value.cloned(),
                treatment: treatment(text, unit, &assignment, value),
            }),
        }
    }
    if groups.len() < 2 {
        return None;
    }
    let line = assignment.value.of(text).split('\n').next().unwrap_or("").trim_end();
    let cause = cause(text, unit, &assignment, &groups);
    let place = match cause {
        Cause::ByteOrderMark | Cause::Indent => Span::new(unit.span.start, assignment.key.end),
        _ => Span::new(assignment.value.start, assignment.value.start + line.len()),
    };
    Some(Difference {
        key: Spanned::new(key.to_owned(), assignment.key),
        place,
        cause,
        groups,
        repair: None,
    })
}

/// What stands behind the `=`, to the end of the line.
fn rest<'t>(text: &'t str, unit: &Unit, assignment: &Assignment) -> &'t str {
    Span::new(assignment.separator.end, unit.span.end).of(text).trim_end_matches(['\n', '\r'])
}

fn treatment(text: &str, unit: &Unit, assignment: &Assignment, value: Option<&Text>) -> Treatment {
    let Some(value) = value.map(Text::expose) else { return Treatment::Absent };
    let written = assignment.value.of(text);
    let rest = rest(text, unit, assignment);
    let commented = assignment.comment.is_some_and(|comment| value.ends_with(comment.of(text)));
    let first_line = written.split('\n').next().unwrap_or("").trim_end();
    if let Some(quote) = assignment.quote {
        let inside = written.trim_start_matches(quote).trim_end_matches(quote);
        return match value {
            _ if value == inside => Treatment::WithoutQuotes,
            _ if value.trim() == written => Treatment::WithQuotes,
            _ if commented => Treatment::WithQuotesAndComment,
            _ if first_line.len() < written.len()
                && value.trim().trim_matches(quote) == first_line.trim_matches(quote) =>
            {
                Treatment::FirstLine
            }
            _ if quote == '"' => Treatment::Decoded,
            _ => Treatment::Other,
        };
    }
    match value {
        _ if commented => Treatment::WithComment,
        _ if written.is_empty() && value.is_empty() => Treatment::Empty,
        _ if value == written && assignment.comment.is_some() => Treatment::WithoutComment,
        _ if value == written => Treatment::AsWritten,
        _ if value == rest || value.trim() == written => Treatment::WithBlanks,
        _ if is_cut_at_hash(value, rest) => Treatment::CutAtHash,
        _ if written.contains('$') => Treatment::Expanded,
        _ => Treatment::Other,
    }
}

fn is_cut_at_hash(value: &str, rest: &str) -> bool {
    rest.split_once('#').is_some_and(|(before, _)| before.trim() == value.trim())
}

fn cause(text: &str, unit: &Unit, assignment: &Assignment, groups: &[Understood]) -> Cause {
    let has = |treatment: Treatment| groups.iter().any(|group| group.treatment == treatment);
    let value = assignment.value.of(text);
    if unit.span.of(text).starts_with('\u{feff}') && has(Treatment::Absent) {
        Cause::ByteOrderMark
    } else if has(Treatment::Absent) && assignment.export.is_none() {
        if unit.span.start < assignment.key.start { Cause::Indent } else { Cause::Other }
    } else if assignment.quote.is_some() {
        if value.contains('\n') { Cause::Lines } else { Cause::Quotes }
    } else if value.is_empty() {
        Cause::OnlyComment
    } else if assignment.comment.is_some() {
        Cause::Comment
    } else if has(Treatment::CutAtHash) {
        Cause::Hash
    } else if has(Treatment::Expanded) {
        Cause::Dollar
    } else if has(Treatment::WithBlanks) {
        Cause::Blanks
    } else {
        Cause::Other
    }
}

/// Edits after which all judged programs read what `compose` reads today.
fn repair(text: &str, unit: &Unit, cause: Cause) -> Option<Vec<Edit>> {
    let UnitKind::Assignment { assignment, .. } = unit.kind else { return None };
    let value = assignment.value;
    let end = unit.span.start + unit.span.of(text).trim_end_matches(['\n', '\r']).len();
    let edits = match cause {
        Cause::ByteOrderMark => vec![(unit.span.start, unit.span.start + '\u{feff}'.len_utf8())],
        Cause::Quotes if assignment.comment.is_none() => {
            vec![(assignment.separator.end, value.start + 1), (value.end - 1, end)]
        }
        Cause::Blanks => vec![(assignment.separator.end, value.start), (value.end, end)],
        Cause::Indent => vec![(unit.span.start, assignment.key.start)],
        _ => return None,
    };
    let edits = edits.into_iter().filter(|(start, end)| start < end);
    let edits: Vec<Edit> = edits.map(|(start, end)| Edit::delete(Span::new(start, end))).collect();
    let key = assignment.key.of(text);
    let wanted = compose_value(unit.span.of(text), key)?;
    let after = Edit::apply(&edits, text, unit.span);
    all_give(&after, key, wanted.expose()).then_some(edits)
}

fn repeated(compose: &Recovered<'_>) -> Vec<Repeated> {
    let reading = &compose.reading;
    let mut all: Vec<&Pair> = reading.pairs.iter().chain(&reading.overridden).collect();
    all.sort_by_key(|pair| pair.key.span);
    let mut places: HashMap<&str, Vec<&Pair>> = HashMap::default();
    for pair in &all {
        places.entry(&pair.key.node).or_default().push(pair);
    }
    let mut repeated: Vec<Repeated> = places
        .into_iter()
        .filter(|(_, pairs)| pairs.len() > 1)
        .map(|(key, pairs)| Repeated {
            key: key.to_owned(),
            places: pairs.iter().map(|pair| pair.key.span).collect(),
            same_value: pairs.windows(2).all(|pair| match pair {
                [one, other] => one.value.expose() == other.value.expose(),
                _ => true,
            }),
        })
        .collect();
    repeated.sort_by_key(|repeated| repeated.places.first().copied());
    repeated
}
