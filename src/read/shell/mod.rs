//! Shell scripts as `bash` reads them: which simple commands they hold, and the words of each after
//! quote removal.
//!
//! Nothing is run and nothing is guessed: what only running tells is [`UNKNOWN`](crate::text::UNKNOWN)
//! in a [`Value::Dynamic`]. Facts from `bash(1)` 5.2; `tests/records/shell.jsonl` holds what the real
//! program made of many snippets. Reading never stops before the end of the text: what `bash` refuses
//! becomes an [`Error`] beside the rest.
//!
//! The text may itself be the decoded text of something else, such as a `run:` block of a workflow;
//! all places are places in the file.

mod ansi_c;
mod assignments;
mod blocks;
mod braces;
mod expansion;
mod fields;
mod foreign;
mod frame;
mod heredoc;
mod output;
mod quotes;
mod reader;
mod redirection;
#[cfg(test)]
mod tests;
mod variables;
mod word;

pub use self::foreign::{Dialect, is_posix};
pub(in crate::read) use self::foreign::{stand_in, unknown};
pub use self::output::is_script;
pub use self::reader::{read, read_with};

use crate::text::{Span, Spanned, Value};

/// A script.
#[derive(Clone, Debug, Default)]
pub struct Script {
    /// All simple commands in the order in which they begin, wherever they stand: also inside
    /// functions, conditions and command substitutions.
    pub commands: Vec<Command>,
    /// Why `bash` would not read the script, in order of the text.
    pub errors: Vec<Error>,
}

/// A simple command.
#[derive(Clone, Debug)]
pub struct Command {
    /// From its first word, assignment or redirection to the last one.
    pub span: Span,
    /// The assignments in front of it, or those that it consists of. Those among the arguments of
    /// `export` and its like stand here too, and not among the words.
    pub assignments: Vec<Assignment>,
    /// The command's name and its arguments, without redirections; none when it only assigns.
    pub words: Vec<Word>,
    /// Its redirections in order.
    pub redirections: Vec<Redirection>,
    /// What its standard input is piped from.
    pub fed_by: Option<Feeder>,
    /// Where in the script it stands.
    pub context: Context,
}

/// Where in a script a command stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Context {
    /// In a branch of `if` or `case`, in a loop that may not run at all, or behind `||`.
    pub is_conditional: bool,
    /// Behind `&&`: it runs provided that the command in front succeeds.
    pub is_after_success: bool,
    /// In a loop.
    pub is_repeated: bool,
    /// In the body of a function.
    pub is_in_function: bool,
    /// In parentheses or a command substitution: a process of its own.
    pub is_in_subshell: bool,
}

/// What a command's standard input is piped from.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Feeder {
    /// The output of one command; its index in [`Script::commands`].
    Command(usize),
    /// The output of something else, such as a loop.
    Other,
}

/// One `name=value`.
#[derive(Clone, Debug)]
pub struct Assignment {
    /// The variable.
    pub name: Spanned<String>,
    /// What it is set to; of an array nothing is known.
    pub value: Value,
    /// Whether the value is added to what is there: `name+=value`.
    pub appends: bool,
}

/// A word as the command gets it.
#[derive(Clone, Debug)]
pub struct Word {
    /// What the command gets.
    pub value: Value,
    /// Where it stands, with its quotes; the same for all words that braces make of one.
    pub raw: Span,
    /// Whether a part of it is quoted.
    pub is_quoted: bool,
    /// Whether it may be no word at all, or several: it holds a substitution outside quotes.
    pub may_split: bool,
    /// Whether it is one of several that braces, or the blanks of a variable's value, made of one.
    pub is_part: bool,
    /// Whether it holds `*`, `?` or `[` outside quotes. The value is the pattern itself, as when no
    /// file matches.
    pub is_pattern: bool,
}

/// A redirection.
#[derive(Clone, Debug)]
pub struct Redirection {
    /// From the operator to the end of its word.
    pub span: Span,
    /// The descriptor in front of the operator.
    pub descriptor: Option<u32>,
    /// What it does.
    pub target: Target,
}

/// Where a redirection leads.
#[derive(Clone, Debug)]
pub enum Target {
    /// `< file`
    Input(Word),
    /// `> file`, `>> file`, `&> file` and `<> file`
    Output(Word),
    /// `<&n` or `>&n`
    Descriptor(Word),
    /// `<<< word`; the command gets a line end behind it.
    HereString(Word),
    /// `<< word`
    HereDocument(HereDocument),
}

/// A here-document.
#[derive(Clone, Debug)]
pub struct HereDocument {
    /// The word that ends it, as written.
    pub delimiter: Span,
    /// What the command reads, with line ends.
    pub body: Value,
    /// Whether leading tabs are removed (`<<-`).
    pub strips_tabs: bool,
    /// Whether variables in it are substituted: no part of the delimiter is quoted.
    pub expands: bool,
}

/// Why `bash` would not read a script, and where.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{kind}")]
pub struct Error {
    /// What is at fault.
    pub span: Span,
    /// What is wrong with it.
    pub kind: ErrorKind,
}

/// What `bash` objects to; the texts hold no value.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum ErrorKind {
    /// A quote that is opened and not closed.
    #[error("unterminated quote")]
    UnterminatedQuote,
    /// `${`, `$(`, `((` or a backtick that is opened and not closed.
    #[error("unterminated substitution")]
    UnterminatedSubstitution,
    /// A here-document without the line that ends it; it takes the rest of the text.
    #[error("here-document without its end")]
    UnterminatedHeredoc,
    /// `if`, `for`, `case`, `{`, `(` and their like without their end.
    #[error("unterminated compound command")]
    UnterminatedBlock,
    /// Something that cannot stand there.
    #[error("unexpected token")]
    UnexpectedToken,
    /// More than is read of any script: nesting or words without end. The rest is left out.
    #[error("too deeply nested or too long")]
    TooLarge,
}
