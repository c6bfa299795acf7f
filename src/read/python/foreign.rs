//! Files that end in `.py` and are not the Python that Airflow runs: Python 2, and templates from
//! which a tool makes Python.

use std::sync::LazyLock;

use regex::Regex;

use super::hidden;
use crate::text::Span;

/// What a file is instead of Python 3.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Foreign {
    /// Python 2.
    Python2,
    /// A template: of cookiecutter, copier or their like.
    Template,
}

/// Statements that only Python 2 reads, at the beginning of a line or behind it.
static PYTHON_2: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r#"(?x)
        ^\s*print\s+["'%\w]                        # print "text"
        | ^\s*print\s*>>                           # print >>file
        | ^\s*raise\s+[\w.]+\s*,
        | ^\s*except\b[^:]*,\s*[a-z_]\w*\s*:     # except X, name:
        | ^\s*exec\s+["'\w]
        | \bur["']
        | [\w)]\s*<>\s*[\w("']
        "#,
    )
    .ok()
});

/// What `text` is, a file with syntax errors at `errors`, and where that shows; `None` when it is
/// just wrong.
#[must_use]
pub fn foreign(text: &str, errors: impl IntoIterator<Item = Span>) -> Option<(Foreign, Span)> {
    if let Some(mark) = template_mark(text) {
        return Some((Foreign::Template, mark));
    }
    let python_2 = PYTHON_2.as_ref()?;
    errors.into_iter().take(MAX_ERRORS).find_map(|error| {
        let start = text.get(..error.start)?.rfind('\n').map_or(0, |at| at + 1);
        let line = text.get(start..)?.lines().next()?;
        let found = python_2.find(line)?;
        let lead = found.as_str().len() - found.as_str().trim_start().len();
        Some((Foreign::Python2, Span::new(start + found.start() + lead, start + found.end())))
    })
}

/// Whether the exceptions at `span`, in no brackets, are one and a name for it, as in Python 2. From
/// Python 3.14 on they are two; then something gives the second its name.
pub(super) fn names_exception(text: &str, span: Span) -> bool {
    let Some((_, name)) = text.get(span.start..span.end).and_then(|it| it.rsplit_once(',')) else {
        return false;
    };
    let name = name.trim();
    let is_one = name.starts_with(|first: char| first.is_lowercase() || first == '_')
        && name.chars().all(|c| c.is_alphanumeric() || c == '_');
    let gives_it = |line: &str| {
        let line = line.trim_start();
        let words = || line.split(|c: char| !(c.is_alphanumeric() || c == '_'));
        let first = words().next().unwrap_or_default();
        ["import", "from", "class"].contains(&first) && words().any(|it| it == name)
            || first == name
                && line.get(first.len()..).is_some_and(|it| it.trim_start().starts_with('='))
    };
    is_one && !text.lines().any(gives_it)
}

/// So many errors are looked at.
const MAX_ERRORS: usize = 20;

/// The first mark of a template outside of strings and comments.
fn template_mark(text: &str) -> Option<Span> {
    let mut at = 0;
    let whole = [Span::at(text.len())];
    for span in hidden(text).into_iter().chain(whole) {
        let code = text.get(at..span.start).unwrap_or_default();
        if let Some(offset) = code.find("{%").or_else(|| code.find("{{")) {
            return Some(Span::new(at + offset, at + offset + 2));
        }
        at = span.end;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::super::parse;
    use super::*;

    #[test]
    fn exceptions_without_brackets_are_python() {
        for source in [
            "try: a()\nexcept A, B: pass",
            "from socket import timeout\ntry: a()\nexcept A, timeout: pass",
            "e = A\ntry: a()\nexcept B, e: pass",
            "try: a()\nexcept a.b, a.c: pass",
            "try: a()\nexcept (A, e): pass",
        ] {
            assert!(parse(source).unwrap().errors.is_empty(), "{source}");
        }
    }

    #[test]
    fn other_languages_are_recognised_where_they_are_no_python() {
        for (source, expected) in [
            ("print 'x'", Some((Foreign::Python2, "print '"))),
            ("if a:\n    print a, b", Some((Foreign::Python2, "print a"))),
            ("print >>f, 1\nprint 'x'", Some((Foreign::Python2, "print '"))),
            ("raise E, 'x'", Some((Foreign::Python2, "raise E,"))),
            ("x = ur'x'", Some((Foreign::Python2, "ur'"))),
            ("try: a()\nexcept A, e: pass", Some((Foreign::Python2, "except A, e:"))),
            ("try: a()\nexcept (A, B), e: pass", Some((Foreign::Python2, "except (A, B), e:"))),
            ("if a <> b: pass", Some((Foreign::Python2, "a <> b"))),
            ("from {{ cookiecutter.name }} import x", Some((Foreign::Template, "{{"))),
            ("{% if a %}\nx = 1\n{% endif %}", Some((Foreign::Template, "{%"))),
            ("x = '{{ a }}'\ny = (", None),
            ("# {% if a %}\ny = (", None),
            ("print('x'\nprint(y)", None),
            ("x = = 1", None),
        ] {
            let errors = parse(source).unwrap().errors;
            assert!(!errors.is_empty(), "{source}");
            let found = foreign(source, errors.iter().map(|error| error.span));
            assert_eq!(found.map(|(what, span)| (what, span.of(source))), expected, "{source}");
        }
    }
}
