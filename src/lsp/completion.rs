//! The keywords of the configured backend, where its kwargs are written.

use lsp_types::{
    CompletionItem, CompletionItemKind, CompletionResponse, CompletionTextEdit, Documentation,
    TextEdit,
};

use super::place::Encoding;
use super::projects::Checked;
use crate::facts::Parameter;
use crate::model::Place;
use crate::resolve::{Configured, Environment};
use crate::text::Span;

/// What can be written at `place`.
pub(super) fn complete(
    checked: &Checked,
    place: Place,
    encoding: Encoding,
) -> Option<CompletionResponse> {
    let project = &checked.project;
    let file = project.model.files.get(place.file);
    let at = place.span.start;
    let (environment, configured, value) =
        project.kwargs().find_map(|(environment, configured)| {
            let setting = configured.kwargs_setting.as_ref()?;
            let value = setting.value_span;
            let is_here = setting.file == place.file && value.start <= at && at <= value.end;
            is_here.then_some((environment, configured, value))
        })?;
    let backend = configured.backend()?;
    let written = Span::new(value.start, at).of(file.text());
    let spot = Spot::of(written)?;
    let known = |name: &str| value.of(file.text()).contains(&format!("\"{name}"));
    let replaced = encoding.range(file, Span::new(at - spot.begun.len(), at));
    let is_read = |it: &&Parameter| is_read(environment, configured, it);
    let parameters = backend.parameters().iter().filter(is_read);
    let parameters = parameters.filter(|it| it.name == spot.begun || !known(&it.name));
    let items = parameters.map(|parameter| {
        let text = match spot.quote {
            None => parameter.name.clone(),
            Some(quote) => format!("{quote}{}{quote}: ", parameter.name),
        };
        let default = parameter.default_text().map(|it| format!(", `{it}` by default"));
        CompletionItem {
            label: parameter.name.clone(),
            kind: Some(CompletionItemKind::PROPERTY),
            detail: Some(format!("{}{}", parameter.value_type, default.unwrap_or_default())),
            documentation: parameter.note.clone().map(Documentation::String),
            text_edit: Some(CompletionTextEdit::Edit(TextEdit::new(replaced, text))),
            ..CompletionItem::default()
        }
    });
    Some(CompletionResponse::Array(items.collect()))
}

/// Whether the parameter is read at a version that is possible.
fn is_read(environment: &Environment, configured: &Configured, parameter: &Parameter) -> bool {
    let effects = environment.effects(configured, &parameter.name);
    effects.is_none_or(|effects| effects.versions().any(|(effect, _)| effect.is_read()))
}

/// Where in an object of JSON the name of a member may stand.
#[derive(PartialEq, Eq, Debug)]
struct Spot<'t> {
    /// What of the name is written.
    begun: &'t str,
    /// The quotes that it still needs, as they are written there.
    quote: Option<&'static str>,
}

impl<'t> Spot<'t> {
    /// The spot at the end of `written`, the beginning of an object; `None` where no name of a member of
    /// that object can stand.
    fn of(written: &'t str) -> Option<Self> {
        let escaped = written.contains("\\\"");
        let mut depth = 0usize;
        // Where the string began that is open.
        let mut open = None;
        let mut may_begin = false;
        for (at, char) in written.char_indices() {
            match (open, char) {
                (None, '"') => open = Some(at + 1),
                (Some(_), '"') => {
                    open = None;
                    may_begin = false;
                }
                (Some(_), _) | (None, '\\') => {}
                (None, '{' | '[') => {
                    depth += 1;
                    may_begin = char == '{';
                }
                (None, '}' | ']') => depth = depth.saturating_sub(1),
                (None, ',') => may_begin = true,
                (None, char) if char.is_whitespace() => {}
                (None, _) => may_begin = false,
            }
        }
        if depth != 1 || !may_begin {
            return None;
        }
        Some(match open {
            Some(start) => Spot { begun: written.get(start..)?, quote: None },
            None => Spot { begun: "", quote: Some(if escaped { "\\\"" } else { "\"" }) },
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_stand_where_members_begin() {
        let begun = |text| Spot::of(text).map(|it| (it.begun, it.quote));
        for (written, expected) in [
            ("{", Some(("", Some("\"")))),
            ("{\"", Some(("", None))),
            ("{\"conn", Some(("conn", None))),
            ("{\"a\": \"b\", ", Some(("", Some("\"")))),
            ("{\\\"a\\\": 1, ", Some(("", Some("\\\"")))),
            ("{\"a\"", None),
            ("{\"a\": ", None),
            ("{\"a\": \"", None),
            ("{\"a\": {\"", None),
            ("{\"a\": {}, \"b", Some(("b", None))),
            ("{\"a\": [1, ", None),
            ("", None),
            ("{}", None),
        ] {
            assert_eq!(begun(written), expected, "{written}");
        }
    }
}
