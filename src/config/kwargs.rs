//! Kwargs that the configuration declares as a table, as the JSON that Airflow would be given.

use toml::Value;
use toml::de::DeValue;

use crate::text::{Span, Text, TextBuilder};

/// The JSON of `table`, which `span` of `text` holds, with the place of each member; as a whole
/// where it is no inline table.
///
/// # Errors
/// When a value cannot be JSON, such as a date.
pub(super) fn json(text: &str, span: Span, table: &Value) -> Result<Text, serde_json::Error> {
    let whole = serde_json::to_string(table)?;
    Ok(members(text, span, table).unwrap_or_else(|| Text::produced_by(whole, span)))
}

fn members(text: &str, span: Span, table: &Value) -> Option<Text> {
    let parsed = DeValue::parse(span.of(text)).ok()?;
    let within =
        |range: std::ops::Range<usize>| Span::new(span.start + range.start, span.start + range.end);
    let mut builder = TextBuilder::default();
    builder.push("{", Span::new(span.start, span.start + 1));
    for (number, (key, value)) in parsed.get_ref().as_table()?.iter().enumerate() {
        if number > 0 {
            builder.push(", ", within(key.span().start..key.span().start));
        }
        let name = serde_json::to_string(key.get_ref()).ok()?;
        string(text, within(key.span()), &name, &mut builder);
        builder.push(": ", within(key.span().end..value.span().start));
        let json = serde_json::to_string(table.get(key.get_ref().as_ref())?).ok()?;
        string(text, within(value.span()), &json, &mut builder);
    }
    builder.push("}", Span::new(span.end.saturating_sub(1), span.end));
    Some(builder.finish(span))
}

/// Appends `json`, which `span` of the file stands for: a string in quotes, or a bare key, maps
/// character by character where it needs no escapes.
fn string(text: &str, span: Span, json: &str, builder: &mut TextBuilder) {
    let inner = json.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
    let written = span.of(text);
    let quoted = |quote| written.strip_prefix(quote).and_then(|rest| rest.strip_suffix(quote));
    match inner {
        Some(inner) if quoted('"') == Some(inner) || quoted('\'') == Some(inner) => {
            builder.push("\"", Span::new(span.start, span.start + 1));
            builder.verbatim(inner, span.start + 1);
            builder.push("\"", Span::new(span.end - 1, span.end));
        }
        Some(inner) if written == inner => {
            builder.push("\"", Span::at(span.start));
            builder.verbatim(inner, span.start);
            builder.push("\"", Span::at(span.end));
        }
        _ => builder.push(json, span),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_stand_where_they_are_written() {
        let kwargs =
            r#"{ variables_prefix = "a/b", 'sep' = '-', "x" = "tab\t", n = 2, t = {k = 1} }"#;
        let text = format!("kwargs = {kwargs}\n");
        let table: Value = toml::from_str::<Value>(&text).unwrap()["kwargs"].clone();
        let span = Span::new(9, 9 + kwargs.len());
        let json = json(&text, span, &table).unwrap();
        let shown = |part: &str| {
            let at = json.expose().find(part).unwrap();
            json.span_of(at..at + part.len()).of(&text)
        };
        assert_eq!(shown("variables_prefix"), "variables_prefix");
        assert_eq!(shown("\"a/b\""), "\"a/b\"");
        assert_eq!(shown("a/b"), "a/b");
        assert_eq!(shown("\"-\""), "'-'");
        assert_eq!(shown("tab\\t"), "tab\\t");
        assert_eq!(shown("{\"k\":1}"), "{k = 1}");
        let parsed: serde_json::Value = serde_json::from_str(json.expose()).unwrap();
        assert_eq!(parsed, serde_json::to_value(&table).unwrap());
    }

    #[test]
    fn a_table_of_its_own_is_pointed_at_as_a_whole() {
        let text = "[kwargs]\nsep = \"-\"\n";
        let table: Value = toml::from_str::<Value>(text).unwrap()["kwargs"].clone();
        let span = Span::new(0, 8);
        let json = json(text, span, &table).unwrap();
        assert_eq!(json.expose(), "{\"sep\":\"-\"}");
        assert_eq!(json.span_of(2..5), span);
    }
}
