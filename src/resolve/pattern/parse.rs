//! Python's grammar of patterns: text → tree, or the error that `re.compile` raises.
//!
//! Follows the steps of `sre_parse.py`, because whether something is an error, and which, depends on
//! the order in which Python looks at things.

use super::PatternError;
use super::source::{Result, Source, Stop, Token};
use super::tree::{At, Flags, Item, Node, RepeatKind, Sequence, Tree, Width};
use crate::hash::HashMap;

/// Python's word for "no limit"; not allowed as a number in a pattern.
const MAX_REPEAT: u32 = u32::MAX;

pub(super) struct Parser<'p> {
    pub(super) source: Source<'p>,
    pub(super) python: (u8, u8),
    pub(super) flags: Flags,
    /// By number; `None` while a group is open, and for the whole pattern, which is number 0.
    pub(super) widths: Vec<Option<Width>>,
    pub(super) names: HashMap<String, usize>,
    /// Inside a look-behind: the number of the first group that begins there.
    pub(super) look_behind: Option<usize>,
    /// Numbers that conditions ask for, and where. They may be those of later groups.
    pub(super) conditions: Vec<(usize, usize)>,
}

/// How the text at hand is read.
#[derive(Clone, Copy)]
pub(super) struct Mode {
    pub(super) verbose: bool,
    /// In how many groups it stands.
    pub(super) nesting: usize,
    /// Whether nothing stands before it.
    pub(super) first: bool,
}

/// Parses `pattern` as the version `python` does under `re.IGNORECASE`.
pub(super) fn parse(pattern: &str, python: (u8, u8)) -> Result<Tree> {
    match Parser::new(pattern, python, Flags::IGNORE_CASE)?.pattern() {
        Err(Stop::Restart) => {
            Parser::new(pattern, python, Flags::IGNORE_CASE.with(Flags::VERBOSE))?.pattern()
        }
        parsed => parsed,
    }
}

impl<'p> Parser<'p> {
    fn new(pattern: &'p str, python: (u8, u8), flags: Flags) -> Result<Self> {
        Ok(Self {
            source: Source::new(pattern)?,
            python,
            flags,
            widths: vec![None],
            names: HashMap::default(),
            look_behind: None,
            conditions: Vec::new(),
        })
    }

    fn pattern(mut self) -> Result<Tree> {
        let body =
            self.alternatives(Mode { verbose: self.is_verbose(), nesting: 0, first: true })?;
        if self.flags.has(Flags::ASCII) && self.flags.has(Flags::UNICODE) {
            return Err(invalid("ASCII and UNICODE flags are incompatible"));
        }
        if self.source.next().is_some() {
            return Err(self.source.error("unbalanced parenthesis", 0));
        }
        for &(group, position) in &self.conditions {
            // Before 3.9 this is noticed last.
            if group >= self.groups() && self.python >= (3, 9) {
                return Err(self
                    .source
                    .error_at(format!("invalid group reference {group}"), position));
            }
        }
        Ok(Tree { body, flags: self.flags, groups: self.widths.len() })
    }

    /// How many groups were opened, the whole pattern included.
    pub(super) fn groups(&self) -> usize {
        self.widths.len()
    }

    pub(super) fn is_closed(&self, group: usize) -> bool {
        self.widths.get(group).is_some_and(Option::is_some)
    }

    /// Fails if this is a look-behind that cannot ask for `group`.
    pub(super) fn check_look_behind(&self, group: usize) -> Result<()> {
        let message = match self.look_behind {
            Some(_) if !self.is_closed(group) => "cannot refer to an open group",
            Some(first) if group >= first => {
                "cannot refer to group defined in the same lookbehind subpattern"
            }
            _ => return Ok(()),
        };
        Err(self.source.error(message, 0))
    }

    pub(super) fn is_verbose(&self) -> bool {
        self.flags.has(Flags::VERBOSE)
    }

