//! The map: every secret in every environment, and where every setting comes from.

use std::collections::{BTreeMap, BTreeSet};

use maud::{Markup, html};

use super::{CHUNK, MANY, Outline, prose};
use crate::model::Kind;
use crate::report::counted;
use crate::report::map::{Equipment, Given, Map, Source, Worth};
use crate::report::secrets::{AskedEnvironment, CreatedBy, Row, Secrets, Unused};
use crate::resolve::{KeyCertainty, When};

/// With more environments, what is said of each stands one below the other.
const MOST_COLUMNS: usize = 4;

/// How a secret stands in an environment.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum State {
    Missing,
    Created,
    Perhaps,
    Declared,
    Asked,
    Refused,
    Unused,
}

impl State {
    fn of(row: &Row) -> Self {
        match row.created.as_deref() {
            _ if row.requested.is_empty() => Self::Refused,
            None => Self::Asked,
            Some([]) => Self::Missing,
            Some(by) if by.iter().any(|it| it.is_declared) => Self::Declared,
            Some(by) if by.iter().all(|it| it.pattern) => Self::Perhaps,
            Some(_) => Self::Created,
        }
    }

    const fn describe(self) -> &'static str {
        match self {
            Self::Missing => "not created",
            Self::Created => "created",
            Self::Perhaps => "perhaps created",
            Self::Declared => "declared",
            Self::Asked => "asked",
            Self::Refused => "not asked",
            Self::Unused => "unused",
        }
    }

    /// What the filter knows it by.
    const fn word(self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::Created | Self::Perhaps | Self::Declared => "created",
            Self::Asked => "asked",
            Self::Refused => "refused",
            Self::Unused => "unused",
        }
    }
}

/// A key, or what is known of one.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Asked<'a> {
    kind: Kind,
    key: &'a str,
    is_pattern: bool,
}

/// What is known of it.
struct Standing<'a> {
    certainty: KeyCertainty,
    is_implicit: bool,
    /// A row for each environment that asks.
    cells: BTreeMap<usize, &'a Row>,
    askers: BTreeMap<Asker<'a>, BTreeSet<usize>>,
}

/// What asks.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Asker<'a> {
    path: &'a str,
    line: usize,
    timing: When,
    by: &'a str,
}

impl<'a> Asker<'a> {
    fn of(row: &'a Row) -> Self {
        Self { path: &row.path, line: row.line, timing: row.timing, by: &row.by }
    }
}

const fn moment(when: When) -> (&'static str, &'static str) {
    match when {
        When::Parse => ("parse", "while parsing"),
        When::Run => ("run", "at run time"),
        When::Template => ("template", "in a template"),
    }
}

fn standings(secrets: &Secrets) -> BTreeMap<Asked<'_>, Standing<'_>> {
    let mut found: BTreeMap<Asked<'_>, Standing<'_>> = BTreeMap::new();
    let code = secrets.references.iter().map(|row| (row, false));
    for (row, is_implicit) in code.chain(secrets.implicit.iter().map(|row| (row, true))) {
        let Some(key) = &row.key else { continue };
        let is_pattern = row.certainty == KeyCertainty::Pattern;
        let standing =
            found.entry(Asked { kind: row.kind, key, is_pattern }).or_insert_with(|| Standing {
                certainty: row.certainty,
                is_implicit,
                cells: BTreeMap::new(),
                askers: BTreeMap::new(),
            });
        standing.certainty = standing.certainty.min(row.certainty);
        standing.is_implicit &= is_implicit;
        // One that asks and must be answered says more than one that goes on without.
        let cell = standing.cells.entry(row.at).or_insert(row);
        if State::of(row) < State::of(cell) {
            *cell = row;
        }
        standing.askers.entry(Asker::of(row)).or_default().insert(row.at);
    }
    found
}

/// How many keys are not created in some environment.
pub(super) fn missing(map: &Map) -> usize {
    let is_missing =
        |it: &Standing<'_>| it.cells.values().any(|row| State::of(row) == State::Missing);
    standings(&map.secrets).values().filter(|it| is_missing(it)).count()
}

