//! The list for people: who must create what, and where to look when the code does not tell.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};

use textwrap::core::display_width;

use super::{AskedBy, AskedEnvironment, Compared, CreatedBy, Row, Secret, Secrets, Unique, Unused};
use crate::hash::HashSet;
use crate::model::Kind;
use crate::report::counted;
use crate::report::escape::escape;
use crate::resolve::{Dispensable, KeyCertainty, When};

/// Writes the names alone, a line each.
///
/// # Errors
/// When `out` cannot be written to.
pub fn names(unique: &Unique, out: &mut dyn Write) -> io::Result<()> {
    let mut names: Vec<&str> = unique.secrets.iter().map(|it| it.name.as_str()).collect();
    // Kinds may share a prefix.
    names.dedup();
    names.iter().try_for_each(|name| writeln!(out, "{}", escape(name)))
}

/// Writes the list: for each environment the names, with who asks for them, what is not asked of its backend,
/// what is only known when it runs, and what is asked for without a reference.
///
/// # Errors
/// When `out` cannot be written to.
pub fn text(secrets: &Secrets, width: usize, out: &mut dyn Write) -> io::Result<()> {
    let mut blocks: Vec<(Vec<&AskedEnvironment>, String)> = Vec::new();
    for (at, environment) in secrets.environments.iter().enumerate() {
        let body = body(secrets, at, environment, width);
        let is_alike = |other: &AskedEnvironment| {
            AskedEnvironment { name: environment.name.clone(), ..other.clone() } == *environment
        };
        let same = |(all, other): &&mut (Vec<&AskedEnvironment>, String)| {
            *other == body && all.first().is_some_and(|first| is_alike(first))
        };
        match blocks.iter_mut().find(same) {
            Some((alike, _)) => alike.push(environment),
            None => blocks.push((vec![environment], body)),
        }
    }
    for (environments, body) in blocks {
        writeln!(out, "{}{body}", heading(&environments, width))?;
    }
    let is_without = |it: &AskedEnvironment| it.backend.is_none();
    if !secrets.environments.is_empty() && secrets.environments.iter().all(is_without) {
        let help = "Where the backend is configured elsewhere, an [[environment]] in astrolint.toml tells the names of the secrets.";
        writeln!(out, "{}", wrapped(help, "", width))?;
    }
    if let Some(unused) = secrets.unused.as_ref().filter(|unused| !unused.is_empty()) {
        let entries = unused.iter().map(|it| unused_entry(it, secrets)).collect();
        let title = "created or declared, and asked for by nothing".to_owned();
        writeln!(out, "{}", written(vec![(title, entries)], width).trim_start())?;
    }
    writeln!(out, "{}", summary(secrets))?;
    created_summary(secrets).map_or(Ok(()), |line| writeln!(out, "{line}"))
}

/// Which environments ask what.
fn heading(environments: &[&AskedEnvironment], width: usize) -> String {
    let names: Vec<_> = environments.iter().map(|it| format!("`{}`", escape(&it.name))).collect();
    let one = names.len() == 1;
    let mut text =
        format!("{} {}", if one { "environment" } else { "environments" }, listed(&names));
    let Some(first) = environments.first() else { return text };
    if let Some(project) = &first.project {
        text += &format!(" of {}", escape(project));
    }
    text += &match &first.backend {
        Some(class) => format!(" {} {}", if one { "asks" } else { "ask" }, escape(class)),
        None => format!(
            " {} no secrets backend; these keys are looked up in environment variables and the database",
            if one { "has" } else { "have" }
        ),
    };
    let mut text = wrapped(&text, "", width);
    if let Some(trouble) = first.trouble.as_ref().filter(|_| first.backend.is_some()) {
        text += &wrapped(&format!("it is asked for nothing: {}", escape(trouble)), "  ", width);
    }
    text
}

