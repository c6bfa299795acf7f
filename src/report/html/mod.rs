//! One page for a browser: the findings, and the map of what is asked for where, with where each setting
//! comes from.
//!
//! The page needs nothing else: it loads nothing, and its policy lets nothing run but its own script, by its
//! hash. Without the script everything stands there all the same; it filters.

mod assets;
mod findings;
mod map;

use std::io::{self, Write};

use maud::{DOCTYPE, Markup, PreEscaped, html};

use super::escape::{is_treacherous, path_text, push_escaped};
use super::{Counts, Options, Report, counted, summary};

/// Of more than so many rows, browsers lay out only what is seen.
const MANY: usize = 200;

/// So many rows at a time: a browser that looks for what the tabulator key reaches lays out each box by itself.
const CHUNK: usize = 100;

/// Writes the page.
///
/// # Errors
/// When `out` cannot be written.
pub(super) fn write(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    let page = page(report).into_string();
    let mut safe = String::with_capacity(page.len());
    for char in page.chars() {
        // What browsers would obey, hide or reorder, wherever in the page it stands.
        if char != '\n' && is_treacherous(char) {
            push_escaped(&mut safe, char);
        } else {
            safe.push(char);
        }
    }
    writeln!(out, "{safe}")
}

fn page(report: &Report<'_>) -> Markup {
    let several = report.projects.len() > 1;
    let title = match (report.counts(), report.projects) {
        (counts, [root]) => format!("{} in {}", counted_levels(counts), path_text(root)),
        (counts, roots) => {
            format!("{} in {}", counted_levels(counts), counted(roots.len(), "project"))
        }
    };
    let options = Options { strict: true, ..Options::default() };
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta http-equiv="Content-Security-Policy" content=(assets::policy());
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                meta name="referrer" content="no-referrer";
                title { "astrolint: " (title) }
                style { (PreEscaped(assets::STYLE)) }
            }
            body {
                a class="skip" href="#main" { "Skip to the report" }
                header {
                    h1 { "astrolint" }
                    p class="summary" { (summary(report, &options)) }
                }
                (tools(report))
                main id="main" tabindex="-1" {
                    @if several { (overview(report)) }
                    @for number in 0..report.projects.len() { (project(report, number, several)) }
                    p id="none" hidden { "Nothing matches the filter." }
                }
                footer {
                    p {
                        "Made by astrolint " (env!("CARGO_PKG_VERSION")) " from files alone; no service was asked. "
                        (crate::text::MASK) " stands for what may be a credential."
                    }
                }
                script { (PreEscaped(assets::SCRIPT)) }
            }
        }
    }
}

/// What filters the page; shown by the script, which does it.
fn tools(report: &Report<'_>) -> Markup {
    let choice = |id: &str, label: &str, options: &[(&str, &str)]| {
        html! {
            div class="field" {
                label for=(id) { (label) }
                select id=(id) {
                    @for (value, text) in options { option value=(value) { (text) } }
                }
            }
        }
    };
    html! {
        form id="tools" role="search" aria-label="Filter the report" hidden {
            div class="field search" {
                label for="search" { "Search" }
                input id="search" type="search" autocomplete="off" spellcheck="false"
                    autocapitalize="off" aria-keyshortcuts="/" aria-describedby="count";
            }
            (choice("level", "Findings", &[
                ("", "all levels"), ("error", "errors"), ("warning", "warnings"), ("info", "info"),
            ]))
            @if !report.maps.is_empty() {
                (choice("state", "Secrets", &[
                    ("", "all"), ("missing", "not created"), ("created", "created or declared"),
                    ("asked", "asked for, not known whether created"), ("refused", "not asked of the backend"),
                    ("unused", "unused"), ("dynamic", "known only when it runs"),
                ]))
                (choice("when", "Asked for", &[
                    ("", "at any time"), ("parse", "while DAG files are parsed"), ("run", "when a task runs"),
                    ("template", "in a template"),
                ]))
            }
            button type="reset" { "Clear" }
            output id="count" for="search level state when" aria-live="polite" {}
        }
    }
}

