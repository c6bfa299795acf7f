//! One requirement: `name[extras]specifiers; marker`, `name @ url`, a path, a URL or a repository.

use std::ops::Range;
use std::str::FromStr;

use pep440_rs::{Version, VersionSpecifier};

use super::{
    Direct, Item, Logical, Marker, PackageName, Refusal, Refused, Requirement, Source, SourceKind,
    Specifier, is_space, normalise,
};
use crate::text::{Span, Spanned};

const URL_SCHEMES: [&str; 4] = ["http", "https", "file", "ftp"];
/// Each repository program with what may follow its `+`.
const REPOSITORIES: [(&str, &[&str]); 4] = [
    ("git", &["http", "https", "ssh", "git", "file"]),
    ("hg", &["file", "http", "https", "ssh", "static-http"]),
    ("svn", &["ssh", "http", "https", "svn", "file"]),
    ("bzr", &["http", "https", "ssh", "sftp", "ftp", "lp", "file"]),
];
const ARCHIVES: [&str; 12] = [
    ".whl",
    ".zip",
    ".tar.gz",
    ".tgz",
    ".tar",
    ".tar.bz2",
    ".tbz",
    ".tar.xz",
    ".txz",
    ".tlz",
    ".tar.lz",
    ".tar.lzma",
];
/// Longer operators first.
const OPERATORS: [&str; 8] = ["===", "==", "~=", "!=", "<=", ">=", "<", ">"];

/// Reads the requirement `logical.text`, which begins at byte `start` of its logical line.
///
/// # Errors
/// Ranges of the text, with the reason why pip refuses it.
pub(super) fn read(logical: &Logical<'_>, start: usize, editable: bool) -> Result<Item, Refused> {
    let text = logical.text;
    let scheme = scheme(text, editable);
    let separator = if scheme.is_some() { "; " } else { ";" };
    let end = text.find(separator).unwrap_or(text.len());
    let body = text.get(..end).unwrap_or(text).trim_end_matches(is_space);
    // A path has no name in front of its `@`.
    let at = body.find('@').filter(|at| {
        let before = body.get(..*at).unwrap_or("");
        scheme.is_none() && !before.contains('/') && !before.starts_with('.')
    });

    // Inside a URL a variable changes only where the package comes from.
    let url = if scheme.is_some() { Some(0) } else { at };
    let harmless = |at: usize| url.is_some_and(|url| at > url) && at < end;
    if variables(text).iter().any(|variable| !harmless(variable.start)) {
        return Ok(depends_on_environment(logical, start, package_in_front(text)));
    }

    let span = |range: Range<usize>| logical.line.span_of(start + range.start..start + range.end);
    let marker = match text.get(end + 1..) {
        Some(condition) if !condition.trim_matches(is_space).is_empty() => {
            let from = end + 1 + (condition.len() - condition.trim_start_matches(is_space).len());
            let condition = condition.trim_matches(is_space);
            let range = from..from + condition.len();
            let marker = Marker::parse(condition, span(range.clone()));
            Some(marker.ok_or((range, Refusal::Marker))?)
        }
        _ => None,
    };

    let unnamed = |kind| {
        let (name, version) = named_by_place(body)?;
        let source = Source { kind, span: span(0..body.len()), version };
        Ok(Item::Direct(Direct { source, name, editable, marker: marker.clone() }))
    };
    match scheme {
        Some(SourceKind::Url) if editable && !body.starts_with("file:") => {
            return Err((0..body.len(), Refusal::Editable));
        }
        Some(kind) => return unnamed(kind),
        None if at.is_none() && (is_archive(body) || body.starts_with('.') || editable) => {
            return unnamed(SourceKind::Path);
        }
        None => {}
    }
    let requirement = match Cursor::new(body).requirement(&span, marker.clone()) {
        Ok(requirement) => requirement,
        Err(_) if at.is_none() && body.contains('/') && !body.contains(['=', '<', '>', ' ']) => {
            return unnamed(SourceKind::Path);
        }
        Err(refused) => return Err(refused),
    };
    match (requirement.url.clone(), editable) {
        (Some(source), true) => {
            Ok(Item::Direct(Direct { source, name: Some(requirement.name.node), editable, marker }))
        }
        _ => Ok(Item::Requirement(Box::new(requirement))),
    }
}

/// The item for a text whose meaning depends on `${NAME}`.
pub(super) fn depends_on_environment(
    logical: &Logical<'_>,
    start: usize,
    package: Option<Range<usize>>,
) -> Item {
    let spanned = |range: Range<usize>| {
        let span = logical.line.span_of(start + range.start..start + range.end);
        Spanned::new(logical.text.get(range).unwrap_or("").to_owned(), span)
    };
    let names = variables(logical.text).into_iter();
    Item::DependsOnEnvironment {
        variables: names.map(|variable| spanned(variable.start + 2..variable.end - 1)).collect(),
        package: package
            .map(spanned)
            .map(|name| Spanned::new(PackageName::new(&name.node), name.span)),
    }
}

