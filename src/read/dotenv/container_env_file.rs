//! `docker_env_file` and `podman_env_file`: `--env-file` of Docker (docker/cli v28.5.1, `kvfile`) and
//! of Podman (`pkg/env` at 238d08fa). Both take a line as it is: no quotes, no escapes, no
//! expansion, and a `#` begins a comment only where the line begins.

use super::reading::{Gathered, Keep, Note, Reason, Stop};
use super::scanner::{LineEnds, Lines, TooLong};
use super::{Host, Reading};
use crate::text::{Span, Text};

/// Repeated keys are passed on as they are; the last one counts in the container.
pub(super) fn docker(text: &str, host: &Host) -> Reading {
    let mut gathered = Gathered::new(Keep::Last);
    let end = Lines::new(text, LineEnds::Newline).try_for_each(|line| {
        let mut line = checked(line)?;
        if line.start == 0 && line.of(text).starts_with('\u{feff}') {
            line.start = '\u{feff}'.len_utf8();
        }
        // Trailing white space is part of the value.
        line.start = line.end - line.of(text).trim_start().len();
        let content = line.of(text);
        if content.is_empty() || content.starts_with('#') {
            return Ok(());
        }
        let (key, value) = split(text, line);
        if key.of(text).is_empty() {
            return Err(Stop::at(Reason::KeyMissing, line));
        }
        if key.of(text).contains([' ', '\t']) {
            return Err(Stop::at(Reason::KeyBlank, key));
        }
        match value {
            Some(value) => gathered.add(text, key, value, line),
            None => gathered.inherit(text, key, host),
        }
        Ok(())
    });
    gathered.finish(end)
}

/// Blanks may stand in a key, and `PREFIX*` without `=` takes all such variables of the host.
pub(super) fn podman(text: &str, host: &Host) -> Reading {
    let mut gathered = Gathered::new(Keep::Last);
    let end = Lines::new(text, LineEnds::Newline).try_for_each(|line| {
        let mut line = checked(line)?;
        line.start = line.end - line.of(text).trim_start_matches([' ', '\t']).len();
        let content = line.of(text);
        if content.is_empty() || content.starts_with('#') {
            return Ok(());
        }
        let (key, value) = split(text, line);
        if key.of(text).is_empty() {
            return Err(Stop::at(Reason::KeyMissing, line));
        }
        match (value, key.of(text).strip_suffix('*')) {
            (Some(value), _) => gathered.add(text, key, value, line),
            (None, None) => gathered.inherit(text, key, host),
            (None, Some(prefix)) => {
                gathered.note(Note::FromHost, key);
                for (name, value) in host.iter().filter(|(name, _)| name.starts_with(prefix)) {
                    let value = Text::produced_by(value.as_str(), key);
                    gathered.add_named(name, key, value, line);
                }
            }
        }
        Ok(())
    });
    gathered.finish(end)
}

fn checked(line: Result<Span, TooLong>) -> Result<Span, Stop> {
    line.map_err(|TooLong(span)| Stop::at(Reason::LineTooLong, span))
}

/// The key and, behind the first `=`, the value of `line`.
fn split(text: &str, line: Span) -> (Span, Option<Text>) {
    match line.of(text).split_once('=') {
        Some((key, value)) => {
            let end = line.start + key.len();
            (Span::new(line.start, end), Some(Text::verbatim(value, end + 1)))
        }
        None => (line, None),
    }
}
