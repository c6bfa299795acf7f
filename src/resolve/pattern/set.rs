//! Which characters an instruction takes, with case folded as Python folds it.

use super::letters::{Letters, same_upper};
use super::tree::{Flags, Item};

/// What `re.IGNORECASE` makes equal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fold {
    Nothing,
    Ascii,
    Unicode,
}

#[derive(Debug, Clone)]
pub(super) struct Set {
    pub(super) negate: bool,
    pub(super) fold: Fold,
    /// Whether categories hold for ASCII only.
    pub(super) ascii: bool,
    /// Where case is folded, single characters are lower-case.
    pub(super) items: Vec<Item>,
}

impl Fold {
    pub(super) fn of(flags: Flags) -> Self {
        match (flags.has(Flags::IGNORE_CASE), flags.has(Flags::ASCII)) {
            (false, _) => Self::Nothing,
            (true, true) => Self::Ascii,
            (true, false) => Self::Unicode,
        }
    }

    /// The character that stands for all that are equal to `code` (but see [`Letters::alike`]).
    pub(super) fn lower(self, code: u32, letters: Letters) -> u32 {
        match self {
            Self::Nothing => code,
            Self::Ascii => char::from_u32(code).map_or(code, |ch| ch.to_ascii_lowercase().into()),
            Self::Unicode => letters.lower(code),
        }
    }
}

impl Set {
    /// The set of `items`, or of all but them, as `flags` have it.
    pub(super) fn new(negate: bool, items: &[Item], flags: Flags, letters: Letters) -> Self {
        let fold = Fold::of(flags);
        let single = items.len() == 1;
        let lower = |item: &Item| match *item {
            // Among others, Python leaves those above U+FFFF as they are.
            Item::Literal(code) if single || code <= 0xffff => {
                Item::Literal(fold.lower(code, letters))
            }
            item => item,
        };
        Self {
            negate,
            fold,
            ascii: flags.has(Flags::ASCII),
            items: items.iter().map(lower).collect(),
        }
    }

    /// Whether the set takes `code`.
    pub(super) fn takes(&self, code: u32, letters: Letters) -> bool {
        let lower = self.fold.lower(code, letters);
        self.items.iter().any(|item| self.holds(*item, lower, letters)) != self.negate
    }

    fn holds(&self, item: Item, lower: u32, letters: Letters) -> bool {
        match item {
            Item::Literal(code) if code == lower => true,
            Item::Literal(code) => {
                self.fold == Fold::Unicode && same_upper(lower).any(|other| other == code)
            }
            Item::Range(low, high) => self.range_holds(low, high, lower, letters),
            Item::Category { class, negate } => letters.has(class, self.ascii, lower) != negate,
        }
    }

    fn range_holds(&self, low: u32, high: u32, lower: u32, letters: Letters) -> bool {
        let range = low..=high;
        let folded = match self.fold {
            Fold::Nothing => return range.contains(&lower),
            Fold::Ascii => {
                let upper =
                    char::from_u32(lower).map_or(lower, |ch| ch.to_ascii_uppercase().into());
                range.contains(&lower) || range.contains(&upper)
            }
            Fold::Unicode => {
                letters.alike(lower).iter().any(|code| *code <= 0xffff && range.contains(code))
            }
        };
        // Above U+FFFF Python looks at the range itself and tries both cases.
        folded || high > 0xffff && (range.contains(&lower) || range.contains(&letters.upper(lower)))
    }
}
