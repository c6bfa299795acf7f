//! Unicode as a version of Python knows it.
//!
//! Compared over all code points with `CPython` 3.8 to 3.13: what a character *is* never changed once it
//! was assigned, so the newest tables serve every version that knows the character.

use std::sync::LazyLock;

use regex::Regex;

use super::tree::Class;

type Characters = LazyLock<Option<Regex>>;

/// Letters and numbers: what `str.isalnum` accepts.
static ALPHANUMERIC: Characters = LazyLock::new(|| Regex::new(r"^[\p{L}\p{N}]$").ok());
static LETTER: Characters = LazyLock::new(|| Regex::new(r"^\p{L}$").ok());
static DECIMAL: Characters = LazyLock::new(|| Regex::new(r"^\p{Nd}$").ok());
static INVISIBLE: Characters = LazyLock::new(|| Regex::new(r"^[\p{C}\p{Z}--\ ]$").ok());
static IDENTIFIER: Characters = LazyLock::new(|| Regex::new(r"^[_\p{XIDS}]\p{XIDC}*$").ok());

/// The first minor version of Python 3 with a version of Unicode, newest first (`unicodedata`).
static ASSIGNED: [(u8, Characters); 6] = [
    (14, LazyLock::new(|| Regex::new(r"^\p{Age=16.0}$").ok())),
    (13, LazyLock::new(|| Regex::new(r"^\p{Age=15.1}$").ok())),
    (12, LazyLock::new(|| Regex::new(r"^\p{Age=15.0}$").ok())),
    (11, LazyLock::new(|| Regex::new(r"^\p{Age=14.0}$").ok())),
    (9, LazyLock::new(|| Regex::new(r"^\p{Age=13.0}$").ok())),
    (0, LazyLock::new(|| Regex::new(r"^\p{Age=12.1}$").ok())),
];

/// Lower-case letters that `re` takes for one another because they share their upper case.
const SAME_UPPER: [&str; 24] = [
    "iı",
    "sſ",
    "µμ",
    "\u{345}ι\u{1fbe}",
    "\u{390}\u{1fd3}",
    "\u{3b0}\u{1fe3}",
    "βϐ",
    "εϵ",
    "θϑ",
    "κϰ",
    "πϖ",
    "ρϱ",
    "ςσ",
    "φϕ",
    "в\u{1c80}",
    "д\u{1c81}",
    "о\u{1c82}",
    "с\u{1c83}",
    "т\u{1c84}\u{1c85}",
    "ъ\u{1c86}",
    "ѣ\u{1c87}",
    "\u{1c88}ꙋ",
    "ṡẛ",
    "\u{fb05}\u{fb06}",
];

/// Letters with a lower case whose upper case is another letter.
const ONE_WAY: &str =
    "İ\u{1c5}\u{1c8}\u{1cb}\u{1f2}ϴẞᾈᾉᾊᾋᾌᾍᾎᾏᾘᾙᾚᾛᾜᾝᾞᾟᾨᾩᾪᾫᾬᾭᾮᾯᾼῌῼ\u{2126}\u{212a}\u{212b}";

static ONE_WAY_PAIRS: LazyLock<Vec<(char, char)>> = LazyLock::new(|| {
    ONE_WAY.chars().filter_map(|ch| Some((ch.to_lowercase().next()?, ch))).collect()
});

fn is(class: &Characters, ch: char) -> bool {
    class.as_ref().is_some_and(|class| class.is_match(ch.encode_utf8(&mut [0; 4])))
}

/// `str.isidentifier`.
pub(super) fn is_identifier(name: &str) -> bool {
    IDENTIFIER.as_ref().is_some_and(|identifier| identifier.is_match(name))
}

/// `str.isalpha` of one character.
pub(super) fn is_letter(ch: char) -> bool {
    is(&LETTER, ch)
}

