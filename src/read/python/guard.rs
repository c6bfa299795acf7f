//! Refuses what Python itself refuses to parse: a tree is walked and dropped by recursion, so its
//! depth must be known before there is a tree.

use super::lexical::{Mark, scan};
use super::{Limit, TooDeep};

/// `CPython` 3.8 to 3.14: "too many nested parentheses" (`MAXLEVEL` in `Parser/lexer/state.h`).
const MAX_BRACKETS: usize = 200;
/// `CPython` 3.8 to 3.14: "too many levels of indentation" (`MAXINDENT` in `Parser/lexer/state.h`).
const MAX_INDENTS: usize = 100;
/// `CPython` gives up on chains of operators somewhere between 1,000 and 3,000, by version and kind.
const MAX_OPERATORS: usize = 3_000;

/// What is open at one level of brackets.
#[derive(Clone, Copy, Default)]
struct Level {
    operators: usize,
    /// Lambdas before their colon: a comma there does not end the expression around it.
    lambdas: usize,
}

#[derive(Default)]
struct Depth {
    /// The brackets around the current one.
    outer: Vec<Level>,
    level: Level,
    /// The operators of all levels.
    operators: usize,
    /// The columns of the blocks that are open.
    indents: Vec<usize>,
}

/// Says where and why `text` is nested too deeply, if it is. Linear in time, and the memory is
/// bounded by the limits.
pub(super) fn check(text: &str) -> Result<(), TooDeep> {
    let mut depth = Depth::default();
    let mut refused = None;
    scan(text, |mark| {
        refused = depth.enter(mark).err();
        refused.is_none()
    });
    refused.map_or(Ok(()), Err)
}

impl Depth {
    fn enter(&mut self, mark: Mark) -> Result<(), TooDeep> {
        match mark {
            Mark::Comment(_) | Mark::Literal(_) => {}
            Mark::Open(at) => {
                if self.outer.len() >= MAX_BRACKETS {
                    return Err(TooDeep { limit: Limit::Brackets, at });
                }
                self.outer.push(self.level);
                self.level = Level::default();
            }
            Mark::Close => {
                self.operators -= self.level.operators;
                self.level = self.outer.pop().unwrap_or_default();
                // A call or subscript nests what stands before it, like a dot.
                self.level.operators += 1;
                self.operators += 1;
            }
            Mark::Lambda(at) => {
                self.level.lambdas += 1;
                self.operator(at)?;
            }
            Mark::Operator(at) => self.operator(at)?,
            Mark::Colon => self.level.lambdas = self.level.lambdas.saturating_sub(1),
            Mark::Separator => {
                if self.level.lambdas == 0 {
                    self.operators -= self.level.operators;
                    self.level.operators = 0;
                }
            }
            Mark::Line { column, at } => self.line(column, at)?,
        }
        Ok(())
    }

    fn operator(&mut self, at: usize) -> Result<(), TooDeep> {
        self.level.operators += 1;
        self.operators += 1;
        if self.operators > MAX_OPERATORS {
            return Err(TooDeep { limit: Limit::Operators, at });
        }
        Ok(())
    }

    fn line(&mut self, column: usize, at: usize) -> Result<(), TooDeep> {
        self.outer.clear();
        self.level = Level::default();
        self.operators = 0;
        while self.indents.last().is_some_and(|open| *open > column) {
            self.indents.pop();
        }
        if column > self.indents.last().copied().unwrap_or(0) {
            if self.indents.len() >= MAX_INDENTS {
                return Err(TooDeep { limit: Limit::Indentation, at });
            }
            self.indents.push(column);
        }
        Ok(())
    }
}
