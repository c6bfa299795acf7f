//! Physical lines to logical ones: parser directives, comments, continuations, here-documents.

use std::ops::Range;

use super::{Error, ErrorKind};
use crate::text::{Span, Text, TextBuilder};

/// The longest physical line that `BuildKit` reads, without its `\n`: Go's `bufio.MaxScanTokenSize`.
const MAX_LINE: usize = 65_535;

/// Goes through the physical lines of a file.
pub(super) struct Lines<'a> {
    text: &'a str,
    at: usize,
    /// The character that escapes and continues lines: a backslash unless `# escape=` says else.
    pub(super) escape: char,
    pub(super) errors: Vec<Error>,
}

impl<'a> Lines<'a> {
    /// At the first line, with the parser directives already read.
    pub(super) fn new(text: &'a str) -> Self {
        let at = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
        let mut lines = Self { text, at, escape: '\\', errors: Vec::new() };
        if let Err(error) = lines.directives() {
            lines.errors.push(error);
        }
        lines
    }

    /// Reads `# name=value` lines until the first line that is none; they are comments later on.
    fn directives(&mut self) -> Result<(), Error> {
        let mut seen: Vec<String> = Vec::new();
        let mut at = self.at;
        while let Some((line, next)) = self.line_at(at) {
            let length = line.of(self.text).trim_end_matches('\r').len();
            let line = Span::new(line.start, line.start + length);
            let content = trim_start(line, self.text);
            let Some((name, value)) = directive(content, self.text) else { break };
            if seen.contains(&name) {
                return Err(Error { span: content, kind: ErrorKind::DuplicateDirective });
            }
            if name == "escape" {
                self.escape = match value.of(self.text) {
                    "\\" => '\\',
                    "`" => '`',
                    _ => return Err(Error { span: value, kind: ErrorKind::EscapeDirective }),
                };
            }
            seen.push(name);
            at = next;
        }
        Ok(())
    }

    /// The line at byte `start` with its carriage return, and where the next one begins.
    fn line_at(&self, start: usize) -> Option<(Span, usize)> {
        let rest = self.text.get(start..).filter(|rest| !rest.is_empty())?;
        let end = start + rest.find('\n').unwrap_or(rest.len());
        Some((Span::new(start, end), (end + 1).min(self.text.len())))
    }

    /// The next line without its line end.
    fn physical(&mut self) -> Option<Span> {
        let (line, next) = self.line_at(self.at)?;
        self.at = next;
        if line.end - line.start > MAX_LINE {
            self.errors.push(Error { span: line, kind: ErrorKind::LineTooLong });
        }
        let length = line.of(self.text).trim_end_matches('\r').len();
        Some(Span::new(line.start, line.start + length))
    }

    /// The next instruction with its continuation lines joined; comments and blank lines between
    /// them are left out.
    pub(super) fn logical(&mut self) -> Option<Text> {
        loop {
            let line = trim_start(self.physical()?, self.text);
            if line.of(self.text).starts_with('#') {
                continue;
            }
            let (content, mut continues) = self.without_continuation(line);
            if !continues && content.of(self.text).is_empty() {
                continue;
            }
            let mut builder = TextBuilder::default();
            builder.verbatim(content.of(self.text), content.start);
            let mut end = content.end;
            while continues && let Some(line) = self.physical() {
                let trimmed = line.of(self.text).trim_start();
                if trimmed.is_empty() || trimmed.starts_with('#') {
                    continue;
                }
                let (content, more) = self.without_continuation(line);
                builder.verbatim(content.of(self.text), content.start);
                end = content.end;
                continues = more;
            }
            return Some(builder.finish(Span::new(content.start, end)));
        }
    }

    /// Removes the escape character that ends a line and the blanks behind it, unless another one
    /// stands in front of it.
    fn without_continuation(&self, line: Span) -> (Span, bool) {
        let written = line.of(self.text).trim_end_matches([' ', '\t']);
        match written.strip_suffix(self.escape) {
            Some(before) if !before.ends_with(self.escape) => {
                (Span::new(line.start, line.start + before.len()), true)
            }
            _ => (line, false),
        }
    }