/// What is asked of one environment, in sections.
fn body(secrets: &Secrets, at: usize, environment: &AskedEnvironment, width: usize) -> String {
    let answers = environment.backend.is_some() && environment.trouble.is_none();
    let here = |rows: &'_ [Row]| -> Vec<Row> {
        rows.iter().filter(|row| row.at == at && row.key.is_some()).cloned().collect()
    };
    let (references, implicit) = (here(&secrets.references), here(&secrets.implicit));
    let is_named = |row: &&Row| !answers || !row.requested.is_empty();
    let mut sections = Vec::new();
    for kind in Kind::ALL {
        let rows = references.iter().filter(|row| row.kind == kind).filter(is_named);
        sections.push((plural(kind).to_owned(), entries(rows)));
    }
    sections.push((
        "asked for without a reference in the code".to_owned(),
        entries(implicit.iter().filter(is_named)),
    ));
    let all = || references.iter().chain(&implicit);
    sections
        .push(("not asked of the backend".to_owned(), refused(all().filter(|it| !is_named(it)))));
    let dynamic = secrets.references.iter().filter(|row| row.at == at && row.key.is_none());
    sections.push(("known only when it runs".to_owned(), dynamic_places(dynamic)));
    written(sections, width)
}

/// Something with a name, and the places that ask for it.
struct Entry {
    name: String,
    /// Names that do as well.
    or: Vec<String>,
    /// What is said about it.
    note: Option<String>,
    places: Vec<String>,
}

/// The rows by the names that are asked for; by key where none is.
fn entries<'a>(rows: impl Iterator<Item = &'a Row>) -> Vec<Entry> {
    let mut found: BTreeMap<(String, Vec<String>), Vec<&Row>> = BTreeMap::new();
    for row in rows {
        let mut names = row.requested.iter().cloned();
        let name = names.next().or_else(|| row.key.clone()).unwrap_or_default();
        found.entry((name, names.collect())).or_default().push(row);
    }
    let entry = |((name, or), rows): (_, Vec<&Row>)| Entry {
        name,
        or,
        note: created(&rows),
        places: places(&rows),
    };
    found.into_iter().map(entry).collect()
}

/// What creates or declares what `rows` ask for, where that can be said.
fn created(rows: &[&Row]) -> Option<String> {
    let said: Vec<&Vec<CreatedBy>> = rows.iter().filter_map(|row| row.created.as_ref()).collect();
    let mut places: Vec<&CreatedBy> = said.iter().copied().flatten().collect();
    // What is sure stands first.
    places.sort_by_key(|it| (it.pattern, it.is_declared, &it.path, it.line));
    places.dedup();
    let Some(first) = places.first() else {
        return (!said.is_empty()).then(|| "not created".to_owned());
    };
    let shown: Vec<_> =
        places.iter().take(3).map(|it| format!("{}:{}", it.path, it.line)).collect();
    let more = places.len() - shown.len();
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    let perhaps = if first.pattern { "perhaps " } else { "" };
    let does = if first.is_declared { "declared" } else { "created" };
    Some(format!("{perhaps}{does} {}{more}", shown.join(", ")))
}

fn unused_entry(unused: &Unused, secrets: &Secrets) -> Entry {
    let is_everywhere = unused.environments.len() == secrets.environments.len();
    Entry {
        name: unused.name.clone(),
        or: Vec::new(),
        note: (!is_everywhere).then(|| format!("in {}", listed(&unused.environments))),
        places: vec![format!("{}:{}", unused.path, unused.line)],
    }
}

/// The rows that no backend is asked for, by key and reason.
fn refused<'a>(rows: impl Iterator<Item = &'a Row>) -> Vec<Entry> {
    let mut found: BTreeMap<(String, Option<String>), Vec<&Row>> = BTreeMap::new();
    for row in rows {
        let name = format!("{} {}", row.kind, row.key.as_deref().unwrap_or(""));
        found.entry((name, row.why_not.clone())).or_default().push(row);
    }
    let entry = |((name, note), rows): (_, Vec<&Row>)| Entry {
        name,
        or: Vec::new(),
        note,
        places: places(&rows),
    };
    found.into_iter().map(entry).collect()
}