/// The projects, each with what is found.
fn overview(report: &Report<'_>) -> Markup {
    let has_maps = !report.maps.is_empty();
    html! {
        section aria-labelledby="projects" {
            h2 id="projects" { "Projects" }
            table class="overview" {
                thead {
                    tr {
                        th scope="col" { "Project" }
                        th scope="col" { "Errors" }
                        th scope="col" { "Warnings" }
                        th scope="col" { "Info" }
                        @if has_maps { th scope="col" { "Not created" } }
                    }
                }
                tbody {
                    @for (number, root) in report.projects.iter().enumerate() {
                        @let Counts { error, warning, info } = counts(report, number);
                        tr {
                            th scope="row" { a href={ "#p" (number) } { (path_text(root)) } }
                            td { (error) }
                            td { (warning) }
                            td { (info) }
                            @if has_maps {
                                td { (report.maps.get(number).map_or(0, map::missing)) }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn counts(report: &Report<'_>, project: usize) -> Counts {
    Counts::of(report.findings.iter().filter(|finding| finding.project == project))
}

fn counted_levels(counts: Counts) -> String {
    let Counts { error, warning, info } = counts;
    format!("{}, {}, {info} info", counted(error, "error"), counted(warning, "warning"))
}

/// Headings of a project: of the second level where there is one project, else one below its name.
struct Outline {
    number: usize,
    several: bool,
}

impl Outline {
    /// A heading, with the name that links know it by.
    fn heading(&self, name: &str, text: &Markup) -> Markup {
        let id = self.id(name);
        html! {
            @if self.several { h3 id=(id) { (text) } } @else { h2 id=(id) { (text) } }
        }
    }

    /// What names a section, for those who hear the page: its heading, and that of the project where there
    /// are several, since each of them has such a section.
    fn names(&self, name: &str) -> String {
        let own = self.id(name);
        if self.several { format!("{own} {}", self.id("name")) } else { own }
    }

    /// A heading below [`Self::heading`].
    fn below(&self, text: &Markup) -> Markup {
        html! { @if self.several { h4 { (text) } } @else { h3 { (text) } } }
    }

    fn id(&self, name: &str) -> String {
        format!("p{}-{name}", self.number)
    }
}

fn project(report: &Report<'_>, number: usize, several: bool) -> Markup {
    let outline = Outline { number, several };
    let map = report.maps.get(number);
    let links = [("findings", "Findings"), ("secrets", "Secrets"), ("settings", "Settings")];
    let links = links.get(..if map.is_some() { 3 } else { 1 }).unwrap_or_default();
    html! {
        div class="project" id={ "p" (number) } {
            @if several {
                h2 id=(outline.id("name")) data-project {
                    (report.projects.get(number).map(|root| path_text(root)).unwrap_or_default())
                }
            }
            nav aria-label=(if several { format!("Parts of project {}", number + 1) } else { "Parts".to_owned() }) {
                ul {
                    @for (name, text) in links {
                        li { a href={ "#" (outline.id(name)) } { (text) } }
                    }
                }
            }
            (findings::section(report, &outline))
            @if let Some(map) = map {
                (map::secrets(map, &outline))
                (map::settings(map, &outline))
            }
        }
    }
}

/// `text`, with what stands between backticks as code.
fn prose(text: &str) -> Markup {
    let mut parts: Vec<&str> = text.split('`').collect();
    // A backtick without its partner is a character.
    let rest = if parts.len().is_multiple_of(2) { parts.pop() } else { None };
    html! {
        @for (index, part) in parts.into_iter().enumerate() {
            @if index % 2 == 1 { code { (part) } } @else { (part) }
        }
        @if let Some(rest) = rest { "`" (rest) }
    }
}

#[cfg(test)]
mod tests;
