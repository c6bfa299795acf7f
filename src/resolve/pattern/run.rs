//! Follows the instructions of a pattern, with backtracking, in Python's order.

use super::program::{Op, Program};
use super::tree::{At, Class};

/// Far more than any sensible pattern needs for a key; some milliseconds.
const STEPS: usize = 200_000;
const UNSET: usize = usize::MAX;
const NEWLINE: u32 = 0x0a;

/// Whether `re.match` finds `program` at the start of `key`; `None` when it takes too long to tell.
pub(super) fn matches(program: &Program, key: &str) -> Option<bool> {
    let mut run = Run {
        program,
        key: key.chars().map(u32::from).collect(),
        slots: vec![UNSET; program.slots],
        trail: Vec::new(),
        steps: STEPS,
    };
    run.from(0, 0).ok().map(|end| end.is_some())
}

/// The steps are used up.
struct TooLong;

/// What to do when the current attempt fails, last first.
enum Undo {
    /// Go on there.
    Try { pc: usize, position: usize },
    /// Give the slot its value back.
    Slot { slot: usize, value: usize },
}

struct Run<'p> {
    program: &'p Program,
    key: Vec<u32>,
    slots: Vec<usize>,
    trail: Vec<Undo>,
    steps: usize,
}

impl Run<'_> {
    /// Runs from `pc` at `position` to the first [`Op::Accept`]: the position there, or `None` if
    /// nothing matches. The alternatives are forgotten. Nests as deep as the pattern's groups.
    fn from(&mut self, mut pc: usize, mut position: usize) -> Result<Option<usize>, TooLong> {
        let program = self.program;
        let base = self.trail.len();
        loop {
            self.spend(1)?;
            let Some(op) = program.code.get(pc) else { return Ok(None) };
            pc += 1;
            let goes_on = match *op {
                Op::Accept => {
                    self.forget(base);
                    return Ok(Some(position));
                }
                Op::Take(ref set) => {
                    self.spend(set.items.len())?;
                    let taken = self
                        .key
                        .get(position)
                        .is_some_and(|&code| set.takes(code, program.letters));
                    position += usize::from(taken);
                    taken
                }
                Op::TakeAny { newline } => {
                    let taken =
                        self.key.get(position).is_some_and(|&code| newline || code != NEWLINE);
                    position += usize::from(taken);
                    taken
                }
                Op::Assert { at, ascii, lines } => self.holds(at, ascii, lines, position),
                Op::Mark { slot } => self.set(slot, position),
                Op::Jump { to } => {
                    pc = to;
                    true
                }
                Op::Try { or } => self.push(or, position),
                Op::Enter { count, to } => {
                    pc = to;
                    self.set(count, 0) && self.set(count + 1, UNSET)
                }
                Op::Loop { count, least, most, lazy, body } => {
                    let rounds = self.slot(count);
                    if rounds < least {
                        // No check for empty rounds here.
                        pc = body;
                        self.set(count, rounds + 1)
                    } else if rounds >= most || self.slot(count + 1) == position {
                        pc += 1;
                        true
                    } else if lazy {
                        pc += 1;
                        self.push(pc - 1, position)
                    } else {
                        self.push(pc + 1, position)
                    }
                }
                Op::Round { count, body } => {
                    pc = body;
                    self.set(count, self.slot(count) + 1) && self.set(count + 1, position)
                }
                Op::Look { negate, back, to } => {
                    let found = match position.checked_sub(back) {
                        Some(start) => self.from(pc, start)?.is_some(),
                        None => false,
                    };
                    pc = to;
                    found != negate
                }
                Op::Atomic { to } => match self.from(pc, position)? {
                    Some(end) => {
                        (pc, position) = (to, end);
                        true
                    }
                    None => false,
                },
                Op::BackReference { group, fold } => match self.captured(group) {
                    Some((start, end)) => {
                        let length = end - start;
                        self.spend(length)?;
                        let lower = |code: &u32| fold.lower(*code, program.letters);
                        let earlier = self.key.get(start..end).unwrap_or(&[]).iter().map(lower);
                        let here = self.key.get(position..position + length);
                        let same = here.is_some_and(|here| here.iter().map(lower).eq(earlier));
                        position += if same { length } else { 0 };
                        same
                    }
                    None => false,
                },
                Op::Condition { group, no } => {
                    pc = if self.captured(group).is_some() { pc } else { no };
                    true
                }
            };
            if !goes_on {
                match self.fail(base) {
                    Some(next) => (pc, position) = next,
                    None => return Ok(None),
                }
            }
        }
    }

    fn spend(&mut self, steps: usize) -> Result<(), TooLong> {
        self.steps = self.steps.checked_sub(steps).ok_or(TooLong)?;
        Ok(())
    }

    /// Undoes the attempt, and says where the last alternative after `base` goes on.
    fn fail(&mut self, base: usize) -> Option<(usize, usize)> {
        while self.trail.len() > base {
            match self.trail.pop()? {
                Undo::Try { pc, position } => return Some((pc, position)),
                Undo::Slot { slot, value } => {
                    if let Some(place) = self.slots.get_mut(slot) {
                        *place = value;
                    }
                }
            }
        }
        None
    }

    /// Drops the alternatives after `base`, but keeps what undoes the slots.
    fn forget(&mut self, base: usize) {
        let kept = self.trail.split_off(base);
        self.trail.extend(kept.into_iter().filter(|undo| matches!(undo, Undo::Slot { .. })));
    }

    fn push(&mut self, pc: usize, position: usize) -> bool {
        self.trail.push(Undo::Try { pc, position });
        true
    }

    fn slot(&self, slot: usize) -> usize {
        self.slots.get(slot).copied().unwrap_or(UNSET)
    }

    fn set(&mut self, slot: usize, value: usize) -> bool {
        if let Some(place) = self.slots.get_mut(slot) {
            self.trail.push(Undo::Slot { slot, value: std::mem::replace(place, value) });
        }
        true
    }

    /// Where the group was found. Inside the group itself its old end may lie before its new start.
    fn captured(&self, group: usize) -> Option<(usize, usize)> {
        let (start, end) = (self.slot(group * 2), self.slot(group * 2 + 1));
        (start != UNSET && end != UNSET && start <= end).then_some((start, end))
    }

    fn holds(&self, at: At, ascii: bool, lines: bool, position: usize) -> bool {
        let before = position.checked_sub(1).and_then(|before| self.key.get(before));
        let here = self.key.get(position);
        let is_newline = |code: Option<&u32>| code == Some(&NEWLINE);
        match at {
            At::VeryStart => position == 0,
            At::Start => position == 0 || lines && is_newline(before),
            At::VeryEnd => here.is_none(),
            At::End => {
                here.is_none() || is_newline(here) && (lines || position + 1 == self.key.len())
            }
            At::Boundary | At::NoBoundary => {
                let is_word = |code: Option<&u32>| {
                    code.is_some_and(|&code| self.program.letters.has(Class::Word, ascii, code))
                };
                if self.key.is_empty() {
                    return at == At::NoBoundary && self.program.empty_has_no_boundary;
                }
                (is_word(before) != is_word(here)) == (at == At::Boundary)
            }
        }
    }
}
