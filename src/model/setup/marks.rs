//! Marks in the place of which another program puts values, before anything else reads a file: `{{ .Values.x }}`,
//! `#{NAME}#`, `__NAME__`, `@@NAME@@`, `<% name %>`, `%NAME%`, `${NAME}`.

use std::ops::Range;

use crate::text::{Text, TextBuilder, UNKNOWN};

/// The marks that stand around something, and whether that is a name alone.
const AROUND: [(&str, &str, bool); 7] = [
    ("${", "}", false),
    ("{{", "}}", false),
    ("#{", "}", false),
    ("<%", "%>", false),
    ("{%", "%}", false),
    ("@@", "@@", true),
    ("__", "__", true),
];

/// How long a mark may be, in bytes.
const MAX_LENGTH: usize = 512;

/// Words that tell of a program which fills in files, or is given one to do so.
const PROGRAMS: [&str; 14] = [
    "envsubst",
    "gomplate",
    "jinja",
    "j2",
    "sed ",
    "yq",
    "helm",
    "ytt",
    "consul-template",
    "replace",
    "perl",
    "python",
    "render",
    "template",
];

/// Whether the script or workflow `text` may fill in files.
pub(super) fn may_fill_in(text: &str) -> bool {
    PROGRAMS.iter().any(|program| text.contains(program))
}

/// `text` with something unknown in the place of each mark.
pub(super) fn filled_in(text: &Text) -> Text {
    fill_in(text, |_| true)
}

fn fill_in(text: &Text, is_filled_in: impl Fn(&str) -> bool) -> Text {
    let written = text.expose();
    let mut builder = TextBuilder::default();
    let (mut at, mut copied) = (0, 0);
    while let Some(mark) = next(written, at) {
        at = mark.end;
        if written.get(mark.clone()).is_some_and(&is_filled_in) {
            builder.copy(text, copied..mark.start);
            builder.push(UNKNOWN.encode_utf8(&mut [0; 4]), text.span_of(mark));
            copied = at;
        }
    }
    builder.copy(text, copied..written.len());
    if copied == 0 { text.clone() } else { builder.finish(text.span()) }
}

/// `text` with something unknown in the place of each mark that means nothing to a shell: `#{NAME}#`, `<% name %>`,
/// `@@NAME@@`, `__NAME__`.
pub(super) fn tokens_filled_in(text: &Text) -> Text {
    fill_in(text, |mark| ["#{", "<%", "@@", "__"].iter().any(|opens| mark.starts_with(opens)))
}

/// `text` as it is, where it is JSON with `${NAME}` or `{{ name }}` in it at most: unlike the other marks, these mean
/// something to other readers too, and people expect them to be replaced where nothing does. Else [`filled_in`].
pub(super) fn filled_in_unless_json(text: &Text) -> Text {
    let written = text.expose();
    let is_json = written.trim_start().starts_with('{') && !written.trim_start().starts_with("{{");
    let is_other = |mark: &Range<usize>| {
        written.get(mark.clone()).is_none_or(|it| !it.starts_with("${") && !it.starts_with("{{"))
    };
    let mut at = 0;
    while let Some(mark) = next(written, at).filter(|_| is_json) {
        if is_other(&mark) {
            return filled_in(text);
        }
        at = mark.end;
    }
    if is_json { text.clone() } else { filled_in(text) }
}

/// The first mark behind byte `from`.
fn next(text: &str, from: usize) -> Option<Range<usize>> {
    let rest = text.get(from..)?;
    let whole = (from == 0).then(|| whole(text)).flatten();
    let begins = |at: &usize| {
        AROUND.iter().any(|(opens, ..)| rest.get(*at..).is_some_and(|it| it.starts_with(opens)))
    };
    let starts = rest.char_indices().map(|(at, _)| at).filter(begins);
    whole.or_else(|| starts.map(|at| from + at).find_map(|at| mark_at(text, at)))
}

