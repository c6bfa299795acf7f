//! The format for people: each finding with the line at fault, drawn by miette.

use std::fmt::{self, Write as _};
use std::io::{self, Write};

use miette::{
    Diagnostic, GraphicalReportHandler, GraphicalTheme, LabeledSpan, MietteError,
    MietteSpanContents, Severity, SourceCode, SourceSpan, SpanContents, ThemeStyles,
};
use textwrap::core::display_width;
use textwrap::{WordSeparator, WordSplitter};

use super::escape::escape;
use super::snippet::{LABEL_ROOM, Mark, Mention, Pointers, Snippet, pointers};
use super::window::Symbols;
use super::{Options, Report};
use crate::check::{Finding, Level};
use crate::hash::HashSet;

/// Narrower terminals get text of this width: nothing readable fits into less.
const LEAST_WIDTH: usize = 40;

/// Writes the findings.
///
/// # Errors
/// When `out` cannot be written.
pub(super) fn write(report: &Report<'_>, options: &Options, out: &mut dyn Write) -> io::Result<()> {
    let mut explained = HashSet::default();
    for finding in report.visible(options) {
        let explain = explained.insert(finding.rule.id);
        let text = Page::new(report, finding, options).text(explain).map_err(io::Error::other)?;
        let text = if options.unicode { text } else { in_ascii(&text) };
        writeln!(out, "{text}")?;
    }
    Ok(())
}

/// `text` without the characters beyond ASCII that our own sentences use; those of files stay.
fn in_ascii(text: &str) -> String {
    [("…", "..."), ("•", "*"), ("—", "-"), ("–", "-"), ("→", "->")]
        .into_iter()
        .fold(text.to_owned(), |text, (from, to)| text.replace(from, to))
}

/// One finding, laid out.
struct Page<'a> {
    finding: &'a Finding,
    pointers: Pointers,
    sheet: Sheet,
    options: &'a Options,
    width: usize,
}

impl<'a> Page<'a> {
    fn new(report: &Report<'_>, finding: &'a Finding, options: &'a Options) -> Self {
        let width = options.width.max(LEAST_WIDTH);
        let symbols = if options.unicode { Symbols::UNICODE } else { Symbols::ASCII };
        let mut pointers = pointers(report, finding, width, symbols);
        let sheet = Sheet::new(std::mem::take(&mut pointers.snippets), width);
        Self { finding, pointers, sheet, options, width }
    }

    fn text(&self, explain: bool) -> Result<String, fmt::Error> {
        let headline = Headline { finding: self.finding, sheet: &self.sheet };
        let mut drawn = String::new();
        self.handler().render_report(&mut drawn, &headline)?;
        // miette's lines may end in blanks, and begin with an empty one.
        let mut text = String::with_capacity(drawn.len());
        for line in drawn.trim_matches('\n').lines() {
            writeln!(text, "{}", line.trim_end())?;
        }
        for (title, content) in self.footer(explain) {
            writeln!(text, "{}", self.paragraph(title, &escape(&content)))?;
        }
        Ok(text)
    }

    fn handler(&self) -> GraphicalReportHandler {
        let mut theme = match (self.options.unicode, self.options.color) {
            (true, true) => GraphicalTheme::unicode(),
            (true, false) => GraphicalTheme::unicode_nocolor(),
            (false, true) => GraphicalTheme::ascii(),
            (false, false) => GraphicalTheme::none(),
        };
        if self.options.color {
            theme.styles = styles();
        }
        // Level and rule take the place of miette's icon.
        let title = format!("{}[{}]:", self.finding.level, self.finding.rule.id);
        theme.characters.error.clone_from(&title);
        theme.characters.warning.clone_from(&title);
        theme.characters.advice = title;
        GraphicalReportHandler::new_themed(theme)
            .with_width(self.width)
            .with_context_lines(0)
            .with_links(false)
            .with_break_words(false)
            .with_word_separator(WordSeparator::AsciiSpace)
            .with_word_splitter(WordSplitter::NoHyphenation)
            .without_syntax_highlighting()
    }

    /// What stands below the source lines, by title.
    fn footer(&self, explain: bool) -> Vec<(&'static str, String)> {
        let finding = self.finding;
        let named = |mention: &Mention| match mention.label.as_str() {
            "" => mention.place.clone(),
            label => format!("{} ({label})", mention.place),
        };
        let mut footer = Vec::new();
        footer.extend(self.pointers.file.as_ref().map(|file| ("file", named(file))));
        footer.extend(finding.environment.iter().map(|name| ("environment", name.clone())));
        footer.extend(finding.notes.iter().map(|note| ("note", note.clone())));
        footer.extend(self.pointers.elsewhere.iter().map(|mention| ("see also", named(mention))));
        footer.extend(finding.help.iter().map(|help| ("help", help.clone())));
        if explain {
            footer.push(("more", format!("astrolint explain {}", finding.rule.id)));
        }
        footer
    }

    /// `title: content`, wrapped below the content's beginning.
    fn paragraph(&self, title: &str, content: &str) -> String {
        let start = if self.options.color {
            format!("  \x1b[1m{title}:\x1b[0m ")
        } else {
            format!("  {title}: ")
        };
        let indent = " ".repeat(display_width(title) + 4);
        let options = wrapping(self.width).initial_indent(&start).subsequent_indent(&indent);
        // A line that begins with `::`, even indented, is a command to GitHub's runner.
        textwrap::wrap(content, options)
            .join("\n")
            .replace(&format!("\n{indent}::"), &format!("\n{indent}\\::"))
    }
}

