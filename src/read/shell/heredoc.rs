//! Here-documents: the delimiter, and the lines up to it.

use super::frame::{Frame, Pending};
use super::reader::Reader;
use super::{ErrorKind, Target, Value};
use crate::text::{Text, TextBuilder};

impl<'a> Reader<'a> {
    /// The delimiter that stands here without its quotes, and whether it has any.
    pub(super) fn delimiter(&mut self) -> (String, bool) {
        let mut name = String::new();
        let mut is_quoted = false;
        while let Some(c) = self.peek().filter(|c| !" \t\r\n|&;()<>".contains(*c)) {
            self.advance();
            match c {
                '\'' | '"' => {
                    is_quoted = true;
                    // A delimiter is one line.
                    let line = self.rest().lines().next().unwrap_or("");
                    let length = line.find(c).unwrap_or(line.len());
                    let quoted = line.get(..length).unwrap_or("");
                    name.push_str(quoted);
                    self.at += length + usize::from(length < line.len());
                }
                '\\' => {
                    is_quoted = true;
                    name.extend(self.peek());
                    self.advance();
                }
                c => name.push(c),
            }
        }
        (name, is_quoted)
    }

    /// The bodies of the here-documents that wait for the line that begins here.
    pub(super) fn heredocs(&mut self) {
        for pending in std::mem::take(&mut self.frame.pending) {
            let body = self.heredoc_lines(&pending);
            let value =
                if pending.expands { self.expanded(&body, &pending) } else { Value::of(body) };
            if let Some((command, index)) = pending.owner
                && let Some(command) = self.out.commands.get_mut(command)
                && let Some(redirection) = command.redirections.get_mut(index)
                && let Target::HereDocument(document) = &mut redirection.target
            {
                document.body = value;
            }
        }
    }

    /// The lines of a body, without leading tabs where those are removed; goes behind its end.
    fn heredoc_lines(&mut self, pending: &Pending) -> Text {
        let start = self.at;
        let source = self.source;
        let mut builder = TextBuilder::default();
        while !self.rest().is_empty() {
            let line = self.heredoc_line(pending.expands);
            let tabs = if pending.strips_tabs {
                line.len() - line.trim_start_matches('\t').len()
            } else {
                0
            };
            let from = self.at;
            self.at += line.len();
            if is_delimiter(line.get(tabs..).unwrap_or(""), pending) {
                return builder.finish(source.span_of(start..from));
            }
            builder.copy(source, from + tabs..self.at);
        }
        self.error(pending.start, ErrorKind::UnterminatedHeredoc);
        builder.finish(source.span_of(start..self.at))
    }

    /// The line that begins here with its line end, and with those that a backslash adds to it.
    fn heredoc_line(&self, continues: bool) -> &'a str {
        let rest = self.rest();
        let mut length = 0;
        for line in rest.split_inclusive('\n') {
            length += line.len();
            let content = line.trim_end_matches(['\r', '\n']);
            let escapes = content.len() - content.trim_end_matches('\\').len();
            if !continues || escapes % 2 == 0 {
                break;
            }
        }
        rest.get(..length).unwrap_or("")
    }

    /// A body with its substitutions made.
    fn expanded(&mut self, body: &Text, pending: &Pending) -> Value {
        let mut value = Value::Known(Text::verbatim("", body.span().start));
        if self.enter() {
            self.nested(body, Frame::substitution(pending.context), |reader| {
                let mut parts = Vec::new();
                reader.double_quoted_parts(None, &mut parts);
                value = reader.fields(0).single(&parts).value;
            });
            self.leave();
        }
        value
    }
}

/// Whether `line` ends the body of `pending`.
fn is_delimiter(line: &str, pending: &Pending) -> bool {
    let content = line.strip_suffix('\n').unwrap_or(line);
    let content = content.strip_suffix('\r').unwrap_or(content);
    if !pending.expands {
        return content == pending.delimiter;
    }
    // Joined lines are one.
    content.len() <= pending.delimiter.len() * 4 + 64
        && content.replace("\\\n", "").replace("\\\r\n", "") == pending.delimiter
}