    /// `a|b|c`
    pub(super) fn alternatives(&mut self, mut mode: Mode) -> Result<Sequence> {
        let first = self.sequence(mode)?;
        if !self.sees('|') {
            return Ok(first);
        }
        let mut branches = vec![first];
        while self.source.accept('|')? {
            if mode.nesting == 0 && self.python >= (3, 11) {
                mode.verbose = self.is_verbose();
            }
            branches.push(self.sequence(Mode { first: false, ..mode })?);
        }
        Ok(self.measured(vec![Node::Branch(branches)]))
    }

    /// Everything up to `|`, `)` or the end.
    pub(super) fn sequence(&mut self, mut mode: Mode) -> Result<Sequence> {
        let mut nodes = Vec::new();
        while let Some(token) = self.source.next() {
            if matches!(token, Token::Plain('|' | ')')) {
                break;
            }
            self.source.take()?;
            let node = match token {
                Token::Escape(ch) => self.escape(ch)?,
                Token::Plain(' ' | '\t' | '\n' | '\r' | '\x0b' | '\x0c') if mode.verbose => {
                    continue;
                }
                Token::Plain('#') if mode.verbose => {
                    while !matches!(self.source.take()?, None | Some(Token::Plain('\n'))) {}
                    continue;
                }
                Token::Plain('[') => self.set()?,
                Token::Plain(ch @ ('*' | '+' | '?' | '{')) => {
                    let here = self.source.position();
                    match self.repeat_counts(ch)? {
                        None => Node::Literal(ch.into()),
                        Some((least, most)) => self.repeat(nodes.pop(), least, most, here)?,
                    }
                }
                Token::Plain('(') => {
                    let group =
                        self.group(Mode { first: mode.first && nodes.is_empty(), ..mode })?;
                    // Flags for the whole pattern may have come.
                    mode.verbose = if mode.first { self.is_verbose() } else { mode.verbose };
                    match group {
                        Some(node) => node,
                        None => continue,
                    }
                }
                Token::Plain('^') => Node::At(At::Start),
                Token::Plain('$') => Node::At(At::End),
                Token::Plain('.') => Node::Dot,
                Token::Plain(ch) => Node::Literal(ch.into()),
            };
            nodes.push(node);
        }
        Ok(self.measured(nodes))
    }

    /// What the repeat `ch` asks for, or `None` where `{` is a plain character.
    fn repeat_counts(&mut self, ch: char) -> Result<Option<(u32, Option<u32>)>> {
        match ch {
            '*' => return Ok(Some((0, None))),
            '+' => return Ok(Some((1, None))),
            '?' => return Ok(Some((0, Some(1)))),
            _ if self.sees('}') => return Ok(None),
            _ => {}
        }
        let here = self.source.position();
        let low = self.source.take_while(usize::MAX, |ch| ch.is_ascii_digit())?;
        let high = if self.source.accept(',')? {
            self.source.take_while(usize::MAX, |ch| ch.is_ascii_digit())?
        } else {
            low.clone()
        };
        if !self.source.accept('}')? {
            self.source.seek(here)?;
            return Ok(None);
        }
        let least = if low.is_empty() { 0 } else { count(&low)? };
        let most = if high.is_empty() { None } else { Some(count(&high)?) };
        if most.is_some_and(|most| most < least) {
            return Err(self.source.error_at("min repeat greater than max repeat", here));
        }
        Ok(Some((least, most)))
    }

    /// Repeats `item`; the repeat ends its first character at `here`.
    fn repeat(
        &mut self,
        item: Option<Node>,
        least: u32,
        most: Option<u32>,
        here: usize,
    ) -> Result<Node> {
        let body = match item {
            None | Some(Node::At(_)) => {
                return Err(self.source.error_at("nothing to repeat", here - 1));
            }
            Some(Node::Repeat { .. }) => {
                return Err(self.source.error_at("multiple repeat", here - 1));
            }
            Some(node) => self.measured(vec![node]),
        };
        let kind = if self.source.accept('?')? {
            RepeatKind::Lazy
        } else if self.python >= (3, 11) && self.source.accept('+')? {
            RepeatKind::Possessive
        } else {
            RepeatKind::Greedy
        };
        Ok(Node::Repeat { least, most, kind, body })
    }

