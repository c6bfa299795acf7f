//! Which modules a file imports, told from its lines alone.

/// The names of the modules that `text` may import, dotted, as they are written: those behind `from` and
/// `import` at the beginning of a line. Some may only stand in a text of several lines; what is behind
/// the `import` of a `from` may be modules as well, and is not told. Works on any text.
#[must_use]
pub fn imported_modules(text: &str) -> Vec<&str> {
    let mut modules = Vec::new();
    for line in text.split('\n') {
        let line = line.trim_start();
        if let Some(rest) = line.strip_prefix("from ") {
            modules.extend(rest.split_whitespace().next());
        } else if let Some(rest) = line.strip_prefix("import ") {
            let names = rest.split(',');
            modules.extend(names.filter_map(|name| name.split_whitespace().next()));
        }
    }
    let is_name = |c: char| c.is_alphanumeric() || c == '_' || c == '.';
    modules.retain(|name| !name.is_empty() && name.chars().all(is_name));
    modules
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
