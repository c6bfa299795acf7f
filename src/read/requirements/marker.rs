//! Environment markers: `python_version < "3.9" and sys_platform == "linux"`.

use std::str::FromStr;

use pep440_rs::{Version, VersionSpecifier};

use super::is_space;
use crate::text::Span;

/// The condition of a requirement.
#[derive(Clone, Debug)]
pub struct Marker {
    /// Where it stands, without the `;`.
    pub span: Span,
    /// As written.
    pub text: String,
    condition: Condition,
}

/// Whether a condition holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It holds.
    True,
    /// It does not hold.
    False,
    /// It depends on something that is not known.
    Unknown,
}

#[derive(Clone, Debug)]
enum Condition {
    /// Holds when one of them does.
    Any(Vec<Self>),
    /// Holds when each of them does.
    All(Vec<Self>),
    Comparison {
        left: Operand,
        operator: String,
        right: Operand,
    },
}

#[derive(Clone, Debug)]
enum Operand {
    Variable(String),
    Literal(String),
}

const VARIABLES: [&str; 18] = [
    "python_version",
    "python_full_version",
    "os_name",
    "os.name",
    "sys_platform",
    "sys.platform",
    "platform_release",
    "platform_system",
    "platform_version",
    "platform.version",
    "platform_machine",
    "platform.machine",
    "platform_python_implementation",
    "platform.python_implementation",
    "python_implementation",
    "implementation_name",
    "implementation_version",
    "extra",
];

/// Parentheses deeper than this are refused.
const MAX_DEPTH: usize = 64;

/// The Python minors that are tried when none is known: those that Airflow 1.10 and later ran on,
/// and those that may come.
const PYTHON_MINORS: std::ops::RangeInclusive<u64> = 5..=24;

impl Marker {
    /// Parses `text`, which stands at `span`; `None` when `packaging` would refuse it.
    #[must_use]
    pub fn parse(text: &str, span: Span) -> Option<Self> {
        let mut parser = Parser { rest: text };
        let condition = parser.any(0)?;
        parser.blanks();
        let marker = Self { span, text: text.to_owned(), condition };
        parser.rest.is_empty().then_some(marker)
    }

    /// Whether the condition holds under `CPython` on Linux, with the Python `major.minor` given,
    /// or with any Python 3 when it is not known.
    #[must_use]
    pub fn evaluate(&self, python: Option<(u64, u64)>) -> Verdict {
        let mut pythons = match python {
            Some(python) => vec![python],
            None => PYTHON_MINORS.map(|minor| (3, minor)).collect(),
        }
        .into_iter()
        .map(|python| self.condition.evaluate(python));
        let first = pythons.next().unwrap_or(Verdict::Unknown);
        if pythons.all(|verdict| verdict == first) { first } else { Verdict::Unknown }
    }
}

impl Condition {
    /// As deep as the parser went, which is limited.
    fn evaluate(&self, python: (u64, u64)) -> Verdict {
        match self {
            Self::Any(parts) => fold(parts, python, Verdict::True, Verdict::False),
            Self::All(parts) => fold(parts, python, Verdict::False, Verdict::True),
            Self::Comparison { left, operator, right } => compare(left, operator, right, python),
        }
    }
}

/// `decisive` when one part says so, `otherwise` when all agree on it.
fn fold(parts: &[Condition], python: (u64, u64), decisive: Verdict, otherwise: Verdict) -> Verdict {
    let mut result = otherwise;
    for part in parts {
        match part.evaluate(python) {
            verdict if verdict == decisive => return decisive,
            Verdict::Unknown => result = Verdict::Unknown,
            _ => {}
        }
    }
    result
}

