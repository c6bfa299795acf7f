//! The list of commands: operators, words, assignments, and what belongs to which command.

use super::blocks::{declared_names, written_names};
use super::braces::{self, Expansion};
use super::fields::Fields;
use super::foreign::{self, Dialect};
use super::frame::{BlockKind, Frame, Joined};
use super::variables::Variables;
use super::word::{Ends, Part, assigned, expand_tildes, name_length};
use super::{Assignment, Command, Error, ErrorKind, Feeder, Script, Value, Word};
use crate::text::{Span, Spanned, Text, TextBuilder};

/// How deep substitutions are followed.
const MAX_DEPTH: usize = 64;

/// How many words are read of one script.
const MAX_WORDS: usize = 200_000;

/// How often reading goes on behind the line of something that is opened and not closed.
const MAX_RECOVERIES: usize = 16;

/// How many parts of words all braces of one script may make.
const MAX_EXPANDED: usize = 1 << 16;

/// Reads `source`, which somebody else may have to replace parts of first: see [`Dialect`].
#[must_use]
pub fn read(source: &Text, dialect: Dialect) -> Script {
    let replaced = foreign::replace(source, dialect);
    let source = replaced.as_ref().unwrap_or(source);
    let first = Output::read(source, dialect, Variables::default());
    let variables = Variables::new(&first.writes, &first.always);
    if variables.is_empty() {
        return first.script();
    }
    Output::read(source, dialect, variables).script()
}

/// Commands whose arguments of the form `name=value` are assignments.
const DECLARATIONS: &[&str] = &["export", "readonly", "local", "declare", "typeset"];

/// What was read so far, shared by the readers of texts inside one another.
pub(super) struct Output {
    pub(super) commands: Vec<Command>,
    errors: Vec<Error>,
    /// All names that anything sets, once for each time.
    pub(super) writes: Vec<String>,
    /// The names that an assignment sets which always runs.
    always: Vec<String>,
    pub(super) variables: Variables,
    words: usize,
    depth: usize,
    recoveries: usize,
    /// How many parts of words braces may still make; `None` where they mean nothing.
    braces: Option<usize>,
    /// Whether there was too much of something: the rest is not read.
    gave_up: bool,
}

/// How much there was at some point.
#[derive(Clone, Copy)]
pub(super) struct Checkpoint {
    commands: usize,
    errors: usize,
    writes: usize,
    always: usize,
}

impl Output {
    fn read(source: &Text, dialect: Dialect, variables: Variables) -> Self {
        let has_braces = dialect != Dialect::Sh && !is_posix(source.expose());
        let mut output = Self {
            commands: Vec::new(),
            errors: Vec::new(),
            writes: Vec::new(),
            always: Vec::new(),
            variables,
            words: 0,
            depth: 0,
            recoveries: 0,
            braces: has_braces.then_some(MAX_EXPANDED),
            gave_up: false,
        };
        let text = source.expose();
        let at = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
        let mut reader = Reader { source, text, at, out: &mut output, frame: Frame::default() };
        reader.commands();
        output
    }

    fn script(mut self) -> Script {
        self.errors.sort_by_key(|error| error.span);
        Script { commands: self.commands, errors: self.errors }
    }

    pub(super) fn checkpoint(&self) -> Checkpoint {
        Checkpoint {
            commands: self.commands.len(),
            errors: self.errors.len(),
            writes: self.writes.len(),
            always: self.always.len(),
        }
    }

    /// Forgets what was read since `checkpoint`.
    pub(super) fn restore(&mut self, checkpoint: Checkpoint) {
        self.commands.truncate(checkpoint.commands);
        self.errors.truncate(checkpoint.errors);
        self.writes.truncate(checkpoint.writes);
        self.always.truncate(checkpoint.always);
    }

    /// Whether reading may go on behind the line of something that is not closed.
    pub(super) fn recovers(&mut self) -> bool {
        self.recoveries += 1;
        self.recoveries <= MAX_RECOVERIES && !self.gave_up
    }
}

