//! `docker-compose.override.yml`: what the user changes of the containers of `astro dev start`.
//!
//! The Astro CLI merges it over its own template, and substitutes from the shell only: the file `.env`
//! is not seen there (`airflow/docker.go`, v1.45.0).

use crate::model::{FileId, Origin, Place, Setting};
use crate::read::yaml::{Node, NodeKind, Yaml};
use crate::text::{Span, Spanned, Text, TextBuilder, UNKNOWN, Value};

/// `docker-compose.override.yml`.
#[derive(Debug)]
pub struct ComposeOverride {
    /// The file.
    pub file: FileId,
    /// The services that it changes or adds, in order.
    pub services: Vec<Service>,
    /// The variables of the shell that it refers to, without `$$`, in order.
    pub variables: Vec<Spanned<String>>,
}

/// A service.
#[derive(Debug)]
pub struct Service {
    /// Its name, and where that stands.
    pub name: Spanned<String>,
    /// Its variables, in order.
    pub environment: Vec<Setting>,
    /// The whole of its volumes.
    pub volumes: Vec<Text>,
    /// Whether it says what it is made of, so that it can be a service of its own.
    pub has_image: bool,
}

/// Words in the paths of what holds an identity.
const IDENTITY_PATHS: [&str; 5] = [".aws", ".azure", "gcloud", ".config", "credentials"];

impl Service {
    /// Whether one of its volumes seems to hold the identity for a cloud.
    #[must_use]
    pub fn mounts_credentials(&self) -> bool {
        let paths = self.volumes.iter().map(Text::expose);
        paths.into_iter().any(|path| IDENTITY_PATHS.iter().any(|word| path.contains(word)))
    }
}

/// Reads `yaml`, the content of `file`.
pub(super) fn read(file: FileId, yaml: &Yaml) -> ComposeOverride {
    let mut read = ComposeOverride { file, services: Vec::new(), variables: Vec::new() };
    let root = yaml.documents.first().and_then(|root| yaml.get(*root));
    let services = root.and_then(|root| yaml.member(root, "services"));
    for (name, service) in services.map(|it| yaml.pairs(it)).unwrap_or_default() {
        let Some(text) = name.as_str() else { continue };
        read.services.push(Service {
            name: Spanned::new(text.to_owned(), name.span),
            environment: environment(file, yaml, service),
            volumes: volumes(yaml, service),
            has_image: ["image", "build", "extends"]
                .iter()
                .any(|key| yaml.member(service, key).is_some()),
        });
    }
    let texts = yaml.nodes().filter_map(Node::text);
    read.variables = texts.flat_map(|text| interpolate(text).1).collect();
    read
}

fn volumes(yaml: &Yaml, service: &Node) -> Vec<Text> {
    let Some(list) = yaml.member(service, "volumes") else { return Vec::new() };
    let NodeKind::Sequence(parts) = &list.kind else { return Vec::new() };
    let nodes = parts.iter().filter_map(|part| yaml.get(*part));
    nodes
        .filter_map(|node| {
            let node = if node.text().is_some() { node } else { yaml.member(node, "target")? };
            node.text().cloned()
        })
        .collect()
}

/// `environment:`, as a mapping or as a list of `KEY=value`. A key without a value takes that of the
/// shell, which is not known.
fn environment(file: FileId, yaml: &Yaml, service: &Node) -> Vec<Setting> {
    let Some(node) = yaml.member(service, "environment") else { return Vec::new() };
    let setting = |key: &str, key_span: Span, value: Value| Setting {
        key: key.to_owned(),
        value_span: value.span(),
        value,
        file,
        key_span,
        origin: Origin::ComposeOverride,
    };
    let of_shell = |at: Span| Value::Dynamic(Text::produced_by(UNKNOWN, at));
    match &node.kind {
        NodeKind::Mapping(_) => {
            let pairs = yaml.pairs(node).into_iter();
            let settings = pairs.filter_map(|(key, value)| {
                let (name, span) = (key.as_str()?, key.text()?.span());
                let value = match value.text() {
                    Some(text) if !value.is_null() => interpolate(text).0,
                    _ => of_shell(span),
                };
                (name != "<<").then(|| setting(name, span, value))
            });
            settings.collect()
        }
        NodeKind::Sequence(parts) => {
            let texts = parts.iter().filter_map(|part| yaml.get(*part)?.text());
            texts
                .map(|text| match text.expose().find('=') {
                    Some(at) => {
                        let key = text.span_of(0..at);
                        let (value, _) = interpolate(&behind(text, at + 1));
                        setting(text.expose().get(..at).unwrap_or(""), key, value)
                    }
                    None => setting(text.expose(), text.span(), of_shell(text.span())),
                })
                .collect()
        }
        _ => Vec::new(),
    }
}

