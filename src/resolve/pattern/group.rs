//! What stands behind `(`: groups, looks around, conditions, comments and flags.

use super::letters::{is_identifier, is_letter, repr};
use super::parse::{Mode, Parser};
use super::source::{Result, Stop, Token};
use super::tree::{Flags, Node, Sequence};

/// Deeper patterns may exceed Python's limit, which depends on how deep its stack is already.
const MAX_NESTING: usize = 50;
/// How many groups Python can count on 64-bit machines.
const MAX_GROUPS: usize = 1_073_741_823;

impl Parser<'_> {
    /// What stands behind `(`, as a node unless it is a comment or flags for the whole pattern.
    pub(super) fn group(&mut self, mode: Mode) -> Result<Option<Node>> {
        let start = self.source.position() - 1;
        let inner = Mode { nesting: mode.nesting + 1, first: false, ..mode };
        if inner.nesting > MAX_NESTING {
            return Err(Stop::Unknown);
        }
        if !self.source.accept('?')? {
            return self.capture(None, start, inner).map(Some);
        }
        let Some(token) = self.source.take()? else {
            return Err(self.source.error("unexpected end of pattern", 0));
        };
        match token {
            Token::Plain('P') => self.named(start, inner).map(Some),
            Token::Plain(':') => {
                self.plain(Flags::default(), Flags::default(), start, inner).map(Some)
            }
            Token::Plain('#') => self.comment(start).map(|()| None),
            Token::Plain('=') => self.look(false, false, start, inner).map(Some),
            Token::Plain('!') => self.look(false, true, start, inner).map(Some),
            Token::Plain('<') => match self.source.take()? {
                Some(Token::Plain(sign @ ('=' | '!'))) => {
                    self.look(true, sign == '!', start, inner).map(Some)
                }
                Some(token) => {
                    Err(self.source.error(format!("unknown extension ?<{token}"), token.len() + 2))
                }
                None => Err(self.source.error("unexpected end of pattern", 0)),
            },
            Token::Plain('(') => self.conditional(start, inner).map(Some),
            Token::Plain('>') if self.python >= (3, 11) => {
                let body = self.alternatives(inner)?;
                self.close(start)?;
                Ok(Some(Node::Atomic(body)))
            }
            Token::Plain(ch) if ch == '-' || self.flag(ch).is_some() => match self.flags(ch)? {
                Some((add, remove)) => self.plain(add, remove, start, inner).map(Some),
                None => self.flags_of_all(start, mode).map(|()| None),
            },
            token => Err(self.source.error(format!("unknown extension ?{token}"), token.len() + 1)),
        }
    }

    fn close(&mut self, start: usize) -> Result<()> {
        if self.source.accept(')')? {
            return Ok(());
        }
        Err(self.source.error_at("missing ), unterminated subpattern", start))
    }

    fn capture(&mut self, name: Option<String>, start: usize, mode: Mode) -> Result<Node> {
        let number = self.groups();
        self.widths.push(None);
        if let Some(name) = name {
            let (quoted, length) = (repr(&name), name.chars().count());
            if let Some(earlier) = self.names.insert(name, number) {
                let message = format!(
                    "redefinition of group name {quoted} as group {number}; was group {earlier}"
                );
                return Err(self.source.error(message, length + 1));
            }
        }
        let body = self.alternatives(mode)?;
        self.close(start)?;
        if let Some(width) = self.widths.get_mut(number) {
            *width = Some(body.width);
        }
        let (add, remove) = (Flags::default(), Flags::default());
        Ok(Node::Group { capture: Some(number), add, remove, body })
    }

    fn plain(&mut self, add: Flags, remove: Flags, start: usize, mode: Mode) -> Result<Node> {
        let verbose = (mode.verbose || add.has(Flags::VERBOSE)) && !remove.has(Flags::VERBOSE);
        let body = self.alternatives(Mode { verbose, ..mode })?;
        self.close(start)?;
        Ok(Node::Group { capture: None, add, remove, body })
    }

    /// `(?P<name>…)` and `(?P=name)`
    fn named(&mut self, start: usize, mode: Mode) -> Result<Node> {
        if self.source.accept('<')? {
            let name = self.source.take_until('>', "group name")?;
            self.check_name(&name)?;
            return self.capture(Some(name), start, mode);
        }
        if self.source.accept('=')? {
            let name = self.source.take_until(')', "group name")?;
            self.check_name(&name)?;
            let group = self.group_named(&name)?;
            self.check_closed(group, name.chars().count() + 1)?;
            return Ok(Node::BackReference(group));
        }
        match self.source.take()? {
            Some(token) => {
                Err(self.source.error(format!("unknown extension ?P{token}"), token.len() + 2))
            }
            None => Err(self.source.error("unexpected end of pattern", 0)),
        }
    }

    fn check_name(&self, name: &str) -> Result<()> {
        if is_identifier(name) {
            return Ok(());
        }
        let message = format!("bad character in group name {}", repr(name));
        Err(self.source.error(message, name.chars().count() + 1))
    }

    fn group_named(&self, name: &str) -> Result<usize> {
        self.names.get(name).copied().ok_or_else(|| {
            self.source
                .error(format!("unknown group name {}", repr(name)), name.chars().count() + 1)
        })
    }

    fn comment(&mut self, start: usize) -> Result<()> {
        loop {
            match self.source.take()? {
                Some(Token::Plain(')')) => return Ok(()),
                Some(_) => {}
                None => return Err(self.source.error_at("missing ), unterminated comment", start)),
            }
        }
    }

    fn look(&mut self, behind: bool, negate: bool, start: usize, mode: Mode) -> Result<Node> {
        let outer = self.look_behind;
        if behind && outer.is_none() {
            self.look_behind = Some(self.groups());
        }
        let body = self.alternatives(mode)?;
        self.look_behind = outer;
        self.close(start)?;
        Ok(Node::Look { behind, negate, body })
    }

    /// `(?(group)yes|no)`
    fn conditional(&mut self, start: usize, mode: Mode) -> Result<Node> {
        let name = self.source.take_until(')', "group name")?;
        let length = name.chars().count();
        let group = match self.group_number(&name)? {
            None => {
                self.check_name(&name)?;
                self.group_named(&name)?
            }
            Some(0) => return Err(self.source.error("bad group number", length + 1)),
            Some(group) => {
                self.conditions.push((group, self.source.position() - length - 1));
                group
            }
        };
        self.check_look_behind(group)?;
        let yes = self.sequence(mode)?;
        let no = if self.source.accept('|')? { self.sequence(mode)? } else { Sequence::default() };
        if self.sees('|') {
            return Err(self.source.error("conditional backref with more than two branches", 0));
        }
        self.close(start)?;
        Ok(Node::Conditional { group, yes, no })
    }

    /// The number that `name` is, if it is one. Before 3.12 that is all that `int` reads.
    fn group_number(&self, name: &str) -> Result<Option<usize>> {
        let lenient = self.python < (3, 12) && !is_identifier(name);
        if lenient && name.chars().any(|ch| !ch.is_ascii() || ch.is_control()) {
            return Err(Stop::Unknown);
        }
        let number = if lenient { name.trim() } else { name };
        let number = number.strip_prefix('+').filter(|_| lenient).unwrap_or(number);
        let parts: Vec<&str> = if lenient { number.split('_').collect() } else { vec![number] };
        if parts
            .iter()
            .any(|part| part.is_empty() || !part.bytes().all(|byte| byte.is_ascii_digit()))
        {
            return Ok(None);
        }
        let digits = parts.concat();
        match digits.parse() {
            Ok(number) if number < MAX_GROUPS => Ok(Some(number)),
            _ => {
                let message = format!("invalid group reference {}", digits.trim_start_matches('0'));
                Err(self.source.error(message, name.chars().count() + 1))
            }
        }
    }

    fn flag(&self, ch: char) -> Option<Flags> {
        Some(match ch {
            'i' => Flags::IGNORE_CASE,
            'm' => Flags::MULTILINE,
            's' => Flags::DOT_ALL,
            'x' => Flags::VERBOSE,
            'a' => Flags::ASCII,
            'u' => Flags::UNICODE,
            't' if self.python < (3, 13) => Flags::TEMPLATE,
            'L' => Flags::LOCALE,
            _ => return None,
        })
    }

    /// The flags that `first` begins, as those to add and to remove in a group; `None` if they are for
    /// the whole pattern.
    fn flags(&mut self, first: char) -> Result<Option<(Flags, Flags)>> {
        let (mut add, mut remove) = (Flags::default(), Flags::default());
        let (mut next, mut end) = (self.flag(first), '-');
        while let Some(flag) = next {
            add = add.with(flag);
            if flag == Flags::LOCALE {
                return Err(self.bad_flags("cannot use 'L' flag with a str pattern", 0));
            }
            if add.has(Flags::ALPHABETS.without(flag)) && flag.has(Flags::ALPHABETS) {
                return Err(self.bad_flags("flags 'a', 'u' and 'L' are incompatible", 0));
            }
            (next, end) = self.flag_or_end(")-:", "missing -, : or )")?;
        }
        if end == ')' {
            self.flags = self.flags.with(add);
            return Ok(None);
        }
        if add.has(Flags::TEMPLATE) {
            return Err(self.bad_flags("cannot turn on global flag", 1));
        }
        if end == '-' {
            (next, _) = self.flag_or_end("", "missing flag")?;
            while let Some(flag) = next {
                if flag.has(Flags::ALPHABETS) {
                    return Err(self.bad_flags("cannot turn off flags 'a', 'u' and 'L'", 0));
                }
                remove = remove.with(flag);
                (next, _) = self.flag_or_end(":", "missing :")?;
            }
        }
        if remove.has(Flags::TEMPLATE) {
            return Err(self.bad_flags("cannot turn off global flag", 1));
        }
        if add.has(remove) {
            return Err(self.bad_flags("flag turned on and off", 1));
        }
        Ok(Some((add, remove)))
    }

    fn bad_flags(&self, why: &str, back: usize) -> Stop {
        self.source.error(format!("bad inline flags: {why}"), back)
    }

    /// The next flag, or no flag and which of `ends` stands there; `missing` is Python's message
    /// where neither does.
    fn flag_or_end(&mut self, ends: &str, missing: &str) -> Result<(Option<Flags>, char)> {
        match self.source.take()? {
            Some(Token::Plain(ch)) if ends.contains(ch) => Ok((None, ch)),
            Some(Token::Plain(ch)) if self.flag(ch).is_some() => Ok((self.flag(ch), ch)),
            Some(Token::Plain(ch)) if is_letter(ch) => Err(self.source.error("unknown flag", 1)),
            Some(token) => Err(self.source.error(missing, token.len())),
            None => Err(self.source.error(missing, 0)),
        }
    }

    /// `(?i)`
    fn flags_of_all(&mut self, start: usize, mode: Mode) -> Result<()> {
        if self.python >= (3, 11) && !mode.first {
            return Err(self
                .source
                .error_at("global flags not at the start of the expression", start));
        }
        if self.python < (3, 11) && self.is_verbose() && !mode.verbose {
            return Err(Stop::Restart);
        }
        Ok(())
    }
}
