//! The functions that put texts together: `!Ref`, `!Sub`, `!Join`, `!GetAtt`, in both forms.

use super::{MAX_DEPTH, Template};
use crate::read::yaml::{Node, NodeKind};
use crate::text::{Span, Text, TextBuilder, UNKNOWN};

impl<'a> Template<'a> {
    /// The function that a node calls, by its name in the long form, with its argument.
    pub(super) fn function(&self, node: &'a Node) -> Option<(&'a str, &'a Node)> {
        if let Some(tag) = node.tag.as_deref().and_then(|tag| tag.strip_prefix('!'))
            && !tag.starts_with('!')
        {
            return Some((tag, node));
        }
        match &self.yaml.pairs(node)[..] {
            [(name, argument)] => {
                let name = name.as_str()?;
                let name =
                    name.strip_prefix("Fn::").or_else(|| Some(name).filter(|it| *it == "Ref"))?;
                Some((name, argument))
            }
            _ => None,
        }
    }

    /// The text of a node, as far as it is known; `None` for `AWS::NoValue` and null.
    pub(super) fn text(&self, node: &'a Node, depth: usize) -> Option<Text> {
        let unknown = || Some(Text::produced_by(UNKNOWN, node.span));
        if depth == MAX_DEPTH || self.left.get() == 0 {
            return unknown();
        }
        self.left.set(self.left.get() - 1);
        let Some((function, argument)) = self.function(node) else {
            return match node.text() {
                Some(_) if node.is_null() => None,
                Some(text) => Some(without_dynamic_references(text)),
                None => unknown(),
            };
        };
        match function {
            "Ref" => match argument.as_str() {
                Some("AWS::NoValue") => None,
                Some(id) => Some(Text::produced_by(self.becomes(id, "", depth), node.span)),
                None => unknown(),
            },
            "Sub" => Some(self.substituted(argument, depth)),
            "Join" => Some(self.joined(argument, depth)),
            "GetAtt" => {
                let path = argument.as_str().map_or_else(
                    || {
                        let parts = self.parts(argument).into_iter().filter_map(Node::as_str);
                        parts.collect::<Vec<_>>().join(".")
                    },
                    str::to_owned,
                );
                let (id, attribute) = path.split_once('.').unwrap_or((&path, ""));
                Some(Text::produced_by(self.becomes(id, attribute, depth), node.span))
            }
            _ => unknown(),
        }
    }

    /// The parts of a sequence that may have a tag.
    fn parts(&self, node: &'a Node) -> Vec<&'a Node> {
        match &node.kind {
            NodeKind::Sequence(parts) => {
                parts.iter().filter_map(|part| self.yaml.get(*part)).collect()
            }
            _ => Vec::new(),
        }
    }

    fn joined(&self, argument: &'a Node, depth: usize) -> Text {
        let mut builder = TextBuilder::default();
        let [separator, list] = &self.parts(argument)[..] else {
            return Text::produced_by(UNKNOWN, argument.span);
        };
        let unknown = |span| Text::produced_by(UNKNOWN, span);
        if self.function(list).is_some() {
            return unknown(argument.span);
        }
        let separator = separator.as_str().unwrap_or("");
        for (number, part) in self.parts(list).into_iter().enumerate() {
            if number > 0 {
                builder.push(separator, Span::at(part.span.start));
            }
            let text = self.text(part, depth + 1).unwrap_or_else(|| unknown(part.span));
            builder.copy(&text, 0..text.expose().len());
        }
        builder.finish(argument.span)
    }

    /// `!Sub`: the text, or a list of the text and what its variables are.
    fn substituted(&self, argument: &'a Node, depth: usize) -> Text {
        let parts = self.parts(argument);
        let (text, variables) = match (&parts[..], argument.text()) {
            ([text, variables], _) => (text.text(), Some(*variables)),
            (_, text) => (text, None),
        };
        let Some(text) = text else { return Text::produced_by(UNKNOWN, argument.span) };
        let text = without_dynamic_references(text);
        let raw = text.expose();
        let mut builder = TextBuilder::default();
        let mut at = 0;
        while let Some(start) = raw.get(at..).and_then(|rest| rest.find("${")).map(|it| at + it) {
            builder.copy(&text, at..start);
            let Some(end) = raw.get(start..).and_then(|rest| rest.find('}')).map(|it| start + it)
            else {
                at = start;
                break;
            };
            let name = raw.get(start + 2..end).unwrap_or("").trim();
            let span = text.span_of(start..end + 1);
            if let Some(literal) = name.strip_prefix('!') {
                builder.push(&format!("${{{literal}}}"), span);
            } else if let Some(value) = variables.and_then(|it| self.yaml.member(it, name)) {
                let value = self.text(value, depth + 1);
                match value {
                    Some(value) => builder.copy(&value, 0..value.expose().len()),
                    None => builder.push(UNKNOWN.encode_utf8(&mut [0; 4]), span),
                }
            } else {
                let (id, attribute) = name.split_once('.').unwrap_or((name, ""));
                builder.push(&self.becomes(id, attribute, depth), span);
            }
            at = end + 1;
        }
        builder.copy(&text, at..raw.len());
        builder.finish(text.span())
    }

    /// What a resource of the template becomes, as far as its name tells: an ARN, a name.
    fn becomes(&self, id: &str, attribute: &str, depth: usize) -> String {
        let unknown = UNKNOWN.to_string();
        let Some(resource) = self.resources.iter().find(|it| it.id == id) else { return unknown };
        let name = |property: &str| {
            let node = self.get(resource, property)?;
            self.text(node, depth + 1).map(|text| text.expose().to_owned())
        };
        let of = UNKNOWN;
        let becomes = match (resource.kind, attribute) {
            ("AWS::SecretsManager::Secret", "" | "Id") => name("Name")
                .map(|name| format!("arn:{of}:secretsmanager:{of}:{of}:secret:{name}-{of}")),
            ("AWS::SSM::Parameter", "") => name("Name"),
            ("AWS::IAM::Role", "") => name("RoleName"),
            ("AWS::IAM::Role", "Arn") => name("RoleName").map(|role| {
                let path = name("Path").unwrap_or_else(|| "/".to_owned());
                format!("arn:{of}:iam::{of}:role{path}{role}")
            }),
            _ => None,
        };
        becomes.unwrap_or(unknown)
    }
}

/// A text without what CloudFormation looks up when it creates the stack: `{{resolve:…}}`.
fn without_dynamic_references(text: &Text) -> Text {
    let raw = text.expose();
    if !raw.contains("{{resolve:") {
        return text.clone();
    }
    let mut builder = TextBuilder::default();
    let mut at = 0;
    while let Some(start) = raw.get(at..).and_then(|it| it.find("{{resolve:")).map(|it| at + it) {
        let Some(end) = raw.get(start..).and_then(|it| it.find("}}")).map(|it| start + it + 2)
        else {
            break;
        };
        builder.copy(text, at..start);
        builder.push(UNKNOWN.encode_utf8(&mut [0; 4]), text.span_of(start..end));
        at = end;
    }
    builder.copy(text, at..raw.len());
    builder.finish(text.span())
}