    /// What stands behind `[`.
    fn set(&mut self) -> Result<Node> {
        let start = self.source.position() - 1;
        let negate = self.source.accept('^')?;
        let mut items = Vec::new();
        loop {
            let this = self.set_token(start)?;
            if this == Token::Plain(']') && !items.is_empty() {
                break;
            }
            let low = self.set_item(this)?;
            if !self.source.accept('-')? {
                items.push(low);
                continue;
            }
            let that = self.set_token(start)?;
            if that == Token::Plain(']') {
                items.extend([low, Item::Literal('-'.into())]);
                break;
            }
            match (low, self.set_item(that)?) {
                (Item::Literal(low), Item::Literal(high)) if low <= high => {
                    items.push(Item::Range(low, high));
                }
                _ => {
                    let message = format!("bad character range {this}-{that}");
                    return Err(self.source.error(message, this.len() + 1 + that.len()));
                }
            }
        }
        items.dedup();
        Ok(Node::Set { negate, items })
    }

    fn set_token(&mut self, start: usize) -> Result<Token> {
        match self.source.take()? {
            Some(token) => Ok(token),
            None => Err(self.source.error_at("unterminated character set", start)),
        }
    }

    fn set_item(&mut self, token: Token) -> Result<Item> {
        match token {
            Token::Plain(ch) => Ok(Item::Literal(ch.into())),
            Token::Escape(ch) => self.set_escape(ch),
        }
    }

    /// The sequence of `nodes`, with its width. Before 3.11 Python counts no further than `u32`.
    pub(super) fn measured(&self, nodes: Vec<Node>) -> Sequence {
        let limit = if self.python < (3, 11) { u128::from(MAX_REPEAT) } else { 1 << 64 };
        let most_least = if self.python < (3, 11) { limit - 1 } else { limit };
        let mut width = Width::default();
        for node in &nodes {
            let node = self.width(node, limit);
            width.least = (width.least + node.least).min(most_least);
            width.most = (width.most + node.most).min(limit);
        }
        Sequence { nodes, width }
    }

    fn width(&self, node: &Node, limit: u128) -> Width {
        match node {
            Node::Literal(_) | Node::Dot | Node::Set { .. } => Width { least: 1, most: 1 },
            Node::At(_) | Node::Look { .. } => Width::default(),
            Node::Group { body, .. } | Node::Atomic(body) => body.width,
            Node::Branch(branches) => {
                let least = branches.iter().map(|branch| branch.width.least).min();
                let most = branches.iter().map(|branch| branch.width.most).max();
                Width { least: least.unwrap_or(0), most: most.unwrap_or(0) }
            }
            Node::Repeat { least, most, body, .. } => Width {
                least: body.width.least * u128::from(*least),
                most: match most {
                    Some(most) => body.width.most * u128::from(*most),
                    None if body.width.most == 0 => 0,
                    None => limit,
                },
            },
            Node::BackReference(group) => {
                self.widths.get(*group).copied().flatten().unwrap_or_default()
            }
            Node::Conditional { yes, no, .. } => Width {
                least: yes.width.least.min(no.width.least),
                most: yes.width.most.max(no.width.most),
            },
        }
    }
}

fn count(digits: &str) -> Result<u32> {
    match digits.parse() {
        Ok(count) if count < MAX_REPEAT => Ok(count),
        _ => Err(invalid("the repetition number is too large")),
    }
}

/// An error without a place.
pub(super) fn invalid(message: &str) -> Stop {
    Stop::Invalid(PatternError::without_place(message))
}
