//! What a CI system replaces in a script before the shell sees it.

use crate::text::{Span, Text, TextBuilder, UNKNOWN};

/// Who reads the text before the shell does, and which shell that is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Dialect {
    /// Nobody; `bash`, unless a `#!` line names `sh`.
    Bash,
    /// Nobody; a POSIX `sh` that knows no braces.
    Sh,
    /// GitHub: `${{ … }}`.
    GitHub,
    /// Azure Pipelines: `${{ … }}` and `$(name)`, which is a command where no such variable exists.
    Azure,
    /// GitLab: `$[[ … ]]`.
    GitLab,
    /// `CircleCI`: `<< … >>`; `\<<` is the shell's own `<<`.
    CircleCi,
}

/// The shells that read scripts as POSIX says, or more.
const POSIX_SHELLS: [&str; 7] = ["sh", "bash", "dash", "ash", "ksh", "zsh", "busybox"];

/// Whether `command`, which runs scripts, is a POSIX shell: `/usr/bin/env bash -e`, and not `pwsh` or `python`.
#[must_use]
pub fn is_posix(command: &str) -> bool {
    let programs = command.split_whitespace().map(|word| word.rsplit('/').next().unwrap_or(word));
    let mut programs = programs.filter(|word| !(*word == "env" || word.starts_with('-')));
    let program = programs.next().unwrap_or("");
    POSIX_SHELLS.contains(&program.strip_suffix(".exe").unwrap_or(program))
}

/// How long an interpolation may be, in bytes.
const MAX_LENGTH: usize = 2048;

impl Dialect {
    /// The interpolation that `text` begins with: its length and what it leaves, if that is known.
    fn interpolation(self, text: &str) -> Option<(usize, Option<&'static str>)> {
        let text = text.get(..text.floor_char_boundary(MAX_LENGTH)).unwrap_or("");
        let unknown = |length| Some((length, None));
        match self {
            Self::Bash | Self::Sh => None,
            Self::GitHub => expression(text).and_then(unknown),
            Self::Azure => expression(text).or_else(|| macro_name(text)).and_then(unknown),
            Self::GitLab => {
                let inner = text.strip_prefix("$[[")?.lines().next()?;
                unknown("$[[".len() + inner.find("]]")? + "]]".len())
            }
            Self::CircleCi => match text.strip_prefix("\\<<") {
                Some(_) => Some(("\\<<".len(), Some("<<"))),
                None => parameter(text).and_then(unknown),
            },
        }
    }

    /// What every interpolation begins with.
    const fn marks(self) -> &'static [char] {
        match self {
            Self::Bash | Self::Sh => &[],
            Self::GitHub | Self::Azure | Self::GitLab => &['$'],
            Self::CircleCi => &['<', '\\'],
        }
    }
}

/// The length of `${{ … }}`; quoted text inside may hold `}}`.
fn expression(text: &str) -> Option<usize> {
    let inner = text.strip_prefix("${{")?.lines().next()?;
    let last = inner.rfind("}}")?;
    let mut is_quoted = false;
    let end = inner.char_indices().find(|(at, c)| {
        is_quoted ^= *c == '\'';
        !is_quoted && inner.get(*at..).is_some_and(|rest| rest.starts_with("}}"))
    });
    // With an odd number of quotes, whatever ends the line's last one.
    let end = end.map_or(last, |(at, _)| at);
    Some("${{".len() + end + "}}".len())
}

/// The length of Azure's `$(name)`.
fn macro_name(text: &str) -> Option<usize> {
    let inner = text.strip_prefix("$(")?;
    let is_name = |c: char| c.is_ascii_alphanumeric() || "_.-".contains(c);
    let length = inner.find(|c| !is_name(c))?;
    let closes = inner.get(length..)?.starts_with(')');
    (length > 0 && closes).then_some("$(".len() + length + ")".len())
}

/// The length of `CircleCI`'s `<< parameters.name >>`, sections such as `<<# name >>` included.
fn parameter(text: &str) -> Option<usize> {
    let inner = text.strip_prefix("<<")?;
    let blank = [' ', '\t'];
    let name = inner.trim_start_matches(blank).trim_start_matches(['#', '^', '/']);
    let name = name.trim_start_matches(blank);
    let is_name = |c: char| c.is_ascii_alphanumeric() || "_.-".contains(c);
    let rest = name.trim_start_matches(is_name);
    let after = rest.trim_start_matches(blank).strip_prefix(">>")?;
    (rest.len() < name.len()).then_some(text.len() - after.len())
}

/// `source` with an unknown in place of each interpolation; `None` when it has none.
pub(super) fn replace(source: &Text, dialect: Dialect) -> Option<Text> {
    let text = source.expose();
    let mut builder = TextBuilder::default();
    let mut copied = 0;
    let mut at = 0;
    while let Some(found) = text.get(at..).and_then(|rest| rest.find(dialect.marks())) {
        at += found;
        let rest = text.get(at..).unwrap_or("");
        let Some((length, left)) = dialect.interpolation(rest) else {
            at += rest.chars().next().map_or(1, char::len_utf8);
            continue;
        };
        builder.copy(source, copied..at);
        match left {
            Some(left) => builder.copy(source, at + length - left.len()..at + length),
            None => unknown(&mut builder, source.span_of(at..at + length)),
        }
        at += length;
        copied = at;
    }
    if copied == 0 {
        return None;
    }
    builder.copy(source, copied..text.len());
    Some(builder.finish(source.span()))
}

/// Appends something of which nothing is known, written at `span`.
pub(in crate::read) fn unknown(builder: &mut TextBuilder, span: Span) {
    stand_in(builder, UNKNOWN.encode_utf8(&mut [0; 4]), span);
}

/// Appends `value`, for which something else stands at `span`.
pub(in crate::read) fn stand_in(builder: &mut TextBuilder, value: &str, span: Span) {
    builder.copy(&Text::produced_by(value, span), 0..value.len());
}