/// The places where only run time knows the key, by place.
fn dynamic_places<'a>(rows: impl Iterator<Item = &'a Row>) -> Vec<Entry> {
    let mut found: Vec<Entry> = Vec::new();
    for row in rows {
        let name = format!("{}:{}", row.path, row.line);
        let by = vec![format!("{} of {}", row.kind, row.by)];
        if found.last().is_none_or(|last| last.name != name || last.places != by) {
            found.push(Entry { name, or: Vec::new(), note: None, places: by });
        }
    }
    found
}

fn places(rows: &[&Row]) -> Vec<String> {
    let mut places = Vec::new();
    let mut listed = HashSet::default();
    for row in rows {
        let when = match row.timing {
            When::Parse => Some("parse"),
            When::Template => Some("template"),
            When::Run => None,
        };
        let sure = (row.certainty == KeyCertainty::OneOf).then_some(if row.is_each {
            "each of several"
        } else {
            "one of several"
        });
        let notes: Vec<&str> = when.into_iter().chain(sure).collect();
        let notes =
            if notes.is_empty() { String::new() } else { format!(" ({})", notes.join(", ")) };
        let place = format!("{}:{}{notes}", row.path, row.line);
        if listed.insert(place.clone()) {
            places.push(place);
        }
    }
    places
}

/// Sections with a title each, the names of all in one column.
fn written(sections: Vec<(String, Vec<Entry>)>, width: usize) -> String {
    let longest = sections.iter().flat_map(|(_, entries)| entries);
    let longest = longest.map(|entry| display_width(&escape(&entry.name)));
    // Longer names get a line of their own: they are never cut, since people copy them.
    let column = longest.filter(|length| *length <= width / 2).max().unwrap_or(0);
    let mut text = String::new();
    for (title, entries) in sections.into_iter().filter(|(_, entries)| !entries.is_empty()) {
        text += &format!("\n  {title} ({})\n", entries.len());
        for entry in entries {
            text += &entry.written(column, width);
        }
    }
    text
}

impl Entry {
    fn written(&self, column: usize, width: usize) -> String {
        let name = escape(&self.name);
        let length = display_width(&name);
        let beside = self.fitting(width.saturating_sub(column + 6));
        let has_room = length <= column && column + 6 + display_width(&beside) <= width;
        let mut text = if has_room {
            format!("    {name}{}  {beside}", " ".repeat(column - length))
        } else {
            format!("    {name}\n        {}", self.fitting(width.saturating_sub(8)))
        };
        text.truncate(text.trim_end().len());
        text.push('\n');
        for or in &self.or {
            text += &format!("      or {}\n", escape(or));
        }
        if let Some(note) = &self.note {
            text += &wrapped(&escape(note), "      ", width);
        }
        text
    }

    /// As many places as fit, and how many more there are; at least one.
    fn fitting(&self, room: usize) -> String {
        let mut text = String::new();
        for (number, place) in self.places.iter().enumerate() {
            let left = self.places.len() - number - 1;
            let more = if left > 0 { format!(" and {left} more") } else { String::new() };
            let place = escape(place);
            let longer = if number == 0 { place.into_owned() } else { format!("{text}, {place}") };
            if number > 0 && display_width(&longer) + display_width(&more) > room {
                return format!("{text} and {} more", left + 1);
            }
            text = longer;
        }
        text
    }
}