/// Where `${NAME}` stands; pip replaces only names of capitals, digits and `_`.
pub(super) fn variables(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut from = 0;
    while let Some(at) = text.get(from..).and_then(|rest| rest.find("${")).map(|at| from + at) {
        let name = text.get(at + 2..).unwrap_or("");
        let length = name
            .bytes()
            .take_while(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || *byte == b'_')
            .count();
        if length > 0 && name.as_bytes().get(length) == Some(&b'}') {
            found.push(at..at + length + 3);
        }
        from = at + 2 + length;
    }
    found
}

/// The package name that ends before anything variable.
fn package_in_front(text: &str) -> Option<Range<usize>> {
    let mut cursor = Cursor::new(text);
    let name = cursor.name().ok()?;
    cursor.blanks();
    let follows = cursor.rest().chars().next()?;
    matches!(follows, '[' | '(' | '=' | '<' | '>' | '!' | '~' | '@' | ';').then_some(name)
}

/// Whether the text is a URL or a repository for pip.
fn scheme(text: &str, editable: bool) -> Option<SourceKind> {
    let (scheme, _) = text.split_once(':')?;
    let scheme = scheme.to_ascii_lowercase();
    if URL_SCHEMES.contains(&scheme.as_str()) {
        return Some(SourceKind::Url);
    }
    let (program, transport) = scheme.split_once('+').unwrap_or((&scheme, ""));
    let known = REPOSITORIES.iter().any(|(name, transports)| {
        *name == program && (transports.contains(&transport) || editable && transport.is_empty())
    });
    known.then_some(SourceKind::Vcs)
}

fn is_archive(path: &str) -> bool {
    let path = path.to_ascii_lowercase();
    let bare = path.strip_suffix(']').and_then(|front| front.rsplit_once('['));
    let path = bare.map_or(path.as_str(), |(front, _)| front);
    ARCHIVES.iter().any(|ending| path.ends_with(ending))
}

/// The name that a path or URL says: a wheel's file name, or `#egg=`.
fn named_by_place(place: &str) -> Result<(Option<PackageName>, Option<Version>), Refused> {
    if let Some((name, version)) = wheel(place) {
        return Ok((Some(PackageName::new(name)), version));
    }
    let Some(at) = place.find("#egg=").or_else(|| place.find("&egg=")) else {
        return Ok((None, None));
    };
    let egg = place.get(at + 5..).unwrap_or("").split(['&', '[']).next().unwrap_or("");
    let range = at + 5..at + 5 + egg.len();
    let mut cursor = Cursor::new(egg);
    match cursor.name() {
        Ok(_) if cursor.rest().is_empty() => Ok((Some(PackageName::new(egg)), None)),
        _ if !variables(egg).is_empty() => Ok((None, None)),
        _ => Err((range, Refusal::Egg)),
    }
}

/// Name and version in the file name of a wheel: `name-version[-build]-python-abi-platform.whl`.
fn wheel(place: &str) -> Option<(&str, Option<Version>)> {
    let path = place.split(['#', '?']).next()?;
    let file = path.rsplit('/').next()?.strip_suffix(".whl")?;
    let parts: Vec<&str> = file.split('-').collect();
    let (5 | 6, [name, version, ..]) = (parts.len(), parts.as_slice()) else { return None };
    let version = version.replace("%2B", "+").replace("%2b", "+");
    Some((name, Version::from_str(&version).ok()))
}

