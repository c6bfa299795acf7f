//! A tree as instructions for [`run`](super::run).

use super::letters::Letters;
use super::parse::invalid;
use super::set::{Fold, Set};
use super::source::{Result, Stop};
use super::tree::{At, Flags, Item, Node, RepeatKind, Sequence, Tree};

/// What a key is matched against.
#[derive(Debug, Clone)]
pub(super) struct Program {
    pub(super) code: Vec<Op>,
    /// How many slots the instructions use.
    pub(super) slots: usize,
    pub(super) letters: Letters,
    /// Whether `\B` holds in an empty key, as it does from Python 3.14 on.
    pub(super) empty_has_no_boundary: bool,
}

/// Positions in the code are indices. Slots hold where groups begin and end and how loops stand.
#[derive(Debug, Clone)]
pub(super) enum Op {
    /// The whole pattern, or the body of an [`Op::Look`] or [`Op::Atomic`], has matched.
    Accept,
    /// Takes a character of the set.
    Take(Set),
    /// Takes any character, a newline only where `newline` is set.
    TakeAny {
        newline: bool,
    },
    Assert {
        at: At,
        ascii: bool,
        lines: bool,
    },
    /// Stores the position.
    Mark {
        slot: usize,
    },
    Jump {
        to: usize,
    },
    /// Goes on behind itself; on failure at `or`.
    Try {
        or: usize,
    },
    /// Begins a loop whose [`Op::Loop`] is at `to`.
    Enter {
        count: usize,
        to: usize,
    },
    /// Decides on another round. Behind it stands an [`Op::Round`], behind that what follows the loop.
    Loop {
        count: usize,
        least: usize,
        most: usize,
        lazy: bool,
        body: usize,
    },
    /// Begins a round; the loop's body is at `body`.
    Round {
        count: usize,
        body: usize,
    },
    /// Runs what stands behind itself, `back` characters before here, then goes on at `to`, here.
    Look {
        negate: bool,
        back: usize,
        to: usize,
    },
    /// Runs what stands behind itself, then goes on at `to`, having forgotten the alternatives.
    Atomic {
        to: usize,
    },
    BackReference {
        group: usize,
        fold: Fold,
    },
    /// Goes on behind itself if the group took part, else at `no`.
    Condition {
        group: usize,
        no: usize,
    },
}

/// Makes instructions of `tree`.
///
/// # Errors
///
/// What Python notices only now: a look-behind of varying width, a repeat under the template flag. And
/// [`Stop::Unknown`] where it depends on a defect of Python what matches.
pub(super) fn compile(tree: &Tree, python: (u8, u8)) -> Result<Program> {
    let letters = Letters::of(python);
    let slots = tree.groups * 2;
    let mut compiler = Compiler {
        code: Vec::new(),
        slots,
        letters,
        python,
        unsteady: vec![false; tree.groups],
        asked: Vec::new(),
        is_refused: false,
    };
    compiler.sequence(&tree.body, Place { flags: tree.flags, ..Place::default() })?;
    compiler.code.push(Op::Accept);
    if compiler.is_refused {
        return Err(invalid("invalid SRE code"));
    }
    if compiler.asked.iter().any(|&group| compiler.unsteady.get(group) == Some(&true)) {
        return Err(Stop::Unknown);
    }
    let Compiler { code, slots, .. } = compiler;
    Ok(Program { code, slots, letters, empty_has_no_boundary: python >= (3, 14) })
}

struct Compiler {
    code: Vec<Op>,
    slots: usize,
    letters: Letters,
    python: (u8, u8),
    /// By group: whether an abandoned attempt may leave its mark. Python before 3.11 does not always
    /// restore groups inside loops and negative looks (bpo-35859).
    unsteady: Vec<bool>,
    /// The groups that something asks for.
    asked: Vec<usize>,
    /// Whether Python's last check finds fault with the instructions.
    is_refused: bool,
}

#[derive(Clone, Copy, Default)]
struct Place {
    flags: Flags,
    /// Inside a loop or a negative look.
    unsteady: bool,
    /// Inside an alternative.
    branch: bool,
}

impl Compiler {
    fn sequence(&mut self, sequence: &Sequence, place: Place) -> Result<()> {
        sequence.nodes.iter().try_for_each(|node| self.node(node, place))
    }

    /// Emits an instruction whose target is not known yet.
    fn emit(&mut self, op: Op) -> usize {
        self.code.push(op);
        self.code.len() - 1
    }

    /// Sets the target of the instruction `at` to here.
    fn land(&mut self, at: usize) {
        let here = self.code.len();
        if let Some(
            Op::Jump { to }
            | Op::Try { or: to }
            | Op::Enter { to, .. }
            | Op::Look { to, .. }
            | Op::Atomic { to }
            | Op::Condition { no: to, .. },
        ) = self.code.get_mut(at)
        {
            *to = here;
        }
    }

