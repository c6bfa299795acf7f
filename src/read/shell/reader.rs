//! The list of commands: operators, words, and what belongs to which command.

use super::assignments::is_declaration;
use super::fields::Fields;
use super::foreign::{self, Dialect};
use super::frame::{BlockKind, Frame, Joined};
use super::output::Output;
use super::variables::Variables;
use super::word::{Ends, Part};
use super::{Command, Error, ErrorKind, Feeder, Script, Word};
use crate::text::{Span, Text};

/// How deep substitutions are followed.
const MAX_DEPTH: usize = 64;

/// How many words are read of one script.
const MAX_WORDS: usize = 200_000;

/// Reads `source`, which somebody else may have to replace parts of first: see [`Dialect`].
#[must_use]
pub fn read(source: &Text, dialect: Dialect) -> Script {
    read_with(source, dialect, &[])
}

/// The same of a script that gets these variables.
#[must_use]
pub fn read_with(source: &Text, dialect: Dialect, environment: &[(String, Text)]) -> Script {
    let replaced = foreign::replace(source, dialect);
    let source = replaced.as_ref().unwrap_or(source);
    let first = Output::read(source, dialect, Variables::default());
    let variables = Variables::new(&first, environment);
    if variables.is_empty() {
        return first.script();
    }
    Output::read(source, dialect, variables).script()
}

/// Reads one text.
pub(super) struct Reader<'a> {
    pub(super) source: &'a Text,
    /// The source's text.
    pub(super) text: &'a str,
    pub(super) at: usize,
    pub(super) out: &'a mut Output,
    pub(super) frame: Frame,
}