/// The mark that `text` is as a whole, of those that are too short to be looked for inside of others.
fn whole(text: &str) -> Option<Range<usize>> {
    let inner = text.strip_prefix('$').or_else(|| text.strip_prefix('%')?.strip_suffix('%'))?;
    is_name(inner).then_some(0..text.len())
}

/// The mark at byte `start`.
fn mark_at(text: &str, start: usize) -> Option<Range<usize>> {
    let rest = text.get(start..)?;
    let rest = rest.get(..rest.floor_char_boundary(MAX_LENGTH))?;
    AROUND.iter().find_map(|(opens, closes, is_named)| {
        let inner = rest.strip_prefix(opens)?;
        let length = inner.find(closes)?;
        // `#{NAME}#`
        let tail = usize::from(*opens == "#{" && inner.get(length + 1..)?.starts_with('#'));
        let end = start + opens.len() + length + closes.len() + tail;
        let is_letter = |c: char| c.is_ascii_alphanumeric() || c == '_';
        let stands_alone = || {
            is_name(inner.get(..length).unwrap_or(""))
                && !text.get(..start).is_some_and(|before| before.ends_with(is_letter))
                && !text.get(end..).is_some_and(|behind| behind.starts_with(is_letter))
        };
        (length > 0 && (!is_named || stands_alone())).then_some(start..end)
    })
}

fn is_name(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.chars().all(|c| c.is_ascii_alphanumeric() || "_.-".contains(c))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &Text) -> String {
        text.expose().replace(UNKNOWN, "?")
    }

    #[test]
    fn marks_are_something_unknown() {
        for (text, expected) in [
            ("{{ .Values.secrets.backend }}", "?"),
            ("a.{{ x }}.B", "a.?.B"),
            ("#{BACKEND}#", "?"),
            ("#{BACKEND}", "?"),
            ("__BACKEND__", "?"),
            ("{\"prefix\": \"__ENV__/v\"}", "{\"prefix\": \"?/v\"}"),
            ("@@BACKEND@@", "?"),
            ("<% backend %>", "?"),
            ("<%= backend %>", "?"),
            ("{% if x %}a", "?a"),
            ("%BACKEND%", "?"),
            ("$BACKEND", "?"),
            ("${BACKEND}", "?"),
            ("a$", "a$"),
            ("^a_.*$", "^a_.*$"),
            ("postgres://u:%AFx%40@h/AIRFLOW__A__B", "postgres://u:%AFx%40@h/AIRFLOW__A__B"),
            ("a.b.__init__x", "a.b.__init__x"),
            ("{}", "{}"),
            ("#1", "#1"),
        ] {
            assert_eq!(shown(&filled_in(&Text::verbatim(text, 0))), expected, "{text}");
        }
    }

    #[test]
    fn marks_that_a_shell_leaves_alone_are_something_unknown() {
        for (text, expected) in [
            ("{\"a\": \"#{B}#\", \"c\": \"__D__/v\"}", "{\"a\": \"?\", \"c\": \"?/v\"}"),
            ("{{ b }}", "{{ b }}"),
            ("${B}/@@C@@", "${B}/?"),
        ] {
            assert_eq!(shown(&tokens_filled_in(&Text::verbatim(text, 0))), expected, "{text}");
        }
    }

    #[test]
    fn what_looks_like_a_reference_in_json_stays() {
        for (text, expected) in [
            ("{\"a\": \"${B}\"}", "{\"a\": \"${B}\"}"),
            ("{\"a\": \"{{ b }}/v\"}", "{\"a\": \"{{ b }}/v\"}"),
            ("{\"a\": \"#{B}#\", \"c\": \"${D}\"}", "{\"a\": \"?\", \"c\": \"?\"}"),
            ("${KWARGS}", "?"),
            ("{{ kwargs }}", "?"),
        ] {
            assert_eq!(shown(&filled_in_unless_json(&Text::verbatim(text, 0))), expected, "{text}");
        }
    }
}
