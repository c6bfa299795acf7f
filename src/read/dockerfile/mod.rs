//! A Dockerfile as `BuildKit` reads it: which settings end up in the image, and what does not build.
//!
//! Facts from `frontend/dockerfile/{parser,shell,instructions,dockerfile2llb}` of moby/buildkit,
//! v0.25. Reading never stops: what `BuildKit` refuses becomes an [`Error`] beside the rest, although
//! a build would stop there.

mod lines;
mod reader;
mod statement;
#[cfg(test)]
mod tests;
mod variables;
mod words;

use std::ops::Range;

pub use self::reader::read;
use crate::text::{Span, Spanned, Text};

/// A Dockerfile.
#[derive(Clone, Debug, Default)]
pub struct Dockerfile {
    /// All instructions in order, also those before the first `FROM`.
    pub instructions: Vec<Instruction>,
    /// The build stages in order; a build makes the last one unless told otherwise.
    pub stages: Vec<Stage>,
    /// Why it does not build, in order; empty when nothing was found.
    pub errors: Vec<Error>,
}

/// One instruction.
#[derive(Clone, Debug)]
pub struct Instruction {
    /// From the keyword to the end of the arguments or of the last here-document.
    pub span: Span,
    /// The keyword in upper case; empty for an unknown one, which may be a piece of a value.
    pub keyword: Spanned<&'static str>,
    /// The `--name=value` in front of the arguments, as written.
    pub flags: Vec<Text>,
    /// What stands behind keyword and flags, without continuations and the comments inside.
    pub arguments: Text,
    /// The here-documents of `RUN`, `COPY` and `ADD`.
    pub heredocs: Vec<Heredoc>,
    /// The index of its stage in [`Dockerfile::stages`]; `None` before the first `FROM`.
    pub stage: Option<usize>,
    /// What the instruction means, where that is needed.
    pub details: Details,
}

/// What an instruction means.
#[derive(Clone, Debug)]
pub enum Details {
    /// The settings of an `ENV`.
    Env(Vec<EnvPair>),
    /// The build arguments of an `ARG`.
    Arg(Vec<BuildArgument>),
    /// The beginning of a stage; its index in [`Dockerfile::stages`].
    From(usize),
    /// The sources of a `COPY` or `ADD`, then its destination; here-documents left out.
    Paths(Vec<Value>),
    /// What an `ONBUILD` adds to images built from this one; `None` without an instruction.
    Onbuild(Option<Box<Instruction>>),
    /// Any other instruction: see its arguments.
    Other,
}

/// One `key=value` of an `ENV`.
#[derive(Clone, Debug)]
pub struct EnvPair {
    /// The name as the container gets it, or as written when its value is not known.
    pub key: Spanned<String>,
    /// The value as the container gets it.
    pub value: Value,
    /// The value as written, with its quotes, continuations removed.
    pub raw: Text,
    /// Whether this is the old form `ENV key value`, which takes the whole line.
    pub is_old_form: bool,
    /// Whether the value as written is a JSON object or array, bare or in one pair of quotes, and
    /// what the container gets is not, because quotes were removed.
    pub quoting_broke_json: bool,
}

impl EnvPair {
    /// Whether it is written `ENV key = value`, the old form, whose value is `= value`.
    #[must_use]
    pub fn begins_with_equals(&self) -> bool {
        self.is_old_form && self.raw.expose().starts_with('=')
    }
}

/// One `name` or `name=default` of an `ARG`.
#[derive(Clone, Debug)]
pub struct BuildArgument {
    /// Its name.
    pub name: Spanned<String>,
    /// Its value when the build is given none.
    pub default: Option<Value>,
}

/// A value after quote removal and substitution.
#[derive(Clone, Debug)]
pub enum Value {
    /// The text, provided that the build gets no `--build-arg` for an argument that takes part.
    Known(Text),
    /// It depends on what the file does not say: the base image's environment, an argument without
    /// default, the platform, or a pattern substitution.
    Dynamic(Span),
    /// The build fails here.
    Fails(Error),
}

/// A build stage.
#[derive(Clone, Debug)]
pub struct Stage {
    /// The name behind `AS`, in lower case.
    pub name: Option<Spanned<String>>,
    /// The image or earlier stage that it starts from.
    pub image: Value,
    /// Where that is written.
    pub raw: Span,
    /// The index of the earlier stage that `image` names.
    pub base: Option<usize>,
    /// Its instructions, as indices into [`Dockerfile::instructions`], the `FROM` included.
    pub instructions: Range<usize>,
}