    fn node(&mut self, node: &Node, place: Place) -> Result<()> {
        let flags = place.flags;
        match node {
            Node::Literal(code) => {
                let set = Set::new(false, &[Item::Literal(*code)], flags, self.letters);
                if place.branch && *code > 0xffff && set.items != [Item::Literal(*code)] {
                    // Python may make a set of the branch, and folds those above U+FFFF less.
                    return Err(Stop::Unknown);
                }
                self.emit(Op::Take(set));
            }
            Node::Dot => {
                self.emit(Op::TakeAny { newline: flags.has(Flags::DOT_ALL) });
            }
            Node::Set { negate, items } => {
                let set = Set::new(*negate, items, flags, self.letters);
                self.emit(Op::Take(set));
            }
            Node::At(at) => {
                let (ascii, lines) = (flags.has(Flags::ASCII), flags.has(Flags::MULTILINE));
                self.emit(Op::Assert { at: *at, ascii, lines });
            }
            Node::Branch(branches) => self.branch(branches, Place { branch: true, ..place })?,
            Node::Group { capture, add, remove, body } => {
                let place = Place { flags: flags.inside(*add, *remove), ..place };
                let Some(group) = *capture else { return self.sequence(body, place) };
                if let Some(unsteady) = self.unsteady.get_mut(group) {
                    *unsteady = place.unsteady && self.python < (3, 11);
                }
                self.emit(Op::Mark { slot: group * 2 });
                self.sequence(body, place)?;
                self.emit(Op::Mark { slot: group * 2 + 1 });
            }
            Node::Atomic(body) => self.atomic(|this| this.sequence(body, place))?,
            Node::Repeat { kind, .. } if flags.has(Flags::TEMPLATE) && self.python < (3, 13) => {
                let name = if *kind == RepeatKind::Lazy { "MIN_REPEAT" } else { "MAX_REPEAT" };
                let name = if *kind == RepeatKind::Possessive { "POSSESSIVE_REPEAT" } else { name };
                return Err(invalid(&format!("internal: unsupported template operator {name}")));
            }
            Node::Repeat { least, most, kind, body } => {
                let place = Place { unsteady: place.unsteady || *most != Some(1), ..place };
                let (least, most) =
                    (*least as usize, most.map_or(usize::MAX, |most| most as usize));
                match kind {
                    RepeatKind::Greedy => {
                        self.repeat(least, most, false, |this| this.sequence(body, place))?;
                    }
                    RepeatKind::Lazy => {
                        self.repeat(least, most, true, |this| this.sequence(body, place))?;
                    }
                    RepeatKind::Possessive => self.atomic(|this| {
                        this.repeat(least, most, false, |this| {
                            this.atomic(|this| this.sequence(body, place))
                        })
                    })?,
                }
            }
            Node::Look { behind, negate, body } => self.look(*behind, *negate, body, place)?,
            Node::BackReference(group) => {
                self.asked.push(*group);
                self.emit(Op::BackReference { group: *group, fold: Fold::of(flags) });
            }
            Node::Conditional { group, yes, no } => {
                self.is_refused |= *group >= self.unsteady.len();
                self.asked.push(*group);
                let condition = self.emit(Op::Condition { group: *group, no: 0 });
                self.sequence(yes, place)?;
                let end = self.emit(Op::Jump { to: 0 });
                self.land(condition);
                self.sequence(no, place)?;
                self.land(end);
            }
        }
        Ok(())
    }

    fn branch(&mut self, branches: &[Sequence], place: Place) -> Result<()> {
        let Some((last, others)) = branches.split_last() else { return Ok(()) };
        let mut ends = Vec::new();
        for branch in others {
            let start = self.emit(Op::Try { or: 0 });
            self.sequence(branch, place)?;
            ends.push(self.emit(Op::Jump { to: 0 }));
            self.land(start);
        }
        self.sequence(last, place)?;
        for end in ends {
            self.land(end);
        }
        Ok(())
    }

    fn atomic(&mut self, body: impl FnOnce(&mut Self) -> Result<()>) -> Result<()> {
        let start = self.emit(Op::Atomic { to: 0 });
        body(self)?;
        self.emit(Op::Accept);
        self.land(start);
        Ok(())
    }

    fn repeat(
        &mut self,
        least: usize,
        most: usize,
        lazy: bool,
        body: impl FnOnce(&mut Self) -> Result<()>,
    ) -> Result<()> {
        let count = self.slots;
        self.slots += 2;
        let enter = self.emit(Op::Enter { count, to: 0 });
        body(self)?;
        self.land(enter);
        let body = enter + 1;
        self.emit(Op::Loop { count, least, most, lazy, body });
        self.emit(Op::Round { count, body });
        Ok(())
    }

    fn look(&mut self, behind: bool, negate: bool, body: &Sequence, place: Place) -> Result<()> {
        let width = body.width;
        if behind && width.least > u128::from(u32::MAX) {
            return Err(invalid("looks too much behind"));
        }
        if behind && width.least != width.most {
            return Err(invalid("look-behind requires fixed-width pattern"));
        }
        self.is_refused |=
            behind && self.python < (3, 11) && width.least > i32::MAX.unsigned_abs().into();
        let back = if behind { usize::try_from(width.least).unwrap_or(usize::MAX) } else { 0 };
        let start = self.emit(Op::Look { negate, back, to: 0 });
        self.sequence(body, Place { unsteady: place.unsteady || negate, ..place })?;
        self.emit(Op::Accept);
        self.land(start);
        Ok(())
    }
}
