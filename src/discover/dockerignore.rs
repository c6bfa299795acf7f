//! Whether a file is left out of the build context, by the rules of Docker.
//!
//! The rules are those of moby/patternmatcher at 5a6d842, applied as fsutil at 6d9dc2e walks the
//! context for `BuildKit`. They look like those of git and are others: patterns begin at the root of the
//! context, a leading `/` means nothing, and `!` brings back what lies in an excluded directory.

use std::iter::Peekable;
use std::path::{Path, PathBuf};
use std::str::Chars;

use regex::Regex;

use super::Overlays;

/// The ignore file that applies when `dockerfile` is built with the context `context`; `None` when
/// there is none. One beside the Dockerfile replaces the context's own (`BuildKit` 0.25,
/// `frontend/dockerui/config.go`).
#[must_use]
pub fn dockerignore_for(dockerfile: &Path, context: &Path, overlays: &Overlays) -> Option<PathBuf> {
    let mut beside = dockerfile.as_os_str().to_owned();
    beside.push(".dockerignore");
    [PathBuf::from(beside), context.join(".dockerignore")]
        .into_iter()
        .find(|path| overlays.has_file(path))
}

/// A pattern that makes the build fail.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("line {line} is not a valid pattern: {reason}")]
pub struct BadPattern {
    /// 1-based.
    pub line: usize,
    /// What is wrong.
    pub reason: &'static str,
}

/// The patterns of a `.dockerignore` file; by default none.
#[derive(Clone, Debug, Default)]
pub struct Dockerignore {
    patterns: Vec<Pattern>,
}

#[derive(Clone, Debug)]
struct Pattern {
    /// Brings files back instead of leaving them out.
    is_exception: bool,
    matcher: Matcher,
}

/// The comparisons that a pattern can come down to. They are no mere optimisation: `a/**` does not match
/// `a` itself, `**.env` matches any name that ends so.
#[derive(Clone, Debug)]
enum Matcher {
    Exact(String),
    Prefix(String),
    Suffix(String),
    Regex(Regex),
}

impl Dockerignore {
    /// Reads the text of a `.dockerignore` file.
    ///
    /// # Errors
    /// For the first pattern that Docker refuses; no image is built with such a file.
    pub fn parse(text: &str) -> Result<Self, BadPattern> {
        let mut patterns = Vec::new();
        for (index, line) in text.strip_prefix('\u{feff}').unwrap_or(text).lines().enumerate() {
            if line.starts_with('#') || line.trim().is_empty() {
                continue;
            }
            let pattern =
                Pattern::parse(line).map_err(|reason| BadPattern { line: index + 1, reason })?;
            patterns.push(pattern);
        }
        Ok(Self { patterns })
    }

    /// Whether the file at `path`, relative to the context with `/` between its parts, is left out.
    #[must_use]
    pub fn leaves_out(&self, path: &str) -> bool {
        let ends = path.match_indices('/').map(|(at, _)| at).chain([path.len()]);
        let mut above = vec![false; self.patterns.len()];
        let mut left_out = false;
        // BuildKit walks down and hands on which patterns matched a directory. A pattern that could
        // change nothing there is not tried, so `!dir` behind `dir/file` does not bring the file back.
        for part in ends.filter_map(|end| path.get(..end)) {
            left_out = false;
            for (pattern, matched) in self.patterns.iter().zip(&mut above) {
                if *matched || (pattern.is_exception == left_out && pattern.matcher.matches(part)) {
                    *matched = true;
                    left_out = !pattern.is_exception;
                }
            }
        }
        left_out
    }
}

impl Pattern {
    fn parse(line: &str) -> Result<Self, &'static str> {
        let line = line.trim();
        let (is_exception, pattern) = match line.strip_prefix('!') {
            Some(rest) => (true, rest.trim()),
            None => (false, line),
        };
        let cleaned = if pattern.is_empty() { String::new() } else { clean(pattern) };
        let cleaned = match cleaned.strip_prefix('/') {
            // An exception is cleaned once more with its `!`, which eats the slash.
            Some("") if is_exception => "",
            Some("") | None => cleaned.as_str(),
            Some(rest) => rest,
        };
        if cleaned.is_empty() {
            return Err("`!` needs a pattern behind it");
        }
        Ok(Self { is_exception, matcher: Matcher::new(cleaned)? })
    }
}

/// The shortest form of a path, as Go's `path.Clean` gives it.
fn clean(path: &str) -> String {
    let is_rooted = path.starts_with('/');
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." if parts.last().is_some_and(|last| *last != "..") => {
                parts.pop();
            }
            ".." if is_rooted => {}
            part => parts.push(part),
        }
    }
    match (is_rooted, parts.join("/")) {
        (true, joined) => format!("/{joined}"),
        (false, joined) if joined.is_empty() => ".".to_owned(),
        (false, joined) => joined,
    }
}

