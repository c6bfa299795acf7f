//! The `full` format to be read aloud or felt: sentences instead of drawings, nothing wrapped.
//!
//! miette's own narrated form counts columns in the text it is given, which here is masked and cut;
//! this one tells the true ones.

use std::io::{self, Write};

use super::escape::escape;
use super::snippet::{Mention, Snippet, pointers};
use super::window::Symbols;
use super::{Options, Report};
use crate::check::Finding;

/// Long lines are cut to so many columns; they are not seen, but heard.
const LINE_WIDTH: usize = 120;

/// Writes the findings.
///
/// # Errors
/// When `out` cannot be written.
pub(super) fn write(report: &Report<'_>, options: &Options, out: &mut dyn Write) -> io::Result<()> {
    for finding in report.visible(options) {
        write_finding(report, finding, out)?;
        writeln!(out)?;
    }
    Ok(())
}

fn write_finding(report: &Report<'_>, finding: &Finding, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "{}[{}]: {}", finding.level, finding.rule.id, escape(&finding.message))?;
    let pointers = pointers(report, finding, LINE_WIDTH, Symbols::SPOKEN);
    if let Some(file) = &pointers.file {
        write_mention("in file", file, out)?;
    }
    for snippet in &pointers.snippets {
        write_snippet(snippet, out)?;
    }
    for mention in &pointers.elsewhere {
        write_mention("see also", mention, out)?;
    }
    let texts = finding.environment.iter().map(|name| ("environment", name));
    let texts = texts.chain(finding.notes.iter().map(|note| ("note", note)));
    for (title, text) in texts.chain(finding.help.iter().map(|help| ("help", help))) {
        writeln!(out, "  {title}: {}", escape(text))?;
    }
    writeln!(out, "  more: astrolint explain {}", finding.rule.id)
}

fn write_snippet(snippet: &Snippet, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "  in file {}, line {}: {}", snippet.path, snippet.line, snippet.text)?;
    for mark in &snippet.marks {
        write!(out, "    column {}", mark.column)?;
        let marked = mark.span.of(&snippet.text);
        if !marked.is_empty() {
            write!(out, ", at {marked}")?;
        }
        if !mark.label.is_empty() {
            write!(out, ": {}", mark.label)?;
        }
        writeln!(out)?;
    }
    Ok(())
}

fn write_mention(title: &str, mention: &Mention, out: &mut dyn Write) -> io::Result<()> {
    match mention.label.as_str() {
        "" => writeln!(out, "  {title} {}", mention.place),
        label => writeln!(out, "  {title} {}: {label}", mention.place),
    }
}
