//! YAML (and JSON, which is YAML too): a tree of nodes, each with its place, and text that maps to the
//! bytes of the file through quotes, escapes and folded lines.
//!
//! [`read`] never fails: where the parser stops, the tree holds what stands before. Aliases are kept as
//! such, so that a few lines cannot grow to gigabytes; nesting is limited by the parser.

use granit_parser::{Event, Options, Parser, ScalarStyle, ScanError, Tag, options};

use crate::hash::HashMap;
use crate::text::{Span, Spanned, Text};

mod scalar;

/// A file, as far as it could be read.
#[derive(Debug, Default)]
pub struct Yaml {
    nodes: Vec<Node>,
    /// The root of each document that is not empty.
    pub documents: Vec<NodeId>,
    /// The comments, with their `#`.
    pub comments: Vec<Span>,
    /// What the parser stopped at; never with text of the file.
    pub error: Option<Spanned<String>>,
}

/// A node of a [`Yaml`], by its number.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct NodeId(usize);

/// A node.
#[derive(Debug)]
pub struct Node {
    /// What it is.
    pub kind: NodeKind,
    /// Where it stands, quotes and brackets included.
    pub span: Span,
    /// Its tag as written: `!Sub`, `!!str`.
    pub tag: Option<String>,
}

/// What a node is.
#[derive(Debug)]
pub enum NodeKind {
    /// A value in whatever notation.
    Scalar(Scalar),
    /// The elements in order.
    Sequence(Vec<NodeId>),
    /// The keys and values in order, duplicates and merge keys included.
    Mapping(Vec<(NodeId, NodeId)>),
    /// The same as another node.
    Alias(NodeId),
    /// Nothing: `key:` with no value.
    Absent,
}

/// A value.
#[derive(Debug)]
pub struct Scalar {
    /// Its text.
    pub text: Text,
    /// How it is written.
    pub style: Style,
}

/// How a value is written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Style {
    /// Without quotes: may mean a number, a truth value or nothing.
    Plain,
    /// `'…'`
    Single,
    /// `"…"`
    Double,
    /// `|`
    Literal,
    /// `>`
    Folded,
}

/// How many aliases and merged mappings one question follows.
const MAX_HOPS: usize = 16;

/// Reads a file.
#[must_use]
pub fn read(text: &str) -> Yaml {
    let mut builder =
        Builder { text, yaml: Yaml::default(), open: Vec::new(), anchors: HashMap::default() };
    for event in Parser::new_from_str_with_options(text, settings()) {
        match event {
            Ok((event, span)) => builder.event(&event, span),
            Err(error) => {
                builder.yaml.error = Some(described(&error, text));
                break;
            }
        }
    }
    builder.close_all();
    builder.yaml
}

fn settings() -> Options {
    options! {
        // As PyYAML reads it.
        block_scalar_eof_without_line_feed: true,
        emit_unresolved_aliases: true,
        // The comments are in memory already.
        max_buffered_comment_events: usize::MAX,
    }
}

fn described(error: &ScanError, text: &str) -> Spanned<String> {
    let at = error.marker().byte_offset().unwrap_or(text.len());
    let at = (0..=at.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
    Spanned::new(error.info(), Span::at(at))
}

impl Yaml {
    /// The node with this number, where it is an alias the one that it stands for.
    #[must_use]
    pub fn get(&self, id: NodeId) -> Option<&Node> {
        let mut node = self.nodes.get(id.0)?;
        for _ in 0..MAX_HOPS {
            match node.kind {
                NodeKind::Alias(target) => node = self.nodes.get(target.0)?,
                _ => return Some(node),
            }
        }
        None
    }

    /// All nodes, in the order in which they begin, each once whatever aliases there are.
    pub fn nodes(&self) -> impl Iterator<Item = &Node> {
        self.nodes.iter()
    }

    /// The pairs of a mapping, merge keys included as they stand; nothing for anything else.
    #[must_use]
    pub fn pairs(&self, node: &Node) -> Vec<(&Node, &Node)> {
        let NodeKind::Mapping(pairs) = &node.kind else { return Vec::new() };
        pairs.iter().filter_map(|(key, value)| Some((self.get(*key)?, self.get(*value)?))).collect()
    }

    /// The value of a mapping under `key`: the last one, or one that is merged in.
    #[must_use]
    pub fn member(&self, node: &Node, key: &str) -> Option<&Node> {
        let mut next = vec![node];
        let mut hops = 0;
        while let Some(node) = next.pop() {
            let pairs = self.pairs(node);
            let found = pairs.iter().rev().find(|(name, _)| name.as_str() == Some(key));
            if let Some((_, value)) = found {
                return Some(value);
            }
            hops += 1;
            if hops > MAX_HOPS {
                return None;
            }
            for (_, merged) in pairs.iter().filter(|(name, _)| name.as_str() == Some("<<")) {
                match &merged.kind {
                    NodeKind::Sequence(parts) => {
                        next.extend(parts.iter().rev().filter_map(|part| self.get(*part)));
                    }
                    _ => next.push(merged),
                }
            }
        }
        None
    }
}

impl Node {
    /// The text of a value.
    #[must_use]
    pub const fn text(&self) -> Option<&Text> {
        match &self.kind {
            NodeKind::Scalar(scalar) => Some(&scalar.text),
            _ => None,
        }
    }

    /// The text of a value. It may be a credential: see [`Text::expose`].
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        self.text().map(Text::expose)
    }

    /// Whether it is nothing: not written, or `null` or `~` without quotes.
    #[must_use]
    pub fn is_null(&self) -> bool {
        match &self.kind {
            NodeKind::Absent => true,
            NodeKind::Scalar(scalar) => {
                scalar.style == Style::Plain
                    && ["", "~", "null", "Null", "NULL"].contains(&scalar.text.expose())
            }
            _ => false,
        }
    }
}