impl Matcher {
    fn new(pattern: &str) -> Result<Self, &'static str> {
        /// What the pattern comes down to, as far as it was read.
        enum Shape {
            Exact,
            Prefix,
            Suffix,
            Regex,
        }
        let mut shape = Shape::Exact;
        let mut regex = String::from("^");
        let mut rest = pattern.chars().peekable();
        let mut is_first = true;
        while let Some(c) = rest.next() {
            match c {
                '*' if rest.next_if_eq(&'*').is_some() => {
                    rest.next_if_eq(&'/');
                    let is_last = rest.peek().is_none();
                    shape = match shape {
                        _ if is_first => Shape::Suffix,
                        Shape::Exact if is_last => Shape::Prefix,
                        _ => Shape::Regex,
                    };
                    regex.push_str(if is_last { ".*" } else { "(.*/)?" });
                }
                '*' | '?' => {
                    regex.push_str(if c == '*' { "[^/]*" } else { "[^/]" });
                    shape = Shape::Regex;
                }
                '[' => {
                    push_class(&mut regex, &mut rest)?;
                    shape = Shape::Regex;
                }
                '\\' => {
                    let escaped = rest.next().ok_or("nothing follows the last `\\`")?;
                    push_literal(&mut regex, escaped);
                    shape = Shape::Regex;
                }
                // Alone it stands for itself, and still makes it a regular expression.
                ']' => {
                    push_literal(&mut regex, c);
                    shape = Shape::Regex;
                }
                c => push_literal(&mut regex, c),
            }
            is_first = false;
        }
        Ok(match shape {
            Shape::Exact => Self::Exact(pattern.to_owned()),
            Shape::Prefix => Self::Prefix(pattern.trim_end_matches('*').to_owned()),
            Shape::Suffix => Self::Suffix(pattern.trim_start_matches('*').to_owned()),
            Shape::Regex => {
                regex.push('$');
                // The dot of the patterns' `.*` matches no line end, in Go as here.
                Self::Regex(
                    Regex::new(&regex).map_err(|_| "a range in brackets is the wrong way round")?,
                )
            }
        })
    }

    fn matches(&self, path: &str) -> bool {
        match self {
            Self::Exact(pattern) => path == pattern,
            Self::Prefix(prefix) => path.starts_with(prefix),
            Self::Suffix(suffix) => {
                path.ends_with(suffix) || suffix.strip_prefix('/').is_some_and(|name| path == name)
            }
            Self::Regex(regex) => regex.is_match(path),
        }
    }
}

fn push_literal(regex: &mut String, c: char) {
    regex.push_str(&regex::escape(c.encode_utf8(&mut [0; 4])));
}

