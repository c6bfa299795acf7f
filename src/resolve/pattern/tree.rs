//! A pattern as a tree.

/// What inline flags switch; a set of bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Flags(u8);

impl Flags {
    pub(super) const IGNORE_CASE: Self = Self(1);
    pub(super) const MULTILINE: Self = Self(2);
    pub(super) const DOT_ALL: Self = Self(4);
    pub(super) const VERBOSE: Self = Self(8);
    pub(super) const ASCII: Self = Self(16);
    pub(super) const UNICODE: Self = Self(32);
    /// Undocumented, until Python 3.12: forbids repeats.
    pub(super) const TEMPLATE: Self = Self(64);
    /// Only for bytes.
    pub(super) const LOCALE: Self = Self(128);
    /// Of these a pattern can have one.
    pub(super) const ALPHABETS: Self = Self(16 | 32 | 128);

    /// Whether the two share a flag.
    pub(super) const fn has(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    pub(super) const fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    pub(super) const fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    /// The flags inside a group that adds and removes some: a new alphabet replaces the old one.
    pub(super) const fn inside(self, add: Self, remove: Self) -> Self {
        let outer = if add.has(Self::ALPHABETS) { self.without(Self::ALPHABETS) } else { self };
        outer.with(add).without(remove)
    }
}

#[derive(Debug)]
pub(super) struct Tree {
    pub(super) body: Sequence,
    /// The flags of the whole pattern, also of what stands before them.
    pub(super) flags: Flags,
    /// How many groups capture.
    pub(super) groups: usize,
}

#[derive(Debug, Default)]
pub(super) struct Sequence {
    pub(super) nodes: Vec<Node>,
    pub(super) width: Width,
}

/// How many characters something can match, as far as Python counts.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Width {
    pub(super) least: u128,
    pub(super) most: u128,
}

#[derive(Debug)]
pub(super) enum Node {
    Literal(u32),
    /// `.`
    Dot,
    Set {
        negate: bool,
        items: Vec<Item>,
    },
    At(At),
    Branch(Vec<Sequence>),
    /// `capture` is the number of a group that captures.
    Group {
        capture: Option<usize>,
        add: Flags,
        remove: Flags,
        body: Sequence,
    },
    Atomic(Sequence),
    /// `most` is `None` where there is no limit.
    Repeat {
        least: u32,
        most: Option<u32>,
        kind: RepeatKind,
        body: Sequence,
    },
    Look {
        behind: bool,
        negate: bool,
        body: Sequence,
    },
    BackReference(usize),
    /// `yes` where the group took part in the match.
    Conditional {
        group: usize,
        yes: Sequence,
        no: Sequence,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum RepeatKind {
    Greedy,
    Lazy,
    Possessive,
}

/// A member of a set. Code points are numbers, because a pattern may name a surrogate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Item {
    Literal(u32),
    Range(u32, u32),
    Category { class: Class, negate: bool },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Class {
    Digit,
    Space,
    Word,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum At {
    /// `^`
    Start,
    /// `\A`
    VeryStart,
    /// `$`: also before a last newline.
    End,
    /// `\Z`
    VeryEnd,
    /// `\b`
    Boundary,
    /// `\B`
    NoBoundary,
}