/// Writes what is missing, what need not be there, and what is unused. `list` is what it was compared with.
///
/// # Errors
/// When `out` cannot be written to.
pub fn text_compared(
    compared: &Compared,
    list: &str,
    width: usize,
    out: &mut dyn Write,
) -> io::Result<()> {
    let secrets = compared.missing.iter().map(|it| &it.secret);
    let secrets = secrets.chain(compared.unmatched.iter().map(|it| &it.secret));
    let mut environments: Vec<&str> =
        secrets.flat_map(|it| it.environments.iter().map(String::as_str)).collect();
    environments.sort_unstable();
    environments.dedup();
    let entry = |secret: &Secret, or: &[String]| {
        let place = |it: &AskedBy| format!("{}:{}", it.path, it.line);
        let note = format!("in {}", listed(&secret.environments));
        Entry {
            name: secret.name.clone(),
            or: or.to_vec(),
            note: (environments.len() > 1).then_some(note),
            places: secret.asked_by.iter().map(place).collect(),
        }
    };
    let missing = Kind::ALL.into_iter().map(|kind| {
        let of_kind = compared.missing.iter().filter(|it| it.secret.kind == kind);
        let entries = of_kind.map(|it| entry(&it.secret, &it.or)).collect();
        (format!("missing {}", plural(kind)), entries)
    });
    let unmatched = Dispensable::ALL.into_iter().map(|because| {
        let absent = compared.unmatched.iter().filter(|it| it.because == because);
        let entries = absent.map(|it| entry(&it.secret, &[])).collect();
        (format!("not there, and need not be: {}", why(because)), entries)
    });
    let unused = compared.unused.iter().map(|name| Entry {
        name: name.clone(),
        or: Vec::new(),
        note: None,
        places: Vec::new(),
    });
    let mut sections: Vec<_> = missing.chain(unmatched).collect();
    sections.push(("there, and not asked for".to_owned(), unused.collect()));
    if !compared.unused.is_empty() {
        let title = "known only when it runs, so that any of these may be meant";
        sections.push((title.to_owned(), dynamic_places(compared.dynamic.iter())));
    }
    writeln!(out, "compared with {}\n{}", escape(list), written(sections, width))?;
    if compared.hidden > 0 {
        let names = counted(compared.hidden, "more name");
        writeln!(out, "{names} that nothing asks for, not shown: not written like a name\n")?;
    }
    let (missing, present) = (compared.missing.len(), compared.present);
    writeln!(out, "{missing} missing, {present} there, {} not asked for", compared.unused.len())
}

const fn why(because: Dispensable) -> &'static str {
    match because {
        Dispensable::Pattern => "known in part, and nothing fits",
        Dispensable::OneOf => "another one of several keys is there",
        Dispensable::Default => "the code gives a default or handles the exception",
        Dispensable::EnvironmentVariable => "an environment variable holds it",
        Dispensable::Unloaded => "asked for by files that nothing loads",
        Dispensable::Implicit => "asked for without a reference in the code",
        Dispensable::Version => "at some possible versions it is never asked for",
        Dispensable::Declared => "declared",
    }
}

/// `text` on lines that begin with `indent`, with a line end.
fn wrapped(text: &str, indent: &str, width: usize) -> String {
    let options = textwrap::Options::new(width.max(20))
        .initial_indent(indent)
        .subsequent_indent(indent)
        .word_separator(textwrap::WordSeparator::AsciiSpace)
        .word_splitter(textwrap::WordSplitter::NoHyphenation)
        .break_words(false);
    textwrap::fill(text, options) + "\n"
}

/// `a`, `a and b`, `a, b and c`.
fn listed(names: &[String]) -> String {
    match names {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
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
fn summary(secrets: &Secrets) -> String {
    let mut by_reference: BTreeMap<usize, KeyCertainty> = BTreeMap::new();
    for row in &secrets.references {
        let certainty = by_reference.entry(row.reference).or_insert(row.certainty);
        *certainty = (*certainty).max(row.certainty);
    }
    let count = |wanted: KeyCertainty| by_reference.values().filter(|it| **it == wanted).count();
    format!(
        "{}: {} known, {} one of several, {} known in part, {} known only when it runs",
        counted(by_reference.len(), "reference"),
        count(KeyCertainty::Known),
        count(KeyCertainty::OneOf),
        count(KeyCertainty::Pattern),
        count(KeyCertainty::Dynamic),
    )
}

/// One line that counts the names by whether something creates or declares them, where anything does.
fn created_summary(secrets: &Secrets) -> Option<String> {
    let unused = secrets.unused.as_ref()?.len();
    let count = |is_it: fn(&[CreatedBy]) -> bool| {
        let rows = secrets.rows().filter(|row| row.created.as_deref().is_some_and(is_it));
        let names = rows.map(|row| (row.kind, row.requested.first().or(row.key.as_ref())));
        names.collect::<BTreeSet<_>>().len()
    };
    Some(format!(
        "{} created or declared, {} not created, {unused} unused",
        counted(count(|places| !places.is_empty()), "name"),
        count(<[_]>::is_empty),
    ))
}