fn compare(left: &Operand, operator: &str, right: &Operand, python: (u64, u64)) -> Verdict {
    let (variable, literal, reversed) = match (left, right) {
        (Operand::Variable(variable), Operand::Literal(literal)) => (variable, literal, false),
        (Operand::Literal(literal), Operand::Variable(variable)) => (variable, literal, true),
        _ => return Verdict::Unknown,
    };
    let (major, minor) = python;
    let values = match variable.as_str() {
        "python_version" => vec![format!("{major}.{minor}")],
        // The patch is not known: what the first and the last one agree on holds.
        "python_full_version" => {
            let exact = !matches!(operator, "<" | "<=" | ">" | ">=");
            let same_minor = literal.starts_with(&format!("{major}.{minor}."));
            if exact && same_minor {
                return Verdict::Unknown;
            }
            vec![format!("{major}.{minor}.0"), format!("{major}.{minor}.9999")]
        }
        "os_name" | "os.name" => vec!["posix".to_owned()],
        "sys_platform" | "sys.platform" => vec!["linux".to_owned()],
        "platform_system" => vec!["Linux".to_owned()],
        "implementation_name" => vec!["cpython".to_owned()],
        "platform_python_implementation"
        | "platform.python_implementation"
        | "python_implementation" => vec!["CPython".to_owned()],
        // No extra is asked for when a requirements file is installed.
        "extra" => vec![String::new()],
        _ => return Verdict::Unknown,
    };
    let mut verdicts = values.iter().map(|value| {
        let (left, right) = if reversed { (literal, value) } else { (value, literal) };
        compare_text(left, operator, right, variable.starts_with("python_"))
    });
    let first = verdicts.next().unwrap_or(Verdict::Unknown);
    if verdicts.all(|verdict| verdict == first) { first } else { Verdict::Unknown }
}

fn compare_text(left: &str, operator: &str, right: &str, versions: bool) -> Verdict {
    let holds = match operator {
        "in" => right.contains(left),
        "not in" => !right.contains(left),
        _ if versions => {
            let specifier = VersionSpecifier::from_str(&format!("{operator}{right}"));
            match (specifier, Version::from_str(left)) {
                (Ok(specifier), Ok(left)) => specifier.contains(&left),
                _ => return Verdict::Unknown,
            }
        }
        "==" | "===" => left == right,
        "!=" => left != right,
        _ => return Verdict::Unknown,
    };
    if holds { Verdict::True } else { Verdict::False }
}

struct Parser<'a> {
    rest: &'a str,
}

impl Parser<'_> {
    fn blanks(&mut self) {
        self.rest = self.rest.trim_start_matches(is_space);
    }

    fn eat(&mut self, token: &str) -> bool {
        self.blanks();
        let stripped = self.rest.strip_prefix(token);
        self.rest = stripped.unwrap_or(self.rest);
        stripped.is_some()
    }

    /// A word that ends where no letter, digit or `_` follows.
    fn eat_word(&mut self, word: &str) -> bool {
        self.blanks();
        let follows = self.rest.strip_prefix(word);
        let ends = |rest: &&str| !rest.starts_with(|c: char| c.is_alphanumeric() || c == '_');
        let stripped = follows.filter(ends);
        self.rest = stripped.unwrap_or(self.rest);
        stripped.is_some()
    }

    /// `and` binds tighter than `or`.
    fn any(&mut self, depth: usize) -> Option<Condition> {
        let mut parts = vec![self.all(depth)?];
        while self.eat_word("or") {
            parts.push(self.all(depth)?);
        }
        Some(Condition::Any(parts))
    }

    fn all(&mut self, depth: usize) -> Option<Condition> {
        let mut parts = vec![self.atom(depth)?];
        while self.eat_word("and") {
            parts.push(self.atom(depth)?);
        }
        Some(Condition::All(parts))
    }

    fn atom(&mut self, depth: usize) -> Option<Condition> {
        if self.eat("(") {
            let inner = if depth < MAX_DEPTH { self.any(depth + 1) } else { None };
            return inner.filter(|_| self.eat(")"));
        }
        let left = self.operand()?;
        let operator = self.operator()?;
        let right = self.operand()?;
        Some(Condition::Comparison { left, operator: operator.to_owned(), right })
    }

    fn operand(&mut self) -> Option<Operand> {
        self.blanks();
        if let Some(quote) = self.rest.chars().next().filter(|c| matches!(c, '"' | '\'')) {
            let (literal, rest) = self.rest.get(1..)?.split_once(quote)?;
            self.rest = rest;
            return Some(Operand::Literal(literal.to_owned()));
        }
        let variable = VARIABLES.into_iter().find(|name| self.eat_word(name))?;
        Some(Operand::Variable(variable.to_owned()))
    }

    fn operator(&mut self) -> Option<&'static str> {
        if self.eat_word("not") {
            return self.eat_word("in").then_some("not in");
        }
        if self.eat_word("in") {
            return Some("in");
        }
        ["===", "==", "~=", "!=", "<=", ">=", "<", ">"].into_iter().find(|op| self.eat(op))
    }
}
