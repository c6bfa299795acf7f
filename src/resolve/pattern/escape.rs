//! What stands behind a backslash.

use super::PatternError;
use super::parse::Parser;
use super::source::{Result, Stop, Token};
use super::tree::{At, Class, Item, Node};

fn is_octal(ch: char) -> bool {
    ('0'..='7').contains(&ch)
}

fn category(ch: char) -> Option<Item> {
    let class = match ch.to_ascii_lowercase() {
        'd' => Class::Digit,
        's' => Class::Space,
        'w' => Class::Word,
        _ => return None,
    };
    Some(Item::Category { class, negate: ch.is_ascii_uppercase() })
}

fn control(ch: char) -> Option<u32> {
    Some(match ch {
        'a' => 0x07,
        'b' => 0x08,
        't' => 0x09,
        'n' => 0x0a,
        'v' => 0x0b,
        'f' => 0x0c,
        'r' => 0x0d,
        '\\' => 0x5c,
        _ => return None,
    })
}

impl Parser<'_> {
    /// The escape of `ch` outside a set.
    pub(super) fn escape(&mut self, ch: char) -> Result<Node> {
        match ch {
            'A' => return Ok(Node::At(At::VeryStart)),
            'b' => return Ok(Node::At(At::Boundary)),
            'B' => return Ok(Node::At(At::NoBoundary)),
            'Z' => return Ok(Node::At(At::VeryEnd)),
            'z' if self.python >= (3, 14) => return Ok(Node::At(At::VeryEnd)),
            _ => {}
        }
        if let Some(item) = category(ch) {
            return Ok(Node::Set { negate: false, items: vec![item] });
        }
        match ch {
            '0' => {
                let digits = self.source.take_while(2, is_octal)?;
                Ok(Node::Literal(u32::from_str_radix(&digits, 8).unwrap_or(0)))
            }
            '1'..='9' => self.group_or_octal(ch),
            _ => self.character(ch).map(Node::Literal),
        }
    }

    /// The escape of `ch` inside a set.
    pub(super) fn set_escape(&mut self, ch: char) -> Result<Item> {
        if let Some(item) = category(ch) {
            return Ok(item);
        }
        if is_octal(ch) {
            let digits = format!("{ch}{}", self.source.take_while(2, is_octal)?);
            return self.octal(&digits).map(Item::Literal);
        }
        self.character(ch).map(Item::Literal)
    }

    /// `\12` is a group, `\123` a character.
    fn group_or_octal(&mut self, first: char) -> Result<Node> {
        let mut digits = String::from(first);
        digits += &self.source.take_while(1, |ch| ch.is_ascii_digit())?;
        if digits.len() == 2 && digits.chars().all(is_octal) {
            digits += &self.source.take_while(1, is_octal)?;
        }
        if digits.len() == 3 {
            return self.octal(&digits).map(Node::Literal);
        }
        let group = digits.parse().unwrap_or(usize::MAX);
        if group >= self.groups() {
            return Err(self
                .source
                .error(format!("invalid group reference {group}"), digits.len()));
        }
        self.check_closed(group, digits.len() + 1)?;
        Ok(Node::BackReference(group))
    }

    fn octal(&self, digits: &str) -> Result<u32> {
        match u32::from_str_radix(digits, 8) {
            Ok(code) if code <= 0o377 => Ok(code),
            _ => {
                let message = format!("octal escape value \\{digits} outside of range 0-0o377");
                Err(self.source.error(message, digits.len() + 1))
            }
        }
    }

    fn character(&mut self, ch: char) -> Result<u32> {
        if let Some(code) = control(ch) {
            return Ok(code);
        }
        let length = match ch {
            'x' => 2,
            'u' => 4,
            'U' => 8,
            'N' => {
                if !self.source.accept('{')? {
                    return Err(self.source.error("missing {", 0));
                }
                self.source.take_until('}', "character name")?;
                // This would need the names of every version of Unicode.
                return Err(Stop::Unknown);
            }
            _ if ch.is_ascii_alphanumeric() => {
                return Err(self.source.error(format!("bad escape \\{ch}"), 2));
            }
            _ => return Ok(ch.into()),
        };
        let digits = self.source.take_while(length, |digit| digit.is_ascii_hexdigit())?;
        let back = digits.len() + 2;
        if digits.len() != length {
            return Err(self.source.error(format!("incomplete escape \\{ch}{digits}"), back));
        }
        match u32::from_str_radix(&digits, 16) {
            Ok(code) if code <= 0x0010_ffff => Ok(code),
            Ok(code) if code > 0x7fff_ffff && self.python < (3, 13) => Err(Stop::Invalid(
                PatternError::without_place("Python int too large to convert to C int"),
            )),
            _ => Err(self.source.error(format!("bad escape \\{ch}{digits}"), back)),
        }
    }

    /// Fails if `group` is not closed yet, or cannot be asked for inside this look-behind. `back` is
    /// where Python points for the former.
    pub(super) fn check_closed(&self, group: usize, back: usize) -> Result<()> {
        if !self.is_closed(group) {
            return Err(self.source.error("cannot refer to an open group", back));
        }
        self.check_look_behind(group)
    }

    /// Whether the source has a plain `ch` next; for readability of the grammar.
    pub(super) fn sees(&self, ch: char) -> bool {
        self.source.next() == Some(Token::Plain(ch))
    }
}
