//! Compound commands: keywords and parentheses.

use super::ErrorKind;
use super::frame::BlockKind;
use super::reader::Reader;
use super::word::{Ends, Part};

impl Reader<'_> {
    /// Whether the pattern of a `case` comes next.
    pub(super) fn is_at_pattern(&self) -> bool {
        let block = self.frame.blocks.last();
        block.is_some_and(|block| block.kind == BlockKind::Case(true))
    }

    /// Reads a piece of the patterns in front of a branch: up to the `)` behind them, or `esac`.
    pub(super) fn pattern(&mut self) {
        let start = self.at;
        match self.peek() {
            Some(')') => {
                self.advance();
                if let Some(block) = self.frame.blocks.last_mut() {
                    block.kind = BlockKind::Case(false);
                }
            }
            Some('\n' | '|' | '&' | ';' | '(' | '<' | '>') => self.advance(),
            _ => {
                let parts = self.word(Ends::Operators);
                if self.plain_word(&parts) == Some("esac") {
                    self.close(start, |kind| matches!(kind, BlockKind::Case(_)));
                }
            }
        }
    }

    /// Reads what the keyword in `parts`, a word that began at `start`, asks for; `false` when it is
    /// none.
    pub(super) fn keyword(&mut self, parts: &[Part], start: usize) -> bool {
        let Some(word) = self.plain_word(parts) else { return false };
        match word {
            "if" => self.frame.open(BlockKind::If, start),
            "while" | "until" => self.frame.open(BlockKind::Loop, start),
            "for" | "select" => {
                self.for_header();
                self.frame.open(BlockKind::Loop, start);
            }
            "case" => self.case(start),
            "{" => self.frame.open(BlockKind::Braces, start),
            "function" => self.function(),
            "fi" => self.close(start, |kind| kind == BlockKind::If),
            "done" => self.close(start, |kind| kind == BlockKind::Loop),
            "esac" => self.close(start, |kind| matches!(kind, BlockKind::Case(_))),
            "}" => self.close(start, |kind| kind == BlockKind::Braces),
            "then" | "elif" | "else" => self.inside(start, BlockKind::If),
            "do" => self.inside(start, BlockKind::Loop),
            "!" | "coproc" => {}
            "time" => {
                self.skip_blanks();
                if self.rest().starts_with("-p ") {
                    self.at += "-p".len();
                }
            }
            _ => return false,
        }
        true
    }

    /// The word, when it is written without quotes and substitutions.
    fn plain_word(&self, parts: &[Part]) -> Option<&str> {
        match parts {
            [part] if part.is_plain() => Some(part.of(self.text)),
            _ => None,
        }
    }

    /// A keyword in the middle of the innermost compound command.
    fn inside(&mut self, start: usize, kind: BlockKind) {
        match self.frame.blocks.last_mut() {
            Some(block) if block.kind == kind => block.is_past_condition(),
            _ => self.error(start, ErrorKind::UnexpectedToken),
        }
    }

    fn close(&mut self, start: usize, is_kind: impl Fn(BlockKind) -> bool) {
        match self.frame.close(is_kind) {
            None => self.error(start, ErrorKind::UnexpectedToken),
            Some(open) => {
                for block in open {
                    self.error(block.start, ErrorKind::UnterminatedBlock);
                }
            }
        }
    }

    /// `for name in words` or `for ((…))`.
    fn for_header(&mut self) {
        self.skip_blanks();
        if self.arithmetic("((", "))") {
            return;
        }
        let from = self.at;
        self.word(Ends::Operators);
        let name = self.text.get(from..self.at).unwrap_or("").to_owned();
        self.out.writes.push(name);
        self.skip_line_ends();
        if !self.next_is("in") {
            return;
        }
        self.at += "in".len();
        loop {
            self.skip_blanks();
            match self.peek() {
                None | Some('\n' | ';' | '&' | '|' | ')') => return,
                Some('(' | '<' | '>') => self.advance(),
                Some(_) => {
                    self.word(Ends::Operators);
                }
            }
        }
    }

    /// `case word in`.
    fn case(&mut self, start: usize) {
        self.skip_blanks();
        self.word(Ends::Operators);
        self.skip_line_ends();
        let has_in = self.next_is("in");
        if has_in {
            self.at += "in".len();
        } else {
            self.error(start, ErrorKind::UnexpectedToken);
        }
        self.frame.open(BlockKind::Case(has_in), start);
    }

    /// `function name` or `function name ()`.
    fn function(&mut self) {
        self.skip_blanks();
        self.word(Ends::Operators);
        self.skip_blanks();
        self.empty_parentheses();
        self.frame.is_function = true;
    }

    /// Goes behind `()`, if that stands here.
    fn empty_parentheses(&mut self) -> bool {
        let Some(inner) = self.rest().strip_prefix('(') else { return false };
        let inner = inner.trim_start_matches([' ', '\t']);
        let is_empty = inner.starts_with(')');
        if is_empty {
            self.at = self.text.len() - inner.len() + 1;
        }
        is_empty
    }

    fn skip_line_ends(&mut self) {
        self.skip_blanks();
        while self.peek() == Some('\n') {
            self.advance();
            self.skip_blanks();
        }
    }

    /// Whether `word` stands here as a word of its own.
    fn next_is(&self, word: &str) -> bool {
        let after = self.rest().strip_prefix(word);
        after.is_some_and(|after| {
            after.is_empty() || after.starts_with([' ', '\t', '\n', '\r', ';'])
        })
    }

    /// A subshell, an arithmetic command, or the parentheses behind a function's name.
    pub(super) fn open_parenthesis(&mut self) {
        let start = self.at;
        let Some(current) = self.frame.current else {
            if self.arithmetic("((", "))") {
                self.frame.is_after_block = true;
            } else {
                self.frame.open(BlockKind::Parentheses, start);
                self.advance();
            }
            return;
        };
        let command = self.out.commands.get(current);
        let is_name = command.is_some_and(|command| {
            command.words.len() == 1
                && command.assignments.is_empty()
                && command.redirections.is_empty()
        });
        if is_name && self.empty_parentheses() {
            self.out.commands.truncate(current);
            self.frame.current = None;
            self.frame.is_function = true;
        } else {
            self.error(start, ErrorKind::UnexpectedToken);
            self.advance();
        }
    }

    /// Whether the `)` here ends the substitution that is being read.
    pub(super) fn close_parenthesis(&mut self) -> bool {
        let start = self.at;
        self.end_command(true);
        self.advance();
        match self.frame.close(|kind| kind == BlockKind::Parentheses) {
            Some(open) => {
                for block in open {
                    self.error(block.start, ErrorKind::UnterminatedBlock);
                }
                return false;
            }
            None if self.frame.is_substitution => {
                for block in std::mem::take(&mut self.frame.blocks) {
                    self.error(block.start, ErrorKind::UnterminatedBlock);
                }
                self.heredocs();
                return true;
            }
            None => self.error(start, ErrorKind::UnexpectedToken),
        }
        false
    }
}