impl<'a> Reader<'a> {
    pub(super) fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or("")
    }

    pub(super) fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    pub(super) fn advance(&mut self) {
        self.at += self.peek().map_or(0, char::len_utf8);
    }

    /// One level deeper into substitutions and quotes; `false`, and the end of the text, when that is
    /// too deep.
    pub(super) fn enter(&mut self) -> bool {
        if self.out.depth == MAX_DEPTH {
            self.give_up();
            return false;
        }
        self.out.depth += 1;
        true
    }

    pub(super) fn leave(&mut self) {
        self.out.depth -= 1;
    }

    fn give_up(&mut self) {
        self.error(self.at.min(self.text.len()), ErrorKind::TooLarge);
        self.out.gave_up = true;
        self.at = self.text.len();
    }

    pub(super) fn error(&mut self, at: usize, kind: ErrorKind) {
        let length =
            self.text.get(at..).and_then(|rest| rest.chars().next()).map_or(0, char::len_utf8);
        if !self.out.gave_up {
            self.out.errors.push(Error { span: self.source.span_of(at..at + length), kind });
        }
    }

    /// Reads `text`, which stands inside of this one in another form.
    pub(super) fn nested(&mut self, text: &Text, frame: Frame, read: impl FnOnce(&mut Reader<'_>)) {
        let source = text;
        let mut reader = Reader { source, text: text.expose(), at: 0, out: self.out, frame };
        read(&mut reader);
    }

    /// What makes words of the parts of the word from `start` to here.
    pub(super) fn fields(&self, start: usize) -> Fields<'a> {
        Fields {
            source: self.source,
            range: start..self.at.max(start),
            has_usual_separators: !self.out.variables.sets_separators,
        }
    }

    /// Reads commands up to the end, or behind the `)` that ends a substitution; whether that was
    /// there.
    pub(super) fn commands(&mut self) -> bool {
        loop {
            self.skip_blanks();
            if self.out.gave_up {
                self.at = self.text.len();
            }
            let Some(c) = self.peek() else { break };
            if self.is_at_pattern() {
                self.pattern();
                continue;
            }
            if let Some(test) = self.current().filter(|command| is_open_test(command))
                && (c != '\n' || test_goes_on(test))
            {
                if c == '\n' {
                    self.advance();
                } else {
                    self.command_word();
                }
                continue;
            }
            match c {
                '\n' => self.line_end(),
                ';' => self.semicolon(),
                '&' if !self.rest().starts_with("&>") => self.ampersand(),
                '|' => self.pipe(),
                '(' => self.open_parenthesis(),
                ')' => {
                    if self.close_parenthesis() {
                        return true;
                    }
                }
                _ if self.redirection() => {}
                _ => self.command_word(),
            }
        }
        self.end_command(true);
        self.heredocs();
        for block in std::mem::take(&mut self.frame.blocks) {
            self.error(block.start, ErrorKind::UnterminatedBlock);
        }
        false
    }

    /// Goes behind blanks, continued line ends, and a comment.
    pub(super) fn skip_blanks(&mut self) {
        loop {
            let rest = self.rest();
            let is_carriage_return = rest.starts_with("\r\n");
            if rest.starts_with([' ', '\t']) || is_carriage_return {
                self.at += 1;
            } else if rest.starts_with("\\\n") {
                self.at += 2;
            } else if rest.starts_with("\\\r\n") {
                self.at += 3;
            } else if rest.starts_with('#') {
                self.at += rest.find('\n').unwrap_or(rest.len());
            } else {
                return;
            }
        }
    }

    fn line_end(&mut self) {
        self.end_command(true);
        self.advance();
        self.heredocs();
        self.end_list_item();
    }

    /// An operator ended what was joined to the commands in front.
    fn end_list_item(&mut self) {
        if !self.frame.expects_command {
            self.frame.joined = Joined::Always;
            self.frame.last = None;
            self.frame.feed = None;
        }
        self.frame.is_after_block = false;
    }

    fn semicolon(&mut self) {
        self.end_command(true);
        let ending = [";;&", ";;", ";&"].into_iter().find(|sign| self.rest().starts_with(sign));
        if let (Some(ending), Some(BlockKind::Case(at_pattern))) =
            (ending, self.frame.blocks.last_mut().map(|block| &mut block.kind))
        {
            *at_pattern = true;
            self.at += ending.len();
        } else {
            self.advance();
        }
        self.frame.expects_command = false;
        self.end_list_item();
    }

    fn ampersand(&mut self) {
        if self.rest().starts_with("&&") {
            self.end_command(true);
            self.at += 2;
            self.join(Joined::AfterSuccess);
        } else {
            // In the background, it is a process of its own.
            self.end_command(false);
            self.advance();
            self.frame.expects_command = false;
            self.end_list_item();
        }
    }

    fn pipe(&mut self) {
        if self.rest().starts_with("||") {
            self.end_command(true);
            self.at += 2;
            self.join(Joined::AfterFailure);
            return;
        }
        self.end_command(false);
        self.at += if self.rest().starts_with("|&") { 2 } else { 1 };
        self.frame.feed = Some(self.frame.last.take().unwrap_or(Feeder::Other));
        self.frame.expects_command = true;
        self.frame.is_after_block = false;
    }

    fn join(&mut self, joined: Joined) {
        // What stands behind `||` may not run at all, and neither what follows it.
        if self.frame.joined != Joined::AfterFailure {
            self.frame.joined = joined;
        }
        self.frame.last = None;
        self.frame.expects_command = true;
        self.frame.is_after_block = false;
    }

    /// The index of the command that is being read; begins one if there is none.
    pub(super) fn command(&mut self) -> usize {
        if let Some(current) = self.frame.current {
            return current;
        }
        let current = self.out.commands.len();
        self.out.commands.push(Command {
            span: self.source.span_of(self.at..self.at),
            assignments: Vec::new(),
            words: Vec::new(),
            redirections: Vec::new(),
            fed_by: self.frame.take_feed(),
            context: self.frame.context(),
        });
        self.frame.current = Some(current);
        self.frame.expects_command = false;
        current
    }

    pub(super) fn current(&self) -> Option<&Command> {
        self.out.commands.get(self.frame.current?)
    }

    /// The next word of a command: a keyword, an assignment, its name or an argument.
    fn command_word(&mut self) {
        let start = self.at;
        let takes_assignment = self
            .current()
            .is_none_or(|command| command.words.is_empty() || is_declaration(command));
        if takes_assignment && self.assignment() {
            return;
        }
        let is_in_test = self.current().is_some_and(is_open_test);
        let parts = self.word(if is_in_test { Ends::Blanks } else { Ends::Operators });
        if self.frame.current.is_none() && self.keyword(&parts, start) {
            return;
        }
        if self.frame.is_after_block {
            self.error(start, ErrorKind::UnexpectedToken);
            self.end_list_item();
        }
        self.push_words(parts, start);
    }

    fn push_words(&mut self, parts: Vec<Part>, start: usize) {
        let current = self.command();
        let fields = self.fields(start);
        let words = fields.words(parts, &mut self.out.braces);
        self.out.words += words.len().max(1);
        if self.out.words > MAX_WORDS {
            return self.give_up();
        }
        let span = self.source.span_of(start..self.at);
        if let Some(command) = self.out.commands.get_mut(current) {
            command.span = extended(command, span);
            command.words.extend(words);
        }
    }
}

/// The place of a command with one more word.
pub(super) fn extended(command: &Command, span: Span) -> Span {
    if command.span.start == command.span.end { span } else { command.span.cover(span) }
}

/// Whether `command` is a `[[` whose `]]` is still to come.
fn is_open_test(command: &Command) -> bool {
    let is = |word: Option<&Word>, sign: &str| {
        word.is_some_and(|word| !word.is_quoted && word.value.text().expose() == sign)
    };
    is(command.words.first(), "[[") && !is(command.words.last(), "]]")
}

/// Whether a line end in the open test `command` means nothing.
fn test_goes_on(command: &Command) -> bool {
    let last = command.words.last().map_or("", |word| word.value.text().expose());
    matches!(last, "[[" | "&&" | "||" | "(" | "!")
}