/// The bytes of `text` from `start` on, as a text of their own.
fn behind(text: &Text, start: usize) -> Text {
    let end = text.expose().len();
    let mut builder = TextBuilder::default();
    builder.copy(text, start..end);
    builder.finish(text.span_of(start..end))
}

/// `text` after compose has put in the variables of the shell, and their names: `$$` is a dollar, and
/// of `$NAME` and `${NAME…}` only the shell knows what they become.
fn interpolate(text: &Text) -> (Value, Vec<Spanned<String>>) {
    let written = text.expose();
    if !written.contains('$') {
        return (Value::Known(text.clone()), Vec::new());
    }
    let mut builder = TextBuilder::default();
    let mut names = Vec::new();
    let mut at = 0;
    while let Some(found) = written.get(at..).and_then(|rest| rest.find('$')) {
        let dollar = at + found;
        builder.copy(text, at..dollar);
        let rest = written.get(dollar + 1..).unwrap_or("");
        let letters = |text: &str| {
            text.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(text.len())
        };
        let (length, name) = match rest.chars().next() {
            Some('$') => {
                builder.push("$", text.span_of(dollar..dollar + 2));
                at = dollar + 2;
                continue;
            }
            Some('{') => {
                let inner = rest.get(1..).unwrap_or("");
                let name = inner.get(..letters(inner)).unwrap_or("");
                (inner.find('}').map_or(rest.len(), |end| end + 2), name)
            }
            Some(c) if c.is_ascii_alphabetic() || c == '_' => {
                let length = letters(rest);
                (length, rest.get(..length).unwrap_or(""))
            }
            _ => {
                builder.copy(text, dollar..dollar + 1);
                at = dollar + 1;
                continue;
            }
        };
        at = dollar + 1 + length;
        let span = text.span_of(dollar..at);
        builder.push(&UNKNOWN.to_string(), span);
        names.push(Spanned::new(name.to_owned(), span));
    }
    builder.copy(text, at..written.len());
    (Value::of(builder.finish(text.span())), names)
}

/// What of the services holds for Airflow as a whole: the place of each that is one of `names`.
impl ComposeOverride {
    /// The settings that all services of `names` that the file changes get alike.
    #[must_use]
    pub fn common_settings(&self, names: &[&str]) -> Vec<Setting> {
        let mut services = self.services.iter().filter(|it| names.contains(&it.name.node.as_str()));
        let Some(first) = services.next() else { return Vec::new() };
        let others: Vec<_> = services.collect();
        let is_common = |setting: &&Setting| {
            others.iter().all(|service| {
                let mut settings = service.environment.iter();
                settings.any(|it| {
                    it.key == setting.key
                        && it.text().map(Text::expose) == setting.text().map(Text::expose)
                })
            })
        };
        first.environment.iter().filter(is_common).cloned().collect()
    }

    /// The place of a service's name.
    #[must_use]
    pub const fn place_of(&self, service: &Service) -> Place {
        Place::new(self.file, service.name.span)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::read::yaml;

    #[test]
    fn variables_of_the_shell_are_not_known() {
        let text = "services:\n  scheduler:\n    environment:\n      A: x$$y\n      B: \"a${HOME}b\"\n      C:\n      D: 5\n    volumes:\n    - ${HOME}/.aws:/home/astro/.aws:ro\n  triggerer:\n    environment:\n    - A=x$$y\n    - D=5\n    - E\n";
        let read = read(FileId(0), &yaml::read(text));
        let told: Vec<_> = read
            .services
            .iter()
            .flat_map(|service| &service.environment)
            .map(|it| (it.key.as_str(), it.text().map(Text::expose), it.value_span.of(text)))
            .collect();
        assert_eq!(
            told,
            [
                ("A", Some("x$y"), "x$$y"),
                ("B", None, "a${HOME}b"),
                ("C", None, "C"),
                ("D", Some("5"), "5"),
                ("A", Some("x$y"), "x$$y"),
                ("D", Some("5"), "5"),
                ("E", None, "E"),
            ]
        );
        let names: Vec<_> = read.variables.iter().map(|it| it.node.as_str()).collect();
        assert_eq!(names, ["HOME", "HOME"]);
        let common = read.common_settings(&["scheduler", "triggerer"]);
        assert_eq!(common.iter().map(|it| it.key.as_str()).collect::<Vec<_>>(), ["A", "D"]);
        assert_eq!(read.services[0].volumes.len(), 1);
    }
}