/// Reads the grammar of PEP 508 from left to right.
struct Cursor<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Cursor<'a> {
    fn new(text: &'a str) -> Self {
        Self { text, at: 0 }
    }

    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or("")
    }

    fn blanks(&mut self) {
        self.at += self.rest().len() - self.rest().trim_start_matches([' ', '\t']).len();
    }

    fn eat(&mut self, c: char) -> bool {
        let found = self.rest().starts_with(c);
        self.at += if found { c.len_utf8() } else { 0 };
        found
    }

    fn to_end(&self) -> Range<usize> {
        self.at..self.text.len()
    }

    /// Everything in front of the marker.
    fn requirement(
        mut self,
        span: &impl Fn(Range<usize>) -> Span,
        marker: Option<Marker>,
    ) -> Result<Requirement, Refused> {
        self.blanks();
        let range = self.name()?;
        let written = self.text.get(range.clone()).unwrap_or("");
        let name = Spanned::new(PackageName::new(written), span(range));
        self.blanks();
        let extras = self.extras()?;
        let extras = extras.into_iter().map(|range| {
            Spanned::new(normalise(self.text.get(range.clone()).unwrap_or("")), span(range))
        });
        let extras = extras.collect();
        self.blanks();
        let mut specifiers = Vec::new();
        let mut url = None;
        if self.eat('@') {
            self.blanks();
            let length = self.rest().find([' ', '\t']).unwrap_or(self.rest().len());
            let range = self.at..self.at + length;
            if length == 0 {
                return Err((range, Refusal::Url));
            }
            let place = self.rest().get(..length).unwrap_or("");
            let kind = scheme(place, false).unwrap_or(SourceKind::Url);
            let version = wheel(place).and_then(|(_, version)| version);
            url = Some(Source { kind, span: span(range), version });
            self.at += length;
        } else {
            let open = self.at;
            let parenthesis = self.eat('(');
            self.blanks();
            specifiers = self.specifiers(span)?;
            self.blanks();
            if parenthesis && !self.eat(')') {
                return Err((open..self.text.len(), Refusal::Parenthesis));
            }
        }
        self.blanks();
        if !self.rest().is_empty() {
            let bare = url.is_none() && specifiers.is_empty();
            return Err((self.to_end(), if bare { Refusal::Operator } else { Refusal::Trailing }));
        }
        Ok(Requirement { name, extras, specifiers, url, marker, hashed: false })
    }

    /// A name: letters, digits, `.`, `_`, `-`, with a letter or digit at both ends (a last `_` is
    /// accepted by `packaging`).
    fn name(&mut self) -> Result<Range<usize>, Refused> {
        let rest = self.rest();
        let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
        let length = rest.find(|c| !is_name(c)).unwrap_or(rest.len());
        let name = rest.get(..length).unwrap_or("").trim_end_matches(['.', '-']);
        if !name.starts_with(|c: char| c.is_ascii_alphanumeric()) {
            return Err((self.to_end(), Refusal::Name));
        }
        let range = self.at..self.at + name.len();
        self.at = range.end;
        Ok(range)
    }

    fn extras(&mut self) -> Result<Vec<Range<usize>>, Refused> {
        let mut extras = Vec::new();
        let open = self.at;
        if !self.eat('[') {
            return Ok(extras);
        }
        self.blanks();
        if self.eat(']') {
            return Ok(extras);
        }
        loop {
            let refused = (open..self.text.len(), Refusal::Extras);
            extras.push(self.name().map_err(|_| refused.clone())?);
            self.blanks();
            if self.eat(']') {
                return Ok(extras);
            }
            if !self.eat(',') {
                return Err(refused);
            }
            self.blanks();
        }
    }

    /// Specifiers with commas between them; a last comma is accepted.
    fn specifiers(
        &mut self,
        span: &impl Fn(Range<usize>) -> Span,
    ) -> Result<Vec<Specifier>, Refused> {
        let mut specifiers = Vec::new();
        loop {
            let Some(operator) = OPERATORS.iter().find(|op| self.rest().starts_with(**op)) else {
                return Ok(specifiers);
            };
            let start = self.at;
            self.at += operator.len();
            self.at += self.rest().len() - self.rest().trim_start_matches(is_space).len();
            let ends = |c: char| is_space(c) || matches!(c, ';' | ')' | ',');
            let length = self.rest().find(ends).unwrap_or(self.rest().len());
            let version = self.rest().get(..length).unwrap_or("").to_owned();
            self.at += length;
            let range = start..self.at;
            let parsed = comparable(operator, &version).ok_or((range.clone(), Refusal::Version))?;
            specifiers.push(Specifier { operator, version, span: span(range), parsed });
            self.blanks();
            if !self.eat(',') {
                return Ok(specifiers);
            }
            self.blanks();
        }
    }
}

/// The specifier, ready to compare; `Some(None)` when it is valid but cannot be ordered, `None`
/// when it is refused.
#[allow(clippy::option_option, reason = "valid, valid but without an order, refused")]
fn comparable(operator: &str, version: &str) -> Option<Option<VersionSpecifier>> {
    let parsed = VersionSpecifier::from_str(&format!("{operator}{version}")).ok();
    if operator == "===" {
        // `===` compares text: what is not written in the normal form equals no release.
        let normal = |specifier: &VersionSpecifier| specifier.version().to_string() == version;
        return Some(parsed.filter(normal));
    }
    // `> =1` is not `>=1`.
    if !version.starts_with(|c: char| c.is_ascii_digit() || matches!(c, 'v' | 'V')) {
        return None;
    }
    if parsed.is_some() {
        return Some(parsed);
    }
    let mut shortened = String::new();
    for run in version.split_inclusive(|c: char| !c.is_ascii_digit()) {
        let digits = run.trim_end_matches(|c: char| !c.is_ascii_digit());
        let kept = if digits.len() > 18 { "1" } else { digits };
        shortened.push_str(kept);
        shortened.push_str(run.get(digits.len()..).unwrap_or(""));
    }
    let fits = VersionSpecifier::from_str(&format!("{operator}{shortened}")).is_ok();
    fits.then_some(None)
}
