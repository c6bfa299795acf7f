//! Why pip refuses a line.

use std::fmt;

/// Why pip refuses a line. The text of it never repeats the line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The line does not begin with a package name.
    Name,
    /// The list of extras is not closed or not a list of names.
    Extras,
    /// Something stands where an operator is expected, as a lone `=`.
    Operator,
    /// What follows the operator is no version that the operator takes.
    Version,
    /// An opened parenthesis is not closed.
    Parenthesis,
    /// Nothing stands behind `@`.
    Url,
    /// Something follows the requirement.
    Trailing,
    /// The condition behind `;` is not understood.
    Marker,
    /// `#egg=` does not name a package.
    Egg,
    /// An option that requirements files do not know, or an ambiguous short form of one.
    Option,
    /// An option needs a value and has none.
    MissingValue,
    /// An option takes no value and has one.
    UnexpectedValue,
    /// A quote among the options is not closed.
    Quote,
    /// `--hash` takes an algorithm, a colon and a digest.
    Hash,
    /// `-e` takes a path, a `file:` URL or a repository.
    Editable,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Name => "a package name is expected here",
            Self::Extras => "the list of extras is not closed, or holds something else than names",
            Self::Operator => "a version operator is expected here, such as `==` or `>=`",
            Self::Version => "this is not a version that the operator takes",
            Self::Parenthesis => "the parenthesis is not closed",
            Self::Url => "a URL is expected behind `@`",
            Self::Trailing => "nothing may follow the requirement here",
            Self::Marker => "the condition behind `;` is not an environment marker",
            Self::Egg => "`#egg=` does not hold a package name",
            Self::Option => "pip knows no such option in a requirements file",
            Self::MissingValue => "this option needs a value",
            Self::UnexpectedValue => "this option takes no value",
            Self::Quote => "the quote is not closed",
            Self::Hash => "`--hash` takes `sha256:`, `sha384:` or `sha512:` and the digest",
            Self::Editable => "`-e` takes a path, a `file:` URL or a repository",
        })
    }
}