/// What is asked for in each environment.
pub(super) fn secrets(map: &Map, outline: &Outline) -> Markup {
    let secrets = &map.secrets;
    let standings = standings(secrets);
    let of_kind = |kind| standings.iter().filter(move |(asked, _)| asked.kind == kind);
    let unused = secrets.unused.as_deref().unwrap_or_default();
    let dynamic: BTreeSet<(Asker<'_>, Kind)> = secrets
        .rows()
        .filter(|row| row.key.is_none())
        .map(|row| (Asker::of(row), row.kind))
        .collect();
    let number = standings.len() + unused.len();
    html! {
        section aria-labelledby=(outline.names("secrets")) {
            (outline.heading("secrets", &html! { "Secrets " span class="number" { (number) } }))
            (environments(map))
            @if number + dynamic.len() == 0 { p { "Nothing is asked for." } } @else { (legend(secrets)) }
            @for kind in Kind::ALL {
                @let number = of_kind(kind).count();
                @if number > 0 {
                    @let rows = of_kind(kind).map(|(asked, standing)| row(asked, standing, secrets));
                    (table(plural(kind), "Key, and who asks", secrets, number, rows))
                }
            }
            @if !unused.is_empty() {
                @let caption = "Created or declared, and asked for by nothing";
                @let rows = unused.iter().map(|one| unused_row(one, secrets));
                (table(caption, "Name", secrets, unused.len(), rows))
            }
            @if !dynamic.is_empty() {
                div data-group {
                    (outline.below(&html! { "Known only when it runs" }))
                    ul class="places" {
                        @for (asker, kind) in &dynamic {
                            @let (word, _) = moment(asker.timing);
                            li data-item="secret" data-is={ "dynamic " (word) } {
                                (place(asker)) ": a " (kind)
                            }
                        }
                    }
                }
            }
        }
    }
}

const fn plural(kind: Kind) -> &'static str {
    match kind {
        Kind::Variable => "Variables",
        Kind::Connection => "Connections",
        Kind::Config => "Options of Airflow",
    }
}

/// What the words in the tables mean, of those that occur.
fn legend(secrets: &Secrets) -> Markup {
    let mut states: BTreeSet<State> =
        secrets.rows().filter(|row| row.key.is_some()).map(State::of).collect();
    if secrets.unused.as_ref().is_some_and(|unused| !unused.is_empty()) {
        states.insert(State::Unused);
    }
    let meaning = |state: State| match state {
        State::Missing => {
            "files here create others there, and not this one; it may exist all the same"
        }
        State::Created => "a file here creates it",
        State::Perhaps => "a file here creates names of which only a part is known",
        State::Declared => "astrolint's configuration says that it exists",
        State::Asked => "the backend is asked for it; nothing here tells whether it exists",
        State::Refused => "the backend is never asked for it",
        State::Unused => "it exists, and certainly nothing asks for it",
    };
    html! {
        details class="legend" {
            summary { "What the words mean" }
            dl {
                @for state in states {
                    div { dt { (badge(state)) } dd { (meaning(state)) } }
                }
            }
        }
    }
}

fn badge(state: State) -> Markup {
    html! { span class={ "state " (state.word()) } { (state.describe()) } }
}

/// A table with a column for each environment. The roles say what browsers forget of tables that are laid out
/// in another way.
fn table(
    caption: &str,
    first: &str,
    secrets: &Secrets,
    number: usize,
    rows: impl Iterator<Item = Markup>,
) -> Markup {
    let is_stacked = secrets.environments.len() > MOST_COLUMNS;
    html! {
        table.map.stacked[is_stacked].many[number > MANY] role="table" data-group {
            caption { (caption) }
            thead role="rowgroup" {
                tr role="row" {
                    th role="columnheader" scope="col" { (first) }
                    @for it in &secrets.environments { th role="columnheader" scope="col" { (it.name) } }
                }
            }
            @for rows in rows.collect::<Vec<_>>().chunks(CHUNK) {
                tbody role="rowgroup" { @for row in rows { (row) } }
            }
        }
    }
}

fn cell(environment: &AskedEnvironment, content: Option<&Markup>) -> Markup {
    html! {
        td role="cell" data-label=(environment.name) {
            @match content {
                Some(content) => (content),
                None => span class="nothing" { "—" },
            }
        }
    }
}

fn row(asked: &Asked<'_>, standing: &Standing<'_>, secrets: &Secrets) -> Markup {
    let mut words: BTreeSet<&str> =
        standing.cells.values().map(|row| State::of(row).word()).collect();
    let moments: BTreeSet<When> = standing.askers.keys().map(|asker| asker.timing).collect();
    words.extend(moments.iter().map(|when| moment(*when).0));
    let words: Vec<_> = words.into_iter().collect();
    html! {
        tr role="row" data-item="secret" data-is=(words.join(" ")) {
            th role="rowheader" scope="row" {
                code class="key" { (asked.key) }
                @for when in moments { " " span class="tag" { (moment(when).1) } }
                @if asked.is_pattern { " " span class="tag" { "known in part" } }
                @if standing.certainty == KeyCertainty::OneOf { " " span class="tag" { "one of several" } }
                @if standing.is_implicit { " " span class="tag" { "not named in code" } }
                (askers(standing, secrets))
            }
            @for (at, environment) in secrets.environments.iter().enumerate() {
                (cell(environment, standing.cells.get(&at).map(|row| in_environment(row, environment)).as_ref()))
            }
        }
    }
}

fn in_environment(row: &Row, environment: &AskedEnvironment) -> Markup {
    let state = State::of(row);
    html! {
        @match &environment.backend {
            None => span class="state refused" { "no backend" },
            Some(_) => (badge(state)),
        }
        @for (index, name) in row.requested.iter().enumerate() {
            @if index > 0 { span class="or" { "or " } }
            code class="name" { (name) }
        }
        @for by in row.created.iter().flatten() { (created(by)) }
        // What holds for the whole environment is said once, above.
        @if state == State::Refused && environment.trouble.is_none() {
            @if let Some(reason) = &row.why_not { span class="reason" { (prose(reason)) } }
        }
    }
}

