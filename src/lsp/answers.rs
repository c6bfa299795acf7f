//! What the server says of a place.

use std::collections::{BTreeSet, HashMap};
use std::path::Path;

use lsp_types::{
    CodeAction, CodeActionKind, CodeActionOrCommand, CodeDescription, Diagnostic,
    DiagnosticRelatedInformation, DiagnosticSeverity, GotoDefinitionResponse, Hover, HoverContents,
    Location, MarkupContent, MarkupKind, NumberOrString, TextEdit, Uri, WorkspaceEdit,
};

use super::place::Encoding;
use super::projects::Checked;
use crate::check::{Finding, Fix, Level, Safety};
use crate::config::ConfigError;
use crate::model::{FileId, FileKind, Files, Place};
use crate::resolve::Request;
use crate::text::{LineIndex, Span};

/// What the editor calls a file.
pub(super) type UriOf<'a> = dyn Fn(&Path) -> Option<Uri> + 'a;

/// A finding as the editor shows it.
pub(super) fn diagnostic(
    checked: &Checked,
    finding: &Finding,
    encoding: Encoding,
    uri: &UriOf<'_>,
) -> Diagnostic {
    let mut message = finding.message.clone();
    if let Some(environment) = &finding.environment {
        message += &format!(" (environment `{environment}`)");
    }
    for note in &finding.notes {
        message += &format!("\n{note}");
    }
    if let Some(help) = &finding.help {
        message += &format!("\nhelp: {help}");
    }
    let related = finding.related.iter().filter_map(|label| {
        let location = location(checked, label.place, encoding, uri)?;
        Some(DiagnosticRelatedInformation { location, message: label.text.clone() })
    });
    let related: Vec<_> = related.collect();
    let place = finding.primary.place;
    Diagnostic {
        range: encoding.range(checked.project.model.files.get(place.file), place.span),
        severity: Some(match finding.level {
            Level::Error => DiagnosticSeverity::ERROR,
            Level::Warning => DiagnosticSeverity::WARNING,
            Level::Info => DiagnosticSeverity::INFORMATION,
        }),
        code: Some(NumberOrString::String(finding.rule.id.to_owned())),
        code_description: finding.rule.url().parse().ok().map(|href| CodeDescription { href }),
        source: Some(env!("CARGO_PKG_NAME").to_owned()),
        message,
        related_information: (!related.is_empty()).then_some(related),
        ..Diagnostic::default()
    }
}

/// What is wrong with a configuration file, which holds `text`.
pub(super) fn wrong_configuration(
    error: &ConfigError,
    text: String,
    encoding: Encoding,
) -> Diagnostic {
    let (at, message) = match error {
        ConfigError::Unreadable { why, .. } => (Span::at(0), format!("not read: {why}")),
        ConfigError::Invalid { line, column, message, .. } => {
            let line = LineIndex::new(&text).line_span(*line, &text);
            let before = line.of(&text).chars().take(column.saturating_sub(1));
            let start = line.start + before.map(char::len_utf8).sum::<usize>();
            (Span::new(start, line.end.max(start)), message.clone())
        }
    };
    let mut files = Files::default();
    let file = files.add(error.path().to_path_buf(), FileKind::Configuration, text);
    Diagnostic {
        range: encoding.range(files.get(file), at),
        severity: Some(DiagnosticSeverity::ERROR),
        source: Some(env!("CARGO_PKG_NAME").to_owned()),
        message,
        ..Diagnostic::default()
    }
}

fn location(
    checked: &Checked,
    place: Place,
    encoding: Encoding,
    uri: &UriOf<'_>,
) -> Option<Location> {
    let file = checked.project.model.files.get(place.file);
    Some(Location::new(uri(file.path())?, encoding.range(file, place.span)))
}

/// What is asked for by the code at `place`, of each environment.
pub(super) fn hover(checked: &Checked, place: Place, encoding: Encoding) -> Option<Hover> {
    let requests = requests_at(checked, place);
    let first = requests.first()?;
    let private = checked.project.private_values();
    let mut text = String::new();
    let mut said = BTreeSet::new();
    for request in &requests {
        let key = request.key.as_deref().map_or_else(|| "…".to_owned(), |key| private.mask(key));
        let heading = format!("**{}** {}\n", request.kind, code(&key));
        if said.insert(heading.clone()) {
            text += &heading;
        }
        let name = &request.environment.name;
        let line = match (request.asked.requested.as_slice(), &request.asked.why_not) {
            ([], Some(reason)) => format!("is not asked for: {}", private.mask(reason)),
            ([], None) => "has no secrets backend".to_owned(),
            (names, _) => {
                let names: Vec<_> = names.iter().map(|name| code(&private.mask(name))).collect();
                format!("{} is asked for{}", names.join(", then "), standing(checked, request))
            }
        };
        text += &format!("\n- environment {}: {line}\n", code(name));
    }
    let file = checked.project.model.files.get(first.place.file);
    Some(Hover {
        contents: HoverContents::Markup(MarkupContent { kind: MarkupKind::Markdown, value: text }),
        range: Some(encoding.range(file, first.place.span)),
    })
}