/// Puts the tree together from the events.
struct Builder<'a> {
    text: &'a str,
    yaml: Yaml,
    /// The collections that are open, each with the key that waits for its value.
    open: Vec<(NodeId, Option<NodeId>)>,
    /// The node of each anchor.
    anchors: HashMap<usize, NodeId>,
}

impl Builder<'_> {
    fn event(&mut self, event: &Event<'_>, place: granit_parser::Span) {
        let span = place.byte_range().map_or(Span::at(self.text.len()), Span::from);
        match event {
            Event::Scalar(value, style, anchor, tag) => {
                // Of a value that is not written the parser makes a `~` without any bytes.
                let is_absent = *style == ScalarStyle::Plain && span.start == span.end;
                let kind = if is_absent {
                    NodeKind::Absent
                } else {
                    let (text, style) = scalar::map(value, *style, span, self.text);
                    NodeKind::Scalar(Scalar { text, style })
                };
                self.node(kind, span, *anchor, tag.as_deref());
            }
            Event::SequenceStart(_, anchor, tag) => {
                let id = self.node(NodeKind::Sequence(Vec::new()), span, *anchor, tag.as_deref());
                self.open.push((id, None));
            }
            Event::MappingStart(_, anchor, tag) => {
                let id = self.node(NodeKind::Mapping(Vec::new()), span, *anchor, tag.as_deref());
                self.open.push((id, None));
            }
            Event::SequenceEnd | Event::MappingEnd => self.close(span.end),
            Event::Alias(anchor) => {
                let target = self.anchors.get(anchor);
                let kind = target.map_or(NodeKind::Absent, |id| NodeKind::Alias(*id));
                self.node(kind, span, 0, None);
            }
            Event::UnresolvedAlias(_) => {
                self.node(NodeKind::Absent, span, 0, None);
            }
            Event::Comment(..) => self.yaml.comments.push(span),
            Event::DocumentEnd => self.anchors.clear(),
            _ => {}
        }
    }

    fn node(&mut self, kind: NodeKind, span: Span, anchor: usize, tag: Option<&Tag>) -> NodeId {
        let id = NodeId(self.yaml.nodes.len());
        self.yaml.nodes.push(Node { kind, span, tag: tag.map(Tag::original) });
        if anchor != 0 {
            self.anchors.insert(anchor, id);
        }
        let Some((parent, key)) = self.open.last_mut() else {
            self.yaml.documents.push(id);
            return id;
        };
        match self.yaml.nodes.get_mut(parent.0).map(|parent| &mut parent.kind) {
            Some(NodeKind::Sequence(parts)) => parts.push(id),
            Some(NodeKind::Mapping(pairs)) => match key.take() {
                Some(key) => pairs.push((key, id)),
                None => *key = Some(id),
            },
            _ => {}
        }
        id
    }

    fn close(&mut self, end: usize) {
        let Some((id, _)) = self.open.pop() else { return };
        if let Some(node) = self.yaml.nodes.get_mut(id.0) {
            node.span.end = node.span.end.max(end);
        }
    }

    /// Closes what the parser left open behind an error.
    fn close_all(&mut self) {
        let end = self.yaml.nodes.last().map_or(0, |node| node.span.end);
        while !self.open.is_empty() {
            self.close(end);
        }
    }
}

#[cfg(test)]
mod tests;