/// A here-document.
#[derive(Clone, Debug)]
pub struct Heredoc {
    /// The word that ends it.
    pub name: Spanned<String>,
    /// Its lines, with their line ends, without the one that ends it.
    pub body: Span,
    /// Whether leading tabs are removed (`<<-`).
    pub strips_tabs: bool,
    /// Whether variables in it are substituted: no part of the word is quoted.
    pub expands: bool,
}

/// Why the build fails, and where.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{kind}")]
pub struct Error {
    /// What is at fault.
    pub span: Span,
    /// What is wrong with it.
    pub kind: ErrorKind,
}

/// What `BuildKit` objects to; the texts are close to its own and hold no value.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum ErrorKind {
    /// A keyword that is none.
    #[error("unknown instruction")]
    UnknownInstruction,
    /// An instruction other than `ARG` before the first `FROM`.
    #[error("no build stage in current context")]
    OutsideStage,
    /// The file has no `FROM`.
    #[error("dockerfile contains no stages to build")]
    NoStage,
    /// A physical line of more than 65,535 bytes.
    #[error("dockerfile line greater than max allowed size of 65535")]
    LineTooLong,
    /// `# escape=` with anything but a backslash or a backtick.
    #[error("invalid escape token")]
    EscapeDirective,
    /// The same parser directive twice.
    #[error("only one parser directive of a name can be used")]
    DuplicateDirective,
    /// A word of an `ENV` without `=`, often the rest of a value that is cut at a blank.
    #[error("can't find = in a word; must be of the form: name=value")]
    MissingEquals,
    /// `ENV name` without a value.
    #[error("a name and a value are required")]
    MissingValue,
    /// Nothing where something is required.
    #[error("at least one argument is required")]
    MissingArgument,
    /// `=value`.
    #[error("names can not be blank")]
    BlankName,
    /// `COPY` or `ADD` with fewer than two arguments.
    #[error("at least two arguments are required, source and destination")]
    MissingDestination,
    /// A `[…]` that is JSON, but not only strings.
    #[error("when using JSON array syntax, arrays must be comprised of strings only")]
    NotStringArray,
    /// A flag that the instruction does not have.
    #[error("unknown flag")]
    UnknownFlag,
    /// A quote that is never closed.
    #[error("unexpected end of statement while looking for a matching quote")]
    UnterminatedQuote,
    /// A `${…}` that is not closed or says nothing that `BuildKit` knows.
    #[error("bad substitution in ${{…}}")]
    BadSubstitution,
    /// `${name:?message}` of a variable that is not set.
    #[error("a variable in ${{…?…}} is not allowed to be unset or empty")]
    RequiredVariable,
    /// A here-document whose last line is missing.
    #[error("unterminated heredoc")]
    UnterminatedHeredoc,
    /// `FROM` with a number of words other than one, or three with `AS`.
    #[error("FROM requires either one or three arguments")]
    FromArguments,
    /// A stage name with characters that are not allowed.
    #[error("invalid name for build stage")]
    StageName,
    /// `FROM` with an image that turns out empty.
    #[error("base name should not be blank")]
    BlankImage,
    /// `ONBUILD` of an instruction that cannot be one.
    #[error("not allowed as an ONBUILD trigger")]
    OnbuildTrigger,
}

impl Instruction {
    /// The value of the flag `--name=value`, as written.
    #[must_use]
    pub fn flag(&self, name: &str) -> Option<&str> {
        self.flags.iter().find_map(|flag| {
            flag.expose().strip_prefix("--")?.strip_prefix(name)?.strip_prefix('=')
        })
    }
}

impl Value {
    /// The text where it is known.
    #[must_use]
    pub const fn known(&self) -> Option<&Text> {
        if let Self::Known(text) = self { Some(text) } else { None }
    }
}

impl Dockerfile {
    /// The stage `index` and those it starts from, nearest first: a container has the settings of
    /// all of them, the nearest winning.
    pub fn lineage(&self, index: usize) -> impl Iterator<Item = &Stage> {
        let stage = |index: usize| self.stages.get(index);
        // A stage starts from an earlier one, so this ends.
        std::iter::successors(stage(index), move |current| stage(current.base?))
    }
}
