//! Expansion of `$NAME` and `${NAME…}` in compose-go's `template` package (v2.4.5 to v2.9.1).
//!
//! The program finds an expansion with a pattern whose braced form runs to the *last* `}` of the
//! line, then looks for the brace that really closes it, expands what stands between, and begins
//! anew behind it. This walk does the same in one pass. The default of `${NAME:-default}` is
//! expanded even where it is not used, and what is wrong in it aborts.

use super::reading::{Gathered, Reason, Stop};
use super::rewrite::Rewrite;
use crate::hash::HashMap;
use crate::text::Text;

/// `text` with its variables expanded by `lookup`.
pub(super) fn substitute<'v>(
    text: Text,
    gathered: &Gathered,
    lookup: impl Fn(&str) -> Option<&'v str>,
) -> Result<Text, Stop> {
    if !text.expose().contains('$') {
        return Ok(text);
    }
    let source = text.expose();
    let mut walk = Walk {
        text: &text,
        source,
        braces: Braces::of(source),
        rewrite: Rewrite::of(&text),
        kept: 0,
        at: 0,
        frame: Frame { end: source.len(), silent: false, required_by: None },
        around: Vec::new(),
    };
    loop {
        match walk.dollar() {
            Some(dollar) => walk.expand(dollar, gathered, &lookup)?,
            None if !walk.leave()? => return Ok(walk.rewrite.finish()),
            None => {}
        }
    }
}

/// The way through one text.
struct Walk<'t> {
    text: &'t Text,
    source: &'t str,
    braces: Braces,
    rewrite: Rewrite<'t>,
    /// From here on nothing is copied yet.
    kept: usize,
    at: usize,
    frame: Frame,
    /// The frames around `frame`, the outermost first.
    around: Vec<Frame>,
}

/// A part of the text that is expanded on its own: the whole, or one default.
struct Frame {
    end: usize,
    /// The result is not used.
    silent: bool,
    /// Where the expansion begins that aborts the program at the end of this frame.
    required_by: Option<usize>,
}

impl Walk<'_> {
    /// The offset of the next `$` of this frame.
    fn dollar(&self) -> Option<usize> {
        Some(self.at + self.source.get(self.at..self.frame.end)?.find('$')?)
    }

    fn failure(&self, reason: Reason, from: usize, to: usize) -> Stop {
        Stop::at(reason, self.text.span_of(from..to))
    }

    /// Copies what stands before `from`, puts `with` in the place of `from..to`, and goes there.
    fn replace(&mut self, from: usize, to: usize, with: &str) {
        if !self.frame.silent {
            self.rewrite.keep(self.kept..from);
            self.rewrite.put(with, from..to);
        }
        self.at = to;
        self.kept = to;
    }

    /// Goes to the end of this frame and out of it; `false` if it was the outermost.
    fn leave(&mut self) -> Result<bool, Stop> {
        let end = self.frame.end;
        self.replace(end, end, "");
        if let Some(start) = self.frame.required_by {
            return Err(self.failure(Reason::VariableRequired, start, end + 1));
        }
        let Some(outer) = self.around.pop() else { return Ok(false) };
        self.frame = outer;
        self.at = end + 1;
        self.kept = self.at;
        Ok(true)
    }

    fn expand<'v>(
        &mut self,
        dollar: usize,
        gathered: &Gathered,
        lookup: &impl Fn(&str) -> Option<&'v str>,
    ) -> Result<(), Stop> {
        let inside = self.source.get(dollar + 1..self.frame.end).unwrap_or("");
        if inside.starts_with('$') {
            self.replace(dollar, dollar + 2, "$");
            return Ok(());
        }
        let braced = inside.strip_prefix('{');
        let name = leading_name(braced.unwrap_or(inside));
        let after = dollar + 1 + usize::from(braced.is_some()) + name.len();
        if name.is_empty() {
            self.at = dollar + 1;
            return match braced {
                Some(_) => Err(self.failure(Reason::ExpansionInvalid, dollar, after)),
                None => Ok(()),
            };
        }
        let value = lookup(name);
        let rest = self.source.get(after..self.frame.end).unwrap_or("");
        if braced.is_none() || rest.starts_with('}') {
            let value = self.spend(gathered, value)?;
            self.replace(dollar, after + usize::from(braced.is_some()), value);
            return Ok(());
        }
        let found = operator(rest).and_then(|(operator, length)| {
            let from = after + length;
            Some((operator, from, self.braces.end(dollar + 1, from, self.frame.end)?))
        });
        let Some((operator, from, end)) = found else {
            return Err(self.failure(Reason::ExpansionInvalid, dollar, after));
        };
        let set = value.is_some_and(|value| !operator.empty_is_unset || !value.is_empty());
        let (value, silent) = match operator.kind {
            Kind::Default if !set => (None, false),
            Kind::Alternative => (None, !set),
            Kind::Default | Kind::Require => (value, true),
        };
        let value = self.spend(gathered, value)?;
        self.replace(dollar, from, value);
        let required_by = (operator.kind == Kind::Require && !set).then_some(dollar);
        let inner = Frame { end, silent: self.frame.silent || silent, required_by };
        self.around.push(std::mem::replace(&mut self.frame, inner));
        Ok(())
    }

    /// The text that stands for a variable's value, if it is used.
    fn spend<'v>(&self, gathered: &Gathered, value: Option<&'v str>) -> Result<&'v str, Stop> {
        if self.frame.silent { Ok("") } else { gathered.spend(value.unwrap_or("")) }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Default,
    Alternative,
    Require,
}