    /// The lines up to the one that is `name`, and the end of that one. Without such a line, all
    /// that is left of the file.
    pub(super) fn heredoc_body(
        &mut self,
        name: &str,
        strips_tabs: bool,
    ) -> Result<(Span, usize), Span> {
        let start = self.at;
        let mut end = start;
        while let Some(line) = self.physical() {
            let written = line.of(self.text);
            let written = if strips_tabs { written.trim_start_matches('\t') } else { written };
            if written == name {
                return Ok((Span::new(start, end), line.end));
            }
            end = self.at;
        }
        Err(Span::new(start, end))
    }
}

/// `# name = value` when the name is that of a parser directive: the name in lower case and the
/// place of the value.
fn directive(line: Span, text: &str) -> Option<(String, Span)> {
    // The space around `=` is Go's `\s`; a value of nothing else counts as one.
    let space = ['\t', '\u{c}', '\r', ' '];
    let (name, value) = line.of(text).strip_prefix('#')?.split_once('=')?;
    let name = name.trim_start().trim_end_matches(space).to_ascii_lowercase();
    let start = line.end - value.trim_start_matches(space).len();
    let value = match value.trim_matches(space) {
        "" => Span::new(line.end - value.len(), line.end),
        trimmed => Span::new(start, start + trimmed.len()),
    };
    let is_directive = ["syntax", "check", "escape"].contains(&name.as_str());
    (is_directive && value.start < value.end).then_some((name, value))
}

/// `span` without the white space it begins with.
fn trim_start(span: Span, text: &str) -> Span {
    Span::new(span.end - span.of(text).trim_start().len(), span.end)
}

/// The bytes `range` of `text` as a text of their own.
pub(super) fn cut(text: &Text, range: Range<usize>) -> Text {
    let mut builder = TextBuilder::default();
    builder.copy(text, range.clone());
    builder.finish(text.span_of(range))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn joined(text: &str) -> Vec<String> {
        let mut lines = Lines::new(text);
        std::iter::from_fn(|| lines.logical()).map(|line| line.expose().to_owned()).collect()
    }

    #[test]
    fn joins_lines_as_buildkit_does() {
        let cases: &[(&str, &[&str])] = &[
            ("FROM a\n\n# c\n  RUN b\n", &["FROM a", "RUN b"]),
            ("RUN a \\\n  b\r\nRUN c", &["RUN a   b", "RUN c"]),
            ("RUN a \\ \t\r\n  # note\n\n   \n  b \\\n", &["RUN a   b "]),
            ("RUN a \\\\\nRUN b", &["RUN a \\\\", "RUN b"]),
            ("RUN a\\\n\\\nb\n", &["RUN ab"]),
            ("\\\nRUN a\n", &["RUN a"]),
            ("# escape=`\nRUN a\\\nRUN b `\n c\n", &["RUN a\\", "RUN b  c"]),
            ("#syntax=x\n#  ESCAPE = ` \nRUN a `\nb\n", &["RUN a b"]),
            ("# escape=`\r\nRUN a `\r\nb\r\n", &["RUN a b"]),
            ("# note\n# escape=`\nRUN a `\nRUN b", &["RUN a `", "RUN b"]),
            ("\n# escape=`\nRUN a `\nRUN b", &["RUN a `", "RUN b"]),
            ("\u{feff}# escape=`\nRUN a `\nb", &["RUN a b"]),
        ];
        for (text, expected) in cases {
            assert_eq!(joined(text), *expected, "{text:?}");
        }
    }

    #[test]
    fn joined_text_points_back() {
        let text = "ENV A=\"x \\\n # note\n  y\"\n";
        let line = Lines::new(text).logical().expect("a line");
        assert_eq!(line.expose(), "ENV A=\"x   y\"");
        assert_eq!(line.span().of(text), text.trim_end());
        let part = cut(&line, 7..12);
        assert_eq!(part.expose(), "x   y");
        assert_eq!(part.span().of(text), "x \\\n # note\n  y");
        assert_eq!(part.span_of(4..5).of(text), "y");
    }

    #[test]
    fn bad_directives_are_errors() {
        let kinds =
            |text| Lines::new(text).errors.iter().map(|error| error.kind).collect::<Vec<_>>();
        assert_eq!(kinds("# escape=x\n"), [ErrorKind::EscapeDirective]);
        assert_eq!(kinds("# syntax=a\n# Syntax=b\n"), [ErrorKind::DuplicateDirective]);
        assert_eq!(kinds("# escape=\n# other=1\n"), []);
    }
}
