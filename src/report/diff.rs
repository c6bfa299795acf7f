//! What fixes change, as a unified diff of masked lines: for people, not for `patch`.

use std::io::{self, Write};

use similar::{ChangeTag, TextDiff};

use super::Options;
use super::escape::{escape, path_text, push_escaped};
use super::mask::{Glyph, View};
use super::window::Symbols;
use crate::fix::FixedFile;
use crate::text::{LineIndex, Span};

const CONTEXT: usize = 3;

/// Writes the changes of `files`.
///
/// # Errors
/// When `out` cannot be written.
pub fn write(files: &[FixedFile], options: &Options, out: &mut dyn Write) -> io::Result<()> {
    let paint = |code: &'static str| if options.color { code } else { "" };
    for file in files {
        let name = path_text(&file.name);
        let name = escape(&name);
        let (bold, reset) = (paint("\x1b[1m"), paint("\x1b[0m"));
        writeln!(out, "{bold}--- {name}{reset}\n{bold}+++ {name}{reset}")?;
        let before = Side::new(&file.before, &file.shown_before, options);
        let after = Side::new(&file.after, &file.shown_after, options);
        let lines =
            [&file.before, &file.after].map(|text| text.split_inclusive('\n').collect::<Vec<_>>());
        let diff = TextDiff::from_slices(&lines[0], &lines[1]);
        for hunk in diff.unified_diff().context_radius(CONTEXT).iter_hunks() {
            writeln!(out, "{}{}{reset}", paint("\x1b[35m"), hunk.header())?;
            for change in hunk.iter_changes() {
                let (sign, color, line) = match change.tag() {
                    ChangeTag::Equal => (' ', "", before.line(change.old_index())),
                    ChangeTag::Delete => ('-', paint("\x1b[31m"), before.line(change.old_index())),
                    ChangeTag::Insert => ('+', paint("\x1b[32m"), after.line(change.new_index())),
                };
                let reset = if color.is_empty() { "" } else { reset };
                writeln!(out, "{color}{sign}{line}{reset}")?;
                if !change.value().ends_with('\n') {
                    writeln!(out, "\\ No newline at end of file")?;
                }
            }
        }
    }
    Ok(())
}

/// A text with what of it may be shown.
struct Side<'a> {
    text: &'a str,
    shown: &'a [Span],
    lines: LineIndex,
    symbols: Symbols,
}

impl<'a> Side<'a> {
    fn new(text: &'a str, shown: &'a [Span], options: &Options) -> Self {
        let symbols = match (options.narrated, options.unicode) {
            (true, _) => Symbols::SPOKEN,
            (false, true) => Symbols::UNICODE,
            (false, false) => Symbols::ASCII,
        };
        Self { text, shown, lines: LineIndex::new(text), symbols }
    }

    /// The line with the 0-based number `index`: masked, safe to print.
    fn line(&self, index: Option<usize>) -> String {
        let Some(index) = index else { return String::new() };
        let span = self.lines.line_span(index + 1, self.text);
        let view = View::new(self.text, span, self.shown, span.start);
        let mut line = String::new();
        for cell in view.cells() {
            match cell.glyph {
                Glyph::Mask => line.push_str(self.symbols.mask),
                Glyph::Char('\t') => line.push('\t'),
                Glyph::Char(char) => push_escaped(&mut line, char),
            }
        }
        if view.cut_after {
            line.push_str(self.symbols.ellipsis);
        }
        line
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_masked_on_both_sides() {
        let before = "A=1\nKEY='canary'\n";
        let after = "A=1\nKEY=canary\n# x";
        let file = FixedFile {
            path: "/p/.env".into(),
            name: ".env".into(),
            is_new: false,
            before: before.to_owned(),
            after: after.to_owned(),
            shown_before: vec![Span::new(0, 9), Span::new(15, 16)],
            shown_after: vec![Span::new(0, 8), Span::new(15, 18)],
        };
        let mut out = Vec::new();
        write(&[file], &Options::default(), &mut out).unwrap();
        assert_eq!(
            String::from_utf8(out).unwrap(),
            "--- .env\n+++ .env\n@@ -1,2 +1,3 @@\n A=1\n-KEY='•••'\n+KEY=•••\n+# x\n\\ No newline at end of file\n"
        );
    }
}