struct Operator {
    kind: Kind,
    empty_is_unset: bool,
}

/// The operator at the start of `text`, and its length.
fn operator(text: &str) -> Option<(Operator, usize)> {
    let (empty_is_unset, rest) = match text.strip_prefix(':') {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let kind = match rest.as_bytes().first()? {
        b'-' => Kind::Default,
        b'+' => Kind::Alternative,
        b'?' => Kind::Require,
        _ => return None,
    };
    Some((Operator { kind, empty_is_unset }, 1 + usize::from(empty_is_unset)))
}

/// The variable name that `text` begins with; empty if it begins with none.
fn leading_name(text: &str) -> &str {
    // The program's pattern ignores case the Unicode way: long s and the Kelvin sign are letters.
    let is_letter =
        |char: char| char.is_ascii_alphabetic() || matches!(char, '_' | 'ſ' | '\u{212a}');
    if !text.starts_with(is_letter) {
        return "";
    }
    let end = text.find(|char: char| !is_letter(char) && !char.is_ascii_digit());
    text.get(..end.unwrap_or(text.len())).unwrap_or("")
}

/// The braces of a text.
struct Braces {
    /// For each opening brace, the one that closes it.
    closing_of: HashMap<usize, usize>,
    closing: Vec<usize>,
    newlines: Vec<usize>,
}

impl Braces {
    fn of(text: &str) -> Self {
        let mut braces =
            Self { closing_of: HashMap::default(), closing: Vec::new(), newlines: Vec::new() };
        if !text.contains("${") {
            return braces;
        }
        let mut open = Vec::new();
        // The program's count of braces jumps over the byte behind an opening one.
        let mut uncounted = usize::MAX;
        for (at, byte) in text.bytes().enumerate() {
            match byte {
                b'\n' => braces.newlines.push(at),
                b'}' => braces.closing.push(at),
                _ => {}
            }
            if at == uncounted {
                continue;
            }
            if byte == b'{' {
                open.push(at);
                uncounted = at + 1;
            } else if byte == b'}'
                && let Some(opening) = open.pop()
            {
                braces.closing_of.insert(opening, at);
            }
        }
        braces
    }

    /// The brace that ends the expansion opened at `opening`, whose default begins at `from`, in a
    /// text that ends at `end`. If the braces do not balance, it is the last one of the line.
    fn end(&self, opening: usize, from: usize, end: usize) -> Option<usize> {
        let newline = self.newlines.get(self.newlines.partition_point(|at| *at < from));
        let end = newline.map_or(end, |newline| end.min(*newline));
        let last = self.closing.partition_point(|at| *at < end).checked_sub(1)?;
        let last = *self.closing.get(last).filter(|last| **last >= from)?;
        Some(self.closing_of.get(&opening).copied().filter(|at| *at <= last).unwrap_or(last))
    }
}