/// Reads a class behind its `[`, with the syntax of Go's `filepath.Match` and the meaning of its
/// `regexp`: only `^` negates, and a class may match `/`.
fn push_class(regex: &mut String, rest: &mut Peekable<Chars<'_>>) -> Result<(), &'static str> {
    regex.push('[');
    if rest.next_if_eq(&'^').is_some() {
        regex.push('^');
    }
    let mut is_empty = true;
    loop {
        if !is_empty && rest.next_if_eq(&']').is_some() {
            regex.push(']');
            return Ok(());
        }
        is_empty = false;
        let low = class_member(rest)?;
        if low == '[' && rest.peek() == Some(&':') {
            push_posix_class(regex, rest)?;
            continue;
        }
        push_class_literal(regex, low);
        if rest.next_if_eq(&'-').is_some() {
            regex.push('-');
            push_class_literal(regex, class_member(rest)?);
        }
    }
}

fn class_member(rest: &mut Peekable<Chars<'_>>) -> Result<char, &'static str> {
    const UNCLOSED: &str = "a `[` is not closed";
    match rest.next().ok_or(UNCLOSED)? {
        '-' => Err("a `-` in brackets stands between two characters"),
        ']' => Err("there is nothing in the brackets"),
        '\\' => rest.next().ok_or(UNCLOSED),
        c => Ok(c),
    }
}

fn push_posix_class(
    regex: &mut String,
    rest: &mut Peekable<Chars<'_>>,
) -> Result<(), &'static str> {
    const NAMES: [&str; 14] = [
        ":alnum:", ":alpha:", ":ascii:", ":blank:", ":cntrl:", ":digit:", ":graph:", ":lower:",
        ":print:", ":punct:", ":space:", ":upper:", ":word:", ":xdigit:",
    ];
    let mut name = String::new();
    while let Some(c) = rest.next_if(|c| *c == ':' || c.is_ascii_lowercase()) {
        name.push(c);
    }
    if NAMES.contains(&name.as_str()) && rest.next_if_eq(&']').is_some() {
        regex.extend(["[", &name, "]"]);
        Ok(())
    } else {
        Err("there is no class of characters of this name")
    }
}

fn push_class_literal(regex: &mut String, c: char) {
    // Everything but letters and digits: `&&`, `--` and `~~` mean something to this crate alone.
    if c.is_ascii_punctuation() {
        regex.push('\\');
    }
    regex.push(c);
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn left_out(text: &str, path: &str) -> bool {
        Dockerignore::parse(text).unwrap().leaves_out(path)
    }

    #[test]
    fn patterns_match_as_dockers_do() {
        for (pattern, matching, others) in [
            // Anchored at the root of the context.
            (".env", &[".env", ".env/dev.env"][..], &["include/.env", ".env.dev", "x.env"][..]),
            ("/.env", &[".env"], &["include/.env"]),
            ("./include//x/../.env", &["include/.env"], &[".env"]),
            ("include/", &["include/a/b"], &["dags/include/a"]),
            // One star stays in its directory; what it matches may be one.
            ("*.env", &["prod.env", "a.env/b"], &["include/prod.env", "env"]),
            ("*/.env", &["include/.env"], &[".env", "a/b/.env"]),
            ("dags/*/x", &["dags/a/x", "dags/a/x/y"], &["dags/x", "dags/a/b/x"]),
            ("?.env", &["a.env", "ä.env"], &["ab.env", ".env"]),
            // Two stars.
            ("**", &["a", "a/b"], &[]),
            ("**/", &["a", "a/b"], &[]),
            ("**/.env", &[".env", "a/b/.env"], &["x.env", "a/x.env"]),
            ("**.env", &[".env", "a/b.env"], &["a/b.env.txt"]),
            ("**/*.env", &["a.env", "a/b.env"], &["a/b.envs"]),
            ("include/**", &["include/a", "include/a/b"], &["include", "includes"]),
            ("a**", &["ab", "a/b", "a"], &["b"]),
            ("a/**/b", &["a/b", "a/x/y/b"], &["a/xb", "b"]),
            ("a**/*.env", &["a/x.env", "ab/c/x.env"], &["b/x.env"]),
            ("a/**/*", &["a/b"], &["a"]),
            // Brackets.
            ("[a-c].env", &["b.env"], &["d.env", "-.env"]),
            ("[^a].env", &["b.env", "/.env"], &["a.env"]),
            ("[!a].env", &["!.env", "a.env"], &["b.env"]),
            ("[[:digit:]].env", &["1.env"], &["a.env", ":].env"]),
            ("[a[].env", &["[.env"], &["b.env"]),
            ("[a&&b].env", &["&.env", "a.env"], &["c.env"]),
            ("[\\]x].env", &["].env"], &["\\.env"]),
            ("a].env", &["a].env"], &["a.env"]),
            // What means something elsewhere and nothing here.
            ("\\*.env", &["*.env"], &["a.env"]),
            ("{a,b}.env", &["{a,b}.env"], &["a.env"]),
            ("a.(b)+|$", &["a.(b)+|$"], &["ab", "a.b"]),
            ("  .env  ", &[".env"], &[]),
            ("a b", &["a b"], &["a"]),
            ("\\#x", &["#x"], &[]),
            // Nothing.
            ("# .env", &[], &[".env", "# .env"]),
            (".", &[], &["a"]),
            ("/", &[], &["a"]),
            ("../x", &[], &["x"]),
        ] {
            for path in matching {
                assert!(left_out(pattern, path), "`{pattern}` should match `{path}`");
            }
            for path in others {
                assert!(!left_out(pattern, path), "`{pattern}` should not match `{path}`");
            }
        }
    }

    #[test]
    fn the_last_pattern_that_matches_decides() {
        for (text, path, expected) in [
            ("*\n!dags\n", "dags/a.py", false),
            ("*\n!dags\n", ".env", true),
            ("include\n!include/keep.env\n", "include/keep.env", false),
            ("!.env\n.env\n", ".env", true),
            ("**/.env\n!include/.env\n", "include/.env", false),
            ("**\n!dags\ndags/.env\n", "dags/.env", true),
            ("! /.env\n", ".env", false),
            ("dags/a.py\n!dags\n", "dags/a.py", true),
            ("dags\n!dags\n", "dags/a.py", false),
            ("\u{feff}# first\n.env\r\n", ".env", true),
        ] {
            assert_eq!(left_out(text, path), expected, "{path} with {text:?}");
        }
    }

    #[test]
    fn what_docker_refuses_is_said_with_its_line() {
        for bad in
            ["!", "! ", "!/", "[", "a[b", "[]", "[]a]", "[a-]", "[-a]", "a\\", "[z-a]", "[[:x:]]"]
        {
            let error = Dockerignore::parse(&format!(".env\n\n{bad}\n")).unwrap_err();
            assert_eq!(error.line, 3, "{bad}: {error}");
        }
    }

    #[test]
    fn a_file_beside_the_dockerfile_replaces_the_contexts() {
        let dir = tempfile::tempdir().unwrap();
        let dockerfile = dir.path().join("Dockerfile.client");
        let find = || dockerignore_for(&dockerfile, dir.path(), &Overlays::default());
        assert_eq!(find(), None);
        for name in [".dockerignore", "Dockerfile.client.dockerignore"] {
            fs::write(dir.path().join(name), "").unwrap();
            assert_eq!(find(), Some(dir.path().join(name)));
        }
    }
}