/// Colours that can be read on a light and on a dark ground: red and magenta only. Yellow, green and cyan
/// vanish on white, blue on black, and dimmed text on both.
fn styles() -> ThemeStyles {
    let (ansi, none) = (ThemeStyles::ansi(), ThemeStyles::none());
    let magenta: Vec<_> = ansi.highlights.into_iter().take(1).collect();
    ThemeStyles {
        error: ansi.error,
        warning: magenta.first().copied().unwrap_or(none.warning),
        highlights: magenta,
        ..none
    }
}

/// Wraps between words only, so that names can be copied whole.
pub(crate) fn wrapping<'a>(width: usize) -> textwrap::Options<'a> {
    textwrap::Options::new(width)
        .break_words(false)
        .word_separator(WordSeparator::AsciiSpace)
        .word_splitter(WordSplitter::NoHyphenation)
}

/// The part of a finding that miette draws.
#[derive(Debug)]
struct Headline<'a> {
    finding: &'a Finding,
    sheet: &'a Sheet,
}

impl fmt::Display for Headline<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&escape(&self.finding.message))
    }
}

impl std::error::Error for Headline<'_> {}

impl Diagnostic for Headline<'_> {
    fn severity(&self) -> Option<Severity> {
        Some(match self.finding.level {
            Level::Error => Severity::Error,
            Level::Warning => Severity::Warning,
            Level::Info => Severity::Advice,
        })
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        (!self.sheet.panels.is_empty()).then_some(self.sheet as &dyn SourceCode)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        Some(Box::new(self.sheet.panels.iter().flat_map(Panel::labels)))
    }
}

/// The snippets of one finding, one after the other, as a source that miette can read: it never sees
/// a file, and each snippet has its own name and line number.
#[derive(Debug)]
struct Sheet {
    panels: Vec<Panel>,
}

/// A snippet at its place in the sheet.
struct Panel {
    offset: usize,
    snippet: Snippet,
}

impl Sheet {
    fn new(snippets: Vec<Snippet>, width: usize) -> Self {
        let mut offset = 0;
        let panels = snippets.into_iter().map(|mut snippet| {
            // A caret needs a character to stand under.
            if snippet.text.is_empty()
                || snippet.marks.iter().any(|mark| mark.span == mark_at_end(&snippet.text))
            {
                snippet.text.push(' ');
            }
            wrap_labels(&mut snippet, width);
            let panel = Panel { offset, snippet };
            // The byte between two panels keeps their places apart.
            offset = panel.end() + 1;
            panel
        });
        Self { panels: panels.collect() }
    }
}

fn mark_at_end(text: &str) -> crate::text::Span {
    crate::text::Span::at(text.len())
}

/// Wraps the words under each mark into the columns to the right of it; miette itself does not.
fn wrap_labels(snippet: &mut Snippet, width: usize) {
    let gutter = snippet.line.to_string().len() + 4;
    for Mark { span, label, .. } in &mut snippet.marks {
        let before = snippet.text.get(..span.start).map_or(0, display_width);
        let column = gutter + before + display_width(span.of(&snippet.text)) / 2 + 4;
        let room = width.saturating_sub(column).max(LABEL_ROOM);
        *label = textwrap::fill(label, wrapping(room));
    }
}

impl Panel {
    fn end(&self) -> usize {
        self.offset + self.snippet.text.len()
    }

    fn labels(&self) -> impl Iterator<Item = LabeledSpan> {
        self.snippet.marks.iter().enumerate().map(|(index, mark)| {
            let label = (!mark.label.is_empty()).then(|| mark.label.clone());
            let span =
                SourceSpan::from((self.offset + mark.span.start, mark.span.end - mark.span.start));
            if index == 0 {
                LabeledSpan::new_primary_with_span(label, span)
            } else {
                LabeledSpan::new_with_span(label, span)
            }
        })
    }
}

impl fmt::Debug for Panel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Panel").field("offset", &self.offset).finish_non_exhaustive()
    }
}

impl SourceCode for Sheet {
    /// The whole line that holds `span`; an error for a span over two snippets, which tells miette to
    /// draw them apart.
    fn read_span<'a>(
        &'a self,
        span: &SourceSpan,
        _before: usize,
        _after: usize,
    ) -> Result<Box<dyn SpanContents<'a> + 'a>, MietteError> {
        let index = self.panels.partition_point(|panel| panel.end() < span.offset());
        let panel = self.panels.get(index).ok_or(MietteError::OutOfBounds)?;
        if span.offset() < panel.offset || panel.end() < span.offset() + span.len() {
            return Err(MietteError::OutOfBounds);
        }
        let snippet = &panel.snippet;
        // miette asks for the mark named in the header, and wants to hear its true column.
        let here = span.offset() - panel.offset;
        let mark =
            snippet.marks.iter().find(|mark| mark.span.start == here).or(snippet.marks.first());
        Ok(Box::new(MietteSpanContents::new_named(
            snippet.path.clone(),
            snippet.text.as_bytes(),
            SourceSpan::from((panel.offset, snippet.text.len())),
            snippet.line.saturating_sub(1),
            mark.map_or(0, |mark| mark.column.saturating_sub(1)),
            1,
        )))
    }
}
