//! Redirections.

use super::frame::Pending;
use super::reader::Reader;
use super::word::Ends;
use super::{ErrorKind, HereDocument, Redirection, Target, Value, Word};
use crate::text::Text;

/// The operators, longest first.
const OPERATORS: &[&str] =
    &["&>>", "<<<", "<<-", "<<", "<&", "<>", ">>", ">|", ">&", "&>", "<", ">"];

impl Reader<'_> {
    /// Reads a redirection, if one stands here: a descriptor, an operator and a word.
    pub(super) fn redirection(&mut self) -> bool {
        let rest = self.rest();
        let digits = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        let after = rest.get(digits..).unwrap_or("");
        let Some(operator) = OPERATORS.iter().find(|operator| after.starts_with(**operator)) else {
            return false;
        };
        let is_process = matches!(*operator, "<" | ">") && after.get(1..2) == Some("(");
        if is_process || (digits > 0 && operator.starts_with('&')) {
            return false;
        }
        let start = self.at;
        // What belongs to a compound command has nobody to tell of it.
        let owner = if self.frame.is_after_block { None } else { Some(self.command()) };
        let descriptor = rest.get(..digits).and_then(|digits| digits.parse().ok());
        self.at += digits + operator.len();
        self.skip_blanks();
        let target = if matches!(*operator, "<<" | "<<-") {
            self.here_document(start, operator.ends_with('-'), owner)
        } else {
            let word = self.target_word();
            match *operator {
                "<<<" => Target::HereString(word),
                "<&" | ">&" => Target::Descriptor(word),
                "<" => Target::Input(word),
                _ => Target::Output(word),
            }
        };
        let span = self.source.span_of(start..self.at);
        if let Some(command) = owner.and_then(|owner| self.out.commands.get_mut(owner)) {
            command.redirections.push(Redirection { span, descriptor, target });
            command.span = command.span.cover(span);
        }
        true
    }

    fn target_word(&mut self) -> Word {
        let start = self.at;
        let parts = self.word(Ends::Operators);
        if self.at == start {
            self.error(start, ErrorKind::UnexpectedToken);
        }
        self.fields(start).single(&parts)
    }

    fn here_document(&mut self, start: usize, strips_tabs: bool, owner: Option<usize>) -> Target {
        let from = self.at;
        let (delimiter, is_quoted) = self.delimiter();
        if from == self.at {
            self.error(start, ErrorKind::UnexpectedToken);
        } else {
            let index = owner.and_then(|owner| self.out.commands.get(owner));
            let index = index.map_or(0, |command| command.redirections.len());
            self.frame.pending.push(Pending {
                owner: owner.map(|owner| (owner, index)),
                delimiter,
                strips_tabs,
                expands: !is_quoted,
                start,
                context: self.frame.context(),
            });
        }
        let delimiter = self.source.span_of(from..self.at);
        Target::HereDocument(HereDocument {
            delimiter,
            body: Value::Known(Text::verbatim("", delimiter.end)),
            strips_tabs,
            expands: !is_quoted,
        })
    }
}
