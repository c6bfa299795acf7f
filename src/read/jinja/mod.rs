//! Jinja templates: which values their expressions name, with the places of each part.
//!
//! [`read`] takes any text and never fails: what Jinja would refuse becomes a [`Fault`], and the rest
//! is read on. The syntax is that of Jinja's defaults, which Airflow keeps: no line statements. Time and
//! memory are linear in the text, and no level of nesting is deeper than [`MAX_HEIGHT`].

mod expression;
mod lexer;
mod nesting;
mod statement;
mod tree;

pub use tree::{
    Argument, Call, Conditional, Expr, ExprKind, Fault, Filter, Parameter, Statement,
    StatementKind, Target, Template,
};

use crate::text::Span;
use lexer::{refused, words};
use nesting::Nesting;

/// Stands in a template for text that is not known, of any length: a value that Python puts in. It
/// counts as a letter, so that `var.value.` with a hole is a name. Private use, the last of Unicode.
pub const HOLE: char = '\u{10fffd}';

/// The first of the characters that stand for such a text likewise, each for one of its own.
const NUMBERED: char = '\u{10ff00}';

/// The hole with this number; [`HOLE`] where there are no more.
#[must_use]
pub fn hole(number: usize) -> char {
    let code = u32::try_from(number).ok().and_then(|it| (NUMBERED as u32).checked_add(it));
    code.and_then(char::from_u32).filter(|it| *it < HOLE).unwrap_or(HOLE)
}

/// Whether it is a hole, numbered or not.
#[must_use]
pub const fn is_hole(c: char) -> bool {
    c >= NUMBERED && c <= HOLE
}

/// The number of a hole; `None` for one without, and for any other character.
#[must_use]
pub fn number_of_hole(c: char) -> Option<usize> {
    let number = (c as u32).checked_sub(NUMBERED as u32).filter(|_| c < HOLE)?;
    usize::try_from(number).ok()
}

/// The most levels of an expression. Jinja compiles recursively, and CPython stops it at a thousand
/// calls, several for a level.
pub const MAX_HEIGHT: u16 = 120;

/// Reads a template.
#[must_use]
pub fn read(text: &str) -> Template {
    let mut reader = Reader { text, template: Template::default(), nesting: Nesting::default() };
    let mut at = Some(0);
    while let Some(from) = at {
        at = reader.next(from);
    }
    if let Some(fault) = reader.nesting.left_open() {
        reader.fault(fault);
    }
    reader.template
}

struct Reader<'a> {
    text: &'a str,
    template: Template,
    nesting: Nesting,
}

impl Reader<'_> {
    /// Reads the next thing from byte `from` on; gives where to go on.
    fn next(&mut self, from: usize) -> Option<usize> {
        let rest = self.text.get(from..)?;
        let brace = from + rest.find('{')?;
        match self.text.as_bytes().get(brace + 1) {
            Some(b'#') => self.comment(brace),
            Some(b'{') => self.between(brace, "}}"),
            Some(b'%') => match tag(self.text, brace, "raw") {
                Some(content) => self.raw(brace, content),
                None => self.between(brace, "%}"),
            },
            _ => Some(brace + 1),
        }
    }

    fn fault(&mut self, fault: Fault) {
        self.template.fault.get_or_insert(fault);
    }

    fn comment(&mut self, start: usize) -> Option<usize> {
        let end = self.text.get(start + 2..)?.find("#}");
        if end.is_none() {
            self.fault(refused("this comment does not end", Span::new(start, start + 2)));
        }
        end.map(|end| start + 2 + end + 2)
    }

    /// A raw block that begins at `start`, and its text at `content`.
    fn raw(&mut self, start: usize, content: usize) -> Option<usize> {
        let mut at = content;
        loop {
            let Some(next) = self.text.get(at..).and_then(|rest| rest.find("{%")) else {
                self.fault(refused("this raw block does not end", Span::new(start, content)));
                return None;
            };
            match tag(self.text, at + next, "endraw") {
                Some(end) => return Some(end),
                None => at += next + 2,
            }
        }
    }

    /// A statement whose delimiter stands at `start`.
    fn between(&mut self, start: usize, close: &str) -> Option<usize> {
        let sign = usize::from(matches!(self.text.as_bytes().get(start + 2), Some(b'-' | b'+')));
        let words = words(self.text, start + 2 + sign, close);
        let span = Span::new(start, words.end.unwrap_or(self.text.len()));
        let read = match words.fault {
            Some(fault) => Err(fault),
            None if close == "}}" => statement::output(self.text, &words.tokens, span),
            None => statement::tag(self.text, &words.tokens, span),
        };
        match read {
            Ok((tag, kind)) => {
                if let Err(fault) = self.nesting.take(tag, &kind, span) {
                    self.fault(fault);
                }
                self.template.statements.push(Statement { kind, span });
            }
            Err(fault) => self.fault(fault),
        }
        words.end
    }
}

/// Behind the tag `{% name %}` that stands at byte `start`; `None` when another does.
fn tag(text: &str, start: usize, name: &str) -> Option<usize> {
    let rest = text.get(start..)?.strip_prefix("{%")?;
    let rest = rest.strip_prefix(['-', '+']).unwrap_or(rest);
    let rest = rest.trim_start().strip_prefix(name)?.trim_start();
    let rest = rest.strip_prefix(['-', '+']).unwrap_or(rest).strip_prefix("%}")?;
    Some(text.len() - rest.len())
}

#[cfg(test)]
mod tests;
