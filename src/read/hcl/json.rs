//! The JSON form of Terraform (`.tf.json`): the same shapes, with templates in the strings.

use super::convert::Converter;
use super::strings::Quoting;
use super::{Attribute, Block, Body, Expression, ExpressionKind, Hcl};
use crate::read::yaml::{self, Node, NodeKind, Style, Yaml};
use crate::text::{Spanned, Text};

/// How many nodes are taken, and how deep: what repeats itself by aliases, which JSON has not, ends.
const MAX_NODES: usize = 100_000;
const MAX_DEPTH: usize = 64;

/// How many labels the blocks of each kind have; none for any other.
const LABELS: [(&str, usize); 6] =
    [("resource", 2), ("data", 2), ("variable", 1), ("output", 1), ("module", 1), ("provider", 1)];

/// How deep blocks are looked for inside of blocks: JSON does not tell them from objects.
const MAX_BLOCKS: usize = 3;

/// Reads a file in the JSON syntax.
#[must_use]
pub fn read_json(text: &str) -> Hcl {
    let yaml = yaml::read(text);
    let mut hcl = Hcl::default();
    let mut reader = Reader { yaml: &yaml, left: MAX_NODES, depth: 0 };
    let root = yaml.documents.first().and_then(|root| yaml.get(*root));
    for (key, value) in root.map(|root| yaml.pairs(root)).unwrap_or_default() {
        let Some(kind) = name(key) else { continue };
        let labels = LABELS.iter().find(|(name, _)| *name == kind.node).map_or(0, |it| it.1);
        reader.blocks(&kind, labels, &mut Vec::new(), value, &mut hcl.body);
    }
    hcl.errors.extend(yaml.error);
    hcl
}

fn name(node: &Node) -> Option<Spanned<String>> {
    Some(Spanned::new(node.as_str()?.to_owned(), node.span))
}

struct Reader<'a> {
    yaml: &'a Yaml,
    left: usize,
    depth: usize,
}

impl<'a> Reader<'a> {
    /// Goes down `labels` levels, then takes each object as a block.
    fn blocks(
        &mut self,
        kind: &Spanned<String>,
        labels: usize,
        above: &mut Vec<Spanned<String>>,
        node: &'a Node,
        to: &mut Body,
    ) {
        for object in self.objects(node) {
            if labels == 0 {
                let body = self.body(object, MAX_BLOCKS);
                let labels = above.clone();
                to.blocks.push(Block { kind: kind.clone(), labels, body, span: object.span });
                continue;
            }
            for (key, value) in self.yaml.pairs(object) {
                let Some(label) = name(key) else { continue };
                above.push(label);
                self.blocks(kind, labels - 1, above, value, to);
                above.pop();
            }
        }
    }

    /// A node that is an object, or the objects of a list.
    fn objects(&self, node: &'a Node) -> Vec<&'a Node> {
        match &node.kind {
            NodeKind::Mapping(_) => vec![node],
            NodeKind::Sequence(parts) => {
                let parts = parts.iter().filter_map(|part| self.yaml.get(*part));
                parts.filter(|part| matches!(part.kind, NodeKind::Mapping(_))).collect()
            }
            _ => Vec::new(),
        }
    }

    fn body(&mut self, node: &'a Node, blocks: usize) -> Body {
        let mut body = Body::default();
        for (key, value) in self.yaml.pairs(node) {
            let Some(name) = name(key) else { continue };
            if blocks > 0 {
                let inner: Vec<Block> = self
                    .objects(value)
                    .into_iter()
                    .map(|object| Block {
                        kind: name.clone(),
                        labels: Vec::new(),
                        body: self.body(object, blocks - 1),
                        span: object.span,
                    })
                    .collect();
                body.blocks.extend(inner);
            }
            let value = self.expression(value);
            body.attributes.push(Attribute { name, value });
        }
        body
    }

    fn expression(&mut self, node: &'a Node) -> Expression {
        let span = node.span;
        if self.left == 0 || self.depth == MAX_DEPTH {
            return Expression { kind: ExpressionKind::Name(String::new()), span };
        }
        self.left -= 1;
        self.depth += 1;
        let kind = match &node.kind {
            NodeKind::Scalar(scalar) if scalar.style == Style::Plain => {
                match scalar.text.expose() {
                    "true" => ExpressionKind::Bool(true),
                    "false" => ExpressionKind::Bool(false),
                    "null" => ExpressionKind::Null,
                    _ => ExpressionKind::Number(scalar.text.clone()),
                }
            }
            NodeKind::Scalar(scalar) => template(&scalar.text),
            NodeKind::Sequence(parts) => {
                let parts = parts.iter().filter_map(|part| self.yaml.get(*part));
                ExpressionKind::List(parts.map(|part| self.expression(part)).collect())
            }
            NodeKind::Mapping(_) => {
                let pairs = self.yaml.pairs(node).into_iter();
                let pair = |(key, value)| (self.expression(key), self.expression(value));
                ExpressionKind::Object(pairs.map(pair).collect())
            }
            NodeKind::Alias(_) | NodeKind::Absent => ExpressionKind::Null,
        };
        self.depth -= 1;
        Expression { kind, span }
    }
}

/// What a string of the JSON form says.
fn template(text: &Text) -> ExpressionKind {
    let source = text.expose();
    if !source.contains("${") && !source.contains("%{") {
        return ExpressionKind::Text(text.clone());
    }
    let Ok(template) = hcl_edit::parser::parse_template(source) else {
        return ExpressionKind::Name(String::new());
    };
    let whole = crate::text::Span::new(0, source.len());
    Converter::within(text).template(template.iter(), whole, Quoting::Heredoc, false)
}
