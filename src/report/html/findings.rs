//! The findings of a project, each with its masked source.

use maud::{Markup, html};

use super::{CHUNK, MANY, Outline, prose};
use crate::check::{Finding, Fix, Safety};
use crate::report::Report;
use crate::report::snippet::{Mention, Snippet, pointers};
use crate::report::window::Symbols;
use crate::text::Span;

/// Long lines are cut around what is pointed at to so many columns; the browser wraps them.
const WIDTH: usize = 200;

pub(super) fn section(report: &Report<'_>, outline: &Outline) -> Markup {
    let findings: Vec<&Finding> =
        report.findings.iter().filter(|finding| finding.project == outline.number).collect();
    html! {
        section aria-labelledby=(outline.names("findings")) {
            (outline.heading("findings", &html! { "Findings " span class="number" { (findings.len()) } }))
            @if findings.is_empty() {
                p class="good" { "No problems found." }
            } @else {
                @for chunk in findings.chunks(CHUNK) {
                    ol.findings.many[findings.len() > MANY] data-group {
                        @for one in chunk { (finding(report, one, outline)) }
                    }
                }
            }
        }
    }
}

fn finding(report: &Report<'_>, finding: &Finding, outline: &Outline) -> Markup {
    let level = finding.level.to_string();
    let (start, _) = report.range(finding.primary.place);
    let path = report.path(finding.primary.place.file);
    let pointers = pointers(report, finding, WIDTH, Symbols::UNICODE);
    let place = match &pointers.file {
        Some(_) => path,
        None => format!("{path}:{}:{}", start.line, start.column),
    };
    html! {
        li class={ "finding " (level) } data-item="finding" data-is=(level) {
            (outline.below(&html! {
                span class={ "level " (level) } { (level) } " " (prose(&finding.message))
            }))
            p class="where" {
                code class="place" { (place) }
                " " a href=(finding.rule.url()) rel="noreferrer" { (finding.rule.id) }
                @if let Some(name) = &finding.environment { " in environment " code { (name) } }
            }
            @if let Some(mention) = &pointers.file && !mention.label.is_empty() {
                p class="label" { (prose(&mention.label)) }
            }
            @for (index, one) in pointers.snippets.iter().enumerate() { (snippet(one, index == 0)) }
            dl {
                @for mention in &pointers.elsewhere { (remark("See also", &named(mention))) }
                @for note in &finding.notes { (remark("Why", &prose(note))) }
                @if let Some(help) = &finding.help { (remark("Help", &prose(help))) }
                @for fix in &finding.fixes { (remark("Fix", &offered(fix))) }
            }
        }
    }
}

fn remark(title: &str, content: &Markup) -> Markup {
    html! { div { dt { (title) } dd { (content) } } }
}

fn named(mention: &Mention) -> Markup {
    html! {
        code class="place" { (mention.place) }
        @if !mention.label.is_empty() { ": " (prose(&mention.label)) }
    }
}

fn offered(fix: &Fix) -> Markup {
    html! {
        (prose(&fix.title)) ", with "
        code { @match fix.safety { Safety::Safe => "--fix", Safety::Unsafe => "--fix --unsafe-fixes" } }
    }
}

/// A line of source. The first is where the finding itself says it is.
fn snippet(snippet: &Snippet, is_first: bool) -> Markup {
    let mut marks: Vec<Span> = snippet.marks.iter().map(|mark| mark.span).collect();
    marks.sort_by_key(|span| (span.start, span.end));
    let mut at = 0;
    let mut parts = Vec::new();
    for mark in marks.into_iter().filter(|mark| mark.start < mark.end) {
        if mark.start >= at {
            parts.push((false, Span::new(at, mark.start).of(&snippet.text)));
            parts.push((true, mark.of(&snippet.text)));
            at = mark.end;
        }
    }
    parts.push((false, Span::new(at, snippet.text.len()).of(&snippet.text)));
    let labels: Vec<_> = snippet.marks.iter().filter(|mark| !mark.label.is_empty()).collect();
    html! {
        figure class="source" {
            @if !is_first { figcaption class="place" { (snippet.path) ":" (snippet.line) } }
            pre {
                span class="line" aria-hidden="true" { (snippet.line) }
                code {
                    @for (is_marked, text) in parts {
                        @if is_marked { mark { (text) } } @else { (text) }
                    }
                }
            }
            @for mark in &labels {
                p class="label" {
                    @if snippet.marks.len() > 1 { span class="column" { "column " (mark.column) ": " } }
                    (prose(&mark.label))
                }
            }
        }
    }
}
