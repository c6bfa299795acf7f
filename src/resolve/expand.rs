//! What Airflow makes of `$NAME`, `${NAME}` and `~` in the value of an option.

use std::borrow::Cow;

use crate::model::{Setting, Settings};
use crate::text::{Text, TextBuilder, UNKNOWN, Value};

/// Airflow expands until nothing changes, so a value that refers to itself never ends.
const MOST_ROUNDS: usize = 16;
const LONGEST: usize = 1 << 20;

/// The value of an option after expansion.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Expanded {
    /// The text that Airflow uses; [`UNKNOWN`] stands in it for what only running things can tell.
    Text(Text),
    /// It refers to itself: Airflow would never come to an end.
    Endless,
}

/// Expands `text` as `airflow.configuration.expand_env_var` does (2.0.2 to 3.3.2): Python's
/// `expandvars` and `expanduser`, repeated until nothing changes. Names that are not set stay as
/// they are; there is no escape.
#[must_use]
pub(super) fn expand(text: &Text, settings: &Settings) -> Expanded {
    let mut current = text.clone();
    for _ in 0..MOST_ROUNDS {
        if !current.expose().contains('$') && !current.expose().starts_with('~') {
            return Expanded::Text(current);
        }
        let next = expand_once(&current, settings);
        if next.expose() == current.expose() {
            return Expanded::Text(current);
        }
        if next.expose().len() > LONGEST {
            return Expanded::Endless;
        }
        current = next;
    }
    Expanded::Endless
}

/// One round.
fn expand_once(text: &Text, settings: &Settings) -> Text {
    let value = text.expose();
    let mut out = TextBuilder::default();
    let mut copied = 0;
    if (value == "~" || value.starts_with("~/"))
        && let Some(home) = settings.get("HOME")
    {
        out.push(value_of(home).trim_end_matches('/'), text.span_of(0..1));
        copied = 1;
    }
    let mut at = copied;
    while let Some(dollar) = value.get(at..).and_then(|rest| rest.find('$')).map(|found| at + found)
    {
        let Some((name, end)) = name_after(value, dollar) else {
            at = dollar + 1;
            continue;
        };
        at = end;
        if let Some(setting) = settings.get(name) {
            out.copy(text, copied..dollar);
            out.push(&value_of(setting), text.span_of(dollar..end));
            copied = end;
        }
    }
    out.copy(text, copied..value.len());
    out.finish(text.span())
}

/// What is put in the place of a setting's name.
fn value_of(setting: &Setting) -> Cow<'_, str> {
    match &setting.value {
        Value::Known(text) => Cow::Borrowed(text.expose()),
        Value::Dynamic(_) => Cow::Owned(UNKNOWN.to_string()),
    }
}

/// The name that the dollar sign at `dollar` introduces, and where the reference ends.
/// Python: `\$(\w+|\{[^}]*\})`, ASCII only.
fn name_after(value: &str, dollar: usize) -> Option<(&str, usize)> {
    let rest = value.get(dollar + 1..)?;
    if let Some(braced) = rest.strip_prefix('{') {
        let length = braced.find('}')?;
        return Some((braced.get(..length)?, dollar + 2 + length + 1));
    }
    let length =
        rest.bytes().take_while(|byte| byte.is_ascii_alphanumeric() || *byte == b'_').count();
    (length > 0).then(|| (rest.get(..length).unwrap_or(""), dollar + 1 + length))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{FileId, Origin};
    use crate::text::Span;

    fn settings(pairs: &[(&str, &str)]) -> Settings {
        let mut settings = Settings::default();
        for (key, value) in pairs {
            settings.overlay(Setting {
                key: (*key).to_owned(),
                value: Value::Known(Text::verbatim(value, 0)),
                file: FileId(0),
                key_span: Span::at(0),
                value_span: Span::at(0),
                origin: Origin::EnvFile,
            });
        }
        settings
    }

    #[test]
    fn values_are_expanded_until_nothing_changes() {
        let known = settings(&[
            ("ENVNAME", "prod"),
            ("OUTER", "$ENVNAME"),
            ("HOME", "/home/airflow"),
            ("SELF", "x$SELF"),
        ]);
        for (value, expected) in [
            ("a/$ENVNAME/b", Some("a/prod/b")),
            ("${OUTER}/v", Some("prod/v")),
            ("$NOSUCH/v", Some("$NOSUCH/v")),
            ("\\$ENVNAME", Some("\\prod")),
            ("$$ENVNAME", Some("$prod")),
            ("~/x", Some("/home/airflow/x")),
            ("a~", Some("a~")),
            ("cost $5 ${", Some("cost $5 ${")),
            ("$SELF", None),
        ] {
            let found = expand(&Text::verbatim(value, 7), &known);
            match expected {
                Some(text) => {
                    assert!(matches!(&found, Expanded::Text(t) if t.expose() == text), "{value}");
                }
                None => assert_eq!(found, Expanded::Endless, "{value}"),
            }
        }
    }

    #[test]
    fn what_is_not_expanded_keeps_its_place() {
        let Expanded::Text(text) =
            expand(&Text::verbatim("$ENVNAME/x", 10), &settings(&[("ENVNAME", "prod")]))
        else {
            panic!("expanded");
        };
        assert_eq!(text.span_of(0..4), Span::new(10, 18));
        assert_eq!(text.span_of(5..6), Span::new(19, 20));
    }
}