/// Whether what `request` asks for is created, where that can be said.
fn standing(checked: &Checked, request: &Request<'_>) -> &'static str {
    match checked.project.declarations_of(request) {
        Some(found) if found.is_empty() => "; nothing in the project creates or declares it",
        Some(_) => "; the project creates or declares it",
        None => "",
    }
}

/// `text` as code in Markdown, whatever it holds.
fn code(text: &str) -> String {
    let text = crate::report::escape::escape(text).replace('`', "'");
    format!("`{text}`")
}

/// Where the secrets are created or declared that the code at `place` asks for.
pub(super) fn definition(
    checked: &Checked,
    place: Place,
    encoding: Encoding,
    uri: &UriOf<'_>,
) -> Option<GotoDefinitionResponse> {
    let requests = requests_at(checked, place);
    let declared = requests.iter().filter_map(|it| checked.project.declarations_of(it)).flatten();
    let places: BTreeSet<Place> = declared.map(|declared| declared.place).collect();
    let locations: Vec<Location> =
        places.into_iter().filter_map(|place| location(checked, place, encoding, uri)).collect();
    (!locations.is_empty()).then_some(GotoDefinitionResponse::Array(locations))
}

/// The requests of the narrowest reference around `place`.
fn requests_at(checked: &Checked, place: Place) -> Vec<Request<'_>> {
    let is_around = |span: Span| span.start <= place.span.start && place.span.end <= span.end;
    let mut requests: Vec<_> = checked
        .project
        .requests()
        .into_iter()
        .filter(|it| it.place.file == place.file && is_around(it.place.span))
        .collect();
    let length = |request: &Request<'_>| request.place.span.end - request.place.span.start;
    let shortest = requests.iter().map(length).min();
    requests.retain(|request| Some(length(request)) == shortest);
    requests
}

/// Whether the editor asks for quick fixes: `only` are the kinds that it wants, each with those below it.
pub(super) fn wants_fixes(only: Option<&[CodeActionKind]>) -> bool {
    only.is_none_or(|kinds| {
        kinds.iter().any(|kind| ["", CodeActionKind::QUICKFIX.as_str()].contains(&kind.as_str()))
    })
}

/// The fixes of what was found in `span` of `file`, safe ones first. What is withheld is not offered: an
/// editor may show what it writes.
pub(super) fn actions(
    checked: &Checked,
    file: FileId,
    span: Span,
    encoding: Encoding,
    uri: &UriOf<'_>,
) -> Vec<CodeActionOrCommand> {
    let is_here = |finding: &&Finding| {
        let Place { file: of, span: at } = finding.primary.place;
        of == file && at.start <= span.end && span.start <= at.end
    };
    let mut actions = Vec::new();
    for finding in checked.findings.iter().filter(is_here) {
        let mut offered: Vec<_> = finding.fixes.iter().filter(|fix| !fix.is_withheld).collect();
        offered.sort_by_key(|fix| fix.safety);
        for (number, fix) in offered.into_iter().enumerate() {
            let Some(edit) = edit(checked, fix, encoding, uri) else { continue };
            actions.push(CodeActionOrCommand::CodeAction(CodeAction {
                title: match fix.safety {
                    Safety::Safe => fix.title.clone(),
                    Safety::Unsafe => format!("{} (unsafe: look at it)", fix.title),
                },
                kind: Some(CodeActionKind::QUICKFIX),
                diagnostics: Some(vec![diagnostic(checked, finding, encoding, uri)]),
                edit: Some(edit),
                is_preferred: Some(number == 0 && fix.safety == Safety::Safe),
                ..CodeAction::default()
            }));
        }
    }
    actions
}

#[expect(clippy::mutable_key_type, reason = "the protocol's own type; nothing changes the URIs")]
fn edit(
    checked: &Checked,
    fix: &Fix,
    encoding: Encoding,
    uri: &UriOf<'_>,
) -> Option<WorkspaceEdit> {
    let mut changes: HashMap<Uri, Vec<TextEdit>> = HashMap::new();
    for edit in &fix.edits {
        let file = checked.project.model.files.get(edit.place.file);
        let range = encoding.range(file, edit.place.span);
        let edits = changes.entry(uri(file.path())?).or_default();
        edits.push(TextEdit::new(range, edit.replacement.clone()));
    }
    Some(WorkspaceEdit { changes: Some(changes), ..WorkspaceEdit::default() })
}
