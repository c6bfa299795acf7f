//! Which modules a file imports, told from its lines alone.

use memchr::memmem;

/// The names of the modules that `text` may import, dotted, as they are written: those behind `from` and
/// `import` at the beginning of a line. Some may only stand in a text of several lines; what is behind
/// the `import` of a `from` may be modules as well, and is not told. Works on any text.
#[must_use]
pub fn imported_modules(text: &str) -> Vec<&str> {
    let mut modules = Vec::new();
    for at in memmem::find_iter(text.as_bytes(), "from ") {
        if begins_line(text, at) {
            let rest = line_from(text, at + "from ".len());
            modules.extend(rest.split_whitespace().next().map(|name| (at, name)));
        }
    }
    for at in memmem::find_iter(text.as_bytes(), "import ") {
        if begins_line(text, at) {
            let names = line_from(text, at + "import ".len()).split(',');
            let names = names.filter_map(|name| name.split_whitespace().next());
            modules.extend(names.map(|name| (at, name)));
        }
    }
    modules.sort_by_key(|(at, _)| *at);
    let mut modules: Vec<&str> = modules.into_iter().map(|(_, name)| name).collect();
    let is_name = |c: char| c.is_alphanumeric() || c == '_' || c == '.';
    modules.retain(|name| !name.is_empty() && name.chars().all(is_name));
    modules
}

/// Whether nothing but blanks stands before the byte `at` on its line.
fn begins_line(text: &str, at: usize) -> bool {
    let before =
        text.get(..at).unwrap_or("").trim_end_matches(|c: char| c != '\n' && c.is_whitespace());
    before.is_empty() || before.ends_with('\n')
}

/// The line from the byte `at` on.
fn line_from(text: &str, at: usize) -> &str {
    text.get(at..).and_then(|rest| rest.split('\n').next()).unwrap_or("")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_name_modules() {
        let text = "import a.b as c, d\n  from .x import (\n    y,\n)\nfrom e import f; import g\nimporting = 1\n";
        assert_eq!(imported_modules(text), ["a.b", "d", ".x", "e"]);
    }
}