/// Whether the first line asks for a shell that knows no braces.
fn is_posix(text: &str) -> bool {
    let program = text.lines().next().and_then(|line| line.strip_prefix("#!")).unwrap_or("");
    program.split(['/', ' ', '\t']).any(|word| matches!(word.trim(), "sh" | "dash" | "ash"))
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

    fn current(&self) -> Option<&Command> {
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

    /// Reads `name=value`, if that stands here.
    fn assignment(&mut self) -> bool {
        let start = self.at;
        let Some(length) = assigned(self.rest()) else { return false };
        let name = name_length(self.rest());
        let operator = self.rest().get(name..length).unwrap_or("");
        let current = self.command();
        let name = start..start + name;
        self.at += length;
        let value = if self.peek() == Some('(') {
            self.array(start)
        } else {
            let from = self.at;
            let mut parts = self.word(Ends::Operators);
            expand_tildes(from, &mut parts, self.text.get(..self.at).unwrap_or(""));
            // Of an argument, braces make several assignments; the last one counts.
            if self.current().is_some_and(is_declaration)
                && let Expansion::Words(words) =
                    braces::expand(parts.clone(), self.text, &mut self.out.braces)
            {
                parts = words.into_iter().next_back().unwrap_or_default();
            }
            self.fields(from).single(&parts).value
        };
        let is_element = operator.starts_with('[');
        let assignment = Assignment {
            appends: is_element || operator.starts_with('+'),
            value: if is_element { self.unknown(start) } else { value },
            name: Spanned::new(
                self.text.get(name.clone()).unwrap_or("").to_owned(),
                self.source.span_of(name),
            ),
        };
        self.out.words += 1;
        let span = self.source.span_of(start..self.at);
        if let Some(command) = self.out.commands.get_mut(current) {
            command.span = extended(command, span);
            command.assignments.push(assignment);
        }
        true
    }

    /// The value `(…)` of an array, of which nothing is known.
    fn array(&mut self, start: usize) -> Value {
        self.advance();
        loop {
            self.skip_blanks();
            match self.peek() {
                None => {
                    self.error(start, ErrorKind::UnterminatedSubstitution);
                    break;
                }
                Some(')') => {
                    self.advance();
                    break;
                }
                Some('\n' | '|' | '&' | ';' | '(' | '<' | '>') => self.advance(),
                Some(_) => {
                    self.word(Ends::Operators);
                }
            }
        }
        self.unknown(start)
    }

    fn unknown(&self, start: usize) -> Value {
        let span = self.source.span_of(start..self.at);
        let mut builder = TextBuilder::default();
        foreign::unknown(&mut builder, span);
        Value::of(builder.finish(span))
    }

    /// The command that is being read is complete; `is_in_script` unless the operator behind it makes
    /// it a process of its own.
    pub(super) fn end_command(&mut self, is_in_script: bool) {
        let Some(current) = self.frame.current.take() else { return };
        self.frame.last = Some(Feeder::Command(current));
        let Some(command) = self.out.commands.get(current) else { return };
        let declares = is_declaration(command);
        if !command.words.is_empty() && !declares {
            self.out.writes.extend(written_names(command));
            return;
        }
        let is_certain = is_in_script && command.fed_by.is_none() && self.frame.is_certain();
        self.out.writes.extend(declared_names(command));
        for assignment in &command.assignments {
            let name = &assignment.name.node;
            self.out.writes.push(name.clone());
            if assignment.appends {
                self.out.writes.push(name.clone());
            } else if is_certain {
                self.out.always.push(name.clone());
                if let Some(value) = assignment.value.known() {
                    self.out.variables.assign(name, value.expose());
                }
            }
        }
    }
}

/// The place of a command with one more word.
fn extended(command: &Command, span: Span) -> Span {
    if command.span.start == command.span.end { span } else { command.span.cover(span) }
}

fn is_declaration(command: &Command) -> bool {
    let name = command.words.first().and_then(|word| word.value.known());
    name.is_some_and(|name| DECLARATIONS.contains(&name.expose()))
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