fn created(by: &CreatedBy) -> Markup {
    html! { span class="place" { (by.path) ":" (by.line) } }
}

/// Who asks: at once where there are few, and behind a button where there are many.
fn askers(standing: &Standing<'_>, secrets: &Secrets) -> Markup {
    let all: BTreeSet<usize> = standing.cells.keys().copied().collect();
    let list = html! {
        ul class="places" {
            @for (asker, at) in &standing.askers {
                li {
                    (place(asker))
                    @if *at != all {
                        " in " (at.iter().filter_map(|at| secrets.environments.get(*at))
                            .map(|it| it.name.as_str()).collect::<Vec<_>>().join(", "))
                    }
                }
            }
        }
    };
    html! {
        @if standing.askers.len() > 2 {
            details { summary { (counted(standing.askers.len(), "place")) } (list) }
        } @else { (list) }
    }
}

fn place(asker: &Asker<'_>) -> Markup {
    html! {
        span class="place" { (asker.path) ":" (asker.line) }
        " " span class="by" { (asker.by) }
    }
}

fn unused_row(unused: &Unused, secrets: &Secrets) -> Markup {
    let badge = badge(State::Unused);
    html! {
        tr role="row" data-item="secret" data-is="unused" {
            th role="rowheader" scope="row" {
                code class="key" { (unused.name) }
                ul class="places" { li { span class="place" { (unused.path) ":" (unused.line) } } }
            }
            @for environment in &secrets.environments {
                (cell(environment, unused.environments.contains(&environment.name).then_some(&badge)))
            }
        }
    }
}

/// What each environment has.
fn environments(map: &Map) -> Markup {
    html! {
        table class="environments" role="table" {
            caption { "Environments" }
            thead role="rowgroup" {
                tr role="row" {
                    @for title in ["Name", "Backend", "Package", "Airflow"] {
                        th role="columnheader" scope="col" { (title) }
                    }
                }
            }
            tbody role="rowgroup" {
                @for (environment, has) in map.secrets.environments.iter().zip(&map.environments) {
                    (equipment(environment, has))
                }
            }
        }
    }
}

fn equipment(environment: &AskedEnvironment, has: &Equipment) -> Markup {
    html! {
        tr role="row" {
            th role="rowheader" scope="row" { (environment.name) }
            td role="cell" data-label="Backend" {
                @match &environment.backend {
                    Some(backend) => code { (backend) },
                    None => "none: environment variables and the database are asked",
                }
                @if let (Some(trouble), Some(_)) = (&environment.trouble, &environment.backend) {
                    span class="reason" { "asked for nothing: " (prose(trouble)) }
                }
            }
            td role="cell" data-label="Package" { (has.provider.as_deref().unwrap_or("—")) }
            td role="cell" data-label="Airflow" { (has.airflow) }
        }
    }
}

/// Where each setting comes from.
pub(super) fn settings(map: &Map, outline: &Outline) -> Markup {
    let mut keys: BTreeMap<&str, BTreeMap<usize, &Given>> = BTreeMap::new();
    for (at, has) in map.environments.iter().enumerate() {
        for given in &has.settings {
            keys.entry(&given.key).or_default().insert(at, given);
        }
    }
    html! {
        section aria-labelledby=(outline.names("settings")) {
            (outline.heading("settings", &html! { "Settings " span class="number" { (keys.len()) } }))
            @if keys.is_empty() { p { "There are none." } } @else {
                @let caption = "What each environment is given, and by what";
                @let rows = keys.iter().map(|(key, cells)| setting(key, cells, &map.secrets));
                (table(caption, "Setting", &map.secrets, keys.len(), rows))
            }
        }
    }
}

fn setting(key: &str, cells: &BTreeMap<usize, &Given>, secrets: &Secrets) -> Markup {
    html! {
        tr role="row" data-item="setting" {
            th role="rowheader" scope="row" { code class="key" { (key) } }
            @for (at, environment) in secrets.environments.iter().enumerate() {
                (cell(environment, cells.get(&at).map(|it| given(it)).as_ref()))
            }
        }
    }
}

fn given(given: &Given) -> Markup {
    html! {
        @if given.members.is_empty() {
            @match &given.value {
                Worth::Text(text) if text.is_empty() => span class="reason" { "empty" },
                Worth::Text(text) => code class="value" { (text) },
                Worth::Masked => code class="value" { (crate::text::MASK) },
                Worth::Dynamic => span class="reason" { "known only when it runs" },
            }
        } @else {
            ul class="members" {
                @for (name, value) in &given.members { li { code { (name) " = " (value) } } }
            }
        }
        (source(&given.source))
        @for over in &given.over { span class="over" { "over " (source(over)) } }
    }
}

fn source(source: &Source) -> Markup {
    html! {
        span class="source" { (prose(source.origin)) " " span class="place" { (source.path) ":" (source.line) } }
    }
}