/// `repr` of a string.
pub(super) fn repr(text: &str) -> String {
    let quote = if text.contains('\'') && !text.contains('"') { '"' } else { '\'' };
    let mut out = String::from(quote);
    for ch in text.chars() {
        let code = u32::from(ch);
        match ch {
            '\n' => out += "\\n",
            '\r' => out += "\\r",
            '\t' => out += "\\t",
            '\\' => out += "\\\\",
            _ if ch == quote => out.extend(['\\', ch]),
            _ if !is(&INVISIBLE, ch) => out.push(ch),
            _ if code <= 0xff => out.extend(format!("\\x{code:02x}").chars()),
            _ if code <= 0xffff => out.extend(format!("\\u{code:04x}").chars()),
            _ => out.extend(format!("\\U{code:08x}").chars()),
        }
    }
    out.push(quote);
    out
}

/// What one version of Python knows of characters. Code points are numbers here: a pattern may name
/// a surrogate, which no key can hold.
#[derive(Debug, Clone, Copy)]
pub(super) struct Letters {
    minor: u8,
}

impl Letters {
    pub(super) fn of(python: (u8, u8)) -> Self {
        Self { minor: python.1 }
    }

    fn is_assigned(self, ch: char) -> bool {
        ch.is_ascii()
            || ASSIGNED
                .iter()
                .find(|(since, _)| self.minor >= *since)
                .is_some_and(|(_, class)| is(class, ch))
    }

    /// The first character of the lower case.
    pub(super) fn lower(self, code: u32) -> u32 {
        self.cased(code, |ch| ch.to_lowercase().next())
    }

    /// The first character of the upper case.
    pub(super) fn upper(self, code: u32) -> u32 {
        self.cased(code, |ch| ch.to_uppercase().next())
    }

    fn cased(self, code: u32, change: impl Fn(char) -> Option<char>) -> u32 {
        let Some(ch) = char::from_u32(code) else { return code };
        match change(ch) {
            Some(changed) if changed != ch && self.is_assigned(ch) && self.is_assigned(changed) => {
                changed.into()
            }
            _ => code,
        }
    }

    /// Every character that `re.IGNORECASE` takes for the lower-case `lower`, itself included.
    pub(super) fn alike(self, lower: u32) -> Vec<u32> {
        let mut alike = Vec::new();
        for small in std::iter::once(lower).chain(same_upper(lower)) {
            let large = self.upper(small);
            alike.push(small);
            alike.extend((self.lower(large) == small).then_some(large));
            let one_way = ONE_WAY_PAIRS.iter().filter(|(lower, _)| u32::from(*lower) == small);
            alike.extend(one_way.map(|(_, upper)| u32::from(*upper)));
        }
        alike
    }

    /// Whether `code` is in the class, or in its part within ASCII.
    pub(super) fn has(self, class: Class, ascii: bool, code: u32) -> bool {
        let Some(ch) = char::from_u32(code) else { return false };
        match class {
            Class::Digit if ch.is_ascii() => ch.is_ascii_digit(),
            Class::Word if ch.is_ascii() => ch.is_ascii_alphanumeric() || ch == '_',
            Class::Space if ascii => matches!(ch, ' ' | '\t'..='\r'),
            // `str.isspace` adds the four separators of ASCII to Unicode's white space.
            Class::Space => ch.is_whitespace() || ('\x1c'..='\x1f').contains(&ch),
            Class::Digit => !ascii && is(&DECIMAL, ch) && self.is_assigned(ch),
            Class::Word => !ascii && is(&ALPHANUMERIC, ch) && self.is_assigned(ch),
        }
    }
}

/// The other lower-case letters with the upper case of `lower`.
pub(super) fn same_upper(lower: u32) -> impl Iterator<Item = u32> {
    let letters = SAME_UPPER.iter().find(|set| set.chars().any(|ch| u32::from(ch) == lower));
    letters
        .into_iter()
        .flat_map(|set| set.chars())
        .map(u32::from)
        .filter(move |&code| code != lower)
}
